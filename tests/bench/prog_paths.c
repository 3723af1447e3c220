/* SPDX-License-Identifier: GPL-2.0 */
/* Every path by itself, what quality adds to voice, and the memory of the maps. */
#include "prog.h"

#include <stdio.h>

#include "base/cleanup.h"

#define QUALITY_FLOWS 10000

/* What a run costs by itself: nothing is made, nothing is called. */
static int take_runner(const struct cell *cell, double *ret_ns, char *extra, size_t extra_size)
{
	struct subject *subject = cell->context;

	(void)extra;
	(void)extra_size;
	return subject_run_plain(subject, subject->packets, ret_ns);
}

static void add_runner(struct prog_run *run)
{
	static const struct prog_row row = {"paths",	 "BPF_PROG_RUN itself", 0, MIX_RTP_OUT, 1,
					    SUBJECT_XDP, PROG_DROPPED};
	static const struct mix_place here;
	size_t before = run->count;

	prog_add(run, &row, prog_fd(run->bench->progs.empty_xdp), &here);
	if (run->count > before)
		run->cells[before].take = take_runner;
}

/* clang-format off */
enum path_box {
	BOX_OFF,
	BOX_ON,	  /* quality */
	BOX_TC,	  /* for tc: a packet whose flow was at an uplink just now is taken for the same one */
	BOX_FULL, /* its tables are full of flows that were new once: the others' chains stay short */
	BOXES,
};

static const struct path {
	struct prog_row row;
	enum path_box box;
	const char *program;
} paths[] = {
	{{"paths", "known flow, IPv6", 100, MIX_RTP6_OUT, 100, SUBJECT_XDP, PROG_MARKED}, BOX_OFF, "xdp_ingress"},
	{{"paths", "known flow, quality, IPv6", 100, MIX_RTP6_OUT, 100, SUBJECT_XDP, PROG_MARKED}, BOX_ON, "xdp_ingress"},
	{{"paths", "known flow, VLAN tag", 100, MIX_RTP_VLAN_OUT, 100, SUBJECT_XDP, PROG_MARKED}, BOX_OFF, "xdp_ingress"},
	{{"paths", "known flow, uplink", 100, MIX_RTP, 100, SUBJECT_XDP, PROG_MARKED}, BOX_OFF, "xdp_uplink"},
	{{"paths", "known flow, tc egress", 100, MIX_RTP, 100, SUBJECT_TC, -1, 0xb8}, BOX_TC, "tc_egress"},
	{{"paths", "known flow, tc egress, IPv6", 100, MIX_RTP6, 100, SUBJECT_TC, -1, 0xb8}, BOX_TC, "tc_egress"},
	{{"paths", "known flow, quality, tc egress", 100, MIX_RTP, 100, SUBJECT_TC, -1, 0xb8}, BOX_ON, "tc_egress"},
	{{"paths", "known SIP flow", 100, MIX_SIP_IN, 100, SUBJECT_XDP, PROG_PASSED}, BOX_OFF, "xdp_ingress"},
	{{"paths", "new flow every packet", 0, MIX_NEW_OUT, PROG_ALL_NEW, SUBJECT_XDP, PROG_MARKED}, BOX_FULL, "xdp_ingress"},
	{{"paths", "new flow every packet, IPv6", 0, MIX_NEW6_OUT, PROG_ALL_NEW, SUBJECT_XDP, PROG_MARKED}, BOX_FULL, "xdp_ingress"},
	{{"paths", "refused, unlisted port", 0, MIX_FLOOD, 1, SUBJECT_XDP, PROG_DROPPED}, BOX_OFF, "xdp_uplink"},
	{{"paths", "refused, unlisted port, looks like RTP", 0, MIX_FLOOD_RTP, 1, SUBJECT_XDP, PROG_DROPPED}, BOX_OFF, "xdp_uplink"},
	{{"paths", "refused, unlisted port, VLAN tag", 0, MIX_FLOOD_VLAN, 1, SUBJECT_XDP, PROG_DROPPED}, BOX_OFF, "xdp_uplink"},
	{{"paths", "refused, unlisted port, IPv6", 0, MIX_FLOOD6, 1, SUBJECT_XDP, PROG_DROPPED}, BOX_OFF, "xdp_uplink"},
	{{"paths", "refused, listed port, stranger", 0, MIX_LISTED, 1, SUBJECT_XDP, PROG_DROPPED}, BOX_OFF, "xdp_uplink"},
	{{"paths", "the same, IPv6", 0, MIX_LISTED6, 1, SUBJECT_XDP, PROG_DROPPED}, BOX_OFF, "xdp_uplink"},
	{{"paths", "refused, device's own", 0, MIX_UNLISTED_OUT, 1, SUBJECT_XDP, PROG_DROPPED}, BOX_OFF, "xdp_ingress"},
	{{"paths", "refused, tc egress", 0, MIX_FLOOD, 1, SUBJECT_TC, TC_ACT_SHOT, -1}, BOX_OFF, "tc_egress"},
	{{"paths", "no device, voice", 0, MIX_STRANGER, 1, SUBJECT_XDP, PROG_PASSED}, BOX_OFF, "xdp_ingress"},
	{{"paths", "no device, uplink", 0, MIX_STRANGER, 1, SUBJECT_XDP, PROG_PASSED}, BOX_OFF, "xdp_uplink"},
};
/* clang-format on */

static void add_paths(struct prog_run *run, const struct box *boxes)
{
	static const struct mix_place here;

	add_runner(run);
	prog_add_floors(run, "paths", 100);
	prog_add_known(run, "paths", "known flow", 100, &boxes[BOX_OFF]);
	prog_add_known(run, "paths", "known flow, quality", 100, &boxes[BOX_ON]);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		prog_add(run, &paths[i].row, box_program(&boxes[paths[i].box], paths[i].program),
			 &here);
}

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

static int open_boxes(struct box *boxes, size_t count)
{
	int err = 0;

	for (size_t i = 0; !err && i < count; i++)
		err = box_open_usual(BOXES_FLOWS, i == BOX_ON ? "on" : "off", &boxes[i]);
	return err;
}

static void close_boxes(struct box *boxes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		box_close(&boxes[i]);
}

int prog_measure_paths(struct prog_run *run, struct sampler *sampler)
{
	struct box boxes[BOXES] = {};
	int err = open_boxes(boxes, BOXES);

	run->count = 0;
	if (!err) {
		add_paths(run, boxes);
		err = sampler_run(sampler, run->cells, run->count);
	}
	if (!err)
		box_each_map(&boxes[BOX_OFF], tell_map, sampler->out);
	close_boxes(boxes, BOXES);
	return err;
}

/* Of 10,000 calls: the clock alone, without quality, and with. */
static void add_quality(struct prog_run *run, const char *part, enum mix_kind mix,
			const struct box *boxes)
{
	static const struct mix_place here;
	struct prog_row row = {part,	      "parse only", QUALITY_FLOWS, mix,
			       QUALITY_FLOWS, SUBJECT_XDP,  PROG_DROPPED};

	prog_add(run, &row, prog_fd(run->bench->progs.floor_parse), &here);
	row.name = "parse and exact clock";
	prog_add(run, &row, prog_fd(run->bench->progs.floor_clock), &here);
	row.verdict = XDP_PASS;
	row.tos = 0xb8;
	row.name = "known flow";
	prog_add(run, &row, box_program(&boxes[BOX_OFF], "xdp_ingress"), &here);
	row.name = "known flow, quality";
	prog_add(run, &row, box_program(&boxes[BOX_ON], "xdp_ingress"), &here);
}

/* One end heard, or both in turn, each with boxes of its own: of the same streams two mixes in turn
 * would make streams with holes, which cost more. */
int prog_measure_quality(struct prog_run *run, struct sampler *sampler)
{
	static const struct {
		const char *part;
		enum mix_kind mix;
	} ways[] = {{"quality, one direction", MIX_RTP_OUT},
		    {"quality, both in turn", MIX_RTP_BOTH}};
	double seconds = sampler->seconds;
	int err = 0;

	sampler->seconds = seconds / ARRAY_SIZE(ways);
	for (size_t i = 0; !err && i < ARRAY_SIZE(ways); i++) {
		struct box boxes[BOX_ON + 1] = {};

		err = open_boxes(boxes, ARRAY_SIZE(boxes));
		run->count = 0;
		if (!err) {
			add_quality(run, ways[i].part, ways[i].mix, boxes);
			err = sampler_run(sampler, run->cells, run->count);
		}
		close_boxes(boxes, ARRAY_SIZE(boxes));
	}
	sampler->seconds = seconds;
	return err;
}
