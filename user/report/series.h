/* SPDX-License-Identifier: GPL-2.0 */
/* Families of Prometheus' text format 0.0.4: gathered, sorted by their labels, summed, printed. */
#ifndef USER_REPORT_SERIES_H
#define USER_REPORT_SERIES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/cleanup.h"

#define MAX_LABELS 5

struct series {
	const char *label[MAX_LABELS]; /* borrowed from the snapshot, or static */
	uint64_t value;
};

struct family {
	const char *name;
	const char *type;
	const char *help;
	const char *labels[MAX_LABELS + 1]; /* NULL-terminated */
	struct series *rows;
	size_t count, room;
	bool failed;
};

void family_release(struct family *family);
#define _family_ _cleanup_(family_release) struct family

/* One more series; those with the same labels are added up. */
void family_add(struct family *family, struct series series);
/* HELP, TYPE and all series, each once. -ENOMEM, also of an add before. */
int family_put(FILE *out, struct family *family);

void prom_put_head(FILE *out, const char *name, const char *type, const char *help);
/* before: "{" or ",". The value is escaped, and mended where it is no UTF-8. */
void prom_put_label(FILE *out, const char *before, const char *name, const char *value);

#endif
