/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The programs of bpf/, compiled for the host: the same headers, with maps and helpers of
 * tests/host. What the kernel's headers give to BPF stands first. A map or helper that is new in
 * bpf/ is told of here: a map in the list below, a helper beside the others.
 */
#define xdp_md	  uapi_xdp_md /* whose pointers have 32 bits */
#define __sk_buff uapi_sk_buff
#include <linux/bpf.h>
#undef xdp_md
#undef __sk_buff
#include <errno.h>
#include <linux/pkt_cls.h>
#include <stdlib.h>

#include "host/box.h"
#include "host/maps.h"
#include "kernel.h"

/* Map definitions as libbpf has them, but that a type is told by its size alone. */
#define SEC(name)	   __attribute__((used))
#define STAGE		   static __attribute__((noinline, used))
#define STAGE_ALONE	   __attribute__((noinline, used))
#define __uint(name, val)  int(*name)[val]
#define __type(name, val)  int(*name##_size)[sizeof(val)]
#define __array(name, val) int(*name##_size)[sizeof(__u32)]

struct xdp_md {
	unsigned long data, data_end;
	__u32 ingress_ifindex;
	__u32 length;
};

struct __sk_buff {
	unsigned long data, data_end;
	__u32 len, ifindex, ingress_ifindex, priority, gso_segs, vlan_present;
};

/* ------------------------------------------------------------------ helpers */

struct host_kernel host_kernel;

static struct host_map *map_of(const void *map);

/* Inner maps are found in outer ones, and are what they are. */
static void *bpf_map_lookup_elem(const void *map, const void *key)
{
	struct host_map *found = map_of(map);

	if (host_kernel.no_maps && host_map_shape(found)->type != BPF_MAP_TYPE_LRU_HASH)
		return NULL;
	return host_lookup(found, key);
}

#define find_in(map, key) bpf_map_lookup_elem(map, key)

static long bpf_map_update_elem(const void *map, const void *key, const void *value, __u64 flags)
{
	return host_update(map_of(map), key, value, flags, false);
}

static long bpf_map_delete_elem(const void *map, const void *key)
{
	return host_delete(map_of(map), key);
}

/* The live clock stands still: what runs by time is run by the capture's, or by ticks. */
static __u64 bpf_ktime_get_ns(void)
{
	return 1000000000;
}

static __u64 bpf_jiffies64(void)
{
	return (1 << 20) + host_kernel.jiffies;
}

static long bpf_xdp_get_buff_len(const struct xdp_md *context)
{
	return context->length;
}

static long bpf_skb_pull_data(struct __sk_buff *skb, __u32 length)
{
	if (length > skb->len)
		return -ENOMEM;
	if (skb->data + length > skb->data_end)
		skb->data_end = skb->data + length;
	return 0;
}

static long bpf_skb_store_bytes(struct __sk_buff *skb, __u32 offset, const void *from, __u32 length,
				__u64 flags)
{
	(void)flags;
	if (offset + length > skb->len)
		return -EFAULT;
	memcpy((void *)(skb->data + offset), from, length);
	return 0;
}

static long bpf_skb_load_bytes(const struct __sk_buff *skb, __u32 offset, void *to, __u32 length)
{
	if (offset + length > skb->len)
		return -EFAULT;
	memcpy(to, (const void *)(skb->data + offset), length);
	return 0;
}

static __u64 record_size; /* of the one that is being written: programs write one at a time */

static void *bpf_ringbuf_reserve(void *ring, __u64 size, __u64 flags)
{
	(void)ring;
	(void)flags;
	record_size = size;
	return host_kernel.no_ring ? NULL : malloc(size);
}

static void bpf_ringbuf_submit(void *record, __u64 flags)
{
	(void)flags;
	if (host_kernel.told)
		host_kernel.told(record, record_size);
	free(record);
}

static void bpf_ringbuf_discard(void *record, __u64 flags)
{
	(void)flags;
	free(record);
}

static long bpf_redirect(__u32 ifindex, __u64 flags)
{
	(void)flags;
	host_kernel.redirected = ifindex;
	return XDP_REDIRECT;
}

/* One CPU, and nobody to wait for. */
static void bpf_spin_lock(struct bpf_spin_lock *lock)
{
	lock->val++;
}

static void bpf_spin_unlock(struct bpf_spin_lock *lock)
{
	lock->val--;
}

static __u32 bpf_get_smp_processor_id(void)
{
	return 0;
}

static long bpf_check_mtu(const void *context, __u32 ifindex, __u32 *mtu, __s32 difference,
			  __u64 flags)
{
	(void)context;
	(void)ifindex;
	(void)difference;
	(void)flags;
	*mtu = host_kernel.mtu ? host_kernel.mtu : 1500;
	return 0;
}

/* ------------------------------------------------------------------ the programs */

/* Written for clang, and for a verifier that sees what gcc does not. */
#pragma GCC diagnostic ignored "-Wunknown-pragmas"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#define agfeo_config config_of_the_object /* a constant there, ours can be told */
#include "config.h"
#undef agfeo_config
static struct agfeo_program_config agfeo_config;

#define clock program_clock /* libc has another */
#include "agfeo.bpf.c"
#undef clock

/* ------------------------------------------------------------------ their maps */

#define LENGTH(member) (sizeof(*(member)) / sizeof(int))
#define MAP_(map, value, is_mapped)                                                                \
	{                                                                                          \
		&(map),                                                                            \
		{                                                                                  \
#map, LENGTH((map).type), LENGTH((map).key_size), value,                   \
				LENGTH((map).max_entries), is_mapped                               \
		}                                                                                  \
	}
#define MAP(map)    MAP_(map, LENGTH((map).value_size), false)
#define MAPPED(map) MAP_(map, LENGTH((map).value_size), true)
#define OUTER(map)  MAP_(map, LENGTH((map).values_size), false)

static const struct {
	const void *map;
	struct host_shape shape;
} maps[] = {
	MAP(control),	       MAP(settings),	    MAP(shed),		MAP(meta),
	MAP(interfaces),       OUTER(policies),	    OUTER(hosts4),	OUTER(hosts6),
	OUTER(pools4),	       OUTER(pools6),	    OUTER(peers4),	OUTER(peers6),
	MAP(cloud4),	       MAP(cloud6),	    MAP(voice4),	MAP(voice6),
	MAP(signalling4),      MAP(signalling6),    MAP(others4),	MAP(others6),
	MAPPED(flow_index),    MAP(fragments4),	    MAP(fragments6),	MAP(sources4),
	MAP(sources6),	       MAP(strangers),	    MAP(counters),	MAP(device_counters),
	MAP(counter_names),    MAP(device_names),   MAP(event_budgets), MAPPED(replay_clock),
	MAPPED(replay_result), MAP(scratches),	    MAP(drafts),	MAP(dns_questions),
	MAP(dns_budget),       MAP(dns_messages),   MAP(host_filter),	MAP(host_rows),
	MAP(port_blocks),      MAPPED(cache_index), MAPPED(flow_cache), MAP(way_cache),
	MAP(cache_hands),
};

#define MAP_COUNT (sizeof(maps) / sizeof(maps[0]))

static struct host_map *const *in_use;

static struct host_map *map_of(const void *map)
{
	for (size_t i = 0; i < MAP_COUNT; i++)
		if (maps[i].map == map)
			return in_use[i];
	return (struct host_map *)map;
}

const struct host_shape *host_program_maps(size_t *ret_count)
{
	static struct host_shape shapes[MAP_COUNT];

	for (size_t i = 0; i < MAP_COUNT; i++)
		shapes[i] = maps[i].shape;
	*ret_count = MAP_COUNT;
	return shapes;
}

void host_program_use(struct host_map *const *of_box, const struct agfeo_program_config *config)
{
	in_use = of_box;
	agfeo_config = *config;
}

/* ------------------------------------------------------------------ running them */

static const struct {
	const char *name;
	int (*xdp)(struct xdp_md *context);
	int (*tc)(struct __sk_buff *skb);
} programs[] = {
	{"xdp_ingress", xdp_ingress, NULL},
	{"xdp_uplink", xdp_uplink, NULL},
	{"xdp_ingress_l3", xdp_ingress_l3, NULL},
	{"xdp_uplink_l3", xdp_uplink_l3, NULL},
	{"tc_egress", NULL, tc_egress},
	{"tc_egress_l3", NULL, tc_egress_l3},
	{"tc_learn", NULL, tc_learn},
	{"clock", NULL, program_clock},
};

int host_program_find(const char *name)
{
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (!strcmp(programs[i].name, name))
			return (int)i;
	return -ENOENT;
}

bool host_program_has_link(int number)
{
	return !strstr(programs[number].name, "_l3");
}

int host_program_run(int number, struct host_packet *packet)
{
	struct xdp_md xdp = {
		.data = (unsigned long)packet->data,
		.data_end = (unsigned long)packet->data + packet->length,
		.ingress_ifindex = packet->ifindex,
		.length = (__u32)packet->length,
	};
	struct __sk_buff skb = {
		.data = (unsigned long)packet->data,
		.data_end = (unsigned long)packet->data + packet->length,
		.len = (__u32)packet->length,
		.ifindex = packet->ifindex,
		.ingress_ifindex = packet->arrived_on,
		.gso_segs = host_kernel.segments,
		.vlan_present = host_kernel.tagged,
	};
	int verdict;

	if (programs[number].xdp)
		return programs[number].xdp(&xdp);
	if (host_kernel.linear && host_kernel.linear < packet->length)
		skb.data_end = skb.data + host_kernel.linear;
	verdict = programs[number].tc(&skb);
	packet->priority = skb.priority;
	return verdict;
}
