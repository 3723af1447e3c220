/* SPDX-License-Identifier: GPL-2.0 */
/* The attachments that a configuration wants; see attachments.h. */
#include "kernel/attachments.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <limits.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/fault.h"
#include "kernel/pin_object.h"
#include "kernel/probe.h"
#include "kernel/roles.h"

enum action {
	ACTION_ATTACH,	/* nothing is there yet */
	ACTION_UPDATE,	/* another program is */
	ACTION_REPLACE, /* it is there in another way: detached and attached anew, with a gap */
	ACTION_DETACH,	/* it is no longer configured */
	ACTION_AWAIT,	/* its interface is yet to come */
};

/* One hook that changes; hooks that stay as they are have none. */
struct step {
	enum action action;
	struct hook old;      /* ATTACH: none */
	struct netdev netdev; /* of the attachment, old or new */
	enum xdp_mode wanted;
	int program_before; /* descriptor of ours; -1: none */
	int program;	    /* the loader's; -1: DETACH */
	struct hook now;    /* what a step attached */
	bool detached;	    /* of .old */
	bool updated;	    /* .old or .now runs .program */
	bool attached;	    /* .now */
};

struct attachments {
	char pin[PATH_MAX];
	struct step *steps;
	size_t count;
	int pass[HOOK_KINDS];
	struct role_table *roles;
};

void attachments_free(struct attachments *attachments)
{
	if (!attachments)
		return;
	for (size_t i = 0; i < attachments->count; i++) {
		struct step *step = &attachments->steps[i];

		hook_release(&step->old);
		hook_release(&step->now);
		if (step->program_before >= 0)
			close(step->program_before);
	}
	for (enum hook_kind kind = 0; kind < HOOK_KINDS; kind++) {
		if (attachments->pass[kind] >= 0)
			close(attachments->pass[kind]);
	}
	role_table_free(attachments->roles);
	free(attachments->steps);
	free(attachments);
}

/* ------------------------------------------------------------------ planning */

/* The program that a hook of an interface wants; NULL: none. */
static const char *program_name(enum hook_kind kind, const struct interface *interface,
				bool bare_ip)
{
	bool learns = interface->forward_fast && !bare_ip;

	if (interface->role == AGFEO_ROLE_UPLINK && kind == HOOK_TC && !learns)
		return NULL;
	return role_program(interface->role, kind, bare_ip);
}

/* Takes the step's hooks over. */
static int add_step(struct attachments *attachments, const struct step *step)
{
	struct step *more =
		realloc(attachments->steps, (attachments->count + 1) * sizeof(*attachments->steps));

	if (!more)
		return fail(-ENOMEM, "interfaces");
	attachments->steps = more;
	more[attachments->count++] = *step;
	return 0;
}

/* `auto` keeps the mode that is: to find out whether native works now would take XDP away. */
static bool mode_fits(enum attach_mode mode, enum xdp_mode wanted)
{
	switch (wanted) {
	case XDP_AUTO:
		return true;
	case XDP_NATIVE:
		return mode != ATTACH_GENERIC;
	case XDP_GENERIC:
		return mode == ATTACH_GENERIC;
	}
	return true;
}

static enum xdp_mode mode_again(enum attach_mode mode)
{
	return mode == ATTACH_GENERIC ? XDP_GENERIC : XDP_AUTO;
}

/* By its id the kernel gives a program only to CAP_SYS_ADMIN; what runs is pinned, too. */
static int keep_program(const char *pin, struct step *step)
{
	step->program_before = bpf_prog_get_fd_by_id(step->old.program);
	if (step->program_before < 0 && errno == EPERM)
		pins_program_by_id(pin, step->old.program, &step->program_before);
	if (step->program_before < 0)
		return fail(errno, "%s: the program that runs there", step->old.interface);
	return 0;
}

static struct netdev netdev_of(const struct hook *hook)
{
	struct netdev netdev = {.ifindex = hook->ifindex};

	snprintf(netdev.name, sizeof(netdev.name), "%s", hook->interface);
	return netdev;
}

/* What is pinned and wanted alike: is it the same program in the same way, at the same interface? */
static int compare(struct attachments *attachments, struct step *step)
{
	bool moved = step->old.ifindex != step->netdev.ifindex;
	int err;

	if (!step->old
		     .ifindex) { /* the interface went and came back: nothing is attached any more */
		step->action = ACTION_ATTACH;
		return add_step(attachments, step);
	}
	err = keep_program(attachments->pin, step);
	if (err)
		return err;
	if (moved || (step->old.kind == HOOK_XDP && !mode_fits(step->old.mode, step->wanted))) {
		step->action = ACTION_REPLACE;
		return add_step(attachments, step);
	}
	if (!probe_same_program(step->program_before, step->program)) {
		step->action = ACTION_UPDATE;
		return add_step(attachments, step);
	}
	close(step->program_before);
	hook_release(&step->old);
	return 0;
}

static int plan_hook(struct attachments *attachments, enum hook_kind kind,
		     const struct interface *interface, const struct netdev *netdev,
		     const struct pinning *pinning)
{
	const char *name = program_name(kind, interface, netdev->bare_ip);
	struct step step = {
		.action = ACTION_ATTACH,
		.old.link = -1,
		.old.kind = kind,
		.now.link = -1,
		.netdev = *netdev,
		.wanted = interface->xdp,
		.program_before = -1,
	};
	int err;

	if (!name)
		return 0;
	step.program = pinning_program(pinning, name);
	if (step.program < 0)
		return fail(step.program, "program '%s' is missing", name);
	err = hook_open(attachments->pin, kind, netdev->name, &step.old);
	if (err == -ENOENT)
		return add_step(attachments, &step);
	if (err)
		return fail(err, "%s: its pin", netdev->name);
	err = compare(attachments, &step);
	if (err)
		hook_release(&step.old);
	return err;
}

/* An interface that is missing: a mark says that it is to be guarded, unless an older pin does. */
static int plan_awaited(struct attachments *attachments, enum hook_kind kind,
			const struct interface *interface, const struct netdev *netdev)
{
	struct step step = {
		.action = ACTION_AWAIT,
		.old.link = -1,
		.old.kind = kind,
		.now.link = -1,
		.netdev = *netdev,
		.program_before = -1,
		.program = -1,
	};
	struct hook there;

	if (!program_name(kind, interface, false))
		return 0;
	if (hook_open(attachments->pin, kind, netdev->name, &there))
		return add_step(attachments, &step);
	hook_release(&there);
	return 0;
}

struct leftovers {
	struct attachments *attachments;
	const struct site *site;
};

static bool is_wanted(const struct site *site, const struct hook *hook)
{
	for (size_t i = 0; i < site->interface_count; i++) {
		const struct interface *interface = &site->interfaces[i];

		if (!strcmp(interface->name, hook->interface))
			return program_name(hook->kind, interface, false);
	}
	return false;
}

static int plan_detach(const struct hook *hook, void *context)
{
	struct leftovers *leftovers = context;
	struct step step = {
		.action = ACTION_DETACH,
		.old.link = -1,
		.now.link = -1,
		.wanted = mode_again(hook->mode),
		.program_before = -1,
		.program = -1,
	};
	int err;

	if (is_wanted(leftovers->site, hook))
		return 0;
	/* Of its own, since the caller's hook is released after this. */
	err = hook_open(leftovers->attachments->pin, hook->kind, hook->interface, &step.old);
	if (err)
		return fail(err, "%s: its pin", hook->interface);
	step.netdev = netdev_of(&step.old);
	err = hook->ifindex ? keep_program(leftovers->attachments->pin, &step) : 0;
	if (!err)
		err = add_step(leftovers->attachments, &step);
	if (err)
		hook_release(&step.old);
	return err;
}

int attachments_plan(const char *pin, const struct site *site, const struct netdev *netdevs,
		     const struct loader *loader, const struct pinning *pinning,
		     struct attachments **ret_attachments)
{
	_cleanup_(attachments_freep) struct attachments *attachments =
		calloc(1, sizeof(*attachments));
	struct leftovers leftovers = {attachments, site};
	int err = 0;

	if (!attachments)
		return fail(-ENOMEM, "interfaces");
	snprintf(attachments->pin, sizeof(attachments->pin), "%s", pin);
	attachments->pass[HOOK_XDP] = attachments->pass[HOOK_TC] = -1;
	err = probe_pass_program(BPF_PROG_TYPE_XDP, &attachments->pass[HOOK_XDP]);
	if (!err)
		err = probe_pass_program(BPF_PROG_TYPE_SCHED_CLS, &attachments->pass[HOOK_TC]);
	if (!err)
		err = role_table_plan(loader_map(loader, "interfaces"), site, netdevs,
				      &attachments->roles);
	for (size_t i = 0; !err && i < site->interface_count; i++) {
		for (enum hook_kind kind = 0; !err && kind < HOOK_KINDS; kind++)
			err = netdevs[i].ifindex
				      ? plan_hook(attachments, kind, &site->interfaces[i],
						  &netdevs[i], pinning)
				      : plan_awaited(attachments, kind, &site->interfaces[i],
						     &netdevs[i]);
	}
	if (!err)
		err = hook_each(pin, plan_detach, &leftovers);
	if (err)
		return err;
	*ret_attachments = take_ptr(attachments);
	return 0;
}

/* ------------------------------------------------------------------ the steps */

static int attach_step(struct attachments *attachments, struct step *step, int program)
{
	int err = hook_attach(attachments->pin, step->old.kind, &step->netdev, program,
			      step->wanted, &step->now);

	step->attached = !err;
	return err;
}

static int update_step(struct step *step, const struct hook *hook)
{
	int err = hook_update(hook, step->program);

	step->updated = !err;
	return err;
}

/* The pin of XDP stays until the next takes its place: whoever is killed in between leaves a mark that
 * the interface is to be guarded, which the daemon and the next load follow. */
static int detach_step(struct attachments *attachments, struct step *step)
{
	bool keeps_pin = step->action == ACTION_REPLACE && step->old.kind == HOOK_XDP;
	int err = keeps_pin ? hook_let_go(&step->old) : hook_detach(attachments->pin, &step->old);

	step->detached = !err;
	return err;
}

static int prepare_step(struct attachments *attachments, struct step *step)
{
	int err;

	switch (step->action) {
	case ACTION_ATTACH:
		return attach_step(attachments, step, attachments->pass[step->old.kind]);
	case ACTION_UPDATE:
		return update_step(step, &step->old);
	case ACTION_REPLACE:
		err = detach_step(attachments, step);
		if (!err)
			err = fault_point("replacing");
		return err ? err : attach_step(attachments, step, step->program);
	case ACTION_AWAIT:
		step->now = step->old;
		snprintf(step->now.interface, sizeof(step->now.interface), "%s", step->netdev.name);
		err = hook_await(attachments->pin, step->now.kind, step->now.interface);
		step->attached = !err;
		return err;
	case ACTION_DETACH:
		return 0;
	}
	return 0;
}

int attachments_prepare(struct attachments *attachments)
{
	int err = role_table_add(attachments->roles);

	for (size_t i = 0; !err && i < attachments->count; i++)
		err = prepare_step(attachments, &attachments->steps[i]);
	return err ? err : fault_point("prepared");
}

int attachments_commit(struct attachments *attachments)
{
	int err = 0;

	for (size_t i = 0; !err && i < attachments->count; i++) {
		struct step *step = &attachments->steps[i];

		if (step->action == ACTION_ATTACH)
			err = update_step(step, &step->now);
	}
	return err ? err : fault_point("attached");
}

int attachments_finish(struct attachments *attachments)
{
	int err = 0;

	for (size_t i = 0; !err && i < attachments->count; i++) {
		if (attachments->steps[i].action == ACTION_DETACH)
			err = detach_step(attachments, &attachments->steps[i]);
	}
	return err ? err : role_table_drop(attachments->roles);
}

/* ------------------------------------------------------------------ back */

/* Whatever fails, the rest is still brought back. */
static int revert_step(struct attachments *attachments, struct step *step)
{
	int err = 0;

	if (step->attached)
		err = hook_detach(attachments->pin, &step->now);
	if (!err && step->attached && step->old.interface[0] && !step->old.ifindex)
		err = hook_await(attachments->pin, step->old.kind, step->old.interface);
	if (!step->attached && step->updated)
		err = hook_update(&step->old, step->program_before);
	if (step->detached && step->program_before >= 0) {
		struct netdev netdev = netdev_of(&step->old);

		hook_release(&step->old);
		err = hook_attach(attachments->pin, step->old.kind, &netdev, step->program_before,
				  mode_again(step->old.mode), &step->old);
	}
	step->attached = step->updated = step->detached = false;
	return err;
}

int attachments_revert(struct attachments *attachments)
{
	int err = 0;

	for (size_t i = attachments->count; i-- > 0;) {
		int one = revert_step(attachments, &attachments->steps[i]);

		err = err ? err : one;
	}
	if (err)
		role_table_revert(attachments->roles);
	else
		err = role_table_revert(attachments->roles);
	return err;
}

/* ------------------------------------------------------------------ away with all */

static int remove_hook(const struct hook *hook, void *pin)
{
	return hook_detach(pin, hook);
}

int attachments_remove_all(const char *pin)
{
	return hook_each(pin, remove_hook, (void *)pin);
}
