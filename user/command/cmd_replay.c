/* SPDX-License-Identifier: GPL-2.0 */
/* replay: the very same programs over a capture, on the capture's clock. */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "command/command.h"
#include "config/config.h"
#include "kernel/replay.h"
#include "policy/compile.h"
#include "report/packets.h"
#include "report/render_replay.h"

#define ERRORS_SAID  10	   /* packets that are complained of one by one */
#define OUTPUT_BYTES 65536 /* of lines that are written at once */

struct options {
	const char *write;
	bool calls;
	bool summary;
	bool json;
};

struct session {
	const struct options *options;
	const char *path;
	const struct policy *policy;
	struct replay *replay;
	struct packet_source *source;
	struct packet_sink *sink; /* or NULL */
	struct replay_sum sum;
	uint8_t frame[MADE_UP_HEADER + PACKET_MOST + REPLAY_SLACK]; /* what the programs see */
	uint8_t out[PACKET_MOST];				    /* what leaves */
};

/* ------------------------------------------------------------------ a packet */

static size_t made_up(const struct dissected *d)
{
	return d->made_up ? MADE_UP_HEADER : 0;
}

/* What the programs are shown of a packet; bytes that the capture lacks are zeros. Its length. */
static size_t build_frame(struct session *session, const struct captured *packet,
			  const struct dissected *d)
{
	size_t length = packet->length < PACKET_MOST ? packet->length : PACKET_MOST;
	uint16_t ethertype = htobe16(d->ethertype);
	uint8_t *at = session->frame;

	if (d->made_up) {
		memset(at, 0, MADE_UP_HEADER);
		memcpy(at + MADE_UP_HEADER - sizeof(ethertype), &ethertype, sizeof(ethertype));
		at += MADE_UP_HEADER;
	}
	memcpy(at, packet->bytes + d->skip, packet->kept - d->skip);
	memset(at + packet->kept - d->skip, 0, length - packet->kept);
	return made_up(d) + length - d->skip;
}

/* The packet as it leaves, what the programs did not see before it. */
static int write_packet(struct session *session, const struct captured *packet,
			const struct dissected *d)
{
	struct captured left = *packet;

	memcpy(session->out, packet->bytes, d->skip);
	memcpy(session->out + d->skip, session->frame + made_up(d), packet->kept - d->skip);
	left.bytes = session->out;
	return packet_sink_put(session->sink, &left);
}

/* Packets from a listed device are what devices send; all others are on their way to one. */
static bool meets_tc(const struct session *session, const struct dissected *d)
{
	return !d->has_addresses || !index_device(session->policy, &d->source);
}

static void complain(struct session *session, const struct captured *packet, int err)
{
	unsigned long long number = session->sum.packets;

	session->sum.not_run++;
	if (session->sum.not_run > ERRORS_SAID)
		return;
	if (err == -EMSGSIZE)
		fail(0,
		     "%s: packet %llu: %zu bytes are more than this kernel runs at that hook: "
		     "segments were captured in one piece (before a capture on Linux: 'ethtool -K "
		     "DEVICE gro off lro off tso off gso off')",
		     session->path, number, packet->length);
	else
		fail(err, "%s: packet %llu: it cannot be run", session->path, number);
}

static void print_line(const struct session *session, const struct replay_line *line)
{
	const struct identities *identities = replay_identities(session->replay);

	if (session->options->summary)
		return;
	if (session->options->json)
		render_replay_json(stdout, line, identities);
	else
		render_replay_text(stdout, line, identities);
}

static void count_packet(struct replay_sum *sum, const struct captured *packet)
{
	if (!sum->packets)
		sum->first_ns = sum->last_ns = packet->time_ns;
	sum->packets++;
	sum->bytes += packet->length;
	sum->truncated += packet->kept < packet->length;
	sum->backwards += packet->time_ns < sum->last_ns;
	if (packet->time_ns > sum->last_ns)
		sum->last_ns = packet->time_ns;
}

/* A packet that cannot be run is said and counted; an error is one of writing. */
static int replay_packet(struct session *session, const struct captured *packet)
{
	struct dissected d =
		dissect(packet_source_framing(session->source), packet->bytes, packet->kept);
	struct agfeo_replay_result result;
	struct replay_frame frame = {
		.time_ns = packet->time_ns,
		.tc = meets_tc(session, &d),
		.raw = d.raw,
		.bytes = session->frame,
	};
	struct replay_line line = {
		.number = session->sum.packets + 1,
		.time_ns = packet->time_ns,
		.length = packet->length,
		.truncated = packet->kept < packet->length,
		.tc = frame.tc,
		.dissected = &d,
		.result = &result,
	};
	int err = packet->kept > PACKET_MOST ? -EMSGSIZE : 0;

	count_packet(&session->sum, packet);
	if (!err) {
		frame.length = build_frame(session, packet, &d);
		err = replay_run(session->replay, &frame, &result);
	}
	if (err) {
		complain(session, packet, err);
		return 0;
	}
	replay_sum_add(&session->sum, &line);
	print_line(session, &line);
	if (session->sink && (result.verdict == AGFEO_PASS || result.monitor))
		return write_packet(session, packet, &d);
	return 0;
}

/* ------------------------------------------------------------------ a capture */

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Unless somebody watches, or waits at the other end of a pipe for what he has put in. */
static void gather_lines(const char *path)
{
	if (strcmp(path, "-") && !isatty(STDOUT_FILENO))
		setvbuf(stdout, NULL, _IOFBF, OUTPUT_BYTES);
}

static int replay_packets(struct session *session)
{
	uint64_t began = now_ns();
	struct captured packet;
	int err = 0, got;

	while ((got = packet_source_next(session->source, &packet)) == 1 && !err && !ferror(stdout))
		err = replay_packet(session, &packet);
	session->sum.elapsed_ns = now_ns() - began;
	if (session->sum.not_run > ERRORS_SAID)
		fail(0, "%s: %llu packets more could not be run", session->path,
		     (unsigned long long)session->sum.not_run - ERRORS_SAID);
	if (got < 0)
		return got;
	return session->sum.not_run ? -EIO : err;
}

static int print_calls(const struct session *session)
{
	_cleanup_(freep) struct call *calls = NULL;
	size_t count;
	int err = replay_calls(session->replay, &calls, &count);

	if (err)
		return err;
	if (session->options->json)
		return render_calls_json(stdout, calls, count);
	fputc('\n', stdout);
	return render_calls_text(stdout, calls, count);
}

/* Also of a capture that ends in the middle of a packet: what there was is worth showing. */
static int print_end(const struct session *session)
{
	const struct options *options = session->options;

	if (!options->json) {
		if (session->sum.packets && !options->summary)
			fputc('\n', stdout);
		render_replay_sum_text(stdout, &session->sum);
	} else if (options->summary) {
		render_replay_sum_json(stdout, &session->sum);
	}
	return options->calls ? print_calls(session) : 0;
}

static int replay_file(struct session *session)
{
	_cleanup_(replay_freep) struct replay *replay = NULL;
	int err = replay_open(session->policy, &replay), end;

	if (err == -EPERM)
		return fail(0, "replay loads the programs into the kernel: run it as root");
	if (err)
		return err;
	if (session->options->write)
		err = packet_sink_open(session->options->write, session->source, &session->sink);
	if (err)
		return err;
	session->replay = replay;
	gather_lines(session->path);
	err = replay_packets(session);
	end = err && !session->sum.packets ? 0 : print_end(session);
	if (session->sink && packet_sink_close(session->sink))
		return -EIO;
	return err ? err : end;
}

/* The capture is looked at first: a wrong name should not cost the time that loading takes. */
static int replay_with(const struct context *context, const char *path,
		       const struct options *options)
{
	_cleanup_(packet_source_freep) struct packet_source *source = NULL;
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_(site_freep) struct site *site = NULL;
	_cleanup_(freep) struct session *session = calloc(1, sizeof(*session));
	int err = session ? 0 : fail(-ENOMEM, "replay");

	if (!err)
		err = packet_source_open(path, &source);
	if (!err)
		err = config_read(context->config, stderr, &site);
	if (!err)
		err = policy_compile(site, context->config, loader_tick_ns(true), stderr, &policy);
	if (err)
		return err;
	session->options = options;
	session->path = path;
	session->policy = policy;
	session->source = source;
	return replay_file(session);
}

static int run(const struct context *context, int argc, char **argv)
{
	struct options options = {.json = context->json};
	const struct option_row rows[] = {
		{"--calls", OPTION_FLAG, &options.calls, NULL,
		 "then the calls of the capture and their quality"},
		{"--write", OPTION_TEXT, &options.write, "OUT.pcap",
		 "what passes, as it leaves: re-marked, without what is dropped"},
		{"--summary", OPTION_FLAG, &options.summary, NULL,
		 "the sum alone, no line a packet"},
		{0},
	};

	if (options_take(&command_replay, rows, argc, argv, 1, 1) < 0)
		return EXIT_USAGE;
	if (options.write && !strcmp(options.write, "-")) {
		fail(0, "replay: --write wants a file: standard output has the lines");
		return EXIT_USAGE;
	}
	return replay_with(context, argv[1], &options) ? EXIT_FAILED : EXIT_DONE;
}

const struct command command_replay = {
	.name = "replay",
	.run = run,
	.arguments = "FILE.pcap [--calls] [--write OUT.pcap] [--summary]",
	.help = "the very same programs over a capture, on the capture's clock",
	.notes = "The capture is pcap or pcapng; - is standard input. Packets from a listed\n"
		 "device meet xdp_ingress, all others tc_egress. There are no flows at first,\n"
		 "and TCP must begin with its SYN. Of truncated packets the missing bytes are\n"
		 "zeros, up to 64 kB. The kernel runs no packet of less than 14 bytes: these\n"
		 "are malformed, and said to be. Needs root.",
};
