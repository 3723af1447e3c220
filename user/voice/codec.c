/* SPDX-License-Identifier: GPL-2.0 */
/* The static payload types of RFC 3551; see codec.h. */
#include "voice/codec.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/encodings.h"

#define TELEPHONE_EVENT 101

/*
 * Scored is what G.113 gives Ie and Bpl for. G.711 with packet loss concealment, which every
 * telephone of today has. G.722 is wideband: its published values are on another scale (G.107.1)
 * and sources contradict each other, so it has none here.
 */
static const struct codec codecs[] = {
	[0] = {"PCMU", true, {0, 25.1}},
	[3] = {.name = "GSM"},
	[4] = {"G723", true, {15, 16.1}},
	[5] = {.name = "DVI4"},
	[6] = {.name = "DVI4"},
	[7] = {.name = "LPC"},
	[8] = {"PCMA", true, {0, 25.1}},
	[9] = {.name = "G722"},
	[10] = {.name = "L16"},
	[11] = {.name = "L16"},
	[12] = {.name = "QCELP"},
	[13] = {.name = "CN"},
	[14] = {.name = "MPA"},
	[15] = {.name = "G728"},
	[16] = {.name = "DVI4"},
	[17] = {.name = "DVI4"},
	[18] = {"G729", true, {11, 19}},
	[19] = {.name = "CN"},
	[25] = {.name = "CelB"},
	[26] = {.name = "JPEG"},
	[28] = {.name = "nv"},
	[31] = {.name = "H261"},
	[32] = {.name = "MPV"},
	[33] = {.name = "MP2T"},
	[34] = {.name = "H263"},
};

static const struct codec *find_name(const char *name)
{
	for (size_t i = 0; *name && i < ARRAY_SIZE(codecs); i++)
		if (codecs[i].name && !strcmp(codecs[i].name, name))
			return &codecs[i];
	return NULL;
}

const struct codec *codec_find(uint8_t payload_type, const struct agfeo_payload_types *given)
{
	if (payload_type >= AGFEO_FIRST_DYNAMIC)
		return find_name(encoding_name(agfeo_encoding_of(given, payload_type)));
	if (payload_type >= ARRAY_SIZE(codecs) || !codecs[payload_type].name)
		return NULL;
	return &codecs[payload_type];
}

const char *codec_format(uint8_t payload_type, uint32_t clock_rate,
			 const struct agfeo_payload_types *given, char *text)
{
	const char *name = encoding_name(agfeo_encoding_of(given, payload_type));
	const struct codec *codec = codec_find(payload_type, given);

	if (codec || *name)
		return strcpy(text, codec ? codec->name : name);
	if (payload_type < AGFEO_FIRST_DYNAMIC)
		snprintf(text, CODEC_TEXT, "type %u", payload_type);
	else if (clock_rate)
		snprintf(text, CODEC_TEXT, "dynamic/%u", clock_rate);
	else if (payload_type == TELEPHONE_EVENT)
		snprintf(text, CODEC_TEXT, "telephone-event");
	else
		snprintf(text, CODEC_TEXT, "dynamic");
	return text;
}
