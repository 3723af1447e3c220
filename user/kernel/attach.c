/* SPDX-License-Identifier: GPL-2.0 */
/* What is attached where, for status and the export; see attach.h. */
#include "kernel/attach.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/hook.h"

const char *attach_mode_label(enum attach_mode mode)
{
	switch (mode) {
	case ATTACH_NONE:
		return "none";
	case ATTACH_NATIVE:
		return "native";
	case ATTACH_GENERIC:
		return "generic";
	case ATTACH_TCX:
		return "tcx";
	case ATTACH_CLSACT:
		return "clsact";
	}
	return "none";
}

struct list {
	struct attached *attached;
	size_t count;
};

static struct attached *find_or_add(struct list *list, const char *name)
{
	struct attached *more;

	for (size_t i = 0; i < list->count; i++) {
		if (!strcmp(list->attached[i].name, name))
			return &list->attached[i];
	}
	more = realloc(list->attached, (list->count + 1) * sizeof(*more));
	if (!more)
		return NULL;
	list->attached = more;
	more += list->count++;
	*more = (struct attached){};
	snprintf(more->name, sizeof(more->name), "%s", name);
	return more;
}

static int add_hook(const struct hook *hook, void *context)
{
	struct attached *attached = find_or_add(context, hook->interface);

	if (!attached)
		return fail(-ENOMEM, "interfaces");
	attached->has_tc |= hook->kind == HOOK_TC;
	if (!hook->ifindex)
		return 0;
	attached->ifindex = hook->ifindex;
	switch (hook->kind) {
	case HOOK_XDP:
		attached->xdp = hook->mode;
		attached->xdp_program = hook->program;
		break;
	case HOOK_TC:
		attached->tc = hook->mode;
		attached->tc_program = hook->program;
		break;
	case HOOK_KINDS:
		break;
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct attached *)a)->name, ((const struct attached *)b)->name);
}

int attach_list(const char *pin, struct attached **ret_attached, size_t *ret_count)
{
	struct list list = {};
	int err = hook_each(pin, add_hook, &list);

	if (err) {
		free(list.attached);
		return err;
	}
	if (list.count)
		qsort(list.attached, list.count, sizeof(*list.attached), by_name);
	*ret_attached = list.attached;
	*ret_count = list.count;
	return 0;
}
