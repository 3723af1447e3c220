/* SPDX-License-Identifier: GPL-2.0 */
/* Atomic replacement of a file; see textfile.h. */
#include "report/textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

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
static int fill(int fd, int (*render)(FILE *out, const void *what), const void *what)
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
	if (!err && (fchmod(fd, 0644) || fsync(fd)))
		err = -errno;
	if (fclose(out) && !err)
		err = -errno;
	return err;
}

int textfile_write(const char *path, int (*render)(FILE *out, const void *what), const void *what)
{
	char folder[PATH_MAX], temporary[PATH_MAX];
	int fd, err;

	err = folder_of(path, folder);
	if (err)
		return fail(err, "textfile '%s'", path);
	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= (int)sizeof(temporary))
		return fail(-ENAMETOOLONG, "textfile '%s'", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return fail(0,
			    "textfile '%s': the folder '%s' does not exist; is "
			    "prometheus-node-exporter installed?",
			    path, folder);
	if (fd < 0)
		return fail(errno, "textfile '%s': a file in '%s'", path, folder);

	err = fill(fd, render, what);
	if (!err && rename(temporary, path))
		err = -errno;
	if (err) {
		unlink(temporary);
		return fail(err, "textfile '%s': not written, the old one stays", path);
	}
	sync_folder(folder);
	return 0;
}
