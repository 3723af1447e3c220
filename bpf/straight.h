/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The straight way of nearly every packet: Ethernet, IPv4 without options or fragments, UDP. Either
 * its flow is known and lives, or it is a flood's: of no device and no flow, to ports that nobody
 * lists. All that is known of it stays in registers. Whatever is not so goes the way round (judge.h),
 * which finds out what is the matter; so nothing may be written before it is sure what becomes of
 * the packet, and what is decided here is what would be decided there.
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

/* Where the headers stand. */
#define STRAIGHT_IP	 sizeof(struct ethhdr)
#define STRAIGHT_UDP	 (STRAIGHT_IP + sizeof(struct iphdr))
#define STRAIGHT_PAYLOAD (STRAIGHT_UDP + sizeof(struct transport_udp))

/* What parse.h would find, of a frame that it would not object to. False: ask it. */
static __always_inline bool straight_read(const struct span *span, struct packet *p)
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
	p->from4 = bpf_ntohl(ip->saddr);
	p->to4 = bpf_ntohl(ip->daddr);
	p->from_port = bpf_ntohs(udp->source);
	p->to_port = bpf_ntohs(udp->destination);
	p->traffic = ip->tos;
	p->length = length;
	p->payload_length = claimed - sizeof(*udp);
	if (is_dns(p->from_port, p->to_port)) /* something may be to be learned from it */
		return false;
	return p->from_port && p->to_port && (p->from_port != p->to_port || p->from4 != p->to4);
}

/*
 * RTP as nearly everybody sends it: no CSRC list, no header extension. Anything else on a voice port
 * takes the way round.
 */
static __always_inline bool straight_rtp(const struct span *span, const struct packet *p,
					 struct rtp_header *rtp)
{
	const struct rtp_wire *wire = span->start + STRAIGHT_PAYLOAD;

	if ((const void *)(wire + 1) > span->end || p->payload_length < RTP_FIXED_HEADER ||
	    (wire->first & RTP_PLAIN_MASK) != RTP_PLAIN)
		return false;
	rtp->payload_type = wire->second & 0x7f;
	if (rtp->payload_type >= RTP_FIRST_MUXED && rtp->payload_type <= RTP_LAST_MUXED)
		return false;
	rtp->marker = wire->second >> 7;
	rtp->sequence = bpf_ntohs(wire->sequence);
	rtp->timestamp = bpf_ntohl(wire->timestamp);
	rtp->ssrc = bpf_ntohl(wire->ssrc);
	rtp->payload_length = p->payload_length - RTP_FIXED_HEADER;
	return true;
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

static __always_inline int straight_told(const struct decision *found)
{
	int told = WAY_PASS | found->dscp_out << WAY_DSCP;

	if (agfeo_config.replay)
		replay_tell(found);
	if (enforced_drop(found))
		return WAY_DROP;
	if (changes_dscp(found))
		told |= WAY_MARKED;
	if (found->promoted)
		told |= WAY_PROMOTED;
	return told;
}

/* Neither end is a device: where nothing is closed to it, it passes and leaves no trace. */
static __always_inline int straight_nobody(const struct packet *p,
					   const struct agfeo_settings *site, __u32 bank,
					   enum hook hook, struct decision *found)
{
	const struct agfeo_shed *closed = find_in(&shed, &bank);

	if (hook == HOOK_UPLINK ? !closed || closed->port[AGFEO_UDP][port_bound(p->to_port)]
				: (site->flags & AGFEO_SITE_UNKNOWN_DROP) != 0)
		return WAY_ROUND;
	found->reason = AGFEO_REASON_NO_DEVICE;
	return straight_told(found);
}

/* The device that a packet of nobody known is sent to, if that is a host. */
static __always_inline const struct agfeo_policy *
straight_policy(const struct packet *p, __u32 bank, const struct agfeo_device **ret_device)
{
	*ret_device = find_host4(bank, bpf_htonl(p->to4));
	return *ret_device ? policy_of(bank, *ret_device) : NULL;
}

/* A packet to a device or between strangers, of no flow, on ports that nobody lists or waits for. */
static __always_inline int straight_refuse(const struct packet *p, __u32 generation, __u32 now,
					   enum hook hook, __u32 arrived_on)
{
	__u32 bank = generation & 1;
	const struct agfeo_settings *site = find_in(&settings, &bank);
	struct decision found = {.class = AGFEO_CLASS_COUNT};
	const struct agfeo_device *device;
	const struct agfeo_policy *policy;

	if (!site || is_group(p) || is_dhcp(p) || may_be_pooled4(site, p->from4) ||
	    find_host4(bank, bpf_htonl(p->from4)))
		return WAY_ROUND;
	found.monitor = !!(site->flags & AGFEO_SITE_MONITOR);
	found.dscp_in = found.dscp_out = dscp_of_traffic(p->traffic).codepoint;
	policy = straight_policy(p, bank, &device);
	if (!device && !may_be_pooled4(site, p->to4))
		return straight_nobody(p, site, bank, hook, &found);
	if (!device || !policy || policy->expects ||
	    !lists_neither(policy, AGFEO_UDP, p->to_port, p->from_port))
		return WAY_ROUND;
	found.counted = hook == HOOK_TC && came_by_voice(arrived_on);
	if (agfeo_config.events && !found.counted && !event_withheld(now))
		return WAY_ROUND;
	found.reason = AGFEO_REASON_NOT_LISTED;
	if (device->flags & AGFEO_DEVICE_MONITOR)
		found.monitor = 1;
	found.device[1] = device->id;
	found.counter[1] = counter_of(device, AGFEO_SLOT_NONE);
	count(p, &found);
	return straight_told(&found);
}

/* Neither among voice nor anywhere else, where `asked` says that it was looked for among voice. */
static __always_inline struct known_flow straight_lookup(const struct agfeo_flow4_key *key,
							 bool asked)
{
	__u8 in = index_read(agfeo_index_slot4(key->low, key->high));

	return table_lookup4(key, asked ? in & ~TABLE_VOICE : in);
}

/*
 * Of a voice flow: false where its quality is asked for, and the packet is one of those few that say
 * more than the next one does. The clock is read first: it waits for every load before it, and what is
 * loaded after it overlaps with the next packet.
 */
static __always_inline bool straight_continues(struct sight *sight, struct agfeo_voice_flow *voice)
{
	const struct agfeo_flow *flow = &voice->flow;
	struct agfeo_stream *stream = &voice->stream[sight->from_end & 1];

	if (!(flow->flags & AGFEO_FLOW_QUALITY) ||
	    seen_at_xdp(&flow->direction[sight->from_end & 1], sight->hook, sight->now))
		return true;
	sight->now_ns = clock_ns();
	sight->next = true;
	return stream_is_next(stream, sight->rtp);
}

/* A stage, so that the way round begins from one state, whatever was found out here. */
STAGE int straight_way(const struct span *span, __u32 segments, enum hook hook, __u32 arrived_on)
{
	struct packet p = {.segments = segments,
			   .shape = SHAPE_TRANSPORT,
			   .protocol = PROTOCOL_UDP,
			   .family = 4};
	struct decision found = {.reason = AGFEO_REASON_FLOW};
	struct sight sight = {.packet = &p, .found = &found, .hook = hook, .straight = true};
	const struct agfeo_control *control_now;
	struct agfeo_flow4_key key;
	struct rtp_header rtp = {};
	struct known_flow known = {};
	struct ethhdr *ethernet;
	__u32 zero = 0;
	bool is_rtp;
	int told;

	if (!span || !straight_read(span, &p))
		return WAY_ROUND;
	ethernet = span->start;
	control_now = find_in(&control, &zero);
	if (!control_now || !control_now->generation)
		return WAY_ROUND;
	sight.from_end =
		flow4_key(end4(p.from4, p.from_port), end4(p.to4, p.to_port), PROTOCOL_UDP, &key);
	sight.now = clock_tick();
	/* Who looks like voice is looked for among voice: the index is a cache line of its own. */
	is_rtp = straight_rtp(span, &p, &rtp);
	if (is_rtp)
		known.voice = find_in(&voice4, &key);
	if (known.voice) {
		known.flow = &known.voice->flow;
	} else {
		known = straight_lookup(&key, is_rtp);
		if (!known.flow)
			return straight_refuse(&p, control_now->generation, sight.now, hook,
					       arrived_on);
		if (known.voice) /* and what it carries is no RTP */
			return WAY_ROUND;
	}
	if (known.flow->generation != control_now->generation ||
	    (known.flow->flags & AGFEO_FLOW_EXPECTS) ||
	    flow_expired(known.flow, sight.from_end, sight.now) ||
	    claims_flow(known.flow, sight.from_end, hook, true, ethernet->h_source))
		return WAY_ROUND;

	sight.rtp = &rtp;
	if (known.voice && !straight_continues(&sight, known.voice))
		return WAY_ROUND;
	flow_pass(&sight, known.flow, known.voice);
	told = straight_told(&found);
	if (agfeo_config.fast && hook != HOOK_TC &&
	    way_taken(known.flow, sight.from_end, sight.now, arrived_on, ethernet,
		      span->start + STRAIGHT_IP, p.length)) {
		bpf_redirect(known.flow->way[sight.from_end & 1].to, 0);
		told += WAY_REDIRECT - WAY_PASS;
	}
	return told;
}

/* Egress of an interface whose forward is fast: where a packet that the kernel has sent on goes. */
STAGE int straight_learn(struct __sk_buff *skb, const struct span *span)
{
	struct packet p = {.segments = 1, .protocol = PROTOCOL_UDP, .family = 4};
	const struct agfeo_control *control_now;
	struct agfeo_flow4_key key;
	struct known_flow known;
	__u32 zero = 0, mtu = 0, from_end;

	if (!skb || !span || skb->vlan_present || !skb->ingress_ifindex ||
	    !straight_read(span, &p) || !is_fast(skb->ifindex) || !is_fast(skb->ingress_ifindex))
		return 0;
	from_end =
		flow4_key(end4(p.from4, p.from_port), end4(p.to4, p.to_port), PROTOCOL_UDP, &key);
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
