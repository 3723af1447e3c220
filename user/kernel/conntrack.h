/* SPDX-License-Identifier: GPL-2.0 */
/* UDP flows that the kernel's connection tracking knows of this network namespace. */
#ifndef USER_KERNEL_CONNTRACK_H
#define USER_KERNEL_CONNTRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

/* As its opener's packets look at one side of NAT; ports in host order. */
struct tracked_flow {
	struct address source, destination;
	uint16_t source_port, destination_port;
	bool answered; /* the other end has sent, too */
};

/*
 * Calls back for each UDP flow: once, or where NAT gives it other ends on its other side, once a
 * side. Returns 0, 0 as well where nothing is tracked here, or a negative errno; says nothing.
 */
int conntrack_each_udp(void (*each)(const struct tracked_flow *flow, void *context), void *context);

#endif
