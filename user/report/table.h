/* SPDX-License-Identifier: GPL-2.0 */
/* Columns for people: cells are collected, then printed as wide as the widest. */
#ifndef USER_REPORT_TABLE_H
#define USER_REPORT_TABLE_H

#include <stdint.h>
#include <stdio.h>

struct table;

/* headers: NULL-terminated; one that begins with '>' stands at the right, as numbers do. */
struct table *table_new(const char *const *headers);
void table_free(struct table *table);
static inline void table_freep(struct table **table)
{
	table_free(*table);
}

/* The next cell, row by row. Control characters and broken UTF-8 print as '?'. */
void table_cell(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints all rows. Returns 0 or -ENOMEM, also of a cell before. An empty table prints nothing. */
int table_print(struct table *table, FILE *out);

#define AMOUNT_TEXT 16
/* "812 B", "1.9 MB": three digits are enough for a person. Returns the buffer. */
const char *bytes_format(uint64_t bytes, char *text);
/* "12s", "3m 20s", "2h 13m", "4d 3h". */
const char *duration_format(uint64_t seconds, char *text);
/* "2025-03-03 14:05:09", local time. */
#define TIME_TEXT 32
const char *time_format(uint64_t realtime_ns, char *text);

#endif
