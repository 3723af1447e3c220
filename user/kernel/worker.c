/* SPDX-License-Identifier: GPL-2.0 */
/* Work in a child; see worker.h. */
#include "kernel/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/log.h"

#define SAID_MOST 4096

struct worker {
	pid_t pid;
	int pipe;
	struct event *readable;
	char said[SAID_MOST];
	size_t length;
	void (*done)(int failed, const char *said, void *context);
	void *context;
};

static void worker_release(struct worker *worker)
{
	if (worker->readable)
		event_free(worker->readable);
	closep(&worker->pipe);
	free(worker);
}

/* Whether the child failed, or died. */
static int wait_for(const struct worker *worker)
{
	int status = 0;

	while (waitpid(worker->pid, &status, 0) < 0) {
		if (errno != EINTR)
			return 1;
	}
	return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

void worker_finish(struct worker *worker)
{
	if (!worker)
		return;
	wait_for(worker);
	worker_release(worker);
}

/* What does not fit is still passed on. */
static void keep(struct worker *worker, const char *text, size_t size)
{
	size_t room = SAID_MOST - 1 - worker->length;

	if (write(STDERR_FILENO, text, size) < 0)
		return;
	if (size > room)
		size = room;
	memcpy(worker->said + worker->length, text, size);
	worker->length += size;
	worker->said[worker->length] = '\0';
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
	struct worker *worker = context;
	char text[1024];
	ssize_t size = read(fd, text, sizeof(text));
	int failed;

	(void)what;
	if (size > 0)
		keep(worker, text, (size_t)size);
	if (size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	failed = wait_for(worker);
	if (failed && !worker->length)
		strcpy(worker->said, "the process that was to do it died\n");
	while (worker->length && worker->said[worker->length - 1] == '\n')
		worker->said[--worker->length] = '\0';
	worker->done(failed, worker->said, worker->context);
	worker_release(worker);
}

/* A change that has begun is not left half done because somebody ends the daemon. */
static void work_in_child(int pipe, int close_fd, int (*work)(void *context), void *context)
{
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	dup2(pipe, STDERR_FILENO);
	close(pipe);
	if (close_fd >= 0)
		close(close_fd);
	_exit(work(context) ? 1 : 0);
}

int worker_start(struct event_base *base, int close_fd, int (*work)(void *context),
		 void (*done)(int failed, const char *said, void *context), void *context,
		 struct worker **ret_worker)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	int ends[2] = {-1, -1}, err;

	if (!worker)
		return fail(-ENOMEM, "worker");
	worker->done = done;
	worker->context = context;
	worker->pipe = -1;
	fflush(NULL);
	if (!pipe2(ends, O_CLOEXEC)) {
		worker->pipe = ends[0];
		worker->readable =
			event_new(base, ends[0], EV_READ | EV_PERSIST, on_readable, worker);
		worker->pid = worker->readable ? fork() : -1;
	}
	err = worker->pid > 0 || !worker->readable ? 0 : -errno;
	if (worker->readable && worker->pid == 0)
		work_in_child(ends[1], close_fd, work, context);
	closep(&ends[1]);
	if (!worker->readable || err || event_add(worker->readable, NULL)) {
		worker_release(worker);
		return fail(err ? err : -ENOMEM, "worker");
	}
	*ret_worker = worker;
	return 0;
}
