/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bpf/stream.h on the host: what happens to a call, packet by packet, against figures that are known
 * because the test made them happen; then long random calls against a bookkeeper that remembers
 * every packet instead of counting.
 */
#include "stream.h"

#include <stdlib.h>

#include "check.h"

#define MS     1000000ull
#define SECOND 1000000000ull
#define PTIME  (20 * MS)
#define PCMA   8
#define SSRC   0xabcd1234

/* A sender and the stream that watches it. */
struct call {
	struct agfeo_stream stream;
	struct stream_delta sum; /* of all deltas */
	__u64 now;
	struct rtp_header next;
};

static struct call call_new(void)
{
	return (struct call){
		.now = 1000 * SECOND,
		.next = {.version = 2,
			 .payload_type = PCMA,
			 .sequence = 100,
			 .timestamp = 5000,
			 .ssrc = SSRC,
			 .payload_length = 160},
	};
}

static void take(struct call *c, const struct rtp_header *h)
{
	struct stream_delta delta;

	stream_update(&c->stream, h, c->now, &delta);
	c->sum.lost += delta.lost;
	c->sum.duplicates += delta.duplicates;
	c->sum.reordered += delta.reordered;
}

/* The sender's clock goes on by one packet. */
static void pass(struct call *c)
{
	c->next.sequence++;
	c->next.timestamp += 160;
	c->next.marker = 0;
	c->now += PTIME;
}

static void speak(struct call *c, unsigned packets)
{
	while (packets--) {
		take(c, &c->next);
		pass(c);
	}
}

static void lose(struct call *c, unsigned packets)
{
	while (packets--)
		pass(c);
}

/* The packet that was sent `ago` packets before the next one. */
static struct rtp_header earlier(const struct call *c, unsigned ago)
{
	struct rtp_header h = c->next;

	h.sequence -= ago;
	h.timestamp -= 160 * ago;
	return h;
}

static void check_counts(const struct call *c, unsigned packets, unsigned expected, unsigned lost)
{
	CHECK_EQ(agfeo_stream_packets(&c->stream), packets);
	CHECK_EQ(agfeo_stream_expected(&c->stream), expected);
	CHECK_EQ(agfeo_stream_lost(&c->stream), lost);
}

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

/* ------------------------------------------------------------------ the bookkeeper */

#define LONG 20000

static unsigned random_state;

static unsigned chance(unsigned of)
{
	random_state = random_state * 1103515245 + 12345;
	return (random_state >> 8) % of;
}

/*
 * A call of LONG packets with loss, copies and packets up to 50 places late, played as a list of
 * numbers; what came is known by looking at the list.
 */
static void test_random_call(unsigned seed)
{
	static unsigned arrived[LONG * 2];
	static unsigned char came[LONG];
	unsigned count = 0, lost = 0, copies = 0, gaps = 0, longest = 0, run = 0;
	struct call c = call_new();
	struct agfeo_gaps found;

	random_state = seed;
	memset(came, 0, sizeof(came));
	for (unsigned n = 0; n < LONG; n++) {
		bool kept = n == 0 || n == LONG - 1 || chance(100) >= 5;

		if (kept && chance(40) == 0 && n > 10 && n < LONG - 100) { /* later */
			arrived[count++] = n | 1u << 31;
			continue;
		}
		if (kept)
			arrived[count++] = n;
		if (kept && chance(50) == 0)
			arrived[count++] = n;
	}
	for (unsigned i = 0; i + 50 < count; i++) /* those go back up to 50 places */
		if (arrived[i] >> 31) {
			unsigned to = i + 1 + chance(49), value = arrived[i] & ~(1u << 31);

			memmove(arrived + i, arrived + i + 1, (to - i) * sizeof(*arrived));
			arrived[to] = value;
			i--;
		}
	for (unsigned i = 0; i < count; i++) {
		struct rtp_header h = c.next;
		unsigned n = arrived[i] & ~(1u << 31);

		h.sequence = (__u16)(60000 + n);
		h.timestamp = n * 160;
		c.now += PTIME;
		take(&c, &h);
		copies += came[n];
		came[n] = 1;
	}
	for (unsigned n = 0; n < LONG; n++) {
		run = came[n] ? 0 : run + 1;
		lost += !came[n];
		gaps += run == 1;
		longest = run > longest ? run : longest;
	}
	found = agfeo_stream_gaps(&c.stream);
	check_counts(&c, count, LONG, lost);
	CHECK_EQ(c.stream.duplicates, copies);
	CHECK_EQ(c.sum.duplicates, copies);
	CHECK_EQ(found.lost, lost);
	CHECK_EQ(found.gaps, gaps);
	CHECK_EQ(found.longest, longest);
	CHECK_EQ(c.sum.lost, c.stream.lost);
	CHECK_EQ(c.sum.reordered, c.stream.reordered);
	CHECK(lost - c.sum.lost <=
	      AGFEO_STREAM_WINDOW); /* the rest settles when the call goes on */
}

/* The short way and the call for the rest are one arithmetic: any stream gives the same by both. */
static void test_ways_agree(void)
{
	struct agfeo_stream short_way = {0}, long_way = {0};
	struct call c = call_new();

	CHECK_ROW("the short way agrees with the long one");
	for (int n = 0; n < 70000; n++) {
		struct stream_delta delta, more = {0};
		__u64 now = c.now + chance(5 * MS);

		if (chance(30) == 0)
			lose(&c, chance(4));
		c.next.marker = chance(50) == 0;
		stream_update(&short_way, &c.next, now, &delta);
		stream_unusual(&long_way, &c.next, now, &more);
		pass(&c);
	}
	long_way.past_bytes += long_way.bytes;
	short_way.past_bytes += short_way.bytes;
	long_way.bytes = short_way.bytes = 0;
	CHECK(!memcmp(&short_way, &long_way, sizeof(short_way)));
	CHECK(short_way.jitter_max > MS);
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
	test_comfort_noise();
	test_noise_before_restart();
	test_telephone_events();
	test_events_alone();
	test_hold();
	test_clocks();
	test_unknown_clock();
	test_codec_change();
	test_many_bytes();
	test_others();
	test_ways_agree();
	for (unsigned seed = 1; seed <= 20; seed++) {
		CHECK_ROW("a random call");
		test_random_call(seed);
	}
	return check_done();
}
