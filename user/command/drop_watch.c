/* SPDX-License-Identifier: GPL-2.0 */
/* Drops from the ring buffer; see drop_watch.h. */
#include "command/drop_watch.h"

#include <string.h>
#include <time.h>

#include "kernel/events.h"

static uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void drop_watch_end(struct drop_watch *watch)
{
	events_free(watch->events);
	watch->events = NULL;
}

static int take_event(const void *record, size_t size, void *context)
{
	struct agfeo_event event;

	if (size >= sizeof(event)) {
		memcpy(&event, record, sizeof(event));
		drop_log_add(context, &event);
	}
	return 0;
}

static void pause_for(int milliseconds)
{
	nanosleep(&(struct timespec){.tv_sec = milliseconds / 1000,
				     .tv_nsec = milliseconds % 1000 * 1000000L},
		  NULL);
}

void drop_watch_read(struct drop_watch *watch, const char *pin, uint64_t loaded_ns,
		     int milliseconds)
{
	uint64_t end = monotonic_ns() + (uint64_t)milliseconds * 1000000, now;

	if (watch->events && watch->loaded_ns != loaded_ns)
		drop_watch_end(watch);
	if (!watch->events && !events_open(pin, &watch->events))
		watch->loaded_ns = loaded_ns;
	if (!watch->events) {
		pause_for(milliseconds);
		return;
	}
	do {
		now = monotonic_ns();
		events_wait(watch->events, now < end ? (int)((end - now) / 1000000) : 0);
		events_read(watch->events, take_event, &watch->log);
	} while (monotonic_ns() < end);
}

void drop_watch_explain(const struct drop_watch *watch, struct call *calls, size_t count)
{
	drop_log_explain(&watch->log, monotonic_ns(), calls, count);
}
