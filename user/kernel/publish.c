/* SPDX-License-Identifier: GPL-2.0 */
/* A policy made to rule, and undone; see publish.h. */
#include "kernel/publish.h"

#include <bpf/bpf.h>
#include <errno.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/bank.h"
#include "kernel/clock.h"
#include "kernel/fault.h"

#define NS_PER_SECOND 1000000000ull

static struct registry_maps registry_maps(const struct loader *loader)
{
	return (struct registry_maps){
		.device_names = loader_map(loader, "device_names"),
		.counter_names = loader_map(loader, "counter_names"),
		.device_counters = loader_map(loader, "device_counters"),
		.counters = loader_map(loader, "counters"),
	};
}

void publish_release(struct publication *publication)
{
	registry_free(publication->registry_before);
	registry_free(publication->registry_after);
	free(publication->devices);
	publication->registry_before = publication->registry_after = NULL;
	publication->devices = NULL;
}

static int read_control(const struct loader *loader, struct agfeo_control *ret_control)
{
	__u32 zero = 0;

	if (bpf_map_lookup_elem(loader_map(loader, "control"), &zero, ret_control))
		return fail(errno, "map 'control'");
	return 0;
}

/* What the programs have noted meanwhile stays. */
static int write_control(const struct loader *loader, struct agfeo_control control)
{
	struct agfeo_control now;
	__u32 zero = 0;
	int err = read_control(loader, &now);

	if (err)
		return err;
	control.expected = now.expected;
	if (bpf_map_update_elem(loader_map(loader, "control"), &zero, &control, BPF_ANY))
		return fail(errno, "map 'control'");
	return 0;
}

/* Generation 0 is "nothing published": a counter that wraps steps over it, keeping the parity. */
static uint32_t next_generation(uint32_t generation)
{
	return generation + 1 ? generation + 1 : 2;
}

/* Mid-stream TCP is picked up after the first load only; a reload leaves what was decided then. */
static int set_pickup(const struct loader *loader, const struct policy *policy, bool pickup,
		      struct agfeo_control *control)
{
	uint32_t tick;
	int err;

	if (!pickup)
		return 0;
	err = loader_tick(loader, &tick);
	if (err)
		return err;
	control->pickup_until = tick + PICKUP_SECONDS * NS_PER_SECOND / policy->tick_ns;
	if (!control->pickup_until)
		control->pickup_until = 1;
	return 0;
}

int publish_prepare(const struct loader *loader, const struct policy *policy, bool pickup,
		    struct publication *ret_publication)
{
	_cleanup_(publish_release) struct publication publication = {.loader = loader};
	struct registry_maps maps = registry_maps(loader);
	int err;

	publication.devices = calloc(policy->device_count + 1, sizeof(*publication.devices));
	if (!publication.devices)
		return fail(-ENOMEM, "policy");
	err = read_control(loader, &publication.before);
	if (!err)
		err = registry_read(&maps, &publication.registry_before);
	if (err)
		return err;
	publication.registry_after = registry_copy(publication.registry_before);
	if (!publication.registry_after)
		return fail(-ENOMEM, "registry");
	publication.after = publication.before;
	publication.after.generation = next_generation(publication.before.generation);

	err = set_pickup(loader, policy, pickup, &publication.after);
	if (!err)
		err = registry_assign(publication.registry_after, policy,
				      publication.after.generation, publication.devices);
	if (!err)
		err = bank_write(loader, policy, publication.after.generation, publication.devices);
	if (err)
		return err;

	*ret_publication = publication;
	publication.registry_before = publication.registry_after = NULL;
	publication.devices = NULL;
	return 0;
}

int publish_commit(struct publication *publication)
{
	struct registry_maps maps = registry_maps(publication->loader);
	uint32_t generation;
	int err;

	publication->named = true;
	err = registry_write(&maps, publication->registry_before, publication->registry_after);
	if (!err)
		err = fault_point("named");
	if (!err)
		err = write_control(publication->loader, publication->after);
	if (!err) {
		publication->switched = true;
		return 0;
	}
	publish_revert(publication, &generation);
	return err;
}

int publish(const struct loader *loader, const struct policy *policy, bool pickup)
{
	_cleanup_(publish_release) struct publication publication = {};
	int err = publish_prepare(loader, policy, pickup, &publication);

	return err ? err : publish_commit(&publication);
}

/* What was configured then is configured again: the stamps say by whom rows are in use. */
static void restamp(struct registry *registry, uint32_t from, uint32_t to)
{
	for (size_t row = 0; row < registry->device_capacity; row++) {
		if (registry->devices[row].generation == from)
			registry->devices[row].generation = to;
	}
	for (size_t row = 0; row < registry->counter_capacity; row++) {
		if (registry->counters[row].generation == from)
			registry->counters[row].generation = to;
	}
}

int publish_revert(struct publication *publication, uint32_t *ret_generation)
{
	struct registry_maps maps = registry_maps(publication->loader);
	struct agfeo_control control = publication->before;
	int err = 0;

	if (publication->switched) {
		control.generation = next_generation(publication->after.generation);
		err = write_control(publication->loader, control);
		if (err)
			return err;
		restamp(publication->registry_before, publication->before.generation,
			control.generation);
		fault_point("switched-back");
		publication->switched = false;
	}
	if (publication->named)
		err = registry_write(&maps, publication->registry_after,
				     publication->registry_before);
	publication->named = false;
	*ret_generation = control.generation;
	return err;
}
