/* SPDX-License-Identifier: GPL-2.0 */
/* drops: what was refused and why, and with --follow what is being refused. */
#include <stdio.h>

#include "base/cleanup.h"
#include "command/command.h"
#include "command/follow.h"
#include "kernel/collect.h"
#include "report/render.h"

static int print_drops(const struct context *context)
{
	_cleanup_(snapshot_freep) struct snapshot *snapshot = NULL;
	int err = collect(context->pin, COLLECT_COUNTERS, &snapshot);

	if (!err)
		err = context->json ? render_drops_json(stdout, snapshot)
				    : render_drops_text(stdout, snapshot);
	return err ? EXIT_FAILED : EXIT_DONE;
}

static int run_drops(const struct context *context, int argc, char **argv)
{
	bool following = false;
	const struct option_row rows[] = {
		{"--follow", OPTION_FLAG, &following, NULL,
		 "print packets as they are dropped, a sample of a flood"},
		{0},
	};

	if (options_take(&command_drops, rows, argc, argv, 0, 0) < 0)
		return EXIT_USAGE;
	return following ? follow_drops(context) : print_drops(context);
}

const struct command command_drops = {
	.name = "drops",
	.run = run_drops,
	.arguments = "[--follow]",
	.help = "what was dropped, by device and reason",
};
