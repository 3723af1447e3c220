/* SPDX-License-Identifier: GPL-2.0 */
/* The configuration read, compiled and applied, as `load` does it. */
#ifndef USER_KERNEL_RELOAD_H
#define USER_KERNEL_RELOAD_H

/* Says its own errors, as "FILE:LINE: …" where they are of the configuration. */
int reload(const char *pin, const char *run, const char *config);

#endif
