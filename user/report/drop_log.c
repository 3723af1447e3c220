/* SPDX-License-Identifier: GPL-2.0 */
/* Dropped packets, and the calls that they are missing from; see drop_log.h. */
#include "report/drop_log.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_SECOND 1000000000ull
#define WINDOW_NS     (DROP_LOG_SECONDS * NS_PER_SECOND)
/* Between two ends there is also signalling, which is repeated too, but never this often. */
#define LIKE_VOICE 10

static bool is_recent(uint64_t then, uint64_t now)
{
	return now <= then || now - then < WINDOW_NS;
}

/* ------------------------------------------------------------------ remembering */

static struct dropped dropped_of(const struct agfeo_event *event)
{
	struct dropped dropped = {
		.source_port = event->source_port,
		.destination_port = event->destination_port,
		.protocol = event->protocol,
		.reason = event->reason,
		.time_ns = event->time_ns,
		.count = 1,
	};

	memcpy(dropped.source.bytes, event->source, sizeof(dropped.source.bytes));
	memcpy(dropped.destination.bytes, event->destination, sizeof(dropped.destination.bytes));
	return dropped;
}

static bool is_same(const struct dropped *a, const struct dropped *b)
{
	return a->source_port == b->source_port && a->destination_port == b->destination_port &&
	       a->protocol == b->protocol && a->reason == b->reason &&
	       address_equal(&a->source, &b->source) &&
	       address_equal(&a->destination, &b->destination);
}

/* The entry of the same packets, a free one, or the oldest. */
static struct dropped *entry_for(struct drop_log *log, const struct dropped *fresh)
{
	struct dropped *oldest = &log->dropped[0];

	for (size_t i = 0; i < log->count; i++) {
		struct dropped *entry = &log->dropped[i];

		if (is_same(entry, fresh))
			return entry;
		if (entry->time_ns < oldest->time_ns)
			oldest = entry;
	}
	return log->count < DROP_LOG_SIZE ? &log->dropped[log->count++] : oldest;
}

void drop_log_add(struct drop_log *log, const struct agfeo_event *event)
{
	struct dropped fresh = dropped_of(event);
	struct dropped *entry;

	if (event->type != AGFEO_EVENT_DROP || event->reason >= AGFEO_REASON_COUNT)
		return;
	entry = entry_for(log, &fresh);
	if (is_same(entry, &fresh) && is_recent(entry->time_ns, fresh.time_ns))
		fresh.count += entry->count;
	*entry = fresh;
}

size_t drop_log_latest(const struct drop_log *log, const struct dropped **ret_latest, size_t room)
{
	size_t count = 0;

	for (size_t i = 0; i < log->count; i++) {
		const struct dropped *entry = &log->dropped[i];
		size_t at = count;

		while (at && ret_latest[at - 1]->time_ns < entry->time_ns)
			at--;
		if (at == room)
			continue;
		if (count < room)
			count++;
		memmove(&ret_latest[at + 1], &ret_latest[at],
			(count - at - 1) * sizeof(*ret_latest));
		ret_latest[at] = entry;
	}
	return count;
}

/* ------------------------------------------------------------------ explaining */

struct end {
	const struct address *address;
	uint16_t port;
};

/* How surely the packets are what the way from one end to the other lacks; 0: not at all. */
static int likeness(const struct dropped *entry, struct end from, struct end to, bool device_sends)
{
	bool from_address = address_equal(&entry->source, from.address);
	bool to_address = address_equal(&entry->destination, to.address);
	bool from_port = entry->source_port == from.port,
	     to_port = entry->destination_port == to.port;
	bool device_end = device_sends ? from_address && from_port : to_address && to_port;

	if (entry->protocol != IPPROTO_UDP)
		return 0;
	if (from_address && to_address && from_port && to_port)
		return 4;
	if (from_address && to_address && (from_port || to_port))
		return 3;
	if (from_address && to_address && entry->count >= LIKE_VOICE)
		return 2;
	return device_end && entry->count >= LIKE_VOICE ? 1 : 0;
}

static const struct dropped *cause_of(const struct drop_log *log, const struct call *call,
				      uint64_t now_ns)
{
	struct end local = {&call->local, call->local_port};
	struct end remote = {&call->remote, call->remote_port};
	bool out = call->missing == AGFEO_OUT;
	const struct dropped *best = NULL;
	int most = 0;

	for (size_t i = 0; i < log->count; i++) {
		const struct dropped *entry = &log->dropped[i];
		int like = is_recent(entry->time_ns, now_ns) ? likeness(entry, out ? local : remote,
									out ? remote : local, out)
							     : 0;

		if (like > most || (like && like == most && entry->time_ns > best->time_ns)) {
			best = entry;
			most = like;
		}
	}
	return best;
}

void drop_log_explain(const struct drop_log *log, uint64_t now_ns, struct call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct call *call = &calls[i];
		const struct dropped *cause = call->one_way ? cause_of(log, call, now_ns) : NULL;

		if (!cause)
			continue;
		call->cause = (struct call_cause){
			.known = true,
			.reason = cause->reason,
			.source = cause->source,
			.destination = cause->destination,
			.source_port = cause->source_port,
			.destination_port = cause->destination_port,
		};
	}
}
