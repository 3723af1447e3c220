/* SPDX-License-Identifier: GPL-2.0 */
/* XDP on one interface: native where the driver can, else generic with the reason told. */
#ifndef USER_KERNEL_XDP_H
#define USER_KERNEL_XDP_H

#include "kernel/attach.h"
#include "kernel/netdev.h"

/* The caller closes *ret_link; the program goes with the last descriptor or pin of it. */
int xdp_attach(const struct netdev *netdev, int program, enum xdp_mode wanted, int *ret_link,
	       enum attach_mode *ret_mode);
/* How XDP runs there now. */
enum attach_mode xdp_mode_of(unsigned ifindex);

#endif
