/* SPDX-License-Identifier: GPL-2.0 */
/* What is counted: the values of `counters` and `device_counters`. */
#ifndef AGFEO_COUNTERS_H
#define AGFEO_COUNTERS_H

#include <agfeo/classes.h>
#include <agfeo/reasons.h>
#include <agfeo/types.h>

enum agfeo_dscp_kind {
	AGFEO_DSCP_EF,
	AGFEO_DSCP_CS0,
	AGFEO_DSCP_OTHER,
	AGFEO_DSCP_KINDS,
	AGFEO_DSCP_CELLS = AGFEO_DSCP_KINDS * AGFEO_DSCP_KINDS,
};

/* Of packets that came with one kind of code point and left with another. */
static inline __attribute__((always_inline)) __u32 agfeo_dscp_cell(__u32 came, __u32 left)
{
	return came * AGFEO_DSCP_KINDS + left;
}

/*
 * One direction of a service of a device. What passes is counted once, by the code points that it came
 * with and left with; how many packets passed, arrived as EF or were re-marked are sums of these
 * (user/kernel/collect.c). What an ordinary packet touches is one cache line.
 */
struct agfeo_counter_direction {
	__u64 bytes;			/* that passed */
	__u64 rtp_packets;		/* whose quality is measured */
	__u64 passed[AGFEO_DSCP_CELLS]; /* packets: see agfeo_dscp_cell() */
	__u64 changed;	/* of those from OTHER to OTHER: they left with another code point */
	__u64 bleached; /* of passed, those that were set to CS0 without being promoted */
	__u64 dropped_packets;
	__u64 dropped_bytes;
	__u64 pad;
};

/*
 * Value of `counters` (per CPU), by the stable id of (device, service, DSCP): `counter_names` says
 * whose. direction is enum agfeo_direction, seen from the device.
 */
struct agfeo_counter {
	struct agfeo_counter_direction direction[AGFEO_DIRECTION_COUNT];
};

/* Value of `device_counters` (per CPU), by agfeo_device.id; 0 is "no device". */
struct agfeo_device_counter {
	/* Dropped, and of no service: AGFEO_SLOT_NONE has no counter of its own. */
	__u64 none_packets[AGFEO_DIRECTION_COUNT];
	__u64 none_bytes[AGFEO_DIRECTION_COUNT];
	__u64 drops[AGFEO_DROP_REASON_COUNT]; /* reason - AGFEO_FIRST_DROP_REASON */
	__u64 rtp_lost[AGFEO_DIRECTION_COUNT];
	__u64 rtp_duplicates[AGFEO_DIRECTION_COUNT];
	__u64 rtp_reordered[AGFEO_DIRECTION_COUNT];
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct agfeo_counter_direction) == 128, "two cache lines");
_Static_assert(sizeof(struct agfeo_device_counter) % 64 == 0, "whole cache lines");

#endif
