/* SPDX-License-Identifier: GPL-2.0 */
/* What `flows --follow` and `drops --follow` share: lines as they come, with the names of now. */
#ifndef USER_COMMAND_FOLLOW_H
#define USER_COMMAND_FOLLOW_H

#include <net/if.h>

#include "command/command.h"
#include "report/flow.h"

/* Both return an exit status: only when nothing is loaded any more, or standard output is closed. */
int follow_drops(const struct context *context);
int follow_flows(const struct context *context);

struct events;

/* What is loaded: names change with every load, and after an unload the maps are others. */
struct following {
	struct agfeo_meta meta;
	struct events *events;
	struct identities *identities;
	uint32_t generation;
	uint64_t realtime_offset_ns; /* CLOCK_REALTIME - CLOCK_MONOTONIC */
};

void following_release(struct following *following);
/* Makes it that of now. Fails, and says why, when nothing is loaded. */
int follow_refresh(const struct context *context, struct following *following);
/* "" when the interface is gone. Returns the buffer. */
const char *follow_interface(uint32_t ifindex, char name[IF_NAMESIZE]);
/* Says that this reader was too slow for so many records; nothing for 0. */
void follow_say_lost(const struct context *context, uint64_t records);
uint64_t follow_clock_ns(void); /* CLOCK_MONOTONIC */

/* Flushes standard output: an exit status. What failed is said at the end, by main. */
int output_done(void);

#endif
