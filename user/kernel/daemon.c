/* SPDX-License-Identifier: GPL-2.0 */
/* The daemon's life: start, event loop, signals, end; see daemon.h. */
#include "kernel/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "config/config.h"
#include "kernel/daemon_parts.h"
#include "kernel/fault.h"
#include "kernel/loader.h"
#include "kernel/lock.h"
#include "kernel/notify.h"
#include "kernel/pins.h"
#include "kernel/privilege.h"
#include "kernel/reattach.h"
#include "kernel/reload.h"
#include "kernel/run_files.h"
#include "kernel/sandbox.h"

#ifdef AGFEO_FAULTS /* tests do not wait so long */
#define SWEEP_SECONDS 1
#else
#define SWEEP_SECONDS 30
#endif

uint64_t daemon_clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* ------------------------------------------------------------------ what is loaded */

/* Other pins: maps of another life, whose streams, index and names are none of ours. */
static int begin_life(struct daemon *daemon)
{
	struct flow_clock clock;
	int err = flows_clock(daemon->options->pin, &daemon->meta, &clock);

	if (err)
		return err;
	index_sweep_free(daemon->index);
	daemon->index = NULL;
	answers_free(daemon->answers);
	daemon->answers = NULL;
	daemon->life = daemon->meta.first_loaded_ns;
	return daemon_read_names(daemon, &clock);
}

int daemon_look(struct daemon *daemon)
{
	struct agfeo_control control = {.generation = 0};
	enum pins_state state;
	int err = pins_inspect(daemon->options->pin, &state, &daemon->meta);

	daemon->generation = 0;
	if (err || state != PINS_LOADED)
		return err;
	err = pins_read_meta(daemon->options->pin, &daemon->meta); /* says what is not of ours */
	if (!err)
		err = pins_read_control(daemon->options->pin, &control);
	if (err)
		return err;
	daemon->generation = control.generation;
	if (daemon->life != daemon->meta.first_loaded_ns)
		err = begin_life(daemon);
	return err ? err : daemon_watch_answers(daemon);
}

/* ------------------------------------------------------------------ the configuration */

static void set_interval(struct daemon *daemon)
{
	const struct timeval interval = {.tv_sec = daemon->site->interval_seconds};

	event_add(daemon->round, &interval);
}

/* What a configuration says of our own work: textfile, interval, resolvers, names. */
static int adopt(struct daemon *daemon, const char *config, FILE *errors)
{
	_cleanup_(site_freep) struct site *site = NULL;
	_cleanup_(policy_freep) struct policy *policy = NULL;
	int err = config_read_trusted(config, errors, &site);

	if (!err)
		err = policy_compile(site, config, loader_tick_ns(false), errors, &policy);
	if (err)
		return err;
	daemon->cloud_hosts = policy_hosts(policy);
	site_free(daemon->site);
	daemon->site = take_ptr(site);
	return 0;
}

/* The text that `load` left; an older version left none, and its file is the best there is. */
static int adopt_loaded(struct daemon *daemon)
{
	_cleanup_(fclosep) FILE *nowhere = fopen("/dev/null", "we");
	char path[PATH_MAX];
	int err = nowhere ? 0 : -errno;

	run_config_path(daemon->options->run, path);
	if (!err)
		err = adopt(daemon, path, nowhere);
	return err == -ENOENT ? adopt(daemon, daemon->options->config, nowhere) : err;
}

/* Somebody loaded, maybe another file than ours. */
static void follow_load(struct daemon *daemon)
{
	daemon->followed = daemon->generation;
	run_config_moved(daemon->options->run, &daemon->text);
	if (adopt_loaded(daemon))
		return;
	/* What could not be loaded then is mended, or was taken back. */
	*daemon->state.reload_error = '\0';
	daemon_write_names(daemon); /* what was learned while nothing was loaded */
	set_interval(daemon);
	daemon_want_names(daemon);
}

/* ------------------------------------------------------------------ at intervals */

static void on_round(evutil_socket_t socket, short what, void *context)
{
	struct daemon *daemon = context;
	(void)socket;
	(void)what;
	daemon_do_round(daemon);
	/* The text comes a moment after the switch. */
	if (daemon->generation && (daemon->generation != daemon->followed ||
				   run_config_moved(daemon->options->run, &daemon->text)))
		follow_load(daemon);
}

static int do_attach(void *context)
{
	const struct daemon *daemon = context;
	_cleanup_(closep) int lock = -1;
	int err = lock_take(daemon->options->run, "reattach", &lock);

	return err ? err : reattach(daemon->options->pin, daemon->site);
}

/* Before the lock is asked for, since interfaces change whenever somebody else loads, too. */
static void attach_again(struct daemon *daemon)
{
	if (!reattach_is_due(daemon->options->pin))
		return;
	condition_run(&daemon->attaching, do_attach, daemon, NULL);
	daemon->state.reattached_ns = daemon_clock_ns(CLOCK_REALTIME);
	strcpy(daemon->state.reattach_error, daemon->attaching.text);
	daemon_keep_state(daemon);
}

static void on_links(void *context)
{
	attach_again(context);
}

static void on_sweep(evutil_socket_t socket, short what, void *context)
{
	(void)socket;
	(void)what;
	attach_again(context);
	daemon_do_sweep(context);
	daemon_keep_state(context);
}

static void on_watchdog(evutil_socket_t socket, short what, void *context)
{
	(void)socket;
	(void)what;
	(void)context;
	notify("WATCHDOG=1");
}

/* ------------------------------------------------------------------ reload */

static int work_reload(void *context)
{
	const struct daemon_options *options = ((const struct daemon *)context)->options;

	return reload(options->pin, options->run, options->config);
}

static void start_reload(struct daemon *daemon);

static void on_reloaded(int failed, const char *said, void *context)
{
	struct daemon *daemon = context;

	daemon->worker = NULL;
	daemon->state.reloaded_ns = daemon_clock_ns(CLOCK_REALTIME);
	snprintf(daemon->state.reload_error, sizeof(daemon->state.reload_error), "%s",
		 failed ? said : "");
	if (failed)
		say("reload failed, what ran before still runs");
	else
		say("reloaded %s", daemon->options->config);
	if (!failed)
		follow_load(daemon);
	resolver_again(daemon->resolver);
	daemon_do_round(daemon);
	if (failed) /* what was taken back counts a generation too, and is nobody's load */
		daemon->followed = daemon->generation;
	notify("READY=1\nSTATUS=%s",
	       failed ? "last reload failed: see agfeoctl status" : "reloaded");
	if (daemon->reload_again)
		start_reload(daemon);
}

static void start_reload(struct daemon *daemon)
{
	notify_reloading();
	daemon->reload_again = false;
	if (worker_start(daemon->base, daemon->lock, work_reload, on_reloaded, daemon,
			 &daemon->worker))
		notify("READY=1");
}

static void on_signal(evutil_socket_t number, short what, void *context)
{
	struct daemon *daemon = context;

	(void)what;
	if (number != SIGHUP)
		event_base_loopbreak(daemon->base);
	else if (daemon->worker)
		daemon->reload_again = true;
	else
		start_reload(daemon);
}

/* ------------------------------------------------------------------ beginning and end */

static int add_signals(struct daemon *daemon)
{
	static const int numbers[] = {SIGHUP, SIGTERM, SIGINT};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		daemon->signals[i] = evsignal_new(daemon->base, numbers[i], on_signal, daemon);
		if (!daemon->signals[i] || event_add(daemon->signals[i], NULL))
			return -ENOMEM;
	}
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

static int add_timers(struct daemon *daemon)
{
	const struct timeval sweep = {.tv_sec = SWEEP_SECONDS};
	uint64_t watchdog_us = notify_watchdog_us() / 2;
	const struct timeval watchdog = {.tv_sec = (time_t)(watchdog_us / 1000000),
					 .tv_usec = (suseconds_t)(watchdog_us % 1000000)};

	daemon->round = event_new(daemon->base, -1, EV_PERSIST, on_round, daemon);
	daemon->sweep = event_new(daemon->base, -1, EV_PERSIST, on_sweep, daemon);
	daemon->watchdog = event_new(daemon->base, -1, EV_PERSIST, on_watchdog, daemon);
	if (!daemon->round || !daemon->sweep || !daemon->watchdog)
		return -ENOMEM;
	set_interval(daemon);
	event_add(daemon->sweep, &sweep);
	if (watchdog_us)
		event_add(daemon->watchdog, &watchdog);
	return 0;
}

static int make_loop(struct daemon *daemon)
{
	int err;

	daemon->base = event_base_new();
	daemon->readings = readings_new(daemon_clock_ns(CLOCK_MONOTONIC));
	err = daemon->base && daemon->readings ? add_signals(daemon) : -ENOMEM;
	if (!err)
		err = add_timers(daemon);
	if (err)
		return fail(err, "event loop");
	err = resolver_new(daemon->base, daemon_on_answer, daemon, &daemon->resolver);
	return err ? err : link_watch_new(daemon->base, on_links, daemon, &daemon->links);
}

static void event_release(struct event *event)
{
	if (event)
		event_free(event);
}

static void daemon_release(struct daemon *daemon)
{
	worker_finish(daemon->worker);
	link_watch_free(daemon->links);
	answers_free(daemon->answers);
	resolver_free(daemon->resolver);
	for (size_t i = 0; i < ARRAY_SIZE(daemon->signals); i++)
		event_release(daemon->signals[i]);
	event_release(daemon->round);
	event_release(daemon->sweep);
	event_release(daemon->watchdog);
	if (daemon->base)
		event_base_free(daemon->base);
	index_sweep_free(daemon->index);
	readings_free(daemon->readings);
	quality_table_release(&daemon->quality);
	cloud_book_release(&daemon->book);
	site_free(daemon->site);
	closep(&daemon->lock);
	free(daemon);
}

static void daemon_releasep(struct daemon **daemon)
{
	if (*daemon)
		daemon_release(*daemon);
}

/* Whoever starts it means its file, unless that has faults: it may be under way, and then what is loaded is
 * the best there is. One that anybody may write is refused, as it would be by a load. */
static int adopt_first(struct daemon *daemon)
{
	const struct daemon_options *options = daemon->options;
	int err = adopt(daemon, options->config, stderr);
	bool loaded = run_config_moved(options->run, &daemon->text);

	if (!err || err == -EPERM || !loaded || adopt_loaded(daemon))
		return err;
	warn("%s cannot be used as it is: this goes on by what is loaded, until it is mended and "
	     "loaded",
	     options->config);
	return 0;
}

static int begin(struct daemon *daemon)
{
	int err = run_lock_take(daemon->options->run, &daemon->lock);

	if (!err)
		err = fault_point("beginning");
	if (!err)
		err = adopt_first(daemon);
	if (!err)
		err = run_quality_read(daemon->options->run, &daemon->quality);
	if (!err)
		err = make_loop(daemon);
	if (err)
		return err;
	daemon->state.pid = (uint64_t)getpid();
	daemon->state.started_ns = daemon_clock_ns(CLOCK_REALTIME);
	snprintf(daemon->state.config, sizeof(daemon->state.config), "%s", daemon->options->config);
	daemon_do_round(daemon); /* at once, and before the names: it reads what the maps have */
	daemon->followed = daemon->generation;
	attach_again(daemon);
	daemon_want_names(daemon);
	return 0;
}

/* Before anything is read: what fails for it fails now, not at the first reload. */
static int confine(void)
{
	int err = privilege_drop();

	return err ? err : sandbox_enter();
}

int daemon_run(const struct daemon_options *options)
{
	_cleanup_(daemon_releasep) struct daemon *daemon = calloc(1, sizeof(*daemon));
	int err = daemon ? 0 : fail(-ENOMEM, "daemon");

	if (err)
		return err;
	daemon->lock = -1;
	daemon->options = options;
	err = confine();
	if (!err)
		err = begin(daemon);
	if (err)
		return err;
	notify("READY=1\nSTATUS=running");
	if (event_base_dispatch(daemon->base) < 0)
		err = fail(0, "event loop");
	notify("STOPPING=1");
	return err;
}
