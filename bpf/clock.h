/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two clocks. Ticks age flows: jiffies cost nothing to read, the exact clock costs more than a
 * whole lookup. Nanoseconds are read where voice is measured. In replay both are the capture's;
 * the branch is decided when the program is loaded and costs nothing live.
 */
#ifndef BPF_CLOCK_H
#define BPF_CLOCK_H

#include "config.h"
#include "maps.h"

static __always_inline __u64 replay_ns(void)
{
	__u32 zero = 0;
	__u64 *ns = bpf_map_lookup_elem(&replay_clock, &zero);

	return ns ? *ns : 0;
}

static __always_inline __u64 clock_ns(void)
{
	return agfeo_config.replay ? replay_ns() : bpf_ktime_get_ns();
}

/* Never 0: that means "not yet" where ticks are kept. */
static __always_inline __u32 clock_tick(void)
{
	if (agfeo_config.replay)
		return (__u32)(replay_ns() >> AGFEO_REPLAY_TICK_SHIFT) + 1;
	return (__u32)(bpf_jiffies64() >> agfeo_config.tick_shift) + 1;
}

#endif
