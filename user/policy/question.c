/* SPDX-License-Identifier: GPL-2.0 */
/* Text of a question to the question; see question.h. Read by the million: nothing is allocated. */
#include "policy/question.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/names.h"
#include "base/printable.h"

#define HOST_TEXT 64 /* longest name or address at an end */

struct name_index {
	size_t count;
	const struct device *devices[]; /* by name */
};

static int by_name(const void *left, const void *right)
{
	const struct device *const *a = left, *const *b = right;

	return strcmp((*a)->name, (*b)->name);
}

struct name_index *name_index_new(const struct site *site)
{
	struct name_index *names =
		malloc(sizeof(*names) + site->device_count * sizeof(names->devices[0]));

	if (!names)
		return NULL;
	names->count = site->device_count;
	for (size_t i = 0; i < site->device_count; i++)
		names->devices[i] = &site->devices[i];
	qsort(names->devices, names->count, sizeof(names->devices[0]), by_name);
	return names;
}

void name_index_free(struct name_index *names)
{
	free(names);
}

static int compare_name(const void *name, const void *device)
{
	return strcmp(name, (*(const struct device *const *)device)->name);
}

static const struct device *find_device(const struct name_index *names, const char *name)
{
	const struct device *const *found = bsearch(name, names->devices, names->count,
						    sizeof(names->devices[0]), compare_name);

	return found ? *found : NULL;
}

/* ------------------------------------------------------------------ one end */

/* What stood at an end: exactly one of address, device and host. */
struct end_text {
	const char *text;
	struct address address;
	bool has_address;
	const struct device *device;
	const char *host;
	unsigned host_bit;
	bool has_port;
	uint16_t port;
};

static int refuse(char *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int refuse(char *error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(error, QUESTION_ERROR, format, arguments);
	printable_text(error); /* it quotes the question */
	va_end(arguments);
	return -EINVAL;
}

/* An address or a name without port. */
static bool take_name(const struct name_index *names, const char *text, struct end_text *end)
{
	if (!address_parse(text, &end->address)) {
		end->has_address = true;
		return true;
	}
	end->device = find_device(names, text);
	if (end->device)
		return true;
	for (unsigned host = 0; host < AGFEO_HOST_COUNT; host++)
		if (!strcasecmp(host_name(host), text)) {
			end->host = host_name(host);
			end->host_bit = 1u << host;
			return true;
		}
	return false;
}

/* Where "name:port" or "[address]:port" ends its first part: copies that and points at the port. */
static bool cut_port(const char *text, char *ret_name, const char **ret_port)
{
	const char *close = *text == '[' ? strchr(text, ']') : NULL;
	const char *colon = close ? close + 1 : strrchr(text, ':');
	size_t size;

	if (close)
		text++;
	if (!colon || (close && *colon && *colon != ':'))
		return false;
	size = (size_t)((close ? close : colon) - text);
	if (size >= HOST_TEXT)
		return false;
	memcpy(ret_name, text, size);
	ret_name[size] = '\0';
	*ret_port = *colon ? colon + 1 : NULL;
	return true;
}

static int take_end(const struct name_index *names, const char *text, struct end_text *end,
		    char *error)
{
	char name[HOST_TEXT];
	const char *port;
	uint64_t number;

	end->text = text;
	if (take_name(names, text, end))
		return 0;
	if (!cut_port(text, name, &port) || !take_name(names, name, end))
		return refuse(
			error,
			"'%.80s' is no address, no device of the configuration and no host of "
			"AGFEO; write 192.168.10.2:5060, [fd00:10::2]:5060 or NAME:5060",
			text);
	if (!port)
		return 0;
	if (number_parse(port, 0, 65535, &number))
		return refuse(error, "'%.80s': '%.20s' is no port, 0 to 65535", text, port);
	end->has_port = true;
	end->port = (uint16_t)number;
	return 0;
}

/* ------------------------------------------------------------------ both ends */

enum family { FAMILY_OPEN, FAMILY_V4, FAMILY_V6 };

static enum family family_of(const struct address *address)
{
	return address_is_v4(address) ? FAMILY_V4 : FAMILY_V6;
}

/* A device's first address of the family, or its very first where that is open. */
static const struct address *address_of(const struct device *device, enum family family)
{
	for (size_t i = 0; i < device->address_count; i++) {
		const struct address *address = &device->addresses[i].address;

		if (family == FAMILY_OPEN || family_of(address) == family)
			return address;
	}
	return NULL;
}

/* The family that both ends can have: an address says it, else the first device's first. */
static enum family common_family(const struct end_text *ends)
{
	for (int i = 0; i < 2; i++)
		if (ends[i].has_address)
			return family_of(&ends[i].address);
	for (int i = 0; i < 2; i++) {
		const struct device *device = ends[i].device, *other = ends[!i].device;

		for (size_t j = 0; device && j < device->address_count; j++) {
			enum family family = family_of(&device->addresses[j].address);

			if (!other || address_of(other, family))
				return family;
		}
	}
	return FAMILY_V4;
}

/* Sets the address of a name. A host of AGFEO has one that nobody else has: the question says who
 * it is. */
static int settle_end(struct end_text *end, enum family family, char *error)
{
	static const struct address any_v6 = {0};
	const struct address *address;

	if (end->has_address && family_of(&end->address) != family)
		return refuse(error, "one end is IPv4 and the other IPv6");
	if (end->device) {
		address = address_of(end->device, family);
		if (!address)
			return refuse(error, "device '%s' has no address of the other end's family",
				      end->device->name);
		end->address = *address;
	} else if (end->host) {
		end->address = family == FAMILY_V4 ? address_from_v4(0) : any_v6;
	}
	return 0;
}

/* ------------------------------------------------------------------ whole */

static int take_protocol(const char *text, uint8_t *ret_protocol, char *error)
{
	static const struct {
		const char *name;
		uint8_t number;
	} known[] = {{"udp", IPPROTO_UDP},
		     {"tcp", IPPROTO_TCP},
		     {"icmp", IPPROTO_ICMP},
		     {"icmpv6", IPPROTO_ICMPV6}};
	uint64_t number;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcasecmp(known[i].name, text)) {
			*ret_protocol = known[i].number;
			return 0;
		}
	if (number_parse(text, 0, 255, &number))
		return refuse(error,
			      "'%.40s' is no protocol; write udp, tcp, icmp, icmpv6 or a number, 0 "
			      "to 255",
			      text);
	*ret_protocol = (uint8_t)number;
	return 0;
}

static int settle_ports(const struct end_text *ends, struct asked_question *asked, char *error)
{
	uint8_t protocol = asked->question.protocol;
	bool has_ports = protocol == IPPROTO_UDP || protocol == IPPROTO_TCP;

	for (int i = 0; i < 2; i++)
		if (!has_ports && ends[i].has_port)
			return refuse(error, "'%.80s': protocol %u has no ports", ends[i].text,
				      protocol);
	if (!has_ports)
		return 0;
	for (int i = 0; i < 2; i++)
		asked->assumed[i] = !ends[i].has_port;
	asked->question.source_port = ends[0].has_port ? ends[0].port : ASSUMED_PORT;
	asked->question.destination_port = ends[1].has_port ? ends[1].port : ASSUMED_PORT;
	return 0;
}

int question_parse(const struct name_index *names, const char *protocol, const char *source,
		   const char *destination, struct asked_question *ret_asked, char *error)
{
	struct end_text ends[2] = {};
	struct asked_question asked = {};
	enum family family;

	if (take_protocol(protocol, &asked.question.protocol, error) ||
	    take_end(names, source, &ends[0], error) ||
	    take_end(names, destination, &ends[1], error))
		return -EINVAL;

	family = common_family(ends);
	if (settle_end(&ends[0], family, error) || settle_end(&ends[1], family, error) ||
	    settle_ports(ends, &asked, error))
		return -EINVAL;
	if (asked.question.protocol == (family == FAMILY_V4 ? IPPROTO_ICMPV6 : IPPROTO_ICMP))
		return refuse(error, "these are IPv%c addresses: write %s",
			      family == FAMILY_V4 ? '4' : '6',
			      family == FAMILY_V4 ? "icmp" : "icmpv6");

	asked.question.source = ends[0].address;
	asked.question.destination = ends[1].address;
	asked.question.cloud_hosts = ends[0].host_bit | ends[1].host_bit;
	asked.host[0] = ends[0].host;
	asked.host[1] = ends[1].host;
	*ret_asked = asked;
	return 0;
}
