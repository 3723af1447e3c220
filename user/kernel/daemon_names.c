/* SPDX-License-Identifier: GPL-2.0 */
/* AGFEO's names within the daemon: answers into the book, the book into the maps. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/names.h"
#include "kernel/cloud_maps.h"
#include "kernel/daemon_parts.h"
#include "policy/dns_answer.h"

static uint64_t now_seconds(void)
{
	return daemon_clock_ns(CLOCK_MONOTONIC) / 1000000000;
}

void daemon_want_names(struct daemon *daemon)
{
	for (int host = 0; host < AGFEO_HOST_COUNT; host++)
		daemon->state.names[host].wanted = daemon->cloud_hosts & 1u << host;
	resolver_want(daemon->resolver, daemon->cloud_hosts, daemon->site);
}

static void count_addresses(struct daemon *daemon)
{
	for (int host = 0; host < AGFEO_HOST_COUNT; host++)
		daemon->state.names[host].addresses = cloud_book_count(&daemon->book, host);
}

/* ------------------------------------------------------------------ the maps */

static int write_names(void *context)
{
	struct daemon *daemon = context;
	struct flow_clock clock;
	int err = daemon_look(daemon);

	count_addresses(daemon);
	if (err || !daemon->generation)
		return err;
	err = flows_clock(daemon->options->pin, &daemon->meta, &clock);
	if (err)
		return err;
	return cloud_maps_write(daemon->options->pin, &clock, now_seconds(), &daemon->book);
}

void daemon_write_names(struct daemon *daemon)
{
	condition_run(&daemon->naming, write_names, daemon,
		      "the addresses of AGFEO's hosts are written again");
}

int daemon_read_names(struct daemon *daemon, const struct flow_clock *clock)
{
	int err = cloud_maps_read(daemon->options->pin, clock, now_seconds(), &daemon->book);

	count_addresses(daemon);
	return err;
}

int daemon_sweep_names(struct daemon *daemon, const struct flow_clock *clock)
{
	uint64_t now = now_seconds();
	int err = cloud_maps_see_flows(daemon->options->pin, clock, now, &daemon->book);

	if (err)
		return err;
	/* What the datapath saw is heeded before anything is forgotten, and what is forgotten goes. */
	err = cloud_maps_write(daemon->options->pin, clock, now, &daemon->book);
	cloud_book_expire(&daemon->book, now);
	if (!err)
		err = cloud_maps_write(daemon->options->pin, clock, now, &daemon->book);
	count_addresses(daemon);
	return err;
}

/* ------------------------------------------------------------------ answers */

static void say_change(const struct daemon_name *name, enum agfeo_host host, const char *error)
{
	if (!strcmp(name->error, error))
		return;
	if (*error)
		warn("%s: %s", host_name(host), error);
	else
		say("%s is answered for again", host_name(host));
}

/* That a name has no address of one family is no fault while it has one of the other. */
static void note_outcome(struct daemon *daemon, const struct resolver_answer *answer,
			 const char *error)
{
	struct daemon_name *name = &daemon->state.names[answer->host];

	if (!answer->error)
		name->answered_ns = daemon_clock_ns(CLOCK_REALTIME);
	if (answer->denied && cloud_book_count(&daemon->book, answer->host))
		return;
	if (*error && !answer->v4 && !*name->error) /* IPv4 may be on its way, or well */
		return;
	say_change(name, answer->host, error);
	snprintf(name->error, sizeof(name->error), "%s", error);
}

/* The last address that taught nothing, and why; "" when all did. */
static void learn(struct daemon *daemon, const struct resolver_answer *answer,
		  char error[DAEMON_TEXT])
{
	uint64_t now = now_seconds();

	for (size_t i = 0; i < answer->count; i++) {
		const char *refusal = cloud_refuses(daemon->site, &answer->addresses[i]);
		char text[ADDRESS_TEXT];

		address_format(&answer->addresses[i], text);
		if (!refusal &&
		    !cloud_book_learn(&daemon->book, answer->host, &answer->addresses[i],
				      now + answer->seconds, now, CLOUD_REFRESHED))
			refusal = "there is no room for more addresses";
		if (refusal)
			snprintf(error, DAEMON_TEXT, "the answer %s is not believed: %s", text,
				 refusal);
		else
			note("%s is %s for %u s", host_name(answer->host), text, answer->seconds);
	}
}

void daemon_on_answer(const struct resolver_answer *answer, void *context)
{
	struct daemon *daemon = context;
	uint64_t now = now_seconds();
	char error[DAEMON_TEXT] = "";

	if (!answer->error)
		learn(daemon, answer, error);
	else
		snprintf(error, sizeof(error), "%s", answer->error);
	if (answer->error && !answer->denied)
		cloud_book_keep(&daemon->book, answer->host, answer->v4, now + answer->seconds,
				now);
	note_outcome(daemon, answer, error);
	daemon_write_names(daemon);
	daemon_keep_state(daemon);
}

/* ------------------------------------------------------------------ answers that devices get */

static void learn_seen(struct daemon *daemon, const struct agfeo_dns_answer *answer,
		       const struct dns_answer *read, uint64_t age)
{
	uint64_t now = now_seconds();

	for (size_t i = 0; age < read->seconds && i < read->count; i++) {
		const struct address *address = &read->addresses[i];
		char text[ADDRESS_TEXT];

		if (cloud_refuses(daemon->site, address))
			continue;
		if (cloud_book_learn(&daemon->book, answer->host, address,
				     now + read->seconds - age, now, CLOUD_WATCHED))
			note("%s is %s for %u s, a device was told", host_name(answer->host),
			     address_format(address, text), read->seconds);
	}
}

static void on_seen(const struct agfeo_dns_answer *answer, void *context)
{
	uint64_t age_ns = daemon_clock_ns(CLOCK_MONOTONIC) - answer->time_ns;
	struct daemon *daemon = context;
	struct dns_answer read;

	if (daemon->cloud_hosts & 1u << answer->host &&
	    !dns_answer_read(answer->bytes, answer->length, answer->host, answer->type, &read))
		learn_seen(daemon, answer, &read, age_ns / 1000000000);
}

static void on_all_seen(void *context)
{
	daemon_write_names(context);
}

int daemon_watch_answers(struct daemon *daemon)
{
	static const struct answers_calls calls = {.each = on_seen, .all_read = on_all_seen};
	int err;

	if (daemon->answers)
		return 0;
	err = answers_open(daemon->options->pin, daemon->base, &calls, daemon, &daemon->answers);
	return err == -ENOENT ? 0 : err;
}
