/* SPDX-License-Identifier: GPL-2.0 */
/* The map `interfaces`: which ifindex has which role, changed in two steps and undone. */
#ifndef USER_KERNEL_ROLES_H
#define USER_KERNEL_ROLES_H

#include "kernel/netdev.h"

struct role_table;

int role_table_plan(int map, const struct site *site, const struct netdev *netdevs,
		    struct role_table **ret_table);
void role_table_free(struct role_table *table);

/* Adds and changes; those that go stay until role_table_drop(). */
int role_table_add(struct role_table *table);
int role_table_drop(struct role_table *table);
int role_table_revert(struct role_table *table);

#endif
