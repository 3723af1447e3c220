/* SPDX-License-Identifier: GPL-2.0 */
/* Plays rows to a box, whatever it is, and checks what became of every packet. */
#ifndef TESTS_CORPUS_PLAY_H
#define TESTS_CORPUS_PLAY_H

#include "lib/frame.h"
#include "rows.h"

/* What a box did with a packet. Where it cannot tell, reason or class are its COUNT. */
struct outcome {
	enum agfeo_verdict verdict;
	enum agfeo_reason reason;
	enum agfeo_class class;
	uint8_t dscp_in, dscp_out;
};

struct box {
	void *state;
	/* Judges the frame, and re-marks it in place. 0, or a negative errno. */
	int (*judge)(void *state, enum row_hook hook, uint64_t ns, struct frame_bytes *frame,
		     struct outcome *ret_outcome);
};

/* Which reasons and classes the rows brought about. */
struct coverage {
	bool reason[AGFEO_REASON_COUNT];
	bool class[AGFEO_CLASS_COUNT];
};

/* start_ns: when the row begins; its first packet arrives a step later. */
void play_row(const struct row *row, const struct box *box, uint64_t start_ns,
	      struct coverage *coverage);

/* Every reason and every class of the X-lists must have had a row. */
void play_check_coverage(const struct coverage *coverage);

#endif
