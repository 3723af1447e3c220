/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of a captured packet as it takes to hand it to the right program and to show it: where
 * the programs' part begins, and its ends. What the packet is, the programs say. Pure.
 */
#ifndef USER_REPORT_DISSECT_H
#define USER_REPORT_DISSECT_H

#include "base/address.h"
#include "report/packets.h"

struct dissected {
	/*
	 * What the programs are shown: bytes `skip` and on of the capture, as they are (raw: an IP
	 * packet, else an Ethernet frame), or behind a made-up Ethernet header of `ethertype`, where
	 * the capture has another one and there is no IP in it.
	 */
	size_t skip;
	bool raw;
	bool made_up;
	uint16_t ethertype;

	bool has_addresses;
	bool has_ports;
	bool later_fragment;
	uint8_t protocol; /* IP protocol */
	struct address source, destination;
	uint16_t source_port, destination_port;

	const uint8_t *payload; /* of UDP or TCP, within the bytes given; NULL without one */
	size_t payload_size;	/* as much as was captured */
};

#define MADE_UP_HEADER 14 /* bytes: addresses of zeros, the Ethertype */

struct dissected dissect(enum framing framing, const uint8_t *bytes, size_t size);

#endif
