/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's maps on the host, for the programs compiled for it (programs.c) and for the tool's
 * own code, which reaches them by descriptors: maps.c and calls.c have libbpf's functions of those
 * names. Every entry is memory of its own, so that a sanitizer sees each byte beyond it, and an
 * entry that was deleted is gone at once. No privilege, no kernel.
 *
 * Unlike the kernel's: a full LRU table gives up its oldest entry, exactly; one CPU runs programs,
 * of HOST_CPUS that there are.
 */
#ifndef TESTS_HOST_MAPS_H
#define TESTS_HOST_MAPS_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#define HOST_CPUS 2
#define HOST_PIN  "/host" /* where the maps of the set in use can be opened as pins */

struct host_shape {
	const char *name;
	__u32 type;
	__u32 key_size, value_size, entries;
	bool mapped; /* BPF_F_MMAPABLE */
};

struct host_map;

/* NULL: no memory, or no descriptor. */
struct host_map *host_map_new(const struct host_shape *shape);
void host_map_free(struct host_map *map);
int host_map_fd(const struct host_map *map);
struct host_map *host_map_by_fd(int fd);
/* One that may be closed: of maps that can be mapped descriptors are real. Or a negative errno. */
int host_map_open(int fd);
const struct host_shape *host_map_shape(const struct host_map *map);

/* The value itself (of the CPU that runs programs), of an outer map the inner one; or NULL. */
void *host_lookup(struct host_map *map, const void *key);
/* 0, or a negative errno. Values of user space have all CPUs, those of programs one. */
int host_update(struct host_map *map, const void *key, const void *value, __u64 flags,
		bool all_cpus);
int host_delete(struct host_map *map, const void *key);
/* Of a hash all entries go, of an array all are zeroed. */
void host_clear(struct host_map *map);

/* The key after this one, the first after NULL or one that is not there; NULL after the last. */
const void *host_next_key(struct host_map *map, const void *key);

/* From now on this many updates of hashes succeed, and no more; negative: all (at first). */
void host_limit_updates(int count);

#endif
