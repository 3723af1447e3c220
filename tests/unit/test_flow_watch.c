/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flows as a follower is told of them: scripts of what the ring buffer announces and what the tables
 * hold, second by second, against the words that must come of it.
 */
#include "report/flow_watch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "check.h"

#define SECOND 1000000000ull
#define TICK   64000000ull
#define IDLE   469  /* ticks: 30 s */
#define START  1000 /* s: the follower begins */

struct scene {
	struct flow_watch *watch;
	struct flow_clock clock;
	char told[1024];
};

/* "opened 5200 1" : news, the port of the flow, packets; what else is worth saying */
static void write_down(const struct flow_telling *telling, void *context)
{
	static const char *const labels[] = {"opened", "periodic", "closed"};
	struct scene *scene = context;
	const struct flow_record *record = telling->record;
	size_t at = strlen(scene->told);

	snprintf(scene->told + at, sizeof(scene->told) - at, "%s%s %u %llu%s%s", at ? ", " : "",
		 labels[telling->news], record->port[0],
		 (unsigned long long)record->flow.direction[0].packets,
		 telling->event ? " announced" : "",
		 telling->news == FLOW_CLOSED && !telling->final ? " gone" : "");
	if (telling->news == FLOW_OPENED)
		CHECK_EQ(telling->time_ns / 1000000, record->flow.opened_ns / 1000000);
}

static uint32_t tick_at(double seconds)
{
	return (uint32_t)(seconds * SECOND / TICK);
}

static struct flow_record flow(uint16_t port, double opened, double last, unsigned packets)
{
	struct flow_record record = {
		.address = {address_from_v4(htonl(0xc0a80a02)), address_from_v4(htonl(0xd90a400a))},
		.port = {port, 30000},
		.protocol = IPPROTO_UDP,
	};

	record.flow.opened_ns = (uint64_t)(opened * SECOND);
	record.flow.idle = IDLE;
	record.flow.direction[0].packets = packets;
	record.flow.direction[0].seen = tick_at(last);
	return record;
}

static struct agfeo_event announcement(const struct flow_record *record)
{
	struct agfeo_event event = {
		.time_ns = record->flow.opened_ns + 2000,
		.type = AGFEO_EVENT_FLOW_OPENED,
		.source_port = record->port[0],
		.destination_port = record->port[1],
		.protocol = record->protocol,
		.length = 200,
	};

	memcpy(event.source, record->address[0].bytes, sizeof(event.source));
	memcpy(event.destination, record->address[1].bytes, sizeof(event.destination));
	return event;
}

static void announce(struct scene *scene, const struct flow_record *record)
{
	struct agfeo_event event = announcement(record);

	flow_watch_announce(scene->watch, &event, tick_at((double)event.time_ns / SECOND));
}

/* A round: the tables hold these. Returns what was told since the last. */
static const char *round_at(struct scene *scene, double seconds, const struct flow_record *records,
			    size_t count)
{
	static char told[sizeof(scene->told)];

	scene->clock = (struct flow_clock){tick_at(seconds), TICK, (uint64_t)(seconds * SECOND)};
	for (size_t i = 0; i < count; i++)
		flow_watch_take(scene->watch, &records[i], &scene->clock);
	flow_watch_end_round(scene->watch, &scene->clock);
	strcpy(told, scene->told);
	scene->told[0] = '\0';
	return told;
}

static void begin(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	scene->watch = flow_watch_new(START * SECOND, write_down, scene);
	CHECK(scene->watch);
}

#define ONE(...) (&(struct flow_record[]){flow(__VA_ARGS__)}[0]), 1

static void test_life(bool announced)
{
	struct scene scene;
	struct flow_record record = flow(5200, START + 5, START + 5, 1);

	CHECK_ROW(announced ? "a life, announced" : "a life that only the tables tell of");
	begin(&scene);
	CHECK_STR(round_at(&scene, START + 1, NULL, 0), "");
	if (announced)
		announce(&scene, &record);
	CHECK_STR(round_at(&scene, START + 6, ONE(5200, START + 5, START + 6, 50)),
		  announced ? "opened 5200 1 announced" : "opened 5200 50");
	CHECK_STR(round_at(&scene, START + 14.9, ONE(5200, START + 5, START + 14, 450)), "");
	CHECK_STR(round_at(&scene, START + 15.1, ONE(5200, START + 5, START + 15, 500)),
		  "periodic 5200 500");
	CHECK_STR(round_at(&scene, START + 24, ONE(5200, START + 5, START + 20, 750)), "");
	CHECK_STR(round_at(&scene, START + 25, ONE(5200, START + 5, START + 20, 750)),
		  "periodic 5200 750");
	CHECK_EQ(flow_watch_missed(scene.watch), 0);
	CHECK_STR(round_at(&scene, START + 51, ONE(5200, START + 5, START + 20, 750)),
		  "closed 5200 750");
	CHECK_STR(round_at(&scene, START + 52, ONE(5200, START + 5, START + 20, 750)), "");
	CHECK_STR(round_at(&scene, START + 53, NULL, 0), ""); /* swept */
	flow_watch_free(scene.watch);
}

static void test_before(void)
{
	struct scene scene;

	CHECK_ROW("what lived before is told at its next ten seconds");
	begin(&scene);
	CHECK_STR(round_at(&scene, START + 1, ONE(5200, START - 96, START, 700)), "");
	CHECK_STR(round_at(&scene, START + 3, ONE(5200, START - 96, START, 700)), "");
	CHECK_STR(round_at(&scene, START + 4, ONE(5200, START - 96, START, 700)),
		  "periodic 5200 700");
	CHECK_ROW("what had expired before is not told");
	CHECK_STR(round_at(&scene, START + 5, ONE(5300, START - 96, START - 90, 9)),
		  "closed 5200 700 gone");
	flow_watch_free(scene.watch);
}

static void test_gone(void)
{
	struct scene scene;
	struct flow_record record = flow(5200, START + 1, START + 1, 1);

	CHECK_ROW("a flow that is refused after a load");
	begin(&scene);
	CHECK_STR(round_at(&scene, START + 2, ONE(5200, START + 1, START + 2, 50)),
		  "opened 5200 50");
	CHECK_STR(round_at(&scene, START + 3, NULL, 0), "closed 5200 50 gone");
	CHECK_STR(round_at(&scene, START + 4, NULL, 0), "");

	CHECK_ROW("one that was announced and never seen: not before a round could have");
	record.flow.opened_ns = (START + 5) * SECOND;
	announce(&scene, &record);
	CHECK_STR(round_at(&scene, START + 5.01, NULL, 0), "opened 5200 1 announced");
	CHECK_STR(round_at(&scene, START + 6, NULL, 0), "closed 5200 1 gone");
	flow_watch_free(scene.watch);
}

static void test_anew(void)
{
	struct scene scene;
	struct flow_record again = flow(5200, START + 20, START + 20, 1);

	CHECK_ROW("the same two ends once more, announced before the tables were read");
	begin(&scene);
	CHECK_STR(round_at(&scene, START + 2, ONE(5200, START + 1, START + 2, 50)),
		  "opened 5200 50");
	announce(&scene, &again);
	CHECK_STR(round_at(&scene, START + 20.5, ONE(5200, START + 20, START + 20, 2)),
		  "closed 5200 50 gone, opened 5200 1 announced");
	CHECK_ROW("and found in the tables");
	CHECK_STR(round_at(&scene, START + 25, ONE(5200, START + 24, START + 25, 7)),
		  "closed 5200 2 gone, opened 5200 7");
	CHECK_ROW("announced after the tables told of it");
	again.flow.opened_ns = (START + 24) * SECOND;
	announce(&scene, &again);
	CHECK_STR(round_at(&scene, START + 26, ONE(5200, START + 24, START + 26, 8)), "");
	flow_watch_free(scene.watch);
}

static void test_tcp(void)
{
	struct flow_record record = flow(5200, START + 1, START + 2, 9);
	struct scene scene;

	CHECK_ROW("TCP is closed when both have ended it, not when it is forgotten");
	begin(&scene);
	record.protocol = IPPROTO_TCP;
	record.flow.idle = 3750;
	CHECK_STR(round_at(&scene, START + 2, &record, 1), "opened 5200 9");
	record.flow.flags = AGFEO_FLOW_CLOSING;
	CHECK_STR(round_at(&scene, START + 3, &record, 1), "");
	CHECK_STR(round_at(&scene, START + 5, &record, 1), "closed 5200 9");
	flow_watch_free(scene.watch);
}

static void test_slow(void)
{
	struct scene scene;

	CHECK_ROW("a follower that slept 35 s missed records, and goes on in step");
	begin(&scene);
	CHECK_STR(round_at(&scene, START + 2, ONE(5200, START + 1, START + 2, 50)),
		  "opened 5200 50");
	CHECK_STR(round_at(&scene, START + 46, ONE(5200, START + 1, START + 46, 2000)),
		  "periodic 5200 2000");
	CHECK_EQ(flow_watch_missed(scene.watch), 3);
	CHECK_EQ(flow_watch_missed(scene.watch), 0);
	CHECK_STR(round_at(&scene, START + 50, ONE(5200, START + 1, START + 50, 2200)), "");
	CHECK_STR(round_at(&scene, START + 51, ONE(5200, START + 1, START + 51, 2250)),
		  "periodic 5200 2250");
	CHECK_EQ(flow_watch_missed(scene.watch), 0);
	flow_watch_free(scene.watch);
}

/* More than the table begins with, coming and going; the first half goes. */
static void test_many(void)
{
	enum { MANY = 5000 };
	_cleanup_(freep) struct flow_record *records = calloc(MANY, sizeof(*records));
	unsigned opened = 0, closed = 0;
	struct scene scene;

	CHECK_ROW("5000 flows");
	begin(&scene);
	if (!CHECK(records))
		return;
	for (unsigned i = 0; i < MANY; i++)
		records[i] = flow((uint16_t)(1024 + i), START + 1, START + 1, 1);
	scene.clock = (struct flow_clock){tick_at(START + 2), TICK, (START + 2) * SECOND};
	for (unsigned i = 0; i < MANY; i++) {
		flow_watch_take(scene.watch, &records[i], &scene.clock);
		announce(&scene, &records[i]);
		opened += !strncmp(scene.told, "opened", 6) && !strchr(scene.told, ',');
		scene.told[0] = '\0';
	}
	CHECK_STR(round_at(&scene, START + 2, NULL, 0), "");
	CHECK_EQ(opened, MANY);
	for (unsigned i = MANY / 2; i < MANY; i++)
		flow_watch_take(scene.watch, &records[i], &scene.clock);
	flow_watch_end_round(scene.watch, &scene.clock); /* told is cut, and not looked at */
	scene.told[0] = '\0';
	for (unsigned i = MANY / 2; i < MANY; i++) {
		records[i].flow.flags = AGFEO_FLOW_CLOSING;
		scene.clock.tick = tick_at(START + 10);
		flow_watch_take(scene.watch, &records[i], &scene.clock);
		closed += !strncmp(scene.told, "closed", 6) && !strchr(scene.told, ',');
		scene.told[0] = '\0';
	}
	CHECK_EQ(closed, MANY / 2);
	flow_watch_free(scene.watch);
}

/* Ends are sorted as in the tables, whoever opened. */
static void test_ends(void)
{
	struct flow_record record = flow(5200, START + 1, START + 1, 1);
	struct agfeo_event event = announcement(&record);
	struct scene scene;

	CHECK_ROW("announced by the other end");
	begin(&scene);
	memcpy(event.source, record.address[1].bytes, sizeof(event.source));
	memcpy(event.destination, record.address[0].bytes, sizeof(event.destination));
	event.source_port = 30000;
	event.destination_port = 5200;
	flow_watch_announce(scene.watch, &event, tick_at(START + 1));
	CHECK_STR(round_at(&scene, START + 2, ONE(5200, START + 1, START + 2, 3)),
		  "opened 5200 0 announced"); /* the packet was the other's */
	flow_watch_free(scene.watch);
}

int main(void)
{
	test_life(true);
	test_life(false);
	test_before();
	test_gone();
	test_anew();
	test_tcp();
	test_slow();
	test_many();
	test_ends();
	return check_done();
}
