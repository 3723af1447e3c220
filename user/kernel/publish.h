/* SPDX-License-Identifier: GPL-2.0 */
/* A policy made to rule, and undone: prepare writes what nobody reads yet, commit is the switch. */
#ifndef USER_KERNEL_PUBLISH_H
#define USER_KERNEL_PUBLISH_H

#include "kernel/loader.h"
#include "kernel/registry.h"

struct publication {
	const struct loader *loader; /* borrowed */
	struct agfeo_control before;
	struct agfeo_control after;
	struct registry *registry_before;
	struct registry *registry_after;
	struct agfeo_device *devices; /* in the order of policy->devices, with their ids */
	bool named;		      /* the rows of registry_after are written */
	bool switched;
};

/* The bank and the ids of the next generation. Leaves nothing that a packet could see. */
int publish_prepare(const struct loader *loader, const struct policy *policy, bool pickup,
		    struct publication *ret_publication);
/* Rows, then the switch. What fails is undone. */
int publish_commit(struct publication *publication);
/* Both, where nothing is to be done between them. */
int publish(const struct loader *loader, const struct policy *policy, bool pickup);
/*
 * Lets the policy before rule again: after a switch as a new generation, since its bank still
 * stands. *ret_generation: which rules now.
 */
int publish_revert(struct publication *publication, uint32_t *ret_generation);
void publish_release(struct publication *publication);

#endif
