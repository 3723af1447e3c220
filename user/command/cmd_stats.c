/* SPDX-License-Identifier: GPL-2.0 */
/* stats: what was counted, once or with rates every few seconds. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "command/command.h"
#include "command/follow.h"
#include "kernel/collect.h"
#include "report/render.h"

#define CLEAR_SCREEN "\033[H\033[2J"

static int read_counters(const struct context *context, struct snapshot **ret_snapshot)
{
	unsigned parts = COLLECT_COUNTERS | (context->json ? COLLECT_FLOWS : 0);

	return collect(context->pin, parts, ret_snapshot);
}

static int print_once(const struct context *context)
{
	_cleanup_(snapshot_freep) struct snapshot *snapshot = NULL;
	int err = read_counters(context, &snapshot);

	if (!err)
		err = context->json ? render_stats_json(stdout, snapshot, NULL, 0)
				    : render_stats_text(stdout, snapshot, 0);
	return err ? EXIT_FAILED : EXIT_DONE;
}

static int print_rates(const struct context *context, const struct snapshot *now,
		       const struct snapshot *before)
{
	_cleanup_(snapshot_freep) struct snapshot *since = snapshot_since(now, before);
	double seconds = now->time_ns > before->time_ns
				 ? (double)(now->time_ns - before->time_ns) / 1e9
				 : 1; /* the clock was set back: any rate is a guess */
	int err;

	if (!since)
		return fail(-ENOMEM, "stats");
	if (context->json)
		err = render_stats_json(stdout, now, since, seconds);
	else
		err = render_stats_text(stdout, since, seconds);
	return err;
}

static int watch_stats(const struct context *context, unsigned seconds)
{
	_cleanup_(snapshot_freep) struct snapshot *before = NULL;
	bool screen = !context->json && isatty(STDOUT_FILENO);

	if (read_counters(context, &before))
		return EXIT_FAILED;
	if (screen)
		printf(CLEAR_SCREEN "counting for %u s\n", seconds);
	for (;;) {
		struct snapshot *now = NULL;

		if (output_done() != EXIT_DONE)
			return EXIT_FAILED;
		sleep(seconds);
		if (read_counters(context, &now))
			return EXIT_FAILED;
		if (screen)
			fputs(CLEAR_SCREEN, stdout);
		if (print_rates(context, now, before)) {
			snapshot_free(now);
			return EXIT_FAILED;
		}
		if (!context->json && !screen)
			putchar('\n');
		snapshot_free(before);
		before = now;
	}
}

static int run_stats(const struct context *context, int argc, char **argv)
{
	unsigned seconds = UINT_MAX; /* not asked for */
	const struct option_row rows[] = {
		{"--watch", OPTION_NUMBER, &seconds, "S", "rates a second, again every S seconds"},
		{0},
	};

	if (options_take(&command_stats, rows, argc, argv, 0, 0) < 0)
		return EXIT_USAGE;
	if (!seconds) {
		fail(0, "stats: --watch 0: a second is the shortest");
		return EXIT_USAGE;
	}
	return seconds == UINT_MAX ? print_once(context) : watch_stats(context, seconds);
}

const struct command command_stats = {
	.name = "stats",
	.run = run_stats,
	.arguments = "[--watch S]",
	.help = "packets and bytes by device and service, drops, re-marks",
};
