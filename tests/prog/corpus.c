/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The conformance rows for anybody's firewall: `corpus DIR` writes each as a capture, DIR/NNN.pcap,
 * the sites' configurations, and the list DIR/rows.txt: what each packet must come to. Without DIR,
 * as the test that it is, it writes to build/test/corpus.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/names.h"
#include "capture.h"
#include "check.h"
#include "corpus/rows.h"
#include "corpus/words.h"

#define START_NS 1000000000ull

static void write_step(const struct step *step, size_t number, uint64_t *ns, FILE *capture,
		       FILE *list)
{
	char wrong[WORDS_WRONG], dscp[8] = "-";
	struct frame_bytes frame;

	if (!CHECK_EQ(words_build(step->packet, &frame, wrong), 0))
		return;
	if (step->verdict == AGFEO_PASS && step->dscp != AGFEO_KEEP)
		dscp_format(step->dscp, dscp);
	for (unsigned i = 0; i < (step->times ? step->times : 1); i++) {
		*ns += (!i && step->after_ms ? step->after_ms : STEP_MS) * 1000000ull;
		capture_write(capture, *ns, &frame);
	}
	fprintf(list, "  %2zu %9.3f s %-4s %-4s %-12s %-4s %s\n", number,
		(double)(*ns - START_NS) / 1e9, step->hook == ROW_XDP ? "xdp" : "tc",
		verdict_label(step->verdict), reason_label(step->reason), dscp, step->packet);
}

static const char *name_of(const char *site)
{
	static const struct {
		const char *text, *name;
	} sites[] = {
		{site_office, "office"},     {site_closed, "closed"},	  {site_watched, "watched"},
		{site_bleached, "bleached"}, {site_unmarked, "unmarked"}, {site_narrow, "narrow"},
	};

	for (size_t i = 0; i < sizeof(sites) / sizeof(sites[0]); i++)
		if (sites[i].text == site)
			return sites[i].name;
	return "?";
}

static void write_row(const struct row *row, size_t number, FILE *list)
{
	uint64_t ns = START_NS;
	FILE *capture;
	char path[32];

	CHECK_ROW(row->what);
	snprintf(path, sizeof(path), "%03zu.pcap", number);
	capture = capture_open(path, LINK_ETHERNET);
	if (!CHECK(capture))
		return;
	fprintf(list, "%03zu %s (site %s%s)\n", number, row->what, name_of(row->site),
		row->pickup ? ", just loaded" : "");
	for (size_t i = 0; i < row_length(row); i++)
		write_step(&row->steps[i], i + 1, &ns, capture, list);
	CHECK_EQ(capture_close(capture), 0);
}

static void write_site(const char *site)
{
	char path[32];
	FILE *file;

	snprintf(path, sizeof(path), "%s.conf", name_of(site));
	file = fopen(path, "w");
	if (!CHECK(file))
		return;
	fputs(site, file);
	CHECK_EQ(fclose(file), 0);
}

static void write_all(void)
{
	FILE *list = fopen("rows.txt", "w");

	if (!CHECK(list))
		return;
	fprintf(list, "Row, site; packet, time, hook, verdict, reason, DSCP that it leaves with "
		      "(-: as it came), packet in words\n\n");
	for (size_t i = 0; i < rows_count(); i++) {
		write_row(rows_at(i), i + 1, list);
		write_site(rows_at(i)->site);
	}
	CHECK_EQ(fclose(list), 0);
}

/* Where the build keeps what tests leave. */
static const char *default_folder(char *path, size_t size)
{
	const char *build = getenv("BUILD");

	snprintf(path, size, "%s/test/corpus", build ? build : "build");
	return path;
}

int main(int argc, char **argv)
{
	char path[4096];
	const char *folder = argc == 2 ? argv[1] : default_folder(path, sizeof(path));

	if (argc > 2) {
		fprintf(stderr, "usage: %s [DIR]\n", argv[0]);
		return 2;
	}
	if ((mkdir(folder, 0755) && errno != EEXIST) || chdir(folder)) {
		perror(folder);
		return 1;
	}
	write_all();
	return check_done();
}
