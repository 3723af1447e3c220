/* SPDX-License-Identifier: GPL-2.0 */
/* Dropped packets out of the ring buffer as lines. Pure. */
#ifndef USER_REPORT_EVENT_H
#define USER_REPORT_EVENT_H

#include <agfeo/abi.h>
#include <stdio.h>

#include "report/flow.h"

/* What a record alone does not say. */
struct event_view {
	const struct identities *identities;
	uint64_t realtime_offset_ns; /* CLOCK_REALTIME - CLOCK_MONOTONIC */
	const char *interface;	     /* name of event.ifindex, "" when it is gone */
};

/* Of AGFEO_EVENT_DROP. One line, newline included. */
void render_event_text(FILE *out, const struct agfeo_event *event, const struct event_view *view);
/*
 * {"time","event":"drop","reason","class":…|null,"protocol","source":"ip:port",
 *  "destination":"ip:port","device","model","service","direction":"in|out","peer_device":…|null,
 *  "interface","hook":"xdp|tc","length","dscp_in","suppressed":n}
 * device: the sender's if it is one, else the receiver's; null when neither end is. suppressed:
 * records that were left out since the one before of the same CPU.
 */
void render_event_json(FILE *out, const struct agfeo_event *event, const struct event_view *view);

#endif
