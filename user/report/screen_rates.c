/* SPDX-License-Identifier: GPL-2.0 */
/* Rates and their sparklines; see screen_rates.h. */
#include "report/screen_rates.h"

#include <stdio.h>
#include <string.h>

#define NS_PER_SECOND 1000000000ull
#define LEVELS	      8

void rates_add(struct rates *rates, const struct rate_sample *sample)
{
	rates->samples[rates->next] = *sample;
	rates->next = (rates->next + 1) % RATES_SAMPLES;
	if (rates->count < RATES_SAMPLES)
		rates->count++;
}

/* The highest rate from `from` to `to`; negative: nothing was measured then. */
static double highest(const struct rates *rates, enum rate_kind kind, uint64_t from, uint64_t to)
{
	uint64_t middle = from + (to - from) / 2;
	double peak = -1;

	for (size_t i = 0; i < rates->count; i++) {
		const struct rate_sample *sample = &rates->samples[i];
		uint64_t begin =
			sample->end_ns > sample->length_ns ? sample->end_ns - sample->length_ns : 0;
		bool ends_within = sample->end_ns > from && sample->end_ns <= to;
		bool covers = begin <= middle && sample->end_ns >= middle;

		if ((ends_within || covers) && sample->rate[kind] > peak)
			peak = sample->rate[kind];
	}
	return peak;
}

static uint64_t minute_before(uint64_t now_ns)
{
	return now_ns > RATES_SECONDS * NS_PER_SECOND ? now_ns - RATES_SECONDS * NS_PER_SECOND : 0;
}

double rates_peak(const struct rates *rates, enum rate_kind kind, uint64_t now_ns)
{
	double peak = highest(rates, kind, minute_before(now_ns), now_ns);

	return peak > 0 ? peak : 0;
}

static int level_of(double rate, double peak)
{
	int level;

	if (rate <= 0 || peak <= 0)
		return 0;
	level = 1 + (int)(rate / peak * (LEVELS - 1));
	return level < LEVELS ? level : LEVELS - 1;
}

const char *rates_draw(const struct rates *rates, enum rate_kind kind, uint64_t now_ns, int columns,
		       bool utf8, char *text)
{
	static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char *const ascii[] = {"_", ".", ":", "-", "=", "+", "*", "#"};
	uint64_t begin = minute_before(now_ns), span = now_ns - begin;
	double peak = rates_peak(rates, kind, now_ns);
	char *at = text;

	for (int i = 0; i < columns; i++) {
		uint64_t from = begin + span * (uint64_t)i / (uint64_t)columns;
		uint64_t to = begin + span * (uint64_t)(i + 1) / (uint64_t)columns;
		double rate = highest(rates, kind, from, to);
		const char *block = " ";

		if (rate >= 0)
			block = (utf8 ? blocks : ascii)[level_of(rate, peak)];
		at = stpcpy(at, block);
	}
	*at = '\0';
	return text;
}

const char *rate_format(double rate, char *text)
{
	static const char units[] = " kMGT";
	int unit = 0;

	while (rate >= 999.5 && unit < 4) {
		rate /= 1000;
		unit++;
	}
	if (unit)
		snprintf(text, RATE_TEXT, rate < 99.95 ? "%.1f%c" : "%.0f%c", rate, units[unit]);
	else
		snprintf(text, RATE_TEXT, rate < 99.95 ? "%.1f" : "%.0f", rate);
	return text;
}
