/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the box has counted, as plain data: the kernel reader and the tests produce it, the
 * renderers (text, JSON, textfile) only consume it. Sums over CPUs are already made.
 */
#ifndef USER_REPORT_SNAPSHOT_H
#define USER_REPORT_SNAPSHOT_H

#include <agfeo/abi.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

struct service_count { /* one row of `counters` with its identity; rows of zeros are left out */
	char device[AGFEO_NAME_SIZE];
	char model[AGFEO_NAME_SIZE];
	char service[AGFEO_NAME_SIZE];
	uint8_t class;
	uint8_t dscp; /* what `remarked` set */
	struct agfeo_counter sum;
};

struct device_count {
	char device[AGFEO_NAME_SIZE]; /* "" is no device */
	char model[AGFEO_NAME_SIZE];
	struct agfeo_device_counter sum;
};

struct interface_state {
	char name[IFNAMSIZ];
	uint32_t role;
	char xdp[16]; /* "native", "generic", "none" */
	char tc[16];  /* "tcx", "clsact", "none" */
	bool present;
};

struct program_state {
	char name[32];
	uint32_t id;
	uint32_t verified_instructions;
	uint32_t jited_bytes;
	uint64_t run_ns, run_count; /* 0 unless kernel.bpf_stats_enabled */
};

struct map_state {
	char name[32];
	uint64_t entries, capacity;
	uint64_t memory_bytes;
};

struct snapshot {
	struct agfeo_meta meta;
	struct agfeo_control control;
	bool monitor;
	struct service_count *services;
	size_t service_count;
	struct device_count *devices;
	size_t device_count;
	struct interface_state *interfaces;
	size_t interface_count;
	struct program_state *programs;
	size_t program_count;
	struct map_state *maps;
	size_t map_count;
	uint64_t flows[AGFEO_CLASS_COUNT]; /* live */
	uint64_t flow_entries, flow_capacity;
	uint64_t one_way;   /* calls whose one direction is silent */
	uint64_t time_ns;   /* CLOCK_REALTIME */
};

void snapshot_free(struct snapshot *snapshot);
static inline void snapshot_freep(struct snapshot **snapshot)
{
	snapshot_free(*snapshot);
}

#endif
