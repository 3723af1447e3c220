/* SPDX-License-Identifier: GPL-2.0 */
/* Counters, flows and interfaces of a snapshot; see collect.h. */
#include "kernel/collect.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/printable.h"
#include "base/rows.h"
#include "kernel/attach.h"
#include "kernel/cloud_maps.h"
#include "kernel/flows.h"
#include "kernel/pins.h"
#include "kernel/walk.h"
#include "report/one_way.h"

/* ------------------------------------------------------------------ counters */

struct counting {
	struct snapshot *snapshot;
	const struct identities *identities;
	struct device_sum *voice; /* by id of the device: what its services of voice add up to */
	size_t room, device_room;
	size_t beyond; /* no id from here on has a name */
	int cpus;
};

/* Adds up one value a CPU; all are arrays of 64-bit words. */
static void sum_cpus(const void *values, size_t size, int cpus, void *sum)
{
	__u64 *words = sum;

	memset(sum, 0, size);
	for (int cpu = 0; cpu < cpus; cpu++) {
		const char *value = (const char *)values + cpu * walk_stride(size);

		for (size_t i = 0; i < size / sizeof(__u64); i++) {
			__u64 word;

			memcpy(&word, value + i * sizeof(word), sizeof(word));
			words[i] += word;
		}
	}
}

/* What passed in one direction, whatever code points it came and left with. */
static __u64 passed_packets(const struct agfeo_counter_direction *way)
{
	__u64 sum = 0;

	for (int cell = 0; cell < AGFEO_DSCP_CELLS; cell++)
		sum += way->passed[cell];
	return sum;
}

/* Of these, what left with another code point than it came with. */
static __u64 changed_packets(const struct agfeo_counter_direction *way)
{
	__u64 sum = passed_packets(way) + way->changed;

	for (int kind = 0; kind < AGFEO_DSCP_KINDS; kind++)
		sum -= way->passed[agfeo_dscp_cell(kind, kind)];
	return sum;
}

/* Of these, what was not bleached. Of a packet that is counted while we read, only that may be told. */
static __u64 remarked_packets(const struct agfeo_counter_direction *way)
{
	__u64 changed = changed_packets(way);

	return changed > way->bleached ? changed - way->bleached : 0;
}

static void add_service(const struct agfeo_counter *counter, struct service_sum *sum)
{
	for (int direction = 0; direction < AGFEO_DIRECTION_COUNT; direction++) {
		const struct agfeo_counter_direction *way = &counter->direction[direction];

		sum->packets[AGFEO_PASS][direction] = passed_packets(way);
		sum->bytes[AGFEO_PASS][direction] = way->bytes;
		sum->packets[AGFEO_DROP][direction] = way->dropped_packets;
		sum->bytes[AGFEO_DROP][direction] = way->dropped_bytes;
		sum->remarked += remarked_packets(way);
		sum->bleached += way->bleached;
	}
}

/* What a device's services of voice say of the device. */
static void add_voice(const struct agfeo_counter *counter, struct device_sum *sum)
{
	for (int direction = 0; direction < AGFEO_DIRECTION_COUNT; direction++) {
		const struct agfeo_counter_direction *way = &counter->direction[direction];

		sum->rtp_packets[direction] += way->rtp_packets;
		for (int came = 0; came < AGFEO_DSCP_KINDS; came++)
			for (int left = 0; left < AGFEO_DSCP_KINDS; left++) {
				__u64 packets = way->passed[agfeo_dscp_cell(came, left)];

				sum->arrived[direction][came] += packets;
				sum->left[direction][left] += packets;
			}
	}
}

static int add_row(struct counting *counting, const struct service_count *row)
{
	struct snapshot *snapshot = counting->snapshot;
	int err = rows_make_room(&snapshot->services, snapshot->service_count, &counting->room,
				 sizeof(*row));

	if (!err && !service_is_zero(&row->sum))
		snapshot->services[snapshot->service_count++] = *row;
	return err;
}

static int count_service(const void *key, const void *value, void *context)
{
	struct counting *counting = context;
	const struct identities *identities = counting->identities;
	const struct agfeo_counter_name *name;
	struct service_count row = {};
	struct agfeo_counter counter;
	uint32_t id;

	memcpy(&id, key, sizeof(id));
	if (id >= counting->beyond)
		return 1;
	name = &identities->counters[id];
	if (!*name->service)
		return 0;
	sum_cpus(value, sizeof(counter), counting->cpus, &counter);
	add_service(&counter, &row.sum);
	if (name->class == AGFEO_CLASS_VOICE && name->device < identities->device_count)
		add_voice(&counter, &counting->voice[name->device]);

	strcpy(row.device, identity_device(identities, name->device));
	strcpy(row.model, identity_model(identities, name->device));
	strcpy(row.service, name->service);
	row.class = name->class;
	row.dscp = name->dscp;
	return add_row(counting, &row);
}

/* What was dropped and is of no service: a row like those of services. */
static int add_none(struct counting *counting, const struct device_count *device,
		    const struct agfeo_device_counter *counter)
{
	struct service_count row = {.class = AGFEO_CLASS_INFRASTRUCTURE, .dscp = AGFEO_KEEP};

	strcpy(row.device, device->device);
	strcpy(row.model, device->model);
	strcpy(row.service, "none");
	for (int direction = 0; direction < AGFEO_DIRECTION_COUNT; direction++) {
		row.sum.packets[AGFEO_DROP][direction] = counter->none_packets[direction];
		row.sum.bytes[AGFEO_DROP][direction] = counter->none_bytes[direction];
	}
	return add_row(counting, &row);
}

/* Id 0 is "no device". One that is configured is told of even if it never spoke. */
static int count_device(const void *key, const void *value, void *context)
{
	struct counting *counting = context;
	struct snapshot *snapshot = counting->snapshot;
	const struct agfeo_device_name *name;
	struct agfeo_device_counter counter;
	struct device_count row = {};
	uint32_t id;
	int err;

	memcpy(&id, key, sizeof(id));
	if (id >= counting->beyond)
		return 1;
	name = &counting->identities->devices[id];
	if (id && !*name->name)
		return 0;
	sum_cpus(value, sizeof(counter), counting->cpus, &counter);
	row.sum = counting->voice[id];
	memcpy(row.sum.drops, counter.drops, sizeof(row.sum.drops));
	memcpy(row.sum.rtp_lost, counter.rtp_lost, sizeof(row.sum.rtp_lost));
	memcpy(row.sum.rtp_duplicates, counter.rtp_duplicates, sizeof(row.sum.rtp_duplicates));
	memcpy(row.sum.rtp_reordered, counter.rtp_reordered, sizeof(row.sum.rtp_reordered));
	if (device_is_zero(&row.sum) && (!id || name->generation != snapshot->control.generation))
		return 0;

	if (id) {
		strcpy(row.device, name->name);
		strcpy(row.model, name->model);
	}
	err = add_none(counting, &row, &counter);
	if (!err)
		err = rows_make_room(&snapshot->devices, snapshot->device_count,
				     &counting->device_room, sizeof(row));
	if (err)
		return err;
	snapshot->devices[snapshot->device_count++] = row;
	return 0;
}

static int walk_counters(const char *pin, const char *name, size_t size,
			 int (*callback)(const void *key, const void *value, void *context),
			 struct counting *counting)
{
	_cleanup_(closep) int map = -1;
	int err = pins_open_map(pin, name, &map);

	if (err)
		return err;
	err = walk_map(map, name, sizeof(uint32_t), size, callback, counting);
	return err < 0 ? err : 0;
}

static int collect_counters(const char *pin, struct snapshot *snapshot)
{
	_cleanup_(identities_freep) struct identities *identities = NULL;
	_cleanup_(freep) struct device_sum *voice = NULL;
	struct counting counting = {.snapshot = snapshot, .cpus = walk_cpus()};
	int err;

	if (counting.cpus < 0)
		return fail(counting.cpus, "number of CPUs");
	err = identities_read(pin, &identities);
	if (err)
		return err;

	voice = calloc(identities->device_count + 1, sizeof(*voice));
	if (!voice)
		return fail(-ENOMEM, "counters");
	counting.identities = identities;
	counting.voice = voice;
	counting.beyond = identities->counter_count;
	while (counting.beyond && !*identities->counters[counting.beyond - 1].service)
		counting.beyond--;
	err = walk_counters(pin, "counters", sizeof(struct agfeo_counter), count_service,
			    &counting);
	if (err)
		return err;

	counting.beyond = identities->device_count;
	while (counting.beyond > 1 && !*identities->devices[counting.beyond - 1].name)
		counting.beyond--;
	return walk_counters(pin, "device_counters", sizeof(struct agfeo_device_counter),
			     count_device, &counting);
}

/* ------------------------------------------------------------------ flows */

struct tally {
	struct snapshot *snapshot;
	struct flow_clock clock;
};

static int tally_flow(const struct flow_record *record, void *context)
{
	const struct tally *tally = context;
	struct snapshot *snapshot = tally->snapshot;
	unsigned silent;

	snapshot->flow_entries++;
	snapshot->flow_tables[record->table].entries++;
	if (flow_is_expectation(record) || !flow_is_live(record, tally->clock.tick))
		return 0;
	if (record->flow.class < AGFEO_CLASS_COUNT)
		snapshot->flows[record->flow.class]++;
	snapshot->one_way += flow_is_one_way(record, &tally->clock, &silent);
	return 0;
}

static int collect_flows(const char *pin, struct snapshot *snapshot)
{
	struct tally tally = {.snapshot = snapshot};
	int err = flows_clock(pin, &snapshot->meta, &tally.clock);

	for (int i = 0; i < FLOW_TABLES && !err; i++) {
		_cleanup_(closep) int map = -1;
		uint64_t capacity = 0;

		err = pins_open_map(pin, flow_tables[i], &map);
		if (!err)
			err = walk_capacity(map, &capacity);
		snapshot->flow_capacity += capacity;
		snapshot->flow_tables[i] =
			(struct table_fill){.name = flow_tables[i], .capacity = capacity};
	}
	return err ? err : flows_each(pin, tally_flow, &tally);
}

/* ------------------------------------------------------------------ interfaces */

/* The role by what the maps say of the index; of an interface that is gone, by what was attached. */
static uint32_t role_of(int roles, const struct attached *attached)
{
	struct agfeo_interface interface;
	__u32 index = attached->ifindex;

	if (index && !bpf_map_lookup_elem(roles, &index, &interface) &&
	    interface.role <= AGFEO_ROLE_UPLINK)
		return interface.role;
	return attached->has_tc ? AGFEO_ROLE_VOICE : AGFEO_ROLE_UPLINK;
}

static int collect_links(const char *pin, struct snapshot *snapshot)
{
	_cleanup_(freep) struct attached *attached = NULL;
	_cleanup_(closep) int roles = -1;
	size_t count = 0;
	int err = pins_open_map(pin, "interfaces", &roles);

	if (!err)
		err = attach_list(pin, &attached, &count);
	if (err)
		return err;
	snapshot->interfaces = calloc(count + 1, sizeof(*snapshot->interfaces));
	if (!snapshot->interfaces)
		return fail(-ENOMEM, "interfaces");
	for (size_t i = 0; i < count; i++) {
		struct interface_state *row = &snapshot->interfaces[i];

		memcpy(row->name, attached[i].name, sizeof(row->name));
		row->role = role_of(roles, &attached[i]);
		snprintf(row->xdp, sizeof(row->xdp), "%s", attach_mode_label(attached[i].xdp));
		snprintf(row->tc, sizeof(row->tc), "%s", attach_mode_label(attached[i].tc));
		row->present = attached[i].ifindex != 0;
	}
	snapshot->interface_count = count;
	return 0;
}

/* ------------------------------------------------------------------ all of it */

static int collect_settings(const char *pin, struct snapshot *snapshot)
{
	_cleanup_(closep) int map = -1;
	__u32 bank = snapshot->control.generation % AGFEO_BANKS;
	struct agfeo_settings settings;
	int err = pins_open_map(pin, "settings", &map);

	if (err)
		return err;
	if (bpf_map_lookup_elem(map, &bank, &settings))
		return fail(errno, "map 'settings'");
	snapshot->monitor = settings.flags & AGFEO_SITE_MONITOR;
	return 0;
}

static int collect_basics(const char *pin, struct snapshot *snapshot)
{
	struct agfeo_meta *meta = &snapshot->meta;
	struct timespec now;
	int err = pins_read_meta(pin, meta);

	if (!err)
		err = pins_read_control(pin, &snapshot->control);
	if (!err)
		err = collect_settings(pin, snapshot);
	if (err)
		return err;
	meta->version[sizeof(meta->version) - 1] = '\0';
	meta->config[sizeof(meta->config) - 1] = '\0';
	printable_text(meta->version);
	printable_text(meta->config);
	clock_gettime(CLOCK_REALTIME, &now);
	snapshot->time_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	return 0;
}

int collect(const char *pin, unsigned parts, struct snapshot **ret_snapshot)
{
	_cleanup_(snapshot_freep) struct snapshot *snapshot = snapshot_new();
	int err;

	if (!snapshot)
		return fail(-ENOMEM, "snapshot");
	err = collect_basics(pin, snapshot);
	if (!err && parts & COLLECT_COUNTERS)
		err = collect_counters(pin, snapshot);
	if (!err && parts & COLLECT_FLOWS)
		err = collect_flows(pin, snapshot);
	if (!err && parts & COLLECT_LINKS)
		err = collect_links(pin, snapshot);
	if (!err && parts & COLLECT_COST)
		err = collect_cost(pin, snapshot);
	if (!err && parts & COLLECT_NAMES)
		err = cloud_maps_list(pin, &snapshot->meta, &snapshot->addresses,
				      &snapshot->address_count);
	if (err)
		return err;
	snapshot_normalise(snapshot);
	*ret_snapshot = take_ptr(snapshot);
	return 0;
}
