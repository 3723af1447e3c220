/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A new flow before the policy: every device at either end judges its own side, and all must agree.
 * Who opened need not be who sent: a flow that is judged again after a load was opened by whoever
 * opened it.
 */
#ifndef BPF_POLICY_H
#define BPF_POLICY_H

#include <agfeo/judge.h>

#include "device.h"
#include "parse.h"

/* What the other end is to the device at this end, into s->judged.peer. */
STAGE int find_relation(struct scratch *s, __u32 end, __u32 cloud_hosts)
{
	struct agfeo_peer peer = {};
	__u32 other = !end;

	if (!s)
		return 0;
	if (other && is_group(&s->packet)) {
		s->judged.peer = AGFEO_PEER_GROUP;
		return 0;
	}
	find_peer(&s->packet, s->scene.generation & 1, other, &peer);
	s->judged.peer = 0;
	if (s->judged.device[other].id || counts_as_site(s, &peer, other))
		s->judged.peer = AGFEO_PEER_SITE;
	if (peer.providers & s->judged.device[end & 1].providers)
		s->judged.peer |= AGFEO_PEER_PROVIDER;
	if (cloud_hosts && (find_cloud(&s->packet, other) & cloud_hosts))
		s->judged.peer |= AGFEO_PEER_CLOUD;
	return 0;
}

/* Neither its own nor the peer's port is in the list: no need to ask who the peer is. */
static __always_inline bool lists_neither(const struct agfeo_policy *policy, __u32 protocol,
					  __u16 local, __u16 remote)
{
	return !agfeo_lists(policy, protocol, AGFEO_LOCAL, port_bound(local)) &&
	       !agfeo_lists(policy, protocol, AGFEO_REMOTE, port_bound(remote));
}

/* One device's side, into s->judged. end: where the device stands; opener: which end opened. */
STAGE int judge_end(struct scratch *s, __u32 end, __u32 opener)
{
	const struct agfeo_policy *policy;
	struct agfeo_opinion *opinion;
	__u32 protocol;
	__u16 local, remote;

	if (!s)
		return 0;
	end &= 1;
	opinion = &s->judged.opinion[end];
	*opinion = (struct agfeo_opinion){.reason = AGFEO_REASON_NOT_LISTED};
	s->judged.rule[end] = (struct agfeo_rule){.slot = AGFEO_SLOT_NONE};
	policy = policy_of(policy_slot(s->scene.generation & 1, s->judged.device[end].policy));
	if (!policy)
		return 0;

	protocol = s->packet.protocol == PROTOCOL_TCP ? AGFEO_TCP : AGFEO_UDP;
	local = end ? s->packet.to_port : s->packet.from_port;
	remote = end ? s->packet.from_port : s->packet.to_port;
	if (lists_neither(policy, protocol, local, remote))
		return 0;
	find_relation(s, end, policy->cloud_hosts);
	*opinion = agfeo_judge_side(policy, protocol, local, remote,
				    end == opener ? AGFEO_OUT : AGFEO_IN, s->judged.peer);
	if (opinion->rule)
		s->judged.rule[end] = *agfeo_rule_at(policy, opinion->rule);
	else if (opinion->refused)
		s->judged.rule[end] = *agfeo_rule_at(policy, opinion->refused);
	if (opinion->alternative)
		s->judged.alternative[end] = *agfeo_rule_at(policy, opinion->alternative);
	return 0;
}

static __always_inline bool refuses(const struct judgement *judged, __u32 end)
{
	return judged->device[end & 1].id && !judged->opinion[end & 1].rule;
}

static __always_inline void refuse(struct judgement *judged, __u32 end)
{
	end &= 1;
	judged->reason = judged->opinion[end].reason;
	judged->refusing = end;
	judged->counter[end] = counter_of(&judged->device[end], judged->rule[end].slot);
}

/* A device counts the flow under its rule, or under the alternative where that is of the class. */
static __always_inline void account(struct judgement *judged, __u32 end)
{
	const struct agfeo_rule *rule = &judged->rule[end & 1];

	if (!judged->device[end & 1].id)
		return;
	if (judged->opinion[end & 1].alternative && rule->class != judged->class &&
	    judged->alternative[end & 1].class == judged->class)
		rule = &judged->alternative[end & 1];
	judged->counter[end & 1] = counter_of(&judged->device[end & 1], rule->slot);
}

static __always_inline void accept(struct judgement *judged, __u32 opener)
{
	const struct agfeo_rule *rule = &judged->rule[opener & 1];

	if (!judged->device[opener & 1].id ||
	    (judged->device[!opener].id && judged->rule[!opener].width < rule->width))
		rule = &judged->rule[!opener];
	judged->reason = AGFEO_REASON_LISTED;
	judged->class = rule->class;
	judged->mark = rule->mark;
	judged->idle_new = rule->idle_new;
	judged->idle = rule->idle;
	judged->expects = !!(rule->flags & AGFEO_RULE_EXPECTS);
	account(judged, 0);
	account(judged, 1);
}

/*
 * Judges the packet's 5-tuple as a flow that `opener` (an end) opens; the devices must be found
 * already, at least one. Of two that refuse the opener's is told. A device whose policy is not
 * there refuses with NOT_LISTED.
 */
STAGE int judge_flow(struct scratch *s, __u32 opener)
{
	struct judgement *judged;

	if (!s)
		return 0;
	opener &= 1;
	judged = &s->judged;
	judged->reason = AGFEO_REASON_NOT_LISTED;
	judged->class = AGFEO_CLASS_COUNT;
	judged->counter[0] = judged->counter[1] = 0;
	if (judged->device[0].id)
		judge_end(s, 0, opener);
	if (judged->device[1].id)
		judge_end(s, 1, opener);

	if (refuses(judged, opener))
		refuse(judged, opener);
	else if (refuses(judged, !opener))
		refuse(judged, !opener);
	else
		accept(judged, opener);
	return 0;
}

#endif
