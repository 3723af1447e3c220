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

/* The verdicts here are pin_is_ours()'s: true, false or a negative errno. */

/* "anon_inode:bpf-map": the kernel's own word for what a descriptor is. */
static int is_kind(int fd, const char *kind)
{
	char path[64], target[64];
	ssize_t length;

	if (fd < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return -errno;
	target[length] = '\0';
	return strstr(target, kind) != NULL;
}

/* The kernel cuts names. "new" is where pins_put() lays one down before it takes its name. */
static bool same_name(const char *pinned, const char *kernel)
{
	return !strcmp(pinned, "new") || !strncmp(pinned, kernel, BPF_OBJ_NAME_LEN - 1);
}

static int is_our_map(int fd, const char *name, struct bpf_map_info *ret_info)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);
	int is_map = is_kind(fd, "bpf-map");

	if (is_map <= 0)
		return is_map;
	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		return -errno;
	*ret_info = info;
	return same_name(name, info.name);
}

static int is_our_program(int fd, const char *name)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);
	int is_program = is_kind(fd, "bpf-prog");

	if (is_program <= 0)
		return is_program;
	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		return -errno;
	return same_name(name, info.name);
}

/* The pin of a clsact filter, and the mark of an interface that is yet to come, are symbolic links;
 * see hook.c. */
static int is_our_link(const char *path, int fd, const char *name)
{
	char interface[PIN_NAME_SIZE], target[8] = "";
	int is_link;

	if (strcmp(name, "new") && pins_link_interface(name, "xdp", interface) &&
	    pins_link_interface(name, "tc", interface))
		return false;
	if (readlink(path, target, sizeof(target) - 1) > 0)
		return !strncmp(target, "clsact:", 7) || !strncmp(target, "awaited", 7);
	is_link = is_kind(fd, "bpf_link");
	return is_link ? is_link : is_kind(fd, "bpf-link");
}

/* Not the pin's fault but want of something: whose it is cannot be told. */
static bool is_want(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM || error == EPERM;
}

int pin_is_ours(const char *pin, const char *folder, const char *name)
{
	_cleanup_(closep) int fd = -1;
	struct bpf_map_info info;
	char path[PATH_MAX];
	int err = pins_path(path, pin, folder, name);

	if (err)
		return err;
	fd = bpf_obj_get(path);
	if (fd < 0 && is_want(errno))
		return -errno;
	if (!strcmp(folder, "link"))
		return is_our_link(path, fd, name);
	return !strcmp(folder, "map") ? is_our_map(fd, name, &info) : is_our_program(fd, name);
}

int pin_refuse_foreign(const char *pin, const char *folder, const char *name)
{
	int ours = pin_is_ours(pin, folder, name);

	if (ours < 0)
		return fail(ours, "%s/%s/%s", pin, folder, name);
	if (ours)
		return 0;
	fail(0,
	     "%s/%s/%s is not agfeoctl's: somebody else has pins there, which are left alone. "
	     "Choose "
	     "another folder with --pin; or, if nobody needs it, remove it: 'rm %s/%s/%s'",
	     pin, folder, name, pin, folder, name);
	return -EEXIST;
}

int pin_open_map(const char *pin, const char *name, int *ret_map, struct bpf_map_info *ret_info)
{
	_cleanup_(closep) int map = -1;
	struct bpf_map_info info;
	char path[PATH_MAX];
	int ours, err = pins_path(path, pin, "map", name);

	if (err)
		return err;
	map = bpf_obj_get(path);
	if (map < 0 && errno == ENOENT)
		return -ENOENT;
	err = map < 0 ? -errno : 0;
	ours = err ? err : is_our_map(map, name, &info);
	if (ours <= 0) {
		err = pin_refuse_foreign(pin, "map", name);
		return err ? err : fail(ours ? ours : -EEXIST, "%s", path);
	}
	*ret_map = take_fd(&map);
	*ret_info = info;
	return 0;
}

/* ------------------------------------------------------------------ all of them */

struct search {
	const char *pin, *folder;
	uint32_t id;
	int fd;
};

static int refuse(const char *name, void *context)
{
	const struct search *search = context;

	return pin_refuse_foreign(search->pin, search->folder, name);
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
	if (fd < 0 || is_kind(fd, "bpf-prog") <= 0 || bpf_obj_get_info_by_fd(fd, &info, &length) ||
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
