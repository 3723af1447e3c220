/* SPDX-License-Identifier: GPL-2.0 */
/* A frame, read header by header; see wire.h. */
#include "wire.h"

#include <string.h>

#define ETHERTYPE_IPV4	  0x0800
#define ETHERTYPE_IPV6	  0x86dd
#define ETHERTYPE_PPPOE	  0x8864
#define ETHERTYPE_8021Q	  0x8100
#define ETHERTYPE_8021AD  0x88a8
#define ETHERTYPE_QINQ	  0x9100
#define PPP_IPV4	  0x0021
#define PPP_IPV6	  0x0057
#define MAX_EXTENSIONS	  8
#define EXTENSION_HOP	  0
#define EXTENSION_ROUTE	  43
#define EXTENSION_FRAG	  44
#define EXTENSION_AH	  51
#define EXTENSION_OPTIONS 60
#define EXTENSION_MOBILE  135
#define EXTENSION_HIP	  139
#define EXTENSION_SHIM6	  140

static struct address address_v6(const uint8_t *at)
{
	struct address address;

	memcpy(address.bytes, at, sizeof(address.bytes));
	return address;
}

static struct address address_of_v4(const uint8_t *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	return address_from_v4(word);
}

static bool is_tag(unsigned ethertype)
{
	return ethertype == ETHERTYPE_8021Q || ethertype == ETHERTYPE_8021AD ||
	       ethertype == ETHERTYPE_QINQ;
}

/* ------------------------------------------------------------------ transport */

static bool tcp_flags_possible(uint8_t flags)
{
	if (!(flags & (TCP_SYN | TCP_ACK | TCP_FIN | TCP_RST)))
		return false;
	if ((flags & TCP_SYN) && (flags & (TCP_FIN | TCP_RST)))
		return false;
	if ((flags & TCP_FIN) && (flags & TCP_RST))
		return false;
	return !(flags & TCP_FIN) || (flags & TCP_ACK);
}

static bool ends_possible(const struct wire_tuple *tuple)
{
	if (!tuple->source_port || !tuple->destination_port)
		return false;
	return tuple->source_port != tuple->destination_port ||
	       !address_equal(&tuple->source, &tuple->destination);
}

static bool read_udp(struct wire *wire)
{
	size_t claimed;

	if (wire->l4_length < 8)
		return false;
	wire->tuple.source_port = wire_u16(wire->l4);
	wire->tuple.destination_port = wire_u16(wire->l4 + 2);
	claimed = wire_u16(wire->l4 + 4);
	if (claimed < 8)
		return false;
	if (claimed > wire->l4_length && !wire->fragmented)
		return false;

	wire->payload = wire->l4 + 8;
	wire->payload_length = (claimed < wire->l4_length ? claimed : wire->l4_length) - 8;
	return ends_possible(&wire->tuple);
}

static bool read_tcp(struct wire *wire)
{
	size_t header;

	if (wire->l4_length < 20)
		return false;
	wire->tuple.source_port = wire_u16(wire->l4);
	wire->tuple.destination_port = wire_u16(wire->l4 + 2);
	wire->sequence = wire_u32(wire->l4 + 4);
	wire->acknowledgement = wire_u32(wire->l4 + 8);
	header = (size_t)(wire->l4[12] >> 4) * 4;
	wire->tcp_flags = wire->l4[13];
	if (header < 20 || header > wire->l4_length)
		return false;

	wire->payload = wire->l4 + header;
	wire->payload_length = wire->l4_length - header;
	return tcp_flags_possible(wire->tcp_flags) && ends_possible(&wire->tuple);
}

static bool read_icmp(struct wire *wire)
{
	if (wire->l4_length < 8)
		return false;
	wire->icmp_type = wire->l4[0];
	wire->payload = wire->l4 + 8;
	wire->payload_length = wire->l4_length - 8;
	if (wire_is_echo_request(wire) || wire_is_echo_reply(wire)) {
		wire->tuple.source_port = wire_u16(wire->l4 + 4);
		wire->tuple.destination_port = wire->tuple.source_port;
	}
	return true;
}

static enum wire_kind read_transport(struct wire *wire)
{
	bool whole = true;

	if (wire->tuple.protocol == PROTOCOL_UDP)
		whole = read_udp(wire);
	else if (wire->tuple.protocol == PROTOCOL_TCP)
		whole = read_tcp(wire);
	else if (wire_is_icmp(wire))
		whole = read_icmp(wire);
	return whole ? WIRE_PACKET : WIRE_MALFORMED;
}

/* A fragment that is not the first: it may not reach back into the header of the transport. */
static enum wire_kind read_later_fragment(const struct wire *wire)
{
	if (wire->fragment_offset + wire->l4_length > 65535)
		return WIRE_MALFORMED;
	if (wire->fragment_protocol == PROTOCOL_UDP && wire->fragment_offset < 8)
		return WIRE_MALFORMED;
	if (wire->fragment_protocol == PROTOCOL_TCP && wire->fragment_offset < 20)
		return WIRE_MALFORMED;
	return WIRE_LATER_FRAGMENT;
}

/* ------------------------------------------------------------------ IPv4 */

/* present: bytes of the frame from here on; claimed: what the link says of them is the packet's. */
static enum wire_kind read_ipv4(const uint8_t *ip, size_t present, size_t claimed,
				struct wire *wire)
{
	size_t header, total, field;

	if (present < 20)
		return WIRE_BLIND;
	wire->tuple.family = FAMILY_V4;
	wire->tuple.source = address_of_v4(ip + 12);
	wire->tuple.destination = address_of_v4(ip + 16);

	header = (size_t)(ip[0] & 0x0f) * 4;
	total = wire_u16(ip + 2);
	if (ip[0] >> 4 != 4 || header < 20 || total < header || total > claimed)
		return WIRE_MALFORMED;

	field = wire_u16(ip + 6);
	wire->fragment_offset = (field & 0x1fff) * 8;
	wire->fragmented = (field & 0x3fff) != 0;
	wire->fragment_id = wire_u16(ip + 4);
	wire->fragment_protocol = ip[9];
	wire->tuple.protocol = ip[9];
	wire->l4 = ip + header;
	wire->l4_length = total - header;
	if (wire->fragment_offset)
		return read_later_fragment(wire);
	return read_transport(wire);
}

/* ------------------------------------------------------------------ IPv6 */

static bool is_extension(uint8_t number)
{
	switch (number) {
	case EXTENSION_HOP:
	case EXTENSION_ROUTE:
	case EXTENSION_FRAG:
	case EXTENSION_AH:
	case EXTENSION_OPTIONS:
	case EXTENSION_MOBILE:
	case EXTENSION_HIP:
	case EXTENSION_SHIM6:
		return true;
	}
	return false;
}

static size_t extension_length(uint8_t number, const uint8_t *header)
{
	if (number == EXTENSION_FRAG)
		return 8;
	if (number == EXTENSION_AH)
		return ((size_t)header[1] + 2) * 4;
	return ((size_t)header[1] + 1) * 8;
}

static void read_fragment_header(const uint8_t *header, struct wire *wire)
{
	unsigned field = wire_u16(header + 2);

	wire->fragment_offset = field & 0xfff8;
	wire->fragmented = wire->fragment_offset || (field & 1);
	wire->fragment_id = wire_u32(header + 4);
	wire->fragment_protocol = header[0];
}

/* Walks to the transport header, or to the end of a later fragment's own header. */
static enum wire_kind read_extensions(uint8_t next, const uint8_t *at, size_t left,
				      struct wire *wire)
{
	for (unsigned walked = 0; is_extension(next); walked++) {
		size_t length;

		if (walked == MAX_EXTENSIONS || left < 8)
			return WIRE_MALFORMED;
		length = extension_length(next, at);
		if (length > left)
			return WIRE_MALFORMED;
		if (next == EXTENSION_ROUTE && at[3] > 0)
			return WIRE_MALFORMED;
		if (next == EXTENSION_FRAG)
			read_fragment_header(at, wire);
		next = at[0];
		at += length;
		left -= length;
		if (wire->fragment_offset)
			break;
	}

	wire->tuple.protocol = next;
	wire->l4 = at;
	wire->l4_length = left;
	if (wire->fragment_offset)
		return read_later_fragment(wire);
	return read_transport(wire);
}

static enum wire_kind read_ipv6(const uint8_t *ip, size_t present, size_t claimed,
				struct wire *wire)
{
	size_t payload;

	if (present < 40)
		return WIRE_BLIND;
	wire->tuple.family = FAMILY_V6;
	wire->tuple.source = address_v6(ip + 8);
	wire->tuple.destination = address_v6(ip + 24);

	payload = wire_u16(ip + 4);
	if (ip[0] >> 4 != 6 || payload + 40 > claimed)
		return WIRE_MALFORMED;
	return read_extensions(ip[6], ip + 40, payload, wire);
}

/* ------------------------------------------------------------------ link */

static enum wire_kind read_pppoe(const uint8_t *at, size_t left, size_t offset, struct wire *wire)
{
	size_t claimed;

	if (left < 8)
		return WIRE_BLIND;
	claimed = wire_u16(at + 4);
	if (at[0] != 0x11 || at[1] != 0 || claimed < 2 || claimed > left - 6)
		return WIRE_BLIND;

	wire->ip = offset + 8;
	if (wire_u16(at + 6) == PPP_IPV4)
		return read_ipv4(at + 8, left - 8, claimed - 2, wire);
	if (wire_u16(at + 6) == PPP_IPV6)
		return read_ipv6(at + 8, left - 8, claimed - 2, wire);
	return WIRE_NOT_IP;
}

static enum wire_kind read_link(const uint8_t *frame, size_t length, struct wire *wire)
{
	size_t at = 14;
	unsigned ethertype;

	if (length < at)
		return WIRE_BLIND;
	memcpy(wire->source_mac, frame + 6, sizeof(wire->source_mac));
	ethertype = wire_u16(frame + 12);

	while (is_tag(ethertype)) {
		if (wire->tag_count == 2 || length < at + 4)
			return WIRE_BLIND;
		wire->tags[wire->tag_count++] = at;
		ethertype = wire_u16(frame + at + 2);
		at += 4;
	}

	wire->ip = at;
	if (ethertype == ETHERTYPE_IPV4)
		return read_ipv4(frame + at, length - at, length - at, wire);
	if (ethertype == ETHERTYPE_IPV6)
		return read_ipv6(frame + at, length - at, length - at, wire);
	if (ethertype == ETHERTYPE_PPPOE)
		return read_pppoe(frame + at, length - at, at, wire);
	return WIRE_NOT_IP;
}

void wire_read(const uint8_t *frame, size_t length, struct wire *ret_wire)
{
	struct wire wire = {};

	wire.kind = read_link(frame, length, &wire);
	*ret_wire = wire;
}

/* ------------------------------------------------------------------ questions */

bool wire_is_icmp(const struct wire *wire)
{
	if (wire->tuple.family == FAMILY_V4)
		return wire->tuple.protocol == PROTOCOL_ICMP;
	return wire->tuple.protocol == PROTOCOL_ICMPV6;
}

bool wire_is_icmp_error(const struct wire *wire)
{
	uint8_t type = wire->icmp_type;

	if (!wire_is_icmp(wire))
		return false;
	if (wire->tuple.family == FAMILY_V6)
		return type >= 1 && type <= 4;
	return type == 3 || type == 4 || type == 11 || type == 12;
}

bool wire_is_echo_request(const struct wire *wire)
{
	if (!wire_is_icmp(wire))
		return false;
	return wire->icmp_type == (wire->tuple.family == FAMILY_V4 ? 8 : 128);
}

bool wire_is_echo_reply(const struct wire *wire)
{
	if (!wire_is_icmp(wire))
		return false;
	return wire->icmp_type == (wire->tuple.family == FAMILY_V4 ? 0 : 129);
}

/* A client asks a server, a server answers a client or speaks with a relay. */
static bool is_dhcp(const struct wire_tuple *tuple)
{
	unsigned client = tuple->family == FAMILY_V4 ? 68 : 546;
	unsigned server = tuple->family == FAMILY_V4 ? 67 : 547;
	unsigned from = tuple->source_port, to = tuple->destination_port;

	if (tuple->protocol != PROTOCOL_UDP)
		return false;
	return (from == client && to == server) ||
	       (from == server && (to == client || to == server));
}

static bool is_discovery_or_mld(uint8_t type)
{
	return (type >= 130 && type <= 137) || type == 143;
}

bool wire_is_control(const struct wire *wire)
{
	if (wire->tuple.family == FAMILY_V4 && wire->tuple.protocol == PROTOCOL_IGMP)
		return true;
	if (wire->tuple.family == FAMILY_V6 && wire_is_icmp(wire) &&
	    is_discovery_or_mld(wire->icmp_type))
		return true;
	return is_dhcp(&wire->tuple);
}

/* ------------------------------------------------------------------ quotes */

static bool is_echo_type(enum wire_family family, uint8_t type)
{
	return family == FAMILY_V4 ? type == 8 || type == 0 : type == 128 || type == 129;
}

/* What stands behind the quoted IP header: ports, or an echo's identifier. */
static enum wire_quote quoted_ports(const uint8_t *l4, size_t left, struct wire_tuple *tuple)
{
	uint8_t icmp = tuple->family == FAMILY_V4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6;

	if (left < 8) /* RFC 792: at least so much is quoted */
		return QUOTE_SHORT;
	if (tuple->protocol != PROTOCOL_UDP && tuple->protocol != PROTOCOL_TCP &&
	    tuple->protocol != icmp)
		return QUOTE_OTHER;
	if (tuple->protocol == icmp) {
		if (!is_echo_type(tuple->family, l4[0]))
			return QUOTE_OTHER;
		tuple->source_port = wire_u16(l4 + 4);
		tuple->destination_port = tuple->source_port;
	} else {
		tuple->source_port = wire_u16(l4);
		tuple->destination_port = wire_u16(l4 + 2);
	}
	return QUOTE_TUPLE;
}

static enum wire_quote quoted_ipv4(const uint8_t *ip, size_t left, struct wire_tuple *tuple)
{
	size_t header;

	if (left < 20)
		return QUOTE_SHORT;
	header = (size_t)(ip[0] & 0x0f) * 4;
	if (ip[0] >> 4 != 4 || header < 20 || header > left)
		return QUOTE_SHORT;
	tuple->family = FAMILY_V4;
	tuple->protocol = ip[9];
	tuple->source = address_of_v4(ip + 12);
	tuple->destination = address_of_v4(ip + 16);
	if (left - header >= 8 && (wire_u16(ip + 6) & 0x1fff))
		return QUOTE_OTHER;
	return quoted_ports(ip + header, left - header, tuple);
}

static enum wire_quote quoted_ipv6(const uint8_t *ip, size_t left, struct wire_tuple *tuple)
{
	if (left < 40 || ip[0] >> 4 != 6)
		return QUOTE_SHORT;
	tuple->family = FAMILY_V6;
	tuple->protocol = ip[6];
	tuple->source = address_v6(ip + 8);
	tuple->destination = address_v6(ip + 24);
	return quoted_ports(ip + 40, left - 40, tuple);
}

enum wire_quote wire_quoted(const struct wire *wire, struct wire_tuple *ret_tuple)
{
	struct wire_tuple tuple = {};
	enum wire_quote quote;

	if (wire->tuple.family == FAMILY_V4)
		quote = quoted_ipv4(wire->payload, wire->payload_length, &tuple);
	else
		quote = quoted_ipv6(wire->payload, wire->payload_length, &tuple);
	if (quote == QUOTE_TUPLE)
		*ret_tuple = tuple;
	return quote;
}
