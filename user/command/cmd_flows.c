/* SPDX-License-Identifier: GPL-2.0 */
/* flows: what is going on right now, and with --follow what becomes of it. */
#include <stdio.h>

#include "base/cleanup.h"
#include "command/command.h"
#include "command/follow.h"
#include "kernel/flows.h"
#include "kernel/pins.h"

static int print_flows(const struct context *context)
{
	_cleanup_(identities_freep) struct identities *identities = NULL;
	_cleanup_(flow_list_release) struct flow_list list = {0};
	struct agfeo_meta meta;
	int err = pins_read_meta(context->pin, &meta);

	if (!err)
		err = identities_read(context->pin, &identities);
	if (!err)
		err = flows_read(context->pin, &meta, identities, &list);
	if (!err)
		err = context->json ? render_flows_json(stdout, list.rows, list.count, list.calls)
				    : render_flows_text(stdout, list.rows, list.count);
	return err ? EXIT_FAILED : EXIT_DONE;
}

static int run_flows(const struct context *context, int argc, char **argv)
{
	bool following = false;
	const struct option_row rows[] = {
		{"--follow", OPTION_FLAG, &following, NULL,
		 "print each flow when it opens, every ten seconds while it lives, and when it "
		 "closes"},
		{0},
	};

	if (options_take(&command_flows, rows, argc, argv, 0, 0) < 0)
		return EXIT_USAGE;
	return following ? follow_flows(context) : print_flows(context);
}

const struct command command_flows = {
	.name = "flows",
	.run = run_flows,
	.arguments = "[--follow]",
	.help = "the flows that are live, with what they carried",
};
