/* SPDX-License-Identifier: GPL-2.0 */
/* Layouts of maps by their BTF; see layout.h. */
#include "kernel/layout.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

void layout_release(struct layout *layout)
{
	btf__free(layout->btf);
	layout->btf = NULL;
}

static int read_sizes(int map, struct bpf_map_info *info, struct layout *ret_layout)
{
	__u32 length = sizeof(*info);

	memset(info, 0, sizeof(*info));
	if (bpf_obj_get_info_by_fd(map, info, &length))
		return -errno;
	*ret_layout = (struct layout){
		.map_type = info->type,
		.key_size = info->key_size,
		.value_size = info->value_size,
		.max_entries = info->max_entries,
		.key_type = info->btf_key_type_id,
		.value_type = info->btf_value_type_id,
	};
	return 0;
}

int layout_sizes_of_map(int map, struct layout *ret_layout)
{
	struct bpf_map_info info;

	return read_sizes(map, &info, ret_layout);
}

int layout_of_map(int map, struct layout *ret_layout)
{
	struct bpf_map_info info;
	struct layout layout;
	int err = read_sizes(map, &info, &layout);

	if (err)
		return err;
	if (!info.btf_id || !info.btf_value_type_id)
		return -ENOENT;
	layout.btf = btf__load_from_kernel_by_id(info.btf_id);
	if (!layout.btf)
		return -errno;
	*ret_layout = layout;
	return 0;
}

/* ------------------------------------------------------------------ types */

struct place {
	const struct btf *btf;
	uint32_t type; /* resolved: no typedef, no qualifier */
};

static struct place place_of(const struct btf *btf, uint32_t type)
{
	int resolved = btf__resolve_type(btf, type);

	return (struct place){btf, resolved < 0 ? 0 : (uint32_t)resolved};
}

static const struct btf_type *type_at(const struct place *place)
{
	return btf__type_by_id(place->btf, place->type);
}

static size_t size_at(const struct place *place)
{
	__s64 size = btf__resolve_size(place->btf, place->type);

	return size < 0 ? 0 : (size_t)size;
}

static const char *name_at(const struct place *place, uint32_t offset)
{
	const char *name = btf__name_by_offset(place->btf, offset);

	return name ? name : "";
}

static bool is_number(const struct btf_type *type)
{
	return btf_is_int(type) || btf_is_any_enum(type);
}

static const struct btf_member *find_member(const struct place *place, const char *name)
{
	const struct btf_type *type = type_at(place);
	const struct btf_member *members = btf_members(type);

	for (int i = 0; i < btf_vlen(type); i++) {
		if (!strcmp(name_at(place, members[i].name_off), name))
			return &members[i];
	}
	return NULL;
}

/* ------------------------------------------------------------------ the same? */

static bool same_place(struct place a, struct place b);

static bool same_members(const struct place *a, const struct place *b)
{
	const struct btf_type *first = type_at(a), *second = type_at(b);
	const struct btf_member *left = btf_members(first), *right = btf_members(second);

	if (btf_vlen(first) != btf_vlen(second))
		return false;
	for (int i = 0; i < btf_vlen(first); i++) {
		if (left[i].offset != right[i].offset ||
		    strcmp(name_at(a, left[i].name_off), name_at(b, right[i].name_off)) ||
		    !same_place(place_of(a->btf, left[i].type), place_of(b->btf, right[i].type)))
			return false;
	}
	return true;
}

/* Neither the depth nor the breadth of our structures asks for more than recursion. */
static bool same_place(struct place a, struct place b)
{
	const struct btf_type *first = type_at(&a), *second = type_at(&b);

	if (!first || !second || size_at(&a) != size_at(&b))
		return false;
	if (is_number(first) && is_number(second))
		return true;
	if (btf_kind(first) != btf_kind(second))
		return false;
	if (btf_is_array(first))
		return btf_array(first)->nelems == btf_array(second)->nelems &&
		       same_place(place_of(a.btf, btf_array(first)->type),
				  place_of(b.btf, btf_array(second)->type));
	return btf_is_composite(first) && same_members(&a, &b);
}

bool layout_same_key(const struct layout *a, const struct layout *b)
{
	return a->key_size == b->key_size &&
	       same_place(place_of(a->btf, a->key_type), place_of(b->btf, b->key_type));
}

bool layout_same_value(const struct layout *a, const struct layout *b)
{
	return a->value_size == b->value_size &&
	       same_place(place_of(a->btf, a->value_type), place_of(b->btf, b->value_type));
}

/* ------------------------------------------------------------------ converting */

static uint64_t read_number(const void *bytes, size_t size)
{
	uint64_t wide = 0;
	uint32_t word;
	uint16_t half;

	switch (size) {
	case 1:
		return *(const uint8_t *)bytes;
	case 2:
		memcpy(&half, bytes, size);
		return half;
	case 4:
		memcpy(&word, bytes, size);
		return word;
	case 8:
		memcpy(&wide, bytes, size);
		return wide;
	default: /* no such number is in our maps */
		return 0;
	}
}

/* What does not fit stays at the most that does. */
static void write_number(void *bytes, size_t size, uint64_t number)
{
	uint64_t most = size >= 8 ? UINT64_MAX : (1ull << 8 * size) - 1;
	uint64_t wide = number < most ? number : most;
	uint32_t word = (uint32_t)wide;
	uint16_t half = (uint16_t)wide;
	uint8_t byte = (uint8_t)wide;

	if (size == 1)
		memcpy(bytes, &byte, size);
	else if (size == 2)
		memcpy(bytes, &half, size);
	else if (size == 4)
		memcpy(bytes, &word, size);
	else if (size == 8)
		memcpy(bytes, &wide, size);
}

static void convert(struct place from, const char *old, struct place to, char *new,
		    const char *name);

static void convert_members(struct place from, const char *old, struct place to, char *new)
{
	const struct btf_type *type = type_at(&to);
	const struct btf_member *members = btf_members(type);

	for (int i = 0; i < btf_vlen(type); i++) {
		const char *name = name_at(&to, members[i].name_off);
		const struct btf_member *same = find_member(&from, name);

		if (same)
			convert(place_of(from.btf, same->type), old + same->offset / 8,
				place_of(to.btf, members[i].type), new + members[i].offset / 8,
				name);
	}
}

/* ------------------------------------------------------------------ drop reasons */

/* The value of an enumerator; negative: there is none. */
static int reason_value(const struct place *reasons, const char *name)
{
	const struct btf_type *type = type_at(reasons);
	const struct btf_enum *values = btf_enum(type);

	for (int i = 0; i < btf_vlen(type); i++) {
		if (!strcmp(name_at(reasons, values[i].name_off), name))
			return values[i].val;
	}
	return -ENOENT;
}

static struct place reasons_of(const struct btf *btf)
{
	__s32 type = btf__find_by_name_kind(btf, "agfeo_reason", BTF_KIND_ENUM);

	return (struct place){btf, type < 0 ? 0 : (uint32_t)type};
}

/* The place in `drops` of a version's array that counts the reason; negative: none does. The drop
 * reasons are the last `count` of all. */
static int drop_place(const struct place *reasons, const char *name, uint32_t count)
{
	int value = reason_value(reasons, name);
	int all = reason_value(reasons, "AGFEO_REASON_COUNT");

	return value < 0 || all < (int)count ? -ENOENT : value - (all - (int)count);
}

/* Where `place` of the new array stood in the old one; negative: it is a new reason. */
static int old_place(const struct btf *from, uint32_t before, const struct btf *to, uint32_t after,
		     uint32_t place)
{
	struct place old = reasons_of(from), new = reasons_of(to);
	const struct btf_type *type = type_at(&new);

	if (!old.type || !new.type)
		return before == after ? (int)place : -ENOENT;
	for (int i = 0; i < btf_vlen(type); i++) {
		const char *name = name_at(&new, btf_enum(type)[i].name_off);

		if (drop_place(&new, name, after) == (int)place)
			return drop_place(&old, name, before);
	}
	return -ENOENT;
}

/* ------------------------------------------------------------------ all kinds */

static void convert_array(struct place from, const char *old, struct place to, char *new,
			  const char *name)
{
	const struct btf_array *before = btf_array(type_at(&from));
	const struct btf_array *after = btf_array(type_at(&to));
	struct place source = place_of(from.btf, before->type);
	struct place target = place_of(to.btf, after->type);
	size_t source_size = size_at(&source), target_size = size_at(&target);

	for (uint32_t i = 0; i < after->nelems; i++) {
		int at = (int)i;

		if (!strcmp(name, "drops"))
			at = old_place(from.btf, before->nelems, to.btf, after->nelems, i);
		if (at >= 0 && at < (int)before->nelems)
			convert(source, old + at * source_size, target, new + i *target_size, "");
	}
}

static void convert(struct place from, const char *old, struct place to, char *new,
		    const char *name)
{
	const struct btf_type *before = type_at(&from), *after = type_at(&to);

	if (!before || !after)
		return;
	if (is_number(before) && is_number(after))
		write_number(new, size_at(&to), read_number(old, size_at(&from)));
	else if (btf_is_array(before) && btf_is_array(after))
		convert_array(from, old, to, new, name);
	else if (btf_is_composite(before) && btf_is_composite(after))
		convert_members(from, old, to, new);
}

void layout_convert(const struct layout *from, const void *old, const struct layout *to,
		    void *ret_value)
{
	memset(ret_value, 0, to->value_size);
	if (!from->btf || !to->btf) {
		memcpy(ret_value, old,
		       from->value_size < to->value_size ? from->value_size : to->value_size);
		return;
	}
	convert(place_of(from->btf, from->value_type), old, place_of(to->btf, to->value_type),
		ret_value, "");
}
