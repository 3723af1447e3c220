/* SPDX-License-Identifier: GPL-2.0 */
/* What is said on standard error: once, where the most is known, the subject first. */
#ifndef USER_BASE_LOG_H
#define USER_BASE_LOG_H

#include <stdio.h>

/*
 * Says "agfeoctl: MESSAGE: strerror" and hands the code on, always negative: `return fail(err, …)`.
 * error: an errno of either sign; 0 prints no strerror and returns -EINVAL.
 */
int fail(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#ifdef AGFEO_ANALYZE /* analysers look at a file alone, and would try what happens were it 0 */
static inline int always_negative(int error)
{
	if (error >= 0)
		__builtin_unreachable();
	return error;
}
#define fail(...) always_negative(fail(__VA_ARGS__))
#endif

/* Says "agfeoctl: warning: MESSAGE". */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says "agfeoctl: MESSAGE": what a daemon's log must have. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says "agfeoctl: MESSAGE" when --verbose was given. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says "PATH:LINE: MESSAGE" of a file; line 0 is left out. What no terminal should get becomes '?', as
 * in all of these. */
void say_at(FILE *to, const char *path, int line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

void log_set_verbose(int verbose);
/* Whether fail() has said anything so far. */
int log_has_failed(void);

/* All of this goes to `to` from now on (NULL: standard error). Returns where it went before. */
FILE *log_redirect(FILE *to);

#endif
