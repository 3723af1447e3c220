/* SPDX-License-Identifier: GPL-2.0 */
/* How a known packet and a refused one grow with flows, devices and ranges of ports. */
#include "prog.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/log.h"

#define FLOWS_LARGE  131072	   /* a table for 100,000 */
#define FLOWS_MOST   1310720	   /* and for a million */
#define MEMORY_LEAST (12ull << 20) /* KiB: two boxes of that size, and the bare table */

static void add_flows(struct prog_run *run, uint32_t flows, const struct box *off,
		      const struct box *on)
{
	prog_add_floors(run, "flows", flows);
	prog_add_known(run, "flows", "known flow", flows, off);
	prog_add_known(run, "flows", "known flow, quality", flows, on);
}

/* In tables of one size, bare and ours: what the bare lookup grows is what any table grows. */
static int measure_tables(struct prog_run *run, struct sampler *sampler, uint32_t size,
			  const uint32_t *counts, size_t count)
{
	struct bench *usual = run->bench;
	struct box off = {}, on = {};
	int err = harness_open(size, &run->bench);

	if (!err)
		err = box_open_usual(size, "off", &off);
	if (!err)
		err = box_open_usual(size, "on", &on);
	run->count = 0;
	for (size_t i = 0; !err && i < count; i++)
		add_flows(run, counts[i], &off, &on);
	if (!err)
		err = sampler_run(sampler, run->cells, run->count);
	box_close(&off);
	box_close(&on);
	if (run->bench != usual)
		bench__destroy(run->bench);
	run->bench = usual;
	return err;
}

static unsigned long long memory_kib(void)
{
	unsigned long long value = 0;
	FILE *file = fopen("/proc/meminfo", "re");
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "MemAvailable: %llu", &value);
	if (file)
		fclose(file);
	return value;
}

/* Tables of their own for the many: beside 100,000 others the chains of 10,000 would be longer. */
int prog_measure_flows(struct prog_run *run, struct sampler *sampler)
{
	static const uint32_t quick[] = {1, 10000}, usual[] = {1, 100, 1000, 10000};
	static const uint32_t many[] = {100000}, most[] = {1000000};
	int err;

	if (run->quick)
		return measure_tables(run, sampler, FLOWS_LARGE, quick, ARRAY_SIZE(quick));
	err = measure_tables(run, sampler, FLOWS_LARGE, usual, ARRAY_SIZE(usual));
	if (!err)
		err = measure_tables(run, sampler, FLOWS_LARGE, many, ARRAY_SIZE(many));
	if (err)
		return err;
	if (memory_kib() < MEMORY_LEAST) {
		warn("a million flows: left out: the tables want 12 GiB of free memory");
		return 0;
	}
	return measure_tables(run, sampler, FLOWS_MOST, most, ARRAY_SIZE(most));
}

/* Known packets and refused ones, spread over all devices. */
static void add_growth(struct prog_run *run, const char *part, double at, const struct box *box,
		       const struct mix_place *known, const struct mix_place *refused, int tos)
{
	struct prog_row row = {part,  "known flow", at,	      MIX_RTP_OUT,
			       10000, SUBJECT_XDP,  XDP_PASS, tos};

	prog_add(run, &row, box_program(box, "xdp_ingress"), known);
	row = (struct prog_row){part, "refused", at, MIX_FLOOD, 1, SUBJECT_XDP, PROG_DROPPED};
	prog_add(run, &row, box_program(box, "xdp_uplink"), refused);
}

int prog_measure_devices(struct prog_run *run, struct sampler *sampler)
{
	static const unsigned counts[] = {1, 10000, 100};
	struct box boxes[ARRAY_SIZE(counts)] = {};
	size_t sizes = run->quick ? 2 : ARRAY_SIZE(counts);
	int err = 0;

	run->count = 0;
	for (size_t i = 0; !err && i < sizes; i++) {
		struct mix_place place = {.device4 = BOXES_DEVICES_AT, .devices = counts[i]};

		err = box_open_devices(counts[i], &boxes[i]);
		if (!err)
			add_growth(run, "devices", counts[i], &boxes[i], &place, &place, 0xb8);
	}
	if (!err)
		err = sampler_run(sampler, run->cells, run->count);
	for (size_t i = 0; i < sizes; i++)
		box_close(&boxes[i]);
	return err;
}

int prog_measure_ranges(struct prog_run *run, struct sampler *sampler)
{
	static const unsigned counts[] = {10, 1000, 100};
	struct box boxes[ARRAY_SIZE(counts)] = {};
	size_t sizes = run->quick ? 2 : ARRAY_SIZE(counts);
	int err = 0;

	run->count = 0;
	for (size_t i = 0; !err && i < sizes; i++) {
		unsigned devices = (counts[i] + BOXES_PORTS_A_LIST - 1) / BOXES_PORTS_A_LIST;
		struct mix_place refused = {.device4 = BOXES_DEVICES_AT, .devices = devices};
		struct mix_place known = {
			.device4 = BOXES_DEVICES_AT,
			.devices = 1,
			.first_port = BOXES_RANGES_AT,
			.ports = counts[i] < BOXES_PORTS_A_LIST ? counts[i] : BOXES_PORTS_A_LIST,
			.port_step = 4,
		};

		err = box_open_ranges(counts[i], &boxes[i]);
		if (!err)
			add_growth(run, "ranges", counts[i], &boxes[i], &known, &refused, -1);
	}
	if (!err)
		err = sampler_run(sampler, run->cells, run->count);
	for (size_t i = 0; i < sizes; i++)
		box_close(&boxes[i]);
	return err;
}
