/* SPDX-License-Identifier: GPL-2.0 */
/* calls: how the calls sound, now, and with --follow what becomes of them. */
#include <stdio.h>
#include <time.h>

#include "base/cleanup.h"
#include "command/command.h"
#include "command/follow.h"
#include "kernel/calls.h"
#include "kernel/flows.h"
#include "kernel/pins.h"

#define SILENT_NS 3000000000ull /* both directions: the call has ended, or is on hold */

struct calls {
	struct call *calls;
	size_t count;
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
	return err;
}

static int print_calls(const struct context *context)
{
	_cleanup_(calls_clear) struct calls now = {0};
	int err = read_calls(context, &now);

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
	_cleanup_(calls_clear) struct calls before = {0};

	for (;;) {
		struct calls now = {0};

		if (read_calls(context, &now))
			return EXIT_FAILED;
		print_changes(context, &before, &now);
		calls_clear(&before);
		before = now;
		if (output_done() != EXIT_DONE)
			return EXIT_FAILED;
		nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
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
