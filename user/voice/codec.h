/* SPDX-License-Identifier: GPL-2.0 */
/* Payload types: what RFC 3551 calls them, and how the codec bears loss where G.113 says so. */
#ifndef USER_VOICE_CODEC_H
#define USER_VOICE_CODEC_H

#include <stdbool.h>
#include <stdint.h>

#include "voice/emodel.h"

struct codec {
	const char *name; /* RFC 3551 */
	bool scored;	  /* impairment is published: ITU-T G.113, appendix I */
	struct impairment impairment;
};

/* NULL: the payload type is unassigned, or dynamic: only signalling could tell. */
const struct codec *codec_find(uint8_t payload_type);

#define CODEC_TEXT 24
/* "PCMA"; "dynamic/48000" with the measured clock, "dynamic", or "type 77". Returns the buffer. */
const char *codec_format(uint8_t payload_type, uint32_t clock_rate, char *text);

#endif
