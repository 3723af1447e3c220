/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the world sends, at an uplink's XDP: nobody beyond it is of the site, and ports that no device
 * lists are refused before anybody asks for a flow; yet every flow that a device has opened is let in,
 * even one that no list allows. Without records too, so that what is refused goes the straight way.
 * prog/differential has the same of traffic by chance.
 */
#include <agfeo/flow_index.h>
#include <bpf/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "check.h"
#include "runner.h"

#define SITE                                                                                       \
	"[site]\nnetworks = 192.168.0.0/16, fd00:10::/64\n"                                        \
	"[provider p]\nnetworks = 217.10.64.0/20, 2001:db8:217::/48\n"                             \
	"[device pbx]\nmodel = es-pure-ip-x-it\naddress = 192.168.10.2, fd00:10::2\nprovider = "   \
	"p\n"                                                                                      \
	"[device t14]\nmodel = t14-sip\naddress = 192.168.10.21, fd00:10::21\n"

static const char site[] = SITE;
static const char closed_site[] = SITE "disable = tftp\n";

#define PBX	 "192.168.10.2"
#define T14	 "192.168.10.21"
#define BRANCH	 "192.168.20.5" /* of the site, by its address */
#define PROVIDER "217.10.64.9"
#define STRANGER "198.51.100.7"
#define BOX	 "203.0.113.1"

static const char *const same_by_ipv6[][2] = {
	{PBX, "fd00:10::2"},	       {T14, "fd00:10::21"},	    {BRANCH, "fd00:10::5"},
	{PROVIDER, "2001:db8:217::9"}, {STRANGER, "2001:db8:9::7"}, {BOX, "2001:db8:1::1"},
};

struct step {
	enum run_hook hook;
	const char *from; /* by IPv4; played by IPv6 too, see same_by_ipv6 */
	uint16_t from_port;
	const char *to;
	uint16_t to_port;
	enum agfeo_reason reason;
	unsigned after; /* seconds that pass before */
	bool reload;	/* to the site without TFTP, before */
	bool swept;	/* before: no expectation is left, and the index says so */
};

#define STEPS_MOST   8
#define BETWEEN_ROWS (20000 * SECOND) /* nothing is remembered for so long */

struct row {
	const char *name;
	struct step steps[STEPS_MOST];
};

#define VOICE	RUN_VOICE
#define UPLINK	RUN_UPLINK
#define TC	RUN_TC
#define R(name) .reason = AGFEO_REASON_##name

/* clang-format off */
static const struct row rows[] = {
	{"a registration's answer comes in, and what follows it", {
		{VOICE,  PBX, 5070, PROVIDER, 5060,      R(LISTED)},
		{UPLINK, PROVIDER, 5060, PBX, 5070,      R(FLOW)},
		{UPLINK, PROVIDER, 5060, PBX, 5070,      R(FLOW)},
		{UPLINK, PROVIDER, 5061, PBX, 40000,     R(NOT_LISTED)},
	}},
	{"nobody beyond is of the site", {
		{UPLINK, STRANGER, 5060, PBX, 5060,      R(SCOPE)},
		{UPLINK, BRANCH, 5060, PBX, 5060,        R(SCOPE)},
		{UPLINK, T14, 5060, PBX, 5060,           R(SPOOFED)},
		{UPLINK, T14, 5060, PBX, 40000,          R(SPOOFED)},
		{UPLINK, BRANCH, 5060, PBX, 40000,       R(NOT_LISTED)},
	}},
	{"what is nobody's passes, but for the ports of the system", {
		{UPLINK, STRANGER, 4000, BOX, 40000,     R(NO_DEVICE)},
		{UPLINK, STRANGER, 4000, BOX, 5060,      R(SCOPE)},
		{UPLINK, PROVIDER, 5060, BOX, 5070,      R(NO_DEVICE)},
		{UPLINK, STRANGER, 5060, BOX, 5070,      R(SCOPE)},
	}},
	{"TFTP's answer, from a port that nobody lists", {
		{UPLINK, BRANCH, 2000, T14, 40000,       R(NOT_LISTED)},
		{VOICE,  T14, 40000, BRANCH, 69,         R(LISTED)},
		{UPLINK, BRANCH, 2000, T14, 40000,       R(EXPECTED)},
		{UPLINK, BRANCH, 2000, T14, 40000,       R(FLOW)},
		{UPLINK, BRANCH, 2000, T14, 40001,       R(NOT_LISTED)},
		{UPLINK, STRANGER, 2000, T14, 40000,     R(NOT_LISTED)},
	}},
	{"a transfer outlives its request", {
		{VOICE,  T14, 40000, BRANCH, 69,         R(LISTED)},
		{UPLINK, BRANCH, 2000, T14, 40000,       R(EXPECTED)},
		{VOICE,  T14, 40000, BRANCH, 2000,       R(FLOW)},
		{UPLINK, BRANCH, 2000, T14, 40000,       R(FLOW), .after = 40, .swept = true},
		{UPLINK, BRANCH, 2000, T14, 40000,       R(FLOW)},
		{UPLINK, BRANCH, 2001, T14, 40000,       R(NOT_LISTED)},
	}},
	{"and the permission to begin one", {
		{VOICE,  T14, 40000, BRANCH, 69,         R(LISTED)},
		{UPLINK, BRANCH, 2000, T14, 40000,       R(EXPECTED)},
		{UPLINK, BRANCH, 2000, T14, 40000,       R(FLOW), .reload = true},
		{UPLINK, BRANCH, 2000, T14, 40000,       R(FLOW)},
		{UPLINK, BRANCH, 2001, T14, 40000,       R(EXPECTED)},
		{UPLINK, BRANCH, 2002, T14, 40000,       R(NOT_LISTED), .after = 40},
		{VOICE,  T14, 40000, BRANCH, 69,         R(NOT_LISTED)},
	}},
	{"whom a device may call may answer after a reload too", {
		{VOICE,  T14, 5060, BRANCH, 5080,        R(LISTED)},
		{UPLINK, BRANCH, 5080, T14, 5060,        R(FLOW), .reload = true},
	}},
	{"but who called it by another way is not let in by this one", {
		{TC,     BRANCH, 5080, T14, 5060,        R(LISTED)},
		{UPLINK, BRANCH, 5080, T14, 5060,        R(SCOPE), .reload = true},
	}},
};
/* clang-format on */

/* As the daemon does it when the last one has expired. */
static void sweep_expectations(const struct runner *runner)
{
	struct agfeo_flow_index *index = calloc(1, sizeof(*index));
	int map = runner_map(runner, "flow_index");
	uint32_t zero = 0;

	if (CHECK(index) && CHECK_EQ(bpf_map_lookup_elem(map, &zero, index), 0)) {
		for (size_t i = 0; i < AGFEO_FLOW_INDEX_SIZE; i++)
			index->tables[i] &= (uint8_t)~AGFEO_TABLE_EXPECTED;
		CHECK_EQ(bpf_map_update_elem(map, &zero, index, BPF_ANY), 0);
	}
	free(index);
}

static const char *by_ipv6(const char *address)
{
	for (size_t i = 0; i < ARRAY_SIZE(same_by_ipv6); i++)
		if (!strcmp(same_by_ipv6[i][0], address))
			return same_by_ipv6[i][1];
	return NULL;
}

static struct frame frame_of(const struct step *step, bool v6)
{
	const char *from = v6 ? by_ipv6(step->from) : step->from;
	const char *to = v6 ? by_ipv6(step->to) : step->to;

	return (struct frame){UDP(from, step->from_port, to, step->to_port)};
}

/* now: of the capture's clock, moves on. Returns whether the site was left. */
static bool play(struct runner *runner, const struct row *row, bool v6, uint64_t *now)
{
	bool left = false;
	char name[128];

	for (const struct step *step = row->steps; step < row->steps + STEPS_MOST && step->from;
	     step++) {
		struct frame frame = frame_of(step, v6);
		struct frame_bytes bytes = frame_build(&frame);
		struct run_result result = {.verdict = -1};

		*now += (step->after + 1) * SECOND;
		if (step->reload)
			left = CHECK_EQ(runner_reload(runner, closed_site), 0);
		if (step->swept)
			sweep_expectations(runner);
		CHECK_EQ(runner_at(runner, *now), 0);
		CHECK_EQ(runner_run(runner, step->hook, &bytes, &result), 0);
		snprintf(name, sizeof(name), "%s, IPv%d, packet %d", row->name, v6 ? 6 : 4,
			 (int)(step - row->steps) + 1);
		CHECK_ROW(name);
		CHECK_STR(reason_label(result.told.reason), reason_label(step->reason));
		CHECK_EQ(result.passed, agfeo_reason_verdict(step->reason) == AGFEO_PASS);
	}
	CHECK_ROW(NULL);
	return left;
}

static void play_all(const struct runner_options *options, bool v6)
{
	struct runner *runner = NULL;
	uint64_t now = BETWEEN_ROWS;

	if (!CHECK_EQ(runner_open(site, options, &runner), 0))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++, now += BETWEEN_ROWS)
		if (play(runner, &rows[i], v6, &now))
			CHECK_EQ(runner_reload(runner, site), 0);
	runner_free(runner);
}

int main(void)
{
	if (!runner_place() || !runner_stay())
		return check_done();
	for (int quiet = 0; quiet < 2; quiet++) {
		play_all(&(struct runner_options){.quiet = quiet}, false);
		play_all(&(struct runner_options){.quiet = quiet}, true);
	}
	return check_done();
}
