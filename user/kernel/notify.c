/* SPDX-License-Identifier: GPL-2.0 */
/* One datagram; see notify.h. */
#include "kernel/notify.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "base/address.h"
#include "base/cleanup.h"

static void send_text(const char *text)
{
	_cleanup_(closep) int fd = -1;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");
	size_t length = path ? strlen(path) : 0;

	if (length < 2 || length >= sizeof(address.sun_path) || (*path != '/' && *path != '@'))
		return;
	memcpy(address.sun_path, path, length);
	if (*path == '@') /* the abstract namespace */
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		sendto(fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&address,
		       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
}

void notify(const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	send_text(text);
}

void notify_reloading(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	notify("RELOADING=1\nMONOTONIC_USEC=%llu",
	       (unsigned long long)now.tv_sec * 1000000 + (unsigned long long)now.tv_nsec / 1000);
}

uint64_t notify_watchdog_us(void)
{
	const char *text = getenv("WATCHDOG_USEC"), *process = getenv("WATCHDOG_PID");
	uint64_t us, pid;

	if (!text || number_parse(text, 1, UINT64_MAX, &us))
		return 0;
	if (process && (number_parse(process, 1, UINT64_MAX, &pid) || pid != (uint64_t)getpid()))
		return 0;
	return us;
}
