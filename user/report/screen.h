/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The live screen of `top`: what was read, what keys have chosen, and what is drawn of both. Pure:
 * it knows neither kernel nor terminal.
 */
#ifndef USER_REPORT_SCREEN_H
#define USER_REPORT_SCREEN_H

#include <stddef.h>

#include "report/drop_log.h"
#include "report/render_calls.h"
#include "report/screen_canvas.h"
#include "report/screen_rates.h"
#include "report/snapshot.h"

enum screen_pane { PANE_CALLS, PANE_DEVICES, PANE_DROPS, PANE_COUNT };
enum screen_sort { SORT_MOS, SORT_LOSS, SORT_JITTER, SORT_TIME };

#define SCREEN_FILTER		48
#define SCREEN_INTERVAL_LONGEST 60 /* seconds: what sparklines show */

/* What the keys have chosen. Zeroed, with an interval, is the beginning. */
struct screen_view {
	enum screen_pane pane;
	enum screen_sort sort;
	bool reversed;
	bool help;
	bool paused;
	bool typing;	   /* the filter */
	unsigned interval; /* seconds */
	char filter[SCREEN_FILTER];
	size_t selected[PANE_COUNT]; /* brought back to a row that is there when drawn */
	size_t first[PANE_COUNT];    /* row at the top */
	size_t help_first;
	size_t page; /* rows that the list had when last drawn */
};

/* What was read; everything is borrowed. */
struct screen_data {
	const char *site;    /* "" when nobody knows */
	const char *trouble; /* why nothing could be read; NULL: it could */
	const struct snapshot *now;
	const struct snapshot *since; /* differences over `seconds`; NULL: read only once so far */
	double seconds;
	const struct call *calls;
	size_t call_count;
	const struct rates *rates;
	const struct drop_log *drops;
	uint64_t monotonic_ns; /* the clock of rates and drops, when `now` was read */
};

/* Packets a second over all accounts that `since` holds, as the sparklines show them. */
void screen_rates_of(const struct snapshot *since, double seconds, double ret_rate[RATE_KINDS]);

void screen_draw(struct screen *screen, struct screen_view *view, const struct screen_data *data);

/* ------------------------------------------------------------------ keys */

/* A byte, or one of these. */
enum screen_key {
	KEY_CODE_UP = 0x1000,
	KEY_CODE_DOWN,
	KEY_CODE_PAGE_UP,
	KEY_CODE_PAGE_DOWN,
	KEY_CODE_HOME,
	KEY_CODE_END,
	KEY_CODE_ENTER,
	KEY_CODE_BACKSPACE,
	KEY_CODE_ESCAPE,
	KEY_CODE_F1,
	KEY_CODE_F2,
	KEY_CODE_F10,
};

enum screen_wish { WISH_NONE, WISH_QUIT };

enum screen_wish screen_press(struct screen_view *view, int key);

#endif
