/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a map's keys and values are laid out, by the BTF that the kernel keeps with it: so that one
 * version reads what another wrote, member by member, by name.
 */
#ifndef USER_KERNEL_LAYOUT_H
#define USER_KERNEL_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

struct btf;

struct layout {
	struct btf *btf;
	uint32_t map_type, key_size, value_size, max_entries;
	uint32_t key_type, value_type; /* ids in btf */
};

/* -ENOENT: the map has no BTF; -EPERM: reading it needs root. Says nothing. */
int layout_of_map(int map, struct layout *ret_layout);
/* Its sizes alone: between such two, values are copied as they are. */
int layout_sizes_of_map(int map, struct layout *ret_layout);
void layout_release(struct layout *layout);

/* Equal names, types and places, all the way down. */
bool layout_same_key(const struct layout *a, const struct layout *b);
bool layout_same_value(const struct layout *a, const struct layout *b);

/*
 * One value of `from` as one of `to`: members of the same name, numbers of any size; what only `to`
 * has is 0. Elements of an array by their place, those of a member `drops` by the names of enum
 * agfeo_reason.
 */
void layout_convert(const struct layout *from, const void *old, const struct layout *to,
		    void *ret_value);

#endif
