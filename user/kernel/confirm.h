/* SPDX-License-Identifier: GPL-2.0 */
/*
 * load --confirm: a process of its own waits, and takes the change back unless `confirm` comes. That
 * it still waits is told by <run>/confirm, which it keeps locked: the file names the generation.
 */
#ifndef USER_KERNEL_CONFIRM_H
#define USER_KERNEL_CONFIRM_H

#include <limits.h>
#include <stdint.h>

#include "kernel/change.h"

struct pending {
	int pid;
	uint32_t generation;
	unsigned seconds_left;
	char pin[PATH_MAX];
};

/* The change that waits; -ENOENT: none does. Sweeps up after a watcher that was killed. */
int confirm_pending(const char *run, struct pending *ret_pending);

/* Starts the watcher over the change; it has a copy of all that it needs: `before` is the text of the
 * configuration that was loaded, NULL for none. The lock, which the caller holds, is not kept by it. */
int confirm_watch(const char *run, struct change *change, const char *before, unsigned seconds,
		  int lock);

/* The change stays: ends the watcher. The caller holds the lock. */
int confirm_accept(const char *run, const struct pending *pending);

#endif
