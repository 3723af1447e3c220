/* SPDX-License-Identifier: GPL-2.0 */
/* The model as one: a frame in, an answer and perhaps a re-marked frame out; see reference.h. */
#include <stdlib.h>

#include "judge.h"
#include "mark.h"

/* ------------------------------------------------------------------ marking */

/* The DSCP that the packet is to leave with, or AGFEO_KEEP. */
static uint8_t mark_for(struct case_file *c, uint8_t dscp_in)
{
	const struct permission *permission = c->permission;
	const struct site *site = c->reference->site->site;
	uint8_t mark = AGFEO_KEEP;

	if (c->first)
		return c->first->mark;
	if (!c->flow)
		return AGFEO_KEEP;
	if (permission && permission->class == AGFEO_CLASS_VOICE &&
	    c->flow->opened.protocol == PROTOCOL_UDP) {
		if (voice_is_believed(&c->flow->rtp[c->end], &c->wire))
			mark = permission->mark;
	} else if (permission) {
		mark = permission->mark;
	}
	if (mark == AGFEO_KEEP && site->bleach && dscp_in == AGFEO_EF)
		mark = 0;
	return mark;
}

/* What a device's list refuses is refused by that device; all else concerns both ends. */
static bool is_monitored(const struct case_file *c)
{
	if (c->refuser)
		return c->reference->site->site->monitor || c->refuser->device->monitor;
	return c->reference->site->site->monitor || (c->sender && c->sender->device->monitor) ||
	       (c->receiver && c->receiver->device->monitor);
}

static bool has_addresses(const struct wire *wire)
{
	return wire->kind != WIRE_NOT_IP && wire->kind != WIRE_BLIND;
}

static void leave(struct case_file *c, uint8_t *frame, struct reference_answer *answer)
{
	uint8_t mark;

	if (!has_addresses(&c->wire))
		return;
	answer->dscp_in = mark_read(&c->wire, frame);
	answer->dscp_out = answer->dscp_in;
	if (agfeo_reason_verdict(answer->reason) == AGFEO_DROP)
		return;

	mark = mark_for(c, answer->dscp_in);
	if (is_monitored(c))
		mark = AGFEO_KEEP;
	if (mark != AGFEO_KEEP) {
		mark_write(&c->wire, frame, mark);
		answer->dscp_out = mark;
	}
	if (c->wire.kind == WIRE_PACKET && c->wire.fragmented)
		fragment_remember(c->reference, &c->wire, mark);
}

void reference_judge(struct reference *reference, enum reference_hook hook, uint64_t ns,
		     uint8_t *frame, size_t length, struct reference_answer *ret_answer)
{
	struct case_file c = {.reference = reference, .hook = hook};
	struct reference_answer answer = {
		.dscp_in = AGFEO_KEEP, .dscp_out = AGFEO_KEEP, .class = -1};

	reference->now = ns / REFERENCE_TICK_NS;
	wire_read(frame, length, &c.wire);
	if (has_addresses(&c.wire)) {
		const struct wire_tuple *tuple = &c.wire.tuple;

		c.sender = listed_find(reference->site, tuple->family, &tuple->source);
		c.receiver = listed_find(reference->site, tuple->family, &tuple->destination);
	}

	answer.reason = judge(&c);
	answer.verdict = is_monitored(&c) ? AGFEO_PASS : agfeo_reason_verdict(answer.reason);
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
