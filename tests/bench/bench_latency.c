/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a box adds to a call: how long its packets take, and how much later or earlier they follow
 * each other than they were sent, idle and while a flood comes in:
 *
 *	bench_latency OUT ROUNDS MILLISECONDS FLOOD NAME=PREFIX[=fast]...
 *
 * Namespaces as bench_live has them. Twenty G.711 calls go from g0 through the box to s0, where each
 * packet is sent back at once; clocks are read in XDP and tc (latency.bpf.c), so that neither a socket
 * nor a process that has to be woken counts. FLOOD is in frames a second, from another CPU if there is
 * one, unlisted, from random sources. fast: left out unless its packets pass the box's kernel by. In
 * turn: every contender idle and flooded, ROUNDS times.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "harness.h"
#include "payload.h"
#include "place.h"
#include "probe.h"
#include "sampler.h"

#include "latency.skel.h"

#define MOST	      16 /* contenders */
#define CALLS	      20
#define SPACING_NS    1000000 /* one of the calls' packets a millisecond: each every 20 */
#define FIRST_PACKETS (10 * CALLS)
#define STRAGGLERS_US 30000
#define BATCH	      64
#define FRAMES_MOST   2000000000
#define RTP_AT	      42

struct contender {
	char name[48], prefix[48], kind[8];
	bool out; /* it does not do what it is measured for */
	struct place place;
	int caller; /* a packet socket on g0 */
	unsigned interface;
	struct frame_bytes calls[CALLS];
	uint32_t turn; /* packets that each call has had: its RTP goes on where it was */
};

struct run {
	struct contender contenders[MOST];
	size_t count;
	struct bench *bench;
	struct latency *programs;
	struct bench_probe *probes;
	unsigned packets; /* of one measurement */
	unsigned flood;	  /* frames a second */
	int caller_cpu, flood_cpu;
	FILE *out;
};

/* ------------------------------------------------------------------ a contender stands up */

static int attach_xdp(const char *interface, const struct bpf_program *program)
{
	int err = bpf_xdp_attach((int)if_nametoindex(interface), bpf_program__fd(program),
				 XDP_FLAGS_DRV_MODE, NULL);

	return err ? fail(err, "%s: probe", interface) : 0;
}

/* After everybody's own filter. */
static int attach_egress(const char *interface, const struct bpf_program *program)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)if_nametoindex(interface),
		    .attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = bpf_program__fd(program), .handle = 1,
		    .priority = 0xffff);
	int err = bpf_tc_hook_create(&hook);

	if (!err || err == -EEXIST)
		err = bpf_tc_attach(&hook, &options);
	return err ? fail(err, "%s: probe", interface) : 0;
}

static int open_caller(struct contender *contender)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET};

	contender->interface = if_nametoindex("g0");
	to.sll_ifindex = (int)contender->interface;
	contender->caller = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (contender->caller < 0 || bind(contender->caller, (struct sockaddr *)&to, sizeof(to)))
		return fail(errno, "g0: socket");
	return 0;
}

static void make_calls(struct contender *contender)
{
	static uint8_t payload[PAYLOAD_MOST];

	for (unsigned i = 0; i < CALLS; i++) {
		struct rtp rtp = {.payload_type = 8, .ssrc = 0x20000 + i, .size = 160};
		struct frame frame = {UDP(NULL, 30000, "192.168.10.2", 5204 + 2 * i),
				      .no_udp_checksum = true, .payload = payload};
		char peer[32];

		snprintf(peer, sizeof(peer), "217.10.0.%u", i + 1);
		frame.source = peer;
		frame.payload_size = payload_rtp(payload, &rtp);
		contender->calls[i] = frame_build(&frame);
		memcpy(contender->calls[i].bytes, contender->place.mac, 6);
	}
}

static int stand_up(struct run *run, const char *text, struct contender *contender)
{
	int err;

	if (sscanf(text, "%47[^=]=%47[^=]=%7s", contender->name, contender->prefix,
		   contender->kind) < 2)
		return fail(EINVAL, "'%s': NAME=PREFIX[=fast]", text);
	err = place_open(contender->prefix, &contender->place);
	if (!err && !strcmp(contender->kind, "fast"))
		err = attach_egress("d1", run->programs->progs.count_kernel);
	if (!err)
		err = place_enter(contender->place.behind);
	if (!err)
		err = attach_xdp("s0", run->programs->progs.echo);
	if (!err)
		err = place_enter(contender->place.generator);
	if (!err)
		err = attach_xdp("g0", run->programs->progs.stamp_back);
	if (!err)
		err = attach_egress("g0", run->programs->progs.stamp_sent);
	if (!err)
		err = open_caller(contender);
	if (!err)
		make_calls(contender);
	return err;
}

/* ------------------------------------------------------------------ the flood */

struct flood {
	struct run *run;
	const struct contender *contender;
	atomic_bool ended;
	int err;
};

static void wake(int number)
{
	(void)number;
}

static void claim(int cpu, int priority)
{
	struct sched_param first = {.sched_priority = priority};
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) || sched_setscheduler(0, SCHED_FIFO, &first))
		warn("CPU %d, priority %d: %s: other programs get between", cpu, priority,
		     strerror(errno));
}

static void *send_flood(void *argument)
{
	static const struct mix_place here;
	struct flood *flood = argument;
	struct bench *bench = flood->run->bench;
	struct mix mix;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .repeat = FRAMES_MOST,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = BATCH);

	claim(flood->run->flood_cpu, 1);
	mix_make(MIX_FLOOD, 1, &here, &mix);
	mix_address(&mix, flood->contender->place.mac);
	mix.plan.interface = flood->contender->interface;
	mix.plan.gap_ns = 1000000000u / flood->run->flood;
	bench->bss->plan = mix.plan;
	opts.data_in = mix.frame.bytes;
	opts.data_size_in = mix.frame.length;
	flood->err =
		bpf_prog_test_run_opts(bpf_program__fd(bench->progs.send_random_in_time), &opts);
	if (flood->err == -EINTR)
		flood->err = 0;
	atomic_store(&flood->ended, true);
	return NULL;
}

static uint64_t flood_sent(const struct run *run)
{
	return *(volatile __u64 *)&run->bench->data->state.sent;
}

static int begin_flood(struct flood *flood, pthread_t *ret_thread)
{
	int err;

	flood->run->bench->data->state =
		(struct bench_state){.chance = flood->run->bench->data->state.chance | 1};
	err = pthread_create(ret_thread, NULL, send_flood, flood);
	if (err)
		return fail(err, "thread");
	while (!flood_sent(flood->run) && !atomic_load(&flood->ended))
		usleep(1000);
	return 0;
}

/* A signal that comes before the system call is lost: the next one is not. */
static int end_flood(struct flood *flood, pthread_t thread)
{
	while (!atomic_load(&flood->ended)) {
		pthread_kill(thread, SIGUSR1);
		usleep(2000);
	}
	pthread_join(thread, NULL);
	return flood->err ? fail(flood->err, "flood") : 0;
}

/* ------------------------------------------------------------------ the calls */

/* number: PROBES_MOST and more are not written down. */
static int send_packet(struct contender *contender, uint32_t packet, uint32_t number)
{
	struct frame_bytes *frame = &contender->calls[packet % CALLS];
	struct bench_probe_mark mark = {PROBE_MAGIC, number};
	uint8_t *rtp = frame->bytes + RTP_AT;
	uint32_t turn = contender->turn + packet / CALLS;

	rtp[2] = (uint8_t)(turn >> 8);
	rtp[3] = (uint8_t)turn;
	for (int i = 0; i < 4; i++)
		rtp[4 + i] = (uint8_t)((turn * 160) >> (24 - 8 * i));
	memcpy(frame->bytes + PROBE_AT, &mark, sizeof(mark));
	/* ENOBUFS: the box had no room for it. It is lost, as it would be at a network card. */
	if (send(contender->caller, frame->bytes, frame->length, 0) < 0 && errno != ENOBUFS)
		return fail(errno, "%s: g0", contender->name);
	return 0;
}

static void wait_until(struct timespec *at)
{
	at->tv_nsec += SPACING_NS;
	if (at->tv_nsec >= 1000000000) {
		at->tv_nsec -= 1000000000;
		at->tv_sec++;
	}
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, at, NULL);
}

static int call(struct contender *contender, unsigned packets)
{
	struct timespec at;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &at);
	for (uint32_t i = 0; !err && i < FIRST_PACKETS + packets; i++) {
		bool counts = i >= FIRST_PACKETS;

		wait_until(&at);
		err = send_packet(contender, i, counts ? i - FIRST_PACKETS : PROBES_MOST);
	}
	usleep(STRAGGLERS_US);
	contender->turn += (FIRST_PACKETS + packets + CALLS - 1) / CALLS;
	return err;
}

/* ------------------------------------------------------------------ what was seen */

/* value_of: ns, or negative: none. */
static void tell_list(struct run *run, const char *name,
		      long long (*value_of)(const struct bench_probe *, unsigned))
{
	const char *between = "";

	fprintf(run->out, ",\"%s\":[", name);
	for (unsigned i = 0; i < run->packets; i++) {
		long long value = value_of(run->probes, i);

		if (value < 0)
			continue;
		fprintf(run->out, "%s%lld", between, value);
		between = ",";
	}
	fprintf(run->out, "]");
}

static long long round_trip(const struct bench_probe *probes, unsigned i)
{
	return probes[i].sent && probes[i].back ? (long long)(probes[i].back - probes[i].sent) : -1;
}

static long long one_way(const struct bench_probe *probes, unsigned i)
{
	return probes[i].sent && probes[i].there ? (long long)(probes[i].there - probes[i].sent)
						 : -1;
}

/* How much later or earlier than it was sent a packet follows the one before it of its call. */
static long long distortion(const struct bench_probe *probes, unsigned i)
{
	long long now, before;

	if (i < CALLS)
		return -1;
	now = one_way(probes, i);
	before = one_way(probes, i - CALLS);
	return now < 0 || before < 0 ? -1 : llabs(now - before);
}

static int measure_one(struct run *run, struct contender *contender, unsigned round, bool flooded)
{
	struct flood flood = {.run = run, .contender = contender};
	uint64_t sent = 0;
	pthread_t thread;
	double began;
	int err, ended = 0;

	memset(run->probes, 0, PROBES_MOST * sizeof(*run->probes));
	err = place_enter(contender->place.generator);
	if (!err && flooded)
		err = begin_flood(&flood, &thread);
	if (err)
		return err;
	began = now_seconds();
	sent = flood_sent(run);
	err = call(contender, run->packets);
	sent = flood_sent(run) - sent;
	began = now_seconds() - began;
	if (flooded)
		ended = end_flood(&flood, thread);
	if (err || ended)
		return err ? err : ended;
	fprintf(run->out,
		"{\"part\":\"latency\",\"name\":\"%s\",\"at\":%u,\"round\":%u,\"packets\":%u,"
		"\"flood\":%.0f",
		contender->name, flooded ? run->flood : 0, round, run->packets,
		flooded ? (double)sent / began : 0.0);
	tell_list(run, "round_trip", round_trip);
	tell_list(run, "one_way", one_way);
	tell_list(run, "distortion", distortion);
	fprintf(run->out, "}\n");
	return 0;
}

/* ------------------------------------------------------------------ all of it */

static int open_programs(struct run *run)
{
	int err = harness_open(MOST, &run->bench);

	if (err)
		return err;
	run->programs = latency__open_and_load();
	if (!run->programs)
		return fail(errno, "the kernel refuses the probes");
	run->probes = mmap(NULL, PROBES_MOST * sizeof(*run->probes), PROT_READ | PROT_WRITE,
			   MAP_SHARED, bpf_map__fd(run->programs->maps.probes), 0);
	return run->probes == MAP_FAILED ? fail(errno, "probes") : 0;
}

static int try_fast(struct run *run, struct contender *contender)
{
	int err = place_enter(contender->place.generator);

	if (!err)
		err = call(contender, 0);
	if (!err)
		run->programs->bss->by_kernel = 0;
	if (!err)
		err = call(contender, 0);
	contender->out = !err && run->programs->bss->by_kernel > CALLS;
	if (contender->out)
		warn("%s: left out: its calls take the kernel's way", contender->name);
	return err;
}

static int measure(struct run *run, unsigned rounds, char **texts, size_t count)
{
	int err = sampler_alone();

	if (!err)
		err = open_programs(run);
	for (; !err && run->count < count && run->count < MOST; run->count++) {
		struct contender *contender = &run->contenders[run->count];

		err = stand_up(run, texts[run->count], contender);
		if (!err && !strcmp(contender->kind, "fast"))
			err = try_fast(run, contender);
	}
	claim(run->caller_cpu, 2);
	for (unsigned round = 0; !err && round < rounds; round++)
		for (size_t i = 0; !err && i < 2 * run->count; i++)
			if (!run->contenders[i / 2].out)
				err = measure_one(run, &run->contenders[i / 2], round, i % 2);
	return err;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = wake};
	static struct run run;
	int err;

	if (argc < 6) {
		fprintf(stderr,
			"usage: bench_latency OUT ROUNDS MILLISECONDS FLOOD NAME=PREFIX...\n");
		return 2;
	}
	sigaction(SIGUSR1, &action, NULL);
	run.packets = (unsigned)atoi(argv[3]) * (1000000 / SPACING_NS);
	run.flood = (unsigned)atoi(argv[4]);
	run.flood_cpu = (int)sysconf(_SC_NPROCESSORS_ONLN) - 1;
	if (!run.packets || run.packets > PROBES_MOST || !run.flood)
		return fail(EINVAL, "1 to %d milliseconds, a flood of at least 1", PROBES_MOST) ? 1
												: 0;
	run.out = fopen(argv[1], "we");
	if (!run.out)
		return fail(errno, "%s", argv[1]) ? 1 : 0;
	err = measure(&run, (unsigned)atoi(argv[2]), argv + 5, (size_t)argc - 5);
	fclose(run.out);
	return err ? 1 : 0;
}
