/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A DNS answer, read (RFC 1035, 4): which addresses it gives for one of AGFEO's hosts. Names are
 * taken apart by c-ares. Pure; the bytes are a stranger's.
 */
#ifndef USER_POLICY_DNS_ANSWER_H
#define USER_POLICY_DNS_ANSWER_H

#include <agfeo/hosts.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

#define DNS_TYPE_A     1
#define DNS_TYPE_CNAME 5
#define DNS_TYPE_AAAA  28

#define DNS_RECORDS_MOST 64 /* a longer answer is no answer of AGFEO's */

struct dns_answer {
	struct address addresses[DNS_RECORDS_MOST];
	size_t count;
	unsigned seconds; /* that all of it holds: cloud_ttl() of its shortest part */
};

/*
 * Addresses of `type` (DNS_TYPE_A, DNS_TYPE_AAAA) that the answer section gives for the host, by its
 * own name or where its aliases lead, in whatever order. 0: also with no address at all. -EBADMSG: it
 * is broken, cut, an error, or the answer to another question.
 */
int dns_answer_read(const uint8_t *bytes, size_t size, enum agfeo_host host, uint16_t type,
		    struct dns_answer *ret_answer);

#endif
