/* SPDX-License-Identifier: GPL-2.0 */
/* The facts of a sound box, for tests of the audit that make something wrong. */
#ifndef TESTS_LIB_AUDIT_BOX_H
#define TESTS_LIB_AUDIT_BOX_H

#include "report/audit.h"

#define NOW    1741010709000000000ull
#define SECOND 1000000000ull

struct box {
	struct prefix networks[2], pbx[2], phone[1];
	struct audit_device devices[2];
	struct audit_interface interfaces[3];
	struct audit_exporter exporters[1];
	struct audit_facts facts;
};

void sound_box(struct box *box);

/* Exactly this finding; NULL id: none at all. */
void expect(const struct box *box, const char *row, const char *id, enum audit_severity severity,
	    const char *object);

struct prefix prefix_of(const char *text);
/* Of the uplink. */
void set_qdisc(struct box *box, size_t at, const char *kind, bool root);

#endif
