/* SPDX-License-Identifier: GPL-2.0 */
/* A filter on clsact egress, where the kernel has no tcx (before 6.6). At a place of our own. */
#ifndef USER_KERNEL_CLSACT_H
#define USER_KERNEL_CLSACT_H

#include <stdbool.h>
#include <stdint.h>

/* *ret_created: the qdisc was not there before, so that it goes with the filter. */
int clsact_attach(unsigned ifindex, int program, bool *ret_created);
int clsact_replace(unsigned ifindex, int program);
/* Id of the program of our filter; -ENOENT when there is no filter, or not ours. */
int clsact_query(unsigned ifindex, uint32_t *ret_program);
/* remove_qdisc: the qdisc too, unless it got filters of others in the meantime. */
int clsact_detach(unsigned ifindex, bool remove_qdisc);

#endif
