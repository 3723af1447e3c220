/* SPDX-License-Identifier: GPL-2.0 */
/* Which direction of a voice flow is missing; see one_way.h. */
#include "report/one_way.h"

#define NS_PER_SECOND 1000000000ull
#define SILENT_NS     (3 * NS_PER_SECOND)
#define TALKING_NS    (3 * NS_PER_SECOND / 2)
#define TALKING_RATE  5 /* packets a second: audio has 8 and more, keepalives less than one */

/* What is known of the RTP of one direction. */
struct way {
	bool heard;   /* there was any */
	bool resting; /* it announced silence */
	uint64_t packets;
	uint64_t began_ns, last_ns;
};

/* A packet may have passed after the clock was read: that is now, not an eternity ago. */
static uint64_t ns_since(uint64_t then, uint64_t now)
{
	return now > then ? now - then : 0;
}

static struct way way_of_stream(const struct agfeo_stream *stream)
{
	return (struct way){
		.heard = stream->base,
		.resting = stream->after_noise,
		.packets = agfeo_stream_packets(stream),
		.began_ns = stream->started,
		.last_ns = agfeo_stream_last(stream),
	};
}

static struct way way_of_counts(const struct agfeo_flow *flow, unsigned end,
				const struct flow_clock *clock)
{
	const struct agfeo_flow_direction *way = &flow->direction[end];
	int32_t ticks = (int32_t)(clock->tick - way->seen);
	uint64_t silent_ns = ticks > 0 ? (uint64_t)ticks * clock->tick_ns : 0;

	return (struct way){
		.heard = way->rtp_seen,
		.packets = way->packets > way->non_rtp ? way->packets - way->non_rtp : 0,
		.began_ns = flow->opened_ns,
		.last_ns = ns_since(silent_ns, clock->now_ns),
	};
}

static bool is_audio(const struct way *way, uint64_t now_ns)
{
	uint64_t talked = ns_since(way->began_ns, way->last_ns);

	return way->heard && talked + TALKING_NS >= SILENT_NS &&
	       ns_since(way->last_ns, now_ns) < TALKING_NS &&
	       way->packets * NS_PER_SECOND >= talked * TALKING_RATE;
}

static bool is_missing(const struct way *way, const struct way *talker, uint64_t now_ns)
{
	if (!way->heard)
		return ns_since(talker->began_ns, now_ns) >= SILENT_NS;
	return !way->resting && ns_since(way->last_ns, now_ns) >= SILENT_NS;
}

bool flow_is_one_way(const struct flow_record *record, const struct flow_clock *clock,
		     unsigned *ret_silent)
{
	bool measured = record->has_streams && record->flow.flags & AGFEO_FLOW_QUALITY;
	struct way way[2];

	if (record->flow.class != AGFEO_CLASS_VOICE)
		return false;
	for (unsigned end = 0; end < 2; end++)
		way[end] = measured ? way_of_stream(&record->stream[end])
				    : way_of_counts(&record->flow, end, clock);
	for (unsigned end = 0; end < 2; end++) {
		if (is_audio(&way[!end], clock->now_ns) &&
		    is_missing(&way[end], &way[!end], clock->now_ns)) {
			*ret_silent = end;
			return true;
		}
	}
	return false;
}
