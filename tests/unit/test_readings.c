/* SPDX-License-Identifier: GPL-2.0 */
/* What happened to streams between two rounds. */
#include "base/cleanup.h"
#include "lib/check.h"
#include "voice/readings.h"

#define SECOND 1000000000ull

static struct reading_key key_of(unsigned number)
{
	struct reading_key key = {.port = {(uint16_t)number, (uint16_t)(number >> 16)}};

	key.address[0] = address_from_v4(0x0200a8c0);
	key.address[1] = address_from_v4(0x0a400ad9);
	return key;
}

/* PCMA that began then: so many expected, so many of them missing. */
static struct agfeo_stream stream_of(uint64_t started, uint32_t expected, uint32_t missing)
{
	struct agfeo_stream stream = {
		.base = 1 << 16,
		.cycles = 1 << 16,
		.sequence = (uint16_t)(expected - 1),
		.missing = missing,
		.lost = missing,
		.gaps = missing,
		.window = ~0ull,
		.period = 4096000000u, /* 8 kHz */
		.jitter = 16 * 3000000ull,
		.payload_type = 8,
		.typed = 1,
		.started = started,
	};

	return stream;
}

static bool take(struct readings *readings, unsigned number, struct agfeo_stream stream,
		 struct quality *quality)
{
	struct reading_key key = key_of(number);

	return readings_take(readings, &key, &stream, quality);
}

static void test_losses_once(void)
{
	_cleanup_(readings_freep) struct readings *readings = readings_new(10 * SECOND);
	struct quality quality = {0};

	CHECK_ROW("a stream that began in this round is of it, whole");
	CHECK(take(readings, 1, stream_of(11 * SECOND, 100, 10), &quality));
	CHECK_EQ(quality.packets, 90);
	CHECK_EQ(quality.lost, 10);
	CHECK(quality.has_mos && quality.mos < 4);
	CHECK(quality.has_jitter && quality.jitter_ms > 2.99 && quality.jitter_ms < 3.01);
	readings_end_round(readings, 15 * SECOND);

	CHECK_ROW("its old losses are not of the next");
	CHECK(take(readings, 1, stream_of(11 * SECOND, 350, 10), &quality));
	CHECK_EQ(quality.packets, 250);
	CHECK_EQ(quality.lost, 0);
	CHECK(quality.mos > 4.4);
	readings_end_round(readings, 20 * SECOND);

	CHECK_ROW("one that is silent is not observed");
	CHECK(!take(readings, 1, stream_of(11 * SECOND, 350, 10), &quality));
	readings_end_round(readings, 25 * SECOND);

	CHECK_ROW("and goes on where it was");
	CHECK(take(readings, 1, stream_of(11 * SECOND, 400, 35), &quality));
	CHECK_EQ(quality.packets, 25);
	CHECK_EQ(quality.lost, 25);
	readings_end_round(readings, 30 * SECOND);

	CHECK_ROW("another call between the same ends, longer than the one before");
	CHECK(take(readings, 1, stream_of(31 * SECOND, 500, 5), &quality));
	CHECK_EQ(quality.packets, 495);
	CHECK_EQ(quality.lost, 5);
	CHECK_ROW(NULL);
}

static void test_met_late(void)
{
	_cleanup_(readings_freep) struct readings *readings = readings_new(10 * SECOND);
	struct quality quality = {0};

	CHECK_ROW("a stream that is older than we are: what was before is not ours");
	CHECK(!take(readings, 1, stream_of(5 * SECOND, 1000, 500), &quality));
	readings_end_round(readings, 15 * SECOND);
	CHECK(take(readings, 1, stream_of(5 * SECOND, 1100, 501), &quality));
	CHECK_EQ(quality.lost, 1);
	readings_end_round(readings, 20 * SECOND);

	CHECK_ROW("not seen for a round: met anew");
	readings_end_round(readings, 25 * SECOND);
	CHECK(!take(readings, 1, stream_of(5 * SECOND, 1200, 600), &quality));

	CHECK_ROW("no packet yet");
	CHECK(!take(readings, 2, (struct agfeo_stream){.rtcp = 3}, &quality));
	CHECK_ROW(NULL);
}

static void test_many(void)
{
	_cleanup_(readings_freep) struct readings *readings = readings_new(0);
	unsigned observed = 0, wrong = 0;

	for (unsigned round = 1; round <= 3; round++) {
		for (unsigned i = 0; i < 20000; i++) {
			struct quality quality = {0};

			observed += take(readings, i, stream_of(1, 100 * round, i % 50), &quality);
			wrong += quality.packets != (round == 1 ? 100 - i % 50 : 100);
		}
		readings_end_round(readings, round * SECOND);
	}
	CHECK_EQ(observed, 60000);
	CHECK_EQ(wrong, 0);
}

int main(void)
{
	test_losses_once();
	test_met_late();
	test_many();
	return check_done();
}
