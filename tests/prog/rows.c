/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The conformance rows through the programs. A site's rows share a box; between rows so much time
 * passes that nothing is remembered. All are played twice: with records of what is refused, and without.
 */
#include "base/names.h"
#include "check.h"
#include "corpus/play.h"
#include "runner.h"

#define BETWEEN_ROWS (20000 * SECOND) /* twice the longest life of a flow, and more */

static int judge(void *state, enum row_hook hook, uint64_t ns, struct frame_bytes *frame,
		 struct outcome *ret_outcome)
{
	struct run_result result;
	int err = runner_at(state, ns);

	if (!err)
		err = runner_run(state, hook == ROW_XDP ? RUN_VOICE : RUN_TC, frame, &result);
	if (err)
		return err;
	*ret_outcome = (struct outcome){
		.verdict = result.passed ? AGFEO_PASS : AGFEO_DROP,
		.reason = result.told.reason,
		.class = result.told.class,
		.dscp_in = result.told.dscp_in,
		.dscp_out = result.told.dscp_out,
	};
	memcpy(frame->bytes, result.frame.bytes, result.frame.length);
	frame->length = result.frame.length;
	return 0;
}

static void play_with_pickup(const struct row *row, bool quiet, struct coverage *coverage)
{
	const struct runner_options options = {.pickup = true, .quiet = quiet};
	struct runner *runner = NULL;

	if (!CHECK_EQ(runner_open(row->site, &options, &runner), 0))
		return;
	play_row(row, &(struct box){runner, judge}, SECOND, coverage);
	runner_free(runner);
}

static void play_site(const char *site, bool quiet, struct coverage *coverage)
{
	const struct runner_options options = {.quiet = quiet};
	struct runner *runner = NULL;
	uint64_t now = BETWEEN_ROWS;

	if (!CHECK_EQ(runner_open(site, &options, &runner), 0))
		return;
	for (size_t i = 0; i < rows_count(); i++) {
		const struct row *row = rows_at(i);

		if (row->site != site)
			continue;
		if (row->pickup)
			play_with_pickup(row, quiet, coverage);
		else
			play_row(row, &(struct box){runner, judge}, now, coverage);
		now += BETWEEN_ROWS;
	}
	runner_free(runner);
}

int main(void)
{
	static const char *const sites[] = {site_office,   site_closed,	  site_watched,
					    site_bleached, site_unmarked, site_narrow};
	struct coverage coverage = {0};

	if (!runner_place() || !runner_stay())
		return check_done();
	for (size_t i = 0; i < sizeof(sites) / sizeof(sites[0]); i++)
		for (int quiet = 0; quiet < 2; quiet++)
			play_site(sites[i], quiet, &coverage);
	play_check_coverage(&coverage);
	return check_done();
}
