/* SPDX-License-Identifier: GPL-2.0 */
/* What hosts say of themselves inside UDP: SIP's User-Agent, DHCP's options; see discovery.h. */
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/printable.h"
#include "report/discovery.h"

#define MOST_HEADERS 4096 /* of a message are looked at */

/* ------------------------------------------------------------------ SIP */

static bool begins(const uint8_t *bytes, size_t size, const char *text)
{
	size_t length = strlen(text);

	return size >= length && !memcmp(bytes, text, length);
}

/* RFC 3261: a status line, or METHOD sip:… SIP/2.0. */
static bool is_sip(const uint8_t *bytes, size_t size)
{
	static const char *const methods[] = {
		"REGISTER ", "INVITE ",	 "OPTIONS ", "ACK ",  "BYE ",	"CANCEL ", "SUBSCRIBE ",
		"NOTIFY ",   "PUBLISH ", "MESSAGE ", "INFO ", "REFER ", "UPDATE ", "PRACK ",
	};

	if (begins(bytes, size, "SIP/2.0 "))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		size_t length = strlen(methods[i]);

		if (begins(bytes, size, methods[i]))
			return size > length + 4 &&
			       !strncasecmp((const char *)bytes + length, "sip", 3);
	}
	return false;
}

static bool is_agent_header(const uint8_t *line, size_t size, size_t *ret_value)
{
	static const char *const names[] = {"User-Agent", "Server"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t length = strlen(names[i]);

		if (size < length || strncasecmp((const char *)line, names[i], length))
			continue;
		while (length < size && (line[length] == ' ' || line[length] == '\t'))
			length++;
		if (length == size || line[length] != ':')
			continue;
		*ret_value = length + 1;
		return true;
	}
	return false;
}

bool sip_agent(const uint8_t *bytes, size_t size, char *text, size_t room)
{
	size_t at = 0, value;

	*text = 0;
	if (!is_sip(bytes, size))
		return false;
	if (size > MOST_HEADERS)
		size = MOST_HEADERS;
	while (at < size) {
		const uint8_t *end = memchr(bytes + at, '\n', size - at);
		size_t length = end ? (size_t)(end - bytes) - at : size - at,
		       next = at + length + 1;

		if (length && bytes[at + length - 1] == '\r')
			length--;
		if (!length) /* the body */
			return true;
		if (is_agent_header(bytes + at, length, &value)) {
			printable_copy(text, room, bytes + at + value, length - value);
			return true;
		}
		at = next;
	}
	return true;
}

/* ------------------------------------------------------------------ RTP */

/* RFC 3550, 5.1: version 2; RFC 5761: what is RTCP has a type of 64 to 95 in the same place. */
bool looks_like_rtp(const uint8_t *bytes, size_t size)
{
	unsigned type = size >= 12 ? bytes[1] & 0x7f : 0;

	return size >= 12 && bytes[0] >> 6 == 2 && (type < 64 || type > 95);
}

/* ------------------------------------------------------------------ DHCP */

/* RFC 2131, 2: the fixed part; RFC 2132: the options. */
#define DHCP_OPTIONS   240
#define DHCP_REQUEST   1
#define DHCP_COOKIE    "\x63\x82\x53\x63"
#define OPTION_NAME    12
#define OPTION_ADDRESS 50
#define OPTION_VENDOR  60
#define OPTION_END     255

static void take_option(uint8_t option, const uint8_t *value, size_t length, struct lease *lease,
			uint32_t *address)
{
	if (option == OPTION_NAME)
		printable_copy(lease->name, sizeof(lease->name), value, length);
	else if (option == OPTION_VENDOR)
		printable_copy(lease->vendor, sizeof(lease->vendor), value, length);
	else if (option == OPTION_ADDRESS && length == sizeof(*address) && !*address)
		memcpy(address, value, sizeof(*address));
}

bool dhcp_client(const uint8_t *bytes, size_t size, struct lease *lease,
		 struct address *ret_address, bool *ret_has_address)
{
	uint32_t address;

	if (size < DHCP_OPTIONS || bytes[0] != DHCP_REQUEST || bytes[1] != 1 || bytes[2] != 6 ||
	    memcmp(bytes + DHCP_OPTIONS - 4, DHCP_COOKIE, 4))
		return false;
	*lease = (struct lease){};
	memcpy(lease->mac.bytes, bytes + 28, sizeof(lease->mac.bytes));
	memcpy(&address, bytes + 12, sizeof(address)); /* what it has, or zeros */
	for (size_t at = DHCP_OPTIONS; at < size && bytes[at] != OPTION_END;) {
		if (!bytes[at]) { /* padding */
			at++;
			continue;
		}
		if (at + 2 > size || at + 2 + bytes[at + 1] > size)
			break;
		take_option(bytes[at], bytes + at + 2, bytes[at + 1], lease, &address);
		at += 2u + bytes[at + 1];
	}
	*ret_has_address = address != 0;
	if (address)
		*ret_address = address_from_v4(address);
	return true;
}
