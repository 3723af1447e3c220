/* SPDX-License-Identifier: GPL-2.0 */
/* Echo, errors that quote a flow, neighbour discovery and group membership. */
#include "vocabulary.h"

/* clang-format off */
static const struct row rows[] = {
	{ "echo from the site and from devices", OFFICE, .steps = {
		{ TC,  "icmp 192.168.20.5 > 192.168.10.2 type 8 id 7",        PASS(ECHO),    KEEP },
		{ XDP, "icmp 192.168.10.2 > 192.168.20.5 type 0 id 7",        PASS(FLOW),    KEEP },
		{ XDP, "icmp 192.168.10.2 > 198.51.100.9 type 8 id 7",        PASS(ECHO),    KEEP },
		{ TC,  "icmp 198.51.100.9 > 192.168.10.2 type 0 id 7",        PASS(FLOW),    KEEP },
		{ TC,  "icmp fd00:10::5 > fd00:10::2 type 128 id 9",          PASS(ECHO),    KEEP },
		{ XDP, "icmp fd00:10::2 > fd00:10::5 type 129 id 9",          PASS(FLOW),    KEEP },
	} },
	{ "echo from anywhere else", OFFICE, .steps = {
		{ TC,  "icmp 198.51.100.9 > 192.168.10.2 type 8 id 7",        DROP(SCOPE) },
		{ TC,  "icmp 217.10.64.9 > 192.168.10.2 type 8 id 7",         DROP(SCOPE) },
		{ TC,  "icmp 2001:db8:9::9 > fd00:10::2 type 128 id 7",       DROP(SCOPE) },
	} },
	{ "answers that nobody asked for", OFFICE, .steps = {
		{ TC,  "icmp 198.51.100.9 > 192.168.10.2 type 0 id 7",        DROP(NO_FLOW) },
		{ XDP, "icmp 192.168.10.2 > 198.51.100.9 type 8 id 7",        PASS(ECHO),    KEEP },
		{ TC,  "icmp 198.51.100.9 > 192.168.10.2 type 0 id 8",        DROP(NO_FLOW) },
		{ TC,  "icmp 198.51.100.8 > 192.168.10.2 type 0 id 7",        DROP(NO_FLOW) },
	} },
	{ "path MTU: fragmentation needed for a known flow", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.2:5064 > 217.10.64.9:5060",            PASS(LISTED),  KEEP },
		{ TC,  "icmp 198.51.100.1 > 192.168.10.2 type 3 about udp 192.168.10.2:5064 > 217.10.64.9:5060",
		       PASS(RELATED), KEEP },
		{ TC,  "icmp 198.51.100.1 > 192.168.10.2 type 11 about udp 192.168.10.2:5064 > 217.10.64.9:5060",
		       PASS(RELATED), KEEP },
		{ TC,  "icmp 198.51.100.1 > 192.168.10.2 type 3 about udp 192.168.10.2:5065 > 217.10.64.9:5060",
		       DROP(NO_FLOW) },
		{ TC,  "icmp 198.51.100.1 > 192.168.10.2 type 3 about tcp 192.168.10.2:5064 > 217.10.64.9:5060",
		       DROP(NO_FLOW) },
		{ TC,  "icmp 198.51.100.1 > 192.168.10.2 type 5 about udp 192.168.10.2:5064 > 217.10.64.9:5060",
		       DROP(NOT_LISTED) },
	} },
	{ "packet too big, over IPv6", OFFICE, .steps = {
		{ TC,  "tcp [fd00:10::5]:4000 > [fd00:10::2]:443 syn",        PASS(LISTED),  KEEP },
		{ XDP, "icmp fd00:10::2 > fd00:10::5 type 2 about tcp [fd00:10::5]:4000 > [fd00:10::2]:443",
		       PASS(RELATED), KEEP },
		{ TC,  "icmp 2001:db8::1 > fd00:10::2 type 1 about tcp [fd00:10::2]:443 > [fd00:10::5]:4000",
		       PASS(RELATED), KEEP },
		{ TC,  "icmp 2001:db8::1 > fd00:10::2 type 1 about tcp [fd00:10::2]:443 > [fd00:10::5]:4001",
		       DROP(NO_FLOW) },
	} },
	{ "an error goes to whoever sent what it quotes", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.2:5064 > 217.10.64.9:5060",            PASS(LISTED),  KEEP },
		{ TC,  "icmp 198.51.100.1 > 192.168.10.21 type 3 about udp 192.168.10.2:5064 > 217.10.64.9:5060",
		       DROP(NO_FLOW) },
		{ TC,  "icmp 198.51.100.1 > 192.168.10.2 type 3 about udp 217.10.64.9:5060 > 192.168.10.2:5064",
		       DROP(NO_FLOW) },
		{ XDP, "icmp 192.168.10.2 > 217.10.64.9 type 3 about udp 217.10.64.9:5060 > 192.168.10.2:5064",
		       PASS(RELATED), KEEP },
		{ TC,  "tcp [fd00:10::5]:4000 > [fd00:10::2]:443 syn",        PASS(LISTED),  KEEP },
		{ TC,  "icmp 2001:db8::1 > fd00:10::21 type 1 about tcp [fd00:10::2]:443 > [fd00:10::5]:4000",
		       DROP(NO_FLOW) },
	} },
	{ "an error about a flow that is over", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.2:40000 > 198.51.100.53:53",           PASS(LISTED),  KEEP },
		{ TC,  "icmp 198.51.100.1 > 192.168.10.2 type 3 about udp 192.168.10.2:40000 > 198.51.100.53:53",
		       DROP(NO_FLOW), KEEP, SECONDS(31) },
	} },
	{ "an error does not prolong a flow", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.2:40000 > 198.51.100.53:53",           PASS(LISTED),  KEEP },
		{ TC,  "icmp 198.51.100.1 > 192.168.10.2 type 3 about udp 192.168.10.2:40000 > 198.51.100.53:53",
		       PASS(RELATED), KEEP, SECONDS(20) },
		{ TC,  "udp 198.51.100.53:53 > 192.168.10.2:40000",           DROP(DIRECTION), KEEP, SECONDS(20) },
	} },
	{ "an error that quotes too little", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.2:5064 > 217.10.64.9:5060",            PASS(LISTED),  KEEP },
		{ TC,  "icmp 198.51.100.1 > 192.168.10.2 type 3",             DROP(MALFORMED) },
		{ TC,  "icmp 198.51.100.1 > 192.168.10.2 type 3 size 24",     DROP(MALFORMED) },
	} },
	{ "redirects, timestamps and the like to a device", OFFICE, .steps = {
		{ TC,  "icmp 192.168.20.5 > 192.168.10.2 type 5",             DROP(NOT_LISTED) },
		{ TC,  "icmp 192.168.20.5 > 192.168.10.2 type 13",            DROP(NOT_LISTED) },
		{ TC,  "icmp fd00:10::5 > fd00:10::2 type 139",               DROP(NOT_LISTED) },
	} },
	{ "neighbour discovery and MLD, for everybody", CLOSED, .steps = {
		{ TC,  "icmp fe80::9 > ff02::1:ff00:2 type 135 size 16",      PASS(CONTROL), KEEP },
		{ XDP, "icmp fd00:10::2 > fe80::9 type 136 size 16",          PASS(CONTROL), KEEP },
		{ TC,  "icmp fe80::1 > ff02::1 type 134 size 8",              PASS(CONTROL), KEEP },
		{ TC,  "ext 0 icmp fe80::9 > ff02::16 type 143 size 20",      PASS(CONTROL), KEEP },
		{ TC,  "ext 0 icmp fe80::1 > ff02::1 type 130 size 16",       PASS(CONTROL), KEEP },
	} },
	{ "IGMP, with its router alert option", CLOSED, .steps = {
		{ TC,  "options 1 ip 2 192.168.20.5 > 224.0.0.22",            PASS(CONTROL), KEEP },
		{ XDP, "options 1 ip 2 192.168.10.21 > 224.0.0.22",           PASS(CONTROL), KEEP },
		{ TC,  "ip 2 192.168.20.5 > 192.168.10.21",                   PASS(CONTROL), KEEP },
	} },
	{ "IGMP of a device stays in the site", OFFICE, .steps = {
		{ TC,  "ip 2 198.51.100.9 > 192.168.10.2",                    DROP(NOT_LISTED) },
		{ XDP, "ip 2 192.168.10.2 > 198.51.100.9",                    DROP(NOT_LISTED) },
		{ TC,  "ip 2 198.51.100.9 > 192.168.20.5",                    PASS(CONTROL), KEEP },
	} },
};
/* clang-format on */

const struct row_list rows_icmp = {rows, ARRAY_SIZE(rows)};
