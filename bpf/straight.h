/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The straight way of nearly every packet: Ethernet, IPv4 without options or fragments, UDP. Either
 * its flow is known and lives, or it is a flood's: of no device and no flow, to ports that nobody
 * lists. Whatever is not so goes the way round (judge.h), which finds out what is the matter; so
 * nothing may be written before it is sure what becomes of the packet, and what is decided here is
 * what would be decided there.
 *
 * Four registers outlive a call, even one that the kernel puts in line. So what the headers say is
 * looked up where it is needed, again and again: they are in the first-level cache, as spilled
 * registers would be.
 */
#ifndef BPF_STRAIGHT_H
#define BPF_STRAIGHT_H

#include "dns.h"
#include "event.h"
#include "forward.h"
#include "judge.h"
#include "replay.h"
#include "rtp.h"

#define IPV4_PLAIN     0x45 /* version 4, five words of header */
#define RTP_PLAIN      0x80 /* version 2 */
#define RTP_PLAIN_MASK 0xdf /* all but the padding bit */
#define RTP_MUXED      0x40 /* payload types 64 to 95: see RTP_FIRST_MUXED */
#define RTP_MUXED_MASK 0x60

/* Where the headers stand. */
#define STRAIGHT_IP	 sizeof(struct ethhdr)
#define STRAIGHT_UDP	 (STRAIGHT_IP + sizeof(struct iphdr))
#define STRAIGHT_PAYLOAD (STRAIGHT_UDP + sizeof(struct transport_udp))

/* A frame that parse.h would not object to, and of which nothing else is to be learned. False: ask it. */
static __always_inline bool straight_shape(const struct span *span)
{
	const struct ethhdr *ethernet = span->start;
	const struct iphdr *ip = span->start + STRAIGHT_IP;
	const struct transport_udp *udp = span->start + STRAIGHT_UDP;
	__u32 length, claimed;

	if ((const void *)(udp + 1) > span->end || ethernet->h_proto != bpf_htons(ETHERTYPE_IPV4) ||
	    *(const __u8 *)ip != IPV4_PLAIN || ip->protocol != PROTOCOL_UDP ||
	    (ip->frag_off & bpf_htons(IP_MORE_FRAGMENTS | IP_OFFSET)))
		return false;
	length = bpf_ntohs(ip->tot_len);
	claimed = bpf_ntohs(udp->length);
	if (length > span->length - STRAIGHT_IP || claimed < sizeof(*udp) ||
	    claimed + sizeof(*ip) > length)
		return false;
	if (!udp->source || !udp->destination ||
	    (udp->source == udp->destination && ip->saddr == ip->daddr))
		return false;
	return !is_dns(bpf_ntohs(udp->source), bpf_ntohs(udp->destination));
}

/* The key of a frame of that shape. Returns which end of it sent the packet. */
static __always_inline __u32 straight_key(const struct span *span, struct agfeo_flow4_key *key)
{
	const struct iphdr *ip = span->start + STRAIGHT_IP;
	const struct transport_udp *udp = span->start + STRAIGHT_UDP;

	return flow4_key(end4(bpf_ntohl(ip->saddr), bpf_ntohs(udp->source)),
			 end4(bpf_ntohl(ip->daddr), bpf_ntohs(udp->destination)), PROTOCOL_UDP,
			 key);
}

/*
 * RTP as nearly everybody sends it: no CSRC list, no header extension. Anything else on a voice port
 * takes the way round.
 */
static __always_inline bool straight_is_rtp(const struct span *span)
{
	const struct transport_udp *udp = span->start + STRAIGHT_UDP;
	const struct rtp_wire *wire = span->start + STRAIGHT_PAYLOAD;

	return (const void *)(wire + 1) <= span->end &&
	       bpf_ntohs(udp->length) >= sizeof(*udp) + RTP_FIXED_HEADER &&
	       (wire->first & RTP_PLAIN_MASK) == RTP_PLAIN &&
	       (wire->second & RTP_MUXED_MASK) != RTP_MUXED;
}

/* What is measured of it. */
static __always_inline void straight_rtp(const struct span *span, struct rtp_header *rtp)
{
	const struct transport_udp *udp = span->start + STRAIGHT_UDP;
	const struct rtp_wire *wire = span->start + STRAIGHT_PAYLOAD;

	rtp->payload_type = wire->second & 0x7f;
	rtp->marker = wire->second >> 7;
	rtp->sequence = bpf_ntohs(wire->sequence);
	rtp->timestamp = bpf_ntohl(wire->timestamp);
	rtp->ssrc = bpf_ntohl(wire->ssrc);
	rtp->payload_length = bpf_ntohs(udp->length) - sizeof(*udp) - RTP_FIXED_HEADER;
}

/* What straight_way() says: where the packet goes, and above WAY_DSCP the code point it gets. */
enum straight_verdict {
	WAY_ROUND, /* nothing was done */
	WAY_PASS,
	WAY_DROP,
	WAY_REDIRECT, /* bpf_redirect() knows where */
	WAY_VERDICT = 3,
	WAY_MARKED = 1 << 2,   /* the code point differs from what it came with */
	WAY_PROMOTED = 1 << 3, /* voice */
	WAY_DSCP = 4,
};

/* ------------------------------------------------------------------ of no flow */

static __always_inline int straight_refused(const struct decision *found)
{
	if (agfeo_config.replay)
		replay_tell(found);
	return enforced_drop(found) ? WAY_DROP : WAY_PASS | found->dscp_in << WAY_DSCP;
}

/* Neither end is a device: where nothing is closed to it, it passes and leaves no trace. */
static __always_inline int straight_nobody(const struct span *span,
					   const struct agfeo_settings *site, __u32 bank,
					   enum hook hook, struct decision *found)
{
	const struct transport_udp *udp;
	const struct agfeo_shed *closed;

	if (hook == HOOK_UPLINK) {
		closed = find_in(&shed, &bank);
		udp = span->start + STRAIGHT_UDP;
		if (!closed || closed->port[AGFEO_UDP][port_bound(bpf_ntohs(udp->destination))])
			return WAY_ROUND;
	} else if (site->flags & AGFEO_SITE_UNKNOWN_DROP) {
		return WAY_ROUND;
	}
	found->reason = AGFEO_REASON_NO_DEVICE;
	return straight_refused(found);
}

/* A group, or DHCP: what is not for one device, or from one that has no address yet. */
static __always_inline bool straight_for_all(const struct span *span)
{
	const struct iphdr *ip = span->start + STRAIGHT_IP;
	const struct transport_udp *udp = span->start + STRAIGHT_UDP;

	return (ip->daddr & bpf_htonl(0xf0000000)) == bpf_htonl(0xe0000000) ||
	       ip->daddr == 0xffffffff || udp->source == bpf_htons(68) ||
	       udp->source == bpf_htons(67);
}

/* What of the packet is counted. */
static __always_inline struct packet straight_packet(const struct span *span)
{
	const struct iphdr *ip = span->start + STRAIGHT_IP;

	return (struct packet){.segments = 1, .length = bpf_ntohs(ip->tot_len)};
}

/* A packet to a device or between strangers, of no flow, on ports that nobody lists or waits for. */
static __always_inline int straight_refuse(const struct span *span, __u32 generation, __u32 now,
					   enum hook hook, __u32 arrived_on)
{
	__u32 bank = generation & 1;
	const struct agfeo_settings *site = find_in(&settings, &bank);
	const struct iphdr *ip = span->start + STRAIGHT_IP;
	struct decision found = {.class = AGFEO_CLASS_COUNT};
	const struct transport_udp *udp;
	const struct agfeo_host_row *row;
	const struct agfeo_policy *policy;
	struct packet p;
	bool unsure;

	if (!site || straight_for_all(span) || may_be_pooled4(site, bpf_ntohl(ip->saddr)))
		return WAY_ROUND;
	if (find_host_row(bank, ip->saddr, &unsure) || unsure)
		return WAY_ROUND;
	found.monitor = !!(site->flags & AGFEO_SITE_MONITOR);
	found.dscp_in = found.dscp_out = dscp_of_traffic(ip->tos).codepoint;
	row = find_host_row(bank, ip->daddr, &unsure);
	if (unsure)
		return WAY_ROUND;
	if (!row && !may_be_pooled4(site, bpf_ntohl(ip->daddr)))
		return straight_nobody(span, site, bank, hook, &found);
	policy = row ? policy_of(bank, row->policy) : NULL;
	udp = span->start + STRAIGHT_UDP;
	if (!policy || policy->expects ||
	    !lists_neither(policy, AGFEO_UDP, bpf_ntohs(udp->destination), bpf_ntohs(udp->source)))
		return WAY_ROUND;
	found.counted = hook == HOOK_TC && came_by_voice(arrived_on);
	if (agfeo_config.events && !found.counted && !event_withheld(now))
		return WAY_ROUND;
	found.reason = AGFEO_REASON_NOT_LISTED;
	if (row->flags & AGFEO_DEVICE_MONITOR)
		found.monitor = 1;
	found.none = 1;
	found.device[1] = row->id;
	p = straight_packet(span);
	count(&p, &found);
	return straight_refused(&found);
}

/* ------------------------------------------------------------------ of a known flow */

/* Neither among voice nor anywhere else, where `asked` says that it was looked for among voice. */
static __always_inline struct known_flow straight_lookup(const struct agfeo_flow4_key *key,
							 bool asked)
{
	__u8 in = index_read(agfeo_index_place4(key->low, key->high));
	struct known_flow none = {};

	if (asked)
		in &= ~TABLE_VOICE;
	return in ? table_lookup4(key, in) : none;
}

/* Whether a sender claims to be the device at its end of the flow, and is not: see claims_flow(). */
static __always_inline bool straight_claims(const struct span *span, const struct agfeo_flow *flow,
					    __u32 from_end, enum hook hook)
{
	__u8 flags = flow->direction[from_end & 1].ready.flags;
	const struct ethhdr *ethernet = span->start;

	if (hook == HOOK_UPLINK)
		return flags & AGFEO_READY_DEVICE;
	return hook == HOOK_XDP && (flags & AGFEO_READY_MAC) &&
	       mac_differs(ethernet->h_source, flow->mac[from_end & 1]);
}

/* Its sequence holds, and so did that of all before: see weigh(). */
static __always_inline bool straight_holds(const struct agfeo_flow_direction *own,
					   const struct rtp_wire *wire)
{
	__u16 ahead = bpf_ntohs(wire->sequence) - own->rtp_sequence;

	return own->sequence == bpf_ntohl(wire->ssrc) && ahead <= SEQUENCE_DROPOUT &&
	       own->rtp_seen && !own->suspect;
}

/*
 * Adds it to its stream, whose quality is asked for: false where it is one of those few packets that
 * say more than the next one does. The clock is read first: it waits for every load before it, and
 * what is loaded after it overlaps with the next packet.
 */
static __always_inline bool straight_measure(const struct span *span, struct agfeo_stream *stream)
{
	__u64 now_ns = clock_ns();
	struct rtp_header rtp;

	straight_rtp(span, &rtp);
	if (!stream_is_next(stream, &rtp))
		return false;
	stream_next(stream, &rtp, now_ns);
	return true;
}

/* The flow's direction as it is, and one more packet of it. */
static __always_inline void straight_account(struct agfeo_flow_direction *own,
					     const struct packet *p, __u8 dscp_in, __u8 dscp_out)
{
	own->packets++;
	own->bytes += p->length;
	own->dscp_in = dscp_in;
	own->remarked += dscp_in != dscp_out;
	own->dscp_out = dscp_out;
}

/* For the tests and replay: what the way round would tell. */
STAGE int straight_tell(const struct agfeo_flow *flow, __u32 from_end, __u32 dscp_in,
			__u32 dscp_out)
{
	const struct agfeo_flow_direction *own;
	struct decision found = {.reason = AGFEO_REASON_FLOW};

	if (!flow)
		return 0;
	own = &flow->direction[from_end & 1];
	found.counter[0] = own->ready.counter[0];
	found.counter[1] = own->ready.counter[1];
	found.device[0] = flow->device[from_end & 1];
	found.device[1] = flow->device[!from_end];
	found.class = flow->class;
	found.monitor = !!(flow->flags & AGFEO_FLOW_MONITOR);
	found.dscp_in = dscp_in;
	found.dscp_out = dscp_out;
	replay_tell(&found);
	return 0;
}

/* A packet of a flow: marks, counts, ages, as flow_pass() does. */
static __always_inline int straight_pass(const struct span *span, struct agfeo_flow *flow,
					 struct agfeo_voice_flow *voice, __u32 from_end,
					 __u32 generation, __u32 now, enum hook hook)
{
	struct agfeo_flow_direction *own = &flow->direction[from_end & 1];
	const struct iphdr *ip = span->start + STRAIGHT_IP;
	const struct rtp_wire *wire = span->start + STRAIGHT_PAYLOAD;
	struct decision found = {.reason = AGFEO_REASON_FLOW};
	struct passing passing;
	struct packet p;
	bool counted, marks;
	int told;

	barrier_var(own);
	counted = seen_at_xdp(own, hook, now);
	if (own->ready.generation != generation || now - own->seen > own->ready.idle ||
	    straight_claims(span, flow, from_end, hook))
		return WAY_ROUND;
	if (voice && ((const void *)(wire + 1) > span->end || !straight_holds(own, wire)))
		return WAY_ROUND;
	if (voice && !counted && (own->ready.flags & AGFEO_READY_QUALITY)) {
		if (!straight_measure(span, &voice->stream[from_end & 1]))
			return WAY_ROUND;
		found.measured = 1;
	}
	ip = span->start + STRAIGHT_IP;
	marks = own->ready.mark != AGFEO_KEEP;
	found.dscp_in = dscp_of_traffic(ip->tos).codepoint;
	found.dscp_out = chosen_dscp(own->ready.mark, own->ready.flags & AGFEO_READY_BLEACH,
				     found.dscp_in, voice || marks);
	found.promoted = voice && marks;
	mark_seen(own, hook, now, counted);
	if (!counted) {
		p = straight_packet(span);
		straight_account(own, &p, found.dscp_in, found.dscp_out);
		if (voice) {
			wire = span->start + STRAIGHT_PAYLOAD;
			own->rtp_sequence = bpf_ntohs(wire->sequence);
		}
		passing = passing_of(&p, &found);
		count_passed(own->ready.counter[0], &passing, AGFEO_OUT);
		count_passed(own->ready.counter[1], &passing, AGFEO_IN);
	}
	own->dscp_out = found.dscp_out;
	if (agfeo_config.replay)
		straight_tell(flow, from_end, found.dscp_in, found.dscp_out);
	told = WAY_PASS | found.dscp_out << WAY_DSCP;
	if (found.dscp_out != found.dscp_in)
		told |= WAY_MARKED;
	if (found.promoted)
		told |= WAY_PROMOTED;
	return told;
}

/* A packet of a flow that passes goes the flow's learned way, where it has one. */
static __always_inline int straight_fast(const struct span *span, struct agfeo_flow *flow,
					 __u32 from_end, __u32 now, __u32 arrived_on, int told)
{
	struct iphdr *ip = span->start + STRAIGHT_IP;

	if (!(flow->direction[from_end & 1].ready.flags & AGFEO_READY_ANSWERED) ||
	    !way_taken(flow, from_end, now, arrived_on, span->start, ip, bpf_ntohs(ip->tot_len)))
		return told;
	bpf_redirect(flow->way[from_end & 1].to, 0);
	return told + WAY_REDIRECT - WAY_PASS;
}

/* hook is known where this is compiled: every program has a straight way of its own. */
static __always_inline int straight_way(const struct span *span, enum hook hook, __u32 arrived_on)
{
	const struct agfeo_control *control_now;
	struct agfeo_flow4_key key;
	struct known_flow known = {};
	__u32 zero = 0, from_end, now;
	bool is_rtp;
	int told;

	if (!straight_shape(span))
		return WAY_ROUND;
	from_end = straight_key(span, &key);
	/* Who looks like voice is looked for among voice: the index is a cache line of its own. */
	is_rtp = straight_is_rtp(span);
	if (is_rtp)
		known.voice = find_in(&voice4, &key);
	control_now = find_in(&control, &zero);
	if (!control_now || !control_now->generation)
		return WAY_ROUND;
	now = clock_tick();
	if (known.voice) {
		known.flow = &known.voice->flow;
		told = straight_pass(span, known.flow, known.voice, from_end,
				     control_now->generation, now, hook);
	} else {
		known = straight_lookup(&key, is_rtp);
		if (!known.flow)
			return straight_refuse(span, control_now->generation, now, hook,
					       arrived_on);
		if (known.voice) /* and what it carries is no RTP */
			return WAY_ROUND;
		told = straight_pass(span, known.flow, NULL, from_end, control_now->generation, now,
				     hook);
	}
	if (agfeo_config.fast && hook != HOOK_TC && told)
		told = straight_fast(span, known.flow, from_end, now, arrived_on, told);
	return told;
}

/* Stages, so that the way round begins from one state, whatever was found out here. */
STAGE int straight_xdp(const struct span *span, __u32 arrived_on)
{
	return span ? straight_way(span, HOOK_XDP, arrived_on) : WAY_ROUND;
}

STAGE int straight_uplink(const struct span *span, __u32 arrived_on)
{
	return span ? straight_way(span, HOOK_UPLINK, arrived_on) : WAY_ROUND;
}

STAGE int straight_tc(const struct span *span, __u32 arrived_on)
{
	return span ? straight_way(span, HOOK_TC, arrived_on) : WAY_ROUND;
}

/* Egress of an interface whose forward is fast: where a packet that the kernel has sent on goes. */
STAGE int straight_learn(struct __sk_buff *skb, const struct span *span)
{
	const struct agfeo_control *control_now;
	struct agfeo_flow4_key key;
	struct known_flow known;
	__u32 zero = 0, mtu = 0, from_end;

	if (!skb || !span || skb->vlan_present || !skb->ingress_ifindex || !straight_shape(span) ||
	    !is_fast(skb->ifindex) || !is_fast(skb->ingress_ifindex))
		return 0;
	from_end = straight_key(span, &key);
	known = straight_lookup(&key, false);
	control_now = find_in(&control, &zero);
	if (!known.flow || !control_now || known.flow->generation != control_now->generation ||
	    bpf_check_mtu(skb, 0, &mtu, 0, 0))
		return 0;
	way_seen(&known.flow->way[from_end & 1], clock_tick(), skb->ingress_ifindex, skb->ifindex,
		 mtu, span->start);
	return 0;
}

#endif
