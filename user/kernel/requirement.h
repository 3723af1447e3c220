/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs need of the kernel, found by trying, never by its version; the version is told.
 * What may be missing is not here: it is chosen at load (kernel/probe.h).
 */
#ifndef USER_KERNEL_REQUIREMENT_H
#define USER_KERNEL_REQUIREMENT_H

#include <stddef.h>

struct requirement {
	const char *feature; /* "ring buffers" */
	const char *since;   /* "5.8": the version of Linux, or the option that it is built with */
	int (*probe)(void);  /* 1: there; 0: missing; negative errno: it could not be asked */
};

/*
 * 0, also where nothing could be asked (without the right to, say): the load itself will tell.
 * -EOPNOTSUPP, having said which feature is missing and which kernel has it.
 */
int requirements_check(void);
int requirements_check_list(const struct requirement *list, size_t count);

#endif
