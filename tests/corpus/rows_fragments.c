/* SPDX-License-Identifier: GPL-2.0 */
/* Fragments follow their first; what is no honest first fragment goes nowhere. */
#include "vocabulary.h"

#define INVITE	 "udp 192.168.10.2:5064 > 217.10.64.9:5060 size 1592"
#define INVITE6	 "udp [fd00:10::2]:5064 > [2001:db8:217::9]:5060 size 1592"
#define HIDDEN	 "udp 192.168.10.2:6000 > 217.10.64.9:6000 size 1592"
#define SIX	 "udp [fd00:10::2]:5064 > [2001:db8:217::9]:5060"
#define STRANGER "udp 192.168.20.5:6000 > 198.51.100.9:6000 size 1592"
#define SYN	 "tcp 192.168.20.5:40000 > 192.168.10.2:80 syn size 100"

/* clang-format off */
static const struct row rows[] = {
	{ "an INVITE in two fragments arrives", OFFICE, .steps = {
		{ XDP, "frag 9 0-800 " INVITE,                                PASS(LISTED),   KEEP },
		{ XDP, "frag 9 800- " INVITE,                                 PASS(FLOW),     KEEP },
	} },
	{ "in three, over IPv6", OFFICE, .steps = {
		{ XDP, "frag 9 0-800 " INVITE6,                               PASS(LISTED),   KEEP },
		{ XDP, "frag 9 800-1200 " INVITE6,                            PASS(FLOW),     KEEP },
		{ XDP, "frag 9 1200- " INVITE6,                               PASS(FLOW),     KEEP },
		{ XDP, "ext 60 frag 10 0-800 " INVITE6,                       PASS(FLOW),     KEEP },
		{ XDP, "ext 60 frag 10 800- " INVITE6,                        PASS(FLOW),     KEEP },
	} },
	{ "no first fragment was seen", OFFICE, .steps = {
		{ XDP, "frag 9 800- " INVITE,                                 DROP(FRAGMENT) },
		{ XDP, "frag 9 0-800 " INVITE,                                PASS(LISTED),   KEEP },
		{ XDP, "frag 10 800- " INVITE,                                DROP(FRAGMENT) },
		{ XDP, "frag 9 800- udp 192.168.10.3:5064 > 217.10.64.9:5060 size 1592", DROP(FRAGMENT) },
		{ XDP, "frag 9 800- " INVITE6,                                DROP(FRAGMENT) },
	} },
	{ "what follows a refused first is refused", OFFICE, .steps = {
		{ XDP, "frag 9 0-800 " HIDDEN,                                DROP(NOT_LISTED) },
		{ XDP, "frag 9 800- " HIDDEN,                                 DROP(FRAGMENT) },
	} },
	{ "fragments of hosts that are no device", OFFICE, .steps = {
		{ TC,  "frag 9 800- " STRANGER,                               PASS(NO_DEVICE), KEEP },
	} },
	{ "and where hosts are known", CLOSED, .steps = {
		{ TC,  "frag 9 0-800 " STRANGER,                              DROP(UNKNOWN_HOST) },
		{ TC,  "frag 9 800- " STRANGER,                               DROP(UNKNOWN_HOST) },
	} },
	{ "a datagram is waited for 30 s", OFFICE, .steps = {
		{ XDP, "frag 9 0-800 " INVITE,                                PASS(LISTED),   KEEP },
		{ XDP, "frag 9 800-1200 " INVITE,                             PASS(FLOW),     KEEP, SECONDS(29) },
		{ XDP, "frag 9 1200- " INVITE,                                PASS(FLOW),     KEEP, SECONDS(29) },
		{ XDP, "frag 9 1200- " INVITE,                                DROP(FRAGMENT), KEEP, SECONDS(31) },
	} },
	{ "a first fragment too small for its header", OFFICE, .steps = {
		{ TC,  "frag 9 0-16 " SYN,                                    DROP(MALFORMED) },
		{ TC,  "frag 9 16- " SYN,                                     DROP(MALFORMED) },
		{ XDP, "frag 9 0-4 " INVITE,                                  DROP(MALFORMED) },
		{ TC,  "frag 9 0-24 tcp [fd00:10::5]:4 > [fd00:10::2]:80 syn size 100 l4[12]=0x70",
		       DROP(MALFORMED) },
	} },
	{ "a later fragment that would overwrite the header", OFFICE, .steps = {
		{ TC,  "frag 9 0-40 " SYN,                                    PASS(LISTED),   KEEP },
		{ TC,  "frag 9 8-40 " SYN,                                    DROP(MALFORMED) },
		{ TC,  "frag 9 16-40 " SYN,                                   DROP(MALFORMED) },
		{ TC,  "frag 9 24- " SYN,                                     PASS(FLOW),     KEEP },
	} },
	{ "a fragment that ends beyond the largest datagram", OFFICE, .steps = {
		{ XDP, "frag 9 0-800 " INVITE,                                PASS(LISTED),   KEEP },
		{ XDP, "frag 9 800- " INVITE " ip[6]=0x1f ip[7]=0xff",        DROP(MALFORMED) },
	} },
	{ "voice in fragments keeps its mark", OFFICE, .steps = {
		{ XDP, "frag 9 0-96 udp 192.168.10.2:5204 > 217.10.64.9:30000 rtp 1", PASS(LISTED), EF },
		{ XDP, "frag 9 96- udp 192.168.10.2:5204 > 217.10.64.9:30000 rtp 1",  PASS(FLOW),   EF },
	} },
	{ "also where the first came as EF and the rest did not", OFFICE, .steps = {
		{ XDP, "dscp 46 frag 9 0-96 udp 192.168.10.2:5204 > 217.10.64.9:30000 rtp 1", PASS(LISTED), EF },
		{ XDP, "frag 9 96- udp 192.168.10.2:5204 > 217.10.64.9:30000 rtp 1",  PASS(FLOW),   EF },
	} },
	{ "bleach: EF is not for later fragments of what is no voice", BLEACHED, .steps = {
		{ XDP, "frag 9 0-800 udp 192.168.10.2:40000 > 198.51.100.53:53 size 1592", PASS(LISTED), KEEP },
		{ XDP, "dscp 46 frag 9 800- udp 192.168.10.2:40000 > 198.51.100.53:53 size 1592", PASS(FLOW), 0 },
	} },
	{ "an IPv6 fragment that is the whole datagram", OFFICE, .steps = {
		{ XDP, "frag 9 0- " SIX,                                      PASS(LISTED),   KEEP },
		{ XDP, "frag 9 8- " SIX,                                      DROP(FRAGMENT) },
	} },
};
/* clang-format on */

const struct row_list rows_fragments = {rows, ARRAY_SIZE(rows)};
