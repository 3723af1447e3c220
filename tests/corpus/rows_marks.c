/* SPDX-License-Identifier: GPL-2.0 */
/* What a packet's DSCP is when it leaves: EF for voice by evidence, and for nothing else. */
#include "vocabulary.h"

#define OUT  "udp 192.168.10.2:5204 > 217.10.64.9:30000 "
#define IN   "udp 217.10.64.9:30000 > 192.168.10.2:5204 "
#define OUT6 "udp [fd00:10::2]:5204 > [2001:db8:217::9]:30000 "
#define SIP  "udp 192.168.10.2:5064 > 217.10.64.9:5060 "
#define CS3  24
#define CS0  0

/* clang-format off */
static const struct row rows[] = {
	{ "voice is EF from the first packet, whatever it came with", OFFICE, .steps = {
		{ XDP, OUT "rtp 1",                                           PASS(LISTED), EF },
		{ XDP, "dscp 46 " OUT "rtp 2",                                PASS(FLOW),   EF },
		{ XDP, "dscp 8 " OUT "rtp 3",                                 PASS(FLOW),   EF },
		{ TC,  IN "rtp 900",                                          PASS(FLOW),   EF },
		{ XDP, OUT6 "rtp 1",                                          PASS(LISTED), EF },
		{ XDP, "dscp 63 " OUT6 "rtp 2",                               PASS(FLOW),   EF },
	} },
	{ "ECN stays", OFFICE, .steps = {
		{ XDP, "ecn 1 " OUT "rtp 1",                                  PASS(LISTED), EF },
		{ XDP, "ecn 2 " OUT "rtp 2",                                  PASS(FLOW),   EF },
		{ XDP, "ecn 3 " OUT "rtp 3",                                  PASS(FLOW),   EF },
		{ XDP, "ecn 3 " OUT6 "rtp 1",                                 PASS(LISTED), EF },
	} },
	{ "inside tags, PPPoE and behind options and extension headers", OFFICE, .steps = {
		{ XDP, "vlan 7 " OUT "rtp 1",                                 PASS(LISTED), EF },
		{ XDP, "vlan 100@0x88a8 vlan 7 " OUT "rtp 2",                 PASS(FLOW),   EF },
		{ XDP, "pppoe " OUT "rtp 3",                                  PASS(FLOW),   EF },
		{ XDP, "vlan 7 pppoe options 2 " OUT "rtp 4",                 PASS(FLOW),   EF },
		{ XDP, "vlan 7 ext 0,60 " OUT6 "rtp 1",                       PASS(LISTED), EF },
	} },
	{ "RTCP is voice", OFFICE, .steps = {
		{ XDP, OUT "rtcp",                                            PASS(LISTED), EF },
		{ XDP, OUT "rtp 1",                                           PASS(FLOW),   EF },
		{ XDP, OUT "rtcp",                                            PASS(FLOW),   EF },
	} },
	{ "what is neither passes and is not promoted", OFFICE, .steps = {
		{ XDP, OUT "stun",                                            PASS(LISTED), KEEP },
		{ XDP, OUT "size 100",                                        PASS(FLOW),   KEEP },
		{ XDP, OUT "size 0",                                          PASS(FLOW),   KEEP },
		{ XDP, OUT "rtp 1",                                           PASS(FLOW),   EF },
	} },
	{ "a stream whose sequence does not hold is demoted", OFFICE, .steps = {
		{ XDP, OUT "rtp 1",                                           PASS(LISTED), EF },
		{ XDP, OUT "rtp 20001",                                       PASS(FLOW),   EF },
		{ XDP, OUT "rtp 40002",                                       PASS(FLOW),   KEEP },
		{ XDP, OUT "rtp 40003",                                       PASS(FLOW),   EF },
		{ XDP, OUT "rtp 40004",                                       PASS(FLOW),   EF },
	} },
	{ "and one whose source changes with every packet", OFFICE, .steps = {
		{ XDP, OUT "rtp 1 ssrc 1",                                    PASS(LISTED), EF },
		{ XDP, OUT "rtp 2 ssrc 2",                                    PASS(FLOW),   EF },
		{ XDP, OUT "rtp 3 ssrc 3",                                    PASS(FLOW),   KEEP },
		{ XDP, OUT "rtp 4 ssrc 4",                                    PASS(FLOW),   KEEP },
		{ TC,  IN "rtp 1 ssrc 9",                                     PASS(FLOW),   EF },
	} },
	{ "loss, reordering and a wrap of the sequence are no reason", OFFICE, .steps = {
		{ XDP, OUT "rtp 65000",                                       PASS(LISTED), EF },
		{ XDP, OUT "rtp 65100",                                       PASS(FLOW),   EF },
		{ XDP, OUT "rtp 65050",                                       PASS(FLOW),   EF },
		{ XDP, OUT "rtp 65534",                                       PASS(FLOW),   EF },
		{ XDP, OUT "rtp 20",                                          PASS(FLOW),   EF },
		{ XDP, OUT "rtp 3000",                                        PASS(FLOW),   EF },
	} },
	{ "one change of source is a call that was transferred", OFFICE, .steps = {
		{ TC,  IN "rtp 1 ssrc 1",                                     PASS(LISTED), EF },
		{ TC,  IN "rtp 9000 ssrc 2",                                  PASS(FLOW),   EF },
		{ TC,  IN "rtp 9001 ssrc 2",                                  PASS(FLOW),   EF, .times = 5 },
		{ TC,  IN "rtp 1 ssrc 3",                                     PASS(FLOW),   EF },
	} },
	{ "signalling and the rest keep what they came with", OFFICE, .steps = {
		{ XDP, "dscp 24 " SIP,                                        PASS(LISTED), CS3 },
		{ XDP, "dscp 46 udp 192.168.10.2:40000 > 198.51.100.53:53",   PASS(LISTED), EF },
	} },
	{ "bleach: EF is for voice", BLEACHED, .steps = {
		{ XDP, "dscp 46 udp 192.168.10.2:40000 > 198.51.100.53:53",   PASS(LISTED), CS0 },
		{ TC,  "dscp 46 udp 198.51.100.53:53 > 192.168.10.2:40000",   PASS(FLOW),   CS0 },
		{ XDP, "dscp 34 udp 192.168.10.2:40000 > 198.51.100.53:53",   PASS(FLOW),   KEEP },
		{ XDP, "dscp 46 " OUT "size 100",                             PASS(LISTED), CS0 },
		{ XDP, "dscp 46 " OUT "rtp 1",                                PASS(FLOW),   EF },
		{ XDP, "dscp 46 ecn 3 tcp 192.168.10.2:4 > 198.51.100.9:53 syn", PASS(LISTED), CS0 },
		{ TC,  "dscp 46 udp 192.168.20.5:1 > 198.51.100.9:1",         PASS(NO_DEVICE), EF },
	} },
	{ "signalling = cs3", BLEACHED, .steps = {
		{ XDP, SIP,                                                   PASS(LISTED), CS3 },
		{ TC,  "dscp 46 udp 217.10.64.9:5060 > 192.168.10.2:5064",    PASS(FLOW),   CS3 },
		{ XDP, "tcp 192.168.10.23:2153 > 192.168.10.2:5904 syn",      PASS(LISTED), CS3 },
	} },
	{ "monitor: nothing is re-marked", WATCHED, .steps = {
		{ XDP, OUT "rtp 1",                                           PASS(LISTED), CS0 },
		{ TC,  "dscp 8 " IN "rtp 1",                                  PASS(FLOW),   8 },
	} },
};
/* clang-format on */

const struct row_list rows_marks = {rows, ARRAY_SIZE(rows)};
