/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Voice quality, packet by packet: RFC 3550 A.1 (sequence), A.3 (loss), A.8 (jitter), in
 * nanoseconds. Pure: no maps, no helpers; the same lines run in the datapath and in host tests.
 *
 * stream_update() is a short straight way for the packet that everybody hopes for (same SSRC, next
 * sequence number, same payload type, no marker) and a call for all others.
 *
 * What it decides where RFC 3550 leaves room; tests/voice/README.md compares it with tshark:
 * - Counting begins with the first packet. A packet of another SSRC, or far from the sequence, is a
 *   stray until the next one continues it; then both count, as a new segment.
 * - A copy counts as one and never makes up for a loss.
 * - The jitter moves with every packet but telephone events, whose timestamp stands still. Samples
 *   for minimum, mean and maximum are taken of ordinary packets: not of a segment's first, not with
 *   the marker (a talkspurt begins), not of comfort noise and what follows it.
 * - A timestamp that contradicts the clock by more than 2^32 ns is a new beginning of the sender's
 *   clock (hold, transfer), not jitter.
 *
 * Packets of one direction come one after the other; where two CPUs meet in one stream, a count
 * may be lost, which is accepted.
 */
#ifndef BPF_STREAM_H
#define BPF_STREAM_H

#include <agfeo/stream.h>

#include "rtp_clock.h"
#include "window.h"

/*
 * A function of its own. It returns a value, and `used` makes it do so even where nobody looks: a
 * verifier refuses what else the register of a result may hold.
 */
#define STREAM_SELDOM static __attribute__((noinline, used))

#define STREAM_MAX_DROPOUT  3000    /* RFC 3550 A.1: a jump ahead below this is loss */
#define STREAM_MAX_MISORDER 100	    /* and how far apart the two packets of a new segment may be */
#define STREAM_FIRST_CYCLE  0x10000 /* a packet before the first must not go below zero */

#define RTP_TELEPHONE_EVENT 101
#define RTP_FIRST_DYNAMIC   96
#define RTP_EVENT_SHORTEST  4  /* RFC 4733, 2.3 */
#define RTP_EVENT_LONGEST   20 /* with the authentication tag of SRTP */

/* What a packet adds to counters that only grow. */
struct stream_delta {
	__u32 lost;
	__u32 duplicates;
	__u32 reordered;
};

/*
 * Telephone events carry four bytes. Their payload type is dynamic: the one that the configuration
 * gives, else 101 by custom, else one that is not the audio's. Whatever else is that short between
 * audio packets (comfort noise with a payload type of its own) has as little to say about jitter.
 */
static __always_inline bool stream_is_event(const struct agfeo_stream *s,
					    const struct rtp_header *h)
{
	struct stream_given given = stream_given(s, h->payload_type);

	if (given.period)
		return given.kind == AGFEO_ENCODING_EVENT;
	return h->payload_length >= RTP_EVENT_SHORTEST && h->payload_length <= RTP_EVENT_LONGEST &&
	       (h->payload_type == RTP_TELEPHONE_EVENT ||
		(h->payload_type >= RTP_FIRST_DYNAMIC && s->typed &&
		 h->payload_type != s->payload_type));
}

/* ------------------------------------------------------------------ sequence */

/* The window moves on by `ahead`; what leaves it unseen is lost for good. */
STREAM_SELDOM int stream_settle(struct agfeo_stream *s, __u32 ahead, struct stream_delta *delta)
{
	struct agfeo_gaps gaps = {s->lost, s->gaps, s->run, s->longest_gap};
	__u32 inside = ahead < AGFEO_STREAM_WINDOW ? ahead : AGFEO_STREAM_WINDOW;
	__u64 window = window_move(s->window, inside, &gaps);

	if (ahead > AGFEO_STREAM_WINDOW) { /* holes that pass through the window at once */
		__u32 before = window >> AGFEO_STREAM_WINDOW;
		__u32 holes = ahead - AGFEO_STREAM_WINDOW;

		gaps.run = gaps.run * (1 - before) + holes;
		gaps.lost += holes;
		gaps.gaps += before;
		if (gaps.run > gaps.longest)
			gaps.longest = gaps.run;
		window = 0;
	}
	delta->lost += gaps.lost - s->lost;
	s->window = window;
	s->lost = gaps.lost;
	s->gaps = gaps.gaps;
	s->run = gaps.run;
	s->longest_gap = gaps.longest;
	return 0;
}

static __always_inline __u32 stream_highest(const struct agfeo_stream *s)
{
	return s->cycles | s->sequence;
}

/* The packet is the newest: `ahead` further than the one before, 1 if nothing is missing. */
static __always_inline void stream_advance(struct agfeo_stream *s, __u32 ahead,
					   struct stream_delta *delta)
{
	__u32 highest = stream_highest(s) + ahead;

	stream_settle(s, ahead, delta);
	s->window |= 1;
	s->missing += ahead - 1;
	s->cycles = highest & 0xffff0000;
	s->sequence = highest;
}

/* The packet is `behind` the newest, and in the window. */
static __always_inline void stream_late(struct agfeo_stream *s, __u32 behind,
					struct stream_delta *delta)
{
	__u64 bit = 1ULL << (behind & 63);
	__u32 highest = stream_highest(s), number = highest - behind;

	if (number < s->base) { /* before the first: what lies between is missing now */
		__u64 before_base = ~0ULL << ((highest - s->base + 1) & 63);

		s->window &= ~(before_base & (bit - 1));
		s->missing += s->base - number - 1;
		s->base = number;
	} else if (s->window & bit) {
		s->duplicates++;
		delta->duplicates++;
		return;
	} else {
		s->missing--;
	}
	s->window |= bit;
	s->reordered++;
	delta->reordered++;
}

/* A new segment begins with this packet. What came before it counts as there. */
static __always_inline void stream_begin(struct agfeo_stream *s, __u32 ssrc, __u16 sequence)
{
	s->ssrc = ssrc;
	s->cycles = STREAM_FIRST_CYCLE;
	s->sequence = sequence;
	s->base = STREAM_FIRST_CYCLE | sequence;
	s->window = ~0ULL;
	s->jitter = 0;
	s->timed = 0;
	s->after_noise = 0;
	s->after_event = 0;
}

static __always_inline void stream_add_bytes(struct agfeo_stream *s, __u16 length)
{
	s->past_bytes += s->bytes;
	s->bytes = length;
}

/* The stray before and this packet are a new segment: closes the old one and counts the stray. */
static __always_inline void stream_adopt(struct agfeo_stream *s, struct stream_delta *delta)
{
	if (s->candidate_ssrc == s->ssrc)
		s->restarts++;
	else
		s->ssrc_changes++;
	stream_settle(s, AGFEO_STREAM_WINDOW - 1, delta);
	s->past_expected += stream_highest(s) - s->base + 1;

	stream_begin(s, s->candidate_ssrc, s->candidate_sequence);
	s->arrival = s->candidate_arrival;
	s->timestamp = s->candidate_timestamp;
	s->timed = 1;
	stream_add_bytes(s, s->candidate_length);
	s->unsampled++;
	s->strays--;
	s->candidate_arrival = 0;
}

static __always_inline void stream_keep_stray(struct agfeo_stream *s, const struct rtp_header *h,
					      __u64 now)
{
	s->strays++;
	s->candidate_arrival = now;
	s->candidate_ssrc = h->ssrc;
	s->candidate_timestamp = h->timestamp;
	s->candidate_sequence = h->sequence;
	s->candidate_length = h->payload_length;
}

enum stream_place {
	STREAM_STRAY,
	STREAM_FIRST,
	STREAM_NEWEST,
	STREAM_LATE, /* or a copy */
};

/* Finds the packet its place in the sequence, RFC 3550 A.1. */
STREAM_SELDOM enum stream_place stream_place(struct agfeo_stream *s, const struct rtp_header *h,
					     __u64 now, struct stream_delta *delta)
{
	__u32 ahead = (__u16)(h->sequence - s->sequence);
	__u32 behind = (__u16)(s->sequence - h->sequence);

	if (!s->base) {
		stream_begin(s, h->ssrc, h->sequence);
		s->started = now;
		s->jitter_min = ~0U;
		return STREAM_FIRST;
	}
	if (h->ssrc == s->ssrc && behind < AGFEO_STREAM_WINDOW) {
		stream_late(s, behind, delta);
		return STREAM_LATE;
	}
	if (h->ssrc != s->ssrc || ahead >= STREAM_MAX_DROPOUT) {
		ahead = (__u16)(h->sequence - s->candidate_sequence);
		if (!s->candidate_arrival || h->ssrc != s->candidate_ssrc || !ahead ||
		    ahead > STREAM_MAX_MISORDER) {
			stream_keep_stray(s, h, now);
			return STREAM_STRAY;
		}
		stream_adopt(s, delta);
	}
	stream_advance(s, ahead, delta);
	return STREAM_NEWEST;
}

/* ------------------------------------------------------------------ time */

/* RFC 3550 A.8: |D|, ns, for a stream that has a clock and a packet before. */
static __always_inline __u64 stream_distance(const struct agfeo_stream *s, __u32 timestamp,
					     __u64 now)
{
	__s64 media =
		((__s64)(__s32)(timestamp - s->timestamp) * s->period) >> AGFEO_STREAM_PERIOD_SHIFT;
	__s64 d = (__s64)(now - s->arrival) - media;
	__s64 sign = d >> 63;

	return (d ^ sign) - sign; /* no branch: the sign of jitter is not to be guessed */
}

/* The sender's clock jumped: the jitter is what it was. */
static __always_inline bool stream_is_jump(__u64 distance)
{
	return distance >> 32;
}

static __always_inline void stream_add_jitter(struct agfeo_stream *s, __u64 distance)
{
	s->jitter += distance - ((s->jitter + 8) >> 4);
}

static __always_inline bool stream_move_jitter(struct agfeo_stream *s, __u32 timestamp, __u64 now)
{
	__u64 distance = stream_distance(s, timestamp, now);

	if (stream_is_jump(distance)) {
		s->clock_jumps++;
		return false;
	}
	stream_add_jitter(s, distance);
	return true;
}

static __always_inline void stream_sample_jitter(struct agfeo_stream *s)
{
	__u64 jitter = s->jitter >> 4;

	s->jitter_sum += jitter;
	if (jitter < s->jitter_min)
		s->jitter_min = jitter;
	if (jitter > s->jitter_max)
		s->jitter_max = jitter;
}

/* `last` is the arrival of the packet before; clocks of two CPUs may differ by a little. */
static __always_inline void stream_sample_delta(struct agfeo_stream *s, __u64 last, __u64 now)
{
	__s64 delta = (__s64)(now - last) >> AGFEO_STREAM_DELTA_SHIFT;

	if (delta > (__s64)s->max_delta)
		s->max_delta = delta >> 32 ? ~0U : (__u32)delta;
}

static __always_inline void stream_set_type(struct agfeo_stream *s, __u8 payload_type, __u32 given)
{
	__u32 period = given ? given : stream_static_period(payload_type);

	if (s->typed && s->payload_type == payload_type)
		return;
	if (s->typed) {
		s->payload_type_changes++;
		s->clock_packets = 0;
		if (period != s->period)
			s->timed = 0;
	}
	s->payload_type = payload_type;
	s->typed = 1;
	s->period = period;
}

/* Everything about time of a packet that found its place. Returns whether it gave a sample. */
STREAM_SELDOM bool stream_time(struct agfeo_stream *s, const struct rtp_header *h, __u64 now,
			       enum stream_place place)
{
	struct stream_given given = stream_given(s, h->payload_type);
	bool noise = stream_is_noise(given, h->payload_type), compared, sampled;

	if (!noise)
		stream_set_type(s, h->payload_type, given.period);
	else if (!s->typed)
		s->period = given.period ? given.period : stream_period(8000);

	compared = s->timed && s->period;
	sampled = s->timed && !h->marker && !noise && !s->after_noise;
	if (sampled)
		stream_sample_delta(s, s->after_event ? s->event_arrival : s->arrival, now);
	if (compared)
		compared = stream_move_jitter(s, h->timestamp, now);
	sampled = sampled && compared;
	if (sampled)
		stream_sample_jitter(s);
	else
		s->unsampled++;
	s->arrival = now;
	s->timestamp = h->timestamp;
	if (!s->period && place == STREAM_NEWEST)
		stream_measure_clock(s, h->timestamp, now);

	s->timed = 1;
	s->comfort_noise += noise;
	s->after_noise = noise;
	s->after_event = 0;
	s->regular = noise || !s->period ? 0 : h->payload_type + 1;
	return sampled;
}

/* ------------------------------------------------------------------ a packet */

static __always_inline void stream_event(struct agfeo_stream *s, __u64 now)
{
	s->events++;
	s->unsampled++;
	s->event_arrival = now;
	s->after_event = 1;
	s->regular = 0;
}

/* A packet that is not simply the next one. False: a stray. */
STREAM_SELDOM bool stream_unusual(struct agfeo_stream *s, const struct rtp_header *h, __u64 now,
				  struct stream_delta *delta)
{
	enum stream_place place = stream_place(s, h, now, delta);

	if (place == STREAM_STRAY)
		return false;
	stream_add_bytes(s, h->payload_length);
	if (!s->typed)
		s->payload_type = h->payload_type;
	if (stream_is_event(s, h))
		stream_event(s, now);
	else
		stream_time(s, h, now, place);
	return true;
}

/*
 * Whether it continues the stream, no hole leaves the window with it, and the sequence does not wrap:
 * one branch for all questions. Between two wraps `bytes` cannot overflow: 65535 datagrams of 65535.
 */
static __always_inline bool stream_is_next(const struct agfeo_stream *s, const struct rtp_header *h)
{
	__u64 differs = h->ssrc ^ s->ssrc;

	differs |= (__u16)(s->sequence + 1) ^ (__u32)h->sequence;
	differs |= (h->payload_type + 1U) ^ s->regular;
	differs |= h->marker;
	differs |= ~s->window >> (AGFEO_STREAM_WINDOW - 1) & 1;
	return !differs && h->sequence;
}

/*
 * Takes a packet that continues the stream without more ado. False: it says more than that, and nothing
 * was done. What it touches is the first line of the stream, which may stand alone.
 */
static __always_inline bool stream_next(struct agfeo_stream *s, const struct rtp_header *h,
					__u64 now_ns)
{
	__u64 distance;

	if (!stream_is_next(s, h))
		return false;
	distance = stream_distance(s, h->timestamp, now_ns);
	if (stream_is_jump(distance))
		return false;
	s->sequence = h->sequence;
	s->window = s->window << 1 | 1;
	s->bytes += h->payload_length;
	stream_sample_delta(s, s->arrival, now_ns);
	stream_add_jitter(s, distance);
	s->arrival = now_ns;
	s->timestamp = h->timestamp;
	stream_sample_jitter(s);
	return true;
}

/* Takes one RTP packet into the stream of its direction. */
static __always_inline void stream_update(struct agfeo_stream *s, const struct rtp_header *h,
					  __u64 now_ns, struct stream_delta *ret_delta)
{
	*ret_delta = (struct stream_delta){};
	if (!stream_next(s, h, now_ns))
		stream_unusual(s, h, now_ns, ret_delta);
}

/* Counts what came on the ports of a voice flow and is no RTP. */
static __always_inline void stream_count_other(struct agfeo_stream *s, enum payload_kind kind)
{
	switch (kind) {
	case PAYLOAD_RTP:
		return;
	case PAYLOAD_RTCP:
		s->rtcp++;
		return;
	case PAYLOAD_STUN:
		s->stun++;
		return;
	case PAYLOAD_DTLS:
		s->dtls++;
		return;
	case PAYLOAD_ZRTP:
		s->zrtp++;
		return;
	case PAYLOAD_TURN:
	case PAYLOAD_OTHER:
		s->other++;
		return;
	}
}

#endif
