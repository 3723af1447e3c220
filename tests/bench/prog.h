/* SPDX-License-Identifier: GPL-2.0 */
/* What bench_prog measures: rows become cells; each part opens its boxes, adds rows, and samples. */
#ifndef TESTS_BENCH_PROG_H
#define TESTS_BENCH_PROG_H

#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include "boxes.h"
#include "harness.h"
#include "sampler.h"

#define PROG_CELLS_MOST 128
#define PROG_ALL_NEW	(1u << 23) /* flows: more than there will be packets */

struct prog_run {
	struct cell cells[PROG_CELLS_MOST];
	struct subject subjects[PROG_CELLS_MOST];
	size_t count;
	uint32_t packets; /* of a sample, at least */
	bool quick;
	const char *only; /* the one path that is measured, for who profiles it */
	struct bench *bench;
};

/* What a row says; the rest is worked out. */
struct prog_row {
	const char *part, *name;
	double at;
	enum mix_kind mix;
	uint32_t flows;
	enum subject_hook hook;
	int verdict, tos; /* -1: not asked */
};

#define PROG_PASSED  XDP_PASS, -1
#define PROG_MARKED  XDP_PASS, 0xb8 /* EF */
#define PROG_DROPPED XDP_DROP, -1

int prog_fd(const struct bpf_program *program);

void prog_add(struct prog_run *run, const struct prog_row *row, int program,
	      const struct mix_place *place);
/* No-op, parser alone, parser and a bare lookup. */
void prog_add_floors(struct prog_run *run, const char *part, uint32_t flows);
void prog_add_known(struct prog_run *run, const char *part, const char *name, uint32_t flows,
		    const struct box *box);

int prog_measure_paths(struct prog_run *run, struct sampler *sampler);
int prog_measure_quality(struct prog_run *run, struct sampler *sampler);
int prog_measure_flows(struct prog_run *run, struct sampler *sampler);
int prog_measure_devices(struct prog_run *run, struct sampler *sampler);
int prog_measure_ranges(struct prog_run *run, struct sampler *sampler);
int prog_measure_cpus(struct prog_run *run, struct sampler *sampler);

#endif
