/* SPDX-License-Identifier: GPL-2.0 */
/* ncurses, and the signals that end a program; see terminal.h. */
#include "command/terminal.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "report/screen.h"

#define ESCAPE_MS   25 /* after an Esc, the rest of a key's sequence is not far */
#define EMPTY_READS 8  /* readable, and yet no key: nobody is at the other end */

static SCREEN *terminal_;
static bool utf8_, colours_;
static sigset_t before_; /* signals are let in only while waiting: none is missed */
static volatile sig_atomic_t signal_;

static void end_by(int signal)
{
	signal_ = signal;
}

/* A fault of ours must not leave a terminal that cannot be typed into; then it happens again. */
static void close_and_fault(int signal)
{
	(void)signal;
	endwin();
}

static void catch_signals(void)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
	sigset_t held;

	sigemptyset(&held);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		sigaction(ends[i], &(struct sigaction){.sa_handler = end_by}, NULL);
		sigaddset(&held, ends[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		sigaction(faults[i],
			  &(struct sigaction){.sa_handler = close_and_fault,
					      .sa_flags = (int)SA_RESETHAND},
			  NULL);
	sigaddset(&held, SIGWINCH);
	sigprocmask(SIG_BLOCK, &held, &before_);
}

static void choose_colours(void)
{
	const char *unwanted = getenv("NO_COLOR");

	colours_ = has_colors() && !(unwanted && *unwanted) && start_color() == OK;
	if (!colours_)
		return;
	use_default_colors();
	init_pair(SCREEN_DIM, -1, -1);
	init_pair(SCREEN_GOOD, COLOR_GREEN, -1);
	init_pair(SCREEN_FAIR, COLOR_YELLOW, -1);
	init_pair(SCREEN_ALARM, COLOR_RED, -1);
}

int terminal_open(void)
{
	const char *name = getenv("TERM");

	setlocale(LC_CTYPE, "");
	utf8_ = !strcmp(nl_langinfo(CODESET), "UTF-8");
	catch_signals();
	terminal_ = newterm(NULL, stdout, stdin);
	if (!terminal_) {
		sigprocmask(SIG_SETMASK, &before_, NULL);
		return fail(0,
			    "top: TERM is '%s', and this machine knows no such terminal: try "
			    "TERM=vt100, or 'agfeoctl stats --watch 1'",
			    name ? name : "");
	}
	set_escdelay(ESCAPE_MS);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	choose_colours();
	return 0;
}

void terminal_close(void)
{
	if (!terminal_)
		return;
	endwin();
	delscreen(terminal_);
	terminal_ = NULL;
	sigprocmask(SIG_SETMASK, &before_, NULL);
}

int terminal_signal(void)
{
	return signal_;
}

/* ------------------------------------------------------------------ out */

struct screen *terminal_screen(void)
{
	return screen_new(LINES, COLS, utf8_);
}

static attr_t attributes_of(unsigned style)
{
	unsigned colour = style & SCREEN_COLOUR_MASK;
	attr_t attributes = A_NORMAL;

	if (style & SCREEN_BOLD || (!colours_ && colour == SCREEN_ALARM))
		attributes |= A_BOLD;
	if (style & SCREEN_REVERSE)
		attributes |= A_REVERSE;
	if (colours_ && colour == SCREEN_DIM)
		attributes |= A_DIM;
	return attributes;
}

static void show_cell(const struct screen_cell *cell)
{
	unsigned colour = cell->style & SCREEN_COLOUR_MASK;

	attr_set(attributes_of(cell->style), (short)(colours_ ? colour : 0), NULL);
	addstr(cell->text);
}

void terminal_show(const struct screen *screen)
{
	erase();
	for (int row = 0; row < screen->rows; row++) {
		move(row, 0);
		for (int column = 0; column < screen->columns; column++)
			show_cell(screen_cell(screen, row, column));
	}
	curs_set(screen->cursor_row >= 0);
	if (screen->cursor_row >= 0)
		move(screen->cursor_row, screen->cursor_column);
	refresh();
}

/* ------------------------------------------------------------------ in */

static int key_of(int code)
{
	static const struct {
		int code, key;
	} keys[] = {
		{KEY_UP, KEY_CODE_UP},	       {KEY_DOWN, KEY_CODE_DOWN},
		{KEY_PPAGE, KEY_CODE_PAGE_UP}, {KEY_NPAGE, KEY_CODE_PAGE_DOWN},
		{KEY_HOME, KEY_CODE_HOME},     {KEY_END, KEY_CODE_END},
		{KEY_ENTER, KEY_CODE_ENTER},   {KEY_BACKSPACE, KEY_CODE_BACKSPACE},
		{27, KEY_CODE_ESCAPE},	       {KEY_F(1), KEY_CODE_F1},
		{KEY_F(2), KEY_CODE_F2},       {KEY_F(10), KEY_CODE_F10},
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].code == code)
			return keys[i].key;
	return code >= 0 && code <= 0xff ? code : TERMINAL_NOTHING;
}

/* Waits with the signals let in. False: it is over. */
static bool wait_for_input(int milliseconds)
{
	struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	int ready = signal_ ? 0 : ppoll(&input, 1, &time, &before_);

	if (signal_ || (ready < 0 && errno != EINTR))
		return false;
	return ready <= 0 || !(input.revents & (POLLHUP | POLLERR | POLLNVAL));
}

int terminal_key(int milliseconds)
{
	static int empty;
	int code = getch();

	if (code == ERR) {
		if (!wait_for_input(milliseconds > 0 ? milliseconds : 0))
			return TERMINAL_ENDED;
		code = getch();
	}
	if (code == ERR) {
		struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};

		empty = poll(&input, 1, 0) > 0 ? empty + 1 : 0;
		return empty < EMPTY_READS ? TERMINAL_NOTHING : TERMINAL_ENDED;
	}
	empty = 0;
	return key_of(code);
}
