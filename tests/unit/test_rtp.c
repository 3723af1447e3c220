/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The header parser of RTP and its neighbours (bpf/rtp.h) on the host: rows of first bytes, then
 * every first and second byte, and every way to cut a packet short.
 */
#include "rtp.h"

#include "check.h"

#define MOST 128

/* As in a packet that the parser meets: on a four-byte boundary. */
static struct {
	_Alignas(8) __u8 bytes[MOST];
} at;

static enum payload_kind kind_of(const __u8 *bytes, size_t held, __u32 length)
{
	memset(at.bytes, 0, sizeof(at.bytes));
	memcpy(at.bytes, bytes, held);
	return payload_kind(at.bytes, at.bytes + held, length);
}

#define B(...)		   (const __u8[]){__VA_ARGS__}, sizeof((const __u8[]){__VA_ARGS__})
#define RTP(first, second) (first), (second), 0x12, 0x34, 1, 2, 3, 4, 0xa, 0xb, 0xc, 0xd

static const struct row {
	const char *what;
	const __u8 *bytes;
	size_t held;
	__u32 length; /* of the datagram */
	enum payload_kind kind;
} rows[] = {
	/* clang-format off */
	{"RTP, PCMA", B(RTP(0x80, 8)), 172, PAYLOAD_RTP},
	{"RTP with a marker", B(RTP(0x80, 0x88)), 172, PAYLOAD_RTP},
	{"RTP without payload (RFC 6263)", B(RTP(0x80, 8)), 12, PAYLOAD_RTP},
	{"datagram shorter than the header", B(RTP(0x80, 8)), 11, PAYLOAD_OTHER},
	{"capture shorter than the header", B(0x80, 8, 0, 1, 0, 0, 0, 0), 172, PAYLOAD_OTHER},
	{"version 1", B(RTP(0x40, 8)), 172, PAYLOAD_OTHER},
	{"version 3", B(RTP(0xc0, 8)), 172, PAYLOAD_OTHER},
	{"type 63, the last below RTCP", B(RTP(0x80, 63)), 172, PAYLOAD_RTP},
	{"type 64 is not RTP", B(RTP(0x80, 64)), 172, PAYLOAD_OTHER},
	{"type 95 is not RTP", B(RTP(0x80, 95)), 172, PAYLOAD_OTHER},
	{"type 96, the first dynamic one", B(RTP(0x80, 96)), 172, PAYLOAD_RTP},
	{"two sources fit", B(RTP(0x82, 8), 0, 0, 0, 1, 0, 0, 0, 2), 20, PAYLOAD_RTP},
	{"two sources do not fit", B(RTP(0x82, 8), 0, 0, 0, 1, 0, 0, 0), 19, PAYLOAD_OTHER},
	{"an extension of one word", B(RTP(0x90, 8), 0xbe, 0xde, 0, 1, 9, 9, 9, 9), 20, PAYLOAD_RTP},
	{"an extension past the end", B(RTP(0x90, 8), 0xbe, 0xde, 0, 2, 9, 9, 9, 9), 20, PAYLOAD_OTHER},
	{"an empty extension", B(RTP(0x90, 8), 0xbe, 0xde, 0, 0), 16, PAYLOAD_RTP},
	{"an extension that was not captured", B(RTP(0x90, 8)), 172, PAYLOAD_OTHER},
	{"the longest extension", B(RTP(0x90, 8), 0, 0, 0xff, 0xff), 1400, PAYLOAD_OTHER},
	{"sources and an extension", B(RTP(0x91, 8), 0, 0, 0, 7, 0, 0, 0, 1, 1, 1, 1, 1), 24, PAYLOAD_RTP},
	{"sender report", B(0x80, 200, 0, 6, 1, 2, 3, 4), 28, PAYLOAD_RTCP},
	{"receiver report, compound", B(0x81, 201, 0, 7, 1, 2, 3, 4), 64, PAYLOAD_RTCP},
	{"extended report", B(0x80, 207, 0, 1, 1, 2, 3, 4), 8, PAYLOAD_RTCP},
	{"RTCP that says more than came", B(0x80, 200, 0, 7, 1, 2, 3, 4), 28, PAYLOAD_OTHER},
	{"RTCP type 192", B(0x80, 192, 0, 1, 1, 2, 3, 4), 8, PAYLOAD_RTCP},
	{"RTCP type 223", B(0x80, 223, 0, 1, 1, 2, 3, 4), 8, PAYLOAD_RTCP},
	{"second byte 191 is type 63 with a marker", B(RTP(0x80, 191)), 172, PAYLOAD_RTP},
	{"second byte 224 is type 96 with a marker", B(RTP(0x80, 224)), 172, PAYLOAD_RTP},
	{"STUN binding request", B(0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42), 20, PAYLOAD_STUN},
	{"STUN with an attribute", B(1, 1, 0, 12, 0x21, 0x12, 0xa4, 0x42), 32, PAYLOAD_STUN},
	{"STUN whose length lies", B(0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42), 20, PAYLOAD_OTHER},
	{"four zeros keep a NAT open", B(0, 0, 0, 0), 4, PAYLOAD_OTHER},
	{"eight zeros too", B(0, 0, 0, 0, 0, 0, 0, 0), 8, PAYLOAD_OTHER},
	{"DTLS 1.2 hello", B(22, 0xfe, 0xfd, 0, 0, 0, 0, 0), 120, PAYLOAD_DTLS},
	{"DTLS 1.0 hello", B(22, 0xfe, 0xff, 0, 0, 0, 0, 0), 120, PAYLOAD_DTLS},
	{"TLS is not DTLS", B(22, 3, 1, 0, 0, 0, 0, 0), 120, PAYLOAD_OTHER},
	{"ZRTP hello", B(0x10, 0, 0x12, 0x34, 'Z', 'R', 'T', 'P'), 120, PAYLOAD_ZRTP},
	{"not quite ZRTP", B(0x10, 0, 0x12, 0x34, 'Z', 'R', 'T', 'Q'), 120, PAYLOAD_OTHER},
	{"TURN channel data", B(0x40, 0, 0, 172, 0x80, 8, 0, 1), 176, PAYLOAD_TURN},
	{"TURN that says more than came", B(0x40, 0, 0, 173, 0x80, 8, 0, 1), 176, PAYLOAD_OTHER},
	{"SIP", B('I', 'N', 'V', 'I', 'T', 'E', ' ', 's'), 400, PAYLOAD_OTHER},
	{"nothing", B(0), 0, PAYLOAD_OTHER},
	/* clang-format on */
};

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK_ROW(rows[i].what);
		CHECK_EQ(kind_of(rows[i].bytes, rows[i].held, rows[i].length), rows[i].kind);
	}
	CHECK_ROW(NULL);
}

static void test_fields(void)
{
	static const __u8 bytes[] = {0xb1, 0xe5, 0xfe, 0xdc, 0x89, 0xab, 0xcd, 0xef,
				     0x12, 0x34, 0x56, 0x78, 0,	   0,	 0,    1,
				     0xbe, 0xde, 0,    1,    1,	   2,	 3,    4};
	struct rtp_header h;

	memcpy(at.bytes, bytes, sizeof(bytes));
	if (!CHECK(rtp_parse(at.bytes, at.bytes + sizeof(bytes), 184, &h)))
		return;
	CHECK_EQ(h.version, 2);
	CHECK_EQ(h.padding, 1);
	CHECK_EQ(h.extension, 1);
	CHECK_EQ(h.csrc_count, 1);
	CHECK_EQ(h.marker, 1);
	CHECK_EQ(h.payload_type, 101);
	CHECK_EQ(h.sequence, 0xfedc);
	CHECK_EQ(h.timestamp, 0x89abcdef);
	CHECK_EQ(h.ssrc, 0x12345678);
	CHECK_EQ(h.header_length, 24);
	CHECK_EQ(h.payload_length, 160);
}

/* ret is untouched on false: whoever reuses a header must not find half of another one in it. */
static void test_untouched(void)
{
	struct rtp_header h, before;

	memset(&h, 0x5a, sizeof(h));
	before = h;
	memset(at.bytes, 0, sizeof(at.bytes));
	at.bytes[0] = 0x8f; /* fifteen sources that do not fit */
	CHECK(!rtp_parse(at.bytes, at.bytes + 64, 64, &h));
	CHECK(!memcmp(&h, &before, sizeof(h)));
}

/* RFC 7983 and RFC 5761, restated: what the first two bytes allow the payload to be. */
static bool allowed(unsigned first, unsigned second, enum payload_kind kind)
{
	switch (kind) {
	case PAYLOAD_RTP:
		return first >= 128 && first < 192 && ((second & 127) < 64 || (second & 127) > 95);
	case PAYLOAD_RTCP:
		return first >= 128 && first < 192 && second >= 192 && second <= 223;
	case PAYLOAD_STUN:
		return first < 4;
	case PAYLOAD_ZRTP:
		return first >= 16 && first < 20;
	case PAYLOAD_DTLS:
		return first >= 20 && first < 64;
	case PAYLOAD_TURN:
		return first >= 64 && first < 80;
	case PAYLOAD_OTHER:
		return true;
	}
	return false;
}

static void test_first_two_bytes(void)
{
	static const __u8 tails[][2] = {{0, 0}, {0, 1}, {0, 16}, {0, 4}, {0xfd, 0}, {0xff, 0xff}};
	unsigned wrong = 0, seen[PAYLOAD_OTHER + 1] = {0};

	for (unsigned n = 0; n < 0x10000; n++)
		for (size_t t = 0; t < sizeof(tails) / sizeof(tails[0]); t++) {
			__u8 bytes[40] = {n >> 8, n & 255, tails[t][0], tails[t][1],
					  'Z',	  'R',	   'T',		'P'};
			enum payload_kind kind = kind_of(bytes, sizeof(bytes), 36);

			seen[kind]++;
			wrong += !allowed(n >> 8, n & 255, kind);
		}
	CHECK_EQ(wrong, 0);
	for (unsigned kind = 0; kind <= PAYLOAD_OTHER; kind++)
		CHECK(seen[kind]);
}

/* A full header, cut at every byte: nothing beyond data_end may matter. */
static void test_cuts(void)
{
	unsigned taken = 0;
	__u8 bytes[80] = {RTP(0x93, 8)};

	bytes[12 + 12 + 3] = 2;
	for (size_t held = 0; held <= sizeof(bytes); held++) {
		struct rtp_header h;
		_Alignas(8) __u8 exact[80]; /* a sanitizer watches its end */

		memcpy(exact, bytes, sizeof(bytes));
		taken += rtp_parse(exact, exact + held, 80, &h);
	}
	CHECK_EQ(taken, 80 - 27);
	taken = 0;
	for (__u32 length = 0; length <= 80; length++) {
		struct rtp_header h;

		memcpy(at.bytes, bytes, sizeof(bytes));
		taken += rtp_parse(at.bytes, at.bytes + 80, length, &h);
	}
	CHECK_EQ(taken, 81 - 36);
}

int main(void)
{
	test_rows();
	test_fields();
	test_untouched();
	test_first_two_bytes();
	test_cuts();
	return check_done();
}
