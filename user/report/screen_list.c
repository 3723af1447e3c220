/* SPDX-License-Identifier: GPL-2.0 */
/* Lists with columns, a selected row and a filter; see screen_parts.h. */
#include <stdlib.h>
#include <string.h>

#include "report/screen_parts.h"

bool filter_matches(const struct screen_view *view, const char *text)
{
	return !view->filter[0] || strcasestr(text, view->filter);
}

/* The first row, so that the selected one is seen and no room is wasted. */
static size_t bring_into_view(struct screen_view *view, size_t count, size_t room)
{
	size_t *selected = &view->selected[view->pane], *first = &view->first[view->pane];

	view->page = room ? room : 1;
	if (*selected >= count)
		*selected = count ? count - 1 : 0;
	if (*first > *selected)
		*first = *selected;
	if (room && *selected >= *first + room)
		*first = *selected - room + 1;
	if (*first + room > count)
		*first = count > room ? count - room : 0;
	return *first;
}

/* ------------------------------------------------------------------ widths */

static bool is_shown(const struct screen *screen, const struct list_column *column)
{
	return screen->columns >= column->from;
}

static int needed(const struct list_row *rows, size_t count, size_t column)
{
	int most = 0;

	for (size_t i = 0; i < count; i++) {
		int width = screen_width(rows[i].text[column]);

		if (width > most)
			most = width;
	}
	return most;
}

/* The widths that columns have at least, and what is left given to those that need it, in turn. */
static void share_out(const struct screen *screen, const struct list *list,
		      const struct list_row *rows, size_t count, int width[LIST_COLUMNS])
{
	int left = screen->columns + 1;

	for (size_t i = 0; i < list->column_count; i++) {
		width[i] = is_shown(screen, &list->columns[i]) ? list->columns[i].width : 0;
		left -= width[i] ? width[i] + 1 : 0;
	}
	for (size_t i = 0; i < list->column_count && left > 0; i++) {
		int want = needed(rows, count, i);

		if (want > list->columns[i].widest)
			want = list->columns[i].widest;
		if (!width[i] || want <= width[i])
			continue;
		want = want - width[i] < left ? want : width[i] + left;
		left -= want - width[i];
		width[i] = want;
	}
}

/* ------------------------------------------------------------------ drawing */

static void draw_titles(struct screen *screen, int at, const struct list *list, const int *width)
{
	int column = 0;

	for (size_t i = 0; i < list->column_count; i++) {
		if (!width[i])
			continue;
		screen_field(screen, at, column, width[i], list->columns[i].right, SCREEN_PLAIN,
			     list->columns[i].title);
		column += width[i] + 1;
	}
	screen_mark_row(screen, at, SCREEN_REVERSE);
}

static void draw_row(struct screen *screen, int at, const struct list *list, const int *width,
		     const struct list_row *row)
{
	int column = 0;

	for (size_t i = 0; i < list->column_count; i++) {
		if (!width[i])
			continue;
		screen_field(screen, at, column, width[i], list->columns[i].right,
			     row->cell[i] ? row->cell[i] : row->style, row->text[i]);
		column += width[i] + 1;
	}
}

void list_draw(struct screen *screen, struct screen_area area, const struct list *list,
	       struct screen_view *view)
{
	size_t room = area.count > 1 ? (size_t)area.count - 1 : 0;
	size_t first = bring_into_view(view, list->count, room);
	size_t count = list->count - first < room ? list->count - first : room;
	struct list_row *rows = calloc(count + 1, sizeof(*rows));
	int width[LIST_COLUMNS];

	if (!rows) {
		screen_put(screen, area.first, 0, SCREEN_ALARM, "no memory left");
		return;
	}
	for (size_t i = 0; i < count; i++)
		list->row(list->context, first + i, &rows[i]);
	share_out(screen, list, rows, count, width);
	draw_titles(screen, area.first, list, width);
	for (size_t i = 0; i < count; i++) {
		int at = area.first + 1 + (int)i;

		draw_row(screen, at, list, width, &rows[i]);
		if (first + i == view->selected[view->pane])
			screen_mark_row(screen, at, SCREEN_REVERSE);
	}
	if (!list->count && room)
		screen_put(screen, area.first + 1, 0, SCREEN_DIM, "%s", list->empty);
	free(rows);
}
