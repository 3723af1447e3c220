/* SPDX-License-Identifier: GPL-2.0 */
/* Lines on the standard input of `explain -`. The first byte says whether JSON is asked for. */
#include <json-c/json.h>
#include <sys/mman.h>

/* The command's own functions, from the reading on. */
#include "command/cmd_explain.c"

#include "corpus/rows.h"
#include "fuzz.h"

static struct explainer explainer;
static int input;

/* For cmd_explain.c; the words of its command line are no part of this. */
int options_take(const struct command *command, const struct option_row *rows, int argc,
		 char **argv, int least, int most)
{
	(void)command, (void)rows, (void)argc, (void)argv, (void)least, (void)most;
	return -1;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct policy *policy = NULL;
	struct site *site = NULL;

	(void)argc;
	(void)argv;
	FUZZ_CHECK(!config_parse("office", site_office, strlen(site_office), stderr, &site));
	FUZZ_CHECK(!policy_compile(site, "office", EXPLAIN_TICK_NS, stderr, &policy));
	explainer.policy = policy;
	explainer.names = name_index_new(site);
	FUZZ_CHECK(explainer.names);
	input = memfd_create("explain", 0);
	FUZZ_CHECK(input >= 0 && dup2(input, STDIN_FILENO) == STDIN_FILENO);
	log_redirect(fopen("/dev/null", "w"));
	return 0;
}

/* One document a line. */
static void check_json(const char *text)
{
	while (*text) {
		const char *end = strchr(text, '\n');
		struct json_tokener *tokener = json_tokener_new();
		struct json_object *object;

		FUZZ_CHECK(end && tokener);
		object = json_tokener_parse_ex(tokener, text, (int)(end - text));
		FUZZ_CHECK(json_object_is_type(object, json_type_object));
		json_object_put(object);
		json_tokener_free(tokener);
		text = end + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *standard = stdout;
	struct fuzz_text answers;

	if (!size)
		return 0;
	FUZZ_CHECK(!ftruncate(input, 0) && !lseek(input, 0, SEEK_SET));
	FUZZ_CHECK(pwrite(input, data + 1, size - 1, 0) == (ssize_t)size - 1);
	explainer.json = data[0] & 1;
	explainer.line = explainer.errors = 0;

	fuzz_text_open(&answers);
	stdout = answers.out;
	explain_input(&explainer);
	stdout = standard;
	fuzz_text_close(&answers);
	FUZZ_CHECK(fuzz_is_harmless(answers.text, answers.size));
	if (explainer.json)
		check_json(answers.text);
	fuzz_text_release(&answers);
	return 0;
}
