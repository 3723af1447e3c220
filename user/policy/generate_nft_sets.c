/* SPDX-License-Identifier: GPL-2.0 */
/* Sets and maps of the nftables ruleset: who is a device, who is where, which chain is whose. */
#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "policy/generate_nft.h"

const struct nft_family nft_families[2] = {
	{true, "ip", "ipv4_addr", '4', "224.0.0.0/4, 255.255.255.255", "0.0.0.0, 169.254.0.0/16"},
	{false, "ip6", "ipv6_addr", '6', "ff00::/8", "::, fe80::/10"},
};

#define COMMENT_MOST 127 /* bytes that nftables keeps */

void nft_write_comment(const struct nft *nft, const char *format, ...)
{
	char text[COMMENT_MOST + 1];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == '"' || *c == '\\')
			*c = '?';
	fprintf(nft->out, " comment \"%s\"", text);
}

const char *nft_name(const char *name, size_t number, char text[NFT_NAME])
{
	bool plain = *name;

	for (const char *c = name; *c; c++)
		plain &= isascii(*c) && (isalnum(*c) || *c == '-' || *c == '_');
	if (plain)
		snprintf(text, NFT_NAME, "%s", name);
	else
		snprintf(text, NFT_NAME, "name.%zu", number + 1); /* no plain name has a dot */
	return text;
}

const char *nft_host_set(unsigned host, char text[NFT_NAME])
{
	snprintf(text, NFT_NAME, "%s", host_name(host));
	for (char *dot = text; (dot = strchr(dot, '.'));)
		*dot = '_';
	return text;
}

bool nft_has_family(const struct device *device, const struct nft_family *family)
{
	for (size_t i = 0; i < device->address_count; i++)
		if (address_is_v4(&device->addresses[i].address) == family->v4)
			return true;
	return false;
}

/* ------------------------------------------------------------------ elements */

/* "elements = { a, b }", a line each; nothing at all where there are none. */
struct elements {
	FILE *out;
	size_t count;
};

static FILE *element(struct elements *elements)
{
	fputs(elements->count++ ? ",\n\t\t\t" : "\t\telements = {\n\t\t\t", elements->out);
	return elements->out;
}

static void elements_end(struct elements *elements)
{
	if (elements->count)
		fputs("\n\t\t}\n", elements->out);
	fputs("\t}\n\n", elements->out);
}

static void add_networks(struct elements *elements, const struct nft_family *family,
			 const struct prefix *networks, size_t count)
{
	char text[PREFIX_TEXT];

	for (size_t i = 0; i < count; i++)
		if (address_is_v4(&networks[i].address) == family->v4)
			fputs(prefix_format(&networks[i], text), element(elements));
}

static bool lies_in_site(const struct site *site, const struct prefix *prefix)
{
	for (size_t i = 0; i < site->network_count; i++)
		if (site->networks[i].length <= prefix->length &&
		    prefix_contains(&site->networks[i], &prefix->address))
			return true;
	return false;
}

/* The site's networks, and its devices outside them. */
static void add_site(struct elements *elements, const struct nft *nft,
		     const struct nft_family *family)
{
	const struct site *site = nft->policy->site;

	add_networks(elements, family, site->networks, site->network_count);
	for (size_t i = 0; i < site->device_count; i++)
		for (size_t j = 0; j < site->devices[i].address_count; j++)
			if (!lies_in_site(site, &site->devices[i].addresses[j]))
				add_networks(elements, family, &site->devices[i].addresses[j], 1);
}

static void add_providers(struct elements *elements, const struct nft *nft,
			  const struct nft_family *family, uint64_t providers)
{
	const struct site *site = nft->policy->site;

	for (size_t i = 0; i < site->provider_count; i++)
		if (providers >> i & 1)
			add_networks(elements, family, site->providers[i].networks,
				     site->providers[i].network_count);
}

/* Networks may lie within each other, hence auto-merge. */
static struct elements open_set(const struct nft *nft, const struct nft_family *family,
				const char *name)
{
	fprintf(nft->out, "\tset %s%c {\n\t\ttype %s\n\t\tflags interval\n\t\tauto-merge\n", name,
		family->suffix, family->type);
	return (struct elements){nft->out, 0};
}

/* ------------------------------------------------------------------ devices */

/* The addresses of one family that devices of `flags` have: configuration lets none overlap. */
struct owned {
	const struct nft *nft;
	const struct nft_family *family;
	uint8_t flags; /* enum agfeo_device_flags, or 0 for all */
	size_t next;
};

/* The next one, or NULL. */
static const struct policy_address *next_owned(struct owned *owned)
{
	const struct policy *policy = owned->nft->policy;

	while (owned->next < policy->address_count) {
		const struct policy_address *address = &policy->addresses[owned->next++];
		uint8_t flags = policy->devices[address->device].flags;

		if (address_is_v4(&address->prefix.address) == owned->family->v4 &&
		    (!owned->flags || flags & owned->flags))
			return address;
	}
	return NULL;
}

static void write_owned(const struct nft *nft, const struct nft_family *family, const char *name,
			uint8_t flags)
{
	struct elements elements = open_set(nft, family, name);
	struct owned owned = {nft, family, flags, 0};
	const struct policy_address *address;
	char text[PREFIX_TEXT];

	while ((address = next_owned(&owned)))
		fputs(prefix_format(&address->prefix, text), element(&elements));
	elements_end(&elements);
}

static void write_bound(const struct nft *nft, const struct nft_family *family)
{
	struct owned owned = {nft, family, AGFEO_DEVICE_MAC, 0};
	struct elements elements = {nft->out, 0};
	const struct policy_address *address;
	char text[PREFIX_TEXT], mac[MAC_TEXT];

	fputs("\t# bound to a MAC address\n", nft->out);
	write_owned(nft, family, "bound", AGFEO_DEVICE_MAC);
	fprintf(nft->out, "\tset bound_mac%c {\n\t\ttype %s . ether_addr\n\t\tflags interval\n",
		family->suffix, family->type);
	while ((address = next_owned(&owned)))
		fprintf(element(&elements), "%s . %s", prefix_format(&address->prefix, text),
			mac_format(&nft->policy->devices[address->device].device->mac, mac));
	elements_end(&elements);
}

/* Which chain judges for which address. */
static void write_map(const struct nft *nft, const struct nft_family *family, const char *name)
{
	struct owned owned = {nft, family, 0, 0};
	struct elements elements = {nft->out, 0};
	const struct policy_address *address;
	char text[PREFIX_TEXT], chain[NFT_NAME];

	fprintf(nft->out, "\tmap %s_device%c {\n\t\ttype %s : verdict\n\t\tflags interval\n", name,
		family->suffix, family->type);
	while ((address = next_owned(&owned)))
		fprintf(element(&elements), "%s : jump %s_%s",
			prefix_format(&address->prefix, text), name,
			nft_name(nft->policy->devices[address->device].device->name,
				 address->device, chain));
	elements_end(&elements);
}

static void write_devices(const struct nft *nft, const struct nft_family *family)
{
	write_owned(nft, family, "devices", 0);
	if (nft->watched) {
		fputs("\t# in monitor mode\n", nft->out);
		write_owned(nft, family, "watched", AGFEO_DEVICE_MONITOR);
	}
	if (nft->bound)
		write_bound(nft, family);
	write_map(nft, family, "from");
	write_map(nft, family, "to");
	if (nft->uplinks)
		write_map(nft, family, "bare");
}

/* ------------------------------------------------------------------ networks */

static void write_site(const struct nft *nft, const struct nft_family *family)
{
	struct elements elements;

	fputs("\t# networks of the site, its devices, broadcast and multicast\n", nft->out);
	elements = open_set(nft, family, "site");
	add_site(&elements, nft, family);
	fputs(family->groups, element(&elements));
	elements_end(&elements);
	elements = open_set(nft, family, "groups");
	fputs(family->groups, element(&elements));
	elements_end(&elements);
	fputs("\t# the same, and addresses that nobody has yet or that only the same wire has\n",
	      nft->out);
	elements = open_set(nft, family, "near");
	add_site(&elements, nft, family);
	fprintf(element(&elements), "%s, %s", family->groups, family->unrouted);
	elements_end(&elements);
	if (nft->uplinks) {
		fputs("\t# every provider that a device names\n", nft->out);
		elements = open_set(nft, family, "trunks");
		add_providers(&elements, nft, family, nft->policy->settings.providers);
		elements_end(&elements);
	}
	fputs("\t# the site and every provider that a device names: who is outside is a stranger\n",
	      nft->out);
	elements = open_set(nft, family, "known");
	add_site(&elements, nft, family);
	add_providers(&elements, nft, family, nft->policy->settings.providers);
	elements_end(&elements);
}

size_t nft_reach(const struct nft *nft, uint64_t providers)
{
	size_t i = 0;

	while (i < nft->reach_count && nft->reaches[i] != providers)
		i++;
	return i + 1;
}

static void write_provider_names(const struct nft *nft, const char *before, uint64_t providers)
{
	const struct site *site = nft->policy->site;
	char name[NFT_NAME];

	fprintf(nft->out, "\t#%s", before);
	for (size_t i = 0; i < site->provider_count; i++)
		if (providers >> i & 1)
			fprintf(nft->out, " %s", nft_name(site->providers[i].name, i, name));
	fputc('\n', nft->out);
}

static void write_reach(const struct nft *nft, const struct nft_family *family, uint64_t providers)
{
	struct elements elements;
	char name[NFT_NAME];

	if (nft->uplinks) {
		write_provider_names(nft, "", providers);
		snprintf(name, sizeof(name), "trunk%zu_", nft_reach(nft, providers));
		elements = open_set(nft, family, name);
		add_providers(&elements, nft, family, providers);
		elements_end(&elements);
	}
	write_provider_names(nft, " the site and", providers);
	snprintf(name, sizeof(name), "reach%zu_", nft_reach(nft, providers));
	elements = open_set(nft, family, name);
	add_site(&elements, nft, family);
	add_providers(&elements, nft, family, providers);
	fputs(family->groups, element(&elements));
	elements_end(&elements);
}

unsigned nft_hosts(const struct policy *policy)
{
	unsigned hosts = 0;

	for (size_t i = 0; i < policy->policy_count; i++)
		for (size_t j = 1; j < policy->policies[i].rule_count; j++)
			hosts |= policy->policies[i].rules[j].hosts;
	return policy->site->cloud_any ? 0 : hosts;
}

static void write_hosts(const struct nft *nft, const struct nft_family *family)
{
	unsigned hosts = nft_hosts(nft->policy);
	char name[NFT_NAME];

	for (unsigned host = 0; host < AGFEO_HOST_COUNT; host++)
		if (hosts >> host & 1)
			fprintf(nft->out, "\tset %s_%c {\n\t\ttype %s\n\t}\n\n",
				nft_host_set(host, name), family->suffix, family->type);
}

/* ------------------------------------------------------------------ what is learnt */

static void write_learnt(const struct nft *nft, const struct nft_family *family)
{
	if (nft->expects)
		fprintf(nft->out,
			"\t# TFTP: server, client and client's port; the answer's port is unknown\n"
			"\tset tftp%c {\n\t\ttype %s . %s . inet_service\n\t\tsize 4096\n"
			"\t\tflags dynamic,timeout\n\t\ttimeout 30s\n\t}\n\n",
			family->suffix, family->type, family->type);
	fprintf(nft->out,
		"\t# who searches by broadcast: address, port, and the port that is asked\n"
		"\tset searches%c {\n\t\ttype %s . inet_service . inet_service\n\t\tsize 4096\n"
		"\t\tflags dynamic,timeout\n\t\ttimeout 30s\n\t}\n\n",
		family->suffix, family->type);
	if (nft->policy->site->new_flows)
		fprintf(nft->out,
			"\tset sources%c {\n\t\ttype %s\n\t\tsize 65536\n"
			"\t\tflags dynamic,timeout\n\t\ttimeout 60s\n\t}\n\n",
			family->suffix, family->type);
}

void nft_write_sets(const struct nft *nft)
{
	for (size_t i = 0; i < ARRAY_SIZE(nft_families); i++) {
		const struct nft_family *family = &nft_families[i];

		write_devices(nft, family);
		write_site(nft, family);
		for (size_t j = 0; j < nft->reach_count; j++)
			write_reach(nft, family, nft->reaches[j]);
		write_hosts(nft, family);
		write_learnt(nft, family);
	}
}
