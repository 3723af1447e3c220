/* SPDX-License-Identifier: GPL-2.0 */
/*
 * forward = fast: packets of known flows go from XDP to the interface that they leave by.
 *
 * Where that is, is learned from the kernel: a packet that XDP saw come in and that leaves with the
 * same addresses and ports was routed or bridged, and neither translated nor held back; how its frame
 * looks then is how the next ones look. A way holds for a second. The packet after that takes the
 * kernel again, so that routes, neighbours, bridge tables, conntrack and filters of others have
 * their say, and stay as fresh as if all packets had come by; whoever changes any of them needs to
 * tell nobody.
 *
 * A flow must be answered: only then does a bridge know for sure behind which port the receiver is.
 */
#ifndef BPF_FORWARD_H
#define BPF_FORWARD_H

#include "act.h"
#include "dscp.h"
#include "packet.h"

static __always_inline void mac_copy(__u8 *to, const __u8 *from)
{
	*(__u16 *)to = *(const __u16 *)from;
	*(__u16 *)(to + 2) = *(const __u16 *)(from + 2);
	*(__u16 *)(to + 4) = *(const __u16 *)(from + 4);
}

/* Both at once; a frame and a way begin with them, destination first. */
static __always_inline void macs_set(void *frame, const void *macs)
{
	const __u32 *words = macs;

	word_set(frame, words[0]);
	word_set(frame + 4, words[1]);
	word_set(frame + 8, words[2]);
}

static __always_inline bool way_holds(const struct agfeo_way *way, __u32 now)
{
	return way->learned && now - way->learned <= AGFEO_WAY_TICKS;
}

/* What it takes from a TTL, for ipv4_send_on(): who sends a frame on to another MAC address is a router. */
static __always_inline __be16 way_hop(const struct agfeo_way *way)
{
	return mac_differs(way->arrived, way->destination) ? IPV4_HOP : 0;
}

/* XDP: the packet takes the kernel, and egress shall say which way. */
static __always_inline void way_ask(struct agfeo_way *way, __u32 ifindex,
				    const struct ethhdr *ethernet)
{
	way->learned = 0;
	way->from = ifindex;
	way->to = 0;
	mac_copy(way->arrived, ethernet->h_dest);
}

/* XDP: whether a packet can go a way that holds. */
static __always_inline bool way_fits(const struct agfeo_way *way, const struct ethhdr *ethernet,
				     const struct iphdr *ip, __u32 length)
{
	return !mac_differs(way->arrived, ethernet->h_dest) && length <= way->mtu && ip->ttl > 1;
}

/* XDP: the frame becomes as it leaves, and goes. What changes in the IP header is done. */
static __always_inline void way_take(const struct agfeo_way *way, struct ethhdr *ethernet)
{
	macs_set(ethernet, way->destination);
	bpf_redirect(way->to, 0);
}

static __always_inline bool is_fast(__u32 ifindex)
{
	const struct agfeo_interface *interface = find_in(&interfaces, &ifindex);

	return interface && (interface->flags & AGFEO_INTERFACE_FAST);
}

/* Egress: the way of a packet that leaves, if XDP has asked for it. A frame that a bridge floods
 * leaves by several interfaces, and leads nowhere. */
static __always_inline void way_seen(struct agfeo_way *way, __u32 now, __u32 arrived_on,
				     __u32 ifindex, __u32 mtu, const struct ethhdr *ethernet)
{
	if (way->from != arrived_on || (ethernet->h_dest[0] & 1))
		return;
	if (way->to && way->to != ifindex) {
		way->learned = way->from = 0;
		return;
	}
	if (way->learned)
		return;
	mac_copy(way->destination, ethernet->h_dest);
	mac_copy(way->source, ethernet->h_source);
	way->mtu = mtu > 0xffff ? 0xffff : mtu;
	way->to = ifindex;
	way->learned = now;
}

#endif
