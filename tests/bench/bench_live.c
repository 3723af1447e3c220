/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a box carries, on one CPU that also makes the frames, beside what else could stand there:
 *
 *	bench_live OUT SAMPLES SECONDS NAME=PREFIX[=FLOOR[=PARTS]]...
 *
 * Each contender has namespaces of its own, PREFIX-gen, PREFIX-dut and PREFIX-snk, wired g0 - d0 and
 * d1 - s0 (bench.sh makes them). FLOOR is an XDP program of ours on d0: drop, parse, pass, redirect;
 * or none; or fast: none, but packets must come by XDP, or the contender is left out. PARTS are the
 * letters of what is measured: f flood, a accept of 100 flows, m of 10,000, x both with one device at
 * 10.1.0.0, X with 10,000 from there on.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "harness.h"
#include "place.h"
#include "sampler.h"

#define FRAMES_FLOOD  200000
#define FRAMES_ACCEPT 80000
#define FIRST_FRAME   4096 /* before it pages are new and flows unknown */
#define BATCH	      64
#define TRIES	      3
#define MOST	      64
#define DEVICES_AT    0x0a010000 /* 10.1.0.0 */
#define SINK_PRIORITY 0xffff	 /* after everybody's filter */

struct contender {
	char name[48], prefix[48], floor[16], parts[8];
	bool out; /* it does not do what it is measured for */
	struct place place;
};

struct live_cell {
	struct bench *bench;
	const struct contender *contender;
	struct mix mix;
	uint64_t frames;
	uint32_t round; /* of its streams: they go on where they were */
	bool drops;
	bool warm;
};

/* ------------------------------------------------------------------ a contender stands up */

static int read_contender(const char *text, struct contender *contender)
{
	*contender = (struct contender){.floor = "none", .parts = "fa"};
	if (sscanf(text, "%47[^=]=%47[^=]=%15[^=]=%7s", contender->name, contender->prefix,
		   contender->floor, contender->parts) < 2)
		return fail(0, "'%s': NAME=PREFIX[=FLOOR[=PARTS]]", text);
	return place_open(contender->prefix, &contender->place);
}

static int attach_sink(struct bench *bench)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)if_nametoindex("d1"),
		    .attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = bpf_program__fd(bench->progs.sink_tc),
		    .handle = 1, .priority = SINK_PRIORITY);
	int err = bpf_tc_hook_create(&hook);

	if (!err || err == -EEXIST)
		err = bpf_tc_attach(&hook, &options);
	return err ? fail(err, "d1: sink") : 0;
}

static bool is_fast(const struct contender *contender)
{
	return !strcmp(contender->floor, "fast");
}

static int attach_floor(struct bench *bench, const struct contender *contender)
{
	const struct {
		const char *name;
		const struct bpf_program *program;
	} floors[] = {
		{"drop", bench->progs.floor_drop},
		{"parse", bench->progs.floor_parse},
		{"pass", bench->progs.floor_pass},
		{"redirect", bench->progs.floor_redirect},
	};
	int err;

	for (size_t i = 0; i < ARRAY_SIZE(floors); i++) {
		if (strcmp(floors[i].name, contender->floor))
			continue;
		err = bpf_xdp_attach((int)if_nametoindex("d0"), bpf_program__fd(floors[i].program),
				     XDP_FLAGS_DRV_MODE, NULL);
		return err ? fail(err, "%s: d0", contender->name) : 0;
	}
	return strcmp(contender->floor, "none") && !is_fast(contender)
		       ? fail(0, "no floor '%s'", contender->floor)
		       : 0;
}

static int attach_sink_behind(struct bench *bench)
{
	int err = bpf_xdp_attach((int)if_nametoindex("s0"), bpf_program__fd(bench->progs.sink_xdp),
				 XDP_FLAGS_DRV_MODE, NULL);

	return err ? fail(err, "s0: sink") : 0;
}

static int stand_up(struct bench *bench, struct contender *contender)
{
	bool redirects = !strcmp(contender->floor, "redirect");
	int err = place_enter(contender->place.box);

	if (!err)
		err = attach_sink(bench);
	if (!err)
		err = attach_floor(bench, contender);
	if (!err && redirects)
		bench->bss->redirect_to = if_nametoindex("d1");
	if (!err && (redirects || is_fast(contender)))
		err = place_enter(contender->place.behind);
	if (!err && (redirects || is_fast(contender)))
		err = attach_sink_behind(bench);
	return err;
}

/* ------------------------------------------------------------------ a sample */

static int run(struct live_cell *cell, uint64_t frames)
{
	struct bench *bench = cell->bench;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = cell->mix.frame.bytes,
		    .data_size_in = cell->mix.frame.length, .repeat = (int)frames,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = BATCH);
	int err;

	cell->mix.plan.first = FIRST_FRAME;
	cell->mix.plan.last = frames - 1;
	bench->bss->plan = cell->mix.plan;
	bench->data->state =
		(struct bench_state){.chance = bench->data->state.chance | 1, .round = cell->round};
	bench->bss->sunk = (struct bench_sink){};
	err = bpf_prog_test_run_opts(bpf_program__fd(cell->mix.plan.random
							     ? bench->progs.send_random
							     : bench->progs.send_voice),
				     &opts);
	cell->round = bench->data->state.round;
	return err ? fail(err, "live frames") : 0;
}

static bool is_lost(const struct live_cell *cell, const struct bench_sink *sunk)
{
	return !cell->drops && cell->mix.plan.rtp &&
	       sunk->packets < cell->frames - cell->frames / 100;
}

static int check(const struct live_cell *cell, const struct bench_sink *sunk)
{
	if (cell->drops && sunk->packets)
		return fail(0, "%s let %llu packets of the flood through", cell->contender->name,
			    (unsigned long long)sunk->packets);
	if (is_lost(cell, sunk))
		return fail(0, "%s lost packets: %llu of %llu arrived", cell->contender->name,
			    (unsigned long long)sunk->packets, (unsigned long long)cell->frames);
	return 0;
}

static int take(const struct cell *cell, double *ret_ns, char *extra, size_t extra_size)
{
	struct live_cell *live = cell->context;
	const struct bench_state *state = &live->bench->data->state;
	struct bench_sink sunk = {};
	int err = place_enter(live->contender->place.generator);

	live->mix.plan.interface = if_nametoindex("g0");
	if (!err && !live->warm)
		err = run(live, live->frames);
	live->warm = true;
	/* A queue that stood still while the host had other uses for a virtual CPU loses what came
	 * meanwhile. Who drops voice himself does so again. */
	for (int i = 0; !err && i < TRIES; i++) {
		err = run(live, live->frames);
		sunk = live->bench->bss->sunk;
		if (!is_lost(live, &sunk))
			break;
	}
	if (err)
		return err;
	*ret_ns = (double)(state->ended_ns - state->began_ns) /
		  (double)(live->mix.plan.last - live->mix.plan.first);
	snprintf(extra, extra_size, ",\"arrived\":%.4f,\"marked\":%.4f,\"fast\":%.4f",
		 (double)sunk.packets / (double)live->frames,
		 (double)sunk.marked / (double)live->frames,
		 (double)sunk.fast / (double)live->frames);
	return check(live, &sunk);
}

/* ------------------------------------------------------------------ all of it */

struct live_run {
	struct contender contenders[MOST];
	struct live_cell lives[4 * MOST];
	struct cell cells[4 * MOST];
	size_t contender_count, count;
	struct bench *bench;
};

/* What a letter of PARTS stands for. */
struct part {
	char letter;
	const char *part;
	double at;
	bool flood;
	uint32_t flows, devices;
};

static const struct part parts[] = {
	{'f', "flood", 0, true, 1, 0},
	{'a', "accept", 100, false, 100, 0},
	{'m', "accept", 10000, false, 10000, 0},
	{'x', "devices, refused", 1, true, 1, 1},
	{'x', "devices, known flow", 1, false, 10000, 1},
	{'X', "devices, refused", 10000, true, 1, 10000},
	{'X', "devices, known flow", 10000, false, 10000, 10000},
};

static void add(struct live_run *all, const struct contender *contender, const struct part *part)
{
	struct mix_place place = {.device4 = part->devices ? DEVICES_AT : 0,
				  .devices = part->devices};
	struct live_cell *live = &all->lives[all->count];

	if (all->count == ARRAY_SIZE(all->lives) || contender->out ||
	    !strchr(contender->parts, part->letter))
		return;
	live->bench = all->bench;
	live->contender = contender;
	live->frames = part->flood ? FRAMES_FLOOD : FRAMES_ACCEPT;
	live->drops = part->flood && strcmp(contender->floor, "pass");
	mix_make(part->flood ? MIX_FLOOD : MIX_RTP, part->flows, &place, &live->mix);
	mix_address(&live->mix, contender->place.mac);
	all->cells[all->count++] = (struct cell){
		.part = part->part,
		.name = contender->name,
		.at = part->at,
		.take = take,
		.context = live,
	};
}

/* Whether packets of known flows come by XDP. */
static int try_fast(struct live_run *all, struct contender *contender)
{
	static const struct mix_place here;
	struct live_cell trial = {
		.bench = all->bench, .contender = contender, .frames = FRAMES_ACCEPT};
	struct cell cell = {.context = &trial};
	char extra[128];
	double ns;
	int err;

	mix_make(MIX_RTP, 100, &here, &trial.mix);
	mix_address(&trial.mix, contender->place.mac);
	err = take(&cell, &ns, extra, sizeof(extra));
	if (err)
		return err;
	contender->out = all->bench->bss->sunk.fast < trial.frames - trial.frames / 100;
	if (contender->out)
		warn("%s: left out: its packets take the kernel's way", contender->name);
	return 0;
}

static int measure(struct live_run *all, struct sampler *sampler, char **texts, size_t count)
{
	int err = harness_open(MOST, &all->bench);

	for (size_t i = 0; !err && i < count && i < MOST; i++) {
		struct contender *contender = &all->contenders[i];

		err = read_contender(texts[i], contender);
		if (!err)
			err = stand_up(all->bench, contender);
		if (!err && is_fast(contender))
			err = try_fast(all, contender);
	}
	for (size_t part = 0; part < ARRAY_SIZE(parts); part++)
		for (size_t i = 0; !err && i < count && i < MOST; i++)
			add(all, &all->contenders[i], &parts[part]);
	sampler_claim_cpu(sampler->cpu);
	if (!err)
		err = sampler_start(sampler);
	if (!err)
		err = sampler_run(sampler, all->cells, all->count);
	bench__destroy(all->bench);
	return err;
}

int main(int argc, char **argv)
{
	struct sampler sampler = {.cpu = (int)sysconf(_SC_NPROCESSORS_ONLN) - 1};
	static struct live_run all;
	int err;

	if (argc < 5) {
		fprintf(stderr,
			"usage: bench_live OUT SAMPLES SECONDS NAME=PREFIX[=FLOOR[=PARTS]]...\n");
		return 2;
	}
	sampler.out = fopen(argv[1], "we");
	sampler.wanted = (unsigned)atoi(argv[2]);
	sampler.seconds = atof(argv[3]);
	if (!sampler.out)
		return fail(errno, "%s", argv[1]) ? 1 : 0;
	err = measure(&all, &sampler, argv + 4, (size_t)argc - 4);
	fclose(sampler.out);
	return err ? 1 : 0;
}
