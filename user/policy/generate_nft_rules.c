/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Chains of the nftables ruleset that come from the catalogue: two a device, one rule a service and
 * family, and what each kind of service makes of a flow.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "policy/generate_nft.h"

#define NS_PER_SECOND 1000000000u
#define RANK_MOST     255

/* ------------------------------------------------------------------ treatments */

static const struct {
	const char *label;
} treatments[] = {
	[NFT_NEW] = {"new"},	 [NFT_VOICE] = {"voice"},     [NFT_SIGNALLING] = {"signalling"},
	[NFT_OTHER] = {"other"}, [NFT_WATCHED] = {"watched"},
};

#define TREATMENTS ARRAY_SIZE(treatments)

static enum nft_treatment treatment_of(const struct policy_rule *rule)
{
	switch ((enum agfeo_class)rule->class) {
	case AGFEO_CLASS_VOICE:
		return NFT_VOICE;
	case AGFEO_CLASS_SIGNALLING:
		return NFT_SIGNALLING;
	case AGFEO_CLASS_MANAGEMENT:
	case AGFEO_CLASS_INFRASTRUCTURE:
	case AGFEO_CLASS_DISCOVERY:
	case AGFEO_CLASS_CLOUD:
	case AGFEO_CLASS_COUNT:
		break;
	}
	return NFT_OTHER;
}

static uint32_t width_of(const struct policy_rule *rule)
{
	return (uint32_t)rule->ports.last - rule->ports.first + 1;
}

static size_t rank_of(const struct nft *nft, uint32_t width)
{
	size_t rank = 0;

	while (rank < nft->width_count && nft->widths[rank] < width)
		rank++;
	return rank;
}

/* Whether some rule leads to the class chain of this rank, treatment and protocol. */
static bool *used_at(const struct nft *nft, size_t rank, enum nft_treatment treatment,
		     enum agfeo_protocol protocol)
{
	return &nft->used[(rank * TREATMENTS + treatment) * AGFEO_PROTOCOL_COUNT + protocol];
}

/* ------------------------------------------------------------------ idle times */

static unsigned long long seconds_of(const struct policy *policy, uint32_t ticks)
{
	return (unsigned long long)ticks * policy->tick_ns / NS_PER_SECOND;
}

static const struct agfeo_rule *
find_timed(const struct policy *policy, enum agfeo_protocol protocol, enum nft_treatment treatment)
{
	for (size_t i = 0; i < policy->policy_count; i++) {
		const struct model_policy *model = &policy->policies[i];

		for (size_t j = 1; j < model->rule_count; j++)
			if (model->rules[j].protocol == protocol &&
			    (protocol == AGFEO_TCP || treatment_of(&model->rules[j]) == treatment))
				return &model->tables->rules[j];
	}
	return NULL;
}

static void write_udp_timeout(const struct nft *nft, enum nft_treatment treatment)
{
	const struct agfeo_rule *rule = find_timed(nft->policy, AGFEO_UDP, treatment);

	if (rule)
		fprintf(nft->out,
			"\tct timeout %s_udp {\n\t\tprotocol udp;\n"
			"\t\tpolicy = { unreplied : %llu, replied : %llu }\n\t}\n\n",
			treatments[treatment].label, seconds_of(nft->policy, rule->idle_new),
			seconds_of(nft->policy, rule->idle));
}

/* A FIN of one end leaves the other speaking, hence fin_wait and close_wait. */
static void write_tcp_timeout(const struct nft *nft)
{
	const struct agfeo_rule *rule = find_timed(nft->policy, AGFEO_TCP, NFT_OTHER);
	unsigned long long opening, open, closing;

	if (!rule)
		return;
	opening = seconds_of(nft->policy, rule->idle_new);
	open = seconds_of(nft->policy, rule->idle);
	closing = seconds_of(nft->policy, nft->policy->settings.idle_closing);
	fprintf(nft->out,
		"\tct timeout any_tcp {\n\t\tprotocol tcp;\n"
		"\t\tpolicy = { syn_sent : %llu, syn_recv : %llu, established : %llu, fin_wait : "
		"%llu, close_wait : %llu, last_ack : %llu, time_wait : %llu, close : %llu }\n"
		"\t}\n\n",
		opening, opening, open, open, open, closing, closing, closing);
}

void nft_write_timeouts(const struct nft *nft)
{
	const struct agfeo_settings *settings = &nft->policy->settings;

	fputs("\t# Idle times of a flow, in seconds, by what it is\n", nft->out);
	write_udp_timeout(nft, NFT_VOICE);
	write_udp_timeout(nft, NFT_SIGNALLING);
	write_udp_timeout(nft, NFT_OTHER);
	write_tcp_timeout(nft);
	fprintf(nft->out,
		"\tct timeout expected_udp {\n\t\tprotocol udp;\n"
		"\t\tpolicy = { unreplied : %llu, replied : %llu }\n\t}\n\n",
		seconds_of(nft->policy, settings->echo_idle),
		seconds_of(nft->policy, settings->answer_idle));
}

/* ------------------------------------------------------------------ classes */

static void write_class(const struct nft *nft, size_t rank, enum nft_treatment treatment,
			enum agfeo_protocol protocol)
{
	unsigned level = rank + 1 < RANK_MOST ? (unsigned)rank + 1 : RANK_MOST;

	fprintf(nft->out,
		"\tchain %s_%s_%u {\n"
		"\t\tct mark & " NFT_TREATMENT_MASK " != 0 ct mark & " NFT_RANK_MASK
		" <= 0x%08x return\n"
		"\t\tct mark set ct mark & " NFT_FOREIGN_MASK " | 0x%08x\n",
		treatments[treatment].label, protocol_label(protocol), nft->widths[rank],
		level << 24, nft_mark(level, treatment));
	if (protocol == AGFEO_TCP)
		fputs("\t\tct timeout set \"any_tcp\"\n\t}\n\n", nft->out);
	else
		fprintf(nft->out, "\t\tct timeout set \"%s_udp\"\n\t}\n\n",
			treatments[treatment].label);
}

void nft_write_classes(const struct nft *nft)
{
	fputs("\t# What a service makes of a flow, by the number of ports that it covers: of the\n"
	      "\t# services at both ends the one with fewer ports speaks.\n",
	      nft->out);
	for (size_t rank = 0; rank < nft->width_count; rank++)
		for (unsigned treatment = 0; treatment < TREATMENTS; treatment++)
			for (unsigned protocol = 0; protocol < AGFEO_PROTOCOL_COUNT; protocol++)
				if (*used_at(nft, rank, treatment, protocol))
					write_class(nft, rank, treatment, protocol);
}

/* ------------------------------------------------------------------ devices */

struct device_chain {
	struct nft *nft;
	const struct policy_device *device;
	const struct model_policy *model;
	enum agfeo_direction direction; /* who opens, seen from the device */
	bool bare; /* what comes in by an uplink: nobody there is of the site */
};

static void write_ports(const struct device_chain *chain, const struct policy_rule *rule)
{
	bool source = (rule->side == AGFEO_LOCAL) == (chain->direction == AGFEO_OUT);
	char ports[RANGE_TEXT];

	fprintf(chain->nft->out, "\t\t%s %s %s", protocol_label(rule->protocol),
		source ? "sport" : "dport", port_range_format(rule->ports, ports));
}

/* A rule for peers of one set, or (family NULL) for all. */
static void write_rule(const struct device_chain *chain, const struct policy_rule *rule,
		       const struct nft_family *family, const char *set)
{
	struct nft *nft = chain->nft;
	enum nft_treatment treatment = treatment_of(rule);
	size_t rank = rank_of(nft, width_of(rule));

	write_ports(chain, rule);
	if (family)
		fprintf(nft->out, " %s %s @%s%c", family->word,
			chain->direction == AGFEO_OUT ? "daddr" : "saddr", set, family->suffix);
	if (chain->bare) {
		fputs(" return\n", nft->out);
		return;
	}
	fprintf(nft->out, " counter goto %s_%s_%u", treatments[treatment].label,
		protocol_label(rule->protocol), nft->widths[rank]);
	nft_write_comment(nft, "%s: %s, %s", chain->device->device->name, rule->service,
			  rule->source);
	fputc('\n', nft->out);
	*used_at(nft, rank, treatment, rule->protocol) = true;
}

static void write_rules_of_set(const struct device_chain *chain, const struct policy_rule *rule,
			       const char *set)
{
	for (size_t i = 0; i < ARRAY_SIZE(nft_families); i++)
		if (nft_has_family(chain->device->device, &nft_families[i]))
			write_rule(chain, rule, &nft_families[i], set);
}

static void write_cloud(const struct device_chain *chain, const struct policy_rule *rule)
{
	char set[NFT_NAME + 1];

	for (unsigned host = 0; host < AGFEO_HOST_COUNT; host++)
		if (rule->hosts >> host & 1) {
			nft_host_set(host, set);
			strcat(set, "_");
			write_rules_of_set(chain, rule, set);
		}
}

static void write_service(const struct device_chain *chain, const struct policy_rule *rule)
{
	char reach[NFT_NAME];

	if (rule->group) {
		write_rules_of_set(chain, rule, "groups");
		return;
	}
	switch (rule->scope) {
	case SCOPE_SITE:
		if (!chain->bare)
			write_rules_of_set(chain, rule, "site");
		return;
	case SCOPE_PROVIDER:
		if (chain->model->no_provider)
			break;
		snprintf(reach, sizeof(reach), "%s%zu_", chain->bare ? "trunk" : "reach",
			 nft_reach(chain->nft, chain->device->providers));
		write_rules_of_set(chain, rule, reach);
		return;
	case SCOPE_CLOUD:
		if (chain->nft->policy->site->cloud_any)
			break;
		write_cloud(chain, rule);
		return;
	case SCOPE_ANY:
		break;
	}
	write_rule(chain, rule, NULL, NULL);
}

/* What is found by broadcast answers from the port at which it is found, to whoever searched. */
static void write_answers(const struct device_chain *chain)
{
	struct nft *nft = chain->nft;

	for (size_t i = 1; i < chain->model->rule_count; i++) {
		const struct policy_rule *rule = &chain->model->rules[i];

		if (rule->protocol != AGFEO_UDP || rule->side != AGFEO_LOCAL ||
		    rule->direction != AGFEO_IN || rule->ports.first < AGFEO_DISCOVERY_FIRST ||
		    rule->ports.last > AGFEO_DISCOVERY_LAST)
			continue;
		for (size_t j = 0; j < ARRAY_SIZE(nft_families); j++) {
			const struct nft_family *family = &nft_families[j];

			if (!nft_has_family(chain->device->device, family))
				continue;
			write_ports(chain, rule);
			fprintf(nft->out,
				" %s daddr . udp dport . udp sport @searches%c counter goto "
				"expected",
				family->word, family->suffix);
			nft_write_comment(nft, "%s: found by %s, %s", chain->device->device->name,
					  rule->service, rule->source);
			fputc('\n', nft->out);
		}
	}
}

static bool is_before(const struct policy_rule *a, const struct policy_rule *b)
{
	if (width_of(a) != width_of(b))
		return width_of(a) < width_of(b);
	return a->class == AGFEO_CLASS_VOICE && b->class != AGFEO_CLASS_VOICE;
}

/* Whether the chain has the rule at all: who opens, and groups are only ever sent to. */
static bool concerns(const struct device_chain *chain, const struct policy_rule *rule)
{
	if (rule->group && chain->direction == AGFEO_IN)
		return false;
	return rule->direction == AGFEO_BOTH || rule->direction == chain->direction;
}

/* The first that matches speaks: the one with the fewest ports, voice before others. */
static size_t sort_rules(const struct device_chain *chain, const struct policy_rule **ret_sorted)
{
	size_t count = 0;

	for (size_t i = 1; i < chain->model->rule_count; i++) {
		const struct policy_rule *rule = &chain->model->rules[i];
		size_t at = count;

		if (!concerns(chain, rule))
			continue;
		for (; at && is_before(rule, ret_sorted[at - 1]); at--)
			ret_sorted[at] = ret_sorted[at - 1];
		ret_sorted[at] = rule;
		count++;
	}
	return count;
}

static void write_chain(const struct device_chain *chain, size_t number)
{
	const struct policy_rule *sorted[AGFEO_MAX_RULES];
	const struct device *device = chain->device->device;
	bool watched = chain->device->flags & AGFEO_DEVICE_MONITOR;
	size_t count = sort_rules(chain, sorted);
	struct nft *nft = chain->nft;
	const char *way = chain->direction == AGFEO_OUT ? "from" : "to";
	char name[NFT_NAME];

	fprintf(nft->out, "\tchain %s_%s {\n", chain->bare ? "bare" : way,
		nft_name(device->name, number, name));
	for (size_t i = 0; i < count; i++)
		write_service(chain, sorted[i]);
	if (chain->direction == AGFEO_OUT)
		write_answers(chain);
	fprintf(nft->out, "\t\tcounter%s", watched ? "" : nft->drop);
	nft_write_comment(nft,
			  chain->bare ? "%s: nothing lists it for who is not of the site"
				      : "%s: nothing lists it",
			  device->name);
	fputs("\n\t}\n\n", nft->out);
}

void nft_write_devices(struct nft *nft)
{
	for (size_t i = 0; i < nft->policy->device_count; i++) {
		const struct policy_device *device = &nft->policy->devices[i];
		struct device_chain chain = {nft, device, &nft->policy->policies[device->policy],
					     AGFEO_OUT, false};

		fprintf(nft->out, "\t# %s, %s: what it opens, and what is opened to it\n",
			nft_name(device->device->name, i, (char[NFT_NAME]){}),
			device->device->model->name);
		write_chain(&chain, i);
		chain.direction = AGFEO_IN;
		write_chain(&chain, i);
		chain.bare = true;
		if (nft->uplinks)
			write_chain(&chain, i);
	}
}
