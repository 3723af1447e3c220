/* SPDX-License-Identifier: GPL-2.0 */
/* run: the daemon, in the foreground. */
#include "command/command.h"
#include "kernel/daemon.h"

static int run_daemon(const struct context *context, int argc, char **argv)
{
	const struct daemon_options options = {context->pin, context->run, context->config};

	if (options_take(&command_run, NULL, argc, argv, 0, 0) < 0)
		return EXIT_USAGE;
	return daemon_run(&options) ? EXIT_FAILED : EXIT_DONE;
}

const struct command command_run = {
	.name = "run",
	.run = run_daemon,
	.arguments = "",
	.help = "the daemon: export, names of AGFEO's hosts, sweeping, interfaces that come back",
};
