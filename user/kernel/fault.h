/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a change may be killed, stopped (until SIGCONT) or made to fail, for tests: only in a build
 * with -DAGFEO_FAULTS, by AGFEO_FAULT=kill:POINT, stop:POINT or fail:POINT in the environment. In
 * every other build it is nothing.
 */
#ifndef USER_KERNEL_FAULT_H
#define USER_KERNEL_FAULT_H

#ifdef AGFEO_FAULTS
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static inline int fault_point(const char *point)
{
	const char *fault = getenv("AGFEO_FAULT");

	if (!fault || strlen(fault) < 5 || strcmp(fault + 5, point))
		return 0;
	if (!strncmp(fault, "kill:", 5))
		raise(SIGKILL);
	if (!strncmp(fault, "stop:", 5)) {
		raise(SIGSTOP);
		return 0;
	}
	return fail(-EIO, "fault asked for at '%s'", point);
}
#else
static inline int fault_point(const char *point)
{
	(void)point;
	return 0;
}
#endif

#endif
