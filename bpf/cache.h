/* SPDX-License-Identifier: GPL-2.0 */
/* The flow cache (include/agfeo/flow_cache.h): its entries are found, lent and given back. */
#ifndef BPF_CACHE_H
#define BPF_CACHE_H

#include "act.h"
#include "count.h"
#include "flow.h"

#define CACHE_GLANCES 8 /* seats that are looked at for one that is free */

/* A direction, as its packets name it. */
struct cache_key {
	__u64 addresses;
	__u32 ports;
};

static __always_inline struct cache_key cache_key_of(__u32 from, __u32 to, __u16 from_port,
						     __u16 to_port)
{
	return (struct cache_key){
		.addresses = agfeo_cache_addresses(bpf_htonl(from), bpf_htonl(to)),
		.ports = agfeo_cache_ports(bpf_htons(from_port), bpf_htons(to_port)),
	};
}

static __always_inline bool cached_is(const struct agfeo_cached *cached,
				      const struct cache_key *key)
{
	return cached->addresses == key->addresses && cached->ports == key->ports;
}

/* A slot of the set that begins at `first`. */
static __always_inline __u32 *cache_slot(struct agfeo_cache_index *index, __u32 first, __u32 way)
{
	return &index->slot[(first + way) & (AGFEO_CACHE_SLOTS - 1)];
}

static __always_inline struct agfeo_cache_index *cache_slots(void)
{
	__u32 zero = 0;

	return find_in(&cache_index, &zero);
}

/* The entry of such packets' direction, or NULL. *ret_seat: its seat. */
static __always_inline struct agfeo_cached *cache_find(const struct cache_key *key, __u32 *ret_seat)
{
	__u64 hash = agfeo_cache_hash(key->addresses, key->ports);
	struct agfeo_cache_index *index = cache_slots();
	__u32 first = agfeo_cache_slot(hash), tag = agfeo_cache_tag(hash);

	if (!index)
		return NULL;
	for (__u32 way = 0; way < AGFEO_CACHE_SET; way++) {
		__u32 seat = *cache_slot(index, first, way) ^ tag;
		struct agfeo_cached *cached;

		if (seat & AGFEO_CACHE_TAG)
			continue;
		*ret_seat = seat;
		cached = find_in(&flow_cache, ret_seat);
		if (cached && cached_is(cached, key))
			return cached;
	}
	return NULL;
}

static __always_inline bool cache_is_lent(const struct agfeo_cached *cached, __u32 generation,
					  __u32 now)
{
	return cached->generation == generation && (__s32)(cached->until - now) >= 0 &&
	       (__s32)cached->bytes >= 0;
}

/* Whether nobody who comes by has a use for it. */
static __always_inline bool cache_is_free(const struct agfeo_cached *cached, __u32 now)
{
	return !cached->addresses || now - cached->seen > AGFEO_CACHE_TICKS;
}

/* Its flow gets what an entry holds, if it is of this one; then it is not lent. */
static __always_inline void cache_give_back(struct agfeo_cached *cached, struct agfeo_flow *flow,
					    struct agfeo_voice_flow *voice)
{
	bool lent = cached->generation;

	cached->generation = 0;
	if (lent)
		agfeo_cached_add(cached, flow, voice ? voice->stream : NULL);
}

/*
 * Keeps a flow from being taken for silent: when a packet of such a key was seen last, its entry knows
 * better.
 */
STAGE int cache_sync(struct agfeo_flow *flow, const struct cache_key *key)
{
	const struct agfeo_cached *cached;
	__u32 seat;

	if (!flow || !key)
		return 0;
	cached = cache_find(key, &seat);
	if (cached && cached->generation && cached->opened == agfeo_cache_opened(flow->opened_ns))
		flow->direction[cached->end & 1].seen = cached->seen;
	return 0;
}

/* Of both directions: key is of either. */
static __always_inline void cache_sync_both(struct agfeo_flow *flow, struct cache_key key)
{
	cache_sync(flow, &key);
	key.addresses = key.addresses >> 32 | key.addresses << 32;
	key.ports = key.ports >> 16 | key.ports << 16;
	cache_sync(flow, &key);
}

static __always_inline bool may_be_lent(const struct packet *p)
{
	return agfeo_config.cache && p->family == 4 && p->shape == SHAPE_TRANSPORT &&
	       p->protocol == PROTOCOL_UDP;
}

static __always_inline struct cache_key cache_key_of_packet(const struct packet *p)
{
	return cache_key_of(p->from4, p->to4, p->from_port, p->to_port);
}

/* A packet goes the way round: how long its flow was silent, both its entries are asked. */
STAGE int cache_sync_packet(const struct packet *p, struct agfeo_flow *flow)
{
	if (p && flow && may_be_lent(p))
		cache_sync_both(flow, cache_key_of_packet(p));
	return 0;
}

/* And passes: its direction's entry is given back. A packet that is refused disturbs nobody. */
STAGE int cache_recall(const struct packet *p, struct agfeo_flow *flow,
		       struct agfeo_voice_flow *voice)
{
	struct agfeo_cached *cached;
	struct cache_key key;
	__u32 seat;

	if (!p || !flow || !may_be_lent(p))
		return 0;
	key = cache_key_of_packet(p);
	cached = cache_find(&key, &seat);
	if (cached)
		cache_give_back(cached, flow, voice);
	return 0;
}

/* ------------------------------------------------------------------ seats */

static __always_inline struct known_flow known_flow4(const struct agfeo_flow4_key *key)
{
	struct known_flow none = {};
	__u8 in = index_read(agfeo_index_place4(key->low, key->high));

	return in ? table_lookup4(key, in) : none;
}

/* Of the flow that an entry's packets belong to. */
static __always_inline void cached_flow_key(const struct agfeo_cached *cached,
					    struct agfeo_flow4_key *ret_key)
{
	__u64 addresses = cached->addresses;
	__u32 ports = cached->ports;

	flow4_key(end4(bpf_ntohl((__u32)addresses), bpf_ntohs((__u16)ports)),
		  end4(bpf_ntohl(addresses >> 32), bpf_ntohs(ports >> 16)), PROTOCOL_UDP, ret_key);
}

/* What it holds is its flow's, if there is one still. */
STAGE int cache_settle(__u32 seat)
{
	struct agfeo_cached *cached = find_in(&flow_cache, &seat);
	struct agfeo_flow4_key key;
	struct known_flow known;

	if (!cached || !cached->generation)
		return 0;
	cached_flow_key(cached, &key);
	known = known_flow4(&key);
	if (known.flow)
		cache_give_back(cached, known.flow, known.voice);
	cached->generation = 0;
	return 0;
}

/* What stands in the slot of who is in a seat. *ret_first: the first of the slots that can be it. */
static __always_inline __u32 cached_slot(const struct agfeo_cached *cached, __u32 seat,
					 __u32 *ret_first)
{
	__u64 hash = agfeo_cache_hash(cached->addresses, cached->ports);

	*ret_first = agfeo_cache_slot(hash);
	return agfeo_cache_tag(hash) | seat;
}

/* Takes a seat's slot out of the index. */
static __always_inline void cache_unseat(struct agfeo_cache_index *index, __u32 seat,
					 const struct agfeo_cached *cached)
{
	__u32 first, own = cached_slot(cached, seat, &first);

	for (__u32 way = 0; way < AGFEO_CACHE_SET; way++) {
		__u32 *slot = cache_slot(index, first, way);

		if (*slot == own)
			*slot = 0;
	}
}

/* Behind the seats there is one for each CPU, for as long as a packet takes. */
static __always_inline __u32 cache_seat_of_cpu(void)
{
	return AGFEO_CACHE_SEATS + bpf_get_smp_processor_id();
}

/* The seat that is to be looked at next. Now and then it is the first again: low seats lie close. */
static __always_inline __u32 cache_next_seat(struct cache_hand *hand, __u32 now)
{
	__u32 seat;

	bpf_spin_lock(&hand->lock);
	if (!hand->misses && now - hand->restarted > AGFEO_CACHE_TICKS) {
		hand->restarted = now;
		hand->seat = 0;
	}
	seat = ++hand->seat;
	if (seat >= AGFEO_CACHE_SEATS - 1)
		hand->seat = 0;
	bpf_spin_unlock(&hand->lock);
	return seat;
}

/* A seat that nobody needs, given back and out of the index; the CPU's where none was found. */
STAGE __u32 cache_vacant(__u32 now)
{
	struct agfeo_cache_index *index = cache_slots();
	__u32 zero = 0, seat = 0;
	struct cache_hand *hand = bpf_map_lookup_elem(&cache_hands, &zero);

	if (!hand || !index)
		return cache_seat_of_cpu();
	for (int i = 0; i < CACHE_GLANCES; i++) {
		struct agfeo_cached *cached;

		seat = cache_next_seat(hand, now);
		cached = find_in(&flow_cache, &seat);
		if (!cached || !cache_is_free(cached, now))
			continue;
		if (cached->addresses) {
			cache_settle(seat);
			cache_unseat(index, seat, cached);
		}
		hand->misses = 0;
		return seat;
	}
	if (hand->misses < AGFEO_CACHE_SEATS)
		hand->misses += CACHE_GLANCES;
	else
		hand->full = now;
	return cache_seat_of_cpu();
}

static __always_inline bool cache_is_full(__u32 now)
{
	__u32 zero = 0;
	const struct cache_hand *hand = find_in(&cache_hands, &zero);

	return !hand || hand->full == now;
}

/* Whether a slot is nobody's: it is empty, who is in its seat stands elsewhere, or is not needed. */
STAGE int cache_open_slot(__u32 slot, __u32 first, __u32 now)
{
	__u32 seat = slot & ~AGFEO_CACHE_TAG, own_first;
	struct agfeo_cached *cached = find_in(&flow_cache, &seat);

	if (!slot || !cached || cached_slot(cached, seat, &own_first) != slot || own_first != first)
		return true;
	if (!cache_is_free(cached, now))
		return false;
	cache_settle(seat);
	return true;
}

/* Seats a key that has no seat: at the CPU's where there is no room. */
STAGE __u32 cache_seat(const struct cache_key *key, __u32 now)
{
	struct agfeo_cache_index *index = cache_slots();
	struct agfeo_cached *cached;
	__u32 seat, first;
	__u64 hash;

	if (!key || !index || cache_is_full(now))
		return cache_seat_of_cpu();
	hash = agfeo_cache_hash(key->addresses, key->ports);
	first = agfeo_cache_slot(hash);
	for (__u32 way = 0; way < AGFEO_CACHE_SET; way++) {
		__u32 *slot = cache_slot(index, first, way);

		if (!cache_open_slot(*slot, first, now))
			continue;
		seat = cache_vacant(now);
		cached = find_in(&flow_cache, &seat);
		if (!cached || seat >= AGFEO_CACHE_SEATS)
			break;
		cached->addresses = key->addresses;
		cached->ports = key->ports;
		*slot = agfeo_cache_tag(hash) | seat;
		return seat;
	}
	return cache_seat_of_cpu();
}

/* A loan's last tick: before the direction could be taken for silent. */
static __always_inline __u32 cache_until(const struct agfeo_flow_direction *own, __u32 now)
{
	__u32 left = own->ready.idle - (now - own->seen);

	return now + (left < AGFEO_CACHE_TICKS ? left : AGFEO_CACHE_TICKS);
}

/* Lends an entry to a direction that is ready: packets come with dscp_in. */
static __always_inline void cache_lend(struct agfeo_cached *cached, const struct cache_key *key,
				       const struct known_flow *known, __u32 from_end, __u32 now,
				       __u8 dscp_in)
{
	const struct agfeo_flow *flow = known->flow;
	const struct agfeo_flow_direction *own = &flow->direction[from_end & 1];
	bool marks = own->ready.mark != AGFEO_KEEP;
	struct decision found = {.dscp_in = dscp_in, .promoted = known->voice && marks};
	struct packet none = {};
	struct passing passing;

	found.dscp_out = chosen_dscp(own->ready.mark, own->ready.flags & AGFEO_READY_BLEACH,
				     dscp_in, known->voice || marks);
	passing = passing_of(&none, &found);
	cached->addresses = key->addresses;
	cached->ports = key->ports;
	cached->packets = cached->bytes = 0;
	cached->seen = own->seen;
	cached->opened = agfeo_cache_opened(flow->opened_ns);
	cached->counter[0] = own->ready.counter[0];
	cached->counter[1] = own->ready.counter[1];
	cached->ssrc = own->sequence;
	cached->rtp_sequence = own->rtp_sequence;
	cached->until = cache_until(own, now);
	cached->flags = own->ready.flags | (known->voice ? AGFEO_CACHED_VOICE : 0) |
			(found.promoted ? AGFEO_CACHED_PROMOTED : 0);
	cached->end = from_end & 1;
	cached->at_xdp = own->at_xdp;
	cached->dscp_in = dscp_in;
	cached->dscp_out = found.dscp_out;
	cached->account = passing.account;
	memcpy(cached->mac, flow->mac[from_end & 1], sizeof(cached->mac));
	if (known->voice && (own->ready.flags & AGFEO_READY_QUALITY))
		memcpy(cached->stream, &known->voice->stream[from_end & 1], AGFEO_STREAM_LINE);
	cached->generation = own->ready.generation;
}

#endif
