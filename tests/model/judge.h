/* SPDX-License-Identifier: GPL-2.0 */
/* The verdict on one packet: why it passes or is dropped. */
#ifndef TESTS_MODEL_JUDGE_H
#define TESTS_MODEL_JUDGE_H

#include "state.h"

/* The packet at hand, and what has been found out about it. */
struct case_file {
	struct reference *reference;
	enum reference_hook hook;
	struct wire wire;
	const struct listed *sender, *receiver; /* NULL: no device */
	bool known;				/* there is a flow between its ends */
	struct flow *flow;			/* that it belongs to, or NULL */
	enum flow_end end;			/* of the flow, that sent it */
	const struct permission *permission;	/* that spoke for it, or NULL */
	const struct listed *refuser;		/* the device whose list refused it, or NULL */
	const struct fragment *first;		/* of a later fragment */
};

/* Asks all questions in their order, and brings the state up to date where the packet passes. */
enum agfeo_reason judge(struct case_file *c);

/* Remembers that the packet searches for devices, if it does. For packets that passed. */
void judge_note_search(struct case_file *c);

#endif
