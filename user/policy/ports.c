/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules to port tables. Ports that the same set of rules lists are one class; what the set says
 * for every opener and every kind of peer is worked out here, so that the datapath only loads it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/compile.h"

#define NS_PER_SECOND 1000000000u
#define DHCP_SERVER   67 /* RFC 2131 */
#define DHCP_CLIENT   68

/* Seconds a flow may be silent before and after its first reply (TCP: its handshake). A registration
 * is refreshed within the hour; RFC 4787 (REQ-5) and RFC 5382 (REQ-5) have the rest. */
#define SIGNALLING_IDLE	     3700
#define VOICE_IDLE	     60
#define UDP_IDLE_NEW	     30
#define UDP_IDLE	     300
#define TCP_IDLE_NEW	     240
#define TCP_IDLE_ESTABLISHED 7440

typedef uint64_t rule_set; /* bit n: rule n */

uint32_t ticks_of(uint64_t seconds, uint64_t tick_ns)
{
	uint64_t ticks = (seconds * NS_PER_SECOND + tick_ns - 1) / tick_ns;

	return ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)ticks;
}

static uint32_t width_of(const struct policy_rule *rule)
{
	return (uint32_t)rule->ports.last - rule->ports.first + 1;
}

static void fill_rule(struct agfeo_rule *ret_rule, const struct policy_rule *rule, uint64_t tick_ns)
{
	uint64_t idle_new = UDP_IDLE_NEW, idle = UDP_IDLE;

	if (rule->protocol == AGFEO_TCP) {
		idle_new = TCP_IDLE_NEW;
		idle = TCP_IDLE_ESTABLISHED;
	} else if (rule->class == AGFEO_CLASS_SIGNALLING) {
		idle_new = idle = SIGNALLING_IDLE;
	} else if (rule->class == AGFEO_CLASS_VOICE) {
		idle_new = idle = VOICE_IDLE;
	}
	ret_rule->idle_new = ticks_of(idle_new, tick_ns);
	ret_rule->idle = ticks_of(idle, tick_ns);
	ret_rule->width = width_of(rule);
	ret_rule->class = rule->class;
	ret_rule->slot = rule->slot;
	ret_rule->mark = rule->mark;
	ret_rule->flags = rule->expects ? AGFEO_RULE_EXPECTS : 0;
}

/* ------------------------------------------------------------------ what a set of rules says */

static bool fits_direction(const struct policy_rule *rule, unsigned direction)
{
	return rule->direction == AGFEO_BOTH || (unsigned)rule->direction == direction;
}

/* Whether a rule's scope reaches a peer of these bits, when `direction` opens. A group is judged on
 * its sender's side only, for whom it is inside the site. */
static bool fits_peer(const struct site *site, const struct model_policy *model,
		      const struct policy_rule *rule, unsigned direction, unsigned peer)
{
	if (peer & AGFEO_PEER_GROUP)
		return direction == AGFEO_OUT && rule->scope != SCOPE_CLOUD;
	switch (rule->scope) {
	case SCOPE_SITE:
		return peer & AGFEO_PEER_SITE;
	case SCOPE_PROVIDER:
		return model->no_provider || peer & (AGFEO_PEER_SITE | AGFEO_PEER_PROVIDER);
	case SCOPE_CLOUD:
		return site->cloud_any || peer & AGFEO_PEER_CLOUD;
	case SCOPE_ANY:
		return true;
	}
	return false;
}

static bool is_narrower(const struct policy_rule *a, const struct policy_rule *b)
{
	if (width_of(a) != width_of(b))
		return width_of(a) < width_of(b);
	return a->class == AGFEO_CLASS_VOICE && b->class != AGFEO_CLASS_VOICE;
}

/*
 * The narrowest rule of a set, voice before others and then the first of equals; 0 of an empty one.
 * VISOfon lists one range for SIP and RTP: as voice, RTP is marked and SIP, which shows no evidence
 * of RTP, is not; as signalling neither would be. `but`: a class to leave out, or AGFEO_CLASS_COUNT.
 */
static uint8_t narrowest(const struct model_policy *model, rule_set set, unsigned but)
{
	uint8_t found = 0;

	for (uint8_t i = 1; i < model->rule_count; i++) {
		if (!(set >> i & 1) || model->rules[i].class == but)
			continue;
		if (!found || is_narrower(&model->rules[i], &model->rules[found]))
			found = i;
	}
	return found;
}

static struct agfeo_port_entry entry_of(const struct site *site, const struct model_policy *model,
					rule_set set, unsigned direction, unsigned peer)
{
	rule_set listed = 0, directed = 0, allowed = 0;
	struct agfeo_port_entry entry = {};

	for (uint8_t i = 1; i < model->rule_count; i++) {
		const struct policy_rule *rule = &model->rules[i];

		if (!(set >> i & 1) || (rule->group && !(peer & AGFEO_PEER_GROUP)))
			continue; /* what is for groups only says nothing of a host */
		listed |= 1ull << i;
		if (!fits_direction(rule, direction))
			continue;
		directed |= 1ull << i;
		if (fits_peer(site, model, rule, direction, peer))
			allowed |= 1ull << i;
	}

	entry.rule = narrowest(model, allowed, AGFEO_CLASS_COUNT);
	if (entry.rule) {
		entry.alternative = narrowest(model, allowed, model->rules[entry.rule].class);
		entry.reason = AGFEO_REASON_LISTED;
	} else {
		entry.refused = narrowest(model, directed ? directed : listed, AGFEO_CLASS_COUNT);
		entry.reason = directed ? AGFEO_REASON_SCOPE
			       : listed ? AGFEO_REASON_DIRECTION
					: AGFEO_REASON_NOT_LISTED;
	}
	return entry;
}

/* ------------------------------------------------------------------ classes of ports */

struct classes {
	rule_set set[AGFEO_MAX_CLASSES]; /* class 0 is the empty set */
	size_t count;
};

/* A rule is in one table only, and between the ends of its n ranges a table has 2n - 1 stretches. */
_Static_assert(AGFEO_MAX_CLASSES >= 2 * (AGFEO_MAX_RULES - 1),
	       "a class for every set there can be");

/* The class of a set of rules, made when it is new. */
static int class_of_set(struct classes *classes, const struct site *site,
			const struct model_policy *model, rule_set set, struct agfeo_policy *tables)
{
	size_t class;

	for (class = 0; class < classes->count; class ++)
		if (classes->set[class] == set)
			return (int)class;

	classes->set[class] = set;
	classes->count++;
	for (unsigned direction = 0; direction < AGFEO_DIRECTION_COUNT; direction++)
		for (unsigned peer = 0; peer < AGFEO_PEER_KINDS; peer++)
			tables->classes[class].entry[direction][peer] =
				entry_of(site, model, set, direction, peer);
	return (int)class;
}

static int by_number(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return a < b ? -1 : a > b;
}

static void mark_listed(struct agfeo_policy *tables, unsigned protocol, unsigned side)
{
	for (unsigned port = 0; port < AGFEO_PORTS; port++) {
		if (tables->port_class[protocol][side][port])
			tables->listed[protocol][side][port / 64] |= 1ull << port % 64;
	}
}

static void mark_blocks(__u64 *blocks, unsigned first, unsigned last)
{
	for (unsigned block = first / 64; block <= last / 64; block++)
		blocks[block / 64] |= 1ull << block % 64;
}

/* Fills one port table, stretch by stretch between the ends of ranges. */
static void fill_table(struct classes *classes, const struct site *site,
		       const struct model_policy *model, unsigned protocol, unsigned side,
		       struct agfeo_policy *tables)
{
	uint32_t ends[2 * AGFEO_MAX_RULES + 2] = {0, AGFEO_PORTS};
	size_t count = 2;

	for (size_t i = 1; i < model->rule_count; i++) {
		const struct policy_rule *rule = &model->rules[i];

		if ((unsigned)rule->protocol == protocol && (unsigned)rule->side == side) {
			ends[count++] = rule->ports.first;
			ends[count++] = rule->ports.last + 1u;
		}
	}
	qsort(ends, count, sizeof(*ends), by_number);

	for (size_t i = 0; i + 1 < count; i++) {
		rule_set set = 0;
		int class;

		if (ends[i] == ends[i + 1])
			continue;
		for (size_t j = 1; j < model->rule_count; j++) {
			const struct policy_rule *rule = &model->rules[j];

			if ((unsigned)rule->protocol == protocol && (unsigned)rule->side == side &&
			    rule->ports.first <= ends[i] && ends[i] <= rule->ports.last)
				set |= 1ull << j;
		}
		class = class_of_set(classes, site, model, set, tables);
		memset(&tables->port_class[protocol][side][ends[i]], class, ends[i + 1] - ends[i]);
	}
	mark_listed(tables, protocol, side);
}

/* DHCP's own are looked at more closely, whoever lists them. */
void blocks_of_rules(const struct model_policy *model, struct agfeo_port_blocks *ret_blocks)
{
	*ret_blocks = (struct agfeo_port_blocks){};
	for (unsigned side = 0; side < AGFEO_SIDE_COUNT; side++)
		mark_blocks(ret_blocks->listed[side], DHCP_SERVER, DHCP_CLIENT);
	for (size_t i = 1; i < model->rule_count; i++) {
		const struct policy_rule *rule = &model->rules[i];

		if (rule->protocol == AGFEO_UDP && !rule->group)
			mark_blocks(ret_blocks->listed[rule->side], rule->ports.first,
				    rule->ports.last);
	}
}

int tables_of_rules(const struct site *site, const struct model_policy *model, uint64_t tick_ns,
		    struct agfeo_policy **ret_tables)
{
	_cleanup_(freep) struct agfeo_policy *tables = calloc(1, sizeof(*tables));
	struct classes classes = {};

	if (!tables)
		return -ENOMEM;
	for (size_t i = 1; i < model->rule_count; i++) {
		fill_rule(&tables->rules[i], &model->rules[i], tick_ns);
		tables->cloud_hosts |= model->rules[i].hosts;
	}
	class_of_set(&classes, site, model, 0, tables);
	for (unsigned protocol = 0; protocol < AGFEO_PROTOCOL_COUNT; protocol++)
		for (unsigned side = 0; side < AGFEO_SIDE_COUNT; side++)
			fill_table(&classes, site, model, protocol, side, tables);
	*ret_tables = take_ptr(tables);
	return 0;
}
