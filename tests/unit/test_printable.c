/* SPDX-License-Identifier: GPL-2.0 */
/* What strangers may have written, on its way to a terminal, into JSON and into messages. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/printable.h"
#include "lib/check.h"
#include "lib/output.h"
#include "report/json.h"
#include "report/table.h"

/* shown: by printable_print(); in place each byte has its own '?', as table columns need it. */
static const struct {
	const char *row, *text, *shown, *in_place, *json;
} rows[] = {
	{"plain", "pbx 1", "pbx 1", "pbx 1", "\"pbx 1\"\n"},
	{"German", "Büro", "Büro", "Büro", "\"Büro\"\n"},
	{"colours (ESC)", "a\x1b[31mb", "a?[31mb", "a?[31mb", "\"a\\u001b[31mb\"\n"},
	{"newline", "a\nb", "a?b", "a?b", "\"a\\u000ab\"\n"},
	{"DEL", "a\x7f", "a?", "a?", "\"a\\u007f\"\n"},
	{"CSI of C1, in UTF-8",
	 "a\xc2\x9b"
	 "31m",
	 "a?31m", "a??31m", "\"a\\u009b31m\"\n"},
	{"first of C1", "\xc2\x80", "?", "??", "\"\\u0080\"\n"},
	{"last of C1", "\xc2\x9f", "?", "??", "\"\\u009f\"\n"},
	{"a blank that does not break", "\xc2\xa0", "\xc2\xa0", "\xc2\xa0", "\"\xc2\xa0\"\n"},
	{"CSI of C1, alone",
	 "\x9b"
	 "31m",
	 "?31m", "?31m", "\"\\ufffd31m\"\n"},
	{"Latin-1", "B\xfcro", "B?ro", "B?ro", "\"B\\ufffdro\"\n"},
	{"cut in the middle", "B\xc3", "B?", "B?", "\"B\\ufffd\"\n"},
	{"longer than needed", "\xc0\x9b", "??", "??", "\"\\ufffd\\ufffd\"\n"},
	{"quotes", "\"\\", "\"\\", "\"\\", "\"\\\"\\\\\"\n"},
};

static void test_rows(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_output_ shown = {}, json = {};
		struct json writer = {.out = output_open(&json)};
		char in_place[64];

		CHECK_ROW(rows[i].row);
		printable_print(output_open(&shown), rows[i].text, strlen(rows[i].text));
		CHECK_STR(output_close(&shown), rows[i].shown);
		strcpy(in_place, rows[i].text);
		printable_text(in_place);
		CHECK_STR(in_place, rows[i].in_place);
		json_string(&writer, NULL, rows[i].text);
		json_end(&writer);
		CHECK_STR(output_close(&json), rows[i].json);
	}
}

/* Every way into a message or a table, with all there is to fear. */
static void test_ways_out(void)
{
	static const char hostile[] = "x\x1b]0;t\x07\xc2\x9b"
				      "2J\x9b\x7f\r";
	static const char *const headers[] = {"NAME", NULL};
	struct table *table = table_new(headers);
	_output_ messages = {}, printed = {};
	FILE *before = log_redirect(output_open(&messages));

	fail(0, "%s", hostile);
	fail(-ENOENT, "two\nlines %s", hostile);
	warn("%s", hostile);
	say("%s", hostile);
	log_set_verbose(1);
	note("%s", hostile);
	log_set_verbose(0);
	note("not said");
	log_redirect(before);
	CHECK_STR(output_close(&messages),
		  "agfeoctl: x?]0;t??2J???\n"
		  "agfeoctl: two\nlines x?]0;t??2J???: No such file or directory\n"
		  "agfeoctl: warning: x?]0;t??2J???\n"
		  "agfeoctl: x?]0;t??2J???\n"
		  "agfeoctl: x?]0;t??2J???\n");

	table_cell(table, "%s", hostile);
	CHECK_EQ(table_print(table, output_open(&printed)), 0);
	CHECK_STR(output_close(&printed), "NAME\nx?]0;t???2J???\n");
	table_free(table);
}

int main(void)
{
	test_rows();
	test_ways_out();
	return check_done();
}
