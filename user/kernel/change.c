/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A change of what is loaded, as one transaction; see change.h. The order is what makes it safe at
 * every step, also when the process is killed there:
 *   pins (meta first) -> bank -> programs of existing links, hold of new interfaces -> the switch
 *   -> programs of new links -> pins of programs -> interfaces that go.
 * Before the switch the old policy rules, after it the new one; the next load completes either.
 * Where maps must be replaced (another layout, another size), what they held is carried over around
 * the step that gives links their programs, and pins follow after; where the switch itself is in
 * other maps, it comes before that step: the links are the switch then.
 */
#include "kernel/change.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/attachments.h"
#include "kernel/bpffs.h"
#include "kernel/carry.h"
#include "kernel/fault.h"
#include "kernel/pin_object.h"
#include "kernel/pinning.h"
#include "kernel/pins.h"
#include "kernel/publish.h"
#include "kernel/takeover.h"

struct change {
	char pin[PATH_MAX];
	bool first;
	uint32_t generation;
	size_t flows_taken_over;
	struct loader *loader;
	struct pinning *pinning;
	struct publication publication;
	struct attachments *attachments;
	struct carry *carry; /* NULL: no map is replaced */
};

void change_free(struct change *change)
{
	if (!change)
		return;
	attachments_free(change->attachments);
	publish_release(&change->publication);
	carry_free(change->carry);
	pinning_free(change->pinning);
	loader_free(change->loader);
	free(change);
}

uint32_t change_generation(const struct change *change)
{
	return change->generation;
}

bool change_is_first(const struct change *change)
{
	return change->first;
}

size_t change_flows_taken_over(const struct change *change)
{
	return change->flows_taken_over;
}

const char *change_pin(const struct change *change)
{
	return change->pin;
}

/* ------------------------------------------------------------------ away */

/* One switch first: whoever is killed from here on leaves a box that enforces nothing, not half, and
 * a torso that the next load sweeps up. */
static int switch_off(const char *pin)
{
	const struct agfeo_control nothing = {.generation = 0};
	_cleanup_(closep) int map = -1;
	__u32 zero = 0;
	int err = pins_open_map(pin, "control", &map);

	if (err)
		return err;
	return bpf_map_update_elem(map, &zero, &nothing, BPF_ANY) ? fail(errno, "map 'control'")
								  : 0;
}

/* Interfaces are let go before the pins: a clsact filter has only its mark in there. */
static int remove_state(const char *pin)
{
	int err = attachments_remove_all(pin);

	if (!err)
		err = fault_point("let-go");
	return err ? err : pins_remove_all(pin);
}

int change_unload(const char *pin)
{
	enum pins_state state;
	struct agfeo_meta meta;
	int err = pins_inspect(pin, &state, &meta);

	if (err)
		return err;
	if (state == PINS_NONE) {
		fail(0, "nothing is loaded at %s%s", pin, bpffs_hint(pin));
		return -ENOENT;
	}
	err = bpffs_check_writable(pin);
	if (!err)
		err = pins_refuse_foreign(pin);
	if (!err)
		err = fault_point("unloading");
	if (!err && state == PINS_LOADED && meta.abi == AGFEO_ABI)
		err = switch_off(pin);
	if (!err)
		err = fault_point("switched-off");
	if (!err)
		err = remove_state(pin);
	if (!err)
		err = fault_point("removed");
	return err ? err : bpffs_release(pin);
}

/* ------------------------------------------------------------------ making room */

/* Decides between a first load and one in place; sweeps up what a killed first load left. */
static int make_room(struct change *change, const char *pin)
{
	enum pins_state state;
	struct agfeo_meta meta;
	int err = pins_inspect(pin, &state, &meta);

	if (err)
		return err;
	change->first = state != PINS_LOADED;
	err = change->first ? pins_refuse_foreign(pin) : pins_refuse_foreign_in(pin, "link");
	if (!err && state == PINS_INCOMPLETE) {
		note("%s: sweeping up a load that was interrupted", pin);
		err = remove_state(pin);
	}
	if (!err && change->first)
		err = bpffs_ensure(pin);
	if (!err)
		err = bpffs_check_writable(pin);
	if (!err)
		err = pins_make_folders(pin);
	if (!err && !realpath(pin, change->pin))
		err = fail(errno, "%s", pin);
	return err;
}

static int load_programs(struct change *change, const struct change_request *request)
{
	const struct loader_options options = {
		.unpublished = true,
		.adopt = !change->first,
		.pin = change->pin,
	};

	return loader_open(request->policy, &options, &change->loader);
}

/* ------------------------------------------------------------------ the order */

/* The interfaces run the new programs from here on; what the old maps held is theirs by then. */
static int take_hold(struct change *change)
{
	int err = change->carry ? carry_flows(change->carry) : 0;

	if (!err)
		err = attachments_prepare(change->attachments);
	if (!err && change->carry)
		err = carry_rest(change->carry);
	return err;
}

static int prepare(struct change *change, const struct change_request *request,
		   const struct netdev *netdevs)
{
	int err = fault_point("room");

	if (!err)
		err = load_programs(change, request);
	if (!err && loader_replaces_maps(change->loader))
		err = carry_begin(change->loader, &change->carry);
	if (!err)
		err = pinning_plan(change->pin, change->loader, request->config, &change->pinning);
	if (!err)
		err = pinning_put_maps(change->pinning);
	if (!err && change->first)
		err = pinning_put_programs(change->pinning);
	if (!err)
		err = fault_point("pinned");
	if (!err)
		err = publish_prepare(change->loader, request->policy,
				      change->first || loader_loses_flows(change->loader),
				      &change->publication);
	if (!err)
		err = fault_point("bank");
	if (!err)
		err = attachments_plan(change->pin, request->policy->site, netdevs, change->loader,
				       change->pinning, &change->attachments);
	/* As late as can be: what opens from here on is known once its opener sends again. */
	if (!err && change->first)
		change->flows_taken_over = takeover_flows(&change->publication, request->policy);
	if (!err && !loader_replaces_policy(change->loader))
		err = take_hold(change);
	return err;
}

static int commit(struct change *change)
{
	int err = publish_commit(&change->publication);

	if (err)
		return err;
	change->generation = change->publication.after.generation;
	err = fault_point("switched");
	/* A switch that is new is one that nobody reads yet. */
	if (!err && loader_replaces_policy(change->loader))
		err = take_hold(change);
	if (!err)
		err = attachments_commit(change->attachments);
	if (!err && !change->first)
		err = pinning_put_programs(change->pinning);
	if (!err)
		err = fault_point("programs");
	if (!err && change->carry) {
		err = pinning_replace_maps(change->pinning);
		if (!err)
			err = fault_point("maps");
	}
	if (!err)
		err = attachments_finish(change->attachments);
	if (!err)
		err = fault_point("finished");
	if (!err)
		err = pinning_write_meta(change->pinning);
	return err ? err : fault_point("done");
}

int change_apply(const struct change_request *request, struct change **ret_change)
{
	_cleanup_(change_freep) struct change *change = calloc(1, sizeof(*change));
	_cleanup_(freep) struct netdev *netdevs = NULL;
	int err = change ? 0 : fail(-ENOMEM, "load");

	if (!err)
		err = netdev_find_all(request->policy->site, request->config, &netdevs);
	if (!err)
		err = make_room(change, request->pin);
	if (err)
		return err;
	err = prepare(change, request, netdevs);
	if (!err)
		err = commit(change);
	if (err) {
		change_revert(change);
		return err;
	}
	*ret_change = take_ptr(change);
	return 0;
}

/* ------------------------------------------------------------------ back */

static int revert_publication(struct change *change)
{
	int err;

	if (!change->publication.registry_before)
		return 0;
	err = publish_revert(&change->publication, &change->generation);
	publish_release(&change->publication);
	return err;
}

static int revert_attachments(struct change *change)
{
	int err = change->attachments ? attachments_revert(change->attachments) : 0;

	if (change->attachments)
		fault_point("interfaces-back");
	return err;
}

static int first_error(int err, int next)
{
	return err ? err : next;
}

/*
 * As far as the change came; whatever fails, the rest is still brought back. Where the switch is in
 * new maps, these have no policy from before: they rule as they are until the links are back, whose
 * own switch was never touched.
 */
static int revert_reload(struct change *change)
{
	bool links_switch = change->loader && loader_replaces_policy(change->loader);
	int err = change->carry ? carry_flows_back(change->carry) : 0;

	if (links_switch)
		change->publication.switched = false;
	else
		err = first_error(err, revert_publication(change));
	err = first_error(err, revert_attachments(change));
	if (links_switch)
		err = first_error(err, revert_publication(change));
	if (change->carry)
		err = first_error(err, carry_counts_back(change->carry));
	if (change->pinning)
		err = first_error(err, pinning_revert(change->pinning));
	return err;
}

int change_revert(struct change *change)
{
	int err;

	if (!change->first)
		return revert_reload(change);
	change->generation = 0;
	err = change->publication.switched ? switch_off(change->pin) : 0;
	if (!err)
		err = remove_state(change->pin);
	return err ? err : bpffs_release(change->pin);
}
