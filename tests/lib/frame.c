/* SPDX-License-Identifier: GPL-2.0 */
/* From the innermost out: segment, then the part of it that this fragment carries, then headers. */
#include "frame.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ETHERTYPE_VLAN	0x8100
#define ETHERTYPE_IPV4	0x0800
#define ETHERTYPE_IPV6	0x86dd
#define ETHERTYPE_PPPOE 0x8864
#define PPP_IPV4	0x0021
#define PPP_IPV6	0x0057

/* Bytes in the making: appended at the end. */
struct buffer {
	size_t length;
	uint8_t bytes[FRAME_MOST];
};

static void wrong(const char *what, const char *value)
{
	fprintf(stderr, "frame: %s %s cannot be built\n", what, value ? value : "");
	abort();
}

static uint8_t *put(struct buffer *buffer, const void *bytes, size_t size)
{
	uint8_t *at = buffer->bytes + buffer->length;

	if (size > sizeof(buffer->bytes) - buffer->length)
		wrong("a frame longer than FRAME_MOST", NULL);
	if (bytes)
		memcpy(at, bytes, size);
	else
		memset(at, 0, size);
	buffer->length += size;
	return at;
}

static void put8(struct buffer *buffer, uint8_t value)
{
	put(buffer, &value, 1);
}

static void put16(struct buffer *buffer, uint16_t value)
{
	value = htons(value);
	put(buffer, &value, 2);
}

static void put32(struct buffer *buffer, uint32_t value)
{
	value = htonl(value);
	put(buffer, &value, 4);
}

static void set16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static uint16_t get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

/* ------------------------------------------------------------------ checksums */

uint16_t frame_sum(uint16_t sum, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	uint32_t total = sum;

	for (size_t i = 0; i < size; i++)
		total += i % 2 ? at[i] : at[i] << 8;
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return total;
}

struct ends {
	int family;
	uint8_t source[16], destination[16];
	size_t size; /* of an address */
};

static struct ends ends_of(const struct frame *frame)
{
	struct ends ends = {.family = AF_INET, .size = 4};

	if (strchr(frame->source, ':')) {
		ends.family = AF_INET6;
		ends.size = 16;
	}
	if (inet_pton(ends.family, frame->source, ends.source) != 1)
		wrong("source", frame->source);
	if (!frame->destination ||
	    inet_pton(ends.family, frame->destination, ends.destination) != 1)
		wrong("destination", frame->destination);
	return ends;
}

/* RFC 768, 793, 8200 (8.1): the same sum for both families, as no field is wider than its value. */
static uint16_t pseudo_sum(const struct ends *ends, uint8_t protocol, size_t length)
{
	uint16_t words[2] = {htons(protocol), htons(length)};
	uint16_t sum = frame_sum(0, ends->source, ends->size);

	sum = frame_sum(sum, ends->destination, ends->size);
	return frame_sum(sum, words, sizeof(words));
}

/* ------------------------------------------------------------------ transport */

static void put_payload(struct buffer *buffer, const struct frame *frame)
{
	if (frame->payload || !frame->payload_size) {
		if (frame->payload_size)
			put(buffer, frame->payload, frame->payload_size);
		return;
	}
	for (size_t i = 0; i < frame->payload_size; i++)
		put8(buffer, i);
}

static void put_udp(struct buffer *segment, const struct frame *frame)
{
	put16(segment, frame->source_port);
	put16(segment, frame->destination_port);
	put16(segment, frame->udp_length ? frame->udp_length : 8 + frame->payload_size);
	put16(segment, 0);
}

static void put_tcp(struct buffer *segment, const struct frame *frame)
{
	unsigned words = 5 + frame->tcp_options_size / 4;

	put16(segment, frame->source_port);
	put16(segment, frame->destination_port);
	put32(segment, frame->sequence);
	put32(segment, frame->acknowledgement);
	put8(segment, (frame->data_offset ? frame->data_offset : words) << 4);
	put8(segment, frame->tcp_flags);
	put16(segment, 64240);
	put32(segment, 0);
	if (frame->tcp_options_size)
		put(segment, frame->tcp_options, frame->tcp_options_size);
}

static void put_icmp(struct buffer *segment, const struct frame *frame)
{
	put8(segment, frame->icmp_type);
	put8(segment, frame->icmp_code);
	put16(segment, 0);
	put32(segment, frame->icmp_word);
	if (frame->quoted) {
		struct frame_bytes quoted = frame_build(frame->quoted);
		size_t size = quoted.length - quoted.ip;
		size_t most = frame->quoted_size ? frame->quoted_size : 576;

		put(segment, quoted.bytes + quoted.ip, size < most ? size : most);
	}
}

/* Where the checksum of a protocol stands in its header; negative: it has none. */
static int checksum_at(uint8_t protocol)
{
	switch (protocol) {
	case FRAME_UDP:
		return 6;
	case FRAME_TCP:
		return 16;
	case FRAME_ICMP:
	case FRAME_ICMP6:
		return 2;
	}
	return -1;
}

static void fill_checksum(struct buffer *segment, const struct frame *frame,
			  const struct ends *ends)
{
	int at = checksum_at(frame->protocol);
	uint16_t sum = 0;

	if (at < 0 || (frame->protocol == FRAME_UDP && frame->no_udp_checksum))
		return;
	if (frame->protocol != FRAME_ICMP)
		sum = pseudo_sum(ends, frame->protocol, segment->length);
	sum = ~frame_sum(sum, segment->bytes, segment->length);
	if (frame->protocol == FRAME_UDP && !sum)
		sum = 0xffff; /* 0 says that there is none */
	if (frame->bad_checksum)
		sum ^= 0x5555;
	set16(segment->bytes + at, sum);
}

static void build_segment(struct buffer *segment, const struct frame *frame,
			  const struct ends *ends)
{
	switch (frame->protocol) {
	case FRAME_UDP:
		put_udp(segment, frame);
		break;
	case FRAME_TCP:
		put_tcp(segment, frame);
		break;
	case FRAME_ICMP:
	case FRAME_ICMP6:
		put_icmp(segment, frame);
		break;
	}
	put_payload(segment, frame);
	fill_checksum(segment, frame, ends);
}

/* ------------------------------------------------------------------ network */

/* The bytes of the segment that this packet carries. */
struct part {
	const uint8_t *bytes;
	size_t size;
	uint16_t offset;
	bool more;
};

static struct part part_of(const struct buffer *segment, const struct frame *frame)
{
	struct part part = {.bytes = segment->bytes, .size = segment->length};

	if (frame->fragment) {
		if (frame->fragment_offset > segment->length || frame->fragment_offset % 8)
			wrong("a fragment at that offset", NULL);
		part.offset = frame->fragment_offset;
		part.bytes += part.offset;
		part.size -= part.offset;
		if (frame->fragment_size && frame->fragment_size < part.size) {
			part.size = frame->fragment_size;
			part.more = true;
		}
	}
	part.more = part.more || frame->more_fragments;
	return part;
}

static uint8_t protocol_of(const struct frame *frame)
{
	return frame->protocol ? frame->protocol : FRAME_NONE;
}

static void put_ipv4(struct buffer *out, const struct frame *frame, const struct ends *ends,
		     const struct part *part)
{
	size_t size = 20 + frame->ip_options_size;
	uint16_t length = frame->total_length ? frame->total_length : size + part->size;
	uint8_t ihl = frame->ihl ? frame->ihl : size / 4;
	uint8_t version = frame->ip_version ? frame->ip_version : 4;
	uint8_t *header = out->bytes + out->length;
	uint16_t sum;

	put8(out, version << 4 | ihl);
	put8(out, frame->tos);
	put16(out, frame->zero_length ? 0 : length);
	put16(out, frame->id);
	put16(out, frame->dont_fragment << 14 | part->more << 13 | part->offset / 8);
	put8(out, frame->ttl ? frame->ttl : 64);
	put8(out, protocol_of(frame));
	put16(out, 0);
	put(out, ends->source, 4);
	put(out, ends->destination, 4);
	if (frame->ip_options_size)
		put(out, frame->ip_options, frame->ip_options_size);
	sum = ~frame_sum(0, header, size);
	set16(header + 10, frame->bad_ip_checksum ? sum ^ 0x5555 : sum);
}

static size_t extension_size(const struct frame *frame, uint8_t type)
{
	if (frame->extension_size)
		return frame->extension_size;
	return type == FRAME_AH ? 16 : 8;
}

/* Hop-by-hop and destination options are one PadN; a routing header has no segments left. */
static void put_extension(struct buffer *out, const struct frame *frame, uint8_t type, uint8_t next)
{
	size_t size = extension_size(frame, type);
	uint8_t *at = put(out, NULL, size);

	at[0] = next;
	at[1] = type == FRAME_AH ? size / 4 - 2 : size / 8 - 1; /* RFC 4302, 2.2; RFC 8200, 4.3 */
	if (type == FRAME_HOPOPTS || type == FRAME_DSTOPTS) {
		at[2] = 1;
		at[3] = size - 4;
	}
}

static void put_fragment_header(struct buffer *out, const struct frame *frame,
				const struct part *part)
{
	put8(out, protocol_of(frame));
	put8(out, 0);
	put16(out, part->offset | part->more);
	put32(out, frame->id);
}

/* The type of the extension header `at`, or of what follows them all. */
static uint8_t next_header(const struct frame *frame, unsigned at)
{
	if (at < frame->extension_count)
		return frame->extensions[at];
	return frame->fragment ? FRAME_FRAGMENT : protocol_of(frame);
}

static void put_ipv6(struct buffer *out, const struct frame *frame, const struct ends *ends,
		     const struct part *part)
{
	uint8_t version = frame->ip_version ? frame->ip_version : 6;
	size_t length = part->size + (frame->fragment ? 8 : 0);

	for (unsigned i = 0; i < frame->extension_count; i++)
		length += extension_size(frame, frame->extensions[i]);
	if (frame->total_length)
		length = frame->total_length;

	put32(out, (uint32_t)version << 28 | frame->tos << 20);
	put16(out, frame->zero_length ? 0 : length);
	put8(out, next_header(frame, 0));
	put8(out, frame->ttl ? frame->ttl : 64);
	put(out, ends->source, 16);
	put(out, ends->destination, 16);
	for (unsigned i = 0; i < frame->extension_count; i++)
		put_extension(out, frame, frame->extensions[i], next_header(frame, i + 1));
	if (frame->fragment)
		put_fragment_header(out, frame, part);
}

/* ------------------------------------------------------------------ link */

static void put_mac(struct buffer *out, const char *text, const char *otherwise)
{
	unsigned mac[6];

	if (!text)
		text = otherwise;
	if (sscanf(text, "%x:%x:%x:%x:%x:%x", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4],
		   &mac[5]) != 6)
		wrong("MAC", text);
	for (size_t i = 0; i < 6; i++)
		put8(out, mac[i]);
}

static void put_link(struct buffer *out, const struct frame *frame, int family, size_t packet_size)
{
	uint16_t type = family == AF_INET6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4;

	if (frame->pppoe)
		type = ETHERTYPE_PPPOE;
	if (frame->ethertype)
		type = frame->ethertype;

	put_mac(out, frame->destination_mac, "02:00:00:00:00:02");
	put_mac(out, frame->source_mac, "02:00:00:00:00:01");
	for (unsigned i = 0; i < frame->vlan_count; i++) {
		put16(out, frame->vlan[i].tpid ? frame->vlan[i].tpid : ETHERTYPE_VLAN);
		put16(out, frame->vlan[i].priority << 13 | frame->vlan[i].id);
	}
	put16(out, type);
	if (frame->pppoe) { /* RFC 2516: session data, and PPP's protocol */
		put16(out, 0x1100);
		put16(out, 1);
		put16(out, packet_size + 2);
		put16(out, family == AF_INET6 ? PPP_IPV6 : PPP_IPV4);
	}
}

static void build_packet(struct buffer *packet, const struct frame *frame, int *ret_family,
			 size_t *ret_transport)
{
	struct buffer segment = {.length = 0};
	struct ends ends;
	struct part part;

	if (!frame->source) {
		put_payload(packet, frame);
		*ret_family = AF_UNSPEC;
		*ret_transport = 0;
		return;
	}
	ends = ends_of(frame);
	build_segment(&segment, frame, &ends);
	part = part_of(&segment, frame);
	if (ends.family == AF_INET)
		put_ipv4(packet, frame, &ends, &part);
	else
		put_ipv6(packet, frame, &ends, &part);
	*ret_family = ends.family;
	*ret_transport = packet->length;
	if (part.size)
		put(packet, part.bytes, part.size);
}

struct frame_bytes frame_build(const struct frame *frame)
{
	struct buffer packet = {.length = 0}, out = {.length = 0};
	struct frame_bytes built = {.length = 0};
	size_t transport;
	int family;

	build_packet(&packet, frame, &family, &transport);
	if (frame->link == LINK_ETHERNET)
		put_link(&out, frame, family, packet.length);
	if (family != AF_UNSPEC) {
		built.ip = out.length;
		built.transport = out.length + transport;
	}
	if (packet.length)
		put(&out, packet.bytes, packet.length);
	if (out.length < frame->pad_to)
		put(&out, NULL, frame->pad_to - out.length);
	if (frame->cut_to && frame->cut_to < out.length)
		out.length = frame->cut_to;
	memcpy(built.bytes, out.bytes, out.length);
	built.length = out.length;
	return built;
}

/* ------------------------------------------------------------------ reading back */

/* The part of a packet after its IP headers, and which protocol it is. */
static const uint8_t *find_segment(const struct frame_bytes *frame, uint8_t *ret_protocol,
				   struct ends *ret_ends, size_t *ret_size)
{
	const uint8_t *ip = frame->bytes + frame->ip;
	size_t headers = frame->transport - frame->ip;

	*ret_ends = (struct ends){.family = AF_INET, .size = 4};
	if (ip[0] >> 4 == 4) {
		memcpy(ret_ends->source, ip + 12, 4);
		memcpy(ret_ends->destination, ip + 16, 4);
		*ret_protocol = ip[9];
		*ret_size = get16(ip + 2) - headers;
	} else {
		ret_ends->size = 16;
		memcpy(ret_ends->source, ip + 8, 16);
		memcpy(ret_ends->destination, ip + 24, 16);
		*ret_protocol = ip[6];
		for (size_t at = 40; at < headers;) {
			size_t size = *ret_protocol == FRAME_AH ? (ip[at + 1] + 2) * 4
								: (ip[at + 1] + 1) * 8;

			*ret_protocol = ip[at];
			at += size;
		}
		*ret_size = get16(ip + 4) + 40 - headers;
	}
	return frame->bytes + frame->transport;
}

bool frame_checksums_hold(const struct frame_bytes *frame)
{
	const uint8_t *ip = frame->bytes + frame->ip, *segment;
	struct ends ends;
	uint8_t protocol;
	uint16_t sum = 0;
	size_t size;
	int at;

	if (ip[0] >> 4 == 4 && frame_sum(0, ip, (ip[0] & 0xf) * 4) != 0xffff)
		return false;
	segment = find_segment(frame, &protocol, &ends, &size);
	at = checksum_at(protocol);
	if (at < 0)
		return true;
	if (protocol == FRAME_UDP && !get16(segment + at))
		return true;
	if (protocol != FRAME_ICMP)
		sum = pseudo_sum(&ends, protocol, size);
	return frame_sum(sum, segment, size) == 0xffff;
}
