/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a policy says of a new flow: pure functions of the compiled tables, the same lines for the
 * datapath and for `agfeoctl explain`, so that the two cannot disagree. Ports are in host order.
 */
#ifndef AGFEO_JUDGE_H
#define AGFEO_JUDGE_H

#include <agfeo/abi.h>

/* What one device says of a flow. rule is 0 where it refuses; then reason says why. */
struct agfeo_opinion {
	__u8 rule;
	__u8 alternative; /* a rule of another class that allows it as well, or 0 */
	__u8 refused;	  /* the rule that refused: it lists the port, or 0 */
	__u8 reason;	  /* enum agfeo_reason: LISTED, NOT_LISTED, DIRECTION or SCOPE */
};

static inline const struct agfeo_rule *agfeo_rule_at(const struct agfeo_policy *policy, __u8 rule)
{
	return &policy->rules[rule & (AGFEO_MAX_RULES - 1)];
}

static inline const struct agfeo_port_entry *
agfeo_port_entry_of(const struct agfeo_policy *policy, __u32 protocol, __u32 side, __u16 port,
		    __u32 direction, __u32 peer)
{
	__u8 class = policy->port_class[protocol & 1][side & 1][port] & (AGFEO_MAX_CLASSES - 1);

	return &policy->classes[class].entry[direction & 1][peer & (AGFEO_PEER_KINDS - 1)];
}

/* Whether the list has the port on that side, under any direction and peer. */
static inline bool agfeo_lists(const struct agfeo_policy *policy, __u32 protocol, __u32 side,
			       __u16 port)
{
	return policy->listed[protocol & 1][side & 1][port / 64] >> (port % 64) & 1;
}

/* Whether some port of the 64 that it is one of may be in the list. */
static inline bool agfeo_block_lists(const struct agfeo_port_blocks *blocks, __u32 side, __u16 port)
{
	return blocks->listed[side & 1][port / 64 / 64] >> (port / 64 % 64) & 1;
}

/*
 * Judges one device's side of a new flow.
 * protocol: enum agfeo_protocol; direction: enum agfeo_direction, seen from the device, who opens;
 * peer: what the other end is to the device (enum agfeo_peer_bits).
 * Of the two rules that the local and the remote port may bring, the narrower speaks. Refusals
 * rank SCOPE, DIRECTION, NOT_LISTED: the one that came closest to passing is told.
 */
static inline struct agfeo_opinion agfeo_judge_side(const struct agfeo_policy *policy,
						    __u32 protocol, __u16 local_port,
						    __u16 remote_port, __u32 direction, __u32 peer)
{
	const struct agfeo_port_entry *local, *remote, *found;
	struct agfeo_opinion opinion = {};

	local = agfeo_port_entry_of(policy, protocol, AGFEO_LOCAL, local_port, direction, peer);
	remote = agfeo_port_entry_of(policy, protocol, AGFEO_REMOTE, remote_port, direction, peer);

	found = local;
	if (local->rule && remote->rule) {
		if (agfeo_rule_at(policy, remote->rule)->width <
		    agfeo_rule_at(policy, local->rule)->width)
			found = remote;
	} else if (remote->rule || (!local->rule && remote->reason == AGFEO_REASON_SCOPE) ||
		   (!local->rule && local->reason == AGFEO_REASON_NOT_LISTED)) {
		found = remote;
	}

	opinion.rule = found->rule;
	opinion.alternative = found->alternative;
	opinion.refused = found->refused;
	opinion.reason = found->rule ? AGFEO_REASON_LISTED : found->reason;
	return opinion;
}

/* The rule that speaks for the whole flow when both ends are devices: the narrower; a tie is ours. */
static inline const struct agfeo_rule *agfeo_narrower(const struct agfeo_rule *ours,
						      const struct agfeo_rule *theirs)
{
	return theirs->width < ours->width ? theirs : ours;
}

/*
 * The rule by which a device counts a flow of the given class: its opinion's rule, or the
 * alternative where only that one is of the class (VISOfon's SIP on its RTP range).
 */
static inline __u8 agfeo_rule_of_class(const struct agfeo_policy *policy,
				       struct agfeo_opinion opinion, __u8 class)
{
	if (opinion.alternative && agfeo_rule_at(policy, opinion.rule)->class != class &&
	    agfeo_rule_at(policy, opinion.alternative)->class == class)
		return opinion.alternative;
	return opinion.rule;
}

#endif
