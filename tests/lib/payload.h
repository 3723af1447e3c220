/* SPDX-License-Identifier: GPL-2.0 */
/* What telephones say inside UDP. Each writes into the caller's buffer and returns the length. */
#ifndef TESTS_LIB_PAYLOAD_H
#define TESTS_LIB_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAYLOAD_MOST 2048

/* RFC 3550, 5.1. The voice is `size` bytes of 0xd5, silence in A-law. */
struct rtp {
	uint8_t payload_type;
	uint16_t sequence;
	uint32_t timestamp;
	uint32_t ssrc;
	bool marker;
	uint8_t csrc_count;
	uint16_t extension_words; /* 0: no header extension */
	uint8_t padding;	  /* bytes, the last one saying how many */
	size_t size;
};

size_t payload_rtp(uint8_t *bytes, const struct rtp *rtp);
/* RFC 3550, 6.4: a sender report (200) or receiver report (201), with no report blocks. */
size_t payload_rtcp(uint8_t *bytes, uint8_t type, uint32_t ssrc);
/* RFC 5389: a header without attributes; 0x0001 asks, 0x0101 answers. */
size_t payload_stun(uint8_t *bytes, uint16_t type);
/* RFC 3261: a request without a body, "REGISTER", "INVITE" …, as `user` of `host`. */
size_t payload_sip(uint8_t *bytes, const char *method, const char *user, const char *host);
/* A status line with what a response must have: payload_sip_status(bytes, 200, "OK"). */
size_t payload_sip_status(uint8_t *bytes, unsigned status, const char *text);

#endif
