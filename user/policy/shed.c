/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an uplink never lets in, worked out from the models that the site has: service ports that
 * only the site may reach, and the SIP client range, which only the named providers may.
 */
#include <string.h>

#include "policy/compile.h"

/*
 * From here on ports are what Linux gives out for flows of its own (ip_local_port_range): a reply
 * to a masqueraded flow may come to any of them, so none is shed.
 */
#define FIRST_EPHEMERAL 32768

/* NTP servers answer to 123 itself: the box's own clock would suffer. */
#define NTP_PORT 123

static void set_range(struct policy *policy, enum agfeo_protocol protocol, struct port_range ports,
		      uint8_t flag)
{
	for (uint32_t port = ports.first; port <= ports.last && port < FIRST_EPHEMERAL; port++)
		if (port != NTP_PORT)
			policy->shed.port[protocol][port] |= flag;
}

static void clear_range(struct policy *policy, enum agfeo_protocol protocol,
			struct port_range ports, uint8_t flag)
{
	for (uint32_t port = ports.first; port <= ports.last; port++)
		policy->shed.port[protocol][port] &= (uint8_t)~flag;
}

static bool is_sip_client(const struct policy_rule *rule)
{
	return rule->side == AGFEO_LOCAL && rule->protocol == AGFEO_UDP &&
	       rule->class == AGFEO_CLASS_SIGNALLING && rule->direction == AGFEO_OUT &&
	       rule->scope == SCOPE_PROVIDER;
}

/* Adds what the system's own services are. Returns whether it has a SIP client. */
static bool shed_device(struct policy *policy, const struct policy_device *device)
{
	const struct model_policy *model = &policy->policies[device->policy];
	enum model_kind kind = device->device->model->kind;
	bool client = false;

	if (kind != KIND_PBX && kind != KIND_MODULE)
		return false;
	for (size_t i = 1; i < model->rule_count; i++) {
		const struct policy_rule *rule = &model->rules[i];

		if (is_sip_client(rule)) {
			set_range(policy, rule->protocol, rule->ports, AGFEO_SHED_SIP_CLIENT);
			client = true;
		} else if (rule->side == AGFEO_LOCAL && rule->direction != AGFEO_OUT &&
			   rule->scope == SCOPE_SITE && !rule->group) {
			set_range(policy, rule->protocol, rule->ports, AGFEO_SHED_SERVICE);
		}
	}
	return client;
}

/* What an `allow` line opens beyond the site is let in: to providers, or to everybody. */
static void unshed_extra(struct policy *policy, const struct device *device)
{
	for (size_t i = 0; i < device->allow_count; i++) {
		const struct extra_rule *rule = &device->allow[i];

		if (rule->direction == AGFEO_OUT || rule->scope == SCOPE_SITE)
			continue;
		clear_range(policy, rule->protocol, rule->ports, AGFEO_SHED_SERVICE);
		if (rule->scope == SCOPE_PROVIDER)
			set_range(policy, rule->protocol, rule->ports, AGFEO_SHED_SIP_CLIENT);
		else
			clear_range(policy, rule->protocol, rule->ports, AGFEO_SHED_SIP_CLIENT);
	}
}

void shed_ports(struct policy *policy)
{
	const struct site *site = policy->site;
	bool any_client = false, all_named = true;

	for (size_t i = 0; i < policy->device_count; i++) {
		bool client = shed_device(policy, &policy->devices[i]);

		any_client |= client;
		if (client && !policy->devices[i].providers)
			all_named = false;
	}
	for (size_t i = 0; i < site->device_count; i++)
		unshed_extra(policy, &site->devices[i]);
	for (size_t i = 0; i < site->interface_count; i++)
		for (size_t j = 0; j < site->interfaces[i].local_count; j++)
			clear_range(policy, site->interfaces[i].local[j].protocol,
				    site->interfaces[i].local[j].ports,
				    AGFEO_SHED_SERVICE | AGFEO_SHED_SIP_CLIENT);
	if (any_client && all_named)
		policy->settings.flags |= AGFEO_SITE_SHED_SIP;
}
