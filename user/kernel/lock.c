/* SPDX-License-Identifier: GPL-2.0 */
/* One change at a time; see lock.h. */
#include "kernel/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/log.h"

#define PATIENCE_SECONDS 10
#define RETRY_MS	 20

int run_folder_make(const char *run)
{
	if (!mkdir(run, 0755) || errno == EEXIST)
		return 0;
	if (errno == EACCES || errno == EPERM)
		return fail(errno, "%s: changing what is loaded needs root", run);
	return fail(errno, "%s: the folder of run-time state", run);
}

static void read_holder(int fd, char *text, size_t size)
{
	ssize_t length = pread(fd, text, size - 1, 0);

	text[length > 0 ? length : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

static int refuse_busy(int fd, const char *path)
{
	char holder[64];

	read_holder(fd, holder, sizeof(holder));
	fail(0, "%s: another agfeoctl (%s) is still changing what is loaded, after %d s of waiting",
	     path, holder[0] ? holder : "unknown", PATIENCE_SECONDS);
	return -EBUSY;
}

static int wait_for(int fd, const char *path)
{
	const struct timespec pause = {.tv_nsec = RETRY_MS * 1000000l};

	for (int tries = 0; flock(fd, LOCK_EX | LOCK_NB); tries++) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fail(errno, "%s", path);
		if (tries >= PATIENCE_SECONDS * 1000 / RETRY_MS)
			return refuse_busy(fd, path);
		nanosleep(&pause, NULL);
	}
	return 0;
}

int lock_take(const char *run, const char *what, int *ret_lock)
{
	_cleanup_(closep) int fd = -1;
	char path[PATH_MAX], holder[64];
	int err = run_folder_make(run);
	int length;

	if (err)
		return err;
	snprintf(path, sizeof(path), "%s/lock", run);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 && (errno == EACCES || errno == EPERM))
		return fail(errno, "%s: changing what is loaded needs root", path);
	if (fd < 0)
		return fail(errno, "%s", path);
	err = wait_for(fd, path);
	if (err)
		return err;
	length = snprintf(holder, sizeof(holder), "pid %d, %s\n", (int)getpid(), what);
	if (ftruncate(fd, 0) || pwrite(fd, holder, length, 0) != length)
		return fail(errno, "%s", path);
	*ret_lock = take_fd(&fd);
	return 0;
}
