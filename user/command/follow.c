/* SPDX-License-Identifier: GPL-2.0 */
/* Dropped packets as lines, and what all followers need; see follow.h. */
#include "command/follow.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "kernel/events.h"
#include "kernel/flows.h"
#include "kernel/pins.h"
#include "report/event.h"
#include "report/json.h"

#define WAIT_MS 1000

int output_done(void)
{
	return fflush(stdout) || ferror(stdout) ? EXIT_FAILED : EXIT_DONE;
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t follow_clock_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

const char *follow_interface(uint32_t ifindex, char name[IF_NAMESIZE])
{
	name[0] = '\0';
	if (!if_indextoname(ifindex, name))
		name[0] = '\0';
	return name;
}

void follow_say_lost(const struct context *context, uint64_t records)
{
	struct json json = {.out = stdout};

	if (!records)
		return;
	if (!context->json) {
		printf("(too slow: %llu records were lost)\n", (unsigned long long)records);
		return;
	}
	json_open(&json, NULL);
	json_time(&json, "time", clock_ns(CLOCK_REALTIME));
	json_string(&json, "event", "lost");
	json_number(&json, "records", records);
	json_close(&json);
	json_end(&json);
}

void following_release(struct following *following)
{
	events_free(following->events);
	identities_free(following->identities);
}

static int refresh_events(const struct context *context, struct following *following)
{
	uint64_t life = following->meta.first_loaded_ns;
	struct events *fresh;
	int err = pins_read_meta(context->pin, &following->meta);

	if (err || (following->events && life == following->meta.first_loaded_ns))
		return err;
	err = events_open(context->pin, &fresh);
	if (err)
		return err;
	events_free(following->events);
	following->events = fresh;
	return 0;
}

static int refresh_names(const struct context *context, struct following *following)
{
	struct agfeo_control control;
	struct identities *fresh;
	int err = pins_read_control(context->pin, &control);

	if (err || (following->identities && control.generation == following->generation))
		return err;
	err = identities_read(context->pin, &fresh);
	if (err)
		return err;
	identities_free(following->identities);
	following->identities = fresh;
	following->generation = control.generation;
	following->realtime_offset_ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
	return 0;
}

int follow_refresh(const struct context *context, struct following *following)
{
	int err = refresh_events(context, following);

	return err ? err : refresh_names(context, following);
}

/* ------------------------------------------------------------------ drops */

struct drops {
	const struct context *context;
	struct following loaded;
	uint32_t suppressed; /* told by records of other types */
};

static void drops_release(struct drops *drops)
{
	following_release(&drops->loaded);
}

/* A record may be longer than what we know of it, never shorter. */
static int print_drop(const void *record, size_t size, void *context)
{
	struct drops *drops = context;
	char interface[IF_NAMESIZE];
	struct agfeo_event event;
	struct event_view view = {
		.identities = drops->loaded.identities,
		.realtime_offset_ns = drops->loaded.realtime_offset_ns,
	};

	if (size < sizeof(event))
		return 0;
	memcpy(&event, record, sizeof(event));
	event.suppressed += drops->suppressed;
	drops->suppressed = event.type == AGFEO_EVENT_DROP ? 0 : event.suppressed;
	if (event.type != AGFEO_EVENT_DROP)
		return 0;
	view.interface = follow_interface(event.ifindex, interface);
	if (drops->context->json)
		render_event_json(stdout, &event, &view);
	else
		render_event_text(stdout, &event, &view);
	return 0;
}

int follow_drops(const struct context *context)
{
	_cleanup_(drops_release) struct drops drops = {.context = context};

	for (;;) {
		if (follow_refresh(context, &drops.loaded))
			return EXIT_FAILED;
		events_wait(drops.loaded.events, WAIT_MS);
		events_read(drops.loaded.events, print_drop, &drops);
		follow_say_lost(context, events_lost(drops.loaded.events));
		if (output_done() != EXIT_DONE)
			return EXIT_FAILED;
	}
}
