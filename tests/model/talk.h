/* SPDX-License-Identifier: GPL-2.0 */
/* One conversation of the traffic: who with whom, and where it stands. For traffic.c. */
#ifndef TESTS_MODEL_TALK_H
#define TESTS_MODEL_TALK_H

#include "lib/frame.h"
#include "lib/payload.h"
#include "traffic.h"

enum talk_load { TALK_TEXT, TALK_VOICE, TALK_SILENT };

/* Both ends, their state, and buffers that a frame of it may point into. */
struct talk {
	bool v6;
	uint8_t protocol;
	enum talk_load load;
	const char *address[2]; /* 0 opens */
	uint16_t port[2];
	unsigned left; /* packets still to be said */
	bool scans;    /* each from a port of its own */

	uint32_t sequence[2]; /* TCP */
	unsigned said[2];
	uint16_t rtp_sequence[2];
	uint32_t rtp_ssrc[2];
	uint8_t payload[PAYLOAD_MOST];
};

void talk_begin(struct talk *talk, struct traffic *traffic);
/* The next packet, undecorated. The frame points into the talk. */
struct frame talk_next(struct talk *talk, struct traffic *traffic);
/* A packet between the same ends, `from` sending, with nothing in it: for errors that quote it. */
struct frame talk_bare(const struct talk *talk, unsigned from);

#endif
