/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets of no known flow (DESIGN 3): whose are they, may they begin something. Everything here is
 * off the straight way.
 */
#ifndef BPF_BEGIN_H
#define BPF_BEGIN_H

#include "icmp.h"
#include "open.h"
#include "policy.h"
#include "rate.h"
#include "refuse.h"

enum outcome {
	OUTCOME_FINAL,	  /* `found` says all */
	OUTCOME_FLOW,	  /* a flow stands in the draft: let it pass, then publish it */
	OUTCOME_SETTLES,  /* judged again: the flow takes on what s->judged says */
	OUTCOME_OUTLIVES, /* judged again: it stays as it is */
};

/* DHCP (RFC 2131, RFC 8415): without it no device speaks, and its addresses are nobody's yet. */
static __always_inline bool is_dhcp(const struct packet *p)
{
	__u16 client = p->family == 4 ? 68 : 546, server = p->family == 4 ? 67 : 547;

	if (p->shape != SHAPE_TRANSPORT || p->protocol != PROTOCOL_UDP)
		return false;
	if (p->from_port == client)
		return p->to_port == server;
	return p->from_port == server && (p->to_port == client || p->to_port == server);
}

/* An address that nobody has yet, or that only the same wire has. */
static __always_inline bool is_unrouted(const struct packet *p, __u32 end)
{
	__u32 address = end ? p->to4 : p->from4;
	const __u64 *wire = end ? p->to6 : p->from6;

	if (p->family == 4)
		return !address || address >> 16 == 0xa9fe;
	return (!wire[0] && !wire[1]) || bpf_be64_to_cpu(wire[0]) >> 54 == 0xfe80 >> 6;
}

/* Devices stand behind voice interfaces, and a bound one at its own MAC address. */
static __always_inline bool is_spoofed(const struct scratch *s)
{
	const struct agfeo_device *sender = &s->judged.device[0];

	if (!sender->id)
		return false;
	if (s->scene.hook == HOOK_UPLINK)
		return true;
	return s->scene.hook == HOOK_XDP && (sender->flags & AGFEO_DEVICE_MAC) &&
	       s->packet.has_mac && mac_differs(s->packet.mac, sender->mac);
}

/* What a device says with DHCP and IGMP, and what is said to it, stays in the site. Beyond an uplink
 * too: the router of a box that is a bridge stands there, and serves DHCP. */
static __always_inline bool stays_in_site(const struct scratch *s)
{
	__u32 other = s->judged.device[0].id ? 1 : 0;
	struct agfeo_peer peer = {};

	if (!has_device(&s->judged))
		return true;
	if (is_spoofed(s))
		return false;
	if (s->judged.device[other].id || (other && is_group(&s->packet)))
		return true;
	if (is_unrouted(&s->packet, other))
		return true;
	find_peer(&s->packet, s->scene.generation & 1, other, &peer);
	return peer.flags & AGFEO_NETWORK_SITE;
}

static __always_inline bool is_control(const struct scratch *s)
{
	const struct packet *p = &s->packet;

	if (p->shape == SHAPE_ICMP)
		return icmp_kind(p) == ICMP_IS_CONTROL;
	if (p->shape == SHAPE_OTHER)
		return p->family == 4 && p->protocol == PROTOCOL_IGMP && stays_in_site(s);
	return is_dhcp(p) && stays_in_site(s);
}

/* An uplink lets nothing near the box that only the site or a named provider may ask for. */
static __always_inline bool is_shed(const struct scratch *s)
{
	const struct packet *p = &s->packet;
	__u32 protocol = p->protocol == PROTOCOL_TCP ? AGFEO_TCP : AGFEO_UDP;
	__u32 bank = s->scene.generation & 1;
	const struct agfeo_shed *closed;
	__u8 port;

	if (p->shape != SHAPE_TRANSPORT || (p->protocol == PROTOCOL_TCP && !is_pure_syn(p)))
		return false;
	closed = bpf_map_lookup_elem(&shed, &bank);
	if (!closed)
		return false;
	port = closed->port[protocol & 1][port_bound(p->to_port)];
	if (!(s->scene.site.flags & AGFEO_SITE_SHED_SIP))
		port &= ~AGFEO_SHED_SIP_CLIENT;
	return port && is_stranger(s, 0);
}

/* Neither end is a listed device. */
STAGE int judge_unknown(struct scratch *s)
{
	const struct packet *p;
	struct decision *found;

	if (!s)
		return 0;
	p = &s->packet;
	found = &s->found;
	found->monitor = !!(s->scene.site.flags & AGFEO_SITE_MONITOR);
	found->reason = AGFEO_REASON_NO_DEVICE;
	if (s->scene.hook == HOOK_UPLINK) {
		/* `unknown` speaks of the voice network; the uplink serves the whole site. */
		if (is_shed(s))
			found->reason = AGFEO_REASON_SCOPE;
	} else if (s->scene.site.flags & AGFEO_SITE_UNKNOWN_DROP) {
		found->reason = AGFEO_REASON_UNKNOWN_HOST;
	} else if (p->shape == SHAPE_TRANSPORT && p->protocol == PROTOCOL_UDP && is_group(p) &&
		   is_discovery_port(p->to_port) && is_in_site(s, 0)) {
		expect_discovered(s);
	}
	return 0;
}

/* Allowed: unless the source opens too many, a flow begins. */
STAGE int open_or_refuse(struct scratch *s, __u32 opener, __u32 picked_up)
{
	bool stranger;

	if (!s)
		return OUTCOME_FINAL;
	stranger = !s->judged.device[0].id && is_stranger(s, 0);
	if (!may_open(&s->packet, &s->scene.site, stranger, s->scene.now)) {
		s->judged.refusing = s->judged.device[1].id ? 1 : 0;
		settle(s, AGFEO_REASON_RATE);
		return OUTCOME_FINAL;
	}
	if (flow_open(s, opener, picked_up)) {
		settle(s, s->judged.reason);
		return OUTCOME_FINAL;
	}
	s->found.reason = s->judged.reason;
	s->found.opened = 1;
	return OUTCOME_FLOW;
}

/* Expected answers and echoes live by themselves, on nobody's list. */
static __always_inline void allow_outside_lists(struct judgement *judged, __u8 reason, __u8 class,
						__u32 idle_new, __u32 idle)
{
	judged->reason = reason;
	judged->class = class;
	judged->mark = AGFEO_KEEP;
	judged->expects = 0;
	judged->idle_new = idle_new;
	judged->idle = idle;
}

/* Echo (RFC 792, RFC 4443): whoever is in the site, or is a device, may ask anybody. */
static __always_inline int judge_echo(struct scratch *s)
{
	struct judgement *judged = &s->judged;

	for (__u32 end = 0; end < 2; end++)
		judged->counter[end] = judged->device[end].id
					       ? counter_of(&judged->device[end], AGFEO_SLOT_ICMP)
					       : 0;
	if (!judged->device[0].id && !is_in_site(s, 0)) {
		judged->refusing = 1;
		settle(s, AGFEO_REASON_SCOPE);
		return OUTCOME_FINAL;
	}
	allow_outside_lists(judged, AGFEO_REASON_ECHO, AGFEO_CLASS_INFRASTRUCTURE,
			    s->scene.site.echo_idle, s->scene.site.echo_idle);
	return open_or_refuse(s, 0, false);
}

static __always_inline int judge_icmp(struct scratch *s)
{
	__u8 reason = AGFEO_REASON_NOT_LISTED;

	switch (icmp_kind(&s->packet)) {
	case ICMP_IS_ECHO:
		return judge_echo(s);
	case ICMP_IS_ERROR:
		reason = icmp_error(s);
		break;
	case ICMP_IS_ECHO_REPLY:
		reason = AGFEO_REASON_NO_FLOW;
		break;
	case ICMP_IS_CONTROL:
	case ICMP_IS_OTHER:
		break;
	}
	charge(&s->judged, AGFEO_SLOT_ICMP);
	settle(s, reason);
	return OUTCOME_FINAL;
}

/* TCP from its middle: nobody's, but in the minute after the first load whoever may have opened it. */
static __always_inline int judge_midstream(struct scratch *s)
{
	__u32 opener = 0;

	if (s->scene.pickup_until && (__s32)(s->scene.pickup_until - s->scene.now) > 0) {
		judge_flow(s, opener);
		if (s->judged.reason != AGFEO_REASON_LISTED) {
			opener = 1;
			judge_flow(s, opener);
		}
		if (s->judged.reason == AGFEO_REASON_LISTED) {
			s->judged.reason = AGFEO_REASON_PICKUP;
			if (is_group(&s->packet)) {
				settle(s, AGFEO_REASON_PICKUP);
				return OUTCOME_FINAL;
			}
			return open_or_refuse(s, opener, true);
		}
	}
	refuse_all(s, AGFEO_REASON_NO_FLOW);
	return OUTCOME_FINAL;
}

static __always_inline int judge_transport(struct scratch *s)
{
	const struct packet *p = &s->packet;
	bool udp = p->protocol == PROTOCOL_UDP, group = is_group(p);
	__u8 class;

	if (!udp && !is_pure_syn(p))
		return judge_midstream(s);

	judge_flow(s, 0);
	if (s->judged.reason != AGFEO_REASON_LISTED) {
		class = udp && !group ? expected_class(s) : AGFEO_CLASS_COUNT;
		if (class == AGFEO_CLASS_COUNT) {
			settle(s, s->judged.reason);
			return OUTCOME_FINAL;
		}
		allow_outside_lists(&s->judged, AGFEO_REASON_EXPECTED, class,
				    s->scene.site.echo_idle, s->scene.site.answer_idle);
	} else if (group) {
		settle(s, AGFEO_REASON_LISTED);
		if (udp && is_discovery_port(p->to_port))
			expect_discovered(s);
		return OUTCOME_FINAL;
	}
	return open_or_refuse(s, 0, false);
}

/* Shapes that no policy is asked about. NO_DEVICE: go on. */
static __always_inline __u8 judge_shape(const struct scratch *s)
{
	switch ((enum shape)s->packet.shape) {
	case SHAPE_MALFORMED:
	case SHAPE_UNREADABLE:
		return AGFEO_REASON_MALFORMED;
	case SHAPE_LATER_FRAGMENT:
		return AGFEO_REASON_FRAGMENT;
	case SHAPE_TRANSPORT:
	case SHAPE_ICMP:
		break;
	case SHAPE_OTHER:
	case SHAPE_NOT_IP:
		return is_spoofed(s) ? AGFEO_REASON_SPOOFED : AGFEO_REASON_NOT_LISTED;
	}
	return is_spoofed(s) ? AGFEO_REASON_SPOOFED : AGFEO_REASON_NO_DEVICE;
}

/* The first packet of a flow, or a packet that belongs to none. */
STAGE int judge_new(struct scratch *s)
{
	__u8 reason;

	if (!s)
		return OUTCOME_FINAL;
	s->judged.device[0].id = s->judged.device[1].id = 0;
	if (s->packet.shape == SHAPE_UNREADABLE) {
		refuse_all(s, AGFEO_REASON_MALFORMED);
		return OUTCOME_FINAL;
	}
	find_device(s, 0);
	if (!is_group(&s->packet))
		find_device(s, 1);
	if (is_control(s)) {
		charge(&s->judged, AGFEO_SLOT_CONTROL);
		settle(s, AGFEO_REASON_CONTROL);
		return OUTCOME_FINAL;
	}
	if (!has_device(&s->judged)) {
		judge_unknown(s);
		return OUTCOME_FINAL;
	}
	reason = judge_shape(s);
	if (reason != AGFEO_REASON_NO_DEVICE) {
		refuse_all(s, reason);
		return OUTCOME_FINAL;
	}
	if (s->packet.shape == SHAPE_TRANSPORT)
		return judge_transport(s);
	return judge_icmp(s);
}

/*
 * A flow that an earlier policy allowed: judged again in place, as its opener opened it. What is
 * still allowed keeps its counts and its voice; what is forbidden now is forgotten.
 */
STAGE int judge_again(struct scratch *s)
{
	if (!s)
		return OUTCOME_FINAL;
	find_device(s, 0);
	find_device(s, 1);
	if (!has_device(&s->judged)) {
		flow_forget(&s->id, s->packet.family, 0);
		judge_unknown(s);
		return OUTCOME_FINAL;
	}
	if (s->judged.outlives)
		return OUTCOME_OUTLIVES;

	judge_flow(s, s->judged.opener);
	if (s->judged.reason != AGFEO_REASON_LISTED) {
		flow_forget(&s->id, s->packet.family, 0);
		settle(s, s->judged.reason);
		return OUTCOME_FINAL;
	}
	if (table_of(s->packet.protocol, s->judged.class,
		     s->judged.device[s->judged.opener & 1].id) == s->judged.stands)
		return OUTCOME_SETTLES;
	return flow_open(s, s->judged.opener, false) ? OUTCOME_FINAL : OUTCOME_FLOW;
}

#endif
