/* SPDX-License-Identifier: GPL-2.0 */
/* Rows to cells; see prog.h. */
#include "prog.h"

#include <stdio.h>
#include <string.h>

#define WARM_LEAST 4096
#define WARM_ONCE  500000 /* flows from which on one round makes them known */

int prog_fd(const struct bpf_program *program)
{
	return bpf_program__fd(program);
}

static int take(const struct cell *cell, double *ret_ns, char *extra, size_t extra_size)
{
	double base;
	int err = subject_sample(cell->context, ret_ns, &base);

	if (!err)
		snprintf(extra, extra_size, ",\"base\":%.3f", base);
	return err;
}

static uint32_t packets_that_warm(uint32_t flows)
{
	if (flows >= WARM_ONCE)
		return flows;
	return 2 * flows > WARM_LEAST ? 2 * flows : WARM_LEAST;
}

void prog_add(struct prog_run *run, const struct prog_row *row, int program,
	      const struct mix_place *place)
{
	struct subject *subject = &run->subjects[run->count];
	uint32_t flows = row->flows == PROG_ALL_NEW ? 0 : row->flows;

	if (run->count == PROG_CELLS_MOST || (run->only && strcmp(row->name, run->only)))
		return;
	*subject = (struct subject){
		.bench = run->bench,
		.hook = row->hook,
		.program = program,
		.verdict = row->verdict,
		.tos = row->tos,
		.packets = run->packets > flows ? run->packets : flows,
		.warmed = packets_that_warm(flows),
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

/* Of 1, 100 or 10,000 flows in one box: a stream that two of these mixes sent would jump at each turn, and
 * its next 64 packets go the long way. */
static struct mix_place flows_of_their_own(uint32_t flows)
{
	return (struct mix_place){.shift = flows};
}

void prog_add_floors(struct prog_run *run, const char *part, uint32_t flows)
{
	struct mix_place own = flows_of_their_own(flows);
	struct prog_row row = {part, "no-op", flows, MIX_RTP_OUT, flows, SUBJECT_XDP, PROG_DROPPED};

	prog_add(run, &row, prog_fd(run->bench->progs.empty_xdp), &own);
	row.name = "parse only";
	prog_add(run, &row, prog_fd(run->bench->progs.floor_parse), &own);
	row.name = "parse, bare lookup and count";
	prog_add(run, &row, prog_fd(run->bench->progs.floor_lookup), &own);
}

void prog_add_known(struct prog_run *run, const char *part, const char *name, uint32_t flows,
		    const struct box *box)
{
	struct mix_place own = flows_of_their_own(flows);
	struct prog_row row = {part, name, flows, MIX_RTP_OUT, flows, SUBJECT_XDP, PROG_MARKED};

	prog_add(run, &row, box_program(box, "xdp_ingress"), &own);
}
