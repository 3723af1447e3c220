/* SPDX-License-Identifier: GPL-2.0 */
/* The pins of one loader's maps and programs; see pinning.h. */
#include "kernel/pinning.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/adopt.h"
#include "kernel/pins.h"
#include "kernel/probe.h"

#define MAX_PINS      128
#define NS_PER_SECOND 1000000000ull

struct pin {
	const char *folder;
	const char *name; /* the loader's */
	int before;	  /* descriptor of what was pinned; -1: nothing */
};

struct same {
	const char *name;
	int fd; /* of the pinned program */
};

struct pinning {
	char pin[PATH_MAX];
	char config[sizeof(((struct agfeo_meta *)0)->config)];
	const struct loader *loader; /* borrowed */
	struct agfeo_meta meta_before;
	bool meta_written;
	bool replaces_meta;	   /* of pinning_replace_maps(): which of its two rounds it is */
	struct pin pins[MAX_PINS]; /* that were put */
	size_t count;
	struct same same[MAX_PINS]; /* programs that need no replacing */
	size_t same_count;
};

void pinning_free(struct pinning *pinning)
{
	if (!pinning)
		return;
	for (size_t i = 0; i < pinning->count; i++) {
		if (pinning->pins[i].before >= 0)
			close(pinning->pins[i].before);
	}
	for (size_t i = 0; i < pinning->same_count; i++)
		close(pinning->same[i].fd);
	free(pinning);
}

static int open_pinned(const struct pinning *pinning, const char *folder, const char *name)
{
	char path[PATH_MAX];
	int fd;

	if (pins_path(path, pinning->pin, folder, name))
		return -ENAMETOOLONG;
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

static int compare_program(const char *name, int fd, void *context)
{
	struct pinning *pinning = context;
	int pinned = open_pinned(pinning, "prog", name);

	if (pinned < 0)
		return 0;
	if (pinning->same_count < MAX_PINS && probe_same_program(pinned, fd))
		pinning->same[pinning->same_count++] = (struct same){name, pinned};
	else
		close(pinned);
	return 0;
}

int pinning_program(const struct pinning *pinning, const char *name)
{
	for (size_t i = 0; i < pinning->same_count; i++) {
		if (!strcmp(pinning->same[i].name, name))
			return pinning->same[i].fd;
	}
	return loader_program(pinning->loader, name);
}

int pinning_plan(const char *pin, const struct loader *loader, const char *config,
		 struct pinning **ret_pinning)
{
	struct pinning *pinning = calloc(1, sizeof(*pinning));
	char absolute[PATH_MAX];
	__u32 zero = 0;

	if (!pinning)
		return fail(-ENOMEM, "pins");
	pinning->loader = loader;
	snprintf(pinning->pin, sizeof(pinning->pin), "%s", pin);
	snprintf(pinning->config, sizeof(pinning->config), "%.*s", (int)sizeof(pinning->config) - 1,
		 realpath(config, absolute) ? absolute : config);
	if (bpf_map_lookup_elem(loader_map(loader, "meta"), &zero, &pinning->meta_before)) {
		free(pinning);
		return fail(errno, "map 'meta'");
	}
	pins_remove(pin, "map", "new"); /* what a killed load may have left; see pins_put() */
	pins_remove(pin, "prog", "new");
	*ret_pinning = pinning;
	return loader_each_program(loader, compare_program, pinning);
}

/* Takes `before` over. */
static int put(struct pinning *pinning, const char *folder, const char *name, int fd, int before)
{
	int err = pins_put(pinning->pin, folder, name, fd);

	if (err || pinning->count == MAX_PINS) {
		if (before >= 0)
			close(before);
		return err ? err : fail(-E2BIG, "pins");
	}
	pinning->pins[pinning->count++] = (struct pin){folder, name, before};
	return 0;
}

/* ------------------------------------------------------------------ maps */

/* Adopted maps are the pinned ones. */
static int put_map(const char *name, int fd, void *context)
{
	int before = open_pinned(context, "map", name);

	if (before >= 0) {
		close(before);
		return 0;
	}
	return put(context, "map", name, fd, -1);
}

static uint64_t wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

static int update_meta(const struct pinning *pinning, const struct agfeo_meta *meta)
{
	__u32 zero = 0;

	if (bpf_map_update_elem(loader_map(pinning->loader, "meta"), &zero, meta, BPF_ANY))
		return fail(errno, "map 'meta'");
	return 0;
}

/* programs: 0 while they are being replaced, so that nobody takes a mixture for what it was. */
static int write_meta(struct pinning *pinning, uint64_t programs)
{
	struct agfeo_meta meta = {
		.abi = AGFEO_ABI,
		.hz = loader_hz(),
		.tick_ns = loader_tick_ns(false),
		.loaded_ns = wall_ns(),
		.first_loaded_ns = pinning->meta_before.first_loaded_ns,
		.programs = programs,
		.version = AGFEO_VERSION,
	};

	if (!meta.first_loaded_ns)
		meta.first_loaded_ns = meta.loaded_ns;
	snprintf(meta.config, sizeof(meta.config), "%s", pinning->config);
	pinning->meta_written = true;
	return update_meta(pinning, &meta);
}

int pinning_write_meta(struct pinning *pinning)
{
	return write_meta(pinning, loader_hash(pinning->loader));
}

int pinning_put_maps(struct pinning *pinning)
{
	int err = 0;

	/* Whoever finds pins must find whose they are: also when we are killed on the way. */
	if (!pinning->meta_before.abi)
		err = write_meta(pinning, 0);
	if (!err)
		err = put_map("meta", loader_map(pinning->loader, "meta"), pinning);
	return err ? err : loader_each_map(pinning->loader, put_map, pinning);
}

static int replace_map(const struct replaced_map *replaced, void *context)
{
	struct pinning *pinning = context;
	int before;

	if (!strcmp(replaced->name, "meta") != pinning->replaces_meta)
		return 0;
	before = fcntl(replaced->old, F_DUPFD_CLOEXEC, 0);
	if (before < 0)
		return fail(errno, "map '%s'", replaced->name);
	return put(pinning, "map", replaced->name, loader_map(pinning->loader, replaced->name),
		   before);
}

int pinning_replace_maps(struct pinning *pinning)
{
	int err;

	pinning->replaces_meta = false;
	err = loader_each_replaced(pinning->loader, replace_map, pinning);
	pinning->replaces_meta = true;
	return err ? err : loader_each_replaced(pinning->loader, replace_map, pinning);
}

/* ------------------------------------------------------------------ programs */

/* From here on, until all is done, the pinned programs are of two kinds. */
static int withdraw_programs(struct pinning *pinning)
{
	struct agfeo_meta meta = pinning->meta_before;

	if (!meta.programs || pinning->meta_written)
		return 0;
	meta.programs = 0;
	pinning->meta_written = true;
	return update_meta(pinning, &meta);
}

static int put_program(const char *name, int fd, void *context)
{
	int before, err;

	if (pinning_program(context, name) != fd)
		return 0;
	err = withdraw_programs(context);
	if (err)
		return err;
	before = open_pinned(context, "prog", name);
	return put(context, "prog", name, fd, before < 0 ? -1 : before);
}

int pinning_put_programs(struct pinning *pinning)
{
	return loader_each_program(pinning->loader, put_program, pinning);
}

/* ------------------------------------------------------------------ back */

int pinning_revert(struct pinning *pinning)
{
	int err = 0;

	for (size_t i = pinning->count; i-- > 0;) {
		struct pin *pin = &pinning->pins[i];
		int one = pin->before < 0
				  ? pins_remove(pinning->pin, pin->folder, pin->name)
				  : pins_put(pinning->pin, pin->folder, pin->name, pin->before);

		if (pin->before >= 0)
			close(pin->before);
		err = err ? err : one;
	}
	pinning->count = 0;
	if (pinning->meta_written && !err)
		err = update_meta(pinning, &pinning->meta_before);
	return err;
}
