/* SPDX-License-Identifier: GPL-2.0 */
/* Rates of the last minute, and the line of blocks that shows them. */
#ifndef USER_REPORT_SCREEN_RATES_H
#define USER_REPORT_SCREEN_RATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RATES_SECONDS 60
#define RATES_SAMPLES 128 /* more than a minute has, at a second each */

enum rate_kind { RATE_PASSED, RATE_DROPPED, RATE_KINDS };

/* The mean over the time from end_ns - length_ns to end_ns. */
struct rate_sample {
	uint64_t end_ns, length_ns; /* of any clock that never steps */
	double rate[RATE_KINDS];    /* a second */
};

struct rates {
	struct rate_sample samples[RATES_SAMPLES];
	size_t next, count;
};

void rates_add(struct rates *rates, const struct rate_sample *sample);
/* The highest of the last minute; 0: there was none. */
double rates_peak(const struct rates *rates, enum rate_kind kind, uint64_t now_ns);

/*
 * The last minute in that many columns, the newest at the right, scaled to its peak: ▁ is nothing,
 * from ▂ on there was something, a blank is a time that nobody measured. Without UTF-8 in ASCII.
 * The buffer needs 3 * columns + 1 bytes. Returns it.
 */
const char *rates_draw(const struct rates *rates, enum rate_kind kind, uint64_t now_ns, int columns,
		       bool utf8, char *text);

/* "3.2", "812", "12.3k", "4.5M": five columns at most. */
#define RATE_TEXT 24
const char *rate_format(double rate, char *text);

#endif
