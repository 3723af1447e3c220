/* SPDX-License-Identifier: GPL-2.0 */
/* The index over the flow tables, freed of what no flow needs; include/agfeo/flow_index.h. */
#ifndef USER_KERNEL_SWEEP_INDEX_H
#define USER_KERNEL_SWEEP_INDEX_H

#include <stdbool.h>
#include <stdint.h>

struct index_sweep;

/* Of what is loaded at `pin`; to be opened anew after an unload. Says its own errors. */
int index_sweep_open(const char *pin, struct index_sweep **ret_sweep);
void index_sweep_free(struct index_sweep *sweep);
static inline void index_sweep_freep(struct index_sweep **sweep)
{
	index_sweep_free(*sweep);
}

struct index_swept {
	uint64_t cleared; /* bits */
	uint64_t mended;  /* bits of flows that were missing: two CPUs wrote one byte at once */
};

/* Clears what was stale already when it was called the last time. Adds to *ret_swept. */
int index_sweep_run(struct index_sweep *sweep, struct index_swept *ret_swept);

#endif
