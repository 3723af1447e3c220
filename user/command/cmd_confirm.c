/* SPDX-License-Identifier: GPL-2.0 */
/* confirm: what `load --confirm` brought stays. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "command/command.h"
#include "kernel/confirm.h"
#include "kernel/lock.h"

/* The state of one --run may belong to pins elsewhere. */
static int refuse_elsewhere(const struct context *context, const struct pending *pending)
{
	char absolute[PATH_MAX];

	if (realpath(context->pin, absolute) && !strcmp(absolute, pending->pin))
		return 0;
	fail(0, "what waits was loaded at %s, not at %s: pass --pin %s", pending->pin, context->pin,
	     pending->pin);
	return -EINVAL;
}

static int confirm(const struct context *context)
{
	_cleanup_(closep) int lock = -1;
	struct pending pending;
	int err = lock_take(context->run, "confirm", &lock);

	if (err)
		return err;
	err = confirm_pending(context->run, &pending);
	if (err == -ENOENT)
		return fail(0, "nothing waits to be confirmed");
	if (!err)
		err = refuse_elsewhere(context, &pending);
	if (!err)
		err = confirm_accept(context->run, &pending);
	if (err)
		return err;
	if (context->json)
		printf("{\"confirmed\":true,\"generation\":%u}\n", pending.generation);
	else
		printf("generation %u stays\n", pending.generation);
	return 0;
}

static int cmd_confirm(const struct context *context, int argc, char **argv)
{
	if (options_take(&command_confirm, NULL, argc, argv, 0, 0) < 0)
		return EXIT_USAGE;
	return confirm(context) ? EXIT_FAILED : EXIT_DONE;
}

const struct command command_confirm = {
	.name = "confirm",
	.run = cmd_confirm,
	.arguments = "",
	.help = "keep what 'load --confirm' applied",
};
