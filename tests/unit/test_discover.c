/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Discovery over frames: what each kind of device shows of itself, what must not be taken for one,
 * that the sections printed are ones that the configuration takes, and damaged packets.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "compiled.h"
#include "frame.h"
#include "payload.h"
#include "report/discovery.h"

#define PBX	  "192.168.10.2"
#define PHONE	  "192.168.10.70"
#define PROVIDER  "217.10.64.9"
#define PBX_MAC	  "00:09:40:12:34:56"
#define OTHER_MAC "02:00:00:aa:bb:cc"

/* ------------------------------------------------------------------ learning */

static void learn(struct discovery *discovery, const struct frame *frame)
{
	struct frame_bytes bytes = frame_build(frame);
	/* Exactly as long as it is, so that ASan sees a read past the end. */
	uint8_t *exact = malloc(bytes.length);

	memcpy(exact, bytes.bytes, bytes.length);
	discovery_learn(discovery, FRAMING_ETHERNET, exact, bytes.length);
	free(exact);
}

static void learn_rtp(struct discovery *discovery, const char *mac, const char *from, uint16_t port)
{
	const struct rtp rtp = {.payload_type = 8, .sequence = 1, .ssrc = 7, .size = 160};
	uint8_t payload[PAYLOAD_MOST];
	struct frame frame = {UDP(from, port, PROVIDER, 30000), .source_mac = mac};

	frame.payload = payload;
	frame.payload_size = payload_rtp(payload, &rtp);
	learn(discovery, &frame);
}

static void learn_sip(struct discovery *discovery, const char *mac, const char *from, uint16_t port,
		      const char *agent)
{
	char text[512];
	struct frame frame = {UDP(from, port, PROVIDER, 5060), .source_mac = mac};

	snprintf(
		text, sizeof(text),
		"REGISTER sip:x SIP/2.0\r\nVia: SIP/2.0/UDP x\r\n%s%s\r\nContent-Length: 0\r\n\r\n",
		*agent ? "User-Agent: " : "X: ", agent);
	frame.payload = text;
	frame.payload_size = strlen(text);
	learn(discovery, &frame);
}

static void learn_udp(struct discovery *discovery, const char *mac, const char *from,
		      uint16_t from_port, const char *to, uint16_t to_port)
{
	const struct frame frame = {UDP(from, from_port, to, to_port), .source_mac = mac,
				    .payload_size = 24};

	learn(discovery, &frame);
}

static void learn_tcp(struct discovery *discovery, const char *mac, const char *from,
		      uint16_t from_port, const char *to, uint16_t to_port)
{
	const struct frame frame = {TCP(from, from_port, to, to_port, SYN | ACK),
				    .source_mac = mac};

	learn(discovery, &frame);
}

static void learn_dhcp(struct discovery *discovery, const char *mac, const char *vendor,
		       const char *name)
{
	uint8_t payload[400] = {1, 1, 6};
	struct mac_address bytes;
	struct frame frame = {UDP("0.0.0.0", 68, "255.255.255.255", 67), .source_mac = mac,
			      .payload = payload};
	size_t at = 240;

	CHECK_EQ(mac_parse(mac, &bytes), 0);
	memcpy(payload + 28, bytes.bytes, 6);
	memcpy(payload + 236, "\x63\x82\x53\x63\x35\x01\x03", 4);
	payload[at++] = 0;
	payload[at++] = 60;
	payload[at++] = (uint8_t)strlen(vendor);
	memcpy(payload + at, vendor, strlen(vendor));
	at += strlen(vendor);
	payload[at++] = 12;
	payload[at++] = (uint8_t)strlen(name);
	memcpy(payload + at, name, strlen(name));
	at += strlen(name);
	memcpy(payload + at, "\x32\x04\xc0\xa8\x0a\x02\xff", 7); /* asks for 192.168.10.2 */
	frame.payload_size = at + 7;
	learn(discovery, &frame);
}

/* ------------------------------------------------------------------ outcome */

static struct findings conclude(struct discovery *discovery)
{
	struct findings findings = {0};

	CHECK_EQ(discovery_conclude(discovery, NULL, &findings), 0);
	return findings;
}

static char *text_of(const struct findings *findings, bool json)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (json)
		render_discovery_json(out, findings);
	else
		render_discovery_text(out, findings);
	fclose(out);
	return text;
}

static const struct found *row_of(const struct findings *findings, const char *section)
{
	for (size_t i = 0; i < findings->count; i++)
		if (!strcmp(findings->rows[i].section, section))
			return &findings->rows[i];
	return NULL;
}

/* That what is printed can be pasted, and says the same. */
static void check_paste(const struct findings *findings)
{
	_cleanup_(freep) char *sections = text_of(findings, false);
	_cleanup_(site_freep) struct site *site = NULL;
	char text[8192];

	snprintf(text, sizeof(text), "[site]\nname = x\n\n[interface lan0]\nrole = voice\n\n%s",
		 sections);
	site = site_of(text);
	if (!CHECK(site))
		return;
	for (size_t i = 0; i < site->device_count; i++) {
		const struct found *row = row_of(findings, site->devices[i].name);

		if (!CHECK(row))
			continue;
		CHECK(site->devices[i].model == row->model);
		CHECK_EQ(site->devices[i].has_mac, row->has_mac);
		CHECK_EQ(site->devices[i].sip_ports.first, row->preset ? 60104 : 0);
		CHECK(prefix_contains(&site->devices[i].addresses[0], &row->addresses[0]));
	}
}

/* The only one that was found; NULL model: found, and nothing tells. */
static void expect_one(const char *row, struct discovery *discovery, const char *model)
{
	struct findings findings = conclude(discovery);

	CHECK_ROW(row);
	if (CHECK_EQ(findings.count, 1)) {
		const struct found *found = &findings.rows[0];

		CHECK_STR(found->model ? found->model->id : NULL, model);
		CHECK(!model || found->reason_count);
	}
	check_paste(&findings);
	findings_free(&findings);
	discovery_free(discovery);
	CHECK_ROW(NULL);
}

static void expect_none(const char *row, struct discovery *discovery)
{
	struct findings findings = conclude(discovery);

	CHECK_ROW(row);
	CHECK_EQ(findings.count, 0);
	findings_free(&findings);
	discovery_free(discovery);
	CHECK_ROW(NULL);
}

#define DISCOVER(...)                                                                              \
	({                                                                                         \
		struct discovery *d = discovery_new(NULL, 0);                                      \
		__VA_ARGS__;                                                                       \
		d;                                                                                 \
	})

/* ------------------------------------------------------------------ rows */

/* Each port where one product alone is found. */
static void test_discovery_ports(void)
{
	static const struct {
		uint16_t port;
		const char *model;
	} rows[] = {
		{12172, "tk-homeserver"},
		{12176, "lm-510"},
		{12178, "lm-508"},
		{12179, "asip"},
		{12181, "lm-509"},
		{12187, "dect-ip"},
		{12189, "es-pure-ip-x-it"},
		{12190, "ip-video-tfe"},
		{12191, "scb"},
		{12192, "ip700"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect_one(rows[i].model,
			   DISCOVER(learn_udp(d, PBX_MAC, PBX, rows[i].port, "192.168.10.9",
					      rows[i].port)),
			   rows[i].model);
}

/* Ports that several products share are told apart by what else is seen, or all are named. */
static void test_shared_ports(void)
{
	struct discovery *discovery =
		DISCOVER(learn_udp(d, PBX_MAC, PBX, 12188, "192.168.10.9", 40000));
	struct findings findings = conclude(discovery);

	if (CHECK_EQ(findings.count, 1))
		CHECK_EQ(findings.rows[0].also_count, 2);
	findings_free(&findings);
	discovery_free(discovery);
	expect_one("12188 and the wide range",
		   DISCOVER(learn_udp(d, PBX_MAC, PBX, 12188, "192.168.10.9", 40000);
			    learn_rtp(d, PBX_MAC, PBX, 5204); learn_rtp(d, PBX_MAC, PBX, 5330)),
		   "es-7xx-it-plus");
	expect_one("12186 and six channels",
		   DISCOVER(learn_udp(d, PBX_MAC, PBX, 12186, "192.168.10.9", 40000);
			    learn_rtp(d, PBX_MAC, PBX, 5004); learn_rtp(d, PBX_MAC, PBX, 5014);
			    learn_sip(d, PBX_MAC, PBX, 5064, "AGFEO ES 542")),
		   "es-54x");
}

static void test_talk(void)
{
	expect_one("160 channels",
		   DISCOVER(learn_rtp(d, OTHER_MAC, PBX, 5204); learn_rtp(d, OTHER_MAC, PBX, 5522)),
		   "hypervoice");
	expect_one("a T14 or T17 by its voice",
		   DISCOVER(learn_rtp(d, OTHER_MAC, PHONE, 10010);
			    learn_sip(d, OTHER_MAC, PHONE, 5060, "")),
		   "t14-sip");
	expect_one("a T17 by its name",
		   DISCOVER(learn_sip(d, OTHER_MAC, PHONE, 5060, "AGFEO T17 SIP/2.1")), "t17-sip");
	expect_one("a DECT base by its voice", DISCOVER(learn_rtp(d, PBX_MAC, PHONE, 50010)),
		   "dect-ip");
	expect_one("a system telephone by its signalling",
		   DISCOVER(learn_tcp(d, PBX_MAC, PHONE, 2153, PBX, 5904)), "asip");
	expect_one("a system telephone by its voice", DISCOVER(learn_rtp(d, PBX_MAC, PHONE, 5896)),
		   "asip");
	expect_one("VISOfon as the system presets it",
		   DISCOVER(learn_rtp(d, OTHER_MAC, PHONE, 65100);
			    learn_sip(d, OTHER_MAC, PHONE, 60104, "")),
		   "visofon");
	expect_one("VISOfon by its name",
		   DISCOVER(learn_sip(d, OTHER_MAC, PHONE, 51000, "AGFEO VISOfon 2")), "visofon");
	expect_one("the AGFEO tool",
		   DISCOVER(learn_udp(d, OTHER_MAC, PHONE, 12189, "255.255.255.255", 12189)),
		   "werkzeug");
	expect_one("a TAPI client", DISCOVER(learn_tcp(d, OTHER_MAC, PHONE, 50000, PBX, 3232)),
		   "tapi-client");
	expect_one("by DHCP",
		   DISCOVER(learn_dhcp(d, PBX_MAC, "AGFEO ES PURE IP", "pbx");
			    learn_udp(d, PBX_MAC, PBX, 123, PROVIDER, 123)),
		   "es-pure-ip-x-it");
	expect_one("SIP of nobody known",
		   DISCOVER(learn_sip(d, OTHER_MAC, PHONE, 5060, "Other Phone T14")), NULL);
	expect_one("AGFEO's MAC and nothing else",
		   DISCOVER(learn_udp(d, PBX_MAC, PBX, 123, PROVIDER, 123)), NULL);
}

static void test_others(void)
{
	expect_none("a PC", DISCOVER(learn_udp(d, OTHER_MAC, PHONE, 50010, PROVIDER, 53);
				     learn_tcp(d, OTHER_MAC, PHONE, 50011, PROVIDER, 443)));
	expect_none("the provider", DISCOVER(learn_rtp(d, OTHER_MAC, PROVIDER, 5204);
					     learn_sip(d, OTHER_MAC, PROVIDER, 5060, "AGFEO T14")));
	expect_none(
		"later fragments and other protocols", DISCOVER({
			const struct frame fragment = {UDP(PBX, 12189, PHONE, 12189),
						       .source_mac = OTHER_MAC, .payload_size = 64,
						       .fragment = true, .fragment_offset = 16};
			const struct frame echo = {ICMP(PBX, PHONE, 8, 0), .source_mac = OTHER_MAC};

			learn(d, &fragment);
			learn(d, &echo);
		}));
	expect_none("nothing", DISCOVER());
}

/* Addresses of one MAC are one device, unless the MAC is a router's. */
static void test_macs(void)
{
	struct discovery *discovery =
		DISCOVER(learn_udp(d, PBX_MAC, PBX, 12189, "192.168.10.9", 40000);
			 learn_udp(d, PBX_MAC, "fd00:10::2", 123, "fd00:10::1", 123);
			 learn_udp(d, PBX_MAC, "fe80::209:40ff:fe12:3456", 123, "fd00:10::1", 123));
	struct findings findings = conclude(discovery);
	_cleanup_(freep) char *text = text_of(&findings, false);

	CHECK_STR(text, "# 192.168.10.2, fd00:10::2: AGFEO ES PURE IP X IT\n"
			"#   its MAC is AGFEO's (00:09:40)\n"
			"#   answers the AGFEO tool from port 12189, its discovery (3.0)\n"
			"[device es-pure-ip-x-it-10-2]\n"
			"model   = es-pure-ip-x-it\n"
			"address = 192.168.10.2, fd00:10::2\n"
			"mac     = 00:09:40:12:34:56\n\n"
			"# 1 found, 0 configured already, 0 other hosts, in 3 packets\n");
	findings_free(&findings);
	discovery_free(discovery);

	discovery = DISCOVER(learn_udp(d, OTHER_MAC, PBX, 12189, "192.168.10.9", 40000);
			     learn_udp(d, OTHER_MAC, PHONE, 12187, "192.168.10.9", 40000));
	findings = conclude(discovery);
	if (CHECK_EQ(findings.count, 2)) {
		CHECK(!findings.rows[0].has_mac && !findings.rows[1].has_mac);
		CHECK_STR(findings.rows[0].model->id, "es-pure-ip-x-it");
		CHECK_STR(findings.rows[1].model->id, "dect-ip");
	}
	check_paste(&findings);
	findings_free(&findings);
	discovery_free(discovery);
}

static bool knows_pbx(const void *context, const struct address *address,
		      const struct mac_address *mac)
{
	struct address pbx = address_of(context);

	(void)mac;
	return address_equal(address, &pbx);
}

static void test_known(void)
{
	const struct known known = {knows_pbx, PBX};
	struct discovery *discovery =
		DISCOVER(learn_udp(d, PBX_MAC, PBX, 12189, "192.168.10.9", 40000));
	struct findings findings = {0};

	CHECK_EQ(discovery_conclude(discovery, &known, &findings), 0);
	CHECK_EQ(findings.count, 0);
	CHECK_EQ(findings.configured, 1);
	findings_free(&findings);
	discovery_free(discovery);
}

/* What comes of a stranger's bytes: no control character, no second line. */
static void test_texts(void)
{
	struct discovery *discovery = DISCOVER(learn_sip(
		d, PBX_MAC, PBX, 5060, "AGFEO T14\033[2J\x07\xc2\x9b\xff\"\\\n[device x]"));
	struct findings findings = conclude(discovery);
	_cleanup_(freep) char *text = text_of(&findings, false), *json = text_of(&findings, true);
	size_t bad = 0;

	for (const char *at = text; *at; at++)
		bad += ((unsigned char)*at < 0x20 && *at != '\n') || (unsigned char)*at > 0x7e;
	for (const char *at = json; *at; at++)
		bad += ((unsigned char)*at < 0x20 && *at != '\n') || (unsigned char)*at > 0x7e;
	CHECK_EQ(bad, 0);
	CHECK(strstr(text, "AGFEO T14?[2J????\"\\\"\n"));
	CHECK(strstr(json, "\"user_agent\":\"AGFEO T14?[2J????\\\"\\\\\""));
	CHECK(!strstr(text, "[device x]"));
	check_paste(&findings);
	findings_free(&findings);
	discovery_free(discovery);
}

/* The tables have an end, and say so. */
static void test_flood(void)
{
	struct discovery *discovery = discovery_new(NULL, 0);
	struct findings findings;
	char address[32];

	for (unsigned i = 0; i < DISCOVERY_HOSTS + 100; i++) {
		snprintf(address, sizeof(address), "10.0.%u.%u", i / 256, i % 256);
		learn_udp(discovery, OTHER_MAC, address, 40000, PBX, 53);
	}
	findings = conclude(discovery);
	CHECK(findings.full);
	CHECK_EQ(findings.silent, DISCOVERY_HOSTS);
	findings_free(&findings);
	discovery_free(discovery);
}

/* ------------------------------------------------------------------ damage */

static uint32_t random_word(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	return *state ^= *state << 5;
}

static struct frame_bytes sound_frame(unsigned which)
{
	static const char sip[] = "SIP/2.0 200 OK\r\nServer: AGFEO ES 522 IT\r\n\r\n";
	static uint8_t dhcp[300] = {1, 1, 6};
	const struct frame frames[] = {
		{UDP(PBX, 5060, PHONE, 5060), .payload = sip, .payload_size = sizeof(sip) - 1},
		{UDP("0.0.0.0", 68, "255.255.255.255", 67), .payload = dhcp,
		 .payload_size = sizeof(dhcp)},
		{UDP("fd00::2", 5204, "fd00::3", 5204), .payload_size = 172},
		{TCP(PBX, 2153, PHONE, 5904, SYN), .vlan = {{.id = 10}}, .vlan_count = 1},
		{.ethertype = 0x0806,
		 .payload = "\0\1\x08\0\6\4\0\1\0\x09\x40\1\2\3\xc0\xa8\x0a\2",
		 .payload_size = 28 - 10},
	};

	memcpy(dhcp + 236, "\x63\x82\x53\x63\x0c\x04name\x3c\x06vendor\xff", 19);
	return frame_build(&frames[which % ARRAY_SIZE(frames)]);
}

static void test_damaged(void)
{
	struct discovery *discovery = discovery_new(NULL, 0);
	uint32_t state = 20250303;
	struct findings findings;

	for (unsigned round = 0; round < 60000; round++) {
		struct frame_bytes frame = sound_frame(round);
		size_t size = frame.length;
		uint8_t *exact;

		if (random_word(&state) % 2)
			size = random_word(&state) % (size + 1);
		for (unsigned i = random_word(&state) % 8; i && size; i--)
			frame.bytes[random_word(&state) % size] = (uint8_t)random_word(&state);
		exact = malloc(size + !size);
		memcpy(exact, frame.bytes, size);
		discovery_learn(discovery, (enum framing)(round / 5 % (FRAMING_PPPOE + 1)), exact,
				size);
		free(exact);
	}
	findings = conclude(discovery);
	CHECK(findings.count > 0);
	check_paste(&(struct findings){.rows = findings.rows,
				       .count = findings.count < 8 ? findings.count : 8});
	findings_free(&findings);
	discovery_free(discovery);
}

int main(void)
{
	test_discovery_ports();
	test_shared_ports();
	test_talk();
	test_others();
	test_macs();
	test_known();
	test_texts();
	test_flood();
	test_damaged();
	return check_done();
}
