/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The straight way of IPv6: of what is of no flow only, so that a flood costs little more than one of IPv4.
 * Known flows take the way round, and voice is told from a flood by its looks; so does whatever has
 * extension headers.
 */
#ifndef BPF_STRAIGHT_SIX_H
#define BPF_STRAIGHT_SIX_H

#include "straight_refuse.h"

#define STRAIGHT6_UDP	  (STRAIGHT_IP + sizeof(struct ipv6hdr))
#define STRAIGHT6_PAYLOAD (STRAIGHT6_UDP + sizeof(struct transport_udp))
#define STRAIGHT6_CLIENT  546 /* DHCPv6 */
#define STRAIGHT6_SERVER  547
#define STRAIGHT6_EXPECTS 0 /* the port of whoever is waited for */

/* Between whom; addresses in network order, ports in host order. */
struct straight6_ends {
	__u64 from[2], to[2];
	__u16 from_port, to_port;
};

/* As straight_shape(). */
static __always_inline bool straight6_shape(const struct span *span)
{
	const struct ethhdr *ethernet = span->start;
	const struct ipv6hdr *ip = span->start + STRAIGHT_IP;
	const struct transport_udp *udp = span->start + STRAIGHT6_UDP;
	__u32 carried, claimed;

	if ((const void *)(udp + 1) > span->end || ethernet->h_proto != bpf_htons(ETHERTYPE_IPV6) ||
	    *(const __u8 *)ip >> 4 != 6 || ip->nexthdr != PROTOCOL_UDP)
		return false;
	carried = bpf_ntohs(ip->payload_len);
	claimed = bpf_ntohs(udp->length);
	return STRAIGHT6_UDP + carried <= span->length && claimed >= sizeof(*udp) &&
	       claimed <= carried;
}

/* Perhaps of a call, whose flow is known: see straight_is_rtp(). */
static __always_inline bool straight6_may_be_rtp(const struct span *span)
{
	const struct rtp_wire *wire = span->start + STRAIGHT6_PAYLOAD;

	return (const void *)(wire + 1) <= span->end &&
	       (wire->first & RTP_PLAIN_MASK) == RTP_PLAIN &&
	       (wire->second & RTP_MUXED_MASK) != RTP_MUXED;
}

static __always_inline void straight6_ends(const void *start, struct straight6_ends *ends)
{
	const struct ipv6hdr *ip = start + STRAIGHT_IP;
	const struct transport_udp *udp = start + STRAIGHT6_UDP;

	memcpy(ends->from, &ip->saddr, sizeof(ends->from));
	memcpy(ends->to, &ip->daddr, sizeof(ends->to));
	ends->from_port = bpf_ntohs(udp->source);
	ends->to_port = bpf_ntohs(udp->destination);
}

/* As straight_is_ordinary(), and neither for a group nor DHCP, which the way round asks for both ports. What
 * names one end twice is of a device at both, or of nobody. */
static __always_inline bool straight6_is_ordinary(const struct straight6_ends *ends)
{
	return ends->from_port && ends->to_port && !is_dns(ends->from_port, ends->to_port) &&
	       bpf_be64_to_cpu(ends->to[0]) >> 56 != 0xff && ends->from_port != STRAIGHT6_CLIENT &&
	       ends->from_port != STRAIGHT6_SERVER;
}

/* In which tables a flow may stand that comes from that port: enum flow_table. */
static __always_inline __u8 straight6_index(const struct straight6_ends *ends, __u16 from_port)
{
	struct flow_id id;

	flow6_id(&id, ends->from, ends->to, from_port, ends->to_port, PROTOCOL_UDP);
	return index_read(id.place);
}

/* The host that has an address; NULL: none has it. */
static __always_inline const struct agfeo_device *
straight6_host(const struct agfeo_host_filter *filter, __u32 bank, const __u64 *address)
{
	void *inner;

	if (!agfeo_may_be_host(filter, agfeo_fold6(address)))
		return NULL;
	inner = find_in(&hosts6, &bank);
	return inner ? find_in(inner, address) : NULL;
}

/* The device's list has neither port. */
static __always_inline bool straight6_lists_neither(const struct straight6_ends *ends, __u32 slot)
{
	const struct agfeo_port_blocks *blocks = find_in(&port_blocks, &slot);
	const struct agfeo_policy *policy;

	if (!blocks)
		return false;
	if (!agfeo_block_lists(blocks, AGFEO_LOCAL, port_bound(ends->to_port)) &&
	    !agfeo_block_lists(blocks, AGFEO_REMOTE, port_bound(ends->from_port)))
		return true;
	policy = policy_of(slot);
	return policy && lists_neither(policy, AGFEO_UDP, ends->to_port, ends->from_port);
}

static __always_inline int straight6_refused(const struct ipv6hdr *ip, const struct decision *found)
{
	return straight_refused((bpf_ntohs(*(const __be16 *)ip) >> 4) & 0xff, found);
}

/* As straight_refuse(), of a frame of straight6_shape(). Returns enum straight_verdict. */
STAGE int straight6_refuse(void *start, void *end, __u32 hook, __u32 arrived_on)
{
	const struct ipv6hdr *ip = start + STRAIGHT_IP;
	struct decision found = {.class = AGFEO_CLASS_COUNT};
	const struct agfeo_control *ruling = control_now();
	const struct agfeo_host_filter *hosts;
	const struct agfeo_settings *site;
	const struct agfeo_device *device;
	struct straight6_ends ends;
	struct packet p;
	__u32 bank;

	if (start + STRAIGHT6_PAYLOAD > end || !ruling || !ruling->generation)
		return WAY_ROUND;
	bank = ruling->generation & 1;
	hosts = filter_of(bank);
	site = find_in(&settings, &bank);
	straight6_ends(start, &ends);
	if (!hosts || !site || (site->flags & AGFEO_SITE_POOLS6) || !straight6_is_ordinary(&ends) ||
	    agfeo_may_be_host(hosts, agfeo_fold6(ends.from)) ||
	    straight6_index(&ends, ends.from_port))
		return WAY_ROUND;
	found.monitor = !!(site->flags & AGFEO_SITE_MONITOR);
	device = straight6_host(hosts, bank, ends.to);
	if (!device) {
		if (!straight_is_open(site, bank, hook, ends.to_port))
			return WAY_ROUND;
		found.reason = AGFEO_REASON_NO_DEVICE;
		return straight6_refused(ip, &found);
	}
	if (!straight6_lists_neither(&ends, policy_slot(bank, device->policy)) ||
	    (ruling->expected && straight6_index(&ends, STRAIGHT6_EXPECTS) & TABLE_EXPECTED))
		return WAY_ROUND;
	found.counted = hook == HOOK_TC && came_by_voice(arrived_on);
	if (agfeo_config.events && !found.counted && !event_withheld(clock_tick()))
		return WAY_ROUND;
	found.reason = AGFEO_REASON_NOT_LISTED;
	found.monitor |= !!(device->flags & AGFEO_DEVICE_MONITOR);
	found.none = 1;
	found.device[1] = device->id;
	p = (struct packet){.segments = 1, .length = sizeof(*ip) + bpf_ntohs(ip->payload_len)};
	count(&p, &found);
	return straight6_refused(ip, &found);
}

/* What straight_way() left. Here, not in a call: most of it is not of IPv6, or is voice. */
static __always_inline int straight6_way(struct span span, enum hook hook, __u32 arrived_on)
{
	if (!straight6_shape(&span) || straight6_may_be_rtp(&span))
		return WAY_ROUND;
	return straight6_refuse(span.start, span.end, hook, arrived_on);
}

#endif
