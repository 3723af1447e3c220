/* SPDX-License-Identifier: GPL-2.0 */
/* Lists of what was seen, each with its life; see state.h. */
#include "state.h"

#include <stdlib.h>
#include <string.h>

#define FRAGMENT_SECONDS 30
#define SEARCH_SECONDS	 30
#define FLOW_TOKENS	 1024
#define BURST_SECONDS	 4 /* a full budget holds the new flows of so many seconds */

static void *remember(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		abort();
	return memory;
}

/* Rounded up: what must live a second may not die within it. */
uint64_t ticks_of_seconds(unsigned seconds)
{
	return (seconds * 1000000000ull + REFERENCE_TICK_NS - 1) / REFERENCE_TICK_NS;
}

/* ------------------------------------------------------------------ flows */

struct wire_tuple tuple_reversed(const struct wire_tuple *tuple)
{
	struct wire_tuple reversed = *tuple;

	reversed.source = tuple->destination;
	reversed.source_port = tuple->destination_port;
	reversed.destination = tuple->source;
	reversed.destination_port = tuple->source_port;
	return reversed;
}

static bool tuple_equal(const struct wire_tuple *a, const struct wire_tuple *b)
{
	return a->family == b->family && a->protocol == b->protocol &&
	       address_equal(&a->source, &b->source) && a->source_port == b->source_port &&
	       address_equal(&a->destination, &b->destination) &&
	       a->destination_port == b->destination_port;
}

static bool same_ends(const struct flow *flow, const struct wire_tuple *tuple)
{
	struct wire_tuple reversed = tuple_reversed(tuple);

	return tuple_equal(&flow->opened, tuple) || tuple_equal(&flow->opened, &reversed);
}

static uint64_t idle_of(const struct flow *flow)
{
	if (flow->opened.protocol == PROTOCOL_TCP)
		return flow->established && !flow->closing ? flow->idle : flow->idle_new;
	return flow->has_sent[OPENER] && flow->has_sent[RESPONDER] ? flow->idle : flow->idle_new;
}

static void flow_forget(struct reference *reference, const struct wire_tuple *tuple)
{
	for (struct flow **at = &reference->flows; *at; at = &(*at)->after) {
		struct flow *flow = *at;

		if (!same_ends(flow, tuple))
			continue;
		*at = flow->after;
		free(flow);
		return;
	}
}

bool reference_flow_is_live(const struct reference *reference, const struct flow *flow)
{
	return reference->now - flow->seen <= idle_of(flow);
}

struct flow *flow_find(struct reference *reference, const struct wire_tuple *tuple)
{
	for (struct flow *flow = reference->flows; flow; flow = flow->after) {
		if (!same_ends(flow, tuple))
			continue;
		if (reference_flow_is_live(reference, flow))
			return flow;
		flow_forget(reference, tuple);
		return NULL;
	}
	return NULL;
}

enum flow_end flow_sender(const struct flow *flow, const struct wire_tuple *tuple)
{
	return tuple_equal(&flow->opened, tuple) ? OPENER : RESPONDER;
}

struct flow *flow_open(struct reference *reference, const struct wire_tuple *opened)
{
	struct flow *flow;

	flow_forget(reference, opened);
	flow = remember(sizeof(*flow));
	flow->opened = *opened;
	flow->generation = reference->generation;
	flow->seen = reference->now;
	flow->after = reference->flows;
	reference->flows = flow;
	return flow;
}

void flow_close(struct reference *reference, struct flow *flow)
{
	struct wire_tuple opened = flow->opened;

	flow_forget(reference, &opened);
}

void flow_saw(struct reference *reference, struct flow *flow, enum flow_end sender)
{
	flow->has_sent[sender] = true;
	flow->seen = reference->now;
	if (sender == OPENER)
		flow->asked = reference->now;
}

/* ------------------------------------------------------------------ fragments */

struct fragment *fragment_find(struct reference *reference, const struct wire *wire)
{
	for (struct fragment *known = reference->fragments; known; known = known->after) {
		if (known->family != wire->tuple.family || known->id != wire->fragment_id ||
		    known->protocol != wire->fragment_protocol ||
		    !address_equal(&known->source, &wire->tuple.source) ||
		    !address_equal(&known->destination, &wire->tuple.destination))
			continue;
		if (reference->now - known->seen <= ticks_of_seconds(FRAGMENT_SECONDS))
			return known;
	}
	return NULL;
}

void fragment_remember(struct reference *reference, const struct wire *wire,
		       const struct marking *marking)
{
	struct fragment *known = fragment_find(reference, wire);

	if (!known) {
		known = remember(sizeof(*known));
		known->family = wire->tuple.family;
		known->source = wire->tuple.source;
		known->destination = wire->tuple.destination;
		known->id = wire->fragment_id;
		known->protocol = wire->fragment_protocol;
		known->after = reference->fragments;
		reference->fragments = known;
	}
	known->seen = reference->now;
	known->marking = *marking;
}

/* ------------------------------------------------------------------ searches */

void search_remember(struct reference *reference, const struct wire_tuple *tuple)
{
	struct search *search = remember(sizeof(*search));

	search->tuple = *tuple;
	search->seen = reference->now;
	search->after = reference->searches;
	reference->searches = search;
}

bool search_find(struct reference *reference, const struct wire_tuple *answer)
{
	for (struct search *search = reference->searches; search; search = search->after)
		if (search->tuple.family == answer->family &&
		    search->tuple.source_port == answer->destination_port &&
		    search->tuple.destination_port == answer->source_port &&
		    address_equal(&search->tuple.source, &answer->destination) &&
		    reference->now - search->seen <= ticks_of_seconds(SEARCH_SECONDS))
			return true;
	return false;
}

/* ------------------------------------------------------------------ budgets */

static bool bucket_has(struct bucket *bucket, uint64_t now, unsigned flows_per_second)
{
	uint64_t full = (uint64_t)BURST_SECONDS * flows_per_second * FLOW_TOKENS;
	uint64_t per_tick = flows_per_second * 1024ull * REFERENCE_TICK_NS / 1000000000;

	bucket->tokens += (now - bucket->filled) * per_tick;
	if (bucket->tokens > full)
		bucket->tokens = full;
	bucket->filled = now;
	return bucket->tokens >= FLOW_TOKENS;
}

static struct bucket *bucket_of(struct reference *reference, const struct wire_tuple *opened)
{
	struct bucket *bucket;

	for (bucket = reference->buckets; bucket; bucket = bucket->after)
		if (bucket->family == opened->family &&
		    address_equal(&bucket->source, &opened->source))
			return bucket;
	bucket = remember(sizeof(*bucket));
	bucket->family = opened->family;
	bucket->source = opened->source;
	bucket->tokens = BUCKET_FULL;
	bucket->after = reference->buckets;
	reference->buckets = bucket;
	return bucket;
}

static bool is_stranger(const struct reference *reference, const struct wire_tuple *opened)
{
	const struct listed_site *site = reference->site;

	return !listed_find(site, opened->family, &opened->source) &&
	       (reference->beyond || !listed_is_site(site, opened->family, &opened->source)) &&
	       !listed_is_provider(site, opened->family, &opened->source);
}

/* Everybody has a budget, and all strangers together another. What the first refuses costs the
 * other nothing: one who floods takes no more than its share. */
bool budget_take(struct reference *reference, const struct wire_tuple *opened)
{
	bool stranger = is_stranger(reference, opened);
	unsigned limit = reference->site->site->new_flows;
	struct bucket *own;

	if (!limit)
		return true;
	own = bucket_of(reference, opened);
	if (!bucket_has(own, reference->now, limit) ||
	    (stranger && !bucket_has(&reference->strangers, reference->now, 2 * limit)))
		return false;
	own->tokens -= FLOW_TOKENS;
	if (stranger)
		reference->strangers.tokens -= FLOW_TOKENS;
	return true;
}

/* ------------------------------------------------------------------ the rest */

void cloud_remember(struct reference *reference, const struct address *address, unsigned hosts)
{
	struct cloud_address *cloud = remember(sizeof(*cloud));

	cloud->address = *address;
	cloud->hosts = hosts;
	cloud->after = reference->cloud;
	reference->cloud = cloud;
}

unsigned cloud_hosts_of(const struct reference *reference, const struct address *address)
{
	for (const struct cloud_address *cloud = reference->cloud; cloud; cloud = cloud->after)
		if (address_equal(&cloud->address, address))
			return cloud->hosts;
	return 0;
}

#define FREE_LIST(list)                                                                            \
	while (list) {                                                                             \
		void *first_ = list;                                                               \
		(list) = (list)->after;                                                            \
		free(first_);                                                                      \
	}

void state_free(struct reference *reference)
{
	FREE_LIST(reference->flows);
	FREE_LIST(reference->fragments);
	FREE_LIST(reference->searches);
	FREE_LIST(reference->buckets);
	FREE_LIST(reference->cloud);
}
