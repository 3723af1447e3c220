/* SPDX-License-Identifier: GPL-2.0 */
/* Looking things up in the catalogue; its data are in models*.c. */
#include "catalogue/catalogue.h"

#include <limits.h>
#include <string.h>

#include "base/nearest.h"

const struct model *model_find(const char *id)
{
	for (const struct model *const *model = models; *model; model++)
		if (!strcmp((*model)->id, id))
			return *model;
	return NULL;
}

/* An id that was begun or shortened ("pure", "es-770") means one that contains it; what is
 * misspelt means the one with the fewest mistakes. */
const char *model_nearest(const char *id)
{
	const char *nearest = models[0]->id;
	unsigned nearest_distance = UINT_MAX;

	for (const struct model *const *model = models; *model; model++)
		if (strcasestr((*model)->id, id))
			return (*model)->id;

	for (const struct model *const *model = models; *model; model++) {
		unsigned distance = word_distance(id, (*model)->id);

		if (distance < nearest_distance) {
			nearest = (*model)->id;
			nearest_distance = distance;
		}
	}
	return nearest;
}

bool model_has_option(const struct model *model, const char *option)
{
	for (const struct service *const *service = model->services; *service; service++)
		if ((*service)->optional && !strcmp((*service)->optional, option))
			return true;
	return false;
}

const char *model_kind_label(enum model_kind kind)
{
	switch (kind) {
	case KIND_PBX:
		return "pbx";
	case KIND_SIP:
		return "sip";
	case KIND_ASIP:
		return "asip";
	case KIND_SOFTPHONE:
		return "softphone";
	case KIND_SOFTWARE:
		return "software";
	case KIND_MODULE:
		return "module";
	}
	return "?";
}

const char *service_scope_label(enum scope scope)
{
	switch (scope) {
	case SCOPE_SITE:
		return "site";
	case SCOPE_PROVIDER:
		return "provider";
	case SCOPE_CLOUD:
		return "cloud";
	case SCOPE_ANY:
		return "any";
	}
	return "?";
}

bool service_ports_open(const struct service *service)
{
	return !service->ports.first;
}
