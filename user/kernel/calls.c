/* SPDX-License-Identifier: GPL-2.0 */
/* From voice flows to calls; see calls.h. */
#include "kernel/calls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "kernel/flows.h"
#include "voice/quality.h"

#define NS_PER_SECOND 1000000000ull

static uint64_t ns_since(uint64_t then, uint64_t now)
{
	return now > then ? now - then : 0;
}

static void describe_stream(const struct agfeo_stream *stream,
			    const struct agfeo_flow_direction *way, enum agfeo_direction direction,
			    struct call_stream *ret_stream)
{
	uint32_t clock_rate = agfeo_stream_clock_rate(stream);
	struct quality q;

	quality_of(stream, &q);
	*ret_stream = (struct call_stream){
		.direction = direction,
		.ssrc = stream->ssrc,
		.payload_type = stream->payload_type,
		.dscp_in = way->dscp_in,
		.dscp_out = way->dscp_out,
		.clock_rate = clock_rate,
		.packets = q.packets,
		.bytes = q.bytes,
		.expected = q.expected,
		.lost = q.lost,
		.duplicates = q.duplicates,
		.reordered = q.reordered,
		.gaps = q.gaps,
		.longest_gap = q.longest_gap,
		.ssrc_changes = stream->ssrc_changes,
		.restarts = stream->restarts,
		.events = stream->events,
		.comfort_noise = stream->comfort_noise,
		.payload_type_changes = stream->payload_type_changes,
		.clock_jumps = stream->clock_jumps,
		.strays = stream->strays,
		.rtcp = stream->rtcp,
		.stun = stream->stun,
		.dtls = stream->dtls,
		.zrtp = stream->zrtp,
		.other = stream->other,
		.loss_percent = q.loss_percent,
		.has_jitter = q.has_jitter,
		.jitter_ms = q.jitter_ms,
		.mean_jitter_ms = q.mean_jitter_ms,
		.min_jitter_ms = q.min_jitter_ms,
		.max_jitter_ms = q.max_jitter_ms,
		.max_delta_ms = q.max_delta_ms,
		.has_mos = q.has_mos,
		.mos = q.mos,
		.ie = q.impairment.ie,
		.bpl = q.impairment.bpl,
		.burst_ratio = q.burst_ratio,
		.r = q.r,
	};
	codec_format(stream->payload_type, clock_rate, &stream->given, ret_stream->codec);
}

/* When RTP began and was last heard, in either direction. False: never. */
static bool time_of(const struct agfeo_stream stream[2], uint64_t *ret_start, uint64_t *ret_last)
{
	uint64_t start = UINT64_MAX, last = 0;

	for (int i = 0; i < 2; i++) {
		if (!stream[i].base)
			continue;
		if (stream[i].started < start)
			start = stream[i].started;
		if (agfeo_stream_last(&stream[i]) > last)
			last = agfeo_stream_last(&stream[i]);
	}
	*ret_start = start;
	*ret_last = last;
	return start != UINT64_MAX;
}

void call_streams(const struct flow_record *record, const struct flow_row *row,
		  struct call *ret_call)
{
	static const enum agfeo_direction order[] = {AGFEO_OUT, AGFEO_IN};

	ret_call->stream_count = 0;
	for (int i = 0; i < 2; i++) {
		enum agfeo_direction way = order[i];
		unsigned sender = way == AGFEO_OUT ? row->local_end : !row->local_end;
		const struct agfeo_stream *stream = &record->stream[sender];
		struct call_stream *described;

		ret_call->dropped_here[way] = row->dropped[way];
		if (!stream->base)
			continue;
		described = &ret_call->stream[ret_call->stream_count++];
		describe_stream(stream, &row->way[way], way, described);
		described->dropped_here = row->dropped[way];
	}
}

bool call_describe(const struct flow_record *record, const struct identities *identities,
		   const struct flow_clock *clock, uint64_t realtime_offset_ns,
		   struct call *ret_call)
{
	struct call call = {.local_port = 0};
	struct flow_row row;
	uint64_t start, last;

	if (!record->has_streams || !time_of(record->stream, &start, &last) ||
	    ns_since(last, clock->now_ns) >= CALL_ENDED_SECONDS * NS_PER_SECOND)
		return false;
	flow_describe(record, identities, clock, &row);
	snprintf(call.device, sizeof(call.device), "%s", row.device);
	snprintf(call.model, sizeof(call.model), "%s", row.model);
	snprintf(call.service, sizeof(call.service), "%s", row.service);
	snprintf(call.remote_device, sizeof(call.remote_device), "%s", row.remote_device);
	call.local = row.local;
	call.remote = row.remote;
	call.local_port = row.local_port;
	call.remote_port = row.remote_port;
	call.start_ns = start + realtime_offset_ns;
	call.duration_ns = ns_since(start, last);
	call.idle_ns = ns_since(last, clock->now_ns);
	call.one_way = row.one_way;
	call.missing = row.missing;
	call_streams(record, &row, &call);
	*ret_call = call;
	return true;
}

struct gathering {
	const struct identities *identities;
	struct flow_clock clock;
	uint64_t realtime_offset_ns;
	struct call *calls;
	size_t count, room;
};

static int gather(const struct flow_record *record, void *context)
{
	struct gathering *all = context;

	if (all->count == all->room) {
		size_t room = all->room ? 2 * all->room : 64;
		struct call *calls = realloc(all->calls, room * sizeof(*calls));

		if (!calls)
			return fail(-ENOMEM, "calls");
		all->calls = calls;
		all->room = room;
	}
	if (call_describe(record, all->identities, &all->clock, all->realtime_offset_ns,
			  &all->calls[all->count]))
		all->count++;
	return 0;
}

static uint64_t realtime_offset(uint64_t monotonic_ns)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec - monotonic_ns;
}

int calls_read(const char *pin, const struct agfeo_meta *meta, const struct identities *identities,
	       const struct flow_clock *clock, struct call **ret_calls, size_t *ret_count)
{
	struct gathering all = {.identities = identities};
	int err = 0;

	if (clock)
		all.clock = *clock;
	else
		err = flows_clock(pin, meta, &all.clock);
	if (!err && !clock)
		all.realtime_offset_ns = realtime_offset(all.clock.now_ns);
	if (!err)
		err = flows_each(pin, gather, &all);
	if (err) {
		free(all.calls);
		return err;
	}
	calls_sort(all.calls, all.count);
	*ret_calls = all.calls;
	*ret_count = all.count;
	return 0;
}
