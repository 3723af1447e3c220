/* SPDX-License-Identifier: GPL-2.0 */
/* What the running kernel can do, found by trying, never by its version. */
#ifndef USER_KERNEL_PROBE_H
#define USER_KERNEL_PROBE_H

#include <bpf/bpf.h>
#include <stdbool.h>

/* A program that lets everything pass: it holds the place of ours until its policy rules. */
int probe_pass_program(enum bpf_prog_type type, int *ret_program);
/* Whether XDP programs may see packets of several buffers (5.18). */
bool probe_frags(void);

/*
 * Whether two programs do the same: the same instructions over the same maps and with the same
 * constants, which the tag leaves out.
 */
bool probe_same_program(int a, int b);

#endif
