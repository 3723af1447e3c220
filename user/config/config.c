/* SPDX-License-Identifier: GPL-2.0 */
/* Text to struct site: sections, and which key means what in them; see config.h. */
#include "config/config.h"
#include "base/log.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/parse.h"

#define MOST_BYTES (64u << 20) /* of a configuration: something else was named by mistake */

/* ------------------------------------------------------------------ sections */

/* A section that was seen, kept in a tree by its title. */
struct section {
	int line;
	char title[64];
};

static int compare_sections(const void *left, const void *right)
{
	return strcmp(((const struct section *)left)->title,
		      ((const struct section *)right)->title);
}

static const char *const section_kinds[] = {"site", "interface", "provider", "device",
					    "qos",  "export",	 NULL};

/* Remembers the section. False when it was there before: its keys then mean nothing. */
static bool remember(struct parser *parser, const char *title)
{
	struct section *section = calloc(1, sizeof(*section));
	struct section **found;

	if (!section) {
		parser->faults.out_of_memory = true;
		return false;
	}
	strcpy(section->title, title);
	section->line = parser->section_line;
	found = tsearch(section, &parser->sections, compare_sections);
	if (found && *found == section) {
		parser->title = section->title;
		return true;
	}
	if (found)
		fault(&parser->faults, parser->section_line,
		      "[%s] stands here a second time (first on line %d); put its keys there",
		      title, (*found)->line);
	else
		parser->faults.out_of_memory = true;
	free(section);
	return false;
}

static void open_interface(struct parser *parser, const char *name)
{
	struct site *site = parser->site;
	struct interface *interface;

	if (strlen(name) >= IFNAMSIZ || strchr(name, '/') || !strcmp(name, ".") ||
	    !strcmp(name, "..")) {
		fault(&parser->faults, parser->section_line,
		      "[interface %s]: no interface can have this name: at most %d letters, no '/'",
		      name, IFNAMSIZ - 1);
		return;
	}
	interface = append(&site->interfaces, &site->interface_count, sizeof(*interface));
	if (!interface) {
		parser->faults.out_of_memory = true;
		return;
	}
	strcpy(interface->name, name);
	interface->line = parser->section_line;
	parser->keys = interface_keys;
}

static void open_provider(struct parser *parser, const char *name)
{
	struct site *site = parser->site;
	struct provider *provider;

	if (site->provider_count == AGFEO_MAX_PROVIDERS) {
		fault(&parser->faults, parser->section_line,
		      "[provider %s]: more than %d providers; join the networks of some", name,
		      AGFEO_MAX_PROVIDERS);
		return;
	}
	provider = append(&site->providers, &site->provider_count, sizeof(*provider));
	if (!provider) {
		parser->faults.out_of_memory = true;
		return;
	}
	strcpy(provider->name, name);
	provider->line = parser->section_line;
	parser->keys = provider_keys;
}

static void open_device(struct parser *parser, const char *name)
{
	struct site *site = parser->site;
	struct device *device = append(&site->devices, &site->device_count, sizeof(*device));
	struct device_lines *lines =
		append(&parser->device_lines, &parser->device_lines_count, sizeof(*lines));

	if (!device || !lines) {
		parser->faults.out_of_memory = true;
		return;
	}
	strcpy(device->name, name);
	device->line = parser->section_line;
	parser->keys = device_keys;
}

static const struct {
	const char *kind;
	const struct key *keys;				       /* of a section without a name */
	void (*open)(struct parser *parser, const char *name); /* of one with a name */
} sections[] = {
	{"site", site_keys, NULL},	   {"qos", qos_keys, NULL},
	{"export", export_keys, NULL},	   {"interface", NULL, open_interface},
	{"provider", NULL, open_provider}, {"device", NULL, open_device},
};

static void open_known(struct parser *parser, size_t which, const char *name)
{
	char title[64];

	if (sections[which].keys && name) {
		fault(&parser->faults, parser->section_line, "[%s] takes no name; write [%s]",
		      sections[which].kind, sections[which].kind);
		return;
	}
	if (sections[which].open && !name) {
		fault(&parser->faults, parser->section_line, "[%s] needs a name; write [%s NAME]",
		      sections[which].kind, sections[which].kind);
		return;
	}
	snprintf(title, sizeof(title), "%s%s%s", sections[which].kind, name ? " " : "",
		 name ? name : "");
	if (!remember(parser, title))
		return;
	if (sections[which].open)
		sections[which].open(parser, name);
	else
		parser->keys = sections[which].keys;
}

/* Tells which required keys of the section that ends here are missing. */
static void close_section(struct parser *parser)
{
	for (size_t i = 0; parser->keys && parser->keys[i].name; i++)
		if (parser->keys[i].required && !parser->seen[i])
			fault(&parser->faults, parser->section_line,
			      "[%s]: %s is missing; write %s", parser->title, parser->keys[i].name,
			      parser->keys[i].required);
	parser->keys = NULL;
}

static void open_section(struct parser *parser, const char *header)
{
	char text[64], *words[2];
	size_t count;

	close_section(parser);
	memset(parser->seen, 0, sizeof(parser->seen));
	parser->section_line = parser->reader.line;
	if (parser->reader.broken)
		return;

	snprintf(text, sizeof(text), "%s", header);
	count = split_words(text, words, ARRAY_SIZE(words));
	if (!count || count > ARRAY_SIZE(words)) {
		fault(&parser->faults, parser->section_line,
		      "[%s] is no section; write [site] or [device NAME], the name in one word",
		      header);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		if (!strcmp(sections[i].kind, words[0])) {
			open_known(parser, i, count == 2 ? words[1] : NULL);
			return;
		}
	fault_unknown(&parser->faults, parser->section_line, "section", words[0], section_kinds);
}

/* ------------------------------------------------------------------ keys */

static void take_entries(struct parser *parser, const struct key *key)
{
	char *rest = parser->value, *entry;

	while ((entry = next_entry(&rest))) {
		if (*entry)
			key->take(parser, entry);
		else
			complain(parser,
				 "an entry of the list is empty; take the surplus comma away");
	}
}

static void take_value(struct parser *parser, size_t index)
{
	const struct key *key = &parser->keys[index];
	int first = parser->seen[index];

	parser->key = key->name;
	if (!first)
		parser->seen[index] = parser->reader.line;
	if (parser->keys == device_keys)
		parser->device_lines[parser->device_lines_count - 1].line[index] =
			parser->seen[index];

	if (!*parser->value)
		complain(parser,
			 "nothing stands after the '='; write a value or take the line away");
	else if (key->list)
		take_entries(parser, key);
	else if (first)
		complain(parser, "stands here a second time (first on line %d); keep one of them",
			 first);
	else
		key->take(parser, parser->value);
}

static void take_key(struct parser *parser, const char *name)
{
	const char *names[MAX_KEYS + 1] = {NULL};
	char what[96];

	if (!parser->keys) {
		if (!parser->section_line)
			fault(&parser->faults, parser->reader.line,
			      "%s: stands before any section; put it under its [section]", name);
		return;
	}
	for (size_t i = 0; parser->keys[i].name; i++) {
		names[i] = parser->keys[i].name;
		if (!strcmp(names[i], name)) {
			take_value(parser, i);
			return;
		}
	}
	snprintf(what, sizeof(what), "[%s]: key", parser->title);
	fault_unknown(&parser->faults, parser->reader.line, what, name, names);
}

/* inih's handler: pieces of one line are joined, then the key is taken. An empty name is the start
 * of a section. Always 1: faults are ours to tell. */
static int handle(void *context, const char *section, const char *name, const char *value)
{
	struct parser *parser = context;
	size_t size = strlen(value);
	char *grown;

	if (!*name) {
		open_section(parser, section);
		return 1;
	}
	grown = realloc(parser->value, parser->value_size + size + 1);
	if (!grown) {
		parser->faults.out_of_memory = true;
		return 1;
	}
	parser->value = grown;
	memcpy(grown + parser->value_size, value, size + 1);
	parser->value_size += size;
	if (!parser->reader.more) {
		take_key(parser, name);
		parser->value_size = 0;
	}
	return 1;
}

/* ------------------------------------------------------------------ whole */

static const char *const default_networks[] = {"10.0.0.0/8",	 "172.16.0.0/12", "192.168.0.0/16",
					       "169.254.0.0/16", "fc00::/7",	  "fe80::/10"};

static struct site *site_new(void)
{
	struct site *site = calloc(1, sizeof(*site));

	if (!site)
		return NULL;
	strcpy(site->name, "site");
	site->new_flows = 100;
	site->flow_count = 16384;
	site->voice = AGFEO_EF;
	site->signalling = AGFEO_KEEP;
	strcpy(site->textfile, "/var/lib/prometheus/node-exporter/agfeo.prom");
	site->interval_seconds = 15;
	return site;
}

/* Private and link-local addresses (RFC 1918, 3927, 4193, 4291), where the site names none. */
static void add_default_networks(struct parser *parser)
{
	struct site *site = parser->site;

	if (site->network_count)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(default_networks); i++) {
		struct prefix *network =
			append(&site->networks, &site->network_count, sizeof(*network));

		if (network)
			prefix_parse(default_networks[i], network);
		else
			parser->faults.out_of_memory = true;
	}
}

static void parser_release(struct parser *parser)
{
	faults_release(&parser->faults);
	tdestroy(parser->sections, free);
	free(parser->reader.text);
	free(parser->value);
	free(parser->device_lines);
	free(parser->places);
	free(parser->words);
	site_free(parser->site);
}

int config_parse(const char *path, const char *text, size_t size, FILE *errors,
		 struct site **ret_site)
{
	_cleanup_(parser_release) struct parser parser = {.site = site_new()};

	if (!parser.site)
		return -ENOMEM;
	parser.reader.at = text;
	parser.reader.end = text + size;
	parser.reader.faults = &parser.faults;

	ini_parse_stream(reader_next, &parser.reader, handle, &parser);
	close_section(&parser);
	add_default_networks(&parser);
	check_site(&parser);

	faults_print(&parser.faults, path, errors);
	if (parser.faults.out_of_memory)
		return -ENOMEM;
	if (parser.faults.count)
		return -EINVAL;
	*ret_site = take_ptr(parser.site);
	return 0;
}

static int read_whole(FILE *file, char **ret_text, size_t *ret_size)
{
	_cleanup_(freep) char *text = NULL;
	size_t size = 0, room = 0, got;

	do {
		if (size == room) {
			char *grown;

			if (room >= MOST_BYTES)
				return -EFBIG;
			room = room ? 2 * room : 65536;
			grown = realloc(text, room + 1);
			if (!grown)
				return -ENOMEM;
			text = grown;
		}
		got = fread(text + size, 1, room - size, file);
		size += got;
	} while (got);
	if (ferror(file))
		return errno ? -errno : -EIO;
	text[size] = '\0';
	*ret_text = take_ptr(text);
	*ret_size = size;
	return 0;
}

static int read_file(const char *path, FILE *errors, bool trusted, struct site **ret_site)
{
	_cleanup_(fclosep) FILE *file = fopen(path, "re");
	_cleanup_(freep) char *text = NULL;
	size_t size = 0;
	int err;

	if (file && trusted && trust_check(path, fileno(file), errors))
		return -EPERM;
	err = file ? read_whole(file, &text, &size) : -errno;
	if (err) {
		say_at(errors, path, 0, "the configuration cannot be read: %s", strerror(-err));
		return err;
	}
	err = config_parse(path, text, size, errors, ret_site);
	if (!err)
		(*ret_site)->text = take_ptr(text);
	return err;
}

int config_read(const char *path, FILE *errors, struct site **ret_site)
{
	return read_file(path, errors, false, ret_site);
}

int config_read_trusted(const char *path, FILE *errors, struct site **ret_site)
{
	return read_file(path, errors, true, ret_site);
}
