/* SPDX-License-Identifier: GPL-2.0 */
/* What a packet of an allowed flow leaves behind: its code point, and its traces in the flow. */
#ifndef BPF_ACT_H
#define BPF_ACT_H

#include "count.h"
#include "decision.h"
#include "flow.h"
#include "scratch.h"
#include "voice.h"

#define SAME_PACKET_TICKS 1 /* between XDP and tc egress of one box lie microseconds */

/* What a flow's packets are marked with, and whether EF is taken from them: nothing in monitor mode. */
static __always_inline __u8 flow_mark(const struct agfeo_flow *flow)
{
	return flow->flags & AGFEO_FLOW_MONITOR ? AGFEO_KEEP : flow->mark;
}

static __always_inline bool flow_bleaches(const struct agfeo_flow *flow)
{
	return (flow->flags & (AGFEO_FLOW_MONITOR | AGFEO_FLOW_BLEACH)) == AGFEO_FLOW_BLEACH;
}

/* The code point that the packet leaves with. */
static __always_inline __u8 chosen_dscp(__u8 mark, bool bleaches, __u8 arrived, bool promoted)
{
	if (promoted && mark != AGFEO_KEEP)
		return mark;
	if (!promoted && arrived == AGFEO_EF && bleaches)
		return 0;
	return arrived;
}

#define GENERIC_XDP_GROUP 4 /* of a code point: where Ethernet's destination tells a group */

/*
 * Generic XDP, the only one that an interface without Ethernet header has, takes the first 14 bytes
 * for such a header all the same. Where their destination becomes a group, or is none any more, the
 * kernel reads the packet's type from what stands before them, and the packet is lost
 * (bpf_prog_run_generic_xdp()). Of an IPv6 header that bit is one of the code point's.
 */
static __always_inline bool generic_xdp_loses(const struct packet *p, const struct decision *found)
{
	return !agfeo_config.replay && p->family == 6 && !p->ip &&
	       ((found->dscp_in ^ found->dscp_out) & GENERIC_XDP_GROUP);
}

/* A packet that XDP of another interface saw microseconds ago is judged again, counted once. seen,
 * at_xdp: its direction's. */
static __always_inline bool seen_at_xdp(__u32 seen, __u8 at_xdp, enum hook hook, __u32 now)
{
	return hook == HOOK_TC && at_xdp && now - seen <= SAME_PACKET_TICKS &&
	       ((now - at_xdp) & AGFEO_AT_XDP_TICKS) <= SAME_PACKET_TICKS;
}

/* at_xdp of a direction whose packet is seen now. counted: see seen_at_xdp(). What tc alone sees clears
 * the tick, before its few bits come round. */
static __always_inline __u8 at_xdp_next(__u8 at_xdp, enum hook hook, __u32 now, bool counted)
{
	if (hook != HOOK_TC)
		return AGFEO_AT_XDP | (now & AGFEO_AT_XDP_TICKS);
	return counted ? at_xdp : 0;
}

/* A bit of a flow's that is a direction's where the direction's sender has it. */
static __always_inline __u8 ready_flag(const struct agfeo_flow *flow, __u32 flag, __u8 ready)
{
	return flow->flags & flag ? ready : 0;
}

/* Puts together what the straight way asks of a direction: see struct agfeo_ready. */
STAGE int flow_ready(struct agfeo_flow *flow, __u32 from_end)
{
	struct agfeo_ready *ready;

	if (!flow)
		return 0;
	from_end &= 1;
	ready = &flow->direction[from_end].ready;
	ready->counter[0] = flow->counter[from_end];
	ready->counter[1] = flow->counter[!from_end];
	ready->idle = flow->idle > 0xffff ? 0xffff : flow->idle;
	ready->mark = flow_mark(flow);
	ready->flags = ready_flag(flow, AGFEO_FLOW_DEVICE0 << from_end, AGFEO_READY_DEVICE) |
		       ready_flag(flow, AGFEO_FLOW_MAC0 << from_end, AGFEO_READY_MAC) |
		       (flow_bleaches(flow) ? AGFEO_READY_BLEACH : 0) |
		       ready_flag(flow, AGFEO_FLOW_QUALITY, AGFEO_READY_QUALITY) |
		       ready_flag(flow, AGFEO_FLOW_ANSWERED, AGFEO_READY_ANSWERED);
	ready->generation = flow->generation;
	return 0;
}

/* The straight way is for what cannot change any more: a flow whose first answer this sender may yet
 * be, that waits for other answers, or of TCP is none. */
static __always_inline bool may_be_ready(const struct agfeo_flow *flow, __u32 from_end)
{
	bool opener = from_end == !!(flow->flags & AGFEO_FLOW_OPENER1);

	return !(flow->flags & (AGFEO_FLOW_EXPECTS | AGFEO_FLOW_TCP)) &&
	       (opener || (flow->flags & AGFEO_FLOW_ANSWERED));
}

/* Once both ends have sent, a UDP flow lives as long as its service says. */
static __always_inline void flow_answered(struct agfeo_flow *flow, __u32 from_end)
{
	if (!(flow->flags & AGFEO_FLOW_ANSWERED) &&
	    from_end != !!(flow->flags & AGFEO_FLOW_OPENER1)) {
		flow->flags |= AGFEO_FLOW_ANSWERED;
		if (!(flow->flags & AGFEO_FLOW_TCP))
			flow->idle = flow->idle_established;
		if (may_be_ready(flow, !from_end))
			flow_ready(flow, !from_end);
	}
}

/*
 * Known and allowed: marks, counts, ages. The reason was found already. voice is the same flow where
 * it stands in a voice table.
 */
static __always_inline void flow_pass(const struct sight *sight, struct agfeo_flow *flow,
				      struct agfeo_voice_flow *voice)
{
	__u32 from_end = sight->from_end & 1, now = sight->now;
	struct agfeo_flow_direction *own = &flow->direction[from_end];
	struct decision *found = sight->found;
	const struct packet *p = sight->packet;
	bool promoted;

	found->counter[0] = flow->counter[from_end & 1];
	found->counter[1] = flow->counter[!from_end];
	found->device[0] = flow->device[from_end & 1];
	found->device[1] = flow->device[!from_end];
	found->class = flow->class;
	found->monitor = !!(flow->flags & AGFEO_FLOW_MONITOR);
	found->counted = seen_at_xdp(own->seen, own->at_xdp, sight->hook, now);
	found->dscp_in = dscp_of_traffic(p->traffic).codepoint;

	promoted = voice ? voice_evidence(sight, voice)
			 : flow->class != AGFEO_CLASS_VOICE && flow->mark != AGFEO_KEEP;
	found->dscp_out =
		chosen_dscp(flow_mark(flow), flow_bleaches(flow), found->dscp_in, promoted);
	if (sight->hook == HOOK_XDP && generic_xdp_loses(p, found))
		found->dscp_out = found->dscp_in;
	found->bleach = !promoted && (flow->flags & AGFEO_FLOW_BLEACH);
	found->promoted = voice && promoted && flow->mark != AGFEO_KEEP && !found->monitor;

	flow_answered(flow, from_end);
	own->seen = now;
	own->at_xdp = at_xdp_next(own->at_xdp, sight->hook, now, found->counted);
	if (!found->counted) {
		own->packets += p->segments;
		own->bytes += p->length;
		own->dscp_in = found->dscp_in;
		if (found->dscp_in != found->dscp_out)
			own->remarked += p->segments;
	}
	own->dscp_out = found->dscp_out;
	if (own->ready.generation != flow->generation && may_be_ready(flow, from_end))
		flow_ready(flow, from_end);
	count(p, found);
}

/* What the scratch holds of a packet, as flow_pass() takes it. */
static __always_inline struct sight sight_of(struct scratch *s, enum hook hook)
{
	return (struct sight){
		.packet = &s->packet,
		.rtp = &s->rtp,
		.found = &s->found,
		.from_end = s->id.from_end & 1,
		.now = s->scene.now,
		.hook = hook,
	};
}

#endif
