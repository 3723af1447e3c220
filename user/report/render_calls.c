/* SPDX-License-Identifier: GPL-2.0 */
/* Calls as text and JSON; see render_calls.h. */
#include "report/render_calls.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "report/json.h"
#include "report/table.h"

#define NS_PER_SECOND 1000000000ull
#define IDLE_SHOWN_NS (3 * NS_PER_SECOND)
#define PAIR_TEXT     64
#define FIGURE_TEXT   24
#define NOTE_TEXT     256

const struct call_stream *call_stream(const struct call *call, enum agfeo_direction direction)
{
	for (size_t i = 0; i < call->stream_count; i++)
		if (call->stream[i].direction == direction)
			return &call->stream[i];
	return NULL;
}

static int compare_calls(const void *left, const void *right)
{
	const struct call *a = left, *b = right;
	int order;

	if (a->start_ns != b->start_ns)
		return a->start_ns < b->start_ns ? -1 : 1;
	order = memcmp(a->local.bytes, b->local.bytes, sizeof(a->local.bytes));
	if (order)
		return order;
	if (a->local_port != b->local_port)
		return a->local_port - b->local_port;
	return a->remote_port - b->remote_port;
}

void calls_sort(struct call *calls, size_t count)
{
	if (count)
		qsort(calls, count, sizeof(*calls), compare_calls);
}

/* ------------------------------------------------------------------ text */

typedef void figure(const struct call_stream *stream, char *text);

static void packets_figure(const struct call_stream *stream, char *text)
{
	snprintf(text, FIGURE_TEXT, "%" PRIu64, stream->packets);
}

static void codec_figure(const struct call_stream *stream, char *text)
{
	snprintf(text, FIGURE_TEXT, "%s", stream->codec);
}

static void loss_figure(const struct call_stream *stream, char *text)
{
	snprintf(text, FIGURE_TEXT, "%.1f", stream->loss_percent);
}

static void jitter_figure(const struct call_stream *stream, char *text)
{
	if (stream->has_jitter)
		snprintf(text, FIGURE_TEXT, "%.1f (%.1f)", stream->mean_jitter_ms,
			 stream->max_jitter_ms);
	else
		strcpy(text, "?");
}

static void mos_figure(const struct call_stream *stream, char *text)
{
	if (stream->has_mos)
		snprintf(text, FIGURE_TEXT, "%.2f", stream->mos);
	else
		strcpy(text, "?");
}

static void dscp_figure(const struct call_stream *stream, char *text)
{
	char in[8], out[8];

	dscp_format(stream->dscp_in, in);
	if (stream->dscp_in == stream->dscp_out)
		snprintf(text, FIGURE_TEXT, "%s", in);
	else
		snprintf(text, FIGURE_TEXT, "%s>%s", in, dscp_format(stream->dscp_out, out));
}

/* "in | out", "-" for a direction that never came. */
static const char *pair(const struct call *call, figure *format, char *text)
{
	static const enum agfeo_direction order[] = {AGFEO_IN, AGFEO_OUT};
	char part[2][FIGURE_TEXT] = {"-", "-"};

	for (int i = 0; i < 2; i++) {
		const struct call_stream *stream = call_stream(call, order[i]);

		if (stream)
			format(stream, part[i]);
	}
	snprintf(text, PAIR_TEXT, "%s | %s", part[0], part[1]);
	return text;
}

const char *call_cause_format(const struct call_cause *cause, char text[CALL_CAUSE_TEXT])
{
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];

	text[0] = '\0';
	if (cause->known)
		snprintf(text, CALL_CAUSE_TEXT, "%s %s -> %s", reason_label(cause->reason),
			 endpoint_format(&cause->source, cause->source_port, from),
			 endpoint_format(&cause->destination, cause->destination_port, to));
	return text;
}

/* What a person must not overlook, or "". */
static const char *note_of(const struct call *call, char *text)
{
	uint64_t dropped = call->dropped_here[AGFEO_IN] + call->dropped_here[AGFEO_OUT];
	size_t used = 0;

	text[0] = '\0';
	if (call->one_way) {
		used += (size_t)snprintf(text, NOTE_TEXT, "ONE-WAY: nothing %s the device",
					 call->missing == AGFEO_OUT ? "from" : "to");
	} else if (call->idle_ns >= IDLE_SHOWN_NS) {
		char idle[AMOUNT_TEXT];

		used += (size_t)snprintf(text, NOTE_TEXT, "silent for %s",
					 duration_format(call->idle_ns / NS_PER_SECOND, idle));
	}
	if (call->cause.known) {
		char cause[CALL_CAUSE_TEXT];

		snprintf(text + used, NOTE_TEXT - used, "%sdropped here: %s", used ? ", " : "",
			 call_cause_format(&call->cause, cause));
	} else if (dropped) {
		snprintf(text + used, NOTE_TEXT - used, "%s%" PRIu64 " dropped here%s",
			 used ? ", " : "", dropped,
			 call->one_way && call->dropped_here[call->missing] ? ": that is why" : "");
	}
	return text;
}

static void table_call(struct table *table, const struct call *call)
{
	char local[ENDPOINT_TEXT], remote[ENDPOINT_TEXT], text[PAIR_TEXT], note[NOTE_TEXT];
	char duration[AMOUNT_TEXT];

	table_cell(table, "%s", call->device);
	table_cell(table, "%s", endpoint_format(&call->local, call->local_port, local));
	table_cell(table, "%s", endpoint_format(&call->remote, call->remote_port, remote));
	table_cell(table, "%s", duration_format(call->duration_ns / NS_PER_SECOND, duration));
	table_cell(table, "%s", pair(call, codec_figure, text));
	table_cell(table, "%s", pair(call, packets_figure, text));
	table_cell(table, "%s", pair(call, loss_figure, text));
	table_cell(table, "%s", pair(call, jitter_figure, text));
	table_cell(table, "%s", pair(call, mos_figure, text));
	table_cell(table, "%s", pair(call, dscp_figure, text));
	table_cell(table, "%s", note_of(call, note));
}

int render_calls_text(FILE *out, const struct call *calls, size_t count)
{
	static const char *const headers[] = {"DEVICE",
					      "LOCAL",
					      "REMOTE",
					      ">TIME",
					      ">CODEC in | out",
					      ">PACKETS",
					      ">LOSS %",
					      ">JITTER ms, mean (max)",
					      ">MOS",
					      "DSCP",
					      "",
					      NULL};
	_cleanup_(table_freep) struct table *table = NULL;

	if (!count) {
		fputs("no calls\n", out);
		return 0;
	}
	table = table_new(headers);
	for (size_t i = 0; table && i < count; i++)
		table_call(table, &calls[i]);
	return table ? table_print(table, out) : -ENOMEM;
}

int render_call_line(FILE *out, const char *event, uint64_t realtime_ns, const struct call *call)
{
	char local[ENDPOINT_TEXT], remote[ENDPOINT_TEXT], time[TIME_TEXT], note[NOTE_TEXT];
	char loss[PAIR_TEXT], jitter[PAIR_TEXT], mos[PAIR_TEXT], duration[AMOUNT_TEXT];

	fprintf(out, "%s  %-8s %s %s - %s  %s", time_format(realtime_ns, time), event, call->device,
		endpoint_format(&call->local, call->local_port, local),
		endpoint_format(&call->remote, call->remote_port, remote),
		duration_format(call->duration_ns / NS_PER_SECOND, duration));
	fprintf(out, "  loss %s %%  jitter %s ms  MOS %s%s%s\n", pair(call, loss_figure, loss),
		pair(call, jitter_figure, jitter), pair(call, mos_figure, mos),
		note_of(call, note)[0] ? "  " : "", note);
	return 0;
}

/* ------------------------------------------------------------------ JSON */

static void json_real_or_null(struct json *json, const char *name, bool there, double number,
			      int decimals)
{
	if (there)
		json_real(json, name, number, decimals);
	else
		json_null(json, name);
}

static void write_mos(struct json *json, const struct call_stream *s)
{
	json_real_or_null(json, "mos", s->has_mos, s->mos, 3);
	if (!s->has_mos) {
		json_null(json, "mos_inputs");
		return;
	}
	json_open(json, "mos_inputs");
	json_real(json, "ie", s->ie, 1);
	json_real(json, "bpl", s->bpl, 1);
	json_real(json, "ppl", s->loss_percent, 3);
	json_real(json, "burst_ratio", s->burst_ratio, 3);
	json_real(json, "r", s->r, 2);
	json_close(json);
}

static void write_jitter(struct json *json, const struct call_stream *s)
{
	json_real_or_null(json, "jitter_ms", s->has_jitter, s->jitter_ms, 3);
	json_real_or_null(json, "mean_jitter_ms", s->has_jitter, s->mean_jitter_ms, 3);
	json_real_or_null(json, "min_jitter_ms", s->has_jitter, s->min_jitter_ms, 3);
	json_real_or_null(json, "max_jitter_ms", s->has_jitter, s->max_jitter_ms, 3);
	json_real(json, "max_delta_ms", s->max_delta_ms, 3);
}

void call_stream_json(struct json *json, const char *name, const struct call_stream *s)
{
	char ssrc[16];

	if (!s) {
		json_null(json, name);
		return;
	}
	snprintf(ssrc, sizeof(ssrc), "0x%08" PRIx32, s->ssrc);
	json_open(json, name);
	json_string(json, "direction", direction_label(s->direction));
	json_string(json, "ssrc", ssrc);
	json_number(json, "payload_type", s->payload_type);
	json_string(json, "codec", s->codec);
	if (s->clock_rate)
		json_number(json, "clock_rate", s->clock_rate);
	else
		json_null(json, "clock_rate");
	json_number(json, "packets", s->packets);
	json_number(json, "bytes", s->bytes);
	json_number(json, "expected", s->expected);
	json_number(json, "lost", s->lost);
	json_real(json, "loss_percent", s->loss_percent, 3);
	json_number(json, "gaps", s->gaps);
	json_number(json, "longest_gap", s->longest_gap);
	json_number(json, "dropped_here", s->dropped_here);
	json_number(json, "duplicates", s->duplicates);
	json_number(json, "reordered", s->reordered);
	write_jitter(json, s);
	write_mos(json, s);
	json_number(json, "ssrc_changes", s->ssrc_changes);
	json_number(json, "restarts", s->restarts);
	json_number(json, "telephone_events", s->events);
	json_number(json, "comfort_noise", s->comfort_noise);
	json_number(json, "payload_type_changes", s->payload_type_changes);
	json_number(json, "clock_jumps", s->clock_jumps);
	json_number(json, "strays", s->strays);
	json_number(json, "rtcp", s->rtcp);
	json_number(json, "stun", s->stun);
	json_number(json, "dtls", s->dtls);
	json_number(json, "zrtp", s->zrtp);
	json_number(json, "other", s->other);
	json_dscp(json, "dscp_in", s->dscp_in);
	json_dscp(json, "dscp_out", s->dscp_out);
	json_close(json);
}

/* What we dropped of the missing direction; null: nothing that we saw. */
static void write_cause(struct json *json, const struct call_cause *cause)
{
	char end[ENDPOINT_TEXT];

	if (!cause->known) {
		json_null(json, "cause");
		return;
	}
	json_open(json, "cause");
	json_string(json, "reason", reason_label(cause->reason));
	json_string(json, "source", endpoint_format(&cause->source, cause->source_port, end));
	json_string(json, "destination",
		    endpoint_format(&cause->destination, cause->destination_port, end));
	json_close(json);
}

static void write_call(struct json *json, const struct call *call)
{
	char end[ENDPOINT_TEXT];

	json_open(json, NULL);
	json_string(json, "device", call->device[0] ? call->device : NULL);
	json_string(json, "model", call->model[0] ? call->model : NULL);
	json_string(json, "service", call->service[0] ? call->service : NULL);
	json_string(json, "local", endpoint_format(&call->local, call->local_port, end));
	json_string(json, "remote", endpoint_format(&call->remote, call->remote_port, end));
	json_string(json, "remote_device", call->remote_device[0] ? call->remote_device : NULL);
	json_boolean(json, "one_way", call->one_way);
	json_string(json, "missing", call->one_way ? direction_label(call->missing) : NULL);
	write_cause(json, &call->cause);
	json_open(json, "dropped_here");
	json_number(json, "in", call->dropped_here[AGFEO_IN]);
	json_number(json, "out", call->dropped_here[AGFEO_OUT]);
	json_close(json);
	json_time(json, "start", call->start_ns);
	json_real(json, "duration_s", (double)call->duration_ns / 1e9, 3);
	json_real(json, "idle_s", (double)call->idle_ns / 1e9, 3);
	json_array(json, "streams");
	for (size_t i = 0; i < call->stream_count; i++)
		call_stream_json(json, NULL, &call->stream[i]);
	json_array_end(json);
	json_close(json);
}

int render_calls_json(FILE *out, const struct call *calls, size_t count)
{
	struct json json = {.out = out};

	json_open(&json, NULL);
	json_array(&json, "calls");
	for (size_t i = 0; i < count; i++)
		write_call(&json, &calls[i]);
	json_array_end(&json);
	json_close(&json);
	json_end(&json);
	return 0;
}

int render_call_json(FILE *out, const struct call *call)
{
	struct json json = {.out = out};

	write_call(&json, call);
	json_end(&json);
	return 0;
}
