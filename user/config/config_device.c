/* SPDX-License-Identifier: GPL-2.0 */
/* Keys of [device NAME]. What depends on the model waits for check.c: the model may come last. */
#include <string.h>

#include "base/cleanup.h"
#include "config/parse.h"

#define MOST_CHANNELS 1024 /* far above any model: its own number is checked when it is known */

static struct device *last_device(struct parser *parser)
{
	return &parser->site->devices[parser->site->device_count - 1];
}

static void take_model(struct parser *parser, char *value)
{
	const struct model *model = model_find(value);

	if (model)
		last_device(parser)->model = model;
	else
		complain(parser,
			 "'%s' is no model: did you mean '%s'? 'agfeoctl models' lists them all",
			 value, model_nearest(value));
}

/* Whether a host can have the address (RFC 6890). */
static bool is_host_address(const struct address *address)
{
	static const struct address loopback = {.bytes = {[15] = 1}}, none;

	if (address_is_group(address) || address_equal(address, &loopback) ||
	    address_equal(address, &none))
		return false;
	return !address_is_v4(address) || (address->bytes[12] != 127 && address->bytes[12] != 0);
}

static void take_address(struct parser *parser, char *value)
{
	struct prefix prefix, *address;
	struct device *device = last_device(parser);
	struct place *place;

	if (!take_prefix(parser, value, &prefix))
		return;
	if (prefix_is_world(&prefix) || !is_host_address(&prefix.address)) {
		complain(parser, "%s is not what a device can have; name its host or pool of hosts",
			 value);
		return;
	}
	address = append(&device->addresses, &device->address_count, sizeof(*address));
	place = append(&parser->places, &parser->place_count, sizeof(*place));
	if (!address || !place) {
		parser->faults.out_of_memory = true;
		return;
	}
	*address = prefix;
	*place = (struct place){prefix, parser->site->device_count - 1, parser->reader.line};
}

static void take_mac(struct parser *parser, char *value)
{
	static const struct mac_address none;
	struct device *device = last_device(parser);
	struct mac_address mac;

	if (mac_parse(value, &mac)) {
		complain(parser, "'%s' is no MAC address; write 00:09:40:12:34:56", value);
	} else if (mac.bytes[0] & 1 || !memcmp(&mac, &none, sizeof(mac))) {
		complain(parser, "%s is a group or null address, which no device sends from",
			 value);
	} else {
		device->mac = mac;
		device->has_mac = true;
	}
}

static void take_channels(struct parser *parser, char *value)
{
	take_number(parser, value, "channels", 1, MOST_CHANNELS, &last_device(parser)->channels);
}

static void take_accounts(struct parser *parser, char *value)
{
	take_number(parser, value, "external SIP accounts", 1, MOST_CHANNELS,
		    &last_device(parser)->sip_accounts);
}

static void keep_word(struct parser *parser, enum device_key key, const char *value)
{
	struct word *word;

	if (strlen(value) >= sizeof(word->text)) {
		complain(parser, "'%.40s…' is longer than any name", value);
		return;
	}
	word = append(&parser->words, &parser->word_count, sizeof(*word));
	if (!word) {
		parser->faults.out_of_memory = true;
		return;
	}
	word->key = key;
	word->device = parser->site->device_count - 1;
	word->line = parser->reader.line;
	strcpy(word->text, value);
}

static void take_provider(struct parser *parser, char *value)
{
	keep_word(parser, DEVICE_PROVIDER, value);
}

static void take_enable(struct parser *parser, char *value)
{
	keep_word(parser, DEVICE_ENABLE, value);
}

static void take_disable(struct parser *parser, char *value)
{
	keep_word(parser, DEVICE_DISABLE, value);
}

/* "from" belongs to a peer that opens, "to" to one that is opened to; `both` takes either. */
static bool take_preposition(struct parser *parser, const char *word,
			     enum agfeo_direction direction)
{
	bool from = !strcmp(word, "from"), to = !strcmp(word, "to");

	if (from ? direction != AGFEO_OUT : to && direction != AGFEO_IN)
		return true;
	complain(parser, "'%s' does not fit; write in … from, out … to, both … from", word);
	return false;
}

static bool take_rule_words(struct parser *parser, char **words, struct extra_rule *rule)
{
	static const char *const directions[] = {"in", "out", "both", NULL};
	static const enum agfeo_direction direction_of[] = {AGFEO_IN, AGFEO_OUT, AGFEO_BOTH};
	static const char *const scopes[] = {"site", "provider", "cloud", "any", NULL};
	static const enum scope scope_of[] = {SCOPE_SITE, SCOPE_PROVIDER, SCOPE_CLOUD, SCOPE_ANY};
	int direction = take_word(parser, words[0], directions), scope;

	if (direction < 0)
		return false;
	rule->direction = direction_of[direction];
	if (!take_protocol(parser, words[1], &rule->protocol) ||
	    !take_ports(parser, words[2], &rule->ports) ||
	    !take_preposition(parser, words[3], rule->direction))
		return false;
	scope = take_word(parser, words[4], scopes);
	if (scope < 0)
		return false;
	rule->scope = scope_of[scope];
	return true;
}

static void take_allow(struct parser *parser, char *value)
{
	struct device *device = last_device(parser);
	struct extra_rule rule = {.line = parser->reader.line}, *kept;
	char *words[5];

	if (split_words(value, words, ARRAY_SIZE(words)) != ARRAY_SIZE(words)) {
		complain(parser,
			 "five words belong here: DIRECTION PROTO PORTS from|to SCOPE, as in "
			 "'in tcp 8080 from site'");
		return;
	}
	if (!take_rule_words(parser, words, &rule))
		return;
	kept = append(&device->allow, &device->allow_count, sizeof(*kept));
	if (!kept)
		parser->faults.out_of_memory = true;
	else
		*kept = rule;
}

static void take_rtp_ports(struct parser *parser, char *value)
{
	take_ports(parser, value, &last_device(parser)->rtp_ports);
}

static void take_sip_ports(struct parser *parser, char *value)
{
	take_ports(parser, value, &last_device(parser)->sip_ports);
}

static void take_mode(struct parser *parser, char *value)
{
	static const char *const words[] = {"enforce", "monitor", NULL};
	int word = take_word(parser, value, words);

	if (word >= 0)
		last_device(parser)->monitor = word == 1;
}

static void take_quality(struct parser *parser, char *value)
{
	static const char *const words[] = {"on", "off", NULL};
	int word = take_word(parser, value, words);

	if (word >= 0)
		last_device(parser)->no_quality = word == 1;
}

static void take_payload_types(struct parser *parser, char *value)
{
	take_payload_type(parser, value, &last_device(parser)->payload_types);
}

/* clang-format off */
const struct key device_keys[] = {
	[DEVICE_MODEL]     = {.name = "model", .take = take_model,
			      .required = "model = one of 'agfeoctl models', as in es-pure-ip-x-it"},
	[DEVICE_ADDRESS]   = {.name = "address", .take = take_address, .list = true,
			      .required = "address = its host or pool, as in 192.168.10.2"},
	[DEVICE_MAC]       = {.name = "mac", .take = take_mac},
	[DEVICE_CHANNELS]  = {.name = "channels", .take = take_channels},
	[DEVICE_ACCOUNTS]  = {.name = "sip-accounts", .take = take_accounts},
	[DEVICE_PROVIDER]  = {.name = "provider", .take = take_provider, .list = true},
	[DEVICE_ENABLE]    = {.name = "enable", .take = take_enable, .list = true},
	[DEVICE_DISABLE]   = {.name = "disable", .take = take_disable, .list = true},
	[DEVICE_ALLOW]     = {.name = "allow", .take = take_allow, .list = true},
	[DEVICE_RTP_PORTS] = {.name = "rtp-ports", .take = take_rtp_ports},
	[DEVICE_SIP_PORTS] = {.name = "sip-ports", .take = take_sip_ports},
	[DEVICE_MODE]      = {.name = "mode", .take = take_mode},
	[DEVICE_QUALITY]   = {.name = "quality", .take = take_quality},
	[DEVICE_PAYLOAD_TYPES] = {.name = "payload-types", .take = take_payload_types, .list = true},
	{0},
};
/* clang-format on */
