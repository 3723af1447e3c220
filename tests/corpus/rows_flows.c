/* SPDX-License-Identifier: GPL-2.0 */
/* What a flow allows, how long it lives, and answers that come from somewhere else. */
#include "vocabulary.h"

/* clang-format off */
static const struct row rows[] = {
	{ "an answer passes only from the address and port that were asked", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.2:5064 > 217.10.64.9:5060",            PASS(LISTED),    KEEP },
		{ TC,  "udp 217.10.64.9:5060 > 192.168.10.2:5064",            PASS(FLOW),      KEEP },
		{ TC,  "udp 217.10.64.9:5061 > 192.168.10.2:5064",            DROP(DIRECTION) },
		{ TC,  "udp 217.10.64.10:5060 > 192.168.10.2:5064",           DROP(DIRECTION) },
		{ TC,  "udp 217.10.64.9:5060 > 192.168.10.2:5065",            DROP(DIRECTION) },
	} },
	{ "the ports of a flow may not be exchanged", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.2:5064 > 217.10.64.9:5070",            PASS(LISTED),    KEEP },
		{ TC,  "udp 217.10.64.9:5064 > 192.168.10.2:5070",            DROP(DIRECTION) },
	} },
	{ "what is refused leaves nothing behind", OFFICE, .steps = {
		{ TC,  "udp 217.10.64.9:5060 > 192.168.10.2:5064",            DROP(DIRECTION) },
		{ TC,  "udp 217.10.64.9:5060 > 192.168.10.2:5064",            DROP(DIRECTION) },
		{ XDP, "udp 192.168.10.2:5064 > 217.10.64.9:5060",            PASS(LISTED),    KEEP },
	} },
	{ "DNS without an answer is forgotten after 30 s", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.2:40000 > 198.51.100.53:53",           PASS(LISTED),    KEEP },
		{ TC,  "udp 198.51.100.53:53 > 192.168.10.2:40000",           DROP(DIRECTION), SECONDS(31) },
	} },
	{ "and answered after 300 s", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.2:40000 > 198.51.100.53:53",           PASS(LISTED),    KEEP },
		{ TC,  "udp 198.51.100.53:53 > 192.168.10.2:40000",           PASS(FLOW),      KEEP, SECONDS(29) },
		{ TC,  "udp 198.51.100.53:53 > 192.168.10.2:40000",           PASS(FLOW),      KEEP, SECONDS(299) },
		{ TC,  "udp 198.51.100.53:53 > 192.168.10.2:40000",           DROP(DIRECTION), SECONDS(301) },
	} },
	{ "signalling outlives a registration of an hour", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.2:5064 > 217.10.64.9:5060",            PASS(LISTED),    KEEP },
		{ TC,  "udp 217.10.64.9:5060 > 192.168.10.2:5064",            PASS(FLOW),      KEEP },
		{ TC,  "udp 217.10.64.9:5060 > 192.168.10.2:5064",            PASS(FLOW),      KEEP, SECONDS(3650) },
		{ TC,  "udp 217.10.64.9:5060 > 192.168.10.2:5064",            DROP(DIRECTION), SECONDS(3701) },
	} },
	{ "voice is over after a minute of silence", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.21:10000 > 217.10.64.9:4000 rtp 1",    PASS(LISTED),    EF },
		{ TC,  "udp 217.10.64.9:4000 > 192.168.10.21:10000 rtp 1",    PASS(FLOW),      EF },
		{ TC,  "udp 217.10.64.9:4000 > 192.168.10.21:10000 rtp 2",    PASS(FLOW),      EF, SECONDS(59) },
		{ TC,  "udp 217.10.64.9:4000 > 192.168.10.21:10000 rtp 3",    PASS(LISTED),    EF, SECONDS(61) },
	} },
	{ "the silence of one end does not end a flow", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.2:40000 > 198.51.100.53:53",           PASS(LISTED),    KEEP },
		{ TC,  "udp 198.51.100.53:53 > 192.168.10.2:40000",           PASS(FLOW),      KEEP },
		{ XDP, "udp 192.168.10.2:40000 > 198.51.100.53:53",           PASS(FLOW),      KEEP, SECONDS(200) },
		{ XDP, "udp 192.168.10.2:40000 > 198.51.100.53:53",           PASS(FLOW),      KEEP, SECONDS(200) },
		{ TC,  "udp 198.51.100.53:53 > 192.168.10.2:40000",           PASS(FLOW),      KEEP, SECONDS(200) },
	} },
	{ "TFTP answers from a port of its own", OFFICE, .steps = {
		{ TC,  "udp 192.168.20.5:2000 > 192.168.10.21:40000",         DROP(NOT_LISTED) },
		{ XDP, "udp 192.168.10.21:40000 > 192.168.20.5:69",           PASS(LISTED),    KEEP },
		{ TC,  "udp 192.168.20.5:2000 > 192.168.10.21:40000",         PASS(EXPECTED),  KEEP },
		{ XDP, "udp 192.168.10.21:40000 > 192.168.20.5:2000",         PASS(FLOW),      KEEP },
		{ TC,  "udp 192.168.20.6:2000 > 192.168.10.21:40000",         DROP(NOT_LISTED) },
		{ TC,  "udp 192.168.20.5:2000 > 192.168.10.21:40001",         DROP(NOT_LISTED) },
	} },
	{ "but only while the request is remembered", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.21:40000 > 192.168.20.5:69",           PASS(LISTED),    KEEP },
		{ TC,  "udp 192.168.20.5:2000 > 192.168.10.21:40000",         DROP(NOT_LISTED), SECONDS(31) },
	} },
	{ "every request to port 69 expects an answer, not the first only", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.21:40000 > 192.168.20.5:69",           PASS(LISTED),    KEEP },
		{ XDP, "udp 192.168.10.21:40000 > 192.168.20.5:69",           PASS(FLOW),      KEEP, SECONDS(20) },
		{ XDP, "udp 192.168.10.21:40000 > 192.168.20.5:69",           PASS(FLOW),      KEEP, SECONDS(20) },
		{ TC,  "udp 192.168.20.5:2000 > 192.168.10.21:40000",         PASS(EXPECTED),  KEEP },
	} },
	{ "a transfer lives as other UDP does: 300 s once both have sent", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.21:40000 > 192.168.20.5:69",           PASS(LISTED),    KEEP },
		{ TC,  "udp 192.168.20.5:2000 > 192.168.10.21:40000",         PASS(EXPECTED),  KEEP },
		{ XDP, "udp 192.168.10.21:40000 > 192.168.20.5:2000",         PASS(FLOW),      KEEP },
		{ XDP, "udp 192.168.10.21:40000 > 192.168.20.5:2000",         PASS(FLOW),      KEEP, SECONDS(290) },
	} },
	{ "the AGFEO tool searches by broadcast: answers come from the port it asked", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.2:12189 > 192.168.20.5:3000",          DROP(DIRECTION) },
		{ TC,  "udp 192.168.20.5:3000 > 255.255.255.255:12189",       PASS(NO_DEVICE), KEEP },
		{ XDP, "udp 192.168.10.2:12189 > 192.168.20.5:3000",          PASS(EXPECTED),  KEEP },
		{ TC,  "udp 192.168.20.5:3000 > 192.168.10.2:12189",          PASS(FLOW),      KEEP },
		{ XDP, "udp 192.168.10.2:12189 > 192.168.20.5:3001",          DROP(DIRECTION) },
		{ XDP, "udp 192.168.10.2:12188 > 192.168.20.5:3000",          DROP(NOT_LISTED) },
		{ XDP, "udp 192.168.10.2:5204 > 192.168.20.5:3000",           PASS(LISTED),    KEEP },
	} },
	{ "a device answers a search only from the port at which it is found", OFFICE, .steps = {
		{ TC,  "udp 192.168.20.5:3000 > 255.255.255.255:12187",       PASS(NO_DEVICE), KEEP },
		{ XDP, "udp 192.168.10.2:12187 > 192.168.20.5:3000",          DROP(NOT_LISTED) },
		{ XDP, "udp 192.168.10.21:12187 > 192.168.20.5:3000",         DROP(NOT_LISTED) },
	} },
	{ "for 30 s", OFFICE, .steps = {
		{ TC,  "udp 192.168.20.5:3000 > 255.255.255.255:12189",       PASS(NO_DEVICE), KEEP },
		{ XDP, "udp 192.168.10.2:12189 > 192.168.20.5:3000",          DROP(DIRECTION), SECONDS(31) },
	} },
	{ "a search from outside the site opens nothing", OFFICE, .steps = {
		{ TC,  "udp 198.51.100.9:3000 > 255.255.255.255:12189",       PASS(NO_DEVICE), KEEP },
		{ XDP, "udp 192.168.10.2:12189 > 198.51.100.9:3000",          DROP(DIRECTION) },
	} },
	{ "DHCP, for devices and for all others", CLOSED, .steps = {
		{ TC,  "udp 0.0.0.0:68 > 255.255.255.255:67",                 PASS(CONTROL),   KEEP },
		{ TC,  "udp 192.168.10.1:67 > 192.168.10.21:68",              PASS(CONTROL),   KEEP },
		{ XDP, "udp 192.168.10.21:68 > 192.168.10.1:67",              PASS(CONTROL),   KEEP },
		{ TC,  "udp [fe80::9]:546 > [ff02::1:2]:547",                 PASS(CONTROL),   KEEP },
		{ TC,  "udp [fe80::1]:547 > [fd00:10::21]:546",               PASS(CONTROL),   KEEP },
		{ TC,  "udp 169.254.1.1:67 > 192.168.10.21:68",               PASS(CONTROL),   KEEP },
		{ TC,  "udp 192.168.10.1:67 > 198.51.100.9:67",               PASS(CONTROL),   KEEP },
		{ TC,  "udp 192.168.10.1:67 > 192.168.10.61:68",              PASS(CONTROL),   KEEP }, /* lists no UDP but DNS */
	} },
	{ "DHCP of a device stays in the site", OFFICE, .steps = {
		{ TC,  "udp 198.51.100.9:67 > 192.168.10.2:68",               DROP(NOT_LISTED) },
		{ TC,  "udp 198.51.100.9:67 > 192.168.10.21:68",              DROP(DIRECTION) },
		{ TC,  "udp 217.10.64.9:68 > 192.168.10.2:67",                DROP(NOT_LISTED) },
		{ XDP, "udp 192.168.10.2:67 > 198.51.100.9:67",               DROP(NOT_LISTED) },
		{ XDP, "udp 192.168.10.21:68 > 198.51.100.9:67",              DROP(SCOPE) },
		{ TC,  "udp [2001:db8:9::9]:547 > [fd00:10::2]:547",          DROP(NOT_LISTED) },
		{ XDP, "udp [fd00:10::2]:546 > [2001:db8:9::9]:547",          DROP(NOT_LISTED) },
		{ XDP, "udp 192.168.10.21:68 > 192.168.20.5:67",              PASS(CONTROL),   KEEP },
	} },
};
/* clang-format on */

const struct row_list rows_flows = {rows, ARRAY_SIZE(rows)};
