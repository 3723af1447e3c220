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

/* What an entry holds, copied. */
struct flow_loan {
	struct agfeo_cached entry;
	bool known; /* there is an entry, lent or not */
	bool lent;
};

/* How packets of the flow's end are named, in the cache; protocols but UDP are not. */
void flow_cache_key(const struct agfeo_flow4_key *key, unsigned end, __u64 *ret_addresses,
		    __u32 *ret_ports);

/* Of both directions of a flow, by the end that sends; of what is no IPv4 UDP there are none. */
void flow_cache_loans(const struct flow_cache *cache, const struct agfeo_flow4_key *key,
		      struct flow_loan loans[2]);

/* Adds a loan to its flow, if it is of this one. stream: of a voice flow, both; else NULL. */
void flow_loan_add(const struct flow_loan *loan, struct agfeo_flow *flow,
		   struct agfeo_stream *stream);

/* Adds both. */
void flow_cache_complete(const struct flow_cache *cache, const struct agfeo_flow4_key *key,
			 struct agfeo_flow *flow, struct agfeo_stream *stream);

#endif
