/* SPDX-License-Identifier: GPL-2.0 */
/* What is pinned, and where; see pins.h. */
#include "kernel/pins.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/bpffs.h"
#include "kernel/fault.h"
#include "kernel/pin_object.h"
#include "kernel/privilege.h"

/* Links first: enforcement ends before the state does that it needs. */
static const char *const folders[] = {"link", "prog", "map"};

int pins_path(char path[PATH_MAX], const char *pin, const char *folder, const char *name)
{
	int length = snprintf(path, PATH_MAX, "%s%s%s%s%s", pin, folder ? "/" : "",
			      folder ? folder : "", name ? "/" : "", name ? name : "");

	if (length >= PATH_MAX)
		return fail(-ENAMETOOLONG, "%s", pin);
	return 0;
}

/* ------------------------------------------------------------------ reading */

static int open_pin(const char *pin, const char *folder, const char *name, int *ret_fd)
{
	char path[PATH_MAX];
	int err = pins_path(path, pin, folder, name);
	int fd;

	if (err)
		return err;
	fd = bpf_obj_get(path);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

static int refuse_missing(const char *pin, const char *folder, const char *name, int err)
{
	char missing[PRIVILEGE_TEXT];

	if ((err == -EACCES && geteuid()) || (err == -EPERM && !*privilege_missing(missing)))
		return fail(err, "%s: reading the loaded state needs root", pin);
	if (err == -EPERM)
		return fail(err, "%s: reading the loaded state needs root, or %s", pin, missing);
	if (err == -EACCES) {
		fail(0,
		     "%s/%s/%s is no pinned BPF object: remove it, or choose another folder with "
		     "--pin",
		     pin, folder, name);
		return err;
	}
	if (err == -ENOENT) {
		fail(0, "nothing is loaded at %s%s: run 'agfeoctl load'", pin, bpffs_hint(pin));
		return -ENOENT;
	}
	return fail(err, "%s/%s/%s", pin, folder, name);
}

int pins_open_map(const char *pin, const char *name, int *ret_fd)
{
	int err = open_pin(pin, "map", name, ret_fd);

	return err ? refuse_missing(pin, "map", name, err) : 0;
}

int pins_open_program(const char *pin, const char *name, int *ret_fd)
{
	int err = open_pin(pin, "prog", name, ret_fd);

	return err ? refuse_missing(pin, "prog", name, err) : 0;
}

/* Reads entry 0 of a pinned map of one struct; -EPROTO when its value is of another size. */
static int read_single(const char *pin, const char *name, void *value, size_t size)
{
	_cleanup_(closep) int fd = -1;
	struct bpf_map_info info = {};
	__u32 length = sizeof(info), zero = 0;
	int err = open_pin(pin, "map", name, &fd);

	if (err)
		return err;
	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		return -errno;
	if (info.value_size != size)
		return -EPROTO;
	return bpf_map_lookup_elem(fd, &zero, value) ? -errno : 0;
}

int pins_read_meta(const char *pin, struct agfeo_meta *ret_meta)
{
	struct agfeo_meta meta = {};
	int err = read_single(pin, "meta", &meta, sizeof(meta));
	int foreign = err == -EPROTO ? pin_refuse_foreign(pin, "map", "meta") : 0;

	if (err && err != -EPROTO)
		return refuse_missing(pin, "map", "meta", err);
	if (foreign)
		return foreign;
	if (err || meta.abi != AGFEO_ABI) {
		meta.version[sizeof(meta.version) - 1] = '\0';
		fail(0,
		     "%s was loaded by agfeoctl %s (layout %u), this is %s (layout %u): run "
		     "'agfeoctl "
		     "load' of one version for both, or 'agfeoctl unload' first",
		     pin, meta.version[0] ? meta.version : "of another version", meta.abi,
		     AGFEO_VERSION, AGFEO_ABI);
		return -EPROTO;
	}
	*ret_meta = meta;
	return 0;
}

int pins_read_control(const char *pin, struct agfeo_control *ret_control)
{
	struct agfeo_control control = {};
	int err = read_single(pin, "control", &control, sizeof(control));

	if (err)
		return refuse_missing(pin, "map", "control", err);
	*ret_control = control;
	return 0;
}

static bool has_generation(const char *pin)
{
	struct agfeo_control control = {};

	return !read_single(pin, "control", &control, sizeof(control)) && control.generation;
}

int pins_inspect(const char *pin, enum pins_state *ret_state, struct agfeo_meta *ret_meta)
{
	struct agfeo_meta meta = {};
	struct stat status;
	char path[PATH_MAX];
	int foreign, err = pins_path(path, pin, "map", NULL);

	if (err)
		return err;
	*ret_meta = meta;
	*ret_state = PINS_NONE;
	if (stat(path, &status)) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		return fail(errno, "%s", path);
	}

	*ret_state = PINS_INCOMPLETE;
	err = read_single(pin, "meta", &meta, sizeof(meta));
	if (!err)
		*ret_meta = meta;
	foreign = err == -EPROTO ? pin_refuse_foreign(pin, "map", "meta") : 0;
	if (foreign)
		return foreign;
	/* Another layout is no torso of ours: never to be swept away unasked. */
	if (err == -EPROTO || (!err && (meta.abi != AGFEO_ABI || has_generation(pin))))
		*ret_state = PINS_LOADED;
	else if (err && err != -ENOENT)
		return refuse_missing(pin, "map", "meta", err);
	return 0;
}

/* ------------------------------------------------------------------ names of links */

static bool is_plain(char c)
{
	return c != '.' && c != '%' && c != '/';
}

const char *pins_link_name(const char *interface, const char *hook, char text[PIN_NAME_SIZE])
{
	size_t at = 0;

	for (; *interface && at + 8 < PIN_NAME_SIZE; interface++) {
		if (is_plain(*interface))
			text[at++] = *interface;
		else
			at += snprintf(text + at, 4, "%%%02x", (unsigned char)*interface);
	}
	snprintf(text + at, PIN_NAME_SIZE - at, "-%s", hook);
	return text;
}

int pins_link_interface(const char *name, const char *hook, char interface[PIN_NAME_SIZE])
{
	size_t length = strlen(name), tail = strlen(hook) + 1, at = 0;

	if (length <= tail || length >= PIN_NAME_SIZE || name[length - tail] != '-' ||
	    strcmp(name + length - tail + 1, hook))
		return -EINVAL;
	for (const char *c = name; c < name + length - tail; c++) {
		unsigned byte;

		if (*c == '%' && sscanf(c + 1, "%2x", &byte) == 1) {
			interface[at++] = (char)byte;
			c += 2;
		} else {
			interface[at++] = *c;
		}
	}
	interface[at] = '\0';
	return 0;
}

/* ------------------------------------------------------------------ writing */

static int make_folder(const char *path)
{
	if (!mkdir(path, 0700) || errno == EEXIST)
		return 0;
	return fail(errno, "%s", path);
}

int pins_make_folders(const char *pin)
{
	char path[PATH_MAX];
	int err = make_folder(pin);

	for (size_t i = 0; !err && i < ARRAY_SIZE(folders); i++) {
		err = pins_path(path, pin, folders[i], NULL);
		if (!err)
			err = make_folder(path);
	}
	return err;
}

int pins_put(const char *pin, const char *folder, const char *name, int fd)
{
	char path[PATH_MAX], fresh[PATH_MAX];
	int err = pins_path(path, pin, folder, name);

	if (!err)
		err = pins_path(fresh, pin, folder, "new");
	if (err)
		return err;
	if (!bpf_obj_pin(fd, path))
		return 0;
	if (errno != EEXIST)
		return fail(errno, "%s: it cannot be pinned", path);

	/* What is there stays until the new one takes its name in one step. */
	unlink(fresh);
	if (bpf_obj_pin(fd, fresh))
		return fail(errno, "%s: it cannot be pinned", fresh);
	if (rename(fresh, path)) {
		err = fail(errno, "%s: it cannot be replaced", path);
		unlink(fresh);
		return err;
	}
	return 0;
}

int pins_remove(const char *pin, const char *folder, const char *name)
{
	char path[PATH_MAX];
	int err = pins_path(path, pin, folder, name);

	if (err)
		return err;
	if (unlink(path) && errno != ENOENT && errno != ENOTDIR)
		return fail(errno, "%s: it cannot be removed", path);
	return 0;
}

static void closedirp(DIR **folder)
{
	if (*folder)
		closedir(*folder);
}

int pins_each(const char *pin, const char *folder, int (*callback)(const char *name, void *context),
	      void *context)
{
	_cleanup_(closedirp) DIR *stream = NULL;
	struct dirent *entry;
	char path[PATH_MAX];
	int err = pins_path(path, pin, folder, NULL);

	if (err)
		return err;
	stream = opendir(path);
	if (!stream)
		return errno == ENOENT || errno == ENOTDIR ? 0 : fail(errno, "%s", path);
	while (!err && (entry = readdir(stream))) {
		if (entry->d_name[0] != '.')
			err = callback(entry->d_name, context);
	}
	return err;
}

struct removal {
	const char *pin;
	const char *folder;
};

/* What made the pins goes last: a removal that is interrupted is still seen to be ours. */
static int remove_entry(const char *name, void *context)
{
	const struct removal *removal = context;

	if (!strcmp(removal->folder, "map") && !strcmp(name, "meta"))
		return 0;
	return pins_remove(removal->pin, removal->folder, name);
}

int pins_remove_all(const char *pin)
{
	char path[PATH_MAX];
	int err = 0, one;

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		struct removal removal = {pin, folders[i]};

		one = pins_each(pin, folders[i], remove_entry, &removal);
		if (!one && !strcmp(folders[i], "map"))
			one = pins_remove(pin, "map", "meta");
		if (!one)
			one = pins_path(path, pin, folders[i], NULL);
		if (!one && rmdir(path) && errno != ENOENT)
			one = fail(errno, "%s", path);
		err = err ? err : one;
		if (!err)
			err = fault_point("emptied");
	}
	/* A bpffs of its own is mounted right here: bpffs_release() takes it away. */
	if (!err && rmdir(pin) && errno != ENOENT && errno != EBUSY && errno != ENOTEMPTY)
		err = fail(errno, "%s", pin);
	return err;
}
