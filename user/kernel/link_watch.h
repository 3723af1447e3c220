/* SPDX-License-Identifier: GPL-2.0 */
/* Says that something about network interfaces changed: rtnetlink on the event loop. */
#ifndef USER_KERNEL_LINK_WATCH_H
#define USER_KERNEL_LINK_WATCH_H

#include <event2/event.h>

struct link_watch;

/* changed: once for a burst of changes, after it has calmed down. It looks for itself what is new:
 * messages can be lost when there are many. */
int link_watch_new(struct event_base *base, void (*changed)(void *context), void *context,
		   struct link_watch **ret_watch);
void link_watch_free(struct link_watch *watch);

#endif
