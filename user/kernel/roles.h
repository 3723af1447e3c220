/* SPDX-License-Identifier: GPL-2.0 */
/* The map `interfaces`: which ifindex has which role, changed in two steps and undone. */
#ifndef USER_KERNEL_ROLES_H
#define USER_KERNEL_ROLES_H

#include "kernel/hook.h"
#include "kernel/netdev.h"

/* What the map says of an interface. Warns where forward = fast has no effect. */
struct agfeo_interface role_of(const struct interface *interface, const struct netdev *netdev);

/* The program of a hook in that role. At the egress of an uplink ways are learned: that needs a
 * program only where forward = fast is. */
const char *role_program(enum agfeo_role role, enum hook_kind kind, bool bare_ip);

/* An interface came back under another index: told before a packet can come. The rows of indices that
 * nobody has any more are free. */
int role_return(int map, unsigned ifindex, const struct agfeo_interface *value);

/* All of a load. */
struct role_table;

int role_table_plan(int map, const struct site *site, const struct netdev *netdevs,
		    struct role_table **ret_table);
void role_table_free(struct role_table *table);

/* Adds and changes; those that go stay until role_table_drop(). */
int role_table_add(struct role_table *table);
int role_table_drop(struct role_table *table);
int role_table_revert(struct role_table *table);

#endif
