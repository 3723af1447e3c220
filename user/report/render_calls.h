/* SPDX-License-Identifier: GPL-2.0 */
/* Calls as people and programs read them. Pure: kernel/calls.c fills them, or a test does. */
#ifndef USER_REPORT_RENDER_CALLS_H
#define USER_REPORT_RENDER_CALLS_H

#include <agfeo/abi.h>
#include <stdio.h>

#include "base/address.h"
#include "report/json.h"

#define CALL_CODEC_TEXT 24
#define CALL_CAUSE_TEXT 160

/* What came one way. */
struct call_stream {
	enum agfeo_direction direction; /* seen from the device */
	uint32_t ssrc;			/* the newest */
	uint8_t payload_type;
	uint8_t dscp_in, dscp_out; /* of the last packet, as it arrived and as it left */
	char codec[CALL_CODEC_TEXT];
	uint32_t clock_rate; /* Hz; 0: not known */
	uint64_t packets, bytes, expected, lost, duplicates, reordered;
	uint64_t gaps, longest_gap; /* runs of loss, and the longest in packets */
	uint64_t ssrc_changes, restarts, events, rtcp;
	uint64_t payload_type_changes, clock_jumps, comfort_noise;
	uint64_t strays, stun, dtls, zrtp, other; /* on the same ports, and not among the packets */
	uint64_t dropped_here; /* by our own rules: part of what is lost further on */
	double loss_percent;
	bool has_jitter;
	double jitter_ms, mean_jitter_ms, min_jitter_ms, max_jitter_ms;
	double max_delta_ms;
	bool has_mos;
	double mos, ie, bpl, burst_ratio, r;
};

/* What we dropped of the direction that a one-way call lacks; see report/drop_log.h. */
struct call_cause {
	bool known;
	uint8_t reason; /* enum agfeo_reason */
	struct address source, destination;
	uint16_t source_port, destination_port;
};

/* One leg: a voice flow in which RTP was seen, from the side of its device. */
struct call {
	char device[AGFEO_NAME_SIZE]; /* "" for none */
	char model[AGFEO_NAME_SIZE];
	char service[AGFEO_NAME_SIZE];
	char remote_device[AGFEO_NAME_SIZE];
	struct address local, remote;
	uint16_t local_port, remote_port;
	bool one_way;
	enum agfeo_direction missing; /* one_way: the direction that is silent */
	struct call_cause cause;
	uint64_t dropped_here[AGFEO_DIRECTION_COUNT]; /* also of a direction without a stream */
	uint64_t start_ns;			      /* CLOCK_REALTIME, of the first RTP packet */
	uint64_t duration_ns;			      /* to the last one */
	uint64_t idle_ns;			      /* since then */
	struct call_stream stream[AGFEO_DIRECTION_COUNT];
	size_t stream_count; /* out first; a direction that never came is not there */
};

/* The longest-lasting first; equal ones by their ends. */
void calls_sort(struct call *calls, size_t count);
/* NULL when nothing came that way. */
const struct call_stream *call_stream(const struct call *call, enum agfeo_direction direction);

/* "not-listed 217.10.64.10:30002 -> 192.168.10.2:5300", "" where it is not known. Returns the buffer. */
const char *call_cause_format(const struct call_cause *cause, char text[CALL_CAUSE_TEXT]);

/* A line a call, both directions side by side as "in | out". Says so when there is none. */
int render_calls_text(FILE *out, const struct call *calls, size_t count);
/* INTERFACE, "calls": one document on one line. */
int render_calls_json(FILE *out, const struct call *calls, size_t count);
/* An object; null without a stream. */
void call_stream_json(struct json *json, const char *name, const struct call_stream *stream);
/* One call as an object on a line of its own: `calls --follow --json`. */
int render_call_json(FILE *out, const struct call *call);
/* One call in one sentence, after a word of what became of it: `calls --follow`. */
int render_call_line(FILE *out, const char *event, uint64_t realtime_ns, const struct call *call);

#endif
