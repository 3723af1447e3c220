/* SPDX-License-Identifier: GPL-2.0 */
/* See printable.h. */
#include "report/printable.h"

#include <string.h>

#include "report/json.h"

const char *printable_copy(char *text, size_t size, const void *bytes, size_t length)
{
	const unsigned char *from = bytes;
	size_t at = 0;

	while (length && (*from == ' ' || *from == '\t')) {
		from++;
		length--;
	}
	for (; at + 1 < size && at < length && from[at]; at++)
		text[at] = from[at] >= 0x20 && from[at] < 0x7f ? (char)from[at] : '?';
	while (at && text[at - 1] == ' ')
		at--;
	text[at] = 0;
	return text;
}

size_t printable_print(FILE *out, const char *text, size_t length)
{
	size_t columns = 0;

	for (const char *end = text + length; text < end; columns++) {
		size_t size = utf8_character(text);
		unsigned char c = (unsigned char)*text;
		/* U+0080 to U+009f are control characters too. */
		int control = c < 0x20 || c == 0x7f ||
			      (size == 2 && c == 0xc2 && (unsigned char)text[1] < 0xa0);

		if (!size || control || text + size > end) {
			fputc('?', out);
			text += size ? size : 1;
			continue;
		}
		fwrite(text, 1, size, out);
		text += size;
	}
	return columns;
}

static size_t columns_of(const char *text, size_t length)
{
	size_t columns = 0;

	for (size_t i = 0; i < length; i++)
		columns += ((unsigned char)text[i] & 0xc0) != 0x80;
	return columns;
}

void printable_wrap(FILE *out, const char *text, size_t indent, size_t width)
{
	size_t column = indent;

	while (*text) {
		size_t length = strcspn(text, " ");

		if (column > indent && column + 1 + columns_of(text, length) > width) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			fputc(' ', out);
			column++;
		}
		column += printable_print(out, text, length);
		text += length;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}
