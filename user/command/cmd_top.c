/* SPDX-License-Identifier: GPL-2.0 */
/* top: the live screen. Here is what is read and when; report/screen.h draws it. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "command/command.h"
#include "command/drop_watch.h"
#include "command/terminal.h"
#include "config/config.h"
#include "kernel/calls.h"
#include "kernel/collect.h"
#include "kernel/flows.h"
#include "kernel/pins.h"
#include "report/screen.h"

#define PARTS	      (COLLECT_COUNTERS | COLLECT_FLOWS | COLLECT_LINKS)
#define NS_PER_SECOND 1000000000ull
#define TROUBLE_TEXT  512
#define DRAIN_MS      1000 /* how long drops may wait: others read the same ring buffer */

/* What was read last, and what is kept of before. */
struct live {
	const char *pin;
	struct snapshot *now, *before, *since;
	uint64_t now_ns, before_ns; /* CLOCK_MONOTONIC of each */
	struct call *calls;
	size_t call_count;
	struct identities *identities; /* of the generation */
	uint32_t generation;
	char site[AGFEO_NAME_SIZE];
	struct rates rates;
	struct drop_watch drops;
	char trouble[TROUBLE_TEXT];
};

static uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

/* Rates and drops of before stay: they are of a time, not of what is loaded. */
static void forget(struct live *live)
{
	snapshot_free(live->now);
	snapshot_free(live->before);
	snapshot_free(live->since);
	free(live->calls);
	identities_free(live->identities);
	drop_watch_end(&live->drops);
	live->now = live->before = live->since = NULL;
	live->calls = NULL;
	live->call_count = 0;
	live->identities = NULL;
}

/* ------------------------------------------------------------------ reading */

/* The name is in no map. A file that says nothing sound says no name. */
static void read_site(struct live *live)
{
	_cleanup_(site_freep) struct site *site = NULL;
	_cleanup_(fclosep) FILE *nowhere = fopen("/dev/null", "we");

	live->site[0] = '\0';
	if (nowhere && !config_read(live->now->meta.config, nowhere, &site))
		snprintf(live->site, sizeof(live->site), "%s", site->name);
}

/* Names change with every load. */
static int read_names(struct live *live)
{
	uint32_t generation = live->now->control.generation;
	struct identities *fresh;
	int err;

	if (live->identities && live->generation == generation)
		return 0;
	err = identities_read(live->pin, &fresh);
	if (err)
		return err;
	identities_free(live->identities);
	live->identities = fresh;
	live->generation = generation;
	read_site(live);
	return 0;
}

static int read_calls(struct live *live)
{
	struct call *calls = NULL;
	size_t count = 0;
	int err = calls_read(live->pin, &live->now->meta, live->identities, NULL, &calls, &count);

	if (err)
		return err;
	free(live->calls);
	live->calls = calls;
	live->call_count = count;
	drop_watch_read(&live->drops, live->pin, live->now->meta.loaded_ns, 0);
	drop_watch_explain(&live->drops, calls, count);
	return 0;
}

static int read_rates(struct live *live)
{
	uint64_t span = live->now_ns - live->before_ns;
	struct rate_sample sample = {.end_ns = live->now_ns, .length_ns = span};
	struct snapshot *since;

	if (!live->before || !span)
		return 0;
	since = snapshot_since(live->now, live->before);
	if (!since)
		return fail(-ENOMEM, "top");
	snapshot_free(live->since);
	live->since = since;
	screen_rates_of(since, (double)span / NS_PER_SECOND, sample.rate);
	rates_add(&live->rates, &sample);
	return 0;
}

static int read_all(struct live *live)
{
	struct snapshot *now;
	int err = collect(live->pin, PARTS, &now);

	if (err)
		return err;
	snapshot_free(live->before);
	live->before = live->now;
	live->before_ns = live->now_ns;
	live->now = now;
	live->now_ns = monotonic_ns();
	err = read_rates(live);
	if (!err)
		err = read_names(live);
	return err ? err : read_calls(live);
}

/* The first line of what was said, without who says it. */
static void keep_trouble(struct live *live, const char *said)
{
	static const char speaker[] = "agfeoctl: ";

	if (!strncmp(said, speaker, strlen(speaker)))
		said += strlen(speaker);
	snprintf(live->trouble, sizeof(live->trouble), "%.*s", (int)strcspn(said, "\n"), said);
	if (!live->trouble[0])
		snprintf(live->trouble, sizeof(live->trouble), "%s cannot be read", live->pin);
}

/* Messages go to the screen, not into it. */
static int read_live(struct live *live)
{
	_cleanup_(freep) char *said = NULL;
	size_t size = 0;
	FILE *messages = open_memstream(&said, &size);
	FILE *before;
	int err;

	if (!messages)
		return fail(errno, "top");
	before = log_redirect(messages);
	err = read_all(live);
	log_redirect(before);
	if (fclose(messages) || !said)
		return fail(errno, "top");
	live->trouble[0] = '\0';
	if (!err)
		return 0;
	keep_trouble(live, said);
	forget(live);
	return err;
}

/* ------------------------------------------------------------------ showing */

static int show(const struct live *live, struct screen_view *view)
{
	_cleanup_(screen_freep) struct screen *screen = terminal_screen();
	struct screen_data data = {
		.site = live->site,
		.trouble = live->trouble[0] ? live->trouble : NULL,
		.now = live->now,
		.since = live->since,
		.seconds = (double)(live->now_ns - live->before_ns) / NS_PER_SECOND,
		.calls = live->calls,
		.call_count = live->call_count,
		.rates = &live->rates,
		.drops = &live->drops.log,
		.monotonic_ns = live->now_ns,
	};

	if (!screen)
		return -ENOMEM;
	screen_draw(screen, view, &data);
	terminal_show(screen);
	return 0;
}

static int milliseconds_until(uint64_t then)
{
	uint64_t now = monotonic_ns();

	return then > now ? (int)((then - now + 999999) / 1000000) : 0;
}

/* Between two readings. A pause keeps nothing waiting: it ends the watch until it is over. */
static void keep_up(struct live *live, const struct screen_view *view)
{
	if (view->paused)
		drop_watch_end(&live->drops);
	else if (live->drops.events)
		drop_watch_read(&live->drops, live->pin, live->drops.loaded_ns, 0);
}

static int milliseconds_to_wait(uint64_t due)
{
	int left = milliseconds_until(due);

	return left < DRAIN_MS ? left : DRAIN_MS;
}

/* Until a key or a signal ends it. */
static int watch(struct live *live, struct screen_view *view)
{
	uint64_t read_ns = monotonic_ns();

	for (;;) {
		uint64_t due = read_ns + view->interval * NS_PER_SECOND;
		int key, err = show(live, view);

		if (err)
			return err;
		key = terminal_key(milliseconds_to_wait(due));
		if (key == TERMINAL_ENDED)
			return 0;
		if (key >= 0 && screen_press(view, key) == WISH_QUIT)
			return 0;
		keep_up(live, view);
		if (milliseconds_until(due))
			continue;
		read_ns = monotonic_ns();
		if (!view->paused)
			read_live(live);
	}
}

static int refuse(const struct context *context)
{
	if (context->json) {
		fail(0, "top: a live screen is for people: 'agfeoctl stats --watch 1 --json' and "
			"'agfeoctl calls --follow --json' say the same to programs");
		return EXIT_USAGE;
	}
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		fail(0, "top: standard input and output are not a terminal: use 'agfeoctl stats "
			"--watch 1'");
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

/* Ctrl-C quits as q does; who was ended by another signal ends by it. */
static int status_after(int err)
{
	int signal_number = terminal_signal();

	if (err)
		fail(err, "top");
	if (signal_number && signal_number != SIGINT) {
		signal(signal_number, SIG_DFL);
		raise(signal_number);
	}
	return err ? EXIT_FAILED : EXIT_DONE;
}

static int run_top(const struct context *context, int argc, char **argv)
{
	_cleanup_(freep) struct live *live = NULL;
	struct screen_view view = {.interval = 1};
	int err, status;

	if (options_take(&command_top, NULL, argc, argv, 0, 0) < 0)
		return EXIT_USAGE;
	status = refuse(context);
	if (status != EXIT_DONE)
		return status;
	live = calloc(1, sizeof(*live));
	if (!live)
		return fail(-ENOMEM, "top") ? EXIT_FAILED : EXIT_DONE;
	live->pin = context->pin;
	err = read_live(live);
	if (err == -EPERM || err == -EACCES) {
		fail(0, "%s", live->trouble);
		return EXIT_FAILED;
	}
	if (terminal_open())
		err = EXIT_FAILED;
	else
		err = watch(live, &view);
	terminal_close();
	forget(live);
	return status_after(err);
}

const struct command command_top = {
	.name = "top",
	.run = run_top,
	.arguments = "",
	.help = "the live screen: calls by quality, devices, drops, rates",
	.notes = "Keys: F1 help, F2 or c calls, d devices, r drops, M L J T sort calls by MOS, "
		 "loss,\njitter, time, I turns the order round, / filter, p pause, + - interval, "
		 "q quit.",
};
