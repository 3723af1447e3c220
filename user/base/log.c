/* SPDX-License-Identifier: GPL-2.0 */
/* Messages on standard error; see log.h. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int verbose_;

void log_set_verbose(int verbose)
{
	verbose_ = verbose;
}

int fail(int error, const char *format, ...)
{
	va_list arguments;

	fflush(stdout);
	fputs("agfeoctl: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	if (error)
		fprintf(stderr, ": %s", strerror(abs(error)));
	fputc('\n', stderr);
	return error ? -abs(error) : -EINVAL;
}

void warn(const char *format, ...)
{
	va_list arguments;

	fputs("agfeoctl: warning: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

void note(const char *format, ...)
{
	va_list arguments;

	if (!verbose_)
		return;
	fputs("agfeoctl: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}
