/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Streams as they were last read, so that each round sees what happened since: an old loss is
 * counted in the round that it happened in, and never again. Pure.
 */
#ifndef USER_VOICE_READINGS_H
#define USER_VOICE_READINGS_H

#include <agfeo/stream.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "voice/quality.h"

/* Which stream: the flow's two ends, and which of them sends. */
struct reading_key {
	struct address address[2];
	uint16_t port[2];
	uint32_t sender;
};

struct readings;

/* now_ns: of the streams' clock. Streams older than it are new to us, and not observed when they
 * are first met: what became of them before is not of this round. NULL: no memory. */
struct readings *readings_new(uint64_t now_ns);
void readings_free(struct readings *readings);
static inline void readings_freep(struct readings **readings)
{
	readings_free(*readings);
}

/*
 * One stream of this round. True: packets of it came since the round before, and *ret_quality is
 * about them. Each stream once a round.
 */
bool readings_take(struct readings *readings, const struct reading_key *key,
		   const struct agfeo_stream *stream, struct quality *ret_quality);

/* Ends the round: what was not seen in it is forgotten. */
void readings_end_round(struct readings *readings, uint64_t now_ns);

#endif
