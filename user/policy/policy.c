/* SPDX-License-Identifier: GPL-2.0 */
/* A site and the catalogue to a policy: what the maps will hold. See policy.h. */
#include "policy/policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/config.h"
#include "policy/compile.h"

/* What is being compiled, and how many faults it had. */
struct compiler {
	const struct site *site;
	const char *path;
	FILE *errors;
	unsigned faults;
	struct policy *policy;
};

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	for (size_t i = 0; i < policy->policy_count; i++)
		free(policy->policies[i].tables);
	index_free(policy->index);
	free(policy->policies);
	free(policy->devices);
	free(policy->addresses);
	free(policy->peers);
	free(policy);
}

/* ------------------------------------------------------------------ devices */

static bool reaches_everybody(const struct site *site, const struct model_policy *model,
			      enum scope scope)
{
	switch (scope) {
	case SCOPE_SITE:
		return false;
	case SCOPE_PROVIDER:
		return model->no_provider;
	case SCOPE_CLOUD:
		return site->cloud_any;
	case SCOPE_ANY:
		return true;
	}
	return true;
}

static bool opens_forbidden(const struct site *site, const struct model_policy *model,
			    const struct policy_rule *rule)
{
	static const uint16_t forbidden[] = {80, 443, 5060};

	if (rule->side != AGFEO_LOCAL || rule->direction == AGFEO_OUT ||
	    !reaches_everybody(site, model, rule->scope))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(forbidden); i++)
		if (rule->ports.first <= forbidden[i] && forbidden[i] <= rule->ports.last)
			return true;
	return false;
}

/* The last line of defence: whatever way the port came to be open. */
static void refuse_forbidden(struct compiler *compiler, const struct device *device,
			     const struct model_policy *model)
{
	char ports[RANGE_TEXT];

	if (device->model->kind != KIND_PBX && device->model->kind != KIND_MODULE)
		return;
	for (size_t i = 1; i < model->rule_count; i++) {
		if (!opens_forbidden(compiler->site, model, &model->rules[i]))
			continue;
		fprintf(compiler->errors,
			"%s:%d: [device %s]: refused: %s would open port %s to everybody. %s\n",
			compiler->path, device->line, device->name, model->rules[i].service,
			port_range_format(model->rules[i].ports, ports), VENDOR_WARNING);
		compiler->faults++;
	}
}

static bool same_rules(const struct model_policy *a, const struct model_policy *b)
{
	return a->rule_count == b->rule_count && a->no_provider == b->no_provider &&
	       !memcmp(a->rules, b->rules, a->rule_count * sizeof(a->rules[0]));
}

/* Room for all that a bank can hold from the start: pointers into it stay good. */
static int add_policy(struct compiler *compiler, const struct device *device,
		      const struct model_policy *model)
{
	struct policy *policy = compiler->policy;
	struct model_policy *added = &policy->policies[policy->policy_count];
	int err;

	if (policy->policy_count == AGFEO_MAX_POLICIES) {
		fprintf(compiler->errors,
			"%s:%d: [device %s]: more than %d different kinds of devices (model, "
			"ports, "
			"options and rules together); make more of them alike\n",
			compiler->path, device->line, device->name, AGFEO_MAX_POLICIES);
		return -EINVAL;
	}
	*added = *model;
	blocks_of_rules(added, &added->blocks);
	err = tables_of_rules(compiler->site, added, policy->tick_ns, &added->tables);
	if (!err)
		policy->policy_count++;
	return err;
}

/* The policy of the device's rules, shared with every device that has the same. */
static int policy_of_device(struct compiler *compiler, const struct device *device,
			    const struct model_policy *model, size_t *ret_index)
{
	struct policy *policy = compiler->policy;
	size_t index;
	int err;

	for (index = 0; index < policy->policy_count; index++)
		if (same_rules(&policy->policies[index], model))
			break;
	if (index == policy->policy_count) {
		refuse_forbidden(compiler, device, model);
		err = add_policy(compiler, device, model);
		if (err)
			return err;
	}
	*ret_index = index;
	return 0;
}

/* What the device does not say itself, the site says. */
static struct agfeo_payload_types payload_types_of(const struct site *site,
						   const struct device *device)
{
	struct agfeo_payload_types types = device->payload_types;

	for (size_t i = 0; i < AGFEO_DYNAMIC_TYPES; i++)
		if (!types.encoding[i])
			types.encoding[i] = site->payload_types.encoding[i];
	return types;
}

static int compile_device(struct compiler *compiler, const struct device *device,
			  struct policy_device *ret_device)
{
	struct policy_device compiled = {.device = device};
	struct model_policy model;
	size_t wanted;
	int err;

	if (rules_of_device(compiler->site, device, &model, &wanted)) {
		fprintf(compiler->errors,
			"%s:%d: [device %s]: %zu services and `allow` lines, at most %d; join "
			"ports to "
			"ranges\n",
			compiler->path, device->line, device->name, wanted, AGFEO_MAX_RULES - 1);
		compiler->faults++;
		return 0;
	}
	err = policy_of_device(compiler, device, &model, &compiled.policy);
	if (err)
		return err;

	for (size_t i = 0; i < device->provider_count; i++)
		compiled.providers |= 1ull << device->providers[i];
	compiled.flags = (uint8_t)((device->monitor ? AGFEO_DEVICE_MONITOR : 0) |
				   (device->has_mac ? AGFEO_DEVICE_MAC : 0) |
				   (device->no_quality ? 0 : AGFEO_DEVICE_QUALITY));
	compiled.payload_types = payload_types_of(compiler->site, device);
	compiler->policy->settings.providers |= compiled.providers;
	*ret_device = compiled;
	return 0;
}

static int compile_devices(struct compiler *compiler)
{
	const struct site *site = compiler->site;
	struct policy *policy = compiler->policy;
	int err;

	policy->policies = calloc(AGFEO_MAX_POLICIES, sizeof(*policy->policies));
	policy->devices = calloc(site->device_count + 1, sizeof(*policy->devices));
	if (!policy->policies || !policy->devices)
		return -ENOMEM;
	for (size_t i = 0; i < site->device_count; i++) {
		err = compile_device(compiler, &site->devices[i], &policy->devices[i]);
		if (err)
			return err;
		policy->device_count++;
	}
	return compiler->faults ? -EINVAL : 0;
}

/* ------------------------------------------------------------------ addresses */

/* Longest first, then by address: struct policy_address and struct policy_peer begin with it. */
static int by_length(const void *left, const void *right)
{
	const struct prefix *a = left, *b = right;

	if (a->length != b->length)
		return a->length > b->length ? -1 : 1;
	return memcmp(&a->address, &b->address, sizeof(a->address));
}

_Static_assert(!offsetof(struct policy_address, prefix) && !offsetof(struct policy_peer, network),
	       "by_length() and by_nesting() sort both");

/* What contains before what it contains. */
static int by_nesting(const void *left, const void *right)
{
	const struct prefix *a = left, *b = right;
	int order = memcmp(&a->address, &b->address, sizeof(a->address));

	return order ? order : a->length < b->length ? -1 : a->length > b->length;
}

/* Where pools are looked for at all: most of the world is outside. */
static void add_pool(struct policy *policy, const struct prefix *pool)
{
	uint32_t first = 0, last;

	if (!address_is_v4(&pool->address)) {
		policy->settings.flags |= AGFEO_SITE_POOLS6;
		return;
	}
	for (int i = 12; i < 16; i++)
		first = first << 8 | pool->address.bytes[i];
	last = first + ((1ull << (128 - pool->length)) - 1);
	if (first < policy->pool4_first)
		policy->pool4_first = first;
	if (last > policy->pool4_last)
		policy->pool4_last = last;
}

static int compile_addresses(struct policy *policy)
{
	const struct site *site = policy->site;
	size_t count = 0;

	for (size_t i = 0; i < site->device_count; i++)
		count += site->devices[i].address_count;
	policy->addresses = calloc(count + 1, sizeof(*policy->addresses));
	if (!policy->addresses)
		return -ENOMEM;
	policy->pool4_first = UINT32_MAX;
	for (size_t i = 0; i < site->device_count; i++)
		for (size_t j = 0; j < site->devices[i].address_count; j++) {
			const struct prefix *prefix = &site->devices[i].addresses[j];

			policy->addresses[policy->address_count++] =
				(struct policy_address){*prefix, i};
			if (!prefix_is_host(prefix))
				add_pool(policy, prefix);
		}
	qsort(policy->addresses, policy->address_count, sizeof(*policy->addresses), by_length);
	return 0;
}

static void add_peer(struct policy *policy, const struct prefix *network, uint32_t flags,
		     uint64_t providers)
{
	policy->peers[policy->peer_count++] = (struct policy_peer){
		.network = *network,
		.value = {.flags = flags, .providers = providers},
	};
}

/* Sorted by nesting: joins equal networks, and gives each what its enclosing ones have. */
static void merge_peers(struct policy *policy)
{
	struct policy_peer *peers = policy->peers;
	size_t outer[129], depth = 0, kept = 0;

	for (size_t i = 0; i < policy->peer_count; i++) {
		struct policy_peer peer = peers[i];

		while (depth &&
		       (peers[outer[depth - 1]].network.length > peer.network.length ||
			!prefix_contains(&peers[outer[depth - 1]].network, &peer.network.address)))
			depth--;
		if (depth) {
			struct policy_peer *within = &peers[outer[depth - 1]];

			peer.value.flags |= within->value.flags;
			peer.value.providers |= within->value.providers;
			if (within->network.length == peer.network.length) {
				within->value = peer.value;
				continue;
			}
		}
		peers[kept] = peer;
		outer[depth++] = kept++;
	}
	policy->peer_count = kept;
}

static int compile_peers(struct policy *policy)
{
	const struct site *site = policy->site;
	size_t count = site->network_count + site->resolver_count;

	for (size_t i = 0; i < site->provider_count; i++)
		count += site->providers[i].network_count;
	policy->peers = calloc(count + 1, sizeof(*policy->peers));
	if (!policy->peers)
		return -ENOMEM;
	for (size_t i = 0; i < site->network_count; i++)
		add_peer(policy, &site->networks[i], AGFEO_NETWORK_SITE, 0);
	for (size_t i = 0; i < site->resolver_count; i++)
		add_peer(policy, &site->resolvers[i], AGFEO_NETWORK_RESOLVER, 0);
	for (size_t i = 0; i < site->provider_count; i++)
		for (size_t j = 0; j < site->providers[i].network_count; j++)
			add_peer(policy, &site->providers[i].networks[j], 0, 1ull << i);
	qsort(policy->peers, policy->peer_count, sizeof(*policy->peers), by_nesting);
	merge_peers(policy);
	qsort(policy->peers, policy->peer_count, sizeof(*policy->peers), by_length);
	return 0;
}

/* ------------------------------------------------------------------ settings */

#define BURST_SECONDS 4 /* a source may open at once what it may open in so long */
#define STRANGERS     2 /* all strangers together may open what so many sources may */
#define CLOSING_IDLE  240
#define FRAGMENT_IDLE 30
#define ECHO_IDLE     30
#define ANSWER_IDLE   300 /* UDP after a reply: RFC 4787 REQ-5 */

/* Flows in 1024 ticks of so many a second: at least one, since 0 means no bound. */
static uint32_t rate_of(uint64_t flows_a_second, uint64_t tick_ns)
{
	unsigned __int128 rate = (unsigned __int128)flows_a_second * 1024 * tick_ns / 1000000000u;

	if (rate > UINT32_MAX)
		return UINT32_MAX;
	return flows_a_second && !rate ? 1 : (uint32_t)rate;
}

static void compile_settings(struct policy *policy)
{
	const struct site *site = policy->site;
	struct agfeo_settings *settings = &policy->settings;

	settings->flags |= (site->monitor ? AGFEO_SITE_MONITOR : 0u) |
			   (site->unknown_drop ? AGFEO_SITE_UNKNOWN_DROP : 0u) |
			   (site->bleach ? AGFEO_SITE_BLEACH : 0u);
	settings->rate = rate_of(site->new_flows, policy->tick_ns);
	settings->burst = site->new_flows * BURST_SECONDS;
	settings->stranger_rate = rate_of((uint64_t)site->new_flows * STRANGERS, policy->tick_ns);
	settings->stranger_burst = settings->burst * STRANGERS;
	settings->idle_closing = ticks_of(CLOSING_IDLE, policy->tick_ns);
	settings->idle_fragment = ticks_of(FRAGMENT_IDLE, policy->tick_ns);
	settings->echo_idle = ticks_of(ECHO_IDLE, policy->tick_ns);
	settings->answer_idle = ticks_of(ANSWER_IDLE, policy->tick_ns);
}

uint32_t policy_hosts(const struct policy *policy)
{
	uint32_t hosts = 0;

	for (size_t i = 0; !policy->site->cloud_any && i < policy->policy_count; i++)
		hosts |= policy->policies[i].tables->cloud_hosts;
	return hosts;
}

/* ------------------------------------------------------------------ whole */

int policy_compile(const struct site *site, const char *path, uint64_t tick_ns, FILE *errors,
		   struct policy **ret_policy)
{
	_cleanup_(policy_freep) struct policy *policy = calloc(1, sizeof(*policy));
	struct compiler compiler = {site, path, errors, 0, policy};
	int err;

	if (!policy)
		return -ENOMEM;
	policy->site = site;
	policy->tick_ns = tick_ns;

	err = compile_devices(&compiler);
	if (err)
		return err;
	err = compile_addresses(policy);
	if (err)
		return err;
	err = compile_peers(policy);
	if (err)
		return err;
	compile_settings(policy);
	shed_ports(policy);
	policy->index = index_new(policy);
	if (!policy->index)
		return -ENOMEM;
	*ret_policy = take_ptr(policy);
	return 0;
}
