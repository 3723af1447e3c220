/* SPDX-License-Identifier: GPL-2.0 */
/* What `flows --follow` prints: a flow opened, lives, closed. Pure. */
#ifndef USER_REPORT_RENDER_FOLLOW_H
#define USER_REPORT_RENDER_FOLLOW_H

#include "report/flow_watch.h"
#include "report/json.h"
#include "report/render_calls.h"

struct follow_view {
	const struct flow_telling *telling;
	struct flow_row row;
	const struct call *call;     /* voice: its streams; NULL: none */
	uint64_t realtime_offset_ns; /* CLOCK_REALTIME - CLOCK_MONOTONIC */
	const char *interface;	     /* where it opened, "" when it is not known */
};

/* A line, and of voice and what carried packets a line more for each direction; 100 columns. */
void render_follow_text(FILE *out, const struct follow_view *view);
/*
 * One object a line: {"time","event":"flow-opened|flow-periodic|flow-closed","source","destination",
 *  then what `flows --json` says of a flow, and in its "in" and "out" of voice
 *  "stream": null or what `calls --json` says of a stream}.
 * flow-opened besides: "reason","interface","hook":"xdp|tc", null when it was found in the tables
 * and not announced. flow-closed besides: "final": false when it went between two readings, and its
 * last packets are not counted.
 */
void render_follow_json(FILE *out, const struct follow_view *view);

/* Members of an object: what `flows --json` says of a flow. call: see struct follow_view. */
void flow_json_members(struct json *json, const struct flow_row *row, const struct call *call);

#endif
