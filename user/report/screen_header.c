/* SPDX-License-Identifier: GPL-2.0 */
/* The rows above every pane: the box, its interfaces, flows and rates; see screen_parts.h. */
#include <inttypes.h>
#include <string.h>

#include "base/names.h"
#include "report/screen_parts.h"
#include "report/table.h"

#define NS_PER_SECOND 1000000000ull
#define ROWS_FULL     20 /* of the screen, or the header leaves rows out */
#define ROWS_SHORT    14
#define TABLE_FULL    90 /* percent */

/* ------------------------------------------------------------------ the box */

static int put_mode(struct screen *screen, int row, int column, const struct snapshot *now)
{
	if (now->monitor)
		return screen_put(screen, row, column, SCREEN_FAIR | SCREEN_BOLD,
				  "monitor: drops nothing");
	return screen_put(screen, row, column, SCREEN_GOOD, "enforce");
}

static void draw_box(struct screen *screen, const struct screen_view *view,
		     const struct screen_data *data)
{
	const struct snapshot *now = data->now;
	uint64_t loaded = now->meta.loaded_ns;
	uint64_t age = now->time_ns > loaded ? (now->time_ns - loaded) / NS_PER_SECOND : 0;
	char time[TIME_TEXT], lasting[AMOUNT_TEXT], state[32];
	int column = screen_put(screen, 0, 0, SCREEN_BOLD, "%s",
				data->site[0] ? data->site : now->meta.config);

	column = screen_put(screen, 0, column, SCREEN_PLAIN, "  generation %u  ",
			    now->control.generation);
	column = put_mode(screen, 0, column, now);
	column = screen_put(screen, 0, column, SCREEN_PLAIN, "  loaded %s ago",
			    duration_format(age, lasting));
	if (view->paused)
		strcpy(state, "PAUSED");
	else
		snprintf(state, sizeof(state), "every %us", view->interval);
	time_format(now->time_ns, time);
	if (column + 20 <= screen->columns) {
		column = screen->columns - screen_width(state) - 10;
		screen_put(screen, 0, column, view->paused ? SCREEN_REVERSE : SCREEN_DIM, "%s",
			   state);
		screen_put(screen, 0, screen->columns - 8, SCREEN_PLAIN, "%s",
			   strlen(time) > 11 ? time + 11 : time);
	}
}

static void draw_interfaces(struct screen *screen, int row, const struct snapshot *now)
{
	int column = 0;

	if (!now->interface_count)
		screen_put(screen, row, 0, SCREEN_ALARM, "no interface is guarded");
	for (size_t i = 0; i < now->interface_count; i++) {
		const struct interface_state *interface = &now->interfaces[i];

		column = screen_put(screen, row, column, SCREEN_BOLD, "%s%s", i ? "  " : "",
				    interface->name);
		column = screen_put(screen, row, column, SCREEN_PLAIN, " %s ",
				    role_label(interface->role));
		if (!interface->present)
			column = screen_put(screen, row, column, SCREEN_ALARM, "GONE");
		else
			column = screen_put(screen, row, column,
					    strcmp(interface->xdp, "native") ? SCREEN_FAIR
									     : SCREEN_PLAIN,
					    "%s", interface->xdp);
	}
}

/* ------------------------------------------------------------------ flows */

static void draw_flows(struct screen *screen, int row, const struct snapshot *now)
{
	uint64_t all = 0;
	int column;

	for (int class = 0; class < AGFEO_CLASS_COUNT; class ++)
		all += now->flows[class];
	column = screen_put(screen, row, 0, SCREEN_BOLD, "flows %" PRIu64, all);
	if (now->one_way)
		column = screen_put(screen, row, column, SCREEN_ALARM | SCREEN_BOLD,
				    "  %" PRIu64 " ONE-WAY", now->one_way);
	for (int class = 0; class < AGFEO_CLASS_COUNT; class ++)
		if (now->flows[class])
			column = screen_put(screen, row, column, SCREEN_PLAIN, "  %s %" PRIu64,
					    class_label((enum agfeo_class) class),
					    now->flows[class]);
}

static void draw_fill(struct screen *screen, int row, const struct snapshot *now)
{
	double fill = now->flow_capacity
			      ? 100.0 * (double)now->flow_entries / (double)now->flow_capacity
			      : 0;
	int width = screen->columns / 4;
	int full = (int)(fill / 100 * width + 0.5);
	unsigned style = fill >= TABLE_FULL ? SCREEN_ALARM : SCREEN_GOOD;
	int column = screen_put(screen, row, 0, SCREEN_BOLD, "table ");

	if (now->flow_entries && !full)
		full = 1;
	column = screen_put(screen, row, column, SCREEN_PLAIN, "[");
	for (int i = 0; i < width; i++)
		screen_put(screen, row, column + i, style, "%s", i < full ? "|" : " ");
	screen_put(screen, row, column + width, SCREEN_PLAIN,
		   "] %.1f%%, %" PRIu64 " of %" PRIu64 " entries", fill, now->flow_entries,
		   now->flow_capacity);
}

/* ------------------------------------------------------------------ rates */

#define RATE_LABELS  18 /* columns before the line of blocks */
#define PEAK_COLUMNS 13

static void draw_rate(struct screen *screen, int row, const struct screen_data *data,
		      enum rate_kind kind)
{
	static const char *const labels[RATE_KINDS] = {"passed", "dropped"};
	char text[RATE_TEXT] = "-", peak[RATE_TEXT], line[3 * RATES_SECONDS + 1];
	unsigned style = kind == RATE_DROPPED ? SCREEN_ALARM : SCREEN_GOOD;
	int columns = screen->columns - RATE_LABELS - PEAK_COLUMNS;
	double rates[RATE_KINDS];

	if (columns > RATES_SECONDS)
		columns = RATES_SECONDS;
	if (data->since) {
		screen_rates_of(data->since, data->seconds, rates);
		rate_format(rates[kind], text);
	}
	screen_put(screen, row, 0, SCREEN_BOLD, "%-8s", labels[kind]);
	screen_put(screen, row, 8, SCREEN_PLAIN, "%7s/s", text);
	if (columns < 10)
		return;
	screen_put(screen, row, RATE_LABELS, style, "%s",
		   rates_draw(data->rates, kind, data->monotonic_ns, columns, screen->utf8, line));
	screen_put(screen, row, RATE_LABELS + columns + 1, SCREEN_DIM, "peak %s",
		   rate_format(rates_peak(data->rates, kind, data->monotonic_ns), peak));
}

int header_draw(struct screen *screen, const struct screen_view *view,
		const struct screen_data *data)
{
	int row = 0;

	draw_box(screen, view, data);
	row++;
	if (screen->rows >= ROWS_FULL)
		draw_interfaces(screen, row++, data->now);
	if (screen->rows >= ROWS_SHORT)
		draw_flows(screen, row++, data->now);
	if (screen->rows >= ROWS_FULL)
		draw_fill(screen, row++, data->now);
	if (screen->rows >= ROWS_SHORT) {
		draw_rate(screen, row++, data, RATE_PASSED);
		draw_rate(screen, row++, data, RATE_DROPPED);
	}
	return row;
}
