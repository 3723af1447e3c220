/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libbpf's calls into the kernel, for code that is linked with this instead: they reach the maps and
 * programs of the host. Errors as libbpf 1 has them: negative, and in errno.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "host/box.h"
#include "host/maps.h"

static int error(int err)
{
	errno = -err;
	return err;
}

int libbpf_num_possible_cpus(void)
{
	return HOST_CPUS;
}

int bpf_map_create(enum bpf_map_type type, const char *name, __u32 key_size, __u32 value_size,
		   __u32 entries, const struct bpf_map_create_opts *options)
{
	const struct host_shape shape = {.name = name,
					 .type = type,
					 .key_size = key_size,
					 .value_size = value_size,
					 .entries = entries};
	struct host_map *map = host_map_new(&shape);

	(void)options;
	return map ? host_map_fd(map) : error(-ENOMEM);
}

int bpf_map_update_elem(int fd, const void *key, const void *value, __u64 flags)
{
	struct host_map *map = host_map_by_fd(fd);
	int err = map ? host_update(map, key, value, flags, true) : -EBADF;

	return err ? error(err) : 0;
}

static size_t value_room(const struct host_shape *shape)
{
	if (shape->type == BPF_MAP_TYPE_PERCPU_ARRAY)
		return (shape->value_size + 7) / 8 * 8 * HOST_CPUS;
	return shape->value_size;
}

/* Of an outer map the inner one's id, which is its descriptor here. */
int bpf_map_lookup_elem(int fd, const void *key, void *value)
{
	struct host_map *map = host_map_by_fd(fd);
	void *found = map ? host_lookup(map, key) : NULL;
	int inner;

	if (!found)
		return error(map ? -ENOENT : -EBADF);
	if (host_map_shape(map)->type == BPF_MAP_TYPE_ARRAY_OF_MAPS) {
		inner = host_map_fd(found);
		memcpy(value, &inner, sizeof(inner));
	} else {
		memcpy(value, found, value_room(host_map_shape(map)));
	}
	return 0;
}

int bpf_map_delete_elem(int fd, const void *key)
{
	struct host_map *map = host_map_by_fd(fd);
	int err = map ? host_delete(map, key) : -EBADF;

	return err ? error(err) : 0;
}

int bpf_map_lookup_and_delete_elem(int fd, const void *key, void *value)
{
	int err = bpf_map_lookup_elem(fd, key, value);

	return err ? err : bpf_map_delete_elem(fd, key);
}

int bpf_map_get_next_key(int fd, const void *key, void *next)
{
	struct host_map *map = host_map_by_fd(fd);
	const void *found = map ? host_next_key(map, key) : NULL;

	if (!found)
		return error(map ? -ENOENT : -EBADF);
	memcpy(next, found, host_map_shape(map)->key_size);
	return 0;
}

/* As kernels before 5.6: they go through a map key by key. */
int bpf_map_lookup_batch(int fd, void *begin, void *end, void *keys, void *values, __u32 *count,
			 const struct bpf_map_batch_opts *options)
{
	(void)fd, (void)begin, (void)end, (void)keys, (void)values, (void)count, (void)options;
	return error(-EINVAL);
}

int bpf_map_get_fd_by_id(__u32 id)
{
	return host_map_by_fd((int)id) ? (int)id : error(-ENOENT);
}

int bpf_obj_get_info_by_fd(int fd, void *info, __u32 *size)
{
	struct host_map *map = host_map_by_fd(fd);
	const struct host_shape *shape;

	if (!map || *size < sizeof(struct bpf_map_info))
		return error(-EBADF);
	shape = host_map_shape(map);
	*(struct bpf_map_info *)info = (struct bpf_map_info){
		.type = shape->type,
		.id = (__u32)fd,
		.key_size = shape->key_size,
		.value_size = shape->value_size,
		.max_entries = shape->entries,
	};
	return 0;
}

int bpf_obj_get(const char *path)
{
	int fd = host_box_pinned(path);

	if (fd >= 0)
		fd = host_map_open(fd);
	return fd < 0 ? error(fd) : fd;
}

int bpf_prog_test_run_opts(int program, struct bpf_test_run_opts *options)
{
	int err = host_box_run(program, options);

	return err ? error(err) : 0;
}
