/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The order of the questions (DESIGN 3): is it IP, does it hold together, is it of a known flow,
 * whose is it, may it begin. The known flow is the straight way and inline; begin.h has the rest.
 */
#ifndef BPF_JUDGE_H
#define BPF_JUDGE_H

#include "act.h"
#include "begin.h"
#include "cache.h"
#include "fragment.h"

enum standing {
	STANDING_FITS,
	STANDING_REFUSED, /* `found` says why */
	STANDING_OPENS,	  /* it must be judged as the first packet of a flow */
};

/* A packet of a live flow that must not be. */
STAGE int refuse_of_flow(struct scratch *s, struct agfeo_flow *flow, __u8 reason)
{
	struct decision *found;
	__u32 from_end;

	if (!s || !flow)
		return 0;
	found = &s->found;
	from_end = s->id.from_end & 1;
	flow->dropped[from_end] += s->packet.segments;
	found->reason = reason;
	found->counter[0] = flow->counter[from_end];
	found->counter[1] = found->counter[0] ? 0 : flow->counter[!from_end];
	found->device[0] = flow->device[from_end];
	found->device[1] = flow->device[!from_end];
	found->class = flow->class;
	found->monitor = !!(flow->flags & AGFEO_FLOW_MONITOR);
	return 0;
}

/* Whether a sender claims to be the device at its end of the flow, and is not. mac: its own. */
static __always_inline bool claims_flow(const struct agfeo_flow *flow, __u32 from_end,
					enum hook hook, bool has_mac, const __u8 *mac)
{
	if (hook == HOOK_UPLINK)
		return flow->flags & (AGFEO_FLOW_DEVICE0 << from_end);
	return hook == HOOK_XDP && (flow->flags & (AGFEO_FLOW_MAC0 << from_end)) && has_mac &&
	       mac_differs(mac, flow->mac[from_end & 1]);
}

/* A packet of a live flow of this generation: may it be? */
static __always_inline enum standing standing(struct scratch *s, struct agfeo_flow *flow,
					      enum hook hook)
{
	if (claims_flow(flow, s->id.from_end & 1, hook, s->packet.has_mac, s->packet.mac)) {
		refuse_of_flow(s, flow, AGFEO_REASON_SPOOFED);
		return STANDING_REFUSED;
	}
	if (s->packet.protocol != PROTOCOL_TCP)
		return STANDING_FITS;
	switch ((enum tcp_step)tcp_step(flow, s->id.from_end & 1, &s->packet)) {
	case TCP_FITS:
		return STANDING_FITS;
	case TCP_OPENS:
		return STANDING_OPENS;
	case TCP_DOES_NOT_FIT:
		break;
	}
	refuse_of_flow(s, flow, AGFEO_REASON_NO_FLOW);
	return STANDING_REFUSED;
}

static __always_inline bool may_have_flow(const struct packet *p)
{
	if (p->shape == SHAPE_TRANSPORT)
		return true;
	return p->shape == SHAPE_ICMP &&
	       (icmp_kind(p) == ICMP_IS_ECHO || icmp_kind(p) == ICMP_IS_ECHO_REPLY);
}

static __always_inline bool fill_site(struct scratch *s)
{
	__u32 bank = s->scene.generation & 1;
	const struct agfeo_settings *site = bpf_map_lookup_elem(&settings, &bank);

	if (site)
		memcpy(&s->scene.site, site, sizeof(s->scene.site));
	return site != NULL;
}

static __always_inline bool came_by_voice(__u32 ifindex)
{
	struct agfeo_interface *arrived = ifindex ? find_in(&interfaces, &ifindex) : NULL;

	return arrived && arrived->role == AGFEO_ROLE_VOICE;
}

/* Passes or drops without a flow: on tc, what came in by a voice interface was counted there. */
STAGE int finish(struct scratch *s)
{
	if (!s)
		return 0;
	if (s->scene.hook == HOOK_TC)
		s->found.counted = came_by_voice(s->scene.arrived_on);
	count(&s->packet, &s->found);
	return 0;
}

/* Off the straight way: enum outcome. again: s->judged says of which flow. */
STAGE int judge_aside(struct scratch *s, __u32 again)
{
	if (!s || !fill_site(s))
		return OUTCOME_FINAL;
	s->judged.again = !!again;
	if (again)
		return judge_again(s);
	if (s->packet.shape == SHAPE_LATER_FRAGMENT &&
	    fragment_follow(&s->packet, &s->scene.site, &s->found))
		return OUTCOME_FINAL;
	return judge_new(s);
}

/* A flow of an earlier generation: whether it lives on. */
static __always_inline int renew(struct scratch *s, struct agfeo_flow *flow)
{
	int outcome;

	s->judged.opener = (s->id.from_end ^ flow_opener(flow)) & 1;
	s->judged.stands = table_of(s->packet.protocol, flow->class,
				    flow->flags & (AGFEO_FLOW_DEVICE0 << flow_opener(flow)));
	s->judged.outlives = !!(flow->flags & AGFEO_FLOW_EXPECTED);
	outcome = judge_aside(s, true);
	if (outcome == OUTCOME_SETTLES)
		flow_settle(flow, s);
	else if (outcome == OUTCOME_OUTLIVES)
		flow_flags(flow, s);
	return outcome;
}

STAGE int remember_fragment(struct scratch *s)
{
	if (s && (s->found.device[0] || s->found.device[1]) &&
	    agfeo_reason_verdict(s->found.reason) == AGFEO_PASS)
		fragment_remember(&s->packet, &s->found, s->scene.generation);
	return 0;
}

/* A flow that begins, or that moves to another table: its packet passes, then it is published. */
STAGE int pass_opened(struct scratch *s)
{
	struct agfeo_voice_flow *draft = flow_draft();
	struct sight sight;
	__u8 table;

	if (!s || !draft)
		return 0;
	table = table_of(s->packet.protocol, s->judged.class,
			 draft->flow.flags & (AGFEO_FLOW_DEVICE0 << flow_opener(&draft->flow)));
	sight = sight_of(s, s->scene.hook);
	flow_pass(&sight, &draft->flow, table == TABLE_VOICE ? draft : NULL);
	if (!flow_publish(&s->id, s->packet.family, table) &&
	    (draft->flow.flags & AGFEO_FLOW_EXPECTS))
		expect_answer(s);
	return 0;
}

/* A question asked again is waited for again. */
STAGE int expect_again(struct scratch *s)
{
	if (s && s->packet.to_port == PORT_TFTP && fill_site(s))
		expect_answer(s);
	return 0;
}

/* The straight way: look up, hold against the flow, pass. */
static __always_inline void judge_flows(struct scratch *s, enum hook hook)
{
	int outcome = OUTCOME_SETTLES;
	struct known_flow known = {};
	enum standing now;

	if (may_have_flow(&s->packet))
		known = flow_lookup(&s->id, s->packet.family);
	if (agfeo_config.cache && known.flow)
		cache_sync_packet(&s->packet, known.flow);
	if (!known.flow || !known.flow->generation ||
	    flow_expired(known.flow, s->id.from_end, s->scene.now))
		goto aside;
	if (known.flow->generation != s->scene.generation)
		outcome = renew(s, known.flow);
	if (outcome != OUTCOME_SETTLES && outcome != OUTCOME_OUTLIVES)
		goto decided;

	now = standing(s, known.flow, hook);
	if (now == STANDING_FITS) {
		struct sight sight = sight_of(s, hook);

		if (agfeo_config.cache)
			cache_recall(&s->packet, known.flow, known.voice);
		flow_pass(&sight, known.flow, known.voice);
		if (known.flow->flags & AGFEO_FLOW_EXPECTS)
			expect_again(s);
		return;
	}
	outcome = OUTCOME_FINAL;
	if (now == STANDING_REFUSED)
		goto decided;
aside:
	outcome = judge_aside(s, false);
decided:
	if (outcome == OUTCOME_FLOW)
		pass_opened(s);
	else
		finish(s);
}

/* Judges, says in `found` what to do, counts. */
static __always_inline void judge(struct scratch *s, enum hook hook)
{
	struct decision *found = &s->found;
	const struct agfeo_control *now;
	__u32 zero = 0;

	memset(found, 0, sizeof(*found));
	found->class = AGFEO_CLASS_COUNT;
	found->dscp_in = found->dscp_out = dscp_of_traffic(s->packet.traffic).codepoint;
	found->reason =
		s->packet.shape == SHAPE_NOT_IP ? AGFEO_REASON_NOT_IP : AGFEO_REASON_NO_DEVICE;
	if (s->packet.shape == SHAPE_NOT_IP)
		return;
	now = bpf_map_lookup_elem(&control, &zero);
	if (!now || !now->generation)
		return;
	s->scene.generation = now->generation;
	s->scene.pickup_until = now->pickup_until;
	s->scene.now = clock_tick();
	found->reason = AGFEO_REASON_FLOW;
	flow_id_of_packet(&s->packet, &s->id);
	judge_flows(s, hook);
	if (s->packet.first_fragment)
		remember_fragment(s);
}

#endif
