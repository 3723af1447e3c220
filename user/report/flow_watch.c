/* SPDX-License-Identifier: GPL-2.0 */
/* Flows from round to round; see flow_watch.h. */
#include "report/flow_watch.h"

#include <stdlib.h>
#include <string.h>

#define NS_PER_SECOND 1000000000ull
#define PERIOD_NS     (FLOW_PERIOD_SECONDS * NS_PER_SECOND)
#define LEAST_ROOM    256      /* a power of two */
#define SAME_NS	      10000000 /* a flow and its announcement are made within microseconds */
#define ENDING_TICKS  1	       /* the clock was read a little before the entries */
#define CLOSING_NS    (2 * NS_PER_SECOND) /* TCP that ended: what is under way still comes */

struct key {
	struct address address[2];
	uint16_t port[2];
	uint32_t protocol;
};

struct watched {
	struct key key;
	struct flow_record record; /* as last read */
	struct agfeo_event event;  /* that announced it */
	uint64_t due_ns; /* of the next periodic record; 0: it is not told as opened yet */
	uint64_t round;	 /* in which it was last seen */
	bool announced, closed;
	bool read; /* `record` is of a table, not made of the announcement */
};

/* Open addressing, at most half full. */
struct table {
	struct watched **places;
	size_t room, count;
};

struct flow_watch {
	struct table table;
	uint64_t began_ns, round, missed;
	void (*tell)(const struct flow_telling *telling, void *context);
	void *context;
};

/* ------------------------------------------------------------------ the table */

static struct key key_of(const struct flow_record *record)
{
	struct key key = {
		.address = {record->address[0], record->address[1]},
		.port = {record->port[0], record->port[1]},
		.protocol = record->protocol,
	};

	_Static_assert(sizeof(key) == 40, "no padding: it is hashed and compared as bytes");
	return key;
}

static uint64_t hash_of(const struct key *key) /* FNV-1a */
{
	const unsigned char *bytes = (const unsigned char *)key;
	uint64_t hash = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < sizeof(*key); i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ull;
	return hash ^ hash >> 32;
}

/* Where the key stands, or would. */
static struct watched **place_of(const struct table *table, const struct key *key)
{
	size_t at = hash_of(key) & (table->room - 1);

	while (table->places[at] && memcmp(&table->places[at]->key, key, sizeof(*key)) != 0)
		at = (at + 1) & (table->room - 1);
	return &table->places[at];
}

static bool resize(struct table *table, size_t room)
{
	struct table fresh = {.room = room, .count = table->count};

	fresh.places = calloc(room, sizeof(struct watched *));
	if (!fresh.places)
		return false;
	for (size_t i = 0; i < table->room; i++)
		if (table->places[i])
			*place_of(&fresh, &table->places[i]->key) = table->places[i];
	free(table->places);
	*table = fresh;
	return true;
}

/* NULL: no memory; the flow is met again in the next round. */
static struct watched *add(struct table *table, const struct flow_record *record)
{
	struct watched *watched;

	if (2 * (table->count + 1) > table->room && !resize(table, 2 * table->room))
		return NULL;
	watched = calloc(1, sizeof(*watched));
	if (!watched)
		return NULL;
	watched->key = key_of(record);
	watched->record = *record;
	*place_of(table, &watched->key) = watched;
	table->count++;
	return watched;
}

static struct watched *find(const struct table *table, const struct flow_record *record)
{
	struct key key = key_of(record);

	return *place_of(table, &key);
}

struct flow_watch *flow_watch_new(uint64_t now_ns,
				  void (*tell)(const struct flow_telling *telling, void *context),
				  void *context)
{
	struct flow_watch *watch = calloc(1, sizeof(*watch));

	if (!watch || !resize(&watch->table, LEAST_ROOM)) {
		free(watch);
		return NULL;
	}
	watch->began_ns = now_ns;
	watch->round = 1;
	watch->tell = tell;
	watch->context = context;
	return watch;
}

void flow_watch_free(struct flow_watch *watch)
{
	if (!watch)
		return;
	for (size_t i = 0; i < watch->table.room; i++)
		free(watch->table.places[i]);
	free(watch->table.places);
	free(watch);
}

/* ------------------------------------------------------------------ telling */

static void tell(struct flow_watch *watch, struct watched *watched, enum flow_news news,
		 uint64_t time_ns, bool final)
{
	struct flow_telling telling = {
		.news = news,
		.record = &watched->record,
		.time_ns = time_ns,
		.event = news == FLOW_OPENED && watched->announced ? &watched->event : NULL,
		.final = final,
	};

	watch->tell(&telling, watch->context);
}

/* The first of its records is due ten seconds after it opened, or at the next tens of them. */
static void schedule(struct watched *watched, uint64_t now_ns)
{
	uint64_t opened = watched->record.flow.opened_ns;
	uint64_t periods = now_ns > opened ? (now_ns - opened) / PERIOD_NS : 0;

	watched->due_ns = opened + (periods + 1) * PERIOD_NS;
}

static void tell_opened(struct flow_watch *watch, struct watched *watched, uint64_t now_ns)
{
	uint64_t opened = watched->record.flow.opened_ns;

	if (opened >= watch->began_ns) {
		tell(watch, watched, FLOW_OPENED, opened, false);
		watched->due_ns = opened + PERIOD_NS;
	} else {
		schedule(watched, now_ns);
	}
}

static void tell_closed(struct flow_watch *watch, struct watched *watched, uint64_t now_ns,
			bool final)
{
	if (!watched->closed && watched->due_ns)
		tell(watch, watched, FLOW_CLOSED, now_ns, final);
	watched->closed = true;
}

static void tell_periodic(struct flow_watch *watch, struct watched *watched, uint64_t now_ns)
{
	if (now_ns < watched->due_ns)
		return;
	watch->missed += (now_ns - watched->due_ns) / PERIOD_NS;
	tell(watch, watched, FLOW_PERIODIC, now_ns, false);
	schedule(watched, now_ns);
}

/* ------------------------------------------------------------------ what comes in */

static bool is_over(const struct flow_record *record, const struct flow_clock *clock)
{
	uint32_t idle = flow_idle(record, clock->tick);

	if (idle > record->flow.idle + ENDING_TICKS)
		return true;
	return record->flow.flags & AGFEO_FLOW_CLOSING && idle * clock->tick_ns >= CLOSING_NS;
}

/* The same two ends once more: what stood there is over. */
static void begin_anew(struct flow_watch *watch, struct watched *watched,
		       const struct flow_record *record, uint64_t now_ns)
{
	tell_closed(watch, watched, now_ns, false);
	watched->record = *record;
	watched->announced = watched->closed = watched->read = false;
	watched->due_ns = 0;
}

static bool is_newer(const struct flow_record *record, const struct watched *watched)
{
	uint64_t known = watched->record.flow.opened_ns;

	/* What was only announced has the time of the announcement. */
	return record->flow.opened_ns > known + (watched->read ? 0 : SAME_NS);
}

static struct flow_record record_of(const struct agfeo_event *event, uint32_t tick)
{
	struct flow_record record = {.protocol = event->protocol};
	struct address source, destination;
	unsigned from;

	memcpy(source.bytes, event->source, sizeof(source.bytes));
	memcpy(destination.bytes, event->destination, sizeof(destination.bytes));
	from = flow_place_ends(&record, &source, event->source_port, &destination,
			       event->destination_port);
	record.flow.opened_ns = event->time_ns;
	record.flow.class = event->class;
	record.flow.mark = AGFEO_KEEP;
	record.flow.flags = from ? AGFEO_FLOW_OPENER1 : 0;
	for (unsigned end = 0; end < 2; end++) {
		record.flow.device[from ^ end] = event->device[end];
		record.flow.counter[from ^ end] = event->counter[end];
	}
	record.flow.direction[from] = (struct agfeo_flow_direction){
		.packets = 1,
		.bytes = event->length,
		.seen = tick ? tick : 1,
		.dscp_in = event->dscp_in,
		.dscp_out = event->dscp_out,
	};
	return record;
}

void flow_watch_announce(struct flow_watch *watch, const struct agfeo_event *event, uint32_t tick)
{
	struct flow_record record = record_of(event, tick);
	struct watched *watched = find(&watch->table, &record);

	if (watched && watched->due_ns) {
		if (event->time_ns < watched->record.flow.opened_ns + SAME_NS)
			return; /* told already */
		begin_anew(watch, watched, &record, event->time_ns);
	} else if (!watched) {
		watched = add(&watch->table, &record);
	}
	if (!watched)
		return;
	watched->event = *event;
	watched->announced = true;
	watched->round = watch->round;
	tell_opened(watch, watched, event->time_ns);
}

void flow_watch_take(struct flow_watch *watch, const struct flow_record *record,
		     const struct flow_clock *clock)
{
	struct watched *watched;

	if (flow_is_expectation(record))
		return;
	watched = find(&watch->table, record);
	if (!watched && is_over(record, clock))
		return;
	if (!watched)
		watched = add(&watch->table, record);
	else if (is_newer(record, watched))
		begin_anew(watch, watched, record, clock->now_ns);
	if (!watched)
		return;
	watched->record = *record;
	watched->read = true;
	watched->round = watch->round;
	if (is_over(record, clock))
		tell_closed(watch, watched, clock->now_ns, true);
	else if (watched->due_ns && !watched->closed)
		tell_periodic(watch, watched, clock->now_ns);
}

/* Without memory: holes in the chains would be worse than to begin anew. */
static void forget_all(struct table *table)
{
	for (size_t i = 0; i < table->room; i++) {
		free(table->places[i]);
		table->places[i] = NULL;
	}
	table->count = 0;
}

/* What the tables did not have any more is told and forgotten. */
void flow_watch_end_round(struct flow_watch *watch, const struct flow_clock *clock)
{
	struct table *table = &watch->table;
	size_t room = LEAST_ROOM;

	for (size_t i = 0; i < table->room; i++) {
		struct watched *watched = table->places[i];

		if (!watched)
			continue;
		if (!watched->due_ns)
			tell_opened(watch, watched, clock->now_ns);
		if (watched->round == watch->round)
			continue;
		tell_closed(watch, watched, clock->now_ns, false);
		table->places[i] = NULL;
		table->count--;
		free(watched);
	}
	while (room < 2 * (table->count + 1))
		room *= 2;
	if (!resize(table, room))
		forget_all(table);
	watch->round++;
}

uint64_t flow_watch_missed(struct flow_watch *watch)
{
	uint64_t missed = watch->missed;

	watch->missed = 0;
	return missed;
}
