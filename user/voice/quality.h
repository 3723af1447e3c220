/* SPDX-License-Identifier: GPL-2.0 */
/* From what the datapath keeps of a stream to what a person asks: how does it sound? */
#ifndef USER_VOICE_QUALITY_H
#define USER_VOICE_QUALITY_H

#include <agfeo/stream.h>
#include <stdbool.h>
#include <stdint.h>

#include "voice/codec.h"

struct quality {
	uint64_t packets, bytes; /* copies included; bytes of payload */
	uint64_t expected, lost, duplicates, reordered;
	double loss_percent;
	uint64_t gaps, longest_gap; /* runs of loss, and the longest in packets */

	bool has_jitter; /* the clock of the codec is known, and there was something to measure */
	double jitter_ms, mean_jitter_ms, min_jitter_ms, max_jitter_ms;
	double max_delta_ms;

	bool has_mos; /* G.113 has values for the codec, and there was audio */
	double mos, r, burst_ratio;
	struct impairment impairment;
};

/* Of the whole stream so far. A stream without a packet gives zeros. */
void quality_of(const struct agfeo_stream *stream, struct quality *ret_quality);

/*
 * What happened between two readings of one stream, for what is observed once an interval: counts,
 * loss and MOS are of the interval, jitter is that at its end. A stream that began anew in between
 * (fewer packets expected than before) counts whole.
 */
void quality_since(const struct agfeo_stream *now, const struct agfeo_stream *before,
		   struct quality *ret_quality);

#endif
