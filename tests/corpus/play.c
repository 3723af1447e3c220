/* SPDX-License-Identifier: GPL-2.0 */
/* Rows, played; see play.h. */
#include "play.h"

#include <stdio.h>

#include "base/names.h"
#include "lib/check.h"
#include "words.h"

static unsigned in_order(unsigned wanted, unsigned otherwise)
{
	return wanted ? wanted : otherwise;
}

/* What was right when it came is right when it leaves. */
static void check_checksums(const struct step *step, const struct frame_bytes *before,
			    const struct frame_bytes *after)
{
	if (step->verdict == AGFEO_DROP || step->reason == AGFEO_REASON_NOT_IP)
		return;
	if (step->reason == AGFEO_REASON_LISTED && frame_checksums_hold(before))
		CHECK(frame_checksums_hold(after));
}

static void check_outcome(const struct step *step, const struct outcome *outcome)
{
	CHECK_STR(reason_label(outcome->reason), reason_label(step->reason));
	CHECK_STR(verdict_label(outcome->verdict), verdict_label(step->verdict));
	if (step->verdict == AGFEO_PASS && outcome->dscp_in != AGFEO_KEEP)
		CHECK_EQ(outcome->dscp_out,
			 step->dscp == AGFEO_KEEP ? outcome->dscp_in : step->dscp);
}

static void note(struct coverage *coverage, const struct outcome *outcome)
{
	if (outcome->reason < AGFEO_REASON_COUNT)
		coverage->reason[outcome->reason] = true;
	if (outcome->class < AGFEO_CLASS_COUNT && outcome->verdict == AGFEO_PASS)
		coverage->class[outcome->class] = true;
}

static void play_step(const struct step *step, const struct box *box, uint64_t *now,
		      struct coverage *coverage)
{
	char wrong[WORDS_WRONG];
	struct frame_bytes written, frame;

	if (!CHECK_EQ(words_build(step->packet, &written, wrong), 0)) {
		printf("\t\"%s\" at '%s'\n", step->packet, wrong);
		return;
	}
	for (unsigned i = 0; i < in_order(step->times, 1); i++) {
		struct outcome outcome = {0};

		*now += in_order(i ? 0 : step->after_ms, STEP_MS) * 1000000ull;
		frame = written;
		if (!CHECK_EQ(box->judge(box->state, step->hook, *now, &frame, &outcome), 0))
			return;
		check_outcome(step, &outcome);
		check_checksums(step, &written, &frame);
		note(coverage, &outcome);
	}
}

void play_row(const struct row *row, const struct box *box, uint64_t start_ns,
	      struct coverage *coverage)
{
	uint64_t now = start_ns;
	char name[256];

	for (size_t i = 0; i < row_length(row); i++) {
		snprintf(name, sizeof(name), "%s: %zu. %s", row->what, i + 1, row->steps[i].packet);
		CHECK_ROW(name);
		play_step(&row->steps[i], box, &now, coverage);
	}
	CHECK_ROW(NULL);
}

void play_check_coverage(const struct coverage *coverage)
{
	for (unsigned reason = 0; reason < AGFEO_REASON_COUNT; reason++) {
		CHECK_ROW(reason_label(reason));
		CHECK(coverage->reason[reason]);
	}
	for (unsigned class = 0; class < AGFEO_CLASS_COUNT; class ++) {
		CHECK_ROW(class_label(class));
		CHECK(coverage->class[class]);
	}
	CHECK_ROW(NULL);
}
