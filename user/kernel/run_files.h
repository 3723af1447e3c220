/* SPDX-License-Identifier: GPL-2.0 */
/* What the daemon keeps in the folder of run-time state: run.lock, run.json, quality.json. */
#ifndef USER_KERNEL_RUN_FILES_H
#define USER_KERNEL_RUN_FILES_H

#include <limits.h>
#include <stdbool.h>

#include "report/daemon_state.h"
#include "report/quality_state.h"

/* One daemon at a time: -EBUSY, and a message that says which. Held until it is closed. */
int run_lock_take(const char *run, int *ret_lock);
/* Its process; 0: none runs. */
int run_lock_holder(const char *run);

/* What the running daemon says of itself. -ENOENT: none runs. Says its other errors. */
int run_state_read(const char *run, struct daemon_state *ret_state);
int run_state_write(const char *run, const struct daemon_state *state);

/* The histograms; an empty table where none were kept. What is no such file is said and left out. */
int run_quality_read(const char *run, struct quality_table *ret_table);
int run_quality_write(const char *run, const struct quality_table *table);

#endif
