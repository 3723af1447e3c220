/* SPDX-License-Identifier: GPL-2.0 */
/* Counters as tables for people; see render.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "report/render.h"
#include "report/table.h"

/* A device's name in a table; what concerns no device still needs a word. */
static const char *device_name(const char *name)
{
	return *name ? name : "(no device)";
}

/* A count, or per second; nothing for 0, so that what happened stands out. */
static void number_cell(struct table *table, uint64_t number, double seconds)
{
	if (!number)
		table_cell(table, "%s", "-");
	else if (seconds > 0)
		table_cell(table, "%.1f/s", (double)number / seconds);
	else
		table_cell(table, "%llu", (unsigned long long)number);
}

static void bytes_cell(struct table *table, uint64_t bytes, double seconds)
{
	char text[AMOUNT_TEXT];

	if (!bytes) {
		table_cell(table, "%s", "-");
		return;
	}
	if (seconds > 0) {
		bytes_format((uint64_t)((double)bytes / seconds + 0.5), text);
		table_cell(table, "%s/s", text);
		return;
	}
	table_cell(table, "%s", bytes_format(bytes, text));
}

static void print_head(FILE *out, const struct snapshot *snapshot, double seconds)
{
	char time[TIME_TEXT], since[TIME_TEXT], lasting[AMOUNT_TEXT];
	uint64_t first = snapshot->meta.first_loaded_ns;
	uint64_t age = snapshot->time_ns > first ? (snapshot->time_ns - first) / 1000000000 : 0;

	time_format(snapshot->time_ns, time);
	if (seconds > 0)
		fprintf(out, "%s, rates over the last %.1f s", time, seconds);
	else
		fprintf(out, "%s, counted since %s (%s)", time, time_format(first, since),
			duration_format(age, lasting));
	fprintf(out, ", generation %u", snapshot->control.generation);
	if (snapshot->monitor)
		fprintf(out, "\nmonitor mode: what is counted as dropped was let through");
	fputc('\n', out);
}

/* ------------------------------------------------------------------ services */

static void service_row(struct table *table, const struct service_count *row, bool repeated,
			double seconds)
{
	const struct service_sum *sum = &row->sum;
	char remarked[48] = "-";

	table_cell(table, "%s", repeated ? "" : device_name(row->device));
	table_cell(table, "%s", repeated ? "" : row->model);
	table_cell(table, "%s", strcmp(row->service, "none") ? row->service : "(not listed)");
	for (int direction = AGFEO_IN; direction < AGFEO_DIRECTION_COUNT; direction++) {
		number_cell(table, sum->packets[AGFEO_PASS][direction], seconds);
		bytes_cell(table, sum->bytes[AGFEO_PASS][direction], seconds);
	}
	number_cell(table, sum->packets[AGFEO_DROP][AGFEO_IN], seconds);
	number_cell(table, sum->packets[AGFEO_DROP][AGFEO_OUT], seconds);
	if (sum->remarked && seconds > 0)
		snprintf(remarked, sizeof(remarked), "%.1f/s to %s",
			 (double)sum->remarked / seconds, dscp_label(row->dscp));
	else if (sum->remarked)
		snprintf(remarked, sizeof(remarked), "%llu to %s",
			 (unsigned long long)sum->remarked, dscp_label(row->dscp));
	else if (sum->bleached && seconds > 0)
		snprintf(remarked, sizeof(remarked), "%.1f/s to cs0",
			 (double)sum->bleached / seconds);
	else if (sum->bleached)
		snprintf(remarked, sizeof(remarked), "%llu to cs0",
			 (unsigned long long)sum->bleached);
	table_cell(table, "%s", remarked);
}

static int print_services(FILE *out, const struct snapshot *snapshot, double seconds)
{
	static const char *const headers[] = {
		"DEVICE", "MODEL",	 "SERVICE",	 ">IN PASSED", ">BYTES", ">OUT PASSED",
		">BYTES", ">IN DROPPED", ">OUT DROPPED", ">RE-MARKED", NULL,
	};
	_cleanup_(table_freep) struct table *table = table_new(headers);
	const struct service_count *last = NULL;
	int err;

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < snapshot->service_count; i++) {
		const struct service_count *row = &snapshot->services[i];
		bool repeated = last && !strcmp(last->device, row->device) &&
				!strcmp(last->model, row->model);

		if (service_is_zero(&row->sum))
			continue;
		service_row(table, row, repeated, seconds);
		last = row;
	}
	if (!last) {
		fputs(seconds > 0 ? "\nno packet of a listed device\n"
				  : "\nno packet of a listed device was seen yet\n",
		      out);
		return 0;
	}
	fputc('\n', out);
	err = table_print(table, out);
	return err;
}

/* ------------------------------------------------------------------ drops */

static int print_drops(FILE *out, const struct snapshot *snapshot, double seconds)
{
	static const char *const headers[] = {"DEVICE", "REASON", ">DROPPED", "WHY", NULL};
	_cleanup_(table_freep) struct table *table = table_new(headers);
	bool any = false;

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < snapshot->device_count; i++) {
		const struct device_count *row = &snapshot->devices[i];

		for (int at = 0; at < AGFEO_DROP_REASON_COUNT; at++) {
			enum agfeo_reason reason = AGFEO_FIRST_DROP_REASON + at;

			if (!row->sum.drops[at])
				continue;
			table_cell(table, "%s", device_name(row->device));
			table_cell(table, "%s", reason_label(reason));
			number_cell(table, row->sum.drops[at], seconds);
			table_cell(table, "%s", reason_text(reason));
			any = true;
		}
	}
	if (!any) {
		fputs("nothing was dropped\n", out);
		return 0;
	}
	return table_print(table, out);
}

int render_drops_text(FILE *out, const struct snapshot *snapshot)
{
	print_head(out, snapshot, 0);
	fputc('\n', out);
	return print_drops(out, snapshot, 0);
}

/* ------------------------------------------------------------------ voice */

static bool has_voice(const struct device_sum *sum, enum agfeo_direction direction)
{
	if (sum->rtp_packets[direction] || sum->rtp_lost[direction])
		return true;
	for (int kind = 0; kind < AGFEO_DSCP_KINDS; kind++)
		if (sum->arrived[direction][kind] || sum->left[direction][kind])
			return true;
	return false;
}

static void voice_row(struct table *table, const struct device_count *row,
		      enum agfeo_direction direction, double seconds)
{
	const struct device_sum *sum = &row->sum;

	table_cell(table, "%s", device_name(row->device));
	table_cell(table, "%s", direction_label(direction));
	for (int kind = 0; kind < AGFEO_DSCP_KINDS; kind++)
		number_cell(table, sum->arrived[direction][kind], seconds);
	for (int kind = 0; kind < AGFEO_DSCP_KINDS; kind++)
		number_cell(table, sum->left[direction][kind], seconds);
	number_cell(table, sum->rtp_packets[direction], seconds);
	number_cell(table, sum->rtp_lost[direction], seconds);
	number_cell(table, sum->rtp_duplicates[direction], seconds);
	number_cell(table, sum->rtp_reordered[direction], seconds);
}

static int print_voice(FILE *out, const struct snapshot *snapshot, double seconds)
{
	static const char *const headers[] = {
		"VOICE",      "DIRECTION",  ">ARRIVED EF", ">CS0", ">OTHER",
		">LEFT EF",   ">CS0",	    ">OTHER",	   ">RTP", ">LOST",
		">DUPLICATE", ">REORDERED", NULL,
	};
	_cleanup_(table_freep) struct table *table = table_new(headers);
	bool any = false;

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < snapshot->device_count; i++)
		for (int direction = AGFEO_IN; direction < AGFEO_DIRECTION_COUNT; direction++)
			if (has_voice(&snapshot->devices[i].sum, direction)) {
				voice_row(table, &snapshot->devices[i], direction, seconds);
				any = true;
			}
	if (any)
		fputc('\n', out);
	return table_print(table, out);
}

int render_stats_text(FILE *out, const struct snapshot *snapshot, double seconds)
{
	int err;

	print_head(out, snapshot, seconds);
	err = print_services(out, snapshot, seconds);
	if (err)
		return err;
	err = print_voice(out, snapshot, seconds);
	if (err)
		return err;
	fputc('\n', out);
	return print_drops(out, snapshot, seconds);
}
