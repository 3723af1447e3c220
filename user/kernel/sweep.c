/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Expired entries; see sweep.h. A flow is taken out when it was silent for twice the time that it
 * may be, so that it has been dead for the datapath for long. A packet may still open it anew
 * between our reading and our deleting: where the kernel can (5.14), the entry is taken out and
 * read in one step, and put back if it turns out to be fresh; else it is read once more right
 * before, which leaves microseconds in which a flow that has just begun is lost and begins again.
 */
#include "kernel/sweep.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/flow_cache.h"
#include "kernel/pins.h"
#include "kernel/walk.h"

#define MOST_A_TABLE 16384 /* entries that one sweep takes out of a table */
#define FRESH_TICKS  1024  /* about a minute: what no bound is known of stays so long */

struct sweep;

struct table {
	const char *name;
	size_t key, value;
	bool v6, voice, flows;
	bool (*is_dead)(const struct sweep *sweep, const void *key, const void *value);
	size_t counter; /* offset in struct swept */
};

/* One table in work. */
struct sweep {
	const struct table *table;
	const struct sweep_request *request;
	const struct flow_cache *cache;
	struct swept *swept;
	int map;
	char *keys; /* of what seemed dead */
	size_t count, room;
};

/* ------------------------------------------------------------------ what is dead */

/* A packet may have passed after the clock was read: that is now, not an eternity ago. */
static uint32_t ticks_since(uint32_t then, uint32_t now)
{
	int32_t since = (int32_t)(now - then);

	return since > 0 ? (uint32_t)since : 0;
}

static bool is_unobserved(const struct agfeo_voice_flow *voice, uint64_t observed_ns)
{
	return agfeo_stream_last(&voice->stream[0]) >= observed_ns ||
	       agfeo_stream_last(&voice->stream[1]) >= observed_ns;
}

/* As it was when it was seen last: what the cache knows of it is added. */
static void read_flow(const struct sweep *sweep, const void *key, const void *value,
		      struct agfeo_voice_flow *ret_flow)
{
	const struct table *table = sweep->table;
	struct agfeo_flow4_key key4;

	memcpy(ret_flow, value, table->value);
	if (table->v6)
		return;
	memcpy(&key4, key, sizeof(key4));
	flow_cache_complete(sweep->cache, &key4, &ret_flow->flow,
			    table->voice ? ret_flow->stream : NULL);
}

static bool flow_is_dead(const struct sweep *sweep, const void *key, const void *value)
{
	struct agfeo_voice_flow entry = {.flow.idle = 0};
	uint32_t tick = sweep->request->clock->tick;

	read_flow(sweep, key, value, &entry);
	for (int i = 0; i < 2; i++) {
		uint32_t seen = entry.flow.direction[i].seen;

		if (seen && ticks_since(seen, tick) / 2 <= entry.flow.idle)
			return false;
	}
	return !sweep->table->voice || !is_unobserved(&entry, sweep->request->observed_ns);
}

static bool fragment_is_dead(const struct sweep *sweep, const void *key, const void *value)
{
	struct agfeo_fragment fragment;

	(void)key;
	memcpy(&fragment, value, sizeof(fragment));
	return ticks_since(fragment.seen, sweep->request->clock->tick) / 2 >
	       sweep->request->settings->idle_fragment;
}

/* A full bucket is what a source without one gets. */
static bool source_is_dead(const struct sweep *sweep, const void *key, const void *value)
{
	const struct agfeo_settings *settings = sweep->request->settings;
	uint64_t filling = settings->rate ? 1024ull * settings->burst / settings->rate : 0;
	struct agfeo_bucket bucket;

	(void)key;
	memcpy(&bucket, value, sizeof(bucket));
	return ticks_since(bucket.filled, sweep->request->clock->tick) > filling + FRESH_TICKS;
}

/* ------------------------------------------------------------------ one table */

static void sweep_release(struct sweep *sweep)
{
	free(sweep->keys);
	closep(&sweep->map);
}

static int note_dead(const void *key, const void *value, void *context)
{
	struct sweep *sweep = context;
	size_t size = sweep->table->key;

	if (!sweep->table->is_dead(sweep, key, value))
		return 0;
	if (sweep->count == MOST_A_TABLE) {
		sweep->swept->more = true;
		return 1;
	}
	if (sweep->count == sweep->room) {
		size_t room = sweep->room ? 2 * sweep->room : 256;
		char *keys = realloc(sweep->keys, room * size);

		if (!keys)
			return -ENOMEM;
		sweep->keys = keys;
		sweep->room = room;
	}
	memcpy(sweep->keys + sweep->count++ * size, key, size);
	return 0;
}

static bool lacks_taking(int error)
{
	return error == EINVAL || error == EOPNOTSUPP || error == 524; /* ENOTSUPP */
}

/* Takes the entry out; false: it is gone, or lives. */
static bool take_out(const struct sweep *sweep, const void *key, void *value)
{
	const struct table *table = sweep->table;

	if (!bpf_map_lookup_and_delete_elem(sweep->map, key, value)) {
		if (table->is_dead(sweep, key, value))
			return true;
		/* Begun anew by now: what began once more meanwhile is newer than ours. */
		bpf_map_update_elem(sweep->map, key, value, BPF_NOEXIST);
		return false;
	}
	if (!lacks_taking(errno) || bpf_map_lookup_elem(sweep->map, key, value) ||
	    !table->is_dead(sweep, key, value))
		return false;
	return !bpf_map_delete_elem(sweep->map, key);
}

static void tell_end(const struct sweep *sweep, const void *key, const void *value)
{
	const struct table *table = sweep->table;
	struct flow_record record = {.has_streams = table->voice};
	struct agfeo_voice_flow flow = {.flow.idle = 0};

	if (!table->flows || !sweep->request->ended)
		return;
	if (table->v6)
		flow_read_key6(key, &record);
	else
		flow_read_key4(key, &record);
	read_flow(sweep, key, value, &flow);
	record.flow = flow.flow;
	memcpy(record.stream, flow.stream, sizeof(record.stream));
	if (!flow_is_expectation(&record))
		sweep->request->ended(&record, sweep->request->context);
}

static void delete_dead(const struct sweep *sweep)
{
	struct agfeo_voice_flow value; /* the largest */
	uint64_t *counter = (uint64_t *)((char *)sweep->swept + sweep->table->counter);
	struct agfeo_flow6_key key;

	for (size_t i = 0; i < sweep->count; i++) {
		memcpy(&key, sweep->keys + i * sweep->table->key, sweep->table->key);
		if (!take_out(sweep, &key, &value))
			continue;
		(*counter)++;
		tell_end(sweep, &key, &value);
	}
}

static int sweep_table(const struct table *table, const struct sweep_request *request,
		       const struct flow_cache *cache, struct swept *swept)
{
	_cleanup_(sweep_release) struct sweep sweep = {
		.table = table, .request = request, .cache = cache, .swept = swept, .map = -1};
	int err = pins_open_map(request->pin, table->name, &sweep.map);

	if (!err)
		err = walk_map(sweep.map, table->name, table->key, table->value, note_dead, &sweep);
	if (err < 0)
		return err;
	delete_dead(&sweep);
	return 0;
}

/* ------------------------------------------------------------------ all of them */

/* clang-format off */
#define KEY4 sizeof(struct agfeo_flow4_key)
#define KEY6 sizeof(struct agfeo_flow6_key)
#define FLOW sizeof(struct agfeo_flow)
#define CALL sizeof(struct agfeo_voice_flow)
#define COUNTED(what) offsetof(struct swept, what)

static const struct table tables[] = {
	{"voice4",      KEY4, CALL, false, true,  true, flow_is_dead, COUNTED(flows)},
	{"voice6",      KEY6, CALL, true,  true,  true, flow_is_dead, COUNTED(flows)},
	{"signalling4", KEY4, FLOW, false, false, true, flow_is_dead, COUNTED(flows)},
	{"signalling6", KEY6, FLOW, true,  false, true, flow_is_dead, COUNTED(flows)},
	{"others4",     KEY4, FLOW, false, false, true, flow_is_dead, COUNTED(flows)},
	{"others6",     KEY6, FLOW, true,  false, true, flow_is_dead, COUNTED(flows)},
	{"fragments4",  sizeof(struct agfeo_fragment4_key), sizeof(struct agfeo_fragment),
	 false, false, false, fragment_is_dead, COUNTED(fragments)},
	{"fragments6",  sizeof(struct agfeo_fragment6_key), sizeof(struct agfeo_fragment),
	 true, false, false, fragment_is_dead, COUNTED(fragments)},
	{"sources4",    sizeof(__u32), sizeof(struct agfeo_bucket),
	 false, false, false, source_is_dead, COUNTED(sources)},
	{"sources6",    16, sizeof(struct agfeo_bucket),
	 true, false, false, source_is_dead, COUNTED(sources)},
};
/* clang-format on */

int sweep_tables(const struct sweep_request *request, struct swept *ret_swept)
{
	_cleanup_(flow_cache_close) struct flow_cache cache = {.index = NULL};
	int err = flow_cache_open(request->pin, &cache);

	for (size_t i = 0; !err && i < ARRAY_SIZE(tables); i++)
		err = sweep_table(&tables[i], request, &cache, ret_swept);
	return err;
}
