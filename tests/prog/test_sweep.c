/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sweeping under the datapath's feet: what expired goes, what lives stays and is found, also while
 * flows begin on another CPU. The maps are those of programs that run, pinned on a bpffs of a mount
 * namespace of its own. Needs root.
 */
#include <agfeo/flow_index.h>
#include <bpf/bpf.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "check.h"
#include "kernel/pins.h"
#include "kernel/sweep.h"
#include "kernel/sweep_index.h"
#include "kernel/walk.h"
#include "payload.h"
#include "runner.h"
#include "runner_pins.h"

static const char configuration[] = "[site]\n"
				    "networks = 192.168.10.0/24, fd00:10::/64\n"
				    "new-flows = 0\n"
				    "[device pbx]\n"
				    "model = es-pure-ip-x-it\n"
				    "address = 192.168.10.2, fd00:10::2\n";

#define PBX4   "192.168.10.2"
#define PBX6   "fd00:10::2"
#define DNS4   "198.51.100.53"
#define DNS6   "2001:db8::53"
#define MINUTE (60 * SECOND)
#define FLOWS  300

static struct runner *runner;
static struct agfeo_flow_index *shared; /* the index, as the datapath has it */

/* ------------------------------------------------------------------ the box */

static bool pin_maps(void)
{
	static const char *const names[] = {"voice4",	"voice6",   "signalling4", "signalling6",
					    "others4",	"others6",  "fragments4",  "fragments6",
					    "sources4", "sources6", "flow_index"};
	bool pinned = true;

	for (size_t i = 0; pinned && i < ARRAY_SIZE(names); i++)
		pinned = CHECK_EQ(pins_put(own_pin, "map", names[i], runner_map(runner, names[i])),
				  0);
	return pinned;
}

static bool open_box(void)
{
	if (!own_pins_begin() ||
	    !CHECK_EQ(runner_open(configuration, &(struct runner_options){0}, &runner), 0) ||
	    !pin_maps())
		return false;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED,
		      runner_map(runner, "flow_index"), 0);
	return CHECK(shared != MAP_FAILED);
}

static void close_box(void)
{
	munmap(shared, sizeof(*shared));
	runner_free(runner);
	own_pins_end();
}

/* The clock of replay: a tick is 2^26 ns. */
static struct flow_clock clock_at(uint64_t ns)
{
	return (struct flow_clock){.tick = (uint32_t)(ns >> AGFEO_REPLAY_TICK_SHIFT) + 1,
				   .tick_ns = 1ull << AGFEO_REPLAY_TICK_SHIFT,
				   .now_ns = ns};
}

/* ------------------------------------------------------------------ traffic */

static struct run_result run(enum run_hook hook, const struct frame *frame)
{
	struct frame_bytes bytes = frame_build(frame);
	struct run_result result = {.verdict = -1};

	if (runner_run(runner, hook, &bytes, &result))
		check_state.failed++;
	return result;
}

/* The PBX asks a name server, from a port of its own; the server answers. */
static bool asks(uint16_t port, bool v6)
{
	struct frame frame = {UDP(PBX4, port, DNS4, 53)};
	struct frame frame6 = {UDP(PBX6, port, DNS6, 53)};

	return run(RUN_VOICE, v6 ? &frame6 : &frame).passed;
}

static bool answered(uint16_t port, bool v6)
{
	struct frame frame = {UDP(DNS4, 53, PBX4, port)};
	struct frame frame6 = {UDP(DNS6, 53, PBX6, port)};

	return run(RUN_UPLINK, v6 ? &frame6 : &frame).passed;
}

/* Voice on the PBX's RTP ports, both directions. */
static void talks(uint16_t port)
{
	uint8_t payload[PAYLOAD_MOST];
	struct rtp rtp = {.payload_type = 8, .sequence = 1, .ssrc = 1, .size = 160};
	size_t size = payload_rtp(payload, &rtp);
	struct frame out = {UDP(PBX4, port, "192.168.10.77", 30000), .payload = payload,
			    .payload_size = size};

	CHECK(run(RUN_VOICE, &out).passed);
}

static uint64_t entries(const char *name)
{
	uint64_t count = 0;

	CHECK_EQ(walk_count(runner_map(runner, name), &count), 0);
	return count;
}

static unsigned ended;

static void count_end(const struct flow_record *record, void *context)
{
	(void)context;
	ended++;
	CHECK(record->port[0] != 0 && record->port[1] != 0);
}

static struct swept sweep(uint64_t at, uint64_t observed_ns)
{
	const struct agfeo_settings settings = {.idle_fragment = 15, .rate = 1024, .burst = 10};
	const struct flow_clock clock = clock_at(at);
	const struct sweep_request request = {.pin = own_pin,
					      .clock = &clock,
					      .settings = &settings,
					      .observed_ns = observed_ns,
					      .ended = count_end};
	struct swept swept = {.flows = 0};

	CHECK_EQ(sweep_tables(&request, &swept), 0);
	return swept;
}

static struct index_swept sweep_index(struct index_sweep *index)
{
	struct index_swept swept = {.cleared = 0};

	CHECK_EQ(index_sweep_run(index, &swept), 0);
	return swept;
}

static uint64_t index_bits(void)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < sizeof(*shared); i++)
		bits += (unsigned)__builtin_popcount(((const __u8 *)shared)[i]);
	return bits;
}

/* ------------------------------------------------------------------ the tests */

static void open_flows(void)
{
	unsigned wrong = 0;

	runner_at(runner, MINUTE);
	for (uint16_t i = 0; i < FLOWS; i++)
		wrong += !asks((uint16_t)(20000 + i), i % 2);
	talks(5204);
	runner_at(runner, 60 * MINUTE);
	for (uint16_t i = 0; i < FLOWS; i++)
		wrong += !asks((uint16_t)(40000 + i), i % 2);
	CHECK_EQ(wrong, 0);
	CHECK_EQ(entries("others4"), FLOWS);
	CHECK_EQ(entries("others6"), FLOWS);
	CHECK_EQ(entries("voice4"), 1);
}

/* Each place that user space works out is the datapath's: nothing to mend, nothing stale. */
static void test_agrees(struct index_sweep *index)
{
	uint64_t bits = index_bits();
	struct index_swept first = sweep_index(index), second = sweep_index(index);

	CHECK_EQ(first.cleared + first.mended + second.cleared + second.mended, 0);
	CHECK_EQ(index_bits(), bits);
	CHECK(bits > 4 * FLOWS - 30);
}

static void test_tables(void)
{
	struct swept swept;

	CHECK_ROW("nothing is dead for long enough");
	swept = sweep(MINUTE + 50 * SECOND, UINT64_MAX);
	CHECK_EQ(swept.flows, 0);
	CHECK_ROW("the old half is, but its voice is not observed yet");
	swept = sweep(60 * MINUTE, 0);
	CHECK_EQ(swept.flows, FLOWS);
	CHECK_EQ(ended, FLOWS);
	CHECK(!swept.more);
	CHECK_EQ(entries("voice4"), 1);
	CHECK_ROW("now it is");
	swept = sweep(60 * MINUTE, 59 * MINUTE);
	CHECK_EQ(swept.flows, 1);
	CHECK_EQ(entries("voice4"), 0);
	CHECK_EQ(entries("others4") + entries("others6"), FLOWS);
	CHECK_ROW("a clock that is a little behind kills nobody");
	CHECK_EQ(sweep(60 * MINUTE - SECOND, UINT64_MAX).flows, 0);
	CHECK_ROW(NULL);
}

static unsigned unanswered(void)
{
	unsigned count = 0;

	for (uint16_t i = 0; i < FLOWS; i++)
		count += !answered((uint16_t)(40000 + i), i % 2);
	return count;
}

static void test_index(struct index_sweep *index)
{
	uint64_t before = index_bits();
	struct index_swept swept;

	CHECK_ROW("stale for the first time: left alone");
	swept = sweep_index(index);
	CHECK_EQ(swept.cleared, 0);
	CHECK_EQ(index_bits(), before);
	CHECK_ROW("for the second: cleared");
	swept = sweep_index(index);
	CHECK(swept.cleared > 2 * FLOWS - 30);
	CHECK_EQ(index_bits(), before - swept.cleared);
	CHECK_EQ(swept.mended, 0);
	CHECK_EQ(unanswered(), 0);
	CHECK_ROW("bits that were lost are mended");
	memset(shared, 0, sizeof(*shared));
	CHECK_EQ(unanswered(), FLOWS);
	swept = sweep_index(index);
	CHECK_EQ(swept.mended, index_bits());
	CHECK_EQ(unanswered(), 0);
	CHECK_ROW(NULL);
}

static void test_small_tables(void)
{
	struct agfeo_fragment4_key fragment = {.source = 1};
	struct agfeo_fragment old = {.seen = 1}, fresh = {.seen = clock_at(60 * MINUTE).tick};
	struct agfeo_bucket bucket = {.filled = 1}, filled = {.filled = fresh.seen};
	int fragments = runner_map(runner, "fragments4"), sources = runner_map(runner, "sources4");
	struct swept swept;
	__u32 source = 1;

	CHECK(!bpf_map_update_elem(fragments, &fragment, &old, BPF_ANY));
	CHECK(!bpf_map_update_elem(sources, &source, &bucket, BPF_ANY));
	fragment.source = source = 2;
	CHECK(!bpf_map_update_elem(fragments, &fragment, &fresh, BPF_ANY));
	CHECK(!bpf_map_update_elem(sources, &source, &filled, BPF_ANY));
	swept = sweep(60 * MINUTE, UINT64_MAX);
	CHECK_EQ(swept.fragments, 1);
	CHECK_EQ(swept.sources, 1);
	CHECK(!bpf_map_lookup_elem(fragments, &fragment, &fresh));
	CHECK(!bpf_map_lookup_elem(sources, &source, &bucket));
}

/* ------------------------------------------------------------------ both at once */

static bool stop;
static unsigned opened;

static void *open_more(void *unused)
{
	for (unsigned i = 0; !__atomic_load_n(&stop, __ATOMIC_RELAXED); i++) {
		asks((uint16_t)(1024 + i % 60000), i / 60000 % 2);
		opened++;
	}
	return unused;
}

/* Every bit is stale when the flows begin: the worst that can meet them. In the end each is found. */
static void test_index_under_traffic(struct index_sweep *index)
{
	uint64_t cleared = 0;
	pthread_t thread;

	memset(shared, 0x0f, sizeof(*shared));
	sweep_index(index);
	CHECK(!pthread_create(&thread, NULL, open_more, NULL));
	for (int i = 0; i < 12; i++) {
		cleared += sweep_index(index).cleared;
		for (size_t at = 0; i % 2 && at < AGFEO_FLOW_INDEX_SIZE; at++)
			__atomic_fetch_or(&shared->tables[at], 0x0f, __ATOMIC_SEQ_CST);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	CHECK(cleared > AGFEO_FLOW_INDEX_SIZE);
	CHECK(opened > 1000);
	CHECK_EQ(sweep_index(index).mended, 0);
}

struct revival {
	int map;
	struct agfeo_flow4_key key;
	struct agfeo_flow fresh;
	unsigned delay;
};

static void *revive(void *context)
{
	const struct revival *revival = context;

	for (volatile unsigned i = 0; i < revival->delay; i++)
		;
	CHECK(!bpf_map_update_elem(revival->map, &revival->key, &revival->fresh, BPF_ANY));
	return NULL;
}

/* A flow long dead begins anew while it is swept: whoever comes first, it must live in the end. */
static void test_revival(void)
{
	struct revival revival = {
		.map = runner_map(runner, "others4"),
		.key = {.low = 17ull << 48 | 0xc0a80a020400, .high = 0xc0a80a630400}};
	uint64_t now = 600 * MINUTE;
	unsigned lost = 0, swept_first = 0;

	revival.fresh.idle = 100;
	revival.fresh.direction[0].seen = clock_at(now).tick;
	for (unsigned i = 0; i < 200; i++) {
		struct agfeo_flow flow = {.idle = 100, .direction[0].seen = 1};
		pthread_t thread;

		revival.delay = i * 200;
		CHECK(!bpf_map_update_elem(revival.map, &revival.key, &flow, BPF_ANY));
		CHECK(!pthread_create(&thread, NULL, revive, &revival));
		swept_first += sweep(now, UINT64_MAX).flows > 0;
		pthread_join(thread, NULL);
		lost += bpf_map_lookup_elem(revival.map, &revival.key, &flow) != 0 ||
			flow.direction[0].seen != revival.fresh.direction[0].seen;
	}
	CHECK_EQ(lost, 0);
	printf("of 200 the sweep was first %u times\n", swept_first);
}

int main(void)
{
	struct index_sweep *index = NULL;

	if (!runner_place() || !open_box())
		return check_done();
	open_flows();
	if (CHECK_EQ(index_sweep_open(own_pin, &index), 0)) {
		test_agrees(index);
		test_tables();
		test_index(index);
		test_small_tables();
		test_index_under_traffic(index);
		test_revival();
	}
	index_sweep_free(index);
	close_box();
	return check_done();
}
