/* SPDX-License-Identifier: GPL-2.0 */
/* Atomic replacement of a file; see textfile.h. */
#include "report/textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"

/* The folder of a path: what mkostemp and fsync need. */
static int folder_of(const char *path, char folder[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) : 1;

	if (slash == path)
		length = 1;
	if (length >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(folder, slash ? path : ".", length);
	folder[length] = '\0';
	return 0;
}

/* The new name must be on disk too, or a power cut may bring the old file back; not worth failing. */
static void sync_folder(const char *folder)
{
	_cleanup_(closep) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		fsync(fd);
}

/* Fills the file behind fd, which is taken in any case. */
static int fill(int fd, mode_t mode, int (*render)(FILE *out, const void *what), const void *what)
{
	FILE *out = fdopen(fd, "w");
	int err;

	if (!out) {
		err = -errno;
		close(fd);
		return err;
	}
	errno = 0;
	err = render(out, what);
	if (!err && (fflush(out) || ferror(out)))
		err = errno ? -errno : -EIO;
	if (!err && (fchmod(fd, mode) || fsync(fd)))
		err = -errno;
	if (fclose(out) && !err)
		err = -errno;
	return err;
}

int replacement_open(const char *path, char temporary[PATH_MAX])
{
	int fd;

	if (snprintf(temporary, PATH_MAX, "%s.XXXXXX", path) >= PATH_MAX)
		return -ENAMETOOLONG;
	fd = mkostemp(temporary, O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int replacement_finish(int fd, const char *temporary, const char *path, mode_t mode,
		       int (*render)(FILE *out, const void *what), const void *what)
{
	int err = fill(fd, mode, render, what);

	if (!err && rename(temporary, path))
		err = -errno;
	if (err)
		unlink(temporary);
	return err;
}

static bool is_file(const struct stat *status)
{
	return S_ISREG(status->st_mode);
}

/* Whether fd is open on what the status is of. */
static bool is_behind(int fd, const struct stat *status)
{
	struct stat own;

	return !fstat(fd, &own) && own.st_dev == status->st_dev && own.st_ino == status->st_ino;
}

/* /dev/stdout, and whatever else is no file of its own and leads to where our output goes. */
static bool is_standard_output(const char *path)
{
	struct stat named, target;

	return !lstat(path, &named) && !is_file(&named) && !stat(path, &target) &&
	       is_behind(STDOUT_FILENO, &target);
}

static int print(int (*render)(FILE *out, const void *what), const void *what)
{
	int err = render(stdout, what);

	if (!err && fflush(stdout))
		err = fail(errno, "standard output");
	return err;
}

/* A file, a link to one or to none, and a folder (of which rename tells) is no device to be lost. */
static bool is_replaceable(const char *path)
{
	struct stat named, target;

	if (lstat(path, &named) || is_file(&named) || S_ISDIR(named.st_mode))
		return true;
	if (!S_ISLNK(named.st_mode))
		return false;
	return stat(path, &target) ? errno == ENOENT
				   : is_file(&target) && !is_behind(STDERR_FILENO, &target);
}

int textfile_write(const char *path, int (*render)(FILE *out, const void *what), const void *what)
{
	char folder[PATH_MAX], temporary[PATH_MAX];
	int fd, err;

	if (is_standard_output(path))
		return print(render, what);
	if (!is_replaceable(path))
		return fail(0, "textfile '%s': no file, and not to be replaced by one", path);
	err = folder_of(path, folder);
	if (err)
		return fail(err, "textfile '%s'", path);
	fd = replacement_open(path, temporary);
	if (fd == -ENAMETOOLONG)
		return fail(fd, "textfile '%s'", path);
	if (fd == -ENOENT)
		return fail(0,
			    "textfile '%s': the folder '%s' does not exist; is "
			    "prometheus-node-exporter installed?",
			    path, folder);
	if (fd < 0)
		return fail(fd, "textfile '%s': a file in '%s'", path, folder);

	err = replacement_finish(fd, temporary, path, 0644, render, what);
	if (err)
		return fail(err, "textfile '%s': not written, the old one stays", path);
	sync_folder(folder);
	return 0;
}
