/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's types and the few UAPI constants that BTF does not carry. For BPF they come from
 * vmlinux.h, for host tests of the pure headers from the UAPI headers.
 */
#ifndef BPF_KERNEL_H
#define BPF_KERNEL_H

#include <agfeo/types.h>

#ifdef __bpf__
/* clang-format off: the helpers' header comes first */
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
/* clang-format on */

#define TC_ACT_UNSPEC (-1)
#define TC_ACT_SHOT   2
#define memcpy	      __builtin_memcpy
#define memset	      __builtin_memset

/* A stage of its own: verified as a function, and its result stays one even where no caller looks
 * at it (else the register of a dropped result may hold what a verifier refuses to hand back). */
#define STAGE static __attribute__((noinline, used))

/* A stage that is verified once and by itself, whatever its callers know. It may take a context and
 * numbers only (before Linux 5.12). */
#define STAGE_ALONE __attribute__((noinline, used))

/* A lookup that stays apart from all others: where a compiler merges the calls of two maps, the
 * kernel can no longer inline either. */
#define find_in(map, key)                                                                          \
	({                                                                                         \
		void *found_ = bpf_map_lookup_elem(map, key);                                      \
		asm volatile("" : "+r"(found_) : "i"(__COUNTER__));                                \
		found_;                                                                            \
	})

#ifndef barrier_var /* hides a value from the optimiser */
#define barrier_var(var) asm volatile("" : "+r"(var))
#endif
#else
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/types.h>
#include <linux/udp.h>
#include <string.h>

#include <bpf/bpf_endian.h>
#undef __always_inline /* glibc has one of its own */
#define __always_inline	 inline __attribute__((always_inline))
#define barrier_var(var) ((void)(var))
#endif

#endif
