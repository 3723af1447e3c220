/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The code point of a packet: six bits of the IPv4 TOS byte or the IPv6 traffic class; the two ECN
 * bits below are never touched (RFC 2474, RFC 3168). A code point and a TOS byte are two types.
 * Pure: works on bytes at hand.
 */
#ifndef BPF_DSCP_H
#define BPF_DSCP_H

#include "kernel.h"

struct agfeo_dscp {
	__u8 codepoint; /* 0..63 */
};

#define ECN_MASK 0x03

static __always_inline struct agfeo_dscp dscp_of_traffic(__u8 traffic)
{
	return (struct agfeo_dscp){traffic >> 2};
}

static __always_inline __u8 traffic_with_dscp(__u8 traffic, struct agfeo_dscp dscp)
{
	return (__u8)(dscp.codepoint << 2) | (traffic & ECN_MASK);
}

/* RFC 1624, equation 3, on the 16-bit word that holds version, IHL and TOS: HC' = ~(~HC + ~m + m'). */
static __always_inline __be16 checksum_replace(__be16 checksum, __be16 old, __be16 new)
{
	__u32 sum = (__u16)~checksum + (__u16)~old + (__u32)(__u16)new;

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__be16)~sum;
}

/* The caller has checked that the header's first twenty bytes are there. */
static __always_inline void dscp_set_ipv4(struct iphdr *ip, struct agfeo_dscp dscp)
{
	__be16 *word = (__be16 *)ip;
	__be16 old = *word;

	ip->tos = traffic_with_dscp(ip->tos, dscp);
	ip->check = checksum_replace(ip->check, old, *word);
}

/* The traffic class straddles the first two bytes: version(4) class(8) flow label(20). */
static __always_inline __be16 ipv6_word_with_dscp(__be16 word, struct agfeo_dscp dscp)
{
	__u16 host = bpf_ntohs(word);
	__u8 traffic = traffic_with_dscp((host >> 4) & 0xff, dscp);

	return bpf_htons((host & 0xf00f) | (__u16)traffic << 4);
}

static __always_inline void dscp_set_ipv6(struct ipv6hdr *ip, struct agfeo_dscp dscp)
{
	__be16 *word = (__be16 *)ip;

	*word = ipv6_word_with_dscp(*word, dscp);
}

/* The priority code point of an inline 802.1Q tag follows the class selector: EF is 5. */
static __always_inline void tag_set_priority(__be16 *tag, struct agfeo_dscp dscp)
{
	*tag = bpf_htons((bpf_ntohs(*tag) & 0x1fff) | (__u16)(dscp.codepoint >> 3) << 13);
}

#endif
