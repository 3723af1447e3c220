/* SPDX-License-Identifier: GPL-2.0 */
/* Work that is tried again and again: what it says when it fails is said once, until it changes. */
#ifndef USER_KERNEL_CONDITION_H
#define USER_KERNEL_CONDITION_H

#define CONDITION_TEXT 1024

struct condition {
	char text
		[CONDITION_TEXT]; /* what it said when it failed last, lines; "" while all is well */
};

/*
 * Runs `work`, which returns 0 or a negative errno, and hands that on. What succeeds may say
 * something, which is passed on. recovered: said when it succeeds after a failure.
 */
int condition_run(struct condition *condition, int (*work)(void *context), void *context,
		  const char *recovered);

#endif
