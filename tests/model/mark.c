/* SPDX-License-Identifier: GPL-2.0 */
/* DSCP and the evidence of voice; see mark.h. */
#include "mark.h"

#define MAX_MISORDER	100
#define MAX_DROPOUT	3000
#define SUSPECT_MOST	8
#define SUSPECT_BAD	2
#define SUSPECT_DEMOTED 4

uint8_t mark_read(const struct wire *wire, const uint8_t *frame)
{
	const uint8_t *ip = frame + wire->ip;

	if (wire->tuple.family == FAMILY_V4)
		return ip[1] >> 2;
	return (uint8_t)((ip[0] & 0x0f) << 2 | ip[1] >> 6);
}

/* RFC 1624, equation 3, over the 16-bit word that holds the DSCP. */
static void correct_checksum(uint8_t *ip, uint16_t before, uint16_t after)
{
	uint32_t sum = (uint16_t)~wire_u16(ip + 10);

	sum += (uint16_t)~before;
	sum += after;
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~sum;
	ip[10] = (uint8_t)(sum >> 8);
	ip[11] = (uint8_t)sum;
}

void mark_write(const struct wire *wire, uint8_t *frame, uint8_t dscp)
{
	uint8_t *ip = frame + wire->ip;

	if (mark_read(wire, frame) == dscp)
		return;
	if (wire->tuple.family == FAMILY_V4) {
		uint16_t before = wire_u16(ip);

		ip[1] = (uint8_t)(dscp << 2 | (ip[1] & 0x03));
		correct_checksum(ip, before, wire_u16(ip));
	} else {
		ip[0] = (uint8_t)((ip[0] & 0xf0) | dscp >> 2);
		ip[1] = (uint8_t)(dscp << 6 | (ip[1] & 0x3f));
	}
}

void mark_tags(const struct wire *wire, uint8_t *frame, uint8_t dscp)
{
	for (size_t i = 0; i < wire->tag_count; i++)
		frame[wire->tags[i]] = (uint8_t)((frame[wire->tags[i]] & 0x1f) | dscp >> 3 << 5);
}

/* RFC 3550, 5.1: what the header says that it has must be there. RFC 5761, 4: types 64 to 95 are no
 * RTP, since with the marker they would read as RTCP. */
static bool is_rtp(const uint8_t *payload, size_t length)
{
	unsigned type = payload[1] & 0x7f;
	size_t header = 12 + 4 * (size_t)(payload[0] & 0x0f);

	if (payload[0] & 0x10) {
		if (header + 4 > length)
			return false;
		header += 4 + 4 * (size_t)wire_u16(payload + header + 2);
	}
	return (type < 64 || type > 95) && header <= length;
}

/* RFC 3550, 6.4.1: the length is in words less one. */
static bool is_rtcp(const uint8_t *payload, size_t length)
{
	return payload[1] >= 192 && payload[1] <= 223 &&
	       4 * ((size_t)wire_u16(payload + 2) + 1) <= length;
}

enum voice_kind voice_kind(const uint8_t *payload, size_t length)
{
	if (length < 8 || payload[0] >> 6 != 2)
		return VOICE_NOT;
	if (is_rtcp(payload, length))
		return VOICE_RTCP;
	return is_rtp(payload, length) ? VOICE_RTP : VOICE_NOT;
}

static bool continues(const struct rtp_state *state, uint32_t ssrc, uint16_t sequence)
{
	int step = (int16_t)(sequence - state->sequence);

	return ssrc == state->ssrc && step >= -MAX_MISORDER && step <= MAX_DROPOUT;
}

static void weigh(struct rtp_state *state, const uint8_t *rtp)
{
	uint16_t sequence = wire_u16(rtp + 2);
	uint32_t ssrc = wire_u32(rtp + 8);

	if (state->known && !continues(state, ssrc, sequence))
		state->suspect += SUSPECT_BAD;
	else if (state->suspect)
		state->suspect--;
	if (state->suspect > SUSPECT_MOST)
		state->suspect = SUSPECT_MOST;
	state->known = true;
	state->ssrc = ssrc;
	state->sequence = sequence;
}

bool voice_is_believed(struct rtp_state *state, const struct wire *wire, bool weighs)
{
	enum voice_kind kind = voice_kind(wire->payload, wire->payload_length);

	if (kind == VOICE_NOT)
		return false;
	if (kind == VOICE_RTP && weighs)
		weigh(state, wire->payload);
	return state->suspect < SUSPECT_DEMOTED;
}
