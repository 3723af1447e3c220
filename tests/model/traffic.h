/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Seeded traffic of the corpus's office: conversations that interleave and keep their own state
 * (calls, registrations, connections, fragmented requests, searches, errors that quote them),
 * among strangers and noise, some packets wrapped, some damaged, with jumps of the clock past the
 * lives of flows. The same seed gives the same packets.
 */
#ifndef TESTS_MODEL_TRAFFIC_H
#define TESTS_MODEL_TRAFFIC_H

#include "lib/frame.h"

#define TRAFFIC_BYTES_MOST 1600

struct traffic_packet {
	uint64_t ns;	 /* since the beginning of the sequence */
	bool wrong_hook; /* it comes where a packet of its sender should not */
	bool uplink;	 /* if no device sent it: the world did, and XDP sees it before tc does */
	uint16_t length;
	uint8_t bytes[TRAFFIC_BYTES_MOST];
};

struct traffic;

struct traffic *traffic_new(uint64_t seed);
void traffic_free(struct traffic *traffic);
void traffic_next(struct traffic *traffic, struct traffic_packet *ret_packet);

/* A number below `below`, from the same source. */
unsigned traffic_random(struct traffic *traffic, unsigned below);

#endif
