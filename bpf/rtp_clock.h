/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The clock of an RTP stream, kept as the period of a tick: of a static payload type by RFC 3551, of
 * a dynamic one as the configuration gives it, else by how fast its timestamps run. Pure.
 */
#ifndef BPF_RTP_CLOCK_H
#define BPF_RTP_CLOCK_H

#include <agfeo/stream.h>

#include "rtp.h"

#define RTP_COMFORT_NOISE     13
#define RTP_COMFORT_NOISE_OLD 19

/* An unknown clock is measured over this many packets in sequence, and this long. */
#define CLOCK_PACKETS	   32
#define CLOCK_MOST_PACKETS 256 /* then begin anew */
#define CLOCK_SHORTEST_NS  500000000ULL

static __always_inline __u32 stream_period(__u32 clock_rate)
{
	return ((1000000000ULL << AGFEO_STREAM_PERIOD_SHIFT) + clock_rate / 2) / clock_rate;
}

/* The clock of a static payload type, as a period: RFC 3551, table 4 and 5. 0: there is none. */
static __always_inline __u32 stream_static_period(__u8 payload_type)
{
	switch (payload_type) {
	case 6: /* DVI4 */
		return stream_period(16000);
	case 10: /* L16, stereo */
	case 11: /* L16 */
		return stream_period(44100);
	case 14: /* MPA */
	case 25: /* CelB */
	case 26: /* JPEG */
	case 28: /* nv */
	case 31: /* H261 */
	case 32: /* MPV */
	case 33: /* MP2T */
	case 34: /* H263 */
		return stream_period(90000);
	case 16: /* DVI4 */
		return stream_period(11025);
	case 17: /* DVI4 */
		return stream_period(22050);
	}
	/* PCMU, GSM, G723, DVI4, LPC, PCMA, G722 (8000 by an old mistake), QCELP, CN, G728, G729 */
	if (payload_type <= RTP_COMFORT_NOISE_OLD && payload_type != 1 && payload_type != 2)
		return stream_period(8000);
	return 0;
}

/* What the configuration says of a dynamic payload type; a period of 0: nothing. */
struct stream_given {
	__u32 period;
	__u32 kind; /* enum agfeo_encoding_kind */
};

static __always_inline struct stream_given stream_given(const struct agfeo_stream *s,
							__u8 payload_type)
{
#define STREAM_PERIOD(rate)                                                                        \
	((__u32)(((1000000000ULL << AGFEO_STREAM_PERIOD_SHIFT) + (rate) / 2) / (rate)))
#define X(id, name, rate, kind) {STREAM_PERIOD(rate), AGFEO_ENCODING_##kind},
	static const struct stream_given rows[AGFEO_ENCODING_COUNT] = {
		{0, 0},
		AGFEO_ENCODINGS(X)
	};
#undef X
#undef STREAM_PERIOD
	__u64 encoding = agfeo_encoding_of(&s->given, payload_type);

	barrier_var(encoding); /* clang 19 compares one copy and indexes by another */
	return rows[encoding < AGFEO_ENCODING_COUNT ? encoding : 0];
}

static __always_inline bool stream_is_noise(struct stream_given given, __u8 payload_type)
{
	if (given.period)
		return given.kind == AGFEO_ENCODING_NOISE;
	return payload_type == RTP_COMFORT_NOISE || payload_type == RTP_COMFORT_NOISE_OLD;
}

/* The clock rate that the measured one can only be, or 0: 2 % either way. */
static __always_inline __u32 stream_snap(__u64 rate)
{
#define STREAM_NEAR(clock) (rate >= (clock) / 50 * 49 && rate <= (clock) / 50 * 51)
	if (STREAM_NEAR(8000))
		return 8000;
	if (STREAM_NEAR(16000))
		return 16000;
	if (STREAM_NEAR(32000))
		return 32000;
	if (STREAM_NEAR(44100))
		return 44100;
	if (STREAM_NEAR(48000))
		return 48000;
	if (STREAM_NEAR(90000))
		return 90000;
#undef STREAM_NEAR
	return 0;
}

/* A dynamic payload type: its clock is how fast its timestamps run. */
static __always_inline void stream_measure_clock(struct agfeo_stream *s, __u32 timestamp, __u64 now)
{
	__u64 elapsed = now - s->clock_arrival;
	__u32 ticks = timestamp - s->clock_timestamp, rate;

	if (!s->clock_packets || s->clock_packets > CLOCK_MOST_PACKETS) {
		s->clock_packets = 1;
		s->clock_arrival = now;
		s->clock_timestamp = timestamp;
		return;
	}
	s->clock_packets++;
	if (s->clock_packets % CLOCK_PACKETS || elapsed < CLOCK_SHORTEST_NS || ticks >> 31)
		return;
	rate = stream_snap((__u64)ticks * 1000000 / (elapsed / 1000));
	if (rate)
		s->period = stream_period(rate);
}

#endif
