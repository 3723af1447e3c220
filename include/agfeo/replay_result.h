/* SPDX-License-Identifier: GPL-2.0 */
/* What replay and tests are told of a packet. */
#ifndef AGFEO_REPLAY_RESULT_H
#define AGFEO_REPLAY_RESULT_H

#include <agfeo/reasons.h>
#include <agfeo/types.h>

/* Value of `replay_result`, a single entry: what became of the packet just judged. */
struct agfeo_replay_result {
	enum agfeo_reason reason; /* in BTF so: who migrates counters reads its names there */
	__u32 verdict; /* enum agfeo_verdict: monitor mode lets a refused packet pass all the same */
	__u32 counter[2]; /* of the sender's and the receiver's device; 0: none */
	__u32 device[2];  /* ids, alike */
	__u32 class;	  /* enum agfeo_class, of a flow; AGFEO_CLASS_COUNT without one */
	__u8 dscp_in;
	__u8 dscp_out;
	__u8 monitor; /* it was not enforced */
	__u8 pad;
};

#endif
