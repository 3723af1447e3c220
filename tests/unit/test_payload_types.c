/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Payload types that the configuration gives: encodings as text, and what bpf/stream.h makes of a
 * stream whose clock, telephone events or comfort noise are given.
 */
#include <errno.h>

#include "base/encodings.h"
#include "check.h"
#include "stream.h"

#define MS     1000000ull
#define SECOND 1000000000ull
#define PTIME  (20 * MS)
#define PCMA   8

/* A sender and the stream that watches it. */
struct call {
	struct agfeo_stream stream;
	__u64 now;
	struct rtp_header next;
};

static struct call call_given(__u8 payload_type, enum agfeo_encoding encoding)
{
	struct call c = {
		.now = 1000 * SECOND,
		.next = {.version = 2,
			 .payload_type = payload_type,
			 .sequence = 100,
			 .timestamp = 5000,
			 .ssrc = 1,
			 .payload_length = 160},
	};

	c.stream.given.encoding[payload_type - AGFEO_FIRST_DYNAMIC] = encoding;
	return c;
}

static void speak(struct call *c, unsigned packets, unsigned ticks)
{
	while (packets--) {
		struct stream_delta delta;

		stream_update(&c->stream, &c->next, c->now, &delta);
		c->next.sequence++;
		c->next.timestamp += ticks;
		c->now += PTIME;
	}
}

/* ------------------------------------------------------------------ text */

static void test_text(void)
{
	static const struct {
		const char *text;
		int result;
		const char *formatted;
	} rows[] = {
		{"opus", 0, "opus/48000"},
		{"OPUS/48000/2", 0, "opus/48000"},
		{"16000", 0, "16000"},
		{"speex/32000", 0, "speex/32000"},
		{"telephone-event", 0, "telephone-event/8000"},
		{"Telephone-Event/48000", 0, "telephone-event/48000"},
		{"cn", 0, "CN/8000"},
		{"red", 0, "red/8000"},
		{"speex", -ENODATA, NULL},
		{"opus/8000", -ERANGE, NULL},
		{"opus/", -ERANGE, NULL},
		{"opus/48000/", -ERANGE, NULL},
		{"opus/48000/x", -ERANGE, NULL},
		{"8001", -ERANGE, NULL},
		{"0", -ENOENT, NULL},
		{"", -ENOENT, NULL},
		{"/8000", -ENOENT, NULL},
		{"opus-48000", -ENOENT, NULL},
		{"a-name-that-is-longer-than-any-encoding", -ENOENT, NULL},
	};
	char text[ENCODING_TEXT];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t encoding = 0xee;

		CHECK_ROW(rows[i].text);
		CHECK_EQ(encoding_parse(rows[i].text, &encoding), rows[i].result);
		if (!rows[i].result)
			CHECK_STR(encoding_format(encoding, text), rows[i].formatted);
		else
			CHECK_EQ(encoding, 0xee);
	}
	CHECK_ROW(NULL);
}

/* Each row there and back: none is shadowed by another, each name and number fits. */
static void test_all(void)
{
	char text[ENCODING_TEXT];

	for (unsigned i = 1; i < AGFEO_ENCODING_COUNT; i++) {
		struct call c = call_given(96, i);
		uint8_t back = 0;

		CHECK_ROW(encoding_format(i, text));
		CHECK_EQ(encoding_parse(text, &back), 0);
		CHECK_EQ(back, i);
		speak(&c, 2, 160);
		if (encoding_kind(i) == AGFEO_ENCODING_AUDIO)
			CHECK_EQ(agfeo_stream_clock_rate(&c.stream), encoding_rate(i));
		else
			CHECK_EQ(c.stream.events + c.stream.comfort_noise, 2);
	}
	CHECK_ROW(NULL);
	CHECK_STR(encoding_name(AGFEO_ENCODING_COUNT), ""); /* of a later version's map */
	CHECK_EQ(encoding_rate(255), 0);
}

/* ------------------------------------------------------------------ streams */

static void test_given_clock(void)
{
	struct call c = call_given(96, AGFEO_ENCODING_OPUS);

	CHECK_ROW("a clock that is given holds from the first packet on");
	speak(&c, 10, 960);
	CHECK_EQ(agfeo_stream_clock_rate(&c.stream), 48000);
	CHECK_EQ(agfeo_stream_samples(&c.stream), 9);
	CHECK_EQ(c.stream.jitter_max, 0);

	CHECK_ROW("and wins over what the stream looks like");
	c = call_given(127, AGFEO_ENCODING_CLOCK_16000);
	speak(&c, 200, 160);
	CHECK_EQ(agfeo_stream_clock_rate(&c.stream), 16000);
	CHECK(c.stream.jitter >> 4 > 9 * MS); /* half of each 20 ms is late */

	CHECK_ROW("of no other type");
	c = call_given(96, AGFEO_ENCODING_OPUS);
	c.next.payload_type = 97;
	speak(&c, 200, 160);
	CHECK_EQ(agfeo_stream_clock_rate(&c.stream), 8000); /* measured */

	CHECK_ROW("a number that a later version gave is none");
	c = call_given(96, AGFEO_ENCODING_COUNT);
	speak(&c, 200, 160);
	CHECK_EQ(agfeo_stream_clock_rate(&c.stream), 8000);
}

/* Kinds: events and noise by number, whatever their length; short audio is audio. */
static void test_given_kinds(void)
{
	struct call c = call_given(121, AGFEO_ENCODING_TELEPHONE_EVENT_8000);

	CHECK_ROW("given as telephone event, and longer than one");
	c.next.payload_type = PCMA;
	speak(&c, 50, 160);
	c.next.payload_type = 121;
	speak(&c, 10, 0);
	c.next.timestamp += 1600;
	c.next.payload_type = PCMA;
	speak(&c, 50, 160);
	CHECK_EQ(c.stream.events, 10);
	CHECK_EQ(c.stream.jitter_max, 0);
	CHECK_EQ(c.stream.payload_type_changes, 0);

	CHECK_ROW("given as audio, and as short as an event");
	c = call_given(101, AGFEO_ENCODING_OPUS);
	c.next.payload_length = 8;
	speak(&c, 50, 960);
	CHECK_EQ(c.stream.events, 0);
	CHECK_EQ(agfeo_stream_samples(&c.stream), 49);

	CHECK_ROW("given as comfort noise");
	c = call_given(118, AGFEO_ENCODING_CN_16000);
	c.next.payload_type = PCMA;
	speak(&c, 50, 160);
	c.next.payload_type = 118;
	c.next.payload_length = 1;
	speak(&c, 1, 160);
	CHECK_EQ(c.stream.comfort_noise, 1);
	CHECK_EQ(c.stream.after_noise, 1);
	CHECK_EQ(c.stream.payload_type, PCMA);
	CHECK_EQ(agfeo_stream_clock_rate(&c.stream), 8000);
}

int main(void)
{
	test_text();
	test_all();
	test_given_clock();
	test_given_kinds();
	return check_done();
}
