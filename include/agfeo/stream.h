/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is kept of the RTP of one direction of a voice flow. Written by the datapath
 * (bpf/stream.h), read by user space; a stream that saw no packet is all zeros, but for `given`. Times
 * are ns.
 *
 * A direction may change its SSRC or restart its sequence; each time a new segment begins. `base`,
 * `cycles`, `sequence`, `window` and `jitter` are the current segment's; counters and the samples of
 * the jitter run on over all of them.
 */
#ifndef AGFEO_STREAM_H
#define AGFEO_STREAM_H

#include <agfeo/encodings.h>
#include <agfeo/types.h>

#define AGFEO_STREAM_WINDOW	  63 /* sequence numbers in which a late packet is told from a copy */
#define AGFEO_STREAM_LINE	  64 /* bytes of it that an ordinary packet touches */
#define AGFEO_STREAM_PERIOD_SHIFT 15
#define AGFEO_STREAM_DELTA_SHIFT  10

struct agfeo_stream {
	/* The line: AGFEO_STREAM_LINE. */
	__u64 window;	  /* bit n < 63: (highest - n) arrived; bit 63: the one that left did */
	__u64 arrival;	  /* of the newest packet that is no telephone event */
	__u64 jitter;	  /* RFC 3550 A.8: ns, times 16 */
	__u64 jitter_sum; /* ns, of every sample of the jitter */
	__u32 ssrc;
	__u32 timestamp;  /* RTP, of the packet of `arrival` */
	__u32 period;	  /* ns of a tick of the RTP clock, times 2^15; 0: not known */
	__u32 bytes;	  /* of RTP payload, besides `past_bytes` */
	__u32 jitter_min; /* ns, of the samples */
	__u32 jitter_max;
	__u32 max_delta; /* longest time between two packets that should follow on: 2^10 ns */
	__u16 sequence;	 /* the highest: RFC 3550 A.1, max_seq */
	__u8 regular;	 /* payload type + 1 that continues the stream without more ado; 0: none */
	__u8 pad0;

	__u32 base;   /* first sequence number, extended like `cycles`; 0: no packet yet */
	__u32 cycles; /* A.1: wraps of the sequence, times 2^16; a segment starts in cycle 1 */
	__u32 past_expected; /* of the segments before */
	__u32 missing;	     /* expected and not there (yet), of all segments */
	__u32 duplicates;
	__u32 reordered;   /* arrived after a later one */
	__u32 lost;	   /* holes that left the window: final, never taken back */
	__u32 gaps;	   /* runs of them */
	__u32 run;	   /* length of the newest run */
	__u32 longest_gap; /* packets */
	__u32 unsampled;   /* packets that gave no sample of the jitter */
	__u32 ssrc_changes;
	__u32 restarts; /* of the sequence, with the same SSRC */
	__u32 payload_type_changes;
	__u32 clock_jumps;   /* the timestamp contradicted the clock by more than 4 s */
	__u32 events;	     /* telephone events (RFC 4733) among the packets */
	__u32 comfort_noise; /* comfort noise (RFC 3389) among them */
	__u32 strays;	     /* RTP that fits no segment: not among the packets */
	__u32 rtcp;
	__u32 stun;
	__u32 dtls;
	__u32 zrtp;
	__u32 other;
	__u32 clock_timestamp; /* where the measurement of an unknown clock began */
	__u64 clock_arrival;
	__u64 past_bytes;
	__u64 started;		 /* arrival of the first packet */
	__u64 event_arrival;	 /* of the newest telephone event */
	__u64 candidate_arrival; /* the stray that the next packet may continue; 0: none */
	__u32 candidate_ssrc;
	__u32 candidate_timestamp;
	__u16 candidate_sequence;
	__u16 candidate_length;
	__u16 clock_packets; /* in sequence since the measurement of the clock began */
	__u8 payload_type;   /* of the audio; of anything while there was no audio */
	__u8 typed;	     /* payload_type is the audio's */
	__u8 timed;	     /* `arrival` and `timestamp` hold for the next packet's jitter */
	__u8 after_noise;    /* the packet before was comfort noise */
	__u8 after_event;    /* … a telephone event */
	__u8 pad[5];
	struct agfeo_payload_types given; /* by the configuration */
};

_Static_assert(sizeof(struct agfeo_stream) == 256, "stream: four cache lines");
_Static_assert(offsetof(struct agfeo_stream, base) == AGFEO_STREAM_LINE,
	       "the hot line of a stream");

/* RFC 3550 A.3, over all segments. */
static inline __u32 agfeo_stream_expected(const struct agfeo_stream *s)
{
	return s->past_expected + (s->base ? (s->cycles | s->sequence) - s->base + 1 : 0);
}

/* Expected and not there (yet): a copy does not make up for a loss. */
static inline __u32 agfeo_stream_lost(const struct agfeo_stream *s)
{
	return s->missing;
}

/* RTP packets, copies included. */
static inline __u32 agfeo_stream_packets(const struct agfeo_stream *s)
{
	return agfeo_stream_expected(s) - s->missing + s->duplicates;
}

static inline __u64 agfeo_stream_bytes(const struct agfeo_stream *s)
{
	return s->past_bytes + s->bytes;
}

/* How many samples `jitter_sum`, `jitter_min` and `jitter_max` are of. */
static inline __u32 agfeo_stream_samples(const struct agfeo_stream *s)
{
	return agfeo_stream_packets(s) - s->unsampled;
}

/* Arrival of the newest packet. */
static inline __u64 agfeo_stream_last(const struct agfeo_stream *s)
{
	return s->arrival > s->event_arrival ? s->arrival : s->event_arrival;
}

/* Hz; 0: not known. */
static inline __u32 agfeo_stream_clock_rate(const struct agfeo_stream *s)
{
	const __u64 second = 1000000000ULL << AGFEO_STREAM_PERIOD_SHIFT;

	return s->period ? (second + s->period / 2) / s->period : 0;
}

struct agfeo_gaps {
	__u32 lost; /* packets */
	__u32 gaps; /* runs of them */
	__u32 run;  /* the newest */
	__u32 longest;
};

/*
 * One sequence number leaves the window: bit 62, while bit 63 says what the one before it was.
 * The datapath moves by many at once: bpf/window.h.
 */
static inline __u64 agfeo_window_shift(__u64 window, struct agfeo_gaps *gaps)
{
	__u32 before = window >> AGFEO_STREAM_WINDOW;
	__u32 hole = ~window >> (AGFEO_STREAM_WINDOW - 1) & 1;

	gaps->run = gaps->run * (1 - before) + 1;
	gaps->lost += hole;
	gaps->gaps += hole & before;
	if (gaps->run * hole > gaps->longest)
		gaps->longest = gaps->run;
	return window << 1;
}

/* Losses and their runs as they would be if nothing came late any more. */
static inline struct agfeo_gaps agfeo_stream_gaps(const struct agfeo_stream *s)
{
	struct agfeo_gaps gaps = {s->lost, s->gaps, s->run, s->longest_gap};
	__u64 window = s->window;

	for (int i = 1; s->base && i < AGFEO_STREAM_WINDOW; i++)
		window = agfeo_window_shift(window, &gaps);
	return gaps;
}

#endif
