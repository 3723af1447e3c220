/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Housekeeping: what expired long ago is taken out of the tables. Nothing depends on it, since the
 * datapath asks for expiry at each lookup and the tables drop their oldest entries by themselves.
 */
#ifndef USER_KERNEL_SWEEP_H
#define USER_KERNEL_SWEEP_H

#include "kernel/flows.h"

struct swept {
	uint64_t flows, fragments, sources;
	bool more; /* there was more to do than one sweep takes */
};

struct sweep_request {
	const char *pin;
	const struct flow_clock *clock;
	const struct agfeo_settings *settings; /* of the bank that rules */
	uint64_t observed_ns; /* voice after it has not been observed yet, and stays */
	/* Of each flow that was taken out, expectations left out; NULL: nobody asks. */
	void (*ended)(const struct flow_record *record, void *context);
	void *context;
};

/* Adds to *ret_swept. Says its own errors. */
int sweep_tables(const struct sweep_request *request, struct swept *ret_swept);

#endif
