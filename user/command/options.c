/* SPDX-License-Identifier: GPL-2.0 */
/* Options of one command, as rows: taking them out of the line and explaining them. */
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/log.h"
#include "base/nearest.h"
#include "command/command.h"

#define MAX_ROWS 32

static const struct option_row no_rows[] = {{0}};

static void print_row(FILE *out, const char *name, const char *argument, const char *help)
{
	int width = fprintf(out, "  %s%s%s", name, argument ? " " : "", argument ? argument : "");

	fprintf(out, "%*s%s\n", width < 22 ? 24 - width : 2, "", help);
}

void options_print_context(FILE *out)
{
	print_row(out, "-c, --config", "FILE",
		  "configuration [AGFEO_CONFIG, /etc/agfeo/agfeo.conf]");
	print_row(out, "--pin", "DIR", "pinned programs and maps [AGFEO_PIN, /sys/fs/bpf/agfeo]");
	print_row(out, "--run", "DIR", "run-time state [/run/agfeo]");
	print_row(out, "--json", NULL, "JSON instead of text");
	print_row(out, "-v, --verbose", NULL, "say what is being done");
	print_row(out, "-h, --help", NULL, "this help");
	print_row(out, "-V, --version", NULL, "the version");
}

static void print_synopsis(FILE *out, const struct command *command)
{
	bool arguments = command->arguments && *command->arguments;

	fprintf(out, "usage: agfeoctl %s%s%s\n", command->name, arguments ? " " : "",
		arguments ? command->arguments : "");
}

static void print_help(const struct command *command, const struct option_row *rows)
{
	print_synopsis(stdout, command);
	printf("\n%s\n", command->help);
	if (command->notes)
		printf("\n%s\n", command->notes);
	if (rows->name)
		printf("\nOptions of %s:\n", command->name);
	for (; rows->name; rows++)
		print_row(stdout, rows->name, rows->argument, rows->help);
	printf("\nOptions of every command:\n");
	options_print_context(stdout);
}

/* What follows every complaint. Always negative. */
static int refuse(const struct command *command)
{
	print_synopsis(stderr, command);
	fprintf(stderr, "More with 'agfeoctl %s --help'.\n", command->name);
	return -1;
}

static int refuse_unknown(const struct command *command, const struct option_row *rows,
			  const char *word)
{
	const char *names[MAX_ROWS + 1] = {NULL};
	const char *nearest;

	for (size_t i = 0; i < MAX_ROWS && rows[i].name; i++)
		names[i] = rows[i].name;
	nearest = word_nearest(word, names);
	if (nearest)
		fail(0, "%s: there is no option '%s': did you mean '%s'?", command->name, word,
		     nearest);
	else
		fail(0, "%s: there is no option '%s'", command->name, word);
	return refuse(command);
}

/* The row of "--name" or "--name=value"; its value, if it stands there, in *ret_value. */
static const struct option_row *find_row(const struct option_row *rows, const char *word,
					 const char **ret_value)
{
	const char *equals = strchr(word, '=');
	size_t length = equals ? (size_t)(equals - word) : strlen(word);

	for (; rows->name; rows++) {
		if (strlen(rows->name) == length && !strncmp(rows->name, word, length)) {
			*ret_value = equals ? equals + 1 : NULL;
			return rows;
		}
	}
	return NULL;
}

static int set_number(const struct command *command, const struct option_row *row, const char *text)
{
	uint64_t number;

	if (number_parse(text, 0, UINT_MAX - 1, &number)) { /* UINT_MAX: not given */
		fail(0, "%s: %s wants a whole number, not '%s'", command->name, row->name, text);
		return refuse(command);
	}
	*(unsigned *)row->value = number;
	return 0;
}

/* value is NULL only for flags. */
static int set_value(const struct command *command, const struct option_row *row, const char *value)
{
	switch (row->type) {
	case OPTION_FLAG:
		*(bool *)row->value = true;
		return 0;
	case OPTION_TEXT:
		*(const char **)row->value = value;
		return 0;
	case OPTION_NUMBER:
		return set_number(command, row, value);
	}
	return -1;
}

/* Sets the option at argv[at]. Returns how many words it took, or a negative value. */
static int take_option(const struct command *command, const struct option_row *rows, int argc,
		       char **argv, int at)
{
	const char *value = NULL;
	const struct option_row *row = find_row(rows, argv[at], &value);
	int words = 1;

	if (!row)
		return refuse_unknown(command, rows, argv[at]);
	if (row->type == OPTION_FLAG && value) {
		fail(0, "%s: %s takes no value", command->name, row->name);
		return refuse(command);
	}
	if (row->type != OPTION_FLAG && !value) {
		if (at + 1 >= argc) {
			fail(0, "%s: %s wants %s after it", command->name, row->name,
			     row->argument ? row->argument : "a value");
			return refuse(command);
		}
		value = argv[at + 1];
		words = 2;
	}
	return set_value(command, row, value) ? -1 : words;
}

static int check_count(const struct command *command, int count, int minimum, int maximum)
{
	if (count >= minimum && count <= maximum)
		return count;
	if (minimum == maximum)
		fail(0, "%s: %d argument%s expected, %d given", command->name, minimum,
		     minimum == 1 ? "" : "s", count);
	else
		fail(0, "%s: %d to %d arguments expected, %d given", command->name, minimum,
		     maximum, count);
	return refuse(command);
}

int options_take(const struct command *command, const struct option_row *rows, int argc,
		 char **argv, int minimum, int maximum)
{
	bool ended = false;
	int count = 0;

	if (!rows)
		rows = no_rows;
	for (int at = 1; at < argc;) {
		const char *word = argv[at];
		int words;

		if (ended || word[0] != '-' || !word[1]) { /* "-" is an argument: standard input */
			argv[++count] = argv[at++];
			continue;
		}
		if (!strcmp(word, "--")) {
			ended = true;
			at++;
			continue;
		}
		if (!strcmp(word, "--help")) {
			print_help(command, rows);
			return -1;
		}
		words = take_option(command, rows, argc, argv, at);
		if (words < 0)
			return words;
		at += words;
	}
	return check_count(command, count, minimum, maximum);
}
