/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who stands at an end of a packet: a listed device, and what an address is to it. Hosts are a hash,
 * pools a trie that is asked only where pools are configured.
 */
#ifndef BPF_DEVICE_H
#define BPF_DEVICE_H

#include "clock.h"
#include "scratch.h"

static __always_inline const struct agfeo_host_filter *filter_of(__u32 bank)
{
	return find_in(&host_filter, &bank);
}

/*
 * The row of the IPv4 host that has an address, for less than a call; agfeo_may_be_host() says first, for
 * less than this, of most that have none. NULL: none has it; or, where *ret_unsure, only the hash of hosts
 * knows.
 */
static __always_inline const struct agfeo_host_row *
find_host_row(const struct agfeo_host_filter *filter, __u32 bank, __be32 wire, bool *ret_unsure)
{
	__u32 at = filter->row[agfeo_host_bit(bpf_ntohl(wire)) & 0xffff];
	const struct agfeo_host_row *row;
	__u32 key;

	*ret_unsure = at == AGFEO_HOST_MANY;
	for (int i = 0; i < AGFEO_HOST_CHAIN; i++) {
		if (!at || at == AGFEO_HOST_MANY)
			return NULL;
		key = agfeo_host_row_key(bank, at);
		row = find_in(&host_rows, &key);
		if (!row || row->address == wire)
			return row;
		at = row->next;
	}
	return NULL;
}

/* address: in host order. False: it is in no pool, and none need be asked. */
static __always_inline bool may_be_pooled4(const struct agfeo_host_filter *filter, __u32 address)
{
	return address >= filter->pool4_first && address <= filter->pool4_last;
}

static __always_inline const struct agfeo_device *find_device4(__u32 bank, __u32 address)
{
	const struct agfeo_host_filter *filter = filter_of(bank);
	const struct agfeo_device *device = NULL;
	struct agfeo_pool4_key key = {.prefix_length = 32};
	__be32 wire = bpf_htonl(address);
	void *inner;

	if (!filter)
		return NULL;
	inner = agfeo_may_be_host(filter, address) ? find_in(&hosts4, &bank) : NULL;
	if (inner)
		device = find_in(inner, &wire);
	if (device || !may_be_pooled4(filter, address))
		return device;
	inner = find_in(&pools4, &bank);
	if (!inner)
		return NULL;
	memcpy(key.address, &wire, sizeof(key.address));
	return find_in(inner, &key);
}

static __always_inline const struct agfeo_device *find_device6(__u32 bank, const __u64 *address,
							       bool pools)
{
	const struct agfeo_host_filter *filter = filter_of(bank);
	const struct agfeo_device *device = NULL;
	struct agfeo_pool6_key key = {.prefix_length = 128};
	void *inner;

	if (!filter)
		return NULL;
	memcpy(key.address, address, sizeof(key.address));
	inner = agfeo_may_be_host(filter, agfeo_fold6(address)) ? find_in(&hosts6, &bank) : NULL;
	if (inner)
		device = find_in(inner, key.address);
	if (device || !pools)
		return device;
	inner = find_in(&pools6, &bank);
	if (!inner)
		return NULL;
	return find_in(inner, &key);
}

/* Looks up the device at one end of the packet (0 the sender's, 1 the receiver's) and keeps a copy
 * in the judgement; id 0: there is none. Returns whether there is one. */
STAGE int find_device(struct scratch *s, __u32 end)
{
	const struct agfeo_device *found;
	const struct packet *p;
	__u32 bank;

	if (!s)
		return 0;
	p = &s->packet;
	bank = s->scene.generation & 1;
	if (p->family == 4)
		found = find_device4(bank, end ? p->to4 : p->from4);
	else
		found = find_device6(bank, end ? p->to6 : p->from6,
				     s->scene.site.flags & AGFEO_SITE_POOLS6);
	if (!found) {
		s->judged.device[end & 1].id = 0;
		return 0;
	}
	memcpy(&s->judged.device[end & 1], found, sizeof(*found));
	return 1;
}

/* What is known of the network at one end of the packet: nothing where no prefix covers it. */
STAGE int find_peer(const struct packet *p, __u32 bank, __u32 end, struct agfeo_peer *ret_peer)
{
	const struct agfeo_peer *found = NULL;
	void *inner;

	if (!p || !ret_peer)
		return 0;
	if (p->family == 4) {
		struct agfeo_pool4_key key = {.prefix_length = 32};
		__be32 wire = bpf_htonl(end ? p->to4 : p->from4);

		inner = find_in(&peers4, &bank);
		memcpy(key.address, &wire, sizeof(key.address));
		if (inner)
			found = find_in(inner, &key);
	} else {
		struct agfeo_pool6_key key = {.prefix_length = 128};

		inner = find_in(&peers6, &bank);
		memcpy(key.address, end ? p->to6 : p->from6, sizeof(key.address));
		if (inner)
			found = find_in(inner, &key);
	}
	ret_peer->flags = found ? found->flags : 0;
	ret_peer->providers = found ? found->providers : 0;
	return 0;
}

/* Whoever sends from beyond an uplink is not of the site, whatever address is claimed: branches come
 * in by their tunnel, not bare. But to whom a device has opened a flow, it was allowed to. */
static __always_inline bool counts_as_site(const struct scratch *s, const struct agfeo_peer *peer,
					   __u32 end)
{
	if (s->scene.hook == HOOK_UPLINK && !end && !(s->judged.again && s->judged.opener))
		return false;
	return peer->flags & AGFEO_NETWORK_SITE;
}

/* Outside the site and outside every network of a provider that some device names. */
static __always_inline bool is_stranger(const struct scratch *s, __u32 end)
{
	struct agfeo_peer peer = {};

	find_peer(&s->packet, s->scene.generation & 1, end, &peer);
	return !counts_as_site(s, &peer, end) && !(peer.providers & s->scene.site.providers);
}

static __always_inline bool is_in_site(const struct scratch *s, __u32 end)
{
	struct agfeo_peer peer = {};

	find_peer(&s->packet, s->scene.generation & 1, end, &peer);
	return counts_as_site(s, &peer, end);
}

/* Which of AGFEO's hosts the address is known to be: a mask, 0 where no name led to it. */
static __always_inline __u32 find_cloud(const struct packet *p, __u32 end)
{
	struct agfeo_cloud *cloud;

	if (p->family == 4) {
		__be32 wire = bpf_htonl(end ? p->to4 : p->from4);

		cloud = find_in(&cloud4, &wire);
	} else {
		struct host6_key key;

		memcpy(key.address, end ? p->to6 : p->from6, sizeof(key.address));
		cloud = find_in(&cloud6, &key);
	}
	if (!cloud)
		return 0;
	cloud->seen = clock_tick();
	return cloud->hosts;
}

/* index: a device's `policy`. */
static __always_inline __u32 policy_slot(__u32 bank, __u16 index)
{
	return bank * AGFEO_MAX_POLICIES + (index & (AGFEO_MAX_POLICIES - 1));
}

/* NULL while the slot is empty. */
static __always_inline const struct agfeo_policy *policy_of(__u32 slot)
{
	__u32 zero = 0;
	void *inner = find_in(&policies, &slot);

	return inner ? find_in(inner, &zero) : NULL;
}

static __always_inline __u32 counter_of(const struct agfeo_device *device, __u8 slot)
{
	return device->counter[slot & (AGFEO_MAX_SLOTS - 1)];
}

static __always_inline bool has_device(const struct judgement *judged)
{
	return judged->device[0].id || judged->device[1].id;
}

#endif
