/* SPDX-License-Identifier: GPL-2.0 */
/* A sender of RTP, and bpf/stream.h on the host that watches it. */
#ifndef TESTS_LIB_RTP_SENDER_H
#define TESTS_LIB_RTP_SENDER_H

#include "check.h"
#include "stream.h"

#define MS     1000000ull
#define SECOND 1000000000ull
#define PTIME  (20 * MS)
#define PCMA   8
#define SSRC   0xabcd1234

/* A sender and the stream that watches it. */
struct call {
	struct agfeo_stream stream;
	struct stream_delta sum; /* of all deltas */
	__u64 now;
	struct rtp_header next;
};

static inline struct call call_new(void)
{
	return (struct call){
		.now = 1000 * SECOND,
		.next = {.version = 2,
			 .payload_type = PCMA,
			 .sequence = 100,
			 .timestamp = 5000,
			 .ssrc = SSRC,
			 .payload_length = 160},
	};
}

static inline void take(struct call *c, const struct rtp_header *h)
{
	struct stream_delta delta;

	stream_update(&c->stream, h, c->now, &delta);
	c->sum.lost += delta.lost;
	c->sum.duplicates += delta.duplicates;
	c->sum.reordered += delta.reordered;
}

/* The sender's clock goes on by one packet. */
static inline void pass(struct call *c)
{
	c->next.sequence++;
	c->next.timestamp += 160;
	c->next.marker = 0;
	c->now += PTIME;
}

static inline void speak(struct call *c, unsigned packets)
{
	while (packets--) {
		take(c, &c->next);
		pass(c);
	}
}

static inline void lose(struct call *c, unsigned packets)
{
	while (packets--)
		pass(c);
}

/* The packet that was sent `ago` packets before the next one. */
static inline struct rtp_header earlier(const struct call *c, unsigned ago)
{
	struct rtp_header h = c->next;

	h.sequence -= ago;
	h.timestamp -= 160 * ago;
	return h;
}

static inline void check_counts(const struct call *c, unsigned packets, unsigned expected,
				unsigned lost)
{
	CHECK_EQ(agfeo_stream_packets(&c->stream), packets);
	CHECK_EQ(agfeo_stream_expected(&c->stream), expected);
	CHECK_EQ(agfeo_stream_lost(&c->stream), lost);
}

#endif
