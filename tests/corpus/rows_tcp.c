/* SPDX-License-Identifier: GPL-2.0 */
/* Connections: how they open, what belongs to them, what ends them. */
#include "vocabulary.h"

#define HOST "192.168.20.5:40000"
#define PBX  "192.168.10.2:443"

#define OPENED                                                                                     \
	{TC, "tcp " HOST " > " PBX " syn seq 1000", PASS(LISTED), KEEP},                           \
		{XDP, "tcp " PBX " > " HOST " syn ack seq 5000 acks 1001", PASS(FLOW), KEEP},      \
	{                                                                                          \
		TC, "tcp " HOST " > " PBX " ack seq 1001 acks 5001", PASS(FLOW), KEEP              \
	}

/* clang-format off */
static const struct row rows[] = {
	{ "a connection lives two hours and four minutes", OFFICE, .steps = {
		OPENED,
		{ XDP, "tcp " PBX " > " HOST " ack seq 5001 acks 1001",       PASS(FLOW),    KEEP, SECONDS(7430) },
		{ XDP, "tcp " PBX " > " HOST " ack seq 5001 acks 1001",       DROP(NO_FLOW), KEEP, SECONDS(7450) },
	} },
	{ "one that was never answered, four minutes", OFFICE, .steps = {
		{ TC,  "tcp " HOST " > " PBX " syn seq 1000",                 PASS(LISTED),  KEEP },
		{ XDP, "tcp " PBX " > " HOST " syn ack seq 5000 acks 1001",   DROP(NO_FLOW), KEEP, SECONDS(250) },
	} },
	{ "a SYN is repeated until it is answered", OFFICE, .steps = {
		{ TC,  "tcp " HOST " > " PBX " syn seq 1000",                 PASS(LISTED),  KEEP },
		{ TC,  "tcp " HOST " > " PBX " syn seq 1000",                 PASS(FLOW),    KEEP, SECONDS(1) },
		{ XDP, "tcp " PBX " > " HOST " syn ack seq 5000 acks 1001",   PASS(FLOW),    KEEP },
	} },
	{ "mid-stream without a connection", OFFICE, .steps = {
		{ TC,  "tcp " HOST " > " PBX " ack seq 7 acks 7",             DROP(NO_FLOW) },
		{ TC,  "tcp " HOST " > " PBX " syn ack seq 7 acks 7",         DROP(NO_FLOW) },
		{ TC,  "tcp " HOST " > " PBX " rst seq 7",                    DROP(NO_FLOW) },
		{ TC,  "tcp " HOST " > " PBX " fin ack seq 7 acks 7",         DROP(NO_FLOW) },
		{ XDP, "tcp " PBX " > " HOST " ack seq 7 acks 7",             DROP(NO_FLOW) },
	} },
	{ "a SYN-ACK must acknowledge the SYN that it answers", OFFICE, .steps = {
		{ TC,  "tcp " HOST " > " PBX " syn seq 1000",                 PASS(LISTED),  KEEP },
		{ XDP, "tcp " PBX " > " HOST " syn ack seq 5000 acks 1000",   DROP(NO_FLOW) },
		{ XDP, "tcp " PBX " > " HOST " syn ack seq 5000 acks 77",     DROP(NO_FLOW) },
		{ XDP, "tcp " PBX " > " HOST " ack seq 5000 acks 1001",       DROP(NO_FLOW) },
		{ XDP, "tcp " PBX " > " HOST " syn ack seq 5000 acks 1001",   PASS(FLOW),    KEEP },
		{ XDP, "tcp " PBX " > " HOST " ack seq 5001 acks 1001",       PASS(FLOW),    KEEP },
	} },
	{ "the sequence numbers wrap", OFFICE, .steps = {
		{ TC,  "tcp " HOST " > " PBX " syn seq 4294967295",           PASS(LISTED),  KEEP },
		{ XDP, "tcp " PBX " > " HOST " syn ack seq 4294967295 acks 0", PASS(FLOW),   KEEP },
		{ TC,  "tcp " HOST " > " PBX " rst seq 0",                    PASS(FLOW),    KEEP },
		{ TC,  "tcp " HOST " > " PBX " ack seq 1",                    DROP(NO_FLOW), KEEP, SECONDS(250) },
	} },
	{ "a port that nobody listens at is refused by a RST that acknowledges the SYN", OFFICE, .steps = {
		{ TC,  "tcp " HOST " > " PBX " syn seq 1000",                 PASS(LISTED),  KEEP },
		{ XDP, "tcp " PBX " > " HOST " rst ack acks 55",              DROP(NO_FLOW) },
		{ XDP, "tcp " PBX " > " HOST " rst ack acks 1001",            PASS(FLOW),    KEEP },
		{ TC,  "tcp " HOST " > " PBX " syn seq 9000",                 PASS(LISTED),  KEEP },
	} },
	{ "a forged RST does not age out a live connection", OFFICE, .steps = {
		OPENED,
		{ TC,  "tcp " HOST " > " PBX " rst seq 4711",                 PASS(FLOW),    KEEP },
		{ TC,  "tcp " HOST " > " PBX " ack seq 1001 acks 5001",       PASS(FLOW),    KEEP, SECONDS(3600) },
	} },
	{ "a RST in sequence does", OFFICE, .steps = {
		OPENED,
		{ TC,  "tcp " HOST " > " PBX " rst seq 1001",                 PASS(FLOW),    KEEP },
		{ TC,  "tcp " HOST " > " PBX " ack seq 1001 acks 5001",       DROP(NO_FLOW), KEEP, SECONDS(241) },
	} },
	{ "FIN of one end leaves the other speaking", OFFICE, .steps = {
		OPENED,
		{ TC,  "tcp " HOST " > " PBX " fin ack seq 1001 acks 5001",   PASS(FLOW),    KEEP },
		{ XDP, "tcp " PBX " > " HOST " ack seq 5001 acks 1002",       PASS(FLOW),    KEEP, SECONDS(3600) },
	} },
	{ "FIN of both ends, then four minutes", OFFICE, .steps = {
		OPENED,
		{ TC,  "tcp " HOST " > " PBX " fin ack seq 1001 acks 5001",   PASS(FLOW),    KEEP },
		{ XDP, "tcp " PBX " > " HOST " fin ack seq 5001 acks 1002",   PASS(FLOW),    KEEP },
		{ TC,  "tcp " HOST " > " PBX " ack seq 1002 acks 5002",       PASS(FLOW),    KEEP },
		{ TC,  "tcp " HOST " > " PBX " ack seq 1002 acks 5002",       DROP(NO_FLOW), KEEP, SECONDS(241) },
	} },
	{ "FIN out of sequence is not believed", OFFICE, .steps = {
		OPENED,
		{ TC,  "tcp " HOST " > " PBX " fin ack seq 90 acks 5001",     PASS(FLOW),    KEEP },
		{ XDP, "tcp " PBX " > " HOST " fin ack seq 90 acks 1002",     PASS(FLOW),    KEEP },
		{ TC,  "tcp " HOST " > " PBX " ack seq 1001 acks 5001",       PASS(FLOW),    KEEP, SECONDS(3600) },
	} },
	{ "a closed connection may be opened again at once", OFFICE, .steps = {
		OPENED,
		{ TC,  "tcp " HOST " > " PBX " rst seq 1001",                 PASS(FLOW),    KEEP },
		{ TC,  "tcp " HOST " > " PBX " syn seq 70000",                PASS(LISTED),  KEEP },
		{ XDP, "tcp " PBX " > " HOST " syn ack seq 1 acks 70001",     PASS(FLOW),    KEEP },
	} },
	{ "the other end may not open it: the old one stays", OFFICE, .steps = {
		OPENED,
		{ XDP, "tcp " PBX " > " HOST " syn seq 1",                    DROP(DIRECTION) },
		{ TC,  "tcp " HOST " > " PBX " ack seq 1001 acks 5001",       PASS(FLOW),    KEEP },
	} },
	{ "impossible flags", OFFICE, .steps = {
		{ TC,  "tcp " HOST " > " PBX " syn fin",                      DROP(MALFORMED) },
		{ TC,  "tcp " HOST " > " PBX " syn rst",                      DROP(MALFORMED) },
		{ TC,  "tcp " HOST " > " PBX " fin",                          DROP(MALFORMED) },
		{ TC,  "tcp " HOST " > " PBX " fin rst ack",                  DROP(MALFORMED) },
		{ TC,  "tcp " HOST " > " PBX " psh",                          DROP(MALFORMED) },
		{ TC,  "tcp " HOST " > " PBX,                                 DROP(MALFORMED) },
	} },
	{ "after the first load connections are picked up where they are", OFFICE, .pickup = true, .steps = {
		{ TC,  "tcp " HOST " > " PBX " ack seq 7 acks 7",             PASS(PICKUP),  KEEP },
		{ XDP, "tcp " PBX " > " HOST " ack seq 7 acks 7",             PASS(FLOW),    KEEP },
		{ XDP, "tcp 192.168.10.2:389 > " HOST " ack seq 7 acks 7",    PASS(PICKUP),  KEEP },
		{ TC,  "tcp " HOST " > 192.168.10.2:22 ack seq 7 acks 7",     DROP(NO_FLOW) },
		{ TC,  "tcp 198.51.100.9:4 > " PBX " ack seq 7 acks 7",       DROP(NO_FLOW) },
		{ TC,  "tcp 192.168.20.6:4 > " PBX " ack seq 7 acks 7",       DROP(NO_FLOW), KEEP, SECONDS(60) },
	} },
	{ "a picked-up connection ends with a RST of either end", OFFICE, .pickup = true, .steps = {
		{ TC,  "tcp " HOST " > " PBX " ack seq 7000000 acks 9000000", PASS(PICKUP),  KEEP },
		{ XDP, "tcp " PBX " > " HOST " ack seq 9000000 acks 7000000", PASS(FLOW),    KEEP },
		{ XDP, "tcp " PBX " > " HOST " rst seq 9000000",              PASS(FLOW),    KEEP },
		{ XDP, "tcp " PBX " > " HOST " ack seq 9000000 acks 7000000", DROP(NO_FLOW), KEEP, SECONDS(241) },
	} },
	{ "a SYN-ACK that was picked up may be repeated", OFFICE, .pickup = true, .steps = {
		{ XDP, "tcp " PBX " > " HOST " syn ack seq 5000 acks 1001",   PASS(PICKUP),  KEEP },
		{ XDP, "tcp " PBX " > " HOST " syn ack seq 5000 acks 1001",   PASS(FLOW),    KEEP, SECONDS(1) },
	} },
	{ "who was taken for the opener answers a SYN: its RST is known as one", OFFICE, .pickup = true, .steps = {
		{ TC,  "tcp 192.168.20.5:53 > 192.168.10.2:40000 ack seq 7000000 acks 9000000",         PASS(PICKUP),  KEEP },
		{ XDP, "tcp 192.168.10.2:40000 > 192.168.20.5:53 syn ack seq 8999999 acks 7000000",     PASS(FLOW),    KEEP },
		{ XDP, "tcp 192.168.10.2:40000 > 192.168.20.5:53 rst seq 9000000",                      PASS(FLOW),    KEEP },
		{ XDP, "tcp 192.168.10.2:40000 > 192.168.20.5:53 ack seq 9000000 acks 7000000",         DROP(NO_FLOW), KEEP, SECONDS(241) },
	} },
	{ "TCP to a group makes no flow, picked up or not", OFFICE, .pickup = true, .steps = {
		{ XDP, "tcp 192.168.10.2:40000 > 239.1.2.3:53 ack seq 7 acks 7",                        PASS(PICKUP),  KEEP },
		{ XDP, "tcp 192.168.10.2:40000 > 239.1.2.3:53 ack seq 7 acks 7",                        PASS(PICKUP),  KEEP },
	} },
};
/* clang-format on */

const struct row_list rows_tcp = {rows, ARRAY_SIZE(rows)};
