/* SPDX-License-Identifier: GPL-2.0 */
/* The traffic that is measured: a frame of each kind, and what of it varies. */
#ifndef TESTS_BENCH_MIXES_H
#define TESTS_BENCH_MIXES_H

#include "frame.h"
#include "plan.h"

struct mix {
	struct bench_plan plan;
	struct frame_bytes frame;
};

enum mix_kind {
	MIX_RTP,      /* G.711 of the provider to the device: 214 bytes */
	MIX_RTP_OUT,  /* and of the device to the provider */
	MIX_RTP_BOTH, /* in turn */
	MIX_RTP6,
	MIX_RTP6_OUT,
	MIX_RTP_VLAN_OUT,
	MIX_SIP_IN,  /* REGISTER of phones of the site at the device: some 400 bytes */
	MIX_NEW_OUT, /* RTP, each packet to another address */
	MIX_NEW6_OUT,
	MIX_FLOOD, /* from anywhere to ports of the device that nothing lists: 60 bytes */
	MIX_FLOOD6,
	MIX_FLOOD_RTP,
	MIX_FLOOD_VLAN,
	MIX_LISTED, /* from anywhere to the device's SIP server: for the site only */
	MIX_LISTED6,
	MIX_UNLISTED_OUT, /* of the device, to anywhere */
	MIX_STRANGER,	  /* between two that are nobody */
};

/* Where the device stands: the last 32 bits of its IPv4 and IPv6 address. */
struct mix_place {
	__u32 device4, device6;
	__u32 devices, ports; /* 0: one device, the model's RTP ports */
	__u32 first_port, port_step;
	__u32 shift; /* of the peers' addresses: two CPUs with flows of their own */
};

void mix_make(enum mix_kind kind, __u32 flows, const struct mix_place *place, struct mix *ret_mix);
/* Of a live frame the link addresses count. */
void mix_address(struct mix *mix, const unsigned char *to_mac);

#endif
