/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The programs over a capture, on the capture's clock: one system call a packet. The box has its
 * policy and no flows at first. The thread stays on one CPU, since the programs keep budgets by CPU:
 * the same capture gives the same result.
 */
#ifndef USER_KERNEL_REPLAY_H
#define USER_KERNEL_REPLAY_H

#include "kernel/loader.h"
#include "report/flow.h"
#include "report/render_calls.h"

struct replay;

/* The policy must have been compiled for loader_tick_ns(true), and outlive the replay. */
int replay_open(const struct policy *policy, struct replay **ret_replay);
void replay_free(struct replay *replay);
static inline void replay_freep(struct replay **replay)
{
	replay_free(*replay);
}

/* Names of the devices and counters in the results. Borrowed. */
const struct identities *replay_identities(const struct replay *replay);

#define REPLAY_SLACK 64 /* bytes behind a frame that may be written */

struct replay_frame {
	uint64_t time_ns; /* when it is before the frame before, the clock stands still */
	bool tc;	  /* it meets tc_egress, else xdp_ingress */
	bool raw;	  /* it begins with the IP header, else it is an Ethernet frame */
	uint8_t *bytes;	  /* REPLAY_SLACK more than `length`; re-marked in place */
	size_t length;
};

/*
 * One frame. -EMSGSIZE: longer than the kernel can run there (XDP before Linux 5.18, and tc: a page
 * less its headroom); then nothing was judged and the clock has moved.
 */
int replay_run(struct replay *replay, const struct replay_frame *frame,
	       struct agfeo_replay_result *ret_result);

/*
 * All voice of the capture so far as calls, sorted: each as it stood when it fell silent. The caller
 * frees. Says its own errors.
 */
int replay_calls(struct replay *replay, struct call **ret_calls, size_t *ret_count);

#endif
