/* SPDX-License-Identifier: GPL-2.0 */
/* Flows as they come and go, as lines; see render_follow.h. */
#include "report/render_follow.h"

#include "base/names.h"
#include "report/json.h"
#include "report/table.h"

static const char *news_label(enum flow_news news)
{
	static const char *const labels[] = {"opened", "periodic", "closed"};

	return labels[news];
}

/* ------------------------------------------------------------------ text */

static void print_dscp(FILE *out, const struct flow_row *row, enum agfeo_direction direction)
{
	const struct agfeo_flow_direction *way = &row->way[direction];
	char in[8], left[8];

	dscp_format(way->dscp_in & 0x3f, in);
	if (way->dscp_in == way->dscp_out)
		fprintf(out, "  %s", in);
	else
		fprintf(out, "  %s>%s", in, dscp_format(way->dscp_out & 0x3f, left));
}

static void print_stream(FILE *out, const struct call_stream *stream)
{
	fprintf(out, "  %s lost %.1f %%", stream->codec, stream->loss_percent);
	if (stream->has_jitter)
		fprintf(out, "  jitter %.1f (%.1f) ms", stream->mean_jitter_ms,
			stream->max_jitter_ms);
	if (stream->has_mos)
		fprintf(out, "  MOS %.2f", stream->mos);
}

static void print_way(FILE *out, const struct follow_view *view, enum agfeo_direction direction)
{
	const struct call_stream *stream = view->call ? call_stream(view->call, direction) : NULL;
	const struct agfeo_flow_direction *way = &view->row.way[direction];
	char bytes[AMOUNT_TEXT];

	fprintf(out, "    %-3s  %llu packets  %s", direction_label(direction),
		(unsigned long long)way->packets, bytes_format(way->bytes, bytes));
	if (way->packets)
		print_dscp(out, &view->row, direction);
	if (stream)
		print_stream(out, stream);
	if (view->row.dropped[direction])
		fprintf(out, "  %u dropped here", view->row.dropped[direction]);
	fputc('\n', out);
}

void render_follow_text(FILE *out, const struct follow_view *view)
{
	const struct flow_row *row = &view->row;
	enum flow_news news = view->telling->news;
	uint64_t when = view->telling->time_ns + view->realtime_offset_ns;
	char time[TIME_TEXT], local[ENDPOINT_TEXT], remote[ENDPOINT_TEXT], lasting[AMOUNT_TEXT];
	char protocol[8];

	fprintf(out, "%s.%03u  %-8s  %s %s  %s %s %s %s", time_format(when, time),
		(unsigned)(when / 1000000 % 1000), news_label(news), row->device,
		*row->service ? row->service : class_label(row->class),
		ip_protocol_format(row->protocol, protocol),
		endpoint_format(&row->local, row->local_port, local),
		row->opener == AGFEO_OUT ? "->" : "<-",
		endpoint_format(&row->remote, row->remote_port, remote));
	if (news != FLOW_OPENED)
		fprintf(out, "  %s%s", duration_format(row->age_ns / 1000000000, lasting),
			row->one_way ? "  ONE-WAY" : "");
	fputc('\n', out);
	if (news == FLOW_OPENED)
		return;
	print_way(out, view, AGFEO_IN);
	print_way(out, view, AGFEO_OUT);
}

/* ------------------------------------------------------------------ JSON */

static void put_announcement(struct json *json, const struct follow_view *view)
{
	const struct agfeo_event *event = view->telling->event;

	json_string(json, "reason",
		    event && event->reason < AGFEO_REASON_COUNT ? reason_label(event->reason)
								: NULL);
	json_string(json, "interface", *view->interface ? view->interface : NULL);
	json_string(json, "hook", event ? (event->hook ? "tc" : "xdp") : NULL);
}

void render_follow_json(FILE *out, const struct follow_view *view)
{
	const struct flow_row *row = &view->row;
	const struct flow_telling *telling = view->telling;
	bool out_first = row->opener == AGFEO_OUT;
	struct json json = {.out = out};
	char text[ENDPOINT_TEXT], label[24];

	snprintf(label, sizeof(label), "flow-%s", news_label(telling->news));
	json_open(&json, NULL);
	json_time(&json, "time", telling->time_ns + view->realtime_offset_ns);
	json_string(&json, "event", label);
	json_string(&json, "source",
		    out_first ? endpoint_format(&row->local, row->local_port, text)
			      : endpoint_format(&row->remote, row->remote_port, text));
	json_string(&json, "destination",
		    out_first ? endpoint_format(&row->remote, row->remote_port, text)
			      : endpoint_format(&row->local, row->local_port, text));
	flow_json_members(&json, row, view->call);
	if (telling->news == FLOW_OPENED)
		put_announcement(&json, view);
	if (telling->news == FLOW_CLOSED)
		json_boolean(&json, "final", telling->final);
	json_close(&json);
	json_end(&json);
}
