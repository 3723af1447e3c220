/* SPDX-License-Identifier: GPL-2.0 */
/* One program at one interface, and its pin: attached, replaced, detached. */
#ifndef USER_KERNEL_HOOK_H
#define USER_KERNEL_HOOK_H

#include "kernel/attach.h"
#include "kernel/netdev.h"

enum hook_kind {
	HOOK_XDP,
	HOOK_TC,
	HOOK_KINDS,
};

struct hook {
	enum hook_kind kind;
	char interface[IFNAMSIZ];
	unsigned ifindex; /* 0: the interface is gone and took the attachment along */
	enum attach_mode mode;
	uint32_t program; /* id */
	int link;	  /* descriptor; -1 for clsact */
	bool created_qdisc;
};

void hook_release(struct hook *hook);

/* What is pinned for the interface; -ENOENT when nothing is. Says nothing. */
int hook_open(const char *pin, enum hook_kind kind, const char *interface, struct hook *ret_hook);

/* Attaches and pins. xdp: as configured; for tc it has no meaning. */
int hook_attach(const char *pin, enum hook_kind kind, const struct netdev *netdev, int program,
		enum xdp_mode xdp, struct hook *ret_hook);
/* Marks an interface that is to be guarded once it is there, as one is that has gone. */
int hook_await(const char *pin, enum hook_kind kind, const char *interface);
/* Atomic: there is no packet between the two programs. */
int hook_update(const struct hook *hook, int program);
/* Detaches, and leaves the pin as the mark of an interface that is gone. */
int hook_let_go(const struct hook *hook);
/* Detaches and removes the pin; that the interface is gone is no error. */
int hook_detach(const char *pin, const struct hook *hook);

/* Calls back for every hook that is pinned; it is released after. */
int hook_each(const char *pin, int (*callback)(const struct hook *hook, void *context),
	      void *context);

#endif
