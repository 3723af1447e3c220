/* SPDX-License-Identifier: GPL-2.0 */
/* Rules of one device: the catalogue's services as its configuration narrows and widens them. */
#include <errno.h>
#include <string.h>

#include "policy/compile.h"

static bool is_named(const struct device *device, const char *word)
{
	for (size_t i = 0; word && i < device->disable_count; i++)
		if (!strcmp(device->disable[i], word))
			return true;
	return false;
}

static bool is_used(const struct device *device, const struct service *service)
{
	if (is_named(device, service->name) || is_named(device, service->optional))
		return false;
	if (!service->optional)
		return true;
	for (size_t i = 0; i < device->enable_count; i++)
		if (!strcmp(device->enable[i], service->optional))
			return true;
	return false;
}

static struct port_range ports_of(const struct device *device, const struct service *service)
{
	struct port_range ports = service->ports;

	switch (service->port_rule) {
	case PORTS_FIXED:
		break;
	case PORTS_CHANNELS:
		if (device->channels)
			ports.last = (uint16_t)(ports.first + 2 * device->channels - 1);
		break;
	case PORTS_ACCOUNTS:
		if (device->sip_accounts)
			ports.last = (uint16_t)(ports.first + 2 * device->sip_accounts - 1);
		break;
	case PORTS_RTP_OPEN:
		if (device->rtp_ports.first)
			ports = device->rtp_ports;
		break;
	case PORTS_SIP_OPEN:
		if (device->sip_ports.first)
			ports = device->sip_ports;
		break;
	}
	return ports;
}

static uint8_t mark_of(const struct site *site, enum agfeo_class class)
{
	switch (class) {
	case AGFEO_CLASS_VOICE:
		return site->voice;
	case AGFEO_CLASS_SIGNALLING:
		return site->signalling;
	case AGFEO_CLASS_MANAGEMENT:
	case AGFEO_CLASS_INFRASTRUCTURE:
	case AGFEO_CLASS_DISCOVERY:
	case AGFEO_CLASS_CLOUD:
	case AGFEO_CLASS_COUNT:
		break;
	}
	return AGFEO_KEEP;
}

/* Fields one by one into zeroed memory: padding takes part in the comparison of policies. */
static void fill_service(struct policy_rule *rule, const struct site *site,
			 const struct device *device, const struct service *service)
{
	strncpy(rule->service, service->name, sizeof(rule->service) - 1);
	strncpy(rule->source, service->source, sizeof(rule->source) - 1);
	rule->protocol = service->protocol;
	rule->ports = ports_of(device, service);
	rule->side = service->side;
	rule->direction = service->direction;
	rule->scope = service->scope;
	rule->hosts = service->scope == SCOPE_CLOUD ? service->hosts : 0;
	rule->group = service->group;
	rule->expects = service->expects;
	rule->class = (uint8_t)service->class;
	rule->mark = mark_of(site, service->class);
}

/* The class of the narrowest service that has the ports already, opened from the same side: who
 * widens a service's scope does not change what it is. Ports that none has are management. */
static enum agfeo_class class_of_extra(const struct model_policy *policy,
				       const struct policy_rule *extra)
{
	const struct policy_rule *found = NULL;

	for (size_t i = 1; i < policy->rule_count; i++) {
		const struct policy_rule *rule = &policy->rules[i];

		if (rule->protocol != extra->protocol || rule->side != extra->side || rule->group ||
		    (rule->direction != AGFEO_BOTH && rule->direction != extra->direction) ||
		    rule->ports.first > extra->ports.first || rule->ports.last < extra->ports.last)
			continue;
		if (!found ||
		    rule->ports.last - rule->ports.first < found->ports.last - found->ports.first)
			found = rule;
	}
	return found ? (enum agfeo_class)found->class : AGFEO_CLASS_MANAGEMENT;
}

static void fill_extra(struct policy_rule *rule, const struct site *site,
		       const struct model_policy *policy, const struct extra_rule *extra)
{
	enum agfeo_class class;

	strcpy(rule->service, "allow");
	strcpy(rule->source, "configuration");
	rule->protocol = extra->protocol;
	rule->ports = extra->ports;
	rule->side = extra->direction == AGFEO_OUT ? AGFEO_REMOTE : AGFEO_LOCAL;
	rule->direction = extra->direction;
	rule->scope = extra->scope;
	rule->hosts = extra->scope == SCOPE_CLOUD ? (1u << AGFEO_HOST_COUNT) - 1 : 0;
	class = class_of_extra(policy, rule);
	rule->class = (uint8_t) class;
	rule->mark = mark_of(site, class);
}

/* A slot for each name and class: what is counted together is marked alike. False: none is left. */
static bool give_slot(struct model_policy *policy, struct policy_rule *rule)
{
	size_t slot;

	for (slot = AGFEO_SLOT_FIRST_SERVICE; slot < policy->slot_count; slot++)
		if (!strcmp(policy->slots[slot], rule->service) &&
		    policy->slot_class[slot] == rule->class)
			break;
	if (slot == AGFEO_MAX_SLOTS)
		return false;
	if (slot == policy->slot_count) {
		strcpy(policy->slots[slot], rule->service);
		policy->slot_class[slot] = rule->class;
		policy->slot_mark[slot] = rule->mark;
		policy->slot_count++;
	}
	rule->slot = (uint8_t)slot;
	return true;
}

/* Names of the slots that every device has. They are of no class: what the counters show of them
 * is infrastructure. */
static void give_fixed_slots(struct model_policy *policy)
{
	static const char *const names[AGFEO_SLOT_FIRST_SERVICE] = {
		[AGFEO_SLOT_NONE] = "none",
		[AGFEO_SLOT_ICMP] = "icmp",
		[AGFEO_SLOT_CONTROL] = "control",
	};

	for (size_t slot = 0; slot < AGFEO_SLOT_FIRST_SERVICE; slot++) {
		strcpy(policy->slots[slot], names[slot]);
		policy->slot_class[slot] = AGFEO_CLASS_INFRASTRUCTURE;
		policy->slot_mark[slot] = AGFEO_KEEP;
	}
	policy->slot_count = AGFEO_SLOT_FIRST_SERVICE;
}

static size_t count_services(const struct device *device)
{
	size_t count = 0;

	for (const struct service *const *service = device->model->services; *service; service++)
		count += is_used(device, *service);
	return count;
}

int rules_of_device(const struct site *site, const struct device *device,
		    struct model_policy *ret_policy, size_t *ret_wanted)
{
	size_t wanted = count_services(device) + device->allow_count;

	if (wanted >= AGFEO_MAX_RULES) {
		*ret_wanted = wanted;
		return -E2BIG;
	}
	memset(ret_policy, 0, sizeof(*ret_policy));
	ret_policy->rule_count = 1;
	ret_policy->no_provider = !device->provider_count;
	give_fixed_slots(ret_policy);

	for (const struct service *const *service = device->model->services; *service; service++)
		if (is_used(device, *service))
			fill_service(&ret_policy->rules[ret_policy->rule_count++], site, device,
				     *service);
	for (size_t i = 0; i < device->allow_count; i++) {
		fill_extra(&ret_policy->rules[ret_policy->rule_count], site, ret_policy,
			   &device->allow[i]);
		ret_policy->rule_count++;
	}
	for (size_t i = 1; i < ret_policy->rule_count; i++)
		if (!give_slot(ret_policy, &ret_policy->rules[i])) {
			*ret_wanted = wanted;
			return -E2BIG;
		}
	return 0;
}
