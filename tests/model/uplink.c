/* SPDX-License-Identifier: GPL-2.0 */
/* See uplink.h. */
#include "uplink.h"

#include "tcp.h"

#define FIRST_OF_LINUX 32768 /* from here on answers to masqueraded flows come in */
#define NTP_PORT       123   /* and to the box's own clock */

static bool has(struct port_range ports, uint16_t port)
{
	return port >= ports.first && port <= ports.last;
}

static bool is_system(const struct listed *device)
{
	enum model_kind kind = device->device->model->kind;

	return kind == KIND_PBX || kind == KIND_MODULE;
}

static bool is_sip_client(const struct permission *permission)
{
	return permission->side == AGFEO_LOCAL && permission->protocol == AGFEO_UDP &&
	       permission->class == AGFEO_CLASS_SIGNALLING && permission->direction == AGFEO_OUT &&
	       permission->scope == SCOPE_PROVIDER;
}

static bool is_service_of_site(const struct permission *permission)
{
	return permission->side == AGFEO_LOCAL && permission->direction != AGFEO_OUT &&
	       permission->scope == SCOPE_SITE && !permission->group;
}

/* A system whose providers are not named may be called by anybody. */
static bool clients_name_providers(const struct listed_site *site)
{
	bool any = false;

	for (size_t i = 0; i < site->device_count; i++) {
		const struct listed *device = &site->devices[i];

		for (size_t j = 0; is_system(device) && j < device->permission_count; j++)
			if (is_sip_client(&device->permissions[j])) {
				any = true;
				if (!device->device->provider_count)
					return false;
			}
	}
	return any;
}

/* What the systems' own lists say of a port: services and SIP client. */
static void shut_by_systems(const struct listed_site *site, enum agfeo_protocol protocol,
			    uint16_t port, bool *service, bool *client)
{
	for (size_t i = 0; i < site->device_count; i++) {
		const struct listed *device = &site->devices[i];

		for (size_t j = 0; is_system(device) && j < device->permission_count; j++) {
			const struct permission *permission = &device->permissions[j];

			if (permission->protocol != protocol || !has(permission->ports, port))
				continue;
			*client |= is_sip_client(permission);
			*service |= is_service_of_site(permission);
		}
	}
}

/* What `allow` lines open beyond the site, one after the other. */
static void open_by_hand(const struct listed_site *site, enum agfeo_protocol protocol,
			 uint16_t port, bool *service, bool *client)
{
	for (size_t i = 0; i < site->site->device_count; i++) {
		const struct device *device = &site->site->devices[i];

		for (size_t j = 0; j < device->allow_count; j++) {
			const struct extra_rule *allow = &device->allow[j];

			if (allow->direction == AGFEO_OUT || allow->scope == SCOPE_SITE ||
			    allow->protocol != protocol || !has(allow->ports, port))
				continue;
			*service = false;
			*client = allow->scope == SCOPE_PROVIDER;
		}
	}
}

static bool is_own_service(const struct site *site, enum agfeo_protocol protocol, uint16_t port)
{
	for (size_t i = 0; i < site->interface_count; i++)
		for (size_t j = 0; j < site->interfaces[i].local_count; j++)
			if (site->interfaces[i].local[j].protocol == protocol &&
			    has(site->interfaces[i].local[j].ports, port))
				return true;
	return false;
}

static bool is_shut(const struct listed_site *site, enum agfeo_protocol protocol, uint16_t port)
{
	bool service = false, client = false;

	if (port >= FIRST_OF_LINUX || port == NTP_PORT)
		return false;
	shut_by_systems(site, protocol, port, &service, &client);
	open_by_hand(site, protocol, port, &service, &client);
	if (is_own_service(site->site, protocol, port))
		return false;
	return service || (client && clients_name_providers(site));
}

bool uplink_sheds(const struct listed_site *site, const struct wire *wire)
{
	const struct wire_tuple *tuple = &wire->tuple;
	bool tcp = tuple->protocol == PROTOCOL_TCP;

	if (wire->kind != WIRE_PACKET || (!tcp && tuple->protocol != PROTOCOL_UDP) ||
	    (tcp && !tcp_opens(wire)))
		return false;
	return is_shut(site, tcp ? AGFEO_TCP : AGFEO_UDP, tuple->destination_port) &&
	       !listed_is_provider(site, tuple->family, &tuple->source);
}
