/* SPDX-License-Identifier: GPL-2.0 */
/* Bound addresses, budgets of new flows, and monitor mode. */
#include "vocabulary.h"

#define OWN "mac 00:09:40:12:34:56 "

/* clang-format off */
static const struct row rows[] = {
	{ "an address that is bound to a MAC", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.22:5060 > 192.168.10.2:5060",          DROP(SPOOFED) },
		{ XDP, OWN "udp 192.168.10.22:5060 > 192.168.10.2:5060",      PASS(LISTED), KEEP },
		{ XDP, "udp 192.168.10.22:5060 > 192.168.10.2:5060",          DROP(SPOOFED) },
		{ XDP, "icmp 192.168.10.22 > 192.168.10.2 type 8 id 1",       DROP(SPOOFED) },
		{ TC,  "udp 192.168.10.2:5060 > 192.168.10.22:5060",          PASS(FLOW),   KEEP },
		{ XDP, "udp 192.168.10.22:68 > 192.168.10.1:67",              DROP(SPOOFED) },
		{ XDP, OWN "udp 192.168.10.22:68 > 192.168.10.1:67",          PASS(CONTROL), KEEP },
		{ XDP, "ip 2 192.168.10.22 > 224.0.0.22",                     DROP(SPOOFED) },
	} },
	{ "a source may open 4 s of its new flows at once", NARROW, .steps = {
		{ TC,  "udp 192.168.20.5:1001 > 192.168.10.2:5060",           PASS(LISTED), KEEP },
		{ TC,  "udp 192.168.20.5:1002 > 192.168.10.2:5060",           PASS(LISTED), KEEP },
		{ TC,  "udp 192.168.20.5:1003 > 192.168.10.2:5060",           PASS(LISTED), KEEP },
		{ TC,  "udp 192.168.20.5:1004 > 192.168.10.2:5060",           PASS(LISTED), KEEP },
		{ TC,  "tcp 192.168.20.5:1005 > 192.168.10.2:80 syn",         PASS(LISTED), KEEP },
		{ TC,  "icmp 192.168.20.5 > 192.168.10.2 type 8 id 6",        PASS(ECHO),   KEEP },
		{ TC,  "udp 192.168.20.5:1007 > 192.168.10.2:5060",           PASS(LISTED), KEEP },
		{ TC,  "udp 192.168.20.5:1008 > 192.168.10.2:5060",           PASS(LISTED), KEEP },
		{ TC,  "udp 192.168.20.5:1009 > 192.168.10.2:5060",           DROP(RATE) },
		{ TC,  "udp 192.168.20.5:1010 > 192.168.10.2:1010",           DROP(NOT_LISTED) },
		{ TC,  "udp 192.168.20.5:1001 > 192.168.10.2:5060",           PASS(FLOW),   KEEP },
		{ TC,  "udp 192.168.20.6:1001 > 192.168.10.2:5060",           PASS(LISTED), KEEP },
		{ TC,  "udp 192.168.20.5:1009 > 192.168.10.2:5060",           PASS(LISTED), KEEP, SECONDS(1) },
	} },
	{ "all of the internet together has twice that", NARROW, .steps = {
		{ TC,  "udp 198.51.100.9:4000 > 192.168.10.3:5004 rtp 1",     PASS(LISTED), EF },
		{ TC,  "udp 198.51.100.9:4001 > 192.168.10.3:5004 rtp 1",     PASS(LISTED), EF },
		{ TC,  "udp 198.51.100.9:4002 > 192.168.10.3:5004 rtp 1",     PASS(LISTED), EF },
		{ TC,  "udp 198.51.100.9:4003 > 192.168.10.3:5004 rtp 1",     PASS(LISTED), EF },
		{ TC,  "udp 198.51.100.9:4004 > 192.168.10.3:5004 rtp 1",     PASS(LISTED), EF },
		{ TC,  "udp 198.51.100.9:4005 > 192.168.10.3:5004 rtp 1",     PASS(LISTED), EF },
		{ TC,  "udp 198.51.100.9:4006 > 192.168.10.3:5004 rtp 1",     PASS(LISTED), EF },
		{ TC,  "udp 198.51.100.9:4007 > 192.168.10.3:5004 rtp 1",     PASS(LISTED), EF },
		{ TC,  "udp 198.51.100.10:4000 > 192.168.10.3:5006 rtp 1",    PASS(LISTED), EF, .after_ms = 1 },
		{ TC,  "udp 198.51.100.11:4000 > 192.168.10.3:5006 rtp 1",    PASS(LISTED), EF },
		{ TC,  "udp 198.51.100.12:4000 > 192.168.10.3:5006 rtp 1",    PASS(LISTED), EF },
		{ TC,  "udp 217.10.64.9:4000 > 192.168.10.2:5204 rtp 1",      PASS(LISTED), EF },
	} },
	{ "one stranger who floods does not use up what all have together", NARROW, .steps = {
		{ TC,  "udp 198.51.100.9:4000 > 192.168.10.3:5004 rtp 1",     PASS(LISTED), EF },
		{ TC,  "udp 198.51.100.9:4001 > 192.168.10.3:5004 rtp 1",     PASS(LISTED), EF },
		{ TC,  "udp 198.51.100.9:4002 > 192.168.10.3:5004 rtp 1",     PASS(LISTED), EF },
		{ TC,  "udp 198.51.100.9:4003 > 192.168.10.3:5004 rtp 1",     PASS(LISTED), EF },
		{ TC,  "udp 198.51.100.9:4004 > 192.168.10.3:5004 rtp 1",     PASS(LISTED), EF },
		{ TC,  "udp 198.51.100.9:4005 > 192.168.10.3:5004 rtp 1",     PASS(LISTED), EF },
		{ TC,  "udp 198.51.100.9:4006 > 192.168.10.3:5004 rtp 1",     PASS(LISTED), EF },
		{ TC,  "udp 198.51.100.9:4007 > 192.168.10.3:5004 rtp 1",     PASS(LISTED), EF },
		{ TC,  "udp 198.51.100.9:4008 > 192.168.10.3:5004 rtp 1",     DROP(RATE), .after_ms = 1, .times = 12 },
		{ TC,  "udp 198.51.100.10:4000 > 192.168.10.3:5006 rtp 1",    PASS(LISTED), EF },
	} },
	{ "a system's own calls are not held up by strangers", NARROW, .steps = {
		{ XDP, "udp 192.168.10.3:5004 > 198.51.100.9:4000 rtp 1",     PASS(LISTED), EF },
		{ TC,  "udp 198.51.100.9:4000 > 192.168.10.3:5004 rtp 1",     PASS(FLOW),   EF },
	} },
	{ "a provider's account that a forged address used up stops no call of the system", NARROW, .steps = {
		{ TC,  "udp 217.10.64.9:4000 > 192.168.10.2:5204 rtp 1",      PASS(LISTED), EF },
		{ TC,  "udp 217.10.64.9:4001 > 192.168.10.2:5204 rtp 1",      PASS(LISTED), EF },
		{ TC,  "udp 217.10.64.9:4002 > 192.168.10.2:5204 rtp 1",      PASS(LISTED), EF },
		{ TC,  "udp 217.10.64.9:4003 > 192.168.10.2:5204 rtp 1",      PASS(LISTED), EF },
		{ TC,  "udp 217.10.64.9:4004 > 192.168.10.2:5204 rtp 1",      PASS(LISTED), EF },
		{ TC,  "udp 217.10.64.9:4005 > 192.168.10.2:5204 rtp 1",      PASS(LISTED), EF },
		{ TC,  "udp 217.10.64.9:4006 > 192.168.10.2:5204 rtp 1",      PASS(LISTED), EF },
		{ TC,  "udp 217.10.64.9:4007 > 192.168.10.2:5204 rtp 1",      PASS(LISTED), EF },
		{ TC,  "udp 217.10.64.9:4008 > 192.168.10.2:5204 rtp 1",      DROP(RATE) },
		{ TC,  "udp 217.10.64.9:4000 > 192.168.10.2:5204 rtp 2",      PASS(FLOW),   EF },
		{ TC,  "udp 217.10.64.9:4100 > 192.168.10.2:5206 rtp 1",      DROP(RATE) },
		{ XDP, "udp 192.168.10.2:5206 > 217.10.64.9:4100 rtp 1",      PASS(LISTED), EF },
		{ TC,  "udp 217.10.64.9:4100 > 192.168.10.2:5206 rtp 2",      PASS(FLOW),   EF },
		{ TC,  "udp 217.10.64.10:4100 > 192.168.10.2:5208 rtp 1",     PASS(LISTED), EF },
	} },
	{ "monitor: judged and counted the same, and nothing is dropped", WATCHED, .steps = {
		{ TC,  "tcp 198.51.100.9:4000 > 192.168.10.2:80 syn",         AGFEO_PASS, AGFEO_REASON_SCOPE, KEEP },
		{ TC,  "udp 192.168.20.5:9 > 192.168.10.2:9",                 AGFEO_PASS, AGFEO_REASON_NOT_LISTED, KEEP },
		{ XDP, "udp 192.168.10.22:5060 > 192.168.10.2:5060",          AGFEO_PASS, AGFEO_REASON_SPOOFED, KEEP },
		{ XDP, "udp 192.168.10.2:0 > 217.10.64.9:5060",               AGFEO_PASS, AGFEO_REASON_MALFORMED, KEEP },
	} },
	{ "monitor of one device", OFFICE, .steps = {
		{ TC,  "tcp 198.51.100.9:4000 > 192.168.10.24:80 syn",        AGFEO_PASS, AGFEO_REASON_SCOPE, KEEP },
		{ TC,  "tcp 198.51.100.9:4000 > 192.168.10.3:80 syn",         DROP(SCOPE) },
		{ XDP, "udp 192.168.10.24:5004 > 217.10.64.9:4000 rtp 1",     PASS(LISTED), KEEP },
	} },
	{ "monitor of one device: what no list is asked about is the first end's", OFFICE, .steps = {
		{ TC,  "udp 192.168.10.24:0 > 192.168.10.21:9",               AGFEO_PASS, AGFEO_REASON_MALFORMED, KEEP },
		{ TC,  "udp 192.168.10.21:0 > 192.168.10.24:9",               DROP(MALFORMED) },
		{ TC,  "udp 192.168.20.5:0 > 192.168.10.24:9",                AGFEO_PASS, AGFEO_REASON_MALFORMED, KEEP },
	} },
};
/* clang-format on */

const struct row_list rows_guards = {rows, ARRAY_SIZE(rows)};
