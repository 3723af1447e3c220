/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The attachments that a configuration wants, brought about in three steps around the switch of the
 * policy, and undone. What can fail comes before the switch: new interfaces get a program that lets
 * everything pass, which the switch is followed by replacing.
 */
#ifndef USER_KERNEL_ATTACHMENTS_H
#define USER_KERNEL_ATTACHMENTS_H

#include "kernel/hook.h"
#include "kernel/loader.h"
#include "kernel/pinning.h"

struct attachments;

/*
 * Compares what is pinned with what the site wants. netdevs: of netdev_find_all(), in the site's
 * order. The programs of `pinning` are borrowed until the end. Changes nothing.
 */
int attachments_plan(const char *pin, const struct site *site, const struct netdev *netdevs,
		     const struct loader *loader, const struct pinning *pinning,
		     struct attachments **ret_attachments);
void attachments_free(struct attachments *attachments);
static inline void attachments_freep(struct attachments **attachments)
{
	attachments_free(*attachments);
}

/* Before the switch: existing hooks get the new programs, new interfaces are taken hold of. */
int attachments_prepare(struct attachments *attachments);
/* After it: new interfaces get their programs. */
int attachments_commit(struct attachments *attachments);
/* Last: interfaces that are no longer configured are let go. */
int attachments_finish(struct attachments *attachments);
/* As it was before attachments_prepare(), from any step on. */
int attachments_revert(struct attachments *attachments);

/* Lets go of every interface, whoever configured it. */
int attachments_remove_all(const char *pin);

#endif
