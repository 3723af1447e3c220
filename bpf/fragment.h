/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fragments follow their first one: it was judged with its ports, the later ones have none. What was
 * refused is not remembered, so its rest finds nothing. SIP over UDP does fragment.
 */
#ifndef BPF_FRAGMENT_H
#define BPF_FRAGMENT_H

#include "clock.h"
#include "decision.h"
#include "maps.h"
#include "scratch.h"

union fragment_key {
	struct agfeo_fragment4_key v4;
	struct agfeo_fragment6_key v6;
};

static __always_inline void fragment_key_of(const struct packet *p, union fragment_key *key)
{
	if (p->family == 4) {
		key->v4.source = p->from4;
		key->v4.destination = p->to4;
		key->v4.id = p->fragment_id;
		key->v4.pad = 0;
		return;
	}
	key->v6.source[0] = p->from6[0];
	key->v6.source[1] = p->from6[1];
	key->v6.destination[0] = p->to6[0];
	key->v6.destination[1] = p->to6[1];
	key->v6.id = (__u64)p->fragment_protocol << 32 | p->fragment_id;
}

/* The first fragment passed: the rest may follow. */
static __always_inline void fragment_remember(const struct packet *p, const struct decision *found,
					      __u32 generation)
{
	struct agfeo_fragment fragment = {
		.generation = generation,
		.seen = clock_tick(),
		.counter = {found->counter[0], found->counter[1]},
		.mark = found->promoted || found->dscp_out != found->dscp_in ? found->dscp_out
									     : AGFEO_KEEP,
		.flags = (found->promoted ? AGFEO_FRAGMENT_VOICE : 0) |
			 (found->bleach ? AGFEO_FRAGMENT_BLEACH : 0),
		.monitor = found->monitor,
		.class = found->class,
		.device = {found->device[0], found->device[1]},
	};
	union fragment_key key;

	fragment_key_of(p, &key);
	if (p->family == 4)
		bpf_map_update_elem(&fragments4, &key.v4, &fragment, BPF_ANY);
	else
		bpf_map_update_elem(&fragments6, &key.v6, &fragment, BPF_ANY);
}

/* A later fragment: true when its first one passed; then `found` says how. */
static __always_inline bool
fragment_follow(const struct packet *p, const struct agfeo_settings *site, struct decision *found)
{
	struct agfeo_fragment *first;
	union fragment_key key;
	__u32 now = clock_tick();

	fragment_key_of(p, &key);
	if (p->family == 4)
		first = find_in(&fragments4, &key.v4);
	else
		first = find_in(&fragments6, &key.v6);
	if (!first || now - first->seen > site->idle_fragment)
		return false;
	first->seen = now;
	found->reason = AGFEO_REASON_FLOW;
	found->counter[0] = first->counter[0];
	found->counter[1] = first->counter[1];
	found->device[0] = first->device[0];
	found->device[1] = first->device[1];
	found->class = first->class;
	found->monitor = first->monitor;
	found->promoted = !!(first->flags & AGFEO_FRAGMENT_VOICE);
	if (first->mark != AGFEO_KEEP && !first->monitor)
		found->dscp_out = first->mark;
	else if ((first->flags & AGFEO_FRAGMENT_BLEACH) && !found->promoted && !first->monitor &&
		 found->dscp_in == AGFEO_EF)
		found->dscp_out = 0;
	return true;
}

#endif
