/* SPDX-License-Identifier: GPL-2.0 */
/* Files of the daemon; see run_files.h. */
#include "kernel/run_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/lock.h"
#include "report/textfile.h"

#define FILE_MOST (64 << 20) /* bytes: more was not written by us */

static void path_of(char path[PATH_MAX], const char *run, const char *name)
{
	snprintf(path, PATH_MAX, "%s/%s", run, name);
}

/* ------------------------------------------------------------------ one daemon */

static int read_pid(int fd)
{
	char text[32];
	ssize_t length = pread(fd, text, sizeof(text) - 1, 0);
	int pid = 0;

	text[length > 0 ? length : 0] = '\0';
	return sscanf(text, "%d", &pid) == 1 && pid > 0 ? pid : 0;
}

int run_lock_take(const char *run, int *ret_lock)
{
	_cleanup_(closep) int fd = -1;
	int err = run_folder_make(run);
	char path[PATH_MAX];

	if (err)
		return err;
	path_of(path, run, "run.lock");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return fail(errno, "%s", path);
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK)
			return fail(errno, "%s", path);
		fail(0, "%s: 'agfeoctl run' runs already, as process %d", path, read_pid(fd));
		return -EBUSY;
	}
	if (ftruncate(fd, 0) || dprintf(fd, "%d\n", (int)getpid()) < 0)
		return fail(errno, "%s", path);
	*ret_lock = take_fd(&fd);
	return 0;
}

int run_lock_holder(const char *run)
{
	_cleanup_(closep) int fd = -1;
	char path[PATH_MAX];

	path_of(path, run, "run.lock");
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || !flock(fd, LOCK_SH | LOCK_NB))
		return 0;
	return read_pid(fd);
}

/* ------------------------------------------------------------------ reading and writing */

/* The whole file as text. -ENOENT without a word, everything else said. */
static int read_file(const char *path, char **ret_text)
{
	_cleanup_(fclosep) FILE *file = fopen(path, "re");
	_cleanup_(freep) char *text = NULL;
	long size;

	if (!file)
		return errno == ENOENT ? -ENOENT : fail(errno, "%s", path);
	if (fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0 || fseek(file, 0, SEEK_SET))
		return fail(errno, "%s", path);
	if (size > FILE_MOST)
		return fail(-EFBIG, "%s", path);
	text = malloc((size_t)size + 1);
	if (!text)
		return fail(-ENOMEM, "%s", path);
	text[fread(text, 1, (size_t)size, file)] = '\0';
	*ret_text = take_ptr(text);
	return 0;
}

int run_state_read(const char *run, struct daemon_state *ret_state)
{
	_cleanup_(freep) char *text = NULL;
	char path[PATH_MAX];
	int err;

	if (!run_lock_holder(run))
		return -ENOENT;
	path_of(path, run, "run.json");
	err = read_file(path, &text);
	if (err)
		return err;
	err = daemon_state_parse(text, ret_state);
	return err ? fail(err, "%s: not what a daemon of this version writes", path) : 0;
}

int run_state_write(const char *run, const struct daemon_state *state)
{
	char path[PATH_MAX];

	path_of(path, run, "run.json");
	return textfile_write(path, daemon_state_render, state);
}

int run_quality_read(const char *run, struct quality_table *ret_table)
{
	_cleanup_(freep) char *text = NULL;
	struct quality_table table = {0};
	char path[PATH_MAX];
	int err;

	path_of(path, run, "quality.json");
	err = read_file(path, &text);
	if (!err && quality_state_parse(text, &table))
		warn("%s: no histograms that we know: they begin anew", path);
	if (err && err != -ENOENT)
		return err;
	*ret_table = table;
	return 0;
}

int run_quality_write(const char *run, const struct quality_table *table)
{
	char path[PATH_MAX];

	path_of(path, run, "quality.json");
	return textfile_write(path, quality_state_render, table);
}

/* ------------------------------------------------------------------ the configuration */

void run_config_path(const char *run, char path[PATH_MAX])
{
	path_of(path, run, "loaded.conf");
}

int run_config_read(const char *run, char **ret_text)
{
	char path[PATH_MAX];

	run_config_path(run, path);
	return read_file(path, ret_text);
}

static int put_text(FILE *out, const void *text)
{
	return fputs(text, out) == EOF ? -errno : 0;
}

static int replace_text(const char *path, const char *text)
{
	char temporary[PATH_MAX];
	int fd = replacement_open(path, temporary);

	return fd < 0 ? fd : replacement_finish(fd, temporary, path, 0600, put_text, text);
}

static int remove_text(const char *path)
{
	return unlink(path) && errno != ENOENT ? -errno : 0;
}

void run_config_write(const char *run, const char *text)
{
	char path[PATH_MAX];
	int err;

	run_config_path(run, path);
	err = text ? replace_text(path, text) : remove_text(path);
	if (err)
		warn("%s: %s; 'agfeoctl run' goes on by the configuration before it, until the "
		     "next load",
		     path, strerror(-err));
}

bool run_config_moved(const char *run, struct run_config_mark *mark)
{
	struct run_config_mark now = {.inode = 0};
	char path[PATH_MAX];
	struct stat status;

	run_config_path(run, path);
	if (!stat(path, &status)) {
		now.inode = status.st_ino;
		now.changed_ns = (uint64_t)status.st_ctim.tv_sec * 1000000000 +
				 (uint64_t)status.st_ctim.tv_nsec;
	}
	if (now.inode == mark->inode && now.changed_ns == mark->changed_ns)
		return false;
	*mark = now;
	return true;
}
