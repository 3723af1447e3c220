/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bpf/stream.h against `tshark -z rtp,streams`, which is called and not copied: on captures made by
 * rule (tests/voice/scene.c), whose loss is known besides, and on those of Debian's sip-tester.
 * Where both define the same thing they must agree: packets and lost exactly, jitter to 0.01 ms.
 * Where ours deliberately says something else, tests/voice/README.md says why, and here it must say
 * exactly that.
 *
 *	test_tshark                           all captures
 *	test_tshark --calls CAPTURE DOCUMENT  what `agfeoctl replay --calls` or `calls --json` printed
 *	test_tshark --write DIRECTORY         only writes the captures
 */
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "voice/measured.h"
#include "voice/scene.h"

#define EQUAL_MS 0.01	/* what the issue asks for */
#define PRINT_MS 0.0011 /* tshark prints three decimals, a delta has steps of 1.024 us */
#define SIPP	 "/usr/share/sip-tester/"

static int version; /* 400, 404 … */

static bool near(double a, double b, double most)
{
	if (fabs(a - b) <= most)
		return true;
	printf("%.4f and %.4f ", a, b);
	return false;
}

/* All SSRCs of our direction in one row, as we count them. */
static bool sum_up(const struct measurement *theirs, const struct measured *ours,
		   struct measured *ret_sum)
{
	struct measured sum = {.min_jitter_ms = INFINITY};
	size_t rows = 0;

	for (size_t i = 0; i < theirs->count; i++) {
		const struct measured *row = &theirs->row[i];

		if (strcmp(row->source, ours->source) ||
		    strcmp(row->destination, ours->destination))
			continue;
		rows++;
		/* means of rows weigh as many samples as the row has packets besides its first */
		sum.mean_jitter_ms = (sum.mean_jitter_ms * (double)sum.packets +
				      row->mean_jitter_ms * (double)(row->packets - 1)) /
				     (double)(sum.packets + row->packets - 1);
		sum.packets += row->packets - 1;
		sum.lost += row->lost;
		sum.has_jitter |= row->has_jitter;
		sum.min_jitter_ms = fmin(sum.min_jitter_ms, row->min_jitter_ms);
		sum.max_jitter_ms = fmax(sum.max_jitter_ms, row->max_jitter_ms);
		sum.max_delta_ms = fmax(sum.max_delta_ms, row->max_delta_ms);
	}
	sum.packets += (long)rows;
	*ret_sum = sum;
	return rows > 0;
}

static void check_jitter(const struct measured *ours, const struct measured *theirs)
{
	CHECK_EQ(ours->has_jitter, theirs->has_jitter);
	if (!ours->has_jitter || !theirs->has_jitter)
		return;
	CHECK(near(ours->min_jitter_ms, theirs->min_jitter_ms, EQUAL_MS));
	CHECK(near(ours->max_jitter_ms, theirs->max_jitter_ms, EQUAL_MS));
	CHECK(near(ours->max_delta_ms, theirs->max_delta_ms, PRINT_MS));
}

/* What the scene's differences make of tshark's loss, if ours is `lost`. */
static long expected_loss(const struct scene *scene, const struct truth *truth, long lost)
{
	if (scene->differs & DIFFERS_COPIES)
		lost -= truth->copies;
	if ((scene->differs & DIFFERS_LAST) && version < 404)
		lost -= truth->after_last;
	if ((scene->differs & DIFFERS_FIRST) && version < 404)
		lost -= truth->before_first;
	if (scene->differs & DIFFERS_RESTART)
		lost += 20000;
	return lost;
}

/* The differences in time, each of which must be there. */
static void check_time(const struct scene *scene, const struct measured *ours,
		       const struct measured *theirs)
{
	double jitter_ms = scene->jitter_us / 1000.0;

	if (scene->differs & DIFFERS_CLOCK) {
		CHECK(!theirs->has_jitter && ours->has_jitter);
		CHECK(ours->max_jitter_ms < jitter_ms);
		return;
	}
	if (scene->differs & (DIFFERS_EVENTS | DIFFERS_RESTART | DIFFERS_JUMP)) {
		CHECK(theirs->max_jitter_ms > 5 * jitter_ms);
		CHECK(ours->max_jitter_ms < jitter_ms);
		return;
	}
	if ((scene->differs & DIFFERS_LATE) && version >= 404)
		return;
	if (scene->differs & DIFFERS_FIRST) { /* before the first timestamp: no jitter for tshark */
		CHECK(theirs->max_jitter_ms < ours->max_jitter_ms);
		return;
	}
	check_jitter(ours, theirs);
	if (scene->differs & DIFFERS_WEIGHT) {
		CHECK(near(ours->weighted_mean_ms, theirs->mean_jitter_ms, EQUAL_MS));
		CHECK(fabs(ours->mean_jitter_ms - theirs->mean_jitter_ms) > EQUAL_MS);
	} else {
		CHECK(near(ours->mean_jitter_ms, theirs->mean_jitter_ms, EQUAL_MS));
	}
}

static void check_truth(const struct scene *scene, const struct truth *truth,
			const struct measured *ours)
{
	const struct agfeo_stream *s = &ours->stream;

	CHECK_EQ(ours->packets, truth->packets);
	CHECK_EQ(ours->lost, truth->lost);
	CHECK_EQ(ours->expected, scene->packets);
	CHECK_EQ(s->duplicates, truth->copies);
	CHECK_EQ(s->events, truth->events);
	CHECK_EQ(s->comfort_noise, truth->noise);
	CHECK_EQ(s->ssrc_changes + s->restarts + 1, truth->segments);
	CHECK_EQ(s->clock_jumps, scene->hold_at ? 1 : 0);
	CHECK_EQ(truth->before_first != 0, (scene->differs & DIFFERS_FIRST) != 0);
	CHECK_EQ(truth->after_last != 0, (scene->differs & DIFFERS_LAST) != 0);
	if (scene->jitter_us < scene->ptime_ms * 1000)
		CHECK_EQ(s->reordered,
			 truth->late + (scene->swap_first ? 1 : 0) + scene->hurry_last);
}

/* tshark knows no clock of a dynamic payload type: it gets the same call with the static one. */
static int measure_twin(const struct scene *scene, const char *path, const struct measurement *ours,
			struct measurement *ret_theirs)
{
	struct scene twin = *scene;
	struct truth truth;

	twin.payload_type = scene->twin;
	if (scene->twin && !CHECK_EQ(scene_write(&twin, path, &truth), 0))
		return -1;
	return measure_tshark(path, ours, ret_theirs);
}

static void check_scene(const struct scene *scene, const char *directory)
{
	struct measurement ours, theirs;
	struct measured sum;
	struct truth truth;
	char path[512];

	CHECK_ROW(scene->name);
	snprintf(path, sizeof(path), "%s/%s.pcap", directory, scene->name);
	if (!CHECK_EQ(scene_write(scene, path, &truth), 0) ||
	    !CHECK_EQ(measure_capture(path, &ours), 0) || !CHECK_EQ(ours.count, 1))
		return;
	check_truth(scene, &truth, &ours.row[0]);
	if (!version || !CHECK_EQ(measure_twin(scene, path, &ours, &theirs), 0) ||
	    !CHECK(sum_up(&theirs, &ours.row[0], &sum)))
		return;
	CHECK_EQ(ours.row[0].packets, sum.packets);
	CHECK_EQ(expected_loss(scene, &truth, ours.row[0].lost), sum.lost);
	check_time(scene, &ours.row[0], &sum);
	unlink(path);
}

/* What SIPp plays to its peers: A-law, and one key each, its end sent three times alike. */
static void check_sipp(const char *name, bool keys)
{
	struct measurement ours, theirs;
	struct measured sum;
	char path[256];

	CHECK_ROW(name);
	snprintf(path, sizeof(path), SIPP "%s", name);
	if (!CHECK_EQ(measure_capture(path, &ours), 0) || !CHECK(ours.count > 0) ||
	    !CHECK_EQ(measure_tshark(path, &ours, &theirs), 0))
		return;
	for (size_t i = 0; i < ours.count; i++) {
		const struct measured *row = &ours.row[i];

		if (!CHECK(sum_up(&theirs, row, &sum)))
			continue;
		CHECK_EQ(row->packets, sum.packets);
		CHECK_EQ(row->lost - (long)row->stream.duplicates, sum.lost);
		CHECK_EQ(row->stream.duplicates, keys ? 2 : 0);
		CHECK_EQ(row->stream.events, keys ? row->packets : 0);
		check_jitter(row, &sum);
		if (row->has_jitter)
			CHECK(near(row->weighted_mean_ms, sum.mean_jitter_ms, EQUAL_MS));
	}
}

static void check_all_sipp(void)
{
	static const char keys[] = "0123456789";
	char name[64];

	if (!version || access(SIPP "g711a.pcap", R_OK)) {
		CHECK_SKIP("the captures of sip-tester, or tshark, are not installed");
		return;
	}
	check_sipp("g711a.pcap", false);
	for (const char *key = keys; *key; key++) {
		snprintf(name, sizeof(name), "dtmf_2833_%c.pcap", *key);
		check_sipp(name, true);
	}
	check_sipp("dtmf_2833_star.pcap", true);
	check_sipp("dtmf_2833_pound.pcap", true);
}

/* What the tool printed for a capture, against ours on the host and against tshark. */
static int check_calls(const char *capture, const char *document)
{
	struct measurement host, calls, theirs = {0};

	if (!CHECK_EQ(measure_capture(capture, &host), 0) ||
	    !CHECK_EQ(measure_calls(document, &calls), 0) || !CHECK(calls.count > 0))
		return check_done();
	if (version && !CHECK_EQ(measure_tshark(capture, &calls, &theirs), 0))
		return check_done();
	CHECK_EQ(calls.count, host.count);
	for (size_t i = 0; i < calls.count; i++) {
		const struct measured *row = &calls.row[i];
		const struct measured *same = measured_find(&host, row, 0);
		struct measured sum;

		CHECK_ROW(row->source);
		if (!CHECK(same))
			continue;
		CHECK_EQ(row->packets, same->packets);
		CHECK_EQ(row->expected, same->expected);
		CHECK_EQ(row->lost, same->lost);
		CHECK_EQ(row->ssrc, same->ssrc);
		check_jitter(row, same);
		CHECK(near(row->mean_jitter_ms, same->mean_jitter_ms, EQUAL_MS));
		if (version && CHECK(sum_up(&theirs, row, &sum)))
			CHECK_EQ(row->packets, sum.packets);
	}
	CHECK_ROW(NULL);
	return check_done();
}

static int write_all(const char *directory)
{
	for (size_t i = 0; i < scene_count; i++) {
		struct truth truth;
		char path[512];

		snprintf(path, sizeof(path), "%s/%s.pcap", directory, scenes[i].name);
		if (scene_write(&scenes[i], path, &truth)) {
			perror(path);
			return 1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	char directory[] = "/tmp/agfeo-scenes-XXXXXX";

	version = tshark_version();
	if (argc == 4 && !strcmp(argv[1], "--calls"))
		return check_calls(argv[2], argv[3]);
	if (argc == 3 && !strcmp(argv[1], "--write"))
		return write_all(argv[2]);

	if (!version)
		CHECK_SKIP("tshark is not installed: only the known truth is checked");
	if (!CHECK(mkdtemp(directory)))
		return check_done();
	for (size_t i = 0; i < scene_count; i++)
		check_scene(&scenes[i], directory);
	check_all_sipp();
	CHECK_ROW(NULL);
	rmdir(directory);
	return check_done();
}
