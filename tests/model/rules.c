/* SPDX-License-Identifier: GPL-2.0 */
/* Configuration and catalogue, read as a plain list of permissions; see rules.h. */
#include "rules.h"

#include <stdlib.h>
#include <string.h>

#define SIGNALLING_SECONDS 3700 /* outlives a registration of an hour */
#define VOICE_SECONDS	   60
#define UDP_NEW_SECONDS	   30 /* RFC 4787, REQ-5 */
#define UDP_SECONDS	   300
#define TCP_NEW_SECONDS	   240 /* RFC 5382, REQ-5 */
#define TCP_SECONDS	   7440

/* ------------------------------------------------------------------ permissions */

unsigned permission_width(const struct permission *permission)
{
	return permission->ports.last - permission->ports.first + 1u;
}

static bool may_open(const struct permission *permission, enum agfeo_direction direction)
{
	return permission->direction == AGFEO_BOTH || permission->direction == direction;
}

/* ------------------------------------------------------------------ building */

static bool names_option(const struct device *device, const char *option)
{
	for (size_t i = 0; i < device->enable_count; i++)
		if (!strcmp(device->enable[i], option))
			return true;
	return false;
}

static bool disables(const struct device *device, const char *name)
{
	for (size_t i = 0; name && i < device->disable_count; i++)
		if (!strcmp(device->disable[i], name))
			return true;
	return false;
}

static bool has_service(const struct device *device, const struct service *service)
{
	if (service->optional && !names_option(device, service->optional))
		return false;
	return !disables(device, service->name) && !disables(device, service->optional);
}

static struct port_range ports_for(const struct device *device, const struct service *service)
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

static void set_idle(struct permission *permission)
{
	permission->idle_new_seconds = UDP_NEW_SECONDS;
	permission->idle_seconds = UDP_SECONDS;
	if (permission->protocol == AGFEO_TCP) {
		permission->idle_new_seconds = TCP_NEW_SECONDS;
		permission->idle_seconds = TCP_SECONDS;
	} else if (permission->class == AGFEO_CLASS_SIGNALLING) {
		permission->idle_new_seconds = SIGNALLING_SECONDS;
		permission->idle_seconds = SIGNALLING_SECONDS;
	} else if (permission->class == AGFEO_CLASS_VOICE) {
		permission->idle_new_seconds = VOICE_SECONDS;
		permission->idle_seconds = VOICE_SECONDS;
	}
}

static void finish(struct permission *permission, const struct site *site)
{
	set_idle(permission);
	permission->mark = AGFEO_KEEP;
	if (permission->class == AGFEO_CLASS_VOICE)
		permission->mark = site->voice;
	else if (permission->class == AGFEO_CLASS_SIGNALLING)
		permission->mark = site->signalling;
}

static struct permission from_service(const struct device *device, const struct service *service)
{
	return (struct permission){
		.service = service->name,
		.protocol = service->protocol,
		.ports = ports_for(device, service),
		.side = service->side,
		.direction = service->direction,
		.class = service->class,
		.scope = service->scope,
		.hosts = service->hosts,
		.group = service->group,
		.expects = service->expects,
	};
}

static struct permission from_extra(const struct extra_rule *rule)
{
	return (struct permission){
		.service = "allow",
		.protocol = rule->protocol,
		.ports = rule->ports,
		.side = rule->direction == AGFEO_OUT ? AGFEO_REMOTE : AGFEO_LOCAL,
		.direction = rule->direction,
		.class = AGFEO_CLASS_MANAGEMENT,
		.scope = rule->scope,
		.hosts = ~0u,
	};
}

static bool is_within(struct port_range inner, struct port_range outer)
{
	return inner.first >= outer.first && inner.last <= outer.last;
}

/* An extra rule widens whom a service serves, not what it is: it takes the class of the narrowest
 * permission before it that has its ports already, opened from the same side. */
static enum agfeo_class class_of_extra(const struct listed *listed, const struct permission *extra)
{
	const struct permission *closest = NULL;

	for (size_t i = 0; i < listed->permission_count; i++) {
		const struct permission *permission = &listed->permissions[i];

		if (permission->protocol != extra->protocol || permission->side != extra->side ||
		    permission->group || !may_open(permission, extra->direction) ||
		    !is_within(extra->ports, permission->ports))
			continue;
		if (!closest || permission_width(permission) < permission_width(closest))
			closest = permission;
	}
	return closest ? closest->class : extra->class;
}

static void list_device(const struct site *site, const struct device *device,
			struct listed *ret_listed)
{
	const struct service *const *services = device->model->services;
	struct listed listed = {.device = device};
	size_t most = device->allow_count;

	while (services[most - device->allow_count])
		most++;
	listed.permissions = calloc(most + 1, sizeof(*listed.permissions));
	if (!listed.permissions)
		abort();

	for (; *services; services++)
		if (has_service(device, *services))
			listed.permissions[listed.permission_count++] =
				from_service(device, *services);
	for (size_t i = 0; i < device->allow_count; i++) {
		struct permission extra = from_extra(&device->allow[i]);

		extra.class = class_of_extra(&listed, &extra);
		listed.permissions[listed.permission_count++] = extra;
	}
	for (size_t i = 0; i < listed.permission_count; i++)
		finish(&listed.permissions[i], site);
	*ret_listed = listed;
}

struct listed_site *listed_site_new(const struct site *site)
{
	struct listed_site *listed = calloc(1, sizeof(*listed));

	if (!listed)
		abort();
	listed->site = site;
	listed->device_count = site->device_count;
	listed->devices = calloc(site->device_count + 1, sizeof(*listed->devices));
	if (!listed->devices)
		abort();
	for (size_t i = 0; i < site->device_count; i++)
		list_device(site, &site->devices[i], &listed->devices[i]);
	return listed;
}

void listed_site_free(struct listed_site *site)
{
	if (!site)
		return;
	for (size_t i = 0; i < site->device_count; i++)
		free(site->devices[i].permissions);
	free(site->devices);
	listed_site_free(site->before);
	free(site);
}

/* ------------------------------------------------------------------ addresses */

/* An IPv6 packet may carry a v4-mapped address: that is not the IPv4 host. */
static bool covers(const struct prefix *prefix, enum wire_family family,
		   const struct address *address)
{
	bool prefix_v4 = prefix->length >= 96 && address_is_v4(&prefix->address);

	return prefix_v4 == (family == FAMILY_V4) && prefix_contains(prefix, address);
}

static bool any_covers(const struct prefix *prefixes, size_t count, enum wire_family family,
		       const struct address *address)
{
	for (size_t i = 0; i < count; i++)
		if (covers(&prefixes[i], family, address))
			return true;
	return false;
}

const struct listed *listed_find(const struct listed_site *site, enum wire_family family,
				 const struct address *address)
{
	const struct listed *found = NULL;
	unsigned longest = 0;

	for (size_t i = 0; i < site->device_count; i++) {
		const struct device *device = site->devices[i].device;

		for (size_t j = 0; j < device->address_count; j++) {
			const struct prefix *prefix = &device->addresses[j];

			if (covers(prefix, family, address) &&
			    (!found || prefix->length > longest)) {
				found = &site->devices[i];
				longest = prefix->length;
			}
		}
	}
	return found;
}

bool listed_is_site(const struct listed_site *site, enum wire_family family,
		    const struct address *address)
{
	return any_covers(site->site->networks, site->site->network_count, family, address);
}

static bool device_has_provider(const struct listed_site *site, const struct device *device,
				enum wire_family family, const struct address *address)
{
	for (size_t i = 0; i < device->provider_count; i++) {
		const struct provider *provider = &site->site->providers[device->providers[i]];

		if (any_covers(provider->networks, provider->network_count, family, address))
			return true;
	}
	return false;
}

bool listed_is_provider(const struct listed_site *site, enum wire_family family,
			const struct address *address)
{
	for (size_t i = 0; i < site->device_count; i++)
		if (device_has_provider(site, site->devices[i].device, family, address))
			return true;
	return false;
}

/* Groups are v6 ff00::/8, v4 224.0.0.0/4 and the limited broadcast. */
static bool is_group(enum wire_family family, const struct address *address)
{
	if (family == FAMILY_V6)
		return address->bytes[0] == 0xff;
	return address_is_group(address);
}

struct peer listed_peer(const struct listed_site *site, const struct listed *device,
			enum agfeo_direction direction, enum wire_family family,
			const struct address *address, unsigned cloud_hosts)
{
	struct peer peer = {};

	if (direction == AGFEO_OUT && is_group(family, address)) {
		peer.group = true;
		return peer;
	}
	peer.site = listed_is_site(site, family, address) || listed_find(site, family, address);
	peer.provider = device_has_provider(site, device->device, family, address);
	peer.cloud_hosts = cloud_hosts;
	return peer;
}

/* ------------------------------------------------------------------ opinions */

static bool lists(const struct permission *permission, enum agfeo_protocol protocol,
		  uint16_t local_port, uint16_t remote_port)
{
	uint16_t port = permission->side == AGFEO_LOCAL ? local_port : remote_port;

	return permission->protocol == protocol && port >= permission->ports.first &&
	       port <= permission->ports.last;
}

/* To its sender a group is inside the site. */
static bool reaches(const struct listed_site *site, const struct listed *device,
		    const struct permission *permission, const struct peer *peer)
{
	if (peer->group)
		return permission->scope != SCOPE_CLOUD;

	switch (permission->scope) {
	case SCOPE_SITE:
		return peer->site;
	case SCOPE_PROVIDER:
		return peer->site || peer->provider || !device->device->provider_count;
	case SCOPE_CLOUD:
		return site->site->cloud_any || (permission->hosts & peer->cloud_hosts);
	case SCOPE_ANY:
		return true;
	}
	return false;
}

/* Of two that allow, the narrower speaks; then the device's own port before the peer's; then voice,
 * which is marked by evidence only, before what it shares its ports with. */
static bool speaks_before(const struct permission *ours, const struct permission *theirs)
{
	if (permission_width(ours) != permission_width(theirs))
		return permission_width(ours) < permission_width(theirs);
	if (ours->side != theirs->side)
		return ours->side == AGFEO_LOCAL;
	return ours->class == AGFEO_CLASS_VOICE && theirs->class != AGFEO_CLASS_VOICE;
}

/* Of two refusals, the one that came closer to passing is told. */
static enum agfeo_reason closer(enum agfeo_reason a, enum agfeo_reason b)
{
	if (a == AGFEO_REASON_SCOPE || b == AGFEO_REASON_SCOPE)
		return AGFEO_REASON_SCOPE;
	if (a == AGFEO_REASON_DIRECTION || b == AGFEO_REASON_DIRECTION)
		return AGFEO_REASON_DIRECTION;
	return AGFEO_REASON_NOT_LISTED;
}

struct opinion listed_opinion(const struct listed_site *site, const struct listed *device,
			      enum agfeo_protocol protocol, uint16_t local_port,
			      uint16_t remote_port, enum agfeo_direction direction,
			      const struct peer *peer)
{
	struct opinion opinion = {.reason = AGFEO_REASON_NOT_LISTED};

	for (size_t i = 0; i < device->permission_count; i++) {
		const struct permission *permission = &device->permissions[i];

		if (!lists(permission, protocol, local_port, remote_port) ||
		    (permission->group && !peer->group))
			continue;
		if (!may_open(permission, direction))
			opinion.reason = closer(opinion.reason, AGFEO_REASON_DIRECTION);
		else if (!reaches(site, device, permission, peer))
			opinion.reason = closer(opinion.reason, AGFEO_REASON_SCOPE);
		else if (!opinion.allowed || speaks_before(permission, opinion.allowed))
			opinion.allowed = permission;
	}
	if (opinion.allowed)
		opinion.reason = AGFEO_REASON_LISTED;
	return opinion;
}
