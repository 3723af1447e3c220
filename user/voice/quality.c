/* SPDX-License-Identifier: GPL-2.0 */
/* Streams in figures; see quality.h. */
#include "voice/quality.h"

#define NS_PER_MS 1e6

static uint64_t more_than(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

static void read_jitter(const struct agfeo_stream *stream, struct quality *q)
{
	uint32_t samples = agfeo_stream_samples(stream);

	q->max_delta_ms =
		(double)((uint64_t)stream->max_delta << AGFEO_STREAM_DELTA_SHIFT) / NS_PER_MS;
	q->has_jitter = stream->period && samples;
	if (!q->has_jitter)
		return;
	q->jitter_ms = (double)stream->jitter / 16 / NS_PER_MS;
	q->mean_jitter_ms = (double)stream->jitter_sum / samples / NS_PER_MS;
	q->min_jitter_ms = stream->jitter_min / NS_PER_MS;
	q->max_jitter_ms = stream->jitter_max / NS_PER_MS;
}

static void score(const struct agfeo_stream *stream, struct quality *q)
{
	const struct codec *codec = codec_find(stream->payload_type, &stream->given);

	if (q->expected)
		q->loss_percent = 100.0 * (double)q->lost / (double)q->expected;
	q->has_mos = codec && codec->scored && stream->typed && q->expected;
	if (!q->has_mos)
		return;
	q->impairment = codec->impairment;
	q->burst_ratio = emodel_burst_ratio(q->lost, q->gaps, q->expected);
	q->r = emodel_r(q->impairment, q->loss_percent, q->burst_ratio);
	q->mos = emodel_mos(q->r);
}

void quality_since(const struct agfeo_stream *now, const struct agfeo_stream *before,
		   struct quality *ret_quality)
{
	static const struct agfeo_stream nothing;
	struct agfeo_gaps gaps = agfeo_stream_gaps(now), gaps_before;
	struct quality q = {.longest_gap = gaps.longest};

	if (!before || agfeo_stream_expected(now) < agfeo_stream_expected(before))
		before = &nothing;
	gaps_before = agfeo_stream_gaps(before);
	q.packets = more_than(agfeo_stream_packets(now), agfeo_stream_packets(before));
	q.bytes = more_than(agfeo_stream_bytes(now), agfeo_stream_bytes(before));
	q.expected = agfeo_stream_expected(now) - agfeo_stream_expected(before);
	q.lost = more_than(agfeo_stream_lost(now), agfeo_stream_lost(before));
	if (q.lost > q.expected) /* settled late: of an interval before */
		q.lost = q.expected;
	q.duplicates = more_than(now->duplicates, before->duplicates);
	q.reordered = more_than(now->reordered, before->reordered);
	q.gaps = more_than(gaps.gaps, gaps_before.gaps);
	read_jitter(now, &q);
	score(now, &q);
	*ret_quality = q;
}

void quality_of(const struct agfeo_stream *stream, struct quality *ret_quality)
{
	quality_since(stream, NULL, ret_quality);
}
