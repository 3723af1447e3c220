/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Preloaded into agfeoctl by tests/e2e/mishaps.sh, outputs.sh and takeover.sh, to have what no test may
 * do to its machine:
 *
 *	STARVE_AT=N	from the Nth on, one allocation fails (libraries' too)
 *	STARVE_COUNT=FILE	how many there were, written at the end
 *	TRACKING_ERRNO=N	no socket is had to ask conntrack, for that reason
 *	WALL_FILE=FILE	CLOCK_REALTIME is off by as many seconds as stand in there, read every time
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *pointer, size_t size);

static atomic_long allocations;
static long starve_at;
static int ended;

/* For tests/coverage.c: what follows is no work of the tool's. */
void starve_no_more(void)
{
	ended = 1;
}

__attribute__((constructor)) static void begin(void)
{
	const char *at = getenv("STARVE_AT");

	starve_at = at ? atol(at) : 0;
	allocations = 0;
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("STARVE_COUNT");
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;

	if (fd < 0)
		return;
	dprintf(fd, "%ld\n", (long)allocations);
	close(fd);
}

static int starves(void)
{
	if (ended || ++allocations != starve_at)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return starves() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return starves() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *pointer, size_t size)
{
	return starves() ? NULL : __libc_realloc(pointer, size);
}

/* ------------------------------------------------------------------ netlink */

int socket(int family, int type, int protocol)
{
	const char *error = getenv("TRACKING_ERRNO");

	if (error && family == AF_NETLINK && protocol == NETLINK_NETFILTER) {
		errno = atoi(error);
		return -1;
	}
	return (int)syscall(SYS_socket, family, type, protocol);
}

/* ------------------------------------------------------------------ the wall clock */

static long wall_offset(void)
{
	const char *path = getenv("WALL_FILE");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	char text[32] = "";

	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return atol(text);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = (int)syscall(SYS_clock_gettime, clock, now);

	if (!result && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		now->tv_sec += wall_offset();
	return result;
}

int gettimeofday(struct timeval *now, void *zone)
{
	struct timespec exact;

	(void)zone;
	if (clock_gettime(CLOCK_REALTIME, &exact))
		return -1;
	now->tv_sec = exact.tv_sec;
	now->tv_usec = exact.tv_nsec / 1000;
	return 0;
}

time_t time(time_t *ret_now)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now))
		return -1;
	if (ret_now)
		*ret_now = now.tv_sec;
	return now.tv_sec;
}
