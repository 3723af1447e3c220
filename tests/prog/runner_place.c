/* SPDX-License-Identifier: GPL-2.0 */
/* Where the programs are the kernel's; see runner.h. tests/host/place.c is its like on the host. */
#include <sched.h>
#include <unistd.h>

#include "check.h"
#include "runner.h"

bool runner_place(void)
{
	if (geteuid()) {
		CHECK_SKIP("needs root");
		return false;
	}
	return CHECK_EQ(unshare(CLONE_NEWNET), 0);
}

bool runner_stay(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	return CHECK_EQ(sched_setaffinity(0, sizeof(set), &set), 0);
}
