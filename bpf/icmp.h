/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ICMP and ICMPv6: errors belong to the flow that they quote (RFC 5508; read only, nothing is
 * written into the packet), echo requests come from the site, neighbour discovery, IGMP and MLD
 * always pass, the rest is nobody's.
 */
#ifndef BPF_ICMP_H
#define BPF_ICMP_H

#include "cache.h"
#include "flow.h"

#define ICMP_ECHO_REPLY	   0
#define ICMP_UNREACHABLE   3
#define ICMP_SOURCE_QUENCH 4
#define ICMP_ECHO	   8
#define ICMP_TIME_EXCEEDED 11
#define ICMP_PARAMETER	   12
#define ICMPV6_FIRST_ERROR 1
#define ICMPV6_LAST_ERROR  4
#define ICMPV6_ECHO	   128
#define ICMPV6_ECHO_REPLY  129
#define ICMPV6_FIRST_MLD   130
#define ICMPV6_LAST_ND	   137
#define ICMPV6_MLD2	   143

enum icmp_kind {
	ICMP_IS_ERROR,
	ICMP_IS_ECHO,
	ICMP_IS_ECHO_REPLY,
	ICMP_IS_CONTROL,
	ICMP_IS_OTHER,
};

static __always_inline enum icmp_kind icmp_kind(const struct packet *p)
{
	__u8 type = p->icmp_type;

	if (p->family == 4) {
		if (type == ICMP_ECHO)
			return ICMP_IS_ECHO;
		if (type == ICMP_ECHO_REPLY)
			return ICMP_IS_ECHO_REPLY;
		if (type == ICMP_UNREACHABLE || type == ICMP_SOURCE_QUENCH ||
		    type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETER)
			return ICMP_IS_ERROR;
		return ICMP_IS_OTHER;
	}
	if (type == ICMPV6_ECHO)
		return ICMP_IS_ECHO;
	if (type == ICMPV6_ECHO_REPLY)
		return ICMP_IS_ECHO_REPLY;
	if (type >= ICMPV6_FIRST_ERROR && type <= ICMPV6_LAST_ERROR)
		return ICMP_IS_ERROR;
	if ((type >= ICMPV6_FIRST_MLD && type <= ICMPV6_LAST_ND) || type == ICMPV6_MLD2)
		return ICMP_IS_CONTROL;
	return ICMP_IS_OTHER;
}

enum quoted {
	QUOTED_FLOW,	  /* ends are filled in */
	QUOTED_NOTHING,	  /* no ports: a fragment's rest, another protocol */
	QUOTED_TOO_SHORT, /* or it contradicts itself */
};

/* transport: the first eight bytes of the quoted packet's UDP, TCP or ICMP header, in bounds. */
static __always_inline enum quoted quoted_ports(struct ends *ends, const void *transport)
{
	const struct transport_icmp *icmp = transport;
	const struct transport_udp *udp = transport;
	bool v4 = ends->family == 4;

	if (ends->protocol == PROTOCOL_UDP || ends->protocol == PROTOCOL_TCP) {
		ends->from_port = bpf_ntohs(udp->source);
		ends->to_port = bpf_ntohs(udp->destination);
		return QUOTED_FLOW;
	}
	if (ends->protocol != (v4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6))
		return QUOTED_NOTHING;
	if (icmp->type != (v4 ? ICMP_ECHO : ICMPV6_ECHO) &&
	    icmp->type != (v4 ? ICMP_ECHO_REPLY : ICMPV6_ECHO_REPLY))
		return QUOTED_NOTHING;
	ends->from_port = ends->to_port = bpf_ntohs(icmp->id);
	return QUOTED_FLOW;
}

static __always_inline enum quoted quoted_ipv4(struct ends *ends, const struct iphdr *ip, void *end,
					       __u32 length)
{
	const void *transport;
	__u32 header;

	if ((void *)(ip + 1) > end || length < sizeof(*ip))
		return QUOTED_TOO_SHORT;
	header = ip->ihl * 4;
	transport = (const void *)ip + header;
	if (ip->version != 4 || header < sizeof(*ip) ||
	    length < header + sizeof(struct transport_udp) ||
	    transport + sizeof(struct transport_udp) > end)
		return QUOTED_TOO_SHORT;
	ends->from4 = bpf_ntohl(ip->saddr);
	ends->to4 = bpf_ntohl(ip->daddr);
	ends->protocol = ip->protocol;
	if (bpf_ntohs(ip->frag_off) & IP_OFFSET)
		return QUOTED_NOTHING;
	return quoted_ports(ends, transport);
}

static __always_inline enum quoted quoted_ipv6(struct ends *ends, const struct ipv6hdr *ip,
					       void *end, __u32 length)
{
	const void *transport = ip + 1;

	if (transport + sizeof(struct transport_udp) > end ||
	    length < sizeof(*ip) + sizeof(struct transport_udp) || *(const __u8 *)ip >> 4 != 6)
		return QUOTED_TOO_SHORT;
	memcpy(ends->from6, &ip->saddr, sizeof(ends->from6));
	memcpy(ends->to6, &ip->daddr, sizeof(ends->to6));
	ends->protocol = ip->nexthdr;
	return quoted_ports(ends, transport);
}

/* Reads whom an ICMP error speaks of into s->ends; the parser calls it, the bytes are at hand. */
static __always_inline __u8 parse_quoted(struct scratch *s, void *quote, void *end)
{
	struct ends *ends = &s->ends;

	ends->family = s->packet.family;
	if (ends->family == 4)
		return quoted_ipv4(ends, quote, end, s->packet.payload_length);
	return quoted_ipv6(ends, quote, end, s->packet.payload_length);
}

/* An error goes to whoever sent what it quotes. */
static __always_inline bool quotes_receiver(const struct packet *p, const struct ends *quoted)
{
	if (p->family == 4)
		return p->to4 == quoted->from4;
	return p->to6[0] == quoted->from6[0] && p->to6[1] == quoted->from6[1];
}

/* RELATED when the quoted packet is the receiver's and belongs to a live flow, NO_FLOW when not,
 * MALFORMED when the error quotes too little. */
static __always_inline __u8 icmp_error(struct scratch *s)
{
	struct known_flow known;

	if (s->packet.quoted == QUOTED_TOO_SHORT)
		return AGFEO_REASON_MALFORMED;
	if (s->packet.quoted == QUOTED_NOTHING || !quotes_receiver(&s->packet, &s->ends))
		return AGFEO_REASON_NO_FLOW;
	flow_id_of_ends(&s->ends, &s->other_id);
	known = flow_lookup(&s->other_id, s->packet.family);
	if (agfeo_config.cache && known.flow && s->packet.family == 4)
		cache_sync_both(known.flow, cache_key_of(s->ends.from4, s->ends.to4,
							 s->ends.from_port, s->ends.to_port));
	if (!known.flow || flow_expired(known.flow, s->other_id.from_end, s->scene.now))
		return AGFEO_REASON_NO_FLOW;
	return AGFEO_REASON_RELATED;
}

#endif
