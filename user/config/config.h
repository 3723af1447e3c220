/* SPDX-License-Identifier: GPL-2.0 */
/* The configuration file: INI text (INTERFACE, "Configuration") to struct site. */
#ifndef USER_CONFIG_CONFIG_H
#define USER_CONFIG_CONFIG_H

#include <stdio.h>

#include "config/site.h"

/*
 * Reads a file. Every error is written to `errors` as "FILE:LINE: MESSAGE", all in one go, one line
 * a fault, each saying the key, what was wrong and what would be right.
 * Returns 0, -EINVAL when the text has faults, or the errno of reading it (then also reported).
 */
int config_read(const char *path, FILE *errors, struct site **ret_site);

/* The same for who acts on it; -EPERM where root would act on what anybody may write. */
int config_read_trusted(const char *path, FILE *errors, struct site **ret_site);

/* The same from text in memory; `path` is only named in messages. */
int config_parse(const char *path, const char *text, size_t size, FILE *errors,
		 struct site **ret_site);

/* What is allowed and yet wider than it need be, one call a warning; returns how many. */
size_t config_warnings(const struct site *site,
		       void (*say)(void *context, int line, const char *text), void *context);

/* What the vendor says of opening ports of a telephone system, for messages that refuse it. */
#define VENDOR_WARNING                                                                             \
	"The vendor warns: „Geben Sie auf keinen Fall den Port 5060 (oder gar 80 bzw. 443) in "  \
	"der "                                                                                     \
	"Firewall frei!“ (Informationen für einen Betrieb hinter Firewall-Systemen)"

#endif
