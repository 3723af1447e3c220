/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ring buffer of records, for any number of readers. It has one consumer position, which tells
 * the kernel what it may overwrite: the first reader keeps it (and a lock on the map's folder), all
 * others only look on. When the first one goes, another takes its place. Records that an onlooker
 * was too slow for are lost to it alone, and it knows that some were.
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
/* Times that the writer was a whole buffer ahead, so that records were lost to this reader. */
uint64_t events_overruns(const struct events *events);

#endif
