/* SPDX-License-Identifier: GPL-2.0 */
/* The daemon's parts, for its own files: daemon.c runs them, daemon_round.c and daemon_names.c work. */
#ifndef USER_KERNEL_DAEMON_PARTS_H
#define USER_KERNEL_DAEMON_PARTS_H

#include <event2/event.h>

#include "kernel/answers.h"
#include "kernel/condition.h"
#include "kernel/daemon.h"
#include "kernel/flows.h"
#include "kernel/link_watch.h"
#include "kernel/resolver.h"
#include "kernel/run_files.h"
#include "kernel/sweep_index.h"
#include "kernel/worker.h"
#include "report/daemon_state.h"
#include "report/quality_state.h"
#include "voice/readings.h"

struct daemon {
	const struct daemon_options *options;
	struct daemon_state state; /* what `status` shows */
	int lock;

	/* What the configuration says of the daemon's own work: as it was when it last was sound. */
	struct site *site;
	uint32_t cloud_hosts; /* mask of AGFEO_HOST_*: names that a service needs */

	/* What is loaded. */
	struct agfeo_meta meta;
	uint32_t generation;	     /* 0: nothing */
	uint32_t followed;	     /* the one that the configuration was last read for */
	struct run_config_mark text; /* of it */
	uint64_t life;		     /* first_loaded_ns of the pins that we know */

	struct readings *readings;
	struct quality_table quality;
	uint64_t observed_ns; /* CLOCK_MONOTONIC of the last round */
	struct index_sweep *index;
	struct cloud_book book;

	struct condition exporting, sweeping, attaching, keeping, naming;

	struct event_base *base;
	struct event *round, *sweep, *watchdog;
	struct event *signals[3];
	struct resolver *resolver;
	struct answers *answers; /* that devices got */
	struct link_watch *links;
	struct worker *worker; /* reloads */
	bool reload_again;     /* asked for while one was under way */
};

uint64_t daemon_clock_ns(clockid_t clock);
/* Which bank rules, and whose pins they are. Nothing loaded is no error: generation 0. */
int daemon_look(struct daemon *daemon);

/* daemon_round.c */
/* Observes, exports, keeps. At the configured interval. */
void daemon_do_round(struct daemon *daemon);
void daemon_do_sweep(struct daemon *daemon);
void daemon_keep_state(struct daemon *daemon);

/* daemon_names.c */
/* Asks for what the configuration needs now. */
void daemon_want_names(struct daemon *daemon);
void daemon_write_names(struct daemon *daemon);
void daemon_on_answer(const struct resolver_answer *answer, void *context);
/* Reads the answers that devices get, once the pins hand them over. */
int daemon_watch_answers(struct daemon *daemon);
/* What the maps knew before us. */
int daemon_read_names(struct daemon *daemon, const struct flow_clock *clock);
/* Uses and ends of addresses. */
int daemon_sweep_names(struct daemon *daemon, const struct flow_clock *clock);

#endif
