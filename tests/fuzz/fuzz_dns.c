/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Any bytes as DNS messages between a device and a resolver, through the programs compiled for the
 * host (bpf/dns.h): afterwards exactly those addresses are known, with those names and until then,
 * that a second reading of the same bytes gives, written here from what bpf/dns.h promises. What
 * user space is handed is the message, and its own reader gets every answer, too.
 *
 * An input: messages, each: a byte of how it comes, two of its length, its bytes.
 */
#include <bpf/bpf.h>
#include <ctype.h>

#include "base/cleanup.h"
#include "fuzz.h"
#include "host/box.h"
#include "host/maps.h"
#include "kernel/walk.h"
#include "lib/dns_message.h"
#include "policy/dns_answer.h"
#include "prog/runner.h"

#define HOW_HOST     7	/* mask: the name that the device asks for */
#define HOW_AAAA     8	/* and for that type */
#define HOW_QUESTION 16 /* the message is a question of the device's; else an answer to one */
#define HOW_V6	     32 /* between their addresses of IPv6 */
#define HOW_UNASKED  64 /* an answer that the device did not ask for just before */
#define HOW_TAIL     128 /* by its length in the UDP header it ends TAIL bytes before the packet does */
#define HEADER	     3

#define PBX    "192.168.10.2"
#define PBX6   "fd00:10::2"
#define DNS    "203.0.113.1"
#define DNS6   "2001:db8:53::1"
#define PORT   40000
#define NOW_NS (20000 * SECOND)

#define KNOWN_MOST    1024
#define QUESTION_MOST 1024
#define TAIL	      4 /* bytes */

static const char configuration[] = "[site]\n"
				    "networks = 192.168.10.0/24, fd00:10::/64\n"
				    "resolvers = 203.0.113.1, 2001:db8:53::/64\n"
				    "new-flows = 0\n"
				    "[device pbx]\n"
				    "model = es-pure-ip-x-it\n"
				    "address = 192.168.10.2, fd00:10::2\n";

static const char *const host_names[AGFEO_HOST_COUNT] = {
#define X(name, host, source) host,
	AGFEO_HOSTS(X)
#undef X
};

static struct runner *runner;

struct text {
	const uint8_t *bytes;
	size_t size;
};

/* ------------------------------------------------------------------ a second reading */

struct question {
	unsigned id, flags, answers;
	unsigned type;
	int host;
	size_t end;
};

struct known {
	uint8_t address[16]; /* IPv4 in the first four */
	unsigned type;
	uint32_t hosts, seconds;
};

static struct {
	struct known known[KNOWN_MOST];
	size_t known_count;
	struct asked {
		bool v6;
		unsigned id, type;
		int host;
	} asked[QUESTION_MOST];
	size_t asked_count;
} model;

static unsigned get16(const struct text *text, size_t at)
{
	return (unsigned)text->bytes[at] << 8 | text->bytes[at + 1];
}

/* The bytes that the name takes, its letters large or small; 0: another stands there. */
static size_t name_size(const struct text *text, size_t at, const char *name)
{
	size_t begin = at;

	for (;;) {
		size_t size = strcspn(name, ".");

		if (at + 1 + size > text->size || text->bytes[at] != size)
			return 0;
		for (size_t i = 0; i < size; i++)
			if (tolower(text->bytes[at + 1 + i]) != name[i])
				return 0;
		at += 1 + size;
		if (!size)
			return at - begin;
		name += size + (name[size] == '.');
	}
}

static bool read_question(const struct text *text, struct question *ret_question)
{
	struct question question = {.host = -1};
	size_t size = 0;

	if (text->size < 12 || get16(text, 4) != 1)
		return false;
	for (int host = 0; !size && host < AGFEO_HOST_COUNT; host++) {
		size = name_size(text, 12, host_names[host]);
		question.host = host;
	}
	question.end = 12 + size + 4;
	if (!size || question.end > text->size || get16(text, 12 + size + 2) != 1)
		return false;
	question.id = get16(text, 0);
	question.flags = get16(text, 2);
	question.answers = get16(text, 6);
	question.type = get16(text, 12 + size);
	*ret_question = question;
	return question.type == DNS_TYPE_A || question.type == DNS_TYPE_AAAA;
}

/* An address that the internet could have: none of the site's, of nobody's, of a group's. */
static bool is_outside(const uint8_t *address, unsigned type)
{
	if (type == DNS_TYPE_AAAA)
		return (address[0] & 0xe0) == 0x20;
	return address[0] && address[0] != 127 && address[0] < 224 &&
	       !(address[0] == 169 && address[1] == 254) &&
	       !(address[0] == 192 && address[1] == 168 && address[2] == 10);
}

static void learn(const struct question *question, const uint8_t *address, uint32_t seconds)
{
	size_t size = question->type == DNS_TYPE_A ? 4 : 16, i = 0;
	struct known *known;

	if (!is_outside(address, question->type))
		return;
	while (i < model.known_count && (model.known[i].type != question->type ||
					 memcmp(model.known[i].address, address, size) != 0))
		i++;
	known = &model.known[i];
	if (i == model.known_count) {
		FUZZ_CHECK(model.known_count++ < KNOWN_MOST);
		*known = (struct known){.type = question->type};
		memcpy(known->address, address, size);
	}
	known->hosts |= 1u << question->host;
	if (known->seconds < seconds)
		known->seconds = seconds;
}

struct records {
	size_t at, target; /* the next one; the name whose addresses count */
	uint32_t seconds;
	const uint8_t *found[AGFEO_DNS_RECORDS];
	size_t count;
};

/* False: nothing of this answer is believed. */
static bool read_record(const struct text *text, const struct question *question, struct records *r)
{
	size_t data = r->at + 12, size;
	uint32_t seconds;
	unsigned type;

	if (data > text->size || text->bytes[r->at] < 0xc0)
		return false;
	size = get16(text, r->at + 10);
	if (data + size > text->size)
		return false;
	type = get16(text, r->at + 2);
	seconds = (uint32_t)get16(text, r->at + 6) << 16 | get16(text, r->at + 8);
	if ((get16(text, r->at) & 0x3fff) != r->target || get16(text, r->at + 4) != 1) {
		r->at = data + size;
		return true;
	}
	r->at = data + size;
	if (seconds > INT32_MAX)
		seconds = 0;
	if (seconds < r->seconds)
		r->seconds = seconds;
	if (type == DNS_TYPE_CNAME)
		r->target = data;
	if (type == question->type && size == (type == DNS_TYPE_A ? 4 : 16))
		r->found[r->count++] = text->bytes + data;
	return true;
}

static void read_records(const struct text *text, const struct question *question)
{
	struct records r = {.at = question->end, .target = 12, .seconds = AGFEO_CLOUD_MOST};

	if (question->answers > AGFEO_DNS_RECORDS)
		return;
	for (size_t i = 0; i < question->answers; i++)
		if (!read_record(text, question, &r))
			return;
	for (size_t i = 0; i < r.count; i++)
		learn(question, r.found[i],
		      r.seconds < AGFEO_CLOUD_LEAST ? AGFEO_CLOUD_LEAST : r.seconds);
}

static struct asked *find_asked(const struct question *question, bool v6)
{
	for (size_t i = 0; i < model.asked_count; i++) {
		struct asked *asked = &model.asked[i];

		if (asked->v6 == v6 && asked->id == question->id && asked->type == question->type)
			return asked;
	}
	return NULL;
}

static void model_question(const struct text *text, bool v6)
{
	struct question question;
	struct asked *asked;

	if (!read_question(text, &question) || question.flags & 0xf800)
		return;
	asked = find_asked(&question, v6);
	if (!asked) {
		FUZZ_CHECK(model.asked_count < QUESTION_MOST);
		asked = &model.asked[model.asked_count++];
	}
	*asked = (struct asked){v6, question.id, question.type, question.host};
}

/* Whether it is the answer to what was asked; each question has one. */
static bool model_answer(const struct text *text, bool v6)
{
	struct question question;
	struct asked *asked;

	if (!read_question(text, &question) || (question.flags & 0xfa0f) != 0x8000)
		return false;
	asked = find_asked(&question, v6);
	if (!asked || asked->host != question.host)
		return false;
	*asked = model.asked[--model.asked_count];
	read_records(text, &question);
	return true;
}

/* ------------------------------------------------------------------ what user space is handed */

static struct {
	struct text message;
	unsigned times;
} told;

static void on_record(const void *record, size_t size)
{
	struct agfeo_dns_answer answer;

	if (size != sizeof(answer))
		return; /* a flow's opening */
	memcpy(&answer, record, sizeof(answer));
	FUZZ_CHECK(answer.length == told.message.size && answer.host < AGFEO_HOST_COUNT);
	FUZZ_CHECK(!memcmp(answer.bytes, told.message.bytes, answer.length));
	told.times++;
}

static void read_in_user_space(const struct text *text, unsigned how)
{
	uint16_t type = how & HOW_AAAA ? DNS_TYPE_AAAA : DNS_TYPE_A;
	struct dns_answer answer;

	if (dns_answer_read(text->bytes, text->size,
			    (enum agfeo_host)((how & HOW_HOST) % AGFEO_HOST_COUNT), type, &answer))
		return;
	FUZZ_CHECK(answer.count <= DNS_RECORDS_MOST);
	FUZZ_CHECK(answer.seconds >= AGFEO_CLOUD_LEAST && answer.seconds <= AGFEO_CLOUD_MOST);
}

/* ------------------------------------------------------------------ datagrams */

/* tail: bytes of the packet that are behind the datagram. */
static void send_datagram(const struct text *text, size_t tail, bool by_device, unsigned how)
{
	static struct run_result result;
	const char *device = how & HOW_V6 ? PBX6 : PBX, *resolver = how & HOW_V6 ? DNS6 : DNS;
	struct frame frame = {UDP(device, PORT, resolver, 53)};
	struct frame_bytes built;

	if (!by_device)
		frame = (struct frame){UDP(resolver, 53, device, PORT)};
	frame.payload = text->bytes; /* the tail stands behind the message */
	frame.payload_size = text->size + tail;
	if (tail)
		frame.udp_length = (uint16_t)(8 + text->size);
	built = frame_build(&frame);
	FUZZ_CHECK(!runner_run(runner, by_device ? RUN_VOICE : RUN_TC, &built, &result));
	FUZZ_CHECK(!by_device || result.passed);
	FUZZ_CHECK(!result.passed || (result.frame.length == built.length &&
				      !memcmp(result.frame.bytes, built.bytes, built.length)));
}

/* The question that this message would be an answer to, as the device sends it. */
static void ask(const struct text *text, unsigned how)
{
	const struct dns_text question = {
		.name = host_names[(how & HOW_HOST) % AGFEO_HOST_COUNT],
		.kind = how & HOW_AAAA ? AAAA : A,
		.query = true,
		.id = (uint16_t)(text->size > 1 ? get16(text, 0) : 0),
	};
	uint8_t bytes[DNS_MOST];
	const struct text asks = {bytes, dns_build(&question, bytes)};

	send_datagram(&asks, 0, true, how);
	model_question(&asks, how & HOW_V6);
}

static void exchange(struct text text, unsigned how)
{
	size_t tail = how & HOW_TAIL && text.size >= TAIL ? TAIL : 0;
	unsigned times = told.times;

	text.size -= tail;
	if (how & HOW_QUESTION) {
		send_datagram(&text, tail, true, how);
		model_question(&text, how & HOW_V6);
		return;
	}
	if (!(how & HOW_UNASKED))
		ask(&text, how);
	told.message = text;
	send_datagram(&text, tail, false, how);
	if (!model_answer(&text, how & HOW_V6))
		FUZZ_CHECK(told.times == times);
	read_in_user_space(&text, how);
}

/* ------------------------------------------------------------------ what is known */

static int check_known(const void *key, const void *value, void *context)
{
	const unsigned type = *(const unsigned *)context;
	struct agfeo_cloud cloud;
	uint64_t tick_ns = 1ull << AGFEO_REPLAY_TICK_SHIFT, now = NOW_NS / tick_ns + 1;

	memcpy(&cloud, value, sizeof(cloud));
	for (size_t i = 0; i < model.known_count; i++) {
		const struct known *known = &model.known[i];

		if (known->type != type ||
		    memcmp(known->address, key, type == DNS_TYPE_A ? 4 : 16) != 0)
			continue;
		FUZZ_CHECK(cloud.hosts == known->hosts && cloud.watched == known->hosts);
		FUZZ_CHECK(cloud.expires == now + known->seconds * SECOND / tick_ns);
		FUZZ_CHECK(!cloud.refreshed);
		return 0;
	}
	FUZZ_CHECK(!"an address that no answer gave");
	return 0;
}

static size_t count_known(const char *name, unsigned type)
{
	struct host_map *map = host_map_by_fd(runner_map(runner, name));
	size_t count = 0;

	FUZZ_CHECK(!walk_map(runner_map(runner, name), name, type == DNS_TYPE_A ? 4 : 16,
			     sizeof(struct agfeo_cloud), check_known, &type));
	for (const void *key = NULL; (key = host_next_key(map, key));)
		count++;
	return count;
}

/* ------------------------------------------------------------------ an input */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	FUZZ_CHECK(!runner_open(configuration, &(struct runner_options){0}, &runner));
	FUZZ_CHECK(!runner_at(runner, NOW_NS));
	host_kernel.told = on_record;
	return 0;
}

static void forget(void)
{
	static const char *const names[] = {"cloud4", "cloud6", "dns_budget"};

	memset(&model, 0, sizeof(model));
	host_box_forget(runner_map(runner, "control"));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		host_clear(host_map_by_fd(runner_map(runner, names[i])));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	forget();
	while (size >= HEADER) {
		size_t length = data[1] | (size_t)data[2] << 8;
		_cleanup_(freep) uint8_t *exact = NULL;

		if (length > size - HEADER)
			length = size - HEADER;
		/* Memory of its size: a sanitizer sees what reads beyond it. */
		exact = malloc(length ? length : 1);
		FUZZ_CHECK(exact);
		memcpy(exact, data + HEADER, length);
		exchange((struct text){exact, length}, data[0]);
		data += HEADER + length;
		size -= HEADER + length;
	}
	FUZZ_CHECK(count_known("cloud4", DNS_TYPE_A) + count_known("cloud6", DNS_TYPE_AAAA) ==
		   model.known_count);
	return 0;
}
