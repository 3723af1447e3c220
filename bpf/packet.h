/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A packet as the parser understood it: read once, used by every later stage. Addresses and ports
 * are in host order unless a name says otherwise.
 */
#ifndef BPF_PACKET_H
#define BPF_PACKET_H

#include <agfeo/abi.h>

#include "kernel.h"

#define MAX_TAGS 2

enum hook {
	HOOK_XDP,    /* a voice interface, from its devices */
	HOOK_UPLINK, /* XDP on an uplink interface */
	HOOK_TC,     /* tc egress of a voice interface, towards its devices */
};

/* How far the parser came. */
enum shape {
	SHAPE_TRANSPORT,      /* UDP or TCP: addresses, ports, flags */
	SHAPE_ICMP,	      /* ICMP or ICMPv6: addresses, type, code; ports hold an echo's id */
	SHAPE_OTHER,	      /* another protocol: addresses */
	SHAPE_LATER_FRAGMENT, /* not the first fragment: addresses, fragment_id */
	SHAPE_MALFORMED,      /* addresses are known, what follows contradicts itself */
	SHAPE_UNREADABLE,     /* malformed before the addresses */
	SHAPE_NOT_IP,
};

/* The bytes at hand: [at, end) can be read; `length` is what the whole frame has from `start` on. */
struct span {
	void *start;
	void *at;
	void *end;
	__u32 length;
	bool gso; /* a segment train at tc: IP's own length field may be zero */
};

struct packet {
	__u64 from6[2]; /* IPv6 addresses in network order, as they stand in the packet */
	__u64 to6[2];
	__u32 from4;
	__u32 to4;
	__u32 length;	      /* of the IP packet */
	__u32 payload_length; /* after the UDP, TCP or ICMP header */
	__u32 segments;	      /* packets it stands for: 1, or a GSO train's */
	__u32 sequence;	      /* TCP */
	__u32 acknowledgement;
	__u32 fragment_id; /* protocol << 16 | id (IPv4), id (IPv6) */
	__u16 from_port;
	__u16 to_port;
	__u16 ip; /* offsets from the frame's start */
	__u16 transport;
	__u16 walked;	     /* IPv6: bytes of the header and its extensions */
	__u16 tag[MAX_TAGS]; /* of the 802.1Q TCI of inline tags, or 0 */
	__u8 family;	     /* 4 or 6; 0: no IP header was read */
	__u8 protocol;	     /* IP protocol number */
	__u8 shape;	     /* enum shape */
	__u8 traffic;	     /* TOS or traffic class, as it arrived */
	__u8 tcp_flags;
	__u8 icmp_type;
	__u8 first_fragment; /* more follow */
	__u8 has_mac;
	__u8 fragment_protocol;			 /* IPv6: next header of the fragment header */
	__u8 quoted;				 /* enum quoted: what an ICMP error quotes */
	__u8 payload;				 /* enum payload_kind: what a UDP packet carries */
	__u8 mac[6] __attribute__((aligned(2))); /* source, when has_mac */
};

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_PSH 0x08
#define TCP_ACK 0x10
#define TCP_URG 0x20

/* What a parser does not always write. */
static __always_inline void packet_reset(struct packet *p)
{
	p->segments = 1;
	p->length = p->payload_length = 0;
	p->fragment_id = 0;
	p->from_port = p->to_port = 0;
	p->tag[0] = p->tag[1] = 0;
	p->family = p->protocol = p->traffic = p->tcp_flags = 0;
	p->icmp_type = p->first_fragment = p->has_mac = 0;
	p->fragment_protocol = p->quoted = p->payload = 0;
}

#define MAX_OFFSET 0x7ff /* headers end before; what a verifier can bound */

/* Where a header stands, or NULL when the bytes are not at hand. */
static __always_inline void *at_offset(void *data, void *end, __u32 offset, __u32 size)
{
	void *at = data + (offset & MAX_OFFSET);

	return at + size > end ? NULL : at;
}

/* A port as an index: kernels before 6.13 forget what a register was bound to when it was spilled, and
 * a compiler that knows better leaves the bound out. */
static __always_inline __u32 port_bound(__u32 port)
{
#ifdef __bpf__
	asm volatile("%0 &= 0xffff" : "+r"(port));
#endif
	return port & 0xffff;
}

/* Four bytes of a frame, wherever it begins: the verifier refuses it where a machine minds. */
static __always_inline void word_set(void *to, __u32 word)
{
#ifdef __bpf__
	*(__u32 *)to = word;
#else
	memcpy(to, &word, sizeof(word));
#endif
}

/* Two MAC addresses, as numbers: the fields that hold one are even. */
static __always_inline bool mac_differs(const __u8 *a, const __u8 *b)
{
	return *(const __u16 *)a != *(const __u16 *)b ||
	       *(const __u16 *)(a + 2) != *(const __u16 *)(b + 2) ||
	       *(const __u16 *)(a + 4) != *(const __u16 *)(b + 4);
}

static __always_inline bool is_group(const struct packet *p)
{
	if (p->family == 4)
		return (p->to4 >> 28) == 0xe || p->to4 == 0xffffffff;
	return (bpf_be64_to_cpu(p->to6[0]) >> 56) == 0xff;
}

#endif
