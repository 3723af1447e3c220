/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The reference model's reading of a frame: Ethernet, VLAN tags, PPPoE, IPv4, IPv6 with its
 * extension headers, UDP, TCP and ICMP, into one flat struct. Nothing here knows of policy or
 * state. All numbers are in host order; pointers point into the frame.
 */
#ifndef TESTS_MODEL_WIRE_H
#define TESTS_MODEL_WIRE_H

#include <stddef.h>

#include "base/address.h"

enum wire_kind {
	WIRE_NOT_IP,	     /* ARP, LLDP, PPP control and the like */
	WIRE_BLIND,	     /* malformed, before both addresses could be read */
	WIRE_MALFORMED,	     /* malformed; the addresses are known */
	WIRE_LATER_FRAGMENT, /* a fragment that is not the first: no ports */
	WIRE_PACKET,	     /* whole, or a first fragment that holds its header */
};

enum wire_family { FAMILY_V4 = 4, FAMILY_V6 = 6 };

enum wire_tcp_flags {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_ACK = 0x10,
};

#define PROTOCOL_ICMP	1
#define PROTOCOL_IGMP	2
#define PROTOCOL_TCP	6
#define PROTOCOL_UDP	17
#define PROTOCOL_ICMPV6 58

/* A 5-tuple. For echo both ports are the identifier. */
struct wire_tuple {
	enum wire_family family;
	uint8_t protocol;
	struct address source, destination;
	uint16_t source_port, destination_port;
};

struct wire {
	enum wire_kind kind;
	uint8_t source_mac[6];
	size_t tags[2]; /* where the VLAN tags' control information stands */
	size_t tag_count;
	size_t ip; /* where the IP header stands */

	struct wire_tuple tuple; /* ports only of UDP, TCP and echo */

	bool fragmented; /* first or later */
	uint32_t fragment_id;
	uint8_t fragment_protocol; /* as the fragment itself names it */
	size_t fragment_offset;	   /* bytes */

	const uint8_t *l4; /* UDP, TCP or ICMP header */
	size_t l4_length;  /* bytes of it that the IP packet holds */
	const uint8_t *payload;
	size_t payload_length;

	uint8_t tcp_flags;
	uint32_t sequence, acknowledgement;

	uint8_t icmp_type;
};

/* Ports and identifiers need not be aligned. */
static inline uint16_t wire_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t wire_u32(const uint8_t *at)
{
	return (uint32_t)wire_u16(at) << 16 | wire_u16(at + 2);
}

void wire_read(const uint8_t *frame, size_t length, struct wire *ret_wire);

enum wire_quote {
	QUOTE_SHORT, /* too little is quoted to say whose packet it was */
	QUOTE_OTHER, /* whole, but of no protocol that flows are made of */
	QUOTE_TUPLE,
};

/* Reads the packet that an ICMP error quotes. */
enum wire_quote wire_quoted(const struct wire *wire, struct wire_tuple *ret_tuple);

bool wire_is_icmp(const struct wire *wire); /* ICMP over IPv4 or ICMPv6 over IPv6 */
bool wire_is_icmp_error(const struct wire *wire);
bool wire_is_echo_request(const struct wire *wire);
bool wire_is_echo_reply(const struct wire *wire);

/* Neighbour discovery, IGMP, MLD and DHCP: what every host needs to speak at all. */
bool wire_is_control(const struct wire *wire);

#endif
