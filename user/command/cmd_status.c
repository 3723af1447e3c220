/* SPDX-License-Identifier: GPL-2.0 */
/* status: whether the box guards, where, by which configuration, and at what cost. */
#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "command/command.h"
#include "kernel/collect.h"
#include "kernel/run_files.h"
#include "report/render.h"

/* That nothing is loaded was said on standard error; a script gets a document all the same. */
static int not_loaded(const struct context *context)
{
	if (context->json)
		puts("{\"loaded\":false}");
	return EXIT_FAILED;
}

static int run_status(const struct context *context, int argc, char **argv)
{
	_cleanup_(snapshot_freep) struct snapshot *snapshot = NULL;
	struct daemon_state daemon;
	const struct option_row rows[] = {{0}};
	int err;

	if (options_take(&command_status, rows, argc, argv, 0, 0) < 0)
		return EXIT_USAGE;
	err = collect(context->pin, COLLECT_FLOWS | COLLECT_LINKS | COLLECT_COST | COLLECT_NAMES,
		      &snapshot);
	if (err == -ENOENT)
		return not_loaded(context);
	if (err)
		return EXIT_FAILED;
	if (!snapshot->control.generation) {
		fail(0, "%s: a load did not finish, nothing is enforced: run 'agfeoctl load' again",
		     context->pin);
		return not_loaded(context);
	}
	if (!run_state_read(context->run, &daemon))
		snapshot->daemon = &daemon;
	err = context->json ? render_status_json(stdout, snapshot)
			    : render_status_text(stdout, snapshot);
	return err ? EXIT_FAILED : EXIT_DONE;
}

const struct command command_status = {
	.name = "status",
	.run = run_status,
	.arguments = "",
	.help = "interfaces, attach mode, generation, map fill, program cost",
};
