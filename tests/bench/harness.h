/* SPDX-License-Identifier: GPL-2.0 */
/* The programs of the benchmark loaded, and the product's beside them. */
#ifndef TESTS_BENCH_HARNESS_H
#define TESTS_BENCH_HARNESS_H

#include <stdint.h>

/* In this order: the skeleton speaks of the plan. */
#include "mixes.h"

#include "bench.skel.h"

struct loader;
struct policy;
struct site;

/* The benchmark's own programs. flows: entries of the bare table. */
int harness_open(unsigned flows, struct bench **ret_bench);

/* A box with a configuration. */
struct box {
	struct loader *loader;
	struct policy *policy;
	struct site *site;
};

int box_open(const char *configuration, struct box *ret_box);
void box_close(struct box *box);
/* The descriptor of one of the product's programs. */
int box_program(const struct box *box, const char *name);
void box_each_map(const struct box *box, int (*tell)(const char *name, int fd, void *context),
		  void *context);

enum subject_hook {
	SUBJECT_XDP,
	SUBJECT_TC,
};

/* A program under test, and the frames that meet it. */
struct subject {
	struct bench *bench;
	enum subject_hook hook;
	int program;
	struct mix mix;
	struct bench_state state; /* kept over samples, so that streams go on */
	int verdict;		  /* what the program must say; -1: not asked */
	int tos;		  /* of the last frame as it left; -1: not asked */
	uint32_t packets;	  /* of one sample */
	uint32_t warmed;	  /* packets that went before the first */
};

/* ns a packet of CPU time, the making of the frame included. */
int subject_run(struct subject *subject, int program, uint32_t packets, double *ret_ns);
/* The program under test by itself, over one frame again and again. */
int subject_run_plain(struct subject *subject, uint32_t packets, double *ret_ns);
/* The sample of a cell: the same with an empty program, as "base", straight before. */
int subject_sample(struct subject *subject, double *ret_ns, double *ret_base);

#endif
