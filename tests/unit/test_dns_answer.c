/* SPDX-License-Identifier: GPL-2.0 */
/* Reading DNS answers, sound and broken ones: every cut and every flipped byte, too. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "lib/check.h"
#include "lib/dns_message.h"
#include "policy/dns_answer.h"

#define HOST	"pbx.agfeo.de"
#define HERE	"198.51.100.7"
#define THERE	"198.51.100.8"
#define IS(...) .records = {__VA_ARGS__}

/* What a row leaves out is 0, which says "as usual". */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define BROKEN NULL

/* clang-format off */
static const struct row {
	const char *what;
	struct dns_text text;
	const char *addresses; /* or BROKEN */
	unsigned seconds;
} rows[] = {
	{"an address", {HOST, A, IS({A, HERE, 300})}, HERE, 300},
	{"none at all", {HOST, A}, "", 3600},
	{"of IPv6", {HOST, AAAA, IS({AAAA, "2001:db8::7", 300})}, "2001:db8::7", 300},
	{"several, the shortest counts", {HOST, A, IS({A, HERE, 300}, {A, THERE, 200})}, HERE " " THERE, 200},
	{"a TTL of nothing", {HOST, A, IS({A, HERE, 0})}, HERE, 30},
	{"a TTL of a day", {HOST, A, IS({A, HERE, 86400})}, HERE, 3600},
	{"a TTL below nothing", {HOST, A, IS({A, HERE, 0xffffffff})}, HERE, 30},
	{"owners written in full", {HOST, A, IS({A, HERE, 300, OWNER_WRITTEN, "PBX.agfeo.DE"})}, HERE, 300},
	{"an alias", {HOST, A, IS({CNAME, "cdn.example", 100}, {A, HERE, 300})}, HERE, 100},
	{"an alias, its owner in full", {HOST, A, IS({CNAME, "cdn.example", 300, OWNER_WRITTEN, HOST},
		{A, HERE, 300, OWNER_WRITTEN, "cdn.example"})}, HERE, 300},
	{"aliases in the wrong order", {HOST, A, IS({A, HERE, 300, OWNER_WRITTEN, "b.example"},
		{CNAME, "b.example", 300, OWNER_WRITTEN, "a.example"}, {CNAME, "a.example", 300, OWNER_ASKED})}, HERE, 300},
	{"a signature among them", {HOST, A, IS({A, HERE, 300}, {TXT, "x", 5, OWNER_ASKED})}, HERE, 300},
	{"another's TTL does not count", {HOST, A, IS({A, HERE, 300}, {A, THERE, 1, OWNER_WRITTEN, "b.example"})}, HERE, 300},

	{"addresses of another name", {HOST, A, IS({A, HERE, 300, OWNER_WRITTEN, "evil.example"})}, "", 3600},
	{"of a name below", {HOST, A, IS({A, HERE, 300, OWNER_WRITTEN, "a." HOST})}, "", 3600},
	{"of the name that has an alias", {HOST, A, IS({CNAME, "a.example", 300}, {A, THERE, 300, OWNER_ASKED})}, "", 300},
	{"behind the answers", {HOST, A, .in_answer = 1, IS({A, HERE, 300}, {A, THERE, 300, OWNER_ASKED})}, HERE, 300},
	{"of the other family", {HOST, A, IS({AAAA, "2001:db8::7", 300})}, "", 3600},
	{"of another class", {HOST, A, IS({A, HERE, 300, .class = 3})}, "", 3600},

	{"another name was asked", {"aws.agfeo.de", A, IS({A, HERE, 300})}, BROKEN},
	{"another kind was asked", {HOST, TXT, IS({A, HERE, 300})}, BROKEN},
	{"a question", {HOST, A, IS({A, HERE, 300}), .flags = 0x0100}, BROKEN},
	{"no such name", {HOST, A, IS({A, HERE, 300}), .flags = 0x8183}, BROKEN},
	{"cut, as it says", {HOST, A, IS({A, HERE, 300}), .flags = 0x8380}, BROKEN},
	{"two questions", {HOST, A, IS({A, HERE, 300}), .questions = 2}, BROKEN},
	{"an answer too few", {HOST, A, IS({A, HERE, 300}), .count = 2}, BROKEN},
	{"65535 promised", {HOST, A, IS({A, HERE, 300}), .count = 65535}, BROKEN},
	{"an owner that points to itself", {HOST, A, IS({A, HERE, 300, OWNER_LOOP})}, BROKEN},
	{"an owner that points beyond", {HOST, A, IS({A, HERE, 300, OWNER_BEYOND})}, BROKEN},
	{"an alias to itself", {HOST, A, IS({CNAME, HOST, 300}, {A, HERE, 300, OWNER_ASKED})}, BROKEN},
	{"aliases in a circle", {HOST, A, IS({CNAME, "a.example", 300, OWNER_ASKED},
		{CNAME, HOST, 300, OWNER_WRITTEN, "a.example"}, {A, HERE, 300, OWNER_ASKED})}, BROKEN},
	{"an address of five bytes", {HOST, A, IS({A, HERE, 300, .length = 5}, {A, HERE, 300})}, BROKEN},
	{"an address of three bytes", {HOST, A, .count = 1, IS({A, HERE, 300, .length = 3})}, BROKEN},
	{"an alias shorter than its record", {HOST, A, IS({CNAME, "a.example", 300, .length = 30})}, BROKEN},
	{"an alias longer than its record", {HOST, A, IS({CNAME, "a.example", 300, .length = 3})}, BROKEN},
};
/* clang-format on */

static void list(const struct dns_answer *answer, char *text)
{
	*text = '\0';
	for (size_t i = 0; i < answer->count; i++) {
		char one[ADDRESS_TEXT];

		strcat(text, i ? " " : "");
		strcat(text, address_format(&answer->addresses[i], one));
	}
}

static uint16_t type_of(const struct row *row)
{
	return row->text.kind == AAAA ? DNS_TYPE_AAAA : DNS_TYPE_A;
}

/* A copy of just that size, so that the sanitizer sees a byte too many. */
static int read_exactly(const uint8_t *bytes, size_t size, uint16_t type, struct dns_answer *answer)
{
	_cleanup_(freep) uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, bytes, size);
	return dns_answer_read(copy, size, AGFEO_HOST_PBX, type, answer);
}

static void test_row(const struct row *row)
{
	struct dns_answer answer = {.count = 99};
	char text[DNS_RECORDS_MOST * ADDRESS_TEXT];
	uint8_t bytes[DNS_MOST];
	size_t size = dns_build(&row->text, bytes);

	CHECK_ROW(row->what);
	if (!row->addresses) {
		CHECK_EQ(read_exactly(bytes, size, type_of(row), &answer), -EBADMSG);
		CHECK_EQ(answer.count, 99);
		return;
	}
	if (!CHECK_EQ(read_exactly(bytes, size, type_of(row), &answer), 0))
		return;
	list(&answer, text);
	CHECK_STR(text, row->addresses);
	CHECK_EQ(answer.seconds, row->seconds);
}

/* Whatever is missing at the end of the answers: it teaches nothing. */
static void test_cuts(const struct row *row)
{
	struct dns_answer answer = {.count = 0};
	uint8_t bytes[DNS_MOST];
	size_t size = dns_build(&row->text, bytes), taken = 0;

	CHECK_ROW(row->what);
	for (size_t length = 0; length < size; length++)
		taken += !read_exactly(bytes, length, type_of(row), &answer);
	CHECK_EQ(taken, 0);
}

/* A byte that is wrong may say anything; it must not be read beyond the end. */
static void test_flips(const struct row *row)
{
	struct dns_answer answer = {.count = 0};
	uint8_t bytes[DNS_MOST];
	size_t size = dns_build(&row->text, bytes), most = 0;

	CHECK_ROW(row->what);
	for (size_t at = 0; at < size; at++) {
		for (unsigned value = 0; value < 256; value++) {
			uint8_t before = bytes[at];

			bytes[at] = (uint8_t)value;
			if (!read_exactly(bytes, size, type_of(row), &answer) &&
			    answer.count > most)
				most = answer.count;
			bytes[at] = before;
		}
	}
	CHECK(most <= 3);
}

/* As many as fit, and one more. */
static void test_many(void)
{
	struct dns_text text = {HOST, A};
	struct dns_answer answer;
	uint8_t bytes[DNS_MOST];

	CHECK_ROW("many");
	for (size_t i = 0; i < DNS_TEXT_RECORDS; i++)
		text.records[i] = (struct dns_text_record){A, HERE, 300};
	text.in_answer = DNS_RECORDS_MOST;
	CHECK_EQ(dns_answer_read(bytes, dns_build(&text, bytes), AGFEO_HOST_PBX, DNS_TYPE_A,
				 &answer),
		 0);
	CHECK_EQ(answer.count, DNS_RECORDS_MOST);
	text.in_answer = DNS_RECORDS_MOST + 1;
	CHECK_EQ(dns_answer_read(bytes, dns_build(&text, bytes), AGFEO_HOST_PBX, DNS_TYPE_A,
				 &answer),
		 -EBADMSG);
	CHECK_ROW(NULL);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		test_row(&rows[i]);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].addresses && !rows[i].text.in_answer)
			test_cuts(&rows[i]);
		test_flips(&rows[i]);
	}
	test_many();
	return check_done();
}
