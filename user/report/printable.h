/* SPDX-License-Identifier: GPL-2.0 */
/* Bytes of strangers, made fit for a terminal. */
#ifndef USER_REPORT_PRINTABLE_H
#define USER_REPORT_PRINTABLE_H

#include <stddef.h>
#include <stdio.h>

/*
 * Copies at most `length` bytes, up to the first 0, into `text` of `size` bytes: only printable ASCII;
 * any other byte becomes '?', blanks at the ends go. Returns text.
 */
const char *printable_copy(char *text, size_t size, const void *bytes, size_t length);

/* Prints text with '?' for control characters and what is no UTF-8. Returns the columns printed. */
size_t printable_print(FILE *out, const char *text, size_t length);
/* The same as a paragraph: broken at blanks before column `width`, later lines indented. */
void printable_wrap(FILE *out, const char *text, size_t indent, size_t width);

#endif
