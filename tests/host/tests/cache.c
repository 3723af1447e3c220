/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The flow cache keeps the same books as the tables. Two boxes see the same packets; to one they come
 * in a VLAN, so that each takes the way round and none is lent anything. What is decided, and what
 * stands in the flows, the cache's share added, must be the same at any time.
 */
#include <agfeo/abi.h>
#include <bpf/bpf.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "check.h"
#include "host/box.h"
#include "host/maps.h"
#include "payload.h"
#include "prog/runner.h"

#define TICK	 (1ull << AGFEO_REPLAY_TICK_SHIFT)
#define CALLS	 40
#define STEPS	 30000
#define CROWD	 36000 /* calls at once: more directions than there are seats */
#define FEW	 2000  /* of them that go on */
#define PBX	 "192.168.10.2"
#define PROVIDER "217.10.64.9"

static const char configuration[] =
	"[site]\nnetworks = 192.168.10.0/24\nflows = 65536\nnew-flows = 0\n"
	"[qos]\nothers = bleach\n"
	"[provider sipgate]\nnetworks = 217.10.64.0/20\n"
	"[device pbx]\nmodel = es-pure-ip-x-it\nprovider = sipgate\naddress = " PBX "\n";

enum box {
	LENT,  /* untagged */
	ROUND, /* in a VLAN */
	BOXES,
};

static struct runner *runner[BOXES];
static uint64_t now;
static uint64_t state = 0x9e3779b97f4a7c15;

static uint32_t draw(uint32_t below)
{
	state = state * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(state >> 33) % below;
}

static void begin(const char *what)
{
	CHECK_ROW(what);
	host_kernel = (struct host_kernel){0};
	for (int box = 0; box < BOXES; box++) {
		runner_free(runner[box]);
		runner[box] = NULL;
		CHECK_EQ(runner_open(configuration, &(struct runner_options){0}, &runner[box]), 0);
	}
	now = SECOND;
}

static bool same(const struct run_result *lent, const struct run_result *round)
{
	return lent->passed == round->passed && lent->told.reason == round->told.reason &&
	       lent->told.dscp_out == round->told.dscp_out &&
	       lent->told.device[0] == round->told.device[0] &&
	       lent->told.device[1] == round->told.device[1] && lent->priority == round->priority &&
	       frame_checksums_hold(&lent->frame);
}

/* What a packet was judged, by both the same. */
static bool run(enum run_hook hook, struct frame *frame)
{
	struct run_result result[BOXES];
	int err = 0;

	for (int box = 0; box < BOXES; box++) {
		struct frame_bytes bytes;

		frame->vlan_count = box == ROUND;
		frame->vlan[0].id = 7;
		bytes = frame_build(frame);
		result[box] = (struct run_result){.verdict = -1};
		err |= runner_at(runner[box], now);
		err |= runner_run(runner[box], hook, &bytes, &result[box]);
	}
	CHECK(!err && same(&result[LENT], &result[ROUND]));
	return result[LENT].passed;
}

/* ------------------------------------------------------------------ the books */

static bool read_flow(enum box box, const char *table, const struct agfeo_flow4_key *key,
		      struct agfeo_voice_flow *ret_flow)
{
	bool voice = table[0] == 'v';

	memset(ret_flow, 0, sizeof(*ret_flow));
	if (bpf_map_lookup_elem(runner_map(runner[box], table), key, ret_flow))
		return false;
	runner_complete(runner[box], key, &ret_flow->flow, voice ? ret_flow->stream : NULL);
	return true;
}

/* Every flow of the one box stands in the other, and says the same. */
static unsigned compare_table(const char *table)
{
	struct agfeo_flow4_key key, *before = NULL;
	struct agfeo_voice_flow lent, round;
	int map = runner_map(runner[LENT], table);
	unsigned flows = 0;

	while (!bpf_map_get_next_key(map, before, &key)) {
		before = &key;
		flows++;
		if (!CHECK(read_flow(LENT, table, &key, &lent) &&
			   read_flow(ROUND, table, &key, &round) &&
			   !memcmp(&lent, &round, sizeof(lent))))
			break;
	}
	return flows;
}

static unsigned compare(void)
{
	return compare_table("voice4") + compare_table("signalling4") + compare_table("others4");
}

static unsigned lent_entries(void)
{
	int map = runner_map(runner[LENT], "flow_cache");
	struct agfeo_cached entry;
	unsigned count = 0;

	for (__u32 seat = 1; seat < AGFEO_CACHE_SEATS; seat++) {
		if (!bpf_map_lookup_elem(map, &seat, &entry))
			count += entry.generation != 0;
	}
	return count;
}

/* ------------------------------------------------------------------ calls */

struct leg {
	uint16_t sequence;
	uint32_t timestamp, ssrc;
	uint8_t payload_type, tos;
};

static struct leg legs[CALLS][2];

/* The next packet of a leg, or one that is not the next. */
static size_t speak(struct leg *leg, uint8_t *payload)
{
	struct rtp rtp = {.size = 160};

	switch (draw(40)) {
	case 0: /* a loss */
		leg->sequence += 1 + draw(3);
		break;
	case 1: /* a copy, or late */
		leg->sequence -= draw(4);
		break;
	case 2:
		leg->ssrc += draw(2);
		break;
	case 3:
		rtp.marker = true;
		break;
	case 4:
		leg->payload_type = draw(2) ? 8 : draw(2) ? 0 : 13;
		break;
	case 5:
		leg->timestamp += draw(2) ? 160000000 : 1600;
		break;
	case 6:
		leg->tos = (uint8_t)(draw(3) * 0x5c);
		break;
	case 7:
		return payload_rtcp(payload, 200, leg->ssrc);
	case 8:
		return payload_stun(payload, 1);
	case 9:
		rtp.csrc_count = 2;
		break;
	default:
		break;
	}
	rtp.payload_type = leg->payload_type;
	rtp.sequence = ++leg->sequence;
	rtp.timestamp = leg->timestamp += 160;
	rtp.ssrc = leg->ssrc;
	return payload_rtp(payload, &rtp);
}

static void play_call(unsigned number)
{
	uint8_t payload[PAYLOAD_MOST];
	unsigned end = draw(2);
	struct leg *leg = &legs[number][end];
	uint16_t ours = (uint16_t)(5204 + 2 * number), theirs = (uint16_t)(30000 + 2 * number);
	struct frame out = {UDP(PBX, ours, PROVIDER, theirs)},
		     in = {UDP(PROVIDER, theirs, PBX, ours)};
	struct frame *frame = end ? &in : &out;

	frame->payload_size = speak(leg, payload);
	frame->payload = payload;
	frame->tos = leg->tos;
	if (!end) {
		run(RUN_VOICE, frame);
		return;
	}
	/* Some come by an uplink, are seen there, and leave as they were marked. */
	if (number % 2 && run(RUN_UPLINK, frame))
		frame->tos = 0xb8;
	run(RUN_TC, frame);
}

static void play_registration(unsigned number)
{
	struct frame out = {UDP(PBX, (uint16_t)(5064 + number), PROVIDER, 5060),
			    .payload_size = 300};
	struct frame in = {UDP(PROVIDER, 5060, PBX, (uint16_t)(5064 + number)),
			   .payload_size = 300};

	out.tos = in.tos = draw(8) ? 0 : 0xb8;
	run(draw(2) ? RUN_TC : RUN_VOICE, draw(2) ? &out : &in);
}

static void test_calls(void)
{
	unsigned flows = 0, lent = 0;

	begin("calls and registrations, with all that happens to them");
	for (unsigned i = 0; i < CALLS; i++)
		for (int end = 0; end < 2; end++)
			legs[i][end] = (struct leg){.sequence = (uint16_t)draw(65536),
						    .ssrc = draw(1 << 30),
						    .payload_type = 8};
	for (unsigned step = 0; step < STEPS; step++) {
		/* Mostly the next packet of a call; now and then silence, and a new policy. */
		now += draw(2000) ? draw(MILLISECOND) : draw(90) * SECOND;
		if (draw(8))
			play_call(draw(CALLS));
		else
			play_registration(draw(4));
		if (!draw(6000))
			for (int box = 0; box < BOXES; box++)
				CHECK_EQ(runner_reload(runner[box], configuration), 0);
		if (step % 500 == 0) {
			flows = compare();
			lent = lent_entries() > lent ? lent_entries() : lent;
		}
	}
	CHECK(flows >= CALLS / 2);
	CHECK(lent >= CALLS);
}

/* ------------------------------------------------------------------ more than there are seats */

/* The packet of that number that a direction of a call sends. */
static void crowd_frame(unsigned number, bool in, unsigned sequence, uint8_t *payload,
			struct frame *ret_frame)
{
	static char address[32];
	struct rtp rtp = {.payload_type = 8,
			  .sequence = (uint16_t)sequence,
			  .timestamp = sequence * 8000,
			  .ssrc = number,
			  .size = 160};
	uint16_t theirs = (uint16_t)(30000 + number % 4000);

	snprintf(address, sizeof(address), "217.10.64.%u", 10 + number / 4000);
	*ret_frame = in ? (struct frame){UDP(address, theirs, PBX, 5204)}
			: (struct frame){UDP(PBX, 5204, address, theirs)};
	ret_frame->payload_size = payload_rtp(payload, &rtp);
	ret_frame->payload = payload;
}

/* How many of those who go on have an entry now. */
static unsigned seats_of_late(void)
{
	int map = runner_map(runner[LENT], "flow_cache");
	unsigned late = (unsigned)(now / TICK), count = 0;
	struct agfeo_cached entry;

	for (__u32 seat = 1; seat < AGFEO_CACHE_SEATS; seat++) {
		if (!bpf_map_lookup_elem(map, &seat, &entry))
			count += entry.generation && late - entry.seen < AGFEO_CACHE_TICKS;
	}
	return count;
}

static void test_crowd(void)
{
	uint8_t payload[PAYLOAD_MOST];
	struct frame frame;

	begin("more calls than there are seats");
	for (unsigned second = 0; second < 6; second++, now += SECOND / 2) {
		for (unsigned i = 0; i < CROWD; i++) {
			crowd_frame(i, second & 1, second / 2, payload, &frame);
			run(second & 1 ? RUN_TC : RUN_VOICE, &frame);
		}
	}
	CHECK_EQ(compare(), CROWD);
	CHECK(lent_entries() > AGFEO_CACHE_SEATS * 9 / 10);

	CHECK_ROW("and their seats are others' later");
	now += 10 * SECOND;
	for (unsigned second = 3; second < 6; second++, now += SECOND / 2) {
		for (unsigned i = CROWD - FEW; i < CROWD; i++) {
			crowd_frame(i, false, second, payload, &frame);
			run(RUN_VOICE, &frame);
		}
	}
	CHECK_EQ(compare(), CROWD);
	CHECK(seats_of_late() > FEW * 9 / 10);
}

int main(void)
{
	test_calls();
	test_crowd();
	for (int box = 0; box < BOXES; box++)
		runner_free(runner[box]);
	return check_done();
}
