/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose a configuration is. Who may write it decides, with root's hands, what the firewall lets
 * through and which file the daemon overwrites: for root that must be root, or whoever calls.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/parse.h"

/* For these a permission that is too wide is a warning to whoever looks, and no more. */
static bool is_ours(const struct stat *status)
{
	return status->st_uid == 0 || status->st_uid == geteuid() || status->st_uid == getuid();
}

int trust_check(const char *path, int fd, FILE *errors)
{
	struct stat status;

	if (geteuid() || fstat(fd, &status) || !S_ISREG(status.st_mode))
		return 0;
	if (status.st_mode & S_IWOTH) {
		fprintf(errors,
			"%s: anybody may write this file (mode %04o), and root acts on it: "
			"refused; "
			"'chown root %s && chmod 644 %s' makes it root's alone\n",
			path, status.st_mode & 07777, path, path);
		return -EPERM;
	}
	if (!is_ours(&status))
		fprintf(errors,
			"%s: warning: it belongs to user %u, who can change what root loads: "
			"'chown "
			"root %s'\n",
			path, status.st_uid, path);
	else if (status.st_mode & S_IWGRP && status.st_gid)
		fprintf(errors,
			"%s: warning: group %u may write it, and so change what root loads: 'chmod "
			"g-w %s'\n",
			path, status.st_gid, path);
	return 0;
}
