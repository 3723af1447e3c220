/* SPDX-License-Identifier: GPL-2.0 */
/* From a flow table's entry to what a person reads; see flow.h. */
#include "report/flow.h"

#include <agfeo/flow_index.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/one_way.h"

static void read_words(const __u64 words[2], struct address *ret_address)
{
	for (int i = 0; i < 16; i++)
		ret_address->bytes[i] = (uint8_t)(words[i / 8] >> (56 - 8 * (i % 8)));
}

void flow_read_key4(const struct agfeo_flow4_key *key, struct flow_record *record)
{
	record->address[0] = address_from_v4(htonl((uint32_t)(key->low >> 16)));
	record->address[1] = address_from_v4(htonl((uint32_t)(key->high >> 16)));
	record->port[0] = (uint16_t)key->low;
	record->port[1] = (uint16_t)key->high;
	record->protocol = (uint8_t)(key->low >> 48);
}

void flow_read_key6(const struct agfeo_flow6_key *key, struct flow_record *record)
{
	read_words(key->low, &record->address[0]);
	read_words(key->high, &record->address[1]);
	record->port[0] = (uint16_t)key->ports;
	record->port[1] = (uint16_t)(key->ports >> 16);
	record->protocol = (uint8_t)(key->ports >> 32);
}

static uint64_t word_of(const struct address *address, int word)
{
	uint64_t value = 0;

	for (int i = 0; i < 8; i++)
		value = value << 8 | address->bytes[8 * word + i];
	return value;
}

static uint64_t end4(const struct flow_record *record, int end)
{
	return word_of(&record->address[end], 1) << 32 >> 16 | record->port[end];
}

struct agfeo_flow4_key flow_key4(const struct flow_record *record)
{
	return (struct agfeo_flow4_key){
		.low = end4(record, 0) | (uint64_t)record->protocol << 48,
		.high = end4(record, 1),
	};
}

struct agfeo_flow6_key flow_key6(const struct flow_record *record)
{
	struct agfeo_flow6_key key = {
		.ports = record->port[0] | (uint64_t)record->port[1] << 16 |
			 (uint64_t)record->protocol << 32,
	};

	for (int i = 0; i < 2; i++) {
		key.low[i] = word_of(&record->address[0], i);
		key.high[i] = word_of(&record->address[1], i);
	}
	return key;
}

unsigned flow_place_ends(struct flow_record *record, const struct address *from, uint16_t from_port,
			 const struct address *to, uint16_t to_port)
{
	int order = memcmp(from->bytes, to->bytes, sizeof(from->bytes));
	unsigned end = order ? order > 0 : from_port > to_port;

	record->address[end] = *from;
	record->address[!end] = *to;
	record->port[end] = from_port;
	record->port[!end] = to_port;
	return end;
}

/* ------------------------------------------------------------------ tables */

/* In the order of flow_tables (kernel/flows.h), both families of each. */
static const uint8_t table_kinds[FLOW_TABLES / 2] = {AGFEO_TABLE_VOICE, AGFEO_TABLE_SIGNALLING,
						     AGFEO_TABLE_OTHERS};

static bool device_opened(const struct agfeo_flow *flow)
{
	unsigned opener = flow->flags & AGFEO_FLOW_OPENER1 ? 1 : 0;

	return flow->flags & (AGFEO_FLOW_DEVICE0 << opener);
}

/* As bpf/flow.h table_of(). */
static enum agfeo_flow_table kind_of(const struct flow_record *record)
{
	if (record->protocol != IPPROTO_UDP)
		return AGFEO_TABLE_OTHERS;
	if (record->flow.class == AGFEO_CLASS_VOICE)
		return AGFEO_TABLE_VOICE;
	return record->flow.class == AGFEO_CLASS_SIGNALLING && device_opened(&record->flow)
		       ? AGFEO_TABLE_SIGNALLING
		       : AGFEO_TABLE_OTHERS;
}

void flow_choose_table(struct flow_record *record)
{
	enum agfeo_flow_table kind = kind_of(record);

	record->has_streams = kind == AGFEO_TABLE_VOICE;
	for (size_t i = 0; i < ARRAY_SIZE(table_kinds); i++)
		if (table_kinds[i] == kind)
			record->table = (uint8_t)(2 * i + !address_is_v4(&record->address[0]));
}

static uint32_t index_place(const struct flow_record *record)
{
	if (record->table % 2 == 0) {
		struct agfeo_flow4_key key4 = flow_key4(record);

		return agfeo_index_place4(key4.low, key4.high);
	}
	struct agfeo_flow6_key key6 = flow_key6(record);

	return agfeo_index_place6(&key6);
}

static uint8_t index_tables(const struct flow_record *record)
{
	uint8_t bits = table_kinds[record->table / 2];

	return flow_is_expectation(record) ? bits | AGFEO_TABLE_EXPECTED : bits;
}

void flow_index_add(struct agfeo_flow_index *index, const struct flow_record *record)
{
	uint32_t place = index_place(record);
	uint8_t bits = index_tables(record);

	__atomic_fetch_or(&index->tables[agfeo_index_first(place)], bits, __ATOMIC_SEQ_CST);
	__atomic_fetch_or(&index->tables[agfeo_index_second(place)], bits, __ATOMIC_SEQ_CST);
	__atomic_fetch_or(&index->used[agfeo_index_word(place)], agfeo_index_bits(place),
			  __ATOMIC_SEQ_CST);
}

/* ------------------------------------------------------------------ what it is */

bool flow_is_expectation(const struct flow_record *record)
{
	return record->protocol == IPPROTO_UDP && (!record->port[0] || !record->port[1] ||
						   address_is_unspecified(&record->address[0]) ||
						   address_is_unspecified(&record->address[1]));
}

/* A packet may have passed after the clock was read: that is now, not an eternity ago. */
static uint32_t ticks_since(uint32_t seen, uint32_t tick)
{
	int32_t since = (int32_t)(tick - seen);

	return since > 0 ? (uint32_t)since : 0;
}

uint32_t flow_idle(const struct flow_record *record, uint32_t tick)
{
	uint32_t least = UINT32_MAX;

	for (int i = 0; i < 2; i++) {
		uint32_t seen = record->flow.direction[i].seen;

		if (seen && ticks_since(seen, tick) < least)
			least = ticks_since(seen, tick);
	}
	return least;
}

bool flow_is_live(const struct flow_record *record, uint32_t tick)
{
	return flow_idle(record, tick) <= record->flow.idle;
}

/* bpf_ktime_get_ns of another CPU may be a little ahead of ours. */
static uint64_t ns_since(uint64_t then, uint64_t now)
{
	return now > then ? now - then : 0;
}

/* ------------------------------------------------------------------ names */

void identities_free(struct identities *identities)
{
	if (!identities)
		return;
	free(identities->devices);
	free(identities->counters);
	free(identities);
}

const char *identity_device(const struct identities *identities, uint32_t id)
{
	return id < identities->device_count ? identities->devices[id].name : "";
}

const char *identity_model(const struct identities *identities, uint32_t id)
{
	return id < identities->device_count ? identities->devices[id].model : "";
}

const char *identity_service(const struct identities *identities, uint32_t counter)
{
	return counter < identities->counter_count ? identities->counters[counter].service : "";
}

/* ------------------------------------------------------------------ a row */

static enum flow_state state_of(const struct agfeo_flow *flow)
{
	if (flow->flags & AGFEO_FLOW_CLOSING)
		return FLOW_CLOSING;
	if (flow->flags & AGFEO_FLOW_ESTABLISHED)
		return FLOW_ESTABLISHED;
	return flow->flags & AGFEO_FLOW_ANSWERED ? FLOW_ANSWERED : FLOW_NEW;
}

void flow_describe(const struct flow_record *record, const struct identities *identities,
		   const struct flow_clock *clock, struct flow_row *ret_row)
{
	const struct agfeo_flow *flow = &record->flow;
	int opener = flow->flags & AGFEO_FLOW_OPENER1 ? 1 : 0;
	int local = flow->device[opener] ? opener : !opener;
	unsigned silent = 0;
	struct flow_row row = {
		.local = record->address[local],
		.remote = record->address[!local],
		.local_port = record->port[local],
		.remote_port = record->port[!local],
		.protocol = record->protocol,
		.class = flow->class,
		.mark = flow->mark,
		.device = identity_device(identities, flow->device[local]),
		.model = identity_model(identities, flow->device[local]),
		.service = identity_service(identities, flow->counter[local]),
		.remote_device = identity_device(identities, flow->device[!local]),
		.opener = local == opener ? AGFEO_OUT : AGFEO_IN,
		.state = state_of(flow),
		.age_ns = ns_since(flow->opened_ns, clock->now_ns),
		.idle_ns = flow_idle(record, clock->tick) * clock->tick_ns,
	};

	row.local_end = (uint8_t)local;
	row.one_way = flow_is_one_way(record, clock, &silent);
	row.missing = silent == (unsigned)local ? AGFEO_OUT : AGFEO_IN;
	row.way[AGFEO_OUT] = flow->direction[local];
	row.way[AGFEO_IN] = flow->direction[!local];
	row.dropped[AGFEO_OUT] = flow->dropped[local];
	row.dropped[AGFEO_IN] = flow->dropped[!local];
	*ret_row = row;
}

static uint64_t bytes_of(const struct flow_row *row)
{
	return row->way[AGFEO_IN].bytes + row->way[AGFEO_OUT].bytes;
}

static int compare_bytes(const void *left, const void *right)
{
	const struct flow_row *a = left, *b = right;
	int order = memcmp(a->local.bytes, b->local.bytes, sizeof(a->local.bytes));

	if (bytes_of(a) != bytes_of(b))
		return bytes_of(a) < bytes_of(b) ? 1 : -1;
	if (order)
		return order;
	if (a->local_port != b->local_port)
		return a->local_port - b->local_port;
	return a->remote_port - b->remote_port;
}

void flows_sort(struct flow_row *rows, size_t count)
{
	if (count)
		qsort(rows, count, sizeof(*rows), compare_bytes);
}

const char *ip_protocol_format(uint8_t protocol, char *text)
{
	switch (protocol) {
	case IPPROTO_UDP:
		return strcpy(text, "udp");
	case IPPROTO_TCP:
		return strcpy(text, "tcp");
	case IPPROTO_ICMP:
		return strcpy(text, "icmp");
	case IPPROTO_ICMPV6:
		return strcpy(text, "icmpv6");
	}
	snprintf(text, 8, "%u", protocol);
	return text;
}
