/* SPDX-License-Identifier: GPL-2.0 */
/* Names to addresses; see resolver.h. */
#include "kernel/resolver.h"

#include <ares.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/names.h"

#define TIMEOUT_MS     2000
#define TRIES	       3
#define RETRY_LEAST    10 /* seconds after the first failure, doubled with each */
#define RETRY_MOST     600
#define ADDRESSES_MOST 64 /* of one answer: a name with more is no name of AGFEO's */
#define SOCKETS	       32
#define SERVERS_TEXT   1024

/* A name and a family. */
struct question {
	struct resolver *resolver;
	enum agfeo_host host;
	bool v4;
	bool wanted, asked;
	uint64_t due; /* CLOCK_MONOTONIC, seconds */
	unsigned failures;
};

struct watched {
	ares_socket_t socket;
	struct event *event;
};

struct resolver {
	struct event_base *base;
	void (*answered)(const struct resolver_answer *answer, void *context);
	void *context;
	ares_channel channel;
	bool has_channel, stale; /* stale: to be made anew before the next question */
	unsigned outstanding;
	char servers[SERVERS_TEXT];
	struct watched sockets[SOCKETS];
	struct event *timeout; /* of c-ares */
	struct event *next;    /* the next question */
	struct question questions[2 * AGFEO_HOST_COUNT];
};

static uint64_t now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec;
}

/* ------------------------------------------------------------------ sockets and timeouts */

static void schedule_timeout(struct resolver *resolver)
{
	struct timeval wait, *left;

	left = resolver->outstanding ? ares_timeout(resolver->channel, NULL, &wait) : NULL;
	if (left)
		event_add(resolver->timeout, left);
	else
		event_del(resolver->timeout);
}

static void on_socket(evutil_socket_t socket, short what, void *context)
{
	struct resolver *resolver = context;

	ares_process_fd(resolver->channel, (what & EV_READ) ? socket : ARES_SOCKET_BAD,
			(what & EV_WRITE) ? socket : ARES_SOCKET_BAD);
	schedule_timeout(resolver);
}

static void on_timeout(evutil_socket_t socket, short what, void *context)
{
	struct resolver *resolver = context;

	(void)socket;
	(void)what;
	ares_process_fd(resolver->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	schedule_timeout(resolver);
}

static struct watched *find_socket(struct resolver *resolver, ares_socket_t socket)
{
	struct watched *unused = NULL;

	for (size_t i = 0; i < SOCKETS; i++) {
		if (!resolver->sockets[i].event)
			unused = &resolver->sockets[i];
		else if (resolver->sockets[i].socket == socket)
			return &resolver->sockets[i];
	}
	return unused;
}

/* c-ares says what it waits for on a socket; neither: the socket is closed. */
static void on_socket_state(void *context, ares_socket_t socket, int readable, int writable)
{
	struct resolver *resolver = context;
	struct watched *watched = find_socket(resolver, socket);
	short what = EV_PERSIST;

	if (!watched)
		return; /* the timeout asks again */
	if (watched->event)
		event_free(watched->event);
	watched->event = NULL;
	if (!readable && !writable)
		return;
	what = (short)(what | (readable ? EV_READ : 0) | (writable ? EV_WRITE : 0));
	watched->socket = socket;
	watched->event = event_new(resolver->base, socket, what, on_socket, resolver);
	if (watched->event)
		event_add(watched->event, NULL);
}

/* ------------------------------------------------------------------ the channel */

static void close_channel(struct resolver *resolver)
{
	if (resolver->has_channel)
		ares_destroy(resolver->channel);
	resolver->has_channel = false;
}

/* Anew for each round, so that a changed resolv.conf is heeded. */
static int open_channel(struct resolver *resolver)
{
	struct ares_options options = {
		.flags = ARES_FLAG_NOSEARCH,
		.timeout = TIMEOUT_MS,
		.tries = TRIES,
		.sock_state_cb = on_socket_state,
		.sock_state_cb_data = resolver,
	};
	int status;

	if (resolver->has_channel && (resolver->outstanding || !resolver->stale))
		return 0;
	close_channel(resolver);
	status = ares_init_options(&resolver->channel, &options,
				   ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
					   ARES_OPT_SOCK_STATE_CB);
	if (status != ARES_SUCCESS)
		return fail(0, "names: %s", ares_strerror(status));
	resolver->has_channel = true;
	resolver->stale = false;
	if (!*resolver->servers)
		return 0;
	status = ares_set_servers_ports_csv(resolver->channel, resolver->servers);
	return status == ARES_SUCCESS ? 0
				      : fail(0, "names: resolvers %s: %s", resolver->servers,
					     ares_strerror(status));
}

/* ------------------------------------------------------------------ answers */

static void schedule_next(struct resolver *resolver)
{
	uint64_t now = now_seconds(), due = UINT64_MAX;
	struct timeval wait = {.tv_sec = 0};

	for (size_t i = 0; i < ARRAY_SIZE(resolver->questions); i++) {
		const struct question *question = &resolver->questions[i];

		if (question->wanted && !question->asked && question->due < due)
			due = question->due;
	}
	event_del(resolver->next);
	if (due == UINT64_MAX)
		return;
	wait.tv_sec = due > now ? (time_t)(due - now) : 0;
	event_add(resolver->next, &wait);
}

static void tell(struct question *question, struct resolver_answer *answer)
{
	answer->host = question->host;
	answer->v4 = question->v4;
	question->due = now_seconds() + answer->seconds;
	question->resolver->answered(answer, question->resolver->context);
}

/* Nobody answered, or there is no such name. */
static void take_failure(struct question *question, int status)
{
	struct resolver_answer answer = {
		.error = ares_strerror(status),
		.denied = status == ARES_ENODATA || status == ARES_ENOTFOUND,
		.seconds = RETRY_LEAST << (question->failures < 6 ? question->failures : 6),
	};

	if (answer.seconds > RETRY_MOST)
		answer.seconds = RETRY_MOST;
	if (answer.denied)
		answer.seconds = RETRY_MOST;
	question->failures++;
	tell(question, &answer);
}

static struct address address_of(const struct ares_addrinfo_node *node)
{
	struct address address;

	if (node->ai_family == AF_INET)
		return address_from_v4(
			((const struct sockaddr_in *)(const void *)node->ai_addr)->sin_addr.s_addr);
	memcpy(address.bytes,
	       &((const struct sockaddr_in6 *)(const void *)node->ai_addr)->sin6_addr,
	       sizeof(address.bytes));
	return address;
}

static void shorten(unsigned *ttl, int by)
{
	unsigned value = by > 0 ? (unsigned)by : 0;

	if (value < *ttl)
		*ttl = value;
}

/* The answer holds for as long as its shortest part, aliases included. */
static void take_addresses(struct question *question, const struct ares_addrinfo *result)
{
	struct address addresses[ADDRESSES_MOST];
	struct resolver_answer answer = {.addresses = addresses};
	unsigned ttl = AGFEO_CLOUD_MOST;

	for (const struct ares_addrinfo_cname *alias = result->cnames; alias; alias = alias->next)
		shorten(&ttl, alias->ttl);
	for (const struct ares_addrinfo_node *node = result->nodes; node; node = node->ai_next) {
		if (node->ai_family != (question->v4 ? AF_INET : AF_INET6) ||
		    answer.count == ADDRESSES_MOST)
			continue;
		shorten(&ttl, node->ai_ttl);
		addresses[answer.count++] = address_of(node);
	}
	answer.seconds = cloud_ttl(ttl);
	question->failures = 0;
	if (answer.count)
		tell(question, &answer);
	else
		take_failure(question, ARES_ENODATA);
}

static void on_answer(void *context, int status, int timeouts, struct ares_addrinfo *result)
{
	struct question *question = context;
	struct resolver *resolver = question->resolver;

	(void)timeouts;
	question->asked = false;
	resolver->outstanding--;
	if (status != ARES_EDESTRUCTION && status != ARES_ECANCELLED && question->wanted) {
		if (status == ARES_SUCCESS)
			take_addresses(question, result);
		else
			take_failure(question, status);
	}
	if (result)
		ares_freeaddrinfo(result);
	if (!resolver->outstanding)
		resolver->stale = true;
	if (status != ARES_EDESTRUCTION)
		schedule_next(resolver);
}

/* ------------------------------------------------------------------ questions */

static void ask(struct question *question)
{
	const struct ares_addrinfo_hints hints = {
		.ai_family = question->v4 ? AF_INET : AF_INET6,
		.ai_flags = ARES_AI_NOSORT,
	};
	struct resolver *resolver = question->resolver;

	question->asked = true;
	resolver->outstanding++;
	ares_getaddrinfo(resolver->channel, host_name(question->host), NULL, &hints, on_answer,
			 question);
}

static void on_next(evutil_socket_t socket, short what, void *context)
{
	struct resolver *resolver = context;
	uint64_t now = now_seconds();
	bool ready = !open_channel(resolver);

	(void)socket;
	(void)what;
	for (size_t i = 0; i < ARRAY_SIZE(resolver->questions); i++) {
		struct question *question = &resolver->questions[i];

		if (!question->wanted || question->asked || question->due > now)
			continue;
		if (ready)
			ask(question);
		else
			question->due = now + RETRY_MOST;
	}
	if (ready)
		schedule_timeout(resolver);
	schedule_next(resolver);
}

/* ------------------------------------------------------------------ from outside */

void resolver_free(struct resolver *resolver)
{
	if (!resolver)
		return;
	close_channel(resolver);
	if (resolver->timeout)
		event_free(resolver->timeout);
	if (resolver->next)
		event_free(resolver->next);
	ares_library_cleanup();
	free(resolver);
}

static void resolver_freep(struct resolver **resolver)
{
	resolver_free(*resolver);
}

int resolver_new(struct event_base *base,
		 void (*answered)(const struct resolver_answer *answer, void *context),
		 void *context, struct resolver **ret_resolver)
{
	_cleanup_(resolver_freep) struct resolver *resolver = NULL;
	int status = ares_library_init(ARES_LIB_INIT_ALL);

	if (status != ARES_SUCCESS)
		return fail(0, "names: %s", ares_strerror(status));
	resolver = calloc(1, sizeof(*resolver));
	if (!resolver)
		return fail(-ENOMEM, "names");
	resolver->base = base;
	resolver->answered = answered;
	resolver->context = context;
	resolver->timeout = evtimer_new(base, on_timeout, resolver);
	resolver->next = evtimer_new(base, on_next, resolver);
	if (!resolver->timeout || !resolver->next)
		return fail(-ENOMEM, "names");
	for (size_t i = 0; i < ARRAY_SIZE(resolver->questions); i++)
		resolver->questions[i] =
			(struct question){.resolver = resolver, .host = i / 2, .v4 = i % 2 == 0};
	*ret_resolver = take_ptr(resolver);
	return 0;
}

/* "192.0.2.1:53,[2001:db8::1]:53": c-ares 1.18 takes brackets with a port only. Prefixes are whom answers are believed, and nobody to ask. */
static void write_servers(const struct site *site, char servers[SERVERS_TEXT])
{
	size_t at = 0;

	servers[0] = '\0';
	for (size_t i = 0; i < site->resolver_count && at + ADDRESS_TEXT + 8 < SERVERS_TEXT; i++) {
		const struct prefix *resolver = &site->resolvers[i];
		bool v4 = address_is_v4(&resolver->address);
		char text[ADDRESS_TEXT];

		if (!prefix_is_host(resolver))
			continue;
		at += (size_t)snprintf(servers + at, SERVERS_TEXT - at, "%s%s%s%s:53",
				       at ? "," : "", v4 ? "" : "[",
				       address_format(&resolver->address, text), v4 ? "" : "]");
	}
}

void resolver_want(struct resolver *resolver, uint32_t hosts, const struct site *site)
{
	char servers[SERVERS_TEXT];
	bool moved;

	write_servers(site, servers);
	moved = strcmp(servers, resolver->servers) != 0;
	strcpy(resolver->servers, servers);
	resolver->stale |= moved;
	for (size_t i = 0; i < ARRAY_SIZE(resolver->questions); i++) {
		struct question *question = &resolver->questions[i];
		bool wanted = hosts & 1u << question->host;

		if (wanted && (!question->wanted || moved)) {
			question->due = 0;
			question->failures = 0;
		}
		question->wanted = wanted;
	}
	schedule_next(resolver);
}

void resolver_again(struct resolver *resolver)
{
	resolver->stale = true;
	for (size_t i = 0; i < ARRAY_SIZE(resolver->questions); i++) {
		resolver->questions[i].due = 0;
		resolver->questions[i].failures = 0;
	}
	schedule_next(resolver);
}
