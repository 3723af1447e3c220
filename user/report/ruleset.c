/* SPDX-License-Identifier: GPL-2.0 */
/* What both readers of rulesets share: sets of ports, and the rows they find; see ruleset.h. */
#include "report/ruleset.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

void ruleset_free(struct ruleset *ruleset)
{
	free(ruleset->forwards);
	free(ruleset->helpers);
	free(ruleset->timeouts);
	free(ruleset->flowtables);
	*ruleset = (struct ruleset){};
}

void *ruleset_row(struct ruleset *ruleset, void *rows, size_t *count, size_t size)
{
	char *old, *fresh;

	if (*count >= RULESET_ENTRIES) {
		ruleset->cut = true;
		return NULL;
	}
	memcpy(&old, rows, sizeof(old));
	if (*count & (*count - 1) || !*count) {
		fresh = *count ? old : malloc(size);
	} else {
		fresh = realloc(old, 2 * *count * size);
	}
	if (!fresh) {
		ruleset->cut = true;
		return NULL;
	}
	memcpy(rows, &fresh, sizeof(fresh));
	fresh += (*count)++ * size;
	memset(fresh, 0, size);
	return fresh;
}

bool is_sip_helper(const char *type)
{
	return type && (!strcmp(type, "sip") || !strncmp(type, "sip-", 4));
}

/* ------------------------------------------------------------------ ports */

static bool has_port(const struct port_set *ports, unsigned port)
{
	return ports->words[port / 64] >> (port % 64) & 1;
}

void ports_add(struct port_set *ports, unsigned first, unsigned last)
{
	for (unsigned port = first; port <= last && port < 65536; port++)
		ports->words[port / 64] |= 1ull << (port % 64);
}

void ports_invert(struct port_set *ports)
{
	for (size_t i = 0; i < PORT_WORDS; i++)
		ports->words[i] = ~ports->words[i];
}

void ports_meet(struct port_set *ports, const struct port_set *other)
{
	for (size_t i = 0; i < PORT_WORDS; i++)
		ports->words[i] &= other->words[i];
}

bool ports_none(const struct port_set *ports)
{
	for (size_t i = 0; i < PORT_WORDS; i++)
		if (ports->words[i])
			return false;
	return true;
}

static unsigned forbidden_in(const struct port_set *ports)
{
	return (has_port(ports, 5060) ? FORBIDDEN_SIP : 0) |
	       (has_port(ports, 80) ? FORBIDDEN_HTTP : 0) |
	       (has_port(ports, 443) ? FORBIDDEN_HTTPS : 0);
}

/* "80, 443", with an ellipsis where there are more ranges than room; "all". */
static void write_ports(const struct port_set *ports, char *text, size_t size)
{
	size_t at = 0;
	unsigned port = 1;

	*text = 0;
	while (port < 65536) {
		char range[RANGE_TEXT];
		unsigned first;

		if (!has_port(ports, port)) {
			port++;
			continue;
		}
		for (first = port; port < 65536 && has_port(ports, port);)
			port++;
		if (first == 1 && port == 65536) {
			snprintf(text, size, "all");
			return;
		}
		port_range_format((struct port_range){(uint16_t)first, (uint16_t)(port - 1)},
				  range);
		if (at + strlen(range) + sizeof(", , …") > size) {
			snprintf(text + at, size - at, ", …");
			return;
		}
		at += (size_t)snprintf(text + at, size - at, "%s%s", at ? ", " : "", range);
	}
}

/* ------------------------------------------------------------------ ways and rows */

void way_start(struct way *way)
{
	memset(way, 0, sizeof(*way));
	ports_add(&way->ports, 0, 65535);
}

void way_source(struct way *way, const struct prefix *source)
{
	way->source_limited = true;
	if (way->source_count < RULE_SOURCES)
		way->sources[way->source_count++] = *source;
}

void interfaces_add(struct rule_interfaces *interfaces, const char *name)
{
	if (name && interfaces->count < RULE_INTERFACES)
		snprintf(interfaces->names[interfaces->count++], IFNAMSIZ, "%s", name);
	else
		interfaces->more = true;
}

void way_interfaces(struct way *way, const struct rule_interfaces *interfaces)
{
	if (!interfaces->negated || !way->interfaces.count)
		way->interfaces = *interfaces;
}

bool interface_is(const char *pattern, const char *name)
{
	size_t length = strlen(pattern);
	bool open = length && strchr("*+", pattern[length - 1]);

	return open ? !strncmp(pattern, name, length - 1) : !strcmp(pattern, name);
}

int ruleset_add_forward(struct ruleset *ruleset, const struct way *way, const char *rule,
			const char *undo, const struct address ends[2], unsigned target_port)
{
	struct forward *forward;

	if (ports_none(&way->ports))
		return 0;
	forward =
		ruleset_row(ruleset, &ruleset->forwards, &ruleset->forward_count, sizeof(*forward));
	if (!forward)
		return ruleset->forward_count >= RULESET_ENTRIES ? 0 : -ENOMEM;
	snprintf(forward->rule, sizeof(forward->rule), "%s", rule);
	snprintf(forward->undo, sizeof(forward->undo), "%s", undo);
	forward->first = ends[0];
	forward->last = ends[1];
	forward->forbidden = forbidden_in(&way->ports);
	if (target_port) {
		struct port_set target = {};

		ports_add(&target, target_port, target_port);
		forward->forbidden |= forbidden_in(&target);
	}
	write_ports(&way->ports, forward->ports, sizeof(forward->ports));
	forward->interfaces = way->interfaces;
	memcpy(forward->sources, way->sources, sizeof(forward->sources));
	forward->source_count = way->source_count;
	forward->source_limited = way->source_limited;
	return 0;
}

int ruleset_add_helper(struct ruleset *ruleset, const char *rule, const char *undo)
{
	struct helper *helper =
		ruleset_row(ruleset, &ruleset->helpers, &ruleset->helper_count, sizeof(*helper));

	if (!helper)
		return ruleset->helper_count >= RULESET_ENTRIES ? 0 : -ENOMEM;
	snprintf(helper->rule, sizeof(helper->rule), "%s", rule);
	snprintf(helper->undo, sizeof(helper->undo), "%s", undo);
	return 0;
}
