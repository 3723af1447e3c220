/* SPDX-License-Identifier: GPL-2.0 */
/* The straight way of what is of no flow: a flood's packets, and those between strangers. */
#ifndef BPF_STRAIGHT_REFUSE_H
#define BPF_STRAIGHT_REFUSE_H

#include "event.h"
#include "judge.h"
#include "replay.h"
#include "straight_frame.h"

static __always_inline int straight_refused(const struct decision *found)
{
	if (agfeo_config.replay)
		replay_tell(found);
	return enforced_drop(found) ? WAY_DROP : WAY_PASS | found->dscp_in << WAY_DSCP;
}

/* Neither end is a device: where nothing is closed to it, it passes and leaves no trace. */
static __always_inline int straight_nobody(const struct span *span,
					   const struct agfeo_settings *site, __u32 bank,
					   enum hook hook, struct decision *found)
{
	const struct transport_udp *udp;
	const struct agfeo_shed *closed;

	if (hook == HOOK_UPLINK) {
		closed = find_in(&shed, &bank);
		udp = span->start + STRAIGHT_UDP;
		if (!closed || closed->port[AGFEO_UDP][port_bound(bpf_ntohs(udp->destination))])
			return WAY_ROUND;
	} else if (site->flags & AGFEO_SITE_UNKNOWN_DROP) {
		return WAY_ROUND;
	}
	found->reason = AGFEO_REASON_NO_DEVICE;
	return straight_refused(found);
}

/* A group, or DHCP: what is not for one device, or from one that has no address yet. */
static __always_inline bool straight_for_all(const struct span *span)
{
	const struct iphdr *ip = span->start + STRAIGHT_IP;
	const struct transport_udp *udp = span->start + STRAIGHT_UDP;

	return (ip->daddr & bpf_htonl(0xf0000000)) == bpf_htonl(0xe0000000) ||
	       ip->daddr == 0xffffffff || udp->source == bpf_htons(68) ||
	       udp->source == bpf_htons(67);
}

/* What of the packet is counted. */
static __always_inline struct packet straight_packet(const struct span *span)
{
	const struct iphdr *ip = span->start + STRAIGHT_IP;

	return (struct packet){.segments = 1, .length = bpf_ntohs(ip->tot_len)};
}

/* A packet to a device or between strangers, of no flow, on ports that nobody lists or waits for. */
static __always_inline int straight_refuse(const struct span *span, __u32 generation, __u32 now,
					   enum hook hook, __u32 arrived_on)
{
	__u32 bank = generation & 1;
	const struct agfeo_settings *site = find_in(&settings, &bank);
	const struct iphdr *ip = span->start + STRAIGHT_IP;
	struct decision found = {.class = AGFEO_CLASS_COUNT};
	const struct transport_udp *udp;
	const struct agfeo_host_row *row;
	const struct agfeo_policy *policy;
	struct packet p;
	bool unsure;

	if (!site || straight_for_all(span) || may_be_pooled4(site, bpf_ntohl(ip->saddr)))
		return WAY_ROUND;
	if (find_host_row(bank, ip->saddr, &unsure) || unsure)
		return WAY_ROUND;
	found.monitor = !!(site->flags & AGFEO_SITE_MONITOR);
	found.dscp_in = found.dscp_out = dscp_of_traffic(ip->tos).codepoint;
	row = find_host_row(bank, ip->daddr, &unsure);
	if (unsure)
		return WAY_ROUND;
	if (!row && !may_be_pooled4(site, bpf_ntohl(ip->daddr)))
		return straight_nobody(span, site, bank, hook, &found);
	policy = row ? policy_of(bank, row->policy) : NULL;
	udp = span->start + STRAIGHT_UDP;
	if (!policy || policy->expects ||
	    !lists_neither(policy, AGFEO_UDP, bpf_ntohs(udp->destination), bpf_ntohs(udp->source)))
		return WAY_ROUND;
	found.counted = hook == HOOK_TC && came_by_voice(arrived_on);
	if (agfeo_config.events && !found.counted && !event_withheld(now))
		return WAY_ROUND;
	found.reason = AGFEO_REASON_NOT_LISTED;
	if (row->flags & AGFEO_DEVICE_MONITOR)
		found.monitor = 1;
	found.none = 1;
	found.device[1] = row->id;
	p = straight_packet(span);
	count(&p, &found);
	return straight_refused(&found);
}

#endif
