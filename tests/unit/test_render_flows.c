/* SPDX-License-Identifier: GPL-2.0 */
/* Flows and what is reported of them, against golden files (lib/golden.h). */
#include <netinet/in.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "lib/check.h"
#include "lib/golden.h"
#include "lib/output.h"
#include "report/event.h"
#include "report/flow.h"
#include "report/render.h"
#include "report/render_calls.h"

#define SECOND 1000000000ull
#define NOW    (1741010709ull * SECOND + 250000000) /* 2025-03-03 14:05:09.250 UTC */

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

static const struct call pcma = {
	.stream_count = 1,
	.stream[0] = {.direction = AGFEO_OUT,
		      .ssrc = 0x1213,
		      .payload_type = 8,
		      .codec = "PCMA",
		      .clock_rate = 8000,
		      .packets = 1500,
		      .bytes = 300000,
		      .expected = 1503,
		      .lost = 3,
		      .loss_percent = 0.2,
		      .has_mos = true,
		      .mos = 4.35,
		      .dscp_out = 46},
};

static void test_flows(void)
{
	_cleanup_(identities_freep) struct identities *names = names_new();
	struct flow_record rtp = rtp_record(), sip = sip_record();
	_output_ text = {}, json = {}, heard = {}, none = {};
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
	CHECK_EQ(render_flows_json(output_open(&json), rows, 2, NULL), 0);
	check_golden("flows.json", output_close(&json));
	json_object_put(parse(json.text));
	rows[0].call = 1;
	CHECK_EQ(render_flows_json(output_open(&heard), rows, 2, &pcma), 0);
	check_golden("flows_voice.json", output_close(&heard));
	json_object_put(parse(heard.text));
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
	json_object_put(parse(json.text));
}

/* ------------------------------------------------------------------ the parts */

int main(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
	test_flows();
	test_flow_ages();
	test_events();
	return check_done();
}
