/* SPDX-License-Identifier: GPL-2.0 */
/* One capture, measured: by bpf/stream.h, by tshark, and by what a `calls` document says. */
#ifndef TESTS_VOICE_MEASURED_H
#define TESTS_VOICE_MEASURED_H

#include <agfeo/stream.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEASURED_MOST 64

/* One direction of a call; for tshark one SSRC of it. */
struct measured {
	char source[64], destination[64]; /* "192.0.2.7:20000" */
	uint32_t ssrc;
	long packets, expected, lost; /* expected: not said by tshark (-1) */
	bool has_jitter;
	double min_jitter_ms, mean_jitter_ms, max_jitter_ms, max_delta_ms;
	double weighted_mean_ms;    /* ours: the same samples in tshark's mean, -1 elsewhere */
	struct agfeo_stream stream; /* ours only */
};

struct measurement {
	struct measured row[MEASURED_MOST];
	size_t count;
};

/* Each returns 0 or a negative errno, having said what failed on standard output. */
int measure_capture(const char *path, struct measurement *ret_measurement);
/* tshark -z rtp,streams, with every UDP port of `rows` decoded as RTP. */
int measure_tshark(const char *path, const struct measurement *rows,
		   struct measurement *ret_measurement);
/* The document of `calls --json`, or the last line of `replay --calls`. */
int measure_calls(const char *path, struct measurement *ret_measurement);

/* The version of tshark times 100 (400, 404), 0 when there is none. */
int tshark_version(void);

/* The row of this direction; of any SSRC when ssrc is 0. NULL. */
const struct measured *measured_find(const struct measurement *m, const struct measured *like,
				     uint32_t ssrc);

#endif
