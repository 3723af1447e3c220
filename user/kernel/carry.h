/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What replaced maps held, carried over into their successors while packets go on to be counted in
 * the old ones: once before the programs change hands, and the difference after.
 */
#ifndef USER_KERNEL_CARRY_H
#define USER_KERNEL_CARRY_H

#include "kernel/loader.h"

struct carry;

/* Names, counters, addresses, and the generation to go on from. Before anything reads the new maps. */
int carry_begin(const struct loader *loader, struct carry **ret_carry);
/* Flows, as late as can be before the programs change hands. */
int carry_flows(struct carry *carry);
/* After that: what was counted and opened in the old maps meanwhile. A packet that is counted in the
 * very moment in which its row is added up may be lost from the count. */
int carry_rest(struct carry *carry);

/*
 * And back, where the old maps are to rule again. Flows: while the new policy still rules. Counters
 * and names: after the old programs have hold and the names are those before, once; a packet counted
 * in that very moment may be lost from the count.
 */
int carry_flows_back(struct carry *carry);
int carry_counts_back(const struct carry *carry);
void carry_free(struct carry *carry);

#endif
