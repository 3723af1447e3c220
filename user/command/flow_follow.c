/* SPDX-License-Identifier: GPL-2.0 */
/*
 * flows --follow: the ring buffer says that a flow opened, the tables say what became of it. Each
 * follower reads the tables for itself, so it needs no daemon, and one that is slow or stopped holds
 * up nobody.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "command/follow.h"
#include "kernel/calls.h"
#include "kernel/events.h"
#include "kernel/flows.h"
#include "kernel/pins.h"
#include "report/render_follow.h"

#define ROUND_NS   1000000000ull
#define LEAST_WORK 20 /* rounds come so rarely that reading takes a twentieth of the time */

struct flows {
	const struct context *context;
	struct following loaded;
	struct flow_clock clock;
	struct flow_watch *watch;
};

static void flows_release(struct flows *flows)
{
	following_release(&flows->loaded);
	flow_watch_free(flows->watch);
}

static void print_telling(const struct flow_telling *telling, void *context)
{
	struct flows *flows = context;
	char interface[IF_NAMESIZE] = "";
	struct follow_view view = {
		.telling = telling,
		.realtime_offset_ns = flows->loaded.realtime_offset_ns,
		.interface = interface,
	};
	struct call call;

	flow_describe(telling->record, flows->loaded.identities, &flows->clock, &view.row);
	if (telling->event)
		follow_interface(telling->event->ifindex, interface);
	if (view.row.class == AGFEO_CLASS_VOICE) {
		call_streams(telling->record, &view.row, &call);
		view.call = &call;
	}
	if (flows->context->json)
		render_follow_json(stdout, &view);
	else
		render_follow_text(stdout, &view);
}

static int take_event(const void *record, size_t size, void *context)
{
	struct flows *flows = context;
	struct agfeo_event event;

	if (size < sizeof(event))
		return 0;
	memcpy(&event, record, sizeof(event));
	if (event.type == AGFEO_EVENT_FLOW_OPENED) {
		flows->clock.now_ns = event.time_ns;
		flow_watch_announce(flows->watch, &event, flows->clock.tick);
	}
	return 0;
}

static int take_flow(const struct flow_record *record, void *context)
{
	struct flows *flows = context;

	flow_watch_take(flows->watch, record, &flows->clock);
	return 0;
}

/* What was announced while the tables were read is heard before anything counts as gone or new. */
static int do_round(struct flows *flows)
{
	const char *pin = flows->context->pin;
	struct flow_clock clock;
	int err = follow_refresh(flows->context, &flows->loaded);

	if (!err)
		err = flows_clock(pin, &flows->loaded.meta, &flows->clock);
	clock = flows->clock;
	if (!err)
		err = flows_each(pin, take_flow, flows);
	if (err)
		return err;
	events_read(flows->loaded.events, take_event, flows);
	flows->clock = clock;
	flow_watch_end_round(flows->watch, &clock);
	follow_say_lost(flows->context,
			events_lost(flows->loaded.events) + flow_watch_missed(flows->watch));
	return 0;
}

/* Announcements are printed as they come, until the next round is due. */
static int listen_until(struct flows *flows, uint64_t end_ns)
{
	uint64_t now;

	while ((now = follow_clock_ns()) < end_ns) {
		events_wait(flows->loaded.events, (int)((end_ns - now) / 1000000) + 1);
		events_read(flows->loaded.events, take_event, flows);
		if (output_done() != EXIT_DONE)
			return EXIT_FAILED;
	}
	return output_done();
}

static int begin(struct flows *flows)
{
	int err = follow_refresh(flows->context, &flows->loaded);

	if (err)
		return err;
	flows->watch = flow_watch_new(follow_clock_ns(), print_telling, flows);
	return flows->watch ? 0 : fail(-ENOMEM, "flows");
}

int follow_flows(const struct context *context)
{
	_cleanup_(flows_release) struct flows flows = {.context = context};

	if (begin(&flows))
		return EXIT_FAILED;
	for (;;) {
		uint64_t began = follow_clock_ns(), took;

		if (do_round(&flows))
			return EXIT_FAILED;
		took = follow_clock_ns() - began;
		if (listen_until(&flows, began + (took * LEAST_WORK > ROUND_NS ? took * LEAST_WORK
									       : ROUND_NS)))
			return EXIT_FAILED;
	}
}
