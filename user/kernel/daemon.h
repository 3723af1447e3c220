/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The daemon: export, names, sweeping, interfaces that come back, reload. Enforcement never depends
 * on it; what it keeps for the next one is in <run> and in the maps.
 */
#ifndef USER_KERNEL_DAEMON_H
#define USER_KERNEL_DAEMON_H

struct daemon_options {
	const char *pin;
	const char *run;
	const char *config;
};

/* Until SIGTERM or SIGINT: then 0, with everything left attached. Says its own errors. */
int daemon_run(const struct daemon_options *options);

#endif
