/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What becomes of flows: opened, what they carried every ten seconds, closed. It is told from what
 * stands in the flow tables, read round by round, and from the ring buffer, which announces a flow
 * the moment that it opens: so a record that the kernel or the reader had no time for is found in the
 * tables all the same. Each reader has one of its own. Pure.
 *
 * A flow is closed when it has been silent for as long as it may, when its TCP connection ended, or
 * when it is gone from the tables (refused by a new policy, pushed out, opened anew).
 */
#ifndef USER_REPORT_FLOW_WATCH_H
#define USER_REPORT_FLOW_WATCH_H

#include "report/event.h"
#include "report/flow.h"

#define FLOW_PERIOD_SECONDS 10

enum flow_news { FLOW_OPENED, FLOW_PERIODIC, FLOW_CLOSED };

struct flow_telling {
	enum flow_news news;
	const struct flow_record *record;
	uint64_t time_ns;		 /* CLOCK_MONOTONIC: when it opened, else of the round */
	const struct agfeo_event *event; /* of the ring buffer, which told of it; or NULL */
	bool final; /* closed: the figures are its last; else what was read before it went */
};

struct flow_watch;

/* now_ns: flows that opened before it are not told as opened. NULL: no memory. */
struct flow_watch *flow_watch_new(uint64_t now_ns,
				  void (*tell)(const struct flow_telling *telling, void *context),
				  void *context);
void flow_watch_free(struct flow_watch *watch);
static inline void flow_watch_freep(struct flow_watch **watch)
{
	flow_watch_free(*watch);
}

/* A record of AGFEO_EVENT_FLOW_OPENED. tick: of now, more or less. */
void flow_watch_announce(struct flow_watch *watch, const struct agfeo_event *event, uint32_t tick);
/* An entry of a flow table. A round is: every entry, then what the ring buffer has, then its end. */
void flow_watch_take(struct flow_watch *watch, const struct flow_record *record,
		     const struct flow_clock *clock);
void flow_watch_end_round(struct flow_watch *watch, const struct flow_clock *clock);

/* Periodic records that were not told because rounds came too late, since the last asking. */
uint64_t flow_watch_missed(struct flow_watch *watch);

#endif
