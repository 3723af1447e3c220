/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which addresses may be listed hosts: one bit a hash of an address. Most packets of a flood, and
 * most of a mixed network, are of nobody; the bit says so for the price of one load, where the hash of
 * hosts costs a call. A bit that is set for somebody else costs that call. Written by the loader with
 * the bank, read by the datapath.
 */
#ifndef AGFEO_HOST_FILTER_H
#define AGFEO_HOST_FILTER_H

#include <agfeo/types.h>

#define AGFEO_HOST_FILTER_BITS 16 /* 8 KiB: stays in the first-level cache */

/* Value of `host_filter`, one per bank. */
struct agfeo_host_filter {
	__u64 words[1 << (AGFEO_HOST_FILTER_BITS - 6)];
};

/* address: IPv4 as it stands in the packet; IPv6: its four words folded into one. */
static inline __attribute__((always_inline)) __u32 agfeo_host_bit(__u32 address)
{
	return (__u32)((address * 0x9e3779b97f4a7c15ull) >> (64 - AGFEO_HOST_FILTER_BITS));
}

static inline __attribute__((always_inline)) __u32 agfeo_fold6(const __u64 *address)
{
	__u64 both = address[0] * 31 + address[1];

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

#endif
