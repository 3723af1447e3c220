/* SPDX-License-Identifier: GPL-2.0 */
/* What this process may do, and giving up what it does not need. */
#ifndef USER_KERNEL_PRIVILEGE_H
#define USER_KERNEL_PRIVILEGE_H

#include <stddef.h>

#define PRIVILEGE_TEXT 64

/*
 * "CAP_BPF, CAP_PERFMON": what loading and reading need and this process lacks, "" when it has all.
 * CAP_SYS_ADMIN is never among it: the kernel takes it in place of the two, but we do not need it.
 */
const char *privilege_missing(char text[PRIVILEGE_TEXT]);

/*
 * Keeps CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON of what there is, for this process and whatever it
 * starts, and gives up the rest for good: it cannot be had back, by a setuid program neither.
 */
int privilege_drop(void);

#endif
