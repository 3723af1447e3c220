/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The straight way of nearly every packet: Ethernet, IPv4 without options or fragments, UDP. Either
 * its flow is known and lives, or it is a flood's: of no device and no flow, to ports that nobody
 * lists. Whatever is not so goes the way round (judge.h), which finds out what is the matter; so
 * nothing may be written before it is sure what becomes of the packet, and what is decided here is
 * what would be decided there. Of IPv6, floods have a straight way too (straight_six.h).
 */
#ifndef BPF_STRAIGHT_H
#define BPF_STRAIGHT_H

#include "cache.h"
#include "forward.h"
#include "replay.h"
#include "straight_frame.h"
#include "straight_six.h"

/* ------------------------------------------------------------------ an entry of the flow cache */

/* The policy that rules; 0: none yet. */
static __always_inline __u32 generation_now(void)
{
	const struct agfeo_control *ruling = control_now();

	return ruling ? ruling->generation : 0;
}

/* Whether its flow may be known: the index is two bytes of one cache line. */
static __always_inline bool straight_is_indexed(const struct span *span)
{
	const struct iphdr *ip = span->start + STRAIGHT_IP;
	const struct transport_udp *udp = span->start + STRAIGHT_UDP;
	__u64 from = end4(bpf_ntohl(ip->saddr), bpf_ntohs(udp->source));
	__u64 to = end4(bpf_ntohl(ip->daddr), bpf_ntohs(udp->destination));

	return index_read(agfeo_index_place4(from | (__u64)PROTOCOL_UDP << 48, to));
}

/* Whether a sender claims to be the device at its end of the flow, and is not: see claims_flow(). flags:
 * enum agfeo_ready_flags; mac: its own, if they ask for it. */
static __always_inline bool straight_claims(const struct span *span, __u8 flags, const __u8 *mac,
					    enum hook hook)
{
	const struct ethhdr *ethernet = span->start;

	if (hook == HOOK_UPLINK)
		return flags & AGFEO_READY_DEVICE;
	return hook == HOOK_XDP && (flags & AGFEO_READY_MAC) &&
	       mac_differs(ethernet->h_source, mac);
}

/* The sequence of RTP holds: see weigh(). *ret_sequence: what it is then. */
static __always_inline bool straight_holds(const struct span *span,
					   const struct agfeo_cached *cached, __u16 *ret_sequence)
{
	const struct rtp_wire *wire = span->start + STRAIGHT_PAYLOAD;
	__u16 ahead;

	if ((const void *)(wire + 1) > span->end)
		return false;
	*ret_sequence = bpf_ntohs(wire->sequence);
	ahead = *ret_sequence - cached->rtp_sequence;
	return cached->ssrc == bpf_ntohl(wire->ssrc) && ahead <= SEQUENCE_DROPOUT;
}

/*
 * Adds it to its stream, whose quality is asked for: false where it is one of those few packets that
 * say more than the next one does. The clock is read first: it waits for every load before it, and
 * what is loaded after it overlaps with the next packet.
 */
static __always_inline bool straight_measure(const struct span *span, struct agfeo_cached *cached)
{
	__u64 now_ns = clock_ns();
	struct rtp_header rtp;

	straight_rtp(span, &rtp);
	return stream_next((struct agfeo_stream *)cached->stream, &rtp, now_ns);
}

/* A packet of an entry: counts, ages, as flow_pass() does. False: nothing was done. */
static __always_inline bool straight_pass(const struct span *span, struct agfeo_cached *cached,
					  bool is_rtp, __u32 now, enum hook hook, __u8 dscp_in)
{
	const struct iphdr *ip = span->start + STRAIGHT_IP;
	struct passing passing = {.packets = 1};
	__u16 sequence = cached->rtp_sequence;
	bool counted;

	counted = seen_at_xdp(cached->seen, cached->at_xdp, hook, now);
	if (dscp_in != (counted ? cached->dscp_out : cached->dscp_in) ||
	    straight_claims(span, cached->flags, cached->mac, hook))
		return false;
	if (cached->flags & AGFEO_CACHED_VOICE) {
		if (!is_rtp || !straight_holds(span, cached, &sequence))
			return false;
		passing.measured = !counted && (cached->flags & AGFEO_READY_QUALITY);
		if (passing.measured && !straight_measure(span, cached))
			return false;
	}
	cached->seen = now;
	cached->at_xdp = at_xdp_next(cached->at_xdp, hook, now, counted);
	if (counted)
		return true;
	passing.bytes = bpf_ntohs(ip->tot_len);
	passing.account = cached->account;
	cached->packets++;
	cached->bytes += passing.bytes;
	cached->rtp_sequence = sequence;
	count_passed(cached->counter[0], &passing, AGFEO_OUT);
	count_passed(cached->counter[1], &passing, AGFEO_IN);
	return true;
}

/* For the tests and replay: what the way round would tell. */
STAGE int straight_tell(void *start, void *end, __u8 dscp_in, __u8 dscp_out)
{
	struct span span = {.start = start, .end = end};
	struct decision found = {.reason = AGFEO_REASON_FLOW};
	const struct agfeo_flow *flow;
	struct agfeo_flow4_key key;
	__u32 from_end;

	if (start + STRAIGHT_PAYLOAD > end)
		return 0;
	from_end = straight_key(&span, &key) & 1;
	flow = known_flow4(&key).flow;
	if (!flow)
		return 0;
	found.counter[0] = flow->counter[from_end];
	found.counter[1] = flow->counter[!from_end];
	found.device[0] = flow->device[from_end];
	found.device[1] = flow->device[!from_end];
	found.class = flow->class;
	found.monitor = !!(flow->flags & AGFEO_FLOW_MONITOR);
	found.dscp_in = dscp_in;
	found.dscp_out = dscp_out;
	replay_tell(&found);
	return 0;
}

/* ------------------------------------------------------------------ whose entry is to be lent */

static __always_inline __u32 sooner(__u32 tick, __u32 other)
{
	return (__s32)(other - tick) < 0 ? other : tick;
}

/* Whether packets of a direction can go straight at all: see may_be_ready() and weigh(). */
static __always_inline bool straight_may_lend(const struct agfeo_flow_direction *own, bool voice,
					      __u32 generation, __u32 now)
{
	return own->ready.generation == generation && now - own->seen <= own->ready.idle &&
	       (!voice || (own->rtp_seen && !own->suspect));
}

/* A way that holds goes with the entry, and the loan no longer than it. Another is asked for, and until
 * it is known the loan is short. */
static __always_inline void straight_lend_way(struct agfeo_cached *cached, __u32 seat,
					      struct agfeo_way *way, __u32 now, __u32 arrived_on,
					      const struct ethhdr *ethernet)
{
	struct agfeo_way *copy = find_in(&way_cache, &seat);

	if (copy && way_holds(way, now) && way->from == arrived_on) {
		*copy = *way;
		cached->flags |= AGFEO_CACHED_WAY;
		cached->hop = way_hop(copy);
		cached->until = sooner(cached->until, way->learned + AGFEO_WAY_TICKS);
		return;
	}
	cached->until = sooner(cached->until, now + 1);
	if (cached->flags & AGFEO_READY_ANSWERED)
		way_ask(way, arrived_on, ethernet);
}

/* Whether an entry stays lent when its packet has gone. Where ways are asked for, XDP lends. */
static __always_inline bool straight_lends(enum hook hook)
{
	return agfeo_config.cache && !(agfeo_config.fast && hook == HOOK_TC);
}

#define LEND_ROUND   0xffffffff /* it takes the way round */
#define LEND_UNKNOWN 0xfffffffe /* it is of no known flow */

/* For a packet of straight_shape() whose direction has no entry, or has had it for long enough: lends one.
 * Returns its seat, or one of the two above. */
STAGE __u32 straight_lend(void *start, void *end, __u32 now, __u32 hook, __u32 arrived_on)
{
	struct span at = {.start = start, .end = end}, *span = &at;
	const struct iphdr *ip = start + STRAIGHT_IP;
	struct agfeo_flow_direction *own;
	struct agfeo_flow4_key flow_key;
	struct agfeo_cached *cached;
	struct known_flow known;
	struct cache_key key;
	__u32 seat, from_end;
	__u8 dscp_in;

	if (start + STRAIGHT_PAYLOAD > end || !straight_is_ordinary(span))
		return LEND_ROUND;
	from_end = straight_key(span, &flow_key) & 1;
	known = known_flow4(&flow_key);
	if (!known.flow)
		return LEND_UNKNOWN;
	if (known.voice && !straight_is_rtp(span))
		return LEND_ROUND;
	own = &known.flow->direction[from_end];
	if (straight_claims(span, own->ready.flags, known.flow->mac[from_end], hook))
		return LEND_ROUND;
	key = straight_cache_key(span);
	cached = agfeo_config.cache ? cache_find(&key, &seat) : NULL;
	if (cached)
		cache_give_back(cached, known.flow, known.voice);
	if (!straight_may_lend(own, known.voice, generation_now(), now))
		return LEND_ROUND;
	if (!straight_lends(hook))
		seat = cache_seat_of_cpu();
	else if (!cached)
		seat = cache_seat(&key, now);
	cached = find_in(&flow_cache, &seat);
	if (!cached)
		return LEND_ROUND;

	dscp_in = dscp_of_traffic(ip->tos).codepoint;
	if (seen_at_xdp(own->seen, own->at_xdp, hook, now))
		dscp_in = own->dscp_in;
	cache_lend(cached, &key, &known, from_end, now, dscp_in);
	if (agfeo_config.fast && hook != HOOK_TC)
		straight_lend_way(cached, seat, &known.flow->way[from_end], now, arrived_on, start);
	return seat;
}

/* ------------------------------------------------------------------ fast */

/* The way of an entry, or NULL. */
static __always_inline const struct agfeo_way *straight_way_of(const struct agfeo_cached *cached,
							       __u32 seat, enum hook hook)
{
	if (hook == HOOK_TC || !(cached->flags & AGFEO_CACHED_WAY))
		return NULL;
	return find_in(&way_cache, &seat);
}

static __always_inline bool straight_fits(const struct span *span, const struct agfeo_way *way)
{
	const struct iphdr *ip = span->start + STRAIGHT_IP;

	return way_fits(way, span->start, ip, bpf_ntohs(ip->tot_len));
}

/* ------------------------------------------------------------------ the way */

/* What tc is to do with a packet that passed. */
static __always_inline int straight_told(const struct agfeo_cached *cached, __u8 dscp_in)
{
	int told = WAY_PASS | cached->dscp_out << WAY_DSCP;

	if (cached->dscp_out != dscp_in)
		told |= WAY_MARKED;
	if (cached->flags & AGFEO_CACHED_PROMOTED)
		told |= WAY_PROMOTED;
	return told;
}

/* XDP marks and sends it on itself. */
static __always_inline int straight_send(const struct span *span, const struct agfeo_cached *cached,
					 const struct agfeo_way *way, __u8 dscp_in)
{
	struct agfeo_dscp dscp = {cached->dscp_out};
	struct iphdr *ip = span->start + STRAIGHT_IP;

	if (way) {
		ipv4_send_on(ip, dscp, cached->hop);
		way_take(way, span->start);
		return WAY_REDIRECT;
	}
	if (cached->dscp_out != dscp_in)
		dscp_set_ipv4(ip, dscp);
	return WAY_PASS;
}

/* Where a packet came from: asked for when it is needed, since each word that XDP keeps on its stack may be
 * the one that is too many (512 bytes for all that call each other, before Linux 6.13). */
struct arrival {
	const struct xdp_md *ctx; /* at XDP */
	__u32 ifindex;		  /* at tc */
};

static __always_inline __u32 arrived_on(const struct arrival *arrival, enum hook hook)
{
	if (hook == HOOK_TC || !arrival->ctx)
		return arrival->ifindex;
	return agfeo_config.fast ? arrival->ctx->ingress_ifindex : 0;
}

/*
 * What becomes of a packet of straight_shape() if its flow is known, else WAY_STRANGER. Who looks like
 * voice is looked for in the cache at once: the index is a cache line of its own.
 */
static __always_inline int straight_flow(const struct span *span, bool is_rtp, __u32 generation,
					 __u32 now, enum hook hook, const struct arrival *arrival)
{
	const struct iphdr *ip = span->start + STRAIGHT_IP;
	const struct agfeo_way *way = NULL;
	struct agfeo_cached *cached = NULL;
	int told = WAY_ROUND;
	struct cache_key key;
	__u32 seat;
	__u8 dscp_in;
	bool lent;

	if (!is_rtp && !straight_is_indexed(span))
		return WAY_STRANGER;
	key = straight_cache_key(span);
	if (agfeo_config.cache)
		cached = cache_find(&key, &seat);
	lent = cached && cache_is_lent(cached, generation, now);
	if (lent) {
		way = straight_way_of(cached, seat, hook);
		lent = !way || way->from == arrived_on(arrival, hook);
	}
	if (!lent) {
		if (is_rtp && !straight_is_indexed(span))
			return WAY_STRANGER;
		seat = straight_lend(span->start, span->end, now, hook, arrived_on(arrival, hook));
		if (seat == LEND_UNKNOWN)
			return WAY_STRANGER;
		cached = find_in(&flow_cache, &seat);
		if (!cached)
			return WAY_ROUND;
		way = straight_way_of(cached, seat, hook);
	}
	dscp_in = dscp_of_traffic(ip->tos).codepoint;
	if ((!way || straight_fits(span, way)) &&
	    straight_pass(span, cached, is_rtp, now, hook, dscp_in)) {
		if (agfeo_config.replay)
			straight_tell(span->start, span->end, dscp_in, cached->dscp_out);
		told = hook == HOOK_TC ? straight_told(cached, dscp_in)
				       : straight_send(span, cached, way, dscp_in);
	}
	if (seat >= AGFEO_CACHE_SEATS) /* a CPU's is given back at once */
		cache_settle(seat);
	return told;
}

/* What comes in by an uplink, is no voice, and is not refused at once. */
STAGE int straight_asked_for(void *start, void *end, __u32 generation, __u32 now, __u32 ifindex)
{
	struct span span = {.start = start, .end = end};
	struct arrival arrival = {.ifindex = ifindex};
	int told;

	if (start + STRAIGHT_PAYLOAD > end)
		return WAY_ROUND;
	told = straight_flow(&span, false, generation, now, HOOK_UPLINK, &arrival);
	return told == WAY_STRANGER ? WAY_ROUND : told;
}

/*
 * Returns enum straight_verdict. hook is known where this is compiled: every program has a straight way
 * of its own. On an uplink nearly all that is no voice is a flood's, and is refused before anybody asks
 * for its flow: on ports that the device does not list there is none, unless an answer opened one.
 */
static __always_inline int straight_way(struct span span, enum hook hook, struct arrival arrival)
{
	const struct agfeo_control *control_value;
	struct agfeo_control ruling;
	bool is_rtp, unasked;
	__u32 now;
	int told;

	if (!straight_shape(&span))
		return WAY_ROUND;
	control_value = control_now();
	if (!control_value)
		return WAY_ROUND;
	ruling = *control_value;
	if (!ruling.generation)
		return WAY_ROUND;
	now = clock_tick();
	is_rtp = straight_is_rtp(&span);
	unasked = hook == HOOK_UPLINK && !is_rtp && !ruling.expected;
	if (!unasked) {
		told = straight_flow(&span, is_rtp, ruling.generation, now, hook, &arrival);
		if (told != WAY_STRANGER)
			return told;
	}
	told = straight_refuse(&span, &ruling, now, hook, arrival.ifindex);
	if (!unasked || told != WAY_ROUND)
		return told;
	return straight_asked_for(span.start, span.end, ruling.generation, now,
				  arrived_on(&arrival, hook));
}

/* A stage, so that the way round begins from one state, whatever was found out here. */
STAGE int straight_tc(void *start, void *end, __u32 length, __u32 ifindex)
{
	struct span span = {.start = start, .end = end, .length = length};
	int way = straight_way(span, HOOK_TC, (struct arrival){.ifindex = ifindex});

	return way == WAY_ROUND ? straight6_way(span, HOOK_TC, ifindex) : way;
}

/* A direction whose way is known, and whose entry has none yet, is lent a new one by its next packet. */
static __always_inline void straight_recall(const struct span *span, const struct known_flow *known)
{
	struct cache_key key = straight_cache_key(span);
	__u32 seat;
	struct agfeo_cached *cached = cache_find(&key, &seat);

	if (cached && !(cached->flags & AGFEO_CACHED_WAY))
		cache_give_back(cached, known->flow, known->voice);
}

/* Egress of an interface whose forward is fast: where a packet that the kernel has sent on goes. */
STAGE int straight_learn(struct __sk_buff *skb)
{
	struct span span = {};
	struct agfeo_flow4_key key;
	struct known_flow known;
	struct agfeo_way *way;
	__u32 mtu = 0, now, from_end;

	if (!skb || skb->gso_segs > 1 || skb->vlan_present || !skb->ingress_ifindex)
		return 0;
	span.start = (void *)(long)skb->data;
	span.end = (void *)(long)skb->data_end;
	span.length = skb->len;
	if (!straight_shape(&span) || !straight_is_ordinary(&span) || !is_fast(skb->ifindex) ||
	    !is_fast(skb->ingress_ifindex))
		return 0;
	from_end = straight_key(&span, &key) & 1;
	known = known_flow4(&key);
	if (!known.flow || known.flow->generation != generation_now() ||
	    bpf_check_mtu(skb, 0, &mtu, 0, 0))
		return 0;
	way = &known.flow->way[from_end];
	now = clock_tick();
	way_seen(way, now, skb->ingress_ifindex, skb->ifindex, mtu, span.start);
	if (way_holds(way, now))
		straight_recall(&span, &known);
	return 0;
}

#endif
