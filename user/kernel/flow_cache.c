/* SPDX-License-Identifier: GPL-2.0 */
/* The flow cache, read; see flow_cache.h. */
#include "kernel/flow_cache.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/pins.h"
#include "kernel/walk.h"

/* ------------------------------------------------------------------ opening */

/* Maps all of it. */
static int map_values(int map, const char *name, size_t size, const void **ret_values,
		      size_t *ret_count)
{
	uint64_t entries;
	void *memory;
	int err = walk_capacity(map, &entries);

	if (err)
		return fail(err, "map '%s'", name);
	memory = mmap(NULL, entries * size, PROT_READ, MAP_SHARED, map, 0);
	if (memory == MAP_FAILED)
		return fail(errno, "map '%s'", name);
	*ret_values = memory;
	*ret_count = entries;
	return 0;
}

void flow_cache_close(struct flow_cache *cache)
{
	if (cache->index)
		munmap((void *)cache->index, sizeof(*cache->index));
	if (cache->seats)
		munmap((void *)cache->seats, cache->seat_count * sizeof(*cache->seats));
	*cache = (struct flow_cache){.index = NULL};
}

int flow_cache_open_maps(int cache_index, int flow_cache, struct flow_cache *ret_cache)
{
	const void *index = NULL, *seats = NULL;
	struct flow_cache cache = {.index = NULL};
	size_t one;
	int err = map_values(cache_index, "cache_index", sizeof(*cache.index), &index, &one);

	cache.index = index;
	if (!err)
		err = map_values(flow_cache, "flow_cache", sizeof(*cache.seats), &seats,
				 &cache.seat_count);
	cache.seats = seats;
	if (err)
		flow_cache_close(&cache);
	*ret_cache = cache;
	return err;
}

/* -ENOENT: there is none of that layout. */
static int open_map(const char *pin, const char *name, size_t value, int *ret_map)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);
	char path[PATH_MAX];
	int err = pins_path(path, pin, "map", name);

	if (err)
		return err;
	*ret_map = bpf_obj_get(path);
	if (*ret_map < 0)
		return errno == ENOENT ? -ENOENT : fail(errno, "%s", path);
	if (bpf_obj_get_info_by_fd(*ret_map, &info, &length))
		return fail(errno, "map '%s'", name);
	return info.value_size == value ? 0 : -ENOENT;
}

int flow_cache_open(const char *pin, struct flow_cache *ret_cache)
{
	_cleanup_(closep) int index = -1;
	_cleanup_(closep) int seats = -1;
	int err = open_map(pin, "cache_index", sizeof(struct agfeo_cache_index), &index);

	*ret_cache = (struct flow_cache){.index = NULL};
	if (!err)
		err = open_map(pin, "flow_cache", sizeof(struct agfeo_cached), &seats);
	if (!err)
		err = flow_cache_open_maps(index, seats, ret_cache);
	return err == -ENOENT ? 0 : err;
}

/* ------------------------------------------------------------------ entries */

static __u32 end_address(uint64_t end)
{
	return htonl((uint32_t)(end >> 16));
}

static __u16 end_port(uint64_t end)
{
	return htons((uint16_t)end);
}

void flow_cache_key(const struct agfeo_flow4_key *key, unsigned end, __u64 *ret_addresses,
		    __u32 *ret_ports)
{
	const uint64_t from = end ? key->high : key->low, to = end ? key->low : key->high;

	*ret_addresses = agfeo_cache_addresses(end_address(from), end_address(to));
	*ret_ports = agfeo_cache_ports(end_port(from), end_port(to));
}

/* The entry of what the end sends. */
static void find_entry(const struct flow_cache *cache, const struct agfeo_flow4_key *key,
		       unsigned end, struct agfeo_cached *ret_entry)
{
	__u64 addresses, hash;
	__u32 ports, first, tag;

	flow_cache_key(key, end, &addresses, &ports);
	hash = agfeo_cache_hash(addresses, ports);
	first = agfeo_cache_slot(hash);
	tag = agfeo_cache_tag(hash);

	for (__u32 way = 0; way < AGFEO_CACHE_SET; way++) {
		__u32 seat =
			__atomic_load_n(&cache->index->slot[first + way], __ATOMIC_RELAXED) ^ tag;
		struct agfeo_cached entry;

		if ((seat & AGFEO_CACHE_TAG) || !seat || seat >= cache->seat_count)
			continue;
		memcpy(&entry, &cache->seats[seat], sizeof(entry));
		if (entry.addresses != addresses || entry.ports != ports)
			continue;
		*ret_entry = entry;
		return;
	}
}

void flow_cache_entries(const struct flow_cache *cache, const struct agfeo_flow4_key *key,
			struct agfeo_cached entries[2])
{
	memset(entries, 0, 2 * sizeof(entries[0]));
	if (!cache->index || key->low >> 48 != IPPROTO_UDP)
		return;
	for (unsigned end = 0; end < 2; end++)
		find_entry(cache, key, end, &entries[end]);
}

void flow_cache_add(const struct agfeo_cached entries[2], struct agfeo_flow *flow,
		    struct agfeo_stream *stream)
{
	for (int end = 0; end < 2; end++)
		if (entries[end].generation)
			agfeo_cached_add(&entries[end], flow, stream);
}

void flow_cache_complete(const struct flow_cache *cache, const struct agfeo_flow4_key *key,
			 struct agfeo_flow *flow, struct agfeo_stream *stream)
{
	struct agfeo_cached entries[2];

	flow_cache_entries(cache, key, entries);
	flow_cache_add(entries, flow, stream);
}
