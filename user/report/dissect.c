/* SPDX-License-Identifier: GPL-2.0 */
/* From a capture's bytes to the ends of the packet; see dissect.h. */
#include "report/dissect.h"

#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>

#define MAX_TAGS	 2 /* as the programs: what has more is malformed to them */
#define MAX_EXTENSIONS	 8
#define ETHERTYPE_QINQ	 0x88a8
#define ETHERTYPE_QINQ_9 0x9100
#define ETHERTYPE_PPPOE	 0x8864
#define ETHERTYPE_PPP	 0x880b /* PPP that carries no IP */
#define PPP_IPV4	 0x0021
#define PPP_IPV6	 0x0057

/* The bytes that are left; a read past the end gives zeros and ends the cursor. */
struct cursor {
	const uint8_t *at;
	size_t left;
};

static bool cursor_has(const struct cursor *cursor, size_t size)
{
	return cursor->left >= size;
}

static void cursor_skip(struct cursor *cursor, size_t size)
{
	size_t step = size < cursor->left ? size : cursor->left;

	cursor->at += step;
	cursor->left -= step;
}

static uint16_t word_at(const struct cursor *cursor, size_t offset)
{
	if (!cursor_has(cursor, offset + 2))
		return 0;
	return (uint16_t)(cursor->at[offset] << 8 | cursor->at[offset + 1]);
}

/* ------------------------------------------------------------------ IP */

/* Behind the ports: what padding may follow in the frame is cut off where UDP says so. */
static void dissect_payload(struct dissected *d, struct cursor cursor)
{
	bool udp = d->protocol == IPPROTO_UDP;
	size_t header = udp ? 8 : 20, length = word_at(&cursor, 4);

	if (!cursor_has(&cursor, header))
		return;
	if (!udp)
		header = (cursor.at[12] >> 4) * 4u;
	if (udp && length >= header && length < cursor.left)
		cursor.left = length;
	cursor_skip(&cursor, header);
	d->payload = cursor.left ? cursor.at : NULL;
	d->payload_size = cursor.left;
}

static void dissect_ports(struct dissected *d, const struct cursor *cursor)
{
	if ((d->protocol != IPPROTO_UDP && d->protocol != IPPROTO_TCP) || !cursor_has(cursor, 4))
		return;
	d->has_ports = true;
	d->source_port = word_at(cursor, 0);
	d->destination_port = word_at(cursor, 2);
	dissect_payload(d, *cursor);
}

static void dissect_ipv4(struct dissected *d, struct cursor cursor)
{
	uint32_t source, destination;

	if (!cursor_has(&cursor, 20))
		return;
	memcpy(&source, cursor.at + 12, sizeof(source));
	memcpy(&destination, cursor.at + 16, sizeof(destination));
	d->has_addresses = true;
	d->source = address_from_v4(source);
	d->destination = address_from_v4(destination);
	d->protocol = cursor.at[9];
	d->later_fragment = word_at(&cursor, 6) & 0x1fff;
	if (d->later_fragment)
		return;
	cursor_skip(&cursor, (cursor.at[0] & 0xf) * 4);
	dissect_ports(d, &cursor);
}

static bool is_extension(uint8_t protocol)
{
	return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING ||
	       protocol == IPPROTO_FRAGMENT || protocol == IPPROTO_AH ||
	       protocol == IPPROTO_DSTOPTS;
}

static void dissect_ipv6(struct dissected *d, struct cursor cursor)
{
	if (!cursor_has(&cursor, 40))
		return;
	d->has_addresses = true;
	memcpy(d->source.bytes, cursor.at + 8, 16);
	memcpy(d->destination.bytes, cursor.at + 24, 16);
	d->protocol = cursor.at[6];
	cursor_skip(&cursor, 40);
	for (int i = 0; i < MAX_EXTENSIONS && is_extension(d->protocol); i++) {
		uint8_t protocol = d->protocol;

		if (!cursor_has(&cursor, 8))
			return;
		d->protocol = cursor.at[0];
		if (protocol == IPPROTO_FRAGMENT && word_at(&cursor, 2) & ~7u) {
			d->later_fragment = true;
			return;
		}
		if (protocol == IPPROTO_FRAGMENT)
			cursor_skip(&cursor, 8);
		else if (protocol == IPPROTO_AH)
			cursor_skip(&cursor, (cursor.at[1] + 2u) * 4);
		else
			cursor_skip(&cursor, (cursor.at[1] + 1u) * 8);
	}
	dissect_ports(d, &cursor);
}

/* ------------------------------------------------------------------ what is around it */

/* The Ethertype of IP, or 0. */
static uint16_t ethertype_of_ppp(uint16_t protocol)
{
	if (protocol == PPP_IPV4)
		return ETHERTYPE_IP;
	return protocol == PPP_IPV6 ? ETHERTYPE_IPV6 : 0;
}

static bool is_tag(uint16_t ethertype)
{
	return ethertype == ETHERTYPE_VLAN || ethertype == ETHERTYPE_QINQ ||
	       ethertype == ETHERTYPE_QINQ_9;
}

/* Steps over tags and PPPoE. Returns the Ethertype of what is then at the cursor. */
static uint16_t unwrap(struct cursor *cursor, uint16_t ethertype)
{
	for (int i = 0; i < MAX_TAGS && is_tag(ethertype) && cursor_has(cursor, 4); i++) {
		ethertype = word_at(cursor, 2);
		cursor_skip(cursor, 4);
	}
	if (ethertype == ETHERTYPE_PPPOE && cursor_has(cursor, 8)) {
		ethertype = ethertype_of_ppp(word_at(cursor, 6));
		cursor_skip(cursor, 8);
	}
	return ethertype;
}

static void dissect_ip(struct dissected *d, uint16_t ethertype, struct cursor cursor)
{
	if (ethertype == ETHERTYPE_IP)
		dissect_ipv4(d, cursor);
	else if (ethertype == ETHERTYPE_IPV6)
		dissect_ipv6(d, cursor);
}

/* ------------------------------------------------------------------ framings */

static struct dissected dissect_ethernet(struct cursor cursor)
{
	struct dissected d = {.skip = 0};
	uint16_t ethertype = word_at(&cursor, 12);

	cursor_skip(&cursor, ETHER_HDR_LEN);
	ethertype = unwrap(&cursor, ethertype);
	dissect_ip(&d, ethertype, cursor);
	return d;
}

/* A raw IP packet tells its family by its first four bits. */
static struct dissected dissect_raw(struct cursor cursor)
{
	struct dissected d = {.raw = true};
	unsigned version = cursor.left ? cursor.at[0] >> 4 : 0;

	if (version == 4)
		dissect_ipv4(&d, cursor);
	else if (version == 6)
		dissect_ipv6(&d, cursor);
	return d;
}

/* Behind a header of `header` bytes that says `ethertype`: the IP packet alone, if there is one. */
static struct dissected dissect_behind(struct cursor cursor, size_t header, uint16_t ethertype)
{
	const uint8_t *start = cursor.at;
	struct dissected d = {.raw = true};
	uint16_t inner;

	cursor_skip(&cursor, header);
	d.skip = (size_t)(cursor.at - start);
	d.ethertype = ethertype;
	inner = unwrap(&cursor, ethertype);
	if (inner == ETHERTYPE_IP || inner == ETHERTYPE_IPV6) {
		d.skip = (size_t)(cursor.at - start);
		dissect_ip(&d, inner, cursor);
		return d;
	}
	d.raw = false;
	d.made_up = true;
	return d;
}

/* RFC 1662: address and control, 0xff 0x03, may be left out. */
static struct dissected dissect_ppp(struct cursor cursor)
{
	size_t header = word_at(&cursor, 0) == 0xff03 ? 2 : 0;
	uint16_t ethertype = ethertype_of_ppp(word_at(&cursor, header));

	return dissect_behind(cursor, header + 2, ethertype ? ethertype : ETHERTYPE_PPP);
}

struct dissected dissect(enum framing framing, const uint8_t *bytes, size_t size)
{
	struct cursor cursor = {bytes, size};

	switch (framing) {
	case FRAMING_ETHERNET:
		return dissect_ethernet(cursor);
	case FRAMING_IP:
		return dissect_raw(cursor);
	case FRAMING_SLL:
		return dissect_behind(cursor, 16, word_at(&cursor, 14));
	case FRAMING_SLL2:
		return dissect_behind(cursor, 20, word_at(&cursor, 0));
	case FRAMING_PPP:
		return dissect_ppp(cursor);
	case FRAMING_PPPOE:
		return dissect_behind(cursor, 0, ETHERTYPE_PPPOE);
	}
	return (struct dissected){.raw = true};
}
