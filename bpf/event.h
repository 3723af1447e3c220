/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records for user space: a flow began, a packet was dropped. Bounded a CPU and second, and what was
 * left out is counted: a flood costs a comparison, not a ring buffer. Records are zeroed first.
 */
#ifndef BPF_EVENT_H
#define BPF_EVENT_H

#include "clock.h"
#include "scratch.h"

#define EVENT_BURST   64 /* records a CPU at once */
#define EVENTS_A_TICK 8	 /* and again each tick */

/* Whether this CPU may send no record now; then it is counted as one that was not sent. */
static __always_inline bool event_withheld(__u32 now)
{
	__u32 zero = 0;
	struct event_budget *budget = find_in(&event_budgets, &zero);

	if (!budget || budget->tokens || budget->filled != now)
		return false;
	budget->suppressed++;
	return true;
}

/* Whether this CPU may send a record now. ret_suppressed: those that could not be sent before. */
static __always_inline bool event_allowed(__u32 *ret_suppressed)
{
	__u32 zero = 0, now = clock_tick(), earned;
	struct event_budget *budget = find_in(&event_budgets, &zero);

	if (!budget || event_withheld(now))
		return false;
	if (!budget->tokens) {
		earned = now - budget->filled;
		budget->tokens =
			earned > EVENT_BURST / EVENTS_A_TICK ? EVENT_BURST : earned * EVENTS_A_TICK;
		budget->filled = now;
	}
	budget->tokens--;
	*ret_suppressed = budget->suppressed;
	budget->suppressed = 0;
	return true;
}

/* No room: nobody reads, or reads too slowly. */
static __always_inline void event_lost(__u32 suppressed)
{
	__u32 zero = 0;
	struct event_budget *budget = bpf_map_lookup_elem(&event_budgets, &zero);

	if (budget)
		budget->suppressed += suppressed + 1;
}

static __always_inline void event_address(__u8 *to, __u32 v4, const __u64 *v6, __u8 family)
{
	if (family == 6) {
		memcpy(to, v6, 16);
		return;
	}
	to[10] = to[11] = 0xff;
	v4 = bpf_htonl(v4);
	memcpy(to + 12, &v4, 4);
}

/* type: enum agfeo_event_type. */
STAGE int report(const struct scratch *s, __u32 type)
{
	const struct decision *found;
	const struct packet *p;
	struct agfeo_event *event;
	__u32 suppressed = 0;

	if (!s || !event_allowed(&suppressed))
		return 0;
	p = &s->packet;
	found = &s->found;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		event_lost(suppressed);
		return 0;
	}
	memset(event, 0, sizeof(*event));
	event->time_ns = clock_ns();
	event->type = type;
	event->ifindex = s->scene.ifindex;
	event_address(event->source, p->from4, p->from6, p->family);
	event_address(event->destination, p->to4, p->to6, p->family);
	event->source_port = p->from_port;
	event->destination_port = p->to_port;
	event->protocol = p->protocol;
	event->reason = found->reason;
	event->class = found->class;
	event->hook = s->scene.hook == HOOK_TC;
	event->device[0] = found->device[0];
	event->device[1] = found->device[1];
	event->counter[0] = found->counter[0];
	event->counter[1] = found->counter[1];
	event->length = p->length;
	event->suppressed = suppressed;
	event->dscp_in = found->dscp_in;
	event->dscp_out = found->dscp_out;
	bpf_ringbuf_submit(event, 0);
	return 0;
}

#endif
