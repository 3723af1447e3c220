/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bytes to struct packet: Ethernet, VLAN tags, PPPoE, IPv4, IPv6 with its extension headers, UDP,
 * TCP, ICMP. This is the security boundary: whatever a header claims is held against the bytes that
 * are there. Pure: no maps, no helpers.
 */
#ifndef BPF_PARSE_H
#define BPF_PARSE_H

#include "packet.h"

#define ETHERTYPE_IPV4	 0x0800
#define ETHERTYPE_VLAN	 0x8100
#define ETHERTYPE_IPV6	 0x86dd
#define ETHERTYPE_PPPOE	 0x8864
#define ETHERTYPE_QINQ	 0x88a8
#define ETHERTYPE_QINQ_9 0x9100

#define PPP_IPV4 0x0021
#define PPP_IPV6 0x0057

#define MAX_EXTENSIONS	 8
#define MAX_IPV6_HEADERS 1024 /* bytes of extension headers that are walked */

#define PROTOCOL_HOPOPTS  0
#define PROTOCOL_ICMP	  1
#define PROTOCOL_IGMP	  2
#define PROTOCOL_TCP	  6
#define PROTOCOL_UDP	  17
#define PROTOCOL_ROUTING  43
#define PROTOCOL_FRAGMENT 44
#define PROTOCOL_AH	  51
#define PROTOCOL_ICMPV6	  58
#define PROTOCOL_DSTOPTS  60
#define PROTOCOL_MOBILITY 135
#define PROTOCOL_HIP	  139
#define PROTOCOL_SHIM6	  140

#define IP_MORE_FRAGMENTS 0x2000
#define IP_OFFSET	  0x1fff

struct pppoe_header {
	__u8 version_type;
	__u8 code;
	__be16 session;
	__be16 length; /* of what follows these six bytes */
	__be16 protocol;
};

/* RFC 8200, 4.2: what every extension header but AH and the fragment header looks like. */
struct extension_header {
	__u8 next;
	__u8 length; /* in units of 8 bytes, the first 8 not counted; AH: of 4, the first 2 not */
	__u8 type;
	__u8 segments_left;
	__be16 reserved_offset; /* these four are the fragment header's (4.5) */
	__be16 id_high;
};

struct fragment_header {
	__u8 next;
	__u8 reserved;
	__be16 offset; /* 13 bits in units of 8 bytes, 2 reserved, M */
	__be32 id;
};

struct transport_udp {
	__be16 source;
	__be16 destination;
	__be16 length;
	__be16 checksum;
};

struct transport_tcp {
	__be16 source;
	__be16 destination;
	__be32 sequence;
	__be32 acknowledgement;
	__u8 offset; /* upper four bits: header length in words */
	__u8 flags;
	__be16 window;
	__be16 checksum;
	__be16 urgent;
};

struct transport_icmp {
	__u8 type;
	__u8 code;
	__be16 checksum;
	__be16 id;
	__be16 sequence;
};

/* Bounds check and advance in one: NULL when the bytes are not there. */
static __always_inline void *take(struct span *span, __u32 size)
{
	void *at = span->at;

	if (at + size > span->end)
		return NULL;
	span->at = at + size;
	return at;
}

/*
 * Bytes of the frame that were taken. The difference is made of whole pointers, hidden from the
 * optimiser: clang 19 subtracts their lower halves otherwise, which the verifier refuses.
 */
static __always_inline __u32 taken(const struct span *span)
{
	__u64 distance = span->at - span->start;

	barrier_var(distance);
	return distance;
}

/* FIN, SYN and RST contradict each other; a segment with none of SYN, ACK, RST says nothing, and
 * FIN comes with ACK (RFC 9293, 3.10). */
static __always_inline bool tcp_flags_impossible(__u8 flags)
{
	if ((flags & TCP_SYN) && (flags & (TCP_FIN | TCP_RST)))
		return true;
	if ((flags & TCP_FIN) && ((flags & TCP_RST) || !(flags & TCP_ACK)))
		return true;
	return !(flags & (TCP_SYN | TCP_ACK | TCP_RST));
}

static __always_inline bool same_ends(const struct packet *p)
{
	if (p->from_port != p->to_port)
		return false;
	if (p->family == 4)
		return p->from4 == p->to4;
	return p->from6[0] == p->to6[0] && p->from6[1] == p->to6[1];
}

static __always_inline __u8 parse_udp(struct packet *p, struct span *span, __u32 length)
{
	struct transport_udp *udp = take(span, sizeof(*udp));
	__u32 claimed;

	if (!udp || length < sizeof(*udp))
		return SHAPE_MALFORMED;
	claimed = bpf_ntohs(udp->length);
	if (claimed < sizeof(*udp) || (claimed > length && !p->first_fragment))
		return SHAPE_MALFORMED;
	p->from_port = bpf_ntohs(udp->source);
	p->to_port = bpf_ntohs(udp->destination);
	p->payload_length = (claimed < length ? claimed : length) - sizeof(*udp);
	if (!p->from_port || !p->to_port || same_ends(p))
		return SHAPE_MALFORMED;
	return SHAPE_TRANSPORT;
}

static __always_inline __u8 parse_tcp(struct packet *p, struct span *span, __u32 length)
{
	struct transport_tcp *tcp = take(span, sizeof(*tcp));
	__u32 header;

	if (!tcp || length < sizeof(*tcp))
		return SHAPE_MALFORMED;
	header = (tcp->offset >> 4) * 4;
	if (header < sizeof(*tcp) || header > length)
		return SHAPE_MALFORMED;
	p->from_port = bpf_ntohs(tcp->source);
	p->to_port = bpf_ntohs(tcp->destination);
	p->sequence = bpf_ntohl(tcp->sequence);
	p->acknowledgement = bpf_ntohl(tcp->acknowledgement);
	p->tcp_flags = tcp->flags;
	p->payload_length = length - header;
	if (!p->from_port || !p->to_port || same_ends(p) || tcp_flags_impossible(tcp->flags))
		return SHAPE_MALFORMED;
	return SHAPE_TRANSPORT;
}

static __always_inline __u8 parse_icmp(struct packet *p, struct span *span, __u32 length)
{
	struct transport_icmp *icmp = take(span, sizeof(*icmp));

	if (!icmp || length < sizeof(*icmp))
		return SHAPE_MALFORMED;
	p->icmp_type = icmp->type;
	p->from_port = p->to_port = bpf_ntohs(icmp->id);
	p->payload_length = length - sizeof(*icmp);
	return SHAPE_ICMP;
}

/* length: bytes of the IP packet from the transport header on. */
static __always_inline __u8 parse_transport(struct packet *p, struct span *span, __u32 length)
{
	p->transport = (__u16)(span->at - span->start);
	if (p->protocol == PROTOCOL_UDP)
		return parse_udp(p, span, length);
	if (p->protocol == PROTOCOL_TCP)
		return parse_tcp(p, span, length);
	if (p->protocol == (p->family == 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6))
		return parse_icmp(p, span, length);
	return SHAPE_OTHER;
}

/* A later fragment that reaches into the header of the first would rewrite what was judged, and one
 * that ends past 65,535 bytes overflows who reassembles it. offset and length in bytes. */
static __always_inline __u8 parse_later_fragment(__u8 protocol, __u32 offset, __u32 length)
{
	if (offset + length > 65535)
		return SHAPE_MALFORMED;
	if (protocol == PROTOCOL_TCP && offset < sizeof(struct transport_tcp))
		return SHAPE_MALFORMED;
	if (offset < sizeof(struct transport_udp))
		return SHAPE_MALFORMED;
	return SHAPE_LATER_FRAGMENT;
}

static __always_inline __u8 parse_ipv4(struct packet *p, struct span *span)
{
	__u32 available = span->length - taken(span);
	struct iphdr *ip = span->at;
	__u32 header, fragment, offset;

	if ((void *)(ip + 1) > span->end)
		return SHAPE_UNREADABLE;
	p->family = 4;
	p->ip = (__u16)((void *)ip - span->start);
	p->traffic = ip->tos;
	p->protocol = ip->protocol;
	p->from4 = bpf_ntohl(ip->saddr);
	p->to4 = bpf_ntohl(ip->daddr);

	header = ip->ihl * 4;
	p->length = bpf_ntohs(ip->tot_len);
	if (span->gso && !p->length)
		p->length = available;
	if (ip->version != 4 || header < sizeof(*ip) || p->length < header || p->length > available)
		return SHAPE_MALFORMED;
	if (!take(span, header)) /* measured from the start: the verifier bounds ihl * 4 */
		return SHAPE_MALFORMED;

	fragment = bpf_ntohs(ip->frag_off);
	p->fragment_id = (__u32)ip->protocol << 16 | bpf_ntohs(ip->id);
	offset = (fragment & IP_OFFSET) * 8;
	if (offset)
		return parse_later_fragment(ip->protocol, offset, p->length - header);
	p->first_fragment = !!(fragment & IP_MORE_FRAGMENTS);
	return parse_transport(p, span, p->length - header);
}

static __always_inline bool is_extension(__u8 protocol)
{
	switch (protocol) {
	case PROTOCOL_HOPOPTS:
	case PROTOCOL_ROUTING:
	case PROTOCOL_FRAGMENT:
	case PROTOCOL_AH:
	case PROTOCOL_DSTOPTS:
	case PROTOCOL_MOBILITY:
	case PROTOCOL_HIP:
	case PROTOCOL_SHIM6:
		return true;
	default:
		return false;
	}
}

/*
 * One extension header: p->protocol names it, it stands p->walked bytes behind the IPv6 header.
 * Advances both; SHAPE_TRANSPORT: go on. What is known of them lives in the packet, not in
 * registers, so that a verifier sees every step as the same one.
 */
static __always_inline __u8 walk_extension(struct packet *p, const struct span *span, void *ip)
{
	__u32 size, offset, walked = p->walked;
	struct extension_header *header;
	__u8 shape = SHAPE_TRANSPORT;

	if (walked > MAX_IPV6_HEADERS)
		return SHAPE_MALFORMED;
	header = ip + walked;
	if ((void *)(header + 1) > span->end || walked + sizeof(*header) > p->length)
		return SHAPE_MALFORMED;

	size = (header->length + 1) * 8;
	if (p->protocol == PROTOCOL_AH)
		size = (header->length + 2) * 4;
	if (p->protocol == PROTOCOL_ROUTING && header->segments_left)
		return SHAPE_MALFORMED; /* the address that counts is inside the header */
	if (p->protocol == PROTOCOL_FRAGMENT) {
		struct fragment_header *fragment = (void *)header;

		size = sizeof(*fragment);
		offset = bpf_ntohs(fragment->offset);
		p->fragment_id = bpf_ntohl(fragment->id);
		p->fragment_protocol = fragment->next;
		p->first_fragment = offset & 1;
		if (offset & ~7u)
			shape = parse_later_fragment(fragment->next, offset & ~7u,
						     p->length - walked - size);
	}
	p->protocol = header->next;
	p->walked = walked + size;
	return walked + size > p->length ? SHAPE_MALFORMED : shape;
}

static __always_inline __u8 walk_extensions(struct packet *p, const struct span *span, void *ip)
{
	p->walked = sizeof(struct ipv6hdr);
#pragma clang loop unroll(disable)
	for (int i = 0; i < MAX_EXTENSIONS; i++) {
		__u8 shape;

		if (!is_extension(p->protocol))
			return SHAPE_TRANSPORT;
		shape = walk_extension(p, span, ip);
		if (shape != SHAPE_TRANSPORT)
			return shape;
	}
	return is_extension(p->protocol) ? SHAPE_MALFORMED : SHAPE_TRANSPORT;
}

static __always_inline __u8 parse_ipv6(struct packet *p, struct span *span)
{
	__u32 available = span->length - (__u32)(span->at - span->start), walked;
	struct ipv6hdr *ip = span->at;
	__u8 shape;

	if ((void *)(ip + 1) > span->end)
		return SHAPE_UNREADABLE;
	p->family = 6;
	p->ip = (__u16)((void *)ip - span->start);
	p->traffic = (bpf_ntohs(*(__be16 *)ip) >> 4) & 0xff;
	memcpy(p->from6, &ip->saddr, sizeof(p->from6));
	memcpy(p->to6, &ip->daddr, sizeof(p->to6));
	p->protocol = ip->nexthdr;

	p->length = sizeof(*ip) + bpf_ntohs(ip->payload_len);
	if (span->gso && !ip->payload_len)
		p->length = available;
	if (*(__u8 *)ip >> 4 != 6 || p->length > available)
		return SHAPE_MALFORMED;

	shape = walk_extensions(p, span, ip);
	if (shape != SHAPE_TRANSPORT)
		return shape;
	walked = p->walked;
	if (walked > MAX_IPV6_HEADERS)
		return SHAPE_MALFORMED;
	span->at = (void *)ip + walked;
	return parse_transport(p, span, p->length - walked);
}

static __always_inline __u8 parse_ip(struct packet *p, struct span *span, __u16 ethertype)
{
	if (ethertype == ETHERTYPE_IPV4)
		return parse_ipv4(p, span);
	if (ethertype == ETHERTYPE_IPV6)
		return parse_ipv6(p, span);
	return SHAPE_NOT_IP;
}

static __always_inline bool is_tag(__u16 ethertype)
{
	return ethertype == ETHERTYPE_VLAN || ethertype == ETHERTYPE_QINQ ||
	       ethertype == ETHERTYPE_QINQ_9;
}

static __always_inline __u8 parse_pppoe(struct packet *p, struct span *span)
{
	struct pppoe_header *pppoe = take(span, sizeof(*pppoe));
	__u32 carried;

	if (!pppoe)
		return SHAPE_UNREADABLE;
	carried = bpf_ntohs(pppoe->length);
	if (pppoe->version_type != 0x11 || pppoe->code || carried < sizeof(pppoe->protocol) ||
	    taken(span) - sizeof(pppoe->protocol) + carried > span->length)
		return SHAPE_UNREADABLE;
	/* The session's bytes end here, whatever padding the frame has. */
	span->length = taken(span) - sizeof(pppoe->protocol) + carried;
	if (pppoe->protocol == bpf_htons(PPP_IPV4))
		return parse_ip(p, span, ETHERTYPE_IPV4);
	if (pppoe->protocol == bpf_htons(PPP_IPV6))
		return parse_ip(p, span, ETHERTYPE_IPV6);
	return SHAPE_NOT_IP;
}

/* From what follows the MAC addresses: tags, PPPoE, IP. */
static __always_inline __u8 parse_ethertype(struct packet *p, struct span *span, __u16 ethertype)
{
	for (int i = 0; i < MAX_TAGS; i++) {
		__be16 *tag;

		if (!is_tag(ethertype))
			break;
		tag = take(span, 4);
		if (!tag)
			return SHAPE_UNREADABLE;
		p->tag[i] = (__u16)((void *)tag - span->start);
		ethertype = bpf_ntohs(tag[1]);
	}
	if (is_tag(ethertype))
		return SHAPE_UNREADABLE; /* a third tag: nobody knows what it hides */
	if (ethertype == ETHERTYPE_PPPOE)
		return parse_pppoe(p, span);
	return parse_ip(p, span, ethertype);
}

static __always_inline __u8 parse_ethernet(struct packet *p, struct span *span)
{
	struct ethhdr *ethernet = take(span, sizeof(*ethernet));

	if (!ethernet)
		return SHAPE_UNREADABLE;
	p->has_mac = 1;
	memcpy(p->mac, ethernet->h_source, sizeof(p->mac));
	return parse_ethertype(p, span, bpf_ntohs(ethernet->h_proto));
}

/* A device without a link-layer header (PPP, tun, WireGuard): the version nibble tells. */
static __always_inline __u8 parse_raw(struct packet *p, struct span *span)
{
	__u8 *first = span->at;

	if ((void *)(first + 1) > span->end)
		return SHAPE_UNREADABLE;
	if (*first >> 4 == 4)
		return parse_ip(p, span, ETHERTYPE_IPV4);
	if (*first >> 4 == 6)
		return parse_ip(p, span, ETHERTYPE_IPV6);
	return SHAPE_UNREADABLE;
}

#endif
