/* SPDX-License-Identifier: GPL-2.0 */
/* What carry.c and carry_back.c share. */
#ifndef USER_KERNEL_CARRY_PARTS_H
#define USER_KERNEL_CARRY_PARTS_H

#include "kernel/adopt.h"
#include "kernel/carry.h"
#include "kernel/carry_cache.h"
#include "kernel/layout.h"
#include "kernel/registry.h"

#define MOST_VALUE 4096 /* bytes of any value that is carried */

/* One replaced map: where from, where to, and what of its per-CPU values was carried. */
struct carried {
	const char *name;
	int old, new; /* borrowed */
	struct layout from, to;
	bool percpu;
	char *then; /* converted, one row after the other; NULL: not per CPU */
};

struct carry {
	const struct loader *loader;
	struct carried maps[ADOPT_MOST];
	size_t count;
	int cpus;
	int old_cache; /* the map that ours took the place of; -1: flows of both are lent from one */
	struct carry_cache cache;	 /* of whichever maps are read */
	struct registry *before, *after; /* whose rows are whose; after: NULL before carry_rest() */
};

/* Bytes of a value, of a per-CPU map of those of all CPUs. */
size_t carry_row_size(const struct carry *carry, const struct layout *layout, bool percpu);
void carry_convert(const struct carry *carry, bool percpu, const struct layout *from,
		   const char *old, const struct layout *to, char *new);
bool carry_is_flow_map(const struct carried *map);
int carry_read_registry(const struct carry *carry, struct registry **ret_registry);
/* Whether a row of counters is the same device's and service's in both registries. */
bool carry_same_owner(const struct carry *carry, const struct carried *map, uint32_t row);
/* Adds to the row of a flow map, as we lay it out, what the cache holds. */
void carry_complete(const struct carry *carry, const struct carried *map, const void *key,
		    char *row);
/* Of a flow as we lay it out. */
uint64_t carry_packets(const char *row);

#endif
