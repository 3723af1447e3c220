/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bpf/stream.h on the host: long random calls against a bookkeeper that remembers every packet instead
 * of counting.
 */
#include "check.h"
#include "lib/rtp_sender.h"

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
	test_ways_agree();
	for (unsigned seed = 1; seed <= 20; seed++) {
		CHECK_ROW("a random call");
		test_random_call(seed);
	}
	return check_done();
}
