/* SPDX-License-Identifier: GPL-2.0 */
/* The compiled policy: questions by hand, and what surrounds the ports: slots, idle times, peers,
 * settings, what an uplink sheds, what the compiler refuses. */
#include "policy/policy.h"

#include <agfeo/judge.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "check.h"
#include "compiled.h"
#include "config/config.h"

/* ------------------------------------------------------------------ questions by hand */

#define SITE                                                                                       \
	"[site]\nnetworks = 192.168.10.0/24, fd00:10::/64\n"                                       \
	"[provider p]\nnetworks = 217.10.64.0/20\n[provider q]\nnetworks = 212.0.0.0/16\n"         \
	"[device pbx]\nmodel = es-pure-ip-x-it\naddress = 192.168.10.2, fd00:10::2\n"              \
	"provider = p\nallow = in tcp 8080 from site, in udp 5062 from provider\n"                 \
	"allow = in tcp 5904 from provider, out tcp 25 to any\n"                                   \
	"[device pool]\nmodel = visofon\naddress = 192.168.20.64/27\nprovider = p, q\n"            \
	"[device phone]\nmodel = t14-sip\naddress = 192.168.10.3\nprovider = q\nmode = monitor\n"

/* clang-format off */
static const struct {
	const char *what;
	uint8_t protocol;
	const char *source; uint16_t source_port;
	const char *destination; uint16_t destination_port;
	enum agfeo_reason reason;
	const char *first, *second; /* services that are told; "-": none; NULL: no such device */
	int class; /* -1: none */
} questions[] = {
	{"a call to the provider", 17, "192.168.10.2", 5204, "217.10.64.1", 9000, AGFEO_REASON_LISTED, "rtp", NULL, AGFEO_CLASS_VOICE},
	{"another's provider", 17, "192.168.10.2", 5204, "212.0.0.1", 9000, AGFEO_REASON_SCOPE, "rtp", NULL, AGFEO_CLASS_VOICE},
	{"one device, two providers", 17, "192.168.20.70", 65100, "212.0.0.1", 9000, AGFEO_REASON_LISTED, "rtp", NULL, AGFEO_CLASS_VOICE},
	{"a pool's edge", 17, "192.168.20.95", 65100, "217.10.64.1", 9000, AGFEO_REASON_LISTED, "rtp", NULL, AGFEO_CLASS_VOICE},
	{"past a pool's edge", 17, "192.168.20.96", 65100, "217.10.64.1", 9000, AGFEO_REASON_NO_DEVICE, NULL, NULL, -1},
	{"a device outside the site's networks is of the site", 17, "192.168.20.70", 40000, "192.168.10.2", 5060, AGFEO_REASON_LISTED, "sip", "sip-registrar", AGFEO_CLASS_SIGNALLING},
	{"its neighbour is not", 17, "192.168.20.100", 40000, "192.168.10.2", 5060, AGFEO_REASON_SCOPE, "sip-registrar", NULL, AGFEO_CLASS_SIGNALLING},
	{"a call between two", 17, "192.168.20.70", 40000, "192.168.10.2", 5204, AGFEO_REASON_LISTED, "rtp", "rtp", AGFEO_CLASS_VOICE},
	{"the source's refusal first", 6, "192.168.20.70", 40000, "192.168.10.3", 22, AGFEO_REASON_NOT_LISTED, "-", "-", -1},
	{"the other's refusal", 17, "192.168.20.70", 40000, "192.168.10.2", 9999, AGFEO_REASON_NOT_LISTED, "rtp", "-", -1},
	{"an extra rule", 6, "192.168.10.9", 40000, "192.168.10.2", 8080, AGFEO_REASON_LISTED, "allow", NULL, AGFEO_CLASS_MANAGEMENT},
	{"an extra rule's scope", 6, "217.10.64.1", 40000, "192.168.10.2", 8080, AGFEO_REASON_SCOPE, "allow", NULL, AGFEO_CLASS_MANAGEMENT},
	{"an extra rule on a service's port is of its class", 6, "217.10.64.1", 40000, "192.168.10.2", 5904, AGFEO_REASON_LISTED, "allow", NULL, AGFEO_CLASS_SIGNALLING},
	{"and from the site the service speaks", 6, "192.168.10.9", 40000, "192.168.10.2", 5904, AGFEO_REASON_LISTED, "asip-registrar", NULL, AGFEO_CLASS_SIGNALLING},
	{"out to any", 6, "192.168.10.2", 40000, "8.8.8.8", 25, AGFEO_REASON_LISTED, "allow", NULL, AGFEO_CLASS_MANAGEMENT},
	{"in from a port that is for out", 6, "8.8.8.8", 25, "192.168.10.2", 40000, AGFEO_REASON_DIRECTION, "allow", NULL, AGFEO_CLASS_MANAGEMENT},
	{"tftp", 17, "192.168.10.3", 40000, "192.168.10.9", 69, AGFEO_REASON_LISTED, "tftp", NULL, AGFEO_CLASS_INFRASTRUCTURE},
	{"multicast", 17, "192.168.10.3", 40000, "239.1.1.1", 4000, AGFEO_REASON_LISTED, "multicast", NULL, AGFEO_CLASS_INFRASTRUCTURE},
	{"multicast is of the sender only", 17, "192.168.10.9", 40000, "239.1.1.1", 4000, AGFEO_REASON_NO_DEVICE, NULL, NULL, -1},
	{"and says nothing of hosts", 17, "192.168.10.3", 40000, "192.168.10.9", 4000, AGFEO_REASON_NOT_LISTED, "-", NULL, -1},
	{"broadcast of a listed port", 17, "192.168.10.3", 5060, "255.255.255.255", 5060, AGFEO_REASON_LISTED, "sip", NULL, AGFEO_CLASS_SIGNALLING},
	{"dhcp", 17, "0.0.0.0", 68, "255.255.255.255", 67, AGFEO_REASON_CONTROL, NULL, NULL, -1},
	{"dhcp renewed", 17, "192.168.10.2", 68, "192.168.10.9", 67, AGFEO_REASON_CONTROL, "-", NULL, -1},
	{"dhcp stays in the site", 17, "192.168.10.3", 68, "8.8.8.8", 67, AGFEO_REASON_SCOPE, "dhcp", NULL, AGFEO_CLASS_INFRASTRUCTURE},
	{"nor comes from outside", 17, "217.10.64.1", 67, "192.168.10.2", 68, AGFEO_REASON_NOT_LISTED, "-", NULL, -1},
	{"dhcp of others is theirs", 17, "8.8.8.8", 67, "192.168.10.9", 68, AGFEO_REASON_CONTROL, NULL, NULL, -1},
	{"dhcpv6 from the same wire", 17, "fe80::1", 547, "fd00:10::2", 546, AGFEO_REASON_CONTROL, "-", NULL, -1},
	{"dhcpv6 from outside", 17, "2001:db8::1", 547, "fd00:10::2", 546, AGFEO_REASON_NOT_LISTED, "-", NULL, -1},
	{"igmp from outside", 2, "8.8.8.8", 0, "192.168.10.2", 0, AGFEO_REASON_NOT_LISTED, "-", NULL, -1},
	{"dhcpv6", 17, "fe80::1", 546, "ff02::1:2", 547, AGFEO_REASON_CONTROL, NULL, NULL, -1},
	{"igmp", 2, "192.168.10.3", 0, "224.0.0.22", 0, AGFEO_REASON_CONTROL, "-", NULL, -1},
	{"echo from the site", 1, "192.168.10.9", 0, "192.168.10.2", 0, AGFEO_REASON_ECHO, "-", NULL, -1},
	{"echo of a device", 58, "fd00:10::2", 0, "2001:db8::1", 0, AGFEO_REASON_ECHO, "-", NULL, -1},
	{"echo from outside", 1, "8.8.8.8", 0, "192.168.10.2", 0, AGFEO_REASON_SCOPE, "-", NULL, -1},
	{"echo of the provider", 1, "217.10.64.1", 0, "192.168.10.2", 0, AGFEO_REASON_SCOPE, "-", NULL, -1},
	{"ICMPv6 over IPv4", 58, "192.168.10.9", 0, "192.168.10.2", 0, AGFEO_REASON_NOT_LISTED, "-", NULL, -1},
	{"GRE", 47, "192.168.10.2", 0, "8.8.8.8", 0, AGFEO_REASON_NOT_LISTED, "-", NULL, -1},
	{"port 0", 17, "192.168.10.9", 0, "192.168.10.2", 5060, AGFEO_REASON_MALFORMED, "-", NULL, -1},
	{"to port 0", 6, "192.168.10.9", 40000, "192.168.10.2", 0, AGFEO_REASON_MALFORMED, "-", NULL, -1},
	{"from itself to itself", 17, "192.168.10.2", 5060, "192.168.10.2", 5060, AGFEO_REASON_MALFORMED, "-", "-", -1},
	{"port 0 between strangers", 17, "8.8.8.8", 0, "1.1.1.1", 1, AGFEO_REASON_NO_DEVICE, NULL, NULL, -1},
	{"IPv6 is judged alike", 6, "2001:db8::1", 40000, "fd00:10::2", 443, AGFEO_REASON_SCOPE, "web-tls", NULL, AGFEO_CLASS_MANAGEMENT},
};
/* clang-format on */

static void check_told(const struct answer *answer, size_t which, const char *service)
{
	if (!service) {
		CHECK(answer->judged_count <= which);
		return;
	}
	if (CHECK(answer->judged_count > which))
		CHECK_STR(answer->judged[which].rule ? answer->judged[which].rule->service : "-",
			  service);
}

static void test_questions(void)
{
	_cleanup_(site_freep) struct site *site = site_of(SITE);
	_cleanup_(policy_freep) struct policy *policy = policy_of(site);

	if (!policy)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
		struct question question = {
			.protocol = questions[i].protocol,
			.source = address_of(questions[i].source),
			.destination = address_of(questions[i].destination),
			.source_port = questions[i].source_port,
			.destination_port = questions[i].destination_port,
		};
		struct answer answer;

		CHECK_ROW(questions[i].what);
		policy_ask(policy, &question, &answer);
		CHECK_STR(reason_label(answer.reason), reason_label(questions[i].reason));
		CHECK_EQ(answer.verdict, agfeo_reason_verdict(questions[i].reason));
		CHECK_EQ(answer.has_class ? (int)answer.class : -1, questions[i].class);
		check_told(&answer, 0, questions[i].first);
		check_told(&answer, 1, questions[i].second);
	}
	CHECK_ROW(NULL);
}

/* Monitor is the refusing device's, or the site's; unknown hosts are the site's. */
static void test_modes(void)
{
	_cleanup_(site_freep) struct site *site = site_of(SITE);
	_cleanup_(policy_freep) struct policy *policy = policy_of(site);
	struct question question = {.protocol = IPPROTO_TCP,
				    .source = address_of("8.8.8.8"),
				    .destination = address_of("192.168.10.3"),
				    .source_port = 1,
				    .destination_port = 80};
	struct answer answer;

	policy_ask(policy, &question, &answer);
	CHECK(answer.verdict == AGFEO_DROP && answer.monitor);
	question.destination = address_of("192.168.10.2");
	policy_ask(policy, &question, &answer);
	CHECK(answer.verdict == AGFEO_DROP && !answer.monitor);
	question.cloud_hosts = AGFEO_HOST_BIT(PBX); /* says nothing of an end that is a device */
	question.source = address_of("192.168.10.2");
	question.destination = address_of("192.168.10.3");
	question.destination_port = 443;
	policy_ask(policy, &question, &answer);
	CHECK(answer.reason == AGFEO_REASON_SCOPE && answer.judged[0].rule &&
	      !strcmp(answer.judged[0].rule->service, "cloud"));
	question.source = address_of("8.8.8.8");
	policy->settings.flags |= AGFEO_SITE_MONITOR | AGFEO_SITE_UNKNOWN_DROP;
	policy_ask(policy, &question, &answer);
	CHECK(answer.verdict == AGFEO_DROP && answer.monitor);
	question.destination = address_of("1.1.1.1");
	policy_ask(policy, &question, &answer);
	CHECK_EQ(answer.reason, AGFEO_REASON_UNKNOWN_HOST);
}

/* ------------------------------------------------------------------ around the ports */

static const struct policy_rule *rule_named(const struct model_policy *model, const char *name)
{
	for (size_t i = 1; i < model->rule_count; i++)
		if (!strcmp(model->rules[i].service, name))
			return &model->rules[i];
	return NULL;
}

static void test_rules(void)
{
	_cleanup_(site_freep) struct site *site = site_of(SITE);
	_cleanup_(policy_freep) struct policy *policy = policy_of(site);
	const struct model_policy *pbx = &policy->policies[policy->devices[0].policy];
	static const struct {
		const char *service;
		unsigned idle_new, idle; /* seconds */
		uint8_t mark;
	} rows[] = {
		{"sip-registrar", 3700, 3700, AGFEO_KEEP},
		{"rtp", 60, 60, AGFEO_EF},
		{"dns", 30, 300, AGFEO_KEEP},
		{"asip-registrar", 240, 7440, AGFEO_KEEP},
		{"discovery", 30, 300, AGFEO_KEEP},
		{"web", 240, 7440, AGFEO_KEEP},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct policy_rule *rule = rule_named(pbx, rows[i].service);
		const struct agfeo_rule *compiled;

		CHECK_ROW(rows[i].service);
		if (!CHECK(rule))
			continue;
		compiled = &pbx->tables->rules[rule - pbx->rules];
		CHECK_EQ(compiled->idle_new, (rows[i].idle_new * 1000000000ull + COMPILED_TICK_NS -
					      1) / COMPILED_TICK_NS);
		CHECK_EQ(compiled->idle,
			 (rows[i].idle * 1000000000ull + COMPILED_TICK_NS - 1) / COMPILED_TICK_NS);
		CHECK_EQ(compiled->mark, rows[i].mark);
		CHECK_STR(pbx->slots[compiled->slot], rows[i].service);
		CHECK_EQ(pbx->slot_class[compiled->slot], compiled->class);
		CHECK_EQ(pbx->slot_mark[compiled->slot], compiled->mark);
	}
	CHECK_ROW(NULL);
	/* one slot for UDP and TCP of a name, another for another class of the same name */
	for (size_t i = AGFEO_SLOT_FIRST_SERVICE; i < pbx->slot_count; i++)
		for (size_t j = i + 1; j < pbx->slot_count; j++)
			CHECK(strcmp(pbx->slots[i], pbx->slots[j]) ||
			      pbx->slot_class[i] != pbx->slot_class[j]);
	CHECK_EQ(pbx->tables->port_class[AGFEO_UDP][AGFEO_LOCAL][0], 0);
	CHECK_EQ(pbx->tables->classes[0].entry[0][0].reason, AGFEO_REASON_NOT_LISTED);
	CHECK_EQ(pbx->tables->cloud_hosts,
		 AGFEO_HOST_BIT(REMOTE) | AGFEO_HOST_BIT(REMOTE2) | AGFEO_HOST_BIT(PBX));
}

/* Devices that come to the same tables share them; a provider more or less is another table, which
 * provider it is is not. */
static void test_sharing(void)
{
	_cleanup_(site_freep) struct site *site = site_of(
		"[provider p]\nnetworks = 217.10.64.0/20\n[provider q]\nnetworks = 212.0.0.0/16\n"
		"[device a]\nmodel = t14-sip\naddress = 10.0.0.1\nprovider = p\n"
		"[device b]\nmodel = t14-sip\naddress = 10.0.0.2\nprovider = q\nquality = off\n"
		"[device c]\nmodel = t14-sip\naddress = 10.0.0.3\n"
		"[device d]\nmodel = t14-sip\naddress = 10.0.0.4\nprovider = p\ndisable = tftp\n"
		"[device e]\nmodel = t17-sip\naddress = 10.0.0.5\nprovider = p\n"
		"mac = 00:09:40:00:00:01\n");
	_cleanup_(policy_freep) struct policy *policy = policy_of(site);
	_cleanup_(policy_freep) struct policy *again = policy_of(site);

	CHECK_EQ(policy->policy_count, 3);
	CHECK_EQ(policy->devices[0].policy, policy->devices[1].policy);
	CHECK(policy->devices[0].policy != policy->devices[2].policy);
	CHECK(policy->devices[0].policy != policy->devices[3].policy);
	CHECK_EQ(policy->devices[0].policy, policy->devices[4].policy);
	CHECK_EQ(policy->devices[0].providers, 1);
	CHECK_EQ(policy->devices[1].providers, 2);
	CHECK_EQ(policy->settings.providers, 3);
	CHECK_EQ(policy->devices[0].flags, AGFEO_DEVICE_QUALITY);
	CHECK_EQ(policy->devices[1].flags, 0);
	CHECK_EQ(policy->devices[4].flags, AGFEO_DEVICE_QUALITY | AGFEO_DEVICE_MAC);
	for (size_t i = 0; i < policy->policy_count; i++)
		CHECK(!memcmp(policy->policies[i].tables, again->policies[i].tables,
			      sizeof(struct agfeo_policy)));
}

static void test_settings(void)
{
	_cleanup_(site_freep) struct site *site = site_of(
		"[site]\nnew-flows = 50\nunknown = drop\nmode = monitor\n[qos]\nothers = bleach\n"
		"[device a]\nmodel = t14-sip\naddress = 10.0.0.1, fd00::/120\n");
	_cleanup_(policy_freep) struct policy *policy = policy_of(site);
	const struct agfeo_settings *settings = &policy->settings;

	CHECK_EQ(settings->flags, AGFEO_SITE_MONITOR | AGFEO_SITE_UNKNOWN_DROP | AGFEO_SITE_BLEACH |
					  AGFEO_SITE_POOLS6);
	CHECK_EQ(settings->rate, 50 * 1024 * 64 / 1000);
	CHECK_EQ(settings->burst, 200);
	CHECK_EQ(settings->stranger_rate, 100 * 1024 * 64 / 1000);
	CHECK_EQ(settings->stranger_burst, 400);
	CHECK_EQ(settings->idle_closing, 3750);
	CHECK_EQ(settings->idle_fragment, 469); /* 30 s, rounded up */
	CHECK_EQ(settings->echo_idle, 469);
	CHECK(policy->pool4_first > policy->pool4_last); /* there is none */
}

static void test_pools(void)
{
	_cleanup_(site_freep) struct site *site =
		site_of("[site]\n[device a]\nmodel = t14-sip\naddress = 10.0.0.32/27, 10.0.0.9\n"
			"[device b]\nmodel = t14-sip\naddress = 10.0.0.16/30, fd00::1\n");
	_cleanup_(policy_freep) struct policy *policy = policy_of(site);

	CHECK_EQ(policy->settings.flags & AGFEO_SITE_POOLS6, 0);
	CHECK_EQ(policy->pool4_first, 0x0a000010); /* 10.0.0.16 */
	CHECK_EQ(policy->pool4_last, 0x0a00003f);  /* 10.0.0.63 */
}

/* A block has its bit where one of its UDP ports is listed, whatever groups may, and DHCP's always. */
static void test_blocks(void)
{
	static const struct {
		const char *what;
		enum agfeo_side side;
		uint16_t port;
		bool listed;
	} rows[] = {
		{"the first of RTP", AGFEO_LOCAL, 10000, true},
		{"before it, of the same 64", AGFEO_LOCAL, 9984, true},
		{"of the 64 before", AGFEO_LOCAL, 9983, false},
		{"the last of RTP", AGFEO_LOCAL, 10200, true},
		{"the last of the same 64", AGFEO_LOCAL, 10239, true},
		{"the next", AGFEO_LOCAL, 10240, false},
		{"TCP only", AGFEO_LOCAL, 443, false},
		{"DHCP's client", AGFEO_LOCAL, 68, true},
		{"TFTP", AGFEO_REMOTE, 69, true},
		{"listed for groups: 1 to 65535", AGFEO_REMOTE, 65535, false},
		{"the last that is allowed", AGFEO_REMOTE, 40000, true},
	};
	_cleanup_(site_freep) struct site *site =
		site_of("[site]\n[device phone]\nmodel = t14-sip\naddress = 10.0.0.1\n"
			"allow = out udp 39999-40000 to any\n");
	_cleanup_(policy_freep) struct policy *policy = policy_of(site);
	const struct agfeo_port_blocks *blocks = &policy->policies[0].blocks;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK_ROW(rows[i].what);
		CHECK_EQ(agfeo_block_lists(blocks, rows[i].side, rows[i].port), rows[i].listed);
	}
	CHECK_ROW(NULL);
}

/* A port's bit says whether it has a class. */
static void test_listed(void)
{
	_cleanup_(site_freep) struct site *site =
		site_of("[site]\n[device pbx]\nmodel = es-pure-ip-x-it\naddress = 10.0.0.1\n");
	_cleanup_(policy_freep) struct policy *policy = policy_of(site);
	const struct agfeo_policy *tables = policy->policies[policy->devices[0].policy].tables;
	unsigned listed = 0, wrong = 0;

	for (unsigned protocol = 0; protocol < AGFEO_PROTOCOL_COUNT; protocol++)
		for (unsigned side = 0; side < AGFEO_SIDE_COUNT; side++)
			for (unsigned port = 0; port < AGFEO_PORTS; port++) {
				bool has = tables->port_class[protocol][side][port];

				listed += has;
				wrong += has != agfeo_lists(tables, protocol, side, (uint16_t)port);
			}
	CHECK(listed > 100);
	CHECK_EQ(wrong, 0);
	CHECK(agfeo_lists(tables, AGFEO_UDP, AGFEO_LOCAL, 5060));
	CHECK(!agfeo_lists(tables, AGFEO_UDP, AGFEO_LOCAL, 40000));
}

/* An address finds everything that covers it by its longest prefix alone. */
static void test_peers(void)
{
	_cleanup_(site_freep) struct site *site =
		site_of("[site]\nnetworks = 10.0.0.0/8, 10.0.0.0/8, fd00::/16\n"
			"resolvers = 10.1.2.3, 203.0.113.1\n"
			"[provider a]\nnetworks = 10.1.0.0/16, 217.10.64.0/20\n"
			"[provider b]\nnetworks = 10.1.2.0/24, 217.10.64.0/20, 10.2.0.0/16\n");
	_cleanup_(policy_freep) struct policy *policy = policy_of(site);
	static const struct {
		const char *network;
		uint64_t providers;
		uint32_t flags;
	} rows[] = {
		{"10.1.2.3", 3, 3},	  {"203.0.113.1", 0, 2}, {"10.1.2.0/24", 3, 1},
		{"217.10.64.0/20", 3, 0}, {"10.1.0.0/16", 1, 1}, {"10.2.0.0/16", 2, 1},
		{"10.0.0.0/8", 0, 1},	  {"fd00::/16", 0, 1},
	};
	char text[PREFIX_TEXT];

	CHECK_EQ(policy->peer_count, ARRAY_SIZE(rows));
	for (size_t i = 0; i < policy->peer_count && i < ARRAY_SIZE(rows); i++) {
		CHECK_STR(prefix_format(&policy->peers[i].network, text), rows[i].network);
		CHECK_EQ(policy->peers[i].value.providers, rows[i].providers);
		CHECK_EQ(policy->peers[i].value.flags, rows[i].flags);
	}
}

static void test_addresses(void)
{
	_cleanup_(site_freep) struct site *site =
		site_of("[device a]\nmodel = t14-sip\naddress = 10.0.2.0/24, 10.0.0.9, fd00::/64\n"
			"[device b]\nmodel = t14-sip\naddress = 10.0.0.1\n");
	_cleanup_(policy_freep) struct policy *policy = policy_of(site);
	static const char *const rows[] = {"10.0.0.1", "10.0.0.9", "10.0.2.0/24", "fd00::/64"};
	char text[PREFIX_TEXT];

	CHECK_EQ(policy->address_count, ARRAY_SIZE(rows));
	for (size_t i = 0; i < policy->address_count; i++)
		CHECK_STR(prefix_format(&policy->addresses[i].prefix, text), rows[i]);
	CHECK_EQ(policy->addresses[0].device, 1);
	CHECK_EQ(policy->addresses[1].device, 0);
}

static unsigned shed_at(const struct policy *policy, enum agfeo_protocol protocol, uint16_t port)
{
	return policy->shed.port[protocol][port];
}

static void test_shed(void)
{
	_cleanup_(site_freep) struct site *site =
		site_of("[interface wan]\nrole = uplink\nlocal = tcp 443\n" SITE
			"[device second]\nmodel = hypervoice\naddress = 192.168.10.5\nenable = "
			"mqtt-broker\n");
	_cleanup_(policy_freep) struct policy *policy = policy_of(site);
	static const uint16_t tcp[] = {80, 389, 1883, 3232};

	for (size_t i = 0; i < ARRAY_SIZE(tcp); i++)
		CHECK_EQ(shed_at(policy, AGFEO_TCP, tcp[i]), AGFEO_SHED_SERVICE);
	CHECK_EQ(shed_at(policy, AGFEO_UDP, 5060), AGFEO_SHED_SERVICE);
	CHECK_EQ(shed_at(policy, AGFEO_UDP, 12189), AGFEO_SHED_SERVICE);
	CHECK_EQ(shed_at(policy, AGFEO_TCP, 443), 0);			/* the box's own */
	CHECK_EQ(shed_at(policy, AGFEO_UDP, 123), 0);			/* the box's own clock */
	CHECK_EQ(shed_at(policy, AGFEO_TCP, 8080), AGFEO_SHED_SERVICE); /* allowed from the site */
	CHECK_EQ(shed_at(policy, AGFEO_UDP, 5062),
		 AGFEO_SHED_SIP_CLIENT); /* allowed to providers */
	CHECK_EQ(shed_at(policy, AGFEO_TCP, 5904), AGFEO_SHED_SIP_CLIENT);
	CHECK_EQ(shed_at(policy, AGFEO_UDP, 5063), 0);
	CHECK_EQ(shed_at(policy, AGFEO_UDP, 5064), AGFEO_SHED_SIP_CLIENT);
	CHECK_EQ(shed_at(policy, AGFEO_UDP, 5127), AGFEO_SHED_SIP_CLIENT);
	CHECK_EQ(shed_at(policy, AGFEO_UDP, 5128), 0);
	CHECK_EQ(shed_at(policy, AGFEO_UDP, 5204), 0);		/* RTP */
	CHECK_EQ(shed_at(policy, AGFEO_UDP, 10000), 0);		/* a telephone's */
	CHECK_EQ(shed_at(policy, AGFEO_TCP, 39321), 0);		/* Linux's own range */
	CHECK(!(policy->settings.flags & AGFEO_SITE_SHED_SIP)); /* `second` names no provider */
	{
		_cleanup_(site_freep) struct site *named = site_of(SITE);
		_cleanup_(policy_freep) struct policy *all = policy_of(named);

		CHECK(all->settings.flags & AGFEO_SITE_SHED_SIP);
		CHECK_EQ(shed_at(all, AGFEO_TCP, 443), AGFEO_SHED_SERVICE);
		CHECK_EQ(shed_at(all, AGFEO_TCP, 1883), 0); /* not enabled */
	}
}

/* ------------------------------------------------------------------ faults of the compiler */

static void check_refused(const char *text, const char *expected)
{
	_cleanup_(site_freep) struct site *site = site_of(text);
	_cleanup_(freep) char *told = NULL;
	struct policy *policy = NULL;
	size_t size;
	FILE *errors = open_memstream(&told, &size);

	CHECK_EQ(policy_compile(site, "f", COMPILED_TICK_NS, errors, &policy), -EINVAL);
	fclose(errors);
	CHECK(!policy);
	CHECK(!strncmp(told, expected, strlen(expected)));
	if (strncmp(told, expected, strlen(expected)))
		printf("%s", told);
}

static void test_refused(void)
{
	static char text[65536];
	size_t size = (size_t)sprintf(text, "[device a]\nmodel = t14-sip\naddress = 10.0.0.1\n");

	for (unsigned i = 0; i < 60; i++)
		size += (size_t)sprintf(text + size, "allow = in tcp %u from site\n", 1000 + i);
	check_refused(text,
		      "f:1: [device a]: 71 services and `allow` lines, at most 63; join ports "
		      "to ranges\n");
	size = 0;
	for (unsigned i = 0; i <= AGFEO_MAX_POLICIES; i++)
		size += (size_t)sprintf(text + size,
					"[device d%u]\nmodel = t14-sip\naddress = 10.0.%u.%u\n"
					"allow = in tcp %u from site\n",
					i, i / 200, i % 200 + 1, 2000 + i);
	check_refused(text, "f:1025: [device d256]: more than 256 different kinds of devices");
}

/* A port that the vendor wants closed, opened past the configuration's own check. */
static void test_last_defence(void)
{
	_cleanup_(site_freep) struct site *site =
		site_of("[device a]\nmodel = hypervoice\naddress = 10.0.0.1\n"
			"allow = in udp 5000-6000 from site\n");
	_cleanup_(freep) char *told = NULL;
	struct policy *policy = NULL;
	size_t size;
	FILE *errors = open_memstream(&told, &size);

	site->devices[0].allow[0].scope = SCOPE_PROVIDER; /* and it names none */
	CHECK_EQ(policy_compile(site, "f", COMPILED_TICK_NS, errors, &policy), -EINVAL);
	fclose(errors);
	CHECK_STR(told, "f:1: [device a]: refused: allow would open port 5000-6000 to "
			"everybody. " VENDOR_WARNING "\n");
}

int main(void)
{
	test_questions();
	test_modes();
	test_rules();
	test_sharing();
	test_settings();
	test_pools();
	test_listed();
	test_blocks();
	test_peers();
	test_addresses();
	test_shed();
	test_refused();
	test_last_defence();
	return check_done();
}
