/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A change of what is loaded, as one transaction: either all of it, or what ran before. It can be
 * reverted also after it succeeded, for as long as it is kept (load --confirm).
 */
#ifndef USER_KERNEL_CHANGE_H
#define USER_KERNEL_CHANGE_H

#include <stdbool.h>

#include "policy/policy.h"

struct change_request {
	const char *pin;
	const char *config; /* path of the configuration, for messages and `status` */
	const struct policy *policy;
};

struct change;

/* Loads, or replaces in place what is loaded. The caller holds the lock. */
int change_apply(const struct change_request *request, struct change **ret_change);
/* What ran before runs again: the policy before as a new generation, or nothing. */
int change_revert(struct change *change);
/* Lets go of what a revert would need. What is loaded stays. */
void change_free(struct change *change);
static inline void change_freep(struct change **change)
{
	change_free(*change);
}

uint32_t change_generation(const struct change *change); /* which rules now; 0: none */
bool change_is_first(const struct change *change);	 /* nothing was loaded before */
/* UDP flows that were open before, and that conntrack knows: only after a first load. */
size_t change_flows_taken_over(const struct change *change);
const char *change_pin(const struct change *change); /* absolute */

/* Removes everything from `pin`, whichever version loaded it. -ENOENT: nothing is there. */
int change_unload(const char *pin);

#endif
