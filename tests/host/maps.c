/* SPDX-License-Identifier: GPL-2.0 */
/* Maps of entries that are each memory of their own; see maps.h. */
#include "host/maps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BUCKETS	       1024
#define MAPS_MOST      4096
#define FIRST_FD       (1 << 20) /* what is no real descriptor: closing it does nothing */
#define MAPPED_PAGE    4096
#define MAPPED_FD_MOST 1024

struct entry {
	struct entry *chain;	     /* of the bucket */
	struct entry *older, *newer; /* of the map */
	void *key, *value;
};

struct host_map {
	struct host_shape shape;
	size_t slot; /* of `all` */
	int fd;
	size_t value_room; /* of an entry: per-CPU maps have several values */
	void **rows;	   /* of an array: values, or inner maps; key_size is 4 */
	struct entry **buckets;
	struct entry *oldest, *newest;
	size_t count;
};

static struct host_map *all[MAPS_MOST];
static struct host_map *mapped[MAPPED_FD_MOST]; /* by their descriptors, which are real */
static int updates_left = -1;

static bool is_percpu(const struct host_map *map)
{
	return map->shape.type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

static bool is_outer(const struct host_map *map)
{
	return map->shape.type == BPF_MAP_TYPE_ARRAY_OF_MAPS;
}

static bool is_array(const struct host_map *map)
{
	return map->shape.type == BPF_MAP_TYPE_ARRAY || is_percpu(map) || is_outer(map);
}

/* ------------------------------------------------------------------ making */

static size_t mapped_size(const struct host_map *map)
{
	size_t size = map->value_room * map->shape.entries;

	return (size + MAPPED_PAGE - 1) / MAPPED_PAGE * MAPPED_PAGE;
}

/* Memory that others may map: row after row, as a map has them whose values are multiples of 8 bytes. */
static int make_mapped_rows(struct host_map *map)
{
	int fd = memfd_create(map->shape.name, MFD_CLOEXEC);
	char *memory;

	if (fd < 0 || fd >= MAPPED_FD_MOST || ftruncate(fd, (off_t)mapped_size(map)))
		return -EMFILE;
	mapped[fd] = map;
	map->fd = fd;
	memory = mmap(NULL, mapped_size(map), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return -errno;
	for (__u32 i = 0; i < map->shape.entries; i++)
		map->rows[i] = memory + i * map->value_room;
	return 0;
}

static int make_rows(struct host_map *map)
{
	map->rows = calloc(map->shape.entries, sizeof(*map->rows));
	if (!map->rows)
		return -ENOMEM;
	if (map->shape.mapped)
		return make_mapped_rows(map);
	for (__u32 i = 0; i < map->shape.entries && !is_outer(map); i++) {
		map->rows[i] = calloc(1, map->value_room);
		if (!map->rows[i])
			return -ENOMEM;
	}
	return 0;
}

struct host_map *host_map_new(const struct host_shape *shape)
{
	struct host_map *map = calloc(1, sizeof(*map));
	size_t slot = 0;

	while (slot < MAPS_MOST && all[slot])
		slot++;
	if (!map || slot == MAPS_MOST) {
		free(map);
		return NULL;
	}
	map->shape = *shape;
	map->slot = slot;
	map->fd = FIRST_FD + (int)slot;
	map->value_room = shape->value_size;
	if (is_percpu(map))
		map->value_room = (map->value_room + 7) / 8 * 8 * HOST_CPUS;
	all[slot] = map;
	if (!is_array(map))
		map->buckets = calloc(BUCKETS, sizeof(*map->buckets));
	if (is_array(map) ? make_rows(map) : !map->buckets) {
		host_map_free(map);
		return NULL;
	}
	return map;
}

void host_map_free(struct host_map *map)
{
	if (!map)
		return;
	host_clear(map);
	if (map->shape.mapped && map->rows && map->rows[0]) {
		munmap(map->rows[0], mapped_size(map));
		for (int fd = 0; fd < MAPPED_FD_MOST; fd++)
			if (mapped[fd] == map)
				mapped[fd] = NULL;
		close(map->fd);
	}
	for (__u32 i = 0; map->rows && !map->shape.mapped && i < map->shape.entries; i++)
		free(map->rows[i]);
	all[map->slot] = NULL;
	free(map->rows);
	free(map->buckets);
	free(map);
}

int host_map_fd(const struct host_map *map)
{
	return map->fd;
}

int host_map_open(int fd)
{
	struct host_map *map = host_map_by_fd(fd);
	int again;

	if (!map || !map->shape.mapped)
		return fd;
	again = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (again >= MAPPED_FD_MOST) {
		close(again);
		return -EMFILE;
	}
	if (again >= 0)
		mapped[again] = map;
	return again < 0 ? -errno : again;
}

struct host_map *host_map_by_fd(int fd)
{
	if (fd >= FIRST_FD && fd < FIRST_FD + MAPS_MOST)
		return all[fd - FIRST_FD];
	return fd >= 0 && fd < MAPPED_FD_MOST ? mapped[fd] : NULL;
}

const struct host_shape *host_map_shape(const struct host_map *map)
{
	return &map->shape;
}

/* ------------------------------------------------------------------ hashes */

static struct entry **bucket_of(struct host_map *map, const void *key)
{
	const unsigned char *byte = key;
	__u32 hash = 2166136261u; /* FNV-1a */

	for (__u32 i = 0; i < map->shape.key_size; i++)
		hash = (hash ^ byte[i]) * 16777619u;
	return &map->buckets[hash % BUCKETS];
}

static struct entry *find_entry(struct host_map *map, const void *key)
{
	struct entry *entry = *bucket_of(map, key);

	while (entry && memcmp(entry->key, key, map->shape.key_size))
		entry = entry->chain;
	return entry;
}

static void remove_entry(struct host_map *map, struct entry *entry)
{
	struct entry **at = bucket_of(map, entry->key);

	while (*at != entry)
		at = &(*at)->chain;
	*at = entry->chain;
	*(entry->older ? &entry->older->newer : &map->oldest) = entry->newer;
	*(entry->newer ? &entry->newer->older : &map->newest) = entry->older;
	map->count--;
	free(entry->key);
	free(entry->value);
	free(entry);
}

static void add_entry(struct host_map *map, struct entry *entry)
{
	struct entry **at = bucket_of(map, entry->key);

	entry->chain = *at;
	*at = entry;
	entry->older = map->newest;
	*(map->newest ? &map->newest->newer : &map->oldest) = entry;
	map->newest = entry;
	map->count++;
}

static int put_entry(struct host_map *map, const void *key, const void *value)
{
	struct entry *old = find_entry(map, key), *entry;

	if (!updates_left)
		return -ENOMEM;
	if (updates_left > 0)
		updates_left--;
	if (old)
		remove_entry(map, old);
	if (map->count == map->shape.entries) {
		if (map->shape.type != BPF_MAP_TYPE_LRU_HASH)
			return -E2BIG;
		remove_entry(map, map->oldest);
	}
	entry = calloc(1, sizeof(*entry));
	entry->key = malloc(map->shape.key_size);
	entry->value = malloc(map->value_room);
	memcpy(entry->key, key, map->shape.key_size);
	memcpy(entry->value, value, map->value_room);
	add_entry(map, entry);
	return 0;
}

/* ------------------------------------------------------------------ prefixes */

static __u32 prefix_bits(const void *key)
{
	__u32 bits;

	memcpy(&bits, key, sizeof(bits));
	return bits;
}

static bool covers(const void *prefix, const void *key)
{
	const unsigned char *a = (const unsigned char *)prefix + 4;
	const unsigned char *b = (const unsigned char *)key + 4;
	__u32 bits = prefix_bits(prefix);

	if (bits > prefix_bits(key) || memcmp(a, b, bits / 8))
		return false;
	return !(bits % 8) || !((a[bits / 8] ^ b[bits / 8]) & (0xff00 >> bits % 8 & 0xff));
}

static struct entry *find_prefix(struct host_map *map, const void *key)
{
	struct entry *longest = NULL;

	for (struct entry *entry = map->oldest; entry; entry = entry->newer)
		if (covers(entry->key, key) &&
		    (!longest || prefix_bits(entry->key) > prefix_bits(longest->key)))
			longest = entry;
	return longest;
}

/* ------------------------------------------------------------------ what programs and tools do */

static __u32 row_of(const void *key)
{
	__u32 row;

	memcpy(&row, key, sizeof(row));
	return row;
}

void *host_lookup(struct host_map *map, const void *key)
{
	struct entry *entry;

	if (is_array(map))
		return row_of(key) < map->shape.entries ? map->rows[row_of(key)] : NULL;
	entry = map->shape.type == BPF_MAP_TYPE_LPM_TRIE ? find_prefix(map, key)
							 : find_entry(map, key);
	return entry ? entry->value : NULL;
}

static int put_row(struct host_map *map, const void *key, const void *value, bool all_cpus)
{
	if (row_of(key) >= map->shape.entries)
		return -E2BIG;
	if (is_outer(map)) {
		int fd;

		memcpy(&fd, value, sizeof(fd));
		host_map_free(map->rows[row_of(key)]);
		map->rows[row_of(key)] = host_map_by_fd(fd);
		return map->rows[row_of(key)] ? 0 : -EBADF;
	}
	memcpy(map->rows[row_of(key)], value, all_cpus ? map->value_room : map->shape.value_size);
	return 0;
}

int host_update(struct host_map *map, const void *key, const void *value, __u64 flags,
		bool all_cpus)
{
	if (is_array(map))
		return flags == BPF_NOEXIST ? -EEXIST : put_row(map, key, value, all_cpus);
	if (flags == BPF_NOEXIST && find_entry(map, key))
		return -EEXIST;
	if (flags == BPF_EXIST && !find_entry(map, key))
		return -ENOENT;
	return put_entry(map, key, value);
}

int host_delete(struct host_map *map, const void *key)
{
	struct entry *entry;

	if (is_outer(map) && row_of(key) < map->shape.entries) {
		host_map_free(map->rows[row_of(key)]);
		map->rows[row_of(key)] = NULL;
		return 0;
	}
	if (is_array(map))
		return -EINVAL;
	entry = find_entry(map, key);
	if (!entry)
		return -ENOENT;
	remove_entry(map, entry);
	return 0;
}

void host_clear(struct host_map *map)
{
	while (map->oldest)
		remove_entry(map, map->oldest);
	for (__u32 i = 0; map->rows && i < map->shape.entries; i++) {
		if (is_outer(map)) {
			host_map_free(map->rows[i]);
			map->rows[i] = NULL;
		} else if (map->rows[i]) {
			memset(map->rows[i], 0, map->value_room);
		}
	}
}

void host_limit_updates(int count)
{
	updates_left = count;
}

const void *host_next_key(struct host_map *map, const void *key)
{
	static __u32 row;
	struct entry *entry;

	if (is_array(map)) {
		row = key && row_of(key) < map->shape.entries ? row_of(key) + 1 : 0;
		return row < map->shape.entries ? &row : NULL;
	}
	entry = key ? find_entry(map, key) : NULL;
	entry = entry ? entry->newer : map->oldest;
	return entry ? entry->key : NULL;
}
