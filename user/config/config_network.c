/* SPDX-License-Identifier: GPL-2.0 */
/* Keys of [interface NAME] and [provider NAME]. */
#include <string.h>

#include "base/cleanup.h"
#include "config/parse.h"

static struct interface *last_interface(struct parser *parser)
{
	return &parser->site->interfaces[parser->site->interface_count - 1];
}

static void take_role(struct parser *parser, char *value)
{
	static const char *const words[] = {"voice", "uplink", NULL};
	int word = take_word(parser, value, words);

	if (word >= 0)
		last_interface(parser)->role = word ? AGFEO_ROLE_UPLINK : AGFEO_ROLE_VOICE;
}

static void take_forward(struct parser *parser, char *value)
{
	static const char *const words[] = {"kernel", "fast", NULL};
	int word = take_word(parser, value, words);

	if (word >= 0)
		last_interface(parser)->forward_fast = word == 1;
}

static void take_xdp(struct parser *parser, char *value)
{
	static const char *const words[] = {"auto", "native", "generic", NULL};
	static const enum xdp_mode modes[] = {XDP_AUTO, XDP_NATIVE, XDP_GENERIC};
	int word = take_word(parser, value, words);

	if (word >= 0)
		last_interface(parser)->xdp = modes[word];
}

static void take_optional(struct parser *parser, char *value)
{
	static const char *const words[] = {"yes", "no", NULL};
	int word = take_word(parser, value, words);

	if (word >= 0)
		last_interface(parser)->optional = word == 0;
}

static void take_local(struct parser *parser, char *value)
{
	struct interface *interface = last_interface(parser);
	struct local_port port;
	char *words[2];

	if (split_words(value, words, ARRAY_SIZE(words)) != ARRAY_SIZE(words)) {
		complain(parser, "a protocol and a port or range belong here, as in 'tcp 443' or "
				 "'udp 51820'");
		return;
	}
	if (!take_protocol(parser, words[0], &port.protocol) ||
	    !take_ports(parser, words[1], &port.ports))
		return;
	if (interface->local_count == ARRAY_SIZE(interface->local)) {
		complain(parser, "more than %zu services of the box's own; join ports to ranges",
			 ARRAY_SIZE(interface->local));
		return;
	}
	interface->local[interface->local_count++] = port;
}

static void take_networks(struct parser *parser, char *value)
{
	struct site *site = parser->site;
	struct provider *provider = &site->providers[site->provider_count - 1];

	take_network(parser, value, &provider->networks, &provider->network_count);
}

/* clang-format off */
const struct key interface_keys[] = {
	{.name = "role",     .take = take_role,
	 .required = "role = voice (it faces devices) or role = uplink (it faces "
		     "provider and internet)"},
	{.name = "forward",  .take = take_forward},
	{.name = "xdp",      .take = take_xdp},
	{.name = "local",    .take = take_local, .list = true},
	{.name = "optional", .take = take_optional},
	{0},
};

const struct key provider_keys[] = {
	{.name = "networks", .take = take_networks, .list = true,
	 .required = "networks = the addresses of the provider's SIP and RTP servers"},
	{0},
};
/* clang-format on */
