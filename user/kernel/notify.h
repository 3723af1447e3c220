/* SPDX-License-Identifier: GPL-2.0 */
/*
 * systemd's notification protocol, sd_notify(3): one datagram of VARIABLE=VALUE lines to the socket
 * in NOTIFY_SOCKET. Without it nothing is sent.
 */
#ifndef USER_KERNEL_NOTIFY_H
#define USER_KERNEL_NOTIFY_H

#include <stdint.h>

/* "READY=1\nSTATUS=…". Says nothing: who does not hear it restarts us. */
void notify(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* RELOADING=1 with the time that Type=notify-reload wants. */
void notify_reloading(void);

/* How often WATCHDOG=1 must come, in microseconds; 0: nobody watches us. */
uint64_t notify_watchdog_us(void);

#endif
