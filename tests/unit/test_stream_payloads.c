/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bpf/stream.h on the host: payload types that come and go within a call, with clocks of their own:
 * comfort noise, telephone events, other codecs.
 */
#include "check.h"
#include "lib/rtp_sender.h"

static void test_comfort_noise(void)
{
	struct call c = call_new();

	CHECK_ROW("comfort noise and what follows it are no samples");
	speak(&c, 50);
	c.next.payload_type = 13;
	c.next.payload_length = 1;
	take(&c, &c.next);
	pass(&c);
	CHECK_EQ(c.stream.after_noise, 1);
	CHECK_EQ(c.stream.payload_type, PCMA);
	c.now += SECOND;
	c.next.timestamp += 8000;
	c.next.payload_type = PCMA;
	c.next.payload_length = 160;
	speak(&c, 50);
	check_counts(&c, 101, 101, 0);
	CHECK_EQ(c.stream.comfort_noise, 1);
	CHECK_EQ(c.stream.payload_type_changes, 0);
	CHECK_EQ(agfeo_stream_samples(&c.stream), 101 - 3);
	CHECK_EQ(c.stream.max_delta, PTIME >> AGFEO_STREAM_DELTA_SHIFT);
	CHECK_EQ(c.stream.after_noise, 0);
}

static void test_noise_before_restart(void)
{
	struct call c = call_new();

	CHECK_ROW("comfort noise of the segment before");
	speak(&c, 50);
	c.next.payload_type = 13;
	take(&c, &c.next);
	c.next.payload_type = PCMA;
	c.next.sequence += 20000;
	speak(&c, 50);
	CHECK_EQ(c.stream.restarts, 1);
	CHECK_EQ(agfeo_stream_samples(&c.stream), 49 + 49);
}

static void dial(struct call *c, __u8 payload_type)
{
	__u32 timestamp = c->next.timestamp;

	for (int i = 0; i < 10; i++) {
		struct rtp_header h = c->next;

		h.payload_type = payload_type;
		h.payload_length = 4;
		h.timestamp = timestamp;
		h.marker = !i;
		take(c, &h);
		pass(c);
	}
}

static void test_telephone_events(void)
{
	CHECK_ROW("telephone events");
	for (__u8 type = 96; type < 128; type++) {
		struct call c = call_new();

		speak(&c, 50);
		dial(&c, type);
		speak(&c, 50);
		check_counts(&c, 110, 110, 0);
		CHECK_EQ(c.stream.events, 10);
		CHECK_EQ(c.stream.payload_type, PCMA);
		CHECK_EQ(c.stream.payload_type_changes, 0);
		CHECK_EQ(c.stream.jitter_max, 0);
		CHECK_EQ(agfeo_stream_samples(&c.stream), 99);
		CHECK_EQ(c.stream.max_delta, PTIME >> AGFEO_STREAM_DELTA_SHIFT);
	}
}

static void test_events_alone(void)
{
	struct call c = call_new();

	CHECK_ROW("nothing but telephone events has no jitter");
	dial(&c, 101);
	check_counts(&c, 10, 10, 0);
	CHECK_EQ(c.stream.events, 10);
	CHECK_EQ(c.stream.payload_type, 101);
	CHECK_EQ(c.stream.period, 0);
	CHECK_EQ(agfeo_stream_samples(&c.stream), 0);
	speak(&c, 10); /* the audio begins */
	CHECK_EQ(c.stream.payload_type, PCMA);
	CHECK_EQ(c.stream.payload_type_changes, 0);
	CHECK_EQ(agfeo_stream_samples(&c.stream), 9);
	CHECK_EQ(c.stream.jitter_max, 0);
}

static void test_hold(void)
{
	struct call c = call_new();

	CHECK_ROW("hold: the sender's clock stood still for a minute");
	speak(&c, 50);
	c.now += 60 * SECOND;
	speak(&c, 50);
	check_counts(&c, 100, 100, 0);
	CHECK_EQ(c.stream.clock_jumps, 1);
	CHECK_EQ(c.stream.jitter_max, 0);
	CHECK_EQ(c.stream.max_delta, (60 * SECOND + PTIME) >> AGFEO_STREAM_DELTA_SHIFT);
}

/* Every static payload type at its clock, every clock that can be measured, none that cannot. */
static void test_clocks(void)
{
	static const struct {
		__u8 payload_type;
		__u32 rate;
	} rows[] = {{0, 8000},	 {3, 8000},   {4, 8000},   {6, 16000},	{8, 8000},   {9, 8000},
		    {10, 44100}, {11, 44100}, {14, 90000}, {16, 11025}, {17, 22050}, {18, 8000},
		    {26, 90000}, {34, 90000}, {1, 0},	   {2, 0},	{20, 0},     {35, 0}};
	static const __u32 measured[] = {8000, 16000, 32000, 44100, 48000, 90000};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct agfeo_stream s = {.period = stream_static_period(rows[i].payload_type)};

		CHECK_EQ(agfeo_stream_clock_rate(&s), rows[i].rate);
	}
	for (unsigned i = 0; i < sizeof(measured) / sizeof(measured[0]); i++) {
		struct call c = call_new();

		c.next.payload_type = 111;
		for (int n = 0; n < 200; n++) {
			take(&c, &c.next);
			c.next.sequence++;
			c.next.timestamp += measured[i] / 50;
			c.now += PTIME + (n % 7 - 3) * 100000;
			c.now -= n ? ((n - 1) % 7 - 3) * 100000 : 0;
		}
		CHECK_EQ(agfeo_stream_clock_rate(&c.stream), measured[i]);
		CHECK(agfeo_stream_samples(&c.stream) > 150);
		CHECK(c.stream.jitter_max < MS);
	}
}

static void test_unknown_clock(void)
{
	struct call c = call_new();

	CHECK_ROW("a clock that is none gives no jitter");
	c.next.payload_type = 97;
	for (int n = 0; n < 2000; n++) {
		take(&c, &c.next);
		c.next.sequence++;
		c.next.timestamp += 10000 / 50;
		c.now += PTIME;
	}
	check_counts(&c, 2000, 2000, 0);
	CHECK_EQ(c.stream.period, 0);
	CHECK_EQ(agfeo_stream_samples(&c.stream), 0);
	CHECK_EQ(c.stream.jitter, 0);
}

static void test_codec_change(void)
{
	struct call c = call_new();

	CHECK_ROW("the codec changes in mid-call");
	speak(&c, 50);
	c.next.payload_type = 0;
	speak(&c, 50);
	CHECK_EQ(c.stream.payload_type_changes, 1);
	CHECK_EQ(c.stream.payload_type, 0);
	CHECK_EQ(agfeo_stream_samples(&c.stream), 99); /* the same clock goes on */
	c.next.payload_type = 11;
	take(&c, &c.next);
	CHECK_EQ(c.stream.payload_type_changes, 2);
	CHECK_EQ(agfeo_stream_clock_rate(&c.stream), 44100);
	CHECK_EQ(c.stream.jitter_max, 0);
}

int main(void)
{
	test_comfort_noise();
	test_noise_before_restart();
	test_telephone_events();
	test_events_alone();
	test_hold();
	test_clocks();
	test_unknown_clock();
	test_codec_change();
	return check_done();
}
