/* SPDX-License-Identifier: GPL-2.0 */
/* What other programs read in a form of their own, as JSON: {"format":…,"text":…}. */
#ifndef USER_COMMAND_QUOTE_H
#define USER_COMMAND_QUOTE_H

#include <stdio.h>

/* On standard output. render returns 0 or a negative errno, with which nothing is printed. */
int quote(const char *format, int (*render)(FILE *out, const void *what), const void *what);

#endif
