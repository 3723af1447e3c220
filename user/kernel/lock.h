/* SPDX-License-Identifier: GPL-2.0 */
/* One change at a time: load, confirm, unload and the watcher hold <run>/lock while they work. */
#ifndef USER_KERNEL_LOCK_H
#define USER_KERNEL_LOCK_H

/*
 * Waits up to ten seconds, then -EBUSY and a message that says who holds it. what: "load", for that
 * message. Closing the descriptor gives it back, as does the death of the process.
 */
int lock_take(const char *run, const char *what, int *ret_lock);

/* The folder of run-time state, made where it is missing. */
int run_folder_make(const char *run);

#endif
