/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a UDP payload of a voice port is, by its header alone: RTP and RTCP (RFC 3550, told apart on
 * one port by RFC 5761), STUN, DTLS, ZRTP and TURN channels (RFC 7983). Pure: no maps, no helpers.
 * Only bytes below data_end are read; lengths are checked against the datagram's, which may be
 * longer than what is at hand (a capture with a short snap length, a frame in fragments).
 */
#ifndef BPF_RTP_H
#define BPF_RTP_H

#include "kernel.h"

#define RTP_FIXED_HEADER    12
#define RTP_FIRST_MUXED	    64 /* payload types 64..95 would be RTCP on the same port: RFC 5761, 4 */
#define RTP_LAST_MUXED	    95
#define RTCP_FIRST_TYPE	    192
#define RTCP_LAST_TYPE	    223
#define RTCP_SHORTEST	    8
#define STUN_HEADER	    20
#define DTLS_RECORD_HEADER  13
#define ZRTP_SHORTEST	    28	       /* header, shortest message and CRC: RFC 6189, 5 */
#define ZRTP_COOKIE	    0x5a525450 /* "ZRTP" */
#define TURN_CHANNEL_HEADER 4U

enum payload_kind {
	PAYLOAD_RTP,
	PAYLOAD_RTCP,
	PAYLOAD_STUN,
	PAYLOAD_DTLS,
	PAYLOAD_ZRTP,
	PAYLOAD_TURN,
	PAYLOAD_OTHER,
};

/* In host order. */
struct rtp_header {
	__u8 version;
	__u8 padding;
	__u8 extension;
	__u8 csrc_count;
	__u8 marker;
	__u8 payload_type;
	__u16 sequence;
	__u32 timestamp;
	__u32 ssrc;
	__u16 header_length;  /* with CSRC list and extension */
	__u16 payload_length; /* what follows, with padding and an authentication tag, if any */
};

struct rtp_wire {
	__u8 first;
	__u8 second;
	__be16 sequence;
	__be32 timestamp;
	__be32 ssrc;
};

/* What RTCP, STUN, ZRTP, TURN and DTLS have in their first eight bytes. */
struct control_wire {
	__u8 first;
	__u8 second;
	__be16 length;
	__be32 cookie;
};

struct rtp_extension_wire {
	__be16 profile;
	__be16 words;
};

/*
 * Reads an RTP header: true if payload, of payload_length bytes on the wire, begins with one whose
 * CSRC list and extension fit. The padding count is not looked at: it stands in the last byte,
 * which is encrypted or an authentication tag where the stream is SRTP.
 * ret is untouched on false.
 */
static __always_inline bool rtp_parse(const void *payload, const void *data_end,
				      __u32 payload_length, struct rtp_header *ret)
{
	const struct rtp_wire *wire = payload;
	__u32 header_length = RTP_FIXED_HEADER;
	__u8 payload_type, csrc_count;

	if ((const void *)(wire + 1) > data_end || payload_length < RTP_FIXED_HEADER ||
	    payload_length > 0xffff)
		return false;
	if (wire->first >> 6 != 2)
		return false;
	payload_type = wire->second & 0x7f;
	if (payload_type >= RTP_FIRST_MUXED && payload_type <= RTP_LAST_MUXED)
		return false;

	csrc_count = wire->first & 0xf;
	header_length += csrc_count * 4;
	if (wire->first & 0x10) {
		const struct rtp_extension_wire *extension = payload + header_length;

		if ((const void *)(extension + 1) > data_end)
			return false;
		header_length += sizeof(*extension) + 4 * bpf_ntohs(extension->words);
	}
	if (header_length > payload_length)
		return false;

	ret->version = 2;
	ret->padding = wire->first >> 5 & 1;
	ret->extension = wire->first >> 4 & 1;
	ret->csrc_count = csrc_count;
	ret->marker = wire->second >> 7;
	ret->payload_type = payload_type;
	ret->sequence = bpf_ntohs(wire->sequence);
	ret->timestamp = bpf_ntohl(wire->timestamp);
	ret->ssrc = bpf_ntohl(wire->ssrc);
	ret->header_length = header_length;
	ret->payload_length = payload_length - header_length;
	return true;
}

/* RFC 3550, 6.4 and RFC 5761: the first packet of the compound must fit the datagram. */
static __always_inline bool is_rtcp(const struct control_wire *wire, __u32 payload_length)
{
	return wire->second >= RTCP_FIRST_TYPE && wire->second <= RTCP_LAST_TYPE &&
	       payload_length >= RTCP_SHORTEST &&
	       (bpf_ntohs(wire->length) + 1U) * 4 <= payload_length;
}

/* RFC 8489, 5; without the cookie RFC 3489: its length says all but the header, in whole words. */
static __always_inline bool is_stun(const struct control_wire *wire, __u32 payload_length)
{
	__u32 length = bpf_ntohs(wire->length);

	return length % 4 == 0 && length + STUN_HEADER == payload_length;
}

/* RFC 6347, 4.1: content type, then the version, 254.255 (1.0) or 254.253 (1.2 and 1.3). */
static __always_inline bool is_dtls(const struct control_wire *wire, __u32 payload_length)
{
	__u16 version = (__u16)(wire->second << 8 | bpf_ntohs(wire->length) >> 8);

	return payload_length >= DTLS_RECORD_HEADER && (version == 0xfeff || version == 0xfefd);
}

/*
 * Tells what the payload is. Whoever expects RTP asks rtp_parse() first and this one only on false:
 * it says PAYLOAD_RTP for exactly what rtp_parse() takes.
 */
static __always_inline enum payload_kind payload_kind(const void *payload, const void *data_end,
						      __u32 payload_length)
{
	const struct control_wire *wire = payload;
	struct rtp_header header;

	if (rtp_parse(payload, data_end, payload_length, &header))
		return PAYLOAD_RTP;
	if ((const void *)(wire + 1) > data_end)
		return PAYLOAD_OTHER;
	if (wire->first >= 128 && wire->first <= 191)
		return is_rtcp(wire, payload_length) ? PAYLOAD_RTCP : PAYLOAD_OTHER;
	if (wire->first <= 3)
		return is_stun(wire, payload_length) ? PAYLOAD_STUN : PAYLOAD_OTHER;
	if (wire->first >= 16 && wire->first <= 19)
		return payload_length >= ZRTP_SHORTEST && bpf_ntohl(wire->cookie) == ZRTP_COOKIE
			       ? PAYLOAD_ZRTP
			       : PAYLOAD_OTHER;
	if (wire->first >= 20 && wire->first <= 63)
		return is_dtls(wire, payload_length) ? PAYLOAD_DTLS : PAYLOAD_OTHER;
	if (wire->first >= 64 && wire->first <= 79)
		return bpf_ntohs(wire->length) + TURN_CHANNEL_HEADER <= payload_length
			       ? PAYLOAD_TURN
			       : PAYLOAD_OTHER;
	return PAYLOAD_OTHER;
}

#endif
