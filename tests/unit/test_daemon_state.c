/* SPDX-License-Identifier: GPL-2.0 */
/* What the daemon says of itself, written and read, and as people see it. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "lib/check.h"
#include "report/daemon_state.h"

#define SECOND 1000000000ull

static struct daemon_state sample(void)
{
	struct daemon_state state = {
		.pid = 4711,
		.started_ns = 1741010000 * SECOND,
		.config = "/etc/agfeo/agfeo.conf",
		.textfile = "/var/lib/x \"y\".prom",
		.written_ns = 1741010700 * SECOND + 250000000,
		.textfile_error = "textfile: No space left on device",
		.reloaded_ns = 1741010640 * SECOND,
		.reload_error = "/etc/agfeo/agfeo.conf:3: first\n/etc/agfeo/agfeo.conf:9: second",
		.swept_flows = 12,
		.swept_index = 9000000000,
	};

	state.names[AGFEO_HOST_PBX] = (struct daemon_name){
		.wanted = true, .addresses = 2, .answered_ns = 1741010600 * SECOND};
	state.names[AGFEO_HOST_AWS] = (struct daemon_name){
		.wanted = true, .error = "Timeout while contacting DNS servers"};
	return state;
}

static char *render(const struct daemon_state *state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CHECK_EQ(daemon_state_render(out, state), 0);
	fclose(out);
	return text;
}

static char *print(const struct daemon_state *state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	daemon_state_print(out, state, 1741010703 * SECOND);
	fclose(out);
	return text;
}

static void test_round_trip(void)
{
	struct daemon_state state = sample(), back;
	_cleanup_(freep) char *text = render(&state);

	CHECK(strstr(text, "\"started_at\":1741010000.000,") != NULL);
	CHECK(strstr(text, "\"reattached_at\":null,\"reattach_error\":null") != NULL);
	memset(&back, 0xaa, sizeof(back));
	CHECK_EQ(daemon_state_parse(text, &back), 0);
	CHECK(!memcmp(&back, &state, sizeof(state)));
}

static void test_foreign(void)
{
	static const char *const texts[] = {"",	   "{", "[]", "{\"names\":[]}", "{\"names\":[{}]}",
					    "null"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct daemon_state state = {.pid = 5};

		CHECK_ROW(texts[i]);
		CHECK_EQ(daemon_state_parse(texts[i], &state), -EINVAL);
		CHECK_EQ(state.pid, 5);
	}
	CHECK_ROW(NULL);
}

/* What a daemon was told by others, a terminal is not told to do. */
static void test_tame(void)
{
	struct daemon_state state = sample();
	_cleanup_(freep) char *text = NULL;

	strcpy(state.textfile, "/var/\033[2J");
	strcpy(state.reload_error, "a\tb\nc\r");
	text = print(&state);
	CHECK(strstr(text, "textfile       /var/?[2J, written") != NULL);
	CHECK(strstr(text, "               a?b\n               c?\n") != NULL);
}

static void test_people(void)
{
	struct daemon_state state = sample(), well = {.pid = 1, .started_ns = 1741010640 * SECOND};
	_cleanup_(freep) char *text = print(&state), *none = print(NULL), *brief = print(&well);

	CHECK_STR(text, "daemon         process 4711, for 11m 43s\n"
			"textfile       /var/lib/x \"y\".prom, written 2s ago\n"
			"               NOT WRITTEN NOW: textfile: No space left on device\n"
			"last reload    FAILED 1m 3s ago, what ran before still runs:\n"
			"               /etc/agfeo/agfeo.conf:3: first\n"
			"               /etc/agfeo/agfeo.conf:9: second\n"
			"AGFEO hosts    1 of 2 names have addresses\n"
			"               aws.agfeo.de: Timeout while contacting DNS servers\n");
	CHECK(strstr(none, "does not run") != NULL);
	CHECK_STR(brief, "daemon         process 1, for 1m 3s\n");
}

int main(void)
{
	test_round_trip();
	test_foreign();
	test_tame();
	test_people();
	return check_done();
}
