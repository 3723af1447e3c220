/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes the frames of a flood: run over frames of its own (BPF_F_TEST_XDP_LIVE_FRAMES), it writes
 * each anew and sends it out. Every header is written, since a frame comes back as its receiver left
 * it. Sources are taken in turn, scattered; ports at random.
 */
#include "kernel.h"

#include "flood.h"

char LICENSE[] SEC("license") = "GPL";

const volatile struct flood_plan plan;
__u64 frames; /* made so far; one CPU runs the flood */

#define PROTOCOL_TCP 6
#define SCATTER	     0x9e3779b1u /* odd: a permutation of every power of two */

struct udp {
	__be16 from, to, length, checksum;
	__u8 payload[FLOOD_PAYLOAD];
};

struct tcp {
	__be16 from, to;
	__be32 sequence, acknowledgement;
	__u8 offset, flags;
	__be16 window, checksum, urgent;
	__u8 padding[20]; /* to the size of struct udp: both floods weigh the same */
};

static __always_inline __u32 scrambled(__u32 x)
{
	x ^= x >> 16;
	x *= 0x7feb352du;
	x ^= x >> 15;
	x *= 0x846ca68bu;
	return x ^ x >> 16;
}

static __always_inline __u16 some_port(__u32 random)
{
	__u32 range = (random & 0xff) % (plan.port_count ? plan.port_count : 1);
	__u32 first = plan.ports[range & (FLOOD_PORTS - 1)].first;
	__u32 last = plan.ports[range & (FLOOD_PORTS - 1)].last;

	return first + (random >> 8) % (last - first + 1);
}

static __always_inline void write_udp(struct udp *udp, __u32 random)
{
	udp->from = bpf_htons(1024 + (random >> 3) % 64000);
	udp->to = bpf_htons(some_port(random));
	udp->length = bpf_htons(sizeof(*udp));
	udp->checksum = 0;
	__builtin_memset(udp->payload, 0xd5, sizeof(udp->payload));
	udp->payload[0] = 0x80;
	udp->payload[1] = 8;
	udp->payload[2] = random;
	udp->payload[3] = random >> 8;
}

static __always_inline void write_tcp(struct tcp *tcp, __u32 random)
{
	__builtin_memset(tcp, 0, sizeof(*tcp));
	tcp->from = bpf_htons(1024 + (random >> 3) % 64000);
	tcp->to = bpf_htons(some_port(random));
	tcp->sequence = random;
	tcp->offset = 5 << 4;
	tcp->flags = 2; /* SYN */
	tcp->window = bpf_htons(64240);
}

static __always_inline void write_transport(void *at, __u32 random)
{
	if (plan.protocol == PROTOCOL_TCP)
		write_tcp(at, random);
	else
		write_udp(at, random);
}

static __always_inline __be32 some_source(__u32 last_word, __u32 number)
{
	return last_word | bpf_htonl(number * SCATTER & plan.from_mask);
}

static __always_inline void write_ipv4(struct iphdr *ip, __u32 number)
{
	const volatile __u32 *from = (const volatile __u32 *)plan.from;
	const volatile __u32 *to = (const volatile __u32 *)plan.to;
	const __u16 *words = (const __u16 *)ip;
	__u32 sum = 0;

	__builtin_memset(ip, 0, sizeof(*ip));
	ip->version = 4;
	ip->ihl = 5;
	ip->tot_len = bpf_htons(sizeof(*ip) + sizeof(struct udp));
	ip->id = number;
	ip->ttl = 64;
	ip->protocol = plan.protocol;
	ip->saddr = some_source(from[0], number);
	ip->daddr = to[0];
	for (int i = 0; i < 10; i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	ip->check = ~sum;
}

static __always_inline void write_ipv6(struct ipv6hdr *ip, __u32 number)
{
	const volatile __u32 *from = (const volatile __u32 *)plan.from;
	const volatile __u32 *to = (const volatile __u32 *)plan.to;

	__builtin_memset(ip, 0, sizeof(*ip));
	ip->version = 6;
	ip->payload_len = bpf_htons(sizeof(struct udp));
	ip->nexthdr = plan.protocol;
	ip->hop_limit = 64;
	for (int i = 0; i < 4; i++) {
		ip->saddr.in6_u.u6_addr32[i] = from[i];
		ip->daddr.in6_u.u6_addr32[i] = to[i];
	}
	ip->saddr.in6_u.u6_addr32[3] = some_source(from[3], number);
}

SEC("xdp")
int flood(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 number = frames++, random = scrambled(number);
	struct ethhdr *ethernet = data;
	void *ip = ethernet + 1;

	if (ip + sizeof(struct ipv6hdr) + sizeof(struct udp) > end)
		return XDP_ABORTED;
	for (int i = 0; i < 6; i++) {
		ethernet->h_dest[i] = plan.mac_to[i];
		ethernet->h_source[i] = plan.mac_from[i];
	}
	if (plan.family == 4) {
		ethernet->h_proto = bpf_htons(0x0800);
		write_ipv4(ip, number);
		write_transport(ip + sizeof(struct iphdr), random);
	} else {
		ethernet->h_proto = bpf_htons(0x86dd);
		write_ipv6(ip, number);
		write_transport(ip + sizeof(struct ipv6hdr), random);
	}
	return bpf_redirect(plan.interface, 0);
}
