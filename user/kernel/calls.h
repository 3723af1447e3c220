/* SPDX-License-Identifier: GPL-2.0 */
/* The voice tables as calls. */
#ifndef USER_KERNEL_CALLS_H
#define USER_KERNEL_CALLS_H

#include "report/flow.h"
#include "report/render_calls.h"

#define CALL_ENDED_SECONDS 60 /* how long a call that fell silent is still listed */

/*
 * What a voice flow is as a call. realtime_offset_ns is what CLOCK_REALTIME is ahead of the clock of
 * the streams: 0 for a replay. False: no RTP was seen, or none for CALL_ENDED_SECONDS.
 */
bool call_describe(const struct flow_record *record, const struct identities *identities,
		   const struct flow_clock *clock, uint64_t realtime_offset_ns,
		   struct call *ret_call);

/* Streams and drops of a voice flow, and nothing else of the call. */
void call_streams(const struct flow_record *record, const struct flow_row *row,
		  struct call *ret_call);

/*
 * All calls that are live or have just ended, sorted. The caller frees. Says its own errors.
 * clock NULL: now. Else the clock of a replay, which is the realtime of its capture.
 */
int calls_read(const char *pin, const struct agfeo_meta *meta, const struct identities *identities,
	       const struct flow_clock *clock, struct call **ret_calls, size_t *ret_count);

#endif
