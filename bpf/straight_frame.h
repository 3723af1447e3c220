/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the straight way reads of a frame. Four registers outlive a call, even one that the kernel puts
 * in line. So what the headers say is looked up where it is needed, again and again: they are in the
 * first-level cache, as spilled registers would be.
 */
#ifndef BPF_STRAIGHT_FRAME_H
#define BPF_STRAIGHT_FRAME_H

#include "cache.h"
#include "dns.h"
#include "flow.h"
#include "parse.h"
#include "rtp.h"

#define IPV4_PLAIN     0x45 /* version 4, five words of header */
#define RTP_PLAIN      0x80 /* version 2 */
#define RTP_PLAIN_MASK 0xdf /* all but the padding bit */
#define RTP_MUXED      0x40 /* payload types 64 to 95: see RTP_FIRST_MUXED */
#define RTP_MUXED_MASK 0x60

static __always_inline const struct agfeo_control *control_now(void)
{
	__u32 zero = 0;

	return find_in(&control, &zero);
}

/* Where the headers stand. */
#define STRAIGHT_IP	 sizeof(struct ethhdr)
#define STRAIGHT_UDP	 (STRAIGHT_IP + sizeof(struct iphdr))
#define STRAIGHT_PAYLOAD (STRAIGHT_UDP + sizeof(struct transport_udp))

/* A frame that parse.h would not object to, and of which nothing else is to be learned. False: ask it. */
static __always_inline bool straight_shape(const struct span *span)
{
	const struct ethhdr *ethernet = span->start;
	const struct iphdr *ip = span->start + STRAIGHT_IP;
	const struct transport_udp *udp = span->start + STRAIGHT_UDP;
	__u32 length, claimed;

	if ((const void *)(udp + 1) > span->end || ethernet->h_proto != bpf_htons(ETHERTYPE_IPV4) ||
	    *(const __u8 *)ip != IPV4_PLAIN || ip->protocol != PROTOCOL_UDP ||
	    (ip->frag_off & bpf_htons(IP_MORE_FRAGMENTS | IP_OFFSET)))
		return false;
	length = bpf_ntohs(ip->tot_len);
	claimed = bpf_ntohs(udp->length);
	return length <= span->length - STRAIGHT_IP && claimed >= sizeof(*udp) &&
	       claimed + sizeof(*ip) <= length;
}

/*
 * And whose addresses and ports are anybody's: not DNS, of which something is learned, and nothing that
 * parse.h takes for malformed. No entry of the flow cache is lent to what is not so; hence this need not
 * be asked of a packet whose entry was found.
 */
static __always_inline bool straight_is_ordinary(const struct span *span)
{
	const struct iphdr *ip = span->start + STRAIGHT_IP;
	const struct transport_udp *udp = span->start + STRAIGHT_UDP;

	return udp->source && udp->destination &&
	       (udp->source != udp->destination || ip->saddr != ip->daddr) &&
	       !is_dns(bpf_ntohs(udp->source), bpf_ntohs(udp->destination));
}

/* The key of a frame of that shape. Returns which end of it sent the packet. */
static __always_inline __u32 straight_key(const struct span *span, struct agfeo_flow4_key *key)
{
	const struct iphdr *ip = span->start + STRAIGHT_IP;
	const struct transport_udp *udp = span->start + STRAIGHT_UDP;

	return flow4_key(end4(bpf_ntohl(ip->saddr), bpf_ntohs(udp->source)),
			 end4(bpf_ntohl(ip->daddr), bpf_ntohs(udp->destination)), PROTOCOL_UDP,
			 key);
}

/* How the flow cache names its direction. */
static __always_inline struct cache_key straight_cache_key(const struct span *span)
{
	const struct iphdr *ip = span->start + STRAIGHT_IP;
	const struct transport_udp *udp = span->start + STRAIGHT_UDP;

	return (struct cache_key){
		.addresses = agfeo_cache_addresses(ip->saddr, ip->daddr),
		.ports = agfeo_cache_ports(udp->source, udp->destination),
	};
}

/*
 * RTP as nearly everybody sends it: no CSRC list, no header extension. Anything else on a voice port
 * takes the way round.
 */
static __always_inline bool straight_is_rtp(const struct span *span)
{
	const struct transport_udp *udp = span->start + STRAIGHT_UDP;
	const struct rtp_wire *wire = span->start + STRAIGHT_PAYLOAD;

	return (const void *)(wire + 1) <= span->end &&
	       bpf_ntohs(udp->length) >= sizeof(*udp) + RTP_FIXED_HEADER &&
	       (wire->first & RTP_PLAIN_MASK) == RTP_PLAIN &&
	       (wire->second & RTP_MUXED_MASK) != RTP_MUXED;
}

/* What is measured of it. */
static __always_inline void straight_rtp(const struct span *span, struct rtp_header *rtp)
{
	const struct transport_udp *udp = span->start + STRAIGHT_UDP;
	const struct rtp_wire *wire = span->start + STRAIGHT_PAYLOAD;

	rtp->payload_type = wire->second & 0x7f;
	rtp->marker = wire->second >> 7;
	rtp->sequence = bpf_ntohs(wire->sequence);
	rtp->timestamp = bpf_ntohl(wire->timestamp);
	rtp->ssrc = bpf_ntohl(wire->ssrc);
	rtp->payload_length = bpf_ntohs(udp->length) - sizeof(*udp) - RTP_FIXED_HEADER;
}

/* What straight_way() says: where the packet goes, in the words of XDP. */
enum straight_verdict {
	WAY_ROUND, /* nothing was done */
	WAY_DROP = XDP_DROP,
	WAY_PASS = XDP_PASS,
	WAY_REDIRECT = XDP_REDIRECT, /* bpf_redirect() knows where */
	WAY_VERDICT = 7,
	WAY_STRANGER = -1, /* nothing was done: it is of no known flow */
	/* And at tc, what its header becomes there; at XDP that is done already. */
	WAY_MARKED = 1 << 3,   /* the code point differs from what it came with */
	WAY_PROMOTED = 1 << 4, /* voice */
	WAY_DSCP = 5,	       /* above it, the code point it gets */
};

#endif
