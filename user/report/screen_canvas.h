/* SPDX-License-Identifier: GPL-2.0 */
/* A screen as plain data: cells of one character and a style. A terminal shows it, a test reads it. */
#ifndef USER_REPORT_SCREEN_CANVAS_H
#define USER_REPORT_SCREEN_CANVAS_H

#include <stdbool.h>
#include <stdint.h>

/* A colour, and how it stands out where there are none. */
enum screen_style {
	SCREEN_PLAIN,
	SCREEN_DIM,
	SCREEN_GOOD,
	SCREEN_FAIR,
	SCREEN_ALARM,
	SCREEN_COLOURS,
	SCREEN_BOLD = 1 << 3,
	SCREEN_REVERSE = 1 << 4,
};

#define SCREEN_COLOUR_MASK 7

struct screen_cell {
	char text[5]; /* one character of UTF-8, one column wide */
	uint8_t style;
};

struct screen {
	int rows, columns;
	bool utf8;	/* else what is not ASCII is replaced */
	int cursor_row; /* where text is being typed; -1: nowhere */
	int cursor_column;
	struct screen_cell *cells;
};

/* All blank; NULL: no memory. */
struct screen *screen_new(int rows, int columns, bool utf8);
void screen_free(struct screen *screen);
static inline void screen_freep(struct screen **screen)
{
	screen_free(*screen);
}

const struct screen_cell *screen_cell(const struct screen *screen, int row, int column);

/*
 * Writes from a column on and returns the column after it. What lies outside is left out. Control
 * characters, broken UTF-8 and what may not be one column wide become '?'.
 */
int screen_put(struct screen *screen, int row, int column, unsigned style, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
/* The same in a field of that width: cut with a mark where it is too long, filled with blanks. */
void screen_field(struct screen *screen, int row, int column, int width, bool right, unsigned style,
		  const char *text);
/* Adds flags to the style of a whole row: a bar, a selection. */
void screen_mark_row(struct screen *screen, int row, unsigned flags);

/* Columns that the text takes. */
int screen_width(const char *text);

/* A row as text without the blanks at its end; the buffer needs 4 * columns + 1 bytes. */
const char *screen_row(const struct screen *screen, int row, char *text);

#endif
