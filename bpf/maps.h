/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every map: key -> value, who writes it, who reads it. All are pinned under <pin>/map by their
 * name. Maps of `AGFEO_BANKS` hold the policy that rules and the one being prepared; the bank is
 * the parity of the generation in `control`. Inner maps give sizes, not types: clang leaves types
 * that only they name as forward declarations in BTF, and the object could not be opened.
 * Sizes given here are minima: the loader sets them (flows, counters) before it creates the maps.
 */
#ifndef BPF_MAPS_H
#define BPF_MAPS_H

#include <agfeo/abi.h>
#include <agfeo/flow_index.h>
#include <agfeo/host_filter.h>

#include "kernel.h"

#define FLOW_ENTRIES	 65536
#define COUNTER_ENTRIES	 4096
#define DEVICE_ENTRIES	 256
#define FRAGMENT_ENTRIES 4096
#define SOURCE_ENTRIES	 16384
#define CLOUD_ENTRIES	 1024
#define EVENT_BYTES	 (1 << 20)

/* 0 -> the one switch. Loader; every packet. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct agfeo_control);
} control SEC(".maps");

/* bank -> what the policy says besides devices and ports. Loader; new flows. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, AGFEO_BANKS);
	__type(key, __u32);
	__type(value, struct agfeo_settings);
} settings SEC(".maps");

/* bank -> ports that an uplink never lets in. Loader; uplink packets without a device. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, AGFEO_BANKS);
	__type(key, __u32);
	__type(value, struct agfeo_shed);
} shed SEC(".maps");

/* 0 -> who made these pins. Loader; user space only. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct agfeo_meta);
} meta SEC(".maps");

/* ifindex -> its role and how it forwards. Loader; tc for packets without a flow, or whose way is asked. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, struct agfeo_interface);
} interfaces SEC(".maps");

/* bank * AGFEO_MAX_POLICIES + policy -> the tables of one model policy. Loader; new flows. */
struct policy_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct agfeo_policy));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, (AGFEO_BANKS * AGFEO_MAX_POLICIES));
	__type(key, __u32);
	__array(values, struct policy_map);
} policies SEC(".maps");

/* bank -> {IPv4 address in network order -> device}. Loader; new flows and strangers. */
struct host4_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, DEVICE_ENTRIES);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct agfeo_device));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, AGFEO_BANKS);
	__type(key, __u32);
	__array(values, struct host4_map);
} hosts4 SEC(".maps");

/* As `policies` -> in which 64 ports some are listed. Loader; packets that nobody lists. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, (AGFEO_BANKS * AGFEO_MAX_POLICIES));
	__type(key, __u32);
	__type(value, struct agfeo_port_blocks);
} port_blocks SEC(".maps");

/* bank -> which addresses may be in hosts4 and hosts6, and whose row to look at. Loader; packets of no
 * known flow. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, AGFEO_BANKS);
	__type(key, __u32);
	__type(value, struct agfeo_host_filter);
} host_filter SEC(".maps");

/* agfeo_host_row_key() -> an IPv4 host. Loader; packets that nobody lists. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, (AGFEO_BANKS * AGFEO_HOST_ROWS));
	__type(key, __u32);
	__type(value, struct agfeo_host_row);
} host_rows SEC(".maps");

struct host6_key {
	__u8 address[16];
};

struct host6_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, DEVICE_ENTRIES);
	__uint(key_size, sizeof(struct host6_key));
	__uint(value_size, sizeof(struct agfeo_device));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, AGFEO_BANKS);
	__type(key, __u32);
	__array(values, struct host6_map);
} hosts6 SEC(".maps");

/* bank -> {prefix -> device}: devices that are configured as pools. Loader; as hosts, after them. */
struct pool4_map {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, DEVICE_ENTRIES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(key_size, sizeof(struct agfeo_pool4_key));
	__uint(value_size, sizeof(struct agfeo_device));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, AGFEO_BANKS);
	__type(key, __u32);
	__array(values, struct pool4_map);
} pools4 SEC(".maps");

struct pool6_map {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, DEVICE_ENTRIES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(key_size, sizeof(struct agfeo_pool6_key));
	__uint(value_size, sizeof(struct agfeo_device));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, AGFEO_BANKS);
	__type(key, __u32);
	__array(values, struct pool6_map);
} pools6 SEC(".maps");

/* bank -> {prefix -> site, providers}. Loader; new flows whose port is listed. */
struct peer4_map {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, DEVICE_ENTRIES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(key_size, sizeof(struct agfeo_pool4_key));
	__uint(value_size, sizeof(struct agfeo_peer));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, AGFEO_BANKS);
	__type(key, __u32);
	__array(values, struct peer4_map);
} peers4 SEC(".maps");

struct peer6_map {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, DEVICE_ENTRIES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(key_size, sizeof(struct agfeo_pool6_key));
	__uint(value_size, sizeof(struct agfeo_peer));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, AGFEO_BANKS);
	__type(key, __u32);
	__array(values, struct peer6_map);
} peers6 SEC(".maps");

/* address in network order -> which of AGFEO's hosts it is. Daemon; new flows of scope cloud. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CLOUD_ENTRIES);
	__type(key, __u32);
	__type(value, struct agfeo_cloud);
} cloud4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CLOUD_ENTRIES);
	__type(key, struct host6_key);
	__type(value, struct agfeo_cloud);
} cloud6 SEC(".maps");

/*
 * The flow tables: 5-tuple -> flow. Datapath; user space. Voice, signalling and the rest do not
 * compete for the same space. A UDP flow stands in the table of its class, TCP among the others.
 */
#define FLOW_TABLE(name, key_type, value_type)                                                     \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_LRU_HASH);                                               \
		__uint(max_entries, FLOW_ENTRIES);                                                 \
		__type(key, key_type);                                                             \
		__type(value, value_type);                                                         \
	} name SEC(".maps")

FLOW_TABLE(voice4, struct agfeo_flow4_key, struct agfeo_voice_flow);
FLOW_TABLE(voice6, struct agfeo_flow6_key, struct agfeo_voice_flow);
FLOW_TABLE(signalling4, struct agfeo_flow4_key, struct agfeo_flow);
FLOW_TABLE(signalling6, struct agfeo_flow6_key, struct agfeo_flow);
FLOW_TABLE(others4, struct agfeo_flow4_key, struct agfeo_flow);
FLOW_TABLE(others6, struct agfeo_flow6_key, struct agfeo_flow);

/* 0 -> two bytes a hash of a 5-tuple: in which tables a flow of that hash may stand. Datapath sets,
 * the daemon's sweep clears what nobody needs, through memory of its own that it maps. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct agfeo_flow_index);
} flow_index SEC(".maps");

/* 0 -> whose seat is where in the next one. Datapath; user space through memory that it maps. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct agfeo_cache_index);
} cache_index SEC(".maps");

/* seat -> a direction of a flow, on loan; behind the seats, one for each CPU. Datapath; user space through
 * memory that it maps. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, (AGFEO_CACHE_SEATS + 1));
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct agfeo_cached);
} flow_cache SEC(".maps");

/* seat -> its way. Datapath. Large enough only where some interface is fast. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct agfeo_way);
} way_cache SEC(".maps");

/* 0 -> the seat that is looked at next, by who needs one. Datapath. */
struct cache_hand {
	struct bpf_spin_lock lock;
	__u32 seat;
	__u32 restarted; /* tick */
	__u32 misses;	 /* seats that were looked at since one was free */
	__u32 full;	 /* tick in which all of them had been: nobody looks for one in it */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct cache_hand);
} cache_hands SEC(".maps");

/* datagram -> what its first fragment was judged. Datapath. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, FRAGMENT_ENTRIES);
	__type(key, struct agfeo_fragment4_key);
	__type(value, struct agfeo_fragment);
} fragments4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, FRAGMENT_ENTRIES);
	__type(key, struct agfeo_fragment6_key);
	__type(value, struct agfeo_fragment);
} fragments6 SEC(".maps");

/* source address -> bucket of new flows. Datapath. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, SOURCE_ENTRIES);
	__type(key, __u32);
	__type(value, struct agfeo_bucket);
} sources4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, SOURCE_ENTRIES);
	__type(key, struct host6_key);
	__type(value, struct agfeo_bucket);
} sources6 SEC(".maps");

/* 0 -> bucket that all hosts outside site and providers share, one a CPU. Datapath. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct agfeo_bucket);
} strangers SEC(".maps");

/* stable id -> counters. Datapath; user space, summed over possible CPUs. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTER_ENTRIES);
	__type(key, __u32);
	__type(value, struct agfeo_counter);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, DEVICE_ENTRIES);
	__type(key, __u32);
	__type(value, struct agfeo_device_counter);
} device_counters SEC(".maps");

/* stable id -> whose it is. Loader; user space. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, COUNTER_ENTRIES);
	__type(key, __u32);
	__type(value, struct agfeo_counter_name);
} counter_names SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, DEVICE_ENTRIES);
	__type(key, __u32);
	__type(value, struct agfeo_device_name);
} device_names SEC(".maps");

/* records for the streams of user space. Datapath; `flows`, `drops`, the daemon. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, EVENT_BYTES);
} events SEC(".maps");

/* 0 -> how many records this CPU may still send, one a CPU. Datapath. */
struct event_budget {
	__u32 tokens;
	__u32 filled; /* tick */
	__u32 suppressed;
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct event_budget);
} event_budgets SEC(".maps");

/* 0 -> the capture's clock in ns; 0 -> what became of the packet. Replay only: both are mapped into
 * the memory of who replays, so that a packet costs one system call. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, __u64);
} replay_clock SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct agfeo_replay_result);
} replay_result SEC(".maps");

#endif
