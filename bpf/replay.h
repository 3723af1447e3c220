/* SPDX-License-Identifier: GPL-2.0 */
/* What replay and the tests are told of a packet. */
#ifndef BPF_REPLAY_H
#define BPF_REPLAY_H

#include "decision.h"
#include "maps.h"

static __always_inline void replay_tell(const struct decision *found)
{
	struct agfeo_replay_result *result;
	__u32 zero = 0;

	result = bpf_map_lookup_elem(&replay_result, &zero);
	if (!result)
		return;
	result->reason = found->reason;
	result->verdict = agfeo_reason_verdict(found->reason);
	result->counter[0] = found->counter[0];
	result->counter[1] = found->counter[1];
	result->device[0] = found->device[0];
	result->device[1] = found->device[1];
	result->class = found->class;
	result->dscp_in = found->dscp_in;
	result->dscp_out = found->monitor ? found->dscp_in : found->dscp_out;
	result->monitor = found->monitor;
}

#endif
