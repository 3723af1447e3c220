/* SPDX-License-Identifier: GPL-2.0 */
/* What only the whole of a configuration tells: names that refer, ports a model has, overlaps. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/config.h"
#include "config/parse.h"

#define MOST_NAMES 64 /* of services of one model, for "did you mean" */

/* Says what is wrong with a key of a device, on the line where the key stood. */
#define FAULT_AT(parser, index, key, ...)                                                          \
	fault(&(parser)->faults, (parser)->device_lines[index].line[key], __VA_ARGS__)

/* ------------------------------------------------------------------ names that refer */

static void resolve_provider(struct parser *parser, const struct word *word)
{
	const char *names[AGFEO_MAX_PROVIDERS + 1] = {NULL};
	struct device *device = &parser->site->devices[word->device];
	size_t index;

	for (index = 0; index < parser->site->provider_count; index++) {
		names[index] = parser->site->providers[index].name;
		if (!strcmp(names[index], word->text))
			break;
	}
	if (index == parser->site->provider_count) {
		if (index)
			fault_unknown(&parser->faults, word->line, "provider:", word->text, names);
		else
			fault(&parser->faults, word->line,
			      "provider: '%s' is not defined; add a section [provider %s] with its "
			      "networks",
			      word->text, word->text);
		return;
	}
	for (size_t i = 0; i < device->provider_count; i++)
		if (device->providers[i] == index)
			return;
	device->providers[device->provider_count++] = index; /* as many as there are at most */
}

/* The options that a model has, for messages and for "did you mean". */
static size_t options_of(const struct model *model, const char **names)
{
	size_t count = 0;

	for (const char *const *option = model_options; *option; option++)
		if (model_has_option(model, *option))
			names[count++] = *option;
	names[count] = NULL;
	return count;
}

static void resolve_enable(struct parser *parser, const struct word *word)
{
	struct device *device = &parser->site->devices[word->device];
	const char *names[ARRAY_SIZE(device->enable) + 1];
	const char *option = NULL;
	char what[96];

	for (const char *const *known = model_options; *known; known++)
		if (!strcmp(*known, word->text))
			option = *known;
	if (!option) {
		fault_unknown(&parser->faults, word->line, "enable: option", word->text,
			      model_options);
		return;
	}
	if (!device->model)
		return;
	if (!model_has_option(device->model, option)) {
		snprintf(what, sizeof(what), "enable: to %s", device->model->name);
		if (options_of(device->model, names))
			fault_unknown(&parser->faults, word->line, what, word->text, names);
		else
			fault(&parser->faults, word->line, "enable: %s has no options to enable",
			      device->model->name);
		return;
	}
	for (size_t i = 0; i < device->enable_count; i++)
		if (device->enable[i] == option)
			return;
	device->enable[device->enable_count++] = option; /* as many as there are at most */
}

/* The names of a model's services, each once. */
static void services_of(const struct model *model, const char **names)
{
	size_t count = 0, i;

	for (const struct service *const *service = model->services; *service; service++) {
		for (i = 0; i < count; i++)
			if (!strcmp(names[i], (*service)->name))
				break;
		if (i == count && count < MOST_NAMES)
			names[count++] = (*service)->name;
	}
	names[count] = NULL;
}

static bool model_has_service(const struct model *model, const char *name)
{
	for (const struct service *const *service = model->services; *service; service++)
		if (!strcmp((*service)->name, name))
			return true;
	return false;
}

static void resolve_disable(struct parser *parser, const struct word *word)
{
	struct device *device = &parser->site->devices[word->device];
	const char *names[MOST_NAMES + 1];
	char(*kept)[AGFEO_NAME_SIZE], what[96];

	if (!device->model)
		return;
	if (!model_has_service(device->model, word->text) &&
	    !model_has_option(device->model, word->text)) {
		services_of(device->model, names);
		snprintf(what, sizeof(what), "disable: to %s", device->model->name);
		fault_unknown(&parser->faults, word->line, what, word->text, names);
		return;
	}
	for (size_t i = 0; i < device->enable_count; i++)
		if (!strcmp(device->enable[i], word->text)) {
			fault(&parser->faults, word->line,
			      "disable: '%s' is enabled as well; keep one of the two", word->text);
			return;
		}
	kept = append(&device->disable, &device->disable_count, sizeof(*kept));
	if (!kept)
		parser->faults.out_of_memory = true;
	else
		strcpy(*kept, word->text);
}

static void resolve_words(struct parser *parser)
{
	for (size_t i = 0; i < parser->word_count; i++) {
		if (parser->words[i].key == DEVICE_PROVIDER)
			resolve_provider(parser, &parser->words[i]);
		else if (parser->words[i].key == DEVICE_ENABLE)
			resolve_enable(parser, &parser->words[i]);
	}
	for (size_t i = 0; i < parser->word_count; i++) /* an enabled option must be known by now */
		if (parser->words[i].key == DEVICE_DISABLE)
			resolve_disable(parser, &parser->words[i]);
}

/* ------------------------------------------------------------------ ports of the model */

static const struct service *service_by_rule(const struct model *model, enum port_rule rule)
{
	for (const struct service *const *service = model->services; *service; service++)
		if ((*service)->port_rule == rule)
			return *service;
	return NULL;
}

static void check_number(struct parser *parser, size_t index, enum device_key key, unsigned number,
			 unsigned most)
{
	const struct model *model = parser->site->devices[index].model;
	const char *name = device_keys[key].name;

	if (number && !most)
		FAULT_AT(parser, index, key, "%s: %s has none to count; take the line away", name,
			 model->name);
	else if (number > most)
		FAULT_AT(parser, index, key, "%s: %u is more than %s has: at most %u", name, number,
			 model->name, most);
}

static void check_open_ports(struct parser *parser, size_t index, enum device_key key,
			     enum port_rule rule, struct port_range given)
{
	const struct model *model = parser->site->devices[index].model;
	const struct service *service = service_by_rule(model, rule);
	const char *name = device_keys[key].name;

	if (given.first && !service)
		FAULT_AT(parser, index, key, "%s: %s has fixed ports; take the line away", name,
			 model->name);
	else if (service && service_ports_open(service) && !parser->device_lines[index].line[key])
		fault(&parser->faults, parser->site->devices[index].line,
		      "[device %s]: %s is missing: the vendor's document (%s) lists no range for "
		      "%s; "
		      "take it from the device's own web configuration",
		      parser->site->devices[index].name, name, service->source, model->name);
}

static void check_model(struct parser *parser, size_t index)
{
	const struct device *device = &parser->site->devices[index];
	const struct model *model = device->model;

	check_number(parser, index, DEVICE_CHANNELS, device->channels,
		     service_by_rule(model, PORTS_CHANNELS) ? model->channels : 0);
	check_number(parser, index, DEVICE_ACCOUNTS, device->sip_accounts,
		     service_by_rule(model, PORTS_ACCOUNTS) ? model->accounts : 0);
	check_open_ports(parser, index, DEVICE_RTP_PORTS, PORTS_RTP_OPEN, device->rtp_ports);
	check_open_ports(parser, index, DEVICE_SIP_PORTS, PORTS_SIP_OPEN, device->sip_ports);
}

/* ------------------------------------------------------------------ what the vendor forbids */

/* Names those of the ports that the vendor wants closed which a range holds: "80 and 443". */
static bool name_forbidden(struct port_range range, char *text, size_t size)
{
	static const uint16_t forbidden[] = {80, 443, 5060};
	size_t at = 0;

	*text = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(forbidden); i++)
		if (range.first <= forbidden[i] && forbidden[i] <= range.last && at < size)
			at += (size_t)snprintf(text + at, size - at, "%s%u", at ? ", " : "",
					       forbidden[i]);
	return at > 0;
}

static bool is_system(const struct model *model)
{
	return model && (model->kind == KIND_PBX || model->kind == KIND_MODULE);
}

/* Whether a scope lets everybody in. */
static bool is_everybody(const struct site *site, enum scope scope)
{
	return scope == SCOPE_ANY || (scope == SCOPE_CLOUD && site->cloud_any);
}

static void check_allow(struct parser *parser, const struct device *device,
			const struct extra_rule *rule)
{
	char ports[32];

	if (rule->scope == SCOPE_PROVIDER && !device->provider_count) {
		fault(&parser->faults, rule->line,
		      "allow: device %s names no provider; add provider = NAME, or allow it %s "
		      "site",
		      device->name, rule->direction == AGFEO_OUT ? "to" : "from");
		return;
	}
	if (!is_system(device->model) || !is_everybody(parser->site, rule->scope) ||
	    rule->direction == AGFEO_OUT || !name_forbidden(rule->ports, ports, sizeof(ports)))
		return;
	fault(&parser->faults, rule->line,
	      "allow: refused: port %s of %s would be open to everybody. " VENDOR_WARNING
	      "; allow it from site and reach it through a VPN",
	      ports, device->name);
}

/* ------------------------------------------------------------------ addresses */

static int by_address(const void *left, const void *right)
{
	const struct place *a = left, *b = right;
	int order = memcmp(&a->prefix.address, &b->prefix.address, sizeof(a->prefix.address));

	if (order)
		return order;
	if (a->prefix.length != b->prefix.length)
		return a->prefix.length < b->prefix.length ? -1 : 1;
	return a->line < b->line ? -1 : a->line > b->line;
}

/* Tells on the later of the two lines that the addresses are the same, or one is in the other. */
static void fault_overlap(struct parser *parser, const struct place *a, const struct place *b)
{
	const struct place *first = a->line <= b->line ? a : b, *second = first == a ? b : a;
	const char *name = parser->site->devices[first->device].name;
	char one[PREFIX_TEXT], other[PREFIX_TEXT];

	prefix_format(&second->prefix, one);
	prefix_format(&first->prefix, other);
	if (first->device == second->device)
		fault(&parser->faults, second->line,
		      "address: %s overlaps %s of the same device (line %d); list each host once",
		      one, other, first->line);
	else
		fault(&parser->faults, second->line,
		      "address: %s of device %s overlaps %s of device %s (line %d); a host is one "
		      "device",
		      one, parser->site->devices[second->device].name, other, name, first->line);
}

/* Prefixes nest or are apart: sorted, one that overlaps lies in the last that still contains it. */
static void check_overlaps(struct parser *parser)
{
	const struct place *around[129];
	size_t depth = 0;

	if (parser->place_count)
		qsort(parser->places, parser->place_count, sizeof(*parser->places), by_address);
	for (size_t i = 0; i < parser->place_count; i++) {
		const struct place *place = &parser->places[i];

		while (depth && !prefix_overlaps(&around[depth - 1]->prefix, &place->prefix))
			depth--;
		if (depth)
			fault_overlap(parser, around[depth - 1], place);
		if (!depth || around[depth - 1]->prefix.length < place->prefix.length)
			around[depth++] = place;
	}
}

/* ------------------------------------------------------------------ whole */

void check_site(struct parser *parser)
{
	struct site *site = parser->site;

	if (parser->faults.out_of_memory)
		return;
	resolve_words(parser);
	for (size_t i = 0; i < site->device_count; i++) {
		const struct device *device = &site->devices[i];

		if (device->model)
			check_model(parser, i);
		for (size_t j = 0; j < device->allow_count; j++)
			check_allow(parser, device, &device->allow[j]);
	}
	check_overlaps(parser);
}
