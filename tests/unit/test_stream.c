/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bpf/stream.h on the host: what happens to a call, packet by packet, against figures that are known
 * because the test made them happen.
 */
#include "check.h"
#include "lib/rtp_sender.h"

static void test_clean(void)
{
	struct call c = call_new();

	CHECK_ROW("clean");
	speak(&c, 1000);
	check_counts(&c, 1000, 1000, 0);
	CHECK_EQ(agfeo_stream_bytes(&c.stream), 160000);
	CHECK_EQ(agfeo_stream_samples(&c.stream), 999); /* all but the first */
	CHECK_EQ(c.stream.jitter, 0);
	CHECK_EQ(c.stream.jitter_max, 0);
	CHECK_EQ(c.stream.max_delta, PTIME >> AGFEO_STREAM_DELTA_SHIFT);
	CHECK_EQ(c.stream.ssrc, SSRC);
	CHECK_EQ(agfeo_stream_clock_rate(&c.stream), 8000);
	CHECK_EQ(c.stream.started, 1000 * SECOND);
	CHECK_EQ(agfeo_stream_last(&c.stream), c.now - PTIME);
	CHECK_EQ(c.sum.lost + c.sum.duplicates + c.sum.reordered, 0);
}

static void test_loss(void)
{
	struct call c = call_new();
	struct agfeo_gaps gaps;

	CHECK_ROW("loss");
	speak(&c, 100);
	lose(&c, 1);
	speak(&c, 10);
	lose(&c, 5);
	speak(&c, 10);
	check_counts(&c, 120, 126, 6);
	CHECK_EQ(c.sum.lost, 0); /* they may still come */
	gaps = agfeo_stream_gaps(&c.stream);
	CHECK_EQ(gaps.lost, 6);
	CHECK_EQ(gaps.gaps, 2);
	CHECK_EQ(gaps.longest, 5);

	speak(&c, 100);
	check_counts(&c, 220, 226, 6);
	CHECK_EQ(c.sum.lost, 6);
	CHECK_EQ(c.stream.gaps, 2);
	CHECK_EQ(c.stream.longest_gap, 5);

	lose(&c, 500); /* ten seconds: far more than the window */
	speak(&c, 100);
	check_counts(&c, 320, 826, 506);
	CHECK_EQ(c.sum.lost, 506);
	CHECK_EQ(c.stream.gaps, 3);
	CHECK_EQ(c.stream.longest_gap, 500);
	CHECK_EQ(c.stream.max_delta, 501 * PTIME >> AGFEO_STREAM_DELTA_SHIFT);
	CHECK_EQ(c.stream.jitter, 0); /* loss is no jitter */
}

static void test_gap_lengths(void)
{
	unsigned wrong = 0;

	CHECK_ROW("gaps of every length around the window");
	for (unsigned length = 1; length < 200; length++) {
		struct call c = call_new();
		struct agfeo_gaps gaps;

		speak(&c, 80);
		lose(&c, length);
		speak(&c, 1);
		gaps = agfeo_stream_gaps(&c.stream);
		wrong += gaps.lost != length || gaps.gaps != 1 || gaps.longest != length;
		speak(&c, 80);
		wrong += c.stream.lost != length || c.stream.gaps != 1 ||
			 c.stream.longest_gap != length || c.sum.lost != length;
	}
	CHECK_EQ(wrong, 0);
}

static void test_duplicates(void)
{
	struct call c = call_new();
	struct rtp_header copy;

	CHECK_ROW("a copy does not make up for a loss");
	speak(&c, 100);
	lose(&c, 3);
	speak(&c, 1);
	for (int i = 0; i < 3; i++) {
		copy = earlier(&c, 1);
		take(&c, &copy);
	}
	check_counts(&c, 104, 104, 3);
	CHECK_EQ(c.stream.duplicates, 3);
	CHECK_EQ(c.sum.duplicates, 3);
	copy = earlier(&c, 60); /* late, and a copy */
	take(&c, &copy);
	CHECK_EQ(c.stream.duplicates, 4);
	CHECK_EQ(c.stream.reordered, 0);
}

static void test_reordering(void)
{
	struct call c = call_new();
	struct rtp_header late;

	CHECK_ROW("reordering is neither loss nor gap");
	speak(&c, 100);
	lose(&c, 1);
	speak(&c, 2);
	check_counts(&c, 102, 103, 1);
	late = earlier(&c, 3);
	take(&c, &late);
	check_counts(&c, 103, 103, 0);
	CHECK_EQ(c.sum.reordered, 1);
	take(&c, &late);
	CHECK_EQ(c.stream.duplicates, 1);
	speak(&c, 100);
	CHECK_EQ(c.sum.lost, 0);
	CHECK_EQ(c.stream.gaps, 0);
}

static void test_first_swapped(void)
{
	struct call c = call_new();
	struct rtp_header h;

	CHECK_ROW("the first packets in the wrong order");
	lose(&c, 3);
	take(&c, &c.next);
	h = earlier(&c, 3);
	take(&c, &h); /* two are missing in between now */
	check_counts(&c, 2, 4, 2);
	h = earlier(&c, 2);
	take(&c, &h);
	h = earlier(&c, 1);
	take(&c, &h);
	check_counts(&c, 4, 4, 0);
	CHECK_EQ(c.sum.reordered, 3);
	pass(&c);
	speak(&c, 200);
	check_counts(&c, 204, 204, 0);
	CHECK_EQ(c.sum.lost, 0);
}

static void test_wraps(void)
{
	struct call c = call_new();
	struct rtp_header late;

	CHECK_ROW("sequence and timestamp wrap, with a loss on the seam");
	c.next.sequence = 65500;
	c.next.timestamp = 0xffffffff - 160 * 50;
	speak(&c, 35);
	lose(&c, 1); /* 65535 */
	lose(&c, 1); /* 0 */
	speak(&c, 1);
	late = earlier(&c, 2); /* 0, back over the seam */
	take(&c, &late);
	speak(&c, 200);
	check_counts(&c, 237, 238, 1);
	CHECK_EQ(c.stream.reordered, 1);
	speak(&c, 70000);
	check_counts(&c, 70237, 70238, 1);
	CHECK_EQ(c.sum.lost, 1);
	CHECK_EQ(c.stream.restarts, 0);
	CHECK_EQ(c.stream.clock_jumps, 0);
}

static void test_ssrc_change(void)
{
	struct call c = call_new();

	CHECK_ROW("another SSRC goes on from its first packet");
	speak(&c, 100);
	lose(&c, 2);
	speak(&c, 1);
	c.next.ssrc = 7;
	c.next.sequence = 40000;
	c.next.timestamp = 1;
	speak(&c, 1);
	CHECK_EQ(c.stream.strays, 1);
	CHECK_EQ(c.stream.ssrc, SSRC);
	speak(&c, 99);
	check_counts(&c, 201, 203, 2);
	CHECK_EQ(c.stream.ssrc, 7);
	CHECK_EQ(c.stream.ssrc_changes, 1);
	CHECK_EQ(c.stream.restarts, 0);
	CHECK_EQ(c.stream.strays, 0);
	CHECK_EQ(c.sum.lost, 2); /* settled when the segment closed */
	CHECK_EQ(agfeo_stream_bytes(&c.stream), 201 * 160);
	CHECK_EQ(c.stream.jitter_max, 0);
	CHECK_EQ(agfeo_stream_samples(&c.stream), 199); /* two first packets */
}

static void test_strays(void)
{
	struct call c = call_new();
	struct rtp_header foreign = c.next;

	CHECK_ROW("single foreign packets disturb nobody");
	speak(&c, 100);
	for (int i = 0; i < 50; i++) {
		foreign.ssrc = 0x666 + i;
		foreign.sequence = i * 1000;
		take(&c, &foreign);
		speak(&c, 2);
	}
	check_counts(&c, 200, 200, 0);
	CHECK_EQ(c.stream.strays, 50);
	CHECK_EQ(c.stream.ssrc, SSRC);
	CHECK_EQ(c.stream.jitter_max, 0);
}

static void test_restart(void)
{
	struct call c = call_new();

	CHECK_ROW("the sequence begins anew");
	speak(&c, 100);
	c.next.sequence += 20000;
	c.next.timestamp += 3000000;
	speak(&c, 100);
	check_counts(&c, 200, 200, 0);
	CHECK_EQ(c.stream.restarts, 1);
	CHECK_EQ(c.stream.ssrc_changes, 0);
	CHECK_EQ(c.stream.jitter_max, 0);

	CHECK_ROW("2999 lost are loss, 3000 ahead are a restart");
	c.next.sequence += 2998;
	c.next.timestamp += 2998 * 160;
	speak(&c, 10);
	CHECK_EQ(agfeo_stream_lost(&c.stream), 2998);
	c.next.sequence += 2999;
	speak(&c, 10);
	CHECK_EQ(agfeo_stream_lost(&c.stream), 2998);
	CHECK_EQ(c.stream.restarts, 2);
}

/* 1 ms late, and again early: |D| is 1 ms twice. A.8 by hand. */
static void test_jitter(void)
{
	struct call c = call_new();
	__u64 j16 = 0;

	CHECK_ROW("RFC 3550 A.8, in ns");
	speak(&c, 100);
	for (int i = 0; i < 50; i++) {
		__u64 late = i % 2 ? 0 : MS;

		c.now += late;
		take(&c, &c.next);
		c.now -= late;
		pass(&c);
		j16 += MS - ((j16 + 8) >> 4);
	}
	CHECK_EQ(c.stream.jitter, j16);
	CHECK(j16 / 16 > 900000 && j16 / 16 < MS); /* it creeps up to 1 ms */
	CHECK_EQ(c.stream.jitter_max, j16 / 16);
	CHECK_EQ(c.stream.jitter_min, 0);
}

static void test_marker(void)
{
	struct call c = call_new();
	__u32 samples;

	CHECK_ROW("a talkspurt: silence is no gap in the audio");
	speak(&c, 50);
	samples = agfeo_stream_samples(&c.stream);
	c.now += 2 * SECOND;
	c.next.timestamp += 16000;
	c.next.marker = 1;
	speak(&c, 1);
	CHECK_EQ(agfeo_stream_samples(&c.stream), samples);
	CHECK_EQ(c.stream.max_delta, PTIME >> AGFEO_STREAM_DELTA_SHIFT);
	speak(&c, 49);
	CHECK_EQ(agfeo_stream_samples(&c.stream), samples + 49);
	CHECK_EQ(c.stream.jitter, 0);
}

static void test_many_bytes(void)
{
	struct call c = call_new();

	CHECK_ROW("more bytes than 32 bits hold");
	c.next.payload_length = 65500;
	speak(&c, 200000);
	CHECK_EQ(agfeo_stream_bytes(&c.stream), 200000ull * 65500);
	check_counts(&c, 200000, 200000, 0);
}

static void test_others(void)
{
	struct agfeo_stream s = {0};

	CHECK_ROW("what is no RTP");
	for (int kind = PAYLOAD_RTP; kind <= PAYLOAD_OTHER; kind++)
		stream_count_other(&s, kind);
	CHECK_EQ(s.rtcp, 1);
	CHECK_EQ(s.stun, 1);
	CHECK_EQ(s.dtls, 1);
	CHECK_EQ(s.zrtp, 1);
	CHECK_EQ(s.other, 2); /* TURN among them */
	CHECK_EQ(agfeo_stream_packets(&s), 0);
}

int main(void)
{
	test_clean();
	test_loss();
	test_gap_lengths();
	test_duplicates();
	test_reordering();
	test_first_swapped();
	test_wraps();
	test_ssrc_change();
	test_strays();
	test_restart();
	test_jitter();
	test_marker();
	test_many_bytes();
	test_others();
	return check_done();
}
