/* SPDX-License-Identifier: GPL-2.0 */
/* Interfaces come and go; see link_watch.h. */
#include "kernel/link_watch.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/log.h"

#define CALM_MS	  100
#define MOST_CALM 10 /* bursts that go on: after so many the change is told all the same */

struct link_watch {
	int socket;
	struct event *readable, *calm;
	unsigned postponed;
	void (*changed)(void *context);
	void *context;
};

void link_watch_free(struct link_watch *watch)
{
	if (!watch)
		return;
	if (watch->readable)
		event_free(watch->readable);
	if (watch->calm)
		event_free(watch->calm);
	closep(&watch->socket);
	free(watch);
}

static void link_watch_freep(struct link_watch **watch)
{
	link_watch_free(*watch);
}

/* What they say is not read: also of messages that were lost (ENOBUFS) only that there were some. */
static void on_readable(evutil_socket_t socket, short what, void *context)
{
	const struct timeval calm = {.tv_usec = CALM_MS * 1000};
	struct link_watch *watch = context;
	char message[16384];
	ssize_t size;

	(void)what;
	do
		size = recv(socket, message, sizeof(message), MSG_DONTWAIT);
	while (size > 0 || (size < 0 && (errno == ENOBUFS || errno == EINTR)));
	if (event_pending(watch->calm, EV_TIMEOUT, NULL) && watch->postponed++ >= MOST_CALM)
		return;
	event_add(watch->calm, &calm);
}

static void on_calm(evutil_socket_t socket, short what, void *context)
{
	struct link_watch *watch = context;

	(void)socket;
	(void)what;
	watch->postponed = 0;
	watch->changed(watch->context);
}

int link_watch_new(struct event_base *base, void (*changed)(void *context), void *context,
		   struct link_watch **ret_watch)
{
	const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
	_cleanup_(link_watch_freep) struct link_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return fail(-ENOMEM, "interfaces");
	watch->changed = changed;
	watch->context = context;
	watch->socket = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (watch->socket < 0 ||
	    bind(watch->socket, (const struct sockaddr *)&address, sizeof(address)))
		return fail(errno, "interfaces: netlink");
	watch->readable = event_new(base, watch->socket, EV_READ | EV_PERSIST, on_readable, watch);
	watch->calm = evtimer_new(base, on_calm, watch);
	if (!watch->readable || !watch->calm || event_add(watch->readable, NULL))
		return fail(-ENOMEM, "interfaces");
	*ret_watch = take_ptr(watch);
	return 0;
}
