/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One-way audio, DESIGN 7: moments of a call as rows, each asked of a flow whose streams are measured
 * and, where its counts can tell, of the same flow without.
 */
#include "report/one_way.h"

#include <string.h>

#include "base/cleanup.h"
#include "check.h"

#define SECOND 1000000000ull
#define TICK   64000000ull
#define NOW    1000.0 /* s */

/* One direction, in seconds before now. */
struct side {
	unsigned packets;   /* of RTP; 0: none ever */
	double began, last; /* ago */
	double event;	    /* the last telephone event, ago; 0: none */
	bool noise;	    /* it ended with comfort noise */
};

static const struct row {
	const char *what;
	struct side side[2];
	int silent;	    /* the end that is missing, -1: not one-way */
	bool counts_differ; /* what is not measured cannot tell */
} rows[] = {
	{"both talk", {{500, 10, 0, 0, 0}, {500, 10, 0, 0, 0}}, -1, 0},
	{"the other never came", {{500, 10, 0, 0, 0}, {0}}, 1, 0},
	{"the first never came", {{0}, {500, 10, 0, 0, 0}}, 0, 0},
	{"nobody talks any more", {{500, 12, 2, 0, 0}, {0}}, -1, 0},
	{"both fell silent", {{500, 12, 4, 0, 0}, {500, 12, 4, 0, 0}}, -1, 0},
	{"the other fell silent 2 s ago", {{500, 10, 0, 0, 0}, {400, 10, 2, 0, 0}}, -1, 0},
	{"the other fell silent 3.2 s ago", {{500, 10, 0, 0, 0}, {400, 10, 3.2, 0, 0}}, 1, 0},
	{"the other dials", {{500, 10, 0, 0, 0}, {400, 10, 5, 1, 0}}, -1, 1},
	{"the other announced silence", {{500, 10, 0, 0, 0}, {400, 10, 5, 0, 1}}, -1, 1},
	{"ringing, 2 s into the call", {{100, 2, 0, 0, 0}, {0}}, -1, 0},
	{"3.2 s into the call", {{160, 3.2, 0, 0, 0}, {0}}, 1, 0},
	{"keepalives are no audio", {{6, 90, 0, 0, 0}, {0}}, -1, 0},
	{"nothing at all", {{0}, {0}}, -1, 0},
};

static struct agfeo_stream stream_of(const struct side *side)
{
	struct agfeo_stream stream = {0};

	if (!side->packets)
		return stream;
	stream.base = 0x10000;
	stream.cycles = 0x10000;
	stream.sequence = (__u16)(side->packets - 1);
	stream.started = (__u64)((NOW - side->began) * SECOND);
	stream.arrival = (__u64)((NOW - side->last) * SECOND);
	stream.event_arrival = side->event ? (__u64)((NOW - side->event) * SECOND) : 0;
	stream.after_noise = side->noise;
	return stream;
}

static struct agfeo_flow_direction direction_of(const struct side *side)
{
	return (struct agfeo_flow_direction){
		.packets = side->packets + 3, /* and three that are no RTP */
		.non_rtp = 3,
		.rtp_seen = side->packets != 0,
		.seen = (__u32)((NOW - side->last) * SECOND / TICK),
	};
}

static int missing(struct flow_record record, bool measured)
{
	struct flow_clock clock = {.tick = (uint32_t)(NOW * SECOND / TICK),
				   .tick_ns = TICK,
				   .now_ns = (uint64_t)(NOW * SECOND)};
	unsigned silent = 7;

	if (measured)
		record.flow.flags |= AGFEO_FLOW_QUALITY;
	else
		memset(record.stream, 0, sizeof(record.stream));
	if (flow_is_one_way(&record, &clock, &silent))
		return (int)silent;
	CHECK_EQ(silent, 7);
	return -1;
}

static struct flow_record record_of(const struct row *row)
{
	struct flow_record record = {.has_streams = true, .flow.class = AGFEO_CLASS_VOICE};
	double began = 0;

	for (int end = 0; end < 2; end++) {
		record.stream[end] = stream_of(&row->side[end]);
		record.flow.direction[end] = direction_of(&row->side[end]);
		if (row->side[end].began > began)
			began = row->side[end].began;
	}
	record.flow.opened_ns = (uint64_t)((NOW - began) * SECOND);
	return record;
}

int main(void)
{
	struct flow_record other;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK_ROW(rows[i].what);
		CHECK_EQ(missing(record_of(&rows[i]), true), rows[i].silent);
		if (!rows[i].counts_differ)
			CHECK_EQ(missing(record_of(&rows[i]), false), rows[i].silent);
	}
	CHECK_ROW("a flow that is no voice");
	other = record_of(&rows[1]);
	other.flow.class = AGFEO_CLASS_SIGNALLING;
	CHECK_EQ(missing(other, true), -1);
	CHECK_EQ(missing(other, false), -1);
	CHECK_ROW("RTCP, in a flow of its own: no RTP by its header");
	other = record_of(&rows[1]);
	other.flow.direction[0].rtp_seen = 0;
	CHECK_EQ(missing(other, false), -1);
	return check_done();
}
