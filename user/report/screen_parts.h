/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the screen share among themselves. */
#ifndef USER_REPORT_SCREEN_PARTS_H
#define USER_REPORT_SCREEN_PARTS_H

#include "report/screen.h"

/* Rows first .. first + count - 1 of a screen. */
struct screen_area {
	int first, count;
};

/* ------------------------------------------------------------------ lists */

#define LIST_COLUMNS 12
#define LIST_TEXT    192

struct list_column {
	const char *title;
	int width;  /* at least */
	int widest; /* where there is room, and something that long */
	int from;   /* the screen has so many columns, or it is left out */
	bool right;
};

struct list_row {
	unsigned style;
	char text[LIST_COLUMNS][LIST_TEXT];
	unsigned cell[LIST_COLUMNS]; /* style of a cell; SCREEN_PLAIN: that of the row */
};

struct list {
	const struct list_column *columns;
	size_t column_count;
	size_t count; /* rows */
	/* Fills a zeroed row. */
	void (*row)(const void *context, size_t index, struct list_row *ret_row);
	const void *context;
	const char *empty; /* what is said where there is no row */
};

/* Titles and as many rows as there is room for, around the selected one. */
void list_draw(struct screen *screen, struct screen_area area, const struct list *list,
	       struct screen_view *view);

/* Whether the view's filter, if there is one, is part of a text; case does not matter in ASCII. */
bool filter_matches(const struct screen_view *view, const char *text);

/* ------------------------------------------------------------------ panes */

/* Each draws into the area; how many of its rows there are, shown ones first, are returned. */
struct pane_count {
	size_t shown, all;
};

struct pane_count calls_draw(struct screen *screen, struct screen_area area,
			     struct screen_view *view, const struct screen_data *data);
struct pane_count devices_draw(struct screen *screen, struct screen_area area,
			       struct screen_view *view, const struct screen_data *data);
struct pane_count drops_draw(struct screen *screen, struct screen_area area,
			     struct screen_view *view, const struct screen_data *data);
void help_draw(struct screen *screen, struct screen_area area, struct screen_view *view);

/* Rows of data above everything else; returns how many it took. */
int header_draw(struct screen *screen, const struct screen_view *view,
		const struct screen_data *data);

#endif
