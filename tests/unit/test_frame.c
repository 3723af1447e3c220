/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The frame builder against byte strings worked out elsewhere (RFC 1071's example, a frame as
 * scapy builds it), against a checksum of its own, and against what tcpdump reads.
 */
#include "frame.h"

#include <stdlib.h>
#include <unistd.h>

#include "capture.h"
#include "check.h"
#include "payload.h"

/* 16-bit words, big-endian, added in 64 bits and folded last: not how frame.c does it. */
static uint16_t other_sum(const uint8_t *bytes, size_t size)
{
	uint64_t total = 0;

	for (size_t i = 0; i + 1 < size; i += 2)
		total += bytes[i] * 256u + bytes[i + 1];
	if (size % 2)
		total += bytes[size - 1] * 256u;
	return total % 0xffff ? total % 0xffff : 0xffff;
}

static void test_sum(void)
{
	static const uint8_t rfc1071[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
	uint8_t bytes[257];

	CHECK_EQ(frame_sum(0, rfc1071, sizeof(rfc1071)), 0xddf2);
	for (size_t size = 1; size <= sizeof(bytes); size++) {
		for (size_t i = 0; i < size; i++)
			bytes[i] = i * 37 + size;
		CHECK_EQ(frame_sum(0, bytes, size), other_sum(bytes, size));
	}
}

/* The checksum of UDP and TCP, over a pseudo header written out here. */
static uint16_t other_transport_sum(const struct frame_bytes *built, bool v6, uint8_t protocol)
{
	uint8_t pseudo[FRAME_MOST + 40] = {0};
	size_t size = built->length - built->transport;
	size_t address = v6 ? 16 : 4;

	memcpy(pseudo, built->bytes + built->ip + (v6 ? 8 : 12), 2 * address);
	pseudo[2 * address] = size >> 24;
	pseudo[2 * address + 1] = size >> 16;
	pseudo[2 * address + 2] = size >> 8;
	pseudo[2 * address + 3] = size;
	pseudo[2 * address + 7] = protocol;
	memcpy(pseudo + 2 * address + 8, built->bytes + built->transport, size);
	return other_sum(pseudo, 2 * address + 8 + size);
}

/* As scapy builds it: 192.168.10.2:40000 to 192.0.2.53:53, EF, don't fragment, payload "agfeo". */
static void test_known_bytes(void)
{
	static const uint8_t expected[] = {
		0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01,
		0x08, 0x00, 0x45, 0xb8, 0x00, 0x21, 0x12, 0x34, 0x40, 0x00, 0x40, 0x11,
		0x9b, 0x00, 0xc0, 0xa8, 0x0a, 0x02, 0xc0, 0x00, 0x02, 0x35, 0x9c, 0x40,
		0x00, 0x35, 0x00, 0x0d, 0x9f, 0xb1, 0x61, 0x67, 0x66, 0x65, 0x6f,
	};
	struct frame question = {
		UDP("192.168.10.2", 40000, "192.0.2.53", 53),
		.tos = 0xb8,
		.id = 0x1234,
		.dont_fragment = true,
		.payload = "agfeo",
		.payload_size = 5,
	};
	struct frame_bytes built = frame_build(&question);

	CHECK_EQ(built.length, sizeof(expected));
	for (size_t i = 0; i < sizeof(expected); i++)
		CHECK_EQ(built.bytes[i], expected[i]);
}

static const struct row {
	const char *what;
	struct frame frame;
	size_t length;
	bool checksums;
} rows[] = {
	/* clang-format off */
	{"UDP", {UDP("10.0.0.1", 1, "10.0.0.2", 2)}, 42, true},
	{"UDP, odd payload", {UDP("10.0.0.1", 1, "10.0.0.2", 2), .payload_size = 3}, 45, true},
	{"UDP without checksum", {UDP("10.0.0.1", 1, "10.0.0.2", 2), .no_udp_checksum = true}, 42, true},
	{"UDP over IPv6", {UDP("fd00::1", 5204, "fd00::2", 5206), .payload_size = 160}, 222, true},
	{"TCP SYN", {TCP("10.0.0.1", 1, "10.0.0.2", 443, SYN)}, 54, true},
	{"TCP with options", {TCP("10.0.0.1", 1, "10.0.0.2", 443, SYN),
		.tcp_options = "\2\4\5\264", .tcp_options_size = 4}, 58, true},
	{"TCP over IPv6", {TCP("fd00::1", 1, "fd00::2", 443, ACK), .payload_size = 1}, 75, true},
	{"echo", {ICMP("10.0.0.1", "10.0.0.2", 8, 0), .icmp_word = 0x10001, .payload_size = 56}, 98, true},
	{"echo over IPv6", {ICMP6("fd00::1", "fd00::2", 128, 0), .payload_size = 56}, 118, true},
	{"unreachable", {ICMP("10.0.0.9", "10.0.0.1", 3, 1),
		.quoted = &(struct frame){UDP("10.0.0.1", 1, "10.0.0.2", 2), .payload_size = 99},
		.quoted_size = 28}, 70, true},
	{"one VLAN", {UDP("10.0.0.1", 1, "10.0.0.2", 2), .vlan = {{.id = 7}}, .vlan_count = 1}, 46, true},
	{"three VLANs", {UDP("10.0.0.1", 1, "10.0.0.2", 2),
		.vlan = {{.id = 7, .tpid = 0x88a8}, {.id = 8}, {.id = 9, .priority = 5}},
		.vlan_count = 3}, 54, true},
	{"PPPoE", {UDP("10.0.0.1", 1, "10.0.0.2", 2), .pppoe = true}, 50, true},
	{"no link", {UDP("10.0.0.1", 1, "10.0.0.2", 2), .link = LINK_NONE}, 28, true},
	{"padded", {UDP("10.0.0.1", 1, "10.0.0.2", 2), .pad_to = 60}, 60, true},
	{"IPv4 options", {UDP("10.0.0.1", 1, "10.0.0.2", 2),
		.ip_options = "\x94\4\0\0", .ip_options_size = 4}, 46, true},
	{"IPv6 extensions", {UDP("fd00::1", 1, "fd00::2", 2),
		.extensions = {FRAME_HOPOPTS, FRAME_ROUTING, FRAME_DSTOPTS, FRAME_AH},
		.extension_count = 4}, 102, true},
	{"IPv6 fragment header", {UDP("fd00::1", 1, "fd00::2", 2), .fragment = true}, 70, true},
	{"another protocol", {.source = "10.0.0.1", .destination = "10.0.0.2", .protocol = FRAME_ESP,
		.payload_size = 20}, 54, true},
	{"not IP", {.ethertype = 0x0806, .payload_size = 28}, 42, false},
	{"bad IP checksum", {UDP("10.0.0.1", 1, "10.0.0.2", 2), .bad_ip_checksum = true}, 42, false},
	{"bad UDP checksum", {UDP("10.0.0.1", 1, "10.0.0.2", 2), .bad_checksum = true}, 42, false},
	{"bad TCP checksum", {TCP("fd00::1", 1, "fd00::2", 2, SYN), .bad_checksum = true}, 74, false},
	{"cut", {UDP("10.0.0.1", 1, "10.0.0.2", 2), .cut_to = 37}, 37, false},
	/* clang-format on */
};

static void test_row(const struct row *row)
{
	struct frame_bytes built = frame_build(&row->frame);
	bool v6 = row->frame.source && strchr(row->frame.source, ':');

	CHECK_ROW(row->what);
	CHECK_EQ(built.length, row->length);
	if (!row->frame.source || row->frame.cut_to)
		return;
	CHECK_EQ(frame_checksums_hold(&built), row->checksums);
	if (row->frame.pad_to || row->frame.no_udp_checksum || row->frame.protocol == FRAME_ICMP)
		return;
	if (row->frame.protocol == FRAME_UDP || row->frame.protocol == FRAME_TCP)
		CHECK_EQ(other_transport_sum(&built, v6, row->frame.protocol) == 0xffff,
			 !row->frame.bad_checksum);
	if (!v6)
		CHECK_EQ(other_sum(built.bytes + built.ip, built.transport - built.ip) == 0xffff,
			 !row->frame.bad_ip_checksum);
}

/* Laid side by side, the fragments are the datagram. */
static void test_fragments(const char *source, const char *destination, size_t headers)
{
	struct frame whole = {UDP(source, 5060, destination, 5064), .payload_size = 3000};
	struct frame_bytes datagram = frame_build(&whole);
	const size_t size = 1480;
	size_t at = 0;

	CHECK_ROW(source);
	for (bool more = true; more; at += size) {
		struct frame piece = whole;
		struct frame_bytes built;
		const uint8_t *ip;

		piece.fragment = true;
		piece.fragment_offset = at;
		piece.fragment_size = size;
		piece.id = 77;
		built = frame_build(&piece);
		ip = built.bytes + built.ip;
		more = headers == 20 ? ip[6] & 0x20 : ip[43] & 1;
		CHECK_EQ(built.transport - built.ip, headers);
		CHECK_EQ(built.length - built.transport, more ? size : 3008 - 2 * size);
		CHECK(!memcmp(built.bytes + built.transport,
			      datagram.bytes + datagram.transport + at,
			      built.length - built.transport));
	}
	CHECK_EQ(at, 3 * size);
	CHECK_ROW(NULL);
}

static void test_payloads(void)
{
	uint8_t bytes[PAYLOAD_MOST];
	size_t size;
	struct rtp rtp = {
		.payload_type = 8,
		.sequence = 0x1234,
		.timestamp = 160,
		.ssrc = 0xdeadbeef,
		.marker = true,
		.size = 160,
	};

	CHECK_EQ(payload_rtp(bytes, &rtp), 172);
	CHECK(!memcmp(bytes, "\x80\x88\x12\x34\0\0\0\xa0\xde\xad\xbe\xef\xd5", 13));
	rtp.csrc_count = 2;
	rtp.extension_words = 1;
	rtp.padding = 4;
	CHECK_EQ(payload_rtp(bytes, &rtp), 172 + 8 + 8 + 4);
	CHECK_EQ(bytes[0], 0xb2);
	CHECK_EQ(bytes[191], 4);
	CHECK_EQ(payload_rtcp(bytes, 200, 1), 28);
	CHECK_EQ(payload_rtcp(bytes, 201, 1), 8);
	CHECK(!memcmp(bytes, "\x80\xc9\0\1\0\0\0\1", 8));
	CHECK_EQ(payload_stun(bytes, 1), 20);
	CHECK(!memcmp(bytes, "\0\1\0\0\x21\x12\xa4\x42", 8));
	size = payload_sip(bytes, "REGISTER", "11", "pbx");
	CHECK_EQ(size, strlen((char *)bytes));
	CHECK(!memcmp(bytes, "REGISTER sip:pbx SIP/2.0\r\n", 26));
	size = payload_sip_status(bytes, 200, "OK");
	CHECK_EQ(size, strlen((char *)bytes));
	CHECK(!memcmp(bytes, "SIP/2.0 200 OK\r\n", 16));
}

/* ------------------------------------------------------------------ what tcpdump makes of it */

static void write_capture(const char *path)
{
	FILE *capture = capture_open(path, LINK_ETHERNET);

	if (!CHECK(capture != NULL))
		return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct frame_bytes built = frame_build(&rows[i].frame);

		if (rows[i].frame.link == LINK_ETHERNET)
			capture_write(capture, 1700000000000000000 + i * 20000000, &built);
	}
	CHECK_EQ(capture_close(capture), 0);
}

static void read_capture(const char *path)
{
	char command[256], line[512];
	unsigned packets = 0, bad = 0, second = 0;
	FILE *output;

	snprintf(command, sizeof(command), "tcpdump -nn -vv -tt -r %s 2>/dev/null", path);
	output = popen(command, "r");
	if (!CHECK(output != NULL))
		return;
	while (fgets(line, sizeof(line), output)) {
		packets += !strncmp(line, "17000000", 8);
		second += !strncmp(line, "1700000000.020000", 17);
		bad += strstr(line, "bad cksum") || strstr(line, "bad udp cksum") ||
		       strstr(line, "(incorrect");
	}
	CHECK_EQ(pclose(output), 0);
	CHECK_EQ(packets, sizeof(rows) / sizeof(rows[0]) - 1);
	CHECK_EQ(second, 1);
	CHECK_EQ(bad, 3); /* the three that lie */
}

static void test_capture(void)
{
	char path[] = "/tmp/agfeo-test-XXXXXX";
	int fd = mkstemp(path);

	if (!CHECK(fd >= 0))
		return;
	close(fd);
	write_capture(path);
	if (system("command -v tcpdump >/dev/null"))
		CHECK_SKIP("no tcpdump here to read a capture");
	else
		read_capture(path);
	unlink(path);
}

int main(void)
{
	test_sum();
	test_known_bytes();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		test_row(&rows[i]);
	CHECK_ROW(NULL);
	test_fragments("10.0.0.1", "10.0.0.2", 20);
	test_fragments("fd00::1", "fd00::2", 48);
	test_payloads();
	test_capture();
	return check_done();
}
