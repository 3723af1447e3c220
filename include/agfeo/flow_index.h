/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The index over the flow tables: one byte a hash of a 5-tuple, which says in which tables a flow of
 * that hash may stand. The datapath sets bits and reads them; user space clears those that no flow
 * needs any more (user/kernel/sweep_index.c). A stale bit costs a lookup, a missing one the flow.
 */
#ifndef AGFEO_FLOW_INDEX_H
#define AGFEO_FLOW_INDEX_H

#include <agfeo/abi.h>

#define AGFEO_FLOW_INDEX_SIZE (1 << 18)

enum agfeo_flow_table {
	AGFEO_TABLE_VOICE = 1 << 0,
	AGFEO_TABLE_SIGNALLING = 1 << 1,
	AGFEO_TABLE_OTHERS = 1 << 2,
	AGFEO_TABLE_EXPECTED = 1 << 3, /* an expectation, kept among the others under a wildcard */
};

/* Value of `flow_index`, a single entry, which can be mapped into memory. */
struct agfeo_flow_index {
	__u8 tables[AGFEO_FLOW_INDEX_SIZE]; /* enum agfeo_flow_table */
};

#define AGFEO_HASH_MULTIPLIER 0x9e3779b97f4a7c15ull /* 2^64 / golden ratio */

static inline __attribute__((always_inline)) __u32 agfeo_index_slot(__u64 mixed)
{
	mixed *= AGFEO_HASH_MULTIPLIER;
	mixed ^= mixed >> 29;
	mixed *= AGFEO_HASH_MULTIPLIER;
	return (__u32)(mixed >> 40) & (AGFEO_FLOW_INDEX_SIZE - 1);
}

static inline __attribute__((always_inline)) __u32 agfeo_index_slot4(__u64 low, __u64 high)
{
	return agfeo_index_slot(low ^ (high << 21 | high >> 43));
}

static inline __attribute__((always_inline)) __u32
agfeo_index_slot6(const struct agfeo_flow6_key *key)
{
	return agfeo_index_slot(key->low[1] ^ (key->high[1] << 21 | key->high[1] >> 43) ^
				(key->low[0] + key->high[0]) * 31 ^ key->ports << 7);
}

#endif
