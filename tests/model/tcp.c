/* SPDX-License-Identifier: GPL-2.0 */
/* Connections; see tcp.h. */
#include "tcp.h"

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

static void expect_next(struct flow *flow, const struct wire *wire, enum flow_end sender)
{
	uint32_t end = end_of(wire);

	if (!flow->next_known[sender] || (int32_t)(end - flow->next[sender]) > 0) {
		flow->next[sender] = end;
		flow->next_known[sender] = true;
	}
}

void tcp_open(struct flow *flow, const struct wire *wire)
{
	flow->must_acknowledge = wire->sequence + 1;
	expect_next(flow, wire, OPENER);
}

void tcp_pick_up(struct flow *flow, const struct wire *wire, enum flow_end sender)
{
	flow->established = true;
	expect_next(flow, wire, sender);
}

/* Until its SYN is answered, a connection takes from the responder only the answer or a refusal. */
static enum tcp_step follow_unanswered(struct flow *flow, const struct wire *wire,
				       enum flow_end sender)
{
	if (sender == OPENER) {
		if (tcp_opens(wire))
			flow->must_acknowledge = wire->sequence + 1;
		return TCP_BELONGS;
	}
	if (!(wire->tcp_flags & (TCP_SYN | TCP_RST)) || !(wire->tcp_flags & TCP_ACK) ||
	    wire->acknowledgement != flow->must_acknowledge)
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

enum tcp_step tcp_follow(struct flow *flow, const struct wire *wire, enum flow_end sender)
{
	if (tcp_opens(wire) && (sender == RESPONDER || flow->closing))
		return TCP_ANEW;
	if (!flow->established && !flow->closing &&
	    follow_unanswered(flow, wire, sender) == TCP_REFUSED)
		return TCP_REFUSED;

	close_in_sequence(flow, wire, sender);
	if (!(wire->tcp_flags & TCP_RST))
		expect_next(flow, wire, sender);
	return TCP_BELONGS;
}
