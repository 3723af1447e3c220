/* SPDX-License-Identifier: GPL-2.0 */
/* Pins of our own; see runner_pins.h. */
#include "prog/runner_pins.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "check.h"
#include "kernel/pins.h"

char own_pin[] = "/tmp/agfeo-pins-XXXXXX";

bool own_pins_begin(void)
{
	if (geteuid()) {
		CHECK_SKIP("making BPF maps needs root");
		return false;
	}
	if (!CHECK(mkdtemp(own_pin)))
		return false;
	if (CHECK(!unshare(CLONE_NEWNS)) &&
	    CHECK(!mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)) &&
	    CHECK(!mount("bpf", own_pin, "bpf", 0, NULL)) &&
	    CHECK_EQ(pins_make_folders(own_pin), 0))
		return true;
	rmdir(own_pin);
	return false;
}

void own_pins_end(void)
{
	umount2(own_pin, MNT_DETACH);
	rmdir(own_pin);
}

int own_map(enum bpf_map_type type, const char *name, size_t key, size_t value, unsigned entries,
	    unsigned flags)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = flags);
	int map = bpf_map_create(type, name, (__u32)key, (__u32)value, entries, &options);

	if (CHECK(map >= 0))
		CHECK_EQ(pins_put(own_pin, "map", name, map), 0);
	return map;
}

void put(int map, const void *key, const void *value)
{
	if (bpf_map_update_elem(map, key, value, BPF_ANY))
		CHECK_EQ(errno, 0);
}
