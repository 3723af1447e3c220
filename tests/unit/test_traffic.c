/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The traffic of the differential test is worth its time: the same seed gives the same packets,
 * and to the reference model they bring about every reason, many times each.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "check.h"
#include "config/config.h"
#include "corpus/rows.h"
#include "model/reference.h"
#include "model/traffic.h"

#define SEQUENCES  30
#define PACKETS	   1000
#define EACH_LEAST 20 /* the least that every reason must come to */

struct tally {
	unsigned reason[AGFEO_REASON_COUNT];
	unsigned class[AGFEO_CLASS_COUNT];
	unsigned marked, passed;
};

static void count(struct tally *tally, const struct reference_answer *answer)
{
	tally->reason[answer->reason]++;
	if (answer->verdict == AGFEO_PASS)
		tally->passed++;
	if (answer->class >= 0)
		tally->class[answer->class]++;
	if (answer->dscp_in != answer->dscp_out)
		tally->marked++;
}

static void run_sequence(const struct site *site, uint64_t seed, struct tally *tally)
{
	struct reference *reference = reference_new(site);
	struct traffic *traffic = traffic_new(seed);

	reference_pickup(reference, 60000000000ull);
	for (unsigned i = 0; i < PACKETS; i++) {
		struct reference_answer answer;
		struct traffic_packet packet;

		traffic_next(traffic, &packet);
		reference_judge(reference,
				reference_replay_hook(reference, packet.bytes, packet.length),
				packet.ns, packet.bytes, packet.length, &answer);
		count(tally, &answer);
	}
	traffic_free(traffic);
	reference_free(reference);
}

static void test_reasons(void)
{
	static const char *const texts[] = {site_office, site_closed, site_narrow, site_bleached};
	struct tally tally = {0};

	for (unsigned i = 0; i < ARRAY_SIZE(texts) * SEQUENCES; i++) {
		const char *text = texts[i / SEQUENCES];
		_cleanup_(site_freep) struct site *site = NULL;

		if (!CHECK_EQ(config_parse("site", text, strlen(text), stdout, &site), 0))
			return;
		run_sequence(site, i, &tally);
	}
	for (unsigned i = 0; i < AGFEO_REASON_COUNT; i++) {
		CHECK_ROW(reason_label(i));
		printf("%-14s %6u\n", reason_label(i), tally.reason[i]);
		CHECK(tally.reason[i] >= EACH_LEAST);
	}
	for (unsigned i = 0; i < AGFEO_CLASS_COUNT; i++) {
		CHECK_ROW(class_label(i));
		printf("%-14s %6u\n", class_label(i), tally.class[i]);
		CHECK(tally.class[i] >= EACH_LEAST);
	}
	CHECK_ROW(NULL);
	printf("passed %u, re-marked %u\n", tally.passed, tally.marked);
	CHECK(tally.marked >= EACH_LEAST);
}

static void test_same_seed(void)
{
	struct traffic *one = traffic_new(7), *two = traffic_new(7), *other = traffic_new(8);
	unsigned different = 0, alike = 0;

	for (unsigned i = 0; i < PACKETS; i++) {
		struct traffic_packet a, b, c;

		traffic_next(one, &a);
		traffic_next(two, &b);
		traffic_next(other, &c);
		different += a.length != b.length || a.ns != b.ns ||
			     memcmp(a.bytes, b.bytes, a.length) != 0;
		alike += a.length == c.length && !memcmp(a.bytes, c.bytes, a.length);
	}
	CHECK_EQ(different, 0);
	CHECK(alike < PACKETS / 10);
	traffic_free(one);
	traffic_free(two);
	traffic_free(other);
}

int main(void)
{
	test_reasons();
	test_same_seed();
	return check_done();
}
