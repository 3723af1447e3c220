/* SPDX-License-Identifier: GPL-2.0 */
/* Encapsulation, extension headers, and headers that contradict themselves or the frame. */
#include "vocabulary.h"

#define SIP  "udp 192.168.10.2:5064 > 217.10.64.9:5060"
#define SIP6 "udp [fd00:10::2]:5064 > [2001:db8:217::9]:5060"
#define LOST "udp 192.168.10.2:6000 > 217.10.64.9:6000"

/* clang-format off */
static const struct row rows[] = {
	{ "tags do not hide a packet", OFFICE, .steps = {
		{ XDP, "vlan 7 " SIP,                                         PASS(LISTED),    KEEP },
		{ XDP, "vlan 7 " LOST,                                        DROP(NOT_LISTED) },
		{ XDP, "vlan 100@0x88a8 vlan 7 " LOST,                        DROP(NOT_LISTED) },
		{ XDP, "vlan 100@0x9100 vlan 7 " LOST,                        DROP(NOT_LISTED) },
		{ XDP, "vlan 1 vlan 2 vlan 3 " SIP,                           DROP(MALFORMED) },
	} },
	{ "nor does a PPPoE session", OFFICE, .steps = {
		{ XDP, "pppoe " SIP,                                          PASS(LISTED),    KEEP },
		{ XDP, "vlan 7 pppoe " LOST,                                  DROP(NOT_LISTED) },
		{ XDP, "pppoe udp [fd00:10::2]:6000 > [2001:db8::9]:6000",    DROP(NOT_LISTED) },
		{ XDP, "pppoe " SIP " frame[20]=0xc0 frame[21]=0x21",         PASS(NOT_IP),    KEEP },
		{ XDP, "pppoe " SIP " frame[18]=9",                           DROP(MALFORMED) },
	} },
	{ "what is not IP passes", CLOSED, .steps = {
		{ TC,  "ether 0x0806",                                        PASS(NOT_IP),    KEEP },
		{ TC,  "ether 0x88cc",                                        PASS(NOT_IP),    KEEP },
		{ TC,  "ether 0x888e",                                        PASS(NOT_IP),    KEEP },
		{ TC,  "ether 0x8863",                                        PASS(NOT_IP),    KEEP },
		{ TC,  "ether 0x0026",                                        PASS(NOT_IP),    KEEP },
		{ TC,  "vlan 7 ether 0x0806",                                 PASS(NOT_IP),    KEEP },
	} },
	{ "IPv4 options are skipped, not read as ports", OFFICE, .steps = {
		{ XDP, "options 1 " SIP,                                      PASS(LISTED),    KEEP },
		{ XDP, "options 10 " SIP,                                     PASS(FLOW),      KEEP },
		{ XDP, "options 3 " LOST,                                     DROP(NOT_LISTED) },
	} },
	{ "IPv6 extension headers are walked", OFFICE, .steps = {
		{ XDP, "ext 0 " SIP6,                                         PASS(LISTED),    KEEP },
		{ XDP, "ext 0,43,60 " SIP6,                                   PASS(FLOW),      KEEP },
		{ XDP, "ext 51 " SIP6,                                        PASS(FLOW),      KEEP },
		{ XDP, "ext 60,60,60,60,60,60,60,60 " SIP6,                   PASS(FLOW),      KEEP },
		{ XDP, "ext 60,60,60,60,60,60,60,60,60 " SIP6,                DROP(MALFORMED) },
		{ XDP, "ext 0,60 udp [fd00:10::2]:6000 > [2001:db8:217::9]:6000", DROP(NOT_LISTED) },
	} },
	{ "a routing header that would lead elsewhere", OFFICE, .steps = {
		{ XDP, "ext 43 " SIP6 " ip[43]=1",                            DROP(MALFORMED) },
		{ XDP, "ext 43 " SIP6,                                        PASS(LISTED),    KEEP },
	} },
	{ "an extension header that is longer than the packet", OFFICE, .steps = {
		{ XDP, "ext 60 " SIP6 " ip[41]=200",                          DROP(MALFORMED) },
		{ XDP, "ext 60 " SIP6 " ip[5]=4",                             DROP(MALFORMED) },
	} },
	{ "IPv4 headers that lie", OFFICE, .steps = {
		{ XDP, SIP " ip[0]=0x44",                                     DROP(MALFORMED) },
		{ XDP, SIP " ip[0]=0x4f",                                     DROP(MALFORMED) },
		{ XDP, SIP " ip[0]=0x65",                                     DROP(MALFORMED) },
		{ XDP, SIP " ip[2]=4",                                        DROP(MALFORMED) },
		{ XDP, SIP " ip[3]=19",                                       DROP(MALFORMED) },
		{ XDP, SIP " cut 40",                                         DROP(MALFORMED) },
	} },
	{ "the same from a host that is no device is passed on as it came", OFFICE, .steps = {
		{ TC,  "udp 192.168.20.5:1 > 198.51.100.9:1 ip[0]=0x44",      PASS(NO_DEVICE), KEEP },
		{ TC,  "udp 192.168.20.5:1 > 198.51.100.9:1 ip[2]=4",         PASS(NO_DEVICE), KEEP },
		{ TC,  "udp 192.168.20.5:0 > 198.51.100.9:1",                 PASS(NO_DEVICE), KEEP },
	} },
	{ "or dropped, where hosts are known", CLOSED, .steps = {
		{ TC,  "udp 192.168.20.5:1 > 198.51.100.9:1 ip[0]=0x44",      DROP(UNKNOWN_HOST) },
	} },
	{ "a frame that ends before both addresses are read", OFFICE, .steps = {
		{ XDP, "udp 192.168.20.5:1 > 198.51.100.9:1 cut 33",          DROP(MALFORMED) },
		{ XDP, "udp [fd00:10::9]:1 > [2001:db8::9]:1 cut 53",         DROP(MALFORMED) },
		{ TC,  "vlan 7 udp 192.168.20.5:1 > 198.51.100.9:1 cut 17",   DROP(MALFORMED) },
		{ TC,  "pppoe udp 192.168.20.5:1 > 198.51.100.9:1 cut 21",    DROP(MALFORMED) },
	} },
	{ "IPv6 headers that lie", OFFICE, .steps = {
		{ XDP, SIP6 " ip[0]=0x45",                                    DROP(MALFORMED) },
		{ XDP, SIP6 " ip[4]=9",                                       DROP(MALFORMED) },
		{ XDP, SIP6 " cut 70",                                        DROP(MALFORMED) },
		{ XDP, SIP6 " ip[5]=0",                                       DROP(MALFORMED) },
	} },
	{ "bytes behind the packet are padding, not the packet", OFFICE, .steps = {
		{ XDP, SIP " ip[3]=27",                                       DROP(MALFORMED) },
		{ XDP, SIP " ip[3]=28 l4[5]=8",                               PASS(LISTED),    KEEP },
	} },
	{ "UDP headers that lie", OFFICE, .steps = {
		{ XDP, SIP " l4[5]=7",                                        DROP(MALFORMED) },
		{ XDP, SIP " l4[4]=1",                                        DROP(MALFORMED) },
		{ XDP, "udp 192.168.10.2:0 > 217.10.64.9:5060",               DROP(MALFORMED) },
		{ XDP, "udp 192.168.10.2:5064 > 217.10.64.9:0",               DROP(MALFORMED) },
		{ XDP, SIP " l4[5]=8",                                        PASS(LISTED),    KEEP },
	} },
	{ "TCP headers that lie", OFFICE, .steps = {
		{ TC,  "tcp 192.168.20.5:40000 > 192.168.10.2:80 syn l4[12]=0x40", DROP(MALFORMED) },
		{ TC,  "tcp 192.168.20.5:40000 > 192.168.10.2:80 syn l4[12]=0x60", DROP(MALFORMED) },
		{ TC,  "tcp 192.168.20.5:40000 > 192.168.10.2:80 syn ip[3]=39", DROP(MALFORMED) },
		{ TC,  "tcp 192.168.20.5:0 > 192.168.10.2:80 syn",            DROP(MALFORMED) },
		{ TC,  "tcp 192.168.20.5:40000 > 192.168.10.2:0 syn",         DROP(MALFORMED) },
	} },
	{ "a packet from an address and port to themselves", OFFICE, .steps = {
		{ XDP, "udp 192.168.10.2:5060 > 192.168.10.2:5060",           DROP(MALFORMED) },
		{ TC,  "tcp 192.168.10.2:80 > 192.168.10.2:80 syn",           DROP(MALFORMED) },
	} },
	{ "IPv6 to ports that nobody lists, where no pool has IPv6 addresses", NARROW, .steps = {
		{ TC,  "udp [2001:db8:9::9]:4000 > [fd00:10::2]:40000",       DROP(NOT_LISTED), .times = 4 },
		{ XDP, "udp [fd00:10::55]:4000 > [fd00:10::2]:40000",         DROP(NOT_LISTED), .times = 4 },
		{ TC,  "udp [2001:db8:9::9]:4000 > [fd00:10::24]:40000",      AGFEO_PASS, AGFEO_REASON_NOT_LISTED, KEEP },
		{ TC,  "udp [2001:db8:9::9]:4000 > [fd00:10::99]:40000",      PASS(NO_DEVICE),  KEEP },
		{ TC,  "udp [2001:db8:9::9]:4000 > [fd00:10::2]:5060",        DROP(SCOPE) },
		{ TC,  "udp [fd00:10::55]:4000 > [fd00:10::2]:5060",          PASS(LISTED),     KEEP },
		{ TC,  "udp [fd00:10::55]:4000 > [fd00:10::2]:5060",          PASS(FLOW),       KEEP },
		{ XDP, "udp [fd00:10::2]:5060 > [fd00:10::55]:4000",          PASS(FLOW),       KEEP },
		{ TC,  "udp [2001:db8:9::9]:0 > [fd00:10::2]:40000",          DROP(MALFORMED) },
		{ TC,  "udp [2001:db8:9::9]:4000 > [fd00:10::2]:0",           DROP(MALFORMED) },
		{ TC,  "udp [2001:db8:9::9]:4000 > [fd00:10::2]:40000 rtp 1", DROP(NOT_LISTED) },
		{ XDP, "udp [fd00:10::2]:40000 > [fd00:10::3]:40000",         DROP(NOT_LISTED) },
	} },
	{ "and what somebody waits for there", NARROW, .steps = {
		{ TC,  "udp [fd00:10::55]:2000 > [fd00:10::21]:40000",        DROP(NOT_LISTED) },
		{ XDP, "udp [fd00:10::21]:40000 > [fd00:10::55]:69",          PASS(LISTED),     KEEP },
		{ TC,  "udp [fd00:10::55]:2000 > [fd00:10::21]:40000",        PASS(EXPECTED),   KEEP },
		{ TC,  "udp [fd00:10::55]:2000 > [fd00:10::21]:40000",        PASS(FLOW),       KEEP },
		{ TC,  "udp [fd00:10::55]:2000 > [fd00:10::21]:40001",        DROP(NOT_LISTED) },
		{ TC,  "udp [fd00:10::55]:3000 > [ff02::1]:12189",            PASS(NO_DEVICE),  KEEP },
		{ XDP, "udp [fd00:10::2]:12189 > [fd00:10::55]:3000",         PASS(EXPECTED),   KEEP },
	} },
	{ "nobody's IPv6 where nobody may be unknown", CLOSED, .steps = {
		{ TC,  "udp [2001:db8:9::9]:4000 > [fd00:10::99]:40000",      DROP(UNKNOWN_HOST) },
		{ TC,  "udp [2001:db8:9::9]:4000 > [fd00:10::2]:40000",       DROP(NOT_LISTED) },
	} },
	{ "IPv6 that is only watched", WATCHED, .steps = {
		{ TC,  "udp [2001:db8:9::9]:4000 > [fd00:10::2]:40000",       AGFEO_PASS, AGFEO_REASON_NOT_LISTED, KEEP },
		{ TC,  "udp [2001:db8:9::9]:4000 > [fd00:10::99]:40000",      PASS(NO_DEVICE),  KEEP },
	} },
};
/* clang-format on */

const struct row_list rows_wire = {rows, ARRAY_SIZE(rows)};
