/* SPDX-License-Identifier: GPL-2.0 */
/* A DNS message in work: its header and the name that is asked; see dns.h. */
#ifndef BPF_DNS_MESSAGE_H
#define BPF_DNS_MESSAGE_H

#include "config.h"
#include "maps.h"
#include "packet.h"
#include "parse.h"

#define PORT_DNS 53

#define DNS_RESPONSE   0x8000
#define DNS_OPCODE     0x7800
#define DNS_TRUNCATED  0x0200
#define DNS_ERROR      0x000f
#define DNS_POINTER    0xc000
#define DNS_TYPE_A     1
#define DNS_TYPE_CNAME 5
#define DNS_TYPE_AAAA  28
#define DNS_CLASS_IN   1

struct dns_header {
	__be16 id;
	__be16 flags;
	__be16 questions;
	__be16 answers;
	__be16 authorities;
	__be16 additionals;
};

struct dns_question_end { /* behind a name of any length */
	__be16 type;
	__be16 class;
} __attribute__((packed));

struct dns_record {
	__be16 owner;
	__be16 type;
	__be16 class;
	__be16 ttl_high;
	__be16 ttl_low;
	__be16 length;
};

/* A message in work: too large for the stack. Offsets are from the start of the message. */
struct dns_message {
	struct agfeo_dns_key key;
	__u64 name[AGFEO_HOST_WIRE / 8]; /* that is asked, in lower case */
	__u32 host;  /* enum agfeo_host of the question; AGFEO_HOST_COUNT: none of them */
	__u32 start; /* of the message in the frame */
	__u32 length;
	__u32 at;     /* the next record */
	__u32 target; /* the name whose addresses count */
	__u32 ttl;
	__u32 records;
	__u32 flags;
	__u32 found; /* addresses, all of key.type */
	__u8 address[AGFEO_DNS_RECORDS][16];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct dns_message);
} dns_messages SEC(".maps");

/* Whether a packet may be a question or an answer: it must come by dns_seen_…(), known flow or not. */
static __always_inline bool is_dns(__u16 from_port, __u16 to_port)
{
	return agfeo_config.dns && (from_port == PORT_DNS || to_port == PORT_DNS);
}

/* ------------------------------------------------------------------ the question */

/* Without a branch: a verifier would follow both ways at every letter. */
static __always_inline __u8 lower(__u8 byte)
{
	__u32 letter = byte, below = letter - 'A', above = letter - 'Z' - 1;

	barrier_var(below);
	barrier_var(above);
	return letter | ((~below & above) >> 31) << 5;
}

/* The name as it is written, in lower case, zeros behind. It must end within AGFEO_HOST_WIRE. */
static __always_inline bool dns_read_name(const struct span *span, struct dns_message *m)
{
	memset(m->name, 0, sizeof(m->name));
#pragma clang loop unroll(disable)
	for (__u32 i = 0; i < AGFEO_HOST_WIRE; i++) {
		const __u8 *byte = at_offset(span->start, span->end, m->start + m->at, 1);

		if (!byte)
			return false;
		m->at++;
		((__u8 *)m->name)[i] = lower(*byte);
		if (!*byte)
			return true;
	}
	return false;
}

static __always_inline bool is_host(const struct dns_message *m, __u32 host)
{
	const volatile __u64 *known = (const volatile __u64 *)agfeo_config.hosts[host];

	return m->name[0] == known[0] && m->name[1] == known[1] && m->name[2] == known[2] &&
	       m->name[3] == known[3];
}

static __always_inline __u32 host_of_name(const struct dns_message *m)
{
#pragma clang loop unroll(full)
	for (__u32 host = 0; host < AGFEO_HOST_COUNT; host++)
		if (is_host(m, host))
			return host;
	return AGFEO_HOST_COUNT;
}

/* The header and the one question into `m`; m->host says of which of AGFEO's hosts it is. */
STAGE int dns_read_question(const struct packet *p, const struct span *span, struct dns_message *m)
{
	const struct dns_question_end *end;
	const struct dns_header *header;

	if (!p || !span || !m)
		return 0;
	m->start = p->transport + sizeof(struct transport_udp);
	m->length = p->payload_length;
	header = at_offset(span->start, span->end, m->start, sizeof(*header));
	if (!header || header->questions != bpf_htons(1))
		return 0;
	m->key.id = header->id;
	m->flags = bpf_ntohs(header->flags);
	m->records = bpf_ntohs(header->answers);
	m->at = m->target = sizeof(*header);
	if (!dns_read_name(span, m))
		return 0;
	end = at_offset(span->start, span->end, m->start + m->at, sizeof(*end));
	m->at += sizeof(*end);
	if (!end || end->class != bpf_htons(DNS_CLASS_IN) || m->at > m->length)
		return 0;
	m->key.type = bpf_ntohs(end->type);
	if (m->key.type != DNS_TYPE_A && m->key.type != DNS_TYPE_AAAA)
		return 0;
	m->host = host_of_name(m);
	return m->host < AGFEO_HOST_COUNT;
}

static __always_inline struct dns_message *dns_message(void)
{
	__u32 zero = 0;

	return find_in(&dns_messages, &zero);
}

#endif
