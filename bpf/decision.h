/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What was found out about a packet: the hinge between judging and acting. Judging never drops; it
 * finds a reason, and the reason's row says what follows.
 */
#ifndef BPF_DECISION_H
#define BPF_DECISION_H

#include <agfeo/abi.h>

#include "dscp.h"

struct decision {
	__u32 counter[2]; /* whose account: the sender's and the receiver's device; 0: none */
	__u32 device[2];  /* agfeo_device.id, alike */
	__u8 reason;	  /* enum agfeo_reason */
	__u8 class;	  /* enum agfeo_class; AGFEO_CLASS_COUNT: of no flow */
	__u8 monitor;	  /* not enforced, not marked */
	__u8 promoted;	  /* voice by evidence: qdiscs and tags hear of it */
	__u8 counted;	  /* another managed hook has counted this packet */
	__u8 dscp_in;
	__u8 dscp_out;
	__u8 bleach;   /* EF is not for this flow unless it is voice */
	__u8 opened;   /* it began a flow */
	__u8 measured; /* RTP whose quality is asked for */
	__u8 none; /* refused, and of no service: the counters named are those of AGFEO_SLOT_NONE */
};

static __always_inline bool enforced_drop(const struct decision *found)
{
	return agfeo_reason_verdict(found->reason) == AGFEO_DROP && !found->monitor;
}

static __always_inline bool changes_dscp(const struct decision *found)
{
	return found->dscp_in != found->dscp_out && !found->monitor;
}

#endif
