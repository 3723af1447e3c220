/* SPDX-License-Identifier: GPL-2.0 */
/* Fixed-width types on both sides: vmlinux.h brings them for BPF, linux/types.h for the host. */
#ifndef AGFEO_TYPES_H
#define AGFEO_TYPES_H

#ifdef __bpf__
#include "vmlinux.h"
#define offsetof(type, member) __builtin_offsetof(type, member)
#else
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#endif

#endif
