/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The flow cache: what a packet of a known flow reads and writes, in two neighbouring cache lines for
 * each direction (one where its voice is not measured). IPv4 and UDP only.
 *
 * The flow tables own a flow; an entry is lent a direction of it. What it counts is added to the flow
 * when the entry is given back: every few seconds, when its seat is taken, and whenever a packet of the
 * direction asks for more than counting. So who reads a flow adds what its entries hold
 * (user/kernel/flow_cache.h). An entry is written by packets of its own direction only, and by who
 * takes its seat, once it was silent for longer than it may be.
 *
 * Seats are taken from the first on, so that what is in use lies close together. Which one is a
 * direction's, an index of their hashes tells: sets of four slots, each a seat and more of the hash.
 */
#ifndef AGFEO_FLOW_CACHE_H
#define AGFEO_FLOW_CACHE_H

#include <agfeo/stream.h>
#include <agfeo/types.h>

#define AGFEO_CACHE_SEATS 32768 /* seat 0 is nobody's */
#define AGFEO_CACHE_TICKS 64	/* for how long an entry is lent, and how long it may be silent */
#define AGFEO_CACHE_SHIFT 16
#define AGFEO_CACHE_SLOTS (1 << AGFEO_CACHE_SHIFT)
#define AGFEO_CACHE_SET	  4 /* slots in which a direction may stand */

/* Besides enum agfeo_ready_flags. */
enum agfeo_cached_flags {
	AGFEO_CACHED_VOICE = 1 << 5,	/* it stands in a voice table: RTP only */
	AGFEO_CACHED_PROMOTED = 1 << 6, /* and is marked */
	AGFEO_CACHED_WAY = 1 << 7, /* all its packets go without the kernel, as way_cache says */
};

/* Value of `flow_cache`, by seat. Where a flow's direction has a field of the same name, it is that. */
struct agfeo_cached {
	__u64 addresses;  /* see agfeo_cache_addresses(); 0: the seat was never taken */
	__u32 ports;	  /* see agfeo_cache_ports() */
	__u32 generation; /* of the policy; 0: it is not lent */
	__u32 packets;	  /* since it was lent */
	__u32 bytes;	  /* alike; with half its range used up the loan is over */
	__u32 seen;
	__u32 opened;	  /* agfeo_cache_opened(): which of the flows that had this key */
	__u32 counter[2]; /* the sender's and the receiver's */
	__u32 ssrc;
	__u32 until; /* the last tick of the loan; no packet is late before it, nor is its way too old */
	__u16 rtp_sequence;
	__be16 hop; /* what its way takes from a TTL: see way_hop() */
	__u8 flags; /* enum agfeo_ready_flags, enum agfeo_cached_flags */
	__u8 end;   /* of the flow's key: who sends */
	__u8 at_xdp;
	__u8 dscp_in; /* of all its packets */
	__u8 dscp_out;
	__u8 account; /* what they are counted as: enum account */
	__u8 mac[6];  /* of the sender, where AGFEO_READY_MAC asks for it */
	__u64 stream[AGFEO_STREAM_LINE / sizeof(__u64)]; /* the first line of its stream */
};

/* Value of `cache_index`, a single entry: a seat, and above it AGFEO_CACHE_TAG bits of the hash. 0: none. */
struct agfeo_cache_index {
	__u32 slot[AGFEO_CACHE_SLOTS];
};

#define AGFEO_CACHE_TAG 0xffff0000

/* Of the sender and the receiver, both as an IPv4 header has them. */
static inline __attribute__((always_inline)) __u64 agfeo_cache_addresses(__u32 source,
									 __u32 destination)
{
	return (__u64)destination << 32 | source;
}

/* Alike, as a UDP header has them. */
static inline __attribute__((always_inline)) __u32 agfeo_cache_ports(__u16 source,
								     __u16 destination)
{
	return (__u32)destination << 16 | source;
}

/* Two flows of one key did not begin in the same ns. */
static inline __attribute__((always_inline)) __u32 agfeo_cache_opened(__u64 opened_ns)
{
	return (__u32)(opened_ns ^ opened_ns >> 32);
}

/* Of its upper half, which all that went in has a part in, the set and the tag are made. */
static inline __attribute__((always_inline)) __u64 agfeo_cache_hash(__u64 addresses, __u32 ports)
{
	return (addresses ^ ports * 0x9e3779b97f4a7c15ull) * 0xc4ceb9fe1a85ec53ull;
}

/* The first slot of its set. */
static inline __attribute__((always_inline)) __u32 agfeo_cache_slot(__u64 hash)
{
	return (__u32)(hash >> (64 - AGFEO_CACHE_SHIFT)) & ~(__u32)(AGFEO_CACHE_SET - 1);
}

/* In its place above the seat. */
static inline __attribute__((always_inline)) __u32 agfeo_cache_tag(__u64 hash)
{
	return (__u32)(hash >> 16) & AGFEO_CACHE_TAG; /* bits 32 to 47 */
}

_Static_assert(sizeof(struct agfeo_cached) == 128, "two cache lines");
_Static_assert(offsetof(struct agfeo_cached, stream) == 64, "the first of them");

#endif
