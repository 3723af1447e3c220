/* SPDX-License-Identifier: GPL-2.0 */
/* The straight way of what is of no flow: a flood's packets, and those between strangers. */
#ifndef BPF_STRAIGHT_REFUSE_H
#define BPF_STRAIGHT_REFUSE_H

#include "event.h"
#include "judge.h"
#include "replay.h"
#include "straight_frame.h"

/* For the tests and replay, in a stage: a decision in memory would make the program's frame larger. */
STAGE int straight_tell_refused(__u32 traffic, __u32 device, __u32 reason, __u32 monitor)
{
	struct decision found = {
		.class = AGFEO_CLASS_COUNT,
		.reason = reason,
		.monitor = monitor & 1,
		.device[1] = device,
	};

	found.dscp_in = found.dscp_out = dscp_of_traffic(traffic).codepoint;
	replay_tell(&found);
	return 0;
}

/* traffic: TOS, or traffic class. */
static __always_inline int straight_refused(__u8 traffic, const struct decision *found)
{
	if (agfeo_config.replay)
		straight_tell_refused(traffic, found->device[1], found->reason, found->monitor);
	return enforced_drop(found) ? WAY_DROP : WAY_PASS;
}

/* Nothing is closed to a packet between strangers. */
static __always_inline bool straight_is_open(const struct agfeo_settings *site, __u32 bank,
					     enum hook hook, __u16 to_port)
{
	const struct agfeo_shed *closed;

	if (hook != HOOK_UPLINK)
		return !(site->flags & AGFEO_SITE_UNKNOWN_DROP);
	closed = find_in(&shed, &bank);
	return closed && !closed->port[AGFEO_UDP][port_bound(to_port)];
}

/* What is not for one device. */
static __always_inline bool straight_for_all(const struct span *span)
{
	const struct iphdr *ip = span->start + STRAIGHT_IP;

	return (ip->daddr & bpf_htonl(0xf0000000)) == bpf_htonl(0xe0000000) ||
	       ip->daddr == 0xffffffff;
}

/* It may be: from one that has no address yet, say. The way round asks for both ports. */
static __always_inline bool straight_is_dhcp(const struct span *span)
{
	const struct transport_udp *udp = span->start + STRAIGHT_UDP;

	return udp->source == bpf_htons(68) || udp->source == bpf_htons(67);
}

/* Neither end is a device: where nothing is closed to it, it passes and leaves no trace. */
static __always_inline int straight_nobody(const struct span *span, __u32 bank, enum hook hook,
					   struct decision *found)
{
	const struct agfeo_settings *site = find_in(&settings, &bank);
	const struct transport_udp *udp = span->start + STRAIGHT_UDP;
	const struct iphdr *ip = span->start + STRAIGHT_IP;

	if (!site || straight_for_all(span) || straight_is_dhcp(span) ||
	    !straight_is_open(site, bank, hook, bpf_ntohs(udp->destination)))
		return WAY_ROUND;
	found->monitor = !!(site->flags & AGFEO_SITE_MONITOR);
	found->reason = AGFEO_REASON_NO_DEVICE;
	return straight_refused(ip->tos, found);
}

/* The device may wait for it: see expect_answer(). */
static __always_inline bool straight_is_expected(const struct span *span)
{
	const struct iphdr *ip = span->start + STRAIGHT_IP;
	const struct transport_udp *udp = span->start + STRAIGHT_UDP;
	__u64 from = end4(bpf_ntohl(ip->saddr), 0);
	__u64 to = end4(bpf_ntohl(ip->daddr), bpf_ntohs(udp->destination));

	return index_read(agfeo_index_place4(from | (__u64)PROTOCOL_UDP << 48, to)) &
	       TABLE_EXPECTED;
}

/* The device's list has neither port, and no answer to it is waited for: first by what stays at hand. */
static __always_inline bool straight_lists_neither(const struct span *span, __u32 slot,
						   bool expected)
{
	const struct transport_udp *udp = span->start + STRAIGHT_UDP;
	const struct agfeo_port_blocks *blocks = find_in(&port_blocks, &slot);
	const struct agfeo_policy *policy;

	if (!blocks || (expected && straight_is_expected(span)))
		return false;
	if (!agfeo_block_lists(blocks, AGFEO_LOCAL, port_bound(bpf_ntohs(udp->destination))) &&
	    !agfeo_block_lists(blocks, AGFEO_REMOTE, port_bound(bpf_ntohs(udp->source))))
		return true;
	if (straight_is_dhcp(span))
		return false;
	policy = policy_of(slot);
	return policy && lists_neither(policy, AGFEO_UDP, bpf_ntohs(udp->destination),
				       bpf_ntohs(udp->source));
}

/* A host has the address, or perhaps one of a pool. */
static __always_inline bool straight_may_be_ours(const struct agfeo_host_filter *hosts, __u32 bank,
						 __be32 wire)
{
	__u32 address = bpf_ntohl(wire);
	bool unsure;

	if (may_be_pooled4(hosts, address))
		return true;
	return agfeo_may_be_host(hosts, address) &&
	       (find_host_row(hosts, bank, wire, &unsure) || unsure);
}

/* What of the packet is counted. */
static __always_inline struct packet straight_packet(const struct span *span)
{
	const struct iphdr *ip = span->start + STRAIGHT_IP;

	return (struct packet){.segments = 1, .length = bpf_ntohs(ip->tot_len)};
}

/* A packet to a device or between strangers, of no flow, on ports that nobody lists or waits for. */
static __always_inline int straight_refuse(const struct span *span,
					   const struct agfeo_control *ruling, __u32 now,
					   enum hook hook, __u32 arrived_on)
{
	__u32 bank = ruling->generation & 1;
	const struct agfeo_host_filter *hosts = filter_of(bank);
	const struct iphdr *ip = span->start + STRAIGHT_IP;
	struct decision found = {.class = AGFEO_CLASS_COUNT};
	const struct agfeo_host_row *row = NULL;
	bool unsure = false;
	struct packet p;

	if (!hosts || !straight_is_ordinary(span) || straight_may_be_ours(hosts, bank, ip->saddr))
		return WAY_ROUND;
	/* An uplink's are nearly all for somebody here. */
	if (hook == HOOK_UPLINK || agfeo_may_be_host(hosts, bpf_ntohl(ip->daddr)))
		row = find_host_row(hosts, bank, ip->daddr, &unsure);
	if (unsure)
		return WAY_ROUND;
	if (!row)
		return may_be_pooled4(hosts, bpf_ntohl(ip->daddr))
			       ? WAY_ROUND
			       : straight_nobody(span, bank, hook, &found);
	if (!straight_lists_neither(span, policy_slot(bank, row->policy), ruling->expected))
		return WAY_ROUND;
	found.counted = hook == HOOK_TC && came_by_voice(arrived_on);
	if (agfeo_config.events && !found.counted && !event_withheld(now))
		return WAY_ROUND;
	found.reason = AGFEO_REASON_NOT_LISTED;
	found.monitor = !!(row->flags & AGFEO_DEVICE_MONITOR);
	found.none = 1;
	found.device[1] = row->id;
	p = straight_packet(span);
	count(&p, &found);
	return straight_refused(ip->tos, &found);
}

#endif
