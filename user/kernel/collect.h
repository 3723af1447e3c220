/* SPDX-License-Identifier: GPL-2.0 */
/* Maps, programs and links to a snapshot: the only reader of counters. */
#ifndef USER_KERNEL_COLLECT_H
#define USER_KERNEL_COLLECT_H

#include "report/snapshot.h"

enum collect_parts {
	COLLECT_COUNTERS = 1 << 0, /* services, devices */
	COLLECT_FLOWS = 1 << 1,	   /* how many are live; their tables' fill */
	COLLECT_LINKS = 1 << 2,	   /* interfaces */
	COLLECT_COST = 1 << 3,	   /* programs and maps */
	COLLECT_NAMES = 1 << 4,	   /* addresses of AGFEO's hosts */
	COLLECT_ALL =
		COLLECT_COUNTERS | COLLECT_FLOWS | COLLECT_LINKS | COLLECT_COST | COLLECT_NAMES,
};

/* The snapshot always knows meta, control, mode and time. Says its own errors; -ENOENT: nothing is
 * loaded at `pin`. */
int collect(const char *pin, unsigned parts, struct snapshot **ret_snapshot);

/* For collect.c: what collect_cost.c adds. */
int collect_cost(const char *pin, struct snapshot *snapshot);

#endif
