/* SPDX-License-Identifier: GPL-2.0 */
/* Reads of this very box what report/audit.h judges. Changes nothing. */
#ifndef USER_KERNEL_AUDIT_H
#define USER_KERNEL_AUDIT_H

#include "config/site.h"
#include "report/audit.h"

struct audit_box {
	struct site *site; /* what the facts borrow; NULL: the configuration does not hold */
	struct audit_facts facts;
};

/* What cannot be read is left unknown, and said by a finding. 0 or -ENOMEM. */
int audit_read(const char *config, const char *pin, struct audit_box *box);
void audit_box_free(struct audit_box *box);

/* ------------------------------------------------------------------ for its parts */

int audit_read_config(struct audit_box *box);
void audit_read_loaded(struct audit_facts *facts);
void audit_read_sysctls(struct audit_facts *facts);
int audit_read_filters(struct audit_facts *facts);
/* Of the interfaces that are there by name. */
void audit_read_links(struct audit_facts *facts);
void audit_read_features(struct audit_interface *interface);
int audit_read_export(struct audit_facts *facts);

#endif
