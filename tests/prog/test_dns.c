/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which DNS answers teach the datapath an address, and which do not: real packets through the
 * programs, then a look into cloud4 and cloud6. Needs root.
 */
#include <bpf/bpf.h>
#include <stdlib.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "check.h"
#include "kernel/walk.h"
#include "lib/dns_message.h"
#include "runner.h"

#define PBX	"192.168.10.2"
#define PBX6	"fd00:10::2"
#define PHONE	"192.168.20.64"
#define STRANGE "192.168.10.99" /* of the site, no listed device */
#define DNS	"203.0.113.1"
#define DNS6	"2001:db8:53::1"
#define OTHER	"198.51.100.53" /* a resolver that nobody named */
#define HOST	"pbx.agfeo.de"
#define HERE	"198.51.100.7"
#define THERE	"198.51.100.8"

static const char configuration[] = "[site]\n"
				    "networks = 192.168.10.0/24, 192.168.20.0/24, fd00:10::/64\n"
				    "resolvers = 203.0.113.1, 203.0.113.2, 2001:db8:53::/64\n"
				    "new-flows = 0\n"
				    "[device pbx]\n"
				    "model = es-pure-ip-x-it\n"
				    "address = 192.168.10.2, fd00:10::2\n"
				    "[device phones]\n"
				    "model = visofon\n"
				    "address = 192.168.20.64/27\n";

/* What a row leaves out is 0, which says "as usual". */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define PACKETS_MOST 4
#define KNOWN_TEXT   4096

struct packet {
	const char *from;
	uint16_t from_port;
	const char *to;
	uint16_t to_port;
	struct dns_text text;
	unsigned after_ms; /* 0: 20 ms */
	bool by_voice;	   /* an answer at XDP: a device sends it */
	bool fragment;	   /* the first of several */
};

struct row {
	const char *what;
	struct packet packets[PACKETS_MOST];
	const char *known; /* addresses after all of them, IPv4 first, in order */
};

/* clang-format off */
#define ASKS(what_, kind_)     {PBX, 40000, DNS, 53, {what_, kind_, .query = true, .id = 77}}
#define ANSWERS(...)           {DNS, 53, PBX, 40000, {__VA_ARGS__, .id = 77}}
#define IS(...)                .records = {__VA_ARGS__}

static const struct row rows[] = {
	/* ---------------------------------------------------------- what teaches */
	{"an answer to a device's question", {
		ASKS(HOST, A), ANSWERS(HOST, A, IS({A, HERE, 300}))}, HERE},
	{"an address of IPv6", {
		ASKS(HOST, AAAA), ANSWERS(HOST, AAAA, IS({AAAA, "2001:db8::7", 300}))}, "2001:db8::7"},
	{"over IPv6", {
		{PBX6, 40000, DNS6, 53, {HOST, A, .query = true, .id = 5}},
		{DNS6, 53, PBX6, 40000, {HOST, A, IS({A, HERE, 300}), .id = 5}}}, HERE},
	{"several addresses", {
		ASKS(HOST, A),
		ANSWERS(HOST, A, IS({A, HERE, 300}, {A, THERE, 300}, {A, "198.51.100.9", 300}))},
		HERE " " THERE " 198.51.100.9"},
	{"an alias", {
		ASKS(HOST, A),
		ANSWERS(HOST, A, IS({CNAME, "cdn.example", 300}, {A, HERE, 300}))}, HERE},
	{"an alias of an alias", {
		ASKS(HOST, A),
		ANSWERS(HOST, A, IS({CNAME, "a.example", 9}, {CNAME, "b.example", 9}, {A, HERE, 9}))}, HERE},
	{"a name in other letters, as resolvers send them (0x20)", {
		ASKS("pBX.AgFeO.de", A), ANSWERS("pBX.AgFeO.de", A, IS({A, HERE, 300}))}, HERE},
	{"the longest of the names", {
		ASKS("headset.agfeo.cst.online", A),
		ANSWERS("headset.agfeo.cst.online", A, IS({A, HERE, 300}))}, HERE},
	{"a pool's telephone asks", {
		{PHONE, 5353, "203.0.113.2", 53, {HOST, A, .query = true, .id = 1}},
		{"203.0.113.2", 53, PHONE, 5353, {HOST, A, IS({A, HERE, 300}), .id = 1}}}, HERE},
	{"a question repeated, answered once", {
		ASKS(HOST, A), ASKS(HOST, A), ANSWERS(HOST, A, IS({A, HERE, 300}))}, HERE},
	{"both kinds under one number", {
		ASKS(HOST, A), ASKS(HOST, AAAA), ANSWERS(HOST, A, IS({A, HERE, 300})),
		ANSWERS(HOST, AAAA, IS({AAAA, "2001:db8::7", 300}))}, HERE " 2001:db8::7"},
	{"sixteen addresses are read here", {
		ASKS(HOST, A), ANSWERS(HOST, A, IS(
			{A, "198.51.100.1", 9}, {A, "198.51.100.2", 9}, {A, "198.51.100.3", 9}, {A, "198.51.100.4", 9},
			{A, "198.51.100.5", 9}, {A, "198.51.100.6", 9}, {A, "198.51.100.7", 9}, {A, "198.51.100.8", 9},
			{A, "198.51.100.9", 9}, {A, "198.51.100.10", 9}, {A, "198.51.100.11", 9}, {A, "198.51.100.12", 9},
			{A, "198.51.100.13", 9}, {A, "198.51.100.14", 9}, {A, "198.51.100.15", 9}, {A, "198.51.100.16", 9}))},
		"198.51.100.1 198.51.100.10 198.51.100.11 198.51.100.12 198.51.100.13 198.51.100.14 198.51.100.15 "
		"198.51.100.16 198.51.100.2 198.51.100.3 198.51.100.4 198.51.100.5 198.51.100.6 " HERE " " THERE " 198.51.100.9"},

	/* ---------------------------------------------------------- who may not teach */
	{"nobody asked", {
		ANSWERS(HOST, A, IS({A, HERE, 300}))}, ""},
	{"another transaction", {
		ASKS(HOST, A), {DNS, 53, PBX, 40000, {HOST, A, IS({A, HERE, 300}), .id = 78}}}, ""},
	{"another port of the device", {
		ASKS(HOST, A), {PBX, 40001, DNS, 53, {"example.org", A, .query = true, .id = 77}},
		{DNS, 53, PBX, 40001, {HOST, A, IS({A, HERE, 300}), .id = 77}}}, ""},
	{"from a host that is no resolver", {
		ASKS(HOST, A), {PBX, 40000, OTHER, 53, {"example.org", A, .query = true, .id = 77}},
		{OTHER, 53, PBX, 40000, {HOST, A, IS({A, HERE, 300}), .id = 77}}}, ""},
	{"a resolver that is not the site's was asked", {
		{PBX, 40000, OTHER, 53, {HOST, A, .query = true, .id = 77}},
		{OTHER, 53, PBX, 40000, {HOST, A, IS({A, HERE, 300}), .id = 77}}}, ""},
	{"from another resolver of the site than was asked", {
		ASKS(HOST, A), {PBX, 40000, "203.0.113.2", 53, {"example.org", A, .query = true, .id = 77}},
		{"203.0.113.2", 53, PBX, 40000, {HOST, A, IS({A, HERE, 300}), .id = 77}}}, ""},
	{"from another port than 53", {
		ASKS(HOST, A), {DNS, 5353, PBX, 40000, {HOST, A, IS({A, HERE, 300}), .id = 77}}}, ""},
	{"to a host that is no device", {
		{STRANGE, 40000, DNS, 53, {HOST, A, .query = true, .id = 77}},
		{DNS, 53, STRANGE, 40000, {HOST, A, IS({A, HERE, 300}), .id = 77}}}, ""},
	{"to another device than asked", {
		ASKS(HOST, A), {PHONE, 40000, DNS, 53, {"example.org", A, .query = true, .id = 77}},
		{DNS, 53, PHONE, 40000, {HOST, A, IS({A, HERE, 300}), .id = 77}}}, ""},
	{"a device answers itself", {
		ASKS(HOST, A), {.from = DNS, .from_port = 53, .to = PBX, .to_port = 40000, .by_voice = true,
			.text = {HOST, A, IS({A, HERE, 300}), .id = 77}}}, ""},
	{"a device answers another from its own port 53", {
		{PHONE, 40000, PBX, 53, {HOST, A, .query = true, .id = 77}},
		{.from = PBX, .from_port = 53, .to = PHONE, .to_port = 40000, .by_voice = true,
			.text = {HOST, A, IS({A, HERE, 300}), .id = 77}}}, ""},
	{"a second answer to one question", {
		ASKS(HOST, A), ANSWERS(HOST, A, IS({A, HERE, 300})), ANSWERS(HOST, A, IS({A, THERE, 300}))}, HERE},
	{"an answer that comes eleven seconds late", {
		ASKS(HOST, A), {DNS, 53, PBX, 40000, {HOST, A, IS({A, HERE, 300}), .id = 77}, .after_ms = 11000}}, ""},
	{"a guess does not use up the question", {
		ASKS(HOST, A), {DNS, 53, PBX, 40000, {"aws.agfeo.de", A, IS({A, THERE, 300}), .id = 77}},
		ANSWERS(HOST, A, IS({A, HERE, 300}))}, HERE},

	/* ---------------------------------------------------------- what does not teach */
	{"another of the names than was asked", {
		ASKS(HOST, A), ANSWERS("aws.agfeo.de", A, IS({A, HERE, 300}))}, ""},
	{"a name that is none of AGFEO's", {
		ASKS("example.org", A), ANSWERS("example.org", A, IS({A, HERE, 300}))}, ""},
	{"a name below one of AGFEO's", {
		ASKS("www.pbx.agfeo.de", A), ANSWERS("www.pbx.agfeo.de", A, IS({A, HERE, 300}))}, ""},
	{"a name that one of AGFEO's begins", {
		ASKS("pbx.agfeo.de.example", A), ANSWERS("pbx.agfeo.de.example", A, IS({A, HERE, 300}))}, ""},
	{"addresses for a name that was not asked", {
		ASKS(HOST, A), ANSWERS(HOST, A, IS({A, HERE, 300, OWNER_WRITTEN, "evil.example"}))}, ""},
	{"an address of the name that has an alias", {
		ASKS(HOST, A), ANSWERS(HOST, A, IS({CNAME, "a.example", 9}, {A, THERE, 9, OWNER_ASKED}, {A, HERE, 9}))}, HERE},
	{"what stands behind the answers", {
		ASKS(HOST, A), ANSWERS(HOST, A, .in_answer = 1, IS({A, HERE, 300}, {A, THERE, 300}))}, HERE},
	{"an address of the other family", {
		ASKS(HOST, A), ANSWERS(HOST, A, IS({AAAA, "2001:db8::7", 300}, {A, HERE, 300}))}, HERE},
	{"another class", {
		ASKS(HOST, A), ANSWERS(HOST, A, IS({A, HERE, 300, .class = 3}))}, ""},
	{"addresses of the site, and of nobody", {
		ASKS(HOST, A), ANSWERS(HOST, A, IS({A, "192.168.20.5", 9}, {A, "127.0.0.1", 9}, {A, "0.0.0.1", 9},
			{A, "169.254.9.9", 9}, {A, "224.0.0.9", 9}, {A, "255.255.255.255", 9}, {A, HERE, 9}))}, HERE},
	{"of IPv6 alike", {
		ASKS(HOST, AAAA), ANSWERS(HOST, AAAA, IS({AAAA, "fd00:10::9", 9}, {AAAA, "::1", 9}, {AAAA, "fe80::1", 9},
			{AAAA, "ff02::1", 9}, {AAAA, "::ffff:198.51.100.7", 9}, {AAAA, "2001:db8::7", 9}))}, "2001:db8::7"},
	{"a question that is sent back", {
		ASKS(HOST, A), {DNS, 53, PBX, 40000, {HOST, A, IS({A, HERE, 300}), .id = 77, .flags = 0x0180}}}, ""},
	{"there is no such name", {
		ASKS(HOST, A), {DNS, 53, PBX, 40000, {HOST, A, IS({A, HERE, 300}), .id = 77, .flags = 0x8183}}}, ""},
	{"an answer that says it is cut", {
		ASKS(HOST, A), {DNS, 53, PBX, 40000, {HOST, A, IS({A, HERE, 300}), .id = 77, .flags = 0x8380}}}, ""},
	{"a kind of message that is no query", {
		ASKS(HOST, A), {DNS, 53, PBX, 40000, {HOST, A, IS({A, HERE, 300}), .id = 77, .flags = 0xa980}}}, ""},
	{"the first of several fragments", {
		ASKS(HOST, A), {.from = DNS, .from_port = 53, .to = PBX, .to_port = 40000, .fragment = true,
			.text = {HOST, A, IS({A, HERE, 300}), .id = 77}}}, ""},

	/* ---------------------------------------------------------- broken messages */
	{"cut within the address", {
		ASKS(HOST, A), ANSWERS(HOST, A, IS({A, THERE, 300}, {A, HERE, 300}), .cut = 1)}, ""},
	{"cut within a record's head", {
		ASKS(HOST, A), ANSWERS(HOST, A, IS({A, THERE, 300}, {A, HERE, 300}), .cut = 9)}, ""},
	{"cut within the question", {
		ASKS(HOST, A), ANSWERS(HOST, A, .cut = 3)}, ""},
	{"nothing but a header", {
		ASKS(HOST, A), ANSWERS("", A, .cut = 5)}, ""},
	{"less than a header", {
		ASKS(HOST, A), ANSWERS("", A, .cut = 9)}, ""},
	{"more answers promised than there are", {
		ASKS(HOST, A), ANSWERS(HOST, A, IS({A, HERE, 300}), .count = 2)}, ""},
	{"65535 answers promised", {
		ASKS(HOST, A), ANSWERS(HOST, A, IS({A, HERE, 300}), .count = 65535)}, ""},
	{"two questions", {
		ASKS(HOST, A), ANSWERS(HOST, A, IS({A, HERE, 300}), .questions = 2)}, ""},
	{"no question", {
		ASKS(HOST, A), {DNS, 53, PBX, 40000, {HOST, A, IS({A, HERE, 300}), .id = 77, .questions = 256}}}, ""},
	{"an owner that points to itself", {
		ASKS(HOST, A), ANSWERS(HOST, A, IS({A, HERE, 300, OWNER_LOOP}))}, ""},
	{"an owner that points behind the message", {
		ASKS(HOST, A), ANSWERS(HOST, A, IS({A, HERE, 300, OWNER_BEYOND}))}, ""},
	{"an address of five bytes", {
		ASKS(HOST, A), ANSWERS(HOST, A, IS({A, HERE, 300, .length = 5}))}, ""},
	{"an address of three bytes", {
		ASKS(HOST, A), ANSWERS(HOST, A, IS({A, HERE, 300, .length = 3}))}, ""},
	{"a record of 65535 bytes", {
		ASKS(HOST, A), ANSWERS(HOST, A, IS({TXT, "x", 300, .length = 65535}, {A, HERE, 300}))}, ""},
};
/* clang-format on */

static struct runner *runner;
static uint64_t now = 20000 * SECOND;

/* ------------------------------------------------------------------ packets */

static void send_packet(const struct packet *packet)
{
	uint8_t bytes[DNS_MOST];
	struct frame frame = {
		UDP(packet->from, packet->from_port, packet->to, packet->to_port),
		.payload = bytes,
		.payload_size = dns_build(&packet->text, bytes),
		.more_fragments = packet->fragment,
	};
	struct frame_bytes built = frame_build(&frame);
	bool voice = packet->text.query || packet->by_voice;
	struct run_result result;

	now += (packet->after_ms ? packet->after_ms : 20) * MILLISECOND;
	CHECK_EQ(runner_at(runner, now), 0);
	CHECK_EQ(runner_run(runner, voice ? RUN_VOICE : RUN_TC, &built, &result), 0);
}

/* ------------------------------------------------------------------ what is known */

struct known {
	char texts[64][ADDRESS_TEXT];
	size_t count;
	struct agfeo_cloud last;
	bool v4;
};

static int keep_known(const void *key, const void *value, void *context)
{
	struct known *known = context;
	struct address address = {{0}};
	uint32_t v4;

	memcpy(&v4, key, sizeof(v4));
	if (known->v4)
		address = address_from_v4(v4);
	else
		memcpy(address.bytes, key, sizeof(address.bytes));
	address_format(&address, known->texts[known->count++]);
	memcpy(&known->last, value, sizeof(known->last));
	return known->count == ARRAY_SIZE(known->texts);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void read_map(const char *name, size_t key, struct known *known)
{
	size_t before = known->count;

	known->v4 = key == 4;
	CHECK_EQ(walk_map(runner_map(runner, name), name, key, sizeof(struct agfeo_cloud),
			  keep_known, known),
		 0);
	qsort(known->texts[before], known->count - before, ADDRESS_TEXT, by_text);
}

static struct known read_known(char text[KNOWN_TEXT])
{
	struct known known = {.count = 0};

	read_map("cloud4", 4, &known);
	read_map("cloud6", 16, &known);
	*text = '\0';
	for (size_t i = 0; i < known.count; i++) {
		strcat(text, i ? " " : "");
		strcat(text, known.texts[i]);
	}
	return known;
}

static void forget_all(const char *name)
{
	uint8_t key[sizeof(struct agfeo_dns_key)]; /* the longest */

	while (!bpf_map_get_next_key(runner_map(runner, name), NULL, key))
		if (!CHECK_EQ(bpf_map_delete_elem(runner_map(runner, name), key), 0))
			return;
}

static void forget(void)
{
	forget_all("cloud4");
	forget_all("cloud6");
	forget_all("dns_questions");
	now += 20000 * SECOND;
}

static void play(const struct row *row)
{
	char text[KNOWN_TEXT];

	CHECK_ROW(row->what);
	for (size_t i = 0; i < PACKETS_MOST && row->packets[i].from; i++)
		send_packet(&row->packets[i]);
	read_known(text);
	CHECK_STR(text, row->known);
	forget();
}

/* ------------------------------------------------------------------ how long */

static uint32_t seconds_held(uint32_t ttl)
{
	const struct packet asks = ASKS(HOST, A);
	const struct packet answers =
		ANSWERS(HOST, A, IS({CNAME, "a.example", 900}, {A, HERE, ttl}));
	struct known known;
	char text[KNOWN_TEXT];
	uint32_t tick = 0;

	send_packet(&asks);
	send_packet(&answers);
	known = read_known(text);
	CHECK_STR(text, HERE);
	tick = (uint32_t)(now >> AGFEO_REPLAY_TICK_SHIFT) + 1;
	CHECK_EQ(known.last.hosts, AGFEO_HOST_BIT(PBX));
	CHECK_EQ(known.last.watched, AGFEO_HOST_BIT(PBX));
	CHECK_EQ(known.last.refreshed, 0);
	forget();
	return (uint32_t)((((uint64_t)(known.last.expires - tick) << AGFEO_REPLAY_TICK_SHIFT) +
			   SECOND / 2) /
			  SECOND);
}

static void test_ttl(void)
{
	CHECK_ROW("how long an answer holds");
	CHECK_EQ(seconds_held(300), 300);
	CHECK_EQ(seconds_held(901), 900); /* the alias ends first */
	CHECK_EQ(seconds_held(0), AGFEO_CLOUD_LEAST);
	CHECK_EQ(seconds_held(29), AGFEO_CLOUD_LEAST);
	CHECK_EQ(seconds_held(0x80000000), AGFEO_CLOUD_LEAST); /* RFC 2181, 8: it is 0 */
	CHECK_ROW(NULL);
}

/* Two names at one address; the later end counts, and what the daemon wrote stays. */
static void test_shared(void)
{
	const struct packet packets[] = {
		ASKS(HOST, A),
		ANSWERS(HOST, A, IS({A, HERE, 600})),
		ASKS("aws.agfeo.de", A),
		ANSWERS("aws.agfeo.de", A, IS({A, HERE, 60})),
	};
	uint32_t first = 0;
	char text[KNOWN_TEXT];
	struct known known;

	CHECK_ROW("two names at one address");
	for (size_t i = 0; i < ARRAY_SIZE(packets); i++) {
		send_packet(&packets[i]);
		known = read_known(text);
		if (i == 1)
			first = known.last.expires;
	}
	CHECK_EQ(known.last.hosts, AGFEO_HOST_BIT(PBX) | AGFEO_HOST_BIT(AWS));
	CHECK_EQ(known.last.expires, first);
	forget();
	CHECK_ROW(NULL);
}

/* The very next packet: the name is known when the answer has passed. */
static void test_at_once(void)
{
	const struct packet asks = ASKS(HOST, A), answers = ANSWERS(HOST, A, IS({A, HERE, 300}));
	struct frame frame = {TCP(PBX, 50000, HERE, 443, SYN)};
	struct frame_bytes syn = frame_build(&frame);
	struct run_result result;

	CHECK_ROW("the first packet after the answer");
	CHECK_EQ(runner_run(runner, RUN_VOICE, &syn, &result), 0);
	CHECK_EQ(result.told.reason, AGFEO_REASON_SCOPE);
	send_packet(&asks);
	send_packet(&answers);
	CHECK_EQ(runner_run(runner, RUN_VOICE, &syn, &result), 0);
	CHECK_EQ(result.told.reason, AGFEO_REASON_LISTED);
	CHECK(result.passed);
	forget();
	CHECK_ROW(NULL);
}

/* Without `resolvers`, and where any address will do, nobody looks into answers. */
static void test_off(const char *what, const char *text)
{
	const struct packet asks = ASKS(HOST, A), answers = ANSWERS(HOST, A, IS({A, HERE, 300}));
	char known[KNOWN_TEXT];

	CHECK_ROW(what);
	runner_free(runner);
	runner = NULL;
	if (!CHECK_EQ(runner_open(text, &(struct runner_options){0}, &runner), 0))
		return;
	send_packet(&asks);
	send_packet(&answers);
	read_known(known);
	CHECK_STR(known, "");
	CHECK_ROW(NULL);
}

#define ONLY_PBX "[device pbx]\nmodel = es-pure-ip-x-it\naddress = 192.168.10.2\n"

int main(void)
{
	if (!runner_place() ||
	    !CHECK_EQ(runner_open(configuration, &(struct runner_options){0}, &runner), 0))
		return check_done();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		play(&rows[i]);
	test_ttl();
	test_shared();
	test_at_once();
	test_off("no resolvers", "[site]\n" ONLY_PBX);
	test_off("cloud = any", "[site]\ncloud = any\nresolvers = 203.0.113.1\n" ONLY_PBX);
	runner_free(runner);
	return check_done();
}
