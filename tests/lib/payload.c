/* SPDX-License-Identifier: GPL-2.0 */
/* Payloads, written out by the RFCs and not by the product's headers. */
#include "payload.h"

#include <stdio.h>
#include <string.h>

static uint8_t *put16(uint8_t *at, uint16_t value)
{
	*at++ = value >> 8;
	*at++ = value;
	return at;
}

static uint8_t *put32(uint8_t *at, uint32_t value)
{
	return put16(put16(at, value >> 16), value);
}

size_t payload_rtp(uint8_t *bytes, const struct rtp *rtp)
{
	uint8_t *at = bytes;
	bool extension = rtp->extension_words;

	*at++ = 2 << 6 | (rtp->padding > 0) << 5 | extension << 4 | (rtp->csrc_count & 0xf);
	*at++ = rtp->marker << 7 | (rtp->payload_type & 0x7f);
	at = put16(at, rtp->sequence);
	at = put32(at, rtp->timestamp);
	at = put32(at, rtp->ssrc);
	for (unsigned i = 0; i < rtp->csrc_count; i++)
		at = put32(at, 0xc0000000 + i);
	if (extension) {
		at = put16(at, 0xbede); /* RFC 8285 */
		at = put16(at, rtp->extension_words);
		memset(at, 0, rtp->extension_words * 4);
		at += rtp->extension_words * 4;
	}
	memset(at, 0xd5, rtp->size);
	at += rtp->size;
	memset(at, 0, rtp->padding);
	at += rtp->padding;
	if (rtp->padding)
		at[-1] = rtp->padding;
	return at - bytes;
}

size_t payload_rtcp(uint8_t *bytes, uint8_t type, uint32_t ssrc)
{
	size_t size = type == 200 ? 28 : 8; /* with the sender's information */
	uint8_t *at = bytes;

	memset(bytes, 0, size);
	*at++ = 2 << 6;
	*at++ = type;
	at = put16(at, size / 4 - 1);
	put32(at, ssrc);
	return size;
}

size_t payload_stun(uint8_t *bytes, uint16_t type)
{
	uint8_t *at = put32(put16(put16(bytes, type), 0), 0x2112a442);

	memset(at, 0x17, 12); /* transaction */
	return 20;
}

size_t payload_sip(uint8_t *bytes, const char *method, const char *user, const char *host)
{
	return snprintf((char *)bytes, PAYLOAD_MOST,
			"%s sip:%s SIP/2.0\r\n"
			"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
			"Max-Forwards: 70\r\n"
			"From: <sip:%s@%s>;tag=1\r\n"
			"To: <sip:%s@%s>\r\n"
			"Call-ID: 1@192.0.2.1\r\n"
			"CSeq: 1 %s\r\n"
			"Content-Length: 0\r\n\r\n",
			method, host, user, host, user, host, method);
}

size_t payload_sip_status(uint8_t *bytes, unsigned status, const char *text)
{
	return snprintf((char *)bytes, PAYLOAD_MOST,
			"SIP/2.0 %u %s\r\n"
			"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
			"From: <sip:1@192.0.2.1>;tag=1\r\n"
			"To: <sip:1@192.0.2.1>;tag=2\r\n"
			"Call-ID: 1@192.0.2.1\r\n"
			"CSeq: 1 REGISTER\r\n"
			"Content-Length: 0\r\n\r\n",
			status, text);
}
