/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Renderers against golden files (lib/golden.h). Metrics are also held against the rules that
 * node_exporter does not forgive.
 */
#include <json-c/json.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "lib/check.h"
#include "lib/golden.h"
#include "report/daemon_state.h"
#include "report/event.h"
#include "report/flow.h"
#include "report/json.h"
#include "report/render.h"
#include "report/table.h"

#define SECOND 1000000000ull
#define NOW    (1741010709ull * SECOND + 250000000) /* 2025-03-03 14:05:09.250 UTC */

/* ------------------------------------------------------------------ what is rendered */

/* What a renderer writes; the caller frees. */
struct output {
	char *text;
	size_t size;
	FILE *stream;
};

static FILE *output_open(struct output *output)
{
	output->stream = open_memstream(&output->text, &output->size);
	if (!output->stream)
		abort();
	return output->stream;
}

static const char *output_close(struct output *output)
{
	fclose(output->stream);
	return output->text;
}

static void output_release(struct output *output)
{
	free(output->text);
}

#define _output_ _cleanup_(output_release) struct output

/* ------------------------------------------------------------------ a site */

static struct service_count service(const char *device, const char *model, const char *name,
				    enum agfeo_class class, uint8_t dscp, uint64_t in, uint64_t out)
{
	struct service_count row = {.class = class, .dscp = dscp};

	snprintf(row.device, sizeof(row.device), "%s", device);
	snprintf(row.model, sizeof(row.model), "%s", model);
	snprintf(row.service, sizeof(row.service), "%s", name);
	row.sum.packets[AGFEO_PASS][AGFEO_IN] = in;
	row.sum.bytes[AGFEO_PASS][AGFEO_IN] = in * 200;
	row.sum.packets[AGFEO_PASS][AGFEO_OUT] = out;
	row.sum.bytes[AGFEO_PASS][AGFEO_OUT] = out * 200;
	return row;
}

static struct device_count device(const char *name, const char *model)
{
	struct device_count row = {};

	snprintf(row.device, sizeof(row.device), "%s", name);
	snprintf(row.model, sizeof(row.model), "%s", model);
	return row;
}

static uint64_t *drop(struct device_count *row, enum agfeo_reason reason)
{
	return (uint64_t *)&row->sum.drops[reason - AGFEO_FIRST_DROP_REASON];
}

static void add_services(struct snapshot *site)
{
	struct service_count *row;

	site->services = calloc(8, sizeof(*site->services));
	row = site->services;
	*row++ = service("pbx", "es-pure-ip-x-it", "rtp", AGFEO_CLASS_VOICE, AGFEO_EF, 123456,
			 120000);
	row[-1].sum.remarked = 120345;
	*row++ = service("pbx", "es-pure-ip-x-it", "sip-server", AGFEO_CLASS_SIGNALLING, AGFEO_KEEP,
			 812, 799);
	/* The same service when it was marked otherwise: another id, the same series. */
	*row++ = service("pbx", "es-pure-ip-x-it", "rtp", AGFEO_CLASS_VOICE, 40, 1000, 900);
	row[-1].sum.remarked = 55;
	*row++ =
		service("pbx", "es-pure-ip-x-it", "none", AGFEO_CLASS_MANAGEMENT, AGFEO_KEEP, 0, 0);
	row[-1].sum.packets[AGFEO_DROP][AGFEO_IN] = 35;
	row[-1].sum.bytes[AGFEO_DROP][AGFEO_IN] = 2100;
	row[-1].sum.bleached = 4;
	*row++ = service("B\xc3\xbcro \"1\\2\"", "t14-sip", "sip", AGFEO_CLASS_SIGNALLING,
			 AGFEO_KEEP, 10, 11);
	*row++ = service("broken\xff\nname", "visofon", "sip", AGFEO_CLASS_SIGNALLING, AGFEO_KEEP,
			 1, 2);
	site->service_count = (size_t)(row - site->services);
}

static void add_devices(struct snapshot *site)
{
	struct device_count *row;

	site->devices = calloc(8, sizeof(*site->devices));
	row = site->devices;
	*row = device("pbx", "es-pure-ip-x-it");
	*drop(row, AGFEO_REASON_NOT_LISTED) = 30;
	*drop(row, AGFEO_REASON_SCOPE) = 5;
	row->sum.arrived[AGFEO_IN][AGFEO_DSCP_CS0] = 123456;
	row->sum.left[AGFEO_IN][AGFEO_DSCP_EF] = 123456;
	row->sum.arrived[AGFEO_OUT][AGFEO_DSCP_EF] = 119000;
	row->sum.arrived[AGFEO_OUT][AGFEO_DSCP_OTHER] = 1000;
	row->sum.left[AGFEO_OUT][AGFEO_DSCP_EF] = 120000;
	row->sum.rtp_packets[AGFEO_IN] = 123456;
	row->sum.rtp_lost[AGFEO_IN] = 12;
	row->sum.rtp_duplicates[AGFEO_IN] = 3;
	row->sum.rtp_reordered[AGFEO_IN] = 7;
	row->sum.rtp_packets[AGFEO_OUT] = 120000;
	row++;
	/* The device was another model once: its drops are one series. */
	*row = device("pbx", "es-770-it");
	*drop(row, AGFEO_REASON_SCOPE) = 2;
	row++;
	*row = device("", "");
	*drop(row, AGFEO_REASON_UNKNOWN_HOST) = 4711;
	*drop(row, AGFEO_REASON_MALFORMED) = 1;
	row++;
	*row++ = device("silent", "t17-sip");
	site->device_count = (size_t)(row - site->devices);
}

static void add_box(struct snapshot *site)
{
	static const struct interface_state interfaces[] = {
		{"wan0", AGFEO_ROLE_UPLINK, "generic", "none", true},
		{"lan0", AGFEO_ROLE_VOICE, "native", "tcx", true},
		{"lan1.7", AGFEO_ROLE_VOICE, "none", "clsact", false},
	};
	static const struct program_state programs[] = {
		{"tc_egress", 17, 8123, 9120, 0, 0},
		{"xdp_ingress", 18, 0, 12345, 4321000, 100000},
	};
	static const struct map_state maps[] = {
		{"control", 1, 1, 4096, true},
		{"voice4", 1234, 65536, 41943040, false},
	};

	static const char *const known[] = {"2001:db8::7", "198.51.100.7", "198.51.100.8"};

	site->addresses = calloc(3, sizeof(*site->addresses));
	site->address_count = 3;
	for (size_t i = 0; i < 3; i++) {
		site->addresses[i] = (struct known_address){
			.host = i == 2 ? AGFEO_HOST_REMOTE : AGFEO_HOST_PBX,
			.refreshed = i != 1,
			.watched = i,
			.seconds = 280 - 140 * (int64_t)i,
		};
		CHECK_EQ(address_parse(known[i], &site->addresses[i].address), 0);
	}
	known_addresses_sort(site->addresses, 3);
	site->interfaces = calloc(3, sizeof(*site->interfaces));
	memcpy(site->interfaces, interfaces, sizeof(interfaces));
	site->interface_count = 3;
	site->programs = calloc(2, sizeof(*site->programs));
	memcpy(site->programs, programs, sizeof(programs));
	site->program_count = 2;
	site->maps = calloc(2, sizeof(*site->maps));
	memcpy(site->maps, maps, sizeof(maps));
	site->map_count = 2;
}

static struct snapshot *site_new(void)
{
	struct snapshot *site = snapshot_new();

	site->meta.loaded_ns = NOW - 90 * SECOND;
	site->meta.first_loaded_ns = NOW - (2 * 3600 + 13 * 60) * SECOND;
	strcpy(site->meta.version, "1.0.0");
	strcpy(site->meta.config, "/etc/agfeo/agfeo.conf");
	site->control.generation = 7;
	site->time_ns = NOW;
	site->flows[AGFEO_CLASS_VOICE] = 4;
	site->flows[AGFEO_CLASS_SIGNALLING] = 9;
	site->flow_entries = 1300;
	site->flow_capacity = 6 * 65536;
	site->flow_tables[0] = (struct table_fill){"voice4", 1234, 65536};
	site->flow_tables[1] = (struct table_fill){"voice6", 0, 65536};
	site->flow_tables[4] = (struct table_fill){"others4", 65536, 65536};
	site->one_way = 1;
	add_services(site);
	add_devices(site);
	add_box(site);
	snapshot_normalise(site);
	return site;
}

/* ------------------------------------------------------------------ text and JSON */

/* An independent reader must take it, and see what we meant. */
static struct json_object *parse(const char *text)
{
	enum json_tokener_error error;
	struct json_object *document = json_tokener_parse_verbose(text, &error);

	if (!CHECK_EQ(error, json_tokener_success))
		printf("%s\n", text);
	return document;
}

static void jsonp(struct json_object **document)
{
	json_object_put(*document);
}

#define _json_ _cleanup_(jsonp) struct json_object

static void test_stats(void)
{
	_cleanup_(snapshot_freep) struct snapshot *site = site_new();
	_cleanup_(snapshot_freep) struct snapshot *empty = snapshot_new();
	_output_ text = {}, json = {}, nothing = {};
	_json_ *document = NULL;

	CHECK_EQ(render_stats_text(output_open(&text), site, 0), 0);
	check_golden("stats.txt", output_close(&text));
	CHECK_EQ(render_stats_json(output_open(&json), site, NULL, 0), 0);
	check_golden("stats.json", output_close(&json));
	document = parse(json.text);
	CHECK_EQ(json_object_array_length(json_object_object_get(document, "devices")), 6);
	CHECK_EQ(render_stats_text(output_open(&nothing), empty, 0), 0);
	check_golden("stats_empty.txt", output_close(&nothing));
}

static void test_stats_rates(void)
{
	_cleanup_(snapshot_freep) struct snapshot *before = site_new();
	_cleanup_(snapshot_freep) struct snapshot *now = site_new();
	_cleanup_(snapshot_freep) struct snapshot *since = NULL;
	_output_ text = {}, json = {};
	_json_ *document = NULL;

	for (size_t i = 0; i < now->service_count; i++)
		if (!strcmp(now->services[i].service, "rtp")) {
			now->services[i].sum.packets[AGFEO_PASS][AGFEO_IN] += 100;
			now->services[i].sum.bytes[AGFEO_PASS][AGFEO_IN] += 20000;
		}
	now->time_ns += 2 * SECOND;
	since = snapshot_since(now, before);
	if (!CHECK(since))
		return;
	CHECK_EQ(render_stats_text(output_open(&text), since, 2), 0);
	check_golden("stats_rates.txt", output_close(&text));
	CHECK_EQ(render_stats_json(output_open(&json), now, since, 2), 0);
	check_golden("stats_rates.json", output_close(&json));
	document = parse(json.text);
	CHECK(strchr(json.text, '\n') == json.text + json.size - 1); /* an object a line */
}

static void test_drops(void)
{
	_cleanup_(snapshot_freep) struct snapshot *site = site_new();
	_cleanup_(snapshot_freep) struct snapshot *empty = snapshot_new();
	_output_ text = {}, json = {}, nothing = {};
	_json_ *document = NULL;

	CHECK_EQ(render_drops_text(output_open(&text), site), 0);
	check_golden("drops.txt", output_close(&text));
	CHECK_EQ(render_drops_json(output_open(&json), site), 0);
	check_golden("drops.json", output_close(&json));
	document = parse(json.text);
	CHECK_EQ(render_drops_json(output_open(&nothing), empty), 0);
	CHECK_STR(output_close(&nothing), "{\"drops\":[]}\n");
}

static void test_status(void)
{
	_cleanup_(snapshot_freep) struct snapshot *site = site_new();
	_output_ text = {}, json = {};
	_json_ *document = NULL;

	CHECK_EQ(render_status_text(output_open(&text), site), 0);
	check_golden("status.txt", output_close(&text));
	CHECK_EQ(render_status_json(output_open(&json), site), 0);
	check_golden("status.json", output_close(&json));
	document = parse(json.text);
	CHECK(json_object_get_boolean(json_object_object_get(document, "loaded")));
}

/* ------------------------------------------------------------------ metrics */

static int compare_lines(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

/* What makes node_exporter drop a file, or a series: a series twice, HELP twice, no last newline. */
static void check_exposition(const char *text)
{
	_cleanup_(freep) char *copy = strdup(text);
	static char *keys[4096];
	size_t count = 0;

	CHECK(*text && text[strlen(text) - 1] == '\n');
	for (char *save = NULL, *line = strtok_r(copy, "\n", &save); line && count < 4096;
	     line = strtok_r(NULL, "\n", &save)) {
		bool comment = *line == '#';
		char *end = comment ? strchr(strchr(line + 2, ' ') + 1, ' ') : strrchr(line, ' ');

		if (!CHECK(end))
			continue;
		if (!comment) /* nothing but a number after the labels: no timestamp */
			CHECK(strspn(end + 1, "0123456789.e+-") == strlen(end + 1) &&
			      (end[-1] == '}' || !strchr(line, '{')));
		*end = '\0';
		keys[count++] = line;
	}
	qsort(keys, count, sizeof(*keys), compare_lines);
	for (size_t i = 1; i < count; i++)
		if (!strcmp(keys[i - 1], keys[i]))
			CHECK_STR(keys[i], "a series that appears once");
	CHECK(count > 50);
}

static void test_metrics(void)
{
	_cleanup_(snapshot_freep) struct snapshot *site = site_new();
	_output_ plain = {}, with = {}, failed = {};
	struct quality_count quality = {.device = "pbx", .direction = AGFEO_IN};
	struct daemon_state daemon = {.pid = 4711};

	CHECK_EQ(render_prometheus(output_open(&plain), site), 0);
	check_golden("metrics.prom", output_close(&plain));
	check_exposition(plain.text);
	CHECK(!strstr(plain.text, "agfeo_rtp_mos"));
	CHECK(strstr(plain.text, "{device=\"pbx\",reason=\"scope\"} 7\n"));
	for (int at = 0; at < AGFEO_DROP_REASON_COUNT; at++) {
		char line[128];

		snprintf(line, sizeof(line), "agfeo_drops_total{device=\"\",reason=\"%s\"} ",
			 reason_label(AGFEO_FIRST_DROP_REASON + at));
		CHECK(strstr(plain.text, line));
	}

	histogram_observe(&quality.jitter, &jitter_bounds, 0.001);
	histogram_observe(&quality.jitter, &jitter_bounds, 0.0011);
	histogram_observe(&quality.jitter, &jitter_bounds, 7);
	histogram_observe(&quality.mos, &mos_bounds, 4.409);
	site->quality = calloc(2, sizeof(quality));
	site->quality[0] = site->quality[1] = quality;
	site->quality_count = 2;
	snapshot_normalise(site);
	CHECK_EQ(site->quality_count, 1);
	site->daemon = &daemon;
	CHECK_EQ(render_prometheus(output_open(&with), site), 0);
	check_golden("metrics_quality.prom", output_close(&with));
	check_exposition(with.text);

	strcpy(daemon.reload_error, "agfeo.conf:3: no such key");
	site->monitor = true;
	CHECK_EQ(render_prometheus(output_open(&failed), site), 0);
	output_close(&failed);
	CHECK(strstr(with.text, "\nagfeo_config_last_reload_successful 1\n"));
	CHECK(strstr(failed.text, "\nagfeo_config_last_reload_successful 0\n"));
	CHECK(strstr(with.text, "\nagfeo_config_enforcing 1\n"));
	CHECK(strstr(failed.text, "\nagfeo_config_enforcing 0\n"));
}

/* ------------------------------------------------------------------ flows */

static struct identities *names_new(void)
{
	struct identities *names = calloc(1, sizeof(*names));

	names->device_count = 3;
	names->devices = calloc(3, sizeof(*names->devices));
	strcpy(names->devices[1].name, "pbx");
	strcpy(names->devices[1].model, "es-pure-ip-x-it");
	strcpy(names->devices[2].name, "desk");
	strcpy(names->devices[2].model, "t14-sip");
	names->counter_count = 4;
	names->counters = calloc(4, sizeof(*names->counters));
	strcpy(names->counters[1].service, "rtp");
	strcpy(names->counters[2].service, "sip");
	strcpy(names->counters[3].service, "sip-server");
	return names;
}

/* RTP between the PBX (end 0) and a provider (end 1) that has gone silent. */
static struct flow_record rtp_record(void)
{
	struct flow_record record = {.has_streams = true};
	struct agfeo_flow4_key key = {
		.low = 17ull << 48 | 0xc0a80a02ull << 16 | 5204,
		.high = 0xd90a4401ull << 16 | 30000,
	};

	flow_read_key4(&key, &record);
	record.flow = (struct agfeo_flow){
		.idle = 938,
		.counter = {1, 0},
		.device = {1, 0},
		.class = AGFEO_CLASS_VOICE,
		.mark = AGFEO_EF,
		.flags = AGFEO_FLOW_DEVICE0 | AGFEO_FLOW_ANSWERED | AGFEO_FLOW_QUALITY,
		.opened_ns = 1000 * SECOND,
	};
	record.flow.direction[0] = (struct agfeo_flow_direction){
		.packets = 1500, .bytes = 300000, .seen = 10000, .dscp_out = 46, .remarked = 1500};
	record.flow.direction[1] = (struct agfeo_flow_direction){
		.packets = 900, .bytes = 180000, .seen = 9900, .dscp_in = 46, .dscp_out = 46};
	record.stream[0] = (struct agfeo_stream){.base = 0x10000,
						 .cycles = 0x10000,
						 .sequence = 1499,
						 .started = 1000 * SECOND,
						 .arrival = 1030 * SECOND};
	record.stream[1] = record.stream[0];
	record.stream[1].sequence = 899;
	record.stream[1].arrival = 1023 * SECOND;
	return record;
}

/* A telephone (end 1, the opener) registers at the PBX (end 0): both are devices. */
static struct flow_record sip_record(void)
{
	struct flow_record record = {};
	struct agfeo_flow6_key key = {
		.low = {0xfd00001000000000ull, 2},
		.high = {0xfd00001000000000ull, 0x14},
		.ports = 5060 | 5060ull << 16 | 17ull << 32,
	};

	flow_read_key6(&key, &record);
	record.flow = (struct agfeo_flow){
		.idle = 60000,
		.counter = {3, 2},
		.device = {1, 2},
		.class = AGFEO_CLASS_SIGNALLING,
		.mark = AGFEO_KEEP,
		.flags = AGFEO_FLOW_OPENER1,
		.opened_ns = 1029 * SECOND,
	};
	record.flow.direction[1] =
		(struct agfeo_flow_direction){.packets = 2, .bytes = 1400, .seen = 9990};
	return record;
}

static const struct flow_clock flow_now = {
	.tick = 10000, .tick_ns = 64000000, .now_ns = 1030 * SECOND};

static void test_flows(void)
{
	_cleanup_(identities_freep) struct identities *names = names_new();
	struct flow_record rtp = rtp_record(), sip = sip_record();
	_output_ text = {}, json = {}, none = {};
	_json_ *document = NULL;
	struct flow_row rows[2];
	char end[ENDPOINT_TEXT];

	CHECK_STR(endpoint_format(&rtp.address[0], rtp.port[0], end), "192.168.10.2:5204");
	CHECK_STR(endpoint_format(&rtp.address[1], rtp.port[1], end), "217.10.68.1:30000");
	CHECK_EQ(rtp.protocol, IPPROTO_UDP);
	CHECK_STR(endpoint_format(&sip.address[1], sip.port[1], end), "[fd00:10::14]:5060");
	CHECK_EQ(sip.protocol, IPPROTO_UDP);

	flow_describe(&sip, names, &flow_now, &rows[0]);
	flow_describe(&rtp, names, &flow_now, &rows[1]);
	CHECK_STR(rows[0].device, "desk"); /* the opener's */
	CHECK_STR(rows[0].remote_device, "pbx");
	CHECK_EQ(rows[0].opener, AGFEO_OUT);
	CHECK_EQ(rows[0].way[AGFEO_OUT].packets, 2);
	flows_sort(rows, 2);
	CHECK_EQ(render_flows_text(output_open(&text), rows, 2), 0);
	check_golden("flows.txt", output_close(&text));
	CHECK_EQ(render_flows_json(output_open(&json), rows, 2), 0);
	check_golden("flows.json", output_close(&json));
	document = parse(json.text);
	CHECK_EQ(render_flows_text(output_open(&none), rows, 0), 0);
	CHECK_STR(output_close(&none), "no flow is live\n");
}

static void test_flow_ages(void)
{
	struct flow_record record = rtp_record();

	CHECK(flow_is_live(&record, 10000));
	CHECK(flow_is_live(&record, 10000 + 938));
	CHECK(!flow_is_live(&record, 10000 + 939));
	CHECK(flow_is_live(&record, 9999)); /* seen after the clock was read */
	record.flow.direction[0].seen = 0xfffffff0;
	record.flow.direction[1].seen = 0;
	CHECK_EQ(flow_idle(&record, 0x10), 0x20); /* the tick wraps */
	record.flow.direction[0].seen = 0;
	CHECK(!flow_is_live(&record, 5));

	record = rtp_record();
	CHECK(!flow_is_expectation(&record));
	record.port[1] = 0;
	CHECK(flow_is_expectation(&record));
}

/* ------------------------------------------------------------------ records */

static void test_events(void)
{
	_cleanup_(identities_freep) struct identities *names = names_new();
	struct event_view view = {.identities = names,
				  .realtime_offset_ns = NOW - 1030 * SECOND,
				  .interface = "lan0"};
	struct agfeo_event event = {
		.time_ns = 1030 * SECOND,
		.type = AGFEO_EVENT_DROP,
		.source_port = 40000,
		.destination_port = 23,
		.protocol = IPPROTO_TCP,
		.reason = AGFEO_REASON_NOT_LISTED,
		.class = AGFEO_CLASS_COUNT,
		.hook = 1,
		.device = {0, 1},
		.length = 60,
		.suppressed = 12,
	};
	struct address source = address_from_v4(htonl(0xc6336407));
	struct address destination = address_from_v4(htonl(0xc0a80a02));
	_output_ text = {}, json = {};
	_json_ *document = NULL;

	memcpy(event.source, source.bytes, 16);
	memcpy(event.destination, destination.bytes, 16);
	render_event_text(output_open(&text), &event, &view);
	event.reason = AGFEO_REASON_SCOPE;
	event.class = AGFEO_CLASS_SIGNALLING;
	event.device[0] = 2;
	event.counter[0] = 2;
	event.suppressed = 0;
	view.interface = "";
	render_event_text(text.stream, &event, &view);
	event.reason = 250; /* of a version that knows more */
	event.class = 250;
	render_event_text(text.stream, &event, &view);
	check_golden("events.txt", output_close(&text));

	render_event_json(output_open(&json), &event, &view);
	event.reason = AGFEO_REASON_SCOPE;
	event.class = AGFEO_CLASS_SIGNALLING;
	render_event_json(json.stream, &event, &view);
	check_golden("events.json", output_close(&json));
	document = parse(json.text);
}

/* ------------------------------------------------------------------ the parts */

static void test_json_strings(void)
{
	static const struct {
		const char *text, *json;
	} rows[] = {
		{"plain", "\"plain\""},
		{"a\"b\\c", "\"a\\\"b\\\\c\""},
		{"\x01\n\t\x7f", "\"\\u0001\\u000a\\u0009\\u007f\""},
		{"B\xc3\xbcro \xf0\x9f\x93\x9e", "\"B\xc3\xbcro \xf0\x9f\x93\x9e\""},
		{"\xff", "\"\\ufffd\""},
		{"\xc3", "\"\\ufffd\""},				    /* cut in the middle */
		{"\xc0\xaf", "\"\\ufffd\\ufffd\""},			    /* overlong */
		{"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},		    /* a surrogate */
		{"\xf4\x90\x80\x80x", "\"\\ufffd\\ufffd\\ufffd\\ufffdx\""}, /* beyond U+10FFFF */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_output_ output = {};
		struct json json = {.out = output_open(&output)};

		json_string(&json, NULL, rows[i].text);
		CHECK_STR(output_close(&output), rows[i].json);
	}
}

static void test_amounts(void)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} sizes[] = {
		{0, "0 B"},	    {999, "999 B"},	 {1000, "1.0 kB"},
		{9949, "9.9 kB"},   {9950, "10 kB"},	 {999499, "999 kB"},
		{999500, "1.0 MB"}, {1900000, "1.9 MB"}, {UINT64_MAX, "18 EB"},
	};
	static const struct {
		uint64_t seconds;
		const char *text;
	} times[] = {
		{0, "0s"},	   {59, "59s"},	     {60, "1m 0s"},
		{3599, "59m 59s"}, {7980, "2h 13m"}, {86400 * 4 + 3600 * 3, "4d 3h"},
	};
	char text[AMOUNT_TEXT];

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		CHECK_STR(bytes_format(sizes[i].bytes, text), sizes[i].text);
	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		CHECK_STR(duration_format(times[i].seconds, text), times[i].text);
}

static void test_table(void)
{
	static const char *const headers[] = {"NAME", ">N", "", "END", NULL};
	_cleanup_(table_freep) struct table *table = table_new(headers);
	_output_ output = {};

	table_cell(table, "%s", "B\xc3\xbcro");
	table_cell(table, "%d", 12345);
	table_cell(table, "%s", "->");
	table_cell(table, "%s", "");
	table_cell(table, "%s", "\x1b[2Jx\xc2\x9bz");
	table_cell(table, "%d", 1);
	table_cell(table, "%s", "");
	table_cell(table, "%s", "last");
	CHECK_EQ(table_print(table, output_open(&output)), 0);
	CHECK_STR(output_close(&output), "NAME          N      END\n"
					 "B\xc3\xbcro      12345  ->\n"
					 "?[2Jx??z      1      last\n");
}

int main(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
	test_stats();
	test_stats_rates();
	test_drops();
	test_status();
	test_metrics();
	test_flows();
	test_flow_ages();
	test_events();
	test_json_strings();
	test_amounts();
	test_table();
	return check_done();
}
