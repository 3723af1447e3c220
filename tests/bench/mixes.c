/* SPDX-License-Identifier: GPL-2.0 */
/* Frames and their plans; see mixes.h. */
#include "mixes.h"

#include <arpa/inet.h>
#include <string.h>

#include "payload.h"

#define PBX4	 "192.168.10.2"
#define PBX6	 "fd00:10::2"
#define PEER4	 "217.0.0.0"
#define PEER6	 "2001:db8:64::"
#define ANYONE4	 "45.0.0.0"
#define ANYONE6	 "2001:db8:666::"
#define PHONES4	 "192.168.10.50"
#define NOBODY4	 "198.51.100.1"
#define RTP_PORT 5204
#define RTP_FLOW 30 /* ports with an even number: 5204 to 5262 */

struct kind {
	const char *from, *to; /* as they stand in the frame */
	bool device_sends, both, random, vlan;
	bool rtp;	/* streams that go on */
	bool looks_rtp; /* a payload that could be one's */
	__u16 peer_port, port, ports, port_step;
	__u32 peer_mask;
};

/* clang-format off */
static const struct kind kinds[] = {
	[MIX_RTP]      = {PEER4, PBX4, .rtp = true,
			  .peer_port = 30000, .port = RTP_PORT, .ports = RTP_FLOW, .port_step = 2},
	[MIX_RTP_OUT]  = {PBX4, PEER4, .rtp = true, .device_sends = true,
			  .peer_port = 30000, .port = RTP_PORT, .ports = RTP_FLOW, .port_step = 2},
	[MIX_RTP_BOTH] = {PBX4, PEER4, .rtp = true, .device_sends = true, .both = true,
			  .peer_port = 30000, .port = RTP_PORT, .ports = RTP_FLOW, .port_step = 2},
	[MIX_RTP6]     = {PEER6, PBX6, .rtp = true,
			  .peer_port = 30000, .port = RTP_PORT, .ports = RTP_FLOW, .port_step = 2},
	[MIX_RTP6_OUT] = {PBX6, PEER6, .rtp = true, .device_sends = true,
			  .peer_port = 30000, .port = RTP_PORT, .ports = RTP_FLOW, .port_step = 2},
	[MIX_RTP_VLAN_OUT] = {PBX4, PEER4, .rtp = true, .device_sends = true, .vlan = true,
			  .peer_port = 30000, .port = RTP_PORT, .ports = RTP_FLOW, .port_step = 2},
	[MIX_SIP_IN]   = {PHONES4, PBX4, .peer_port = 5060, .port = 5060, .ports = 1},
	[MIX_NEW_OUT]  = {PBX4, PEER4, .rtp = true, .device_sends = true,
			  .peer_port = 32000, .port = RTP_PORT, .ports = RTP_FLOW, .port_step = 2},
	[MIX_NEW6_OUT] = {PBX6, PEER6, .rtp = true, .device_sends = true,
			  .peer_port = 32000, .port = RTP_PORT, .ports = RTP_FLOW, .port_step = 2},
	[MIX_FLOOD]    = {ANYONE4, PBX4, .random = true, .peer_mask = 0xffffff,
			  .peer_port = 1024, .port = 40000, .ports = 16384, .port_step = 1},
	[MIX_FLOOD6]   = {ANYONE6, PBX6, .random = true, .peer_mask = 0xffffffff,
			  .peer_port = 1024, .port = 40000, .ports = 16384, .port_step = 1},
	[MIX_FLOOD_RTP] = {ANYONE4, PBX4, .random = true, .looks_rtp = true, .peer_mask = 0xffffff,
			  .peer_port = 1024, .port = 40000, .ports = 16384, .port_step = 1},
	[MIX_FLOOD_VLAN] = {ANYONE4, PBX4, .random = true, .vlan = true, .peer_mask = 0xffffff,
			  .peer_port = 1024, .port = 40000, .ports = 16384, .port_step = 1},
	[MIX_LISTED6]  = {ANYONE6, PBX6, .random = true, .peer_mask = 0xffffffff,
			  .peer_port = 1024, .port = 5060, .ports = 1},
	[MIX_LISTED]   = {ANYONE4, PBX4, .random = true, .peer_mask = 0xffffff,
			  .peer_port = 1024, .port = 5060, .ports = 1},
	[MIX_UNLISTED_OUT] = {PBX4, ANYONE4, .random = true, .device_sends = true,
			  .peer_mask = 0xffffff, .peer_port = 1024, .port = 40000, .ports = 16384,
			  .port_step = 1},
	[MIX_STRANGER] = {ANYONE4, NOBODY4, .random = true, .peer_mask = 0xffffff,
			  .peer_port = 1024, .port = 40000, .ports = 16384, .port_step = 1},
};
/* clang-format on */

/* The last 32 bits of an address, in host order. */
static __u32 last_word(const char *text)
{
	__u32 words[4] = {0};

	if (inet_pton(AF_INET, text, words) == 1)
		return ntohl(words[0]);
	inet_pton(AF_INET6, text, words);
	return ntohl(words[3]);
}

static void build(enum mix_kind which, const struct kind *kind, struct mix *mix)
{
	uint8_t payload[PAYLOAD_MOST] = {};
	struct rtp rtp = {.payload_type = 8, .sequence = 1, .ssrc = 1, .size = 160};
	struct frame frame = {
		UDP(kind->from, kind->device_sends ? kind->port : kind->peer_port, kind->to,
		    kind->device_sends ? kind->peer_port : kind->port),
		.no_udp_checksum = true,
		.payload = payload,
	};

	if (kind->rtp || kind->looks_rtp)
		frame.payload_size = payload_rtp(payload, &rtp);
	else if (which == MIX_SIP_IN)
		frame.payload_size = payload_sip(payload, "REGISTER", "20", "192.168.10.2");
	else
		frame.payload_size = 18; /* 60 bytes with IPv4, the least there is */
	if (kind->vlan) {
		frame.vlan[0] = (struct frame_vlan){.id = 10};
		frame.vlan_count = 1;
	}
	mix->frame = frame_build(&frame);
}

/* IPv4: of the header with no addresses and no checksum, as the generator writes it. */
static __u32 header_sum(const struct mix *mix)
{
	const uint8_t *ip = mix->frame.bytes + mix->frame.ip;
	__u32 sum = 0;

	for (int i = 0; i < 10; i += 2)
		sum += ip[i] | ip[i + 1] << 8;
	return sum;
}

void mix_make(enum mix_kind which, __u32 flows, const struct mix_place *place, struct mix *ret_mix)
{
	const struct kind *kind = &kinds[which];
	struct bench_plan *plan = &ret_mix->plan;

	memset(ret_mix, 0, sizeof(*ret_mix));
	build(which, kind, ret_mix);
	memcpy(plan->template, ret_mix->frame.bytes,
	       ret_mix->frame.length < PLAN_TEMPLATE ? ret_mix->frame.length : PLAN_TEMPLATE);
	plan->ip = ret_mix->frame.ip;
	plan->transport = ret_mix->frame.transport;
	plan->ipv6 = strchr(kind->from, ':') != NULL;
	plan->rtp = kind->rtp;
	plan->random = kind->random;
	plan->device_sends = kind->device_sends;
	plan->both = kind->both;
	plan->flows = flows;
	plan->device = last_word(kind->device_sends ? kind->from : kind->to);
	plan->peer = last_word(kind->device_sends ? kind->to : kind->from) + place->shift;
	plan->peer_mask = kind->peer_mask;
	plan->peer_port = kind->peer_port;
	plan->port = kind->port;
	plan->ports = kind->ports;
	plan->port_step = kind->port_step;
	plan->devices = place->devices ? place->devices : 1;
	if (plan->ipv6 ? place->device6 : place->device4)
		plan->device = plan->ipv6 ? place->device6 : place->device4;
	if (place->ports) {
		plan->port = place->first_port;
		plan->ports = place->ports;
		plan->port_step = place->port_step;
	}
	if (!plan->ipv6)
		plan->header_sum = header_sum(ret_mix);
}

void mix_address(struct mix *mix, const unsigned char *to_mac)
{
	memcpy(mix->frame.bytes, to_mac, 6);
	memcpy(mix->plan.template, mix->frame.bytes, PLAN_TEMPLATE);
}
