/* SPDX-License-Identifier: GPL-2.0 */
/* What renderers are made of: JSON strings, amounts, tables. */
#include "base/cleanup.h"
#include "lib/check.h"
#include "lib/output.h"
#include "report/json.h"
#include "report/table.h"

static void test_json_strings(void)
{
	static const struct {
		const char *text, *json;
	} rows[] = {
		{"plain", "\"plain\""},
		{"a\"b\\c", "\"a\\\"b\\\\c\""},
		{"\x01\n\t\x7f", "\"\\u0001\\u000a\\u0009\\u007f\""},
		{"B\xc3\xbcro \xf0\x9f\x93\x9e", "\"B\xc3\xbcro \xf0\x9f\x93\x9e\""},
		{"\xff", "\"\\ufffd\""},
		{"\xc3", "\"\\ufffd\""},				    /* cut in the middle */
		{"\xc0\xaf", "\"\\ufffd\\ufffd\""},			    /* overlong */
		{"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},		    /* a surrogate */
		{"\xf4\x90\x80\x80x", "\"\\ufffd\\ufffd\\ufffd\\ufffdx\""}, /* beyond U+10FFFF */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_output_ output = {};
		struct json json = {.out = output_open(&output)};

		json_string(&json, NULL, rows[i].text);
		CHECK_STR(output_close(&output), rows[i].json);
	}
}

static void test_amounts(void)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} sizes[] = {
		{0, "0 B"},	    {999, "999 B"},	 {1000, "1.0 kB"},
		{9949, "9.9 kB"},   {9950, "10 kB"},	 {999499, "999 kB"},
		{999500, "1.0 MB"}, {1900000, "1.9 MB"}, {UINT64_MAX, "18 EB"},
	};
	static const struct {
		uint64_t seconds;
		const char *text;
	} times[] = {
		{0, "0s"},	   {59, "59s"},	     {60, "1m 0s"},
		{3599, "59m 59s"}, {7980, "2h 13m"}, {86400 * 4 + 3600 * 3, "4d 3h"},
	};
	char text[AMOUNT_TEXT];

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		CHECK_STR(bytes_format(sizes[i].bytes, text), sizes[i].text);
	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		CHECK_STR(duration_format(times[i].seconds, text), times[i].text);
}

static void test_table(void)
{
	static const char *const headers[] = {"NAME", ">N", "", "END", NULL};
	_cleanup_(table_freep) struct table *table = table_new(headers);
	_output_ output = {};

	table_cell(table, "%s", "B\xc3\xbcro");
	table_cell(table, "%d", 12345);
	table_cell(table, "%s", "->");
	table_cell(table, "%s", "");
	table_cell(table, "%s", "\x1b[2Jx\xc2\x9bz");
	table_cell(table, "%d", 1);
	table_cell(table, "%s", "");
	table_cell(table, "%s", "last");
	CHECK_EQ(table_print(table, output_open(&output)), 0);
	CHECK_STR(output_close(&output), "NAME          N      END\n"
					 "B\xc3\xbcro      12345  ->\n"
					 "?[2Jx??z      1      last\n");
}

int main(void)
{
	test_json_strings();
	test_amounts();
	test_table();
	return check_done();
}
