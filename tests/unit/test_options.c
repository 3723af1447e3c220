/* SPDX-License-Identifier: GPL-2.0 */
/* A command's options: rows {words, what must come out}, and what is said to somebody who erred. */
#include <stdlib.h>
#include <unistd.h>

#include "base/nearest.h"
#include "check.h"
#include "command/command.h"

static int run(const struct context *context, int argc, char **argv)
{
	(void)context;
	(void)argc;
	(void)argv;
	return EXIT_DONE;
}

static const struct command load = {"load", run, "[FILE]", "apply the configuration", NULL};

/* What the options are set to; the defaults are not zero, so that untouched shows. */
struct values {
	unsigned confirm;
	const char *write;
	bool follow;
};

#define MOST_WORDS 8

static const struct row {
	const char *words[MOST_WORDS]; /* after the command's name */
	int minimum, maximum;
	int count;	   /* negative: refused */
	const char *first; /* positional argument */
	struct values values;
} rows[] = {
	/* clang-format off */
	{{NULL},                              0, 0,  0, NULL, {7, "none", false}},
	{{"a"},                               0, 1,  1, "a",  {7, "none", false}},
	{{"a", "b", "c"},                     3, 3,  3, "a",  {7, "none", false}},
	{{"--confirm", "60"},                 0, 0,  0, NULL, {60, "none", false}},
	{{"--confirm=60"},                    0, 0,  0, NULL, {60, "none", false}},
	{{"--confirm", "0"},                  0, 0,  0, NULL, {0, "none", false}},
	{{"--confirm", "4294967294"},         0, 0,  0, NULL, {4294967294u, "none", false}},
	{{"--confirm", "1", "--confirm=2"},   0, 0,  0, NULL, {2, "none", false}},
	{{"a", "--write", "b", "--follow"},   0, 1,  1, "a",  {7, "b", true}},
	{{"--follow", "a"},                   1, 1,  1, "a",  {7, "none", true}},
	{{"--write="},                        0, 0,  0, NULL, {7, "", false}},
	{{"--write=a=b"},                     0, 0,  0, NULL, {7, "a=b", false}},
	{{"--write", "--follow"},             0, 0,  0, NULL, {7, "--follow", false}},
	{{"-n", "3"},                         0, 0,  0, NULL, {3, "none", false}},
	{{"-"},                               1, 1,  1, "-",  {7, "none", false}},
	{{"--", "--follow"},                  1, 1,  1, "--follow", {7, "none", false}},
	{{"--", "--"},                        1, 1,  1, "--", {7, "none", false}},
	{{"a"},                               0, 0, -1, NULL, {7, "none", false}},
	{{NULL},                              1, 1, -1, NULL, {7, "none", false}},
	{{"a", "b", "c"},                     1, 2, -1, NULL, {7, "none", false}},
	{{"--confirm"},                       0, 0, -1, NULL, {7, "none", false}},
	{{"--confirm", "soon"},               0, 0, -1, NULL, {7, "none", false}},
	{{"--confirm", "-1"},                 0, 0, -1, NULL, {7, "none", false}},
	{{"--confirm", "4294967295"},         0, 0, -1, NULL, {7, "none", false}},
	{{"--confirm", "4294967296"},         0, 0, -1, NULL, {7, "none", false}},
	{{"--confirm="},                      0, 0, -1, NULL, {7, "none", false}},
	{{"--follow=yes"},                    0, 0, -1, NULL, {7, "none", false}},
	{{"--folow"},                         0, 0, -1, NULL, {7, "none", false}},
	{{"--follows"},                       0, 0, -1, NULL, {7, "none", false}},
	{{"--foll"},                          0, 0, -1, NULL, {7, "none", false}},
	{{"-x"},                              0, 0, -1, NULL, {7, "none", false}},
	/* clang-format on */
};

static int take(const char *const *words, struct values *values, int minimum, int maximum,
		const char **ret_first)
{
	const struct option_row options[] = {
		{"--confirm", OPTION_NUMBER, &values->confirm, "SECONDS",
		 "roll back unless confirmed"},
		{"-n", OPTION_NUMBER, &values->confirm, "NUMBER", "the same, short"},
		{"--write", OPTION_TEXT, &values->write, "FILE", "write there"},
		{"--follow", OPTION_FLAG, &values->follow, NULL, "go on"},
		{NULL, OPTION_FLAG, NULL, NULL, NULL},
	};
	char *argv[MOST_WORDS + 2] = {(char *)"load"};
	int argc = 1, count;

	for (; words[argc - 1]; argc++)
		argv[argc] = (char *)words[argc - 1];
	count = options_take(&load, options, argc, argv, minimum, maximum);
	*ret_first = count > 0 ? argv[1] : NULL;
	return count;
}

static void test_row(const struct row *row)
{
	struct values values = {7, "none", false};
	const char *first;
	char what[256] = "";
	int count;

	for (size_t i = 0; row->words[i]; i++) {
		strcat(what, row->words[i]);
		strcat(what, " ");
	}
	CHECK_ROW(what);
	count = take(row->words, &values, row->minimum, row->maximum, &first);
	CHECK_EQ(count < 0 ? -1 : count, row->count);
	CHECK_STR(first, row->first);
	CHECK_EQ(values.confirm, row->values.confirm);
	CHECK_STR(values.write, row->values.write);
	CHECK_EQ(values.follow, row->values.follow);
	CHECK_ROW(NULL);
}

/* ------------------------------------------------------------------ what is said */

/* Runs options_take with a stream turned into text; the other stream goes on as it was. */
static void said(FILE *stream, const char *word, char *text, size_t size)
{
	const char *const words[] = {word, NULL};
	struct values values = {0};
	const char *first;
	FILE *catch = tmpfile();
	int saved;

	fflush(stream);
	saved = dup(fileno(stream));
	dup2(fileno(catch), fileno(stream));
	take(words, &values, 0, 0, &first);
	fflush(stream);
	dup2(saved, fileno(stream));
	close(saved);
	rewind(catch);
	text[fread(text, 1, size - 1, catch)] = '\0';
	fclose(catch);
}

static void test_words(void)
{
	char text[4096];

	said(stderr, "--folow", text, sizeof(text));
	CHECK(strstr(text,
		     "agfeoctl: load: there is no option '--folow': did you mean '--follow'?"));
	CHECK(strstr(text, "usage: agfeoctl load [FILE]"));
	said(stderr, "--quatsch", text, sizeof(text));
	CHECK(strstr(text, "there is no option '--quatsch'\n"));
	said(stderr, "--confirm=x", text, sizeof(text));
	CHECK(strstr(text, "--confirm wants a whole number, not 'x'"));
	said(stderr, "--confirm", text, sizeof(text));
	CHECK(strstr(text, "--confirm wants SECONDS"));
	said(stderr, "a", text, sizeof(text));
	CHECK(strstr(text, "0 arguments expected, 1 given"));
	said(stderr, "--help", text, sizeof(text));
	CHECK_STR(text, "");

	said(stdout, "--help", text, sizeof(text));
	CHECK(!strncmp(text, "usage: agfeoctl load [FILE]\n\napply the configuration\n", 53));
	CHECK(strstr(text, "  --confirm SECONDS     roll back unless confirmed\n"));
	CHECK(strstr(text, "  --follow              go on\n"));
	CHECK(strstr(text, "--json"));
}

/* Help and refusals also without rows. */
static void test_no_rows(void)
{
	char *words[] = {(char *)"load", (char *)"a", NULL};
	char *option[] = {(char *)"load", (char *)"--follow", NULL};

	CHECK_EQ(options_take(&load, NULL, 2, words, 0, 1), 1);
	CHECK(options_take(&load, NULL, 2, option, 0, 1) < 0);
}

/* ------------------------------------------------------------------ the nearest word */

static void test_nearest(void)
{
	static const char *const words[] = {"load", "unload", "explain", "export", NULL};
	static const char *const none[] = {NULL};
	char lengthy[200];

	CHECK_EQ(word_distance("", ""), 0);
	CHECK_EQ(word_distance("load", "load"), 0);
	CHECK_EQ(word_distance("LOAD", "load"), 0);
	CHECK_EQ(word_distance("laod", "load"), 1);
	CHECK_EQ(word_distance("loa", "load"), 1);
	CHECK_EQ(word_distance("loads", "load"), 1);
	CHECK_EQ(word_distance("lead", "load"), 1);
	CHECK_EQ(word_distance("", "load"), 4);
	CHECK_EQ(word_distance("kitten", "sitting"), 3);
	CHECK_STR(word_nearest("explian", words), "explain");
	CHECK_STR(word_nearest("unlod", words), "unload");
	CHECK_STR(word_nearest("laod", words), "load");
	CHECK_STR(word_nearest("zzzzzz", words), NULL);
	CHECK_STR(word_nearest("load", none), NULL);
	memset(lengthy, 'x', sizeof(lengthy));
	lengthy[sizeof(lengthy) - 1] = '\0';
	CHECK_EQ(word_distance(lengthy, ""), 63);
	CHECK_STR(word_nearest(lengthy, words), NULL);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		test_row(&rows[i]);
	test_words();
	test_no_rows();
	test_nearest();
	return check_done();
}
