// SPDX-License-Identifier: GPL-2.0
/*
 * The programs. XDP sees what devices send, and on an uplink what the world sends; tc egress sees
 * what is sent to devices, after any NAT. All judge by the same headers; here a context becomes a
 * packet, and a decision becomes a verdict and a code point.
 */
#include "config.h"
#include "dns.h"
#include "event.h"
#include "judge.h"
#include "replay.h"
#include "rtp.h"
#include "straight.h"

#define PRIORITY_VOICE 6   /* TC_PRIO_INTERACTIVE: what the kernel gives to interactive traffic */
#define LINEAR_BYTES   192 /* headers that must be at hand at tc */

char LICENSE[] SEC("license") = "GPL";

/* What stands behind the transport header, as far as anybody will ask. */
static __always_inline void read_payload(struct scratch *s, const struct span *span)
{
	struct packet *p = &s->packet;
	bool error = p->shape == SHAPE_ICMP && icmp_kind(p) == ICMP_IS_ERROR;
	bool udp = p->shape == SHAPE_TRANSPORT && p->protocol == PROTOCOL_UDP;
	void *payload;

	if (!error && !udp)
		return;
	payload = at_offset(span->start, span->end, p->transport + sizeof(struct transport_udp), 0);
	if (error)
		p->quoted = payload ? parse_quoted(s, payload, span->end) : QUOTED_TOO_SHORT;
	else if (!payload)
		p->payload = PAYLOAD_OTHER;
	else if (rtp_parse(payload, span->end, p->payload_length, &s->rtp))
		p->payload = PAYLOAD_RTP;
	else
		p->payload = payload_kind(payload, span->end, p->payload_length);
}

/* Bytes to s->packet, in a stage of its own: no packet pointer outlives it. */
STAGE int read_frame(struct scratch *s, struct span *span, __u32 ethernet)
{
	struct packet *p;

	if (!s || !span)
		return 0;
	p = &s->packet;
	packet_reset(p);
	p->shape = ethernet ? parse_ethernet(p, span) : parse_raw(p, span);
	read_payload(s, span);
	return 0;
}

static __always_inline void tell(const struct scratch *s)
{
	const struct decision *found = &s->found;

	if (agfeo_config.events && !found->counted) {
		if (found->opened)
			report(s, AGFEO_EVENT_FLOW_OPENED);
		else if (agfeo_reason_verdict(found->reason) == AGFEO_DROP)
			report(s, AGFEO_EVENT_DROP);
	}
	if (agfeo_config.replay)
		replay_tell(found);
}

/* Inline tags carry the voice's priority too. */
static __always_inline void mark_tags(const struct packet *p, void *data, void *end,
				      struct agfeo_dscp dscp)
{
	for (int i = 0; i < MAX_TAGS; i++) {
		void *tag;

		if (!p->tag[i])
			return;
		tag = at_offset(data, end, p->tag[i], sizeof(__be16));
		if (tag)
			tag_set_priority(tag, dscp);
	}
}

/* What came in by an uplink and may not be marked here is marked at tc, on its way to the device. */
static __always_inline void xdp_mark(const struct scratch *s, void *data, void *end)
{
	struct agfeo_dscp dscp = {s->found.dscp_out};
	void *ip;

	if (s->found.promoted)
		mark_tags(&s->packet, data, end, dscp);
	if (!changes_dscp(&s->found) || generic_xdp_loses(&s->packet, &s->found))
		return;
	if (s->packet.family == 4) {
		ip = at_offset(data, end, s->packet.ip, sizeof(struct iphdr));
		if (ip)
			dscp_set_ipv4(ip, dscp);
	} else {
		ip = at_offset(data, end, s->packet.ip, sizeof(struct ipv6hdr));
		if (ip)
			dscp_set_ipv6(ip, dscp);
	}
}

/* Bytes to s->packet, of XDP. */
STAGE int xdp_read(struct xdp_md *ctx, struct scratch *s, __u32 ethernet)
{
	struct span span = {};

	if (!ctx || !s)
		return 0;
	span.start = span.at = (void *)(long)ctx->data;
	span.end = (void *)(long)ctx->data_end;
	span.length = agfeo_config.have_frags ? (__u32)bpf_xdp_get_buff_len(ctx)
					      : (__u32)(span.end - span.start);
	return read_frame(s, &span, ethernet);
}

/* What the straight way did not decide. */
STAGE int xdp_round(struct xdp_md *ctx, enum hook hook, bool ethernet)
{
	struct scratch *s = scratch_of_cpu();

	if (!ctx || !s)
		return XDP_PASS;
	s->scene.hook = hook;
	s->scene.ifindex = ctx->ingress_ifindex;
	xdp_read(ctx, s, ethernet);
	judge(s, hook);
	tell(s);
	if (hook == HOOK_XDP && is_dns(0, s->packet.to_port))
		dns_seen_xdp(ctx);
	if (enforced_drop(&s->found))
		return XDP_DROP;
	xdp_mark(s, (void *)(long)ctx->data, (void *)(long)ctx->data_end);
	return XDP_PASS;
}

/* What is at hand. Read anew for each way: what is kept takes stack, see struct arrival. */
static __always_inline struct span xdp_span(const struct xdp_md *ctx)
{
	struct span span = {
		.start = (void *)(long)ctx->data,
		.end = (void *)(long)ctx->data_end,
	};

	span.length = span.end - span.start;
	return span;
}

static __always_inline int xdp_hook(struct xdp_md *ctx, enum hook hook, bool ethernet)
{
	int way = WAY_ROUND;

	if (ethernet)
		way = straight_way(xdp_span(ctx), hook, (struct arrival){.ctx = ctx});
	if (ethernet && way == WAY_ROUND)
		way = straight6_way(xdp_span(ctx), hook, 0);
	return way == WAY_ROUND ? xdp_round(ctx, hook, ethernet) : way;
}

/* IPv6 has no header checksum, but an skb with a complete one covers these bytes: recompute. */
static __always_inline void tc_mark_ipv6(struct __sk_buff *skb, const struct scratch *s,
					 const void *ip)
{
	__be16 word = *(const __be16 *)ip;

	word = ipv6_word_with_dscp(word, (struct agfeo_dscp){s->found.dscp_out});
	bpf_skb_store_bytes(skb, s->packet.ip, &word, sizeof(word), BPF_F_RECOMPUTE_CSUM);
}

/* The TOS byte and the checksum change so that the header's sum stays what it was. */
static __always_inline void tc_mark_ipv4(struct __sk_buff *skb, __u32 offset, const void *ip,
					 __u8 dscp)
{
	struct iphdr header;

	memcpy(&header, ip, sizeof(header));
	dscp_set_ipv4(&header, (struct agfeo_dscp){dscp});
	bpf_skb_store_bytes(skb, offset, &header, offsetof(struct iphdr, saddr), 0);
}

static __always_inline int tc_act_straight(struct __sk_buff *skb, int way, void *data, void *end)
{
	void *ip = data + sizeof(struct ethhdr);

	if ((way & WAY_VERDICT) == WAY_DROP)
		return TC_ACT_SHOT;
	if (way & WAY_PROMOTED)
		skb->priority = PRIORITY_VOICE;
	if ((way & WAY_MARKED) && ip + sizeof(struct iphdr) <= end)
		tc_mark_ipv4(skb, sizeof(struct ethhdr), ip, way >> WAY_DSCP);
	return TC_ACT_UNSPEC;
}

static __always_inline void tc_mark(struct __sk_buff *skb, const struct scratch *s, void *data,
				    void *end)
{
	void *ip;

	if (s->found.promoted) {
		skb->priority = PRIORITY_VOICE;
		mark_tags(&s->packet, data, end, (struct agfeo_dscp){s->found.dscp_out});
	}
	if (!changes_dscp(&s->found))
		return;
	if (s->packet.family == 4) {
		ip = at_offset(data, end, s->packet.ip, sizeof(struct iphdr));
		if (ip)
			tc_mark_ipv4(skb, s->packet.ip, ip, s->found.dscp_out);
	} else {
		ip = at_offset(data, end, s->packet.ip, sizeof(struct ipv6hdr));
		if (ip)
			tc_mark_ipv6(skb, s, ip);
	}
}

/* Bytes to s->packet, of tc. */
STAGE int tc_read(struct __sk_buff *skb, struct scratch *s, __u32 ethernet)
{
	struct span span = {};

	if (!skb || !s)
		return 0;
	span.start = span.at = (void *)(long)skb->data;
	span.end = (void *)(long)skb->data_end;
	span.length = skb->len;
	span.gso = skb->gso_segs > 1;
	read_frame(s, &span, ethernet);
	if (span.gso)
		s->packet.segments = skb->gso_segs;
	return 0;
}

static __always_inline int tc_hook(struct __sk_buff *skb, bool ethernet)
{
	int way = WAY_ROUND;
	struct scratch *s;
	void *data, *end;
	__u32 wanted;

	data = (void *)(long)skb->data;
	end = (void *)(long)skb->data_end;
	wanted = skb->len < LINEAR_BYTES ? skb->len : LINEAR_BYTES;
	if (data + wanted > end) {
		bpf_skb_pull_data(skb, wanted);
		data = (void *)(long)skb->data;
		end = (void *)(long)skb->data_end;
	}
	if (ethernet && skb->gso_segs <= 1)
		way = straight_tc(data, end, skb->len, skb->ingress_ifindex);
	if (agfeo_config.fast && (way & WAY_VERDICT) == WAY_PASS)
		straight_learn(skb);
	if (way)
		return tc_act_straight(skb, way, data, end);

	s = scratch_of_cpu();
	if (!s)
		return TC_ACT_UNSPEC;
	s->scene.hook = HOOK_TC;
	s->scene.ifindex = skb->ifindex;
	s->scene.arrived_on = skb->ingress_ifindex;
	tc_read(skb, s, ethernet);
	judge(s, HOOK_TC);
	tell(s);
	if (is_dns(s->packet.from_port, 0))
		dns_seen_tc(skb);
	if (enforced_drop(&s->found))
		return TC_ACT_SHOT;
	tc_mark(skb, s, (void *)(long)skb->data, (void *)(long)skb->data_end);
	return TC_ACT_UNSPEC;
}

SEC("xdp")
int xdp_ingress(struct xdp_md *ctx)
{
	return xdp_hook(ctx, HOOK_XDP, true);
}

SEC("xdp")
int xdp_uplink(struct xdp_md *ctx)
{
	return xdp_hook(ctx, HOOK_UPLINK, true);
}

SEC("xdp")
int xdp_ingress_l3(struct xdp_md *ctx)
{
	return xdp_hook(ctx, HOOK_XDP, false);
}

SEC("xdp")
int xdp_uplink_l3(struct xdp_md *ctx)
{
	return xdp_hook(ctx, HOOK_UPLINK, false);
}

SEC("tc")
int tc_egress(struct __sk_buff *skb)
{
	return tc_hook(skb, true);
}

SEC("tc")
int tc_egress_l3(struct __sk_buff *skb)
{
	return tc_hook(skb, false);
}

/* Egress of an uplink whose forward is fast: nothing is judged, where packets go is learned. */
SEC("tc")
int tc_learn(struct __sk_buff *skb)
{
	if (agfeo_config.fast)
		straight_learn(skb);
	return TC_ACT_UNSPEC;
}

/* Run by user space to learn the time of the programs, in ticks. */
SEC("socket")
int clock(struct __sk_buff *skb)
{
	return (int)clock_tick();
}
