/* SPDX-License-Identifier: GPL-2.0 */
/* explain's lines: text to question, answer to text and JSON, and how fast by the million. */
#include "policy/question.h"

#include <json-c/json.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "check.h"
#include "config/config.h"

static const char text_of_site[] =
	"[site]\nnetworks = 192.168.10.0/24, fd00:10::/64\n"
	"[provider p]\nnetworks = 217.10.64.0/20\n"
	"[device pbx]\nmodel = es-pure-ip-x-it\naddress = fd00:10::2, 192.168.10.2\nprovider = p\n"
	"allow = in tcp 8080 from site\n"
	"[device pool]\nmodel = visofon\naddress = 192.168.20.64/27\nprovider = p\n"
	"[device v6:only]\nmodel = t14-sip\naddress = fd00:10::3\nprovider = p\nmode = monitor\n"
	"[device B\xc3\xbcro\"\\]\nmodel = t14-sip\naddress = 192.168.10.4\nprovider = p\n";

struct explain {
	struct site *site;
	struct policy *policy;
	struct name_index *names;
};

static void explain_release(struct explain *explain)
{
	name_index_free(explain->names);
	policy_free(explain->policy);
	site_free(explain->site);
}

static bool explain_make(struct explain *explain)
{
	return CHECK(!config_parse("f", text_of_site, strlen(text_of_site), stdout,
				   &explain->site)) &&
	       CHECK(!policy_compile(explain->site, "f", 1000000, stdout, &explain->policy)) &&
	       CHECK(explain->names = name_index_new(explain->site));
}

/* ------------------------------------------------------------------ questions */

/* clang-format off */
static const struct {
	const char *protocol, *source, *destination;
	const char *read; /* "17 192.168.10.2:5204 8.8.8.8:1", ends as they were understood */
} good[] = {
	{"udp", "192.168.10.2:5204", "8.8.8.8:1", "17 192.168.10.2:5204 8.8.8.8:1"},
	{"UDP", "192.168.10.2:5204", "8.8.8.8:1", "17 192.168.10.2:5204 8.8.8.8:1"},
	{"6", "192.168.10.2:0", "8.8.8.8:65535", "6 192.168.10.2:0 8.8.8.8:65535"},
	{"tcp", "192.168.10.2", "8.8.8.8", "6 192.168.10.2:49152? 8.8.8.8:49152?"},
	{"tcp", "[fd00:10::2]:80", "2001:db8::1", "6 [fd00:10::2]:80 [2001:db8::1]:49152?"},
	{"tcp", "[fd00:10::2]", "[2001:db8::1]:443", "6 [fd00:10::2]:49152? [2001:db8::1]:443"},
	{"tcp", "pbx:1", "fd00::9", "6 [fd00:10::2]:1 [fd00::9]:49152?"},
	{"tcp", "pbx", "8.8.8.8:53", "6 192.168.10.2:49152? 8.8.8.8:53"},
	{"udp", "8.8.8.8:53", "pool:5060", "17 8.8.8.8:53 192.168.20.64:5060"},
	{"udp", "pbx:1", "pool:2", "17 192.168.10.2:1 192.168.20.64:2"},
	{"udp", "pbx:1", "v6:only:2", "17 [fd00:10::2]:1 [fd00:10::3]:2"},
	{"udp", "pbx:1", "v6:only", "17 [fd00:10::2]:1 [fd00:10::3]:49152?"},
	{"udp", "pbx:1", "pbx:2", "17 [fd00:10::2]:1 [fd00:10::2]:2"},
	{"tcp", "192.168.10.2", "remote.agfeo.de:443", "6 192.168.10.2:49152? 0.0.0.0:443 remote.agfeo.de"},
	{"tcp", "pbx", "Remote.AGFEO.de:443", "6 [fd00:10::2]:49152? [::]:443 remote.agfeo.de"},
	{"tcp", "headset.agfeo.cst.online:80", "pool", "6 0.0.0.0:80 192.168.20.64:49152? headset.agfeo.cst.online"},
	{"icmp", "192.168.10.2", "8.8.8.8", "1 192.168.10.2:0 8.8.8.8:0"},
	{"icmpv6", "pbx", "2001:db8::1", "58 [fd00:10::2]:0 [2001:db8::1]:0"},
	{"47", "pool", "8.8.8.8", "47 192.168.20.64:0 8.8.8.8:0"},
};

#define NOBODY                                                                                     \
	" is no address, no device of the configuration and no host of AGFEO; write "              \
	"192.168.10.2:5060, [fd00:10::2]:5060 or NAME:5060"

static const struct {
	const char *protocol, *source, *destination, *error;
} bad[] = {
	{"sctp", "1.1.1.1", "2.2.2.2", "'sctp' is no protocol; write udp, tcp, icmp, icmpv6 or a number, 0 to 255"},
	{"256", "1.1.1.1", "2.2.2.2", "'256' is no protocol; write udp, tcp, icmp, icmpv6 or a number, 0 to 255"},
	{"udp", "nobody", "2.2.2.2", "'nobody'" NOBODY},
	{"udp", "1.1.1.1", "nobody:5", "'nobody:5'" NOBODY},
	{"udp", "1.1.1", "2.2.2.2", "'1.1.1'" NOBODY},
	{"udp", "[fd00::1", "fd00::2", "'[fd00::1'" NOBODY},
	{"udp", "[fd00::1]x", "fd00::2", "'[fd00::1]x'" NOBODY},
	{"udp", "", "fd00::2", "''" NOBODY},
	{"udp", ":", "fd00::2", "':'" NOBODY},
	{"udp", "1.1.1.1:65536", "2.2.2.2", "'1.1.1.1:65536': '65536' is no port, 0 to 65535"},
	{"udp", "1.1.1.1:", "2.2.2.2", "'1.1.1.1:': '' is no port, 0 to 65535"},
	{"udp", "pbx:sip", "2.2.2.2", "'pbx:sip': 'sip' is no port, 0 to 65535"},
	{"udp", "1.1.1.1", "fd00::1", "one end is IPv4 and the other IPv6"},
	{"udp", "pool", "fd00::1", "device 'pool' has no address of the other end's family"},
	{"udp", "pool", "v6:only", "device 'v6:only' has no address of the other end's family"},
	{"icmp", "1.1.1.1:5", "2.2.2.2", "'1.1.1.1:5': protocol 1 has no ports"},
	{"icmp", "fd00::1", "fd00::2", "these are IPv6 addresses: write icmpv6"},
	{"icmpv6", "1.1.1.1", "2.2.2.2", "these are IPv4 addresses: write icmp"},
};
/* clang-format on */

static void format_asked(const struct asked_question *asked, char *text)
{
	const struct question *question = &asked->question;
	char source[ENDPOINT_TEXT], destination[ENDPOINT_TEXT];
	const char *host = asked->host[0] ? asked->host[0] : asked->host[1];

	endpoint_format(&question->source, question->source_port, source);
	endpoint_format(&question->destination, question->destination_port, destination);
	sprintf(text, "%u %s%s %s%s%s%s", question->protocol, source, asked->assumed[0] ? "?" : "",
		destination, asked->assumed[1] ? "?" : "", host ? " " : "", host ? host : "");
	CHECK_EQ(question->cloud_hosts != 0, host != NULL);
}

static void test_parse(const struct explain *explain)
{
	struct asked_question asked;
	char error[QUESTION_ERROR], text[256];

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		CHECK_ROW(good[i].read);
		error[0] = '\0';
		CHECK_EQ(question_parse(explain->names, good[i].protocol, good[i].source,
					good[i].destination, &asked, error),
			 0);
		format_asked(&asked, text);
		CHECK_STR(text, good[i].read);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK_ROW(bad[i].error);
		CHECK(question_parse(explain->names, bad[i].protocol, bad[i].source,
				     bad[i].destination, &asked, error) < 0);
		CHECK_STR(error, bad[i].error);
	}
	CHECK_ROW(NULL);
}

/* ------------------------------------------------------------------ answers */

/* clang-format off */
static const struct {
	const char *protocol, *source, *destination, *text, *json;
} answers[] = {
	{"udp", "192.168.10.2:5204", "217.10.64.9:12000",
	 "pass udp 192.168.10.2:5204 -> 217.10.64.9:12000: listed: a service of every device at either "
	 "end allows it; pbx (es-pure-ip-x-it, out): rtp, section 1.3; voice, marked ef",
	 "{\"verdict\":\"pass\",\"reason\":\"listed\",\"class\":\"voice\",\"dscp\":46,\"judged\":[{"
	 "\"device\":\"pbx\",\"model\":\"es-pure-ip-x-it\",\"service\":\"rtp\",\"direction\":\"out\","
	 "\"source\":\"1.3\"}]}"},
	{"udp", "8.8.8.8:5060", "pbx:5060",
	 "drop udp 8.8.8.8:5060 -> 192.168.10.2:5060: scope: the peer is outside where the service may "
	 "reach; pbx (es-pure-ip-x-it, in): sip-registrar, section 1.2; signalling",
	 "{\"verdict\":\"drop\",\"reason\":\"scope\",\"class\":\"signalling\",\"dscp\":null,\"judged\":[{"
	 "\"device\":\"pbx\",\"model\":\"es-pure-ip-x-it\",\"service\":\"sip-registrar\","
	 "\"direction\":\"in\",\"source\":\"1.2\"}]}"},
	{"tcp", "pbx", "pbx.agfeo.de:443",
	 "pass tcp [fd00:10::2]:49152 (port assumed) -> pbx.agfeo.de:443: listed: a service of every "
	 "device at either end allows it; pbx (es-pure-ip-x-it, out): cloud, section 1.4; cloud",
	 "{\"verdict\":\"pass\",\"reason\":\"listed\",\"class\":\"cloud\",\"dscp\":null,\"judged\":[{"
	 "\"device\":\"pbx\",\"model\":\"es-pure-ip-x-it\",\"service\":\"cloud\",\"direction\":\"out\","
	 "\"source\":\"1.4\"}],\"assumed\":{\"source_port\":49152}}"},
	{"tcp", "192.168.10.9", "pbx",
	 "drop tcp 192.168.10.9:49152 (port assumed) -> 192.168.10.2:49152 (port assumed): not-listed: no "
	 "service of the device has the port; pbx (es-pure-ip-x-it, in): no service",
	 "{\"verdict\":\"drop\",\"reason\":\"not-listed\",\"class\":null,\"dscp\":null,\"judged\":[{"
	 "\"device\":\"pbx\",\"model\":\"es-pure-ip-x-it\",\"service\":null,\"direction\":\"in\","
	 "\"source\":null}],\"assumed\":{\"source_port\":49152,\"destination_port\":49152}}"},
	{"tcp", "192.168.10.9:1", "pbx:8080",
	 "pass tcp 192.168.10.9:1 -> 192.168.10.2:8080: listed: a service of every device at either end "
	 "allows it; pbx (es-pure-ip-x-it, in): allow, configuration; management",
	 "{\"verdict\":\"pass\",\"reason\":\"listed\",\"class\":\"management\",\"dscp\":null,\"judged\":[{"
	 "\"device\":\"pbx\",\"model\":\"es-pure-ip-x-it\",\"service\":\"allow\",\"direction\":\"in\","
	 "\"source\":\"configuration\"}]}"},
	{"udp", "1.1.1.1:1", "8.8.8.8:2",
	 "pass udp 1.1.1.1:1 -> 8.8.8.8:2: no-device: neither end is a listed device, and the site says "
	 "unknown = pass",
	 "{\"verdict\":\"pass\",\"reason\":\"no-device\",\"class\":null,\"dscp\":null,\"judged\":[]}"},
	{"icmpv6", "2001:db8::1", "v6:only",
	 "drop (monitor: not enforced) icmpv6 2001:db8::1 -> fd00:10::3: scope: the peer is outside where "
	 "the service may reach; v6:only (t14-sip, in)",
	 "{\"verdict\":\"drop\",\"reason\":\"scope\",\"class\":null,\"dscp\":null,\"judged\":[{"
	 "\"device\":\"v6:only\",\"model\":\"t14-sip\",\"service\":null,\"direction\":\"in\","
	 "\"source\":null}],\"monitor\":true}"},
	{"udp", "pool:40000", "pbx:5060",
	 "pass udp 192.168.20.64:40000 -> 192.168.10.2:5060: listed: a service of every device at either "
	 "end allows it; pool (visofon, out): sip, section 2.1.1; pbx (es-pure-ip-x-it, in): "
	 "sip-registrar, section 1.2; signalling",
	 "{\"verdict\":\"pass\",\"reason\":\"listed\",\"class\":\"signalling\",\"dscp\":null,\"judged\":[{"
	 "\"device\":\"pool\",\"model\":\"visofon\",\"service\":\"sip\",\"direction\":\"out\","
	 "\"source\":\"2.1.1\"},{\"device\":\"pbx\",\"model\":\"es-pure-ip-x-it\","
	 "\"service\":\"sip-registrar\",\"direction\":\"in\",\"source\":\"1.2\"}]}"},
	{"47", "B\xc3\xbcro\"\\", "8.8.8.8",
	 "drop protocol 47 192.168.10.4 -> 8.8.8.8: not-listed: no service of the device has the port; "
	 "B\xc3\xbcro\"\\ (t14-sip, out): no service",
	 "{\"verdict\":\"drop\",\"reason\":\"not-listed\",\"class\":null,\"dscp\":null,\"judged\":[{"
	 "\"device\":\"B\xc3\xbcro\\\"\\\\\",\"model\":\"t14-sip\",\"service\":null,\"direction\":\"out\","
	 "\"source\":null}]}"},
};
/* clang-format on */

static void test_answers(const struct explain *explain)
{
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		char text[ANSWER_TEXT], error[QUESTION_ERROR] = "";
		struct asked_question asked;
		struct answer answer;
		struct json_object *parsed;

		CHECK_ROW(answers[i].source);
		if (!CHECK(!question_parse(explain->names, answers[i].protocol, answers[i].source,
					   answers[i].destination, &asked, error)))
			continue;
		policy_ask(explain->policy, &asked.question, &answer);
		CHECK_EQ(answer_to_text(&asked, &answer, text), strlen(answers[i].text));
		CHECK_STR(text, answers[i].text);
		CHECK_EQ(answer_to_json(&asked, &answer, text), strlen(answers[i].json));
		CHECK_STR(text, answers[i].json);
		parsed = json_tokener_parse(text);
		CHECK(parsed);
		json_object_put(parsed);
	}
	CHECK_ROW(NULL);
}

static void test_error_json(void)
{
	char text[ANSWER_TEXT], longest[3 * ANSWER_TEXT];
	struct json_object *parsed;

	question_error_to_json(3, "'a\"\x01\\' is\tno", text);
	CHECK_STR(text, "{\"line\":3,\"error\":\"'a\\\"\\u0001\\\\' is\\u0009no\"}");
	parsed = json_tokener_parse(text);
	CHECK_STR(json_object_get_string(json_object_object_get(parsed, "error")),
		  "'a\"\x01\\' is\tno");
	json_object_put(parsed);

	memset(longest, 'x', sizeof(longest) - 1); /* cut, and never beyond the buffer */
	longest[sizeof(longest) - 1] = '\0';
	CHECK_EQ(question_error_to_json(1, longest, text), ANSWER_TEXT - 1);
}

/* ------------------------------------------------------------------ speed, foreign bytes */

static void test_speed(const struct explain *explain)
{
	enum { QUESTIONS = 200000 };
	struct timespec begun, ended;
	unsigned wrong = 0;
	size_t bytes = 0;

	clock_gettime(CLOCK_MONOTONIC, &begun);
	for (unsigned i = 0; i < QUESTIONS; i++) {
		char text[ANSWER_TEXT], source[32], error[QUESTION_ERROR];
		struct asked_question asked;
		struct answer answer;

		snprintf(source, sizeof(source), "217.10.%u.%u:%u", 64 + i % 16, i % 256,
			 i % 65535 + 1);
		wrong += question_parse(explain->names, "udp", source, "192.168.10.2:5204", &asked,
					error) != 0;
		policy_ask(explain->policy, &asked.question, &answer);
		wrong += answer.verdict != AGFEO_PASS;
		bytes += answer_to_json(&asked, &answer, text);
	}
	clock_gettime(CLOCK_MONOTONIC, &ended);
	CHECK_EQ(wrong, 0);
	printf("%d lines, %zu bytes of JSON in %.0f ms (sanitized)\n", QUESTIONS, bytes,
	       (double)(ended.tv_sec - begun.tv_sec) * 1e3 +
		       (double)(ended.tv_nsec - begun.tv_nsec) / 1e6);
}

static void test_noise(const struct explain *explain)
{
	static const char letters[] = "[]:./0123456789abcdefxpbol-\"\\\xc3";
	unsigned accepted = 0;

	srandom(3);
	for (unsigned i = 0; i < 200000; i++) {
		char words[3][80], error[QUESTION_ERROR] = "";
		struct asked_question asked;

		for (int word = 0; word < 3; word++) {
			size_t size = (size_t)random() % (random() % 20 ? 12 : 79);

			for (size_t j = 0; j < size; j++)
				words[word][j] = letters[(size_t)random() % (sizeof(letters) - 1)];
			words[word][size] = '\0';
		}
		if (question_parse(explain->names, random() % 4 ? "udp" : words[0], words[1],
				   words[2], &asked, error))
			accepted += !*error; /* a refusal without a word would be one too many */
	}
	CHECK_EQ(accepted, 0);
}

int main(void)
{
	_cleanup_(explain_release) struct explain explain = {};

	if (explain_make(&explain)) {
		test_parse(&explain);
		test_answers(&explain);
		test_speed(&explain);
		test_noise(&explain);
	}
	test_error_json();
	return check_done();
}
