/* SPDX-License-Identifier: GPL-2.0 */
/* Programs loaded and run; see harness.h. */
#include "harness.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "config/config.h"
#include "kernel/loader.h"
#include "kernel/probe.h"
#include "policy/policy.h"

#define XDP_HAS_FRAGS (1u << 5) /* BPF_F_XDP_HAS_FRAGS: who calls and who is called must agree */
#define BATCH	      200000	/* runs a system call */
#define FRAME_ROOM    2048

int harness_open(unsigned flows, struct bench **ret_bench)
{
	struct bench *bench = bench__open();
	struct bpf_program *program;
	int err;

	if (!bench)
		return fail(errno, "the benchmark's programs cannot be read");
	err = bpf_map__set_max_entries(bench->maps.bare, flows);
	bpf_object__for_each_program(program, bench->obj)
	{
		if (!err && probe_frags() && bpf_program__type(program) == BPF_PROG_TYPE_XDP)
			err = bpf_program__set_flags(program, XDP_HAS_FRAGS);
	}
	if (!err)
		err = bench__load(bench);
	if (err) {
		bench__destroy(bench);
		return fail(err, "the kernel refuses the benchmark's programs");
	}
	*ret_bench = bench;
	return 0;
}

int box_open(const char *configuration, struct box *ret_box)
{
	struct loader_options options = {.replay = false};
	struct box box = {};
	int err =
		config_parse("bench.conf", configuration, strlen(configuration), stderr, &box.site);

	if (!err)
		err = policy_compile(box.site, "bench.conf", loader_tick_ns(false), stderr,
				     &box.policy);
	if (!err)
		err = loader_open(box.policy, &options, &box.loader);
	if (err) {
		box_close(&box);
		return err;
	}
	*ret_box = box;
	return 0;
}

void box_close(struct box *box)
{
	loader_free(box->loader);
	policy_free(box->policy);
	site_free(box->site);
	*box = (struct box){};
}

int box_program(const struct box *box, const char *name)
{
	return loader_program(box->loader, name);
}

void box_each_map(const struct box *box, int (*tell)(const char *name, int fd, void *context),
		  void *context)
{
	loader_each_map(box->loader, tell, context);
}

/* ------------------------------------------------------------------ running */

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int aim(struct subject *subject, int program)
{
	int map = bpf_map__fd(subject->hook == SUBJECT_XDP ? subject->bench->maps.target_xdp
							   : subject->bench->maps.target_tc);
	__u32 zero = 0;

	return bpf_map_update_elem(map, &zero, &program, BPF_ANY);
}

static int check(const struct subject *subject, int program, uint32_t verdict, const uint8_t *frame)
{
	uint32_t ip = subject->mix.frame.ip;
	int tos = subject->mix.plan.ipv6 ? ((frame[ip] << 8 | frame[ip + 1]) >> 4 & 0xff)
					 : frame[ip + 1];

	if (subject->bench->data->state.fallen_through)
		return fail(0, "the program under test was not reached");
	if (program != subject->program)
		return 0;
	if (subject->verdict >= 0 && (int)verdict != subject->verdict)
		return fail(0, "verdict %d instead of %d", (int)verdict, subject->verdict);
	if (subject->tos >= 0 && tos != subject->tos)
		return fail(0, "TOS 0x%02x instead of 0x%02x", tos, subject->tos);
	return 0;
}

/* frame: what the last run left, 2048 bytes. */
static int run_program(const struct subject *subject, int program, uint32_t packets, double *ret_ns,
		       uint32_t *ret_verdict, uint8_t *frame)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = subject->mix.frame.bytes,
		    .data_size_in = subject->mix.frame.length, .data_out = frame);
	double begin = cpu_seconds();
	int err = 0;

	for (uint32_t left = packets; left && !err; left -= (uint32_t)run.repeat) {
		run.repeat = left < BATCH ? (int)left : BATCH;
		run.data_size_out = FRAME_ROOM;
		err = bpf_prog_test_run_opts(program, &run);
	}
	*ret_ns = (cpu_seconds() - begin) * 1e9 / packets;
	*ret_verdict = run.retval;
	return err ? fail(err, "BPF_PROG_RUN") : 0;
}

int subject_run_plain(struct subject *subject, uint32_t packets, double *ret_ns)
{
	uint8_t frame[FRAME_ROOM];
	uint32_t verdict;

	return run_program(subject, subject->program, packets, ret_ns, &verdict, frame);
}

int subject_run(struct subject *subject, int program, uint32_t packets, double *ret_ns)
{
	struct bench *bench = subject->bench;
	int fd = bpf_program__fd(subject->hook == SUBJECT_XDP ? bench->progs.wrap_xdp
							      : bench->progs.wrap_tc);
	uint8_t frame[FRAME_ROOM];
	int err = aim(subject, program);
	uint32_t verdict;

	if (err)
		return fail(err, "the program under test cannot be called");
	bench->bss->plan = subject->mix.plan;
	bench->data->state = subject->state;
	err = run_program(subject, fd, packets, ret_ns, &verdict, frame);
	if (err)
		return err;
	subject->state = bench->data->state;
	return check(subject, program, verdict, frame);
}

int subject_sample(struct subject *subject, double *ret_ns, double *ret_base)
{
	int empty = bpf_program__fd(subject->hook == SUBJECT_XDP ? subject->bench->progs.empty_xdp
								 : subject->bench->progs.empty_tc);
	struct bench_state state;
	double ignored;
	int err = 0;

	if (!subject->state.chance) {
		subject->state.chance = 0x9e3779b97f4a7c15ull;
		err = subject_run(subject, subject->program, subject->warmed, &ignored);
	}
	if (err)
		return err;
	state = subject->state; /* the empty program makes no packet of a stream go missing */
	err = subject_run(subject, empty, subject->packets, ret_base);
	subject->state = state;
	return err ? err : subject_run(subject, subject->program, subject->packets, ret_ns);
}
