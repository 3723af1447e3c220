/* SPDX-License-Identifier: GPL-2.0 */
/* Reading maps: each entry once, in batches where the kernel has them. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/walk.h"
#include "lib/check.h"
#include "prog/runner_pins.h"

struct marks {
	uint8_t seen[5000];
	unsigned twice;
};

static int mark(const void *key, const void *value, void *context)
{
	struct marks *marks = context;
	uint32_t id;

	(void)value;
	memcpy(&id, key, sizeof(id));
	if (marks->seen[id]++)
		marks->twice++;
	return 0;
}

static int stop_at_three(const void *key, const void *value, void *context)
{
	unsigned *count = context;

	(void)key;
	(void)value;
	return ++*count == 3 ? 42 : 0;
}

/* Each entry once, of types with batches and without, more than fit one batch. */
static void test_walk(void)
{
	static const struct {
		enum bpf_map_type type;
		const char *name;
		size_t value; /* so large that several batches are needed */
	} types[] = {
		{BPF_MAP_TYPE_HASH, "hash", 2000},
		{BPF_MAP_TYPE_LRU_HASH, "lru", 2000},
		{BPF_MAP_TYPE_ARRAY, "array", 2000},
		{BPF_MAP_TYPE_PERCPU_HASH, "percpu", 12},
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		unsigned entries = types[i].type == BPF_MAP_TYPE_LRU_HASH ? 20000 : 5000, stop = 0;
		_cleanup_(closep) int map = bpf_map_create(types[i].type, "walk", sizeof(__u32),
							   (__u32)types[i].value, entries, NULL);
		_cleanup_(freep) char *value =
			calloc((size_t)walk_cpus(), walk_stride(types[i].value));
		struct marks marks = {};
		unsigned seen = 0;
		uint64_t count = 0;

		CHECK_ROW(types[i].name);
		for (__u32 id = 0; id < 5000; id++)
			put(map, &id, value);
		CHECK_EQ(walk_map(map, "walk", sizeof(__u32), types[i].value, mark, &marks), 0);
		for (size_t id = 0; id < 5000; id++)
			seen += marks.seen[id] != 0;
		CHECK_EQ(seen, 5000);
		CHECK_EQ(marks.twice, 0);
		CHECK_EQ(walk_count(map, &count), 0);
		CHECK_EQ(count, 5000);
		CHECK_EQ(walk_map(map, "walk", sizeof(__u32), types[i].value, stop_at_three, &stop),
			 42);
		CHECK_EQ(walk_map(map, "walk", sizeof(__u32), 16, mark, &marks), -EPROTO);
	}
	CHECK_ROW(NULL);
}

int main(void)
{
	if (!own_pins_begin())
		return check_done();
	test_walk();
	own_pins_end();
	return check_done();
}
