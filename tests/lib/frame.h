/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Builds a frame, layer by layer, from an initialiser that reads like the packet:
 *
 *	struct frame call = {UDP("192.168.10.2", 5204, "217.10.64.9", 30000), .tos = 0xb8};
 *	struct frame_bytes bytes = frame_build(&call);
 *
 * What is left out is what a sane sender would send; every length and checksum is right unless a
 * member says otherwise. The product's own parsers are not used: this is what they are held against.
 */
#ifndef TESTS_LIB_FRAME_H
#define TESTS_LIB_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_MOST 16384

struct frame_vlan {
	uint16_t id;
	uint8_t priority;
	uint16_t tpid; /* 0: 802.1Q, 0x8100 */
};

enum frame_link {
	LINK_ETHERNET,
	LINK_NONE, /* the frame begins with the IP header */
};

/* IP protocol numbers of its own: <netinet/in.h> and <linux/in.h> do not bear each other. */
enum frame_protocol {
	FRAME_HOPOPTS = 0,
	FRAME_ICMP = 1,
	FRAME_IGMP = 2,
	FRAME_TCP = 6,
	FRAME_UDP = 17,
	FRAME_ROUTING = 43,
	FRAME_FRAGMENT = 44,
	FRAME_ESP = 50,
	FRAME_AH = 51,
	FRAME_ICMP6 = 58,
	FRAME_NONE = 59,
	FRAME_DSTOPTS = 60,
};

/* TCP flags, as in the header's octet. */
#define FIN 0x01
#define SYN 0x02
#define RST 0x04
#define PSH 0x08
#define ACK 0x10

struct frame {
	/* Link. Addresses are text; NULL: 02:00:00:00:00:01 sends to 02:00:00:00:00:02. */
	enum frame_link link;
	const char *source_mac, *destination_mac;
	struct frame_vlan vlan[3]; /* outermost first */
	unsigned vlan_count;
	bool pppoe;
	uint16_t ethertype; /* 0: that of what follows */
	size_t pad_to;	    /* zeros after the packet up to this length; 60 is Ethernet's least */

	/* Network. The family is that of the addresses; without them the payload follows the link. */
	const char *source, *destination;
	uint8_t tos; /* or traffic class: DSCP << 2 | ECN */
	uint8_t ttl; /* or hop limit; 0: 64 */
	uint16_t id;
	bool dont_fragment;
	const void *ip_options; /* IPv4; a multiple of 4 bytes */
	size_t ip_options_size;
	uint8_t extensions[12]; /* IPv6: FRAME_HOPOPTS, _ROUTING, _DSTOPTS, _AH, in their order */
	unsigned extension_count;
	size_t extension_size; /* of each; 0: 8 bytes (AH: 16) */

	/* Of the whole packet only a fragment: bytes offset .. offset + size - 1 of what follows the
	 * IP header. IPv6 gets a fragment header. More fragments follow if bytes are left. */
	bool fragment;
	uint16_t fragment_offset; /* a multiple of 8 */
	size_t fragment_size;	  /* 0: to the end */

	/* Transport. 0 with addresses: the payload follows the IP header, as FRAME_NONE. */
	uint8_t protocol;
	uint16_t source_port, destination_port;
	uint8_t tcp_flags;
	uint32_t sequence, acknowledgement;
	const void *tcp_options; /* a multiple of 4 bytes */
	size_t tcp_options_size;
	uint8_t icmp_type, icmp_code;
	uint32_t
		icmp_word; /* what follows the checksum: an echo's id << 16 | sequence, or an MTU */
	const struct frame *quoted; /* an ICMP error quotes its IP packet */
	size_t quoted_size;	    /* at most so many bytes of it; 0: 576 */

	const void *payload;
	size_t payload_size; /* with payload NULL: so many bytes 0, 1, 2 and so on */

	/* Lies. 0 is the truth. */
	uint8_t ip_version;
	uint8_t ihl;	       /* in words */
	uint16_t total_length; /* IPv4: of the packet; IPv6: of what follows the header */
	uint16_t udp_length;
	uint8_t data_offset; /* in words */
	bool zero_length;    /* the length field of IP is 0 */
	bool no_udp_checksum;
	bool bad_ip_checksum, bad_checksum;
	bool more_fragments; /* IPv4, although none follows; also sets it where nothing else does */
	size_t cut_to;	     /* the frame ends here */
};

#define ENDS_(from, from_port, to, to_port)                                                        \
	.source = (from), .source_port = (from_port), .destination = (to),                         \
	.destination_port = (to_port)
#define UDP(from, from_port, to, to_port) ENDS_(from, from_port, to, to_port), .protocol = FRAME_UDP
#define TCP(from, from_port, to, to_port, flags)                                                   \
	ENDS_(from, from_port, to, to_port), .protocol = FRAME_TCP, .tcp_flags = (flags)
#define ICMP(from, to, type, code)                                                                 \
	.source = (from), .destination = (to), .protocol = FRAME_ICMP, .icmp_type = (type),        \
	.icmp_code = (code)
#define ICMP6(from, to, type, code)                                                                \
	.source = (from), .destination = (to), .protocol = FRAME_ICMP6, .icmp_type = (type),       \
	.icmp_code = (code)

struct frame_bytes {
	size_t length;
	size_t ip;	  /* where the IP header begins; 0 without a link or without IP */
	size_t transport; /* where what follows the IP headers begins */
	uint8_t bytes[FRAME_MOST];
};

/* Aborts on an initialiser that cannot be built (bad address, too long): the test is wrong then. */
struct frame_bytes frame_build(const struct frame *frame);

/* RFC 1071 over `size` bytes, continuing from `sum`: the folded sum, not yet complemented. */
uint16_t frame_sum(uint16_t sum, const void *bytes, size_t size);

/* Whether all checksums of an IP packet hold: IPv4 header, and UDP, TCP, ICMP of a whole packet. */
bool frame_checksums_hold(const struct frame_bytes *frame);

#endif
