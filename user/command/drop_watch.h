/* SPDX-License-Identifier: GPL-2.0 */
/* The ring buffer's drops, kept for a while: what `top` and `calls` explain one-way audio with. */
#ifndef USER_COMMAND_DROP_WATCH_H
#define USER_COMMAND_DROP_WATCH_H

#include <stdlib.h>

#include "report/drop_log.h"

struct events;

struct drop_watch {
	struct events *events; /* NULL: not yet, or it cannot be read: nothing is explained then */
	uint64_t loaded_ns;    /* of the load whose ring buffer it is: a new one may have another */
	struct drop_log log;
};

/* Ends watching; what was seen is kept. */
void drop_watch_end(struct drop_watch *watch);

static inline void drop_watch_freep(struct drop_watch **watch)
{
	if (*watch)
		drop_watch_end(*watch);
	free(*watch);
}

/* Takes what came since the last time, and what comes within so many milliseconds. */
void drop_watch_read(struct drop_watch *watch, const char *pin, uint64_t loaded_ns,
		     int milliseconds);

/* Says of each one-way call which packets of its silent direction are being dropped here. */
void drop_watch_explain(const struct drop_watch *watch, struct call *calls, size_t count);

#endif
