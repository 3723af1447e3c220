/* SPDX-License-Identifier: GPL-2.0 */
/* Network interfaces as the kernel has them, in the network namespace of the process. */
#ifndef USER_KERNEL_NETDEV_H
#define USER_KERNEL_NETDEV_H

#include <net/if.h>
#include <stdbool.h>

#include "config/site.h"

struct netdev {
	char name[IFNAMSIZ];
	unsigned ifindex;
	unsigned mtu;
	bool bare_ip; /* packets come without an Ethernet header: PPP, tunnels, mobile modems */
};

/* Says nothing; -ENODEV when there is none of that name. */
int netdev_find(const char *name, struct netdev *ret_netdev);

/*
 * All interfaces of a site, in its order. Every one that cannot be used is told as "PATH:LINE: …",
 * and those that exist are named; then -ENODEV. One that is optional and missing is warned of, and
 * has ifindex 0; so is a site that has none with role voice. The caller frees the array.
 */
int netdev_find_all(const struct site *site, const char *path, struct netdev **ret_netdevs);

/* Whether the interface of that index is no longer there. */
bool netdev_is_gone(unsigned ifindex);
/* -ENODEV, and the message that it went in the middle of a load. */
int netdev_refuse_gone(const char *name);

#endif
