/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The file system that pins live in; see bpffs.h. That a mount is ours is remembered on the mount
 * itself, by a symbolic link (a bpffs holds no plain files): it is forgotten exactly with it.
 */
#include "kernel/bpffs.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "base/log.h"

#define BPF_FILESYSTEM 0xcafe4a11 /* BPF_FS_MAGIC */
#define STANDARD       "/sys/fs/bpf"
#define MARKER	       "agfeo_mounted"

static bool is_bpffs(const char *path)
{
	struct statfs status;

	return !statfs(path, &status) && (unsigned)status.f_type == BPF_FILESYSTEM;
}

static bool below_standard(const char *pin)
{
	return !strncmp(pin, STANDARD "/", sizeof(STANDARD));
}

/* The folder that `pin` stands in, or will. */
static void parent_of(const char *pin, char parent[PATH_MAX])
{
	char *slash;

	snprintf(parent, PATH_MAX, "%s", pin);
	slash = strrchr(parent, '/');
	if (!slash)
		snprintf(parent, PATH_MAX, ".");
	else if (slash == parent)
		parent[1] = '\0';
	else
		*slash = '\0';
}

/* Its mount namespace; false where /proc does not say. */
static bool mount_namespace(pid_t process, struct stat *status)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)process);
	return !stat(path, status);
}

static pid_t parent_process(pid_t process)
{
	_cleanup_(fclosep) FILE *file = NULL;
	char path[64], line[512];
	int parent = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)process);
	file = fopen(path, "re");
	/* The name in parentheses may hold anything, parentheses too. */
	if (file && fgets(line, sizeof(line), file) && strrchr(line, ')'))
		sscanf(strrchr(line, ')') + 1, " %*c %d", &parent);
	return parent;
}

/*
 * `ip netns exec` and `unshare -m` give a mount namespace that dies with its last process: some
 * ancestor, at the latest process 1, is in another. Not all of them can be looked at everywhere.
 */
bool bpffs_is_private(void)
{
	struct stat own, other;

	if (!mount_namespace(getpid(), &own))
		return false;
	for (pid_t process = getppid(); process > 0; process = parent_process(process)) {
		if (mount_namespace(process, &other) &&
		    (own.st_ino != other.st_ino || own.st_dev != other.st_dev))
			return true;
	}
	return mount_namespace(1, &other) &&
	       (own.st_ino != other.st_ino || own.st_dev != other.st_dev);
}

const char *bpffs_hint(const char *pin)
{
	char parent[PATH_MAX];

	parent_of(pin, parent);
	if (is_bpffs(pin) || is_bpffs(parent) || !bpffs_is_private())
		return "";
	return " (as this process sees it: its mounts are its own, as under 'ip netns exec'; pass "
	       "--pin "
	       "of a bpffs mounted outside)";
}

static int refuse_mount(const char *pin)
{
	fail(0,
	     "%s is not on a bpffs, and one mounted here would vanish with this process, links and "
	     "all: it runs in a mount namespace of its own, as under 'ip netns exec'. Mount one "
	     "outside ('mkdir -p /run/agfeo-bpf && mount -t bpf bpf /run/agfeo-bpf') and pass "
	     "--pin "
	     "/run/agfeo-bpf/NAME, or enter only the network namespace ('nsenter "
	     "--net=/run/netns/NAME "
	     "agfeoctl …')",
	     pin);
	return -EXDEV;
}

static int mark(const char *where, bool created)
{
	char marker[PATH_MAX + sizeof(MARKER) + 1];

	snprintf(marker, sizeof(marker), "%s/" MARKER, where);
	return symlink(created ? "created" : "found", marker) ? -errno : 0;
}

/* Nothing but our marker. Names with a dot are the kernel's own: nobody else may make them. */
static bool is_unused(const char *where)
{
	DIR *folder = opendir(where);
	struct dirent *entry;
	bool unused = folder;

	while (folder && (entry = readdir(folder))) {
		if (!strchr(entry->d_name, '.') && strcmp(entry->d_name, MARKER))
			unused = false;
	}
	if (folder)
		closedir(folder);
	return unused;
}

static int mount_bpffs(const char *where)
{
	bool created = !mkdir(where, 0700);
	int err = 0;

	if (!created && errno != EEXIST)
		return fail(errno, "%s", where);
	if (!created && strcmp(where, STANDARD) && !is_unused(where)) {
		fail(0,
		     "%s is no bpffs, and a mount there would hide what is in it: choose another "
		     "place with --pin",
		     where);
		return -ENOTEMPTY;
	}
	if (mount("bpf", where, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700")) {
		err = fail(errno, "%s: no bpffs can be mounted", where);
	} else {
		note("%s: mounted a bpffs", where);
		err = mark(where, created);
		if (err) {
			fail(err, "%s", where);
			umount(where);
		}
	}
	if (err && created)
		rmdir(where);
	return err;
}

int bpffs_ensure(const char *pin)
{
	char parent[PATH_MAX];

	parent_of(pin, parent);
	if (is_bpffs(pin) || (access(pin, F_OK) && is_bpffs(parent)))
		return 0;
	if (bpffs_is_private())
		return refuse_mount(pin);
	return mount_bpffs(below_standard(pin) ? STANDARD : pin);
}

/* Where the file system of `path`, a folder that is there, is mounted. */
static void mount_point_of(const char *path, char point[PATH_MAX])
{
	char above[PATH_MAX];
	struct stat here, there;

	if (!realpath(path, point))
		snprintf(point, PATH_MAX, "%s", path);
	for (;;) {
		parent_of(point, above);
		if (!strcmp(above, point) || stat(point, &here) || stat(above, &there) ||
		    here.st_dev != there.st_dev)
			return;
		strcpy(point, above);
	}
}

int bpffs_check_writable(const char *pin)
{
	char folder[PATH_MAX], point[PATH_MAX];
	struct statvfs status;

	snprintf(folder, sizeof(folder), "%s", pin);
	if (access(folder, F_OK))
		parent_of(pin, folder);
	if (statvfs(folder, &status) || !(status.f_flag & ST_RDONLY))
		return 0; /* who writes there says what else is wrong */
	mount_point_of(folder, point);
	fail(0,
	     "%s is mounted read-only, nothing was changed: 'mount -o remount,rw %s', then again",
	     point, point);
	return -EROFS;
}

int bpffs_release(const char *pin)
{
	char where[PATH_MAX], marker[PATH_MAX + sizeof(MARKER)], target[16] = "";

	snprintf(where, sizeof(where), "%s", below_standard(pin) ? STANDARD : pin);
	snprintf(marker, sizeof(marker), "%s/" MARKER, where);
	if (!is_bpffs(where) || readlink(marker, target, sizeof(target) - 1) < 0)
		return 0;
	if (!is_unused(where)) {
		note("%s stays mounted: others have pins there", where);
		return 0;
	}
	unlink(marker);
	if (umount2(where, UMOUNT_NOFOLLOW)) {
		int err = fail(errno, "%s: it cannot be unmounted", where);

		mark(where, !strcmp(target, "created"));
		return err;
	}
	if (!strcmp(target, "created") && rmdir(where))
		return fail(errno, "%s", where);
	return 0;
}
