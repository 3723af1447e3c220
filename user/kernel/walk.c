/* SPDX-License-Identifier: GPL-2.0 */
/* Entries of a map; see walk.h. */
#include "kernel/walk.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"

#define BATCH_BYTES	(1 << 20)
#define BATCH_LEAST	256
#define KERNEL_ENOTSUPP 524 /* what the kernel says and user space has no name for */

struct walk {
	int map;
	struct bpf_map_info info;
	size_t key_size;
	size_t value_size; /* of an entry: per-CPU maps have several values */
	int (*callback)(const void *key, const void *value, void *context);
	void *context;
};

size_t walk_stride(size_t value_size)
{
	return (value_size + 7) / 8 * 8;
}

int walk_cpus(void)
{
	return libbpf_num_possible_cpus();
}

static bool is_percpu(uint32_t type)
{
	return type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_PERCPU_HASH ||
	       type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

static int walk_begin(struct walk *walk)
{
	__u32 length = sizeof(walk->info);
	int cpus = walk_cpus();

	if (cpus < 0)
		return cpus;
	if (bpf_obj_get_info_by_fd(walk->map, &walk->info, &length))
		return -errno;
	walk->key_size = walk->info.key_size;
	walk->value_size = walk->info.value_size;
	if (is_percpu(walk->info.type))
		walk->value_size = walk_stride(walk->info.value_size) * cpus;
	return 0;
}

/* ------------------------------------------------------------------ one by one */

/* A key that vanishes sends the kernel back to the first one: so many steps and no more. */
static int walk_singly(const struct walk *walk)
{
	_cleanup_(freep) char *keys = calloc(2, walk->key_size);
	_cleanup_(freep) void *value = malloc(walk->value_size);
	char *key = NULL, *next = keys;

	if (!keys || !value)
		return -ENOMEM;
	for (uint32_t i = 0; i < walk->info.max_entries; i++) {
		int result;

		if (bpf_map_get_next_key(walk->map, key, next))
			return errno == ENOENT ? 0 : -errno;
		key = next;
		next = key == keys ? keys + walk->key_size : keys;
		if (bpf_map_lookup_elem(walk->map, key, value)) {
			if (errno == ENOENT)
				continue;
			return -errno;
		}
		result = walk->callback(key, value, walk->context);
		if (result)
			return result;
	}
	return 0;
}

/* ------------------------------------------------------------------ in batches */

struct batch {
	char *keys, *values;
	uint32_t room;
	/* Where the kernel goes on: a key, or four bytes where it counts buckets. */
	char place[2][64];
};

static void batch_release(struct batch *batch)
{
	free(batch->keys);
	free(batch->values);
}

static int batch_resize(struct batch *batch, const struct walk *walk, uint32_t room)
{
	free(batch->keys);
	free(batch->values);
	batch->keys = calloc(room, walk->key_size);
	batch->values = calloc(room, walk->value_size);
	batch->room = room;
	return batch->keys && batch->values ? 0 : -ENOMEM;
}

static int hand_over(const struct walk *walk, const struct batch *batch, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		int result = walk->callback(batch->keys + i * walk->key_size,
					    batch->values + i * walk->value_size, walk->context);

		if (result)
			return result;
	}
	return 0;
}

static bool lacks_batches(int error)
{
	return error == KERNEL_ENOTSUPP || error == EOPNOTSUPP || error == EINVAL;
}

/* ret_done stays false when the kernel has no batches for this map: nothing was handed over then. */
static int walk_batches(const struct walk *walk, bool *ret_done)
{
	_cleanup_(batch_release) struct batch batch = {};
	uint32_t room = BATCH_BYTES / (walk->key_size + walk->value_size);
	bool begun = false;
	int err;

	if (walk->key_size > sizeof(batch.place[0]))
		return 0;
	err = batch_resize(&batch, walk, room < BATCH_LEAST ? BATCH_LEAST : room);
	while (!err) {
		uint32_t count = batch.room;
		int error = 0;

		if (bpf_map_lookup_batch(walk->map, begun ? batch.place[0] : NULL, batch.place[1],
					 batch.keys, batch.values, &count, NULL))
			error = errno;
		if (error == ENOSPC) { /* one bucket of the hash holds more than the batch */
			err = batch_resize(&batch, walk, 2 * batch.room);
			continue;
		}
		if (error && error != ENOENT)
			return !begun && lacks_batches(error) ? 0 : -error;
		*ret_done = true;
		begun = true;
		err = hand_over(walk, &batch, count);
		if (error)
			return err;
		memcpy(batch.place[0], batch.place[1], sizeof(batch.place[0]));
	}
	return err;
}

static int walk_all(const struct walk *walk)
{
	bool done = false;
	int result = walk_batches(walk, &done);

	if (result || done)
		return result;
	return walk_singly(walk);
}

int walk_map(int map, const char *name, size_t key_size, size_t value_size,
	     int (*callback)(const void *key, const void *value, void *context), void *context)
{
	struct walk walk = {.map = map, .callback = callback, .context = context};
	int err = walk_begin(&walk);

	if (err)
		return fail(err, "map '%s'", name);
	if (walk.info.key_size != key_size || walk.info.value_size != value_size) {
		fail(0,
		     "map '%s': keys of %u bytes and values of %u instead of %zu and %zu: another "
		     "version of agfeoctl made it",
		     name, walk.info.key_size, walk.info.value_size, key_size, value_size);
		return -EPROTO;
	}
	err = walk_all(&walk);
	return err < 0 ? fail(err, "map '%s'", name) : err;
}

/* ------------------------------------------------------------------ counting */

static int count_one(const void *key, const void *value, void *context)
{
	uint64_t *count = context;

	(void)key;
	(void)value;
	(*count)++;
	return 0;
}

int walk_count(int map, uint64_t *ret_entries)
{
	uint64_t count = 0;
	struct walk walk = {.map = map, .callback = count_one, .context = &count};
	int err = walk_begin(&walk);

	if (!err)
		err = walk_all(&walk);
	if (err)
		return err;
	*ret_entries = count;
	return 0;
}

int walk_capacity(int map, uint64_t *ret_entries)
{
	struct walk walk = {.map = map};
	int err = walk_begin(&walk);

	if (err)
		return err;
	*ret_entries = walk.info.max_entries;
	return 0;
}
