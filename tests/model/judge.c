/* SPDX-License-Identifier: GPL-2.0 */
/* The order of the questions; see judge.h. */
#include "judge.h"

#include <arpa/inet.h>
#include <string.h>

#include "tcp.h"
#include "uplink.h"

#define SEARCH_FIRST_PORT 12172
#define SEARCH_LAST_PORT  12192
#define ECHO_SECONDS	  30
#define EXPECTED_SECONDS  30 /* from the request, each anew */

/* What the devices at both ends say of a new flow. */
struct ruling {
	enum agfeo_reason reason;
	const struct permission *permission; /* that speaks for the flow; NULL: refused */
	const struct listed *refuser;	     /* whose list refused it */
};

static bool is_group(const struct wire_tuple *tuple)
{
	if (tuple->family == FAMILY_V6)
		return tuple->destination.bytes[0] == 0xff;
	return address_is_group(&tuple->destination);
}

/* ------------------------------------------------------------------ policy */

static struct opinion opinion_of(struct reference *reference, const struct listed *device,
				 const struct wire_tuple *opened, enum agfeo_direction direction,
				 bool known)
{
	const struct address *other =
		direction == AGFEO_OUT ? &opened->destination : &opened->source;
	uint16_t local = direction == AGFEO_OUT ? opened->source_port : opened->destination_port;
	uint16_t remote = direction == AGFEO_OUT ? opened->destination_port : opened->source_port;
	enum agfeo_protocol protocol = opened->protocol == PROTOCOL_TCP ? AGFEO_TCP : AGFEO_UDP;
	struct peer peer = listed_peer(reference->site, device, direction, opened->family, other,
				       cloud_hosts_of(reference, other));

	if (reference->beyond && (direction == AGFEO_IN || !known))
		peer.site = false;
	return listed_opinion(reference->site, device, protocol, local, remote, direction, &peer);
}

/* Every device at either end must agree; the source's refusal is told first. known: it was seen to be
 * opened so, and what sends from beyond an uplink need not be believed. */
static struct ruling rule_on(struct reference *reference, const struct wire_tuple *opened,
			     bool known)
{
	const struct listed *source = listed_find(reference->site, opened->family, &opened->source);
	const struct listed *destination =
		listed_find(reference->site, opened->family, &opened->destination);
	struct ruling ruling = {.reason = AGFEO_REASON_NOT_LISTED};
	struct opinion opinion;

	if (source) {
		opinion = opinion_of(reference, source, opened, AGFEO_OUT, known);
		if (!opinion.allowed)
			return (struct ruling){.reason = opinion.reason, .refuser = source};
		ruling = (struct ruling){.reason = AGFEO_REASON_LISTED,
					 .permission = opinion.allowed};
	}
	if (destination) {
		opinion = opinion_of(reference, destination, opened, AGFEO_IN, known);
		if (!opinion.allowed)
			return (struct ruling){.reason = opinion.reason, .refuser = destination};
		if (!ruling.permission ||
		    permission_width(opinion.allowed) < permission_width(ruling.permission))
			ruling.permission = opinion.allowed;
		ruling.reason = AGFEO_REASON_LISTED;
	}
	return ruling;
}

static enum agfeo_reason refused(struct case_file *c, const struct ruling *ruling)
{
	c->refuser = ruling->refuser;
	return ruling->reason;
}

/* Neither end is a device. `unknown` speaks of the voice network. */
static enum agfeo_reason stranger(const struct case_file *c)
{
	if (c->reference->beyond)
		return uplink_sheds(c->reference->site, &c->wire) ? AGFEO_REASON_SCOPE
								  : AGFEO_REASON_NO_DEVICE;
	return c->reference->site->site->unknown_drop ? AGFEO_REASON_UNKNOWN_HOST
						      : AGFEO_REASON_NO_DEVICE;
}

static bool is_spoofed(const struct case_file *c)
{
	const struct device *device;

	if (!c->sender || c->hook == REFERENCE_VOICE_TC)
		return false;
	if (c->hook == REFERENCE_UPLINK_XDP)
		return true;
	device = c->sender->device;
	return device->has_mac &&
	       memcmp(device->mac.bytes, c->wire.source_mac, sizeof(device->mac.bytes));
}

/* ------------------------------------------------------------------ new flows */

static void join(struct case_file *c, struct flow *flow, enum flow_end end)
{
	c->flow = flow;
	c->end = end;
	c->permission = flow->permission;
	flow_saw(c->reference, flow, end);
}

static struct flow *open_flow(struct case_file *c, const struct wire_tuple *opened,
			      const struct permission *permission)
{
	struct flow *flow = flow_open(c->reference, opened);

	flow->permission = permission;
	if (permission) {
		flow->idle_new = ticks_of_seconds(permission->idle_new_seconds);
		flow->idle = ticks_of_seconds(permission->idle_seconds);
	} else {
		flow->idle_new = ticks_of_seconds(ECHO_SECONDS);
		flow->idle = flow->idle_new;
	}
	return flow;
}

/* A datagram S:q to D:p, where D:p asked S a question whose answer comes from another port. */
static const struct permission *answers_from_elsewhere(struct case_file *c)
{
	const struct wire_tuple *tuple = &c->wire.tuple;

	for (struct flow *flow = c->reference->flows; flow; flow = flow->after) {
		if (flow->permission && flow->permission->expects && !flow->expected &&
		    flow->opened.protocol == PROTOCOL_UDP && flow->opened.family == tuple->family &&
		    flow->opened.source_port == tuple->destination_port &&
		    address_equal(&flow->opened.source, &tuple->destination) &&
		    address_equal(&flow->opened.destination, &tuple->source) &&
		    c->reference->now - flow->asked <= ticks_of_seconds(EXPECTED_SECONDS))
			return flow->permission;
	}
	return NULL;
}

/* A device answers, from the port at which it is found, a host that searched there. */
static const struct permission *answers_a_search(struct case_file *c)
{
	const struct wire_tuple *tuple = &c->wire.tuple;

	if (!c->sender || !search_find(c->reference, tuple))
		return NULL;
	for (size_t i = 0; i < c->sender->permission_count; i++) {
		const struct permission *permission = &c->sender->permissions[i];

		if (permission->class == AGFEO_CLASS_DISCOVERY &&
		    permission->protocol == AGFEO_UDP && permission->side == AGFEO_LOCAL &&
		    tuple->source_port >= permission->ports.first &&
		    tuple->source_port <= permission->ports.last)
			return permission;
	}
	return NULL;
}

void judge_note_search(struct case_file *c)
{
	const struct wire_tuple *tuple = &c->wire.tuple;

	if (c->wire.kind != WIRE_PACKET || tuple->protocol != PROTOCOL_UDP ||
	    tuple->destination_port < SEARCH_FIRST_PORT ||
	    tuple->destination_port > SEARCH_LAST_PORT || !is_group(tuple))
		return;
	if (!c->reference->beyond &&
	    (c->sender || listed_is_site(c->reference->site, tuple->family, &tuple->source)))
		search_remember(c->reference, tuple);
}

/* What no list allows may still be the answer to a question. */
static const struct permission *find_expectation(struct case_file *c)
{
	const struct permission *permission = answers_from_elsewhere(c);

	return permission ? permission : answers_a_search(c);
}

static enum agfeo_reason judge_udp(struct case_file *c)
{
	const struct wire_tuple *tuple = &c->wire.tuple;
	struct ruling ruling = rule_on(c->reference, tuple, false);
	bool expected = false;
	struct flow *flow;

	if (!ruling.permission) {
		c->permission = find_expectation(c);
		if (!c->permission)
			return refused(c, &ruling);
		expected = true;
	} else {
		c->permission = ruling.permission;
		if (is_group(tuple))
			return AGFEO_REASON_LISTED;
	}
	if (!budget_take(c->reference, tuple))
		return AGFEO_REASON_RATE;
	flow = open_flow(c, tuple, c->permission);
	flow->expected = expected;
	join(c, flow, OPENER);
	return expected ? AGFEO_REASON_EXPECTED : AGFEO_REASON_LISTED;
}

static enum agfeo_reason judge_syn(struct case_file *c)
{
	const struct wire_tuple *tuple = &c->wire.tuple;
	struct ruling ruling = rule_on(c->reference, tuple, false);
	struct flow *flow;

	if (!ruling.permission)
		return refused(c, &ruling);
	c->permission = ruling.permission;
	if (is_group(tuple))
		return AGFEO_REASON_LISTED;
	if (!budget_take(c->reference, tuple))
		return AGFEO_REASON_RATE;
	flow = open_flow(c, tuple, ruling.permission);
	tcp_open(flow, &c->wire);
	join(c, flow, OPENER);
	return AGFEO_REASON_LISTED;
}

static enum agfeo_reason pick_up(struct case_file *c)
{
	struct wire_tuple opened = c->wire.tuple;
	struct ruling ruling = rule_on(c->reference, &opened, false);
	enum flow_end sender = OPENER;
	struct flow *flow;

	if (!ruling.permission) {
		opened = tuple_reversed(&opened);
		sender = RESPONDER;
		ruling = rule_on(c->reference, &opened, false);
	}
	if (!ruling.permission)
		return AGFEO_REASON_NO_FLOW;
	if (is_group(&c->wire.tuple))
		return AGFEO_REASON_PICKUP;
	if (!budget_take(c->reference, &opened))
		return AGFEO_REASON_RATE;
	flow = open_flow(c, &opened, ruling.permission);
	tcp_pick_up(flow, &c->wire, sender);
	join(c, flow, sender);
	return AGFEO_REASON_PICKUP;
}

static enum agfeo_reason judge_tcp(struct case_file *c)
{
	if (tcp_opens(&c->wire))
		return judge_syn(c);
	if (c->reference->now < c->reference->pickup_until)
		return pick_up(c);
	return AGFEO_REASON_NO_FLOW;
}

static enum agfeo_reason judge_icmp_error(struct case_file *c)
{
	struct wire_tuple quoted;

	switch (wire_quoted(&c->wire, &quoted)) {
	case QUOTE_SHORT:
		return AGFEO_REASON_MALFORMED;
	case QUOTE_OTHER:
		return AGFEO_REASON_NO_FLOW;
	case QUOTE_TUPLE:
		break;
	}
	if (!address_equal(&quoted.source, &c->wire.tuple.destination))
		return AGFEO_REASON_NO_FLOW;
	return flow_find(c->reference, &quoted) ? AGFEO_REASON_RELATED : AGFEO_REASON_NO_FLOW;
}

static enum agfeo_reason judge_icmp(struct case_file *c)
{
	const struct wire_tuple *tuple = &c->wire.tuple;

	if (wire_is_icmp_error(&c->wire))
		return judge_icmp_error(c);
	if (wire_is_echo_reply(&c->wire))
		return AGFEO_REASON_NO_FLOW;
	if (!wire_is_echo_request(&c->wire))
		return AGFEO_REASON_NOT_LISTED;
	if (!c->sender && (c->reference->beyond ||
			   !listed_is_site(c->reference->site, tuple->family, &tuple->source)))
		return AGFEO_REASON_SCOPE;
	if (!budget_take(c->reference, tuple))
		return AGFEO_REASON_RATE;
	join(c, open_flow(c, tuple, NULL), OPENER);
	return AGFEO_REASON_ECHO;
}

/* Nobody's address yet, or one of the wire alone. */
static bool is_unrouted(enum wire_family family, const struct address *address)
{
	static const struct address nobody;

	if (family == FAMILY_V4)
		return (address_v4(address) & htonl(0xffff0000)) == htonl(0xa9fe0000) ||
		       !address_v4(address);
	return (address->bytes[0] == 0xfe && (address->bytes[1] & 0xc0) == 0x80) ||
	       address_equal(address, &nobody);
}

/* DHCP and IGMP of a device go no further than the site; neighbour discovery is never asked. */
static bool passes_as_control(const struct case_file *c)
{
	const struct wire_tuple *tuple = &c->wire.tuple;
	const struct address *other = c->sender ? &tuple->destination : &tuple->source;

	if (!wire_is_control(&c->wire))
		return false;
	if (wire_is_icmp(&c->wire) || (!c->sender && !c->receiver))
		return true;
	if (is_spoofed(c))
		return false;
	if (c->sender && (c->receiver || is_group(tuple)))
		return true;
	return listed_is_site(c->reference->site, tuple->family, other) ||
	       is_unrouted(tuple->family, other);
}

/* A packet of no flow, or one that asks for another flow between the ends of an old one. */
static enum agfeo_reason judge_new(struct case_file *c)
{
	if (passes_as_control(c))
		return AGFEO_REASON_CONTROL;
	if (!c->sender && !c->receiver)
		return stranger(c);
	if (is_spoofed(c))
		return AGFEO_REASON_SPOOFED;
	if (c->wire.tuple.protocol == PROTOCOL_UDP)
		return judge_udp(c);
	if (c->wire.tuple.protocol == PROTOCOL_TCP)
		return judge_tcp(c);
	if (wire_is_icmp(&c->wire))
		return judge_icmp(c);
	return AGFEO_REASON_NOT_LISTED;
}

/* ------------------------------------------------------------------ known flows */

/* After a reload a live flow is asked about again, as its opener opened it; but not what no list
 * allowed: echo, and answers that were expected. */
static enum agfeo_reason judge_again(struct case_file *c, struct flow *flow)
{
	struct ruling ruling;

	if (flow->generation == c->reference->generation)
		return AGFEO_REASON_FLOW;
	if (!c->sender && !c->receiver) { /* its device is none any more */
		flow_close(c->reference, flow);
		return stranger(c);
	}
	if (flow->permission && !flow->expected) {
		ruling = rule_on(c->reference, &flow->opened, true);
		if (!ruling.permission) {
			flow_close(c->reference, flow);
			return refused(c, &ruling);
		}
		flow->permission = ruling.permission;
		flow->idle_new = ticks_of_seconds(ruling.permission->idle_new_seconds);
		flow->idle = ticks_of_seconds(ruling.permission->idle_seconds);
	}
	flow->generation = c->reference->generation;
	return AGFEO_REASON_FLOW;
}

static enum agfeo_reason judge_known(struct case_file *c, struct flow *flow)
{
	enum flow_end sender = flow_sender(flow, &c->wire.tuple);
	enum agfeo_reason again;

	c->known = true;
	if (is_spoofed(c))
		return AGFEO_REASON_SPOOFED;
	again = judge_again(c, flow);
	if (again != AGFEO_REASON_FLOW)
		return again;
	if (flow->opened.protocol == PROTOCOL_TCP) {
		switch (tcp_follow(flow, &c->wire, sender)) {
		case TCP_BELONGS:
			break;
		case TCP_REFUSED:
			return AGFEO_REASON_NO_FLOW;
		case TCP_ANEW:
			c->known = false;
			return judge_new(c);
		}
	}
	join(c, flow, sender);
	return AGFEO_REASON_FLOW;
}

static bool makes_flows(const struct wire *wire)
{
	return wire->tuple.protocol == PROTOCOL_UDP || wire->tuple.protocol == PROTOCOL_TCP ||
	       wire_is_echo_request(wire) || wire_is_echo_reply(wire);
}

static enum agfeo_reason judge_packet(struct case_file *c)
{
	struct flow *flow = NULL;

	if (makes_flows(&c->wire))
		flow = flow_find(c->reference, &c->wire.tuple);
	return flow ? judge_known(c, flow) : judge_new(c);
}

/* ------------------------------------------------------------------ fragments */

static enum agfeo_reason judge_later_fragment(struct case_file *c)
{
	struct fragment *first = fragment_find(c->reference, &c->wire);

	if (first) {
		first->seen = c->reference->now;
		c->first = first;
		return AGFEO_REASON_FLOW;
	}
	return c->sender || c->receiver ? AGFEO_REASON_FRAGMENT : stranger(c);
}

enum agfeo_reason judge(struct case_file *c)
{
	switch (c->wire.kind) {
	case WIRE_NOT_IP:
		return AGFEO_REASON_NOT_IP;
	case WIRE_BLIND:
		return AGFEO_REASON_MALFORMED;
	case WIRE_MALFORMED:
		return c->sender || c->receiver ? AGFEO_REASON_MALFORMED : stranger(c);
	case WIRE_LATER_FRAGMENT:
		return judge_later_fragment(c);
	case WIRE_PACKET:
		break;
	}
	return judge_packet(c);
}
