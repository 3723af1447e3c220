/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The histograms of voice quality as the daemon keeps them: by device and direction, and as a file
 * that outlives it, so that no counter goes backwards when it is started anew. Pure.
 */
#ifndef USER_REPORT_QUALITY_STATE_H
#define USER_REPORT_QUALITY_STATE_H

#include <stdio.h>

#include "report/snapshot.h"

struct quality_table {
	struct quality_count *rows; /* by device, direction */
	size_t count, room;
};

void quality_table_release(struct quality_table *table);

/* The row, made where it is missing; NULL: no memory, or no name. Valid until the next call. */
struct quality_count *quality_row(struct quality_table *table, const char *device,
				  enum agfeo_direction direction);

/* Rows of devices that nobody knows any more: the number of series stays that of the devices. */
void quality_prune(struct quality_table *table,
		   bool (*is_known)(const char *device, const void *context), const void *context);

/* {"quality":[{"device","direction":"in|out","jitter":{"bounds":[…],"buckets":[…],"sum"},"mos":…}]};
 * the form that textfile_write() wants. what: a struct quality_table. */
int quality_state_render(FILE *out, const void *what);

/*
 * The same back. -EINVAL: it is no such file. A histogram of other bounds than ours begins anew.
 * ret_table is untouched on failure.
 */
int quality_state_parse(const char *text, struct quality_table *ret_table);

#endif
