/* SPDX-License-Identifier: GPL-2.0 */
/* Cells and what is written into them; see screen_canvas.h. */
#include "report/screen_canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/printable.h"

struct screen *screen_new(int rows, int columns, bool utf8)
{
	struct screen *screen = calloc(1, sizeof(*screen));
	size_t count = rows > 0 && columns > 0 ? (size_t)rows * (size_t)columns : 0;

	if (!screen)
		return NULL;
	screen->cells = calloc(count + 1, sizeof(*screen->cells));
	if (!screen->cells) {
		free(screen);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		screen->cells[i].text[0] = ' ';
	screen->rows = count ? rows : 0;
	screen->columns = count ? columns : 0;
	screen->utf8 = utf8;
	screen->cursor_row = -1;
	return screen;
}

void screen_free(struct screen *screen)
{
	if (!screen)
		return;
	free(screen->cells);
	free(screen);
}

static struct screen_cell *cell_at(const struct screen *screen, int row, int column)
{
	if (row < 0 || row >= screen->rows || column < 0 || column >= screen->columns)
		return NULL;
	return &screen->cells[(size_t)row * (size_t)screen->columns + (size_t)column];
}

const struct screen_cell *screen_cell(const struct screen *screen, int row, int column)
{
	return cell_at(screen, row, column);
}

/* ------------------------------------------------------------------ characters */

static uint32_t code_point(const char *text, size_t size)
{
	static const unsigned char first[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t code = (unsigned char)text[0] & first[size];

	for (size_t i = 1; i < size; i++)
		code = code << 6 | ((unsigned char)text[i] & 0x3f);
	return code;
}

/* Surely one column in every terminal: letters of Europe, punctuation, blocks. No combining marks,
 * nothing that some show double wide. */
static bool is_one_column(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x20, 0x7e},	  {0xa1, 0xac},	    {0xae, 0x2ff},    {0x370, 0x482},
		{0x48a, 0x52f},	  {0x2010, 0x2027}, {0x2030, 0x205e}, {0x20a0, 0x20bf},
		{0x2190, 0x2193}, {0x2500, 0x259f},
	};

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

/* Takes one character off the text; returns its bytes, at least one. */
static size_t take_character(const struct screen *screen, const char *text, char ret_text[5])
{
	size_t size = utf8_character(text);
	bool shown = size && is_one_column(code_point(text, size)) && (size == 1 || screen->utf8);

	if (shown) {
		memcpy(ret_text, text, size);
		ret_text[size] = '\0';
	} else {
		strcpy(ret_text, "?");
	}
	return size ? size : 1;
}

int screen_width(const char *text)
{
	int width = 0;

	while (*text) {
		size_t size = utf8_character(text);

		text += size ? size : 1;
		width++;
	}
	return width;
}

static int put_text(struct screen *screen, int row, int column, unsigned style, const char *text)
{
	while (*text) {
		struct screen_cell *cell = cell_at(screen, row, column);
		char character[5];

		text += take_character(screen, text, character);
		if (cell) {
			memcpy(cell->text, character, sizeof(cell->text));
			cell->style = (uint8_t)style;
		}
		column++;
	}
	return column;
}

int screen_put(struct screen *screen, int row, int column, unsigned style, const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return put_text(screen, row, column, style, text);
}

void screen_field(struct screen *screen, int row, int column, int width, bool right, unsigned style,
		  const char *text)
{
	int length = screen_width(text), blanks = width - length;

	for (int i = 0; i < width; i++)
		put_text(screen, row, column + i, style, " ");
	if (blanks >= 0) {
		put_text(screen, row, column + (right ? blanks : 0), style, text);
		return;
	}
	for (int i = 0; i < width; i++) {
		size_t size = utf8_character(text);
		char one[5] = "?";

		if (i == width - 1)
			strcpy(one, screen->utf8 ? "…" : "~");
		else if (size)
			memcpy(one, text, size);
		put_text(screen, row, column + i, style, one);
		text += size ? size : 1;
	}
}

void screen_mark_row(struct screen *screen, int row, unsigned flags)
{
	for (int column = 0; column < screen->columns; column++) {
		struct screen_cell *cell = cell_at(screen, row, column);

		if (cell)
			cell->style |= (uint8_t)flags;
	}
}

const char *screen_row(const struct screen *screen, int row, char *text)
{
	size_t used = 0, end = 0;

	for (int column = 0; column < screen->columns; column++) {
		const struct screen_cell *cell = cell_at(screen, row, column);
		size_t size = cell ? strlen(cell->text) : 0;

		if (!cell)
			break;
		memcpy(text + used, cell->text, size);
		used += size;
		if (strcmp(cell->text, " "))
			end = used;
	}
	text[end] = '\0';
	return text;
}
