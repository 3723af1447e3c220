/* SPDX-License-Identifier: GPL-2.0 */
/* load: the configuration into the kernel, in place where something runs already. */
#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/names.h"
#include "command/command.h"
#include "config/config.h"
#include "kernel/attach.h"
#include "kernel/change.h"
#include "kernel/confirm.h"
#include "kernel/loader.h"
#include "kernel/lock.h"
#include "kernel/run_files.h"

#define CONFIRM_LONGEST 86400 /* a day */

/* What was loaded, for either way of telling it. */
struct summary {
	const struct context *context;
	const struct policy *policy;
	const struct change *change;
	const struct attached *attached;
	size_t attached_count;
	bool untold; /* what is attached could not be read */
	unsigned confirm_seconds;
};

static const struct attached *find_attached(const struct summary *summary, const char *name)
{
	static const struct attached nothing;

	for (size_t i = 0; i < summary->attached_count; i++) {
		if (!strcmp(summary->attached[i].name, name))
			return &summary->attached[i];
	}
	return &nothing;
}

/* Only the daemon asks for AGFEO's addresses by itself. */
static bool lacks_names(const struct summary *summary)
{
	return policy_hosts(summary->policy) && !run_lock_holder(summary->context->run);
}

static void print_text(const struct summary *summary)
{
	const struct site *site = summary->policy->site;

	printf("generation %u %s at %s: %zu device%s%s\n", change_generation(summary->change),
	       change_is_first(summary->change) ? "loaded" : "replaces what ran",
	       change_pin(summary->change), site->device_count, site->device_count == 1 ? "" : "s",
	       site->monitor ? ", monitor mode: nothing is dropped or re-marked" : "");
	for (size_t i = 0; !summary->untold && i < site->interface_count; i++) {
		const struct interface *interface = &site->interfaces[i];
		const struct attached *attached = find_attached(summary, interface->name);

		if (!attached->ifindex) {
			printf("  %-15s %-6s  missing: guarded when it comes\n", interface->name,
			       role_label(interface->role));
			continue;
		}
		printf("  %-15s %-6s  xdp %s", interface->name, role_label(interface->role),
		       attach_mode_label(attached->xdp));
		if (attached->tc != ATTACH_NONE)
			printf(", tc %s", attach_mode_label(attached->tc));
		putchar('\n');
	}
	if (change_flows_taken_over(summary->change))
		printf("took over %zu UDP flow%s from conntrack\n",
		       change_flows_taken_over(summary->change),
		       change_flows_taken_over(summary->change) == 1 ? "" : "s");
	if (lacks_names(summary))
		printf("AGFEO's hosts (updates, remote access) are reached once 'agfeoctl run'%s "
		       "asks for their addresses\n",
		       site->resolver_count ? " or a device" : "");
	if (summary->confirm_seconds)
		printf("taken back in %u s unless you run 'agfeoctl confirm'\n",
		       summary->confirm_seconds);
}

static struct json_object *interface_json(const struct summary *summary,
					  const struct interface *interface)
{
	const struct attached *attached = find_attached(summary, interface->name);
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "name", json_object_new_string(interface->name));
	json_object_object_add(object, "role", json_object_new_string(role_label(interface->role)));
	json_object_object_add(object, "xdp",
			       json_object_new_string(attach_mode_label(attached->xdp)));
	json_object_object_add(object, "tc",
			       json_object_new_string(attach_mode_label(attached->tc)));
	return object;
}

static void print_json(const struct summary *summary)
{
	const struct site *site = summary->policy->site;
	struct json_object *document = json_object_new_object();
	struct json_object *interfaces = summary->untold ? NULL : json_object_new_array();

	for (size_t i = 0; interfaces && i < site->interface_count; i++)
		json_object_array_add(interfaces, interface_json(summary, &site->interfaces[i]));
	json_object_object_add(document, "generation",
			       json_object_new_int64(change_generation(summary->change)));
	json_object_object_add(document, "first",
			       json_object_new_boolean(change_is_first(summary->change)));
	json_object_object_add(document, "pin",
			       json_object_new_string(change_pin(summary->change)));
	json_object_object_add(document, "config",
			       json_object_new_string(summary->context->config));
	json_object_object_add(document, "mode",
			       json_object_new_string(site->monitor ? "monitor" : "enforce"));
	json_object_object_add(document, "devices", json_object_new_int64(site->device_count));
	json_object_object_add(document, "interfaces", interfaces);
	json_object_object_add(document, "flows_taken_over",
			       json_object_new_int64(change_flows_taken_over(summary->change)));
	json_object_object_add(
		document, "confirm_seconds",
		summary->confirm_seconds ? json_object_new_int64(summary->confirm_seconds) : NULL);
	puts(json_object_to_json_string_ext(document, JSON_C_TO_STRING_PLAIN |
							      JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(document);
}

/* The change is done by now: that it cannot be told of takes nothing back and is no failure. */
static void print_summary(const struct context *context, const struct policy *policy,
			  const struct change *change, unsigned confirm_seconds)
{
	_cleanup_(freep) struct attached *attached = NULL;
	struct summary summary = {
		.context = context,
		.policy = policy,
		.change = change,
		.confirm_seconds = confirm_seconds,
	};

	if (attach_list(change_pin(change), &attached, &summary.attached_count)) {
		warn("generation %u is loaded; how it is attached, 'agfeoctl status' tells",
		     change_generation(change));
		summary.untold = true;
	}
	summary.attached = attached;
	if (context->json)
		print_json(&summary);
	else
		print_text(&summary);
}

/* ------------------------------------------------------------------ the work */

static int refuse_pending(const char *run)
{
	struct pending pending;
	int err = confirm_pending(run, &pending);

	if (err)
		return err == -ENOENT ? 0 : err;
	fail(0,
	     "generation %u waits for 'agfeoctl confirm' for another %u s: confirm it, or wait "
	     "until it "
	     "is taken back, then load again",
	     pending.generation, pending.seconds_left);
	return -EBUSY;
}

static int load_policy(const struct context *context, const struct policy *policy,
		       unsigned confirm_seconds)
{
	_cleanup_(change_freep) struct change *change = NULL;
	_cleanup_(freep) char *before = NULL;
	_cleanup_(closep) int lock = -1;
	const struct change_request request = {context->pin, context->config, policy};
	int err = lock_take(context->run, "load", &lock);

	if (!err)
		err = refuse_pending(context->run);
	if (!err)
		err = change_apply(&request, &change);
	if (err)
		return err;
	run_config_read(context->run, &before);
	if (confirm_seconds)
		err = confirm_watch(context->run, change, before, confirm_seconds, lock);
	if (err) {
		change_revert(change);
		return err;
	}
	run_config_write(context->run, policy->site->text);
	print_summary(context, policy, change, confirm_seconds);
	return 0;
}

static int load(const struct context *context, unsigned confirm_seconds)
{
	_cleanup_(site_freep) struct site *site = NULL;
	_cleanup_(policy_freep) struct policy *policy = NULL;
	int err = config_read_trusted(context->config, stderr, &site);

	if (!err)
		err = policy_compile(site, context->config, loader_tick_ns(false), stderr, &policy);
	return err ? err : load_policy(context, policy, confirm_seconds);
}

static int cmd_load(const struct context *context, int argc, char **argv)
{
	unsigned confirm_seconds = UINT_MAX;
	const struct option_row rows[] = {
		{"--confirm", OPTION_NUMBER, &confirm_seconds, "SECONDS",
		 "take it back unless 'agfeoctl confirm' comes within SECONDS"},
		{},
	};

	if (options_take(&command_load, rows, argc, argv, 0, 0) < 0)
		return EXIT_USAGE;
	if (confirm_seconds == UINT_MAX)
		confirm_seconds = 0;
	else if (!confirm_seconds || confirm_seconds > CONFIRM_LONGEST) {
		fail(0, "load: --confirm wants 1 to %d seconds", CONFIRM_LONGEST);
		return EXIT_USAGE;
	}
	return load(context, confirm_seconds) ? EXIT_FAILED : EXIT_DONE;
}

const struct command command_load = {
	.name = "load",
	.run = cmd_load,
	.arguments = "[--confirm SECONDS]",
	.help = "apply the configuration, in place if something is loaded",
};
