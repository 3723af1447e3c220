/* SPDX-License-Identifier: GPL-2.0 */
/* Faults of a configuration: collected, sorted by line, told in one go. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/nearest.h"
#include "base/printable.h"
#include "config/parse.h"

void *append(void *array, size_t *count, size_t size)
{
	void *elements, *grown;

	memcpy(&elements, array, sizeof(elements));
	if (!(*count & (*count - 1))) { /* 0 or a power of two: full */
		grown = reallocarray(elements, *count ? *count * 2 : 1, size);
		if (!grown)
			return NULL;
		memcpy(array, &grown, sizeof(grown));
		elements = grown;
	}
	return memset((char *)elements + size * (*count)++, 0, size);
}

void fault(struct faults *faults, int line, const char *format, ...)
{
	struct fault *found = append(&faults->list, &faults->count, sizeof(*found));
	va_list arguments;

	if (!found) {
		faults->out_of_memory = true;
		return;
	}
	found->line = line;
	found->order = faults->count;
	va_start(arguments, format);
	if (vasprintf(&found->text, format, arguments) < 0)
		found->text = NULL;
	else
		printable_text(found->text); /* it quotes the file */
	va_end(arguments);
}

void fault_unknown(struct faults *faults, int line, const char *what, const char *word,
		   const char *const *words)
{
	const char *nearest = word_nearest(word, words);
	char known[512] = "";
	size_t at = 0;

	for (size_t i = 0; words[i] && at < sizeof(known); i++)
		at += (size_t)snprintf(known + at, sizeof(known) - at, "%s%s", i ? ", " : "",
				       words[i]);
	if (nearest)
		fault(faults, line, "%s '%s' is unknown: did you mean '%s'? Known: %s", what, word,
		      nearest, known);
	else
		fault(faults, line, "%s '%s' is unknown; known: %s", what, word, known);
}

static int by_line(const void *left, const void *right)
{
	const struct fault *a = left, *b = right;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

void faults_print(struct faults *faults, const char *path, FILE *errors)
{
	if (faults->count)
		qsort(faults->list, faults->count, sizeof(*faults->list), by_line);
	for (size_t i = 0; i < faults->count; i++)
		say_at(errors, path, faults->list[i].line, "%s",
		       faults->list[i].text ? faults->list[i].text : strerror(ENOMEM));
	if (faults->out_of_memory)
		say_at(errors, path, 0, "%s", strerror(ENOMEM));
}

void faults_release(struct faults *faults)
{
	for (size_t i = 0; i < faults->count; i++)
		free(faults->list[i].text);
	free(faults->list);
}
