/* SPDX-License-Identifier: GPL-2.0 */
/* Keys of [site], [qos] and [export]. */
#include <string.h>

#include "config/parse.h"

/* Tokens are counted in 1/1024 of a flow, eight seconds of them in 32 bits (struct agfeo_bucket). */
#define MOST_NEW_FLOWS 100000
#define LEAST_FLOWS    1024
#define MOST_FLOWS     (1 << 24)
#define MOST_INTERVAL  86400

static void take_name(struct parser *parser, char *value)
{
	if (strlen(value) >= sizeof(parser->site->name))
		complain(parser, "longer than %zu letters", sizeof(parser->site->name) - 1);
	else
		strcpy(parser->site->name, value);
}

static void take_networks(struct parser *parser, char *value)
{
	take_network(parser, value, &parser->site->networks, &parser->site->network_count);
}

static void take_mode(struct parser *parser, char *value)
{
	static const char *const words[] = {"enforce", "monitor", NULL};
	int word = take_word(parser, value, words);

	if (word >= 0)
		parser->site->monitor = word == 1;
}

static void take_cloud(struct parser *parser, char *value)
{
	static const char *const words[] = {"names", "any", NULL};
	int word = take_word(parser, value, words);

	if (word >= 0)
		parser->site->cloud_any = word == 1;
}

static void take_unknown(struct parser *parser, char *value)
{
	static const char *const words[] = {"pass", "drop", NULL};
	int word = take_word(parser, value, words);

	if (word >= 0)
		parser->site->unknown_drop = word == 1;
}

static void take_new_flows(struct parser *parser, char *value)
{
	take_number(parser, value, "new flows a second (0: no bound)", 0, MOST_NEW_FLOWS,
		    &parser->site->new_flows);
}

static void take_flows(struct parser *parser, char *value)
{
	take_number(parser, value, "flows that a table holds", LEAST_FLOWS, MOST_FLOWS,
		    &parser->site->flow_count);
}

static void take_resolver(struct parser *parser, char *value)
{
	struct site *site = parser->site;
	struct prefix prefix, *resolver;

	if (!take_prefix(parser, value, &prefix))
		return;
	if (prefix_is_world(&prefix)) {
		complain(parser,
			 "%s is the internet: anybody's answer would teach names; name the "
			 "resolvers",
			 value);
		return;
	}
	resolver = append(&site->resolvers, &site->resolver_count, sizeof(*resolver));
	if (!resolver)
		parser->faults.out_of_memory = true;
	else
		*resolver = prefix;
}

static void take_payload_types(struct parser *parser, char *value)
{
	take_payload_type(parser, value, &parser->site->payload_types);
}

static void take_voice(struct parser *parser, char *value)
{
	take_dscp(parser, value, &parser->site->voice);
}

static void take_signalling(struct parser *parser, char *value)
{
	take_dscp(parser, value, &parser->site->signalling);
}

static void take_others(struct parser *parser, char *value)
{
	static const char *const words[] = {"keep", "bleach", NULL};
	int word = take_word(parser, value, words);

	if (word >= 0)
		parser->site->bleach = word == 1;
}

static void take_textfile(struct parser *parser, char *value)
{
	if (*value != '/')
		complain(parser,
			 "'%s' is no absolute path; write "
			 "/var/lib/prometheus/node-exporter/agfeo.prom",
			 value);
	else if (strlen(value) >= sizeof(parser->site->textfile))
		complain(parser, "longer than %zu bytes", sizeof(parser->site->textfile) - 1);
	else if (value[strlen(value) - 1] == '/')
		complain(parser, "'%s' is a folder; name a file in it", value);
	else
		strcpy(parser->site->textfile, value);
}

static void take_interval(struct parser *parser, char *value)
{
	size_t size = strlen(value);
	char unit = size ? value[size - 1] : '\0';
	unsigned seconds_each = unit == 'm' ? 60 : unit == 'h' ? 3600 : 1;
	uint64_t number;

	if (unit == 's' || unit == 'm' || unit == 'h')
		value[size - 1] = '\0';
	else
		unit = '\0';
	if (number_parse(value, 1, MOST_INTERVAL / seconds_each, &number)) {
		complain(parser,
			 "'%s%.1s' is no interval; write 15s, 1m or 1h, one second to one day",
			 value, &unit);
		return;
	}
	parser->site->interval_seconds = (unsigned)number * seconds_each;
}

/* clang-format off */
const struct key site_keys[] = {
	{.name = "name",      .take = take_name},
	{.name = "networks",  .take = take_networks, .list = true},
	{.name = "mode",      .take = take_mode},
	{.name = "cloud",     .take = take_cloud},
	{.name = "unknown",   .take = take_unknown},
	{.name = "new-flows", .take = take_new_flows},
	{.name = "flows",     .take = take_flows},
	{.name = "resolvers", .take = take_resolver, .list = true},
	{.name = "payload-types", .take = take_payload_types, .list = true},
	{0},
};

const struct key qos_keys[] = {
	{.name = "voice",      .take = take_voice},
	{.name = "signalling", .take = take_signalling},
	{.name = "others",     .take = take_others},
	{0},
};

const struct key export_keys[] = {
	{.name = "textfile", .take = take_textfile},
	{.name = "interval", .take = take_interval},
	{0},
};
/* clang-format on */
