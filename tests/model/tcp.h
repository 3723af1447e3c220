/* SPDX-License-Identifier: GPL-2.0 */
/* Which segments belong to a connection, and what they change in it. */
#ifndef TESTS_MODEL_TCP_H
#define TESTS_MODEL_TCP_H

#include "state.h"

enum tcp_step {
	TCP_BELONGS,
	TCP_REFUSED, /* no-flow: the connection is as it was */
	TCP_ANEW,    /* a SYN that asks for another connection between the same ends */
};

/* A SYN without ACK: what opens a connection. */
bool tcp_opens(const struct wire *wire);

/* The first segment of a flow, by its opener. */
void tcp_open(struct flow *flow, const struct wire *wire);

/* A connection whose beginning nobody saw; the segment came from `sender`. */
void tcp_pick_up(struct flow *flow, const struct wire *wire, enum flow_end sender);

/* A later segment of a live flow. */
enum tcp_step tcp_follow(struct flow *flow, const struct wire *wire, enum flow_end sender);

#endif
