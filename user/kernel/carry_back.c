/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way back: what was counted and opened in the new maps, into the old ones that rule again; see
 * carry.h. What only the new layout can say is lost, and what only the new policy counts.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/carry_parts.h"
#include "kernel/walk.h"

struct walking {
	const struct carry *carry;
	const struct carried *map;
};

static int each_new_row(const struct carry *carry, const struct carried *map,
			int (*one)(const void *key, const void *value, void *context))
{
	struct walking walking = {carry, map};

	return walk_map(map->new, map->name, map->to.key_size, map->to.value_size, one, &walking);
}

/* ------------------------------------------------------------------ flows */

/* The old index does not know them: every place of it may have a flow, as after the way there. */
static int fill_old_index(const struct replaced_map *replaced, void *context)
{
	struct layout layout;
	char *index;
	__u32 zero = 0;
	int err;

	(void)context;
	if (strcmp(replaced->name, "flow_index"))
		return 0;
	err = layout_sizes_of_map(replaced->old, &layout);
	if (err)
		return fail(err, "map 'flow_index'");
	index = malloc(layout.value_size);
	if (index)
		memset(index, 0xff, layout.value_size);
	if (!index || bpf_map_update_elem(replaced->old, &zero, index, BPF_ANY))
		err = fail(index ? errno : -ENOMEM, "map 'flow_index'");
	free(index);
	layout_release(&layout);
	return err;
}

static int give_flow(const void *key, const void *value, void *context)
{
	const struct walking *walking = context;
	const struct carried *map = walking->map;
	_Alignas(8) char theirs[MOST_VALUE] = {0}, now[MOST_VALUE] = {0}, row[MOST_VALUE] = {0};

	memcpy(row, value, map->to.value_size);
	carry_complete(walking->carry, map, key, row);
	if (!bpf_map_lookup_elem(map->old, key, theirs)) {
		layout_convert(&map->from, theirs, &map->to, now);
		if (carry_packets(now) >= carry_packets(row))
			return 0;
		memset(theirs, 0, sizeof(theirs));
	}
	layout_convert(&map->to, row, &map->from, theirs);
	return bpf_map_update_elem(map->old, key, theirs, BPF_ANY)
		       ? fail(errno, "map '%s'", map->name)
		       : 0;
}

/* What the old cache lent before, the flows have had since. */
static int move_cache(struct carry *carry)
{
	int ours = loader_map(carry->loader, "flow_cache");
	int err;

	if (carry->old_cache < 0)
		return 0;
	err = carry_cache_clear(carry->old_cache);
	return err ? err : carry_cache_read(ours, ours, &carry->cache);
}

int carry_flows_back(struct carry *carry)
{
	struct registry *now;
	int err = loader_each_replaced(carry->loader, fill_old_index, NULL);

	if (!err)
		err = move_cache(carry);

	/* Whose the rows are that the new policy counts in: it named them after carry_rest(). */
	if (!err && carry->after) {
		err = carry_read_registry(carry, &now);
		if (!err) {
			registry_free(carry->after);
			carry->after = now;
		}
	}
	for (size_t i = 0; !err && i < carry->count; i++) {
		const struct carried *map = &carry->maps[i];

		if (carry_is_flow_map(map) && map->from.value_size <= MOST_VALUE)
			err = each_new_row(carry, map, give_flow);
	}
	return err;
}

/* ------------------------------------------------------------------ counters */

static void add_words(char *sum, const char *row, size_t size, int sign)
{
	for (size_t i = 0; i + sizeof(uint64_t) <= size; i += sizeof(uint64_t)) {
		uint64_t total, more;

		memcpy(&total, sum + i, sizeof(total));
		memcpy(&more, row + i, sizeof(more));
		total = sign > 0 ? total + more : total - more;
		memcpy(sum + i, &total, sizeof(total));
	}
}

/* What the row counts beyond what was carried into it. */
static int give_counts(const void *key, const void *value, void *context)
{
	const struct walking *walking = context;
	const struct carry *carry = walking->carry;
	const struct carried *map = walking->map;
	size_t size = carry_row_size(carry, &map->to, true);
	size_t old_size = carry_row_size(carry, &map->from, true);
	_cleanup_(freep) char *gained = malloc(size);
	_cleanup_(freep) char *back = calloc(1, old_size);
	_cleanup_(freep) char *sum = calloc(1, old_size);
	uint32_t at;

	if (!gained || !back || !sum)
		return fail(-ENOMEM, "map '%s'", map->name);
	memcpy(&at, key, sizeof(at));
	if (at >= map->from.max_entries || !memcmp(value, map->then + at * size, size) ||
	    !carry_same_owner(carry, map, at))
		return 0;
	memcpy(gained, value, size);
	add_words(gained, map->then + at * size, size, -1);
	carry_convert(carry, true, &map->to, gained, &map->from, back);
	if (bpf_map_lookup_elem(map->old, &at, sum))
		return fail(errno, "map '%s'", map->name);
	add_words(sum, back, old_size, 1);
	return bpf_map_update_elem(map->old, &at, sum, BPF_ANY) ? fail(errno, "map '%s'", map->name)
								: 0;
}

/* Rows of the policy before, stamped with the generation that it rules as now. */
static int give_name(const void *key, const void *value, void *context)
{
	const struct carried *map = ((const struct walking *)context)->map;
	_Alignas(8) char row[MOST_VALUE] = {0};
	uint32_t at;

	memcpy(&at, key, sizeof(at));
	if (at >= map->from.max_entries)
		return 0;
	layout_convert(&map->to, value, &map->from, row);
	return bpf_map_update_elem(map->old, &at, row, BPF_ANY) ? fail(errno, "map '%s'", map->name)
								: 0;
}

static bool holds_names(const struct carried *map)
{
	return (!strcmp(map->name, "device_names") || !strcmp(map->name, "counter_names")) &&
	       map->from.value_size <= MOST_VALUE;
}

int carry_counts_back(const struct carry *carry)
{
	int err = 0;

	for (size_t i = 0; !err && carry->after && i < carry->count; i++) {
		if (carry->maps[i].percpu)
			err = each_new_row(carry, &carry->maps[i], give_counts);
		else if (holds_names(&carry->maps[i]))
			err = each_new_row(carry, &carry->maps[i], give_name);
	}
	return err;
}
