/* SPDX-License-Identifier: GPL-2.0 */
/*
 * `explain` and the reference model are written apart: of the first packet of any flow they say the
 * same. Questions are drawn from the places where answers change.
 */
#include <netinet/in.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "check.h"
#include "config/config.h"
#include "corpus/rows.h"
#include "frame.h"
#include "model/reference.h"
#include "policy/policy.h"

#define QUESTIONS	20000 /* of each site */
#define WITH_ONE_MEMORY 500
#define BETWEEN_NS	10000000000000ull /* every flow is forgotten, every budget full again */
#define CLOUD_ADDRESS	"203.0.113.7"

static const char *const hosts4[] = {
	"192.168.10.2",	  "192.168.10.3",  "192.168.10.21",   "192.168.10.22",	 "192.168.10.23",
	"192.168.10.24",  "192.168.10.60", "192.168.10.61",   "192.168.20.64",	 "192.168.20.95",
	"192.168.20.96",  "192.168.20.63", "192.168.20.100",  "192.168.20.5",	 "217.10.64.9",
	"217.10.79.255",  "217.10.80.0",   "212.227.0.9",     "198.51.100.9",	 CLOUD_ADDRESS,
	"192.168.10.255", "224.0.1.75",	   "239.255.255.250", "255.255.255.255",
};

static const char *const hosts6[] = {
	"fd00:10::2",	   "fd00:10::21",     "fd00:10::4000", "fd00:10::40ff", "fd00:10::5",
	"2001:db8:217::9", "2001:db8:218::9", "2001:db8:9::9", "ff02::fb",
};

static const uint16_t ports[] = {
	1,     22,    53,    67,    68,	   69,	  80,	 123,	389,   443,   514,   546,
	547,   1023,  1024,  1883,  2153,  3232,  5003,	 5004,	5027,  5028,  5035,  5036,
	5060,  5063,  5064,  5071,  5072,  5127,  5203,	 5204,	5235,  5236,  5263,  5896,
	5904,  6999,  7000,  7010,  7011,  8080,  9999,	 10000, 10200, 10201, 12172, 12174,
	12175, 12176, 12187, 12189, 39321, 40000, 50004, 50043, 60104, 65100, 65120, 65535,
};

static uint64_t state = 1;

static unsigned pick(unsigned count)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return (unsigned)(state >> 33) % count;
}

static struct address read_address(const char *text)
{
	struct address address = {{0}};

	if (address_parse(text, &address))
		abort();
	return address;
}

static struct frame draw(void)
{
	bool v6 = pick(3) == 0;
	struct frame frame = {
		.protocol = pick(3) ? FRAME_UDP : FRAME_TCP,
		.source = v6 ? hosts6[pick(ARRAY_SIZE(hosts6) - 1)]
			     : hosts4[pick(ARRAY_SIZE(hosts4) - 3)],
		.destination =
			v6 ? hosts6[pick(ARRAY_SIZE(hosts6))] : hosts4[pick(ARRAY_SIZE(hosts4))],
		.source_port = ports[pick(ARRAY_SIZE(ports))],
		.destination_port = ports[pick(ARRAY_SIZE(ports))],
		.tcp_flags = SYN,
		.payload_size = 20,
	};

	if (!pick(20)) {
		frame.protocol = v6 ? FRAME_ICMP6 : FRAME_ICMP;
		frame.icmp_type = v6 ? 128 : 8;
	} else if (!pick(20)) { /* of what no list speaks, and what contradicts itself */
		frame.protocol = FRAME_ESP;
	} else if (!pick(20)) {
		*(pick(2) ? &frame.source_port : &frame.destination_port) = 0;
	}
	return frame;
}

static struct answer ask(const struct policy *policy, const struct frame *frame)
{
	struct question question = {
		.protocol = frame->protocol,
		.source = read_address(frame->source),
		.destination = read_address(frame->destination),
		.source_port = frame->source_port,
		.destination_port = frame->destination_port,
	};
	struct answer answer;

	if (!strcmp(frame->destination, CLOUD_ADDRESS))
		question.cloud_hosts = AGFEO_HOST_BIT(PBX) | AGFEO_HOST_BIT(REMOTE2);
	policy_ask(policy, &question, &answer);
	return answer;
}

/* What is asked about one flow, by hand: between a device that is watched and one that is not. */
static void test_monitor(void)
{
	static const struct {
		const char *what, *source, *destination;
		uint16_t source_port;
		bool enforced;
	} rows[] = {
		{"malformed: the sender is watched", "192.168.10.24", "192.168.10.21", 0, false},
		{"malformed: the receiver is watched", "192.168.10.21", "192.168.10.24", 0, true},
		{"malformed: only the receiver is a device", "192.168.20.5", "192.168.10.24", 0,
		 false},
		{"not listed: the sender is watched", "192.168.10.24", "192.168.10.21", 9, false},
		{"not listed: the receiver is watched", "192.168.10.21", "192.168.10.24", 9, true},
	};
	_cleanup_(site_freep) struct site *site = NULL;
	_cleanup_(policy_freep) struct policy *policy = NULL;

	if (!CHECK_EQ(config_parse("site", site_office, strlen(site_office), stdout, &site), 0) ||
	    !CHECK_EQ(policy_compile(site, "site", REFERENCE_TICK_NS, stdout, &policy), 0))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct reference *reference = reference_new(site);
		struct frame frame = {
			UDP(rows[i].source, rows[i].source_port, rows[i].destination, 9),
			.payload_size = 20};
		struct frame_bytes bytes = frame_build(&frame);
		struct answer answer = ask(policy, &frame);
		struct reference_answer expected;

		CHECK_ROW(rows[i].what);
		reference_judge(reference, REFERENCE_VOICE_TC, BETWEEN_NS, bytes.bytes,
				bytes.length, &expected);
		CHECK_EQ(answer.verdict, AGFEO_DROP);
		CHECK_EQ(answer.monitor, !rows[i].enforced);
		CHECK_EQ(expected.verdict, rows[i].enforced ? AGFEO_DROP : AGFEO_PASS);
		reference_free(reference);
	}
	CHECK_ROW(NULL);
}

static bool agree(const struct answer *answer, const struct reference_answer *reference)
{
	if (answer->reason != reference->reason)
		return false;
	if ((answer->monitor ? AGFEO_PASS : answer->verdict) != reference->verdict)
		return false;
	return answer->reason != AGFEO_REASON_LISTED ||
	       (answer->has_class && (int)answer->class == reference->class);
}

static bool compare(const struct policy *policy, struct reference *reference, uint64_t ns)
{
	struct frame frame = draw();
	struct frame_bytes bytes = frame_build(&frame);
	struct answer answer = ask(policy, &frame);
	struct reference_answer expected;

	reference_judge(reference, REFERENCE_VOICE_TC, ns, bytes.bytes, bytes.length, &expected);
	if (agree(&answer, &expected))
		return true;
	printf("%s %s:%u > %s:%u: explain %s %d%s, model %s %d\n",
	       frame.protocol == FRAME_TCP ? "tcp" : "udp", frame.source, frame.source_port,
	       frame.destination, frame.destination_port, reason_label(answer.reason),
	       answer.has_class ? (int)answer.class : -1, answer.monitor ? " monitored" : "",
	       reason_label(expected.reason), expected.class);
	return false;
}

static void test_site(const char *text)
{
	_cleanup_(site_freep) struct site *site = NULL;
	_cleanup_(policy_freep) struct policy *policy = NULL;
	struct address cloud = read_address(CLOUD_ADDRESS);
	unsigned differences = 0;

	if (!CHECK_EQ(config_parse("site", text, strlen(text), stdout, &site), 0) ||
	    !CHECK_EQ(policy_compile(site, "site", REFERENCE_TICK_NS, stdout, &policy), 0))
		return;
	for (unsigned i = 0; i < QUESTIONS / WITH_ONE_MEMORY; i++) {
		struct reference *reference = reference_new(site);

		reference_cloud(reference, &cloud, AGFEO_HOST_BIT(PBX) | AGFEO_HOST_BIT(REMOTE2));
		for (unsigned j = 1; j <= WITH_ONE_MEMORY && differences < 10; j++)
			differences += !compare(policy, reference, j * BETWEEN_NS);
		reference_free(reference);
	}
	CHECK_EQ(differences, 0);
}

int main(void)
{
	test_monitor();
	test_site(site_office);
	test_site(site_closed);
	test_site(site_watched);
	test_site(site_bleached);
	test_site(site_unmarked);
	return check_done();
}
