/* SPDX-License-Identifier: GPL-2.0 */
/* Values of keys: text to value, with a sentence of its own for every way to get it wrong. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "config/parse.h"

#define BLANKS " \t\r\v\f"

void complain(struct parser *parser, const char *format, ...)
{
	va_list arguments;
	char *text;
	int size;

	va_start(arguments, format);
	size = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (size < 0) {
		parser->faults.out_of_memory = true;
		return;
	}
	fault(&parser->faults, parser->reader.line, "%s: %s", parser->key, text);
	free(text);
}

char *next_entry(char **text)
{
	char *entry = *text, *comma;

	if (!entry)
		return NULL;
	comma = strchr(entry, ',');
	*text = comma ? comma + 1 : NULL;
	if (comma)
		*comma = '\0';
	entry += strspn(entry, BLANKS);
	for (size_t size = strlen(entry); size && strchr(BLANKS, entry[size - 1]); size--)
		entry[size - 1] = '\0';
	return entry;
}

size_t split_words(char *text, char **words, size_t maximum)
{
	size_t count = 0;
	char *rest;

	for (char *word = strtok_r(text, BLANKS, &rest); word;
	     word = strtok_r(NULL, BLANKS, &rest)) {
		if (count < maximum)
			words[count] = word;
		count++;
	}
	return count;
}

int take_word(struct parser *parser, const char *value, const char *const *words)
{
	char what[64];

	for (int i = 0; words[i]; i++)
		if (!strcmp(words[i], value))
			return i;
	snprintf(what, sizeof(what), "%s:", parser->key);
	fault_unknown(&parser->faults, parser->reader.line, what, value, words);
	return -1;
}

bool take_number(struct parser *parser, const char *value, const char *what, uint64_t minimum,
		 uint64_t maximum, unsigned *ret_number)
{
	uint64_t number;

	if (number_parse(value, minimum, maximum, &number)) {
		complain(parser, "'%s' is not a number of %s, %llu to %llu", value, what,
			 (unsigned long long)minimum, (unsigned long long)maximum);
		return false;
	}
	*ret_number = (unsigned)number;
	return true;
}

/* The network that a prefix with host bits set lies in: what was probably meant. */
static void complain_host_bits(struct parser *parser, const char *value)
{
	const char *slash = strchr(value, '/');
	char text[PREFIX_TEXT], host[ADDRESS_TEXT];
	struct prefix prefix;
	unsigned length = (unsigned)strtoul(slash + 1, NULL, 10);

	memcpy(host, value, (size_t)(slash - value)); /* prefix_parse() saw that it fits */
	host[slash - value] = '\0';
	address_parse(host, &prefix.address);
	prefix.length = length + (strchr(host, ':') ? 0 : 96);
	for (unsigned bit = prefix.length; bit < 128; bit++)
		prefix.address.bytes[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	complain(parser, "%s has bits set behind its length: the network is %s, the host is %s",
		 value, prefix_format(&prefix, text), host);
}

bool take_prefix(struct parser *parser, const char *value, struct prefix *ret_prefix)
{
	int err = prefix_parse(value, ret_prefix);

	if (err == -EDOM)
		complain_host_bits(parser, value);
	else if (err)
		complain(parser,
			 "'%s' is no address; write 192.168.10.2, 192.168.10.0/24, fd00:10::2 "
			 "or fd00:10::/64",
			 value);
	return !err;
}

bool take_ports(struct parser *parser, const char *value, struct port_range *ret_range)
{
	int err = port_range_parse(value, ret_range);
	unsigned first, last;

	if (err == -ERANGE && sscanf(value, "%u-%u", &first, &last) == 2)
		complain(parser, "the range %s is reversed; write %u-%u", value, last, first);
	else if (err)
		complain(parser,
			 "'%s' is no port or range of ports; write 5060 or 5204-5235, 1 to 65535",
			 value);
	return !err;
}

bool take_dscp(struct parser *parser, const char *value, uint8_t *ret_dscp)
{
	unsigned dscp;

	if (dscp_parse(value, &dscp)) {
		complain(parser,
			 "'%s' is no DSCP; write ef, cs0 to cs7, af11 to af43, va, le, 0 to 63, or "
			 "keep",
			 value);
		return false;
	}
	*ret_dscp = (uint8_t)dscp;
	return true;
}

bool take_protocol(struct parser *parser, const char *value, enum agfeo_protocol *ret_protocol)
{
	static const char *const words[] = {"udp", "tcp", NULL};
	int word = take_word(parser, value, words);

	if (word >= 0)
		*ret_protocol = word ? AGFEO_TCP : AGFEO_UDP;
	return word >= 0;
}

/*
 * Wider than anything that one company or provider has: an IPv4 /8; in IPv6 a /16, and the private
 * and link-local blocks (RFC 4193, RFC 4291) whole.
 */
bool prefix_is_world(const struct prefix *prefix)
{
	const uint8_t *bytes = prefix->address.bytes;
	static const struct address zeros;

	if (prefix->length <= 80 &&
	    address_equal(&prefix->address, &zeros)) /* around mapped IPv4 */
		return true;
	if (address_is_v4(&prefix->address) && prefix->length >= 96)
		return prefix->length < 96 + 8;
	if ((bytes[0] & 0xfe) == 0xfc && prefix->length >= 7)
		return false;
	if (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80 && prefix->length >= 10)
		return false;
	return prefix->length < 16;
}

void take_network(struct parser *parser, const char *value, struct prefix **networks, size_t *count)
{
	struct prefix prefix, *network;

	if (!take_prefix(parser, value, &prefix))
		return;
	if (prefix_is_world(&prefix)) {
		complain(parser,
			 "%s is the internet, and would open what only %s may reach to everybody; "
			 "name the addresses",
			 value, parser->keys == provider_keys ? "the provider" : "the site");
		return;
	}
	network = append(networks, count, sizeof(*network));
	if (!network)
		parser->faults.out_of_memory = true;
	else
		*network = prefix;
}
