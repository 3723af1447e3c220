/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The index over the flow tables: a Bloom filter for each of them, side by side in the bits of a byte.
 * A 5-tuple's place is two bytes of one cache line; a flow stands only in a table that both name. With
 * 10,000 flows one strange 5-tuple in 130 is looked up in vain; a single byte would make it one in 27.
 * Before them stands a smaller filter, two bits of one word for a 5-tuple in whatever table: it stays in
 * the first-level cache, and with 10,000 flows lets one strange 5-tuple in 50 go on to the bytes.
 * The datapath sets bits and reads them; user space clears those that no flow needs any more
 * (user/kernel/sweep_index.c). A stale bit costs a lookup, a missing one the flow.
 */
#ifndef AGFEO_FLOW_INDEX_H
#define AGFEO_FLOW_INDEX_H

#include <agfeo/abi.h>

#define AGFEO_FLOW_INDEX_SHIFT 18
#define AGFEO_FLOW_INDEX_SIZE  (1 << AGFEO_FLOW_INDEX_SHIFT)
#define AGFEO_FLOW_INDEX_WORDS 2048 /* 16 KiB */

enum agfeo_flow_table {
	AGFEO_TABLE_VOICE = 1 << 0,
	AGFEO_TABLE_SIGNALLING = 1 << 1,
	AGFEO_TABLE_OTHERS = 1 << 2,
	AGFEO_TABLE_EXPECTED = 1 << 3, /* an expectation, kept among the others under a wildcard */
};

/* Value of `flow_index`, a single entry, which can be mapped into memory. */
struct agfeo_flow_index {
	__u64 used[AGFEO_FLOW_INDEX_WORDS]; /* see agfeo_index_word() */
	__u8 tables[AGFEO_FLOW_INDEX_SIZE]; /* enum agfeo_flow_table */
};

#define AGFEO_HASH_MULTIPLIER 0x9e3779b97f4a7c15ull /* 2^64 / golden ratio */

/* Of 24 bits: the first byte's, and six that tell the second from it. */
static inline __attribute__((always_inline)) __u32 agfeo_index_place(__u64 mixed)
{
	mixed *= AGFEO_HASH_MULTIPLIER;
	mixed ^= mixed >> 29;
	mixed *= AGFEO_HASH_MULTIPLIER;
	return (__u32)(mixed >> 40);
}

/* Of the words of the key, or of what their ends are before they are sorted. */
static inline __attribute__((always_inline)) __u32 agfeo_index_place4(__u64 low, __u64 high)
{
	__u64 apart = low ^ high;

	return agfeo_index_place((low + high) ^ (apart << 21 | apart >> 43));
}

static inline __attribute__((always_inline)) __u32
agfeo_index_place6(const struct agfeo_flow6_key *key)
{
	return agfeo_index_place(key->low[1] ^ (key->high[1] << 21 | key->high[1] >> 43) ^
				 (key->low[0] + key->high[0]) * 31 ^ key->ports << 7);
}

static inline __attribute__((always_inline)) __u32 agfeo_index_first(__u32 place)
{
	return place & (AGFEO_FLOW_INDEX_SIZE - 1);
}

/* An odd number below 64 away: another byte, of the same 64. */
static inline __attribute__((always_inline)) __u32 agfeo_index_second(__u32 place)
{
	return (place ^ (place >> AGFEO_FLOW_INDEX_SHIFT | 1)) & (AGFEO_FLOW_INDEX_SIZE - 1);
}

/* Of agfeo_flow_index.used: the word of a place, and which of its bits must be set. */
static inline __attribute__((always_inline)) __u32 agfeo_index_word(__u32 place)
{
	return place & (AGFEO_FLOW_INDEX_WORDS - 1);
}

static inline __attribute__((always_inline)) __u64 agfeo_index_bits(__u32 place)
{
	return 1ull << (place >> 11 & 63) | 1ull << (place >> 17 & 63);
}

#endif
