/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is kept of one RTP stream: one direction of one voice flow, for one SSRC. Written by the
 * datapath (bpf/stream.h), read by user space. Times are nanoseconds.
 */
#ifndef AGFEO_STREAM_H
#define AGFEO_STREAM_H

#include <agfeo/types.h>

struct agfeo_stream {
	__u64 arrival;	     /* ns, of the newest packet that moved the jitter */
	__u64 window;	     /* bit n: sequence number (highest - n) arrived */
	__u32 timestamp;     /* RTP timestamp of that packet */
	__u32 ssrc;	     /* host order */
	__u32 highest;	     /* extended highest sequence number (RFC 3550 A.1: cycles | max_seq) */
	__u32 base;	     /* extended first sequence number */
};

#endif
