/* SPDX-License-Identifier: GPL-2.0 */
/* Connections; see tcp.h. */
#include "tcp.h"

#define MOST_AHEAD (1 << 20) /* bytes */

bool tcp_opens(const struct wire *wire)
{
	return (wire->tcp_flags & TCP_SYN) && !(wire->tcp_flags & TCP_ACK);
}

/* The sequence number that follows the segment. */
static uint32_t end_of(const struct wire *wire)
{
	uint32_t end = wire->sequence + (uint32_t)wire->payload_length;

	if (wire->tcp_flags & TCP_SYN)
		end++;
	if (wire->tcp_flags & TCP_FIN)
		end++;
	return end;
}

/* A stray far ahead does not lead the stream away: a RST in sequence must still be known as such. */
static void expect_next(struct flow *flow, const struct wire *wire, enum flow_end sender)
{
	uint32_t next = flow->next[sender], end = end_of(wire);

	if (flow->next_known[sender] &&
	    ((int32_t)(end - next) <= 0 || (int32_t)(wire->sequence - next) >= MOST_AHEAD))
		return;
	flow->next[sender] = end;
	flow->next_known[sender] = true;
}

void tcp_open(struct flow *flow, const struct wire *wire)
{
	flow->syn_seen = true;
	flow->must_acknowledge = wire->sequence + 1;
	flow->next_known[OPENER] = false;
	expect_next(flow, wire, OPENER);
}

void tcp_pick_up(struct flow *flow, const struct wire *wire, enum flow_end sender)
{
	flow->established = true;
	expect_next(flow, wire, sender);
}

/* What a responder may say to the SYN: an answer or a refusal, and each must acknowledge it. */
static bool answers_syn(const struct flow *flow, const struct wire *wire)
{
	return (wire->tcp_flags & (TCP_SYN | TCP_RST)) && (wire->tcp_flags & TCP_ACK) &&
	       wire->acknowledgement == flow->must_acknowledge;
}

static enum tcp_step follow_opening(struct flow *flow, const struct wire *wire,
				    enum flow_end sender)
{
	if (sender == OPENER)
		return TCP_BELONGS;
	if (!answers_syn(flow, wire))
		return TCP_REFUSED;
	if (wire->tcp_flags & TCP_SYN)
		flow->established = true;
	else
		flow->closing = true;
	return TCP_BELONGS;
}

/* Only what stands exactly where the stream is ends it: a forged RST would have to guess. */
static void close_in_sequence(struct flow *flow, const struct wire *wire, enum flow_end sender)
{
	if (!flow->next_known[sender] || wire->sequence != flow->next[sender])
		return;
	if (wire->tcp_flags & TCP_RST)
		flow->closing = true;
	if (wire->tcp_flags & TCP_FIN)
		flow->fin[sender] = true;
	if (flow->fin[OPENER] && flow->fin[RESPONDER])
		flow->closing = true;
}

/* Where the segment leads its sender's stream. */
static void move_on(struct flow *flow, const struct wire *wire, enum flow_end sender)
{
	if (wire->tcp_flags & TCP_RST)
		return;
	if (!(wire->tcp_flags & TCP_SYN)) {
		expect_next(flow, wire, sender);
		return;
	}
	if (sender == OPENER) {
		/* Once established, a SYN proves nothing: the stream stays where it is. */
		if (tcp_opens(wire) && !flow->established)
			tcp_open(flow, wire);
		else if (tcp_opens(wire)) {
			flow->syn_seen = true; /* also of a flow that was picked up */
			flow->must_acknowledge = wire->sequence + 1;
		} else if (!flow->next_known[OPENER]) {
			expect_next(flow, wire, OPENER); /* it was picked up the wrong way round */
		}
		return;
	}
	flow->next_known[RESPONDER] = false; /* it acknowledged the SYN */
	expect_next(flow, wire, RESPONDER);
}

enum tcp_step tcp_follow(struct flow *flow, const struct wire *wire, enum flow_end sender)
{
	if (tcp_opens(wire) && (sender == RESPONDER || flow->closing))
		return TCP_ANEW;
	if (sender == RESPONDER && (wire->tcp_flags & TCP_SYN) && flow->syn_seen &&
	    !answers_syn(flow, wire))
		return TCP_REFUSED;
	if (!flow->established && !flow->closing &&
	    follow_opening(flow, wire, sender) == TCP_REFUSED)
		return TCP_REFUSED;

	close_in_sequence(flow, wire, sender);
	move_on(flow, wire, sender);
	return TCP_BELONGS;
}
