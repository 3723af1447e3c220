// SPDX-License-Identifier: GPL-2.0
/*
 * Both ends of a call, as near to the box as can be: no socket and no process is woken between the
 * clocks. The caller's packet is stamped as it leaves, stamped and sent back as it comes out of the
 * box, and stamped when the answer comes out on the other side.
 */
#include "kernel.h"

#include "probe.h"

#define IPV4_AT 14
#define UDP_AT	34

char LICENSE[] SEC("license") = "GPL";

/* number -> a packet's way */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PROBES_MOST);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct bench_probe);
} probes SEC(".maps");

__u64 by_kernel; /* packets of calls that the box's kernel forwarded */

static __always_inline struct bench_probe_mark *mark_in(void *data, void *end)
{
	struct bench_probe_mark *mark = data + PROBE_AT;

	return (void *)(mark + 1) > end || mark->magic != PROBE_MAGIC ? NULL : mark;
}

static __always_inline struct bench_probe *probe_in(void *data, void *end)
{
	struct bench_probe_mark *mark = mark_in(data, end);
	__u32 number;

	if (!mark)
		return NULL;
	number = mark->number;
	return bpf_map_lookup_elem(&probes, &number);
}

SEC("tc")
int stamp_sent(struct __sk_buff *skb)
{
	struct bench_probe *probe = probe_in((void *)(long)skb->data, (void *)(long)skb->data_end);

	if (probe)
		probe->sent = bpf_ktime_get_ns();
	return TC_ACT_UNSPEC;
}

/* Behind the box, on the way of what the kernel forwards. */
SEC("tc")
int count_kernel(struct __sk_buff *skb)
{
	if (mark_in((void *)(long)skb->data, (void *)(long)skb->data_end))
		by_kernel++;
	return TC_ACT_UNSPEC;
}

static __always_inline void swap(__u8 *one, __u8 *other, int size)
{
	for (int i = 0; i < size; i++) {
		__u8 kept = one[i];

		one[i] = other[i];
		other[i] = kept;
	}
}

/* Checksums do not see who is who. Redirected, since XDP_TX of a veth wants a program on its peer. */
SEC("xdp")
int echo(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct bench_probe *probe = probe_in(data, end);
	__u64 now = bpf_ktime_get_ns();

	if (!mark_in(data, end) || data + PROBE_AT > end)
		return XDP_DROP;
	if (probe) /* the first of a call are not written down, but answered */
		probe->there = now;
	swap(data, data + 6, 6);
	swap(data + IPV4_AT + 12, data + IPV4_AT + 16, 4);
	swap(data + UDP_AT, data + UDP_AT + 2, 2);
	return bpf_redirect(ctx->ingress_ifindex, 0);
}

SEC("xdp")
int stamp_back(struct xdp_md *ctx)
{
	struct bench_probe *probe = probe_in((void *)(long)ctx->data, (void *)(long)ctx->data_end);

	if (probe)
		probe->back = bpf_ktime_get_ns();
	return XDP_DROP;
}
