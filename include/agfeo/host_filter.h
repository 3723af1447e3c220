/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which addresses may be listed hosts, and which rows of `host_rows` tell: by a hash of the address;
 * and between which there are pools.
 * Most packets of a flood, and most of a mixed network, are of nobody; the bit says so for the price
 * of one load, where the hash of hosts costs a call. Where the bit is set, a row or two say whose the
 * address is. Written by the loader with the bank, read by the datapath.
 */
#ifndef AGFEO_HOST_FILTER_H
#define AGFEO_HOST_FILTER_H

#include <agfeo/types.h>

#define AGFEO_HOST_FILTER_BITS 16	 /* 8 KiB of bits: they stay in the first-level cache */
#define AGFEO_HOST_ROWS	       (1 << 16) /* of a bank; row 0 is none */
#define AGFEO_HOST_CHAIN       3	 /* rows that one bit leads to, at most … */
#define AGFEO_HOST_MANY	       0xffff	 /* … else this, and the hash of hosts must be asked */

/* Value of `host_filter`, one per bank. */
struct agfeo_host_filter {
	__u64 words[1 << (AGFEO_HOST_FILTER_BITS - 6)];
	__u16 row[1 << AGFEO_HOST_FILTER_BITS]; /* the first of an IPv4 host; 0: none */
	__u32 pool4_first; /* no pool has an IPv4 address below, host order … */
	__u32 pool4_last;  /* … or above; first > last: there is none */
};

/* address: IPv4 in host order, so that neighbours have bits of their own; IPv6: see agfeo_fold6(). */
static inline __attribute__((always_inline)) __u32 agfeo_host_bit(__u32 address)
{
	return (__u32)((address * 0x9e3779b97f4a7c15ull) >> (64 - AGFEO_HOST_FILTER_BITS));
}

static inline __attribute__((always_inline)) __u32 agfeo_fold6(const __u64 *address)
{
	__u64 both = address[0] * 31 + __builtin_bswap64(address[1]);

	return (__u32)(both ^ both >> 32);
}

static inline __attribute__((always_inline)) bool
agfeo_may_be_host(const struct agfeo_host_filter *filter, __u32 address)
{
	__u32 bit = agfeo_host_bit(address);

	return filter->words[bit >> 6 & ((1 << (AGFEO_HOST_FILTER_BITS - 6)) - 1)] >> (bit & 63) &
	       1;
}

static inline __attribute__((always_inline)) void agfeo_host_add(struct agfeo_host_filter *filter,
								 __u32 address)
{
	__u32 bit = agfeo_host_bit(address);

	filter->words[bit >> 6] |= 1ull << (bit & 63);
}

/* Key of host_rows. */
static inline __attribute__((always_inline)) __u32 agfeo_host_row_key(__u32 bank, __u32 row)
{
	return bank * AGFEO_HOST_ROWS + row;
}

#endif
