/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Assertions. Each is true when it held, so that a test may say `if (!CHECK(p)) return;`; none
 * leaves the function by itself. Each counts as one test: where millions of values are walked,
 * count the wrong ones in the loop and check that they are 0.
 * A program ends with `return check_done();`.
 */
#ifndef TESTS_LIB_CHECK_H
#define TESTS_LIB_CHECK_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Shared by all files of a program, hence weak rather than static. `row` names the case at hand. */
struct check_state {
	unsigned passed, failed, skipped;
	const char *row;
};
__attribute__((weak)) struct check_state check_state;

static inline bool check_count(bool held, const char *file, int line)
{
	if (held) {
		check_state.passed++;
		return true;
	}
	check_state.failed++;
	printf("%s:%d: ", file, line);
	if (check_state.row)
		printf("[%s] ", check_state.row);
	return false;
}

static inline bool check_true(bool held, const char *text, const char *file, int line)
{
	if (!check_count(held, file, line))
		printf("FAILED %s\n", text);
	return held;
}

static inline bool check_equal(long long a, long long b, const char *text, const char *file,
			       int line)
{
	if (!check_count(a == b, file, line))
		printf("FAILED %s: %lld (%#llx) is not %lld (%#llx)\n", text, a, a, b, b);
	return a == b;
}

static inline bool check_string(const char *a, const char *b, const char *text, const char *file,
				int line)
{
	bool held = a == b || (a && b && !strcmp(a, b));

	if (!check_count(held, file, line))
		printf("FAILED %s:\n    \"%s\"\n is not\n    \"%s\"\n", text, a ? a : "(null)",
		       b ? b : "(null)");
	return held;
}

static inline void check_skip(const char *reason, const char *file, int line)
{
	check_state.skipped++;
	printf("%s:%d: skipped: %s\n", file, line, reason);
}

#define CHECK(condition)   check_true(!!(condition), #condition, __FILE__, __LINE__)
#define CHECK_EQ(a, b)	   check_equal((long long)(a), (long long)(b), #a " == " #b, __FILE__, __LINE__)
#define CHECK_STR(a, b)	   check_string(a, b, #a " is " #b, __FILE__, __LINE__)
#define CHECK_SKIP(reason) check_skip(reason, __FILE__, __LINE__)
#define CHECK_ROW(what)	   ((void)(check_state.row = (what))) /* until the next, or NULL */

/* The exit status: 1 a failure, 77 nothing but skipped, else 0. */
static inline int check_done(void)
{
	printf("%s: %u passed, %u failed, %u skipped\n", program_invocation_short_name,
	       check_state.passed, check_state.failed, check_state.skipped);
	if (check_state.failed)
		return 1;
	if (!check_state.passed && check_state.skipped)
		return 77;
	return 0;
}

#endif
