/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Any file as a capture: the command `replay` from the reading to the calls, over the programs
 * compiled for the host, and what `discover` learns from the same packets.
 */
#include <sys/mman.h>

/* The command's own functions, from the capture on. */
#include "command/cmd_replay.c"

#include "corpus/rows.h"
#include "fuzz.h"
#include "report/discovery.h"

static struct session session;
static struct policy *policy;
static struct site *site;
static int file;
static char path[64];

/* For cmd_replay.c; the words of its command line are no part of this. */
int options_take(const struct command *command, const struct option_row *rows, int argc,
		 char **argv, int least, int most)
{
	(void)command, (void)rows, (void)argc, (void)argv, (void)least, (void)most;
	return -1;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	FUZZ_CHECK(!config_parse("office", site_office, strlen(site_office), stderr, &site));
	FUZZ_CHECK(!policy_compile(site, "office", loader_tick_ns(true), stderr, &policy));
	file = memfd_create("capture", 0);
	FUZZ_CHECK(file >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	log_redirect(fopen("/dev/null", "w"));
	return 0;
}

static void replay_it(const struct options *options)
{
	_cleanup_(packet_source_freep) struct packet_source *source = NULL;
	FILE *standard = stdout;
	struct fuzz_text lines;

	if (packet_source_open(path, &source))
		return;
	session = (struct session){
		.options = options, .path = "-", .policy = policy, .source = source};
	fuzz_text_open(&lines);
	stdout = lines.out;
	replay_file(&session);
	stdout = standard;
	fuzz_text_close(&lines);
	FUZZ_CHECK(fuzz_is_harmless(lines.text, lines.size));
	fuzz_text_release(&lines);
}

static bool has_none(const void *context, const struct address *address,
		     const struct mac_address *mac)
{
	(void)context, (void)address, (void)mac;
	return false;
}

static void discover(void)
{
	_cleanup_(packet_source_freep) struct packet_source *source = NULL;
	_cleanup_(discovery_freep) struct discovery *discovery = discovery_new(NULL, 0);
	const struct known known = {.has = has_none};
	struct captured packet;
	struct findings found;
	struct fuzz_text text;

	FUZZ_CHECK(discovery);
	if (packet_source_open(path, &source))
		return;
	while (packet_source_next(source, &packet) == 1)
		discovery_learn(discovery, packet_source_framing(source), packet.bytes,
				packet.kept);
	FUZZ_CHECK(!discovery_conclude(discovery, &known, &found));
	fuzz_text_open(&text);
	render_discovery_text(text.out, &found);
	render_discovery_json(text.out, &found);
	fuzz_text_close(&text);
	FUZZ_CHECK(fuzz_is_harmless(text.text, text.size));
	fuzz_text_release(&text);
	findings_free(&found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct options options = {
		.json = size & 1, .calls = true, .write = size & 2 ? "/dev/null" : NULL};

	FUZZ_CHECK(!ftruncate(file, 0) && pwrite(file, data, size, 0) == (ssize_t)size);
	replay_it(&options);
	discover();
	return 0;
}
