/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nftables' own JSON (libnftables-json(5)). Rules are walked from every base chain through its
 * jumps, with what a packet must have to come there, since the port is often matched in one chain and
 * the address changed in another.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/ruleset.h"
#include "report/ruleset_json.h"

#define MOST_DEPTH 16	   /* the kernel's own bound of jumps */
#define MOST_STEPS 2000000 /* rules looked at: a ruleset that needs more is cut */

/* Where in the document we are. */
struct reading {
	struct json_object *list; /* "nftables": all objects */
	struct ruleset *ruleset;
	const char *family, *table; /* of the chain at hand */
	size_t steps;
	int err;
};

/* The object `kind` of that name in the table at hand. */
static struct json_object *find_named(struct reading *reading, const char *kind, const char *name)
{
	for (size_t i = 0; i < length_of(reading->list); i++) {
		struct json_object *object = member(item(reading->list, i), kind);

		if (object && !strcmp(text_member(object, "family"), reading->family) &&
		    !strcmp(text_member(object, "table"), reading->table) &&
		    !strcmp(text_member(object, "name"), name))
			return object;
	}
	return NULL;
}

/* ------------------------------------------------------------------ what a rule matches */

/* Which part of a key is the destination port: -1 none, 0 all of it, else part - 1 of a concat. */
static int port_part(struct json_object *key)
{
	struct json_object *parts = member(key, "concat");

	if (!strcmp(text_member(member(key, "payload"), "field"), "dport"))
		return 0;
	for (size_t i = 0; i < length_of(parts); i++)
		if (port_part(item(parts, i)) == 0)
			return (int)i + 1;
	return -1;
}

static void add_ports_of(struct port_set *ports, struct json_object *value)
{
	struct json_object *range = member(value, "range");
	int64_t first, last;

	if (number_of(value, 65535, &first))
		ports_add(ports, (unsigned)first, (unsigned)first);
	else if (number_of(item(range, 0), 65535, &first) &&
		 number_of(item(range, 1), 65535, &last))
		ports_add(ports, (unsigned)first, (unsigned)last);
}

/* The ports of one element of a set or of one key of a map. */
static void add_element(struct port_set *ports, struct json_object *element, int part)
{
	element = unwrap(element);
	if (part > 0)
		element = item(member(element, "concat"), (size_t)part - 1);
	add_ports_of(ports, element);
}

/* The elements of {"set": […]} or of "@name". */
static struct json_object *elements_of(struct reading *reading, struct json_object *value,
				       const char *kind)
{
	const char *name = text_of(value);

	if (name && *name == '@')
		return member(find_named(reading, kind, name + 1), "elem");
	return member(value, "set");
}

static void match_ports(struct reading *reading, struct way *way, struct json_object *match,
			int part)
{
	struct json_object *right = member(match, "right");
	struct json_object *elements = elements_of(reading, right, "set");
	struct port_set ports = {};

	if (length_of(elements))
		for (size_t i = 0; i < length_of(elements); i++)
			add_element(&ports, item(elements, i), part);
	else
		add_element(&ports, right, part);
	if (!strcmp(text_member(match, "op"), "!="))
		ports_invert(&ports);
	ports_meet(&way->ports, &ports);
}

static bool prefix_of(struct json_object *value, struct prefix *ret_prefix)
{
	struct json_object *inner = member(value, "prefix");
	char text[PREFIX_TEXT + 8];
	int64_t length;

	value = unwrap(value);
	if (inner && number_of(member(inner, "len"), 128, &length)) {
		snprintf(text, sizeof(text), "%.*s/%d", ADDRESS_TEXT, text_member(inner, "addr"),
			 (int)length);
		return !prefix_parse(text, ret_prefix);
	}
	return text_of(value) && !prefix_parse(text_of(value), ret_prefix);
}

static void match_source(struct reading *reading, struct way *way, struct json_object *match)
{
	struct json_object *right = member(match, "right");
	struct json_object *elements = elements_of(reading, right, "set");
	struct prefix source;

	way->source_limited = true;
	if (!strcmp(text_member(match, "op"), "!="))
		return;
	if (prefix_of(right, &source))
		way_source(way, &source);
	for (size_t i = 0; i < length_of(elements); i++)
		if (prefix_of(item(elements, i), &source))
			way_source(way, &source);
}

static bool is_interface_key(struct json_object *key)
{
	const char *name = text_member(member(key, "meta"), "key");

	return !strcmp(name, "iifname") || !strcmp(name, "iif");
}

/* One name or a set of them. */
static void match_interfaces(struct reading *reading, struct way *way, struct json_object *match)
{
	struct json_object *right = member(match, "right");
	struct json_object *elements = elements_of(reading, right, "set");
	struct rule_interfaces interfaces = {.negated = !strcmp(text_member(match, "op"), "!=")};

	if (!elements)
		interfaces_add(&interfaces, text_of(right));
	for (size_t i = 0; i < length_of(elements); i++)
		interfaces_add(&interfaces, text_of(unwrap(item(elements, i))));
	way_interfaces(way, &interfaces);
}

static void take_match(struct reading *reading, struct way *way, struct json_object *match)
{
	struct json_object *left = member(match, "left");
	const char *field = text_member(member(left, "payload"), "field");
	int part = port_part(left);

	if (part >= 0)
		match_ports(reading, way, match, part);
	else if (!strcmp(field, "saddr"))
		match_source(reading, way, match);
	else if (is_interface_key(left))
		match_interfaces(reading, way, match);
}

/* ------------------------------------------------------------------ what a rule does */

/* "192.168.10.2", a prefix or a range. */
static bool ends_of(struct json_object *value, struct address ends[2])
{
	struct json_object *range = member(value, "range");
	struct prefix prefix;

	if (length_of(range) == 2) {
		const char *first = text_of(item(range, 0)), *last = text_of(item(range, 1));

		return first && last && !address_parse(first, &ends[0]) &&
		       !address_parse(last, &ends[1]);
	}
	if (!prefix_of(value, &prefix))
		return false;
	ends[0] = ends[1] = prefix.address;
	for (unsigned bit = prefix.length; bit < 128; bit++)
		ends[1].bytes[bit / 8] |= (uint8_t)(0x80 >> (bit % 8));
	return true;
}

static void name_rule(struct reading *reading, struct json_object *rule, char *name, char *undo)
{
	const char *chain = text_member(rule, "chain");
	int64_t handle = 0;

	number_of(member(rule, "handle"), INT64_MAX, &handle);
	snprintf(name, RULE_TEXT, "nft %s %s %s handle %lld", reading->family, reading->table,
		 chain, (long long)handle);
	snprintf(undo, RULE_UNDO_TEXT, "nft delete rule %s %s %s handle %lld", reading->family,
		 reading->table, chain, (long long)handle);
}

static void add_forward(struct reading *reading, const struct way *way, struct json_object *rule,
			struct json_object *to, struct json_object *port)
{
	struct json_object *pair = member(to, "concat");
	char name[RULE_TEXT], undo[RULE_UNDO_TEXT];
	struct address ends[2];
	int64_t target = 0;

	if (length_of(pair) == 2) { /* address . port */
		to = item(pair, 0);
		port = item(pair, 1);
	}
	if (!ends_of(to, ends))
		return;
	number_of(port, 65535, &target);
	name_rule(reading, rule, name, undo);
	if (!reading->err)
		reading->err = ruleset_add_forward(reading->ruleset, way, name, undo, ends,
						   (unsigned)target);
}

/* Each element of a map is a forward of its own. */
static void take_dnat_map(struct reading *reading, const struct way *way, struct json_object *rule,
			  struct json_object *map, struct json_object *port)
{
	struct json_object *elements = elements_of(reading, member(map, "data"), "map");
	int part = port_part(member(map, "key"));

	for (size_t i = 0; i < length_of(elements); i++) {
		struct json_object *pair = item(elements, i);
		struct port_set ports = {};
		struct way narrow = *way;

		if (part >= 0) {
			add_element(&ports, item(pair, 0), part);
			ports_meet(&narrow.ports, &ports);
		}
		add_forward(reading, &narrow, rule, item(pair, 1), port);
	}
}

static void take_dnat(struct reading *reading, const struct way *way, struct json_object *rule,
		      struct json_object *dnat)
{
	struct json_object *to = member(dnat, "addr"), *port = member(dnat, "port");

	if (member(to, "map"))
		take_dnat_map(reading, way, rule, member(to, "map"), port);
	else if (to)
		add_forward(reading, way, rule, to, port);
}

static void walk_chain(struct reading *reading, const struct way *start, const char *chain,
		       unsigned depth);

static void follow(struct reading *reading, const struct way *way, struct json_object *verdict,
		   unsigned depth)
{
	struct json_object *target = member(verdict, "jump");

	if (!target)
		target = member(verdict, "goto");
	if (target)
		walk_chain(reading, way, text_member(target, "target"), depth + 1);
}

static void take_vmap(struct reading *reading, const struct way *way, struct json_object *vmap,
		      unsigned depth)
{
	struct json_object *elements = elements_of(reading, member(vmap, "data"), "map");
	bool by_interface = is_interface_key(member(vmap, "key"));
	int part = port_part(member(vmap, "key"));

	for (size_t i = 0; i < length_of(elements); i++) {
		struct json_object *pair = item(elements, i);
		struct rule_interfaces interfaces = {};
		struct port_set ports = {};
		struct way narrow = *way;

		if (by_interface) {
			interfaces_add(&interfaces, text_of(unwrap(item(pair, 0))));
			way_interfaces(&narrow, &interfaces);
		}
		if (part >= 0) {
			add_element(&ports, item(pair, 0), part);
			ports_meet(&narrow.ports, &ports);
		}
		follow(reading, &narrow, item(pair, 1), depth);
	}
}

static void walk_rule(struct reading *reading, const struct way *start, struct json_object *rule,
		      unsigned depth)
{
	struct json_object *statements = member(rule, "expr");
	struct way way = *start;

	for (size_t i = 0; i < length_of(statements); i++) {
		struct json_object *statement = item(statements, i);

		if (member(statement, "match"))
			take_match(reading, &way, member(statement, "match"));
		else if (member(statement, "dnat"))
			take_dnat(reading, &way, rule, member(statement, "dnat"));
		else if (member(statement, "vmap"))
			take_vmap(reading, &way, member(statement, "vmap"), depth);
		else
			follow(reading, &way, statement, depth);
	}
}

static void walk_chain(struct reading *reading, const struct way *start, const char *chain,
		       unsigned depth)
{
	for (size_t i = 0; i < length_of(reading->list) && depth <= MOST_DEPTH; i++) {
		struct json_object *rule = member(item(reading->list, i), "rule");

		if (++reading->steps > MOST_STEPS) {
			reading->ruleset->cut = true;
			return;
		}
		if (rule && !strcmp(text_member(rule, "chain"), chain) &&
		    !strcmp(text_member(rule, "table"), reading->table) &&
		    !strcmp(text_member(rule, "family"), reading->family))
			walk_rule(reading, start, rule, depth);
	}
}

/* ------------------------------------------------------------------ helpers, timeouts, offload */

static void take_helper(struct reading *reading, struct json_object *rule, const char *name)
{
	struct json_object *helper = find_named(reading, "ct helper", name);
	char where[RULE_TEXT], undo[RULE_UNDO_TEXT];

	if (!helper || !is_sip_helper(text_member(helper, "type")) || reading->err)
		return;
	name_rule(reading, rule, where, undo);
	reading->err = ruleset_add_helper(reading->ruleset, where, undo);
}

/* By name, or by a map of ports to names. */
static void take_helpers(struct reading *reading, struct json_object *rule,
			 struct json_object *value)
{
	struct json_object *elements =
		elements_of(reading, member(member(value, "map"), "data"), "map");

	if (text_of(value))
		take_helper(reading, rule, text_of(value));
	for (size_t i = 0; i < length_of(elements); i++)
		if (text_of(item(item(elements, i), 1)))
			take_helper(reading, rule, text_of(item(item(elements, i), 1)));
}

static void take_timeout(struct reading *reading, struct json_object *rule, const char *name)
{
	struct ruleset *ruleset = reading->ruleset;
	struct json_object *timeout = find_named(reading, "ct timeout", name);
	struct json_object *policy = member(timeout, "policy");
	char undo[RULE_UNDO_TEXT];
	struct udp_timeout *row;
	int64_t seconds;

	if (strcmp(text_member(timeout, "protocol"), "udp"))
		return;
	row = ruleset_row(ruleset, &ruleset->timeouts, &ruleset->timeout_count, sizeof(*row));
	if (!row)
		return;
	name_rule(reading, rule, row->rule, undo);
	snprintf(row->name, sizeof(row->name), "%s", name);
	if (number_of(member(policy, "unreplied"), UINT32_MAX, &seconds))
		row->unreplied = (uint64_t)seconds;
	if (number_of(member(policy, "replied"), UINT32_MAX, &seconds))
		row->replied = (uint64_t)seconds;
}

static void add_device(struct flowtable *row, struct json_object *name)
{
	if (text_of(name) && row->interface_count < ARRAY_SIZE(row->interfaces))
		snprintf(row->interfaces[row->interface_count++], IFNAMSIZ, "%s", text_of(name));
}

/* nft writes one device or flag as a word, several as a list. */
static void take_flow(struct reading *reading, struct json_object *rule, const char *name)
{
	struct ruleset *ruleset = reading->ruleset;
	struct json_object *table =
		find_named(reading, "flowtable", *name == '@' ? name + 1 : name);
	struct json_object *devices = member(table, "dev"), *flags = member(table, "flags");
	struct flowtable *row;

	if (!table)
		return;
	row = ruleset_row(ruleset, &ruleset->flowtables, &ruleset->flowtable_count, sizeof(*row));
	if (!row)
		return;
	name_rule(reading, rule, row->name, row->undo);
	add_device(row, devices);
	for (size_t i = 0; i < length_of(devices); i++)
		add_device(row, item(devices, i));
	row->offload = text_of(flags) && !strcmp(text_of(flags), "offload");
	for (size_t i = 0; i < length_of(flags); i++)
		row->offload |=
			text_of(item(flags, i)) && !strcmp(text_of(item(flags, i)), "offload");
}

/* What counts wherever its rule stands. */
static void take_rule(struct reading *reading, struct json_object *rule)
{
	struct json_object *statements = member(rule, "expr");

	for (size_t i = 0; i < length_of(statements); i++) {
		struct json_object *statement = item(statements, i);
		struct json_object *flow = member(statement, "flow");

		take_helpers(reading, rule, member(statement, "ct helper"));
		if (text_of(member(statement, "ct timeout")))
			take_timeout(reading, rule, text_member(statement, "ct timeout"));
		if (flow)
			take_flow(reading, rule, text_member(flow, "flowtable"));
	}
}

static void enter_table(struct reading *reading, struct json_object *object)
{
	reading->family = text_member(object, "family");
	reading->table = text_member(object, "table");
}

static void read_object(struct reading *reading, struct json_object *object)
{
	struct json_object *rule = member(object, "rule"), *chain = member(object, "chain");

	if (rule) {
		enter_table(reading, rule);
		take_rule(reading, rule);
	} else if (chain && !strcmp(text_member(chain, "type"), "nat") &&
		   !strcmp(text_member(chain, "hook"), "prerouting")) {
		struct way way;

		enter_table(reading, chain);
		way_start(&way);
		walk_chain(reading, &way, text_member(chain, "name"), 0);
	}
}

int ruleset_read_nft(const char *json, size_t size, struct ruleset *ruleset)
{
	struct json_tokener *tokener = json_tokener_new();
	struct reading reading = {.ruleset = ruleset};
	struct json_object *document;

	if (!tokener)
		return -ENOMEM;
	document = size < INT32_MAX ? json_tokener_parse_ex(tokener, json, (int)size) : NULL;
	json_tokener_free(tokener);
	reading.list = member(document, "nftables");
	if (!json_object_is_type(reading.list, json_type_array))
		reading.err = -EINVAL;
	for (size_t i = 0; i < length_of(reading.list) && !reading.err; i++)
		read_object(&reading, item(reading.list, i));
	json_object_put(document);
	return reading.err;
}
