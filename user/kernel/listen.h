/* SPDX-License-Identifier: GPL-2.0 */
/* Listening on interfaces without sending anything, and the kernel's table of neighbours. */
#ifndef USER_KERNEL_LISTEN_H
#define USER_KERNEL_LISTEN_H

#include "report/discovery.h"

/*
 * Learns what arrives on the interfaces for so many seconds, or until SIGINT or SIGTERM. Says its own
 * errors; one interface that cannot be listened on is one error of all.
 */
int listen_on(const char *const *interfaces, size_t count, unsigned seconds,
	      struct discovery *discovery);

/* Learns the neighbours that the kernel knows on these interfaces. */
int listen_neighbours(const char *const *interfaces, size_t count, struct discovery *discovery);

#endif
