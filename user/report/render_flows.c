/* SPDX-License-Identifier: GPL-2.0 */
/* Flows as a table and as JSON; see flow.h. */
#include <errno.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "report/flow.h"
#include "report/json.h"
#include "report/render_calls.h"
#include "report/render_follow.h"
#include "report/snapshot.h"
#include "report/table.h"

static const char *state_label(enum flow_state state)
{
	static const char *const labels[] = {"new", "answered", "established", "closing"};

	return labels[state];
}

/* A class out of a map that another version may have written. */
static const char *class_of(const struct flow_row *row)
{
	return row->class < AGFEO_CLASS_COUNT ? class_label(row->class) : "?";
}

/* "cs0>ef" where we changed it. */
static void dscp_cell(struct table *table, const struct agfeo_flow_direction *way)
{
	const char *came = dscp_label(way->dscp_in & 0x3f),
		   *left = dscp_label(way->dscp_out & 0x3f);

	if (!way->packets)
		table_cell(table, "%s", "-");
	else if (came == left)
		table_cell(table, "%s", came);
	else
		table_cell(table, "%s>%s", came, left);
}

static void way_cells(struct table *table, const struct agfeo_flow_direction *way)
{
	char text[AMOUNT_TEXT];

	table_cell(table, "%llu", (unsigned long long)way->packets);
	table_cell(table, "%s", bytes_format(way->bytes, text));
	dscp_cell(table, way);
}

static void flow_row(struct table *table, const struct flow_row *row)
{
	char text[ENDPOINT_TEXT], protocol[8], lasting[AMOUNT_TEXT];

	table_cell(table, "%s", row->device);
	table_cell(table, "%s", row->service);
	table_cell(table, "%s", class_of(row));
	table_cell(table, "%s", ip_protocol_format(row->protocol, protocol));
	table_cell(table, "%s", endpoint_format(&row->local, row->local_port, text));
	table_cell(table, "%s", row->opener == AGFEO_OUT ? "->" : "<-");
	endpoint_format(&row->remote, row->remote_port, text);
	if (*row->remote_device)
		table_cell(table, "%s (%s)", text, row->remote_device);
	else
		table_cell(table, "%s", text);
	table_cell(table, "%s", duration_format(row->age_ns / 1000000000, lasting));
	table_cell(table, "%s", duration_format(row->idle_ns / 1000000000, lasting));
	way_cells(table, &row->way[AGFEO_IN]);
	way_cells(table, &row->way[AGFEO_OUT]);
	table_cell(table, "%s%s", state_label(row->state), row->one_way ? ", one-way" : "");
}

int render_flows_text(FILE *out, const struct flow_row *rows, size_t count)
{
	static const char *const headers[] = {
		"DEVICE", "SERVICE", "CLASS", "PROTO", "LOCAL",	 "",	 "REMOTE", ">AGE", ">IDLE",
		">IN",	  ">BYTES",  "DSCP",  ">OUT",  ">BYTES", "DSCP", "STATE",  NULL,
	};
	_cleanup_(table_freep) struct table *table = table_new(headers);

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		flow_row(table, &rows[i]);
	if (!count)
		fputs("no flow is live\n", out);
	return table_print(table, out);
}

/* ------------------------------------------------------------------ JSON */

/* call: of voice, whose streams are shown; else NULL. */
static void put_way(struct json *json, const struct flow_row *row, const struct call *call,
		    enum agfeo_direction direction)
{
	const struct agfeo_flow_direction *way = &row->way[direction];

	json_open(json, direction_label(direction));
	json_number(json, "packets", way->packets);
	json_number(json, "bytes", way->bytes);
	json_number(json, "dropped", row->dropped[direction]);
	json_number(json, "remarked", way->remarked);
	json_number(json, "fast", way->fast);
	json_number(json, "dscp_in", way->dscp_in);
	json_number(json, "dscp_out", way->dscp_out);
	if (call)
		call_stream_json(json, "stream", call_stream(call, direction));
	json_close(json);
}

void flow_json_members(struct json *json, const struct flow_row *row, const struct call *call)
{
	char text[ENDPOINT_TEXT], protocol[8];

	json_string(json, "device", row->device);
	json_string(json, "model", row->model);
	json_string(json, "service", row->service);
	json_string(json, "class", class_of(row));
	json_string(json, "protocol", ip_protocol_format(row->protocol, protocol));
	json_string(json, "local", endpoint_format(&row->local, row->local_port, text));
	json_string(json, "remote", endpoint_format(&row->remote, row->remote_port, text));
	json_string(json, "remote_device", *row->remote_device ? row->remote_device : NULL);
	json_string(json, "opener", direction_label(row->opener));
	json_string(json, "state", state_label(row->state));
	json_real(json, "age_s", (double)row->age_ns / 1e9, 3);
	json_real(json, "idle_s", (double)row->idle_ns / 1e9, 3);
	json_dscp(json, "mark", row->mark);
	json_boolean(json, "one_way", row->one_way);
	put_way(json, row, call, AGFEO_IN);
	put_way(json, row, call, AGFEO_OUT);
}

int render_flows_json(FILE *out, const struct flow_row *rows, size_t count,
		      const struct call *calls)
{
	struct json json = {.out = out};

	json_open(&json, NULL);
	json_array(&json, "flows");
	for (size_t i = 0; i < count; i++) {
		json_open(&json, NULL);
		flow_json_members(&json, &rows[i], rows[i].call ? &calls[rows[i].call - 1] : NULL);
		json_close(&json);
	}
	json_array_end(&json);
	json_close(&json);
	json_end(&json);
	return 0;
}
