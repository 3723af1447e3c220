/* SPDX-License-Identifier: GPL-2.0 */
/* Namespaces by name; see place.h. */
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

static int open_namespace(const char *prefix, const char *which)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s-%s", prefix, which);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? fail(errno, "%s", path) : fd;
}

int place_enter(int namespace)
{
	return setns(namespace, CLONE_NEWNET) ? fail(errno, "network namespace") : 0;
}

static int read_mac(unsigned char *ret_mac)
{
	FILE *file = popen("ip -br link show dev d0", "r");
	int read = 0;

	if (file)
		read = fscanf(file, "%*s %*s %hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &ret_mac[0],
			      &ret_mac[1], &ret_mac[2], &ret_mac[3], &ret_mac[4], &ret_mac[5]);
	if (file)
		pclose(file);
	return read == 6 ? 0 : fail(ENODEV, "d0: no address");
}

int place_open(const char *prefix, struct place *ret_place)
{
	struct place place = {
		.generator = open_namespace(prefix, "gen"),
		.box = open_namespace(prefix, "dut"),
		.behind = open_namespace(prefix, "snk"),
	};
	int err;

	if (place.generator < 0 || place.box < 0 || place.behind < 0)
		return -ENOENT;
	err = place_enter(place.box);
	if (!err)
		err = read_mac(place.mac);
	if (!err)
		*ret_place = place;
	return err;
}
