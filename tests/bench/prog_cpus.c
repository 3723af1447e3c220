/* SPDX-License-Identifier: GPL-2.0 */
/* Two CPUs at once, with the programs' maps shared and flows of their own. */
#include "prog.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"

#define WARM_LEAST 4096

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

static int add_pair(struct prog_run *run, const struct prog_row *row, int program,
		    struct bench *other, int cpu, struct pair *pair)
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

static int add_pairs(struct prog_run *run, struct bench *other, int other_cpu,
		     const struct box *off, const struct box *on)
{
	const struct {
		const char *name;
		enum mix_kind mix;
		uint32_t flows;
		int verdict, tos, program;
	} rows[] = {
		{"parse only", MIX_RTP_OUT, 100, PROG_DROPPED,
		 prog_fd(run->bench->progs.floor_parse)},
		{"known flow", MIX_RTP_OUT, 100, PROG_MARKED, box_program(off, "xdp_ingress")},
		{"known flow, quality", MIX_RTP_OUT, 100, PROG_MARKED,
		 box_program(on, "xdp_ingress")},
		{"refused", MIX_FLOOD, 1, PROG_DROPPED, box_program(off, "xdp_uplink")},
	};
	static struct pair pairs[ARRAY_SIZE(rows)];
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(rows); i++) {
		struct prog_row row = {
			.name = rows[i].name,
			.mix = rows[i].mix,
			.flows = rows[i].flows,
			.verdict = rows[i].verdict,
			.tos = rows[i].tos,
		};

		err = add_pair(run, &row, rows[i].program, other, other_cpu, &pairs[i]);
	}
	return err;
}

int prog_measure_cpus(struct prog_run *run, struct sampler *sampler)
{
	struct bench *other = NULL;
	struct box off = {}, on = {};
	int err;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		return 0;
	err = harness_open(BOXES_FLOWS, &other);
	if (!err)
		err = box_open_usual(BOXES_FLOWS, "off", &off);
	if (!err)
		err = box_open_usual(BOXES_FLOWS, "on", &on);
	run->count = 0;
	if (!err)
		err = add_pairs(run, other, sampler->cpu ? 0 : 1, &off, &on);
	if (!err)
		err = sampler_run(sampler, run->cells, run->count);
	box_close(&off);
	box_close(&on);
	bench__destroy(other);
	return err;
}
