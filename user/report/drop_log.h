/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The packets that were dropped last, as the ring buffer told of them, and which of them explain
 * that a call is one-way. Pure: a reader of the ring buffer fills it, or a test does.
 */
#ifndef USER_REPORT_DROP_LOG_H
#define USER_REPORT_DROP_LOG_H

#include <agfeo/abi.h>

#include "report/render_calls.h"

#define DROP_LOG_SIZE	 512
#define DROP_LOG_SECONDS 10 /* what is older explains nothing that happens now */

/* Packets of one 5-tuple that were dropped for one reason. */
struct dropped {
	struct address source, destination;
	uint16_t source_port, destination_port;
	uint8_t protocol; /* IP protocol */
	uint8_t reason;	  /* enum agfeo_reason */
	uint64_t time_ns; /* CLOCK_MONOTONIC, of the last one */
	uint64_t count;	  /* records, without a pause of DROP_LOG_SECONDS */
};

struct drop_log {
	struct dropped dropped[DROP_LOG_SIZE];
	size_t count;
};

/* Takes a record of the ring buffer; of other types it takes nothing. */
void drop_log_add(struct drop_log *log, const struct agfeo_event *event);
/* The newest first; returns how many there are, `room` at most. */
size_t drop_log_latest(const struct drop_log *log, const struct dropped **ret_latest, size_t room);

/*
 * Names what we dropped of the direction that each one-way call lacks: voice between its two ends,
 * or from or to the device's port; it may well use other ports than the flow that was allowed.
 */
void drop_log_explain(const struct drop_log *log, uint64_t now_ns, struct call *calls,
		      size_t count);

#endif
