/* SPDX-License-Identifier: GPL-2.0 */
/* The data of a configuration; see site.h. */
#include "config/site.h"

#include <stdlib.h>

void site_free(struct site *site)
{
	if (!site)
		return;
	for (size_t i = 0; i < site->provider_count; i++)
		free(site->providers[i].networks);
	for (size_t i = 0; i < site->device_count; i++) {
		free(site->devices[i].addresses);
		free(site->devices[i].disable);
		free(site->devices[i].allow);
	}
	free(site->networks);
	free(site->resolvers);
	free(site->interfaces);
	free(site->providers);
	free(site->devices);
	free(site->text);
	free(site);
}

const struct device *site_find_device(const struct site *site, const struct address *address)
{
	for (size_t i = 0; i < site->device_count; i++)
		for (size_t j = 0; j < site->devices[i].address_count; j++)
			if (prefix_contains(&site->devices[i].addresses[j], address))
				return &site->devices[i];
	return NULL;
}

bool site_faces_devices(const struct site *site)
{
	for (size_t i = 0; i < site->interface_count; i++)
		if (site->interfaces[i].role == AGFEO_ROLE_VOICE)
			return true;
	return false;
}
