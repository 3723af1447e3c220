/* SPDX-License-Identifier: GPL-2.0 */
/* What a key does to the view; see screen.h. */
#include <string.h>

#include "report/screen.h"

/* ------------------------------------------------------------------ typing a filter */

static void take_last_character(char *text)
{
	size_t length = strlen(text);

	while (length && ((unsigned char)text[length - 1] & 0xc0) == 0x80)
		length--;
	if (length)
		length--;
	text[length] = '\0';
}

static void type_filter(struct screen_view *view, int key)
{
	size_t length = strlen(view->filter);

	switch (key) {
	case KEY_CODE_ENTER:
	case '\n':
	case '\r':
		view->typing = false;
		return;
	case KEY_CODE_ESCAPE:
		view->typing = false;
		view->filter[0] = '\0';
		return;
	case KEY_CODE_BACKSPACE:
	case 0x7f:
	case '\b':
		take_last_character(view->filter);
		return;
	}
	if (key >= ' ' && key <= 0xff && length + 1 < sizeof(view->filter)) {
		view->filter[length] = (char)key;
		view->filter[length + 1] = '\0';
	}
}

/* ------------------------------------------------------------------ moving */

/* What is beyond the last row is brought back when it is drawn. */
static void move_by(struct screen_view *view, size_t rows, bool up)
{
	size_t *at = view->help ? &view->help_first : &view->selected[view->pane];

	if (!up)
		*at += rows;
	else
		*at = *at > rows ? *at - rows : 0;
}

static void move_to_end(struct screen_view *view, bool begin)
{
	size_t *at = view->help ? &view->help_first : &view->selected[view->pane];

	*at = begin ? 0 : SIZE_MAX / 2;
}

static void press_movement(struct screen_view *view, int key)
{
	switch (key) {
	case KEY_CODE_UP:
	case KEY_CODE_DOWN:
		move_by(view, 1, key == KEY_CODE_UP);
		return;
	case KEY_CODE_PAGE_UP:
	case KEY_CODE_PAGE_DOWN:
		move_by(view, view->page ? view->page : 1, key == KEY_CODE_PAGE_UP);
		return;
	case KEY_CODE_HOME:
	case KEY_CODE_END:
		move_to_end(view, key == KEY_CODE_HOME);
		return;
	}
}

/* ------------------------------------------------------------------ choosing */

static void show_pane(struct screen_view *view, enum screen_pane pane)
{
	view->pane = pane;
	view->help = false;
}

/* An order is one of calls, so it shows them, from the top. */
static void sort_by(struct screen_view *view, enum screen_sort sort)
{
	view->sort = sort;
	view->reversed = false;
	view->selected[PANE_CALLS] = 0;
	show_pane(view, PANE_CALLS);
}

static void change_interval(struct screen_view *view, bool longer)
{
	if (longer && view->interval < SCREEN_INTERVAL_LONGEST)
		view->interval++;
	if (!longer && view->interval > 1)
		view->interval--;
}

static bool press_pane(struct screen_view *view, int key)
{
	switch (key) {
	case KEY_CODE_F1:
	case 'h':
	case '?':
		view->help = !view->help;
		view->help_first = 0;
		return true;
	case KEY_CODE_ESCAPE:
		view->help = false;
		view->filter[0] = '\0';
		return true;
	case KEY_CODE_F2:
	case 'c':
		show_pane(view, PANE_CALLS);
		return true;
	case 'd':
		show_pane(view, PANE_DEVICES);
		return true;
	case 'r':
		show_pane(view, PANE_DROPS);
		return true;
	case '\t':
		show_pane(view, (view->pane + 1) % PANE_COUNT);
		return true;
	}
	return false;
}

static bool press_order(struct screen_view *view, int key)
{
	switch (key) {
	case 'M':
		sort_by(view, SORT_MOS);
		return true;
	case 'L':
		sort_by(view, SORT_LOSS);
		return true;
	case 'J':
		sort_by(view, SORT_JITTER);
		return true;
	case 'T':
		sort_by(view, SORT_TIME);
		return true;
	case 'I':
		view->reversed = !view->reversed;
		return true;
	}
	return false;
}

enum screen_wish screen_press(struct screen_view *view, int key)
{
	if (key == KEY_CODE_F10)
		return WISH_QUIT;
	if (view->typing) {
		type_filter(view, key);
		return WISH_NONE;
	}
	if (press_pane(view, key) || press_order(view, key))
		return WISH_NONE;
	switch (key) {
	case 'q':
		return WISH_QUIT;
	case 'p':
		view->paused = !view->paused;
		return WISH_NONE;
	case '/':
		view->typing = true;
		view->help = false;
		return WISH_NONE;
	case '+':
	case '-':
		change_interval(view, key == '+');
		return WISH_NONE;
	}
	press_movement(view, key);
	return WISH_NONE;
}
