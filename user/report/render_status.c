/* SPDX-License-Identifier: GPL-2.0 */
/* State of the box: interfaces, programs, maps; see render.h. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "report/daemon_state.h"
#include "report/json.h"
#include "report/render.h"
#include "report/table.h"

static uint64_t memory_of(const struct snapshot *snapshot)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < snapshot->map_count; i++)
		sum += snapshot->maps[i].memory_bytes;
	return sum;
}

/* ------------------------------------------------------------------ text */

static void print_summary(FILE *out, const struct snapshot *snapshot)
{
	const struct agfeo_meta *meta = &snapshot->meta;
	char time[TIME_TEXT], lasting[AMOUNT_TEXT];
	uint64_t age = snapshot->time_ns > meta->loaded_ns
			       ? (snapshot->time_ns - meta->loaded_ns) / 1000000000
			       : 0;

	fprintf(out, "loaded         %s (%s ago) by version %s\n",
		time_format(meta->loaded_ns, time), duration_format(age, lasting), meta->version);
	if (meta->first_loaded_ns && meta->first_loaded_ns != meta->loaded_ns)
		fprintf(out, "counting since %s\n", time_format(meta->first_loaded_ns, time));
	fprintf(out, "configuration  %s, generation %u\n", meta->config,
		snapshot->control.generation);
	fprintf(out, "mode           %s\n",
		snapshot->monitor ? "monitor: judges and counts, drops and re-marks nothing"
				  : "enforce");
	fputs("flows         ", out);
	for (int class = 0; class < AGFEO_CLASS_COUNT; class ++)
		fprintf(out, "%s %s %llu", class ? "," : "", class_label(class),
			(unsigned long long)snapshot->flows[class]);
	fputc('\n', out);
	daemon_state_print(out, snapshot->daemon, snapshot->time_ns);
	if (snapshot->one_way)
		fprintf(out, "one-way audio  %llu: see agfeoctl calls\n",
			(unsigned long long)snapshot->one_way);
}

static int print_interfaces(FILE *out, const struct snapshot *snapshot)
{
	static const char *const headers[] = {"INTERFACE", "ROLE",  "XDP",
					      "TC EGRESS", "STATE", NULL};
	_cleanup_(table_freep) struct table *table = table_new(headers);

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < snapshot->interface_count; i++) {
		const struct interface_state *row = &snapshot->interfaces[i];

		table_cell(table, "%s", row->name);
		table_cell(table, "%s", role_label(row->role));
		table_cell(table, "%s", row->xdp);
		table_cell(table, "%s", row->tc);
		table_cell(table, "%s",
			   row->present ? "present"
					: "missing: guarded when it comes and 'agfeoctl run' runs");
	}
	fputc('\n', out);
	if (!snapshot->interface_count)
		fputs("no interface is guarded\n", out);
	return table_print(table, out);
}

static int print_programs(FILE *out, const struct snapshot *snapshot)
{
	static const char *const headers[] = {"PROGRAM",   ">ID",   ">VERIFIED", ">JITED",
					      ">NS A RUN", ">RUNS", NULL};
	_cleanup_(table_freep) struct table *table = table_new(headers);
	bool timed = false;

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < snapshot->program_count; i++) {
		const struct program_state *row = &snapshot->programs[i];
		char size[AMOUNT_TEXT];

		table_cell(table, "%s", row->name);
		table_cell(table, "%u", row->id);
		if (row->verified_instructions)
			table_cell(table, "%u insns", row->verified_instructions);
		else
			table_cell(table, "%s", "?");
		table_cell(table, "%s",
			   row->jited_bytes ? bytes_format(row->jited_bytes, size) : "no");
		if (row->run_count)
			table_cell(table, "%.0f", (double)row->run_ns / (double)row->run_count);
		else
			table_cell(table, "%s", "-");
		table_cell(table, "%llu", (unsigned long long)row->run_count);
		timed |= row->run_count != 0;
	}
	fputc('\n', out);
	if (snapshot->program_count && !timed) {
		int err = table_print(table, out);

		fputs("(run times are measured while sysctl kernel.bpf_stats_enabled=1)\n", out);
		return err;
	}
	return table_print(table, out);
}

static int print_maps(FILE *out, const struct snapshot *snapshot)
{
	static const char *const headers[] = {"MAP",   ">ENTRIES", ">CAPACITY",
					      ">FILL", ">MEMORY",  NULL};
	_cleanup_(table_freep) struct table *table = table_new(headers);
	char size[AMOUNT_TEXT];
	int err;

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < snapshot->map_count; i++) {
		const struct map_state *row = &snapshot->maps[i];

		table_cell(table, "%s", row->name);
		table_cell(table, "%llu", (unsigned long long)row->entries);
		table_cell(table, "%llu", (unsigned long long)row->capacity);
		if (row->capacity && !row->fixed)
			table_cell(table, "%.1f %%",
				   100.0 * (double)row->entries / (double)row->capacity);
		else
			table_cell(table, "%s", "-");
		table_cell(table, "%s", bytes_format(row->memory_bytes, size));
	}
	fputc('\n', out);
	err = table_print(table, out);
	if (!err && snapshot->map_count)
		fprintf(out, "in all %s\n", bytes_format(memory_of(snapshot), size));
	return err;
}

int render_status_text(FILE *out, const struct snapshot *snapshot)
{
	int err;

	print_summary(out, snapshot);
	err = print_interfaces(out, snapshot);
	if (!err)
		err = known_addresses_print(out, snapshot->addresses, snapshot->address_count);
	if (!err)
		err = print_programs(out, snapshot);
	if (!err)
		err = print_maps(out, snapshot);
	return err;
}

/* ------------------------------------------------------------------ JSON */

static void put_interfaces(struct json *json, const struct snapshot *snapshot)
{
	json_array(json, "interfaces");
	for (size_t i = 0; i < snapshot->interface_count; i++) {
		const struct interface_state *row = &snapshot->interfaces[i];

		json_open(json, NULL);
		json_string(json, "interface", row->name);
		json_string(json, "role", role_label(row->role));
		json_string(json, "xdp", row->xdp);
		json_string(json, "tc", row->tc);
		json_boolean(json, "present", row->present);
		json_close(json);
	}
	json_array_end(json);
}

static void put_programs(struct json *json, const struct snapshot *snapshot)
{
	json_array(json, "programs");
	for (size_t i = 0; i < snapshot->program_count; i++) {
		const struct program_state *row = &snapshot->programs[i];

		json_open(json, NULL);
		json_string(json, "program", row->name);
		json_number(json, "id", row->id);
		if (row->verified_instructions)
			json_number(json, "verified_instructions", row->verified_instructions);
		else
			json_null(json, "verified_instructions");
		json_number(json, "jited_bytes", row->jited_bytes);
		json_number(json, "runs", row->run_count);
		if (row->run_count)
			json_real(json, "ns_per_run", (double)row->run_ns / (double)row->run_count,
				  1);
		else
			json_null(json, "ns_per_run");
		json_close(json);
	}
	json_array_end(json);
}

static void put_maps(struct json *json, const struct snapshot *snapshot)
{
	json_array(json, "maps");
	for (size_t i = 0; i < snapshot->map_count; i++) {
		const struct map_state *row = &snapshot->maps[i];

		json_open(json, NULL);
		json_string(json, "map", row->name);
		json_number(json, "entries", row->entries);
		json_number(json, "capacity", row->capacity);
		json_number(json, "memory_bytes", row->memory_bytes);
		json_close(json);
	}
	json_array_end(json);
	json_number(json, "memory_bytes", memory_of(snapshot));
}

int render_status_json(FILE *out, const struct snapshot *snapshot)
{
	struct json json = {.out = out};

	json_open(&json, NULL);
	json_boolean(&json, "loaded", true);
	json_number(&json, "generation", snapshot->control.generation);
	json_string(&json, "version", snapshot->meta.version);
	json_string(&json, "config", snapshot->meta.config);
	json_string(&json, "mode", snapshot->monitor ? "monitor" : "enforce");
	json_time(&json, "time", snapshot->time_ns);
	json_time(&json, "loaded_at", snapshot->meta.loaded_ns);
	json_time(&json, "first_loaded_at", snapshot->meta.first_loaded_ns);
	put_interfaces(&json, snapshot);
	known_addresses_put(&json, snapshot->addresses, snapshot->address_count);
	put_programs(&json, snapshot);
	put_maps(&json, snapshot);
	json_open(&json, "flows");
	for (int class = 0; class < AGFEO_CLASS_COUNT; class ++)
		json_number(&json, class_label(class), snapshot->flows[class]);
	json_close(&json);
	json_number(&json, "flow_entries", snapshot->flow_entries);
	json_number(&json, "flow_capacity", snapshot->flow_capacity);
	json_number(&json, "one_way", snapshot->one_way);
	daemon_state_put(&json, "daemon", snapshot->daemon);
	json_close(&json);
	json_end(&json);
	return 0;
}
