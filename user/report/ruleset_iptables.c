/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What iptables-save prints: "-A CHAIN …" lines between "*table" and "COMMIT". Options that take no
 * part in where a packet goes are passed over.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/ruleset.h"

#define MOST_WORDS 256
#define MOST_LINE  4096
#define MOST_DEPTH 16
#define MOST_STEPS 2000000

/* The lines of one table, as they are: a copy of the text, cut at its newlines. */
struct table_lines {
	char **lines;
	size_t count;
};

struct reading {
	const char *command;
	const char *table;
	struct table_lines nat;
	struct ruleset *ruleset;
	size_t steps;
	int err;
};

struct words {
	char text[MOST_LINE];
	char *word[MOST_WORDS];
	size_t count;
};

/* ------------------------------------------------------------------ words */

/* As a shell would: blanks part, quotes keep together, a backslash takes the next as it is. */
static void split(const char *line, struct words *words)
{
	char *out = words->text;
	const char *end = words->text + sizeof(words->text) - 1;
	bool quoted = false, open = false;

	words->count = 0;
	for (; *line && out < end; line++) {
		if (!quoted && (*line == ' ' || *line == '\t')) {
			if (open)
				*out++ = 0;
			open = false;
			continue;
		}
		if (!open) {
			if (words->count == MOST_WORDS)
				break;
			words->word[words->count++] = out;
			open = true;
		}
		if (*line == '"')
			quoted = !quoted;
		else if (*line == '\\' && line[1])
			*out++ = *++line;
		else
			*out++ = *line;
	}
	*out = 0;
}

static bool is(const char *word, const char *one, const char *other)
{
	return !strcmp(word, one) || (other && !strcmp(word, other));
}

/* "5060", "5004:5035", "80,443,8000:8010". */
static void take_ports(struct way *way, const char *list, bool negated)
{
	struct port_set ports = {};
	char text[256], *rest;

	snprintf(text, sizeof(text), "%s", list);
	for (char *one = strtok_r(text, ",", &rest); one; one = strtok_r(NULL, ",", &rest)) {
		char *colon = strchr(one, ':');
		uint64_t first, last;

		if (colon)
			*colon = 0;
		if (number_parse(one, 0, 65535, &first))
			continue;
		last = first;
		if (colon && number_parse(colon + 1, 0, 65535, &last))
			continue;
		ports_add(&ports, (unsigned)first, (unsigned)last);
	}
	if (negated)
		ports_invert(&ports);
	ports_meet(&way->ports, &ports);
}

static void take_source(struct way *way, const char *text, bool negated)
{
	struct prefix source;

	way->source_limited = true;
	if (!negated && !prefix_parse(text, &source))
		way_source(way, &source);
}

static void take_interface(struct way *way, const char *name, bool negated)
{
	struct rule_interfaces interfaces = {.negated = negated};

	interfaces_add(&interfaces, name);
	way_interfaces(way, &interfaces);
}

/* NETMAP's "192.168.10.0/29". */
static bool parse_network(const char *text, struct address ends[2])
{
	struct prefix network;

	if (prefix_parse(text, &network))
		return false;
	ends[0] = ends[1] = network.address;
	for (unsigned bit = network.length; bit < 128; bit++)
		ends[1].bytes[bit / 8] |= (uint8_t)(0x80 >> (bit % 8));
	return true;
}

/* "192.168.10.2", "192.168.10.2-192.168.10.9:5060", "[fd00::2]:443". The port 0: as it came. */
static bool parse_target(const char *text, struct address ends[2], unsigned *ret_port)
{
	char copy[160], *last, *port = NULL, *at = copy;
	uint64_t number = 0;

	snprintf(copy, sizeof(copy), "%s", text);
	if (*at == '[') {
		char *bracket = strchr(++at, ']');

		if (!bracket)
			return false;
		*bracket = 0;
		port = bracket[1] == ':' ? bracket + 2 : NULL;
	} else if (strchr(at, ':') == strrchr(at, ':') && strchr(at, ':')) {
		port = strchr(at, ':') + 1;
		port[-1] = 0;
	}
	last = strchr(at, '-');
	if (last)
		*last++ = 0;
	if (address_parse(at, &ends[0]) || address_parse(last ? last : at, &ends[1]))
		return false;
	if (port) {
		port[strcspn(port, "-/")] = 0;
		number_parse(port, 0, 65535, &number);
	}
	*ret_port = (unsigned)number;
	return true;
}

/* ------------------------------------------------------------------ rules */

/* What a rule says, as far as we ask. */
struct rule {
	const char *target, *to, *helper;
};

static void take_option(const char *option, const char *value, bool negated, struct way *way,
			struct rule *rule)
{
	if (is(option, "--dport", "--destination-port") || is(option, "--dports", "--ports") ||
	    is(option, "--destination-ports", NULL))
		take_ports(way, value, negated);
	else if (is(option, "-s", "--source") || is(option, "--src-range", NULL))
		take_source(way, value, negated);
	else if (is(option, "--match-set", NULL))
		way->source_limited = true;
	else if (is(option, "-i", "--in-interface"))
		take_interface(way, value, negated);
	else if (is(option, "-j", "-g"))
		rule->target = value;
	else if (is(option, "--to-destination", "--to"))
		rule->to = value;
	else if (is(option, "--helper", NULL))
		rule->helper = value;
}

static struct rule parse_rule(const struct words *words, struct way *way)
{
	struct rule rule = {};
	bool negated = false;

	for (size_t i = 2; i + 1 < words->count; i++) {
		if (!strcmp(words->word[i], "!")) {
			negated = true;
			continue;
		}
		if (words->word[i][0] != '-')
			continue;
		take_option(words->word[i], words->word[i + 1], negated, way, &rule);
		negated = false;
	}
	return rule;
}

static void name_line(const struct reading *reading, const char *line, char *name, char *undo)
{
	char chain[64] = "";

	sscanf(line, "-A %63s", chain);
	snprintf(name, RULE_TEXT, "%s -t %s %s", reading->command, reading->table, chain);
	snprintf(undo, RULE_UNDO_TEXT, "%s -t %s -D%s", reading->command, reading->table, line + 2);
}

static void walk_chain(struct reading *reading, const struct way *start, const char *chain,
		       unsigned depth);

static void walk_line(struct reading *reading, const struct way *start, const char *line,
		      const char *chain, unsigned depth)
{
	char name[RULE_TEXT], undo[RULE_UNDO_TEXT];
	struct way way = *start;
	struct address ends[2];
	struct words words;
	struct rule rule;
	unsigned port = 0;
	bool whole;

	split(line, &words);
	if (words.count < 3 || strcmp(words.word[1], chain))
		return;
	rule = parse_rule(&words, &way);
	if (!rule.target)
		return;
	whole = !strcmp(rule.target, "NETMAP");
	if (strcmp(rule.target, "DNAT") && !whole) {
		walk_chain(reading, &way, rule.target, depth + 1);
		return;
	}
	if (!rule.to || reading->err ||
	    !(whole ? parse_network(rule.to, ends) : parse_target(rule.to, ends, &port)))
		return;
	name_line(reading, line, name, undo);
	reading->err = ruleset_add_forward(reading->ruleset, &way, name, undo, ends, port);
}

static void walk_chain(struct reading *reading, const struct way *start, const char *chain,
		       unsigned depth)
{
	size_t length = strlen(chain);

	for (size_t i = 0; i < reading->nat.count && depth <= MOST_DEPTH; i++) {
		const char *line = reading->nat.lines[i];

		if (++reading->steps > MOST_STEPS) {
			reading->ruleset->cut = true;
			return;
		}
		if (!strncmp(line + 3, chain, length) && line[3 + length] == ' ')
			walk_line(reading, start, line, chain, depth);
	}
}

/* A helper counts in whatever table and chain it is given. */
static void take_helper(struct reading *reading, const char *line)
{
	char name[RULE_TEXT], undo[RULE_UNDO_TEXT];
	struct words words;
	struct rule rule;
	struct way way;

	if (!strstr(line, "--helper") || reading->err)
		return;
	way_start(&way);
	split(line, &words);
	rule = parse_rule(&words, &way);
	if (!rule.target || strcmp(rule.target, "CT") || !is_sip_helper(rule.helper))
		return;
	name_line(reading, line, name, undo);
	reading->err = ruleset_add_helper(reading->ruleset, name, undo);
}

/* OpenWrt's target, in whatever chain: flows on any interface go past forwarding. */
static void take_offload(struct reading *reading, const char *line)
{
	struct ruleset *ruleset = reading->ruleset;
	struct flowtable *row;
	struct words words;
	struct rule rule;
	struct way way;

	if (!strstr(line, "FLOWOFFLOAD"))
		return;
	way_start(&way);
	split(line, &words);
	rule = parse_rule(&words, &way);
	if (!rule.target || strcmp(rule.target, "FLOWOFFLOAD"))
		return;
	row = ruleset_row(ruleset, &ruleset->flowtables, &ruleset->flowtable_count, sizeof(*row));
	if (!row)
		return;
	name_line(reading, line, row->name, row->undo);
	row->everywhere = true;
	for (size_t i = 2; i < words.count; i++)
		row->offload |= !strcmp(words.word[i], "--hw");
}

static int keep_line(struct table_lines *table, char *line)
{
	char **lines;

	if (!(table->count & (table->count + 1))) { /* 0, 1, 3, 7 … */
		lines = realloc(table->lines, 2 * (table->count + 1) * sizeof(*lines));
		if (!lines)
			return -ENOMEM;
		table->lines = lines;
	}
	table->lines[table->count++] = line;
	return 0;
}

static void read_lines(struct reading *reading, char *text)
{
	char *rest;

	for (char *line = strtok_r(text, "\n", &rest); line && !reading->err;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (*line == '*')
			reading->table = line + 1;
		if (strncmp(line, "-A ", 3))
			continue;
		take_helper(reading, line);
		take_offload(reading, line);
		if (!reading->err && !strcmp(reading->table, "nat"))
			reading->err = keep_line(&reading->nat, line);
	}
}

int ruleset_read_iptables(const char *command, const char *text, size_t size,
			  struct ruleset *ruleset)
{
	struct reading reading = {.command = command, .table = "", .ruleset = ruleset};
	_cleanup_(freep) char *copy = strndup(text, size);
	struct way way;

	if (!copy)
		return -ENOMEM;
	read_lines(&reading, copy);
	reading.table = "nat";
	way_start(&way);
	if (!reading.err)
		walk_chain(&reading, &way, "PREROUTING", 0);
	free(reading.nat.lines);
	return reading.err;
}
