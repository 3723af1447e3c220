/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ring buffer of records, for any number of readers, each with a place of its own. Its one
 * consumer position, which tells the kernel what it may overwrite, is that of the fastest reader: a
 * slow or stopped one holds up neither the kernel nor the others. It loses records, and knows how
 * many. Where nobody reads fast enough the kernel counts what it could not write, and the next record
 * says so (agfeo_event.suppressed).
 */
#ifndef USER_KERNEL_EVENTS_H
#define USER_KERNEL_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EVENTS_RECORD_SIZE 4096 /* longer ones are cut */

struct events;

/* Reads records from now on, not those before. Says its own errors. */
int events_open(const char *pin, struct events **ret_events);
void events_free(struct events *events);
static inline void events_freep(struct events **events)
{
	events_free(*events);
}

/* Whether records are there, after at most so many milliseconds. */
bool events_wait(struct events *events, int milliseconds);
/*
 * Hands over what is there until the callback returns other than 0; returns that, else 0. `record`
 * is a copy, at least as aligned as a struct agfeo_event.
 */
int events_read(struct events *events,
		int (*callback)(const void *record, size_t size, void *context), void *context);
/* Records that were overwritten before this reader took them, since the last asking; all records of
 * one version are of one size. */
uint64_t events_lost(struct events *events);

#endif
