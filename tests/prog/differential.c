/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The programs against the reference model: seeded traffic through both, and every packet must come
 * to the same verdict, for the same reason, with the same bytes. A difference is told with its seed,
 * reduced to the fewest packets that still show it, and written as a capture.
 *
 *	differential [--seed N] [--count N] [--folder DIR]
 */
#include <bpf/bpf.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "capture.h"
#include "check.h"
#include "config/config.h"
#include "corpus/rows.h"
#include "model/reference.h"
#include "model/traffic.h"
#include "runner.h"
#include "runner_verdicts.h"

#define SEQUENCE	1000 /* packets that know of each other */
#define SITE_TURN	20   /* sequences before the next site's turn */
#define TOLD_MOST	5    /* differences */
#define PICKUP_TICKS	(60 * SECOND / REFERENCE_TICK_NS)
#define FORGOTTEN_TICKS (20000 * SECOND / REFERENCE_TICK_NS)

static const char *const site_texts[] = {site_office,	site_closed, site_bleached,
					 site_unmarked, site_narrow, site_watched};
#define SITES ARRAY_SIZE(site_texts)

/* Packets, and what else happens to the box meanwhile. */
struct sequence {
	uint64_t seed;
	unsigned site;
	bool pickup;
	unsigned reload_at; /* before this packet; SEQUENCE: not at all */
	unsigned reload_site;
	struct traffic_packet packets[SEQUENCE];
	bool left_out[SEQUENCE]; /* when a difference is being reduced */
};

struct box {
	struct runner *runner;
	unsigned ruling; /* index of the site that is loaded */
};

struct world {
	struct box boxes[2]; /* with records of what is refused, and without */
	struct box *box;     /* the one whose turn it is */
	struct site *sites[SITES];
	uint64_t ticks; /* of the capture's clock: the next sequence begins here */
	const char *folder;
};

/* ------------------------------------------------------------------ one packet */

/* BPF_PROG_RUN makes no skb of a frame whose IP header is cut: XDP alone can be asked. */
static bool makes_skb(const struct traffic_packet *packet)
{
	unsigned ethertype = (unsigned)packet->bytes[12] << 8 | packet->bytes[13];

	return !(ethertype == 0x0800 && packet->length < 14 + 20) &&
	       !(ethertype == 0x86dd && packet->length < 14 + 40);
}

static const char *hook_label(enum run_hook hook)
{
	return hook == RUN_VOICE ? "xdp" : hook == RUN_UPLINK ? "uplink" : "tc";
}

static int judge(struct world *world, struct reference *reference,
		 const struct traffic_packet *packet, uint64_t ns, struct verdicts *ret)
{
	enum reference_hook hook = reference_replay_hook(reference, packet->bytes, packet->length);
	int err;

	if (packet->wrong_hook)
		hook = hook == REFERENCE_VOICE_XDP ? REFERENCE_VOICE_TC : REFERENCE_VOICE_XDP;
	if (hook == REFERENCE_VOICE_TC && packet->uplink)
		hook = REFERENCE_UPLINK_XDP;
	if (hook == REFERENCE_VOICE_TC && !makes_skb(packet))
		hook = REFERENCE_VOICE_XDP;
	ret->hook = verdicts_hook_of(hook);
	ret->arrived.length = packet->length;
	memcpy(ret->arrived.bytes, packet->bytes, packet->length);
	ret->modelled = ret->arrived;

	err = runner_at(world->box->runner, ns);
	if (!err)
		err = runner_run(world->box->runner, ret->hook, &ret->arrived, &ret->run);
	reference_judge(reference, hook, ns, ret->modelled.bytes, ret->modelled.length,
			&ret->answer);
	return err;
}

/* ------------------------------------------------------------------ one sequence */

static int use_site(struct world *world, unsigned site)
{
	int err = 0;

	if (world->box->ruling != site)
		err = runner_reload(world->box->runner, site_texts[site]);
	if (!err)
		world->box->ruling = site;
	return err;
}

/* The loader's own minute is over long before the first sequence: it is set anew. */
static int set_pickup(struct world *world, uint64_t until_tick)
{
	int map = runner_map(world->box->runner, "control");
	struct agfeo_control control;
	uint32_t zero = 0;
	int err = bpf_map_lookup_elem(map, &zero, &control);

	control.pickup_until = (uint32_t)until_tick;
	return err ? err : bpf_map_update_elem(map, &zero, &control, BPF_ANY);
}

static int begin(struct world *world, const struct sequence *sequence,
		 struct reference **ret_reference)
{
	uint64_t until = sequence->pickup ? world->ticks + PICKUP_TICKS : 0;
	int err = use_site(world, sequence->site);

	if (!err)
		err = set_pickup(world, until);
	*ret_reference = reference_new(world->sites[sequence->site]);
	if (sequence->pickup)
		reference_pickup(*ret_reference, until * REFERENCE_TICK_NS);
	return err;
}

/* What rules already is not loaded again, and then no flow is judged anew. */
static int reload(struct world *world, struct reference *reference, unsigned site)
{
	if (world->box->ruling == site)
		return 0;
	reference_reload(reference, world->sites[site]);
	return use_site(world, site);
}

/*
 * Plays a sequence from a box without memory. Returns the number of the first packet that the two
 * judge differently, SEQUENCE if there is none, or a negative errno. each: called for every packet,
 * or NULL.
 */
static int play(struct world *world, const struct sequence *sequence, struct verdicts *ret_verdicts,
		void (*each)(unsigned number, const struct verdicts *))
{
	struct reference *reference;
	uint64_t start = world->ticks * REFERENCE_TICK_NS, ns = start;
	int err = begin(world, sequence, &reference), found = SEQUENCE;

	for (unsigned i = 0; i < SEQUENCE && !err && found == SEQUENCE; i++) {
		if (i == sequence->reload_at)
			err = reload(world, reference, sequence->reload_site);
		if (err || sequence->left_out[i])
			continue;
		ns = start + sequence->packets[i].ns;
		err = judge(world, reference, &sequence->packets[i], ns, ret_verdicts);
		if (!err && each)
			each(i, ret_verdicts);
		if (!err && !verdicts_agree(world->box->runner, ret_verdicts))
			found = (int)i;
	}
	reference_free(reference);
	world->ticks = ns / REFERENCE_TICK_NS + FORGOTTEN_TICKS;
	return err ? err : found;
}

static void draw(struct sequence *sequence, uint64_t seed, uint64_t number)
{
	struct traffic *traffic = traffic_new(seed + number * 0x2545f4914f6cdd1d);

	memset(sequence, 0, sizeof(*sequence));
	sequence->seed = seed;
	sequence->site = (unsigned)(number / SITE_TURN % SITES);
	sequence->pickup = !traffic_random(traffic, 8);
	sequence->reload_at = SEQUENCE;
	if (!traffic_random(traffic, 10)) {
		sequence->reload_at = traffic_random(traffic, SEQUENCE);
		sequence->reload_site = traffic_random(traffic, SITES);
	}
	for (unsigned i = 0; i < SEQUENCE; i++)
		traffic_next(traffic, &sequence->packets[i]);
	traffic_free(traffic);
}

/* ------------------------------------------------------------------ a difference */

static void print_frame(const struct frame_bytes *frame)
{
	for (size_t i = 0; i < frame->length && i < 160; i++)
		printf("%02x%s", frame->bytes[i], i % 16 == 15 ? "\n\t         " : " ");
	printf("%s(%zu bytes)\n", frame->length > 160 ? "… " : "", frame->length);
}

static void print_verdicts(unsigned number, const struct verdicts *v)
{
	const struct agfeo_replay_result *told = &v->run.told;

	printf("\t%4u %-6s programs: %s %s, DSCP %u to %u, devices %u %u\n", number,
	       hook_label(v->hook), v->run.passed ? "pass" : "drop", reason_label(told->reason),
	       told->dscp_in, told->dscp_out, told->device[0], told->device[1]);
	printf("\t         model:    %s %s, DSCP %u to %u, devices %s %s\n\tarrives  ",
	       verdict_label(v->answer.verdict), reason_label(v->answer.reason), v->answer.dscp_in,
	       v->answer.dscp_out, v->answer.device[0] ? v->answer.device[0]->name : "-",
	       v->answer.device[1] ? v->answer.device[1]->name : "-");
	print_frame(&v->arrived);
	if (v->run.passed && v->answer.verdict == AGFEO_PASS && !verdicts_same_bytes(v)) {
		printf("\tprograms ");
		print_frame(&v->run.frame);
		printf("\tmodel    ");
		print_frame(&v->modelled);
	}
}

/* Whether the last packet is still judged differently without `from` … `to - 1`. */
static bool differs_without(struct world *world, struct sequence *sequence, unsigned from,
			    unsigned to, unsigned last)
{
	bool before[SEQUENCE];
	struct verdicts v;

	memcpy(before, sequence->left_out, sizeof(before));
	for (unsigned i = from; i < to; i++)
		sequence->left_out[i] = true;
	if (play(world, sequence, &v, NULL) == (int)last)
		return true;
	memcpy(sequence->left_out, before, sizeof(before));
	return false;
}

/* Leaves out halves, quarters … single packets, as long as the difference stays. */
static void reduce(struct world *world, struct sequence *sequence, unsigned last)
{
	unsigned reload_at = sequence->reload_at;
	struct verdicts v;

	for (unsigned i = last + 1; i < SEQUENCE; i++)
		sequence->left_out[i] = true;
	for (unsigned size = last / 2 + 1; size; size /= 2)
		for (unsigned from = 0; from < last; from += size)
			differs_without(world, sequence, from,
					from + size < last ? from + size : last, last);
	sequence->reload_at = SEQUENCE;
	if (play(world, sequence, &v, NULL) != (int)last)
		sequence->reload_at = reload_at;
}

static void write_capture(const struct world *world, const struct sequence *sequence,
			  uint64_t number)
{
	struct frame_bytes frame = {0};
	char path[4096];
	FILE *capture;

	snprintf(path, sizeof(path), "%s/difference-%" PRIu64 "-%" PRIu64 ".pcap", world->folder,
		 sequence->seed, number);
	capture = capture_open(path, LINK_ETHERNET);
	if (!capture) {
		perror(path);
		return;
	}
	for (unsigned i = 0; i < SEQUENCE; i++) {
		if (sequence->left_out[i])
			continue;
		frame.length = sequence->packets[i].length;
		memcpy(frame.bytes, sequence->packets[i].bytes, frame.length);
		capture_write(capture, SECOND + sequence->packets[i].ns, &frame);
	}
	capture_close(capture);
	printf("\twritten to %s\n", path);
}

static void tell(struct world *world, struct sequence *sequence, uint64_t number, unsigned last)
{
	struct verdicts v;

	printf("seed %" PRIu64 ", sequence %" PRIu64 ", packet %u, site %u%s\n", sequence->seed,
	       number, last, sequence->site, sequence->pickup ? ", just loaded" : "");
	reduce(world, sequence, last);
	if (sequence->reload_at < SEQUENCE)
		printf("\tsite %u is loaded before packet %u\n", sequence->reload_site,
		       sequence->reload_at);
	play(world, sequence, &v, print_verdicts);
	write_capture(world, sequence, number);
}

/* ------------------------------------------------------------------ all */

static int world_open(struct world *world)
{
	int err = 0;

	for (int quiet = 0; quiet < 2 && !err; quiet++)
		err = runner_open(site_texts[0], &(struct runner_options){.quiet = quiet},
				  &world->boxes[quiet].runner);
	for (unsigned i = 0; i < SITES && !err; i++)
		err = config_parse("site", site_texts[i], strlen(site_texts[i]), stdout,
				   &world->sites[i]);
	world->ticks = FORGOTTEN_TICKS;
	return err;
}

static void world_close(struct world *world)
{
	for (int quiet = 0; quiet < 2; quiet++)
		runner_free(world->boxes[quiet].runner);
	for (unsigned i = 0; i < SITES; i++)
		site_free(world->sites[i]);
}

static void compare(struct world *world, uint64_t seed, uint64_t count)
{
	struct sequence *sequence = malloc(sizeof(*sequence));
	unsigned differences = 0;

	if (!CHECK(sequence))
		return;
	for (uint64_t i = 0; i * SEQUENCE < count && differences < TOLD_MOST; i++) {
		struct verdicts v;
		int found;

		draw(sequence, seed, i);
		world->box = &world->boxes[i % 2];
		found = play(world, sequence, &v, NULL);
		if (!CHECK(found >= 0))
			break;
		if (found < SEQUENCE) {
			tell(world, sequence, i, (unsigned)found);
			differences++;
		}
	}
	CHECK_EQ(differences, 0);
	free(sequence);
}

static const char *default_folder(void)
{
	static char path[4096];
	const char *build = getenv("BUILD");

	snprintf(path, sizeof(path), "%s/test/log", build ? build : "build");
	mkdir(path, 0755);
	return path;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"seed", required_argument, NULL, 's'},
		{"count", required_argument, NULL, 'c'},
		{"folder", required_argument, NULL, 'f'},
		{0},
	};
	struct world world = {.folder = default_folder()};
	uint64_t seed = 1, count = 1000000;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 's')
			seed = strtoull(optarg, NULL, 0);
		else if (option == 'c')
			count = strtoull(optarg, NULL, 0);
		else if (option == 'f')
			world.folder = optarg;
		else
			return 2;
	}
	if (!runner_place() || !runner_stay())
		return check_done();
	if (CHECK_EQ(world_open(&world), 0))
		compare(&world, seed, count);
	world_close(&world);
	return check_done();
}
