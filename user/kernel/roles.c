/* SPDX-License-Identifier: GPL-2.0 */
/* The map `interfaces`; see roles.h. */
#include "kernel/roles.h"

#include <bpf/bpf.h>
#include <errno.h>

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
		struct agfeo_interface value = {
			.role = site->interfaces[i].role,
			.flags = flags_of(&site->interfaces[i], &netdevs[i]),
		};

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

static int put_all(int map, const struct entries *entries)
{
	for (size_t i = 0; i < entries->count; i++) {
		if (bpf_map_update_elem(map, &entries->entries[i].ifindex,
					&entries->entries[i].value, BPF_ANY))
			return refuse(errno);
	}
	return 0;
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
