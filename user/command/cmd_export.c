/* SPDX-License-Identifier: GPL-2.0 */
/* export: the metrics, as a textfile for node_exporter or on standard output. */
#include <stdio.h>

#include "base/cleanup.h"
#include "command/command.h"
#include "command/quote.h"
#include "kernel/collect.h"
#include "kernel/run_files.h"
#include "report/json.h"
#include "report/render.h"
#include "report/textfile.h"

static int render(FILE *out, const void *what)
{
	return render_prometheus(out, what);
}

/* Histograms are the daemon's: without them in the file, they would seem to begin anew. */
static int add_quality(const char *run, struct snapshot *snapshot)
{
	struct quality_table table;
	int err = run_quality_read(run, &table);

	if (err)
		return err;
	snapshot->quality = table.rows;
	snapshot->quality_count = table.count;
	return 0;
}

static int write_file(const struct context *context, const char *path,
		      const struct snapshot *snapshot)
{
	struct json json = {.out = stdout};
	int err = textfile_write(path, render, snapshot);

	if (err || !context->json)
		return err;
	json_open(&json, NULL);
	json_string(&json, "textfile", path);
	json_close(&json);
	json_end(&json);
	return 0;
}

static int run_export(const struct context *context, int argc, char **argv)
{
	_cleanup_(snapshot_freep) struct snapshot *snapshot = NULL;
	struct daemon_state daemon;
	const char *textfile = NULL;
	const struct option_row rows[] = {
		{"--textfile", OPTION_TEXT, &textfile, "FILE",
		 "replace FILE in one step; else to standard output"},
		{0},
	};
	int err;

	if (options_take(&command_export, rows, argc, argv, 0, 0) < 0)
		return EXIT_USAGE;
	err = collect(context->pin, COLLECT_COUNTERS | COLLECT_FLOWS | COLLECT_LINKS, &snapshot);
	if (!err)
		err = add_quality(context->run, snapshot);
	if (err)
		return EXIT_FAILED;
	if (!run_state_read(context->run, &daemon))
		snapshot->daemon = &daemon;
	if (textfile)
		err = write_file(context, textfile, snapshot);
	else if (context->json)
		err = quote("prometheus", render, snapshot);
	else
		err = render_prometheus(stdout, snapshot);
	return err ? EXIT_FAILED : EXIT_DONE;
}

const struct command command_export = {
	.name = "export",
	.run = run_export,
	.arguments = "[--textfile FILE]",
	.help = "Prometheus metrics, as one atomic textfile",
};
