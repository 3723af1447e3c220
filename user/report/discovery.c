/* SPDX-License-Identifier: GPL-2.0 */
/* From packets to hosts; see discovery.h. */
#include "report/discovery.h"

#include <errno.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/dissect.h"

#define SLOTS	   (2 * DISCOVERY_HOSTS)
#define LEASES	   DISCOVERY_HOSTS
#define WIDE_RANGE 1000 /* ports: a service that says nothing about who uses one of them */
#define TAPI_PORT  3232

struct discovery {
	const struct prefix *networks;
	size_t network_count;
	struct host *hosts;
	size_t host_count;
	uint16_t slots[SLOTS]; /* index + 1 of hosts, by a hash of the address */
	struct lease *leases;
	size_t lease_count;
	uint8_t listed[AGFEO_PROTOCOL_COUNT][65536 / 8]; /* ports that some model has as its own */
	uint8_t searched[65536 / 8];			 /* ports that products are found at */
	bool full;
	uint64_t packets;
};

/* ------------------------------------------------------------------ tables */

static bool has_bit(const uint8_t *bits, unsigned at)
{
	return bits[at / 8] >> (at % 8) & 1;
}

static void list_service(struct discovery *discovery, const struct service *service)
{
	unsigned first = service->ports.first, last = service->ports.last;

	if (service->side != AGFEO_LOCAL || !first || last - first >= WIDE_RANGE)
		return;
	for (unsigned port = first; port <= last; port++) {
		discovery->listed[service->protocol][port / 8] |= (uint8_t)(1 << port % 8);
		if (service->class == AGFEO_CLASS_DISCOVERY)
			discovery->searched[port / 8] |= (uint8_t)(1 << port % 8);
	}
}

struct discovery *discovery_new(const struct prefix *networks, size_t network_count)
{
	_cleanup_(discovery_freep) struct discovery *discovery = calloc(1, sizeof(*discovery));

	if (!discovery)
		return NULL;
	discovery->networks = networks;
	discovery->network_count = network_count;
	discovery->hosts = calloc(DISCOVERY_HOSTS, sizeof(*discovery->hosts));
	discovery->leases = calloc(LEASES, sizeof(*discovery->leases));
	if (!discovery->hosts || !discovery->leases)
		return NULL;
	for (const struct model *const *model = models; *model; model++)
		for (const struct service *const *service = (*model)->services; *service; service++)
			list_service(discovery, *service);
	return take_ptr(discovery);
}

void discovery_free(struct discovery *discovery)
{
	if (!discovery)
		return;
	free(discovery->hosts);
	free(discovery->leases);
	free(discovery);
}

static bool is_private(const struct address *address)
{
	static const char *const networks[] = {"10.0.0.0/8",	 "172.16.0.0/12", "192.168.0.0/16",
					       "169.254.0.0/16", "fc00::/7",	  "fe80::/10"};
	struct prefix network;

	for (size_t i = 0; i < ARRAY_SIZE(networks); i++)
		if (!prefix_parse(networks[i], &network) && prefix_contains(&network, address))
			return true;
	return false;
}

static bool is_looked_at(const struct discovery *discovery, const struct address *address)
{
	if (address_is_group(address))
		return false;
	for (size_t i = 0; i < discovery->network_count; i++)
		if (prefix_contains(&discovery->networks[i], address))
			return true;
	return !discovery->network_count && is_private(address);
}

static size_t hash_of(const struct address *address)
{
	uint64_t hash = 14695981039346656037ull; /* FNV-1a */

	for (size_t i = 0; i < sizeof(address->bytes); i++)
		hash = (hash ^ address->bytes[i]) * 1099511628211ull;
	return (hash ^ hash >> 32) % SLOTS;
}

/* The host of that address, made if it is new. NULL: nobody that is looked at, or no room. */
static struct host *host_of(struct discovery *discovery, const struct address *address)
{
	size_t slot = hash_of(address);
	struct host *host;

	if (!is_looked_at(discovery, address))
		return NULL;
	for (; discovery->slots[slot]; slot = (slot + 1) % SLOTS) {
		host = &discovery->hosts[discovery->slots[slot] - 1];
		if (address_equal(&host->address, address))
			return host;
	}
	if (discovery->host_count == DISCOVERY_HOSTS) {
		discovery->full = true;
		return NULL;
	}
	host = &discovery->hosts[discovery->host_count++];
	host->address = *address;
	discovery->slots[slot] = (uint16_t)discovery->host_count;
	return host;
}

static void learn_mac(struct host *host, const struct mac_address *mac)
{
	static const struct mac_address none;

	if (!host || mac->bytes[0] & 1 || !memcmp(mac, &none, sizeof(none)))
		return;
	host->has_mac = true;
	host->mac = *mac;
}

void discovery_neighbour(struct discovery *discovery, const struct address *address,
			 const struct mac_address *mac)
{
	learn_mac(host_of(discovery, address), mac);
}

const struct lease *discovery_lease(const struct discovery *discovery,
				    const struct mac_address *mac)
{
	for (size_t i = 0; i < discovery->lease_count; i++)
		if (!memcmp(&discovery->leases[i].mac, mac, sizeof(*mac)))
			return &discovery->leases[i];
	return NULL;
}

size_t discovery_hosts(const struct discovery *discovery, const struct host **ret_hosts)
{
	*ret_hosts = discovery->hosts;
	return discovery->host_count;
}

bool discovery_is_full(const struct discovery *discovery)
{
	return discovery->full;
}

uint64_t discovery_packets(const struct discovery *discovery)
{
	return discovery->packets;
}

/* ------------------------------------------------------------------ packets */

static void learn_dhcp(struct discovery *discovery, const struct dissected *d)
{
	struct lease *old, lease;
	struct address address;
	bool has_address;

	if (!dhcp_client(d->payload, d->payload_size, &lease, &address, &has_address))
		return;
	if (has_address)
		learn_mac(host_of(discovery, &address), &lease.mac);
	old = (struct lease *)discovery_lease(discovery, &lease.mac);
	if (!old && discovery->lease_count < LEASES)
		old = &discovery->leases[discovery->lease_count++];
	if (old)
		*old = lease;
	else
		discovery->full = true;
}

static void add_port(struct host *host, enum agfeo_protocol protocol, uint16_t port,
		     enum port_use use)
{
	for (size_t i = 0; i < host->port_count; i++) {
		struct seen_port *seen = &host->ports[i];

		if (seen->protocol == protocol && seen->port == port) {
			if (use != USE_PLAIN)
				seen->use = use;
			return;
		}
	}
	if (host->port_count < DISCOVERY_PORTS)
		host->ports[host->port_count++] = (struct seen_port){protocol, port, use};
}

static void add_rtp(struct host *host, uint16_t port)
{
	if (!host->rtp_first || port < host->rtp_first)
		host->rtp_first = port;
	if (port > host->rtp_last)
		host->rtp_last = port;
}

/* The AGFEO tool asks all hosts, or one, at a product's port; the product answers from it. */
static bool is_search(const struct discovery *discovery, const struct dissected *d, bool group)
{
	return has_bit(discovery->searched, d->destination_port) &&
	       (group || !has_bit(discovery->searched, d->source_port));
}

/* group: to more than one host. */
static void learn_udp(const struct discovery *discovery, struct host *host,
		      const struct dissected *d, bool group)
{
	char agent[DISCOVERY_TEXT];
	uint16_t port = d->source_port;

	if (sip_agent(d->payload, d->payload_size, agent, sizeof(agent))) {
		add_port(host, AGFEO_UDP, port, USE_SIP);
		if (*agent)
			memcpy(host->agent, agent, sizeof(agent));
	} else if (looks_like_rtp(d->payload, d->payload_size) && port >= 1024 &&
		   d->destination_port >= 1024) {
		add_rtp(host, port);
	} else if (is_search(discovery, d, group)) {
		host->searched = d->destination_port;
	} else if (has_bit(discovery->listed[AGFEO_UDP], port)) {
		add_port(host, AGFEO_UDP, port, USE_PLAIN);
	}
}

/* Whoever sends from a listed port has it; a SYN only says that he wants to. */
static void learn_tcp(const struct discovery *discovery, struct host *host,
		      const struct dissected *d)
{
	if (has_bit(discovery->listed[AGFEO_TCP], d->source_port))
		add_port(host, AGFEO_TCP, d->source_port, USE_PLAIN);
	host->tapi |= d->destination_port == TAPI_PORT;
}

/* The sender's MAC. False: the framing has none. */
static bool sender_mac(enum framing framing, const uint8_t *bytes, size_t size,
		       struct mac_address *ret_mac)
{
	size_t at = 0;

	switch (framing) {
	case FRAMING_ETHERNET:
	case FRAMING_SLL: /* both have it in the same place */
		at = 6;
		break;
	case FRAMING_SLL2:
		at = 12;
		break;
	case FRAMING_IP:
	case FRAMING_PPP:
	case FRAMING_PPPOE:
		return false;
	}
	if (size < at + sizeof(ret_mac->bytes))
		return false;
	memcpy(ret_mac->bytes, bytes + at, sizeof(ret_mac->bytes));
	return true;
}

/* By the frame too: a subnet's own broadcast address looks like any other. */
static bool is_to_group(enum framing framing, const uint8_t *bytes, const struct dissected *d)
{
	return address_is_group(&d->destination) || (framing == FRAMING_ETHERNET && bytes[0] & 1);
}

/* RFC 826: the sender's own pair, of a request as of an answer. */
static void learn_arp(struct discovery *discovery, const uint8_t *bytes, size_t size)
{
	static const uint8_t ethernet_ipv4[] = {0, 1, 8, 0, 6, 4};
	struct mac_address mac;
	struct address address;
	size_t at = 12;
	uint32_t ipv4;

	for (int tags = 0; tags < 2 && at + 4 < size && bytes[at] == 0x81 && !bytes[at + 1]; tags++)
		at += 4;
	if (at + 2 + 18 > size || bytes[at] != 0x08 || bytes[at + 1] != 0x06 ||
	    memcmp(bytes + at + 2, ethernet_ipv4, sizeof(ethernet_ipv4)))
		return;
	memcpy(mac.bytes, bytes + at + 10, sizeof(mac.bytes));
	memcpy(&ipv4, bytes + at + 16, sizeof(ipv4));
	address = address_from_v4(ipv4);
	if (ipv4)
		learn_mac(host_of(discovery, &address), &mac);
}

void discovery_learn(struct discovery *discovery, enum framing framing, const uint8_t *bytes,
		     size_t size)
{
	struct dissected d = dissect(framing, bytes, size);
	struct mac_address mac;
	struct host *host;

	discovery->packets++;
	if (framing == FRAMING_ETHERNET && !d.has_addresses)
		learn_arp(discovery, bytes, size);
	if (!d.has_addresses || d.later_fragment)
		return;
	if (d.protocol == IPPROTO_UDP && d.source_port == 68 && d.payload)
		learn_dhcp(discovery, &d);
	host = host_of(discovery, &d.source);
	if (!host)
		return;
	host->packets++;
	if (sender_mac(framing, bytes, size, &mac))
		learn_mac(host, &mac);
	if (d.has_ports && d.protocol == IPPROTO_UDP && d.payload)
		learn_udp(discovery, host, &d, is_to_group(framing, bytes, &d));
	else if (d.has_ports && d.protocol == IPPROTO_TCP)
		learn_tcp(discovery, host, &d);
}
