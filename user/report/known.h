/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses that AGFEO's hosts are known by, for people and scripts. Pure. */
#ifndef USER_REPORT_KNOWN_H
#define USER_REPORT_KNOWN_H

#include <agfeo/hosts.h>

#include "base/address.h"
#include "report/json.h"

struct known_address {
	enum agfeo_host host;
	struct address address;
	bool refreshed, watched; /* how it was learned: the daemon asked, a device asked */
	int64_t seconds; /* that its answer holds; negative: so long ago it ended, and was kept */
};

/* By host, then address. */
void known_addresses_sort(struct known_address *rows, size_t count);

/* "refreshed", "seen", "refreshed, seen". */
const char *known_source(const struct known_address *row);

/* "names":[{"name","addresses":[{"address","source","expires_s"}]}]: hosts that have addresses. */
void known_addresses_put(struct json *json, const struct known_address *rows, size_t count);
/* A table; nothing where none is known. -ENOMEM. */
int known_addresses_print(FILE *out, const struct known_address *rows, size_t count);

#endif
