/* SPDX-License-Identifier: GPL-2.0 */
/*
 * On whose account a packet goes, and how often: the straight way and the way round must write the
 * same books. A packet's first sight takes the way round, its second the straight one.
 */
#include <agfeo/host_filter.h>
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "check.h"
#include "host/box.h"
#include "host/maps.h"
#include "payload.h"
#include "prog/runner.h"

#define SITE	 "[site]\nnetworks = 192.168.10.0/24, 10.0.0.0/8\n"
#define PROVIDER "[provider sipgate]\nnetworks = 217.10.64.0/20\n"
#define PBX	 "[device pbx]\nmodel = es-pure-ip-x-it\nprovider = sipgate\naddress = "
#define LAN	 2 /* ifindex */
#define TICK	 (1ull << AGFEO_REPLAY_TICK_SHIFT)

static struct runner *runner;
static uint64_t now;

static void begin(const char *configuration, const char *what)
{
	runner_free(runner);
	runner = NULL;
	host_kernel = (struct host_kernel){0};
	CHECK_ROW(what);
	CHECK_EQ(runner_open(configuration, &(struct runner_options){0}, &runner), 0);
	now = 1000000000;
	CHECK_EQ(runner_at(runner, now), 0);
}

static void later(uint64_t ns)
{
	now += ns;
	CHECK_EQ(runner_at(runner, now), 0);
}

static struct run_result run(enum run_hook hook, const struct frame *frame)
{
	struct frame_bytes bytes = frame_build(frame);
	struct run_result result = {.verdict = -1};

	CHECK_EQ(runner_run(runner, hook, &bytes, &result), 0);
	return result;
}

/* ------------------------------------------------------------------ two hooks, one packet */

static const struct frame options = {UDP("192.168.10.2", 5064, "217.10.64.9", 5060),
				     .payload_size = 300};

static uint64_t counted(void)
{
	struct agfeo_flow_direction *way;
	struct agfeo_flow4_key key;
	struct agfeo_flow flow = {0};
	int map = runner_map(runner, "signalling4");

	CHECK_EQ(bpf_map_get_next_key(map, NULL, &key), 0);
	CHECK_EQ(bpf_map_lookup_elem(map, &key, &flow), 0);
	runner_complete(runner, &key, &flow, NULL);
	way = &flow.direction[0];
	return way[0].packets + way[1].packets;
}

static void test_both_hooks(void)
{
	begin(SITE PROVIDER PBX "192.168.10.2\n", "XDP and tc see each packet");
	for (unsigned i = 1; i <= 300; i++) {
		run(RUN_VOICE, &options);
		CHECK_EQ(counted(), i);
		run(RUN_TC, &options);
		CHECK_EQ(counted(), i);
		later(TICK);
	}
}

/* The tick that XDP left has few bits: it must not come round to mean another packet. */
static void test_tc_alone(void)
{
	begin(SITE PROVIDER PBX "192.168.10.2\n", "from now on only tc sees them");
	run(RUN_VOICE, &options);
	for (unsigned i = 1; i <= 300; i++) {
		later(TICK); /* one tick later tc may still see what XDP saw */
		run(RUN_TC, &options);
		CHECK_EQ(counted(), i);
	}
	CHECK_ROW("tc sees it as many ticks later as the bits count");
	run(RUN_VOICE, &options);
	for (unsigned round = 1; round <= 3; round++) {
		later((AGFEO_AT_XDP_TICKS + 1) * TICK);
		run(RUN_TC, &options);
		CHECK_EQ(counted(), 301 + round);
	}
}

/* ------------------------------------------------------------------ code points */

struct passed {
	const char *what, *qos;
	struct frame frame;
	enum run_hook hook;
	enum agfeo_dscp_kind came, left;
	bool changed, bleached;
};

#define SIP_OUT	    UDP("192.168.10.2", 5064, "217.10.64.9", 5060), .payload_size = 300
#define RTP_IN	    UDP("217.10.64.9", 30000, "192.168.10.2", 5204)
#define CODE(point) .tos = (point) << 2

/* clang-format off */
static const struct passed passed[] = {
	{"voice, unmarked",         "",                    {RTP_IN},            .hook = RUN_TC, .came = AGFEO_DSCP_CS0, .left = AGFEO_DSCP_EF},
	{"voice, marked",           "",                    {RTP_IN, CODE(46)},  .hook = RUN_TC, .came = AGFEO_DSCP_EF, .left = AGFEO_DSCP_EF},
	{"voice, marked otherwise", "",                    {RTP_IN, CODE(26)},  .hook = RUN_TC, .came = AGFEO_DSCP_OTHER, .left = AGFEO_DSCP_EF},
	{"voice, left alone",       "voice = keep\n",      {RTP_IN, CODE(26)},  .hook = RUN_TC, .came = AGFEO_DSCP_OTHER, .left = AGFEO_DSCP_OTHER},
	{"voice as af41",           "voice = af41\n",      {RTP_IN, CODE(46)},  .hook = RUN_TC, .came = AGFEO_DSCP_EF, .left = AGFEO_DSCP_OTHER},
	{"voice as af41, of cs3",   "voice = af41\n",      {RTP_IN, CODE(24)},  .hook = RUN_TC, .came = AGFEO_DSCP_OTHER, .left = AGFEO_DSCP_OTHER, .changed = true},
	{"voice as cs0",            "voice = cs0\n",       {RTP_IN, CODE(46)},  .hook = RUN_TC, .came = AGFEO_DSCP_EF, .left = AGFEO_DSCP_CS0},
	{"SIP, left alone",         "",                    {SIP_OUT, CODE(26)}, .hook = RUN_VOICE, .came = AGFEO_DSCP_OTHER, .left = AGFEO_DSCP_OTHER},
	{"SIP as cs3",              "signalling = cs3\n",  {SIP_OUT, CODE(26)}, .hook = RUN_VOICE, .came = AGFEO_DSCP_OTHER, .left = AGFEO_DSCP_OTHER, .changed = true},
	{"SIP as cs3, unmarked",    "signalling = cs3\n",  {SIP_OUT},           .hook = RUN_VOICE, .came = AGFEO_DSCP_CS0, .left = AGFEO_DSCP_OTHER},
	{"SIP that borrows EF",     "others = bleach\n",   {SIP_OUT, CODE(46)}, .hook = RUN_VOICE, .came = AGFEO_DSCP_EF, .left = AGFEO_DSCP_CS0, .bleached = true},
};
/* clang-format on */

static void check_cells(const struct passed *row, const struct agfeo_counter_direction *way,
			unsigned packets)
{
	for (unsigned cell = 0; cell < AGFEO_DSCP_CELLS; cell++)
		CHECK_EQ(way->passed[cell],
			 cell == agfeo_dscp_cell(row->came, row->left) ? packets : 0);
	CHECK_EQ(way->changed, row->changed ? packets : 0);
	CHECK_EQ(way->bleached, row->bleached ? packets : 0);
	CHECK_EQ(way->dropped_packets, 0);
}

static void test_passed(const struct passed *row)
{
	struct agfeo_counter sums[HOST_CPUS] = {0};
	enum agfeo_direction direction = row->hook == RUN_TC ? AGFEO_IN : AGFEO_OUT;
	uint8_t payload[PAYLOAD_MOST];
	struct frame frame = row->frame;
	struct run_result result;
	char text[512];

	snprintf(text, sizeof(text), SITE "%s%s" PROVIDER PBX "192.168.10.2\n",
		 *row->qos ? "[qos]\n" : "", row->qos);
	begin(text, row->what);
	for (uint16_t i = 1; i <= 4; i++) {
		struct rtp rtp = {.payload_type = 8, .sequence = i, .ssrc = 1, .size = 160};

		if (row->hook == RUN_TC) {
			frame.payload_size = payload_rtp(payload, &rtp);
			frame.payload = payload;
		}
		result = run(row->hook, &frame);
		CHECK(result.passed);
	}
	CHECK_EQ(bpf_map_lookup_elem(runner_map(runner, "counters"),
				     &result.told.counter[direction == AGFEO_IN], sums),
		 0);
	check_cells(row, &sums[0].direction[direction], 4);
	CHECK_EQ(sums[0].direction[direction].bytes, 4 * (28 + frame.payload_size));
	CHECK_EQ(sums[0].direction[!direction].bytes, 0);
}

/* ------------------------------------------------------------------ who a host is */

static struct agfeo_device_counter account_of(uint32_t device)
{
	struct agfeo_device_counter sums[HOST_CPUS] = {0};

	CHECK_EQ(bpf_map_lookup_elem(runner_map(runner, "device_counters"), &device, sums), 0);
	return sums[0];
}

/* A flood of `packets` to an address; the device whose account it is on, "" for none. */
static void check_flood(const char *address, const char *device, unsigned packets)
{
	bool v6 = strchr(address, ':');
	const char *from = v6 ? "2001:db8:9::7" : "198.51.100.7";
	const struct frame scan = {UDP(from, 40000, address, 9999), .payload_size = 30};
	unsigned size = (v6 ? 48 : 28) + 30;
	struct agfeo_device_counter before, after;
	struct run_result result = run(RUN_TC, &scan);
	uint32_t id = result.told.device[1];

	CHECK_ROW(address);
	CHECK_STR(runner_device(runner, id), device);
	before = account_of(id);
	for (unsigned i = 0; i < packets; i++) {
		result = run(RUN_TC, &scan);
		CHECK_EQ(result.passed, !*device);
		CHECK_EQ(result.told.device[1], id);
	}
	after = account_of(id);
	packets = *device ? packets : 0;
	CHECK_EQ(after.none_packets[AGFEO_IN] - before.none_packets[AGFEO_IN], packets);
	CHECK_EQ(after.none_bytes[AGFEO_IN] - before.none_bytes[AGFEO_IN], packets * size);
	CHECK_EQ(after.drops[AGFEO_REASON_NOT_LISTED - AGFEO_FIRST_DROP_REASON] -
			 before.drops[AGFEO_REASON_NOT_LISTED - AGFEO_FIRST_DROP_REASON],
		 packets);
	CHECK_EQ(after.none_packets[AGFEO_OUT], before.none_packets[AGFEO_OUT]);
}

static void test_two_addresses(void)
{
	begin(SITE PROVIDER PBX "192.168.10.2, 192.168.10.3, fd00::2\n",
	      "a device at two addresses");
	check_flood("192.168.10.2", "pbx", 200);
	check_flood("192.168.10.3", "pbx", 200);
	check_flood("192.168.10.4", "", 200);
	check_flood("fd00::2", "pbx", 200);
	check_flood("fd00::3", "", 200);
}

/* What is only watched is passed on, and tc sees it again: that is no other packet. */
static void test_watched_refusal(const char *from, const char *to)
{
	const struct frame frame = {UDP(from, 40000, to, 9999)};
	uint32_t id;

	begin("[site]\nnetworks = 192.168.0.0/16, fd00::/16\nmode = monitor\n" PROVIDER PBX
	      "192.168.10.2, fd00::2\n",
	      to);
	CHECK_EQ(runner_set_role(runner, LAN, AGFEO_ROLE_VOICE), 0);
	runner_on(runner, 1, LAN);
	id = run(RUN_VOICE, &frame).told.device[1];
	for (unsigned i = 1; i <= 200; i++) {
		CHECK_EQ(account_of(id).none_packets[AGFEO_IN], i);
		CHECK(run(RUN_TC, &frame).passed);
		CHECK_EQ(account_of(id).none_packets[AGFEO_IN], i);
		run(RUN_VOICE, &frame);
	}
}

static uint32_t bit_of(uint32_t host)
{
	return agfeo_host_bit(host);
}

static const char *text_of(uint32_t host, char *text)
{
	struct in_addr address = {htonl(host)};

	return inet_ntop(AF_INET, &address, text, INET_ADDRSTRLEN);
}

/* The next address after `host`, below 11.0.0.0, of the same bit. */
static uint32_t next_of_bit(uint32_t host)
{
	uint32_t bit = bit_of(host);

	while (++host < 0x0b000000)
		if (bit_of(host) == bit)
			return host;
	return 0;
}

#define SHARERS (AGFEO_HOST_CHAIN + 3)

/* Addresses with one bit: whoever is a device is found, and nobody else, however many share it. */
static void test_shared_bit(unsigned devices)
{
	char address[SHARERS][INET_ADDRSTRLEN], name[SHARERS][24], text[1024];
	uint32_t host = 0x0a000002;
	size_t at = (size_t)snprintf(text, sizeof(text), SITE PROVIDER);

	for (unsigned i = 0; i < SHARERS; i++, host = next_of_bit(host)) {
		if (!CHECK(host))
			return;
		text_of(host, address[i]);
		snprintf(name[i], sizeof(name[i]), "phone%u", i);
		if (i < devices)
			at += (size_t)snprintf(text + at, sizeof(text) - at,
					       "[device phone%u]\nmodel = t14-sip\naddress = %s\n",
					       i, address[i]);
	}
	begin(text, "one bit");
	for (unsigned i = 0; i < SHARERS; i++)
		check_flood(address[i], i < devices ? name[i] : "", 100);
}

/* A row of the policy before leads nowhere: the address is another's, or nobody's. */
static void test_reload(void)
{
	begin(SITE PROVIDER PBX "192.168.10.2\n", "before the loads");
	check_flood("192.168.10.2", "pbx", 10);
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(runner_reload(runner, SITE PROVIDER PBX "192.168.10.3\n"
								 "[device phone]\nmodel = t14-sip\n"
								 "address = 192.168.10.2\n"),
			 0);
		check_flood("192.168.10.2", "phone", 10);
		check_flood("192.168.10.3", "pbx", 10);
	}
	CHECK_EQ(runner_reload(runner, SITE PROVIDER PBX "192.168.10.3\n"), 0);
	check_flood("192.168.10.2", "", 10);
	check_flood("192.168.10.3", "pbx", 10);
}

int main(void)
{
	test_both_hooks();
	test_tc_alone();
	for (size_t i = 0; i < ARRAY_SIZE(passed); i++)
		test_passed(&passed[i]);
	test_two_addresses();
	test_watched_refusal("192.168.20.5", "192.168.10.2");
	test_watched_refusal("fd00::5", "fd00::2");
	for (unsigned devices = 1; devices <= SHARERS; devices++)
		test_shared_bit(devices);
	test_reload();
	runner_free(runner);
	return check_done();
}
