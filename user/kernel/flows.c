/* SPDX-License-Identifier: GPL-2.0 */
/* The flow tables, read; see flows.h. */
#include "kernel/flows.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/printable.h"
#include "base/rows.h"
#include "kernel/calls.h"
#include "kernel/flow_cache.h"
#include "kernel/pins.h"
#include "kernel/walk.h"

/* In the order of table_shapes. */
const char *const flow_tables[FLOW_TABLES] = {"voice4",	     "voice6",	"signalling4",
					      "signalling6", "others4", "others6"};

static const struct {
	size_t key, value;
} table_shapes[FLOW_TABLES] = {
	{sizeof(struct agfeo_flow4_key), sizeof(struct agfeo_voice_flow)},
	{sizeof(struct agfeo_flow6_key), sizeof(struct agfeo_voice_flow)},
	{sizeof(struct agfeo_flow4_key), sizeof(struct agfeo_flow)},
	{sizeof(struct agfeo_flow6_key), sizeof(struct agfeo_flow)},
	{sizeof(struct agfeo_flow4_key), sizeof(struct agfeo_flow)},
	{sizeof(struct agfeo_flow6_key), sizeof(struct agfeo_flow)},
};

#define READ_TRIES 4 /* of a flow whose loans end while it is read */

struct visit {
	bool v6;
	bool voice;
	uint8_t table;
	int map;
	const struct flow_cache *cache;
	int (*callback)(const struct flow_record *record, void *context);
	void *context;
};

static void take_value(const void *value, struct flow_record *record)
{
	memcpy(&record->flow, value, sizeof(record->flow));
	if (record->has_streams)
		memcpy(record->stream,
		       (const char *)value + offsetof(struct agfeo_voice_flow, stream),
		       sizeof(record->stream));
}

/* Whether nothing was given back between two looks at an entry. */
static bool same_loan(const struct agfeo_cached *before, const struct agfeo_cached *after)
{
	return before->generation == after->generation && before->until == after->until &&
	       before->packets <= after->packets;
}

/* Adds what the cache holds. Where it holds anything, the flow is read once more between two looks at
 * that: what is given back meanwhile would count twice, or not at all. */
static void complete(const struct visit *visit, const struct agfeo_flow4_key *key,
		     struct flow_record *record)
{
	struct agfeo_cached before[2], after[2];
	struct agfeo_voice_flow value; /* the largest */

	flow_cache_entries(visit->cache, key, after);
	for (int i = 0; (after[0].addresses || after[1].addresses) && i < READ_TRIES; i++) {
		memcpy(before, after, sizeof(before));
		if (bpf_map_lookup_elem(visit->map, key, &value))
			break;
		take_value(&value, record);
		flow_cache_entries(visit->cache, key, after);
		if (same_loan(&before[0], &after[0]) && same_loan(&before[1], &after[1]))
			break;
	}
	flow_cache_add(after, &record->flow, record->has_streams ? record->stream : NULL);
}

static int visit_entry(const void *key, const void *value, void *context)
{
	const struct visit *visit = context;
	struct flow_record record = {.has_streams = visit->voice, .table = visit->table};

	take_value(value, &record);
	if (visit->v6) {
		struct agfeo_flow6_key key6;

		memcpy(&key6, key, sizeof(key6));
		flow_read_key6(&key6, &record);
	} else {
		struct agfeo_flow4_key key4;

		memcpy(&key4, key, sizeof(key4));
		flow_read_key4(&key4, &record);
		complete(visit, &key4, &record);
	}
	return visit->callback(&record, visit->context);
}

int flows_each(const char *pin, int (*callback)(const struct flow_record *record, void *context),
	       void *context)
{
	_cleanup_(flow_cache_close) struct flow_cache cache = {.index = NULL};
	int err = flow_cache_open(pin, &cache);

	for (int i = 0; !err && i < FLOW_TABLES; i++) {
		_cleanup_(closep) int map = -1;
		struct visit visit = {
			.v6 = table_shapes[i].key == sizeof(struct agfeo_flow6_key),
			.voice = table_shapes[i].value == sizeof(struct agfeo_voice_flow),
			.table = (uint8_t)i,
			.cache = &cache,
			.callback = callback,
			.context = context,
		};

		err = pins_open_map(pin, flow_tables[i], &map);
		visit.map = map;
		if (!err)
			err = walk_map(map, flow_tables[i], table_shapes[i].key,
				       table_shapes[i].value, visit_entry, &visit);
	}
	return err;
}

int flow_put(int map, const struct flow_record *record)
{
	const struct agfeo_flow4_key key4 = flow_key4(record);
	const struct agfeo_flow6_key key6 = flow_key6(record);
	struct agfeo_voice_flow value;

	memset(&value, 0, sizeof(value));
	value.flow = record->flow;
	memcpy(value.stream, record->stream, sizeof(value.stream));
	/* A flow is how a voice flow begins. */
	if (bpf_map_update_elem(
		    map,
		    table_shapes[record->table].key == sizeof(key6) ? (const void *)&key6 : &key4,
		    &value, BPF_NOEXIST))
		return -errno;
	return 0;
}

int flows_clock(const char *pin, const struct agfeo_meta *meta, struct flow_clock *ret_clock)
{
	struct timespec now;
	uint32_t tick;
	int err = clock_tick(pin, &tick);

	if (err)
		return err;
	clock_gettime(CLOCK_MONOTONIC, &now);
	*ret_clock = (struct flow_clock){
		.tick = tick,
		.tick_ns = meta->tick_ns,
		.now_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec,
	};
	return 0;
}

/* ------------------------------------------------------------------ names */

/* Rows of an array map, by id; each id is below the capacity. */
struct rows {
	char *rows;
	size_t size;
	size_t count;
};

static int keep_row(const void *key, const void *value, void *context)
{
	struct rows *rows = context;
	uint32_t id;

	memcpy(&id, key, sizeof(id));
	if (id < rows->count)
		memcpy(rows->rows + id * rows->size, value, rows->size);
	return 0;
}

static int read_rows(const char *pin, const char *name, size_t size, void *ret_rows,
		     size_t *ret_count)
{
	_cleanup_(closep) int map = -1;
	_cleanup_(freep) char *memory = NULL;
	struct rows rows = {.size = size};
	uint64_t entries;
	int err = pins_open_map(pin, name, &map);

	if (err)
		return err;
	err = walk_capacity(map, &entries);
	if (err)
		return fail(err, "map '%s'", name);
	memory = calloc(entries, size);
	if (!memory)
		return fail(-ENOMEM, "map '%s'", name);
	rows.rows = memory;
	rows.count = entries;
	err = walk_map(map, name, sizeof(uint32_t), size, keep_row, &rows);
	if (err)
		return err;
	memory = NULL;
	memcpy(ret_rows, &rows.rows, sizeof(rows.rows));
	*ret_count = rows.count;
	return 0;
}

static void end_name(char name[AGFEO_NAME_SIZE])
{
	name[AGFEO_NAME_SIZE - 1] = '\0';
	printable_text(name);
}

/* What stands in a pinned map need not be what a loader wrote: each name must end somewhere, and fit
 * for a terminal. */
static void end_names(struct identities *identities)
{
	for (size_t i = 0; i < identities->device_count; i++) {
		end_name(identities->devices[i].name);
		end_name(identities->devices[i].model);
	}
	for (size_t i = 0; i < identities->counter_count; i++)
		end_name(identities->counters[i].service);
}

int identities_read(const char *pin, struct identities **ret_identities)
{
	_cleanup_(identities_freep) struct identities *identities = calloc(1, sizeof(*identities));
	int err;

	if (!identities)
		return fail(-ENOMEM, "names");
	err = read_rows(pin, "device_names", sizeof(*identities->devices), &identities->devices,
			&identities->device_count);
	if (!err)
		err = read_rows(pin, "counter_names", sizeof(*identities->counters),
				&identities->counters, &identities->counter_count);
	if (err)
		return err;
	end_names(identities);
	*ret_identities = take_ptr(identities);
	return 0;
}

/* ------------------------------------------------------------------ rows */

struct gathering {
	const struct identities *identities;
	struct flow_clock clock;
	struct flow_list list;
	size_t room, call_count, call_room;
};

static int add_call(struct gathering *all, const struct flow_record *record, struct flow_row *row)
{
	struct call *call;

	if (rows_make_room(&all->list.calls, all->call_count, &all->call_room, sizeof(*call)))
		return fail(-ENOMEM, "flows");
	call = &all->list.calls[all->call_count++];
	*call = (struct call){0};
	call_streams(record, row, call);
	row->call = all->call_count;
	return 0;
}

static int gather(const struct flow_record *record, void *context)
{
	struct gathering *all = context;
	struct flow_row *row;

	if (flow_is_expectation(record) || !flow_is_live(record, all->clock.tick))
		return 0;
	if (rows_make_room(&all->list.rows, all->list.count, &all->room, sizeof(*row)))
		return fail(-ENOMEM, "flows");
	row = &all->list.rows[all->list.count++];
	flow_describe(record, all->identities, &all->clock, row);
	return record->has_streams ? add_call(all, record, row) : 0;
}

void flow_list_release(struct flow_list *list)
{
	free(list->rows);
	free(list->calls);
}

int flows_read(const char *pin, const struct agfeo_meta *meta, const struct identities *identities,
	       struct flow_list *ret_list)
{
	struct gathering all = {.identities = identities};
	int err = flows_clock(pin, meta, &all.clock);

	if (!err)
		err = flows_each(pin, gather, &all);
	if (err) {
		flow_list_release(&all.list);
		return err;
	}
	flows_sort(all.list.rows, all.list.count);
	*ret_list = all.list;
	return 0;
}
