/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The programs and maps, loaded into the kernel: unpinned and unattached. `load` pins and attaches
 * them, replay and the tests run them by BPF_PROG_RUN.
 */
#ifndef USER_KERNEL_LOADER_H
#define USER_KERNEL_LOADER_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/policy.h"

struct loader_options {
	bool replay; /* the clock is the map `replay_clock`, and `replay_result` is written */
	bool cache;  /* in replay too, flows are lent to the flow cache: who reads them reads it */
	bool no_events;	  /* no records to the ring buffer */
	bool pickup;	  /* mid-stream TCP is picked up for a minute, as after the first load */
	bool no_uplinks;  /* their programs are left out: a third of the verifier's work */
	bool unpublished; /* the policy only says the sizes; publish.h makes it rule */
	bool adopt;	  /* use the maps pinned at `pin`, where they fit, instead of new ones */
	const char *pin;
};

struct loader;

/*
 * Loads all programs with fresh maps (or adopted ones) and, unless policy is NULL, publishes it as
 * the next generation. The policy must have been compiled for loader_tick_ns() of the same
 * options.replay. Nothing outlives the loader unless it is pinned.
 */
int loader_open(const struct policy *policy, const struct loader_options *options,
		struct loader **ret_loader);
void loader_free(struct loader *loader);
static inline void loader_freep(struct loader **loader)
{
	loader_free(*loader);
}

/* Another policy, as `load` on a running box does it: the other bank, then one switch. */
int loader_publish(struct loader *loader, const struct policy *policy);

/* Descriptors, owned by the loader. -ENOENT when there is none of that name. */
int loader_program(const struct loader *loader, const char *name);
int loader_map(const struct loader *loader, const char *name);

/* Hash of the programs and their constants: equal hashes, equal programs. Never 0. */
uint64_t loader_hash(const struct loader *loader);

/* Calls back for each until the callback returns other than 0. */
int loader_each_program(const struct loader *loader,
			int (*callback)(const char *name, int fd, void *context), void *context);
int loader_each_map(const struct loader *loader,
		    int (*callback)(const char *name, int fd, void *context), void *context);

/*
 * Pinned maps that its own take the place of, when it was to adopt: of another layout or size. Where
 * those of the policy are among them, the switch that rules is another one too.
 */
struct replaced_map;
int loader_each_replaced(const struct loader *loader,
			 int (*callback)(const struct replaced_map *replaced, void *context),
			 void *context);
bool loader_replaces_maps(const struct loader *loader);
bool loader_replaces_policy(const struct loader *loader);
bool loader_loses_flows(const struct loader *loader);
/* What the programs are told once, when they are loaded. frags: the kernel has multi-buffer XDP. */
void loader_constants(const struct policy *policy, const struct loader_options *options, bool frags,
		      struct agfeo_program_config *ret_constants);

/*
 * Whether some interface has forward = fast, and may have it: where the kernel does not tell which drivers
 * can, none has (kernel/roles.h warns), and the programs go without bpf_check_mtu, which 5.10 lacks.
 */
bool loader_forwards_fast(const struct policy *policy);

/* The clock of its programs, in ticks. */
int loader_tick(const struct loader *loader, uint32_t *ret_tick);
/* Length of a tick on this machine. */
uint64_t loader_tick_ns(bool replay);
/* Jiffies a second. */
uint32_t loader_hz(void);

#endif
