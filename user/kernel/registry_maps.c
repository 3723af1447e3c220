/* SPDX-License-Identifier: GPL-2.0 */
/* The registry in the kernel: rows read and written, counters that change hands zeroed. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/registry.h"

static int map_capacity(int map, size_t *ret_capacity)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	if (bpf_obj_get_info_by_fd(map, &info, &length))
		return fail(errno, "registry");
	*ret_capacity = info.max_entries;
	return 0;
}

int registry_read(const struct registry_maps *maps, struct registry **ret_registry)
{
	_cleanup_(registry_freep) struct registry *registry = NULL;
	size_t devices, counters;
	int err = map_capacity(maps->device_names, &devices);

	if (!err)
		err = map_capacity(maps->counter_names, &counters);
	if (err)
		return err;
	registry = registry_new(devices, counters);
	if (!registry)
		return fail(-ENOMEM, "registry");
	for (__u32 row = 1; row < devices; row++) {
		if (bpf_map_lookup_elem(maps->device_names, &row, &registry->devices[row]))
			return fail(errno, "map 'device_names'");
	}
	for (__u32 row = 1; row < counters; row++) {
		if (bpf_map_lookup_elem(maps->counter_names, &row, &registry->counters[row]))
			return fail(errno, "map 'counter_names'");
	}
	*ret_registry = take_ptr(registry);
	return 0;
}

/* Per CPU: one value for each possible CPU, each rounded up to eight bytes. */
static int zero_row(int map, const char *name, __u32 row, size_t size)
{
	int cpus = libbpf_num_possible_cpus();
	_cleanup_(freep) void *zeros = NULL;

	if (cpus < 0)
		return fail(cpus, "number of CPUs");
	zeros = calloc(cpus, (size + 7) / 8 * 8);
	if (!zeros)
		return fail(-ENOMEM, "map '%s'", name);
	return bpf_map_update_elem(map, &row, zeros, BPF_ANY) ? fail(errno, "map '%s'", name) : 0;
}

static int write_device(const struct registry_maps *maps, const struct agfeo_device_name *before,
			const struct agfeo_device_name *after, __u32 row)
{
	int err = 0;

	if (!memcmp(before, after, sizeof(*after)))
		return 0;
	if (before->name[0] && strcmp(before->name, after->name))
		err = zero_row(maps->device_counters, "device_counters", row,
			       sizeof(struct agfeo_device_counter));
	if (!err && bpf_map_update_elem(maps->device_names, &row, after, BPF_ANY))
		err = fail(errno, "map 'device_names'");
	return err;
}

static bool changed_hands(const struct agfeo_counter_name *before,
			  const struct agfeo_counter_name *after)
{
	return before->device &&
	       (before->device != after->device || before->class != after->class ||
		before->dscp != after->dscp || strcmp(before->service, after->service));
}

static int write_counter(const struct registry_maps *maps, const struct agfeo_counter_name *before,
			 const struct agfeo_counter_name *after, bool device_changed, __u32 row)
{
	int err = 0;

	if (!memcmp(before, after, sizeof(*after)) && !device_changed)
		return 0;
	if (changed_hands(before, after) || device_changed)
		err = zero_row(maps->counters, "counters", row, sizeof(struct agfeo_counter));
	if (!err && bpf_map_update_elem(maps->counter_names, &row, after, BPF_ANY))
		err = fail(errno, "map 'counter_names'");
	return err;
}

int registry_write(const struct registry_maps *maps, const struct registry *before,
		   const struct registry *after)
{
	int err = 0;

	for (__u32 row = 1; !err && row < after->device_capacity; row++)
		err = write_device(maps, &before->devices[row], &after->devices[row], row);
	for (__u32 row = 1; !err && row < after->counter_capacity; row++) {
		__u32 device = before->counters[row].device;
		/* The same id in the row, but of another device by now. */
		bool device_changed =
			device && device < after->device_capacity &&
			before->devices[device].name[0] &&
			strcmp(before->devices[device].name, after->devices[device].name);

		err = write_counter(maps, &before->counters[row], &after->counters[row],
				    device_changed, row);
	}
	return err;
}
