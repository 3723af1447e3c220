/* SPDX-License-Identifier: GPL-2.0 */
/* What is fixed when the programs are loaded: dead branches are removed by the verifier. */
#ifndef BPF_CONFIG_H
#define BPF_CONFIG_H

#include <agfeo/abi.h>

#include "kernel.h"

const volatile struct agfeo_program_config agfeo_config = {
	.tick_shift = AGFEO_TICK_SHIFT,
	.events = 1,
};

#endif
