/* SPDX-License-Identifier: GPL-2.0 */
/* Counters, one set a CPU: nobody shares a cache line with another CPU. */
#ifndef BPF_COUNT_H
#define BPF_COUNT_H

#include "decision.h"
#include "maps.h"
#include "packet.h"

static __always_inline __u32 dscp_kind(__u8 dscp)
{
	if (dscp == AGFEO_EF)
		return AGFEO_DSCP_EF;
	return dscp ? AGFEO_DSCP_OTHER : AGFEO_DSCP_CS0;
}

/* direction: seen from the device whose account it is. */
static __always_inline void count_service(__u32 counter, const struct packet *p,
					  const struct decision *found, __u32 verdict,
					  __u32 direction)
{
	struct agfeo_counter *sum;

	if (!counter)
		return;
	sum = bpf_map_lookup_elem(&counters, &counter);
	if (!sum)
		return;
	sum->packets[verdict & 1][direction & 1] += p->segments;
	sum->bytes[verdict & 1][direction & 1] += p->length;
	if (found->dscp_out != found->dscp_in) {
		if (found->promoted || found->dscp_out)
			sum->remarked += p->segments;
		else
			sum->bleached += p->segments;
	}
}

static __always_inline void count_drop(__u32 device, __u8 reason, __u32 packets)
{
	struct agfeo_device_counter *sum = bpf_map_lookup_elem(&device_counters, &device);
	__u32 drop = reason - AGFEO_FIRST_DROP_REASON;

	if (sum && drop < AGFEO_DROP_REASON_COUNT)
		sum->drops[drop] += packets;
}

static __always_inline void count_voice(__u32 device, const struct packet *p,
					const struct decision *found, __u32 direction)
{
	struct agfeo_device_counter *sum;

	if (!device)
		return;
	sum = bpf_map_lookup_elem(&device_counters, &device);
	if (!sum)
		return;
	sum->arrived[direction & 1][dscp_kind(found->dscp_in)] += p->segments;
	sum->left[direction & 1][dscp_kind(found->dscp_out)] += p->segments;
	sum->rtp_packets[direction & 1] += found->measured;
}

/* Every packet of or to a device: the sender's account says out, the receiver's in. */
static __always_inline void count(const struct packet *p, const struct decision *found)
{
	__u32 verdict = agfeo_reason_verdict(found->reason);

	if (found->counted)
		return;
	count_service(found->counter[0], p, found, verdict, AGFEO_OUT);
	count_service(found->counter[1], p, found, verdict, AGFEO_IN);
	if (verdict == AGFEO_DROP)
		count_drop(found->device[0] ? found->device[0] : found->device[1], found->reason,
			   p->segments);
	else if (found->class == AGFEO_CLASS_VOICE) {
		count_voice(found->device[0], p, found, AGFEO_OUT);
		count_voice(found->device[1], p, found, AGFEO_IN);
	}
}

#endif
