/* SPDX-License-Identifier: GPL-2.0 */
/* What a flood is made of: shared by flood.c, which plans it, and flood.bpf.c, which makes it. */
#ifndef TESTS_E2E_TOOLS_FLOOD_H
#define TESTS_E2E_TOOLS_FLOOD_H

#define FLOOD_PORTS   8	 /* ranges of ports at most */
#define FLOOD_PAYLOAD 32 /* bytes after the UDP header: RTP by its looks */

struct flood_ports {
	unsigned short first, last;
};

/* .rodata of the program. Addresses are in network order. */
struct flood_plan {
	unsigned int interface; /* that the frames leave by */
	unsigned int family;	/* 4 or 6 */
	unsigned int protocol;	/* 17: UDP, 6: TCP SYNs */
	unsigned int port_count;
	struct flood_ports ports[FLOOD_PORTS]; /* destinations; any of them, any port of it */
	unsigned char mac_from[6], mac_to[6];
	unsigned char from[16], to[16]; /* an IPv4 address stands in the first four bytes */
	unsigned int from_mask; /* how much of `from`'s last word varies; it is zero there */
};

#endif
