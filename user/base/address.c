/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses, prefixes and ports; see address.h. */
#include "base/address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

bool address_is_v4(const struct address *address)
{
	return !memcmp(address->bytes, mapped, sizeof(mapped));
}

uint32_t address_v4(const struct address *address)
{
	uint32_t word;

	memcpy(&word, address->bytes + 12, sizeof(word));
	return word;
}

struct address address_from_v4(uint32_t network_order)
{
	struct address address;

	memcpy(address.bytes, mapped, sizeof(mapped));
	memcpy(address.bytes + 12, &network_order, sizeof(network_order));
	return address;
}

bool address_is_group(const struct address *address)
{
	if (!address_is_v4(address))
		return address->bytes[0] == 0xff;
	return (address->bytes[12] & 0xf0) == 0xe0 || address_v4(address) == 0xffffffff;
}

bool address_is_unspecified(const struct address *address)
{
	static const struct address any6;

	return address_is_v4(address) ? !address_v4(address) : address_equal(address, &any6);
}

bool address_is_link_local(const struct address *address)
{
	const uint8_t *byte = address->bytes;

	if (address_is_v4(address))
		return byte[12] == 169 && byte[13] == 254;
	return byte[0] == 0xfe && (byte[1] & 0xc0) == 0x80;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static bool same_bits(const struct address *a, const struct address *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;
	uint8_t mask = (uint8_t)(0xff << (8 - rest));

	if (memcmp(a->bytes, b->bytes, whole))
		return false;
	return !rest || !((a->bytes[whole] ^ b->bytes[whole]) & mask);
}

/* A prefix is of one family: "::/0" has no IPv4 address in it, although mapped ones look alike. */
static bool prefix_is_v4(const struct prefix *prefix)
{
	return prefix->length >= 96 && address_is_v4(&prefix->address);
}

bool prefix_contains(const struct prefix *prefix, const struct address *address)
{
	return prefix_is_v4(prefix) == address_is_v4(address) &&
	       same_bits(&prefix->address, address, prefix->length);
}

bool prefix_overlaps(const struct prefix *a, const struct prefix *b)
{
	return prefix_is_v4(a) == prefix_is_v4(b) &&
	       same_bits(&a->address, &b->address, a->length < b->length ? a->length : b->length);
}

bool prefix_is_host(const struct prefix *prefix)
{
	return prefix->length == 128;
}

int number_parse(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (!*text)
		return -EINVAL;
	for (const char *c = text; *c; c++) {
		if (!isdigit((unsigned char)*c))
			return -EINVAL;
		if (number > (UINT64_MAX - 9) / 10)
			return -ERANGE;
		number = number * 10 + (uint64_t)(*c - '0');
	}
	if (number < minimum || number > maximum)
		return -ERANGE;
	*ret_number = number;
	return 0;
}

int address_parse(const char *text, struct address *ret_address)
{
	struct address address;
	uint32_t v4;

	if (inet_pton(AF_INET, text, &v4) == 1)
		address = address_from_v4(v4);
	else if (inet_pton(AF_INET6, text, address.bytes) != 1)
		return -EINVAL;
	*ret_address = address;
	return 0;
}

int prefix_parse(const char *text, struct prefix *ret_prefix)
{
	const char *slash = strchr(text, '/');
	struct prefix prefix = {.length = 128};
	char host[ADDRESS_TEXT];
	uint64_t length = 128;
	size_t size;
	bool v4;

	size = slash ? (size_t)(slash - text) : strlen(text);
	if (size >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, size);
	host[size] = '\0';
	if (address_parse(host, &prefix.address))
		return -EINVAL;

	v4 = !strchr(host, ':');
	if (slash) {
		if (number_parse(slash + 1, 0, v4 ? 32 : 128, &length))
			return -EINVAL;
		prefix.length = (unsigned)length + (v4 ? 96 : 0);
	}

	for (unsigned bit = prefix.length; bit < 128; bit++)
		if (prefix.address.bytes[bit / 8] & (0x80 >> bit % 8))
			return -EDOM;
	*ret_prefix = prefix;
	return 0;
}

int port_range_parse(const char *text, struct port_range *ret_range)
{
	char copy[RANGE_TEXT + 1];
	uint64_t first, last;
	char *dash;

	if (strlen(text) >= sizeof(copy))
		return -EINVAL;
	strcpy(copy, text);
	dash = strchr(copy, '-');
	if (dash)
		*dash = '\0';
	if (number_parse(copy, 1, 65535, &first))
		return -EINVAL;
	last = first;
	if (dash && number_parse(dash + 1, 1, 65535, &last))
		return -EINVAL;
	if (first > last)
		return -ERANGE;
	ret_range->first = (uint16_t)first;
	ret_range->last = (uint16_t)last;
	return 0;
}

int mac_parse(const char *text, struct mac_address *ret_mac)
{
	struct mac_address mac;

	if (strlen(text) != MAC_TEXT - 1)
		return -EINVAL;
	for (unsigned i = 0; i < 6; i++) {
		const char *digit = text + 3 * i;
		char pair[3] = {digit[0], digit[1]};

		if (!isxdigit((unsigned char)pair[0]) || !isxdigit((unsigned char)pair[1]))
			return -EINVAL;
		if (i < 5 && (digit[2] != text[2] || (digit[2] != ':' && digit[2] != '-')))
			return -EINVAL;
		sscanf(pair, "%2hhx", &mac.bytes[i]);
	}
	*ret_mac = mac;
	return 0;
}

const char *address_format(const struct address *address, char *text)
{
	if (address_is_v4(address))
		inet_ntop(AF_INET, address->bytes + 12, text, ADDRESS_TEXT);
	else
		inet_ntop(AF_INET6, address->bytes, text, ADDRESS_TEXT);
	return text;
}

const char *endpoint_format(const struct address *address, uint16_t port, char *text)
{
	char host[ADDRESS_TEXT];

	address_format(address, host);
	snprintf(text, ENDPOINT_TEXT, address_is_v4(address) ? "%s:%u" : "[%s]:%u", host, port);
	return text;
}

const char *prefix_format(const struct prefix *prefix, char *text)
{
	char host[ADDRESS_TEXT];
	bool v4 = address_is_v4(&prefix->address) && prefix->length >= 96;

	address_format(&prefix->address, host);
	if (prefix_is_host(prefix))
		snprintf(text, PREFIX_TEXT, "%s", host);
	else
		snprintf(text, PREFIX_TEXT, "%s/%u", host, prefix->length - (v4 ? 96 : 0));
	return text;
}

const char *port_range_format(struct port_range range, char *text)
{
	if (range.first == range.last)
		snprintf(text, RANGE_TEXT, "%u", range.first);
	else
		snprintf(text, RANGE_TEXT, "%u-%u", range.first, range.last);
	return text;
}

const char *mac_format(const struct mac_address *mac, char *text)
{
	const uint8_t *b = mac->bytes;

	snprintf(text, MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4],
		 b[5]);
	return text;
}
