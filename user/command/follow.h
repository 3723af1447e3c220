/* SPDX-License-Identifier: GPL-2.0 */
/* What `flows --follow` and `drops --follow` share: records of one type, as lines, as they come. */
#ifndef USER_COMMAND_FOLLOW_H
#define USER_COMMAND_FOLLOW_H

#include <agfeo/abi.h>

#include "command/command.h"

/* Returns an exit status: only when nothing is loaded any more, or standard output is closed. */
int follow(const struct context *context, enum agfeo_event_type type);

/* Flushes standard output: an exit status. What failed is said at the end, by main. */
int output_done(void);

#endif
