/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The reference model: what the box decides on a packet, written plainly for the host from the
 * design and not from the datapath, so that one can be held against the other. Lists and loops
 * over the configuration and the catalogue; speed is of no concern.
 *
 *	wire.c    what stands in the frame
 *	rules.c   what the devices may do
 *	state.c   flows, fragments, searches, budgets of new flows
 *	tcp.c     which segments belong to a connection
 *	judge.c   the order of the questions
 *	mark.c    the DSCP that a packet leaves with
 */
#ifndef TESTS_MODEL_REFERENCE_H
#define TESTS_MODEL_REFERENCE_H

#include "config/site.h"

#define REFERENCE_TICK_NS (1ull << 26)

enum reference_hook {
	REFERENCE_VOICE_XDP,  /* xdp_ingress where devices are */
	REFERENCE_VOICE_TC,   /* tc_egress where devices are */
	REFERENCE_UPLINK_XDP, /* xdp_ingress towards provider and internet */
};

struct reference_answer {
	enum agfeo_reason reason;
	enum agfeo_verdict verdict;	/* what the hook does: in monitor mode always AGFEO_PASS */
	uint8_t dscp_in, dscp_out;	/* AGFEO_KEEP where there is no IP header to read */
	const struct device *device[2]; /* the sender's, the receiver's; NULL: no device */
	const char *service;		/* of the permission that spoke for the flow, or NULL */
	int class;			/* enum agfeo_class of that permission, or -1 */
};

struct reference;

/* The site must outlive the reference. There is no pickup until reference_pickup(). */
struct reference *reference_new(const struct site *site);
void reference_free(struct reference *reference);

/* Another configuration takes the place of the first; live flows are judged by it from now on. */
void reference_reload(struct reference *reference, const struct site *site);

/* Mid-stream TCP is picked up until this time. */
void reference_pickup(struct reference *reference, uint64_t until_ns);

/* A name of AGFEO's resolved to this address. hosts: mask of AGFEO_HOST_*. */
void reference_cloud(struct reference *reference, const struct address *address, unsigned hosts);

/* Judges a frame that arrives at ns, and re-marks it in place where it passes. */
void reference_judge(struct reference *reference, enum reference_hook hook, uint64_t ns,
		     uint8_t *frame, size_t length, struct reference_answer *ret_answer);

/* Where a capture's packet is judged: at XDP when a listed device sent it, else at tc. */
enum reference_hook reference_replay_hook(const struct reference *reference, const uint8_t *frame,
					  size_t length);

#endif
