/* SPDX-License-Identifier: GPL-2.0 */
/* Messages on standard error; see log.h. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int fail(int error, const char *format, ...)
{
	va_list arguments;

	failed_ = 1;
	fflush(stdout);
	fputs("agfeoctl: ", out());
	va_start(arguments, format);
	vfprintf(out(), format, arguments);
	va_end(arguments);
	if (error)
		fprintf(out(), ": %s", strerror(abs(error)));
	fputc('\n', out());
	return error ? -abs(error) : -EINVAL;
}

void warn(const char *format, ...)
{
	va_list arguments;

	fputs("agfeoctl: warning: ", out());
	va_start(arguments, format);
	vfprintf(out(), format, arguments);
	va_end(arguments);
	fputc('\n', out());
}

void say(const char *format, ...)
{
	va_list arguments;

	fputs("agfeoctl: ", out());
	va_start(arguments, format);
	vfprintf(out(), format, arguments);
	va_end(arguments);
	fputc('\n', out());
}

void note(const char *format, ...)
{
	va_list arguments;

	if (!verbose_)
		return;
	fputs("agfeoctl: ", out());
	va_start(arguments, format);
	vfprintf(out(), format, arguments);
	va_end(arguments);
	fputc('\n', out());
}
