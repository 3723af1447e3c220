/* SPDX-License-Identifier: GPL-2.0 */
/* A folder of pins on a bpffs of its own, in a mount namespace of its own. Needs root. */
#ifndef TESTS_PROG_RUNNER_PINS_H
#define TESTS_PROG_RUNNER_PINS_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

extern char own_pin[];

/* false: it cannot be made, or is skipped, as the checks say then. */
bool own_pins_begin(void);
void own_pins_end(void);

/* A map that is pinned by its name; to be closed. */
int own_map(enum bpf_map_type type, const char *name, size_t key, size_t value, unsigned entries,
	    unsigned flags);
/* Hundreds of thousands of times: only what fails counts as a test. */
void put(int map, const void *key, const void *value);

#endif
