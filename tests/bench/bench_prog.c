/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a packet costs by BPF_PROG_RUN, on every path, and how that grows:
 *
 *	bench_prog OUT SAMPLES SECONDS [quick|whole [PATH]]
 *
 * A program that makes the next frame of a mix calls the program under test; the same with an empty
 * program is measured straight before each sample.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "harness.h"
#include "kernel/loader.h"
#include "sampler.h"

#define TOS_EF	     0xb8
#define CELLS_MOST   128
#define FLOWS_LARGE  131072
#define FLOWS_USUAL  16384
#define WARM_LEAST   4096
#define ALL_NEW	     (1u << 23) /* flows: more than there will be packets */
#define DEVICES_AT   0x0a010000 /* 10.1.0.0 */
#define PORTS_A_LIST 40
#define RANGES_AT    20000

struct bench_run {
	struct cell cells[CELLS_MOST];
	struct subject subjects[CELLS_MOST];
	size_t count;
	uint32_t packets;
	bool quick;
	const char *only; /* the one path that is measured, for who profiles it */
	struct bench *bench;
};

/* ------------------------------------------------------------------ configurations */

struct text {
	char *bytes;
	size_t size;
	FILE *file;
};

static int text_begin(struct text *text, unsigned flows)
{
	text->file = open_memstream(&text->bytes, &text->size);
	if (!text->file)
		return fail(errno, "configuration");
	fprintf(text->file,
		"[site]\nnetworks = 192.168.10.0/24, 10.0.0.0/8, fd00:10::/64\nflows = %u\n"
		"new-flows = 0\n[provider p]\nnetworks = 217.0.0.0/8, 2001:db8:64::/48\n",
		flows);
	return 0;
}

static int text_open_box(struct text *text, struct box *ret_box)
{
	int err;

	fclose(text->file);
	err = box_open(text->bytes, ret_box);
	free(text->bytes);
	return err;
}

static int open_usual(unsigned flows, const char *quality, struct box *ret_box)
{
	struct text text;
	int err = text_begin(&text, flows);

	if (err)
		return err;
	fprintf(text.file,
		"[device pbx]\nmodel = es-pure-ip-x-it\naddress = 192.168.10.2, fd00:10::2\n"
		"provider = p\nquality = %s\n",
		quality);
	return text_open_box(&text, ret_box);
}

static int open_devices(unsigned count, struct box *ret_box)
{
	struct text text;
	int err = text_begin(&text, FLOWS_USUAL);

	for (unsigned i = 0; !err && i < count; i++)
		fprintf(text.file,
			"[device d%u]\nmodel = es-pure-ip-x-it\naddress = 10.1.%u.%u\n"
			"provider = p\nquality = off\n",
			i, i >> 8, i & 0xff);
	return err ? err : text_open_box(&text, ret_box);
}

/* So many ranges of ports, on as many devices as their lists need. */
static int open_ranges(unsigned count, struct box *ret_box)
{
	struct text text;
	int err = text_begin(&text, FLOWS_USUAL);

	for (unsigned i = 0; !err && i < count; i++) {
		if (i % PORTS_A_LIST == 0)
			fprintf(text.file,
				"[device d%u]\nmodel = lm-508\naddress = 10.1.0.%u\n"
				"quality = off\n",
				i / PORTS_A_LIST, i / PORTS_A_LIST);
		fprintf(text.file, "allow = both udp %u-%u from any\n", RANGES_AT + i * 4,
			RANGES_AT + i * 4 + 1);
	}
	return err ? err : text_open_box(&text, ret_box);
}

/* ------------------------------------------------------------------ cells */

static int take(const struct cell *cell, double *ret_ns, char *extra, size_t extra_size)
{
	double base;
	int err = subject_sample(cell->context, ret_ns, &base);

	if (!err)
		snprintf(extra, extra_size, ",\"base\":%.3f", base);
	return err;
}

/* What a run costs by itself: nothing is made, nothing is called. */
static int take_runner(const struct cell *cell, double *ret_ns, char *extra, size_t extra_size)
{
	struct subject *subject = cell->context;

	(void)extra;
	(void)extra_size;
	return subject_run_plain(subject, subject->packets, ret_ns);
}

/* What a row says; the rest is worked out. */
struct row {
	const char *part, *name;
	double at;
	enum mix_kind mix;
	uint32_t flows;
	enum subject_hook hook;
	int verdict, tos; /* -1: not asked */
};

static void add(struct bench_run *run, const struct row *row, int program,
		const struct mix_place *place)
{
	struct subject *subject = &run->subjects[run->count];
	uint32_t flows = row->flows == ALL_NEW ? 0 : row->flows;

	if (run->count == CELLS_MOST || (run->only && strcmp(row->name, run->only)))
		return;
	*subject = (struct subject){
		.bench = run->bench,
		.hook = row->hook,
		.program = program,
		.verdict = row->verdict,
		.tos = row->tos,
		.packets = run->packets > 2 * flows ? run->packets : 2 * flows,
		.warmed = 2 * flows > WARM_LEAST ? 2 * flows : WARM_LEAST,
	};
	mix_make(row->mix, row->flows, place, &subject->mix);
	run->cells[run->count++] = (struct cell){
		.part = row->part,
		.name = row->name,
		.at = row->at,
		.take = take,
		.context = subject,
	};
}

static int own(const struct bpf_program *program)
{
	return bpf_program__fd(program);
}

#define PASSED	XDP_PASS, -1
#define MARKED	XDP_PASS, TOS_EF
#define DROPPED XDP_DROP, -1

static void add_floors(struct bench_run *run, const char *part, uint32_t flows)
{
	static const struct mix_place here;
	struct row row = {part, "no-op", flows, MIX_RTP_OUT, flows, SUBJECT_XDP, DROPPED};

	add(run, &row, own(run->bench->progs.empty_xdp), &here);
	row.name = "parse only";
	add(run, &row, own(run->bench->progs.floor_parse), &here);
	row.name = "parse, bare lookup and count";
	add(run, &row, own(run->bench->progs.floor_lookup), &here);
}

static void add_known(struct bench_run *run, const char *part, const char *name, uint32_t flows,
		      const struct box *box)
{
	static const struct mix_place here;
	struct row row = {part, name, flows, MIX_RTP_OUT, flows, SUBJECT_XDP, MARKED};

	add(run, &row, loader_program(box->loader, "xdp_ingress"), &here);
}

static void add_paths(struct bench_run *run, const struct box *off, const struct box *on)
{
	static const struct mix_place here;
	/* clang-format off */
	static const struct {
		struct row row;
		const char *program;
	} rows[] = {
		{{"paths", "known flow, IPv6", 100, MIX_RTP6_OUT, 100, SUBJECT_XDP, MARKED}, "xdp_ingress"},
		{{"paths", "known flow, VLAN tag", 100, MIX_RTP_VLAN_OUT, 100, SUBJECT_XDP, MARKED}, "xdp_ingress"},
		{{"paths", "known flow, uplink", 100, MIX_RTP, 100, SUBJECT_XDP, MARKED}, "xdp_uplink"},
		{{"paths", "known flow, tc egress", 100, MIX_RTP, 100, SUBJECT_TC, -1, TOS_EF}, "tc_egress"},
		{{"paths", "known SIP flow", 100, MIX_SIP_IN, 100, SUBJECT_XDP, PASSED}, "xdp_ingress"},
		{{"paths", "new flow every packet", 0, MIX_NEW_OUT, ALL_NEW, SUBJECT_XDP, MARKED}, "xdp_ingress"},
		{{"paths", "refused, unlisted port", 0, MIX_FLOOD, 1, SUBJECT_XDP, DROPPED}, "xdp_uplink"},
		{{"paths", "refused, unlisted port, IPv6", 0, MIX_FLOOD6, 1, SUBJECT_XDP, DROPPED}, "xdp_uplink"},
		{{"paths", "refused, listed port, stranger", 0, MIX_LISTED, 1, SUBJECT_XDP, DROPPED}, "xdp_uplink"},
		{{"paths", "refused, device's own", 0, MIX_UNLISTED_OUT, 1, SUBJECT_XDP, DROPPED}, "xdp_ingress"},
		{{"paths", "refused, tc egress", 0, MIX_FLOOD, 1, SUBJECT_TC, TC_ACT_SHOT, -1}, "tc_egress"},
		{{"paths", "no device, voice", 0, MIX_STRANGER, 1, SUBJECT_XDP, PASSED}, "xdp_ingress"},
		{{"paths", "no device, uplink", 0, MIX_STRANGER, 1, SUBJECT_XDP, PASSED}, "xdp_uplink"},
	};
	/* clang-format on */
	struct row clock = {"paths", "parse and exact clock", 100, MIX_RTP_OUT, 100, SUBJECT_XDP,
			    DROPPED};
	struct row nothing = {"paths", "BPF_PROG_RUN itself", 0,      MIX_RTP_OUT,
			      1,       SUBJECT_XDP,	      DROPPED};

	add(run, &nothing, own(run->bench->progs.empty_xdp), &here);
	if (run->count)
		run->cells[run->count - 1].take = take_runner;
	for (uint32_t flows = 1; flows <= 10000; flows *= 100)
		add_floors(run, "paths", flows);
	add(run, &clock, own(run->bench->progs.floor_clock), &here);
	for (uint32_t flows = 1; flows <= 10000; flows *= 100) {
		add_known(run, "paths", "known flow", flows, off);
		add_known(run, "paths", "known flow, quality", flows, on);
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		add(run, &rows[i].row, loader_program(off->loader, rows[i].program), &here);
}

/* Known packets and refused ones, spread over all devices. */
static void add_growth(struct bench_run *run, const char *part, double at, const struct box *box,
		       const struct mix_place *known, const struct mix_place *refused, int tos)
{
	struct row row = {part, "known flow", at, MIX_RTP_OUT, 10000, SUBJECT_XDP, XDP_PASS, tos};

	add(run, &row, loader_program(box->loader, "xdp_ingress"), known);
	row = (struct row){part, "refused", at, MIX_FLOOD, 1, SUBJECT_XDP, DROPPED};
	add(run, &row, loader_program(box->loader, "xdp_uplink"), refused);
}

/* ------------------------------------------------------------------ two CPUs */

/* A second thread does the same on another CPU, with programs' maps shared and flows of its own. */
struct pair {
	struct subject first, second;
	int cpu;
	pthread_barrier_t start;
	double ns;
	int err;
};

static void *take_second(void *argument)
{
	struct pair *pair = argument;
	double ns;

	sampler_claim_cpu(pair->cpu);
	pthread_barrier_wait(&pair->start);
	pair->err = subject_run(&pair->second, pair->second.program, pair->second.packets, &ns);
	pair->ns = ns;
	return NULL;
}

static int take_pair(const struct cell *cell, double *ret_ns, char *extra, size_t extra_size)
{
	struct pair *pair = cell->context;
	pthread_t thread;
	double first;
	int err;

	pthread_barrier_init(&pair->start, NULL, 2);
	err = pthread_create(&thread, NULL, take_second, pair);
	if (err)
		return fail(err, "thread");
	pthread_barrier_wait(&pair->start);
	err = subject_run(&pair->first, pair->first.program, pair->first.packets, &first);
	pthread_join(thread, NULL);
	pthread_barrier_destroy(&pair->start);
	*ret_ns = (first + pair->ns) / 2;
	snprintf(extra, extra_size, ",\"each\":[%.3f,%.3f]", first, pair->ns);
	return err ? err : pair->err;
}

static int take_single(const struct cell *cell, double *ret_ns, char *extra, size_t extra_size)
{
	struct pair *pair = cell->context;

	(void)extra;
	(void)extra_size;
	return subject_run(&pair->first, pair->first.program, pair->first.packets, ret_ns);
}

static int add_pair(struct bench_run *run, const struct row *row, int program, struct bench *other,
		    int cpu, struct pair *pair)
{
	struct mix_place elsewhere = {.shift = row->flows};
	struct cell cell = {.part = "cpus", .name = row->name, .context = pair};
	static const struct mix_place here;
	double ignored;
	int err;

	pair->cpu = cpu;
	pair->first = (struct subject){
		.bench = run->bench,
		.hook = row->hook,
		.program = program,
		.verdict = row->verdict,
		.tos = row->tos,
		.packets = 4 * run->packets,
		.state.chance = 0x9e3779b97f4a7c15ull,
	};
	pair->second = pair->first;
	pair->second.bench = other;
	pair->second.state.chance *= 3;
	mix_make(row->mix, row->flows, &here, &pair->first.mix);
	mix_make(row->mix, row->flows, &elsewhere, &pair->second.mix);
	err = subject_run(&pair->first, program, 2 * row->flows + WARM_LEAST, &ignored);
	if (!err)
		err = subject_run(&pair->second, program, 2 * row->flows + WARM_LEAST, &ignored);
	cell.at = 1;
	cell.take = take_single;
	run->cells[run->count++] = cell;
	cell.at = 2;
	cell.take = take_pair;
	cell.both_cpus = true;
	run->cells[run->count++] = cell;
	return err;
}

/* ------------------------------------------------------------------ memory */

static int tell_map(const char *name, int fd, void *context)
{
	char path[64], line[128];
	unsigned long long bytes = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "memlock: %llu", &bytes);
	if (file)
		fclose(file);
	fprintf(context, "{\"part\":\"memory\",\"name\":\"%s\",\"bytes\":%llu}\n", name, bytes);
	return 0;
}

/* ------------------------------------------------------------------ all of it */

static int measure_paths(struct bench_run *run, struct sampler *sampler)
{
	struct box off = {}, on = {};
	int err = open_usual(FLOWS_USUAL, "off", &off);

	if (!err)
		err = open_usual(FLOWS_USUAL, "on", &on);
	run->count = 0;
	if (!err) {
		add_paths(run, &off, &on);
		err = sampler_run(sampler, run->cells, run->count);
	}
	if (!err)
		loader_each_map(off.loader, tell_map, sampler->out);
	box_close(&off);
	box_close(&on);
	return err;
}

static int measure_flows(struct bench_run *run, struct sampler *sampler)
{
	static const uint32_t counts[] = {1, 100, 1000, 10000, 100000};
	struct box off = {}, on = {};
	int err = open_usual(FLOWS_LARGE, "off", &off);

	if (!err)
		err = open_usual(FLOWS_LARGE, "on", &on);
	run->count = 0;
	for (size_t i = 0; !err && i < ARRAY_SIZE(counts); i++) {
		if (run->quick && counts[i] != 1 && counts[i] != 10000)
			continue;
		add_floors(run, "flows", counts[i]);
		add_known(run, "flows", "known flow", counts[i], &off);
		add_known(run, "flows", "known flow, quality", counts[i], &on);
	}
	if (!err)
		err = sampler_run(sampler, run->cells, run->count);
	box_close(&off);
	box_close(&on);
	return err;
}

static int measure_devices(struct bench_run *run, struct sampler *sampler)
{
	static const unsigned counts[] = {1, 10000, 100};
	struct box boxes[ARRAY_SIZE(counts)] = {};
	size_t sizes = run->quick ? 2 : ARRAY_SIZE(counts);
	int err = 0;

	run->count = 0;
	for (size_t i = 0; !err && i < sizes; i++) {
		struct mix_place place = {.device4 = DEVICES_AT, .devices = counts[i]};

		err = open_devices(counts[i], &boxes[i]);
		if (!err)
			add_growth(run, "devices", counts[i], &boxes[i], &place, &place, TOS_EF);
	}
	if (!err)
		err = sampler_run(sampler, run->cells, run->count);
	for (size_t i = 0; i < sizes; i++)
		box_close(&boxes[i]);
	return err;
}

static int measure_ranges(struct bench_run *run, struct sampler *sampler)
{
	static const unsigned counts[] = {10, 1000, 100};
	struct box boxes[ARRAY_SIZE(counts)] = {};
	size_t sizes = run->quick ? 2 : ARRAY_SIZE(counts);
	int err = 0;

	run->count = 0;
	for (size_t i = 0; !err && i < sizes; i++) {
		unsigned devices = (counts[i] + PORTS_A_LIST - 1) / PORTS_A_LIST;
		struct mix_place refused = {.device4 = DEVICES_AT, .devices = devices};
		struct mix_place known = {
			.device4 = DEVICES_AT,
			.devices = 1,
			.first_port = RANGES_AT,
			.ports = counts[i] < PORTS_A_LIST ? counts[i] : PORTS_A_LIST,
			.port_step = 4,
		};

		err = open_ranges(counts[i], &boxes[i]);
		if (!err)
			add_growth(run, "ranges", counts[i], &boxes[i], &known, &refused, -1);
	}
	if (!err)
		err = sampler_run(sampler, run->cells, run->count);
	for (size_t i = 0; i < sizes; i++)
		box_close(&boxes[i]);
	return err;
}

static int measure_cpus(struct bench_run *run, struct sampler *sampler)
{
	struct row known = {"cpus", "known flow", 0, MIX_RTP_OUT, 100, SUBJECT_XDP, MARKED};
	struct row parse = {"cpus", "parse only", 0, MIX_RTP_OUT, 100, SUBJECT_XDP, DROPPED};
	struct row refused = {"cpus", "refused", 0, MIX_FLOOD, 1, SUBJECT_XDP, DROPPED};
	int other_cpu = sampler->cpu ? 0 : 1, err;
	static struct pair pairs[4];
	struct bench *other = NULL;
	struct box off = {}, on = {};

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		return 0;
	err = harness_open(FLOWS_USUAL, &other);
	if (!err)
		err = open_usual(FLOWS_USUAL, "off", &off);
	if (!err)
		err = open_usual(FLOWS_USUAL, "on", &on);
	run->count = 0;
	if (!err)
		err = add_pair(run, &parse, own(run->bench->progs.floor_parse), other, other_cpu,
			       &pairs[0]);
	if (!err)
		err = add_pair(run, &known, loader_program(off.loader, "xdp_ingress"), other,
			       other_cpu, &pairs[1]);
	known.name = "known flow, quality";
	if (!err)
		err = add_pair(run, &known, loader_program(on.loader, "xdp_ingress"), other,
			       other_cpu, &pairs[2]);
	if (!err)
		err = add_pair(run, &refused, loader_program(off.loader, "xdp_uplink"), other,
			       other_cpu, &pairs[3]);
	if (!err)
		err = sampler_run(sampler, run->cells, run->count);
	box_close(&off);
	box_close(&on);
	bench__destroy(other);
	return err;
}

int main(int argc, char **argv)
{
	static int (*const parts[])(struct bench_run *, struct sampler *) = {
		measure_paths, measure_flows, measure_devices, measure_ranges, measure_cpus};
	static struct bench_run run;
	struct sampler sampler = {.cpu = (int)sysconf(_SC_NPROCESSORS_ONLN) - 1};
	int err;

	if (argc < 4) {
		fprintf(stderr, "usage: bench_prog OUT SAMPLES SECONDS [quick|whole [PATH]]\n");
		return 2;
	}
	run.quick = argc > 4 && !strcmp(argv[4], "quick");
	run.only = argc > 5 ? argv[5] : NULL;
	run.packets = run.quick ? 100000 : 200000;
	sampler.out = fopen(argv[1], "we");
	sampler.wanted = (unsigned)atoi(argv[2]);
	sampler.seconds = atof(argv[3]) / ARRAY_SIZE(parts);
	if (!sampler.out)
		return fail(errno, "%s", argv[1]) ? 1 : 0;
	err = harness_open(FLOWS_LARGE, &run.bench);
	sampler_claim_cpu(sampler.cpu);
	if (!err)
		err = sampler_start(&sampler);
	for (size_t i = 0; !err && i < (run.only ? 1 : ARRAY_SIZE(parts)); i++)
		err = parts[i](&run, &sampler);
	bench__destroy(run.bench);
	fclose(sampler.out);
	return err ? 1 : 0;
}
