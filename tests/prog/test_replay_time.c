/* SPDX-License-Identifier: GPL-2.0 */
/* `agfeoctl replay` on what is not like every capture: its clock, its calls, damaged files. */
#include <pcap/pcap.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "corpus/rows.h"
#include "lib/check.h"
#include "lib/payload.h"
#include "lib/replaying.h"

#define VOICE_OUT "udp 192.168.10.2:5204 > 217.10.64.9:30000 rtp 1"
#define TELNET	  "tcp 192.168.20.5:40000 > 192.168.10.2:23 syn"

/* ------------------------------------------------------------------ clocks */

static void put_words(struct tape *tape, uint64_t ns, const char *words)
{
	struct frame_bytes frame = frame_of(words);

	tape_put(tape, ns, frame.bytes, frame.length, frame.length);
}

struct ends {
	const char *device, *provider, *local;
};
static const struct ends ends4 = {"192.168.10.2", "217.10.64.9", "192.168.10.2:5204"};
static const struct ends ends6 = {"fd00:10::2", "2001:db8:217::9", "[fd00:10::2]:5204"};

static void put_voice(struct tape *tape, uint64_t ns, const struct ends *ends, unsigned sequence,
		      uint32_t ssrc, bool out)
{
	uint8_t payload[PAYLOAD_MOST];
	struct rtp rtp = {.payload_type = 8,
			  .sequence = sequence,
			  .timestamp = 160 * sequence,
			  .ssrc = ssrc,
			  .size = 160};
	size_t size = payload_rtp(payload, &rtp);
	struct frame sent = {UDP(ends->device, 5204, ends->provider, 30000), .payload = payload,
			     .payload_size = size};
	struct frame received = {UDP(ends->provider, 30000, ends->device, 5204), .payload = payload,
				 .payload_size = size};
	struct frame_bytes frame = frame_build(out ? &sent : &received);

	tape_put(tape, ns, frame.bytes, frame.length, frame.length);
}

/* Idle times are the capture's, to the tick of 67 ms; and time never goes back. */
static void test_clock(void)
{
	static const struct {
		uint64_t ns;
		const char *packet, *reason;
	} steps[] = {
		{0, "udp 192.168.10.2:40000 > 8.8.8.8:53", "listed"},
		{29 * SECOND, "udp 8.8.8.8:53 > 192.168.10.2:40000", "flow"},
		{328 * SECOND, "udp 8.8.8.8:53 > 192.168.10.2:40000", "flow"},
		{629 * SECOND, "udp 8.8.8.8:53 > 192.168.10.2:40000", "direction"},
		{1000 * SECOND, "udp 192.168.10.2:40001 > 8.8.8.8:53", "listed"},
		{1031 * SECOND, "udp 8.8.8.8:53 > 192.168.10.2:40001", "direction"},
		{2000 * SECOND, "udp 192.168.10.2:40002 > 8.8.8.8:53", "listed"},
		{1 * SECOND, "udp 8.8.8.8:53 > 192.168.10.2:40002", "flow"},
		{2020 * SECOND, "udp 8.8.8.8:53 > 192.168.10.2:40002", "flow"},
	};
	struct tape tape = tape_open("clock.pcap", DLT_EN10MB);

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		put_words(&tape, steps[i].ns, steps[i].packet);
	tape_close(&tape);

	_run_ run = replay("office.conf", "clock.pcap");

	CHECK_EQ(run.status, 0);
	CHECK_EQ(run.count, ARRAY_SIZE(steps));
	for (size_t i = 0; i < run.count && i < ARRAY_SIZE(steps); i++) {
		CHECK_ROW(steps[i].packet);
		CHECK_STR(text_of(run.lines[i], "reason"), steps[i].reason);
		CHECK_EQ(json_object_get_double(member(run.lines[i], "time")),
			 steps[i].ns / SECOND);
	}
	CHECK_ROW(NULL);
}

static struct json_object *item(struct json_object *object, const char *name, size_t index)
{
	return json_object_array_get_idx(member(object, name), index);
}

/*
 * Three calls of the same ends, 70 s apart, the second without a way back and with a loss: three
 * legs, each with its own figures. And at the time 0, where a capture may well begin.
 */
static void test_calls(uint64_t start, const struct ends *ends)
{
	struct tape tape = tape_open("calls.pcap", DLT_EN10MB);
	const uint64_t between = 70 * SECOND;

	for (unsigned call = 0; call < 3; call++) {
		for (unsigned i = 0; i < 200; i++) {
			uint64_t ns = start + call * between + i * 20 * MILLISECOND;

			if (call != 1 || i % 10 != 5)
				put_voice(&tape, ns, ends, i + 1, 100 + call, true);
			if (call != 1)
				put_voice(&tape, ns + 7 * MILLISECOND, ends, i + 1, 200 + call,
					  false);
		}
	}
	tape_close(&tape);

	_run_ run = replay("office.conf", "calls.pcap --calls --summary");
	struct json_object *sum = run.count ? run.lines[0] : NULL,
			   *calls = run.count > 1 ? run.lines[1] : NULL;

	CHECK_EQ(run.status, 0);
	CHECK_EQ(run.count, 2);
	CHECK_EQ(number_of(sum, "packets"), 980);
	CHECK_EQ(number_of(sum, "remarked"), 980);
	CHECK_EQ(number_of(member(sum, "reasons"), "listed"), 3);
	if (!CHECK(member(calls, "calls")) ||
	    !CHECK_EQ(json_object_array_length(member(calls, "calls")), 3))
		return;
	for (unsigned i = 0; i < 3; i++) {
		struct json_object *call = item(calls, "calls", i);
		struct json_object *out = item(call, "streams", 0);

		CHECK_STR(text_of(call, "device"), "pbx");
		CHECK_STR(text_of(call, "local"), ends->local);
		CHECK_EQ(number_of(call, "start"), (start + i * between) / SECOND);
		CHECK_EQ(flag_of(call, "one_way"), i == 1);
		CHECK_EQ(json_object_array_length(member(call, "streams")), i == 1 ? 1 : 2);
		CHECK_STR(text_of(out, "direction"), "out");
		CHECK_EQ(strtoul(text_of(out, "ssrc"), NULL, 0), 100 + i);
		CHECK_EQ(number_of(out, "packets"), i == 1 ? 180 : 200);
		CHECK_EQ(number_of(out, "lost"), i == 1 ? 20 : 0);
		CHECK_EQ(number_of(out, "dscp_out"), 46);
	}
}

/* ------------------------------------------------------------------ what is wrong with captures */

/* Cut to 60 bytes by whoever captured: judged as what it was, since its lengths must hold. */
static void test_truncated(void)
{
	struct tape tape = tape_open("cut.pcap", DLT_EN10MB);
	struct frame_bytes voice = frame_of(VOICE_OUT), telnet = frame_of(TELNET);

	tape_put(&tape, SECOND, voice.bytes, 60, voice.length);
	tape_put(&tape, 2 * SECOND, voice.bytes, 60, 65000); /* padded on the wire, as it seems */
	tape_put(&tape, 3 * SECOND, telnet.bytes, 40, telnet.length);
	tape_put(&tape, 4 * SECOND, voice.bytes, 0, voice.length);
	tape_close(&tape);

	_run_ run = replay("office.conf", "cut.pcap --write out.pcap");

	CHECK_EQ(run.status, 0);
	if (!CHECK_EQ(run.count, 4))
		return;
	for (size_t i = 0; i < 4; i++)
		CHECK(flag_of(run.lines[i], "truncated"));
	CHECK_STR(text_of(run.lines[0], "reason"), "listed");
	CHECK_EQ(number_of(run.lines[0], "dscp_out"), 46);
	CHECK_EQ(number_of(run.lines[0], "length"), (int64_t)voice.length);
	CHECK_STR(text_of(run.lines[1], "reason"), "flow");
	CHECK_EQ(number_of(run.lines[1], "length"), 65000);
	CHECK_STR(text_of(run.lines[2], "reason"), "malformed");
	CHECK_STR(text_of(run.lines[3], "reason"), "not-ip");
}

/* A train of segments captured in one piece: XDP takes it, tc does not, and the rest goes on. */
static void test_too_long(void)
{
	static const char *const words[] = {
		"tcp 192.168.20.5:40000 > 192.168.10.2:80 syn seq 1",
		"tcp 192.168.10.2:80 > 192.168.20.5:40000 syn ack seq 1 acks 2",
		"tcp 192.168.20.5:40000 > 192.168.10.2:80 ack seq 2 acks 2",
	};
	struct frame out = {TCP("192.168.10.2", 80, "192.168.20.5", 40000, ACK), .sequence = 2,
			    .acknowledgement = 2, .payload_size = 12000};
	struct frame in = {TCP("192.168.20.5", 40000, "192.168.10.2", 80, ACK), .sequence = 2,
			   .acknowledgement = 2, .payload_size = 12000};
	struct tape tape = tape_open("long.pcap", DLT_EN10MB);
	struct frame_bytes frame;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		put_words(&tape, (i + 1) * SECOND, words[i]);
	frame = frame_build(&out);
	tape_put(&tape, 4 * SECOND, frame.bytes, frame.length, frame.length);
	frame = frame_build(&in);
	for (unsigned i = 0; i < 12; i++)
		tape_put(&tape, 5 * SECOND, frame.bytes, frame.length, frame.length);
	put_words(&tape, 6 * SECOND, TELNET);
	tape_close(&tape);

	_run_ run = replay("office.conf", "long.pcap");

	CHECK_EQ(run.status, 1);
	CHECK(has_said("long.pcap: packet 5: 12054 bytes are more than this kernel runs"));
	CHECK(has_said("long.pcap: packet 14:"));
	CHECK(!has_said("packet 15:"));
	CHECK(has_said("2 packets more"));
	if (!CHECK_EQ(run.count, 5))
		return;
	CHECK_EQ(number_of(run.lines[3], "packet"), 4);
	CHECK_STR(text_of(run.lines[3], "reason"), "flow");
	CHECK_EQ(number_of(run.lines[4], "packet"), 17);
}

/* An IP packet of 28 bytes from 8.0.0.0: where Ethernet has its Ethertype it says "IPv4". */
static void test_raw_short(void)
{
	struct tape tape = tape_open("raw.pcap", DLT_RAW);
	struct frame_bytes frame = frame_of("udp 8.0.8.8:5060 > 192.168.10.2:5060 size 0");
	uint8_t nothing = 0, letter = 'x';

	tape_put(&tape, SECOND, frame.bytes + 14, frame.length - 14, frame.length - 14);
	tape_put(&tape, SECOND, frame.bytes + 14, 20, 20);
	tape_put(&tape, SECOND, frame.bytes + 14, 14, 14);
	tape_put(&tape, SECOND, &nothing, 0, 0);
	tape_put(&tape, SECOND, &letter, 1, 1);
	tape_close(&tape);

	_run_ run = replay("office.conf", "raw.pcap");

	CHECK_EQ(run.status, 0);
	if (!CHECK_EQ(run.count, 5))
		return;
	CHECK_STR(text_of(run.lines[0], "reason"), "scope");
	for (size_t i = 1; i < 5; i++)
		CHECK_STR(text_of(run.lines[i], "reason"), "malformed");
}

static void test_refused(void)
{
	_run_ none = replay("office.conf", "nowhere.pcap");
	CHECK_EQ(none.status, 1);
	CHECK(has_said("nowhere.pcap: No such file"));

	struct tape tape = tape_open("radio.pcap", DLT_IEEE802_11);
	tape_close(&tape);
	_run_ radio = replay("office.conf", "radio.pcap");
	CHECK_EQ(radio.status, 1);
	CHECK(has_said("radio.pcap: its packets have the link type IEEE802_11 (105)"));

	tape = tape_open("empty.pcap", DLT_EN10MB);
	tape_close(&tape);
	_run_ empty = replay("office.conf", "empty.pcap --calls");
	CHECK_EQ(empty.status, 0);
	CHECK_EQ(empty.count, 1);
	CHECK_STR(text_of(empty.count ? empty.lines[0] : NULL, "calls"), "[ ]");
}

/*
 * What we drop ourselves of a stream is loss to who hears it, and told as ours. Every tenth packet
 * comes from another MAC address than the device's; every twentieth is lost before it comes here.
 * STUN and RTCP on the same ports are none of it.
 */
static void test_own_drops(void)
{
	static const char *const asides[] = {
		"udp 192.168.10.2:5204 > 217.10.64.9:30000 rtcp",
		"udp 192.168.10.2:5204 > 217.10.64.9:30000 stun",
	};
	struct tape tape = tape_open("own.pcap", DLT_EN10MB);

	replaying_write("bound.conf", "[site]\nnetworks = 192.168.10.0/24\n"
				      "[interface lan0]\nrole = voice\n"
				      "[device pbx]\nmodel = es-pure-ip-x-it\n"
				      "address = 192.168.10.2\nmac = 02:00:00:00:00:01\n");
	for (unsigned i = 0; i < 200; i++) {
		uint8_t payload[PAYLOAD_MOST];
		struct rtp rtp = {.payload_type = 8,
				  .sequence = (uint16_t)(i + 1),
				  .timestamp = 160 * i,
				  .ssrc = 7,
				  .size = 160};
		struct frame sent = {
			UDP("192.168.10.2", 5204, "217.10.64.9", 30000),
			.source_mac = i % 10 == 5 ? "02:00:00:00:00:99" : NULL,
			.payload = payload,
			.payload_size = payload_rtp(payload, &rtp),
		};
		struct frame_bytes frame = frame_build(&sent);

		if (i % 20 != 10)
			tape_put(&tape, SECOND + i * 20 * MILLISECOND, frame.bytes, frame.length,
				 frame.length);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(asides); i++)
		put_words(&tape, 6 * SECOND + i, asides[i]);
	tape_close(&tape);

	_run_ run = replay("bound.conf", "own.pcap --calls --summary");
	struct json_object *out =
		run.count > 1 ? item(item(run.lines[1], "calls", 0), "streams", 0) : NULL;

	CHECK_ROW("our own drops");
	CHECK_EQ(number_of(member(run.count ? run.lines[0] : NULL, "reasons"), "spoofed"), 20);
	CHECK_EQ(number_of(out, "packets"), 170);
	CHECK_EQ(number_of(out, "expected"), 200);
	CHECK_EQ(number_of(out, "lost"), 30);
	CHECK_EQ(number_of(out, "dropped_here"), 20);
	CHECK_EQ(number_of(out, "rtcp"), 1);
	CHECK_EQ(number_of(out, "stun"), 1);
	CHECK_EQ(number_of(out, "dtls") + number_of(out, "zrtp") + number_of(out, "other"), 0);
	CHECK_ROW(NULL);
}

int main(void)
{
	if (geteuid()) {
		CHECK_SKIP("needs root");
		return check_done();
	}
	if (!CHECK_EQ(replaying_begin(), 0))
		return check_done();
	replaying_write("office.conf", site_office);
	test_clock();
	test_own_drops();
	test_calls(1741010709 * SECOND, &ends4);
	test_calls(0, &ends4);
	test_calls(0, &ends6);
	test_truncated();
	test_too_long();
	test_raw_short();
	test_refused();
	replaying_end();
	return check_done();
}
