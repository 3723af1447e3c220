/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every program loads and gives what the runner relies on: verdict, reason, DSCP, bytes, priority
 * and time. What is decided, and why, is the business of the rows.
 */
#include "base/names.h"
#include "check.h"
#include "payload.h"
#include "runner.h"

static const char configuration[] = "[site]\n"
				    "networks = 192.168.10.0/24, fd00:10::/64\n"
				    "[provider sipgate]\n"
				    "networks = 217.10.64.0/20, 2001:db8:64::/48\n"
				    "[device pbx]\n"
				    "model = es-pure-ip-x-it\n"
				    "address = 192.168.10.2, fd00:10::2\n"
				    "provider = sipgate\n";

static const char watched[] = "[site]\n"
			      "networks = 192.168.10.0/24\n"
			      "mode = monitor\n"
			      "[device pbx]\n"
			      "model = es-pure-ip-x-it\n"
			      "address = 192.168.10.2\n";

#define PBX	 "192.168.10.2"
#define PROVIDER "217.10.64.9"
#define PHONE	 "192.168.10.77"

static struct runner *open_runner(const char *text)
{
	struct runner *runner = NULL;

	CHECK_EQ(runner_open(text, &(struct runner_options){0}, &runner), 0);
	if (runner)
		CHECK_EQ(runner_at(runner, SECOND), 0);
	return runner;
}

static struct run_result run(struct runner *runner, enum run_hook hook, const struct frame *frame)
{
	struct frame_bytes bytes = frame_build(frame);
	struct run_result result = {.verdict = -1};

	CHECK_EQ(runner_run(runner, hook, &bytes, &result), 0);
	return result;
}

/* Voice as the PBX sends it, and the same towards it; no link where the hook has none. */
static struct frame voice(enum run_hook hook, uint8_t *payload)
{
	struct rtp rtp = {.payload_type = 8, .sequence = 1, .ssrc = 1, .size = 160};
	size_t size = payload_rtp(payload, &rtp);
	struct frame out = {UDP(PBX, 5204, PROVIDER, 30000), .tos = 1, .payload = payload,
			    .payload_size = size};
	struct frame in = {UDP(PROVIDER, 30000, PBX, 5204), .tos = 1, .payload = payload,
			   .payload_size = size};
	struct frame frame = hook == RUN_VOICE || hook == RUN_VOICE_L3 ? out : in;

	if (hook >= RUN_VOICE_L3)
		frame.link = LINK_NONE;
	return frame;
}

static void test_voice(enum run_hook hook)
{
	static const char *const names[] = {"voice",	"uplink",    "tc",
					    "voice l3", "uplink l3", "tc l3"};
	struct runner *runner = open_runner(configuration);
	uint8_t payload[PAYLOAD_MOST];
	struct frame frame = voice(hook, payload);
	struct run_result result;

	CHECK_ROW(names[hook]);
	if (!runner)
		return;
	result = run(runner, hook, &frame);
	CHECK(result.passed);
	CHECK_STR(reason_label(result.told.reason), "listed");
	CHECK_EQ(result.told.dscp_in, 0);
	CHECK_EQ(result.told.dscp_out, AGFEO_EF);
	CHECK_EQ(result.frame.bytes[result.frame.ip + 1], AGFEO_EF << 2 | 1); /* ECN stays */
	CHECK(frame_checksums_hold(&result.frame));
	CHECK_EQ(result.frame.length, (hook >= RUN_VOICE_L3 ? 0 : 14) + 20 + 8 + 172);
	if (hook == RUN_TC || hook == RUN_TC_L3)
		CHECK(result.priority != 0);
	CHECK_STR(runner_device(
			  runner,
			  result.told.device[hook == RUN_VOICE || hook == RUN_VOICE_L3 ? 0 : 1]),
		  "pbx");
	result = run(runner, hook, &frame);
	CHECK_STR(reason_label(result.told.reason), "flow");
	runner_free(runner);
	CHECK_ROW(NULL);
}

static void test_refused(void)
{
	struct runner *runner = open_runner(configuration);
	struct frame telnet = {TCP(PHONE, 40000, PBX, 23, SYN)};
	struct run_result result;

	if (!runner)
		return;
	result = run(runner, RUN_TC, &telnet);
	CHECK(!result.passed);
	CHECK_STR(reason_label(result.told.reason), "not-listed");
	runner_free(runner);
}

/* A reload turns enforcing into watching: the same frame, another fate. */
static void test_reload(void)
{
	struct runner *runner = open_runner(configuration);
	struct frame telnet = {TCP(PHONE, 40000, PBX, 23, SYN)};
	struct run_result result;

	if (!runner)
		return;
	CHECK(!run(runner, RUN_TC, &telnet).passed);
	CHECK_EQ(runner_reload(runner, watched), 0);
	result = run(runner, RUN_TC, &telnet);
	CHECK(result.passed);
	CHECK_STR(reason_label(result.told.reason), "not-listed");
	CHECK_EQ(result.told.monitor, 1);
	runner_free(runner);
}

/* The clock is the test's: 30 s after an unanswered question the answer is too late. */
static void test_time(void)
{
	struct runner *runner = open_runner(configuration);
	struct frame question = {UDP(PBX, 40000, "8.8.8.8", 53), .payload_size = 30};
	struct frame answer = {UDP("8.8.8.8", 53, PBX, 40000), .payload_size = 30};

	if (!runner)
		return;
	CHECK(run(runner, RUN_VOICE, &question).passed);
	CHECK_EQ(runner_at(runner, 20 * SECOND), 0);
	CHECK(run(runner, RUN_TC, &answer).passed);
	CHECK_EQ(runner_at(runner, 1000 * SECOND), 0);
	CHECK(!run(runner, RUN_TC, &answer).passed);
	runner_free(runner);
}

static void test_repeat(void)
{
	struct runner *runner = open_runner(configuration);
	uint8_t payload[PAYLOAD_MOST];
	struct frame frame = voice(RUN_VOICE, payload);
	struct frame_bytes bytes = frame_build(&frame), stub = {.length = 13};
	struct run_result result;

	if (!runner)
		return;
	CHECK_EQ(runner_repeat(runner, RUN_VOICE, &bytes, 1000, &result), 0);
	CHECK(result.passed);
	CHECK(result.duration_ns > 0);
	CHECK_EQ(runner_run(runner, RUN_VOICE, &stub, &result), -EINVAL);
	runner_free(runner);
}

int main(void)
{
	if (!runner_place())
		return check_done();
	for (enum run_hook hook = 0; hook < RUN_HOOKS; hook++)
		test_voice(hook);
	test_refused();
	test_reload();
	test_time();
	test_repeat();
	return check_done();
}
