/* SPDX-License-Identifier: GPL-2.0 */
/* One program at one interface, and its pin; see hook.h. */
#include "kernel/hook.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/clsact.h"
#include "kernel/pin_object.h"
#include "kernel/pins.h"
#include "kernel/xdp.h"

#define TCX_EGRESS 47 /* BPF_TCX_EGRESS of 6.6, which Debian 12's headers lack */
#define TCX_BEFORE                                                                                 \
	(1u << 3) /* BPF_F_BEFORE: before all others, whose verdict could end the chain */

#define AWAITED "awaited"

static const char *const hook_names[HOOK_KINDS] = {[HOOK_XDP] = "xdp", [HOOK_TC] = "tc"};

void hook_release(struct hook *hook)
{
	if (hook->link >= 0)
		close(hook->link);
	hook->link = -1;
}

/* ------------------------------------------------------------------ what is pinned */

/* A clsact filter has no descriptor: its pin is a link to "clsact:IFINDEX:created" or ":found". */
static int read_clsact(const char *path, struct hook *hook)
{
	char target[64], word[16];
	ssize_t length = readlink(path, target, sizeof(target) - 1);

	if (length < 0)
		return -errno;
	target[length] = '\0';
	if (sscanf(target, "clsact:%u:%15s", &hook->ifindex, word) != 2)
		return -EINVAL;
	hook->created_qdisc = !strcmp(word, "created");
	hook->mode = ATTACH_CLSACT;
	if (clsact_query(hook->ifindex, &hook->program))
		hook->ifindex = 0;
	return 0;
}

/* The mark of an interface that is yet to come. -EINVAL: it is something else. */
static int read_awaited(const char *path, struct hook *hook)
{
	char target[64];
	ssize_t length = readlink(path, target, sizeof(target) - 1);

	if (length < 0)
		return -errno;
	target[length] = '\0';
	hook->mode = ATTACH_NONE;
	return strcmp(target, AWAITED) ? -EINVAL : 0;
}

/* In place of an older mark; a link's pin is left. */
static int put_mark(const char *path, const char *target)
{
	char older[64];

	if (readlink(path, older, sizeof(older)) >= 0)
		unlink(path);
	return symlink(target, path) ? fail(errno, "%s", path) : 0;
}

int hook_await(const char *pin, enum hook_kind kind, const char *interface)
{
	char path[PATH_MAX], name[PIN_NAME_SIZE];
	int err = pins_path(path, pin, "link", pins_link_name(interface, hook_names[kind], name));

	return err ? err : put_mark(path, AWAITED);
}

static int write_clsact(const char *pin, const char *name, const struct hook *hook)
{
	char path[PATH_MAX], target[64];
	int err = pins_path(path, pin, "link", name);

	if (err)
		return err;
	snprintf(target, sizeof(target), "clsact:%u:%s", hook->ifindex,
		 hook->created_qdisc ? "created" : "found");
	return put_mark(path, target);
}

static int read_link(const char *path, struct hook *hook)
{
	_cleanup_(closep) int link = bpf_obj_get(path);
	struct bpf_link_info info = {};
	__u32 length = sizeof(info);

	if (link < 0)
		return -errno;
	if (bpf_obj_get_info_by_fd(link, &info, &length))
		return -errno;
	/* tcx keeps its ifindex in the same place as XDP. */
	hook->ifindex = info.xdp.ifindex;
	hook->program = info.prog_id;
	hook->mode = hook->kind == HOOK_TC ? ATTACH_TCX : xdp_mode_of(hook->ifindex);
	hook->link = take_fd(&link);
	return 0;
}

int hook_open(const char *pin, enum hook_kind kind, const char *interface, struct hook *ret_hook)
{
	struct hook hook = {.kind = kind, .link = -1};
	char path[PATH_MAX], name[PIN_NAME_SIZE];
	int err = pins_path(path, pin, "link", pins_link_name(interface, hook_names[kind], name));

	snprintf(hook.interface, sizeof(hook.interface), "%s", interface);
	if (!err)
		err = read_awaited(path, &hook);
	if (err == -EINVAL && kind == HOOK_TC)
		err = read_clsact(path, &hook);
	if (err == -EINVAL) /* no symbolic link: a descriptor */
		err = read_link(path, &hook);
	if (err)
		return err;
	*ret_hook = hook;
	return 0;
}

/* ------------------------------------------------------------------ tc */

static int attach_tcx(unsigned ifindex, int program)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = TCX_BEFORE);
	int link =
		bpf_link_create(program, (int)ifindex, (enum bpf_attach_type)TCX_EGRESS, &options);

	return link < 0 ? -errno : link;
}

/* AGFEO_NO_TCX in the environment: as on a kernel without tcx, so that tests see both ways. */
static int attach_tc(const struct netdev *netdev, int program, struct hook *hook)
{
	int link = getenv("AGFEO_NO_TCX") ? -EINVAL : attach_tcx(netdev->ifindex, program);
	int err;

	if (link >= 0) {
		hook->link = link;
		hook->mode = ATTACH_TCX;
		return 0;
	}
	if (netdev_is_gone(netdev->ifindex))
		return netdev_refuse_gone(netdev->name);
	if (link != -EINVAL)
		return fail(link, "%s: the egress program cannot be attached", netdev->name);
	note("%s: no tcx, egress goes to clsact", netdev->name);
	err = clsact_attach(netdev->ifindex, program, &hook->created_qdisc);
	if (err)
		return fail(
			err,
			"%s: the egress program can be attached neither by tcx, which Linux has "
			"since 6.6, nor to clsact, which needs the modules sch_ingress and "
			"cls_bpf ('modprobe -a sch_ingress cls_bpf' says why not)",
			netdev->name);
	hook->mode = ATTACH_CLSACT;
	return 0;
}

/* ------------------------------------------------------------------ attaching */

static int pin_hook(const char *pin, const struct hook *hook)
{
	char name[PIN_NAME_SIZE];

	pins_link_name(hook->interface, hook_names[hook->kind], name);
	if (hook->mode == ATTACH_CLSACT)
		return write_clsact(pin, name, hook);
	return pins_put(pin, "link", name, hook->link);
}

int hook_attach(const char *pin, enum hook_kind kind, const struct netdev *netdev, int program,
		enum xdp_mode xdp, struct hook *ret_hook)
{
	struct hook hook = {.kind = kind, .ifindex = netdev->ifindex, .link = -1};
	int err;

	snprintf(hook.interface, sizeof(hook.interface), "%s", netdev->name);
	if (kind == HOOK_XDP)
		err = xdp_attach(netdev, program, xdp, &hook.link, &hook.mode);
	else
		err = attach_tc(netdev, program, &hook);
	if (err)
		return err;
	err = pin_hook(pin, &hook);
	if (err) {
		if (hook.mode == ATTACH_CLSACT)
			clsact_detach(hook.ifindex, hook.created_qdisc);
		hook_release(&hook);
		return err;
	}
	*ret_hook = hook;
	return 0;
}

int hook_update(const struct hook *hook, int program)
{
	int err = hook->mode == ATTACH_CLSACT ? clsact_replace(hook->ifindex, program)
					      : bpf_link_update(hook->link, program, NULL);

	if (err && netdev_is_gone(hook->ifindex))
		return netdev_refuse_gone(hook->interface);
	return err ? fail(err, "%s: the %s program cannot be replaced", hook->interface,
			  hook_names[hook->kind])
		   : 0;
}

int hook_let_go(const struct hook *hook)
{
	int err = 0;

	if (hook->mode == ATTACH_CLSACT && hook->ifindex)
		err = clsact_detach(hook->ifindex, hook->created_qdisc);
	else if (hook->link >= 0 && bpf_link_detach(hook->link))
		err = -errno;
	/* ENOLINK: the interface went first. */
	if (err && err != -ENOLINK && err != -ENODEV)
		return fail(err, "%s: the %s program cannot be detached", hook->interface,
			    hook_names[hook->kind]);
	return 0;
}

int hook_detach(const char *pin, const struct hook *hook)
{
	char name[PIN_NAME_SIZE];
	int err = hook_let_go(hook);

	if (err)
		return err;
	return pins_remove(pin, "link",
			   pins_link_name(hook->interface, hook_names[hook->kind], name));
}

/* ------------------------------------------------------------------ all of them */

struct names {
	char (*names)[PIN_NAME_SIZE];
	size_t count;
};

static int collect_name(const char *name, void *context)
{
	struct names *names = context;
	void *more = realloc(names->names, (names->count + 1) * sizeof(*names->names));

	if (!more)
		return fail(-ENOMEM, "pins");
	names->names = more;
	snprintf(names->names[names->count++], PIN_NAME_SIZE, "%s", name);
	return 0;
}

static int call_back(const char *pin, const char *name,
		     int (*callback)(const struct hook *hook, void *context), void *context)
{
	int err = 0;

	for (enum hook_kind kind = 0; !err && kind < HOOK_KINDS; kind++) {
		char interface[PIN_NAME_SIZE];
		struct hook hook;

		if (pins_link_interface(name, hook_names[kind], interface))
			continue;
		err = hook_open(pin, kind, interface, &hook);
		if (err)
			return fail(err, "%s/link/%s", pin, name);
		err = callback(&hook, context);
		hook_release(&hook);
	}
	return err;
}

/* The names are collected first, since the callback may remove what is being read. */
int hook_each(const char *pin, int (*callback)(const struct hook *hook, void *context),
	      void *context)
{
	struct names names = {};
	int err = pins_refuse_foreign_in(pin, "link");

	if (!err)
		err = pins_each(pin, "link", collect_name, &names);

	for (size_t i = 0; !err && i < names.count; i++)
		err = call_back(pin, names.names[i], callback, context);
	free(names.names);
	return err;
}
