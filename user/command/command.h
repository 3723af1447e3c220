/* SPDX-License-Identifier: GPL-2.0 */
/* A command is a file: cmd_*.c, one entry point each, listed in the table of main.c. */
#ifndef USER_COMMAND_COMMAND_H
#define USER_COMMAND_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* What every command knows: the options that may stand anywhere on the line. */
struct context {
	const char *config; /* -c FILE, AGFEO_CONFIG, /etc/agfeo/agfeo.conf */
	const char *pin;    /* --pin DIR, AGFEO_PIN, /sys/fs/bpf/agfeo */
	const char *run;    /* --run DIR, /run/agfeo */
	bool json;	    /* --json */
	bool verbose;	    /* -v, --verbose */
};

struct command {
	const char *name;
	/* argv[0] is the command's name; the context's options are already taken out.
	 * Returns an exit status: EXIT_DONE, EXIT_FAILED or EXIT_USAGE. */
	int (*run)(const struct context *context, int argc, char **argv);
	const char *arguments; /* for usage: "[ID]" */
	const char *help;      /* one line */
	const char *notes;     /* what else --help says, or NULL */
};

enum exit_status { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* A command's own options, as rows. A terminating row has a NULL name. */
enum option_type { OPTION_FLAG, OPTION_TEXT, OPTION_NUMBER };

struct option_row {
	const char *name; /* "--confirm" */
	enum option_type type;
	void *value;	      /* bool *, const char **, unsigned * */
	const char *argument; /* "SECONDS", for usage */
	const char *help;
};

/*
 * Takes the options out of argv (they may stand anywhere; "--" ends them; "--name=value" works) and
 * leaves the positional arguments in argv[1..]. Checks their number. Returns how many there are, or
 * a negative value after a usage message was printed on standard error. rows may be NULL.
 * Every command calls it before it does anything: it is also what answers "--help" (printed on
 * standard output, then negative; main knows that help was wanted and exits 0).
 */
int options_take(const struct command *command, const struct option_row *rows, int argc,
		 char **argv, int minimum, int maximum);

/* Explains the options of struct context, a line each: the end of every help. */
void options_print_context(FILE *out);

#define COMMANDS(X)                                                                                \
	X(models)                                                                                  \
	X(check)                                                                                   \
	X(explain)                                                                                 \
	X(load)                                                                                    \
	X(confirm)                                                                                 \
	X(unload)                                                                                  \
	X(status)                                                                                  \
	X(stats)                                                                                   \
	X(flows)                                                                                   \
	X(calls)                                                                                   \
	X(drops)                                                                                   \
	X(top)                                                                                     \
	X(export)                                                                                  \
	X(run)                                                                                     \
	X(replay)                                                                                  \
	X(audit)                                                                                   \
	X(discover)                                                                                \
	X(generate)

/* Every cmd_NAME.c defines `const struct command command_NAME`. */
#define X(name) extern const struct command command_##name;
COMMANDS(X)
#undef X

#endif
