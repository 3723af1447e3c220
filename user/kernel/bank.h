/* SPDX-License-Identifier: GPL-2.0 */
/* A policy as the maps of one bank hold it. Nothing reads the bank until its generation rules. */
#ifndef USER_KERNEL_BANK_H
#define USER_KERNEL_BANK_H

#include "kernel/loader.h"

/* values: one for each of policy->devices, with the ids that the registry gave. */
int bank_write(const struct loader *loader, const struct policy *policy, uint32_t generation,
	       const struct agfeo_device *values);

#endif
