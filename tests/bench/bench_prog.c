/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a packet costs by BPF_PROG_RUN, on every path, and how that grows:
 *
 *	bench_prog OUT SAMPLES SECONDS [quick|whole [PART|PATH]]
 *
 * A program that makes the next frame of a mix calls the program under test; the same with an empty
 * program is measured straight before each sample.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "prog.h"

#define PACKETS_QUICK 100000
#define PACKETS_WHOLE 200000

static const struct part {
	const char *name;
	int (*measure)(struct prog_run *run, struct sampler *sampler);
} parts[] = {
	{"paths", prog_measure_paths},	 {"quality", prog_measure_quality},
	{"flows", prog_measure_flows},	 {"devices", prog_measure_devices},
	{"ranges", prog_measure_ranges}, {"cpus", prog_measure_cpus},
};

/* What is asked for: all parts, one by its name, or one path of the first. */
static size_t choose(struct prog_run *run, const struct part **ret_first)
{
	*ret_first = parts;
	for (size_t i = 0; run->only && i < ARRAY_SIZE(parts); i++)
		if (!strcmp(run->only, parts[i].name)) {
			*ret_first = &parts[i];
			run->only = NULL;
			return 1;
		}
	return run->only ? 1 : ARRAY_SIZE(parts);
}

static int measure(struct prog_run *run, struct sampler *sampler)
{
	const struct part *first;
	size_t count = choose(run, &first);
	int err = harness_open(BOXES_FLOWS, &run->bench);

	sampler->seconds /= (double)count;
	sampler_claim_cpu(sampler->cpu);
	if (!err)
		err = sampler_start(sampler);
	for (size_t i = 0; !err && i < count; i++)
		err = first[i].measure(run, sampler);
	bench__destroy(run->bench);
	return err;
}

int main(int argc, char **argv)
{
	struct sampler sampler = {.cpu = (int)sysconf(_SC_NPROCESSORS_ONLN) - 1};
	static struct prog_run run;
	int err;

	if (argc < 4) {
		fprintf(stderr,
			"usage: bench_prog OUT SAMPLES SECONDS [quick|whole [PART|PATH]]\n");
		return 2;
	}
	run.quick = argc > 4 && !strcmp(argv[4], "quick");
	run.only = argc > 5 ? argv[5] : NULL;
	run.packets = run.quick ? PACKETS_QUICK : PACKETS_WHOLE;
	sampler.out = fopen(argv[1], "we");
	sampler.wanted = (unsigned)atoi(argv[2]);
	sampler.seconds = atof(argv[3]);
	if (!sampler.out)
		return fail(errno, "%s", argv[1]) ? 1 : 0;
	err = measure(&run, &sampler);
	fclose(sampler.out);
	return err ? 1 : 0;
}
