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
	__u32 sum = (__u16)~checksum + (__u16)~old + (__u32)(__u16) new;

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__be16)~sum;
}

/* The first word of the header: version(4) IHL(4) TOS(8). */
static __always_inline __be16 ipv4_word_with_dscp(__be16 word, struct agfeo_dscp dscp)
{
	return (word & bpf_htons(0xff00 | ECN_MASK)) | bpf_htons((__u16)(dscp.codepoint << 2));
}

/*
 * The caller has checked that the header's first twenty bytes are there. Written as the word that
 * the checksum sums, not as a byte that is then read back as part of a word: compilers may take
 * such a pair for strangers and read first.
 */
static __always_inline void dscp_set_ipv4(struct iphdr *ip, struct agfeo_dscp dscp)
{
	__be16 *word = (__be16 *)ip;
	__be16 old = *word;
	__be16 new = ipv4_word_with_dscp(old, dscp);

	*word = new;
	ip->check = checksum_replace(ip->check, old, new);
}

/* What a router takes from the word that holds TTL and protocol (RFC 1812, 5.3.1). */
#define IPV4_HOP bpf_htons(0x0100)

/*
 * As dscp_set_ipv4(), and `hop` is taken from the TTL: IPV4_HOP where that is more than 1, or 0. The
 * checksum is written once for both, its steps are summed: m' - m is ~hop, or -0, of the TTL's word.
 */
static __always_inline void ipv4_send_on(struct iphdr *ip, struct agfeo_dscp dscp, __be16 hop)
{
	__be16 *word = (__be16 *)ip, *ttl = word + offsetof(struct iphdr, ttl) / sizeof(*word);
	__be16 old = *word;
	__be16 new = ipv4_word_with_dscp(old, dscp);
	__u32 sum = (__u16)~ip->check + (__u16)~old + (__u32)(__u16) new + (__u16)~hop;

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	*word = new;
	*ttl -= hop;
	ip->check = (__sum16)~sum;
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
