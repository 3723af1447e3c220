/* SPDX-License-Identifier: GPL-2.0 */
/* What each device may do and may not: ports, who opens, how far it reaches. */
#include "vocabulary.h"

/* clang-format off */
static const struct row rows[] = {
	{ "the provider calls: RTP to the system's first voice port", OFFICE, .steps = {
		{ TC,  "udp 217.10.64.9:30000 > 192.168.10.2:5204 rtp 1",     PASS(LISTED),    EF },
		{ XDP, "udp 192.168.10.2:5204 > 217.10.64.9:30000 rtp 700",   PASS(FLOW),      EF },
	} },
	{ "16 channels are 32 ports: 5235 is the last", OFFICE, .steps = {
		{ TC,  "udp 217.10.64.9:30000 > 192.168.10.2:5235 rtp 1",     PASS(LISTED),    EF },
		{ TC,  "udp 217.10.64.9:30000 > 192.168.10.2:5236 rtp 1",     DROP(NOT_LISTED) },
		{ TC,  "udp 217.10.64.9:30000 > 192.168.10.2:5203 rtp 1",     DROP(NOT_LISTED) },
	} },
	{ "the same over IPv6", OFFICE, .steps = {
		{ TC,  "udp [2001:db8:217::9]:30000 > [fd00:10::2]:5235 rtp 1",   PASS(LISTED), EF },
		{ XDP, "udp [fd00:10::2]:5235 > [2001:db8:217::9]:30000 rtp 700", PASS(FLOW),   EF },
		{ TC,  "udp [2001:db8:217::9]:30000 > [fd00:10::2]:5236 rtp 1",   DROP(NOT_LISTED) },
	} },
	{ "a named provider closes voice to the rest of the internet", OFFICE, .steps = {
		{ TC,  "udp 198.51.100.9:30000 > 192.168.10.2:5204 rtp 1",    DROP(SCOPE) },
		{ XDP, "udp 192.168.10.2:5204 > 198.51.100.9:30000 rtp 1",    DROP(SCOPE) },
		{ TC,  "udp 212.227.0.9:30000 > 192.168.10.2:5204 rtp 1",     DROP(SCOPE) },
		{ TC,  "udp [2001:db8:9::9]:30000 > [fd00:10::2]:5204 rtp 1", DROP(SCOPE) },
	} },
	{ "a system that names no provider speaks with anybody", OFFICE, .steps = {
		{ TC,  "udp 198.51.100.9:30000 > 192.168.10.3:5004 rtp 1",    PASS(LISTED),    EF },
		{ XDP, "udp 192.168.10.3:5035 > 198.51.100.9:30000 rtp 1",    PASS(LISTED),    EF },
		{ XDP, "udp 192.168.10.3:5036 > 198.51.100.9:30000 rtp 1",    DROP(NOT_LISTED) },
	} },
	{ "SIP to the provider is opened by the system only", OFFICE, .steps = {
		{ TC,  "udp 217.10.64.9:5060 > 192.168.10.2:5064",            DROP(DIRECTION) },
		{ XDP, "udp 192.168.10.2:5064 > 217.10.64.9:5060",            PASS(LISTED),    KEEP },
		{ TC,  "udp 217.10.64.9:5060 > 192.168.10.2:5064",            PASS(FLOW),      KEEP },
		{ XDP, "udp 192.168.10.2:5064 > 198.51.100.9:5060",           DROP(SCOPE) },
	} },
	{ "4 accounts are 8 ports: 5071 is the last", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.2:5071 > 217.10.64.9:5060",            PASS(LISTED),    KEEP },
		{ XDP, "udp 192.168.10.2:5072 > 217.10.64.9:5060",            DROP(NOT_LISTED) },
	} },
	{ "the registrar takes the site's telephones and nobody else", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.21:5060 > 192.168.10.2:5060",          PASS(LISTED),    KEEP },
		{ TC,  "udp 192.168.10.2:5060 > 192.168.10.21:5060",          PASS(FLOW),      KEEP },
		{ TC,  "udp 192.168.20.5:5060 > 192.168.10.2:5060",           PASS(LISTED),    KEEP },
		{ TC,  "udp 217.10.64.9:5060 > 192.168.10.2:5060",            DROP(SCOPE) },
		{ TC,  "udp 198.51.100.9:5060 > 192.168.10.2:5060",           DROP(SCOPE) },
		{ XDP, "udp 192.168.10.2:5060 > 192.168.20.6:5060",           DROP(DIRECTION) },
	} },
	{ "web, directory and CTI of the system are the site's", OFFICE, .steps = {
		{ TC,  "tcp 192.168.20.5:40000 > 192.168.10.2:80 syn",        PASS(LISTED),    KEEP },
		{ TC,  "tcp 192.168.20.5:40000 > 192.168.10.2:443 syn",       PASS(LISTED),    KEEP },
		{ TC,  "tcp 192.168.20.5:40000 > 192.168.10.2:389 syn",       PASS(LISTED),    KEEP },
		{ TC,  "tcp 192.168.20.5:40000 > 192.168.10.2:3232 syn",      PASS(LISTED),    KEEP },
		{ TC,  "tcp 198.51.100.9:40000 > 192.168.10.2:80 syn",        DROP(SCOPE) },
		{ TC,  "tcp 198.51.100.9:40000 > 192.168.10.2:443 syn",       DROP(SCOPE) },
		{ TC,  "tcp 217.10.64.9:40000 > 192.168.10.2:3232 syn",       DROP(SCOPE) },
		{ TC,  "tcp 192.168.20.5:40000 > 192.168.10.2:22 syn",        DROP(NOT_LISTED) },
		{ TC,  "tcp 192.168.20.5:40000 > 192.168.10.2:23 syn",        DROP(NOT_LISTED) },
	} },
	{ "options are off until they are enabled, and services can be disabled", OFFICE, .steps = {
		{ TC,  "tcp 192.168.20.5:40000 > 192.168.10.2:1883 syn",      DROP(NOT_LISTED) },
		{ TC,  "tcp 192.168.20.5:40000 > 192.168.10.3:1883 syn",      PASS(LISTED),    KEEP },
		{ TC,  "tcp 192.168.20.5:40000 > 192.168.10.3:3232 syn",      DROP(DIRECTION) },
		{ XDP, "tcp 192.168.10.3:1024 > 217.10.64.9:5060 syn",        PASS(LISTED),    KEEP },
		{ XDP, "tcp 192.168.10.2:1024 > 217.10.64.9:5060 syn",        DROP(NOT_LISTED) },
	} },
	{ "extra rules of the configuration", OFFICE, .steps = {
		{ TC,  "tcp 192.168.20.5:40000 > 192.168.10.3:8080 syn",      PASS(LISTED),    KEEP },
		{ TC,  "tcp 198.51.100.9:40000 > 192.168.10.3:8080 syn",      DROP(SCOPE) },
		{ XDP, "udp 192.168.10.3:9999 > 198.51.100.9:7010",           PASS(LISTED),    KEEP },
		{ XDP, "udp 192.168.10.3:9999 > 198.51.100.9:7011",           DROP(NOT_LISTED) },
		{ TC,  "udp 198.51.100.8:7000 > 192.168.10.3:9999",           DROP(DIRECTION) },
	} },
	{ "names and time are asked of anybody", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.2:40000 > 198.51.100.53:53",           PASS(LISTED),    KEEP },
		{ TC,  "udp 198.51.100.53:53 > 192.168.10.2:40000",           PASS(FLOW),      KEEP },
		{ XDP, "tcp 192.168.10.2:40000 > 198.51.100.53:53 syn",       PASS(LISTED),    KEEP },
		{ XDP, "udp 192.168.10.21:123 > 198.51.100.123:123",          PASS(LISTED),    KEEP },
		{ TC,  "udp 198.51.100.99:123 > 192.168.10.2:123",            DROP(SCOPE) },
		{ TC,  "udp 192.168.20.5:123 > 192.168.10.2:123",             PASS(LISTED),    KEEP },
		{ TC,  "udp 198.51.100.54:53 > 192.168.10.2:40000",           DROP(DIRECTION) },
	} },
	{ "the cloud is AGFEO's hosts, not port 443 of the world", OFFICE, .steps = {
		{ XDP, "tcp 192.168.10.2:40000 > 198.51.100.9:443 syn",       DROP(SCOPE) },
		{ XDP, "tcp 192.168.10.61:40000 > 198.51.100.9:443 syn",      DROP(SCOPE) },
	} },
	{ "cloud = any opens it where no names are resolved", BLEACHED, .steps = {
		{ XDP, "tcp 192.168.10.2:40000 > 198.51.100.9:443 syn",       PASS(LISTED),    KEEP },
		{ XDP, "tcp 192.168.10.61:40000 > 198.51.100.9:443 syn",      PASS(LISTED),    KEEP },
	} },
	{ "T14: 10000 to 10200, both ends counted", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.21:10000 > 217.10.64.9:4000 rtp 1",    PASS(LISTED),    EF },
		{ XDP, "udp 192.168.10.21:10200 > 217.10.64.9:4000 rtp 1",    PASS(LISTED),    EF },
		{ XDP, "udp 192.168.10.21:10201 > 217.10.64.9:4000 rtp 1",    DROP(NOT_LISTED) },
		{ XDP, "udp 192.168.10.21:9999 > 217.10.64.9:4000 rtp 1",     DROP(NOT_LISTED) },
	} },
	{ "two telephones speak with each other when both agree", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.21:10000 > 192.168.10.2:5204 rtp 1",   PASS(LISTED),    EF },
		{ XDP, "udp 192.168.10.2:5204 > 192.168.10.21:10000 rtp 9",   PASS(FLOW),      EF },
		{ XDP, "udp 192.168.10.21:10002 > 192.168.10.2:5300 rtp 1",   DROP(NOT_LISTED) },
		{ XDP, "udp 192.168.10.21:9000 > 192.168.10.2:5204 rtp 1",    DROP(NOT_LISTED) },
	} },
	{ "ASIP: 2153 leads to the system's 5904", OFFICE, .steps = {
		{ XDP, "tcp 192.168.10.23:2153 > 192.168.10.2:5904 syn",      PASS(LISTED),    KEEP },
		{ XDP, "tcp 192.168.10.2:5904 > 192.168.10.23:2153 syn",      DROP(DIRECTION) },
		{ XDP, "udp 192.168.10.23:5896 > 192.168.10.2:5206 rtp 1",    PASS(LISTED),    EF },
		{ XDP, "tcp 192.168.10.23:2153 > 198.51.100.9:5904 syn",      DROP(SCOPE) },
	} },
	{ "a pool of softphones with preset ports", OFFICE, .steps = {
		{ XDP, "udp 192.168.20.64:60104 > 192.168.10.2:5060",         PASS(LISTED),    KEEP },
		{ XDP, "udp 192.168.20.95:65120 > 217.10.64.9:4000 rtp 1",    PASS(LISTED),    EF },
		{ XDP, "udp 192.168.20.95:65121 > 217.10.64.9:4000 rtp 1",    DROP(NOT_LISTED) },
		{ XDP, "udp [fd00:10::40ff]:65100 > [2001:db8:217::1]:4 rtp 1", PASS(LISTED),  EF },
		{ TC,  "udp 192.168.20.96:65100 > 217.10.64.9:4000 rtp 1",    PASS(NO_DEVICE), KEEP },
	} },
	{ "the AGFEO tool finds the system on its own port", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.60:3000 > 192.168.10.2:12189",         PASS(LISTED),    KEEP },
		{ TC,  "udp 192.168.20.5:3000 > 192.168.10.2:12189",          PASS(LISTED),    KEEP },
		{ TC,  "udp 192.168.20.5:3000 > 192.168.10.2:12187",          DROP(NOT_LISTED) },
		{ TC,  "udp 198.51.100.9:3000 > 192.168.10.2:12189",          DROP(SCOPE) },
	} },
	{ "hosts that are no device are no business of ours", OFFICE, .steps = {
		{ TC,  "udp 192.168.20.5:5060 > 198.51.100.9:5060",           PASS(NO_DEVICE), KEEP },
		{ TC,  "tcp 192.168.20.5:40000 > 198.51.100.9:22 ack",        PASS(NO_DEVICE), KEEP },
		{ TC,  "ip 47 192.168.20.5 > 198.51.100.9",                   PASS(NO_DEVICE), KEEP },
	} },
	{ "unknown = drop: a voice network that knows its hosts", CLOSED, .steps = {
		{ TC,  "udp 192.168.20.5:5060 > 198.51.100.9:5060",           DROP(UNKNOWN_HOST) },
		{ TC,  "ip 47 192.168.20.5 > 198.51.100.9",                   DROP(UNKNOWN_HOST) },
		{ TC,  "udp [fd00:10::5]:1 > [2001:db8:9::9]:1",              DROP(UNKNOWN_HOST) },
		{ XDP, "udp 192.168.10.2:5064 > 217.10.64.9:5060",            PASS(LISTED),    KEEP },
	} },
	{ "an IPv6 packet with a mapped address is not the IPv4 host", CLOSED, .steps = {
		{ TC,  "udp [fd00:10::9]:5060 > [::ffff:192.168.10.2]:5060",  DROP(UNKNOWN_HOST) },
		{ TC,  "udp [::ffff:192.168.10.2]:5064 > [fd00:10::9]:5060",  DROP(UNKNOWN_HOST) },
	} },
	{ "protocols that no telephone speaks", OFFICE, .steps = {
		{ TC,  "ip 47 192.168.20.5 > 192.168.10.2",                   DROP(NOT_LISTED) },
		{ TC,  "ip 132 192.168.20.5 > 192.168.10.2",                  DROP(NOT_LISTED) },
		{ XDP, "ip 50 [fd00:10::2] > [2001:db8:217::9]",              DROP(NOT_LISTED) },
		{ XDP, "ip 59 [fd00:10::2] > [2001:db8:217::9]",              DROP(NOT_LISTED) },
		{ XDP, "ip 58 192.168.10.2 > 192.168.20.5",                   DROP(NOT_LISTED) },
	} },
	{ "multicast is judged on the sender's side", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.21:5353 > 224.0.0.251:5353",           PASS(LISTED),    KEEP },
		{ XDP, "udp [fd00:10::21]:5353 > [ff02::fb]:5353",            PASS(LISTED),    KEEP },
		{ XDP, "udp 192.168.10.61:5353 > 224.0.0.251:5353",           DROP(NOT_LISTED) },
		{ TC,  "udp 192.168.20.5:5353 > 224.0.0.251:5353",            PASS(NO_DEVICE), KEEP },
	} },
};
/* clang-format on */

const struct row_list rows_services = {rows, ARRAY_SIZE(rows)};
