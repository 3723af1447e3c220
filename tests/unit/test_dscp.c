/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bpf/dscp.h on the host: the IPv4 header that is marked or sent on against one that was made so from
 * the beginning, its checksum summed over all of it (RFC 1071).
 */
#include "dscp.h"

#include "check.h"

#define CODE_POINTS 64
#define TRAFFICS    256
#define IDS	    65536 /* with these, the checksum takes every value that it can */

static __sum16 checksum_of(struct iphdr ip)
{
	__u16 words[sizeof(ip) / sizeof(__u16)];
	__u32 sum = 0;

	ip.check = 0;
	memcpy(words, &ip, sizeof(ip));
	for (size_t i = 0; i < sizeof(ip) / sizeof(__u16); i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return (__sum16) ~(sum + (sum >> 16));
}

static struct iphdr header_of(__u16 id, __u8 tos, __u8 ttl)
{
	struct iphdr ip = {
		.version = 4,
		.ihl = 5,
		.tos = tos,
		.tot_len = bpf_htons(200),
		.id = bpf_htons(id),
		.frag_off = bpf_htons(0x4000),
		.ttl = ttl,
		.protocol = IPPROTO_UDP,
		.saddr = bpf_htonl(0xc0a80a02),
		.daddr = bpf_htonl(0xd90a400a),
	};

	ip.check = checksum_of(ip);
	return ip;
}

/* Whether the three ways to change a header make the one that is expected, byte for byte. */
static bool agrees(__u16 id, __u8 tos, __u8 ttl, __u8 codepoint)
{
	const struct agfeo_dscp dscp = {codepoint};
	const __u8 marked = (__u8)(codepoint << 2 | (tos & 3));
	const struct iphdr stays = header_of(id, marked, ttl),
			   hops = header_of(id, marked, ttl - 1);
	struct iphdr set = header_of(id, tos, ttl), bridged = set, routed = set;

	dscp_set_ipv4(&set, dscp);
	ipv4_send_on(&bridged, dscp, 0);
	ipv4_send_on(&routed, dscp, IPV4_HOP);
	return !memcmp(&set, &stays, sizeof(set)) && !memcmp(&bridged, &stays, sizeof(set)) &&
	       !memcmp(&routed, &hops, sizeof(set));
}

static void test_every_code_point(void)
{
	const __u8 ttls[] = {2, 64, 255};

	for (unsigned codepoint = 0; codepoint < CODE_POINTS; codepoint++) {
		unsigned wrong = 0;

		for (unsigned tos = 0; tos < TRAFFICS; tos++)
			for (size_t i = 0; i < sizeof(ttls); i++)
				wrong += !agrees(4711, (__u8)tos, ttls[i], (__u8)codepoint);
		CHECK_EQ(wrong, 0);
	}
}

static void test_every_checksum(void)
{
	unsigned wrong = 0, zero = 0;

	for (unsigned id = 0; id < IDS; id++) {
		wrong += !agrees((__u16)id, 0, 64, 46);
		wrong += !agrees((__u16)id, 0xb9, 2, 0);
		wrong += !agrees((__u16)id, 0xb8, 255, 46);
		zero += !header_of((__u16)id, 0xb8, 63).check;
	}
	CHECK_EQ(wrong, 0);
	CHECK(zero > 0); /* the sum that others write as 0xffff was among them */
}

/* A checksum of 0xffff says the same as one of 0. What is made of it must hold as well. */
static void test_other_zero(void)
{
	unsigned wrong = 0;

	for (unsigned id = 0; id < IDS; id++) {
		struct iphdr ip = header_of((__u16)id, 0, 64);

		if (ip.check)
			continue;
		ip.check = 0xffff;
		ipv4_send_on(&ip, (struct agfeo_dscp){46}, IPV4_HOP);
		wrong += ip.check != checksum_of(ip);
	}
	CHECK_EQ(wrong, 0);
}

int main(void)
{
	test_every_code_point();
	test_every_checksum();
	test_other_zero();
	return check_done();
}
