/* SPDX-License-Identifier: GPL-2.0 */
/* What the programs and the reference model say of one packet, and whether it is the same. */
#ifndef TESTS_PROG_RUNNER_VERDICTS_H
#define TESTS_PROG_RUNNER_VERDICTS_H

#include "model/reference.h"
#include "runner.h"

struct verdicts {
	enum run_hook hook;
	struct run_result run;
	struct reference_answer answer;
	struct frame_bytes arrived, modelled;
};

/* The program of a hook that the model knows. */
enum run_hook verdicts_hook_of(enum reference_hook hook);

/* The same verdict, for the same reason, of the same devices; the same bytes where it passes. */
bool verdicts_agree(const struct runner *runner, const struct verdicts *v);
bool verdicts_same_bytes(const struct verdicts *v);

#endif
