/* SPDX-License-Identifier: GPL-2.0 */
/* What a configuration leaves wider than it need be: allowed, and worth saying. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"

static bool has_provider_service(const struct model *model)
{
	for (const struct service *const *service = model->services; *service; service++)
		if ((*service)->scope == SCOPE_PROVIDER && !(*service)->optional)
			return true;
	return false;
}

static bool has_wide_rtp(const struct model *model)
{
	for (const struct service *const *service = model->services; *service; service++)
		if ((*service)->port_rule == PORTS_RTP_OPEN && !service_ports_open(*service))
			return true;
	return false;
}

static bool in_networks(const struct site *site, const struct prefix *address)
{
	for (size_t i = 0; i < site->network_count; i++)
		if (site->networks[i].length <= address->length &&
		    prefix_contains(&site->networks[i], &address->address))
			return true;
	return false;
}

struct warnings {
	void (*say)(void *context, int line, const char *text);
	void *context;
	size_t count;
};

static void say(struct warnings *warnings, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void say(struct warnings *warnings, int line, const char *format, ...)
{
	va_list arguments;
	char *text;
	int size;

	va_start(arguments, format);
	size = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (size < 0)
		return;
	warnings->say(warnings->context, line, text);
	warnings->count++;
	free(text);
}

/* The vendor: from outside open no port; where a provider needs one, to its servers only (1.2). */
static void warn_of_rule(struct warnings *warnings, const struct site *site,
			 const struct device *device, const struct extra_rule *rule)
{
	char ports[RANGE_TEXT];

	if (rule->direction == AGFEO_OUT ||
	    (rule->scope != SCOPE_ANY && !(rule->scope == SCOPE_CLOUD && site->cloud_any)))
		return;
	say(warnings, rule->line,
	    "allow: %s %s of %s is open to everybody; the vendor wants no port opened to the "
	    "internet: allow it from provider, or from site and reach it through a VPN",
	    rule->protocol == AGFEO_TCP ? "tcp" : "udp", port_range_format(rule->ports, ports),
	    device->name);
}

static void warn_of_device(struct warnings *warnings, const struct site *site,
			   const struct device *device)
{
	char text[PREFIX_TEXT];

	if (!device->provider_count && has_provider_service(device->model))
		say(warnings, device->line,
		    "device %s names no provider: its voice ports are open to any host; add "
		    "provider = NAME",
		    device->name);
	if (!device->rtp_ports.first && has_wide_rtp(device->model))
		say(warnings, device->line,
		    "device %s: %s uses any port from 1024 on unless its ports are preset; preset "
		    "them in the telephone system and write rtp-ports = 65100-65120, sip-ports = "
		    "60104",
		    device->name, device->model->name);
	for (size_t i = 0; i < device->address_count; i++)
		if (!in_networks(site, &device->addresses[i]))
			say(warnings, device->line,
			    "device %s: %s is in none of the site's networks; a listed device "
			    "counts as "
			    "the site all the same",
			    device->name, prefix_format(&device->addresses[i], text));
	for (size_t i = 0; i < device->allow_count; i++)
		warn_of_rule(warnings, site, device, &device->allow[i]);
}

size_t config_warnings(const struct site *site,
		       void (*tell)(void *context, int line, const char *text), void *context)
{
	struct warnings warnings = {tell, context, 0};

	for (size_t i = 0; i < site->device_count; i++)
		warn_of_device(&warnings, site, &site->devices[i]);
	return warnings.count;
}
