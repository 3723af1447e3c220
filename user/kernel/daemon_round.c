/* SPDX-License-Identifier: GPL-2.0 */
/* What the daemon does at intervals: observe, export, keep, sweep. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/collect.h"
#include "kernel/daemon_parts.h"
#include "kernel/fault.h"
#include "kernel/observe.h"
#include "kernel/pins.h"
#include "kernel/run_files.h"
#include "kernel/sweep.h"
#include "report/render.h"
#include "report/textfile.h"

/* ------------------------------------------------------------------ the round */

/* A copy, which the snapshot owns. */
static int add_quality(const struct quality_table *table, struct snapshot *snapshot)
{
	snapshot->quality = calloc(table->count + 1, sizeof(*snapshot->quality));
	if (!snapshot->quality)
		return fail(-ENOMEM, "histograms");
	if (table->count)
		memcpy(snapshot->quality, table->rows, table->count * sizeof(*table->rows));
	snapshot->quality_count = table->count;
	return 0;
}

/* The histograms are kept before they are shown: what was seen of a counter never goes back. */
static int observe(struct daemon *daemon)
{
	_cleanup_(identities_freep) struct identities *identities = NULL;
	uint64_t now = daemon_clock_ns(CLOCK_MONOTONIC);
	int err = identities_read(daemon->options->pin, &identities);

	if (!err)
		err = observe_streams(daemon->options->pin, identities, now, daemon->readings,
				      &daemon->quality);
	if (err)
		return err;
	daemon->observed_ns = now;
	err = fault_point("observed");
	if (err)
		return err;
	return run_quality_write(daemon->options->run, &daemon->quality);
}

static int render(FILE *out, const void *what)
{
	return render_prometheus(out, what);
}

static int export(struct daemon *daemon)
{
	_cleanup_(snapshot_freep) struct snapshot *snapshot = NULL;
	int err;

	if (!*daemon->site->textfile)
		return 0;
	err = collect(daemon->options->pin, COLLECT_COUNTERS | COLLECT_FLOWS | COLLECT_LINKS,
		      &snapshot);
	if (!err)
		err = add_quality(&daemon->quality, snapshot);
	if (!err)
		snapshot->daemon = &daemon->state;
	if (!err)
		err = textfile_write(daemon->site->textfile, render, snapshot);
	if (!err)
		err = fault_point("exported");
	if (!err)
		daemon->state.written_ns = daemon_clock_ns(CLOCK_REALTIME);
	return err;
}

static int do_round(void *context)
{
	struct daemon *daemon = context;
	int err = daemon_look(daemon), one;

	if (err)
		return err;
	if (!daemon->generation)
		return fail(0, "nothing is loaded at %s: nothing is exported until 'agfeoctl load'",
			    daemon->options->pin);
	err = observe(daemon);
	one = export(daemon);
	return err ? err : one;
}

static int keep_state(void *context)
{
	struct daemon *daemon = context;
	int err = fault_point("keeping");

	return err ? err : run_state_write(daemon->options->run, &daemon->state);
}

void daemon_keep_state(struct daemon *daemon)
{
	condition_run(&daemon->keeping, keep_state, daemon, NULL);
}

void daemon_do_round(struct daemon *daemon)
{
	condition_run(&daemon->exporting, do_round, daemon, "metrics are exported again");
	strcpy(daemon->state.textfile, daemon->site->textfile);
	strcpy(daemon->state.textfile_error, daemon->exporting.text);
	daemon_keep_state(daemon);
}

/* ------------------------------------------------------------------ the sweep */

static int read_settings(struct daemon *daemon, struct agfeo_settings *ret_settings)
{
	_cleanup_(closep) int map = -1;
	__u32 bank = daemon->generation % AGFEO_BANKS;
	int err = pins_open_map(daemon->options->pin, "settings", &map);

	if (err)
		return err;
	if (bpf_map_lookup_elem(map, &bank, ret_settings))
		return fail(errno, "map 'settings'");
	return 0;
}

struct ending {
	const struct identities *identities;
	const struct flow_clock *clock;
};

static void tell_end(const struct flow_record *record, void *context)
{
	char local[ENDPOINT_TEXT], remote[ENDPOINT_TEXT], protocol[8];
	const struct ending *ending = context;
	struct flow_row row;

	flow_describe(record, ending->identities, ending->clock, &row);
	note("flow ended: %s %s %s %s %s, %.0f s, out %llu packets %llu bytes, in %llu packets "
	     "%llu bytes",
	     row.device, row.service, ip_protocol_format(row.protocol, protocol),
	     endpoint_format(&row.local, row.local_port, local),
	     endpoint_format(&row.remote, row.remote_port, remote),
	     row.age_ns > row.idle_ns ? (double)(row.age_ns - row.idle_ns) / 1e9 : 0.0,
	     (unsigned long long)row.way[AGFEO_OUT].packets,
	     (unsigned long long)row.way[AGFEO_OUT].bytes,
	     (unsigned long long)row.way[AGFEO_IN].packets,
	     (unsigned long long)row.way[AGFEO_IN].bytes);
}

static int sweep_all(struct daemon *daemon, const struct flow_clock *clock)
{
	_cleanup_(identities_freep) struct identities *identities = NULL;
	struct agfeo_settings settings;
	struct ending ending = {.clock = clock};
	struct swept swept = {.flows = 0};
	struct sweep_request request = {
		.pin = daemon->options->pin,
		.clock = clock,
		.settings = &settings,
		.observed_ns = daemon->observed_ns,
		.ended = tell_end,
		.context = &ending,
	};
	int err = read_settings(daemon, &settings);

	if (!err)
		err = identities_read(daemon->options->pin, &identities);
	ending.identities = identities;
	if (!err)
		err = sweep_tables(&request, &swept);
	daemon->state.swept_flows += swept.flows;
	daemon->state.swept_fragments += swept.fragments;
	daemon->state.swept_sources += swept.sources;
	if (swept.more && swept.flows + swept.fragments + swept.sources)
		event_active(daemon->sweep, EV_TIMEOUT, 0);
	return err;
}

/* The index belongs to the maps of one life: after an unload there are others. */
static int sweep_index(struct daemon *daemon)
{
	struct index_swept swept = {.cleared = 0};
	int err = 0;

	if (!daemon->index)
		err = index_sweep_open(daemon->options->pin, &daemon->index);
	if (!err)
		err = index_sweep_run(daemon->index, &swept);
	daemon->state.swept_index += swept.cleared;
	daemon->state.mended_index += swept.mended;
	return err;
}

static int do_sweep(void *context)
{
	struct daemon *daemon = context;
	struct flow_clock clock;
	int err = daemon_look(daemon);

	if (err || !daemon->generation)
		return err;
	err = flows_clock(daemon->options->pin, &daemon->meta, &clock);
	if (!err)
		err = sweep_all(daemon, &clock);
	if (!err)
		err = fault_point("swept");
	if (!err)
		err = sweep_index(daemon);
	if (!err)
		err = fault_point("index-swept");
	return err ? err : daemon_sweep_names(daemon, &clock);
}

void daemon_do_sweep(struct daemon *daemon)
{
	condition_run(&daemon->sweeping, do_sweep, daemon, "sweeping works again");
}
