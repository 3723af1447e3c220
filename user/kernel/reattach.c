/* SPDX-License-Identifier: GPL-2.0 */
/* Interfaces that came back; see reattach.h. */
#include "kernel/reattach.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/names.h"
#include "kernel/fault.h"
#include "kernel/hook.h"
#include "kernel/pins.h"
#include "kernel/roles.h"

#define MOST_INTERFACES 64

/* Interfaces that have pins, and what of them is still attached. */
struct guarded {
	char name[IFNAMSIZ];
	bool judges_egress;	  /* an uplink does not */
	bool clsact;		  /* its egress is a filter, whose pin is a mark */
	bool is_gone[HOOK_KINDS]; /* its attachment */
	unsigned ifindex;	  /* of an attachment that is there */
};

struct survey {
	struct guarded interfaces[MOST_INTERFACES];
	size_t count;
};

static struct guarded *find_or_add(struct survey *survey, const char *name)
{
	for (size_t i = 0; i < survey->count; i++) {
		if (!strcmp(survey->interfaces[i].name, name))
			return &survey->interfaces[i];
	}
	if (survey->count == MOST_INTERFACES)
		return NULL;
	snprintf(survey->interfaces[survey->count].name, IFNAMSIZ, "%s", name);
	return &survey->interfaces[survey->count++];
}

/* The egress program of an uplink only learns ways. One that is not known any more counts as judging. */
static bool judges(const struct hook *hook)
{
	_cleanup_(closep) int program = bpf_prog_get_fd_by_id(hook->program);
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);

	if (program < 0 || bpf_obj_get_info_by_fd(program, &info, &length))
		return true;
	return strcmp(info.name, "tc_learn") != 0;
}

static int survey_hook(const struct hook *hook, void *context)
{
	struct guarded *guarded = find_or_add(context, hook->interface);

	if (!guarded)
		return -E2BIG;
	guarded->judges_egress |= hook->kind == HOOK_TC && judges(hook);
	guarded->clsact |= hook->mode == ATTACH_CLSACT;
	guarded->is_gone[hook->kind] = !hook->ifindex;
	if (hook->ifindex)
		guarded->ifindex = hook->ifindex;
	return 0;
}

static bool is_back(const struct guarded *guarded)
{
	return (guarded->is_gone[HOOK_XDP] || guarded->is_gone[HOOK_TC]) &&
	       if_nametoindex(guarded->name);
}

bool reattach_is_due(const char *pin)
{
	struct survey survey = {.count = 0};
	FILE *quiet = fopen("/dev/null", "we"), *before = log_redirect(quiet);
	bool due = false;

	/* A pin that vanishes meanwhile is another's change, not a fault. */
	if (!hook_each(pin, survey_hook, &survey)) {
		for (size_t i = 0; i < survey.count; i++)
			due |= is_back(&survey.interfaces[i]);
	}
	log_redirect(before);
	fclosep(&quiet);
	return due;
}

/* ------------------------------------------------------------------ attaching */

static const struct interface *configured(const struct site *site, const char *name)
{
	for (size_t i = 0; site && i < site->interface_count; i++) {
		if (!strcmp(site->interfaces[i].name, name))
			return &site->interfaces[i];
	}
	return NULL;
}

/* As it is configured; where that cannot be read, as it was. */
static enum agfeo_role role_for(const struct guarded *guarded, const struct site *site)
{
	const struct interface *interface = configured(site, guarded->name);

	if (interface)
		return interface->role;
	return guarded->judges_egress ? AGFEO_ROLE_VOICE : AGFEO_ROLE_UPLINK;
}

static enum xdp_mode mode_for(const struct site *site, const char *name)
{
	const struct interface *interface = configured(site, name);

	return interface ? interface->xdp : XDP_AUTO;
}

/* As it is configured; where that cannot be read, as it was, and without forward = fast. */
static struct agfeo_interface value_for(const struct guarded *guarded, const struct netdev *netdev,
					const struct site *site)
{
	const struct interface *interface = configured(site, guarded->name);

	if (interface)
		return role_of(interface, netdev);
	return (struct agfeo_interface){.role = role_for(guarded, site)};
}

static int move_role(const char *pin, const struct agfeo_interface *value, unsigned ifindex)
{
	_cleanup_(closep) int map = -1;
	int err = pins_open_map(pin, "interfaces", &map);

	return err ? err : role_return(map, ifindex, value);
}

/* The mark of a clsact filter must go first, a link's pin is replaced. Whatever fails, a pin stays:
 * it is what says that the interface is to be guarded. */
static int attach_again(const char *pin, enum hook_kind kind, const struct guarded *guarded,
			const struct netdev *netdev, const struct site *site)
{
	_cleanup_(closep) int program = -1;
	struct hook hook = {.link = -1};
	char name[PIN_NAME_SIZE], path[PATH_MAX];
	int err = pins_open_program(
		pin, role_program(role_for(guarded, site), kind, netdev->bare_ip), &program);

	pins_link_name(guarded->name, kind == HOOK_XDP ? "xdp" : "tc", name);
	if (!err)
		err = pins_path(path, pin, "link", name);
	if (!err && guarded->clsact && kind == HOOK_TC)
		err = pins_remove(pin, "link", name);
	if (!err)
		err = fault_point("returning");
	if (err)
		return err;
	err = hook_attach(pin, kind, netdev, program, mode_for(site, guarded->name), &hook);
	if (!err)
		hook_release(&hook);
	else if (guarded->clsact && kind == HOOK_TC && symlink("clsact:0:found", path))
		warn("%s: %s", path, strerror(errno));
	return err;
}

static int restore(const char *pin, const struct guarded *guarded, const struct site *site)
{
	struct agfeo_interface value;
	struct netdev netdev;
	int err = netdev_find(guarded->name, &netdev);

	if (err == -ENODEV) /* gone once more */
		return 0;
	if (err)
		return fail(err, "interface %s is there, and cannot be guarded", guarded->name);
	value = value_for(guarded, &netdev, site);
	err = move_role(pin, &value, netdev.ifindex);
	if (!err)
		err = fault_point("role");
	for (enum hook_kind kind = 0; !err && kind < HOOK_KINDS; kind++) {
		if (guarded->is_gone[kind])
			err = attach_again(pin, kind, guarded, &netdev, site);
	}
	if (!err)
		say("interface %s is there, and guarded (%s)", guarded->name,
		    role_label(role_for(guarded, site)));
	return err;
}

int reattach(const char *pin, const struct site *site)
{
	struct survey survey = {.count = 0};
	int err = hook_each(pin, survey_hook, &survey);

	for (size_t i = 0; !err && i < survey.count; i++) {
		if (is_back(&survey.interfaces[i]))
			err = restore(pin, &survey.interfaces[i], site);
	}
	return err;
}
