/* SPDX-License-Identifier: GPL-2.0 */
/* The configuration file: INI text (INTERFACE, "Configuration") to struct site. */
#ifndef USER_CONFIG_H
#define USER_CONFIG_H

#include <stdio.h>

#include "config/site.h"

/*
 * Reads a file. Every error is written to `errors` as "FILE:LINE: MESSAGE", all in one go, one line
 * a fault, each saying the key, what was wrong and what would be right.
 * Returns 0, -EINVAL when the text has faults, or the errno of reading it (then also reported).
 */
int config_read(const char *path, FILE *errors, struct site **ret_site);

/* The same from text in memory; `path` is only named in messages. */
int config_parse(const char *path, const char *text, size_t size, FILE *errors,
		 struct site **ret_site);

#endif
