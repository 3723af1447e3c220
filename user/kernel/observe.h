/* SPDX-License-Identifier: GPL-2.0 */
/* The voice tables into histograms: one observation a stream and round. */
#ifndef USER_KERNEL_OBSERVE_H
#define USER_KERNEL_OBSERVE_H

#include "report/flow.h"
#include "report/quality_state.h"
#include "voice/readings.h"

/* A round. now_ns: CLOCK_MONOTONIC, before the tables are read. Says its own errors. */
int observe_streams(const char *pin, const struct identities *identities, uint64_t now_ns,
		    struct readings *readings, struct quality_table *table);

#endif
