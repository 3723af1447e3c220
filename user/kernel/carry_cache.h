/* SPDX-License-Identifier: GPL-2.0 */
/* The flow cache of maps that are replaced: what it holds belongs to the flows that are carried over. */
#ifndef USER_KERNEL_CARRY_CACHE_H
#define USER_KERNEL_CARRY_CACHE_H

#include <stddef.h>

#include "kernel/flow_cache.h"

/* What was lent when it was read, by addresses and ports. */
struct carry_cache {
	struct agfeo_cached *entries;
	size_t count;
};

/* Of a map `flow_cache`, of whatever layout; `ours` is one of our layout, or the same. What stood in
 * *cache is released. Says its own errors. */
int carry_cache_read(int map, int ours, struct carry_cache *cache);
void carry_cache_release(struct carry_cache *cache);

/* Adds to a flow, in our layout, what its entries hold. */
void carry_cache_complete(const struct carry_cache *cache, const struct agfeo_flow4_key *key,
			  struct agfeo_flow *flow, struct agfeo_stream *stream);

/* Nothing is lent any more, and nobody is in a seat. */
int carry_cache_clear(int map);

#endif
