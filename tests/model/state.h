/* SPDX-License-Identifier: GPL-2.0 */
/* What the reference model remembers between packets. Times are ticks. */
#ifndef TESTS_MODEL_STATE_H
#define TESTS_MODEL_STATE_H

#include "reference.h"
#include "rules.h"

enum flow_end { OPENER, RESPONDER };

/* One direction of a voice flow: the last RTP packet of it, and how little it is believed. */
struct rtp_state {
	bool known;
	uint32_t ssrc;
	uint16_t sequence;
	unsigned suspect;
};

struct flow {
	struct wire_tuple opened;	     /* as its opener sends: source is the opener */
	const struct permission *permission; /* NULL: echo */
	unsigned generation;
	bool has_sent[2]; /* by enum flow_end */
	uint64_t seen;	  /* last packet of either end */
	uint64_t asked;	  /* last packet of the opener */
	uint64_t idle_new, idle;

	bool expected; /* passed because another flow asked for it */

	bool established, closing; /* TCP */
	bool syn_seen;		   /* or it was picked up */
	uint32_t must_acknowledge; /* the SYN-ACK: the SYN's sequence + 1 */
	bool next_known[2];
	uint32_t next[2]; /* sequence number expected of each end */
	bool fin[2];

	struct rtp_state rtp[2];
	bool at_xdp[2];		 /* by who sent: some packet was seen at XDP, */
	uint64_t seen_at_xdp[2]; /* the last one then */
	struct flow *after;
};

/* What is to become of a packet's DSCP. */
struct marking {
	uint8_t mark;  /* the DSCP to set, or AGFEO_KEEP */
	bool voice;    /* it is voice, and believed to be */
	bool bleached; /* EF is not its due */
};

/* A datagram whose first fragment passed. */
struct fragment {
	enum wire_family family;
	struct address source, destination;
	uint32_t id;
	uint8_t protocol;
	uint64_t seen;
	struct marking marking;
	struct fragment *after;
};

/* A host of the site that asked a group who is there. */
struct search {
	struct wire_tuple tuple;
	uint64_t seen;
	struct search *after;
};

#define BUCKET_FULL UINT32_MAX /* more than any budget: cut to its size when first used */

/* A budget of new flows. 1024 tokens are a flow. */
struct bucket {
	enum wire_family family;
	struct address source;
	uint64_t tokens;
	uint64_t filled;
	struct bucket *after;
};

struct cloud_address {
	struct address address;
	unsigned hosts;
	struct cloud_address *after;
};

struct reference {
	struct listed_site *site;
	unsigned generation;
	uint64_t now;	       /* tick of the packet at hand */
	bool beyond;	       /* it comes in by an uplink: who sent it is not of the site */
	uint64_t pickup_until; /* tick; 0: never */
	struct flow *flows;
	struct fragment *fragments;
	struct search *searches;
	struct bucket *buckets;
	struct bucket strangers;
	struct cloud_address *cloud;
};

uint64_t ticks_of_seconds(unsigned seconds);

/* The live flow of these ends, whoever of them sent, or NULL. An expired one is forgotten. */
struct flow *flow_find(struct reference *reference, const struct wire_tuple *tuple);
bool reference_flow_is_live(const struct reference *reference, const struct flow *flow);
enum flow_end flow_sender(const struct flow *flow, const struct wire_tuple *tuple);
/* Replaces a flow of the same ends. */
struct flow *flow_open(struct reference *reference, const struct wire_tuple *opened);
void flow_close(struct reference *reference, struct flow *flow);
void flow_saw(struct reference *reference, struct flow *flow, enum flow_end sender);

struct wire_tuple tuple_reversed(const struct wire_tuple *tuple);

struct fragment *fragment_find(struct reference *reference, const struct wire *wire);
void fragment_remember(struct reference *reference, const struct wire *wire,
		       const struct marking *marking);

void search_remember(struct reference *reference, const struct wire_tuple *tuple);
/* Whether the answer's receiver searched, a short time ago, at the port that it comes from. */
bool search_find(struct reference *reference, const struct wire_tuple *answer);

/* Takes a new flow out of its source's budget; false: there is none left. */
bool budget_take(struct reference *reference, const struct wire_tuple *opened);

void cloud_remember(struct reference *reference, const struct address *address, unsigned hosts);
unsigned cloud_hosts_of(const struct reference *reference, const struct address *address);

void state_free(struct reference *reference);

#endif
