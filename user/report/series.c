/* SPDX-License-Identifier: GPL-2.0 */
/* Families of metrics; see series.h. */
#include "report/series.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"

void family_release(struct family *family)
{
	free(family->rows);
}

void family_add(struct family *family, struct series series)
{
	if (family->failed)
		return;
	if (family->count == family->room) {
		size_t room = family->room ? 2 * family->room : 64;
		struct series *rows = realloc(family->rows, room * sizeof(*rows));

		if (!rows) {
			family->failed = true;
			return;
		}
		family->rows = rows;
		family->room = room;
	}
	family->rows[family->count++] = series;
}

static int compare(const void *left, const void *right)
{
	const struct series *a = left, *b = right;
	int order = 0;

	for (size_t i = 0; i < MAX_LABELS && a->label[i] && !order; i++)
		if (a->label[i] != b->label[i])
			order = strcmp(a->label[i], b->label[i]);
	return order;
}

/* The rows of a large site come in order: 800,000 are faster looked at than sorted. */
static void sort(struct family *family)
{
	for (size_t i = 1; i < family->count; i++)
		if (compare(&family->rows[i - 1], &family->rows[i]) > 0) {
			qsort(family->rows, family->count, sizeof(*family->rows), compare);
			return;
		}
}

static void sum_up(struct family *family)
{
	size_t kept = 0;

	sort(family);
	for (size_t i = 0; i < family->count; i++) {
		if (kept && !compare(&family->rows[kept - 1], &family->rows[i]))
			family->rows[kept - 1].value += family->rows[i].value;
		else
			family->rows[kept++] = family->rows[i];
	}
	family->count = kept;
}

/* Bytes that stand for themselves. */
static size_t plain_length(const char *text)
{
	size_t length = 0;

	while (text[length] >= ' ' && text[length] <= '~' && text[length] != '"' &&
	       text[length] != '\\')
		length++;
	return length;
}

/* Prometheus refuses a whole file for one byte that is no UTF-8. */
static void put_label_value(FILE *out, const char *text)
{
	for (;;) {
		size_t plain = plain_length(text), size;

		fwrite(text, 1, plain, out);
		text += plain;
		if (!*text)
			return;
		size = utf8_character(text);
		if (*text == '\\' || *text == '"')
			fprintf(out, "\\%c", *text);
		else if (*text == '\n')
			fputs("\\n", out);
		else if (size)
			fwrite(text, 1, size, out);
		else
			fputs("\xef\xbf\xbd", out);
		text += size ? size : 1;
	}
}

void prom_put_label(FILE *out, const char *before, const char *name, const char *value)
{
	fprintf(out, "%s%s=\"", before, name);
	put_label_value(out, value);
	fputc('"', out);
}

void prom_put_head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

int family_put(FILE *out, struct family *family)
{
	if (family->failed)
		return -ENOMEM;
	sum_up(family);
	prom_put_head(out, family->name, family->type, family->help);
	for (size_t i = 0; i < family->count; i++) {
		const struct series *row = &family->rows[i];

		fputs(family->name, out);
		for (size_t at = 0; family->labels[at]; at++)
			prom_put_label(out, at ? "," : "{", family->labels[at], row->label[at]);
		fprintf(out, "%s %llu\n", family->labels[0] ? "}" : "",
			(unsigned long long)row->value);
	}
	return 0;
}
