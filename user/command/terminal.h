/* SPDX-License-Identifier: GPL-2.0 */
/* The terminal under a screen: shows it, reads keys, and is left as it was found. */
#ifndef USER_COMMAND_TERMINAL_H
#define USER_COMMAND_TERMINAL_H

#include <stdbool.h>

#include "report/screen_canvas.h"

/* What terminal_key() returns besides keys of report/screen.h. */
enum terminal_event {
	TERMINAL_NOTHING = -1, /* the time is over, or the size changed: draw again */
	TERMINAL_ENDED = -2,   /* a signal asks to end, or the terminal is gone */
};

/* Takes over standard input and output. Says its own errors. */
int terminal_open(void);
/* Gives them back. Safe to call twice. */
void terminal_close(void);
/* The signal that asked to end, once the terminal is closed, or 0. */
int terminal_signal(void);

/* A blank screen of the terminal's size now. NULL: no memory. */
struct screen *terminal_screen(void);
void terminal_show(const struct screen *screen);
/* The next key, waited for no longer than that. */
int terminal_key(int milliseconds);

#endif
