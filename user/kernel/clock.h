/* SPDX-License-Identifier: GPL-2.0 */
/* The datapath's coarse clock, by running the program `clock`. */
#ifndef USER_KERNEL_CLOCK_H
#define USER_KERNEL_CLOCK_H

#include <stdint.h>

#define PICKUP_SECONDS 60 /* mid-stream TCP is picked up that long after the first load */

int clock_run(int program, uint32_t *ret_tick);

#endif
