/* SPDX-License-Identifier: GPL-2.0 */
/* calls: how the calls sound, now, and with --follow what becomes of them. */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "command/command.h"
#include "command/drop_watch.h"
#include "command/follow.h"
#include "kernel/calls.h"
#include "kernel/flows.h"
#include "kernel/pins.h"

#define SILENT_NS  3000000000ull /* both directions: the call has ended, or is on hold */
#define ROUND_MS   1000
#define LISTEN_MS  100 /* at a time, while a one-way call is to be explained */
#define LISTEN_MAX 10  /* times: voice that we drop is dropped many times in a second */

struct calls {
	struct call *calls;
	size_t count;
	uint64_t loaded_ns; /* the load that they were read of */
};

static void calls_clear(struct calls *calls)
{
	free(calls->calls);
	*calls = (struct calls){0};
}

/* Names are read anew each time: a load may have changed them. */
static int read_calls(const struct context *context, struct calls *ret_calls)
{
	_cleanup_(identities_freep) struct identities *identities = NULL;
	struct agfeo_meta meta;
	int err = pins_read_meta(context->pin, &meta);

	if (!err)
		err = identities_read(context->pin, &identities);
	if (!err)
		err = calls_read(context->pin, &meta, identities, NULL, &ret_calls->calls,
				 &ret_calls->count);
	if (!err)
		ret_calls->loaded_ns = meta.loaded_ns;
	return err;
}

static bool is_unexplained(const struct calls *calls)
{
	for (size_t i = 0; i < calls->count; i++)
		if (calls->calls[i].one_way && !calls->calls[i].cause.known)
			return true;
	return false;
}

/* Counters do not say which packets were dropped: where audio is one-way, listen for a second. */
static void explain(const struct context *context, const struct calls *calls)
{
	_cleanup_(drop_watch_freep) struct drop_watch *watch = calloc(1, sizeof(*watch));

	for (int i = 0; watch && i < LISTEN_MAX && is_unexplained(calls); i++) {
		drop_watch_read(watch, context->pin, calls->loaded_ns, LISTEN_MS);
		if (!watch->events)
			return;
		drop_watch_explain(watch, calls->calls, calls->count);
	}
}

static int print_calls(const struct context *context)
{
	_cleanup_(calls_clear) struct calls now = {0};
	int err = read_calls(context, &now);

	if (!err)
		explain(context, &now);
	if (!err)
		err = context->json ? render_calls_json(stdout, now.calls, now.count)
				    : render_calls_text(stdout, now.calls, now.count);
	return err ? EXIT_FAILED : output_done();
}

/* ------------------------------------------------------------------ following */

static const struct call *find_call(const struct calls *calls, const struct call *like)
{
	for (size_t i = 0; i < calls->count; i++) {
		const struct call *call = &calls->calls[i];

		if (call->local_port == like->local_port &&
		    call->remote_port == like->remote_port &&
		    address_equal(&call->local, &like->local) &&
		    address_equal(&call->remote, &like->remote))
			return call;
	}
	return NULL;
}

static bool is_silent(const struct call *call)
{
	return call->idle_ns >= SILENT_NS;
}

static uint64_t packets_of(const struct call *call, enum agfeo_direction direction)
{
	const struct call_stream *stream = call_stream(call, direction);

	return stream ? stream->packets : 0;
}

/*
 * What became of a call in a word, or NULL when it just goes on. One-way ends as two-way only when
 * the missing direction is heard again: the other one may have hung up as well.
 */
static const char *event_of(const struct call *before, const struct call *now)
{
	if (!before || (is_silent(before) && !is_silent(now)))
		return is_silent(now) ? NULL : "talking";
	if (is_silent(now))
		return is_silent(before) ? NULL : "silent";
	if (now->one_way && !before->one_way)
		return "ONE-WAY";
	if (before->one_way && !now->one_way &&
	    packets_of(now, before->missing) != packets_of(before, before->missing))
		return "two-way";
	return NULL;
}

static bool has_changed(const struct call *before, const struct call *now)
{
	return !before || before->one_way != now->one_way || is_silent(before) != is_silent(now) ||
	       packets_of(before, AGFEO_IN) != packets_of(now, AGFEO_IN) ||
	       packets_of(before, AGFEO_OUT) != packets_of(now, AGFEO_OUT);
}

static void print_changes(const struct context *context, const struct calls *before,
			  const struct calls *now)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	for (size_t i = 0; i < now->count; i++) {
		const struct call *call = &now->calls[i], *was = find_call(before, call);
		const char *event = event_of(was, call);

		if (context->json && has_changed(was, call))
			render_call_json(stdout, call);
		if (!context->json && event)
			render_call_line(stdout, event, (uint64_t)time.tv_sec * 1000000000, call);
	}
}

/* Until nothing is loaded any more, or standard output is closed. */
static int follow_calls(const struct context *context)
{
	_cleanup_(drop_watch_freep) struct drop_watch *watch = calloc(1, sizeof(*watch));
	_cleanup_(calls_clear) struct calls before = {0};

	if (!watch) {
		fail(-ENOMEM, "calls");
		return EXIT_FAILED;
	}
	for (;;) {
		struct calls now = {0};

		if (read_calls(context, &now))
			return EXIT_FAILED;
		drop_watch_explain(watch, now.calls, now.count);
		print_changes(context, &before, &now);
		calls_clear(&before);
		before = now;
		if (output_done() != EXIT_DONE)
			return EXIT_FAILED;
		drop_watch_read(watch, context->pin, now.loaded_ns, ROUND_MS);
	}
}

static int run_calls(const struct context *context, int argc, char **argv)
{
	bool following = false;
	const struct option_row rows[] = {
		{"--follow", OPTION_FLAG, &following, NULL,
		 "read every second; print a call when it begins, falls silent or turns one-way; "
		 "with --json each call that went on"},
		{0},
	};

	if (options_take(&command_calls, rows, argc, argv, 0, 0) < 0)
		return EXIT_USAGE;
	return following ? follow_calls(context) : print_calls(context);
}

const struct command command_calls = {
	.name = "calls",
	.run = run_calls,
	.arguments = "[--follow]",
	.help = "how the calls sound: loss, jitter and MOS of both directions, one-way audio",
};
