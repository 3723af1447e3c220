/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a TCP segment may do to a known flow, and what the flow learns from it. Pure: the flow is
 * all it touches. Blind forgeries must guess 32 bits: RST and FIN count only at the exact sequence
 * number that is next, a SYN-ACK only with the acknowledgement of the SYN (RFC 9293, RFC 5961).
 */
#ifndef BPF_TCP_H
#define BPF_TCP_H

#include "packet.h"

enum tcp_step {
	TCP_FITS,	  /* passes as the flow was judged */
	TCP_DOES_NOT_FIT, /* belongs to no flow */
	TCP_OPENS,	  /* a SYN that must be judged as the first packet of a new flow */
};

#define TCP_REASONABLE_JUMP (1 << 20) /* bytes of lost segments that are still believed */

static __always_inline bool is_pure_syn(const struct packet *p)
{
	return (p->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

static __always_inline __u32 tcp_next(const struct packet *p)
{
	return p->sequence + p->payload_length + !!(p->tcp_flags & (TCP_SYN | TCP_FIN));
}

static __always_inline void tcp_close(struct agfeo_flow *flow)
{
	__u32 bank = flow->generation & 1;
	const struct agfeo_settings *site = find_in(&settings, &bank);

	flow->flags |= AGFEO_FLOW_CLOSING;
	if (site)
		flow->idle = site->idle_closing;
}

static __always_inline void tcp_establish(struct agfeo_flow *flow)
{
	flow->flags |= AGFEO_FLOW_ESTABLISHED | AGFEO_FLOW_ANSWERED;
	flow->idle = flow->idle_established;
}

/* Follows the sender's sequence numbers; what is far off is not believed. */
static __always_inline void tcp_follow(struct agfeo_flow_direction *own, const struct packet *p)
{
	__u32 next = tcp_next(p);

	if (!own->seen || ((__s32)(next - own->sequence) > 0 &&
			   (__s32)(p->sequence - own->sequence) < TCP_REASONABLE_JUMP))
		own->sequence = next;
}

static __always_inline enum tcp_step
tcp_of_opener(struct agfeo_flow *flow, struct agfeo_flow_direction *own, const struct packet *p)
{
	if (is_pure_syn(p)) {
		if (flow->flags & AGFEO_FLOW_CLOSING)
			return TCP_OPENS;
		own->syn = p->sequence + 1;
		if (!(flow->flags & AGFEO_FLOW_ESTABLISHED))
			own->sequence = tcp_next(p);
	} else if ((p->tcp_flags & TCP_SYN) && !own->seen) {
		own->sequence = tcp_next(p); /* who was taken for the opener was not */
	}
	return TCP_FITS;
}

static __always_inline enum tcp_step
tcp_of_responder(struct agfeo_flow *flow, struct agfeo_flow_direction *own,
		 const struct agfeo_flow_direction *opener, const struct packet *p)
{
	bool unseen = (flow->flags & AGFEO_FLOW_PICKED_UP) && !opener->syn;
	bool answers = (p->tcp_flags & TCP_ACK) && (unseen || p->acknowledgement == opener->syn);

	if (is_pure_syn(p))
		return TCP_OPENS;
	if (p->tcp_flags & TCP_SYN) {
		if (!answers)
			return TCP_DOES_NOT_FIT;
		own->sequence = tcp_next(p);
		if (!(flow->flags & AGFEO_FLOW_CLOSING))
			tcp_establish(flow);
		return TCP_FITS;
	}
	if (flow->flags & (AGFEO_FLOW_ESTABLISHED | AGFEO_FLOW_CLOSING))
		return TCP_FITS;
	if (!(p->tcp_flags & TCP_RST) || !answers)
		return TCP_DOES_NOT_FIT; /* nothing but SYN-ACK or RST answers a SYN */
	tcp_close(flow);
	return TCP_FITS;
}

static __always_inline enum tcp_step tcp_step(struct agfeo_flow *flow, __u32 from_end,
					      const struct packet *p)
{
	struct agfeo_flow_direction *own = &flow->direction[from_end & 1];
	struct agfeo_flow_direction *other = &flow->direction[!from_end];
	bool opener = from_end == !!(flow->flags & AGFEO_FLOW_OPENER1);
	bool exact = own->seen && p->sequence == own->sequence;
	enum tcp_step step;

	step = opener ? tcp_of_opener(flow, own, p) : tcp_of_responder(flow, own, other, p);
	if (step != TCP_FITS || (p->tcp_flags & TCP_SYN))
		return step;

	if (p->tcp_flags & TCP_RST) {
		if (exact)
			tcp_close(flow);
		return TCP_FITS;
	}
	if ((p->tcp_flags & TCP_FIN) && exact) {
		own->tcp_flags |= TCP_FIN;
		if (other->tcp_flags & TCP_FIN)
			tcp_close(flow);
	}
	tcp_follow(own, p);
	return TCP_FITS;
}

#endif
