/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Renderers of counters and state against golden files (lib/golden.h). Metrics are also held against the rules that
 * node_exporter does not forgive.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "lib/check.h"
#include "lib/golden.h"
#include "lib/output.h"
#include "report/daemon_state.h"
#include "report/event.h"
#include "report/flow.h"
#include "report/json.h"
#include "report/render.h"
#include "report/table.h"

#define SECOND 1000000000ull
#define NOW    (1741010709ull * SECOND + 250000000) /* 2025-03-03 14:05:09.250 UTC */

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

	for (size_t i = 0; i < now->service_count; i++) {
		if (!strcmp(now->services[i].service, "rtp")) {
			now->services[i].sum.packets[AGFEO_PASS][AGFEO_IN] += 100;
			now->services[i].sum.bytes[AGFEO_PASS][AGFEO_IN] += 20000;
			now->services[i].sum.remarked += 90;
		} else if (!strcmp(now->services[i].service, "none")) {
			now->services[i].sum.packets[AGFEO_PASS][AGFEO_OUT] += 3;
			now->services[i].sum.bytes[AGFEO_PASS][AGFEO_OUT] += 180;
			now->services[i].sum.bleached += 3;
		}
	}
	now->time_ns += 2 * SECOND;
	since = snapshot_since(now, before);
	if (!CHECK(since))
		return;
	CHECK_EQ(render_stats_text(output_open(&text), since, 2), 0);
	check_golden("stats_rates.txt", output_close(&text));
	CHECK_EQ(render_stats_json(output_open(&json), now, since, 2), 0);
	check_golden("stats_rates.json", output_close(&json));
	json_object_put(parse(json.text));
	CHECK(strchr(json.text, '\n') == json.text + json.size - 1); /* an object a line */
}

static void test_drops(void)
{
	_cleanup_(snapshot_freep) struct snapshot *site = site_new();
	_cleanup_(snapshot_freep) struct snapshot *empty = snapshot_new();
	_output_ text = {}, json = {}, nothing = {};

	CHECK_EQ(render_drops_text(output_open(&text), site), 0);
	check_golden("drops.txt", output_close(&text));
	CHECK_EQ(render_drops_json(output_open(&json), site), 0);
	check_golden("drops.json", output_close(&json));
	json_object_put(parse(json.text));
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

int main(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
	test_stats();
	test_stats_rates();
	test_drops();
	test_status();
	test_metrics();
	return check_done();
}
