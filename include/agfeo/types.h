/* SPDX-License-Identifier: GPL-2.0 */
/* Fixed-width types on both sides: vmlinux.h brings them for BPF, linux/types.h for the host. */
#ifndef AGFEO_TYPES_H
#define AGFEO_TYPES_H

#ifndef __bpf__
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#endif

#endif
