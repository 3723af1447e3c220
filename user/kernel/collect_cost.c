/* SPDX-License-Identifier: GPL-2.0 */
/* What the programs cost and how full the maps are; see collect.h. */
#include <bpf/bpf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/collect.h"
#include "kernel/pins.h"
#include "kernel/walk.h"

struct cost {
	const char *pin;
	struct snapshot *snapshot;
	uint32_t bank;
};

/* Names of pins that are no map of ours would be cut: they are not ours. */
static void copy_name(char to[32], const char *name)
{
	snprintf(to, 32, "%s", name);
}

/* One more of `size` bytes, all zero, behind `count` rows. */
static void *append(void *rows, size_t count, size_t size)
{
	void *old, *fresh;

	memcpy(&old, rows, sizeof(old));
	fresh = realloc(old, (count + 1) * size);
	if (!fresh)
		return NULL;
	memcpy(rows, &fresh, sizeof(fresh));
	return memset((char *)fresh + count * size, 0, size);
}

/* ------------------------------------------------------------------ programs */

static int add_program(const char *name, void *context)
{
	struct cost *cost = context;
	struct snapshot *snapshot = cost->snapshot;
	_cleanup_(closep) int program = -1;
	struct program_state *row;
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);
	int err = pins_open_program(cost->pin, name, &program);

	if (err)
		return err;
	if (bpf_obj_get_info_by_fd(program, &info, &length))
		return fail(errno, "program '%s'", name);
	row = append(&snapshot->programs, snapshot->program_count, sizeof(*row));
	if (!row)
		return fail(-ENOMEM, "program '%s'", name);
	snapshot->program_count++;
	copy_name(row->name, name);
	row->id = info.id;
	row->verified_instructions = info.verified_insns;
	row->jited_bytes = info.jited_prog_len;
	row->run_ns = info.run_time_ns;
	row->run_count = info.run_cnt;
	return 0;
}

/* ------------------------------------------------------------------ maps */

/* What the kernel charges for it, as /proc tells of a descriptor. */
static uint64_t memory_of(int map)
{
	char path[64], line[128];
	uint64_t bytes = 0;
	_cleanup_(fclosep) FILE *info = NULL;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", map);
	info = fopen(path, "re");
	while (info && fgets(line, sizeof(line), info))
		if (sscanf(line, "memlock: %" SCNu64, &bytes) == 1)
			break;
	return bytes;
}

static bool is_array(uint32_t type)
{
	return type == BPF_MAP_TYPE_ARRAY || type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

static bool holds_maps(uint32_t type)
{
	return type == BPF_MAP_TYPE_ARRAY_OF_MAPS || type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

/* Of the maps inside: all of their memory, and the fill of those that rule. */
static int add_inner(const struct cost *cost, int map, const struct bpf_map_info *outer,
		     struct map_state *row)
{
	uint32_t each = outer->max_entries / AGFEO_BANKS; /* inner maps a bank */

	for (__u32 at = 0; at < outer->max_entries; at++) {
		_cleanup_(closep) int inner = -1;
		struct bpf_map_info info = {};
		__u32 length = sizeof(info), id;
		uint64_t entries = 0;

		if (bpf_map_lookup_elem(map, &at, &id))
			continue;
		inner = bpf_map_get_fd_by_id(id);
		if (inner < 0 || bpf_obj_get_info_by_fd(inner, &info, &length))
			continue; /* replaced meanwhile by a load */
		row->memory_bytes += memory_of(inner);
		if (at / each != cost->bank)
			continue;
		if (is_array(info.type))
			entries = 1; /* a policy's tables: one map each */
		else if (walk_count(inner, &entries))
			continue;
		row->entries += entries;
		if (!is_array(info.type))
			row->capacity += info.max_entries;
	}
	if (!row->capacity)
		row->capacity = each;
	return 0;
}

struct naming {
	size_t offset; /* of the name in the value */
	uint64_t count;
};

static int count_name(const void *key, const void *value, void *context)
{
	struct naming *naming = context;

	(void)key;
	naming->count += ((const char *)value)[naming->offset] != '\0';
	return 0;
}

/* Ids in use: what fills the tables of counters. */
static int count_names(int map, const char *name, struct map_state *row)
{
	bool devices = !strcmp(name, "device_names");
	struct naming naming = {.offset = devices ? offsetof(struct agfeo_device_name, name)
						  : offsetof(struct agfeo_counter_name, service)};
	int err = walk_map(map, name, sizeof(uint32_t),
			   devices ? sizeof(struct agfeo_device_name)
				   : sizeof(struct agfeo_counter_name),
			   count_name, &naming);

	row->entries = naming.count;
	return err;
}

static int fill_of(const struct cost *cost, int map, const struct bpf_map_info *info,
		   const char *name, struct map_state *row)
{
	int err;

	if (holds_maps(info->type)) {
		row->fixed = true; /* each load makes the inner ones as large as the policy needs */
		return add_inner(cost, map, info, row);
	}
	row->capacity = info->max_entries;
	if (!strcmp(name, "device_names") || !strcmp(name, "counter_names"))
		return count_names(map, name, row);
	row->fixed = is_array(info->type) || info->type == BPF_MAP_TYPE_RINGBUF;
	if (row->fixed) {
		row->entries = row->capacity;
		return 0;
	}
	err = walk_count(map, &row->entries);
	return err ? fail(err, "map '%s'", name) : 0;
}

static int add_map(const char *name, void *context)
{
	struct cost *cost = context;
	struct snapshot *snapshot = cost->snapshot;
	_cleanup_(closep) int map = -1;
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);
	struct map_state *row;
	int err = pins_open_map(cost->pin, name, &map);

	if (err)
		return err;
	if (bpf_obj_get_info_by_fd(map, &info, &length))
		return fail(errno, "map '%s'", name);
	row = append(&snapshot->maps, snapshot->map_count, sizeof(*row));
	if (!row)
		return fail(-ENOMEM, "map '%s'", name);
	snapshot->map_count++;
	copy_name(row->name, name);
	row->memory_bytes = memory_of(map);
	return fill_of(cost, map, &info, name, row);
}

/* ------------------------------------------------------------------ in order */

static int compare_programs(const void *left, const void *right)
{
	const struct program_state *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static int compare_maps(const void *left, const void *right)
{
	const struct map_state *a = left, *b = right;

	return strcmp(a->name, b->name);
}

int collect_cost(const char *pin, struct snapshot *snapshot)
{
	struct cost cost = {
		.pin = pin,
		.snapshot = snapshot,
		.bank = snapshot->control.generation % AGFEO_BANKS,
	};
	int err = pins_each(pin, "prog", add_program, &cost);

	if (!err)
		err = pins_each(pin, "map", add_map, &cost);
	if (err)
		return err;
	if (snapshot->program_count)
		qsort(snapshot->programs, snapshot->program_count, sizeof(*snapshot->programs),
		      compare_programs);
	if (snapshot->map_count)
		qsort(snapshot->maps, snapshot->map_count, sizeof(*snapshot->maps), compare_maps);
	return 0;
}
