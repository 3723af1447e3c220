/* SPDX-License-Identifier: GPL-2.0 */
/* The boxes that are measured: configurations of one device, of many, of many ranges. */
#ifndef TESTS_BENCH_BOXES_H
#define TESTS_BENCH_BOXES_H

#include "harness.h"

#define BOXES_FLOWS	   16384      /* what a table holds where nobody says otherwise */
#define BOXES_DEVICES_AT   0x0a010000 /* 10.1.0.0: the first of many */
#define BOXES_RANGES_AT	   20000      /* the first of many ports, two of every four */
#define BOXES_PORTS_A_LIST 40	      /* ranges that one device has */

int box_open_usual(unsigned flows, const char *quality, struct box *ret_box);
int box_open_devices(unsigned count, struct box *ret_box);
/* So many ranges of ports, on as many devices as their lists need. */
int box_open_ranges(unsigned count, struct box *ret_box);

#endif
