/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the daemon keeps in the folder of run-time state: run.lock, run.json, quality.json; and what
 * `load` leaves there for it: loaded.conf.
 */
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

/*
 * The text of the configuration that is loaded. The daemon works by it: the file that an administrator
 * edits may be half written, faulty, or not meant yet. Whoever changes what is loaded writes it, under
 * the lock, for its owner alone, in one step.
 */
void run_config_path(const char *run, char path[PATH_MAX]);
/* -ENOENT, and no word: nothing is loaded, or by a version that left no text. */
int run_config_read(const char *run, char **ret_text);
/* NULL: there is none any more. What cannot be written is a warning: what is loaded stays loaded. */
void run_config_write(const char *run, const char *text);

/* Which text it was. All zero: none. */
struct run_config_mark {
	uint64_t inode;
	uint64_t changed_ns; /* CLOCK_REALTIME */
};
/* Whether there is another text than the marked one, which then is marked. */
bool run_config_moved(const char *run, struct run_config_mark *mark);

#endif
