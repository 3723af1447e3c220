/* SPDX-License-Identifier: GPL-2.0 */
/* From a judgement to the decision: whose account it goes to, and whether it is enforced. */
#ifndef BPF_REFUSE_H
#define BPF_REFUSE_H

#include "device.h"
#include "scratch.h"

/*
 * A refusal, or a pass without a flow. A refusal is on the account of the device that refused; it is
 * enforced unless the site or that device is in monitor mode.
 */
static __always_inline void settle(struct scratch *s, __u8 reason)
{
	const struct judgement *judged = &s->judged;
	struct decision *found = &s->found;
	bool refusal = agfeo_reason_verdict(reason) == AGFEO_DROP;

	found->reason = reason;
	found->monitor = !!(s->scene.site.flags & AGFEO_SITE_MONITOR);
	for (__u32 end = 0; end < 2; end++) {
		const struct agfeo_device *device = &judged->device[end];
		bool concerned = !refusal || end == judged->refusing;

		found->device[end] = concerned ? device->id : 0;
		found->counter[end] = concerned ? judged->counter[end] : 0;
		if (refusal && concerned && device->id &&
		    found->counter[end] == counter_of(device, AGFEO_SLOT_NONE))
			found->none = 1;
		if (concerned && device->id && (device->flags & AGFEO_DEVICE_MONITOR))
			found->monitor = 1;
	}
}

/* Puts the packet on the account of the first end that is a device, in a slot that all have. */
static __always_inline void charge(struct judgement *judged, __u8 slot)
{
	__u32 end = judged->device[0].id ? 0 : 1;

	judged->refusing = end;
	judged->counter[!end] = 0;
	judged->counter[end] = judged->device[end].id ? counter_of(&judged->device[end], slot) : 0;
}

STAGE int refuse_all(struct scratch *s, __u8 reason)
{
	if (!s)
		return 0;
	charge(&s->judged, AGFEO_SLOT_NONE);
	settle(s, reason);
	return 0;
}

#endif
