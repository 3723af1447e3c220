/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Builds a DNS message from an initialiser that reads like the answer:
 *
 *	struct dns_text answer = {"pbx.agfeo.de", "A", .records = {{A, "198.51.100.7", 300}}};
 *	size = dns_build(&answer, bytes);
 *
 * The product's own reading is not used: this is what it is held against.
 */
#ifndef TESTS_LIB_DNS_MESSAGE_H
#define TESTS_LIB_DNS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_MOST	 4096
#define DNS_TEXT_RECORDS 80

enum dns_kind { A = 1, CNAME = 5, TXT = 16, AAAA = 28 };

/* Where a record's owner is written; an alias is remembered as the last target. */
enum dns_owner {
	OWNER_LAST, /* a pointer to the name that was asked, or to the last alias's target */
	OWNER_ASKED,
	OWNER_WRITTEN, /* in full: `owner` */
	OWNER_LOOP,    /* a pointer to itself */
	OWNER_BEYOND,  /* a pointer behind the message */
};

struct dns_text_record {
	enum dns_kind kind; /* 0: no more */
	const char *data;
	uint32_t ttl;
	enum dns_owner how;
	const char *owner;
	uint16_t class;	 /* 0: IN */
	uint16_t length; /* 0: the truth */
};

struct dns_text {
	const char *name; /* that was asked */
	enum dns_kind kind;
	struct dns_text_record records[DNS_TEXT_RECORDS];
	unsigned in_answer; /* so many of them are in the answer section, the rest behind; 0: all */
	bool query;
	uint16_t id;
	uint16_t flags;	    /* 0: what a resolver answers */
	uint16_t count;	    /* of answers, 0: the truth */
	uint16_t questions; /* 0: one */
	size_t cut;	    /* so many bytes are missing at the end */
};

size_t dns_build(const struct dns_text *text, uint8_t bytes[DNS_MOST]);

#endif
