/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs on interfaces. XDP is a BPF link; tc egress is a tcx link where the kernel has it, else a
 * filter on clsact. What is attached is pinned as <pin>/link/INTERFACE-xdp and -tc; of a clsact
 * filter, which has no descriptor, the pin is a symbolic link that says where it sits.
 */
#ifndef USER_KERNEL_ATTACH_H
#define USER_KERNEL_ATTACH_H

#include <agfeo/abi.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/site.h"

enum attach_mode {
	ATTACH_NONE,
	ATTACH_NATIVE,	/* XDP in the driver */
	ATTACH_GENERIC, /* XDP on the skb */
	ATTACH_TCX,
	ATTACH_CLSACT,
};

/* "native", "generic", "tcx", "clsact", "none": the words of status and agfeo_interface_info. */
const char *attach_mode_label(enum attach_mode mode);

/* What is attached to one interface. */
struct attached {
	char name[IFNAMSIZ];
	unsigned ifindex; /* 0: the interface is gone or yet to come, its pins are there */
	bool has_tc;	  /* there is a pin of its egress: it faces devices */
	enum attach_mode xdp;
	enum attach_mode tc;
	uint32_t xdp_program; /* ids; 0: none */
	uint32_t tc_program;
};

/* All that <pin>/link says. The caller frees the array. */
int attach_list(const char *pin, struct attached **ret_attached, size_t *ret_count);

#endif
