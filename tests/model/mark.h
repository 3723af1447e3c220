/* SPDX-License-Identifier: GPL-2.0 */
/* DSCP: what a packet carries, what it should carry, and writing it. */
#ifndef TESTS_MODEL_MARK_H
#define TESTS_MODEL_MARK_H

#include "state.h"

uint8_t mark_read(const struct wire *wire, const uint8_t *frame);

/* Sets the DSCP; ECN stays, the IPv4 checksum follows. */
void mark_write(const struct wire *wire, uint8_t *frame, uint8_t dscp);
/* Sets the 802.1Q priority of inline tags to that of the DSCP: its upper three bits. */
void mark_tags(const struct wire *wire, uint8_t *frame, uint8_t dscp);

enum voice_kind { VOICE_NOT, VOICE_RTP, VOICE_RTCP };

/* By header alone: RFC 3550, told apart as RFC 7983 and RFC 5761 say. */
enum voice_kind voice_kind(const uint8_t *payload, size_t length);

/* Whether the packet and its direction deserve the voice mark. weighs: take it into account. */
bool voice_is_believed(struct rtp_state *state, const struct wire *wire, bool weighs);

#endif
