/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses of AGFEO's hosts, learned from the answers that devices get (DESIGN 4). A device asks a
 * resolver of the site for one of the names: the question is remembered. The answer that fits it
 * (addresses, port, transaction, name, type) teaches at once, so that the device's first packet
 * finds the name known; user space gets a copy, and reads what is not read here.
 *
 * Read here: records whose owner is a pointer to the name that was asked, or to what an alias just
 * before it said, as servers write them. Of TCP, fragments and truncated answers nothing is learned.
 */
#ifndef BPF_DNS_H
#define BPF_DNS_H

#include "device.h"
#include "dns_message.h"
#include "rate.h"

#define QUESTION_ENTRIES 1024
#define ANSWER_RING	 (1 << 17)
#define ANSWERS_AT_ONCE	 16   /* records a CPU, */
#define ANSWERS_RATE	 1024 /* and one more each tick: see bucket_take() */

/* who asked whom for which -> the name. Datapath. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, QUESTION_ENTRIES);
	__type(key, struct agfeo_dns_key);
	__type(value, struct agfeo_dns_question);
} dns_questions SEC(".maps");

/* answers to the names, for the daemon. Datapath; the daemon. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, ANSWER_RING);
} dns_answers SEC(".maps");

/* 0 -> how many answers this CPU may still hand over. Datapath. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct agfeo_bucket);
} dns_budget SEC(".maps");

/* ------------------------------------------------------------------ the question */

static __always_inline void dns_address(__u8 *to, __u32 v4, const __u64 *v6, __u8 family)
{
	memset(to, 0, 16);
	if (family == 6) {
		memcpy(to, v6, 16);
		return;
	}
	to[10] = to[11] = 0xff;
	v4 = bpf_htonl(v4);
	memcpy(to + 12, &v4, sizeof(v4));
}

/* device: the end of the packet that asked, or that is answered. */
static __always_inline void dns_ends(struct dns_message *m, const struct packet *p, __u32 device)
{
	dns_address(device ? m->key.resolver : m->key.device, p->from4, p->from6, p->family);
	dns_address(device ? m->key.device : m->key.resolver, p->to4, p->to6, p->family);
	m->key.port = device ? p->to_port : p->from_port;
	m->key.pad = 0;
}

static __always_inline bool is_resolver(const struct scratch *s, __u32 end)
{
	struct agfeo_peer peer = {};

	find_peer(&s->packet, s->scene.generation & 1, end, &peer);
	return peer.flags & AGFEO_NETWORK_RESOLVER;
}

/* A datagram, whole, that was let pass, from or to a device at that end. */
static __always_inline bool dns_is_asked_of(const struct scratch *s, __u32 device)
{
	const struct packet *p = &s->packet;

	return p->shape == SHAPE_TRANSPORT && p->protocol == PROTOCOL_UDP && !p->first_fragment &&
	       p->segments == 1 && s->found.device[device] &&
	       agfeo_reason_verdict(s->found.reason) == AGFEO_PASS;
}

/* What a device sends to port 53, once it was judged. */
static __always_inline int dns_ask(struct scratch *s, const struct span *span)
{
	struct dns_message *m = dns_message();
	struct agfeo_dns_question question = {};

	if (!m || !dns_is_asked_of(s, 0) || !dns_read_question(&s->packet, span, m) ||
	    (m->flags & (DNS_RESPONSE | DNS_OPCODE)) || !is_resolver(s, 1))
		return 0;
	dns_ends(m, &s->packet, 0);
	question.asked = s->scene.now;
	question.host = m->host;
	bpf_map_update_elem(&dns_questions, &m->key, &question, BPF_ANY);
	return 0;
}

/* ------------------------------------------------------------------ what an answer teaches */

static __always_inline __u32 dns_ticks(__u32 seconds)
{
	return (__u64)seconds * 1000000000 / (agfeo_config.tick_ns ?: 1);
}

/* No host of the internet has it; the site's own are no business of a name's. */
static __always_inline bool is_outside4(__be32 wire, __u32 bank)
{
	struct agfeo_pool4_key key = {.prefix_length = 32};
	const struct agfeo_peer *peer = NULL;
	__u32 address = bpf_ntohl(wire);
	void *inner = find_in(&peers4, &bank);

	memcpy(key.address, &wire, sizeof(key.address));
	if (inner)
		peer = find_in(inner, &key);
	return address >> 24 && address >> 24 != 127 && address >> 28 < 0xe &&
	       address >> 16 != 0xa9fe && !(peer && peer->flags & AGFEO_NETWORK_SITE);
}

static __always_inline bool is_outside6(const __u8 *address, __u32 bank)
{
	struct agfeo_pool6_key key = {.prefix_length = 128};
	const struct agfeo_peer *peer = NULL;
	void *inner = find_in(&peers6, &bank);

	memcpy(key.address, address, sizeof(key.address));
	if (inner)
		peer = find_in(inner, &key);
	return address[0] >> 5 == 1 && !(peer && peer->flags & AGFEO_NETWORK_SITE); /* 2000::/3 */
}

/* An address that is known: two CPUs that learn different names of it at once can lose one, which
 * the copy in user space makes good. */
static __always_inline void dns_add(struct agfeo_cloud *known, __u32 host, __u32 expires)
{
	known->hosts |= 1u << host;
	known->watched |= 1u << host;
	if ((__s32)(expires - known->expires) > 0)
		known->expires = expires;
}

STAGE int dns_learn(const struct dns_message *m, __u32 which, __u32 bank, __u32 expires)
{
	struct agfeo_cloud fresh = {.expires = expires}, *known;
	__u32 host;

	if (!m)
		return 0;
	host = m->host & 0xf;
	fresh.hosts = fresh.watched = 1u << host;
	which &= AGFEO_DNS_RECORDS - 1;
	if (m->key.type == DNS_TYPE_A) {
		__be32 wire;

		memcpy(&wire, m->address[which], sizeof(wire));
		if (!is_outside4(wire, bank))
			return 0;
		known = find_in(&cloud4, &wire);
		if (known)
			dns_add(known, host, expires);
		else
			bpf_map_update_elem(&cloud4, &wire, &fresh, BPF_NOEXIST);
		return 0;
	}
	if (!is_outside6(m->address[which], bank))
		return 0;
	known = find_in(&cloud6, m->address[which]);
	if (known)
		dns_add(known, host, expires);
	else
		bpf_map_update_elem(&cloud6, m->address[which], &fresh, BPF_NOEXIST);
	return 0;
}

/* The record at m->at. 0: go on; else this answer is not for us to read. */
STAGE int dns_read_record(struct __sk_buff *skb, struct dns_message *m)
{
	struct dns_record record;
	__u32 ttl, size, type, at, found;

	if (!skb || !m)
		return -1;
	at = m->at;
	if (at > 0xffff || at + sizeof(record) > m->length ||
	    bpf_skb_load_bytes(skb, m->start + at, &record, sizeof(record)))
		return -1;
	size = bpf_ntohs(record.length);
	type = bpf_ntohs(record.type);
	at += sizeof(record);
	if (at + size > m->length || (bpf_ntohs(record.owner) & DNS_POINTER) != DNS_POINTER)
		return -1;
	m->at = at + size;
	if ((bpf_ntohs(record.owner) & ~DNS_POINTER) != m->target ||
	    record.class != bpf_htons(DNS_CLASS_IN))
		return 0;
	ttl = bpf_ntohs(record.ttl_high) >= 0x8000
		      ? 0
		      : (__u32)bpf_ntohs(record.ttl_high) << 16 | bpf_ntohs(record.ttl_low);
	if (ttl < m->ttl)
		m->ttl = ttl;
	if (type == DNS_TYPE_CNAME)
		m->target = at;
	if (type != m->key.type || size != (type == DNS_TYPE_A ? 4 : 16))
		return 0;
	found = m->found;
	if (found >= AGFEO_DNS_RECORDS)
		return -1;
	m->found = found + 1;
	if (type == DNS_TYPE_A)
		return bpf_skb_load_bytes(skb, m->start + at, m->address[found], 4);
	return bpf_skb_load_bytes(skb, m->start + at, m->address[found], 16);
}

/* All records are read before the first teaches: an answer that breaks off teaches nothing here. */
static __always_inline void dns_read_records(struct __sk_buff *skb, struct dns_message *m,
					     const struct scratch *s)
{
	__u32 expires, bank = s->scene.generation & 1;

	if (m->records > AGFEO_DNS_RECORDS)
		return;
	m->found = 0;
	m->ttl = AGFEO_CLOUD_MOST;
#pragma clang loop unroll(disable)
	for (__u32 i = 0; i < AGFEO_DNS_RECORDS; i++) {
		if (i >= m->records)
			break;
		if (dns_read_record(skb, m))
			return;
	}
	if (m->ttl < AGFEO_CLOUD_LEAST)
		m->ttl = AGFEO_CLOUD_LEAST;
	expires = s->scene.now + dns_ticks(m->ttl);
#pragma clang loop unroll(disable)
	for (__u32 i = 0; i < AGFEO_DNS_RECORDS; i++) {
		if (i >= m->found)
			break;
		dns_learn(m, i, bank, expires);
	}
}

/* ------------------------------------------------------------------ the answer */

static __always_inline bool dns_may_tell(__u32 now)
{
	__u32 zero = 0;
	struct agfeo_bucket *bucket = find_in(&dns_budget, &zero);

	return bucket && bucket_take(bucket, now, ANSWERS_RATE, ANSWERS_AT_ONCE);
}

/* The message for user space, whole or not at all. */
STAGE int dns_tell(struct __sk_buff *skb, const struct dns_message *m, __u32 now)
{
	struct agfeo_dns_answer *answer;
	__u32 last;

	if (!skb || !m)
		return 0;
	/* At least one byte, in a way that verifiers before 6.3 understand too: they learn nothing
	 * of a register from its being other than 0. */
	last = m->length - 1;
	barrier_var(last);
	if (last >= AGFEO_DNS_BYTES || !dns_may_tell(now))
		return 0;
	answer = bpf_ringbuf_reserve(&dns_answers, sizeof(*answer), 0);
	if (!answer)
		return 0;
	memset(answer->bytes, 0, sizeof(answer->bytes));
	answer->time_ns = clock_ns();
	memcpy(answer->device, m->key.device, sizeof(answer->device));
	memcpy(answer->resolver, m->key.resolver, sizeof(answer->resolver));
	answer->type = m->key.type;
	answer->length = last + 1;
	answer->host = m->host;
	if (bpf_skb_load_bytes(skb, m->start, answer->bytes, last + 1))
		bpf_ringbuf_discard(answer, 0);
	else
		bpf_ringbuf_submit(answer, 0);
	return 0;
}

/* The question is answered once: what comes after it teaches nothing. */
static __always_inline bool dns_was_asked(const struct dns_message *m, __u32 now)
{
	const struct agfeo_dns_question *question = find_in(&dns_questions, &m->key);

	if (!question || question->host != m->host)
		return false;
	if (now - question->asked > dns_ticks(AGFEO_DNS_WAIT))
		return false;
	return !bpf_map_delete_elem(&dns_questions, &m->key);
}

/* What a device gets from port 53, once it was judged. */
static __always_inline int dns_answer(struct scratch *s, const struct span *span,
				      struct __sk_buff *skb)
{
	struct dns_message *m = dns_message();

	if (!m || !dns_is_asked_of(s, 1) || !dns_read_question(&s->packet, span, m) ||
	    !is_resolver(s, 0))
		return 0;
	dns_ends(m, &s->packet, 1);
	if ((m->flags & (DNS_RESPONSE | DNS_OPCODE | DNS_TRUNCATED | DNS_ERROR)) != DNS_RESPONSE ||
	    !dns_was_asked(m, s->scene.now))
		return 0;
	dns_read_records(skb, m, s);
	return dns_tell(skb, m, s->scene.now);
}

/* ------------------------------------------------------------------ from the hooks */

/* The packet in work at XDP goes to port 53. */
STAGE_ALONE int dns_seen_xdp(struct xdp_md *ctx)
{
	struct scratch *s = scratch_of_cpu();
	struct span span = {};

	if (!s)
		return 0;
	span.start = (void *)(long)ctx->data;
	span.end = (void *)(long)ctx->data_end;
	return dns_ask(s, &span);
}

/* The packet in work at tc comes from port 53. */
STAGE_ALONE int dns_seen_tc(struct __sk_buff *skb)
{
	struct scratch *s = scratch_of_cpu();
	struct span span = {};

	if (!s)
		return 0;
	span.start = (void *)(long)skb->data;
	span.end = (void *)(long)skb->data_end;
	return dns_answer(s, &span, skb);
}

#endif
