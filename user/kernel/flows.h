/* SPDX-License-Identifier: GPL-2.0 */
/* The flow tables, read. */
#ifndef USER_KERNEL_FLOWS_H
#define USER_KERNEL_FLOWS_H

#include "report/flow.h"

extern const char *const flow_tables[FLOW_TABLES];

/*
 * Calls back for each entry of all flow tables, expired ones and expectations included, until the
 * callback returns other than 0; returns that. Says its own errors.
 */
int flows_each(const char *pin, int (*callback)(const struct flow_record *record, void *context),
	       void *context);

/* Writes an entry, which is not there yet, into the table that it names; `map` is that table. Does not
 * touch the index. Returns 0 or a negative errno; says nothing. */
int flow_put(int map, const struct flow_record *record);

/* The clocks of now, to hold ages against. */
int flows_clock(const char *pin, const struct agfeo_meta *meta, struct flow_clock *ret_clock);

/* Names of devices and counters. */
int identities_read(const char *pin, struct identities **ret_identities);

struct flow_list {
	struct flow_row *rows; /* by bytes; they borrow their names from the identities */
	size_t count;
	struct call *calls; /* streams of voice, and no more of a call: flow_row.call */
};

void flow_list_release(struct flow_list *list);
/* All live flows. */
int flows_read(const char *pin, const struct agfeo_meta *meta, const struct identities *identities,
	       struct flow_list *ret_list);

#endif
