/* SPDX-License-Identifier: GPL-2.0 */
/* The E-model against published values, and what it must never do. */
#include "voice/emodel.h"

#include <math.h>

#include "base/cleanup.h"
#include "check.h"
#include "voice/codec.h"
#include "voice/quality.h"

static const struct agfeo_payload_types nothing;
static const struct agfeo_payload_types given = {
	.encoding = {[96 - AGFEO_FIRST_DYNAMIC] = AGFEO_ENCODING_OPUS,
		     [97 - AGFEO_FIRST_DYNAMIC] = AGFEO_ENCODING_CLOCK_16000,
		     [98 - AGFEO_FIRST_DYNAMIC] = AGFEO_ENCODING_G729,
		     [121 - AGFEO_FIRST_DYNAMIC] = AGFEO_ENCODING_TELEPHONE_EVENT_8000},
};

static const struct row {
	const char *what;
	uint8_t payload_type;
	double loss_percent;
	double r, mos; /* ITU-T G.107 with G.113's values, random loss */
} rows[] = {
	{"G.711, no loss", 8, 0, 93.20, 4.409},	  {"G.711, 1 %", 8, 1, 89.56, 4.328},
	{"G.711, 3 %", 8, 3, 83.06, 4.134},	  {"G.711, 5 %", 8, 5, 77.42, 3.923},
	{"G.711, 10 %", 8, 10, 66.13, 3.411},	  {"G.711 mu-law, 10 %", 0, 10, 66.13, 3.411},
	{"G.729A, no loss", 18, 0, 82.20, 4.104}, {"G.729A, 1 %", 18, 1, 78.00, 3.946},
	{"G.729A, 3 %", 18, 3, 70.75, 3.632},	  {"G.729A, 5 %", 18, 5, 64.70, 3.340},
	{"G.729A, 10 %", 18, 10, 53.23, 2.745},	  {"G.723.1, no loss", 4, 0, 78.20, 3.954},
	{"G.723.1, 1 %", 4, 1, 73.52, 3.758},	  {"G.723.1, 3 %", 4, 3, 65.63, 3.386},
	{"G.723.1, 5 %", 4, 5, 59.24, 3.061},	  {"G.723.1, 10 %", 4, 10, 47.55, 2.447},
};

static bool near(double a, double b, double most)
{
	return fabs(a - b) <= most;
}

static void test_golden(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct codec *codec = codec_find(rows[i].payload_type, &nothing);
		double r;

		CHECK_ROW(rows[i].what);
		if (!CHECK(codec && codec->scored))
			continue;
		r = emodel_r(codec->impairment, rows[i].loss_percent, 1);
		CHECK(near(r, rows[i].r, 0.0051));
		CHECK(near(emodel_mos(r), rows[i].mos, 0.00051));
	}
	CHECK_ROW(NULL);
}

static void test_range(void)
{
	unsigned rising = 0, outside = 0;

	for (int r = -1000; r < 12000; r++) {
		double mos = emodel_mos(r / 100.0), next = emodel_mos((r + 1) / 100.0);

		outside += mos < 1 || mos > 4.5;
		rising += next < mos;
	}
	CHECK_EQ(outside, 0);
	CHECK_EQ(rising, 0);
	CHECK(near(emodel_mos(0), 1, 0));
	CHECK(near(emodel_mos(100), 4.5, 1e-9));
}

/* More loss never sounds better, and loss in bursts sounds worse than the same loss alone. */
static void test_monotonic(void)
{
	struct impairment g711 = codec_find(8, &nothing)->impairment;
	unsigned wrong = 0;

	for (int loss = 0; loss < 1000; loss++) {
		wrong += emodel_r(g711, (loss + 1) / 10.0, 1) >= emodel_r(g711, loss / 10.0, 1);
		wrong += loss && emodel_r(g711, loss / 10.0, 2) >= emodel_r(g711, loss / 10.0, 1);
	}
	CHECK_EQ(wrong, 0);
}

static void test_bursts(void)
{
	CHECK(near(emodel_burst_ratio(0, 0, 1000), 1, 0));
	CHECK(near(emodel_burst_ratio(50, 50, 1000), 1, 0));	 /* shorter than random: random */
	CHECK(near(emodel_burst_ratio(100, 10, 1000), 9, 1e-9)); /* runs of 10 against 1/0.9 */
	CHECK(near(emodel_burst_ratio(1000, 1, 1000), 1, 0));	 /* nothing came at all */
	CHECK(near(emodel_burst_ratio(5, 0, 1000), 1, 0));
}

static void test_codecs(void)
{
	char text[CODEC_TEXT];

	CHECK(!codec_find(9, &nothing)->scored); /* wideband: another scale */
	CHECK(!codec_find(3, &nothing)->scored);
	CHECK(!codec_find(1, &nothing) && !codec_find(96, &nothing) && !codec_find(127, &nothing));
	CHECK_STR(codec_format(8, 8000, &nothing, text), "PCMA");
	CHECK_STR(codec_format(0, 8000, &nothing, text), "PCMU");
	CHECK_STR(codec_format(9, 8000, &nothing, text), "G722");
	CHECK_STR(codec_format(111, 48000, &nothing, text), "dynamic/48000");
	CHECK_STR(codec_format(101, 0, &nothing, text), "telephone-event");
	CHECK_STR(codec_format(97, 0, &nothing, text), "dynamic");
	CHECK_STR(codec_format(77, 0, &nothing, text), "type 77");
	CHECK_STR(codec_format(96, 48000, &given, text), "opus");
	CHECK_STR(codec_format(97, 16000, &given, text), "dynamic/16000");
	CHECK_STR(codec_format(98, 8000, &given, text), "G729");
	CHECK_STR(codec_format(121, 0, &given, text), "telephone-event");
	CHECK_STR(codec_format(8, 8000, &given, text), "PCMA");
	CHECK(!codec_find(96, &given) && codec_find(98, &given)->scored);
	CHECK_EQ(codec_find(98, &given)->impairment.ie, codec_find(18, &nothing)->impairment.ie);
}

/* Streams written down by hand, as a flow table would hold them. */
static void test_quality(void)
{
	struct agfeo_stream s = {0}, later;
	struct quality q;

	quality_of(&s, &q);
	CHECK_EQ(q.packets, 0);
	CHECK(!q.has_mos && !q.has_jitter);

	s.base = 0x10000 + 100;
	s.cycles = 0x10000;
	s.sequence = 1099; /* 1000 expected */
	s.window = ~0ull;
	s.missing = s.lost = 50;
	s.gaps = 50;
	s.longest_gap = 1;
	s.payload_type = 8;
	s.typed = 1;
	s.bytes = 950 * 160;
	s.period = 125000u << AGFEO_STREAM_PERIOD_SHIFT;
	s.unsampled = 1;
	s.jitter = 16 * 2000000ull;
	s.jitter_sum = 949 * 1000000ull;
	s.jitter_max = 3000000;
	quality_of(&s, &q);
	CHECK_EQ(q.expected, 1000);
	CHECK_EQ(q.packets, 950);
	CHECK_EQ(q.bytes, 152000);
	CHECK(near(q.loss_percent, 5, 1e-9));
	CHECK(near(q.jitter_ms, 2, 1e-9) && near(q.mean_jitter_ms, 1, 1e-9));
	CHECK(near(q.max_jitter_ms, 3, 1e-9));
	CHECK(q.has_mos && near(q.mos, 3.923, 0.0005) && near(q.burst_ratio, 1, 0));
	CHECK_EQ(agfeo_stream_clock_rate(&s), 8000);

	later = s;
	later.sequence = 1299; /* 200 more, 20 of them lost in 2 runs */
	later.missing = later.lost = 70;
	later.gaps = 52;
	quality_since(&later, &s, &q);
	CHECK_EQ(q.expected, 200);
	CHECK_EQ(q.lost, 20);
	CHECK_EQ(q.packets, 180);
	CHECK(near(q.burst_ratio, 9, 1e-9));

	s.payload_type = 9;
	quality_of(&s, &q);
	CHECK(!q.has_mos && q.has_jitter);
	s.period = 0;
	quality_of(&s, &q);
	CHECK(!q.has_jitter);
}

int main(void)
{
	test_golden();
	test_range();
	test_monotonic();
	test_bursts();
	test_codecs();
	test_quality();
	return check_done();
}
