/* SPDX-License-Identifier: GPL-2.0 */
/* Streams as they were last read; see readings.h. */
#include "voice/readings.h"

#include <stdlib.h>
#include <string.h>

#define LEAST_ROOM 64 /* a power of two */

struct reading {
	bool used;
	struct reading_key key;
	struct agfeo_stream stream;
};

/* Open addressing, at most half full. */
struct round {
	struct reading *readings;
	size_t room;
	size_t count;
};

struct readings {
	struct round before, now;
	uint64_t began_ns; /* when the round before was taken */
};

struct readings *readings_new(uint64_t now_ns)
{
	struct readings *readings = calloc(1, sizeof(*readings));

	if (readings)
		readings->began_ns = now_ns;
	return readings;
}

void readings_free(struct readings *readings)
{
	if (!readings)
		return;
	free(readings->before.readings);
	free(readings->now.readings);
	free(readings);
}

/* FNV-1a; the key has no padding. */
static uint64_t hash_of(const struct reading_key *key)
{
	const unsigned char *bytes = (const unsigned char *)key;
	uint64_t hash = 0xcbf29ce484222325ull;

	_Static_assert(sizeof(*key) == 40, "no padding");
	for (size_t i = 0; i < sizeof(*key); i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ull;
	return hash ^ hash >> 32;
}

/* Where the key stands, or would. */
static struct reading *place_of(const struct round *round, const struct reading_key *key)
{
	size_t at = hash_of(key) & (round->room - 1);

	while (round->readings[at].used && memcmp(&round->readings[at].key, key, sizeof(*key)) != 0)
		at = (at + 1) & (round->room - 1);
	return &round->readings[at];
}

static const struct reading *find(const struct round *round, const struct reading_key *key)
{
	const struct reading *reading = round->room ? place_of(round, key) : NULL;

	return reading && reading->used ? reading : NULL;
}

static bool grow(struct round *round)
{
	struct round larger = {.room = round->room ? 2 * round->room : LEAST_ROOM,
			       .count = round->count};

	larger.readings = calloc(larger.room, sizeof(*larger.readings));
	if (!larger.readings)
		return false;
	for (size_t i = 0; i < round->room; i++) {
		if (round->readings[i].used)
			*place_of(&larger, &round->readings[i].key) = round->readings[i];
	}
	free(round->readings);
	*round = larger;
	return true;
}

/* Without memory the stream is not observed in the next round, and no figure is wrong. */
static void keep(struct round *round, const struct reading_key *key,
		 const struct agfeo_stream *stream)
{
	struct reading *reading;

	if (2 * (round->count + 1) > round->room && !grow(round))
		return;
	reading = place_of(round, key);
	round->count += !reading->used;
	*reading = (struct reading){.used = true, .key = *key, .stream = *stream};
}

bool readings_take(struct readings *readings, const struct reading_key *key,
		   const struct agfeo_stream *stream, struct quality *ret_quality)
{
	const struct reading *before = find(&readings->before, key);
	struct quality quality;

	keep(&readings->now, key, stream);
	/* Another flow between the same ends: nothing of it was there before. */
	if (before && before->stream.started != stream->started)
		before = NULL;
	if (!stream->base || (!before && stream->started < readings->began_ns))
		return false;
	quality_since(stream, before ? &before->stream : NULL, &quality);
	if (!quality.packets)
		return false;
	*ret_quality = quality;
	return true;
}

void readings_end_round(struct readings *readings, uint64_t now_ns)
{
	free(readings->before.readings);
	readings->before = readings->now;
	readings->now = (struct round){.room = 0};
	readings->began_ns = now_ns;
}
