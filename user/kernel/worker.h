/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work in a process of its own, so that the event loop goes on meanwhile: what it says on standard
 * error is passed on, and kept for who asks how it went.
 */
#ifndef USER_KERNEL_WORKER_H
#define USER_KERNEL_WORKER_H

#include <event2/event.h>

struct worker;

/*
 * work runs in the child and returns 0 or a negative errno. done comes from the event loop, after
 * which the worker is gone: failed is 0 or 1, said is what it said. close_fd: a descriptor that the
 * child must not hold; -1: none.
 */
int worker_start(struct event_base *base, int close_fd, int (*work)(void *context),
		 void (*done)(int failed, const char *said, void *context), void *context,
		 struct worker **ret_worker);

/* Waits for its end, without a call to done. */
void worker_finish(struct worker *worker);

#endif
