/* SPDX-License-Identifier: GPL-2.0 */
/* unload: everything of ours out of the kernel. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "command/command.h"
#include "kernel/attach.h"
#include "kernel/change.h"
#include "kernel/confirm.h"
#include "kernel/lock.h"
#include "kernel/run_files.h"

static void print_text(const struct context *context, const struct attached *attached, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!attached[i].ifindex) {
			printf("  %-15s was gone already\n", attached[i].name);
			continue;
		}
		printf("  %-15s let go: xdp %s", attached[i].name,
		       attach_mode_label(attached[i].xdp));
		if (attached[i].tc != ATTACH_NONE)
			printf(", tc %s", attach_mode_label(attached[i].tc));
		putchar('\n');
	}
	printf("unloaded: nothing is left at %s, nothing is judged or marked any more\n",
	       context->pin);
}

static void print_json(const struct context *context, const struct attached *attached, size_t count)
{
	struct json_object *document = json_object_new_object();
	struct json_object *interfaces = json_object_new_array();

	for (size_t i = 0; i < count; i++) {
		struct json_object *object = json_object_new_object();

		json_object_object_add(object, "name", json_object_new_string(attached[i].name));
		json_object_object_add(object, "xdp",
				       json_object_new_string(attach_mode_label(attached[i].xdp)));
		json_object_object_add(object, "tc",
				       json_object_new_string(attach_mode_label(attached[i].tc)));
		json_object_array_add(interfaces, object);
	}
	json_object_object_add(document, "unloaded", json_object_new_boolean(true));
	json_object_object_add(document, "pin", json_object_new_string(context->pin));
	json_object_object_add(document, "interfaces", interfaces);
	puts(json_object_to_json_string_ext(document, JSON_C_TO_STRING_PLAIN |
							      JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(document);
}

/* Who unloads no longer wants anything taken back. */
static int cancel_pending(const char *run)
{
	struct pending pending;
	int err = confirm_pending(run, &pending);

	if (err)
		return err == -ENOENT ? 0 : err;
	return confirm_accept(run, &pending);
}

static int unload(const struct context *context)
{
	_cleanup_(freep) struct attached *attached = NULL;
	_cleanup_(closep) int lock = -1;
	size_t count = 0;
	int err = lock_take(context->run, "unload", &lock);

	if (!err)
		err = attach_list(context->pin, &attached, &count);
	if (!err)
		err = cancel_pending(context->run);
	if (!err)
		err = change_unload(context->pin);
	if (err)
		return err;
	run_config_write(context->run, NULL);
	if (context->json)
		print_json(context, attached, count);
	else
		print_text(context, attached, count);
	return 0;
}

static int cmd_unload(const struct context *context, int argc, char **argv)
{
	if (options_take(&command_unload, NULL, argc, argv, 0, 0) < 0)
		return EXIT_USAGE;
	return unload(context) ? EXIT_FAILED : EXIT_DONE;
}

const struct command command_unload = {
	.name = "unload",
	.run = cmd_unload,
	.arguments = "",
	.help = "remove everything from the kernel",
};
