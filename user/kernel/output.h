/* SPDX-License-Identifier: GPL-2.0 */
/* Another program's standard output, without a shell. */
#ifndef USER_KERNEL_OUTPUT_H
#define USER_KERNEL_OUTPUT_H

#include <stddef.h>

/*
 * Runs argv[0], looked for in the system's own folders only, with nothing on standard input and an
 * environment of its own, for ten seconds at most. *ret_text (the caller frees it) is what it wrote,
 * ended by a 0. -ENOENT: there is no such program. -ETIMEDOUT, -EFBIG. -EIO: it failed; `complaint`
 * of `size` bytes is then the first line of what it said, printable.
 */
int output_of(const char *const *argv, char **ret_text, size_t *ret_size, char *complaint,
	      size_t size);

#endif
