/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interfaces that went and came back under their name: what was attached to them went along, only
 * its pins are left. The pinned programs are attached again, without a change of policy: what is
 * loaded decides, not what the configuration file says by now.
 */
#ifndef USER_KERNEL_REATTACH_H
#define USER_KERNEL_REATTACH_H

#include <stdbool.h>

#include "config/site.h"

/* Whether there is something to do: cheap, and without a lock. Says nothing. */
bool reattach_is_due(const char *pin);

/* site: how XDP is wanted at the interfaces that it has. The caller holds the lock. Each interface
 * that is back is said. */
int reattach(const char *pin, const struct site *site);

#endif
