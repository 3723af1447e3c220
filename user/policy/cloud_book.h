/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which addresses AGFEO's hosts have: learned from answers, kept for as long as the name says so,
 * and beyond that while flows use them. Pure; seconds are of any clock that only goes on.
 */
#ifndef USER_POLICY_CLOUD_BOOK_H
#define USER_POLICY_CLOUD_BOOK_H

#include <agfeo/hosts.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/site.h"

#define CLOUD_GRACE	 300   /* an address outlives its name's answer, or its last use, so long */
#define CLOUD_STALE_MOST 86400 /* and so long while nobody answers (RFC 8767) */
#define CLOUD_ADDRESSES	 512   /* most that are kept: half of the maps */

struct cloud_address {
	struct address address;
	uint64_t until[AGFEO_HOST_COUNT];     /* the answer holds; 0: not of this host */
	uint64_t confirmed[AGFEO_HOST_COUNT]; /* the last answer that had it */
	uint64_t used;			      /* a flow to it was seen */
	uint16_t refreshed, watched;	      /* masks of AGFEO_HOST_*: how each was learned */
};

/* A mask. */
enum cloud_source {
	CLOUD_REFRESHED = 1 << 0, /* the daemon asked */
	CLOUD_WATCHED = 1 << 1,	  /* a device asked, and its answer passed */
};

struct cloud_book {
	struct cloud_address *addresses; /* by address */
	size_t count, room;
};

void cloud_book_release(struct cloud_book *book);

/* How long an answer holds. */
unsigned cloud_ttl(unsigned ttl);

/* The host has the address until then. False: the book is full, or there is no memory.
 * sources: enum cloud_source. */
bool cloud_book_learn(struct cloud_book *book, enum agfeo_host host, const struct address *address,
		      uint64_t until, uint64_t now, unsigned sources);
/* Nobody answered for the host's addresses of a family: they hold until then, but not forever. */
void cloud_book_keep(struct cloud_book *book, enum agfeo_host host, bool v4, uint64_t until,
		     uint64_t now);
/* A flow to the address lives, if it is in the book. */
void cloud_book_use(struct cloud_book *book, const struct address *address, uint64_t now);
/* Forgets what has been neither named nor used for the time of grace. */
void cloud_book_expire(struct cloud_book *book, uint64_t now);

/* Mask of AGFEO_HOST_*. */
uint32_t cloud_hosts(const struct cloud_address *address);
/* The longest of its answers. */
uint64_t cloud_until(const struct cloud_address *address);
size_t cloud_book_count(const struct cloud_book *book, enum agfeo_host host);

/* Why an answer teaches nothing: no host of the internet has such an address. NULL: it may be. */
const char *cloud_refuses(const struct site *site, const struct address *address);

#endif
