/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writing one bank; see bank.h. The kernel waits for every packet in flight when an inner map is
 * replaced: the first replacement makes sure that nobody reads what follows with the generation
 * before last, and further ones are avoided where a map can be written in place.
 */
#include "kernel/bank.h"

#include <agfeo/host_filter.h>
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"

/* The four maps of addresses and two of peers, by family. */
struct family {
	const char *hosts, *pools, *peers;
	unsigned bits;	 /* of an address */
	unsigned offset; /* of its first byte in struct address */
};

static const struct family families[] = {
	{"hosts4", "pools4", "peers4", 32, 12},
	{"hosts6", "pools6", "peers6", 128, 0},
};

static bool of_family(const struct family *family, const struct prefix *prefix)
{
	return address_is_v4(&prefix->address) == (family->bits == 32);
}

/* Key of an LPM map: struct agfeo_pool4_key or agfeo_pool6_key. */
struct lpm_key {
	__u32 prefix_length;
	__u8 address[16];
};

static struct lpm_key lpm_key(const struct family *family, const struct prefix *prefix)
{
	struct lpm_key key = {.prefix_length = prefix->length - (128 - family->bits)};

	memcpy(key.address, prefix->address.bytes + family->offset, family->bits / 8);
	return key;
}

/* The rows of a bank's IPv4 hosts, while they are written. */
struct host_rows {
	struct agfeo_host_filter filter;
	__u8 chained[1 << AGFEO_HOST_FILTER_BITS]; /* rows that a bit leads to */
	__u32 count;
};

/* address: in network order. */
static int add_host4(const struct loader *loader, struct host_rows *rows, __u32 bank, __u32 address,
		     const struct agfeo_device *value, __u8 flags)
{
	__u32 bit = agfeo_host_bit(ntohl(address));
	__u16 *first = &rows->filter.row[bit];
	__u8 *chained = &rows->chained[bit];
	struct agfeo_host_row row = {
		.address = address,
		.id = value->id,
		.policy = value->policy,
		.next = *first,
		.flags = value->flags | flags,
	};
	__u32 key = agfeo_host_row_key(bank, rows->count + 1);

	if (*chained == AGFEO_HOST_CHAIN || rows->count + 1 == AGFEO_HOST_MANY) {
		*first = AGFEO_HOST_MANY;
		return 0;
	}
	if (bpf_map_update_elem(loader_map(loader, "host_rows"), &key, &row, BPF_ANY))
		return fail(errno, "map 'host_rows': entry %u", key);
	*first = (__u16)++rows->count;
	++*chained;
	return 0;
}

/* flags: of all hosts, enum agfeo_device_flags. */
static int add_host(const struct loader *loader, struct host_rows *rows, __u32 bank,
		    const struct address *address, const struct agfeo_device *value, __u8 flags)
{
	__u64 words[2];
	__u32 last;

	memcpy(words, address->bytes, sizeof(words));
	memcpy(&last, address->bytes + 12, sizeof(last));
	if (!address_is_v4(address)) {
		agfeo_host_add(&rows->filter, agfeo_fold6(words));
		return 0;
	}
	agfeo_host_add(&rows->filter, ntohl(last));
	return add_host4(loader, rows, bank, last, value, flags);
}

/* Bits of an earlier policy go: the whole bank is written. Rows of it stay, and nothing leads there. */
static int write_hosts(const struct loader *loader, const struct policy *policy, __u32 bank,
		       const struct agfeo_device *values)
{
	_cleanup_(freep) struct host_rows *rows = calloc(1, sizeof(*rows));
	bool monitor = policy->settings.flags & AGFEO_SITE_MONITOR;
	int err = rows ? 0 : fail(-ENOMEM, "map 'host_filter'");

	if (!err) {
		rows->filter.pool4_first = policy->pool4_first;
		rows->filter.pool4_last = policy->pool4_last;
	}
	for (size_t i = 0; !err && i < policy->address_count; i++) {
		const struct policy_address *address = &policy->addresses[i];

		if (prefix_is_host(&address->prefix))
			err = add_host(loader, rows, bank, &address->prefix.address,
				       &values[address->device],
				       monitor ? AGFEO_DEVICE_MONITOR : 0);
	}
	if (!err &&
	    bpf_map_update_elem(loader_map(loader, "host_filter"), &bank, &rows->filter, BPF_ANY))
		err = fail(errno, "map 'host_filter'");
	return err;
}

/* ------------------------------------------------------------------ inner maps */

static int replace_inner(const struct loader *loader, const char *outer, __u32 slot, int inner)
{
	if (bpf_map_update_elem(loader_map(loader, outer), &slot, &inner, BPF_ANY))
		return fail(errno, "map '%s': entry %u", outer, slot);
	return 0;
}

static int new_inner(const char *outer, enum bpf_map_type type, size_t key_size, size_t value_size,
		     size_t entries, int *ret_inner)
{
	LIBBPF_OPTS(bpf_map_create_opts, options);
	int inner;

	if (type == BPF_MAP_TYPE_LPM_TRIE)
		options.map_flags = BPF_F_NO_PREALLOC;
	inner = bpf_map_create(type, outer, key_size, value_size, entries ? entries : 1, &options);
	if (inner < 0)
		return fail(inner, "map '%s': an inner map of %zu entries", outer, entries);
	*ret_inner = inner;
	return 0;
}

/* ------------------------------------------------------------------ devices by address */

static bool in_map(const struct family *family, const struct policy_address *address, bool pools)
{
	return of_family(family, &address->prefix) && prefix_is_host(&address->prefix) != pools;
}

static int put_address(int inner, const struct family *family, const struct policy_address *address,
		       const struct agfeo_device *value, bool pools)
{
	struct lpm_key key = lpm_key(family, &address->prefix);
	char text[PREFIX_TEXT];

	if (bpf_map_update_elem(inner, pools ? (void *)&key : key.address, value, BPF_ANY))
		return fail(errno, "map '%s': %s", pools ? family->pools : family->hosts,
			    prefix_format(&address->prefix, text));
	return 0;
}

static int write_addresses(const struct loader *loader, const struct policy *policy, __u32 bank,
			   const struct family *family, const struct agfeo_device *values,
			   bool pools)
{
	const char *outer = pools ? family->pools : family->hosts;
	size_t key_size = family->bits / 8 + (pools ? sizeof(__u32) : 0), count = 0;
	_cleanup_(closep) int inner = -1;
	int err;

	for (size_t i = 0; i < policy->address_count; i++)
		count += in_map(family, &policy->addresses[i], pools);
	err = new_inner(outer, pools ? BPF_MAP_TYPE_LPM_TRIE : BPF_MAP_TYPE_HASH, key_size,
			sizeof(struct agfeo_device), count, &inner);
	for (size_t i = 0; !err && i < policy->address_count; i++) {
		const struct policy_address *address = &policy->addresses[i];

		if (in_map(family, address, pools))
			err = put_address(inner, family, address, &values[address->device], pools);
	}
	return err ? err : replace_inner(loader, outer, bank, inner);
}

static int write_peers(const struct loader *loader, const struct policy *policy, __u32 bank,
		       const struct family *family)
{
	_cleanup_(closep) int inner = -1;
	size_t count = 0;
	int err;

	for (size_t i = 0; i < policy->peer_count; i++)
		count += of_family(family, &policy->peers[i].network);
	err = new_inner(family->peers, BPF_MAP_TYPE_LPM_TRIE, family->bits / 8 + sizeof(__u32),
			sizeof(struct agfeo_peer), count, &inner);
	for (size_t i = 0; !err && i < policy->peer_count; i++) {
		const struct policy_peer *peer = &policy->peers[i];
		struct lpm_key key = lpm_key(family, &peer->network);

		if (of_family(family, &peer->network) &&
		    bpf_map_update_elem(inner, &key, &peer->value, BPF_ANY))
			err = fail(errno, "map '%s'", family->peers);
	}
	return err ? err : replace_inner(loader, family->peers, bank, inner);
}

/* ------------------------------------------------------------------ model policies */

/* The map in a slot of `policies`: the one that is there, so that no packet must be waited for. */
static int policy_slot(int outer, __u32 slot, int *ret_inner)
{
	__u32 id;

	if (bpf_map_lookup_elem(outer, &slot, &id))
		return -errno;
	*ret_inner = bpf_map_get_fd_by_id(id);
	return *ret_inner < 0 ? -errno : 0;
}

static int write_policy(const struct loader *loader, __u32 slot, const struct model_policy *policy)
{
	const struct agfeo_policy *tables = policy->tables;
	_cleanup_(closep) int inner = -1;
	bool fresh = policy_slot(loader_map(loader, "policies"), slot, &inner);
	__u32 zero = 0;
	int err = 0;

	if (fresh)
		err = new_inner("policies", BPF_MAP_TYPE_ARRAY, sizeof(__u32), sizeof(*tables), 1,
				&inner);
	if (!err && bpf_map_update_elem(inner, &zero, tables, BPF_ANY))
		err = fail(errno, "map 'policies': entry %u", slot);
	if (!err && fresh)
		err = replace_inner(loader, "policies", slot, inner);
	if (!err &&
	    bpf_map_update_elem(loader_map(loader, "port_blocks"), &slot, &policy->blocks, BPF_ANY))
		err = fail(errno, "map 'port_blocks': entry %u", slot);
	return err;
}

/* Slots are filled from the first on: the first empty one ends what an earlier policy left. */
static int clear_policies(const struct loader *loader, __u32 first, __u32 end)
{
	int outer = loader_map(loader, "policies");

	for (__u32 slot = first; slot < end; slot++) {
		__u32 id;

		if (bpf_map_lookup_elem(outer, &slot, &id))
			break;
		if (bpf_map_delete_elem(outer, &slot))
			return fail(errno, "map 'policies': entry %u", slot);
	}
	return 0;
}

static int write_policies(const struct loader *loader, const struct policy *policy, __u32 bank)
{
	__u32 first = bank * AGFEO_MAX_POLICIES;
	int err = 0;

	if (policy->policy_count > AGFEO_MAX_POLICIES) {
		fail(0, "%zu distinct device policies, at most %u: let like devices share settings",
		     policy->policy_count, AGFEO_MAX_POLICIES);
		return -E2BIG;
	}
	for (size_t i = 0; !err && i < policy->policy_count; i++)
		err = write_policy(loader, first + i, &policy->policies[i]);
	return err ? err
		   : clear_policies(loader, first + policy->policy_count,
				    first + AGFEO_MAX_POLICIES);
}

/* ------------------------------------------------------------------ the bank */

static int write_settings(const struct loader *loader, const struct policy *policy, __u32 bank)
{
	if (bpf_map_update_elem(loader_map(loader, "settings"), &bank, &policy->settings, BPF_ANY))
		return fail(errno, "map 'settings'");
	if (bpf_map_update_elem(loader_map(loader, "shed"), &bank, &policy->shed, BPF_ANY))
		return fail(errno, "map 'shed'");
	return 0;
}

/* What the registry does not know of a device. */
static struct agfeo_device *complete_values(const struct policy *policy,
					    const struct agfeo_device *values)
{
	struct agfeo_device *full = calloc(policy->device_count + 1, sizeof(*full));

	for (size_t i = 0; full && i < policy->device_count; i++) {
		const struct policy_device *device = &policy->devices[i];

		full[i] = values[i];
		full[i].policy = device->policy;
		full[i].flags = device->flags;
		full[i].providers = device->providers;
		full[i].payload_types = device->payload_types;
		memcpy(full[i].mac, device->device->mac.bytes, sizeof(full[i].mac));
	}
	return full;
}

int bank_write(const struct loader *loader, const struct policy *policy, uint32_t generation,
	       const struct agfeo_device *values)
{
	_cleanup_(freep) struct agfeo_device *full = complete_values(policy, values);
	__u32 bank = generation % AGFEO_BANKS;
	int err = full ? 0 : fail(-ENOMEM, "policy");

	/* Replaced first, settings and tables after: see the head of this file. */
	for (size_t i = 0; !err && i < ARRAY_SIZE(families); i++) {
		err = write_addresses(loader, policy, bank, &families[i], full, false);
		if (!err)
			err = write_addresses(loader, policy, bank, &families[i], full, true);
		if (!err)
			err = write_peers(loader, policy, bank, &families[i]);
	}
	if (!err)
		err = write_hosts(loader, policy, bank, full);
	if (!err)
		err = write_policies(loader, policy, bank);
	return err ? err : write_settings(loader, policy, bank);
}
