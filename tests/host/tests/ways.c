/* SPDX-License-Identifier: GPL-2.0 */
/*
 * forward = fast, without a kernel: which packets go from XDP to the interface that they leave by,
 * how they look then, and what may not be learned from. tests/e2e/forward.sh has it with real calls.
 */
#include <bpf/bpf.h>
#include <linux/pkt_cls.h>

#include "base/cleanup.h"
#include "check.h"
#include "host/box.h"
#include "host/maps.h"
#include "prog/runner.h"

#define LAN   1 /* interfaces, by their numbers */
#define WAN   2
#define OTHER 3 /* whose forward is not fast */
#define SPARE 4

#define PBX	  "192.168.10.2"
#define PROVIDER  "217.10.64.9"
#define MAC_PBX	  "02:00:00:00:00:01" /* what the PBX sends from, */
#define MAC_BOX	  "02:00:00:00:00:02" /* and to */
#define MAC_WAN	  "02:00:00:00:00:03" /* what the box sends from, */
#define MAC_NEXT  "02:00:00:00:00:04" /* and to: the next router */
#define MAC_GROUP "01:00:5e:00:00:04"
#define TICK	  (1u << AGFEO_TICK_SHIFT) /* in jiffies */

static const char configuration[] =
	"[site]\nnetworks = 192.168.10.0/24\n"
	"[interface lan0]\nrole = voice\nforward = fast\n"
	"[interface wan0]\nrole = uplink\nforward = fast\n"
	"[provider sipgate]\nnetworks = 217.10.64.0/20\n"
	"[device pbx]\nmodel = es-pure-ip-x-it\naddress = 192.168.10.2\n"
	"provider = sipgate\n";

static struct runner *runner;

struct row {
	const char *what;

	/* How a packet of the PBX left, from which the way is learned. 0 and NULL: routed to WAN. */
	bool unanswered;
	unsigned leaves, came;
	const char *to;
	bool bridged, tagged, by_itself, floods;
	unsigned segments;

	/* How the next one comes. 0 and NULL: at LAN, to the box, at once. */
	unsigned later, arrives; /* in ticks */
	const char *box;
	uint8_t ttl;
	unsigned mtu; /* of where it would leave */
	size_t size;
	bool reload;

	bool fast;
};

#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

static const struct row rows[] = {
	{"a routed packet", .fast = true},
	{"a bridged packet", .bridged = true, .fast = true},
	{"as long as a way holds", .later = AGFEO_WAY_TICKS, .fast = true},
	{"and no longer", .later = AGFEO_WAY_TICKS + 1},
	{"as long as fits", .size = 972, .mtu = 1000, .fast = true},
	{"and a byte more", .size = 973, .mtu = 1000},
	{"before anybody answered", .unanswered = true},
	{"in by another interface", .arrives = SPARE},
	{"for another router", .box = "02:00:00:00:00:99"},
	{"at the end of its life", .ttl = 1},
	{"after a load", .reload = true},

	{"the frame went to a group", .to = MAC_GROUP},
	{"a bridge flooded it", .floods = true},
	{"it left with a tag", .tagged = true},
	{"it left as a train of segments", .segments = 3},
	{"it left by an interface that is not fast", .leaves = OTHER},
	{"it came in by one that is not fast", .came = OTHER},
	{"it was the box's own", .by_itself = true},
};

/* ------------------------------------------------------------------ packets */

static struct run_result run(enum run_hook hook, const struct frame *frame)
{
	struct frame_bytes bytes = frame_build(frame);
	struct run_result result = {.verdict = -1};

	CHECK_EQ(runner_run(runner, hook, &bytes, &result), 0);
	return result;
}

static struct frame from_pbx(void)
{
	return (struct frame){UDP(PBX, 5064, PROVIDER, 5060), .payload_size = 300,
			      .source_mac = MAC_PBX, .destination_mac = MAC_BOX};
}

static void set_interface(uint32_t ifindex, enum agfeo_role role, uint32_t flags)
{
	const struct agfeo_interface interface = {.role = role, .flags = flags};

	CHECK_EQ(bpf_map_update_elem(runner_map(runner, "interfaces"), &ifindex, &interface,
				     BPF_ANY),
		 0);
}

/* A box on which nothing has passed yet. */
static void begin(void)
{
	runner_free(runner);
	runner = NULL;
	host_kernel = (struct host_kernel){0};
	CHECK_EQ(runner_open(configuration, &(struct runner_options){.live = true}, &runner), 0);
	set_interface(LAN, AGFEO_ROLE_VOICE, AGFEO_INTERFACE_FAST);
	set_interface(SPARE, AGFEO_ROLE_VOICE, AGFEO_INTERFACE_FAST);
	set_interface(WAN, AGFEO_ROLE_UPLINK, AGFEO_INTERFACE_FAST);
	set_interface(OTHER, AGFEO_ROLE_VOICE, 0);
}

/* The PBX asks, and its provider answers: both by the kernel. */
static void open_flow(bool answered)
{
	const struct frame out = from_pbx();
	const struct frame in = {UDP(PROVIDER, 5060, PBX, 5064), .payload_size = 300};

	runner_on(runner, LAN, 0);
	CHECK_EQ(run(RUN_VOICE, &out).verdict, XDP_PASS);
	if (!answered)
		return;
	runner_on(runner, WAN, 0);
	CHECK_EQ(run(RUN_UPLINK, &in).verdict, XDP_PASS);
	runner_on(runner, LAN, WAN);
	CHECK_EQ(run(RUN_TC, &in).verdict, TC_ACT_UNSPEC);
}

static struct frame as_it_leaves(const struct row *row)
{
	struct frame frame = from_pbx();

	if (row->bridged)
		return frame;
	frame.source_mac = MAC_WAN;
	frame.destination_mac = row->to ? row->to : MAC_NEXT;
	frame.ttl = 63;
	return frame;
}

/* tc_learn, which judges nothing. */
static void leave(const struct row *row, unsigned by)
{
	struct frame frame = as_it_leaves(row);
	struct frame_bytes bytes = frame_build(&frame), after = bytes;
	struct __sk_buff skb = {.ifindex = by,
				.ingress_ifindex = row->by_itself ? 0
						   : row->came	  ? row->came
								  : LAN};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = bytes.bytes, .data_size_in = bytes.length,
		    .data_out = after.bytes, .data_size_out = sizeof(after.bytes), .ctx_in = &skb,
		    .ctx_size_in = sizeof(skb));

	CHECK_EQ(bpf_prog_test_run_opts(host_box_pinned(HOST_PIN "/prog/tc_learn"), &opts), 0);
	CHECK_EQ((int)opts.retval, TC_ACT_UNSPEC);
	CHECK(!memcmp(after.bytes, bytes.bytes, bytes.length));
}

/* The kernel takes a packet, and where it sent it on is seen. */
static void learn(const struct row *row)
{
	const struct frame frame = from_pbx();

	runner_on(runner, row->came ? row->came : LAN, 0);
	CHECK_EQ(run(RUN_VOICE, &frame).verdict, XDP_PASS);
	host_kernel.tagged = row->tagged;
	host_kernel.segments = row->segments;
	host_kernel.mtu = row->mtu;
	leave(row, row->leaves ? row->leaves : WAN);
	if (row->floods)
		leave(row, SPARE);
	host_kernel.tagged = false;
	host_kernel.segments = 0;
}

/* ------------------------------------------------------------------ rows */

static uint64_t fast_packets(void)
{
	struct agfeo_flow4_key key;
	struct agfeo_flow flow = {0};
	int map = runner_map(runner, "signalling4");

	CHECK_EQ(bpf_map_get_next_key(map, NULL, &key), 0);
	CHECK_EQ(bpf_map_lookup_elem(map, &key, &flow), 0);
	runner_complete(runner, &key, &flow, NULL);
	return flow.direction[0].fast + flow.direction[1].fast;
}

/* Its frame is the one that the kernel would have sent. */
static void check_frame(const struct row *row, const struct run_result *result)
{
	struct frame wanted = as_it_leaves(row);
	struct frame_bytes bytes;

	wanted.payload_size = row->size ? row->size : wanted.payload_size;
	bytes = frame_build(&wanted);
	CHECK_EQ(result->frame.length, bytes.length);
	CHECK(!memcmp(result->frame.bytes, bytes.bytes, bytes.length));
	CHECK(frame_checksums_hold(&result->frame));
}

static void test_row(const struct row *row)
{
	struct frame frame = from_pbx();
	struct run_result result;

	CHECK_ROW(row->what);
	begin();
	open_flow(!row->unanswered);
	learn(row);
	if (row->reload)
		CHECK_EQ(runner_reload(runner, configuration), 0);
	host_kernel.jiffies += (uint64_t)row->later * TICK;
	frame.destination_mac = row->box ? row->box : MAC_BOX;
	frame.ttl = row->ttl;
	frame.payload_size = row->size ? row->size : frame.payload_size;
	runner_on(runner, row->arrives ? row->arrives : row->came ? row->came : LAN, 0);
	result = run(RUN_VOICE, &frame);
	CHECK_EQ(result.verdict, row->fast ? XDP_REDIRECT : XDP_PASS);
	CHECK_EQ(host_kernel.redirected, row->fast ? WAN : 0);
	CHECK_EQ(fast_packets(), row->fast);
	if (row->fast)
		check_frame(row, &result);
	CHECK_ROW(NULL);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		test_row(&rows[i]);
	runner_free(runner);
	return check_done();
}
