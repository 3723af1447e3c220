/* SPDX-License-Identifier: GPL-2.0 */
/* The ways of forward = fast, kept with a flow. */
#ifndef AGFEO_WAY_H
#define AGFEO_WAY_H

#include <agfeo/types.h>

/*
 * Where a direction of a flow goes without the kernel: as the kernel sent its packet of a moment ago,
 * seen at XDP where it came in and, under the same addresses and ports, at egress where it left.
 */
struct agfeo_way {
	__u8 destination[6]; /* of the frame as it leaves; with the source, as the frame has them */
	__u8 source[6];
	__u8 arrived[6]; /* destination of the frame as it comes in */
	__u16 mtu;	 /* of where it leaves */
	__u32 learned;	 /* tick; 0: it is not known, or asked for */
	__u32 from;	 /* ifindex that it comes in by */
	__u32 to;	 /* ifindex that it leaves by */
};

#define AGFEO_WAY_TICKS 16 /* how long a way holds: then the kernel is asked again */

_Static_assert(sizeof(struct agfeo_way) == 32, "way");

#endif
