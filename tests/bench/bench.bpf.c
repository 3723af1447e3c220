// SPDX-License-Identifier: GPL-2.0
/*
 * The programs of the benchmark: some that make frames, by themselves or before the program under test;
 * floors to compare with; sinks. Headers are written with stores as wide as any load that reads them,
 * since a narrow store that a wide load follows stalls, which a frame from a network card does not.
 */
#include "kernel.h"

#include "parse.h"
#include "plan.h"

#define CATCH_UP_NS 1000000

/* What varies of a live frame. */
#define LIVE_CHECK     24
#define LIVE_ADDRESSES 26
#define LIVE_UDP       34
#define LIVE_RTP       42
#define LIVE_LEAST     56

char LICENSE[] SEC("license") = "GPL";

struct bench_plan plan;
struct bench_state state = {.chance = 0x9e3779b97f4a7c15ull};
struct bench_sink sunk;
volatile __u64 clock_told;

/* 0 -> the program under test. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} target_xdp SEC(".maps"), target_tc SEC(".maps");

/* What any design that knows flows must pay: a table of the size and shape of the product's. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 131072);
	__type(key, struct agfeo_flow4_key);
	__type(value, struct agfeo_voice_flow);
} bare SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct agfeo_voice_flow);
} empty_flow SEC(".maps");

/* ------------------------------------------------------------------ frames */

struct ends_of_frame {
	__u32 from, to; /* network order */
	__u64 ports;	/* as the first four bytes of the transport header */
};

static __always_inline __u64 chance(void)
{
	__u64 x = state.chance;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	state.chance = x;
	return x;
}

static __always_inline __u32 scaled(__u32 random, __u32 below)
{
	return ((__u64)random * below) >> 32;
}

static __always_inline void next_flow(void)
{
	state.device = state.device + 1 < plan.devices ? state.device + 1 : 0;
	state.port = state.port + 1 < plan.ports ? state.port + 1 : 0;
	state.flow++;
	if (state.flow < plan.flows)
		return;
	state.flow = state.device = state.port = 0;
	state.turn ^= plan.both;
	if (!state.turn)
		state.round++;
}

/* random: plan.random, where it is known beforehand. */
static __always_inline void choose_ends(struct ends_of_frame *ends, bool random)
{
	__u32 peer = plan.peer, device = plan.device, peer_port = plan.peer_port, port = plan.port;

	if (random) {
		__u64 drawn = chance();

		peer |= (__u32)drawn & plan.peer_mask;
		peer_port += (__u32)(drawn >> 32) & 0x3fff;
		port += scaled((__u32)(drawn >> 20), plan.ports) * plan.port_step;
		device += scaled((__u32)(drawn * 0x9e3779b1u), plan.devices);
	} else {
		peer += state.flow;
		device += state.device;
		port += state.port * plan.port_step;
	}
	if (plan.device_sends ^ state.turn) {
		ends->from = bpf_htonl(device);
		ends->to = bpf_htonl(peer);
		ends->ports = bpf_htonl(port << 16 | (peer_port & 0xffff));
	} else {
		ends->from = bpf_htonl(peer);
		ends->to = bpf_htonl(device);
		ends->ports = bpf_htonl(peer_port << 16 | (port & 0xffff));
	}
}

static __always_inline __u32 folded(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/* The checksum of the IPv4 header. */
static __always_inline __u32 header_check(const struct ends_of_frame *ends)
{
	__u32 sum = plan.header_sum + (ends->from & 0xffff) + (ends->from >> 16) +
		    (ends->to & 0xffff) + (ends->to >> 16);

	return ~folded(sum) & 0xffff;
}

/* The first words bring TOS, TTL and checksum back to what they were. */
static __always_inline void write_ipv4(void *ip, const void *template,
				       const struct ends_of_frame *ends)
{
	const __u64 *first = template;
	__u32 word = *(const __u32 *)(template + 8) & 0xffff;

	*(__u64 *)ip = *first;
	*(__u32 *)(ip + 8) = word | header_check(ends) << 16;
	*(__u64 *)(ip + 12) = ends->from | (__u64)ends->to << 32;
}

static __always_inline void write_ipv6(void *ip, const void *template,
				       const struct ends_of_frame *ends)
{
	*(__u64 *)ip = *(const __u64 *)template;
	*(__u64 *)(ip + 16) = (*(const __u64 *)(template + 16) & 0xffffffff) | (__u64)ends->from
										       << 32;
	*(__u64 *)(ip + 32) = (*(const __u64 *)(template + 32) & 0xffffffff) | (__u64)ends->to
										       << 32;
}

static __always_inline void write_rtp(void *rtp, const void *template)
{
	__u32 first = *(const __u32 *)template & 0xffff;

	*(__u32 *)rtp = first | (__u32)bpf_htons(state.round + 1) << 16;
	*(__u64 *)(rtp + 4) = bpf_htonl(state.round * 160) | (__u64)bpf_htonl(0x10000 + state.flow)
								     << 32;
}

/* Writes what varies of the next frame. False: the plan does not fit the frame. */
static __always_inline bool write_frame(void *data, void *end)
{
	__u32 ip_at = plan.ip & PLAN_OFFSET_MASK, transport_at = plan.transport & PLAN_OFFSET_MASK;
	const void *template = plan.template;
	void *ip = data + ip_at, *transport = data + transport_at;
	struct ends_of_frame ends;

	if (ip + 40 > end || transport + 20 > end)
		return false;
	choose_ends(&ends, plan.random);
	if (plan.ipv6)
		write_ipv6(ip, template + ip_at, &ends);
	else
		write_ipv4(ip, template + ip_at, &ends);
	*(__u64 *)transport = (*(const __u64 *)(template + transport_at) >> 32 << 32) | ends.ports;
	if (plan.rtp)
		write_rtp(transport + 8, template + transport_at + 8);
	next_flow();
	return true;
}

/* ------------------------------------------------------------------ before the program under test */

SEC("xdp")
int wrap_xdp(struct xdp_md *ctx)
{
	if (write_frame((void *)(long)ctx->data, (void *)(long)ctx->data_end))
		bpf_tail_call(ctx, &target_xdp, 0);
	state.fallen_through++;
	return XDP_ABORTED;
}

SEC("tc")
int wrap_tc(struct __sk_buff *skb)
{
	if (write_frame((void *)(long)skb->data, (void *)(long)skb->data_end))
		bpf_tail_call(skb, &target_tc, 0);
	state.fallen_through++;
	return TC_ACT_SHOT;
}

SEC("xdp")
int empty_xdp(struct xdp_md *ctx)
{
	return XDP_DROP;
}

SEC("tc")
int empty_tc(struct __sk_buff *skb)
{
	return TC_ACT_SHOT;
}

/* ------------------------------------------------------------------ live */

/* Who comes late does not hurry after what was missed. */
static __always_inline bool is_due(void)
{
	__u64 now = bpf_ktime_get_ns();

	if (now < state.due_ns)
		return false;
	state.due_ns = now - state.due_ns > CATCH_UP_NS ? now : state.due_ns + plan.gap_ns;
	state.sent++;
	return true;
}

/* The time is taken inside a run: setting it up and ending it takes longer than most. */
static __always_inline void take_time(void)
{
	__u64 number = state.frames++;

	if (number == plan.first)
		state.began_ns = bpf_ktime_get_ns();
	if (number == plan.last)
		state.ended_ns = bpf_ktime_get_ns();
}

/*
 * Makes a frame and sends it out: Ethernet, IPv4, UDP, RTP if it is not random. It costs every contender
 * the same, so it is as short as it can be. All headers are written, since a frame comes back as its
 * receiver left it; who reads them does so when the whole batch is made.
 */
static __always_inline int send_frame(struct xdp_md *ctx, bool random)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	const void *template = plan.template;
	struct ends_of_frame ends;
	__u64 *words = data;

	if (data + LIVE_LEAST > end)
		return XDP_ABORTED;
	choose_ends(&ends, random);
	for (int i = 0; i < LIVE_CHECK / 8; i++)
		words[i] = plan.template[i];
	*(__u16 *)(data + LIVE_CHECK) = header_check(&ends);
	*(__u64 *)(data + LIVE_ADDRESSES) = ends.from | (__u64)ends.to << 32;
	*(__u64 *)(data + LIVE_UDP) =
		(*(const __u64 *)(template + LIVE_UDP) >> 32 << 32) | ends.ports;
	if (random)
		return bpf_redirect(plan.interface, 0);
	write_rtp(data + LIVE_RTP, template + LIVE_RTP);
	next_flow();
	return bpf_redirect(plan.interface, 0);
}

SEC("xdp")
int send_random(struct xdp_md *ctx)
{
	take_time();
	return send_frame(ctx, true);
}

SEC("xdp")
int send_voice(struct xdp_md *ctx)
{
	take_time();
	return send_frame(ctx, false);
}

/* So many a second. */
SEC("xdp")
int send_random_in_time(struct xdp_md *ctx)
{
	return is_due() ? send_frame(ctx, true) : XDP_DROP;
}

/* What the kernel says of itself on a new interface is not counted. */
static __always_inline void sink(void *data, void *end, __u32 fast)
{
	struct ethhdr *ethernet = data;
	struct iphdr *ip = data + sizeof(*ethernet);

	if ((void *)(ip + 1) > end || ethernet->h_proto != bpf_htons(ETHERTYPE_IPV4))
		return;
	sunk.packets++;
	sunk.fast += fast;
	sunk.marked += ip->tos >> 2 == AGFEO_EF;
}

SEC("tc")
int sink_tc(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;

	sink(data, end, 0);
	return TC_ACT_SHOT;
}

SEC("xdp")
int sink_xdp(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	sink(data, end, 1);
	return XDP_DROP;
}

/* ------------------------------------------------------------------ floors */

SEC("xdp")
int floor_drop(struct xdp_md *ctx)
{
	return XDP_DROP;
}

SEC("xdp")
int floor_pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

__u32 redirect_to; /* of floor_redirect */

SEC("xdp")
int floor_redirect(struct xdp_md *ctx)
{
	return bpf_redirect(redirect_to, 0);
}

static __always_inline void read_packet(struct xdp_md *ctx, struct packet *p)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct span span = {.start = data, .at = data, .end = end, .length = (__u32)(end - data)};

	packet_reset(p);
	p->shape = parse_ethernet(p, &span);
	asm volatile("" : : "r"(p) : "memory"); /* every member is there, though nobody reads it */
}

/* The product's own parser, and nothing else. */
SEC("xdp")
int floor_parse(struct xdp_md *ctx)
{
	struct packet p;

	read_packet(ctx, &p);
	return XDP_DROP;
}

SEC("xdp")
int floor_clock(struct xdp_md *ctx)
{
	struct packet p;

	read_packet(ctx, &p);
	clock_told = bpf_ktime_get_ns();
	return XDP_DROP;
}

/* And a look into a table of flows, with one count. */
SEC("xdp")
int floor_lookup(struct xdp_md *ctx)
{
	struct agfeo_voice_flow *found, *fresh;
	struct agfeo_flow4_key key;
	__u32 zero = 0;
	struct packet p;

	read_packet(ctx, &p);
	key.low = (__u64)p.from4 << 16 | p.from_port;
	key.high = (__u64)p.to4 << 16 | p.to_port;
	found = find_in(&bare, &key);
	if (found) {
		found->flow.direction[0].packets++;
		return XDP_DROP;
	}
	fresh = find_in(&empty_flow, &zero);
	if (fresh)
		bpf_map_update_elem(&bare, &key, fresh, BPF_ANY);
	return XDP_DROP;
}
