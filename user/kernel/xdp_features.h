/* SPDX-License-Identifier: GPL-2.0 */
/* What a driver can do with XDP, as the kernel tells by generic netlink since 6.3. */
#ifndef USER_KERNEL_XDP_FEATURES_H
#define USER_KERNEL_XDP_FEATURES_H

#include <stdbool.h>
#include <stdint.h>

#define XDP_FEATURE_NDO_XMIT (1u << 2) /* it sends frames that XDP redirects to it */

/*
 * Family "netdev" (Documentation/netlink/specs/netdev.yaml). -EOPNOTSUPP: the kernel does not tell.
 * Says nothing.
 */
int xdp_features(unsigned ifindex, uint64_t *ret_features);

/* Whether this kernel tells at all. */
bool xdp_features_told(void);

#endif
