/* SPDX-License-Identifier: GPL-2.0 */
/* The model as one: a frame in, an answer and perhaps a re-marked frame out; see reference.h. */
#include <stdlib.h>

#include "judge.h"
#include "mark.h"

/* ------------------------------------------------------------------ marking */

/* What passes is left alone when either end is only watched. */
static bool is_watched(const struct case_file *c)
{
	return c->reference->site->site->monitor || (c->sender && c->sender->device->monitor) ||
	       (c->receiver && c->receiver->device->monitor);
}

/*
 * A packet that crosses the box meets it at XDP and again at tc, and is weighed once: tc leaves out
 * what a direction sent while XDP saw it, a tick ago at most.
 */
static bool is_first_sight(struct case_file *c)
{
	struct flow *flow = c->flow;

	if (c->hook != REFERENCE_VOICE_TC) {
		flow->at_xdp[c->end] = true;
		flow->seen_at_xdp[c->end] = c->reference->now;
		return true;
	}
	return !flow->at_xdp[c->end] || c->reference->now - flow->seen_at_xdp[c->end] > 1;
}

/* What the packet's flow, or its first fragment, wants of its DSCP. What is only watched is weighed
 * all the same, as it will be marked once it is more than watched. */
static struct marking marking_for(struct case_file *c)
{
	const struct permission *permission = c->permission;
	struct marking marking = {.mark = AGFEO_KEEP};

	if (c->first)
		return c->first->marking;
	if (!c->flow)
		return marking;
	marking.bleached = c->reference->site->site->bleach;
	if (permission && permission->class == AGFEO_CLASS_VOICE &&
	    c->flow->opened.protocol == PROTOCOL_UDP) {
		marking.voice =
			voice_is_believed(&c->flow->rtp[c->end], &c->wire, is_first_sight(c));
		marking.mark = marking.voice ? permission->mark : AGFEO_KEEP;
		marking.bleached &= !marking.voice;
	} else if (permission) {
		marking.mark = permission->mark;
	}
	if (is_watched(c))
		marking = (struct marking){.mark = AGFEO_KEEP};
	return marking;
}

/* A refusal is one device's: that whose list refused, else the sender's, else the receiver's. Of
 * what both agreed to before, it is both's. */
static bool is_refusal_watched(const struct case_file *c)
{
	const struct listed *refuser = c->refuser;

	if (c->known && !refuser)
		return is_watched(c);
	if (!refuser)
		refuser = c->sender ? c->sender : c->receiver;
	return c->reference->site->site->monitor || (refuser && refuser->device->monitor);
}

static enum agfeo_verdict verdict_on(const struct case_file *c, enum agfeo_reason reason)
{
	if (agfeo_reason_verdict(reason) == AGFEO_PASS || is_refusal_watched(c))
		return AGFEO_PASS;
	return AGFEO_DROP;
}

static bool has_addresses(const struct wire *wire)
{
	return wire->kind != WIRE_NOT_IP && wire->kind != WIRE_BLIND;
}

static uint8_t dscp_after(const struct marking *marking, uint8_t dscp)
{
	if (marking->mark != AGFEO_KEEP)
		return marking->mark;
	return marking->bleached && dscp == AGFEO_EF ? 0 : dscp;
}

static void leave(struct case_file *c, uint8_t *frame, struct reference_answer *answer)
{
	struct marking marking;

	if (!has_addresses(&c->wire))
		return;
	answer->dscp_in = mark_read(&c->wire, frame);
	answer->dscp_out = answer->dscp_in;
	if (agfeo_reason_verdict(answer->reason) == AGFEO_DROP)
		return;

	marking = marking_for(c);
	answer->dscp_out = dscp_after(&marking, answer->dscp_in);
	mark_write(&c->wire, frame, answer->dscp_out);
	if (marking.voice && marking.mark != AGFEO_KEEP)
		mark_tags(&c->wire, frame, marking.mark);
	if (answer->dscp_out != answer->dscp_in)
		marking.mark = answer->dscp_out; /* the rest of the datagram leaves alike */
	if (c->wire.kind == WIRE_PACKET && c->wire.fragmented && (c->sender || c->receiver))
		fragment_remember(c->reference, &c->wire, &marking);
}

void reference_judge(struct reference *reference, enum reference_hook hook, uint64_t ns,
		     uint8_t *frame, size_t length, struct reference_answer *ret_answer)
{
	struct case_file c = {.reference = reference, .hook = hook};
	struct reference_answer answer = {
		.dscp_in = AGFEO_KEEP, .dscp_out = AGFEO_KEEP, .class = -1};

	reference->now = ns / REFERENCE_TICK_NS;
	reference->beyond = hook == REFERENCE_UPLINK_XDP;
	wire_read(frame, length, &c.wire);
	if (has_addresses(&c.wire)) {
		const struct wire_tuple *tuple = &c.wire.tuple;

		c.sender = listed_find(reference->site, tuple->family, &tuple->source);
		c.receiver = listed_find(reference->site, tuple->family, &tuple->destination);
	}

	answer.reason = judge(&c);
	answer.verdict = verdict_on(&c, answer.reason);
	answer.device[0] = c.sender ? c.sender->device : NULL;
	answer.device[1] = c.receiver ? c.receiver->device : NULL;
	if (c.permission) {
		answer.service = c.permission->service;
		answer.class = c.permission->class;
	}
	if (agfeo_reason_verdict(answer.reason) == AGFEO_PASS)
		judge_note_search(&c);
	leave(&c, frame, &answer);
	*ret_answer = answer;
}

/* ------------------------------------------------------------------ life */

struct reference *reference_new(const struct site *site)
{
	struct reference *reference = calloc(1, sizeof(*reference));

	if (!reference)
		abort();
	reference->site = listed_site_new(site);
	reference->generation = 1;
	reference->strangers.tokens = BUCKET_FULL;
	return reference;
}

void reference_free(struct reference *reference)
{
	if (!reference)
		return;
	state_free(reference);
	listed_site_free(reference->site);
	free(reference);
}

void reference_reload(struct reference *reference, const struct site *site)
{
	struct listed_site *listed = listed_site_new(site);

	listed->before = reference->site;
	reference->site = listed;
	reference->generation++;
}

void reference_cloud(struct reference *reference, const struct address *address, unsigned hosts)
{
	cloud_remember(reference, address, hosts);
}

void reference_pickup(struct reference *reference, uint64_t until_ns)
{
	reference->pickup_until = until_ns / REFERENCE_TICK_NS;
}

enum reference_hook reference_replay_hook(const struct reference *reference, const uint8_t *frame,
					  size_t length)
{
	struct wire wire;

	wire_read(frame, length, &wire);
	if (has_addresses(&wire) &&
	    listed_find(reference->site, wire.tuple.family, &wire.tuple.source))
		return REFERENCE_VOICE_XDP;
	return REFERENCE_VOICE_TC;
}
