/* SPDX-License-Identifier: GPL-2.0 */
/* See output.h. */
#include "kernel/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/printable.h"

#define MOST_BYTES   (64u << 20) /* of output */
#define MOST_SECONDS 10
#define NO_PROGRAM   127

static const char *const folders[] = {"/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin"};

struct pipes {
	int out[2], complaint[2];
};

static void close_pair(int pair[2])
{
	closep(&pair[0]);
	closep(&pair[1]);
}

static void pipes_close(struct pipes *pipes)
{
	close_pair(pipes->out);
	close_pair(pipes->complaint);
}

static void become(const char *const *argv, const struct pipes *pipes)
{
	static const char *const environment[] = {"PATH=/usr/sbin:/sbin:/usr/bin:/bin", "LC_ALL=C",
						  NULL};
	int nothing = open("/dev/null", O_RDONLY);
	char path[128];

	if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(pipes->out[1], 1) < 0 ||
	    dup2(pipes->complaint[1], 2) < 0)
		_exit(NO_PROGRAM - 1);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		snprintf(path, sizeof(path), "%s/%s", folders[i], argv[0]);
		execve(path, (char *const *)argv, (char *const *)environment);
	}
	_exit(NO_PROGRAM);
}

/* ------------------------------------------------------------------ reading */

struct reader {
	int *fd;
	char *text;
	size_t size, room, most;
	bool drop; /* what goes beyond `most` is left out, and not an error */
};

static int grow(struct reader *reader)
{
	size_t room = reader->room ? 2 * reader->room : 4096;
	char *text;

	if (reader->size + 1 < reader->room)
		return 0;
	text = realloc(reader->text, room);
	if (!text)
		return -ENOMEM;
	reader->text = text;
	reader->room = room;
	return 0;
}

static int take(struct reader *reader)
{
	ssize_t got;
	int err = grow(reader);

	if (err)
		return err;
	got = read(*reader->fd, reader->text + reader->size, reader->room - reader->size - 1);
	if (got < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	if (got == 0) {
		closep(reader->fd);
		*reader->fd = -1;
	}
	reader->size += (size_t)got;
	if (reader->size >= reader->most && !reader->drop)
		return -EFBIG;
	if (reader->size >= reader->most)
		reader->size = reader->most - 1;
	reader->text[reader->size] = 0;
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int read_both(struct reader *out, struct reader *complaint)
{
	int64_t end = now_ms() + MOST_SECONDS * 1000;
	int err = 0;

	while (!err && (*out->fd >= 0 || *complaint->fd >= 0)) {
		struct pollfd fds[] = {{*out->fd, POLLIN, 0}, {*complaint->fd, POLLIN, 0}};
		int64_t left = end - now_ms();

		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(fds, 2, (int)left) < 0 && errno != EINTR)
			return -errno;
		if (fds[0].revents)
			err = take(out);
		if (!err && fds[1].revents)
			err = take(complaint);
	}
	return err;
}

static int wait_for(pid_t child, int err)
{
	int status;

	if (err)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (err)
		return err;
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_PROGRAM)
		return -ENOENT;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EIO;
}

int output_of(const char *const *argv, char **ret_text, size_t *ret_size, char *complaint,
	      size_t size)
{
	_cleanup_(pipes_close) struct pipes pipes = {{-1, -1}, {-1, -1}};
	struct reader out = {.fd = &pipes.out[0], .most = MOST_BYTES};
	struct reader said = {.fd = &pipes.complaint[0], .most = 4096, .drop = true};
	pid_t child;
	int err;

	*complaint = 0;
	if (pipe2(pipes.out, O_CLOEXEC) || pipe2(pipes.complaint, O_CLOEXEC))
		return -errno;
	child = fork();
	if (child < 0)
		return -errno;
	if (!child)
		become(argv, &pipes);
	closep(&pipes.out[1]);
	closep(&pipes.complaint[1]);
	pipes.out[1] = pipes.complaint[1] = -1;
	err = wait_for(child, read_both(&out, &said));
	if (said.text)
		printable_copy(complaint, size, said.text, strcspn(said.text, "\n"));
	free(said.text);
	if (err || !out.text) {
		free(out.text);
		return err ? err : -ENOMEM;
	}
	*ret_text = out.text;
	*ret_size = out.size;
	return 0;
}
