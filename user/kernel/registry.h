/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stable ids: a device keeps its id by its name, a counter by (device, service, class, DSCP), over
 * every load. Identities that are no longer configured keep their ids, and so their values, until
 * space runs out; then those that went first give theirs up. Id 0 is never given.
 */
#ifndef USER_KERNEL_REGISTRY_H
#define USER_KERNEL_REGISTRY_H

#include "policy/policy.h"

struct registry { /* the maps device_names and counter_names, row by id */
	struct agfeo_device_name *devices;
	struct agfeo_counter_name *counters;
	size_t device_capacity;
	size_t counter_capacity;
};

void registry_free(struct registry *registry);
static inline void registry_freep(struct registry **registry)
{
	registry_free(*registry);
}

/* An empty one. NULL: no memory. */
struct registry *registry_new(size_t device_capacity, size_t counter_capacity);
struct registry *registry_copy(const struct registry *registry);

/* Rows that a policy needs, id 0 included. */
size_t registry_devices_needed(const struct policy *policy);
size_t registry_counters_needed(const struct policy *policy);

/*
 * Gives every device of the policy and every slot of its model its id: values[i].id and
 * values[i].counter of policy->devices[i]; the rows are stamped with the generation.
 * -ENOSPC: the policy has more than there are rows; the message says what to do. Pure.
 */
int registry_assign(struct registry *registry, const struct policy *policy, uint32_t generation,
		    struct agfeo_device *values);

/* Descriptors of the maps that a registry lives in. */
struct registry_maps {
	int device_names;
	int counter_names;
	int device_counters;
	int counters;
};

int registry_read(const struct registry_maps *maps, struct registry **ret_registry);
/* Writes the rows in which `after` differs from `before`, and zeroes the counters of those that
 * have changed hands. */
int registry_write(const struct registry_maps *maps, const struct registry *before,
		   const struct registry *after);

#endif
