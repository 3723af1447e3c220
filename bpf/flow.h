/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flows: their keys, the tables they stand in, expiry, creation. A packet of a known flow that the flow
 * cache does not know costs one look into the index and one into the right table; a packet that nobody
 * knows costs the index.
 */
#ifndef BPF_FLOW_H
#define BPF_FLOW_H

#include "clock.h"
#include "maps.h"
#include "packet.h"
#include "parse.h"
#include "scratch.h"

enum flow_table {
	TABLE_VOICE = AGFEO_TABLE_VOICE,
	TABLE_SIGNALLING = AGFEO_TABLE_SIGNALLING,
	TABLE_OTHERS = AGFEO_TABLE_OTHERS,
	TABLE_EXPECTED = AGFEO_TABLE_EXPECTED,
};

struct known_flow {
	struct agfeo_flow *flow;	/* NULL: unknown */
	struct agfeo_voice_flow *voice; /* the same, when it stands in a voice table */
};

/* An end as keys hold it. */
static __always_inline __u64 end4(__u32 address, __u16 port)
{
	return (__u64)address << 16 | port;
}

/* from, to: see end4(). Returns which end of the key sent the packet. A branch would be foretold wrong
 * for every other packet of a flood. */
static __always_inline __u32 flow4_key(__u64 from, __u64 to, __u8 protocol,
				       struct agfeo_flow4_key *key)
{
	__u64 apart = to - from; /* of 48 bits each: negative where they change places */
	__u64 swap = apart >> 63;

	barrier_var(swap);
	apart &= -swap;
	key->low = (from + apart) | (__u64)protocol << 48;
	key->high = to - apart;
	return swap;
}

static __always_inline void flow4_id(struct flow_id *id, __u64 from, __u64 to, __u8 protocol)
{
	struct agfeo_flow4_key key;

	id->from_end = flow4_key(from, to, protocol, &key);
	id->key.v4 = key;
	id->place = agfeo_index_place4(key.low, key.high);
}

static __always_inline void flow6_id(struct flow_id *id, const __u64 *from6, const __u64 *to6,
				     __u16 from_port, __u16 to_port, __u8 protocol)
{
	__u64 from0 = bpf_be64_to_cpu(from6[0]), from1 = bpf_be64_to_cpu(from6[1]);
	__u64 to0 = bpf_be64_to_cpu(to6[0]), to1 = bpf_be64_to_cpu(to6[1]);
	struct agfeo_flow6_key *key = &id->key.v6;
	bool swap = from0 > to0 ||
		    (from0 == to0 && (from1 > to1 || (from1 == to1 && from_port > to_port)));

	id->from_end = swap;
	key->low[0] = swap ? to0 : from0;
	key->low[1] = swap ? to1 : from1;
	key->high[0] = swap ? from0 : to0;
	key->high[1] = swap ? from1 : to1;
	key->ports = (swap ? to_port : from_port) | (__u64)(swap ? from_port : to_port) << 16 |
		     (__u64)protocol << 32;
	id->place = agfeo_index_place6(key);
}

static __always_inline void flow_id_of_ends(const struct ends *ends, struct flow_id *id)
{
	if (ends->family == 4)
		flow4_id(id, end4(ends->from4, ends->from_port), end4(ends->to4, ends->to_port),
			 ends->protocol);
	else
		flow6_id(id, ends->from6, ends->to6, ends->from_port, ends->to_port,
			 ends->protocol);
}

static __always_inline void ends_of_packet(const struct packet *p, struct ends *ends)
{
	memcpy(ends->from6, p->from6, sizeof(ends->from6));
	memcpy(ends->to6, p->to6, sizeof(ends->to6));
	ends->from4 = p->from4;
	ends->to4 = p->to4;
	ends->from_port = p->from_port;
	ends->to_port = p->to_port;
	ends->protocol = p->protocol;
	ends->family = p->family;
}

static __always_inline void flow_id_of_packet(const struct packet *p, struct flow_id *id)
{
	if (p->family == 4)
		flow4_id(id, end4(p->from4, p->from_port), end4(p->to4, p->to_port), p->protocol);
	else
		flow6_id(id, p->from6, p->to6, p->from_port, p->to_port, p->protocol);
}

/* The verifier of 5.10 loses sight of the bounds where a compiler masks before it mixes. */
static __always_inline __u32 index_second(__u32 place)
{
	__u32 second = agfeo_index_second(place);

	barrier_var(second);
	return second & (AGFEO_FLOW_INDEX_SIZE - 1);
}

/* In which tables a flow of that place may stand: enum flow_table. */
static __always_inline __u8 index_read(__u32 place)
{
	__u32 zero = 0;
	struct agfeo_flow_index *index = find_in(&flow_index, &zero);

	if (!index || (~index->used[agfeo_index_word(place)] & agfeo_index_bits(place)))
		return 0;
	return index->tables[agfeo_index_first(place)] & index->tables[index_second(place)];
}

/* Two CPUs that set different bits of one byte or word at once can lose one: the flow is then met again by
 * the policy, which allowed it a moment ago. */
static __always_inline void index_set(__u8 *byte, __u8 bit)
{
	if (!(*byte & bit))
		*byte |= bit;
}

static __always_inline void index_add(__u32 place, __u8 table)
{
	__u32 zero = 0;
	struct agfeo_flow_index *index = find_in(&flow_index, &zero);
	__u64 *used;

	if (!index)
		return;
	index_set(&index->tables[agfeo_index_first(place)], table);
	index_set(&index->tables[index_second(place)], table);
	used = &index->used[agfeo_index_word(place)];
	if (~*used & agfeo_index_bits(place))
		*used |= agfeo_index_bits(place);
}

static __always_inline struct known_flow table_lookup4(const struct agfeo_flow4_key *key, __u8 in)
{
	struct known_flow known = {};

	if (in & TABLE_VOICE) {
		known.voice = find_in(&voice4, key);
		if (known.voice) {
			known.flow = &known.voice->flow;
			return known;
		}
	}
	if (in & TABLE_SIGNALLING)
		known.flow = find_in(&signalling4, key);
	if (!known.flow && (in & (TABLE_OTHERS | TABLE_EXPECTED)))
		known.flow = find_in(&others4, key);
	return known;
}

static __always_inline struct known_flow table_lookup6(const struct agfeo_flow6_key *key, __u8 in)
{
	struct known_flow known = {};

	if (in & TABLE_VOICE) {
		known.voice = find_in(&voice6, key);
		if (known.voice) {
			known.flow = &known.voice->flow;
			return known;
		}
	}
	if (in & TABLE_SIGNALLING)
		known.flow = find_in(&signalling6, key);
	if (!known.flow && (in & (TABLE_OTHERS | TABLE_EXPECTED)))
		known.flow = find_in(&others6, key);
	return known;
}

static __always_inline struct known_flow flow_lookup(const struct flow_id *id, __u8 family)
{
	struct known_flow none = {};
	__u8 in = index_read(id->place);

	if (!in)
		return none;
	if (family == 4)
		return table_lookup4(&id->key.v4, in);
	return table_lookup6(&id->key.v6, in);
}

static __always_inline bool silent_for(const struct agfeo_flow_direction *direction, __u32 now,
				       __u32 ticks)
{
	return !direction->seen || now - direction->seen > ticks;
}

/* Of both directions: the sender's own line is looked at first, it is at hand. */
static __always_inline bool flow_expired(const struct agfeo_flow *flow, __u32 from_end, __u32 now)
{
	return silent_for(&flow->direction[from_end & 1], now, flow->idle) &&
	       silent_for(&flow->direction[!from_end], now, flow->idle);
}

static __always_inline __u32 flow_opener(const struct agfeo_flow *flow)
{
	return flow->flags & AGFEO_FLOW_OPENER1 ? 1 : 0;
}

/* Signalling that a device opened stands apart from what others open: neighbours who flood the
 * registrar must not push out the registration with the provider. */
static __always_inline __u8 table_of(__u8 protocol, __u8 class, bool device_opened)
{
	if (protocol != PROTOCOL_UDP)
		return TABLE_OTHERS;
	if (class == AGFEO_CLASS_VOICE)
		return TABLE_VOICE;
	return class == AGFEO_CLASS_SIGNALLING && device_opened ? TABLE_SIGNALLING : TABLE_OTHERS;
}

/* A flow in the making: too large for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct agfeo_voice_flow);
} drafts SEC(".maps");

static __always_inline struct agfeo_voice_flow *flow_draft(void)
{
	__u32 zero = 0;

	return find_in(&drafts, &zero);
}

/* From every table but the one named: a flow stands in one at a time. */
static __always_inline void flow_forget(const struct flow_id *id, __u8 family, __u8 but)
{
	__u8 in = index_read(id->place) & ~but;

	if (family == 4) {
		if (in & TABLE_VOICE)
			bpf_map_delete_elem(&voice4, &id->key.v4);
		if (in & TABLE_SIGNALLING)
			bpf_map_delete_elem(&signalling4, &id->key.v4);
		if (in & TABLE_OTHERS)
			bpf_map_delete_elem(&others4, &id->key.v4);
	} else {
		if (in & TABLE_VOICE)
			bpf_map_delete_elem(&voice6, &id->key.v6);
		if (in & TABLE_SIGNALLING)
			bpf_map_delete_elem(&signalling6, &id->key.v6);
		if (in & TABLE_OTHERS)
			bpf_map_delete_elem(&others6, &id->key.v6);
	}
}

/* Publishes the draft under the key, whole, in the table of its kind and in no other. 0, or negative:
 * there was no room. */
STAGE int flow_publish(const struct flow_id *id, __u8 family, __u8 table)
{
	struct agfeo_voice_flow *draft = flow_draft();
	long error;

	if (!draft || !id)
		return -1;
	flow_forget(id, family, table);
	if (family == 4) {
		if (table == TABLE_VOICE)
			error = bpf_map_update_elem(&voice4, &id->key.v4, draft, BPF_ANY);
		else if (table == TABLE_SIGNALLING)
			error = bpf_map_update_elem(&signalling4, &id->key.v4, draft, BPF_ANY);
		else
			error = bpf_map_update_elem(&others4, &id->key.v4, draft, BPF_ANY);
	} else {
		if (table == TABLE_VOICE)
			error = bpf_map_update_elem(&voice6, &id->key.v6, draft, BPF_ANY);
		else if (table == TABLE_SIGNALLING)
			error = bpf_map_update_elem(&signalling6, &id->key.v6, draft, BPF_ANY);
		else
			error = bpf_map_update_elem(&others6, &id->key.v6, draft, BPF_ANY);
	}
	if (error)
		return -1;
	index_add(id->place, table);
	return 0;
}

#endif
