/* SPDX-License-Identifier: GPL-2.0 */
/* From pinned maps to snapshot and flows: the maps are made here, so that every sum is known. */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/collect.h"
#include "kernel/flows.h"
#include "kernel/pins.h"
#include "kernel/walk.h"
#include "lib/check.h"
#include "prog/runner_pins.h"

#define TICK	   100000
#define DEVICES	   10001 /* id 0 is nobody */
#define SERVICES   20
#define COUNTERS   (1 + (DEVICES - 1) * SERVICES)
#define GENERATION 6

/* ------------------------------------------------------------------ what is pinned */

static void put_single(const char *name, const void *value, size_t size)
{
	_cleanup_(closep) int map = own_map(BPF_MAP_TYPE_ARRAY, name, sizeof(__u32), size, 1, 0);
	__u32 zero = 0;

	put(map, &zero, value);
}

/* The datapath's clock, standing still. */
static void pin_clock(void)
{
	struct bpf_insn code[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = TICK},
		{.code = BPF_JMP | BPF_EXIT},
	};
	_cleanup_(closep) int program =
		bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "clock", "GPL", code, 2, NULL);

	if (CHECK(program >= 0))
		CHECK_EQ(pins_put(own_pin, "prog", "clock", program), 0);
}

static void pin_basics(void)
{
	struct agfeo_meta meta = {.abi = AGFEO_ABI,
				  .hz = 250,
				  .tick_ns = 64000000,
				  .loaded_ns = 1741010709ull * 1000000000,
				  .first_loaded_ns = 1741000000ull * 1000000000,
				  .version = "1.0.0",
				  .config = "/etc/agfeo/agfeo.conf"};
	struct agfeo_control control = {.generation = GENERATION};
	struct agfeo_settings settings[AGFEO_BANKS] = {{.flags = AGFEO_SITE_MONITOR}, {}};
	_cleanup_(closep) int map = own_map(BPF_MAP_TYPE_ARRAY, "settings", sizeof(__u32),
					    sizeof(*settings), AGFEO_BANKS, 0);
	_cleanup_(closep) int interfaces = own_map(BPF_MAP_TYPE_HASH, "interfaces", sizeof(__u32),
						   sizeof(struct agfeo_interface), 256, 0);

	put_single("meta", &meta, sizeof(meta));
	put_single("control", &control, sizeof(control));
	for (__u32 bank = 0; bank < AGFEO_BANKS; bank++)
		put(map, &bank, &settings[bank]);
}

/* ------------------------------------------------------------------ counters */

static void name_rows(int device_names, int counter_names)
{
	for (__u32 device = 1; device < DEVICES; device++) {
		struct agfeo_device_name name = {.model = "t14-sip", .generation = GENERATION};

		snprintf(name.name, sizeof(name.name), "phone%u", device);
		if (device == 7)
			name.generation = GENERATION - 1; /* retired */
		if (device == 8)
			memset(&name, 0, sizeof(name)); /* free */
		put(device_names, &device, &name);
	}
	for (__u32 id = 1; id < COUNTERS; id++) {
		struct agfeo_counter_name name = {.device = 1 + (id - 1) / SERVICES,
						  .class = AGFEO_CLASS_VOICE,
						  .dscp = AGFEO_EF};

		snprintf(name.service, sizeof(name.service), "service%u",
			 id == 3 ? 0 : (id - 1) % SERVICES);
		if (id == 3) /* the same service, marked otherwise before */
			name.dscp = 40;
		if (id == 4)
			memset(&name, 0, sizeof(name));
		put(counter_names, &id, &name);
	}
}

/* CPU c counts id + c in every word, so that a sum tells whether a CPU was missed. */
static void count_rows(int map, uint32_t id, size_t words, int cpus)
{
	size_t stride = walk_stride(words * sizeof(__u64)) / sizeof(__u64);
	_cleanup_(freep) __u64 *values = calloc((size_t)cpus * stride, sizeof(__u64));

	for (int cpu = 0; cpu < cpus; cpu++)
		for (size_t i = 0; i < words; i++)
			values[(size_t)cpu * stride + i] = id + (unsigned)cpu;
	put(map, &id, values);
}

#define TORN 6 /* met while a packet was counted */

/* A packet that was bleached, read between one of its words and the next. */
static void count_torn(int map, uint32_t id, int cpus)
{
	_cleanup_(freep) struct agfeo_counter *values = calloc((size_t)cpus, sizeof(*values));

	values[0].direction[AGFEO_OUT].bleached = 1;
	values[0].direction[AGFEO_OUT].bytes = 200;
	put(map, &id, values);
}

static void pin_counters(void)
{
	_cleanup_(closep) int device_names =
		own_map(BPF_MAP_TYPE_ARRAY, "device_names", sizeof(__u32),
			sizeof(struct agfeo_device_name), DEVICES + 50, 0);
	_cleanup_(closep) int counter_names =
		own_map(BPF_MAP_TYPE_ARRAY, "counter_names", sizeof(__u32),
			sizeof(struct agfeo_counter_name), COUNTERS + 1000, 0);
	_cleanup_(closep) int device_counters =
		own_map(BPF_MAP_TYPE_PERCPU_ARRAY, "device_counters", sizeof(__u32),
			sizeof(struct agfeo_device_counter), DEVICES + 50, 0);
	_cleanup_(closep) int counters =
		own_map(BPF_MAP_TYPE_PERCPU_ARRAY, "counters", sizeof(__u32),
			sizeof(struct agfeo_counter), COUNTERS + 1000, 0);
	int cpus = walk_cpus();

	name_rows(device_names, counter_names);
	for (__u32 id = 0; id < COUNTERS; id++)
		if (id != 5) /* named, and never met */
			count_rows(counters, id, sizeof(struct agfeo_counter) / 8, cpus);
	count_torn(counters, TORN, cpus);
	for (__u32 id = 0; id < 20; id++)
		if (id != 9)
			count_rows(device_counters, id, sizeof(struct agfeo_device_counter) / 8,
				   cpus);
}

static uint64_t expected(uint64_t id)
{
	uint64_t cpus = (uint64_t)walk_cpus();

	return cpus * id + cpus * (cpus - 1) / 2;
}

static const struct service_count *find_service(const struct snapshot *snapshot, const char *device,
						const char *service, uint8_t dscp)
{
	for (size_t i = 0; i < snapshot->service_count; i++) {
		const struct service_count *row = &snapshot->services[i];

		if (!strcmp(row->device, device) && !strcmp(row->service, service) &&
		    row->dscp == dscp)
			return row;
	}
	return NULL;
}

static const struct device_count *find_device(const struct snapshot *snapshot, const char *device)
{
	for (size_t i = 0; i < snapshot->device_count; i++)
		if (!strcmp(snapshot->devices[i].device, device))
			return &snapshot->devices[i];
	return NULL;
}

static void check_service(const struct snapshot *snapshot, const char *device, const char *service,
			  uint8_t dscp, uint64_t id)
{
	const struct service_count *row = find_service(snapshot, device, service, dscp);

	if (!CHECK(row))
		return;
	/* Nine pairs of code points; six of them change, and so does one more word. */
	CHECK_EQ(row->sum.packets[AGFEO_PASS][AGFEO_IN], 9 * expected(id));
	CHECK_EQ(row->sum.bytes[AGFEO_PASS][AGFEO_IN], expected(id));
	CHECK_EQ(row->sum.packets[AGFEO_DROP][AGFEO_OUT], expected(id));
	CHECK_EQ(row->sum.bytes[AGFEO_DROP][AGFEO_OUT], expected(id));
	CHECK_EQ(row->sum.bleached, 2 * expected(id));
	CHECK_EQ(row->sum.remarked, 2 * (6 + 1 - 1) * expected(id));
	CHECK_STR(row->model, "t14-sip");
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void test_counters(void)
{
	_cleanup_(snapshot_freep) struct snapshot *snapshot = NULL;
	const struct service_count *row;
	double before = now();

	if (!CHECK_EQ(collect(own_pin, COLLECT_COUNTERS, &snapshot), 0))
		return;
	printf("%u devices, %u counters, %d CPUs: %.0f ms\n", DEVICES - 1, COUNTERS - 1,
	       walk_cpus(), (now() - before) * 1000);
	CHECK(now() - before < 5); /* with sanitizers, on a loaded machine */
	CHECK_EQ(snapshot->control.generation, GENERATION);
	CHECK(snapshot->monitor); /* of the bank that rules, not of the other */
	/* All but the free id 4 and the silent id 5; and what was of no service, of nobody and of the
	 * first 19 devices, without the free id 8 and the silent id 9. */
	CHECK_EQ(snapshot->service_count, COUNTERS - 1 - 2 + 20 - 2);
	row = find_service(snapshot, "phone3", "none", AGFEO_KEEP);
	if (CHECK(row)) {
		CHECK_EQ(row->sum.packets[AGFEO_DROP][AGFEO_IN], expected(3));
		CHECK_EQ(row->sum.bytes[AGFEO_DROP][AGFEO_OUT], expected(3));
		CHECK_EQ(row->sum.packets[AGFEO_PASS][AGFEO_IN], 0);
	}
	check_service(snapshot, "phone1", "service0", AGFEO_EF, 1);
	check_service(snapshot, "phone1", "service0", 40, 3);
	CHECK(!find_service(snapshot, "phone1", "service4", AGFEO_EF));
	row = find_service(snapshot, "phone1", "service5", AGFEO_EF);
	if (CHECK(row)) {
		CHECK_EQ(row->sum.bytes[AGFEO_PASS][AGFEO_OUT], 200);
		CHECK_EQ(row->sum.remarked, 0);
	}
	check_service(snapshot, "phone7", "service0", AGFEO_EF, 1 + 6 * SERVICES);
	check_service(snapshot, "phone10000", "service19", AGFEO_EF, COUNTERS - 1);
}

static void test_devices(void)
{
	_cleanup_(snapshot_freep) struct snapshot *snapshot = NULL;
	const struct device_count *row;

	if (!CHECK_EQ(collect(own_pin, COLLECT_COUNTERS, &snapshot), 0))
		return;
	CHECK_EQ(snapshot->device_count, DEVICES - 1); /* with "", without the free id 8 */
	row = find_device(snapshot, "");
	if (CHECK(row))
		CHECK_EQ(row->sum.drops[0], expected(0));
	row = find_device(snapshot, "phone7"); /* retired, but it counted */
	if (CHECK(row))
		CHECK_EQ(row->sum.rtp_reordered[AGFEO_OUT], expected(7));
	row = find_device(snapshot, "phone9"); /* configured, and nothing of it was dropped */
	if (CHECK(row))
		CHECK_EQ(row->sum.drops[0], 0);
	/* A device's voice is that of its services, all of them voice here. */
	row = find_device(snapshot, "phone100");
	if (CHECK(row)) {
		uint64_t services = 0;

		for (uint64_t id = 1 + 99 * SERVICES; id < 1 + 100 * SERVICES; id++)
			services += expected(id);
		CHECK_EQ(row->sum.rtp_packets[AGFEO_OUT], services);
		CHECK_EQ(row->sum.arrived[AGFEO_IN][AGFEO_DSCP_EF], 3 * services);
		CHECK_EQ(row->sum.left[AGFEO_IN][AGFEO_DSCP_OTHER], 3 * services);
	}
}

/* ------------------------------------------------------------------ flows */

static struct agfeo_voice_flow voice_flow(uint32_t seen, uint64_t bytes)
{
	struct agfeo_voice_flow voice = {.flow = {
						 .idle = 900,
						 .counter = {1, 0},
						 .device = {1, 0},
						 .class = AGFEO_CLASS_VOICE,
						 .mark = AGFEO_EF,
					 }};

	voice.flow.direction[0].seen = seen;
	voice.flow.direction[0].bytes = bytes;
	voice.flow.direction[0].packets = bytes / 200;
	return voice;
}

static void pin_voice4(int map)
{
	struct agfeo_flow4_key key = {.low = 17ull << 48 | 0x0a000001ull << 16 | 5204,
				      .high = 0x0a000002ull << 16 | 30000};
	struct agfeo_voice_flow voice = voice_flow(TICK - 900, 400);

	put(map, &key, &voice);
	key.high++;
	voice = voice_flow(TICK - 901, 800); /* expired */
	put(map, &key, &voice);
	key.high++;
	voice = voice_flow(TICK + 1, 200); /* a packet after the clock was read */
	put(map, &key, &voice);
}

static void pin_flows(void)
{
	for (int i = 0; i < FLOW_TABLES; i++) {
		bool v6 = strchr(flow_tables[i], '6'), voice = flow_tables[i][0] == 'v';
		size_t key_size =
			v6 ? sizeof(struct agfeo_flow6_key) : sizeof(struct agfeo_flow4_key);
		_cleanup_(closep) int map =
			own_map(BPF_MAP_TYPE_LRU_HASH, flow_tables[i], key_size,
				voice ? sizeof(struct agfeo_voice_flow) : sizeof(struct agfeo_flow),
				4096, 0);

		if (!strcmp(flow_tables[i], "voice4"))
			pin_voice4(map);
		if (!strcmp(flow_tables[i], "signalling6")) {
			struct agfeo_flow6_key key = {.low = {0xfd00ull << 48, 1},
						      .high = {0xfd00ull << 48, 2},
						      .ports = 5060 | 5062ull << 16 | 17ull << 32};
			struct agfeo_flow flow = voice_flow(TICK, 5000).flow;

			flow.class = AGFEO_CLASS_SIGNALLING;
			put(map, &key, &flow);
		}
		if (!strcmp(flow_tables[i], "others4")) { /* an answer that is expected: no flow */
			struct agfeo_flow4_key key = {.low = 17ull << 48 | 0x0a000001ull << 16,
						      .high = 0x0a000002ull << 16 | 40000};
			struct agfeo_flow flow = voice_flow(TICK, 0).flow;

			put(map, &key, &flow);
		}
	}
}

static void test_flows(void)
{
	_cleanup_(identities_freep) struct identities *identities = NULL;
	_cleanup_(flow_list_release) struct flow_list list = {0};
	_cleanup_(snapshot_freep) struct snapshot *snapshot = NULL;
	const struct flow_row *rows;
	struct agfeo_meta meta;
	char text[ENDPOINT_TEXT];
	uint64_t in_tables = 0;

	CHECK_EQ(pins_read_meta(own_pin, &meta), 0);
	CHECK_EQ(identities_read(own_pin, &identities), 0);
	if (!CHECK_EQ(flows_read(own_pin, &meta, identities, &list), 0) || !CHECK_EQ(list.count, 3))
		return;
	rows = list.rows;
	CHECK_STR(endpoint_format(&rows[0].local, rows[0].local_port, text), "[fd00::1]:5060");
	CHECK_STR(endpoint_format(&rows[0].remote, rows[0].remote_port, text), "[fd00::2]:5062");
	CHECK_STR(endpoint_format(&rows[1].local, rows[1].local_port, text), "10.0.0.1:5204");
	CHECK_STR(endpoint_format(&rows[1].remote, rows[1].remote_port, text), "10.0.0.2:30000");
	CHECK_STR(rows[1].device, "phone1");
	CHECK_STR(rows[1].service, "service0");
	CHECK_EQ(rows[1].idle_ns, 900 * 64000000ull);
	CHECK_EQ(rows[2].idle_ns, 0);

	if (!CHECK_EQ(collect(own_pin, COLLECT_FLOWS, &snapshot), 0))
		return;
	CHECK_EQ(snapshot->flows[AGFEO_CLASS_VOICE], 2);
	CHECK_EQ(snapshot->flows[AGFEO_CLASS_SIGNALLING], 1);
	CHECK_EQ(snapshot->flow_entries, 5);
	CHECK_EQ(snapshot->flow_capacity, 6 * 4096);
	for (int i = 0; i < FLOW_TABLES; i++) {
		CHECK_STR(snapshot->flow_tables[i].name, flow_tables[i]);
		CHECK_EQ(snapshot->flow_tables[i].capacity, 4096);
		in_tables += snapshot->flow_tables[i].entries;
	}
	CHECK_EQ(in_tables, 5);
	CHECK(snapshot->flow_tables[0].entries);
}

/* ------------------------------------------------------------------ cost */

static void pin_bank_map(void)
{
	_cleanup_(closep) int old = bpf_map_create(BPF_MAP_TYPE_HASH, "bank", 4, 8, 64, NULL);
	_cleanup_(closep) int ruling = bpf_map_create(BPF_MAP_TYPE_HASH, "bank", 4, 8, 64, NULL);
	LIBBPF_OPTS(bpf_map_create_opts, options, .inner_map_fd = (__u32)old);
	int outer =
		bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "hosts4", 4, 4, AGFEO_BANKS, &options);
	__u64 value = 0;

	for (__u32 key = 0; key < 9; key++)
		put(ruling, &key, &value);
	for (__u32 bank = 0; bank < AGFEO_BANKS; bank++)
		put(outer, &bank, bank == GENERATION % AGFEO_BANKS ? &ruling : &old);
	CHECK_EQ(pins_put(own_pin, "map", "hosts4", outer), 0);
	close(outer);
}

static const struct map_state *find_map(const struct snapshot *snapshot, const char *name)
{
	for (size_t i = 0; i < snapshot->map_count; i++)
		if (!strcmp(snapshot->maps[i].name, name))
			return &snapshot->maps[i];
	return NULL;
}

static void check_fill(const struct snapshot *snapshot, const char *name, uint64_t entries,
		       uint64_t capacity)
{
	const struct map_state *row = find_map(snapshot, name);

	CHECK_ROW(name);
	if (CHECK(row)) {
		CHECK_EQ(row->entries, entries);
		CHECK_EQ(row->capacity, capacity);
		CHECK(row->memory_bytes > 0);
	}
	CHECK_ROW(NULL);
}

static void test_cost(void)
{
	_cleanup_(snapshot_freep) struct snapshot *snapshot = NULL;

	if (!CHECK_EQ(collect(own_pin, COLLECT_COST | COLLECT_LINKS, &snapshot), 0))
		return;
	check_fill(snapshot, "voice4", 3, 4096);
	check_fill(snapshot, "voice6", 0, 4096);
	check_fill(snapshot, "hosts4", 9, 64);
	check_fill(snapshot, "device_names", DEVICES - 2, DEVICES + 50);
	check_fill(snapshot, "counter_names", COUNTERS - 2, COUNTERS + 1000);
	CHECK_EQ(snapshot->program_count, 1);
	CHECK_STR(snapshot->programs[0].name, "clock");
	CHECK(snapshot->programs[0].id);
	CHECK_EQ(snapshot->interface_count, 0);
}

/* ------------------------------------------------------------------ faults */

static void test_faults(void)
{
	struct snapshot *snapshot = NULL;
	char nowhere[64];

	snprintf(nowhere, sizeof(nowhere), "%s/nowhere", own_pin);
	CHECK_EQ(collect(nowhere, COLLECT_ALL, &snapshot), -ENOENT);
	CHECK(!snapshot);

	/* A map of another layout is not read with our structures. */
	CHECK_EQ(pins_remove(own_pin, "map", "voice6"), 0);
	close(own_map(BPF_MAP_TYPE_LRU_HASH, "voice6", sizeof(struct agfeo_flow6_key), 8, 16, 0));
	CHECK_EQ(collect(own_pin, COLLECT_FLOWS, &snapshot), -EPROTO);
	CHECK(!snapshot);
	CHECK_EQ(pins_remove(own_pin, "map", "counters"), 0);
	CHECK_EQ(collect(own_pin, COLLECT_COUNTERS, &snapshot), -ENOENT);
}

int main(void)
{
	if (!own_pins_begin())
		return check_done();
	pin_basics();
	pin_clock();
	pin_counters();
	pin_flows();
	pin_bank_map();
	test_counters();
	test_devices();
	test_flows();
	test_cost();
	test_faults();
	own_pins_end();
	return check_done();
}
