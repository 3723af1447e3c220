/* SPDX-License-Identifier: GPL-2.0 */
/* The pane of calls: the worst first, both directions side by side; see screen_parts.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "report/screen_parts.h"
#include "report/table.h"

#define NS_PER_SECOND UINT64_C(1000000000)
#define ENDED_NS      (3 * NS_PER_SECOND) /* both directions silent: ended, or on hold */
#define DETAIL_ROWS   4
#define DETAIL_FROM   12 /* rows of the area, or the list needs them all */

/* What a person makes of a stream: "some users dissatisfied" of ITU-T G.107, annex B, begins below
 * 4.03, "many" below 3.6. */
enum sound { SOUND_GOOD, SOUND_FAIR, SOUND_POOR };
#define MOS_GOOD 4.03
#define MOS_FAIR 3.60
/* Where no MOS is published for the codec: the loss that gives these for G.711. */
#define LOSS_GOOD 4.0
#define LOSS_FAIR 8.3

static enum sound sound_of(const struct call_stream *stream)
{
	if (stream->has_mos)
		return stream->mos >= MOS_GOOD	 ? SOUND_GOOD
		       : stream->mos >= MOS_FAIR ? SOUND_FAIR
						 : SOUND_POOR;
	return stream->loss_percent < LOSS_GOOD	  ? SOUND_GOOD
	       : stream->loss_percent < LOSS_FAIR ? SOUND_FAIR
						  : SOUND_POOR;
}

static bool has_ended(const struct call *call)
{
	return call->idle_ns >= ENDED_NS;
}

/* ------------------------------------------------------------------ order */

/* What a call is judged by: the worse of its directions. */
struct standing {
	enum sound sound;
	double mos, loss, jitter; /* mos: 5 where none is known */
};

static struct standing standing_of(const struct call *call)
{
	struct standing worst = {.mos = 5};

	for (size_t i = 0; i < call->stream_count; i++) {
		const struct call_stream *stream = &call->stream[i];

		if (sound_of(stream) > worst.sound)
			worst.sound = sound_of(stream);
		if (stream->has_mos && stream->mos < worst.mos)
			worst.mos = stream->mos;
		if (stream->loss_percent > worst.loss)
			worst.loss = stream->loss_percent;
		if (stream->has_jitter && stream->mean_jitter_ms > worst.jitter)
			worst.jitter = stream->mean_jitter_ms;
	}
	return worst;
}

/* Negative: a comes first. */
static int falling(double a, double b)
{
	return a > b ? -1 : a < b;
}

static int compare_quality(const struct call *a, const struct call *b)
{
	struct standing left = standing_of(a), right = standing_of(b);

	if (a->one_way != b->one_way)
		return a->one_way ? -1 : 1;
	if (left.sound != right.sound)
		return left.sound > right.sound ? -1 : 1;
	if (left.mos != right.mos)
		return falling(right.mos, left.mos);
	return falling(left.loss, right.loss);
}

static int compare_by(enum screen_sort sort, const struct call *a, const struct call *b)
{
	switch (sort) {
	case SORT_MOS:
		return compare_quality(a, b);
	case SORT_LOSS:
		return falling(standing_of(a).loss, standing_of(b).loss);
	case SORT_JITTER:
		return falling(standing_of(a).jitter, standing_of(b).jitter);
	case SORT_TIME:
		return falling((double)a->start_ns, (double)b->start_ns);
	}
	return 0;
}

/* What has ended stands below what is live; equal ones stay as they were read. */
static int compare(const void *left, const void *right, void *context)
{
	const struct call *a = *(const struct call *const *)left;
	const struct call *b = *(const struct call *const *)right;
	const struct screen_view *view = context;
	int order;

	if (has_ended(a) != has_ended(b))
		return has_ended(a) ? 1 : -1;
	order = compare_by(view->sort, a, b);
	if (order)
		return view->reversed ? -order : order;
	return a < b ? -1 : a > b;
}

static bool is_wanted(const struct screen_view *view, const struct call *call)
{
	char local[ENDPOINT_TEXT], remote[ENDPOINT_TEXT], text[512];

	endpoint_format(&call->local, call->local_port, local);
	endpoint_format(&call->remote, call->remote_port, remote);
	snprintf(text, sizeof(text), "%s %s %s %s %s %s %s%s", call->device, call->model,
		 call->service, call->remote_device, local, remote,
		 call->stream_count ? call->stream[0].codec : "", call->one_way ? " one-way" : "");
	return filter_matches(view, text);
}

/* ------------------------------------------------------------------ rows */

enum calls_column {
	CALLS_DEVICE,
	CALLS_PEER,
	CALLS_TIME,
	CALLS_IN,
	CALLS_OUT = CALLS_IN + 3,
	CALLS_CODEC = CALLS_OUT + 3,
	CALLS_LOCAL,
	CALLS_NOTE,
	CALLS_COLUMNS,
};

static const struct list_column columns[CALLS_COLUMNS] = {
	[CALLS_DEVICE] = {"DEVICE", 11, 24, 0, false}, [CALLS_PEER] = {"PEER", 21, 56, 0, false},
	[CALLS_TIME] = {"TIME", 7, 8, 0, true},	       [CALLS_IN] = {"IN:LOSS", 7, 7, 0, true},
	[CALLS_IN + 1] = {"JIT", 4, 4, 0, true},       [CALLS_IN + 2] = {"MOS", 4, 4, 0, true},
	[CALLS_OUT] = {"OUT:LOSS", 8, 8, 0, true},     [CALLS_OUT + 1] = {"JIT", 4, 4, 0, true},
	[CALLS_OUT + 2] = {"MOS", 4, 4, 0, true},      [CALLS_CODEC] = {"CODEC", 7, 16, 96, false},
	[CALLS_LOCAL] = {"LOCAL", 21, 56, 120, false}, [CALLS_NOTE] = {"", 16, 120, 140, false},
};

static const unsigned sound_style[] = {
	[SOUND_GOOD] = SCREEN_GOOD,
	[SOUND_FAIR] = SCREEN_FAIR,
	[SOUND_POOR] = SCREEN_ALARM,
};

static void jitter_format(const struct call_stream *stream, char *text)
{
	if (!stream->has_jitter)
		strcpy(text, "?");
	else
		snprintf(text, LIST_TEXT, stream->mean_jitter_ms < 99.95 ? "%.1f" : "%.0f",
			 stream->mean_jitter_ms);
}

static void fill_direction(const struct call *call, enum agfeo_direction direction, size_t column,
			   struct list_row *row)
{
	const struct call_stream *stream = call_stream(call, direction);

	if (call->one_way && call->missing == direction) {
		strcpy(row->text[column], "ONE-WAY");
		row->cell[column] = SCREEN_ALARM | SCREEN_BOLD;
		return;
	}
	if (!stream) {
		strcpy(row->text[column], "-");
		return;
	}
	snprintf(row->text[column], LIST_TEXT, "%.1f%%", stream->loss_percent);
	jitter_format(stream, row->text[column + 1]);
	if (stream->has_mos)
		snprintf(row->text[column + 2], LIST_TEXT, "%.2f", stream->mos);
	else
		strcpy(row->text[column + 2], "?");
	if (!has_ended(call)) {
		unsigned style = sound_style[sound_of(stream)];

		row->cell[column] = row->cell[column + 2] = style;
	}
}

static void note_format(const struct call *call, char *text)
{
	uint64_t dropped = call->dropped_here[AGFEO_IN] + call->dropped_here[AGFEO_OUT];
	char cause[CALL_CAUSE_TEXT];

	if (call->cause.known)
		snprintf(text, LIST_TEXT, "dropped here: %s",
			 call_cause_format(&call->cause, cause));
	else if (dropped)
		snprintf(text, LIST_TEXT, "%" PRIu64 " dropped here", dropped);
	else if (has_ended(call))
		snprintf(text, LIST_TEXT, "silent for %" PRIu64 "s", call->idle_ns / NS_PER_SECOND);
}

static void call_row(const void *context, size_t index, struct list_row *row)
{
	const struct call *const *calls = context;
	const struct call *call = calls[index];
	char end[ENDPOINT_TEXT];

	row->style = has_ended(call) ? SCREEN_DIM : call->one_way ? SCREEN_ALARM : SCREEN_PLAIN;
	snprintf(row->text[CALLS_DEVICE], LIST_TEXT, "%s",
		 call->device[0] ? call->device : "(no device)");
	if (call->remote_device[0])
		snprintf(row->text[CALLS_PEER], LIST_TEXT, "%s:%u", call->remote_device,
			 call->remote_port);
	else
		strcpy(row->text[CALLS_PEER],
		       endpoint_format(&call->remote, call->remote_port, end));
	duration_format(call->duration_ns / NS_PER_SECOND, row->text[CALLS_TIME]);
	fill_direction(call, AGFEO_IN, CALLS_IN, row);
	fill_direction(call, AGFEO_OUT, CALLS_OUT, row);
	if (call->stream_count)
		snprintf(row->text[CALLS_CODEC], LIST_TEXT, "%s", call->stream[0].codec);
	strcpy(row->text[CALLS_LOCAL], endpoint_format(&call->local, call->local_port, end));
	note_format(call, row->text[CALLS_NOTE]);
}

/* ------------------------------------------------------------------ the selected one */

static void detail_direction(struct screen *screen, int at, const struct call *call,
			     enum agfeo_direction direction)
{
	const struct call_stream *s = call_stream(call, direction);
	uint64_t dropped = call->dropped_here[direction];
	char in[8], out[8];
	int column = screen_put(screen, at, 0, SCREEN_BOLD, "%-4s",
				direction == AGFEO_IN ? "in" : "out");

	if (!s)
		column = screen_put(screen, at, column, SCREEN_PLAIN, "nothing came");
	else
		column = screen_put(screen, at, column, SCREEN_PLAIN,
				    "%s %" PRIu64 " packets, %" PRIu64 " lost (longest %" PRIu64
				    "), %" PRIu64 " late, %" PRIu64 " twice, DSCP %s>%s",
				    s->codec, s->packets, s->lost, s->longest_gap, s->reordered,
				    s->duplicates, dscp_format(s->dscp_in, in),
				    dscp_format(s->dscp_out, out));
	if (dropped)
		screen_put(screen, at, column, SCREEN_ALARM, ", %" PRIu64 " dropped here", dropped);
}

static void detail_draw(struct screen *screen, int at, const struct call *call)
{
	char local[ENDPOINT_TEXT], remote[ENDPOINT_TEXT], cause[CALL_CAUSE_TEXT], time[TIME_TEXT];

	screen_put(screen, at, 0, SCREEN_BOLD, "%s %s - %s  since %s", call->service,
		   endpoint_format(&call->local, call->local_port, local),
		   endpoint_format(&call->remote, call->remote_port, remote),
		   time_format(call->start_ns, time) + strlen("2025-03-03 "));
	detail_direction(screen, at + 1, call, AGFEO_IN);
	detail_direction(screen, at + 2, call, AGFEO_OUT);
	if (call->cause.known)
		screen_put(screen, at + 3, 0, SCREEN_ALARM | SCREEN_BOLD, "dropped here: %s",
			   call_cause_format(&call->cause, cause));
	else if (call->one_way && call->dropped_here[call->missing])
		screen_put(screen, at + 3, 0, SCREEN_ALARM,
			   "ONE-WAY: nothing %s the device, because this box drops it",
			   call->missing == AGFEO_OUT ? "from" : "to");
	else if (call->one_way)
		screen_put(screen, at + 3, 0, SCREEN_ALARM,
			   "ONE-WAY: nothing %s the device, and no drop of this box explains it",
			   call->missing == AGFEO_OUT ? "from" : "to");
	else if (has_ended(call))
		screen_put(screen, at + 3, 0, SCREEN_DIM,
			   "silent for %" PRIu64 "s: over, or on hold",
			   call->idle_ns / NS_PER_SECOND);
}

struct pane_count calls_draw(struct screen *screen, struct screen_area area,
			     struct screen_view *view, const struct screen_data *data)
{
	_cleanup_(freep) const struct call **calls = calloc(data->call_count + 1, sizeof(*calls));
	struct pane_count count = {.all = data->call_count};
	bool detailed = area.count >= DETAIL_FROM;
	struct list list = {
		.columns = columns,
		.column_count = CALLS_COLUMNS,
		.row = call_row,
		.context = calls,
		.empty = view->filter[0] ? "no call matches the filter" : "no calls",
	};

	if (!calls)
		return count;
	for (size_t i = 0; i < data->call_count; i++)
		if (is_wanted(view, &data->calls[i]))
			calls[count.shown++] = &data->calls[i];
	qsort_r(calls, count.shown, sizeof(*calls), compare, view);
	list.count = count.shown;
	if (detailed)
		area.count -= DETAIL_ROWS;
	list_draw(screen, area, &list, view);
	if (detailed && count.shown)
		detail_draw(screen, area.first + area.count, calls[view->selected[PANE_CALLS]]);
	return count;
}
