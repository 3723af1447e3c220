/* SPDX-License-Identifier: GPL-2.0 */
/* A call's packet on its way, as the programs of the latency measurement write it down. */
#ifndef TESTS_BENCH_PROBE_H
#define TESTS_BENCH_PROBE_H

#include <agfeo/types.h>

#define PROBE_MAGIC 0x61676665
#define PROBES_MOST 4096
#define PROBE_AT    54 /* Ethernet, IPv4, UDP, RTP: the first bytes of the voice */

/* What stands in the voice. */
struct bench_probe_mark {
	__u32 magic, number; /* host order */
};

/* ns of one clock; 0: was not seen there. */
struct bench_probe {
	__u64 sent;  /* left the caller */
	__u64 there; /* came out of the box on the other side */
	__u64 back;  /* its answer came out on the caller's */
};

#endif
