/* SPDX-License-Identifier: GPL-2.0 */
/* Bytes of strangers, made fit for a terminal. */
#ifndef USER_BASE_PRINTABLE_H
#define USER_BASE_PRINTABLE_H

#include <stddef.h>
#include <stdio.h>

/* Length in bytes of the valid UTF-8 character at `text`, 0 where there is none. */
size_t utf8_character(const char *text);
/* Bytes of a control character at the start (of C0, DEL, or of C1, which takes two), or 0. */
size_t control_character(const char *text, unsigned *ret_point);

/*
 * Copies at most `length` bytes, up to the first 0, into `text` of `size` bytes: only printable ASCII;
 * any other byte becomes '?', blanks at the ends go. Returns text.
 */
const char *printable_copy(char *text, size_t size, const void *bytes, size_t length);

/* Prints text with '?' for control characters and what is no UTF-8. Returns the columns printed. */
size_t printable_print(FILE *out, const char *text, size_t length);
/* The same with its newlines and tabs as they are. */
void printable_lines(FILE *out, const char *text);
/* In place: '?' for each byte of a control character and of what is no UTF-8. */
void printable_text(char *text);
/* As printable_print(), as a paragraph: broken at blanks before column `width`, later lines indented. */
void printable_wrap(FILE *out, const char *text, size_t indent, size_t width);

#endif
