/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose a pinned object is; see pin_object.h. libbpf gives maps and programs in the kernel the names
 * that they have in our source, and we pin them by these: that holds for every layout of the maps.
 */
#include "kernel/pin_object.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/pins.h"

/* "anon_inode:bpf-map": the kernel's own word for what a descriptor is. */
static bool is_kind(int fd, const char *kind)
{
	char path[64], target[64];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return false;
	target[length] = '\0';
	return strstr(target, kind);
}

/* The kernel cuts names. "new" is where pins_put() lays one down before it takes its name. */
static bool same_name(const char *pinned, const char *kernel)
{
	return !strcmp(pinned, "new") || !strncmp(pinned, kernel, BPF_OBJ_NAME_LEN - 1);
}

static bool is_our_map(int fd, const char *name)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	return is_kind(fd, "bpf-map") && !bpf_obj_get_info_by_fd(fd, &info, &length) &&
	       same_name(name, info.name);
}

static bool is_our_program(int fd, const char *name)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);

	return is_kind(fd, "bpf-prog") && !bpf_obj_get_info_by_fd(fd, &info, &length) &&
	       same_name(name, info.name);
}

/* The pin of a clsact filter, and the mark of an interface that is yet to come, are symbolic links;
 * see hook.c. */
static bool is_our_link(const char *path, int fd, const char *name)
{
	char interface[PIN_NAME_SIZE], target[8] = "";

	if (strcmp(name, "new") && pins_link_interface(name, "xdp", interface) &&
	    pins_link_interface(name, "tc", interface))
		return false;
	if (readlink(path, target, sizeof(target) - 1) > 0)
		return !strncmp(target, "clsact:", 7) || !strncmp(target, "awaited", 7);
	return is_kind(fd, "bpf_link") || is_kind(fd, "bpf-link");
}

bool pin_is_ours(const char *pin, const char *folder, const char *name)
{
	_cleanup_(closep) int fd = -1;
	char path[PATH_MAX];

	if (pins_path(path, pin, folder, name))
		return false;
	fd = bpf_obj_get(path);
	if (!strcmp(folder, "link"))
		return is_our_link(path, fd, name);
	return !strcmp(folder, "map") ? is_our_map(fd, name) : is_our_program(fd, name);
}

struct search {
	const char *pin, *folder;
	uint32_t id;
	int fd;
};

static int refuse(const char *name, void *context)
{
	const struct search *search = context;
	_cleanup_(closep) int fd = -1;
	char path[PATH_MAX];

	if (pin_is_ours(search->pin, search->folder, name))
		return 0;
	/* Nobody's fault but want: whose it is cannot be told. */
	if (!pins_path(path, search->pin, search->folder, name))
		fd = bpf_obj_get(path);
	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM))
		return fail(errno, "%s", path);
	fail(0,
	     "%s/%s/%s is not agfeoctl's: somebody else has pins there, which are left alone. "
	     "Choose "
	     "another folder with --pin; or, if nobody needs it, remove it: 'rm %s/%s/%s'",
	     search->pin, search->folder, name, search->pin, search->folder, name);
	return -EEXIST;
}

int pins_refuse_foreign_in(const char *pin, const char *folder)
{
	struct search search = {.pin = pin, .folder = folder};

	return pins_each(pin, folder, refuse, &search);
}

int pins_refuse_foreign(const char *pin)
{
	int err = pins_refuse_foreign_in(pin, "link");

	if (!err)
		err = pins_refuse_foreign_in(pin, "prog");
	return err ? err : pins_refuse_foreign_in(pin, "map");
}

static int match_id(const char *name, void *context)
{
	struct search *search = context;
	_cleanup_(closep) int fd = -1;
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);
	char path[PATH_MAX];

	if (pins_path(path, search->pin, "prog", name))
		return 0;
	fd = bpf_obj_get(path);
	if (fd < 0 || !is_kind(fd, "bpf-prog") || bpf_obj_get_info_by_fd(fd, &info, &length) ||
	    info.id != search->id)
		return 0;
	search->fd = take_fd(&fd);
	return 1;
}

int pins_program_by_id(const char *pin, uint32_t id, int *ret_fd)
{
	struct search search = {.pin = pin, .id = id, .fd = -1};
	int err = pins_each(pin, "prog", match_id, &search);

	if (err < 0)
		return err;
	if (search.fd < 0)
		return -ENOENT;
	*ret_fd = search.fd;
	return 0;
}
