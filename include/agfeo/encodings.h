/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a dynamic payload type (RFC 3551: 96 to 127) can be given as, `payload-types = 96 opus/48000`:
 * the encodings that telephones speak, with the rate of their RTP clock and their names as in SDP. The
 * datapath asks for rate and kind, people for the name. A row's number is kept with the streams that
 * run: rows are only added, at the end.
 */
#ifndef AGFEO_ENCODINGS_H
#define AGFEO_ENCODINGS_H

#include <agfeo/types.h>

#define AGFEO_FIRST_DYNAMIC 96
#define AGFEO_DYNAMIC_TYPES 32

enum agfeo_encoding_kind {
	AGFEO_ENCODING_AUDIO,
	AGFEO_ENCODING_EVENT, /* RFC 4733: its timestamp stands still */
	AGFEO_ENCODING_NOISE, /* RFC 3389 */
};

/* X(number's name, name in SDP, clock rate, kind). Without a name: only the clock is known. */
#define AGFEO_ENCODINGS(X)                                                                         \
	X(CLOCK_8000, "", 8000, AUDIO)                                                             \
	X(CLOCK_11025, "", 11025, AUDIO)                                                           \
	X(CLOCK_12000, "", 12000, AUDIO)                                                           \
	X(CLOCK_16000, "", 16000, AUDIO)                                                           \
	X(CLOCK_22050, "", 22050, AUDIO)                                                           \
	X(CLOCK_24000, "", 24000, AUDIO)                                                           \
	X(CLOCK_32000, "", 32000, AUDIO)                                                           \
	X(CLOCK_44100, "", 44100, AUDIO)                                                           \
	X(CLOCK_48000, "", 48000, AUDIO)                                                           \
	X(CLOCK_90000, "", 90000, AUDIO)                                                           \
	X(TELEPHONE_EVENT_8000, "telephone-event", 8000, EVENT)                                    \
	X(TELEPHONE_EVENT_16000, "telephone-event", 16000, EVENT)                                  \
	X(TELEPHONE_EVENT_32000, "telephone-event", 32000, EVENT)                                  \
	X(TELEPHONE_EVENT_48000, "telephone-event", 48000, EVENT)                                  \
	X(CN_8000, "CN", 8000, NOISE)                                                              \
	X(CN_16000, "CN", 16000, NOISE)                                                            \
	X(CN_32000, "CN", 32000, NOISE)                                                            \
	X(CN_48000, "CN", 48000, NOISE)                                                            \
	X(OPUS, "opus", 48000, AUDIO)                                                              \
	X(PCMU, "PCMU", 8000, AUDIO)                                                               \
	X(PCMA, "PCMA", 8000, AUDIO)                                                               \
	X(PCMU_WB, "PCMU-WB", 16000, AUDIO)                                                        \
	X(PCMA_WB, "PCMA-WB", 16000, AUDIO)                                                        \
	X(G722, "G722", 8000, AUDIO)                                                               \
	X(G7221_16000, "G7221", 16000, AUDIO)                                                      \
	X(G7221_32000, "G7221", 32000, AUDIO)                                                      \
	X(G723, "G723", 8000, AUDIO)                                                               \
	X(G726_16, "G726-16", 8000, AUDIO)                                                         \
	X(G726_24, "G726-24", 8000, AUDIO)                                                         \
	X(G726_32, "G726-32", 8000, AUDIO)                                                         \
	X(G726_40, "G726-40", 8000, AUDIO)                                                         \
	X(AAL2_G726_32, "AAL2-G726-32", 8000, AUDIO)                                               \
	X(G728, "G728", 8000, AUDIO)                                                               \
	X(G729, "G729", 8000, AUDIO)                                                               \
	X(G7291, "G7291", 16000, AUDIO)                                                            \
	X(GSM, "GSM", 8000, AUDIO)                                                                 \
	X(GSM_EFR, "GSM-EFR", 8000, AUDIO)                                                         \
	X(ILBC, "iLBC", 8000, AUDIO)                                                               \
	X(ISAC_16000, "iSAC", 16000, AUDIO)                                                        \
	X(ISAC_32000, "iSAC", 32000, AUDIO)                                                        \
	X(AMR, "AMR", 8000, AUDIO)                                                                 \
	X(AMR_WB, "AMR-WB", 16000, AUDIO)                                                          \
	X(EVS, "EVS", 16000, AUDIO)                                                                \
	X(SPEEX_8000, "speex", 8000, AUDIO)                                                        \
	X(SPEEX_16000, "speex", 16000, AUDIO)                                                      \
	X(SPEEX_32000, "speex", 32000, AUDIO)                                                      \
	X(SILK_8000, "SILK", 8000, AUDIO)                                                          \
	X(SILK_12000, "SILK", 12000, AUDIO)                                                        \
	X(SILK_16000, "SILK", 16000, AUDIO)                                                        \
	X(SILK_24000, "SILK", 24000, AUDIO)                                                        \
	X(L16_8000, "L16", 8000, AUDIO)                                                            \
	X(L16_16000, "L16", 16000, AUDIO)                                                          \
	X(L16_44100, "L16", 44100, AUDIO)                                                          \
	X(L16_48000, "L16", 48000, AUDIO)                                                          \
	X(CLEARMODE, "CLEARMODE", 8000, AUDIO)                                                     \
	X(RED, "red", 8000, AUDIO)

enum agfeo_encoding {
	AGFEO_ENCODING_NONE, /* nothing was given */
#define X(id, name, rate, kind) AGFEO_ENCODING_##id,
	AGFEO_ENCODINGS(X)
#undef X
		AGFEO_ENCODING_COUNT,
};

/* By payload type, from AGFEO_FIRST_DYNAMIC on: enum agfeo_encoding. */
struct agfeo_payload_types {
	__u8 encoding[AGFEO_DYNAMIC_TYPES];
};

_Static_assert(AGFEO_ENCODING_COUNT <= 255, "an encoding fits a byte");

static inline __u8 agfeo_encoding_of(const struct agfeo_payload_types *types, __u8 payload_type)
{
	if (payload_type < AGFEO_FIRST_DYNAMIC)
		return AGFEO_ENCODING_NONE;
	return types->encoding[(payload_type - AGFEO_FIRST_DYNAMIC) & (AGFEO_DYNAMIC_TYPES - 1)];
}

#endif
