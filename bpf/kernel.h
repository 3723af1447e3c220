/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's types and the few UAPI constants that BTF does not carry. For BPF they come from
 * vmlinux.h, for host tests of the pure headers from the UAPI headers.
 */
#ifndef BPF_KERNEL_H
#define BPF_KERNEL_H

#ifdef __bpf__
#include "vmlinux.h"

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#else
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/types.h>
#include <linux/udp.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <bpf/bpf_endian.h>
#undef __always_inline /* glibc has one of its own */
#define __always_inline inline __attribute__((always_inline))
#endif

#ifdef __bpf__
#undef offsetof /* that of bpf_helpers.h is no constant for _Static_assert */
#define offsetof(type, member) __builtin_offsetof(type, member)
#define memcpy		       __builtin_memcpy
#define memset		       __builtin_memset
#endif

#endif
