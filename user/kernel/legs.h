/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Call legs of a replay. A flow that opens anew takes the place of the one before with the same
 * ends, so voice flows are taken out of their tables as soon as their time is over.
 */
#ifndef USER_KERNEL_LEGS_H
#define USER_KERNEL_LEGS_H

#include "policy/policy.h"
#include "report/flow.h"
#include "report/render_calls.h"

struct legs;

/* Descriptors of the maps voice4 and voice6: borrowed. */
int legs_open(const struct policy *policy, int voice4, int voice6, struct legs **ret_legs);
void legs_free(struct legs *legs);

/* To be called before each packet. Looks into the tables only when something can have expired. */
int legs_keep_ended(struct legs *legs, uint64_t clock_ns);

/* All legs, those that live included: each as it stood at its last packet. The caller frees. */
int legs_calls(struct legs *legs, const struct identities *identities, struct call **ret_calls,
	       size_t *ret_count);

#endif
