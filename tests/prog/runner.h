/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs frames through the programs by BPF_PROG_RUN: no interface, no traffic, only root. A runner
 * is a box with a configuration, without flows at first; frames meet it one after the other, at the
 * time that the test says.
 *
 *	runner_open(configuration, &(struct runner_options){0}, &runner);
 *	runner_at(runner, 20 * MILLISECOND);
 *	runner_run(runner, RUN_VOICE, &frame, &result);
 */
#ifndef TESTS_PROG_RUNNER_H
#define TESTS_PROG_RUNNER_H

#include <agfeo/abi.h>

#include "frame.h"

#define MILLISECOND 1000000ull
#define SECOND	    1000000000ull

enum run_hook {
	RUN_VOICE,    /* xdp_ingress: what devices send */
	RUN_UPLINK,   /* xdp_uplink: what provider and internet send */
	RUN_TC,	      /* tc_egress: what is sent to devices */
	RUN_VOICE_L3, /* the same for interfaces without Ethernet */
	RUN_UPLINK_L3,
	RUN_TC_L3,
	RUN_HOOKS,
};

struct run_result {
	bool passed;
	int verdict; /* as the program returned it: XDP_… or TC_ACT_… */
	/* What replay is told; zero on pinned programs, which do not tell. */
	struct agfeo_replay_result told;
	struct frame_bytes frame; /* as it leaves; the marks of its layers as it came */
	uint32_t priority;	  /* tc: skb->priority */
	uint32_t duration_ns;	  /* of one run */
};

struct runner_options {
	bool live;   /* the kernel's clock instead of runner_at(); nothing is told */
	bool pickup; /* mid-stream TCP is picked up for the first minute */
	bool quiet; /* no records, so that what is refused may go the straight way, as in a flood */
};

struct runner;

/* Reads, compiles and loads a configuration, given as text. Says what went wrong on stderr. */
int runner_open(const char *configuration, const struct runner_options *options,
		struct runner **ret_runner);
/* The programs pinned at `pin`, as a loaded box has them: RUN_VOICE and RUN_TC. */
int runner_open_pinned(const char *pin, struct runner **ret_runner);
void runner_free(struct runner *runner);

/* Adds what the flow cache holds of a flow that was read from its table. stream: a voice flow's, or NULL. */
void runner_complete(struct runner *runner, const struct agfeo_flow4_key *key,
		     struct agfeo_flow *flow, struct agfeo_stream *stream);

/* Another configuration, in place; flows stay. */
int runner_reload(struct runner *runner, const char *configuration);

/* The capture's clock, from here on. */
int runner_at(struct runner *runner, uint64_t ns);
/* The interface that frames arrive on (XDP) or leave through (tc), and for tc where they came from.
 * Both must exist in the network namespace of the test; 1, loopback, until said otherwise. */
void runner_on(struct runner *runner, uint32_t ifindex, uint32_t arrived_on);
/* What the loader would say of an interface when it attaches. */
int runner_set_role(struct runner *runner, uint32_t ifindex, enum agfeo_role role);

/* One frame. 0, or the negative errno of BPF_PROG_RUN; -EINVAL: shorter than 14 bytes, or longer
 * than a page less its headroom (some 3500 bytes) at tc; new kernels
 * also refuse at tc what ends within its IP header. XDP takes FRAME_MOST from Linux 5.18 on. */
int runner_run(struct runner *runner, enum run_hook hook, const struct frame_bytes *frame,
	       struct run_result *ret_result);
/* The same frame `times` times in a row; ret_result is the last, duration_ns the mean. */
int runner_repeat(struct runner *runner, enum run_hook hook, const struct frame_bytes *frame,
		  uint32_t times, struct run_result *ret_result);

/* The name of a device by its id ("" is nobody), and a map's descriptor, for tests that look into
 * the maps. Both until runner_free(). */
const char *runner_device(const struct runner *runner, uint32_t id);
int runner_map(const struct runner *runner, const char *name);

/* Once, at the start: a network namespace of its own with nothing but loopback in it. False: nothing
 * can run here; why is said and counted. */
bool runner_place(void);
/* One CPU from then on: what each CPU has for itself, such as budgets, must be the same all the time. */
bool runner_stay(void);

#endif
