/* SPDX-License-Identifier: GPL-2.0 */
/* Contents of replaced maps, carried over; see carry.h. */
#include "kernel/carry.h"

#include <agfeo/flow_index.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/carry_parts.h"
#include "kernel/flows.h"
#include "kernel/walk.h"

void carry_free(struct carry *carry)
{
	if (!carry)
		return;
	for (size_t i = 0; i < carry->count; i++) {
		layout_release(&carry->maps[i].from);
		layout_release(&carry->maps[i].to);
		free(carry->maps[i].then);
	}
	carry_cache_release(&carry->cache);
	registry_free(carry->before);
	registry_free(carry->after);
	free(carry);
}

static void carry_freep(struct carry **carry)
{
	carry_free(*carry);
}

/* ------------------------------------------------------------------ values */

size_t carry_row_size(const struct carry *carry, const struct layout *layout, bool percpu)
{
	return percpu ? walk_stride(layout->value_size) * carry->cpus : layout->value_size;
}

void carry_convert(const struct carry *carry, bool percpu, const struct layout *from,
		   const char *old, const struct layout *to, char *new)
{
	size_t old_stride = walk_stride(from->value_size);
	size_t new_stride = walk_stride(to->value_size);

	for (int cpu = 0; cpu < (percpu ? carry->cpus : 1); cpu++)
		layout_convert(from, old + cpu * old_stride, to, new + cpu *new_stride);
}

void carry_complete(const struct carry *carry, const struct carried *map, const void *key,
		    char *row)
{
	struct agfeo_voice_flow *voice = (struct agfeo_voice_flow *)row;
	struct agfeo_flow4_key key4;

	if (!carry->cache.count || !carry_is_flow_map(map) || map->to.key_size != sizeof(key4))
		return;
	memcpy(&key4, key, sizeof(key4));
	carry_cache_complete(&carry->cache, &key4, &voice->flow,
			     map->to.value_size == sizeof(*voice) ? voice->stream : NULL);
}

static bool is_zero(const char *bytes, size_t size)
{
	return !size || (!bytes[0] && !memcmp(bytes, bytes + 1, size - 1));
}

struct walking {
	struct carry *carry;
	struct carried *map;
	int (*one)(struct carry *carry, struct carried *map, const void *key, char *row);
};

static int convert_entry(const void *key, const void *value, void *context)
{
	struct walking *walking = context;
	size_t size = carry_row_size(walking->carry, &walking->map->to, walking->map->percpu);
	_cleanup_(freep) char *row = calloc(1, size);

	if (!row)
		return fail(-ENOMEM, "map '%s'", walking->map->name);
	carry_convert(walking->carry, walking->map->percpu, &walking->map->from, value,
		      &walking->map->to, row);
	carry_complete(walking->carry, walking->map, key, row);
	return walking->one(walking->carry, walking->map, key, row);
}

static int
each_row(struct carry *carry, struct carried *map,
	 int (*one)(struct carry *carry, struct carried *map, const void *key, char *row))
{
	struct walking walking = {carry, map, one};

	return walk_map(map->old, map->name, map->from.key_size, map->from.value_size,
			convert_entry, &walking);
}

/* ------------------------------------------------------------------ the first time */

static int put_row(struct carry *carry, struct carried *map, const void *key, char *row)
{
	size_t size = carry_row_size(carry, &map->to, map->percpu);
	uint32_t at = 0;

	if (map->percpu) {
		memcpy(&at, key, sizeof(at));
		if (at >= map->to.max_entries || is_zero(row, size))
			return 0;
		memcpy(map->then + at * size, row, size);
	} else if (map->to.map_type == BPF_MAP_TYPE_ARRAY) {
		memcpy(&at, key, sizeof(at));
		if (at >= map->to.max_entries || is_zero(row, size))
			return 0;
	}
	return bpf_map_update_elem(map->new, key, row, BPF_ANY) ? fail(errno, "map '%s'", map->name)
								: 0;
}

bool carry_is_flow_map(const struct carried *map)
{
	for (int i = 0; i < FLOW_TABLES; i++) {
		if (!strcmp(flow_tables[i], map->name))
			return true;
	}
	return false;
}

static int add_map(struct carry *carry, const struct replaced_map *replaced)
{
	int (*layout_of)(int map, struct layout *ret_layout) =
		replaced->same ? layout_sizes_of_map : layout_of_map;
	const char *name = replaced->name;
	struct carried map = {
		.name = name, .old = replaced->old, .new = loader_map(carry->loader, name)};
	int err = layout_of(replaced->old, &map.from);

	if (!err)
		err = layout_of(map.new, &map.to);
	if (err || map.to.value_size > MOST_VALUE) {
		layout_release(&map.from);
		layout_release(&map.to);
		return fail(err ? err : -E2BIG, "map '%s': its layout", name);
	}
	map.percpu = map.to.map_type == BPF_MAP_TYPE_PERCPU_ARRAY;
	carry->maps[carry->count++] = map;
	if (!map.percpu)
		return 0;
	carry->maps[carry->count - 1].then =
		calloc(map.to.max_entries, carry_row_size(carry, &map.to, true));
	return carry->maps[carry->count - 1].then ? 0 : fail(-ENOMEM, "map '%s'", name);
}

/* The new switch stands where the old one does; nobody reads it before a policy is behind it. */
static int carry_generation(const struct carry *carry, int old)
{
	struct layout from, to;
	struct agfeo_control control = {.generation = 0};
	char value[MOST_VALUE] = {0};
	int map = loader_map(carry->loader, "control");
	__u32 zero = 0;
	int err = layout_of_map(old, &from);

	if (err)
		return fail(err, "map 'control': its layout");
	err = layout_of_map(map, &to);
	if (!err && from.value_size <= sizeof(value) && !bpf_map_lookup_elem(old, &zero, value))
		layout_convert(&from, value, &to, &control);
	layout_release(&from);
	if (err)
		return fail(err, "map 'control': its layout");
	layout_release(&to);
	control.pickup_until = 0;
	control.expected = 1; /* of what is carried, no version before ours says it */
	return bpf_map_update_elem(map, &zero, &control, BPF_ANY) ? fail(errno, "map 'control'")
								  : 0;
}

/* Every place of the index may have a flow: the daemon's sweep takes out what is not so. */
static int fill_index(const struct carry *carry)
{
	struct agfeo_flow_index *index = malloc(sizeof(*index));
	__u32 zero = 0;
	int err = index ? 0 : fail(-ENOMEM, "map 'flow_index'");

	if (!err) {
		memset(index, 0xff, sizeof(*index));
		if (bpf_map_update_elem(loader_map(carry->loader, "flow_index"), &zero, index,
					BPF_ANY))
			err = fail(errno, "map 'flow_index'");
	}
	free(index);
	return err;
}

static int note_replaced(const struct replaced_map *replaced, void *context)
{
	struct carry *carry = context;

	if (!strcmp(replaced->name, "control"))
		return carry_generation(carry, replaced->old);
	if (!strcmp(replaced->name, "flow_index"))
		return fill_index(carry);
	if (!strcmp(replaced->name, "flow_cache"))
		carry->old_cache = replaced->old;
	return replaced->carried ? add_map(carry, replaced) : 0;
}

int carry_read_registry(const struct carry *carry, struct registry **ret_registry)
{
	const struct registry_maps maps = {
		.device_names = loader_map(carry->loader, "device_names"),
		.counter_names = loader_map(carry->loader, "counter_names"),
	};

	return registry_read(&maps, ret_registry);
}

int carry_begin(const struct loader *loader, struct carry **ret_carry)
{
	_cleanup_(carry_freep) struct carry *carry = calloc(1, sizeof(*carry));
	int err;

	if (!carry)
		return fail(-ENOMEM, "maps");
	carry->loader = loader;
	carry->old_cache = -1;
	carry->cpus = walk_cpus();
	err = carry->cpus < 0 ? fail(carry->cpus, "number of CPUs")
			      : loader_each_replaced(loader, note_replaced, carry);
	for (size_t i = 0; !err && i < carry->count; i++) {
		if (!carry_is_flow_map(&carry->maps[i]))
			err = each_row(carry, &carry->maps[i], put_row);
	}
	if (!err)
		err = carry_read_registry(carry, &carry->before);
	if (err)
		return err;
	*ret_carry = take_ptr(carry);
	return 0;
}

static int read_old_cache(struct carry *carry)
{
	if (carry->old_cache < 0)
		return 0;
	return carry_cache_read(carry->old_cache, loader_map(carry->loader, "flow_cache"),
				&carry->cache);
}

int carry_flows(struct carry *carry)
{
	int err = read_old_cache(carry);

	for (size_t i = 0; !err && i < carry->count; i++) {
		if (carry_is_flow_map(&carry->maps[i]))
			err = each_row(carry, &carry->maps[i], put_row);
	}
	return err;
}

/* ------------------------------------------------------------------ the difference */

/* What changed hands meanwhile counts for another. */
static bool same_device(const struct registry *before, const struct registry *after, uint32_t row)
{
	return row < before->device_capacity && row < after->device_capacity &&
	       !strcmp(before->devices[row].name, after->devices[row].name);
}

bool carry_same_owner(const struct carry *carry, const struct carried *map, uint32_t row)
{
	const struct registry *before = carry->before, *after = carry->after;
	const struct agfeo_counter_name *then, *now;

	if (!strcmp(map->name, "device_counters"))
		return !row || same_device(before, after, row);
	if (row >= before->counter_capacity || row >= after->counter_capacity)
		return false;
	then = &before->counters[row];
	now = &after->counters[row];
	return then->device == now->device && then->class == now->class &&
	       then->dscp == now->dscp && !strcmp(then->service, now->service) &&
	       same_device(before, after, then->device);
}

/* All words of a row are counters. */
static int add_difference(struct carry *carry, struct carried *map, const void *key, char *row)
{
	size_t size = carry_row_size(carry, &map->to, true);
	_cleanup_(freep) char *sum = calloc(1, size);
	uint32_t at;
	const char *then;

	memcpy(&at, key, sizeof(at));
	if (!sum || at >= map->to.max_entries)
		return sum ? 0 : fail(-ENOMEM, "map '%s'", map->name);
	then = map->then + at * size;
	if (!memcmp(then, row, size) || !carry_same_owner(carry, map, at))
		return 0;
	if (bpf_map_lookup_elem(map->new, &at, sum))
		return fail(errno, "map '%s'", map->name);
	for (size_t i = 0; i + sizeof(uint64_t) <= size; i += sizeof(uint64_t)) {
		uint64_t total, now, before;

		memcpy(&total, sum + i, sizeof(total));
		memcpy(&now, row + i, sizeof(now));
		memcpy(&before, then + i, sizeof(before));
		total += now - before;
		memcpy(sum + i, &total, sizeof(total));
	}
	if (bpf_map_update_elem(map->new, &at, sum, BPF_ANY))
		return fail(errno, "map '%s'", map->name);
	memcpy(map->then + at * size, row, size);
	return 0;
}

uint64_t carry_packets(const char *row)
{
	const struct agfeo_flow *flow = (const struct agfeo_flow *)row;

	return flow->direction[0].packets + flow->direction[1].packets;
}

/* Whichever has seen more: of a flow that the new programs have not touched, the old one has. */
static int put_newer(struct carry *carry, struct carried *map, const void *key, char *row)
{
	_Alignas(8) char now[MOST_VALUE];

	if (!bpf_map_lookup_elem(map->new, key, now) && carry_packets(now) >= carry_packets(row))
		return 0;
	return put_row(carry, map, key, row);
}

int carry_rest(struct carry *carry)
{
	int err = carry_read_registry(carry, &carry->after);

	if (!err)
		err = read_old_cache(carry);
	for (size_t i = 0; !err && i < carry->count; i++) {
		if (carry->maps[i].percpu)
			err = each_row(carry, &carry->maps[i], add_difference);
		else if (carry_is_flow_map(&carry->maps[i]))
			err = each_row(carry, &carry->maps[i], put_newer);
	}
	return err;
}
