/* SPDX-License-Identifier: GPL-2.0 */
/* Records as lines; see follow.h. */
#include "command/follow.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/events.h"
#include "kernel/flows.h"
#include "kernel/pins.h"
#include "report/event.h"

#define WAIT_MS 1000

struct following {
	enum agfeo_event_type type;
	bool json;
	struct event_view view;
};

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

/* A record may be longer than what we know of it, never shorter. */
static int print_record(const void *record, size_t size, void *context)
{
	struct following *following = context;
	char interface[IF_NAMESIZE] = "";
	struct agfeo_event event;

	if (size < sizeof(event))
		return 0;
	memcpy(&event, record, sizeof(event));
	if (event.type != following->type)
		return 0;
	following->view.interface = if_indextoname(event.ifindex, interface) ? interface : "";
	if (following->json)
		render_event_json(stdout, &event, &following->view);
	else
		render_event_text(stdout, &event, &following->view);
	return 0;
}

static void say_overruns(const struct following *following, uint64_t more)
{
	if (!more)
		return;
	if (following->json)
		printf("{\"event\":\"lost\",\"overruns\":%llu}\n", (unsigned long long)more);
	else
		printf("(too slow: records were lost)\n");
}

/* Names change with every load, and a policy may be gone altogether. */
static int refresh(const struct context *context, struct following *following,
		   struct identities **identities, uint32_t *generation)
{
	struct agfeo_control control;
	struct identities *fresh;
	int err = pins_read_control(context->pin, &control);

	if (err || (*identities && control.generation == *generation))
		return err;
	err = identities_read(context->pin, &fresh);
	if (err)
		return err;
	identities_free(*identities);
	*identities = fresh;
	*generation = control.generation;
	following->view.identities = fresh;
	following->view.realtime_offset_ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
	return 0;
}

int follow(const struct context *context, enum agfeo_event_type type)
{
	_cleanup_(events_freep) struct events *events = NULL;
	_cleanup_(identities_freep) struct identities *identities = NULL;
	struct following following = {.type = type, .json = context->json};
	struct agfeo_meta meta;
	uint32_t generation = 0;
	uint64_t overruns = 0;

	if (pins_read_meta(context->pin, &meta) || events_open(context->pin, &events))
		return EXIT_FAILED;
	for (;;) {
		if (refresh(context, &following, &identities, &generation))
			return EXIT_FAILED;
		events_wait(events, WAIT_MS);
		events_read(events, print_record, &following);
		say_overruns(&following, events_overruns(events) - overruns);
		overruns = events_overruns(events);
		if (output_done() != EXIT_DONE)
			return EXIT_FAILED;
	}
}
