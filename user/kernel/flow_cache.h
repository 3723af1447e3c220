/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the flow cache holds of flows (include/agfeo/flow_cache.h): a flow as it stands in its table lags
 * behind by what its two directions' entries have counted since they were lent.
 */
#ifndef USER_KERNEL_FLOW_CACHE_H
#define USER_KERNEL_FLOW_CACHE_H

#include <stdbool.h>
#include <stddef.h>

#include "report/flow.h"

/* Maps, in our memory. All zeros: there is none, and flows are as they stand. */
struct flow_cache {
	const struct agfeo_cache_index *index;
	const struct agfeo_cached *seats;
	size_t seat_count;
};

/* Of pinned maps; pins without a cache have none. Says its own errors. */
int flow_cache_open(const char *pin, struct flow_cache *ret_cache);
/* Of maps of these descriptors, which it does not keep. */
int flow_cache_open_maps(int cache_index, int flow_cache, struct flow_cache *ret_cache);
void flow_cache_close(struct flow_cache *cache);

/* How packets of the flow's end are named, in the cache; protocols but UDP are not. */
void flow_cache_key(const struct agfeo_flow4_key *key, unsigned end, __u64 *ret_addresses,
		    __u32 *ret_ports);

/* Copies of the entries of both directions of a flow, by the end that sends: zeros where there is none,
 * as of all that is no IPv4 UDP; of one that is not lent the generation is 0. */
void flow_cache_entries(const struct flow_cache *cache, const struct agfeo_flow4_key *key,
			struct agfeo_cached entries[2]);

/* Adds what those that are lent hold. stream: of a voice flow, both; else NULL. */
void flow_cache_add(const struct agfeo_cached entries[2], struct agfeo_flow *flow,
		    struct agfeo_stream *stream);

/* Adds what the cache holds of the flow. */
void flow_cache_complete(const struct flow_cache *cache, const struct agfeo_flow4_key *key,
			 struct agfeo_flow *flow, struct agfeo_stream *stream);

#endif
