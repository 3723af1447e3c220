/* SPDX-License-Identifier: GPL-2.0 */
/* explain: what happens to a new flow, and why. Asks the compiled policy, and where it may look, which
 * addresses AGFEO's hosts are known by; needs no privilege. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/names.h"
#include "base/printable.h"
#include "command/command.h"
#include "config/config.h"
#include "kernel/cloud_maps.h"
#include "kernel/pins.h"
#include "policy/question.h"
#include "report/table.h"

#define EXPLAIN_TICK_NS 1000000 /* idle times play no part in an answer */
#define LINE_BYTES	65536

#define KNOWN_MOST 64 /* addresses that an answer names */

struct explainer {
	const struct policy *policy;
	const struct name_index *names;
	struct known_address
		*known; /* of AGFEO's hosts, where something is loaded and we may look */
	size_t known_count;
	bool json;
	unsigned long line; /* of standard input */
	unsigned long errors;
};

/* ------------------------------------------------------------------ names that are known */

/* Without a word: explain needs no privilege, and nothing loaded. */
static void read_known(struct explainer *explainer, const char *pin)
{
	FILE *quiet = fopen("/dev/null", "we"), *before = log_redirect(quiet);
	struct agfeo_meta meta;
	enum pins_state state;

	if (!pins_inspect(pin, &state, &meta) && state == PINS_LOADED && meta.abi == AGFEO_ABI)
		cloud_maps_list(pin, &meta, &explainer->known, &explainer->known_count);
	log_redirect(before);
	fclosep(&quiet);
}

static bool is_about(const struct asked_question *asked, const struct known_address *row)
{
	const struct address *ends[2] = {&asked->question.source, &asked->question.destination};

	for (int i = 0; i < 2; i++) {
		if (asked->host[i] ? !strcmp(asked->host[i], host_name(row->host))
				   : address_equal(ends[i], &row->address))
			return true;
	}
	return false;
}

/* Those that the question is about, in front of the list; their number. */
static size_t choose_known(const struct explainer *explainer, const struct asked_question *asked,
			   struct known_address *chosen)
{
	size_t count = 0;

	for (size_t i = 0; i < explainer->known_count && count < KNOWN_MOST; i++) {
		if (is_about(asked, &explainer->known[i]))
			chosen[count++] = explainer->known[i];
	}
	return count;
}

static void print_known(const struct known_address *rows, size_t count)
{
	char address[ADDRESS_TEXT], holds[AMOUNT_TEXT];

	for (size_t i = 0; i < count; i++)
		printf("%s%s is %s (%s, holds %s)", i ? ", " : "; ", host_name(rows[i].host),
		       address_format(&rows[i].address, address), known_source(&rows[i]),
		       duration_format(rows[i].seconds > 0 ? (uint64_t)rows[i].seconds : 0, holds));
}

static void print_answer(const struct explainer *explainer, const struct asked_question *asked)
{
	struct known_address known[KNOWN_MOST];
	size_t count = choose_known(explainer, asked, known), size;
	struct question question = asked->question;
	char text[ANSWER_TEXT];
	struct answer answer;

	for (size_t i = 0; i < count; i++)
		question.cloud_hosts |= 1u << known[i].host;
	policy_ask(explainer->policy, &question, &answer);
	if (!explainer->json) {
		size = answer_to_text(asked, &answer, text);
		fwrite(text, 1, size, stdout);
		print_known(known, count);
	} else {
		struct json json = {.out = stdout, .more = true};

		size = answer_to_json(asked, &answer, text);
		fwrite(text, 1, size - (count != 0), stdout); /* less its last brace */
		if (count)
			known_addresses_put(&json, known, count);
		if (count)
			putchar('}');
	}
	putchar('\n');
}

static void print_error(struct explainer *explainer, const char *error)
{
	char text[ANSWER_TEXT];

	explainer->errors++;
	if (explainer->json) {
		question_error_to_json(explainer->line, error, text);
		puts(text);
	} else {
		printf("line %lu: error: ", explainer->line);
		printable_print(stdout, error, strlen(error));
		putchar('\n');
	}
}

/* A line of standard input: three words, or nothing, or a comment. Cuts it up. */
static void explain_line(struct explainer *explainer, char *line)
{
	char *words[4], *rest, error[QUESTION_ERROR];
	struct asked_question asked;
	size_t count = 0;

	explainer->line++;
	for (char *word = strtok_r(line, " \t\r", &rest); word && count < ARRAY_SIZE(words);
	     word = strtok_r(NULL, " \t\r", &rest))
		words[count++] = word;
	if (!count || *words[0] == '#')
		return;
	if (count != 3)
		print_error(explainer, "three words belong on a line: PROTO SRC[:PORT] DST[:PORT]");
	else if (question_parse(explainer->names, words[0], words[1], words[2], &asked, error))
		print_error(explainer, error);
	else
		print_answer(explainer, &asked);
}

/* Takes the whole lines out of the buffer. Returns how many bytes are left over, moved to its start. */
static size_t explain_lines(struct explainer *explainer, char *buffer, size_t size)
{
	char *at = buffer, *end = buffer + size, *newline;

	while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
		*newline = '\0';
		if (memchr(at, '\0', (size_t)(newline - at))) {
			explainer->line++;
			print_error(explainer, "a NUL byte stands in it");
		} else {
			explain_line(explainer, at);
		}
		at = newline + 1;
	}
	memmove(buffer, at, (size_t)(end - at));
	return (size_t)(end - at);
}

/* Reads what there is and answers it at once, so that a pipe may ask and wait for the answer. */
static int explain_input(struct explainer *explainer)
{
	_cleanup_(freep) char *buffer = malloc(LINE_BYTES + 1);
	size_t size = 0;
	ssize_t got;

	if (!buffer)
		return fail(ENOMEM, "explain");
	while ((got = read(STDIN_FILENO, buffer + size, LINE_BYTES - size)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(errno, "explain: standard input");
		size = explain_lines(explainer, buffer, size + (size_t)got);
		if (size == LINE_BYTES)
			return fail(0, "explain: line %lu: longer than %d bytes",
				    explainer->line + 1, LINE_BYTES - 1);
		if (fflush(stdout))
			return fail(errno, "explain: standard output");
	}
	if (size) { /* a last line without its newline */
		buffer[size] = '\n';
		explain_lines(explainer, buffer, size + 1);
	}
	return 0;
}

static int explain_words(struct explainer *explainer, char **words)
{
	char error[QUESTION_ERROR];
	struct asked_question asked;

	if (question_parse(explainer->names, words[0], words[1], words[2], &asked, error)) {
		fail(0, "explain: %s", error);
		return EXIT_USAGE;
	}
	print_answer(explainer, &asked);
	return EXIT_DONE;
}

static int run(const struct context *context, int argc, char **argv)
{
	_cleanup_(name_index_freep) struct name_index *names = NULL;
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_(site_freep) struct site *site = NULL;
	struct explainer explainer = {.json = context->json};
	int count = options_take(&command_explain, NULL, argc, argv, 1, 3), status = EXIT_DONE;

	if (count < 0)
		return EXIT_USAGE;
	if (count == 2 || (count == 1 && strcmp(argv[1], "-"))) {
		fail(0, "explain: write PROTO SRC[:PORT] DST[:PORT], or - to read such lines");
		return EXIT_USAGE;
	}
	if (config_read(context->config, stderr, &site) ||
	    policy_compile(site, context->config, EXPLAIN_TICK_NS, stderr, &policy))
		return EXIT_FAILED;
	names = name_index_new(site);
	if (!names) {
		fail(ENOMEM, "explain");
		return EXIT_FAILED;
	}
	explainer.policy = policy;
	explainer.names = names;
	read_known(&explainer, context->pin);
	if (count == 3)
		status = explain_words(&explainer, argv + 1);
	else if (explain_input(&explainer) || explainer.errors)
		status = EXIT_FAILED;
	free(explainer.known);
	if (fflush(stdout) || ferror(stdout)) {
		fail(errno, "explain: standard output");
		return EXIT_FAILED;
	}
	return status;
}

const struct command command_explain = {
	.name = "explain",
	.run = run,
	.arguments = "PROTO SRC[:PORT] DST[:PORT] | -",
	.help = "what happens to a new flow, and why; needs no privilege",
};
