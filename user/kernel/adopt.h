/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which pinned maps a load goes on with, and which it replaces: those of another layout, those that
 * are too small, and flow tables of another size than is configured now.
 */
#ifndef USER_KERNEL_ADOPT_H
#define USER_KERNEL_ADOPT_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/policy.h"

struct bpf_object;

#define ADOPT_MOST 64

struct replaced_map {
	const char *name; /* of the object's map */
	int old;	  /* descriptor of the pinned one */
	bool carried;	  /* its contents are read by the new version */
	bool same;	  /* they are laid out alike */
};

struct adoption {
	struct replaced_map maps[ADOPT_MOST];
	size_t count;
	bool policy; /* the maps of the policy are among them */
	bool flows;  /* flows are lost with them: what goes on is picked up mid-stream */
};

void adoption_release(struct adoption *adoption);

/*
 * Before the object is loaded: its maps become the pinned ones where these fit. Says beforehand what
 * is carried over and what is not. Changes nothing.
 */
int adopt_maps(struct bpf_object *object, const char *pin, const struct policy *policy,
	       struct adoption *ret_adoption);

#endif
