/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a kernel does seldom and the programs must bear: packets that are not in one piece, trains of
 * segments, a ring buffer or tables without room, no memory of their own; and policies that change
 * under a live flow.
 */
#include <bpf/bpf.h>
#include <linux/pkt_cls.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "check.h"
#include "host/box.h"
#include "host/maps.h"
#include "payload.h"
#include "prog/runner.h"

#define SITE	 "[site]\nnetworks = 192.168.10.0/24, fd00:10::/64\n"
#define PROVIDED "[provider sipgate]\nnetworks = 217.10.64.0/20, 2001:db8:64::/48\n"
#define PBX	 "[device pbx]\nmodel = es-pure-ip-x-it\naddress = 192.168.10.2, fd00:10::2\n"

static const char configuration[] = SITE PROVIDED PBX "provider = sipgate\n";
static const char elsewhere[] =
	SITE "[provider other]\nnetworks = 198.51.100.0/24\n" PBX "provider = other\n";
static const char watched[] = SITE PROVIDED PBX "provider = sipgate\nmode = monitor\n";
static const char closed[] = "[site]\nnetworks = 192.168.10.0/24\nunknown = drop\n" PROVIDED PBX;
static const char nobody[] = SITE "[device other]\nmodel = t14-sip\naddress = 192.168.10.99\n";

static struct runner *runner;

static struct run_result run(enum run_hook hook, const struct frame *frame)
{
	struct frame_bytes bytes = frame_build(frame);
	struct run_result result = {.verdict = -1};

	CHECK_EQ(runner_run(runner, hook, &bytes, &result), 0);
	return result;
}

static const char *reason_of(enum run_hook hook, const struct frame *frame)
{
	return reason_label(run(hook, frame).told.reason);
}

/* A new box at one second; the kernel does as kernels mostly do. */
static void begin_with(const char *text, const char *what)
{
	runner_free(runner);
	runner = NULL;
	host_kernel = (struct host_kernel){0};
	host_limit_updates(-1);
	CHECK_ROW(what);
	CHECK_EQ(runner_open(text, &(struct runner_options){0}, &runner), 0);
	CHECK_EQ(runner_at(runner, SECOND), 0);
}

static void begin(const char *what)
{
	begin_with(configuration, what);
}

static struct frame voice(uint8_t *payload)
{
	struct rtp rtp = {.payload_type = 8, .sequence = 1, .ssrc = 1, .size = 160};
	size_t size = payload_rtp(payload, &rtp);

	return (struct frame){UDP("217.10.64.9", 30000, "192.168.10.2", 5204), .payload = payload,
			      .payload_size = size};
}

static const struct frame telnet = {TCP("192.168.10.77", 40000, "192.168.10.2", 23, SYN)};
static const struct frame scan = {UDP("198.51.100.7", 40000, "192.168.10.2", 9999),
				  .payload_size = 30};
static const struct frame options4 = {UDP("192.168.10.2", 5064, "217.10.64.9", 5060),
				      .payload_size = 300};
static const struct frame options6 = {UDP("fd00:10::2", 5064, "2001:db8:64::9", 5060),
				      .payload_size = 300};

/* Headers that are not at hand are asked for: the mark is the same. */
static void test_pieces(void)
{
	uint8_t payload[PAYLOAD_MOST];
	struct frame frame = voice(payload);
	struct run_result result;

	begin("a packet in pieces");
	host_kernel.linear = 20;
	result = run(RUN_TC, &frame);
	CHECK(result.passed);
	CHECK_EQ(result.told.dscp_out, AGFEO_EF);
	CHECK(frame_checksums_hold(&result.frame));
	CHECK_STR(reason_label(result.told.reason), "listed");
}

static uint64_t packets_of(const char *map, const void *key)
{
	struct agfeo_voice_flow flow = {};

	CHECK_EQ(bpf_map_lookup_elem(runner_map(runner, map), key, &flow), 0);
	return flow.flow.direction[0].packets + flow.flow.direction[1].packets;
}

static void test_train(void)
{
	uint8_t payload[PAYLOAD_MOST];
	struct frame frame = voice(payload);
	struct agfeo_flow4_key key;

	begin("a train of segments");
	host_kernel.segments = 3;
	CHECK(run(RUN_TC, &frame).passed);
	CHECK_EQ(bpf_map_get_next_key(runner_map(runner, "voice4"), NULL, &key), 0);
	CHECK_EQ(packets_of("voice4", &key), 3);
}

static uint32_t suppressed(void)
{
	struct budget {
		uint32_t tokens, filled, suppressed, pad;
	} budgets[HOST_CPUS];
	uint32_t zero = 0;

	CHECK_EQ(bpf_map_lookup_elem(runner_map(runner, "event_budgets"), &zero, budgets), 0);
	return budgets[0].suppressed;
}

static void test_events(void)
{
	begin("nobody reads the ring");
	host_kernel.no_ring = true;
	CHECK(!run(RUN_TC, &telnet).passed);
	CHECK_EQ(suppressed(), 1);
	host_kernel.no_ring = false;
	CHECK(!run(RUN_TC, &telnet).passed);
	CHECK_EQ(suppressed(), 0);

	begin("more events than a tick may send");
	for (int i = 0; i < 100; i++)
		CHECK(!run(RUN_TC, &telnet).passed);
	CHECK(suppressed() > 0);
}

/* A flood to ports that nobody lists, told of by the sum alone, is refused and charged whole. */
static void test_flood(void)
{
	struct agfeo_device_counter sums[HOST_CPUS] = {0};
	unsigned drop = AGFEO_REASON_NOT_LISTED - AGFEO_FIRST_DROP_REASON;
	uint32_t pbx = 0;

	begin("a flood of UDP");
	for (int i = 0; i < 200; i++) {
		struct run_result result = run(RUN_TC, &scan);

		pbx = result.told.device[1];
		CHECK(!result.passed);
		CHECK_STR(reason_label(result.told.reason), "not-listed");
		CHECK_STR(runner_device(runner, pbx), "pbx");
	}
	CHECK_EQ(bpf_map_lookup_elem(runner_map(runner, "device_counters"), &pbx, sums), 0);
	CHECK_EQ(sums[0].drops[drop], 200);
	CHECK(suppressed() > 100);
}

/* Of a flood that came in by a voice interface XDP has told; tc refuses it again, and tells nobody. */
static void test_flood_seen(void)
{
	uint32_t before;

	begin("a flood that two hooks refuse");
	CHECK_EQ(runner_set_role(runner, 2, AGFEO_ROLE_VOICE), 0);
	for (int i = 0; i < 100; i++)
		CHECK(!run(RUN_VOICE, &scan).passed);
	before = suppressed();
	runner_on(runner, 1, 2);
	CHECK(!run(RUN_TC, &scan).passed);
	CHECK_EQ(suppressed(), before);
}

/* A device that is only watched gets all of it. */
static void test_flood_watched(void)
{
	begin_with(watched, "a flood that is only watched");
	for (int i = 0; i < 100; i++) {
		struct run_result result = run(RUN_TC, &scan);

		CHECK(result.passed);
		CHECK_STR(reason_label(result.told.reason), "not-listed");
		CHECK_EQ(result.told.monitor, 1);
	}
}

/* UDP that is no device's: it passes, but where the configuration closes the box or an uplink. */
static void test_strangers(void)
{
	static const struct frame out = {UDP("192.168.10.77", 40000, "198.51.100.7", 9999),
					 .payload_size = 30};
	static const struct frame in = {UDP("198.51.100.7", 40000, "203.0.113.2", 9999),
					.payload_size = 30};
	static const struct frame forwarded = {UDP("198.51.100.7", 40000, "203.0.113.2", 5060),
					       .payload_size = 30};

	begin("strangers");
	CHECK_STR(reason_of(RUN_VOICE, &out), "no-device");
	CHECK(run(RUN_VOICE, &out).passed);
	CHECK_STR(reason_of(RUN_UPLINK, &in), "no-device");
	CHECK(run(RUN_UPLINK, &in).passed);
	CHECK_STR(reason_of(RUN_UPLINK, &forwarded), "scope");
	CHECK(!run(RUN_UPLINK, &forwarded).passed);

	begin_with(closed, "strangers where only devices may be");
	CHECK_STR(reason_of(RUN_VOICE, &out), "unknown-host");
	CHECK(!run(RUN_VOICE, &out).passed);
}

/* A table without room: the packet passes all the same, and the next is a first one again. */
static void test_no_room(const struct frame *frame, const char *what)
{
	begin(what);
	host_limit_updates(0);
	CHECK_STR(reason_of(RUN_VOICE, frame), "listed");
	CHECK_STR(reason_of(RUN_VOICE, frame), "listed");
	host_limit_updates(-1);
	CHECK_STR(reason_of(RUN_VOICE, frame), "listed");
	CHECK_STR(reason_of(RUN_VOICE, frame), "flow");
}

/* Without its own memory a program lets everything be, rather than cut a company off. */
static void test_no_memory(void)
{
	begin("no memory of its own");
	host_kernel.no_maps = true;
	CHECK_EQ(run(RUN_TC, &telnet).verdict, TC_ACT_UNSPEC);
	CHECK_EQ(run(RUN_VOICE, &telnet).verdict, XDP_PASS);
	host_kernel.no_maps = false;
}

static void test_reloads(const struct frame *frame, const char *what)
{
	begin(what);
	CHECK_STR(reason_of(RUN_VOICE, frame), "listed");
	CHECK_EQ(runner_reload(runner, elsewhere), 0);
	CHECK_STR(reason_of(RUN_VOICE, frame), "scope");
	CHECK_EQ(runner_reload(runner, configuration), 0);
	CHECK_STR(reason_of(RUN_VOICE, frame), "listed");
	CHECK_EQ(runner_reload(runner, configuration), 0);
	CHECK_STR(reason_of(RUN_VOICE, frame), "flow");
	CHECK_EQ(runner_reload(runner, nobody), 0);
	CHECK_STR(reason_of(RUN_VOICE, frame), "no-device");
}

int main(void)
{
	test_pieces();
	test_train();
	test_events();
	test_flood();
	test_flood_seen();
	test_flood_watched();
	test_strangers();
	test_no_room(&options4, "no room for a flow");
	test_no_room(&options6, "no room for a flow of IPv6");
	test_no_memory();
	test_reloads(&options4, "a policy that forbids what it allowed");
	test_reloads(&options6, "the same of IPv6");
	runner_free(runner);
	return check_done();
}
