/* SPDX-License-Identifier: GPL-2.0 */
/* From hosts to devices: addresses of one MAC together, sorted, named; see discovery.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/discovery.h"

#define HOSTS_OF_ONE FOUND_ADDRESSES

static const uint8_t agfeo_oui[] = {0x00, 0x09, 0x40};

void findings_free(struct findings *findings)
{
	free(findings->rows);
	*findings = (struct findings){};
}

/* ------------------------------------------------------------------ one device */

static bool shares_mac(const struct host *a, const struct host *b)
{
	return a->has_mac && b->has_mac && !memcmp(&a->mac, &b->mac, sizeof(a->mac));
}

/* A MAC with several IPv4 addresses is a router's: those behind it are hosts of their own. */
static bool is_router_mac(const struct host *hosts, size_t count, const struct host *host)
{
	size_t ipv4 = 0;

	for (size_t i = 0; i < count && ipv4 < 2; i++)
		ipv4 += shares_mac(&hosts[i], host) && address_is_v4(&hosts[i].address);
	return ipv4 > 1;
}

static void merge_host(struct found *found, const struct host *host)
{
	found->packets += host->packets;
	if (found->address_count < FOUND_ADDRESSES)
		found->addresses[found->address_count++] = host->address;
	if (!*found->agent)
		memcpy(found->agent, host->agent, sizeof(found->agent));
	if (!host->rtp_first)
		return;
	if (!found->rtp_first || host->rtp_first < found->rtp_first)
		found->rtp_first = host->rtp_first;
	if (host->rtp_last > found->rtp_last)
		found->rtp_last = host->rtp_last;
}

static int compare_addresses(const void *left, const void *right)
{
	const struct address *a = left, *b = right;
	int families = address_is_v4(b) - address_is_v4(a); /* IPv4 first */

	return families ? families : memcmp(a, b, sizeof(*a));
}

/* An address that is worth nothing beyond its wire is told only where there is no other. */
static void sort_addresses(struct found *found)
{
	size_t kept = 0;

	qsort(found->addresses, found->address_count, sizeof(found->addresses[0]),
	      compare_addresses);
	for (size_t i = 0; i < found->address_count; i++)
		if (address_is_v4(&found->addresses[i]) ||
		    !address_is_link_local(&found->addresses[i]))
			found->addresses[kept++] = found->addresses[i];
	if (kept)
		found->address_count = kept;
}

static void take_lease(struct found *found, const struct discovery *discovery)
{
	const struct lease *lease = found->has_mac ? discovery_lease(discovery, &found->mac) : NULL;

	if (!lease)
		return;
	memcpy(found->vendor, lease->vendor, sizeof(found->vendor));
	memcpy(found->name, lease->name, sizeof(found->name));
}

static void name_section(struct found *found)
{
	const uint8_t *bytes = found->addresses[0].bytes;
	const char *id = found->model ? found->model->id : "host";

	if (address_is_v4(&found->addresses[0]))
		snprintf(found->section, sizeof(found->section), "%.32s-%u-%u", id, bytes[14],
			 bytes[15]);
	else
		snprintf(found->section, sizeof(found->section), "%.32s-%02x%02x", id, bytes[14],
			 bytes[15]);
}

static bool is_telephony(const struct found *found, const struct host *const *hosts, size_t count)
{
	bool sip = *found->agent || found->rtp_first;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < hosts[i]->port_count; j++)
			sip |= hosts[i]->ports[j].use == USE_SIP;
	return found->model || found->agfeo || sip;
}

/* ------------------------------------------------------------------ all of them */

struct concluding {
	const struct discovery *discovery;
	const struct known *known;
	const struct host *hosts;
	size_t count;
	bool *done; /* by host */
	struct findings *findings;
};

/* The hosts that are one device with this one, itself among them. */
static size_t gather(struct concluding *c, size_t first, const struct host **ret_hosts)
{
	const struct host *host = &c->hosts[first];
	bool alone = !host->has_mac || is_router_mac(c->hosts, c->count, host);
	size_t count = 0;

	for (size_t i = first; i < c->count && count < HOSTS_OF_ONE; i++) {
		if (c->done[i] || (i != first && (alone || !shares_mac(&c->hosts[i], host))))
			continue;
		c->done[i] = true;
		ret_hosts[count++] = &c->hosts[i];
	}
	return count;
}

static bool is_known(const struct concluding *c, const struct found *found)
{
	for (size_t i = 0; c->known && i < found->address_count; i++)
		if (c->known->has(c->known->context, &found->addresses[i],
				  found->has_mac ? &found->mac : NULL))
			return true;
	return false;
}

static void conclude_device(struct concluding *c, size_t first)
{
	struct found *found = &c->findings->rows[c->findings->count];
	const struct host *host = &c->hosts[first], *hosts[HOSTS_OF_ONE];
	size_t count = gather(c, first, hosts);

	*found = (struct found){};
	for (size_t i = 0; i < count; i++)
		merge_host(found, hosts[i]);
	if (host->has_mac && !is_router_mac(c->hosts, c->count, host)) {
		found->has_mac = true;
		found->mac = host->mac;
		found->agfeo = !memcmp(found->mac.bytes, agfeo_oui, sizeof(agfeo_oui));
	}
	take_lease(found, c->discovery);
	sort_addresses(found);
	discovery_guess(found, hosts, count);
	name_section(found);
	if (!is_telephony(found, hosts, count))
		c->findings->silent++;
	else if (is_known(c, found))
		c->findings->configured++;
	else
		c->findings->count++;
}

static int compare_found(const void *left, const void *right)
{
	const struct found *a = left, *b = right;

	return compare_addresses(&a->addresses[0], &b->addresses[0]);
}

int discovery_conclude(const struct discovery *discovery, const struct known *known,
		       struct findings *ret_findings)
{
	struct findings findings = {.full = discovery_is_full(discovery),
				    .packets = discovery_packets(discovery)};
	struct concluding c = {.discovery = discovery, .known = known, .findings = &findings};
	_cleanup_(freep) bool *done = NULL;

	c.count = discovery_hosts(discovery, &c.hosts);
	c.done = done = calloc(c.count + 1, sizeof(*done));
	findings.rows = calloc(c.count + 1, sizeof(*findings.rows));
	if (!done || !findings.rows) {
		free(findings.rows);
		return -ENOMEM;
	}
	for (size_t i = 0; i < c.count; i++)
		if (!c.done[i])
			conclude_device(&c, i);
	qsort(findings.rows, findings.count, sizeof(*findings.rows), compare_found);
	*ret_findings = findings;
	return 0;
}
