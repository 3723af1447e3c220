/* SPDX-License-Identifier: GPL-2.0 */
/* audit: what of this box goes against the vendor's advice, why, and the command that mends it. */
#include <errno.h>
#include <stdio.h>

#include "base/log.h"
#include "command/command.h"
#include "kernel/audit.h"

static int show(const struct context *context, const struct audit *audit)
{
	int err =
		context->json ? render_audit_json(stdout, audit) : render_audit_text(stdout, audit);

	if (!audit->count)
		note("audit: nothing to mend");
	return err || audit_faults(audit) ? EXIT_FAILED : EXIT_DONE;
}

static int run(const struct context *context, int argc, char **argv)
{
	struct audit_box box = {};
	struct audit audit = {};
	int status = EXIT_FAILED;
	int err;

	if (options_take(&command_audit, NULL, argc, argv, 0, 0) < 0)
		return EXIT_USAGE;
	err = audit_read(context->config, context->pin, &box);
	if (!err)
		err = audit_judge(&box.facts, &audit);
	if (err)
		fail(err, "audit");
	else
		status = show(context, &audit);
	audit_free(&audit);
	audit_box_free(&box);
	return status;
}

const struct command command_audit = {
	.name = "audit",
	.run = run,
	.arguments = "",
	.help = "check this box against the vendor's advice and say what to change",
	.notes = "It changes nothing. Each finding is a fault, a warning or a note, and has the "
		 "reason, with\nits source, and the command that mends it. A sound box gets no "
		 "output. The exit status is 1\nwhen there is a fault.",
};
