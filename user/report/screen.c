/* SPDX-License-Identifier: GPL-2.0 */
/* The screen as a whole: header, panes, the line of keys; see screen.h. */
#include "report/screen.h"

#include <string.h>

#include "report/screen_parts.h"

#define LEAST_ROWS    6
#define LEAST_COLUMNS 40

void screen_rates_of(const struct snapshot *since, double seconds, double ret_rate[RATE_KINDS])
{
	uint64_t count[RATE_KINDS] = {0};

	for (size_t i = 0; i < since->service_count; i++)
		for (int way = AGFEO_IN; way < AGFEO_DIRECTION_COUNT; way++)
			count[RATE_PASSED] += since->services[i].sum.packets[AGFEO_PASS][way];
	for (size_t reason = 0; reason < AGFEO_DROP_REASON_COUNT; reason++)
		count[RATE_DROPPED] += snapshot_drops(since, reason);
	for (int kind = 0; kind < RATE_KINDS; kind++)
		ret_rate[kind] = seconds > 0 ? (double)count[kind] / seconds : 0;
}

/* ------------------------------------------------------------------ the lines around a pane */

static const char *sort_label(const struct screen_view *view)
{
	switch (view->sort) {
	case SORT_MOS:
		return view->reversed ? "the best first" : "the worst first";
	case SORT_LOSS:
		return view->reversed ? "the least loss first" : "the most loss first";
	case SORT_JITTER:
		return view->reversed ? "the least jitter first" : "the most jitter first";
	case SORT_TIME:
		return view->reversed ? "the oldest first" : "the newest first";
	}
	return "";
}

static void draw_tabs(struct screen *screen, int row, const struct screen_view *view,
		      struct pane_count count)
{
	static const char *const labels[PANE_COUNT] = {" calls ", " devices ", " drops "};
	int column = 0;

	for (int pane = 0; pane < PANE_COUNT; pane++) {
		bool active = !view->help && (int)view->pane == pane;

		column = screen_put(screen, row, column,
				    active ? SCREEN_BOLD | SCREEN_REVERSE : SCREEN_PLAIN, "%s",
				    labels[pane]);
		column = screen_put(screen, row, column, SCREEN_PLAIN, " ");
	}
	if (view->help)
		return;
	if (view->filter[0])
		column = screen_put(screen, row, column, SCREEN_FAIR | SCREEN_BOLD,
				    " \"%s\": %zu of %zu", view->filter, count.shown, count.all);
	else
		column = screen_put(screen, row, column, SCREEN_DIM, " %zu", count.all);
	if (view->pane == PANE_CALLS)
		screen_put(screen, row, column, SCREEN_DIM, ", %s", sort_label(view));
}

static void draw_keys(struct screen *screen, const struct screen_view *view)
{
	static const struct {
		const char *key, *label;
	} keys[] = {
		{"F1", "Help "}, {"F2", "Calls "},    {"d", "Devices "},
		{"r", "Drops "}, {"MLJT", "Sort "},   {"/", "Filter "},
		{"p", "Pause "}, {"+-", "Interval "}, {"q", "Quit "},
	};
	int row = screen->rows - 1, column = 0;

	if (view->typing) {
		column = screen_put(screen, row, 0, SCREEN_BOLD, "Filter: %s", view->filter);
		screen->cursor_row = row;
		screen->cursor_column = column < screen->columns ? column : screen->columns - 1;
		return;
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		column = screen_put(screen, row, column, SCREEN_BOLD, "%s", keys[i].key);
		column = screen_put(screen, row, column, SCREEN_REVERSE, "%s", keys[i].label);
	}
}

/* ------------------------------------------------------------------ all of it */

/* Nothing could be read: why, and that it is being tried. */
static void draw_trouble(struct screen *screen, const struct screen_view *view,
			 const struct screen_data *data)
{
	const char *text = data->trouble;
	int row = screen->rows / 3;

	screen_put(screen, 0, 0, SCREEN_BOLD, "agfeoctl top");
	while (*text) {
		int width = screen->columns, length = screen_width(text);
		const char *end = text + strlen(text);

		if (length > width) {
			end = text + width;
			while (end > text && *end != ' ')
				end--;
			end = end > text ? end : text + width;
		}
		screen_put(screen, row++, 0, SCREEN_ALARM | SCREEN_BOLD, "%.*s", (int)(end - text),
			   text);
		text = end + (*end == ' ');
	}
	if (view->paused)
		screen_put(screen, row + 1, 0, SCREEN_PLAIN, "Paused: p goes on.");
	else
		screen_put(screen, row + 1, 0, SCREEN_PLAIN, "Waiting, and looking every %u s.",
			   view->interval);
}

static struct pane_count draw_pane(struct screen *screen, struct screen_area area,
				   struct screen_view *view, const struct screen_data *data)
{
	switch (view->pane) {
	case PANE_CALLS:
		return calls_draw(screen, area, view, data);
	case PANE_DEVICES:
		return devices_draw(screen, area, view, data);
	case PANE_DROPS:
		return drops_draw(screen, area, view, data);
	case PANE_COUNT:
		break;
	}
	return (struct pane_count){0};
}

static void draw_loaded(struct screen *screen, struct screen_view *view,
			const struct screen_data *data)
{
	struct screen_area area = {.first = header_draw(screen, view, data) + 1};
	struct pane_count count = {0};

	area.count = screen->rows - 1 - area.first;
	if (view->help)
		help_draw(screen, area, view);
	else
		count = draw_pane(screen, area, view, data);
	draw_tabs(screen, area.first - 1, view, count);
}

void screen_draw(struct screen *screen, struct screen_view *view, const struct screen_data *data)
{
	if (screen->rows < LEAST_ROWS || screen->columns < LEAST_COLUMNS) {
		screen_put(screen, 0, 0, SCREEN_ALARM, "%d columns, %d rows at least",
			   LEAST_COLUMNS, LEAST_ROWS);
		return;
	}
	if (view->help && data->trouble)
		help_draw(screen, (struct screen_area){0, screen->rows - 1}, view);
	else if (data->trouble)
		draw_trouble(screen, view, data);
	else
		draw_loaded(screen, view, data);
	draw_keys(screen, view);
}
