/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UDP flows that were open before anything was loaded: who opened them, connection tracking knows
 * for certain, so that what comes back is passed, and what nobody opened is not.
 */
#ifndef USER_KERNEL_TAKEOVER_H
#define USER_KERNEL_TAKEOVER_H

#include "kernel/publish.h"

/*
 * Writes what the prepared policy lets its opener open into the flow tables, as of an earlier
 * generation: the datapath judges each again at its first packet. For tables that nobody reads yet.
 * Returns how many; whatever fails is said and fails nothing.
 */
size_t takeover_flows(const struct publication *publication, const struct policy *policy);

#endif
