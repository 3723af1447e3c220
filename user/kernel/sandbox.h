/* SPDX-License-Identifier: GPL-2.0 */
/* The daemon's cage: what it may ask of the kernel once it has begun, and its children too. */
#ifndef USER_KERNEL_SANDBOX_H
#define USER_KERNEL_SANDBOX_H

/*
 * From now on only the system calls that the daemon's work needs, with the arguments that it gives
 * them, for good. Everything else is EPERM, which whoever asked says; to execute a program, which
 * nothing of ours does, ends the process (SIGSYS). On a kernel without seccomp: a warning, and 0.
 */
int sandbox_enter(void);

#endif
