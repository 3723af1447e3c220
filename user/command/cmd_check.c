/* SPDX-License-Identifier: GPL-2.0 */
/* check: reads the configuration, compiles it, and says what it came to, or every error. */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/encodings.h"
#include "base/log.h"
#include "base/names.h"
#include "command/command.h"
#include "config/config.h"
#include "policy/policy.h"

#define CHECK_TICK_NS 1000000 /* idle times are not shown */

/* ------------------------------------------------------------------ people */

static void print_networks(const struct prefix *networks, size_t count)
{
	char text[PREFIX_TEXT];

	for (size_t i = 0; i < count; i++)
		printf("%s%s", i ? ", " : "", prefix_format(&networks[i], text));
}

/* "96 opus/48000, 101 telephone-event/8000"; nothing where none is given. */
static void print_payload_types(const struct agfeo_payload_types *types)
{
	const char *before = "  payload    ";
	char text[ENCODING_TEXT];

	for (size_t i = 0; i < AGFEO_DYNAMIC_TYPES; i++) {
		if (!types->encoding[i])
			continue;
		printf("%s%zu %s", before, AGFEO_FIRST_DYNAMIC + i,
		       encoding_format(types->encoding[i], text));
		before = ", ";
	}
	if (*before == ',')
		putchar('\n');
}

static void print_site(const struct site *site)
{
	char voice[8], signalling[8];

	printf("site %s: %s, unknown hosts %s, cloud by %s\n", site->name,
	       site->monitor ? "monitor (nothing is dropped or re-marked)" : "enforce",
	       site->unknown_drop ? "dropped" : "pass", site->cloud_any ? "any address" : "names");
	printf("  networks   ");
	print_networks(site->networks, site->network_count);
	printf("\n  marks      voice %s, signalling %s, others %s\n",
	       dscp_format(site->voice, voice), dscp_format(site->signalling, signalling),
	       site->bleach ? "bleached" : "keep");
	if (site->new_flows)
		printf("  new flows  %u a second and source\n", site->new_flows);
	else
		printf("  new flows  unbounded\n");
	print_payload_types(&site->payload_types);
	printf("  textfile   %s, every %u s\n", site->textfile, site->interval_seconds);
}

static const char *xdp_label(enum xdp_mode mode)
{
	switch (mode) {
	case XDP_AUTO:
		return "auto";
	case XDP_NATIVE:
		return "native";
	case XDP_GENERIC:
		return "generic";
	}
	return "?";
}

static void print_interfaces(const struct site *site)
{
	char ports[RANGE_TEXT];

	if (!site_faces_devices(site))
		puts("interface none with role = voice: no device is guarded");
	for (size_t i = 0; i < site->interface_count; i++) {
		const struct interface *interface = &site->interfaces[i];

		printf("interface %s: %s, xdp %s, forward %s", interface->name,
		       role_label(interface->role), xdp_label(interface->xdp),
		       interface->forward_fast ? "fast" : "kernel");
		for (size_t j = 0; j < interface->local_count; j++)
			printf("%s %s %s", j ? "," : "; the box's own:",
			       protocol_label(interface->local[j].protocol),
			       port_range_format(interface->local[j].ports, ports));
		putchar('\n');
	}
	for (size_t i = 0; i < site->provider_count; i++) {
		printf("provider %s: ", site->providers[i].name);
		print_networks(site->providers[i].networks, site->providers[i].network_count);
		putchar('\n');
	}
}

static const char *reach_label(const struct model_policy *model, const struct policy_rule *rule)
{
	if (rule->group)
		return "groups";
	if (rule->scope == SCOPE_PROVIDER && model->no_provider)
		return "any";
	return service_scope_label(rule->scope);
}

static void print_rules(const struct model_policy *model)
{
	char ports[RANGE_TEXT], mark[8];

	printf("  %-16s %-5s %-12s %-6s %-4s %-9s %-15s %-5s %s\n", "service", "proto", "ports",
	       "whose", "open", "peers", "class", "mark", "section");
	for (size_t i = 1; i < model->rule_count; i++) {
		const struct policy_rule *rule = &model->rules[i];

		printf("  %-16s %-5s %-12s %-6s %-4s %-9s %-15s %-5s %s\n", rule->service,
		       protocol_label(rule->protocol), port_range_format(rule->ports, ports),
		       side_label(rule->side), direction_label(rule->direction),
		       reach_label(model, rule), class_label(rule->class),
		       dscp_format(rule->mark, mark), rule->source);
	}
}

static void print_device(const struct policy *policy, size_t index, const size_t *first)
{
	const struct policy_device *compiled = &policy->devices[index];
	const struct device *device = compiled->device;
	char mac[MAC_TEXT];

	printf("\ndevice %s: %s (%s)%s\n", device->name, device->model->name, device->model->id,
	       device->monitor ? ", monitor" : "");
	printf("  address    ");
	print_networks(device->addresses, device->address_count);
	if (device->has_mac)
		printf(", only from %s", mac_format(&device->mac, mac));
	printf("\n  provider   ");
	for (size_t i = 0; i < device->provider_count; i++)
		printf("%s%s", i ? ", " : "", policy->site->providers[device->providers[i]].name);
	puts(device->provider_count ? "" : "none named: any host");
	print_payload_types(&device->payload_types);
	if (first[compiled->policy] == index)
		print_rules(&policy->policies[compiled->policy]);
	else
		printf("  services   as device %s\n",
		       policy->devices[first[compiled->policy]].device->name);
}

static void print_summary(const struct policy *policy, const size_t *first)
{
	print_site(policy->site);
	print_interfaces(policy->site);
	for (size_t i = 0; i < policy->device_count; i++)
		print_device(policy, i, first);
	printf("\nsound: %zu device%s, %zu distinct list%s of services\n", policy->device_count,
	       policy->device_count == 1 ? "" : "s", policy->policy_count,
	       policy->policy_count == 1 ? "" : "s");
}

/* ------------------------------------------------------------------ JSON */

static struct json_object *text_or_null(const char *text)
{
	return text ? json_object_new_string(text) : NULL;
}

static void add_text(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, text_or_null(text));
}

static struct json_object *networks_json(const struct prefix *networks, size_t count)
{
	struct json_object *array = json_object_new_array();
	char text[PREFIX_TEXT];

	for (size_t i = 0; i < count; i++)
		json_object_array_add(array, text_or_null(prefix_format(&networks[i], text)));
	return array;
}

static struct json_object *dscp_json(uint8_t dscp)
{
	return dscp == AGFEO_KEEP ? NULL : json_object_new_int(dscp);
}

static struct json_object *payload_types_json(const struct agfeo_payload_types *types)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < AGFEO_DYNAMIC_TYPES; i++) {
		const char *name = encoding_name(types->encoding[i]);
		struct json_object *object;

		if (!types->encoding[i])
			continue;
		object = json_object_new_object();
		json_object_object_add(object, "payload_type",
				       json_object_new_int((int)(AGFEO_FIRST_DYNAMIC + i)));
		add_text(object, "encoding", *name ? name : NULL);
		json_object_object_add(object, "clock_rate",
				       json_object_new_int((int)encoding_rate(types->encoding[i])));
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *site_json(const struct site *site)
{
	struct json_object *object = json_object_new_object();

	add_text(object, "name", site->name);
	json_object_object_add(object, "networks",
			       networks_json(site->networks, site->network_count));
	add_text(object, "mode", site->monitor ? "monitor" : "enforce");
	add_text(object, "cloud", site->cloud_any ? "any" : "names");
	add_text(object, "unknown", site->unknown_drop ? "drop" : "pass");
	json_object_object_add(object, "voice", dscp_json(site->voice));
	json_object_object_add(object, "signalling", dscp_json(site->signalling));
	add_text(object, "others", site->bleach ? "bleach" : "keep");
	json_object_object_add(object, "payload_types", payload_types_json(&site->payload_types));
	return object;
}

static struct json_object *interfaces_json(const struct site *site)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < site->interface_count; i++) {
		const struct interface *interface = &site->interfaces[i];
		struct json_object *object = json_object_new_object();

		add_text(object, "name", interface->name);
		add_text(object, "role", role_label(interface->role));
		add_text(object, "xdp", xdp_label(interface->xdp));
		add_text(object, "forward", interface->forward_fast ? "fast" : "kernel");
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *providers_json(const struct site *site)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < site->provider_count; i++) {
		struct json_object *object = json_object_new_object();

		add_text(object, "name", site->providers[i].name);
		json_object_object_add(object, "networks",
				       networks_json(site->providers[i].networks,
						     site->providers[i].network_count));
		json_object_array_add(array, object);
	}
	return array;
}

/* The words of `models`, with the ports and peers that this configuration makes of them. */
static struct json_object *rules_json(const struct model_policy *model)
{
	struct json_object *array = json_object_new_array();
	char ports[RANGE_TEXT];

	for (size_t i = 1; i < model->rule_count; i++) {
		const struct policy_rule *rule = &model->rules[i];
		struct json_object *object = json_object_new_object();

		add_text(object, "name", rule->service);
		add_text(object, "proto", protocol_label(rule->protocol));
		add_text(object, "ports", port_range_format(rule->ports, ports));
		add_text(object, "side", side_label(rule->side));
		add_text(object, "direction", direction_label(rule->direction));
		add_text(object, "class", class_label(rule->class));
		add_text(object, "scope", service_scope_label(rule->scope));
		add_text(object, "peers", reach_label(model, rule));
		json_object_object_add(object, "dscp", dscp_json(rule->mark));
		add_text(object, "source", rule->source);
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *device_json(const struct policy *policy, size_t index)
{
	const struct policy_device *compiled = &policy->devices[index];
	const struct device *device = compiled->device;
	struct json_object *object = json_object_new_object(), *named = json_object_new_array();
	char mac[MAC_TEXT];

	add_text(object, "name", device->name);
	add_text(object, "model", device->model->id);
	json_object_object_add(object, "addresses",
			       networks_json(device->addresses, device->address_count));
	add_text(object, "mac", device->has_mac ? mac_format(&device->mac, mac) : NULL);
	for (size_t i = 0; i < device->provider_count; i++)
		json_object_array_add(
			named, text_or_null(policy->site->providers[device->providers[i]].name));
	json_object_object_add(object, "providers", named);
	add_text(object, "mode", device->monitor ? "monitor" : "enforce");
	json_object_object_add(object, "payload_types",
			       payload_types_json(&compiled->payload_types));
	json_object_object_add(object, "services", rules_json(&policy->policies[compiled->policy]));
	return object;
}

static void add_warning(void *array, int line, const char *text)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "line", json_object_new_int(line));
	add_text(object, "text", text);
	json_object_array_add(array, object);
}

static void print_json(struct json_object *document)
{
	puts(json_object_to_json_string_ext(document, JSON_C_TO_STRING_PRETTY |
							      JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(document);
}

static void print_document(const struct policy *policy)
{
	struct json_object *document = json_object_new_object(), *devices = json_object_new_array();
	struct json_object *warnings = json_object_new_array();

	config_warnings(policy->site, add_warning, warnings);
	for (size_t i = 0; i < policy->device_count; i++)
		json_object_array_add(devices, device_json(policy, i));
	json_object_object_add(document, "valid", json_object_new_boolean(true));
	json_object_object_add(document, "site", site_json(policy->site));
	json_object_object_add(document, "interfaces", interfaces_json(policy->site));
	json_object_object_add(document, "providers", providers_json(policy->site));
	json_object_object_add(document, "devices", devices);
	json_object_object_add(document, "warnings", warnings);
	print_json(document);
}

/* The errors as they stand on standard error, a string each. */
static void print_errors(char *errors)
{
	struct json_object *document = json_object_new_object(), *list = json_object_new_array();
	char *rest;

	for (char *line = strtok_r(errors, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		json_object_array_add(list, text_or_null(line));
	json_object_object_add(document, "valid", json_object_new_boolean(false));
	json_object_object_add(document, "errors", list);
	print_json(document);
}

/* ------------------------------------------------------------------ whole */

static void print_warning(void *path, int line, const char *text)
{
	say_at(stderr, path, line, "warning: %s", text);
}

/* For each policy its first device, which is printed in full. */
static size_t *first_devices(const struct policy *policy)
{
	size_t *first = calloc(policy->policy_count + 1, sizeof(*first));

	for (size_t i = policy->device_count; first && i--;)
		first[policy->devices[i].policy] = i;
	return first;
}

static int show(const struct context *context, const struct policy *policy)
{
	_cleanup_(freep) size_t *first = first_devices(policy);

	if (!first) {
		fail(ENOMEM, "check");
		return EXIT_FAILED;
	}
	config_warnings(policy->site, print_warning, (void *)context->config);
	if (context->json)
		print_document(policy);
	else
		print_summary(policy, first);
	return EXIT_DONE;
}

static int run(const struct context *context, int argc, char **argv)
{
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_(site_freep) struct site *site = NULL;
	_cleanup_(freep) char *errors = NULL;
	size_t size;
	FILE *stream;
	int err;

	if (options_take(&command_check, NULL, argc, argv, 0, 0) < 0)
		return EXIT_USAGE;
	stream = open_memstream(&errors, &size);
	if (!stream) {
		fail(errno, "check");
		return EXIT_FAILED;
	}
	err = config_read_trusted(context->config, stream, &site);
	if (!err)
		err = policy_compile(site, context->config, CHECK_TICK_NS, stream, &policy);
	fclose(stream);
	if (!errors) { /* no memory for what would be said */
		fail(ENOMEM, "check");
		return EXIT_FAILED;
	}
	fputs(errors, stderr);
	if (!err)
		return show(context, policy);
	if (context->json)
		print_errors(errors);
	return EXIT_FAILED;
}

const struct command command_check = {
	.name = "check",
	.run = run,
	.arguments = "",
	.help = "read the configuration, compile it, and print a summary or every error",
};
