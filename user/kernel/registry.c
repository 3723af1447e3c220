/* SPDX-License-Identifier: GPL-2.0 */
/* Stable ids of devices and counters: who gets which; see registry.h. Pure. */
#include "kernel/registry.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"

void registry_free(struct registry *registry)
{
	if (!registry)
		return;
	free(registry->devices);
	free(registry->counters);
	free(registry);
}

struct registry *registry_new(size_t device_capacity, size_t counter_capacity)
{
	_cleanup_(registry_freep) struct registry *registry = calloc(1, sizeof(*registry));

	if (!registry)
		return NULL;
	registry->device_capacity = device_capacity;
	registry->counter_capacity = counter_capacity;
	registry->devices = calloc(device_capacity, sizeof(*registry->devices));
	registry->counters = calloc(counter_capacity, sizeof(*registry->counters));
	if (!registry->devices || !registry->counters)
		return NULL;
	return take_ptr(registry);
}

struct registry *registry_copy(const struct registry *registry)
{
	struct registry *copy = registry_new(registry->device_capacity, registry->counter_capacity);

	if (!copy)
		return NULL;
	memcpy(copy->devices, registry->devices,
	       registry->device_capacity * sizeof(*registry->devices));
	memcpy(copy->counters, registry->counters,
	       registry->counter_capacity * sizeof(*registry->counters));
	return copy;
}

size_t registry_devices_needed(const struct policy *policy)
{
	return policy->device_count + 1;
}

size_t registry_counters_needed(const struct policy *policy)
{
	size_t needed = 1;

	for (size_t i = 0; i < policy->device_count; i++)
		needed += policy->policies[policy->devices[i].policy].slot_count;
	return needed;
}

/* ------------------------------------------------------------------ an index of rows */

/*
 * Row numbers by the hash of an identity, open addressing; 0 is an empty place. A row that changed
 * hands leaves its old place behind, where comparing the identity fails: such places do no harm.
 */
struct index {
	uint32_t *places;
	size_t mask;
};

static void index_release(struct index *index)
{
	free(index->places);
}

static int index_init(struct index *index, size_t rows)
{
	size_t size = 64;

	while (size < 4 * rows)
		size *= 2;
	index->places = calloc(size, sizeof(*index->places));
	index->mask = size - 1;
	return index->places ? 0 : fail(-ENOMEM, "registry");
}

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size) /* FNV-1a */
{
	for (const uint8_t *byte = bytes; size; byte++, size--)
		hash = (hash ^ *byte) * 0x100000001b3ull;
	return hash;
}

static uint64_t device_hash(const char *name)
{
	return hash_bytes(0xcbf29ce484222325ull, name, strlen(name));
}

static uint64_t counter_hash(const struct agfeo_counter_name *counter)
{
	uint64_t hash =
		hash_bytes(0xcbf29ce484222325ull, &counter->device, sizeof(counter->device));

	hash = hash_bytes(hash, &counter->class, 1);
	hash = hash_bytes(hash, &counter->dscp, 1);
	return hash_bytes(hash, counter->service, strlen(counter->service));
}

static bool same_counter(const struct agfeo_counter_name *a, const struct agfeo_counter_name *b)
{
	return a->device == b->device && a->class == b->class && a->dscp == b->dscp &&
	       !strcmp(a->service, b->service);
}

static void index_add(struct index *index, uint64_t hash, uint32_t row)
{
	size_t at = hash & index->mask;

	while (index->places[at])
		at = (at + 1) & index->mask;
	index->places[at] = row;
}

static uint32_t find_device(const struct index *index, const struct registry *registry,
			    const char *name)
{
	for (size_t at = device_hash(name) & index->mask; index->places[at];
	     at = (at + 1) & index->mask) {
		if (!strcmp(registry->devices[index->places[at]].name, name))
			return index->places[at];
	}
	return 0;
}

static uint32_t find_counter(const struct index *index, const struct registry *registry,
			     const struct agfeo_counter_name *counter)
{
	for (size_t at = counter_hash(counter) & index->mask; index->places[at];
	     at = (at + 1) & index->mask) {
		if (same_counter(&registry->counters[index->places[at]], counter))
			return index->places[at];
	}
	return 0;
}

/* ------------------------------------------------------------------ devices */

/* A free row, else the one that was given up longest ago; 0: every row is in use. */
static uint32_t spare_device(const struct registry *registry, uint32_t generation)
{
	uint32_t oldest = 0;

	for (uint32_t row = 1; row < registry->device_capacity; row++) {
		const struct agfeo_device_name *device = &registry->devices[row];

		if (!device->name[0])
			return row;
		if (device->generation != generation &&
		    (!oldest || device->generation < registry->devices[oldest].generation))
			oldest = row;
	}
	return oldest;
}

/* The counters of a device that gives up its id go with it. */
static void forget_counters(struct registry *registry, uint32_t device)
{
	for (uint32_t row = 1; row < registry->counter_capacity; row++) {
		if (registry->counters[row].device == device)
			registry->counters[row] = (struct agfeo_counter_name){};
	}
}

static void stamp_device(struct agfeo_device_name *row, const struct device *device,
			 uint32_t generation)
{
	struct agfeo_device_name fresh = {.generation = generation};

	snprintf(fresh.name, sizeof(fresh.name), "%s", device->name);
	snprintf(fresh.model, sizeof(fresh.model), "%s", device->model->id);
	*row = fresh;
}

static int assign_devices(struct registry *registry, const struct policy *policy,
			  uint32_t generation, struct agfeo_device *values)
{
	_cleanup_(index_release) struct index index = {};
	int err = index_init(&index, registry->device_capacity);

	if (err)
		return err;
	for (uint32_t row = 1; row < registry->device_capacity; row++) {
		if (registry->devices[row].name[0])
			index_add(&index, device_hash(registry->devices[row].name), row);
	}
	/* Who is known keeps its row before anybody new may take one that looks given up. */
	for (size_t i = 0; i < policy->device_count; i++) {
		const struct device *device = policy->devices[i].device;

		values[i].id = find_device(&index, registry, device->name);
		if (values[i].id)
			stamp_device(&registry->devices[values[i].id], device, generation);
	}
	for (size_t i = 0; i < policy->device_count; i++) {
		if (values[i].id)
			continue;
		values[i].id = spare_device(registry, generation);
		if (!values[i].id) {
			fail(0,
			     "the running maps hold %zu devices, the configuration has %zu: run "
			     "'agfeoctl unload', then 'agfeoctl load' (its counters start anew)",
			     registry->device_capacity - 1, policy->device_count);
			return -ENOSPC;
		}
		if (registry->devices[values[i].id].name[0])
			forget_counters(registry, values[i].id);
		stamp_device(&registry->devices[values[i].id], policy->devices[i].device,
			     generation);
	}
	return 0;
}

/* ------------------------------------------------------------------ counters */

static struct agfeo_counter_name slot_identity(const struct model_policy *model, size_t slot,
					       uint32_t device, uint32_t generation)
{
	struct agfeo_counter_name name = {
		.device = device,
		.generation = generation,
		.class = model->slot_class[slot],
		.dscp = model->slot_mark[slot],
	};

	snprintf(name.service, sizeof(name.service), "%s", model->slots[slot]);
	return name;
}

/* As spare_device(). *cursor: rows below it are known to be taken, so that many are given fast. */
static uint32_t spare_counter(const struct registry *registry, uint32_t generation,
			      uint32_t *cursor)
{
	uint32_t oldest = 0;

	for (; *cursor < registry->counter_capacity; (*cursor)++) {
		if (!registry->counters[*cursor].device)
			return *cursor;
	}
	for (uint32_t row = 1; row < registry->counter_capacity; row++) {
		const struct agfeo_counter_name *counter = &registry->counters[row];

		if (counter->generation != generation &&
		    (!oldest || counter->generation < registry->counters[oldest].generation))
			oldest = row;
	}
	return oldest;
}

static void keep_counters(struct registry *registry, const struct index *index,
			  const struct model_policy *model, uint32_t generation,
			  struct agfeo_device *value)
{
	for (size_t slot = 0; slot < model->slot_count; slot++) {
		struct agfeo_counter_name name = slot_identity(model, slot, value->id, generation);

		value->counter[slot] = find_counter(index, registry, &name);
		if (value->counter[slot])
			registry->counters[value->counter[slot]] = name;
	}
}

static int give_counter(struct registry *registry, struct index *index,
			const struct model_policy *model, size_t slot, uint32_t generation,
			uint32_t *cursor, struct agfeo_device *value)
{
	struct agfeo_counter_name name = slot_identity(model, slot, value->id, generation);
	uint32_t row = value->counter[slot];

	if (!row)
		row = find_counter(index, registry, &name);
	if (!row) {
		row = spare_counter(registry, generation, cursor);
		if (!row)
			return -ENOSPC;
		registry->counters[row] = name;
		index_add(index, counter_hash(&name), row);
	}
	value->counter[slot] = row;
	return 0;
}

static int refuse_counters(const struct registry *registry, const struct policy *policy)
{
	fail(0,
	     "the running maps hold %zu counters, the configuration needs %zu: run 'agfeoctl "
	     "unload', then 'agfeoctl load' (its counters start anew)",
	     registry->counter_capacity - 1, registry_counters_needed(policy) - 1);
	return -ENOSPC;
}

static int assign_counters(struct registry *registry, const struct policy *policy,
			   uint32_t generation, struct agfeo_device *values)
{
	_cleanup_(index_release) struct index index = {};
	int err = index_init(&index, registry->counter_capacity);
	uint32_t cursor = 1;

	if (err)
		return err;
	for (uint32_t row = 1; row < registry->counter_capacity; row++) {
		if (registry->counters[row].device)
			index_add(&index, counter_hash(&registry->counters[row]), row);
	}
	for (size_t i = 0; i < policy->device_count; i++)
		keep_counters(registry, &index, &policy->policies[policy->devices[i].policy],
			      generation, &values[i]);
	/* The voice of many devices stands together, apart from what they seldom do: fewer pages. */
	for (size_t slot = 0; slot < AGFEO_MAX_SLOTS; slot++)
		for (size_t i = 0; i < policy->device_count; i++) {
			const struct model_policy *model =
				&policy->policies[policy->devices[i].policy];

			if (slot < model->slot_count &&
			    give_counter(registry, &index, model, slot, generation, &cursor,
					 &values[i]))
				return refuse_counters(registry, policy);
		}
	return 0;
}

int registry_assign(struct registry *registry, const struct policy *policy, uint32_t generation,
		    struct agfeo_device *values)
{
	int err = assign_devices(registry, policy, generation, values);

	return err ? err : assign_counters(registry, policy, generation, values);
}
