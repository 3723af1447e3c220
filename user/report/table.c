/* SPDX-License-Identifier: GPL-2.0 */
/* Tables of text; see table.h. */
#include "report/table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/printable.h"

#define MAX_COLUMNS 16

struct table {
	const char *const *headers;
	size_t columns;
	size_t width[MAX_COLUMNS];
	char **cells;
	size_t count, room;
	bool failed;
};

static bool stands_right(const struct table *table, size_t column)
{
	return table->headers[column][0] == '>';
}

static const char *header_of(const struct table *table, size_t column)
{
	return table->headers[column] + stands_right(table, column);
}

/* Characters, not bytes: a device may be called "Büro". */
static size_t characters(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += (*text & 0xc0) != 0x80;
	return count;
}

struct table *table_new(const char *const *headers)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->headers = headers;
	while (headers[table->columns] && table->columns < MAX_COLUMNS) {
		table->width[table->columns] = characters(header_of(table, table->columns));
		table->columns++;
	}
	return table;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table);
}

static bool table_grow(struct table *table)
{
	size_t room = table->room ? 2 * table->room : 256;
	char **cells;

	if (table->count < table->room)
		return true;
	cells = realloc(table->cells, room * sizeof(*cells));
	if (!cells)
		return false;
	table->cells = cells;
	table->room = room;
	return true;
}

void table_cell(struct table *table, const char *format, ...)
{
	size_t column = table->count % table->columns;
	va_list arguments;
	char *text;
	int length;

	if (table->failed)
		return;
	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0) {
		table->failed = true;
		return;
	}
	if (!table_grow(table)) {
		free(text);
		table->failed = true;
		return;
	}
	printable_text(text);
	table->cells[table->count++] = text;
	if (characters(text) > table->width[column])
		table->width[column] = characters(text);
}

static void print_row(const struct table *table, FILE *out, const char *const *row)
{
	size_t blanks = 0;

	for (size_t column = 0; column < table->columns; column++) {
		size_t fill = table->width[column] - characters(row[column]);

		if (stands_right(table, column))
			blanks += fill;
		if (*row[column]) {
			fprintf(out, "%*s%s", (int)blanks, "", row[column]);
			blanks = 0;
		}
		blanks += 2 + (stands_right(table, column) ? 0 : fill);
	}
	fputc('\n', out);
}

int table_print(struct table *table, FILE *out)
{
	const char *headers[MAX_COLUMNS];

	if (table->failed)
		return -ENOMEM;
	if (!table->count)
		return 0;
	for (size_t column = 0; column < table->columns; column++)
		headers[column] = header_of(table, column);
	print_row(table, out, headers);
	for (size_t at = 0; at + table->columns <= table->count; at += table->columns)
		print_row(table, out, (const char *const *)table->cells + at);
	return 0;
}

const char *bytes_format(uint64_t bytes, char *text)
{
	static const char units[] = "kMGTPE";
	double amount = (double)bytes;
	int unit = -1;

	if (bytes < 1000) {
		snprintf(text, AMOUNT_TEXT, "%u B", (unsigned)bytes);
		return text;
	}
	while (amount >= 999.5 && unit < 5) {
		amount /= 1000;
		unit++;
	}
	if (unit < 0) {
		amount /= 1000;
		unit = 0;
	}
	snprintf(text, AMOUNT_TEXT, amount < 9.95 ? "%.1f %cB" : "%.0f %cB", amount, units[unit]);
	return text;
}

const char *duration_format(uint64_t seconds, char *text)
{
	unsigned long long s = seconds;

	if (s < 60)
		snprintf(text, AMOUNT_TEXT, "%llus", s);
	else if (s < 3600)
		snprintf(text, AMOUNT_TEXT, "%llum %llus", s / 60, s % 60);
	else if (s < 86400)
		snprintf(text, AMOUNT_TEXT, "%lluh %llum", s / 3600, s / 60 % 60);
	else
		snprintf(text, AMOUNT_TEXT, "%llud %lluh", s / 86400 % 1000000, s / 3600 % 24);
	return text;
}

const char *time_format(uint64_t realtime_ns, char *text)
{
	time_t seconds = (time_t)(realtime_ns / 1000000000);
	struct tm parts;

	if (!localtime_r(&seconds, &parts) ||
	    !strftime(text, TIME_TEXT, "%Y-%m-%d %H:%M:%S", &parts))
		snprintf(text, TIME_TEXT, "?");
	return text;
}
