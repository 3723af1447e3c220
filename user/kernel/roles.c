/* SPDX-License-Identifier: GPL-2.0 */
/* The map `interfaces`; see roles.h. */
#include "kernel/roles.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <net/if.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/xdp_features.h"

struct entry {
	__u32 ifindex;
	struct agfeo_interface value;
};

struct entries {
	struct entry *entries;
	size_t count;
};

struct role_table {
	int map; /* borrowed */
	struct entries before, after;
};

void role_table_free(struct role_table *table)
{
	if (!table)
		return;
	free(table->before.entries);
	free(table->after.entries);
	free(table);
}

static void role_table_freep(struct role_table **table)
{
	role_table_free(*table);
}

static int add_entry(struct entries *entries, __u32 ifindex, const struct agfeo_interface *value)
{
	struct entry *more =
		realloc(entries->entries, (entries->count + 1) * sizeof(*entries->entries));

	if (!more)
		return fail(-ENOMEM, "interfaces");
	entries->entries = more;
	more[entries->count++] = (struct entry){ifindex, *value};
	return 0;
}

static int read_entries(int map, struct entries *entries)
{
	__u32 *previous = NULL, key, next;
	int err = 0;

	while (!err && !bpf_map_get_next_key(map, previous, &next)) {
		struct agfeo_interface value = {};

		if (!bpf_map_lookup_elem(map, &next, &value))
			err = add_entry(entries, next, &value);
		key = next;
		previous = &key;
	}
	return err;
}

/* Frames that are redirected to a driver that cannot send them are lost: then the kernel keeps them. */
static __u32 flags_of(const struct interface *interface, const struct netdev *netdev)
{
	uint64_t features = 0;
	int err;

	if (!interface->forward_fast)
		return 0;
	if (netdev->bare_ip) {
		warn("%s: forward = fast needs an Ethernet device: its flows take the kernel",
		     interface->name);
		return 0;
	}
	err = xdp_features(netdev->ifindex, &features);
	if (!err && (features & XDP_FEATURE_NDO_XMIT))
		return AGFEO_INTERFACE_FAST;
	if (err)
		warn("%s: forward = fast needs a kernel that tells what drivers can do with XDP "
		     "(6.3 and newer): its flows take the kernel",
		     interface->name);
	else
		warn("%s: its driver does not send what XDP redirects to it, forward = fast has no "
		     "effect: its flows take the kernel (virtio and veth: both ends need XDP or "
		     "'ethtool -K %s gro on')",
		     interface->name, interface->name);
	return 0;
}

struct agfeo_interface role_of(const struct interface *interface, const struct netdev *netdev)
{
	return (struct agfeo_interface){
		.role = interface->role,
		.flags = flags_of(interface, netdev),
	};
}

const char *role_program(enum agfeo_role role, enum hook_kind kind, bool bare_ip)
{
	switch (role) {
	case AGFEO_ROLE_VOICE:
		if (kind == HOOK_XDP)
			return bare_ip ? "xdp_ingress_l3" : "xdp_ingress";
		return bare_ip ? "tc_egress_l3" : "tc_egress";
	case AGFEO_ROLE_UPLINK:
		if (kind == HOOK_XDP)
			return bare_ip ? "xdp_uplink_l3" : "xdp_uplink";
		return "tc_learn";
	}
	return NULL;
}

/* ------------------------------------------------------------------ all of a load */

int role_table_plan(int map, const struct site *site, const struct netdev *netdevs,
		    struct role_table **ret_table)
{
	_cleanup_(role_table_freep) struct role_table *table = calloc(1, sizeof(*table));
	int err;

	if (!table)
		return fail(-ENOMEM, "interfaces");
	table->map = map;
	err = read_entries(map, &table->before);
	for (size_t i = 0; !err && i < site->interface_count; i++) {
		struct agfeo_interface value = role_of(&site->interfaces[i], &netdevs[i]);

		if (netdevs[i].ifindex)
			err = add_entry(&table->after, netdevs[i].ifindex, &value);
	}
	if (!err)
		*ret_table = take_ptr(table);
	return err;
}

static int refuse(int err)
{
	if (err != E2BIG)
		return fail(err, "map 'interfaces'");
	return fail(err, "map 'interfaces': every row is taken, by interfaces that went and came "
			 "back, too: run 'agfeoctl unload', then 'agfeoctl load'");
}

static int put(int map, __u32 ifindex, const struct agfeo_interface *value)
{
	return bpf_map_update_elem(map, &ifindex, value, BPF_ANY) ? refuse(errno) : 0;
}

static int put_all(int map, const struct entries *entries)
{
	int err = 0;

	for (size_t i = 0; !err && i < entries->count; i++)
		err = put(map, entries->entries[i].ifindex, &entries->entries[i].value);
	return err;
}

static bool has(const struct entries *entries, __u32 ifindex)
{
	for (size_t i = 0; i < entries->count; i++) {
		if (entries->entries[i].ifindex == ifindex)
			return true;
	}
	return false;
}

/* Deletes what stands in `from` and not in `keep`. */
static int delete_others(int map, const struct entries *from, const struct entries *keep)
{
	for (size_t i = 0; i < from->count; i++) {
		__u32 ifindex = from->entries[i].ifindex;

		if (!has(keep, ifindex) && bpf_map_delete_elem(map, &ifindex) && errno != ENOENT)
			return fail(errno, "map 'interfaces'");
	}
	return 0;
}

int role_table_add(struct role_table *table)
{
	return put_all(table->map, &table->after);
}

int role_table_drop(struct role_table *table)
{
	return delete_others(table->map, &table->before, &table->after);
}

int role_table_revert(struct role_table *table)
{
	int err = put_all(table->map, &table->before);

	return err ? err : delete_others(table->map, &table->after, &table->before);
}

/* ------------------------------------------------------------------ one that came back */

static void drop_gone(int map)
{
	__u32 key, next;
	char name[IFNAMSIZ];
	int end = bpf_map_get_next_key(map, NULL, &next);

	while (!end) {
		key = next;
		end = bpf_map_get_next_key(map, &key, &next);
		if (!if_indextoname(key, name))
			bpf_map_delete_elem(map, &key);
	}
}

int role_return(int map, unsigned ifindex, const struct agfeo_interface *value)
{
	int err = put(map, ifindex, value);

	if (!err)
		drop_gone(map);
	return err;
}
