/* SPDX-License-Identifier: GPL-2.0 */
/* Voice flows kept beyond their tables; see legs.h. */
#include "kernel/legs.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/calls.h"
#include "kernel/walk.h"

struct records {
	struct flow_record *items;
	size_t count, room;
};

struct legs {
	int map[2];	     /* voice4, voice6 */
	uint64_t idle_least; /* ticks that any voice flow lives after its first packet */
	uint64_t next;	     /* tick before which none can have expired */
	struct records ended;
};

/* One table in work. */
struct sweep {
	bool v6;
	bool all; /* those that live too, and none is taken out */
	uint64_t tick;
	uint64_t next;
	struct records *records;
	char *keys; /* of those to take out */
	size_t key_size, key_count, key_room;
};

/* As clock_tick() of the programs in replay, but not cut to 32 bits. */
static uint64_t tick_of(uint64_t clock_ns)
{
	return (clock_ns >> AGFEO_REPLAY_TICK_SHIFT) + 1;
}

static uint64_t shortest_idle(const struct policy *policy)
{
	uint64_t least = UINT32_MAX;

	for (size_t i = 0; i < policy->policy_count; i++) {
		const struct model_policy *model = &policy->policies[i];

		for (size_t j = 1; j < model->rule_count; j++) {
			const struct agfeo_rule *rule = &model->tables->rules[j];

			if (rule->class != AGFEO_CLASS_VOICE)
				continue;
			if (rule->idle_new < least)
				least = rule->idle_new;
			if (rule->idle < least)
				least = rule->idle;
		}
	}
	return least;
}

int legs_open(const struct policy *policy, int voice4, int voice6, struct legs **ret_legs)
{
	struct legs *legs = calloc(1, sizeof(*legs));

	if (!legs)
		return fail(-ENOMEM, "calls");
	legs->map[0] = voice4;
	legs->map[1] = voice6;
	legs->idle_least = shortest_idle(policy);
	*ret_legs = legs;
	return 0;
}

void legs_free(struct legs *legs)
{
	if (!legs)
		return;
	free(legs->ended.items);
	free(legs);
}

/* ------------------------------------------------------------------ a table */

static int records_add(struct records *records, const struct flow_record *record)
{
	if (records->count == records->room) {
		size_t room = records->room ? 2 * records->room : 64;
		struct flow_record *items = realloc(records->items, room * sizeof(*items));

		if (!items)
			return -ENOMEM;
		records->items = items;
		records->room = room;
	}
	records->items[records->count++] = *record;
	return 0;
}

static int keys_add(struct sweep *sweep, const void *key)
{
	if (sweep->key_count == sweep->key_room) {
		size_t room = sweep->key_room ? 2 * sweep->key_room : 64;
		char *keys = realloc(sweep->keys, room * sweep->key_size);

		if (!keys)
			return -ENOMEM;
		sweep->keys = keys;
		sweep->key_room = room;
	}
	memcpy(sweep->keys + sweep->key_count++ * sweep->key_size, key, sweep->key_size);
	return 0;
}

static void read_record(const struct sweep *sweep, const void *key, const void *value,
			struct flow_record *record)
{
	struct agfeo_voice_flow voice;
	struct agfeo_flow4_key key4;
	struct agfeo_flow6_key key6;

	if (sweep->v6) {
		memcpy(&key6, key, sizeof(key6));
		flow_read_key6(&key6, record);
	} else {
		memcpy(&key4, key, sizeof(key4));
		flow_read_key4(&key4, record);
	}
	memcpy(&voice, value, sizeof(voice));
	record->has_streams = true;
	record->flow = voice.flow;
	memcpy(record->stream, voice.stream, sizeof(record->stream));
}

static int visit(const void *key, const void *value, void *context)
{
	struct sweep *sweep = context;
	struct flow_record record = {.has_streams = true};
	int err;

	read_record(sweep, key, value, &record);
	if (!sweep->all && flow_is_live(&record, (uint32_t)sweep->tick)) {
		uint64_t expires = sweep->tick + record.flow.idle -
				   flow_idle(&record, (uint32_t)sweep->tick) + 1;

		if (expires < sweep->next)
			sweep->next = expires;
		return 0;
	}
	err = records_add(sweep->records, &record);
	if (!err && !sweep->all)
		err = keys_add(sweep, key);
	return err;
}

static int sweep_table(int map, struct sweep *sweep)
{
	const char *name = sweep->v6 ? "voice6" : "voice4";
	int err;

	sweep->key_size =
		sweep->v6 ? sizeof(struct agfeo_flow6_key) : sizeof(struct agfeo_flow4_key);
	err = walk_map(map, name, sweep->key_size, sizeof(struct agfeo_voice_flow), visit, sweep);
	for (size_t i = 0; !err && i < sweep->key_count; i++) {
		if (bpf_map_delete_elem(map, sweep->keys + i * sweep->key_size) && errno != ENOENT)
			err = fail(errno, "map '%s'", name);
	}
	free(sweep->keys);
	return err;
}

/* ------------------------------------------------------------------ all of them */

int legs_keep_ended(struct legs *legs, uint64_t clock_ns)
{
	uint64_t tick = tick_of(clock_ns);
	/* What opens from here on lives until then. */
	uint64_t next = tick + legs->idle_least;

	if (tick < legs->next)
		return 0;
	for (int i = 0; legs->next && i < 2; i++) {
		struct sweep sweep = {
			.v6 = i == 1,
			.tick = tick,
			.next = next,
			.records = &legs->ended,
		};
		int err = sweep_table(legs->map[i], &sweep);

		if (err)
			return err;
		next = sweep.next;
	}
	legs->next = next;
	return 0;
}

/* At the moment of its last packet: what a call was, and not how long it is over. */
static bool describe(const struct flow_record *record, const struct identities *identities,
		     struct call *ret_call)
{
	uint64_t last = agfeo_stream_last(&record->stream[0]);
	struct flow_clock clock = {.tick_ns = 1ull << AGFEO_REPLAY_TICK_SHIFT};

	if (agfeo_stream_last(&record->stream[1]) > last)
		last = agfeo_stream_last(&record->stream[1]);
	clock.now_ns = last;
	clock.tick = (uint32_t)tick_of(last);
	return call_describe(record, identities, &clock, 0, ret_call);
}

static void describe_all(const struct records *records, const struct identities *identities,
			 struct call *calls, size_t *count)
{
	for (size_t i = 0; i < records->count; i++)
		*count += describe(&records->items[i], identities, &calls[*count]);
}

int legs_calls(struct legs *legs, const struct identities *identities, struct call **ret_calls,
	       size_t *ret_count)
{
	struct records live = {.count = 0};
	struct call *calls = NULL;
	size_t count = 0;
	int err = 0;

	for (int i = 0; !err && i < 2; i++) {
		struct sweep sweep = {.v6 = i == 1, .all = true, .records = &live};

		err = sweep_table(legs->map[i], &sweep);
	}
	if (!err) {
		calls = calloc(legs->ended.count + live.count + 1, sizeof(*calls));
		err = calls ? 0 : fail(-ENOMEM, "calls");
	}
	if (!err) {
		describe_all(&legs->ended, identities, calls, &count);
		describe_all(&live, identities, calls, &count);
		calls_sort(calls, count);
		*ret_calls = calls;
		*ret_count = count;
	}
	free(live.items);
	return err;
}
