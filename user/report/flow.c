/* SPDX-License-Identifier: GPL-2.0 */
/* From a flow table's entry to what a person reads; see flow.h. */
#include "report/flow.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

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

static bool is_unspecified(const struct address *address)
{
	static const struct address any6;
	struct address any4 = address_from_v4(0);

	return address_equal(address, &any6) || address_equal(address, &any4);
}

bool flow_is_expectation(const struct flow_record *record)
{
	return record->protocol == IPPROTO_UDP &&
	       (!record->port[0] || !record->port[1] || is_unspecified(&record->address[0]) ||
		is_unspecified(&record->address[1]));
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
