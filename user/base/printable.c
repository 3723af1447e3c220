/* SPDX-License-Identifier: GPL-2.0 */
/* See printable.h. */
#include "base/printable.h"

#include <stdbool.h>
#include <string.h>

size_t utf8_character(const char *text)
{
	const unsigned char *byte = (const unsigned char *)text;
	static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned point;
	size_t size;

	if (byte[0] < 0x80)
		return byte[0] != 0;
	if ((byte[0] & 0xe0) == 0xc0)
		size = 2;
	else if ((byte[0] & 0xf0) == 0xe0)
		size = 3;
	else if ((byte[0] & 0xf8) == 0xf0)
		size = 4;
	else
		return 0;

	point = byte[0] & (0xff >> (size + 1));
	for (size_t i = 1; i < size; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (byte[i] & 0x3f);
	}
	if (point < least[size] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		return 0;
	return size;
}

size_t control_character(const char *text, unsigned *ret_point)
{
	const unsigned char *byte = (const unsigned char *)text;
	bool two = byte[0] == 0xc2 && byte[1] >= 0x80 && byte[1] < 0xa0;

	if (!two && (!byte[0] || (byte[0] >= 0x20 && byte[0] != 0x7f)))
		return 0;
	*ret_point = two ? byte[1] : byte[0];
	return two ? 2 : 1;
}

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
		unsigned point;

		if (!size || control_character(text, &point) || text + size > end) {
			fputc('?', out);
			text += size ? size : 1;
			continue;
		}
		fwrite(text, 1, size, out);
		text += size;
	}
	return columns;
}

void printable_lines(FILE *out, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n\t");

		printable_print(out, text, length);
		text += length;
		if (*text)
			fputc(*text++, out);
	}
}

void printable_text(char *text)
{
	while (*text) {
		size_t size = utf8_character(text);
		unsigned point;

		if (!size || control_character(text, &point))
			memset(text, '?', size ? size : 1);
		text += size ? size : 1;
	}
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
