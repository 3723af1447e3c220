/* SPDX-License-Identifier: GPL-2.0 */
/* Records that the programs send to user space: what happened to a packet, and to whom it belongs. */
#ifndef AGFEO_EVENT_H
#define AGFEO_EVENT_H

#include <agfeo/types.h>

enum agfeo_event_type {
	AGFEO_EVENT_FLOW_OPENED,
	AGFEO_EVENT_DROP,
};

/* Record of the ring buffer `events`. Zeroed before it is filled. Addresses are v4-mapped. */
struct agfeo_event {
	__u64 time_ns; /* CLOCK_MONOTONIC */
	__u32 type;
	__u32 ifindex;
	__u8 source[16];
	__u8 destination[16];
	__u16 source_port;
	__u16 destination_port;
	__u8 protocol; /* IP protocol */
	__u8 reason;   /* enum agfeo_reason */
	__u8 class;
	__u8 hook;	  /* 0 xdp, 1 tc */
	__u32 device[2];  /* sender's, receiver's */
	__u32 counter[2]; /* sender's, receiver's */
	__u32 length;	  /* of the IP packet */
	__u32 suppressed; /* records that were not written since the last one of this CPU */
	__u8 dscp_in;	  /* as it arrived and as it leaves */
	__u8 dscp_out;
	__u8 pad[6];
};

#endif
