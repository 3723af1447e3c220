/* SPDX-License-Identifier: GPL-2.0 */
/* load --confirm and its watcher; see confirm.h. */
#include "kernel/confirm.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/fault.h"
#include "kernel/lock.h"
#include "kernel/run_files.h"

#define FILE_NAME "confirm"

static int state_path(const char *run, char path[PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s/" FILE_NAME, run) >= PATH_MAX ? -ENAMETOOLONG : 0;
}

/* Time that also passes while the box sleeps, and that nobody sets. */
static long long uptime_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec;
}

/* ------------------------------------------------------------------ who waits */

static int read_state(int fd, struct pending *ret_pending)
{
	char text[PATH_MAX + 128];
	struct pending pending = {};
	long long deadline, left;
	ssize_t length = pread(fd, text, sizeof(text) - 1, 0);

	if (length <= 0)
		return -EINVAL;
	text[length] = '\0';
	if (sscanf(text, "pid %d generation %u deadline %lld pin %4095[^\n]", &pending.pid,
		   &pending.generation, &deadline, pending.pin) != 4)
		return -EINVAL;
	left = deadline - uptime_seconds();
	pending.seconds_left = left > 0 ? left : 0;
	*ret_pending = pending;
	return 0;
}

int confirm_pending(const char *run, struct pending *ret_pending)
{
	_cleanup_(closep) int fd = -1;
	char path[PATH_MAX];
	int err = state_path(run, path);

	if (err)
		return fail(err, "%s", run);
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? -ENOENT : fail(errno, "%s", path);
	if (!flock(fd, LOCK_SH | LOCK_NB)) {
		struct pending dead = {};

		if (!read_state(fd, &dead))
			warn("the process that would have rolled back generation %u is gone: it "
			     "stays",
			     dead.generation);
		unlink(path);
		return -ENOENT;
	}
	err = read_state(fd, ret_pending);
	return err ? fail(err, "%s", path) : 0;
}

int confirm_accept(const char *run, const struct pending *pending)
{
	char path[PATH_MAX];
	int err = state_path(run, path);

	if (err)
		return fail(err, "%s", run);
	err = fault_point("confirming");
	if (err)
		return err;
	/* Without its file the watcher does nothing, even if it does not hear the signal. */
	if (unlink(path))
		return fail(errno, "%s", path);
	err = fault_point("confirmed");
	kill(pending->pid, SIGTERM);
	return err;
}

/* ------------------------------------------------------------------ the watcher */

struct watch {
	const char *run;
	struct change *change;
	const char *before; /* text of the configuration, or NULL */
	unsigned seconds;
};

static void sleep_until(long long deadline)
{
	const struct timespec until = {.tv_sec = deadline};

	while (clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

static bool still_wanted(int state)
{
	struct stat status;

	return !fstat(state, &status) && status.st_nlink > 0;
}

/* Another change may hold the lock for long; the rollback must come all the same. */
static void lock_patiently(const char *run, int *ret_lock)
{
	while (lock_take(run, "rollback", ret_lock))
		;
}

static void roll_back(const struct watch *watch, int state)
{
	_cleanup_(closep) int lock = -1;
	struct change *change = watch->change;
	uint32_t generation = change_generation(change);
	char path[PATH_MAX];
	int err;

	lock_patiently(watch->run, &lock);
	if (!still_wanted(state))
		return;
	fault_point("rollback");
	err = change_revert(change);
	if (!err)
		run_config_write(watch->run, watch->before);
	fault_point("rolled-back");
	openlog("agfeoctl", LOG_PID, LOG_DAEMON);
	if (err)
		syslog(LOG_ERR, "generation %u was not confirmed, and rolling it back failed: %s",
		       generation, strerror(-err));
	else if (change_is_first(change))
		syslog(LOG_WARNING, "generation %u was not confirmed: unloaded", generation);
	else
		syslog(LOG_WARNING,
		       "generation %u was not confirmed: the policy before rules again as %u",
		       generation, change_generation(change));
	if (!state_path(watch->run, path))
		unlink(path);
}

/* The terminal may go: nothing of it is kept. */
static void leave_terminal(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	if (chdir("/"))
		syslog(LOG_DEBUG, "chdir: %m");
}

/* Written under another name first: who sees the file sees all of it, and locked. */
static int open_state(const char *run, const struct change *change, long long deadline)
{
	char path[PATH_MAX], fresh[PATH_MAX + 8];
	int fd, err = state_path(run, path);

	if (err)
		return err;
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	fd = open(fresh, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) ||
	    dprintf(fd, "pid %d generation %u deadline %lld pin %s\n", (int)getpid(),
		    change_generation(change), deadline, change_pin(change)) < 0 ||
	    rename(fresh, path)) {
		err = -errno;
		unlink(fresh);
		close(fd);
		return err;
	}
	return fd;
}

static void watch(const struct watch *watch, int ready)
{
	long long deadline = uptime_seconds() + watch->seconds;
	int state =
		fault_point("watching") ? -EIO : open_state(watch->run, watch->change, deadline);
	int answer = state < 0 ? state : 0;

	if (write(ready, &answer, sizeof(answer)) != sizeof(answer) || answer)
		_exit(1);
	close(ready);
	leave_terminal();
	sleep_until(deadline);
	roll_back(watch, state);
	_exit(0);
}

/* Forked twice, in a session of its own: nobody's child, and no terminal's. */
static void fork_watcher(const struct watch *wanted, int ready, int lock)
{
	pid_t child;

	close(lock);
	setsid();
	child = fork();
	if (child == 0)
		watch(wanted, ready);
	_exit(child < 0);
}

int confirm_watch(const char *run, struct change *change, const char *before, unsigned seconds,
		  int lock)
{
	char absolute[PATH_MAX];
	const struct watch wanted = {absolute, change, before, seconds};
	int ready[2], answer = -EPIPE;
	pid_t child;

	if (!realpath(run, absolute))
		return fail(errno, "%s", run);
	if (pipe2(ready, O_CLOEXEC))
		return fail(errno, "the process that would roll back");
	fflush(NULL);
	child = fork();
	if (child == 0) {
		close(ready[0]);
		fork_watcher(&wanted, ready[1], lock);
	}
	close(ready[1]);
	if (child > 0 && read(ready[0], &answer, sizeof(answer)) != sizeof(answer))
		answer = -EPIPE;
	close(ready[0]);
	if (child > 0)
		waitpid(child, NULL, 0);
	fault_point("watched");
	return answer ? fail(answer, "the process that would roll back cannot be started") : 0;
}
