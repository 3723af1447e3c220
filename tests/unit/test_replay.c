/* SPDX-License-Identifier: GPL-2.0 */
/* Packets of a replay as people and programs read them, and how far a packet is looked into. */
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "corpus/words.h"
#include "lib/check.h"
#include "report/render_replay.h"

#define NOON 1741010709123456789ull /* 2025-03-03 14:05:09 UTC */

/* ------------------------------------------------------------------ dissecting */

static struct dissected dissected(const char *words, size_t size)
{
	struct frame_bytes frame = {.length = 0};
	char wrong[WORDS_WRONG];

	CHECK_EQ(words_build(words, &frame, wrong), 0);
	if (size > frame.length)
		size = frame.length;
	return dissect(FRAMING_ETHERNET, frame.bytes, size);
}

static void check_ends(const char *words, int protocol, const char *from, const char *to)
{
	struct dissected d = dissected(words, SIZE_MAX);
	char text[ENDPOINT_TEXT];

	CHECK_ROW(words);
	if (!CHECK_EQ(d.has_addresses, from != NULL) || !from)
		return;
	CHECK_EQ(d.protocol, protocol);
	CHECK_STR(d.has_ports ? endpoint_format(&d.source, d.source_port, text)
			      : address_format(&d.source, text),
		  from);
	CHECK_STR(d.has_ports ? endpoint_format(&d.destination, d.destination_port, text)
			      : address_format(&d.destination, text),
		  to);
	CHECK_ROW(NULL);
}

static void test_ends(void)
{
	check_ends("udp 10.0.0.1:5060 > 10.0.0.2:5061", 17, "10.0.0.1:5060", "10.0.0.2:5061");
	check_ends("options 2 tcp 10.0.0.1:80 > 10.0.0.2:4000 syn", 6, "10.0.0.1:80",
		   "10.0.0.2:4000");
	check_ends("udp [fd00::1]:5060 > [fd00::2]:5061", 17, "[fd00::1]:5060", "[fd00::2]:5061");
	check_ends("ext 0,43,60,51 udp [fd00::1]:5060 > [fd00::2]:5061", 17, "[fd00::1]:5060",
		   "[fd00::2]:5061");
	check_ends("icmp 10.0.0.1 > 10.0.0.2 type 8 id 7", 1, "10.0.0.1", "10.0.0.2");
	check_ends("ip 132 10.0.0.1 > 10.0.0.2", 132, "10.0.0.1", "10.0.0.2");
	check_ends("vlan 7 udp 10.0.0.1:1 > 10.0.0.2:2", 17, "10.0.0.1:1", "10.0.0.2:2");
	check_ends("vlan 7@0x88a8 vlan 8 udp 10.0.0.1:1 > 10.0.0.2:2", 17, "10.0.0.1:1",
		   "10.0.0.2:2");
	check_ends("vlan 7 pppoe udp [fd00::1]:1 > [fd00::2]:2", 17, "[fd00::1]:1", "[fd00::2]:2");
	check_ends("frag 9 0-16 udp 10.0.0.1:1 > 10.0.0.2:2 size 40", 17, "10.0.0.1:1",
		   "10.0.0.2:2");
	check_ends("frag 9 16- udp 10.0.0.1:1 > 10.0.0.2:2 size 40", 17, "10.0.0.1", "10.0.0.2");
	check_ends("frag 9 16- udp [fd00::1]:1 > [fd00::2]:2 size 40", 17, "fd00::1", "fd00::2");
	check_ends("vlan 1 vlan 2 vlan 3 udp 10.0.0.1:1 > 10.0.0.2:2", 0, NULL, NULL);
	check_ends("ether 0x0806", 0, NULL, NULL);
}

/* Each length that a packet can be cut to: nothing is read that is not there (under sanitizers). */
static void test_cuts(void)
{
	static const char *const packets[] = {
		"vlan 7 pppoe options 3 udp 10.0.0.1:1 > 10.0.0.2:2 size 4",
		"vlan 7 vlan 8 ext 0,43,60,51 udp [fd00::1]:1 > [fd00::2]:2 size 4",
		"frag 9 0-16 udp [fd00::1]:1 > [fd00::2]:2 size 40",
	};
	size_t wrong = 0;

	for (size_t i = 0; i < ARRAY_SIZE(packets); i++) {
		struct frame_bytes frame = {.length = 0};
		char word[WORDS_WRONG];

		CHECK_EQ(words_build(packets[i], &frame, word), 0);
		for (size_t size = 0; size <= frame.length; size++) {
			for (enum framing f = FRAMING_ETHERNET; f <= FRAMING_PPPOE; f++) {
				_cleanup_(freep) uint8_t *bytes = malloc(size ? size : 1);
				struct dissected d;

				memcpy(bytes, frame.bytes, size);
				d = dissect(f, bytes, size);
				wrong += d.skip > size || (d.has_ports && !d.has_addresses);
				wrong += d.made_up && (d.raw || d.has_addresses);
			}
		}
	}
	CHECK_EQ(wrong, 0);
}

/* What the programs are shown behind the headers that they do not know. */
static void test_framings(void)
{
	static const uint8_t sll_arp[] = {0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 6, 0, 1};
	static const uint8_t sll_tag[] = {0,	4, 0, 1, 0,    6, 2, 0,	   0,	 0,
					  0,	1, 0, 0, 0x81, 0, 0, 7,	   0x88, 0x64,
					  0x11, 0, 0, 1, 0,    2, 0, 0x21, 0x45};
	static const uint8_t lcp[] = {0xff, 3, 0xc0, 0x21, 1}, ip[] = {0, 0x57, 0x60};
	struct dissected d = dissect(FRAMING_SLL, sll_arp, sizeof(sll_arp));

	CHECK(d.made_up && !d.raw);
	CHECK_EQ(d.skip, 16);
	CHECK_EQ(d.ethertype, 0x0806);
	d = dissect(FRAMING_SLL, sll_tag, sizeof(sll_tag));
	CHECK(d.raw && !d.made_up);
	CHECK_EQ(d.skip, 28);
	d = dissect(FRAMING_PPP, lcp, sizeof(lcp));
	CHECK(d.made_up);
	CHECK_EQ(d.skip, 4);
	d = dissect(FRAMING_PPP, ip, sizeof(ip));
	CHECK(d.raw);
	CHECK_EQ(d.skip, 2);
	d = dissect(FRAMING_IP, ip + 2, 1);
	CHECK(d.raw && !d.has_addresses);
}

/* ------------------------------------------------------------------ rendering */

static struct agfeo_device_name devices[] = {{.name = ""}, {.name = "pbx"}, {.name = "Büro"}};
static struct agfeo_counter_name counters[] = {
	{.service = ""}, {.service = "rtp"}, {.service = "none"}, {.service = "web"}};
static const struct identities identities = {devices, 3, counters, 4};

typedef void renderer(FILE *out, const struct replay_line *line, const struct identities *names);

static void check_line(renderer *render, const struct replay_line *line, const char *expected)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	render(out, line, &identities);
	fclose(out);
	CHECK_STR(text, expected);
	free(text);
}

static void test_voice(void)
{
	struct dissected d = dissected("udp 192.168.10.2:5204 > 217.10.64.9:30000", SIZE_MAX);
	struct agfeo_replay_result result = {
		.reason = AGFEO_REASON_FLOW,
		.counter = {1, 0},
		.device = {1, 0},
		.class = AGFEO_CLASS_VOICE,
		.dscp_out = 46,
	};
	struct replay_line line = {
		.number = 7, .time_ns = NOON, .length = 214, .dissected = &d, .result = &result};

	check_line(render_replay_text, &line,
		   "     7  14:05:09.123456  xdp  pass  flow          udp 192.168.10.2:5204 -> "
		   "217.10.64.9:30000  pbx rtp  cs0>ef\n");
	check_line(render_replay_json, &line,
		   "{\"packet\":7,\"hook\":\"xdp\",\"verdict\":\"pass\",\"reason\":\"flow\","
		   "\"device\":\"pbx\",\"service\":\"rtp\",\"dscp_in\":0,\"dscp_out\":46,"
		   "\"class\":\"voice\",\"monitor\":false,\"time\":1741010709.123456789,"
		   "\"protocol\":\"udp\",\"source\":\"192.168.10.2:5204\","
		   "\"destination\":\"217.10.64.9:30000\",\"length\":214,\"truncated\":false}\n");
}

/* Refused by the receiver, which is only watched, and captured in part. */
static void test_watched(void)
{
	struct dissected d = dissected("tcp [fd00::5]:40000 > [fd00::2]:23 syn", SIZE_MAX);
	struct agfeo_replay_result result = {
		.reason = AGFEO_REASON_NOT_LISTED,
		.verdict = AGFEO_DROP,
		.counter = {0, 2},
		.device = {0, 2},
		.class = AGFEO_CLASS_COUNT,
		.dscp_in = 8,
		.dscp_out = 8,
		.monitor = 1,
	};
	struct replay_line line = {.number = 1,
				   .time_ns = 5,
				   .length = 90,
				   .truncated = true,
				   .tc = true,
				   .dissected = &d,
				   .result = &result};

	check_line(render_replay_text, &line,
		   "     1  00:00:00.000000  tc   drop  not-listed    tcp [fd00::5]:40000 -> "
		   "[fd00::2]:23  Büro  (monitor: passes)  (truncated)\n");
	check_line(render_replay_json, &line,
		   "{\"packet\":1,\"hook\":\"tc\",\"verdict\":\"drop\",\"reason\":\"not-listed\","
		   "\"device\":\"Büro\",\"service\":null,\"dscp_in\":8,\"dscp_out\":8,"
		   "\"class\":null,\"monitor\":true,\"time\":0.000000005,\"protocol\":\"tcp\","
		   "\"source\":\"[fd00::5]:40000\",\"destination\":\"[fd00::2]:23\","
		   "\"length\":90,\"truncated\":true}\n");
}

static void test_not_ip(void)
{
	struct dissected d = dissected("ether 0x0806", SIZE_MAX);
	struct agfeo_replay_result result = {.reason = AGFEO_REASON_NOT_IP,
					     .class = AGFEO_CLASS_COUNT};
	struct replay_line line = {.number = 1234567,
				   .time_ns = NOON,
				   .length = 60,
				   .tc = true,
				   .dissected = &d,
				   .result = &result};

	check_line(render_replay_text, &line, "1234567  14:05:09.123456  tc   pass  not-ip\n");
	check_line(render_replay_json, &line,
		   "{\"packet\":1234567,\"hook\":\"tc\",\"verdict\":\"pass\",\"reason\":\"not-ip\","
		   "\"device\":null,\"service\":null,\"dscp_in\":0,\"dscp_out\":0,\"class\":null,"
		   "\"monitor\":false,\"time\":1741010709.123456789,\"protocol\":null,"
		   "\"source\":null,\"destination\":null,\"length\":60,\"truncated\":false}\n");
}

/* ------------------------------------------------------------------ the sum */

static struct replay_sum sum_of_results(void)
{
	struct replay_sum sum = {.packets = 6,
				 .bytes = 1234,
				 .first_ns = NOON,
				 .last_ns = NOON + 2500000000,
				 .elapsed_ns = 2000000};
	struct agfeo_replay_result results[] = {
		{.reason = AGFEO_REASON_LISTED, .dscp_out = 46},
		{.reason = AGFEO_REASON_FLOW, .dscp_out = 46},
		{.reason = AGFEO_REASON_FLOW, .dscp_in = 46, .dscp_out = 46},
		{.reason = AGFEO_REASON_SCOPE, .verdict = AGFEO_DROP},
		{.reason = AGFEO_REASON_RATE, .verdict = AGFEO_DROP, .monitor = 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(results); i++)
		replay_sum_add(&sum, &(struct replay_line){.result = &results[i]});
	sum.not_run = 1;
	return sum;
}

static void check_sum(void (*render)(FILE *out, const struct replay_sum *sum),
		      const struct replay_sum *sum, const char *expected)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	render(out, sum);
	fclose(out);
	CHECK_STR(text, expected);
	free(text);
}

static void test_sum(void)
{
	struct replay_sum sum = sum_of_results(), empty = {.packets = 0};

	check_sum(render_replay_sum_text, &sum,
		  "         6 packets, 1.2 kB, 2.500 s from 2025-03-03 14:05:09 on\n"
		  "         3 pass  (listed 1, flow 2)\n"
		  "         2 drop  (scope 1, rate 1)\n"
		  "         1 of the dropped pass all the same: mode = monitor\n"
		  "         2 re-marked\n"
		  "         1 not run, see the errors\n"
		  "      3000 packets a second in 0.002 s\n");
	check_sum(render_replay_sum_json, &sum,
		  "{\"packets\":6,\"bytes\":1234,\"passed\":3,\"dropped\":2,\"reasons\":"
		  "{\"listed\":1,\"flow\":2,\"scope\":1,\"rate\":1},\"remarked\":2,"
		  "\"monitored\":1,\"truncated\":0,\"backwards\":0,\"not_run\":1,"
		  "\"start\":1741010709.123,\"duration_s\":2.500000,\"replay_s\":0.002000}\n");
	check_sum(render_replay_sum_text, &empty, "the capture is empty\n");
}

int main(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
	test_ends();
	test_cuts();
	test_framings();
	test_voice();
	test_watched();
	test_not_ip();
	test_sum();
	return check_done();
}
