/* SPDX-License-Identifier: GPL-2.0 */
/* Payload types: what RFC 3551 calls them, and how the codec bears loss where G.113 says so. */
#ifndef USER_VOICE_CODEC_H
#define USER_VOICE_CODEC_H

#include <agfeo/encodings.h>
#include <stdbool.h>
#include <stdint.h>

#include "voice/emodel.h"

struct codec {
	const char *name; /* RFC 3551 */
	bool scored;	  /* impairment is published: ITU-T G.113, appendix I */
	struct impairment impairment;
};

/*
 * NULL: the payload type is unassigned, or dynamic, and what it is given as is not what RFC 3551
 * names: only signalling could tell.
 */
const struct codec *codec_find(uint8_t payload_type, const struct agfeo_payload_types *given);

#define CODEC_TEXT 24
/*
 * "PCMA"; of a dynamic type the name that was given, else "dynamic/48000" with its clock, given or
 * measured, "dynamic", or "type 77". Returns the buffer.
 */
const char *codec_format(uint8_t payload_type, uint32_t clock_rate,
			 const struct agfeo_payload_types *given, char *text);

#endif
