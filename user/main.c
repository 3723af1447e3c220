/* SPDX-License-Identifier: GPL-2.0 */
/* agfeoctl: options that may stand anywhere on the line, the table of commands, the exit status. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/nearest.h"
#include "command/command.h"
#include "commands.h"

static const struct command *const commands[] = {
#define X(name) &command_##name,
	COMMANDS_BUILT(X)
#undef X
		NULL,
};

/* What the line says besides the command and its own words. */
struct line {
	struct context context;
	bool help;
	bool version;
};

static const char *from_environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

static struct line line_default(void)
{
	return (struct line){
		.context.config = from_environment("AGFEO_CONFIG", "/etc/agfeo/agfeo.conf"),
		.context.pin = from_environment("AGFEO_PIN", "/sys/fs/bpf/agfeo"),
		.context.run = "/run/agfeo",
	};
}

/* ------------------------------------------------------------------ help */

static void print_usage(FILE *out)
{
	fprintf(out, "usage: agfeoctl [OPTIONS] COMMAND [ARGUMENTS]\n\n"
		     "Firewall, QoS marker and voice telemetry for AGFEO telephone systems.\n\n"
		     "Commands:\n");
	for (const struct command *const *command = commands; *command; command++)
		fprintf(out, "  %-10s %s\n", (*command)->name, (*command)->help);
	fprintf(out, "\nOptions of every command, anywhere on the line:\n");
	options_print_context(out);
	fprintf(out, "\nExit status: 0 done, 1 failed or refused, 2 wrong usage.\n"
		     "More on a command with 'agfeoctl COMMAND --help'.\n");
}

static const struct command *find_command(const char *name)
{
	for (const struct command *const *command = commands; *command; command++) {
		if (!strcmp((*command)->name, name))
			return *command;
	}
	return NULL;
}

static int refuse_unknown(const char *name)
{
	const char *names[ARRAY_SIZE(commands) + 1] = {"help"};
	const char *nearest;

	for (size_t i = 0; commands[i]; i++)
		names[i + 1] = commands[i]->name;
	nearest = word_nearest(name, names);
	if (nearest)
		fail(0, "there is no command '%s': did you mean '%s'?", name, nearest);
	else
		fail(0, "there is no command '%s': 'agfeoctl help' lists them", name);
	return EXIT_USAGE;
}

/* ------------------------------------------------------------------ the line */

static bool take_flag(const char *word, struct line *line)
{
	const struct {
		const char *brief, *full;
		bool *value;
	} flags[] = {
		{NULL, "--json", &line->context.json},
		{"-v", "--verbose", &line->context.verbose},
		{"-h", "--help", &line->help},
		{"-V", "--version", &line->version},
	};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		if (!strcmp(word, flags[i].full) ||
		    (flags[i].brief && !strcmp(word, flags[i].brief))) {
			*flags[i].value = true;
			return true;
		}
	}
	return false;
}

/* Whether `word` is the option `name`, alone or as "name=value" (then *ret_value is its value). */
static bool is_option(const char *word, const char *name, const char **ret_value)
{
	size_t length = strlen(name);

	if (strncmp(word, name, length) || (word[length] && word[length] != '='))
		return false;
	*ret_value = word[length] ? word + length + 1 : NULL;
	return true;
}

/* How many words a path option takes at argv[0]; 0: it is none; negative: its path is missing. */
static int take_path(char **argv, struct line *line)
{
	const struct {
		const char *name;
		const char **value;
	} paths[] = {
		{"-c", &line->context.config},
		{"--config", &line->context.config},
		{"--pin", &line->context.pin},
		{"--run", &line->context.run},
	};
	const char *value = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		int words = 1;

		if (!is_option(argv[0], paths[i].name, &value))
			continue;
		if (!value) {
			value = argv[1];
			words = 2;
		}
		if (!value || !*value)
			return fail(0, "%s wants a path after it", paths[i].name);
		*paths[i].value = value;
		return words;
	}
	return 0;
}

/*
 * Takes the options of every command out of argv, up to "--", which stays for the command. Returns
 * the words left, argv[0] among them, or a negative value.
 */
static int take_line(int argc, char **argv, struct line *line)
{
	int left = 1;

	bool ended = false;

	for (int at = 1; at < argc;) {
		int words = 0;

		ended = ended || !strcmp(argv[at], "--");
		if (!ended)
			words = take_flag(argv[at], line) ? 1 : take_path(&argv[at], line);
		if (words < 0)
			return words;
		if (words == 0)
			argv[left++] = argv[at++];
		at += words;
	}
	argv[left] = NULL;
	return left;
}

/* Where the command's name stands among the words left; 0: nowhere. */
static int command_position(int argc, char **argv)
{
	for (int at = 1; at < argc; at++) {
		if (argv[at][0] != '-')
			return at;
	}
	return 0;
}

/* ------------------------------------------------------------------ running it */

/* The command prints its own help, since it alone knows its options. */
static int print_command_help(const struct command *command, const struct context *context)
{
	char name[32], help[] = "--help";
	char *argv[] = {name, help, NULL};

	snprintf(name, sizeof(name), "%s", command->name);
	command->run(context, 2, argv);
	return EXIT_DONE;
}

static int run_command(const struct line *line, const char *name, int argc, char **argv)
{
	const struct command *command = find_command(name);

	if (!command)
		return refuse_unknown(name);
	if (line->help)
		return print_command_help(command, &line->context);
	return command->run(&line->context, argc, argv);
}

/* "help" and "help COMMAND" are other words for --help. */
static int run_line(struct line *line, int argc, char **argv)
{
	int at = command_position(argc, argv);

	if (line->version) {
		printf("agfeoctl %s\n", AGFEO_VERSION);
		return EXIT_DONE;
	}
	if (at && !strcmp(argv[at], "help")) {
		memmove(&argv[at], &argv[at + 1], (argc - at) * sizeof(*argv));
		argc--;
		line->help = true;
		at = command_position(argc, argv);
	}
	if (!at && argc > 1 && !line->help) {
		fail(0, "there is no option '%s': 'agfeoctl help' lists them", argv[1]);
		return EXIT_USAGE;
	}
	if (!at) {
		print_usage(line->help ? stdout : stderr);
		return line->help ? EXIT_DONE : EXIT_USAGE;
	}

	argv[0] = argv[at]; /* what stood before the name follows it */
	memmove(&argv[at], &argv[at + 1], (argc - at) * sizeof(*argv));
	return run_command(line, argv[0], argc - 1, argv);
}

/* A full disk or a closed pipe must not look like success. */
static int close_output(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	fail(errno, "standard output");
	return status == EXIT_DONE ? EXIT_FAILED : status;
}

/* Pure code hands -ENOMEM on without a word: its callers are many, and have nothing to add. */
static int explain_silence(int status, int error)
{
	if (status == EXIT_FAILED && error == ENOMEM && !log_has_failed())
		fail(error, "nothing was done");
	return status;
}

int main(int argc, char **argv)
{
	struct line line = line_default();
	int left = take_line(argc, argv, &line), status;

	if (left < 0)
		return EXIT_USAGE;
	log_set_verbose(line.context.verbose);
	errno = 0;
	status = run_line(&line, left, argv);
	return close_output(explain_silence(status, errno));
}
