/* SPDX-License-Identifier: GPL-2.0 */
/* Which dropped packets explain that a call is one-way, and which never do. */
#include <stdlib.h>

#include "lib/check.h"
#include "report/drop_log.h"

#define SECOND	  1000000000ull
#define NOW	  (100 * SECOND)
#define SIGNAL	  1  /* as often as a SIP answer that nobody acknowledges is repeated */
#define VOICE	  50 /* packets a second */
#define NOT_KNOWN ""

struct row {
	const char *what;
	enum agfeo_direction missing;
	const char *from;
	uint16_t from_port;
	const char *to;
	uint16_t to_port;
	uint8_t protocol;
	unsigned packets;
	unsigned seconds_ago;
	const char *cause;
};

/* The call is 192.168.10.2:5210 (the device) with 217.10.64.10:30000. */
static const struct row rows[] = {
	{"other ports of the two ends", AGFEO_IN, "217.10.64.10", 30002, "192.168.10.2", 5300, 17,
	 VOICE, 0, "not-listed 217.10.64.10:30002 -> 192.168.10.2:5300"},
	{"the very flow", AGFEO_IN, "217.10.64.10", 30000, "192.168.10.2", 5210, 17, SIGNAL, 0,
	 "not-listed 217.10.64.10:30000 -> 192.168.10.2:5210"},
	{"from another port of the peer", AGFEO_IN, "217.10.64.10", 30044, "192.168.10.2", 5210, 17,
	 SIGNAL, 0, "not-listed 217.10.64.10:30044 -> 192.168.10.2:5210"},
	{"from a media server elsewhere", AGFEO_IN, "198.51.100.7", 9000, "192.168.10.2", 5210, 17,
	 VOICE, 0, "not-listed 198.51.100.7:9000 -> 192.168.10.2:5210"},
	{"a scan of the device's port", AGFEO_IN, "198.51.100.7", 9000, "192.168.10.2", 5210, 17,
	 SIGNAL, 0, NOT_KNOWN},
	{"signalling between the two ends", AGFEO_IN, "217.10.64.10", 5060, "192.168.10.2", 5060,
	 17, SIGNAL, 0, NOT_KNOWN},
	{"TCP", AGFEO_IN, "217.10.64.10", 30000, "192.168.10.2", 5210, 6, VOICE, 0, NOT_KNOWN},
	{"long ago", AGFEO_IN, "217.10.64.10", 30000, "192.168.10.2", 5210, 17, VOICE, 11,
	 NOT_KNOWN},
	{"nine seconds ago", AGFEO_IN, "217.10.64.10", 30000, "192.168.10.2", 5210, 17, VOICE, 9,
	 "not-listed 217.10.64.10:30000 -> 192.168.10.2:5210"},
	{"the other direction", AGFEO_OUT, "217.10.64.10", 30002, "192.168.10.2", 5300, 17, VOICE,
	 0, NOT_KNOWN},
	{"what the device says", AGFEO_OUT, "192.168.10.2", 5212, "217.10.64.10", 30000, 17, VOICE,
	 0, "not-listed 192.168.10.2:5212 -> 217.10.64.10:30000"},
	{"what the device says elsewhere", AGFEO_OUT, "192.168.10.2", 5210, "198.51.100.7", 9000,
	 17, VOICE, 0, "not-listed 192.168.10.2:5210 -> 198.51.100.7:9000"},
	{"another peer and device", AGFEO_IN, "198.51.100.7", 9000, "192.168.10.3", 5210, 17, VOICE,
	 0, NOT_KNOWN},
};

static void bytes_of(const char *text, __u8 bytes[16])
{
	struct address address = {0};

	CHECK(!address_parse(text, &address));
	memcpy(bytes, address.bytes, 16);
}

static void drop(struct drop_log *log, const struct row *row, uint64_t time_ns)
{
	struct agfeo_event event = {
		.time_ns = time_ns,
		.type = AGFEO_EVENT_DROP,
		.source_port = row->from_port,
		.destination_port = row->to_port,
		.protocol = row->protocol,
		.reason = AGFEO_REASON_NOT_LISTED,
	};

	bytes_of(row->from, event.source);
	bytes_of(row->to, event.destination);
	drop_log_add(log, &event);
}

static struct call one_way(enum agfeo_direction missing)
{
	struct call call = {
		.one_way = true, .missing = missing, .local_port = 5210, .remote_port = 30000};

	CHECK(!address_parse("192.168.10.2", &call.local));
	CHECK(!address_parse("217.10.64.10", &call.remote));
	return call;
}

static const char *cause_of(const struct drop_log *log, struct call call, char *text)
{
	drop_log_explain(log, NOW, &call, 1);
	return call_cause_format(&call.cause, text);
}

static void test_rows(void)
{
	char text[CALL_CAUSE_TEXT];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		uint64_t last = NOW - row->seconds_ago * SECOND;
		struct drop_log log = {.count = 0};
		struct call call = one_way(row->missing);

		CHECK_ROW(row->what);
		for (unsigned n = row->packets; n-- > 0;)
			drop(&log, row, last - n * SECOND / VOICE);
		CHECK_STR(cause_of(&log, call, text), row->cause);
		call.one_way = false;
		CHECK_STR(cause_of(&log, call, text), NOT_KNOWN);
	}
	CHECK_ROW(NULL);
}

static void test_best(void)
{
	struct drop_log log = {.count = 0};
	char text[CALL_CAUSE_TEXT];

	for (int i = 0; i < VOICE; i++)
		drop(&log, &rows[0], NOW);
	drop(&log, &rows[1], NOW - SECOND);
	CHECK_EQ(log.count, 2);
	CHECK_STR(cause_of(&log, one_way(AGFEO_IN), text), rows[1].cause);
}

/* What is repeated at long intervals does not add up to voice. */
static void test_pauses(void)
{
	struct drop_log log = {.count = 0};
	char text[CALL_CAUSE_TEXT];

	for (unsigned n = 20; n-- > 0;)
		drop(&log, &rows[0], NOW - n * 15 * SECOND / 4 * 3);
	CHECK_EQ(log.dropped[0].count, 1);
	CHECK_STR(cause_of(&log, one_way(AGFEO_IN), text), NOT_KNOWN);
}

static void test_latest(void)
{
	const struct dropped *latest[4];
	struct drop_log log = {.count = 0};
	struct row row = rows[0];

	CHECK_EQ(drop_log_latest(&log, latest, 4), 0);
	for (unsigned n = 0; n < 3 * DROP_LOG_SIZE; n++) {
		row.from_port = (uint16_t)(1 + n);
		drop(&log, &row, NOW + n);
	}
	CHECK_EQ(log.count, DROP_LOG_SIZE);
	CHECK_EQ(drop_log_latest(&log, latest, 4), 4);
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(latest[i]->source_port, 3 * DROP_LOG_SIZE - i);
	CHECK_EQ(drop_log_latest(&log, latest, 0), 0);
}

static void test_other_records(void)
{
	struct agfeo_event event = {.type = AGFEO_EVENT_FLOW_OPENED};
	struct drop_log log = {.count = 0};

	drop_log_add(&log, &event);
	event = (struct agfeo_event){.type = AGFEO_EVENT_DROP, .reason = 0xff};
	drop_log_add(&log, &event);
	CHECK_EQ(log.count, 0);
}

int main(void)
{
	test_rows();
	test_best();
	test_pauses();
	test_latest();
	test_other_records();
	return check_done();
}
