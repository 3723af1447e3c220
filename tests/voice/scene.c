/* SPDX-License-Identifier: GPL-2.0 */
/* Scenes as captures; see scene.h. */
#include "voice/scene.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "capture.h"
#include "frame.h"
#include "payload.h"

#define BEGIN_NS    1700000000000000000ull
#define HOLD_NS	    20000000000ull
#define DIAL_LENGTH 10
#define EVENT	    101
#define NOISE	    13

/* clang-format off */
/* payload type, clock, ms and bytes of a packet; packets, and how late each may be, in us */
#define AUDIO(type, rate, ms, bytes, count, late) .payload_type = (type), .clock = (rate), \
	.ptime_ms = (ms), .size = (bytes), .packets = (count), .jitter_us = (late)
#define FROM(sequence, timestamp) .first_sequence = (sequence), .first_timestamp = (timestamp)
#define PCMA AUDIO(8, 8000, 20, 160, 1000, 2000)
#define VOICE PCMA, FROM(1000, 160000)

const struct scene scenes[] = {
	{.name = "clean", VOICE},
	{.name = "loss", VOICE, .lose_every = 50, .lose_run = 1},
	{.name = "loss in bursts", VOICE, .lose_every = 100, .lose_run = 7},
	{.name = "loss of a second", VOICE, .lose_every = 400, .lose_run = 50},
	{.name = "late packets", VOICE, .late_every = 40, .late_by = 2, .differs = DIFFERS_LATE},
	{.name = "copies", VOICE, .copy_every = 100, .differs = DIFFERS_COPIES},
	{.name = "loss, late packets, copies", VOICE, .lose_every = 60, .lose_run = 2,
		.late_every = 37, .late_by = 3, .copy_every = 90, .differs = DIFFERS_COPIES | DIFFERS_LATE},
	{.name = "sequence wraps", PCMA, FROM(65100, 160000), .lose_every = 50, .lose_run = 1},
	{.name = "timestamp wraps", PCMA, FROM(1000, 0xffffffff - 80000)},
	{.name = "sequence from 0, twice around", AUDIO(8, 8000, 20, 160, 140000, 2000), FROM(0, 0),
		.lose_every = 1000, .lose_run = 3},
	{.name = "another SSRC", VOICE, .ssrc_at = 400},
	{.name = "restart of the sequence", VOICE, .restart_at = 400, .differs = DIFFERS_RESTART},
	{.name = "talkspurts", VOICE, .spurt_every = 100},
	{.name = "comfort noise", VOICE, .noise_every = 100},
	{.name = "talkspurts, calm at first", AUDIO(8, 8000, 20, 160, 1000, 10000), FROM(1, 2),
		.spurt_every = 20, .calm_until = 500, .differs = DIFFERS_WEIGHT},
	{.name = "comfort noise, calm at first", AUDIO(8, 8000, 20, 160, 1000, 10000), FROM(1, 2),
		.noise_every = 20, .calm_until = 500, .differs = DIFFERS_WEIGHT},
	{.name = "30 ms", AUDIO(8, 8000, 30, 240, 1000, 2000), FROM(1, 2), .lose_every = 70, .lose_run = 1},
	{.name = "40 ms", AUDIO(8, 8000, 40, 320, 1000, 2000), FROM(1, 2), .lose_every = 70, .lose_run = 2},
	{.name = "10 ms", AUDIO(8, 8000, 10, 80, 1000, 2000), FROM(1, 2)},
	{.name = "PCMU", AUDIO(0, 8000, 20, 160, 1000, 2000), FROM(1, 2)},
	{.name = "G.722", AUDIO(9, 8000, 20, 160, 1000, 2000), FROM(1, 2), .lose_every = 70, .lose_run = 1},
	{.name = "G.729", AUDIO(18, 8000, 20, 20, 1000, 2000), FROM(1, 2)},
	{.name = "L16 at 44.1 kHz", AUDIO(11, 44100, 20, 1764, 1000, 2000), FROM(1, 2)},
	{.name = "DVI4 at 11.025 kHz", AUDIO(16, 11025, 40, 224, 1000, 2000), FROM(1, 2)},
	{.name = "DVI4 at 16 kHz", AUDIO(6, 16000, 20, 164, 1000, 2000), FROM(1, 2)},
	{.name = "codec changes", VOICE, .type_at = 500},
	{.name = "telephone events", VOICE, .dial_every = 200, .differs = DIFFERS_EVENTS},
	{.name = "the last two places early", VOICE, .hurry_last = 2, .differs = DIFFERS_LAST | DIFFERS_LATE},
	{.name = "the first two swapped", VOICE, .swap_first = 1, .differs = DIFFERS_FIRST | DIFFERS_LATE},
	{.name = "hold", VOICE, .hold_at = 500, .differs = DIFFERS_JUMP},
	{.name = "a dynamic payload type", AUDIO(111, 48000, 20, 120, 1000, 2000), FROM(1, 2),
		.differs = DIFFERS_CLOCK},
	{.name = "A-law by a dynamic payload type", AUDIO(97, 8000, 20, 160, 1000, 2000), FROM(1, 2),
		.twin = 8, .lose_every = 70, .lose_run = 1},
	{.name = "L16 by a dynamic payload type", AUDIO(98, 44100, 20, 1764, 1000, 2000), FROM(1, 2),
		.twin = 11, .lose_every = 70, .lose_run = 1},
	{.name = "no jitter at all", AUDIO(8, 8000, 20, 160, 1000, 0), FROM(1, 2)},
	{.name = "100 ms of jitter", AUDIO(8, 8000, 20, 160, 1000, 100000), FROM(1, 2),
		.differs = DIFFERS_LATE | DIFFERS_LAST},
};
/* clang-format on */
const struct agfeo_payload_types scene_given = {
	.encoding = {[97 - AGFEO_FIRST_DYNAMIC] = AGFEO_ENCODING_PCMA,
		     [98 - AGFEO_FIRST_DYNAMIC] = AGFEO_ENCODING_L16_44100},
};

const size_t scene_count = ARRAY_SIZE(scenes);

struct spoken {
	struct rtp rtp;
	uint64_t time_ns;
	size_t order; /* as sent: equal times stay in it */
	bool lost;
};

struct performance {
	struct spoken *packets;
	size_t count, room;
	uint32_t state;
};

static uint32_t random_below(struct performance *p, uint32_t limit)
{
	p->state = p->state * 1664525 + 1013904223;
	return limit ? (uint32_t)((uint64_t)p->state * limit >> 32) : 0;
}

static bool is_turn(unsigned every, unsigned n)
{
	return every && n && n % every == 0;
}

static uint64_t ticks(const struct scene *scene, uint64_t packets)
{
	return packets * scene->ptime_ms * scene->clock / 1000;
}

/* What the sender sends as its packet n, of what kind, and when by its own clock. */
static struct spoken speak(const struct scene *scene, unsigned n, struct truth *truth)
{
	unsigned spurts = scene->spurt_every ? scene->spurt_every : scene->noise_every;
	unsigned silent = spurts ? n / spurts * spurts : 0; /* packets it did not send */
	bool marked = !n || is_turn(spurts, n);
	struct spoken s = {
		.order = n,
		.time_ns = BEGIN_NS + (uint64_t)(n + silent) * scene->ptime_ms * 1000000,
		.rtp = {.payload_type = scene->payload_type,
			.sequence = (uint16_t)(scene->first_sequence + n),
			.timestamp = scene->first_timestamp + (uint32_t)ticks(scene, n + silent),
			.ssrc = 0x5eed,
			.marker = marked,
			.size = scene->size},
	};

	if (scene->noise_every && n % scene->noise_every == scene->noise_every - 1) {
		s.rtp.payload_type = NOISE;
		s.rtp.size = 1;
		truth->noise++;
	}
	if (scene->dial_every && n > DIAL_LENGTH && n % scene->dial_every < DIAL_LENGTH) {
		unsigned first = n / scene->dial_every * scene->dial_every;

		s.rtp.timestamp = scene->first_timestamp + (uint32_t)ticks(scene, first);
		s.rtp.payload_type = EVENT;
		s.rtp.marker = n == first;
		s.rtp.size = 4;
		truth->events++;
	}
	if (scene->type_at && n >= scene->type_at)
		s.rtp.payload_type = 0;
	if (scene->ssrc_at && n >= scene->ssrc_at) {
		s.rtp.ssrc = 0xfeed;
		s.rtp.sequence += 30000;
		s.rtp.timestamp += 123456789;
	}
	if (scene->restart_at && n >= scene->restart_at) {
		s.rtp.sequence += 20000;
		s.rtp.timestamp += 3000000;
	}
	if (scene->hold_at && n >= scene->hold_at)
		s.time_ns += HOLD_NS;
	return s;
}

/* What the network does to it. The first and the last arrive, so that all loss is seen. */
static void carry(const struct scene *scene, struct performance *p, struct spoken s,
		  struct truth *truth)
{
	uint64_t place = (uint64_t)scene->ptime_ms * 1000000;
	unsigned n = (unsigned)s.order;
	bool edge = !n || n + 1 == scene->packets;

	if (n >= scene->calm_until)
		s.time_ns += random_below(p, scene->jitter_us + 1) * 1000ull;
	if (!edge && scene->lose_every && n > scene->lose_run &&
	    n % scene->lose_every < scene->lose_run) {
		truth->lost++;
		return;
	}
	if (!edge && is_turn(scene->late_every, n) && n + scene->late_by + 1 < scene->packets) {
		s.time_ns += place * scene->late_by + place / 2;
		truth->late++;
	}
	if (!n && scene->swap_first)
		s.time_ns += place * scene->swap_first + place / 2;
	if (n + 1 == scene->packets)
		s.time_ns -= place * scene->hurry_last + (scene->hurry_last ? place / 2 : 0);
	p->packets[p->count++] = s;
	if (!edge && is_turn(scene->copy_every, n)) {
		s.time_ns += 500000;
		p->packets[p->count++] = s;
		truth->copies++;
	}
}

static int by_arrival(const void *left, const void *right)
{
	const struct spoken *a = left, *b = right;

	if (a->time_ns != b->time_ns)
		return a->time_ns < b->time_ns ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static int write_packets(const struct performance *p, const char *path)
{
	FILE *capture = capture_open(path, LINK_ETHERNET);

	if (!capture)
		return -errno;
	for (size_t i = 0; i < p->count; i++) {
		uint8_t payload[PAYLOAD_MOST];
		struct frame frame = {
			UDP("192.168.10.2", SCENE_PORT, "192.0.2.7", SCENE_PORT + 2),
			.tos = 0xb8,
			.payload = payload,
			.payload_size = payload_rtp(payload, &p->packets[i].rtp),
		};
		struct frame_bytes built = frame_build(&frame);

		capture_write(capture, p->packets[i].time_ns, &built);
	}
	return capture_close(capture);
}

int scene_write(const struct scene *scene, const char *path, struct truth *ret_truth)
{
	_cleanup_(freep) struct spoken *packets = calloc(2 * scene->packets, sizeof(*packets));
	struct performance p = {.packets = packets, .state = 1};
	struct truth truth = {.segments = 1 + !!scene->ssrc_at + !!scene->restart_at};
	int err;

	if (!packets)
		return -ENOMEM;
	for (unsigned n = 0; n < scene->packets; n++)
		carry(scene, &p, speak(scene, n, &truth), &truth);
	qsort(packets, p.count, sizeof(*packets), by_arrival);
	truth.packets = (unsigned)p.count;
	truth.before_first = (unsigned)packets[0].order;
	truth.after_last = scene->packets - 1 - (unsigned)packets[p.count - 1].order;
	err = write_packets(&p, path);
	if (err)
		return err;
	*ret_truth = truth;
	return 0;
}
