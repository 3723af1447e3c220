/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What frames the generator makes: written by user space, read by the programs. A mix is `flows` flows
 * taken in turn, as calls are, or random ends. What varies is a function of the flow's number alone, so
 * that there are `flows` flows and not three times as many. Addresses are their last 32 bits.
 */
#ifndef TESTS_BENCH_PLAN_H
#define TESTS_BENCH_PLAN_H

#include <agfeo/types.h>

#define PLAN_TEMPLATE	 128 /* bytes of headers that are written anew where frames come back */
#define PLAN_OFFSET_MASK 0x3f

struct bench_plan {
	__u64 template[PLAN_TEMPLATE / 8];
	__u32 ip, transport; /* offsets in the frame */
	__u32 ipv6;
	__u32 rtp;	    /* sequence, timestamp and SSRC go on in every flow */
	__u32 random;	    /* ends and ports by chance, not in turn */
	__u32 device_sends; /* else the peer */
	__u32 both;	    /* a frame of each flow's one end, then of each one's other */
	__u32 flows;
	__u32 devices, ports; /* the device's, both 1 at least */
	__u32 peer, device;   /* the first address, host order */
	__u32 peer_mask;      /* random: bits that vary */
	__u32 peer_port, port;
	__u32 port_step;
	__u32 header_sum;  /* IPv4: of the header without addresses */
	__u32 interface;   /* live: where frames leave */
	__u32 gap_ns;	   /* of send_random_in_time: from frame to frame */
	__u64 first, last; /* live: frames between which the time is taken */
};

/* What the generator keeps between frames. */
struct bench_state {
	__u64 frames;
	__u32 flow, device, port, round;
	__u32 turn; /* of both ends: the other one's */
	__u64 chance;
	__u64 began_ns, ended_ns;
	__u64 due_ns;	      /* the next frame */
	__u64 sent;	      /* of those that were due */
	__u64 fallen_through; /* tail calls that did not happen */
};

/* What arrived behind the box. */
struct bench_sink {
	__u64 packets, marked;
	__u64 fast; /* of the packets, those that XDP sent on */
};

#endif
