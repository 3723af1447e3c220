/* SPDX-License-Identifier: GPL-2.0 */
/* The pins of one loader's maps and programs: put next to or in place of those that are, and undone. */
#ifndef USER_KERNEL_PINNING_H
#define USER_KERNEL_PINNING_H

#include "kernel/loader.h"

struct pinning;

int pinning_plan(const char *pin, const struct loader *loader, const char *config,
		 struct pinning **ret_pinning);
void pinning_free(struct pinning *pinning);

/* The program that is to run: the pinned one where it is the same as the loader's. -ENOENT. */
int pinning_program(const struct pinning *pinning, const char *name);

/* Maps that are not pinned yet; `meta`, filled, before all others. */
int pinning_put_maps(struct pinning *pinning);
/* Maps that take the place of pinned ones; `meta` after all others. */
int pinning_replace_maps(struct pinning *pinning);
/* Programs that differ from those pinned. */
int pinning_put_programs(struct pinning *pinning);
/* Who loaded, what and when. */
int pinning_write_meta(struct pinning *pinning);
int pinning_revert(struct pinning *pinning);

#endif
