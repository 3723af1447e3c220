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

#include "report/flow.h"
#include "report/known.h"

/* Of one service of one device; `counters` holds what they are made of. */
struct service_sum {
	__u64 packets[AGFEO_VERDICT_COUNT][AGFEO_DIRECTION_COUNT];
	__u64 bytes[AGFEO_VERDICT_COUNT][AGFEO_DIRECTION_COUNT];
	__u64 remarked;
	__u64 bleached; /* EF to CS0 */
};

/* Of one device: drops by reason, and its services of voice. */
struct device_sum {
	__u64 drops[AGFEO_DROP_REASON_COUNT]; /* reason - AGFEO_FIRST_DROP_REASON */
	__u64 arrived[AGFEO_DIRECTION_COUNT][AGFEO_DSCP_KINDS]; /* voice packets, before marking */
	__u64 left[AGFEO_DIRECTION_COUNT][AGFEO_DSCP_KINDS];	/* and after */
	__u64 rtp_packets[AGFEO_DIRECTION_COUNT];
	__u64 rtp_lost[AGFEO_DIRECTION_COUNT];
	__u64 rtp_duplicates[AGFEO_DIRECTION_COUNT];
	__u64 rtp_reordered[AGFEO_DIRECTION_COUNT];
};

struct service_count { /* one row of `counters` with its identity; rows of zeros are left out */
	char device[AGFEO_NAME_SIZE];
	char model[AGFEO_NAME_SIZE];
	char service[AGFEO_NAME_SIZE];
	uint8_t class;
	uint8_t dscp; /* what `remarked` set */
	struct service_sum sum;
};

struct device_count {
	char device[AGFEO_NAME_SIZE]; /* "" is no device */
	char model[AGFEO_NAME_SIZE];
	struct device_sum sum;
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
	uint32_t verified_instructions; /* 0: the kernel does not say (before 5.16) */
	uint32_t jited_bytes;
	uint64_t run_ns, run_count; /* 0 unless kernel.bpf_stats_enabled */
};

struct map_state {
	char name[32];
	uint64_t entries, capacity;
	uint64_t memory_bytes;
	bool fixed; /* an array, a ring, or made to measure: it cannot fill up */
};

struct table_fill { /* a flow table; expired flows count as entries until swept */
	const char *name;
	uint64_t entries, capacity;
};

/* Most bounds that a histogram has, the implied +Inf not counted. */
#define HISTOGRAM_BOUNDS 12

/* Upper bounds of the buckets, ascending. */
struct histogram_bounds {
	size_t count;
	double bound[HISTOGRAM_BOUNDS];
};

extern const struct histogram_bounds jitter_bounds; /* seconds */
extern const struct histogram_bounds mos_bounds;

/* buckets[i] observations lie above bound[i - 1] and not above bound[i]; the last is +Inf. */
struct histogram {
	uint64_t buckets[HISTOGRAM_BOUNDS + 1];
	double sum;
};

void histogram_observe(struct histogram *histogram, const struct histogram_bounds *bounds,
		       double value);

/* How a device's voice sounded: one observation a stream and interval. The daemon keeps these. */
struct quality_count {
	char device[AGFEO_NAME_SIZE];
	uint8_t direction; /* enum agfeo_direction, seen from the device */
	struct histogram jitter;
	struct histogram mos;
};

struct daemon_state;

struct snapshot {
	struct agfeo_meta meta;
	struct agfeo_control control;
	bool monitor;
	struct service_count *services; /* by device, model, service, DSCP; each once */
	size_t service_count;
	struct device_count *devices; /* by device, model; each once */
	size_t device_count;
	struct interface_state *interfaces; /* by name */
	size_t interface_count;
	struct program_state *programs;
	size_t program_count;
	struct map_state *maps;
	size_t map_count;
	struct known_address *addresses; /* of AGFEO's hosts: by host, address */
	size_t address_count;
	struct quality_count *quality; /* absent while nobody observes */
	size_t quality_count;
	uint64_t flows[AGFEO_CLASS_COUNT];    /* live */
	uint64_t flow_entries, flow_capacity; /* of all flow tables together */
	struct table_fill flow_tables[FLOW_TABLES];
	uint64_t one_way; /* voice flows whose one direction is silent while the other talks */
	uint64_t time_ns; /* CLOCK_REALTIME */
	const struct daemon_state *daemon; /* borrowed; NULL: none runs, or nobody asked */
};

/* An empty one, or NULL. */
struct snapshot *snapshot_new(void);
void snapshot_free(struct snapshot *snapshot);
static inline void snapshot_freep(struct snapshot **snapshot)
{
	snapshot_free(*snapshot);
}

/*
 * Brings the rows into their order and adds up those of one identity: a service that was marked
 * differently before, a device that came back under another id. The producer calls it once.
 */
void snapshot_normalise(struct snapshot *snapshot);

/*
 * What was counted from `before` to `now`: a snapshot with now's state and the differences of all
 * counters. A counter that is smaller than before began anew and counts whole. NULL: no memory.
 */
struct snapshot *snapshot_since(const struct snapshot *now, const struct snapshot *before);

/* Sum of one drop reason (its index from AGFEO_FIRST_DROP_REASON) over all devices. */
uint64_t snapshot_drops(const struct snapshot *snapshot, size_t reason);

bool service_is_zero(const struct service_sum *counter);
bool device_is_zero(const struct device_sum *counter);
void service_add(struct service_sum *sum, const struct service_sum *more);
void device_add(struct device_sum *sum, const struct device_sum *more);

/* A code point as the metrics and tables name it; static text, "keep" for AGFEO_KEEP. */
const char *dscp_label(uint8_t dscp);

#endif
