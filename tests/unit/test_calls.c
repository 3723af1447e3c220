/* SPDX-License-Identifier: GPL-2.0 */
/* The `calls` document is a contract: read back with another JSON library, member by member. */
#include "report/render_calls.h"

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "check.h"

static struct call_stream stream_of(enum agfeo_direction direction)
{
	return (struct call_stream){
		.direction = direction,
		.ssrc = 0xabc,
		.payload_type = 8,
		.dscp_in = direction == AGFEO_OUT ? 0 : 46,
		.dscp_out = 46,
		.codec = "PCMA",
		.clock_rate = 8000,
		.packets = 960,
		.bytes = 153600,
		.expected = 1000,
		.lost = 50,
		.duplicates = 10,
		.reordered = 3,
		.gaps = 25,
		.longest_gap = 4,
		.dropped_here = 7,
		.loss_percent = 5,
		.has_jitter = true,
		.jitter_ms = 1.25,
		.mean_jitter_ms = 1.5,
		.min_jitter_ms = 0.125,
		.max_jitter_ms = 2.75,
		.max_delta_ms = 61.5,
		.has_mos = true,
		.mos = 3.923,
		.bpl = 25.1,
		.burst_ratio = 1.9,
		.r = 77.42,
	};
}

static struct call call_of(void)
{
	struct call call = {
		.device = "pbx",
		.model = "es-pure-ip-x-it",
		.service = "rtp",
		.local_port = 5204,
		.remote_port = 30000,
		.start_ns = 1741010709250000000,
		.duration_ns = 20500000000,
		.idle_ns = 20000000,
		.stream_count = 2,
	};

	address_parse("192.168.10.2", &call.local);
	address_parse("2001:db8::7", &call.remote);
	call.stream[0] = stream_of(AGFEO_OUT);
	call.stream[1] = stream_of(AGFEO_IN);
	call.dropped_here[AGFEO_OUT] = 7;
	return call;
}

typedef int renderer(FILE *out, const struct call *calls, size_t count);

static const char *print(renderer *render, const struct call *calls, size_t count)
{
	static char *text;
	size_t size;
	FILE *out;

	free(text);
	text = NULL;
	out = open_memstream(&text, &size);
	CHECK_EQ(render(out, calls, count), 0);
	fclose(out);
	return text;
}

static json_object *at(json_object *of, const char *name)
{
	json_object *value = NULL;

	if (!json_object_object_get_ex(of, name, &value))
		CHECK_STR("missing", name);
	return value;
}

static bool is_number(json_object *of, const char *name, double expected)
{
	return fabs(json_object_get_double(at(of, name)) - expected) < 1e-9;
}

static bool is_text(json_object *of, const char *name, const char *expected)
{
	const char *text = json_object_get_string(at(of, name));

	return text && !strcmp(text, expected);
}

static void check_stream(json_object *s, const char *direction)
{
	json_object *inputs = at(s, "mos_inputs");

	CHECK(is_text(s, "direction", direction));
	CHECK(is_text(s, "ssrc", "0x00000abc"));
	CHECK(is_number(s, "payload_type", 8));
	CHECK(is_text(s, "codec", "PCMA"));
	CHECK(is_number(s, "packets", 960));
	CHECK(is_number(s, "bytes", 153600));
	CHECK(is_number(s, "expected", 1000));
	CHECK(is_number(s, "lost", 50));
	CHECK(is_number(s, "loss_percent", 5));
	CHECK(is_number(s, "duplicates", 10));
	CHECK(is_number(s, "reordered", 3));
	CHECK(is_number(s, "dropped_here", 7));
	CHECK(is_number(s, "jitter_ms", 1.25));
	CHECK(is_number(s, "mean_jitter_ms", 1.5));
	CHECK(is_number(s, "min_jitter_ms", 0.125));
	CHECK(is_number(s, "max_jitter_ms", 2.75));
	CHECK(is_number(s, "max_delta_ms", 61.5));
	CHECK(is_number(s, "mos", 3.923));
	CHECK(is_number(s, "dscp_in", !strcmp(direction, "out") ? 0 : 46));
	CHECK(is_number(s, "dscp_out", 46));
	CHECK(is_number(inputs, "ie", 0));
	CHECK(is_number(inputs, "bpl", 25.1));
	CHECK(is_number(inputs, "ppl", 5));
	CHECK(is_number(inputs, "burst_ratio", 1.9));
	CHECK(is_number(inputs, "r", 77.42));
}

static void test_document(void)
{
	struct call call = call_of();
	const char *text = print(render_calls_json, &call, 1);
	json_object *document = json_tokener_parse(text), *calls, *first;

	CHECK_EQ(strchr(text, '\n') - text, strlen(text) - 1); /* one line */
	if (!CHECK(document))
		return;
	calls = at(document, "calls");
	CHECK_EQ(json_object_array_length(calls), 1);
	first = json_object_array_get_idx(calls, 0);
	CHECK(is_text(first, "device", "pbx"));
	CHECK(is_text(first, "model", "es-pure-ip-x-it"));
	CHECK(is_text(first, "local", "192.168.10.2:5204"));
	CHECK(is_text(first, "remote", "[2001:db8::7]:30000"));
	CHECK(!json_object_get_boolean(at(first, "one_way")));
	CHECK(!at(first, "missing"));
	CHECK(is_number(first, "start", 1741010709.250));
	CHECK(is_number(first, "duration_s", 20.5));
	CHECK(is_number(first, "idle_s", 0.02));
	CHECK_EQ(json_object_array_length(at(first, "streams")), 2);
	check_stream(json_object_array_get_idx(at(first, "streams"), 0), "out");
	check_stream(json_object_array_get_idx(at(first, "streams"), 1), "in");
	json_object_put(document);
}

/* What is not known is null, not 0. */
static void test_unknown(void)
{
	struct call call = call_of();
	json_object *document, *s;

	call.stream[0].has_jitter = call.stream[0].has_mos = false;
	call.stream[0].clock_rate = 0;
	call.device[0] = '\0';
	document = json_tokener_parse(print(render_calls_json, &call, 1));
	if (!CHECK(document))
		return;
	s = json_object_array_get_idx(at(document, "calls"), 0);
	CHECK(!at(s, "device"));
	s = json_object_array_get_idx(at(s, "streams"), 0);
	CHECK(!at(s, "jitter_ms") && !at(s, "mean_jitter_ms") && !at(s, "min_jitter_ms") &&
	      !at(s, "max_jitter_ms"));
	CHECK(!at(s, "mos") && !at(s, "mos_inputs") && !at(s, "clock_rate"));
	CHECK(is_number(s, "lost", 50));
	json_object_put(document);
}

static void test_no_calls(void)
{
	CHECK_STR(print(render_calls_json, NULL, 0), "{\"calls\":[]}\n");
	CHECK_STR(print(render_calls_text, NULL, 0), "no calls\n");
}

static void test_text(void)
{
	struct call call = call_of();
	const char *text = print(render_calls_text, &call, 1);

	CHECK(strstr(text, "pbx"));
	CHECK(strstr(text, "[2001:db8::7]:30000"));
	CHECK(strstr(text, "PCMA | PCMA"));
	CHECK(strstr(text, "5.0 | 5.0"));
	CHECK(strstr(text, "1.5 (2.8) | 1.5 (2.8)") || strstr(text, "1.5 (2.7) | 1.5 (2.7)"));
	CHECK(strstr(text, "3.92 | 3.92"));
	CHECK(strstr(text, "ef | cs0>ef")); /* in, then out */
	CHECK(strstr(text, "7 dropped here"));
	CHECK(!strstr(text, "ONE-WAY"));
	CHECK(!strstr(text, "silent"));
}

static void test_one_way_text(void)
{
	struct call call = call_of();
	const char *text;

	call.stream_count = 1; /* the device talks, nobody answers */
	call.one_way = true;
	call.missing = AGFEO_IN;
	text = print(render_calls_text, &call, 1);
	CHECK(strstr(text,
		     "ONE-WAY: nothing to the device, 7 dropped here\n")); /* of the other way */
	CHECK(strstr(text, "- | PCMA"));

	call.missing = AGFEO_OUT; /* and that direction is one that we dropped */
	CHECK(strstr(print(render_calls_text, &call, 1),
		     "ONE-WAY: nothing from the device, 7 dropped here: that is why\n"));
	call.one_way = false;
	call.idle_ns = 20000000000;
	CHECK(strstr(print(render_calls_text, &call, 1), "silent for 20s"));
}

/* Why nothing arrives, where it is this box that drops it. */
static void test_cause(void)
{
	struct call call = call_of();
	json_object *document, *cause;

	call.one_way = true;
	call.missing = AGFEO_IN;
	call.cause = (struct call_cause){.known = true,
					 .reason = AGFEO_REASON_SCOPE,
					 .source_port = 30002,
					 .destination_port = 5204};
	CHECK_EQ(address_parse("198.51.100.9", &call.cause.source), 0);
	CHECK_EQ(address_parse("192.168.10.2", &call.cause.destination), 0);
	CHECK(strstr(print(render_calls_text, &call, 1),
		     "ONE-WAY: nothing to the device, dropped here: scope 198.51.100.9:30002 -> "
		     "192.168.10.2:5204\n"));
	document = json_tokener_parse(print(render_calls_json, &call, 1));
	if (!CHECK(document))
		return;
	cause = at(json_object_array_get_idx(at(document, "calls"), 0), "cause");
	CHECK(is_text(cause, "reason", "scope"));
	CHECK(is_text(cause, "source", "198.51.100.9:30002"));
	CHECK(is_text(cause, "destination", "192.168.10.2:5204"));
	json_object_put(document);
}

static void test_lines(void)
{
	struct call call = call_of();
	_cleanup_(freep) char *text = NULL;
	json_object *object;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	render_call_json(out, &call);
	fclose(out);
	object = json_tokener_parse(text);
	CHECK(object && is_text(object, "device", "pbx"));
	CHECK_EQ(strchr(text, '\n') - text, strlen(text) - 1);
	json_object_put(object);

	free(text);
	out = open_memstream(&text, &size);
	call.one_way = true;
	call.missing = AGFEO_OUT;
	render_call_line(out, "ONE-WAY", call.start_ns, &call);
	fclose(out);
	CHECK(strstr(text, "ONE-WAY  pbx 192.168.10.2:5204 - [2001:db8::7]:30000  20s"));
	CHECK_EQ(strchr(text, '\n') - text, strlen(text) - 1);
}

static void test_order(void)
{
	struct call calls[3] = {call_of(), call_of(), call_of()};

	calls[0].start_ns += 5;
	calls[2].local_port = 5200;
	calls_sort(calls, 3);
	CHECK_EQ(calls[0].local_port, 5200);
	CHECK_EQ(calls[1].start_ns + 5, calls[2].start_ns);
	calls_sort(NULL, 0);
}

int main(void)
{
	test_document();
	test_unknown();
	test_no_calls();
	test_text();
	test_one_way_text();
	test_cause();
	test_lines();
	test_order();
	return check_done();
}
