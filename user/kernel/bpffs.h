/* SPDX-License-Identifier: GPL-2.0 */
/* The file system that pins live in: mounted where it is missing, and only what we mounted undone. */
#ifndef USER_KERNEL_BPFFS_H
#define USER_KERNEL_BPFFS_H

#include <stdbool.h>

/* Whether mounts of this process are its own, as under `ip netns exec`: pins elsewhere are not seen,
 * and a mount made here would die with it. */
bool bpffs_is_private(void);
/* For messages that nothing is at `pin`: why it may only not be seen, or "". */
const char *bpffs_hint(const char *pin);

/*
 * Makes sure that `pin` is, or can be made, on a bpffs: mounts one at /sys/fs/bpf for pins below it,
 * else at `pin` itself. Refuses where a mount would vanish with the process.
 */
int bpffs_ensure(const char *pin);
/*
 * -EROFS, with a message, where the file system of `pin` is mounted read-only: found out before
 * anything is changed, since an interface can be let go without its pin and not be had back.
 */
int bpffs_check_writable(const char *pin);
/* Unmounts what bpffs_ensure() mounted for `pin`, once nobody else's pins are on it. */
int bpffs_release(const char *pin);

#endif
