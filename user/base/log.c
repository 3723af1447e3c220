/* SPDX-License-Identifier: GPL-2.0 */
/* Messages on standard error; see log.h. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"

static int verbose_;
static int failed_;
static FILE *out_;

static FILE *out(void)
{
	return out_ ? out_ : stderr;
}

FILE *log_redirect(FILE *to)
{
	FILE *before = out_;

	out_ = to;
	return before;
}

void log_set_verbose(int verbose)
{
	verbose_ = verbose;
}

int log_has_failed(void)
{
	return failed_;
}

/* Messages quote files, names and what others said: none of it may reach a terminal as it is. */
static void emit(const char *before, const char *format, va_list arguments, const char *after)
{
	char *text;

	fprintf(out(), "agfeoctl: %s", before);
	if (vasprintf(&text, format, arguments) < 0) {
		fputs("out of memory\n", out());
		return;
	}
	printable_lines(out(), text);
	fprintf(out(), "%s%s\n", *after ? ": " : "", after);
	free(text);
}

void say_at(FILE *to, const char *path, int line, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	printable_print(to, path, strlen(path));
	if (line)
		fprintf(to, ":%d", line);
	fputs(": ", to);
	printable_lines(to, text ? text : strerror(ENOMEM));
	fputc('\n', to);
	free(text);
}

int(fail)(int error, const char *format, ...)
{
	va_list arguments;

	failed_ = 1;
	fflush(stdout);
	va_start(arguments, format);
	emit("", format, arguments, error ? strerror(abs(error)) : "");
	va_end(arguments);
	return error ? -abs(error) : -EINVAL;
}

void warn(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	emit("warning: ", format, arguments, "");
	va_end(arguments);
}

void say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	emit("", format, arguments, "");
	va_end(arguments);
}

void note(const char *format, ...)
{
	va_list arguments;

	if (!verbose_)
		return;
	va_start(arguments, format);
	emit("", format, arguments, "");
	va_end(arguments);
}
