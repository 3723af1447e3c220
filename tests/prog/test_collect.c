/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From pinned maps to snapshot, flows and records: the maps are made here, on a bpffs of a mount
 * namespace of its own, so that every sum is known. Needs root.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/collect.h"
#include "kernel/events.h"
#include "kernel/flows.h"
#include "kernel/pins.h"
#include "kernel/walk.h"
#include "lib/check.h"

#define TICK	   100000
#define DEVICES	   10001 /* id 0 is nobody */
#define SERVICES   20
#define COUNTERS   (1 + (DEVICES - 1) * SERVICES)
#define GENERATION 6

static char pin[] = "/tmp/agfeo-collect-XXXXXX";

/* ------------------------------------------------------------------ what is pinned */

static bool pin_map(const char *name, int map)
{
	return CHECK(map >= 0) && CHECK_EQ(pins_put(pin, "map", name, map), 0);
}

static int make_map(enum bpf_map_type type, const char *name, size_t key, size_t value,
		    unsigned entries, unsigned flags)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = flags);
	int map = bpf_map_create(type, name, (__u32)key, (__u32)value, entries, &options);

	pin_map(name, map);
	return map;
}

/* Hundreds of thousands of times: only what fails is a test. */
static void put(int map, const void *key, const void *value)
{
	if (bpf_map_update_elem(map, key, value, BPF_ANY))
		CHECK_EQ(errno, 0);
}

static void put_single(const char *name, const void *value, size_t size)
{
	_cleanup_(closep) int map = make_map(BPF_MAP_TYPE_ARRAY, name, sizeof(__u32), size, 1, 0);
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
		CHECK_EQ(pins_put(pin, "prog", "clock", program), 0);
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
	_cleanup_(closep) int map = make_map(BPF_MAP_TYPE_ARRAY, "settings", sizeof(__u32),
					     sizeof(*settings), AGFEO_BANKS, 0);
	_cleanup_(closep) int interfaces = make_map(BPF_MAP_TYPE_HASH, "interfaces", sizeof(__u32),
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

static void pin_counters(void)
{
	_cleanup_(closep) int device_names =
		make_map(BPF_MAP_TYPE_ARRAY, "device_names", sizeof(__u32),
			 sizeof(struct agfeo_device_name), DEVICES + 50, 0);
	_cleanup_(closep) int counter_names =
		make_map(BPF_MAP_TYPE_ARRAY, "counter_names", sizeof(__u32),
			 sizeof(struct agfeo_counter_name), COUNTERS + 1000, 0);
	_cleanup_(closep) int device_counters =
		make_map(BPF_MAP_TYPE_PERCPU_ARRAY, "device_counters", sizeof(__u32),
			 sizeof(struct agfeo_device_counter), DEVICES + 50, 0);
	_cleanup_(closep) int counters =
		make_map(BPF_MAP_TYPE_PERCPU_ARRAY, "counters", sizeof(__u32),
			 sizeof(struct agfeo_counter), COUNTERS + 1000, 0);
	int cpus = walk_cpus();

	name_rows(device_names, counter_names);
	for (__u32 id = 0; id < COUNTERS; id++)
		if (id != 5) /* named, and never met */
			count_rows(counters, id, sizeof(struct agfeo_counter) / 8, cpus);
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
	CHECK_EQ(row->sum.packets[AGFEO_PASS][AGFEO_IN], expected(id));
	CHECK_EQ(row->sum.bytes[AGFEO_DROP][AGFEO_OUT], expected(id));
	CHECK_EQ(row->sum.bleached, expected(id));
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
	double before = now();

	if (!CHECK_EQ(collect(pin, COLLECT_COUNTERS, &snapshot), 0))
		return;
	printf("%u devices, %u counters, %d CPUs: %.0f ms\n", DEVICES - 1, COUNTERS - 1,
	       walk_cpus(), (now() - before) * 1000);
	CHECK(now() - before < 5); /* with sanitizers, on a loaded machine */
	CHECK_EQ(snapshot->control.generation, GENERATION);
	CHECK(snapshot->monitor); /* of the bank that rules, not of the other */
	/* All but the free id 4, the silent id 5, and those of device 8, whose name is free. */
	CHECK_EQ(snapshot->service_count, COUNTERS - 1 - 2);
	check_service(snapshot, "phone1", "service0", AGFEO_EF, 1);
	check_service(snapshot, "phone1", "service0", 40, 3);
	CHECK(!find_service(snapshot, "phone1", "service4", AGFEO_EF));
	check_service(snapshot, "phone7", "service0", AGFEO_EF, 1 + 6 * SERVICES);
	check_service(snapshot, "phone10000", "service19", AGFEO_EF, COUNTERS - 1);
}

static void test_devices(void)
{
	_cleanup_(snapshot_freep) struct snapshot *snapshot = NULL;
	const struct device_count *row;

	if (!CHECK_EQ(collect(pin, COLLECT_COUNTERS, &snapshot), 0))
		return;
	CHECK_EQ(snapshot->device_count, DEVICES - 1); /* with "", without the free id 8 */
	row = find_device(snapshot, "");
	if (CHECK(row))
		CHECK_EQ(row->sum.drops[0], expected(0));
	row = find_device(snapshot, "phone7"); /* retired, but it counted */
	if (CHECK(row))
		CHECK_EQ(row->sum.rtp_reordered[AGFEO_OUT], expected(7));
	row = find_device(snapshot, "phone9"); /* configured, and silent */
	if (CHECK(row))
		CHECK(device_counter_is_zero(&row->sum));
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
		_cleanup_(closep) int map = make_map(
			BPF_MAP_TYPE_LRU_HASH, flow_tables[i], key_size,
			voice ? sizeof(struct agfeo_voice_flow) : sizeof(struct agfeo_flow), 4096,
			0);

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
	_cleanup_(freep) struct flow_row *rows = NULL;
	_cleanup_(snapshot_freep) struct snapshot *snapshot = NULL;
	struct agfeo_meta meta;
	char text[ENDPOINT_TEXT];
	uint64_t in_tables = 0;
	size_t count = 0;

	CHECK_EQ(pins_read_meta(pin, &meta), 0);
	CHECK_EQ(identities_read(pin, &identities), 0);
	if (!CHECK_EQ(flows_read(pin, &meta, identities, &rows, &count), 0) || !CHECK_EQ(count, 3))
		return;
	CHECK_STR(endpoint_format(&rows[0].local, rows[0].local_port, text), "[fd00::1]:5060");
	CHECK_STR(endpoint_format(&rows[0].remote, rows[0].remote_port, text), "[fd00::2]:5062");
	CHECK_STR(endpoint_format(&rows[1].local, rows[1].local_port, text), "10.0.0.1:5204");
	CHECK_STR(endpoint_format(&rows[1].remote, rows[1].remote_port, text), "10.0.0.2:30000");
	CHECK_STR(rows[1].device, "phone1");
	CHECK_STR(rows[1].service, "service0");
	CHECK_EQ(rows[1].idle_ns, 900 * 64000000ull);
	CHECK_EQ(rows[2].idle_ns, 0);

	if (!CHECK_EQ(collect(pin, COLLECT_FLOWS, &snapshot), 0))
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
	pin_map("hosts4", outer);
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

	if (!CHECK_EQ(collect(pin, COLLECT_COST | COLLECT_LINKS, &snapshot), 0))
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

/* ------------------------------------------------------------------ walking */

struct marks {
	uint8_t seen[5000];
	unsigned twice;
};

static int mark(const void *key, const void *value, void *context)
{
	struct marks *marks = context;
	uint32_t id;

	(void)value;
	memcpy(&id, key, sizeof(id));
	if (marks->seen[id]++)
		marks->twice++;
	return 0;
}

static int stop_at_three(const void *key, const void *value, void *context)
{
	unsigned *count = context;

	(void)key;
	(void)value;
	return ++*count == 3 ? 42 : 0;
}

/* Each entry once, of types with batches and without, more than fit one batch. */
static void test_walk(void)
{
	static const struct {
		enum bpf_map_type type;
		const char *name;
		size_t value; /* so large that several batches are needed */
	} types[] = {
		{BPF_MAP_TYPE_HASH, "hash", 2000},
		{BPF_MAP_TYPE_LRU_HASH, "lru", 2000},
		{BPF_MAP_TYPE_ARRAY, "array", 2000},
		{BPF_MAP_TYPE_PERCPU_HASH, "percpu", 12},
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		unsigned entries = types[i].type == BPF_MAP_TYPE_LRU_HASH ? 20000 : 5000, stop = 0;
		_cleanup_(closep) int map = bpf_map_create(types[i].type, "walk", sizeof(__u32),
							   (__u32)types[i].value, entries, NULL);
		_cleanup_(freep) char *value =
			calloc((size_t)walk_cpus(), walk_stride(types[i].value));
		struct marks marks = {};
		unsigned seen = 0;
		uint64_t count = 0;

		CHECK_ROW(types[i].name);
		for (__u32 id = 0; id < 5000; id++)
			put(map, &id, value);
		CHECK_EQ(walk_map(map, "walk", sizeof(__u32), types[i].value, mark, &marks), 0);
		for (size_t id = 0; id < 5000; id++)
			seen += marks.seen[id] != 0;
		CHECK_EQ(seen, 5000);
		CHECK_EQ(marks.twice, 0);
		CHECK_EQ(walk_count(map, &count), 0);
		CHECK_EQ(count, 5000);
		CHECK_EQ(walk_map(map, "walk", sizeof(__u32), types[i].value, stop_at_three, &stop),
			 42);
		CHECK_EQ(walk_map(map, "walk", sizeof(__u32), 16, mark, &marks), -EPROTO);
	}
	CHECK_ROW(NULL);
}

/* ------------------------------------------------------------------ records */

#define EVENT_WORDS (sizeof(struct agfeo_event) / 8)
#define RING_BYTES  4096
#define RING_HOLDS  (RING_BYTES / (sizeof(struct agfeo_event) + BPF_RINGBUF_HDR_SZ))

/* A program that writes its packet's first bytes into the ring: the kernel's side of the buffer. */
static int make_writer(int ring)
{
	struct bpf_insn code[64], *at = code;
	short size = (short)sizeof(struct agfeo_event);
	int program;

	*at++ = (struct bpf_insn){BPF_LDX | BPF_W | BPF_MEM, 7, 1, 0, 0}; /* data */
	*at++ = (struct bpf_insn){BPF_LDX | BPF_W | BPF_MEM, 8, 1, 4, 0}; /* data_end */
	*at++ = (struct bpf_insn){BPF_ALU64 | BPF_MOV | BPF_X, 2, 7, 0, 0};
	*at++ = (struct bpf_insn){BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, size};
	*at++ = (struct bpf_insn){BPF_JMP | BPF_JGT | BPF_X, 2, 8, 2 * EVENT_WORDS + 7, 0};
	for (unsigned i = 0; i < EVENT_WORDS; i++) {
		*at++ = (struct bpf_insn){BPF_LDX | BPF_DW | BPF_MEM, 3, 7, (short)(8 * i), 0};
		*at++ = (struct bpf_insn){BPF_STX | BPF_DW | BPF_MEM, 10, 3, (short)(8 * i) - size,
					  0};
	}
	*at++ = (struct bpf_insn){BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_FD, 0, ring};
	*at++ = (struct bpf_insn){};
	*at++ = (struct bpf_insn){BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0};
	*at++ = (struct bpf_insn){BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -size};
	*at++ = (struct bpf_insn){BPF_ALU64 | BPF_MOV | BPF_K, 3, 0, 0, size};
	*at++ = (struct bpf_insn){BPF_ALU64 | BPF_MOV | BPF_K, 4, 0, 0, 0};
	*at++ = (struct bpf_insn){BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_ringbuf_output};
	*at++ = (struct bpf_insn){BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, XDP_PASS};
	*at++ = (struct bpf_insn){BPF_JMP | BPF_EXIT, 0, 0, 0, 0};
	program =
		bpf_prog_load(BPF_PROG_TYPE_XDP, "writer", "GPL", code, (size_t)(at - code), NULL);
	CHECK(program >= 0);
	return program;
}

static void write_records(int writer, unsigned first, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct agfeo_event event = {.time_ns = first + i, .type = AGFEO_EVENT_DROP};
		LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = &event,
			    .data_size_in = sizeof(event), .repeat = 1);

		CHECK_EQ(bpf_prog_test_run_opts(writer, &run), 0);
	}
}

struct heard {
	unsigned count;
	unsigned first, last;
	bool in_order;
};

static int hear(const void *record, size_t size, void *context)
{
	struct heard *heard = context;
	struct agfeo_event event;

	CHECK_EQ(size, sizeof(event));
	memcpy(&event, record, sizeof(event));
	if (!heard->count)
		heard->first = (unsigned)event.time_ns;
	else
		heard->in_order &= event.time_ns == heard->last + 1ull;
	heard->last = (unsigned)event.time_ns;
	heard->count++;
	return 0;
}

static struct heard listen_to(struct events *events)
{
	struct heard heard = {.in_order = true};

	events_wait(events, 100);
	events_read(events, hear, &heard);
	return heard;
}

/* Far more records than the buffer holds, so that both readers go around it many times. */
static void check_together(int writer, struct events *first, struct events *second)
{
	unsigned next = 1000;

	for (int round = 0; round < 50; round++) {
		struct heard heard;

		write_records(writer, next, 20);
		heard = listen_to(second);
		CHECK(heard.count == 20 && heard.first == next && heard.in_order);
		heard = listen_to(first);
		CHECK(heard.count == 20 && heard.first == next && heard.in_order);
		next += 20;
	}
}

/* One sleeps while the other keeps up: it knows what it lost, and goes on with what is new. */
static void check_overrun(int writer, struct events *first, struct events *second)
{
	struct heard heard;

	for (int round = 0; round < 5; round++) {
		write_records(writer, 1, 30);
		CHECK_EQ(listen_to(first).count, 30);
	}
	CHECK_EQ(listen_to(second).count, 0);
	CHECK_EQ(events_lost(second), 5 * 30);
	CHECK_EQ(events_lost(second), 0);
	write_records(writer, 500, 3);
	heard = listen_to(second);
	CHECK(heard.count == 3 && heard.first == 500);
	CHECK_EQ(events_lost(first), 0);
	listen_to(first);
}

static void test_events(void)
{
	_cleanup_(closep) int ring = make_map(BPF_MAP_TYPE_RINGBUF, "events", 0, 0, RING_BYTES, 0);
	_cleanup_(closep) int writer = make_writer(ring);
	struct events *first = NULL, *second = NULL;

	if (writer < 0)
		return;
	write_records(writer, 1, 2 * RING_HOLDS); /* nobody reads: it fills up */
	if (!CHECK_EQ(events_open(pin, &first), 0))
		return;
	CHECK(!events_wait(first, 0));
	CHECK_EQ(listen_to(first).count, 0); /* what was before is not told */
	write_records(writer, 1, 5);
	CHECK(events_wait(first, 0));
	CHECK_EQ(listen_to(first).count, 5);

	if (CHECK_EQ(events_open(pin, &second), 0)) {
		check_together(writer, first, second);
		check_overrun(writer, first, second);
		write_records(writer, 700, 4);
		events_free(first); /* without having read them: that is nothing to the other */
		first = NULL;
		CHECK_EQ(listen_to(second).count, 4);
		write_records(writer, 704, RING_HOLDS + 10);
		CHECK_EQ(listen_to(second).count,
			 RING_HOLDS); /* the writer waits for nobody; it counts */
		write_records(writer, 1, 7);
		CHECK_EQ(listen_to(second).count, 7);
	}
	events_free(first);
	events_free(second);
}

/* ------------------------------------------------------------------ faults */

static void test_faults(void)
{
	struct snapshot *snapshot = NULL;
	char nowhere[64];

	snprintf(nowhere, sizeof(nowhere), "%s/nowhere", pin);
	CHECK_EQ(collect(nowhere, COLLECT_ALL, &snapshot), -ENOENT);
	CHECK(!snapshot);

	/* A map of another layout is not read with our structures. */
	CHECK_EQ(pins_remove(pin, "map", "voice6"), 0);
	close(make_map(BPF_MAP_TYPE_LRU_HASH, "voice6", sizeof(struct agfeo_flow6_key), 8, 16, 0));
	CHECK_EQ(collect(pin, COLLECT_FLOWS, &snapshot), -EPROTO);
	CHECK(!snapshot);
	CHECK_EQ(pins_remove(pin, "map", "counters"), 0);
	CHECK_EQ(collect(pin, COLLECT_COUNTERS, &snapshot), -ENOENT);
}

int main(void)
{
	if (geteuid()) {
		CHECK_SKIP("making BPF maps needs root");
		return check_done();
	}
	if (!CHECK(mkdtemp(pin)) || !CHECK(!unshare(CLONE_NEWNS)) ||
	    !CHECK(!mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)) ||
	    !CHECK(!mount("bpf", pin, "bpf", 0, NULL))) {
		rmdir(pin);
		return check_done();
	}
	CHECK_EQ(pins_make_folders(pin), 0);
	pin_basics();
	pin_clock();
	pin_counters();
	pin_flows();
	pin_bank_map();
	test_counters();
	test_devices();
	test_flows();
	test_cost();
	test_walk();
	test_events();
	test_faults();
	umount2(pin, MNT_DETACH);
	rmdir(pin);
	return check_done();
}
