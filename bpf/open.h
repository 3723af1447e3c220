/* SPDX-License-Identifier: GPL-2.0 */
/* Flows come into being, take on a new policy, and expect answers from other ports. */
#ifndef BPF_OPEN_H
#define BPF_OPEN_H

#include "flow.h"
#include "scratch.h"
#include "tcp.h"

#define PORT_TFTP 69

static __always_inline __u32 end_flags(const struct agfeo_device *device, __u32 at)
{
	__u32 flags;

	if (!device->id)
		return 0;
	flags = AGFEO_FLOW_DEVICE0 << at;
	if (device->flags & AGFEO_DEVICE_MAC)
		flags |= AGFEO_FLOW_MAC0 << at;
	if (device->flags & AGFEO_DEVICE_MONITOR)
		flags |= AGFEO_FLOW_MONITOR;
	if (device->flags & AGFEO_DEVICE_QUALITY)
		flags |= AGFEO_FLOW_QUALITY;
	return flags;
}

#define FLOW_POLICY_FLAGS                                                                          \
	(AGFEO_FLOW_DEVICE0 | AGFEO_FLOW_DEVICE1 | AGFEO_FLOW_MAC0 | AGFEO_FLOW_MAC1 |             \
	 AGFEO_FLOW_MONITOR | AGFEO_FLOW_BLEACH | AGFEO_FLOW_QUALITY)

/* Writes into a flow what its devices and the site ask of all flows. */
static __always_inline void flow_flags(struct agfeo_flow *flow, const struct scratch *s)
{
	__u32 flags = 0;

	for (__u32 end = 0; end < 2; end++) {
		const struct agfeo_device *device = &s->judged.device[end];
		__u32 at = (s->id.from_end ^ end) & 1;

		flow->device[at] = device->id;
		memcpy(flow->mac[at], device->mac, sizeof(flow->mac[at]));
		flags |= end_flags(device, at);
	}
	if (s->scene.site.flags & AGFEO_SITE_MONITOR)
		flags |= AGFEO_FLOW_MONITOR;
	if (s->scene.site.flags & AGFEO_SITE_BLEACH)
		flags |= AGFEO_FLOW_BLEACH;
	flow->flags = (flow->flags & ~FLOW_POLICY_FLAGS) | flags;
	flow->generation = s->scene.generation;
}

/* Writes what the policy says into a flow, leaving its state and counts alone. */
static __always_inline void flow_settle(struct agfeo_flow *flow, const struct scratch *s)
{
	const struct judgement *judged = &s->judged;

	flow->counter[s->id.from_end & 1] = judged->counter[0];
	flow->counter[!s->id.from_end] = judged->counter[1];
	flow->class = judged->class;
	flow->mark = judged->mark;
	flow->idle_established = judged->idle;
	flow_flags(flow, s);
}

/* What a direction's payload types are, its sender says; where that is no device, the other end. */
static __always_inline void flow_payload_types(struct agfeo_voice_flow *draft,
					       const struct scratch *s)
{
	for (__u32 end = 0; end < 2; end++) {
		const struct judgement *judged = &s->judged;
		__u32 device = judged->device[end].id ? end : !end;

		draft->stream[(s->id.from_end ^ end) & 1].given =
			judged->device[device & 1].payload_types;
	}
}

/* From now on ports that nobody lists can have a flow, or get one: see straight_way(). */
static __always_inline void note_waiting(void)
{
	__u32 zero = 0;
	struct agfeo_control *now = find_in(&control, &zero);

	if (now && !now->expected)
		now->expected = 1;
}

/* Fills the draft with a flow that begins. opener: the packet's end that opened; picked_up: TCP from
 * its middle. 0, or negative: there is no draft. */
STAGE int flow_open(struct scratch *s, __u32 opener, __u32 picked_up)
{
	struct agfeo_voice_flow *draft = flow_draft();
	struct agfeo_flow_direction *own;
	struct agfeo_flow *flow;

	if (!draft || !s)
		return -1;
	flow = &draft->flow;
	memset(draft, 0, sizeof(*draft));
	flow_settle(flow, s);
	flow_payload_types(draft, s);
	if ((s->id.from_end ^ opener) & 1)
		flow->flags |= AGFEO_FLOW_OPENER1;
	if (s->judged.reason == AGFEO_REASON_EXPECTED || s->judged.reason == AGFEO_REASON_ECHO)
		flow->flags |= AGFEO_FLOW_EXPECTED;
	if (s->judged.reason == AGFEO_REASON_EXPECTED)
		note_waiting();
	if (s->judged.expects && s->packet.to_port == PORT_TFTP)
		flow->flags |= AGFEO_FLOW_EXPECTS;
	flow->idle = s->judged.idle_new;
	flow->opened_ns = clock_ns();

	own = &flow->direction[s->id.from_end & 1];
	own->seen = s->scene.now;
	if (s->packet.protocol == PROTOCOL_TCP) {
		flow->flags |= AGFEO_FLOW_TCP;
		own->sequence = tcp_next(&s->packet);
		own->syn = s->packet.tcp_flags & TCP_SYN ? s->packet.sequence + 1 : 0;
		if (picked_up) {
			flow->flags |= AGFEO_FLOW_PICKED_UP;
			tcp_establish(flow);
		}
	}
	return 0;
}

/*
 * An expectation is a flow among the others whose unknown part is zero: for TFTP the server's port,
 * for the answer to a discovery broadcast the device's address. s->ends: with the zeros.
 */
STAGE int expect(struct scratch *s, __u32 idle)
{
	struct agfeo_voice_flow *draft = flow_draft();
	struct agfeo_flow *flow;

	if (!draft || !s)
		return -1;
	flow = &draft->flow;
	memset(flow, 0, sizeof(*flow));
	flow_id_of_ends(&s->ends, &s->other_id);
	flow->generation = s->scene.generation;
	flow->class = AGFEO_CLASS_INFRASTRUCTURE;
	flow->mark = AGFEO_KEEP;
	flow->idle = idle;
	flow->flags = AGFEO_FLOW_EXPECTED;
	flow->direction[0].seen = flow->direction[1].seen = s->scene.now;
	if (flow_publish(&s->other_id, s->ends.family, TABLE_OTHERS))
		return -1;
	index_add(s->other_id.place, TABLE_EXPECTED);
	return 0;
}

/* TFTP (RFC 1350): the request went to port 69, the answer comes from another. */
static __always_inline void expect_answer(struct scratch *s)
{
	ends_of_packet(&s->packet, &s->ends);
	s->ends.to_port = 0;
	note_waiting();
	expect(s, s->scene.site.echo_idle);
}

/* Whoever broadcasts to a discovery port expects answers from that port of any device. */
static __always_inline void expect_discovered(struct scratch *s)
{
	ends_of_packet(&s->packet, &s->ends);
	s->ends.to4 = 0;
	s->ends.to6[0] = s->ends.to6[1] = 0;
	expect(s, s->scene.site.echo_idle);
}

STAGE int expectation_met(struct scratch *s)
{
	const struct agfeo_flow *flow;

	if (!s)
		return 0;
	flow_id_of_ends(&s->ends, &s->other_id);
	if (!(index_read(s->other_id.place) & TABLE_EXPECTED))
		return 0;
	if (s->ends.family == 4)
		flow = find_in(&others4, &s->other_id.key.v4);
	else
		flow = find_in(&others6, &s->other_id.key.v6);
	return flow && !flow_expired(flow, 0, s->scene.now);
}

static __always_inline bool is_discovery_port(__u16 port)
{
	return port >= AGFEO_DISCOVERY_FIRST && port <= AGFEO_DISCOVERY_LAST;
}

/* Whether a refused UDP packet is what somebody waits for: the class of what was asked, or
 * AGFEO_CLASS_COUNT where nobody does. */
static __always_inline __u8 expected_class(struct scratch *s)
{
	ends_of_packet(&s->packet, &s->ends);
	s->ends.from_port = 0;
	if (expectation_met(s))
		return AGFEO_CLASS_INFRASTRUCTURE;
	if (!s->judged.device[0].id || !is_discovery_port(s->packet.from_port) ||
	    s->judged.reason != AGFEO_REASON_DIRECTION)
		return AGFEO_CLASS_COUNT; /* it must be the port that this product is found on */
	s->ends.from_port = s->packet.from_port;
	s->ends.from4 = 0;
	s->ends.from6[0] = s->ends.from6[1] = 0;
	return expectation_met(s) ? AGFEO_CLASS_DISCOVERY : AGFEO_CLASS_COUNT;
}

#endif
