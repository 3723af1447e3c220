/* SPDX-License-Identifier: GPL-2.0 */
/* All entries of a map, in batches where the kernel has them for its type. */
#ifndef USER_KERNEL_WALK_H
#define USER_KERNEL_WALK_H

#include <stddef.h>
#include <stdint.h>

/*
 * Calls back for each entry until the callback returns other than 0, and returns that. For per-CPU
 * maps `value` holds one value for each possible CPU, walk_stride() apart. name is for messages;
 * a map whose keys or values have another size is refused with -EPROTO. Entries that come and go
 * meanwhile may be seen or not; of an LRU map none is refreshed by it.
 */
int walk_map(int map, const char *name, size_t key_size, size_t value_size,
	     int (*callback)(const void *key, const void *value, void *context), void *context);

/* Counts the entries of any map, without a word about it. */
int walk_count(int map, uint64_t *ret_entries);

/* What the map can hold. */
int walk_capacity(int map, uint64_t *ret_entries);

size_t walk_stride(size_t value_size);
/* CPUs that the kernel could have: so many values has an entry of a per-CPU map. */
int walk_cpus(void);

#endif
