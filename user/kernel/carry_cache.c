/* SPDX-License-Identifier: GPL-2.0 */
/* The flow cache of replaced maps; see carry_cache.h. */
#include "kernel/carry_cache.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/layout.h"
#include "kernel/walk.h"

void carry_cache_release(struct carry_cache *cache)
{
	free(cache->entries);
	*cache = (struct carry_cache){.entries = NULL};
}

/* ------------------------------------------------------------------ reading */

struct reading {
	struct layout from, to;
	struct carry_cache *cache;
};

static int keep_entry(const void *seat, const void *value, void *context)
{
	struct reading *reading = context;
	struct agfeo_cached *entry = &reading->cache->entries[reading->cache->count];

	(void)seat;
	memset(entry, 0, sizeof(*entry));
	layout_convert(&reading->from, value, &reading->to, entry);
	reading->cache->count += entry->generation != 0;
	return 0;
}

static int compare_entries(const void *a, const void *b)
{
	const struct agfeo_cached *first = a, *second = b;

	if (first->addresses != second->addresses)
		return first->addresses < second->addresses ? -1 : 1;
	return (first->ports > second->ports) - (first->ports < second->ports);
}

static int read_layouts(int map, int ours, struct reading *reading)
{
	int (*layout_of)(int map, struct layout *ret_layout) =
		map == ours ? layout_sizes_of_map : layout_of_map;
	int err = layout_of(map, &reading->from);

	return err ? err : layout_of(ours, &reading->to);
}

int carry_cache_read(int map, int ours, struct carry_cache *cache)
{
	struct reading reading = {.cache = cache};
	int err = read_layouts(map, ours, &reading);

	carry_cache_release(cache);
	if (err) {
		err = fail(err, "map 'flow_cache': its layout");
	} else {
		/* One more than there are: where the next is read before it is known to be one. */
		cache->entries = calloc(reading.from.max_entries + 1, sizeof(*cache->entries));
		err = cache->entries ? 0 : fail(-ENOMEM, "map 'flow_cache'");
	}
	if (!err)
		err = walk_map(map, "flow_cache", sizeof(__u32), reading.from.value_size,
			       keep_entry, &reading);
	if (!err)
		qsort(cache->entries, cache->count, sizeof(*cache->entries), compare_entries);
	layout_release(&reading.from);
	layout_release(&reading.to);
	return err;
}

/* ------------------------------------------------------------------ adding */

void carry_cache_complete(const struct carry_cache *cache, const struct agfeo_flow4_key *key,
			  struct agfeo_flow *flow, struct agfeo_stream *stream)
{
	for (unsigned end = 0; cache->count && end < 2; end++) {
		struct agfeo_cached wanted;
		const struct agfeo_cached *found;

		flow_cache_key(key, end, &wanted.addresses, &wanted.ports);
		found = bsearch(&wanted, cache->entries, cache->count, sizeof(*found),
				compare_entries);
		if (found)
			agfeo_cached_add(found, flow, stream);
	}
}

/* ------------------------------------------------------------------ clearing */

int carry_cache_clear(int map)
{
	struct layout layout;
	_cleanup_(freep) char *nothing = NULL;
	int err = layout_sizes_of_map(map, &layout);

	if (!err) {
		nothing = calloc(1, layout.value_size);
		err = nothing ? 0 : -ENOMEM;
	}
	for (__u32 seat = 0; !err && seat < layout.max_entries; seat++) {
		if (bpf_map_update_elem(map, &seat, nothing, BPF_ANY))
			err = -errno;
	}
	return err ? fail(err, "map 'flow_cache'") : 0;
}
