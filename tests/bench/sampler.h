/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Samples that can be believed on a machine that others use as well. Rounds take every cell once, so
 * that what changes with time changes all of them; before and after each sample a probe says how fast
 * the CPU is; a sample in which it was slower than it can be, or was taken away, is told apart, and
 * rounds go on. Every sample goes out as a line of JSON, the disturbed ones too.
 */
#ifndef TESTS_BENCH_SAMPLER_H
#define TESTS_BENCH_SAMPLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct cell {
	const char *part; /* a table of the report */
	const char *name; /* its row */
	double at;	  /* its column: flows, devices, ranges, CPUs */
	/* Takes one sample: ns a packet, and what else belongs into its line (",\"x\":1", or nothing).
	 * 0, or negative having said why. */
	int (*take)(const struct cell *cell, double *ret_ns, char *extra, size_t extra_size);
	void *context;
	bool both_cpus; /* the sample itself uses the other CPU */
	unsigned good, taken;
};

#define SAMPLER_LEAST 5 /* rounds, however disturbed */

struct sampler {
	FILE *out;
	unsigned wanted; /* undisturbed samples of each cell */
	double seconds;	 /* after which no round begins */
	double best;	 /* ns of a turn of the probe: the fastest seen */
	int cpu, other;
	int samples;
};

/* This thread alone on its CPU, as far as the kernel grants it. Says what it cannot have. */
void sampler_claim_cpu(int cpu);

/* Of two benchmarks at once neither measures anything, and their threads hold each other up: waits
 * until there is no other. Lasts until the process ends. */
int sampler_alone(void);

int sampler_start(struct sampler *sampler);
/* 0, or the error of a cell: then nothing after it was taken. */
int sampler_run(struct sampler *sampler, struct cell *cells, size_t count);

double now_seconds(void);

#endif
