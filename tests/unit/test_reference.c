/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The reference model says what the conformance rows say, and asked for the first packet of a flow
 * the same as the compiled policy.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "check.h"
#include "config/config.h"
#include "corpus/play.h"
#include "model/reference.h"

#define SECOND_NS 1000000000ull

static struct site *read_site(const char *text)
{
	struct site *site = NULL;

	CHECK_EQ(config_parse("site", text, strlen(text), stdout, &site), 0);
	return site;
}

static int judge(void *state, enum row_hook hook, uint64_t ns, struct frame_bytes *frame,
		 struct outcome *ret_outcome)
{
	struct reference_answer answer;

	reference_judge(state, hook == ROW_XDP ? REFERENCE_VOICE_XDP : REFERENCE_VOICE_TC, ns,
			frame->bytes, frame->length, &answer);
	*ret_outcome = (struct outcome){
		.verdict = answer.verdict,
		.reason = answer.reason,
		.class = answer.class < 0 ? AGFEO_CLASS_COUNT : (enum agfeo_class)answer.class,
		.dscp_in = answer.dscp_in,
		.dscp_out = answer.dscp_out,
	};
	return 0;
}

static void test_rows(void)
{
	struct coverage coverage = {0};

	for (size_t i = 0; i < rows_count(); i++) {
		const struct row *row = rows_at(i);
		_cleanup_(site_freep) struct site *site = read_site(row->site);
		struct reference *reference;

		if (!site)
			return;
		reference = reference_new(site);
		if (row->pickup)
			reference_pickup(reference, 60 * SECOND_NS);
		play_row(row, &(struct box){reference, judge}, SECOND_NS, &coverage);
		reference_free(reference);
	}
	play_check_coverage(&coverage);
}

int main(void)
{
	test_rows();
	return check_done();
}
