/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames, one after the other, through the programs of bpf/ compiled for the host: what passes is
 * whole, and no byte but those of its marks has changed. Beside the reference model what comes of
 * each is the same; that is no judge of interfaces without Ethernet, so that an input is of one kind or
 * the other.
 *
 * An input: a byte for the site, the pickup and the kind, then packets, each: a byte of how it comes,
 * two of the time since the one before (in 1/8 s), two of its length, its bytes.
 */
#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "config/config.h"
#include "corpus/rows.h"
#include "fuzz.h"
#include "host/box.h"
#include "kernel/loader.h"
#include "policy/policy.h"
#include "prog/runner.h"
#include "prog/runner_verdicts.h"

#define HEADER	     5
#define FRAME_LEAST  14
#define START_TICK   1000
#define PICKUP_TICKS (60 * SECOND / REFERENCE_TICK_NS)
#define HOW_RELOADS  0xf8 /* a load before the packet; the bits below it are the site */
#define FIRST_PICKUP 8
#define FIRST_ALONE  16 /* without the model, by any hook */
#define MARKED_MOST  5	/* bytes: two tags, the TOS, the checksum */

static const char *const site_texts[] = {site_office,	site_closed, site_bleached,
					 site_unmarked, site_narrow, site_watched};
#define SITES ARRAY_SIZE(site_texts)

static struct site *sites[SITES];
static struct runner *runners[SITES];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	for (size_t i = 0; i < SITES; i++) {
		FUZZ_CHECK(!config_parse("site", site_texts[i], strlen(site_texts[i]), stderr,
					 &sites[i]));
		FUZZ_CHECK(!runner_open(site_texts[i], &(struct runner_options){0}, &runners[i]));
	}
	return 0;
}

static void set_pickup(struct runner *runner, uint32_t until)
{
	int map = runner_map(runner, "control");
	struct agfeo_control control;
	uint32_t zero = 0;

	FUZZ_CHECK(!bpf_map_lookup_elem(map, &zero, &control));
	control.pickup_until = until;
	FUZZ_CHECK(!bpf_map_update_elem(map, &zero, &control, BPF_ANY));
}

/* ------------------------------------------------------------------ one packet */

/* A frame that passes is as long as it was, and the same but for its marks. */
static void check_passed(const struct verdicts *v)
{
	size_t differ = 0;

	FUZZ_CHECK(v->run.frame.length == v->arrived.length);
	for (size_t i = 0; i < v->arrived.length; i++)
		differ += v->run.frame.bytes[i] != v->arrived.bytes[i];
	FUZZ_CHECK(differ <= MARKED_MOST);
	FUZZ_CHECK(!differ || v->run.told.dscp_in != v->run.told.dscp_out ||
		   v->run.told.class == AGFEO_CLASS_VOICE);
}

static void tell(const struct verdicts *v)
{
	const struct agfeo_replay_result *told = &v->run.told;

	fprintf(stderr, "hook %d: programs %s reason %u class %u DSCP %u > %u, devices %u %u\n",
		v->hook, v->run.passed ? "pass" : "drop", told->reason, told->class, told->dscp_in,
		told->dscp_out, told->device[0], told->device[1]);
	fprintf(stderr, "        model    %s reason %u class %d DSCP %u > %u, devices %s %s\n",
		v->answer.verdict == AGFEO_PASS ? "pass" : "drop", v->answer.reason,
		v->answer.class, v->answer.dscp_in, v->answer.dscp_out,
		v->answer.device[0] ? v->answer.device[0]->name : "-",
		v->answer.device[1] ? v->answer.device[1]->name : "-");
	for (size_t i = 0; i < v->arrived.length; i++)
		fprintf(stderr, "%02x%s", v->arrived.bytes[i], i % 16 == 15 ? "\n" : " ");
	fputc('\n', stderr);
}

/* reference NULL: without it. */
static void judge(struct runner *runner, struct reference *reference, unsigned how, uint64_t ns,
		  const uint8_t *bytes, size_t length)
{
	static struct verdicts v; /* two frames of 16 kB */
	enum reference_hook hook = how & 1 ? REFERENCE_VOICE_TC : REFERENCE_VOICE_XDP;

	if (reference && how & 2)
		hook = reference_replay_hook(reference, bytes, length);
	if (hook == REFERENCE_VOICE_TC && how & 4)
		hook = REFERENCE_UPLINK_XDP;
	v.hook = reference ? verdicts_hook_of(hook) : how % RUN_HOOKS;
	v.arrived.length = length;
	memcpy(v.arrived.bytes, bytes, length);
	FUZZ_CHECK(!runner_at(runner, ns) && !runner_run(runner, v.hook, &v.arrived, &v.run));
	if (v.run.passed)
		check_passed(&v);
	if (!reference)
		return;
	v.modelled.length = length;
	memcpy(v.modelled.bytes, bytes, length);
	reference_judge(reference, hook, ns, v.modelled.bytes, length, &v.answer);
	if (!verdicts_agree(runner, &v)) {
		tell(&v);
		abort();
	}
}

/* ------------------------------------------------------------------ an input */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t ns = START_TICK * REFERENCE_TICK_NS;
	size_t site = size ? data[0] % 8 % SITES : 0, ruling = site;
	struct runner *runner = runners[site];
	struct reference *reference = NULL;

	if (size < 1 + HEADER)
		return 0;
	if (!(data[0] & FIRST_ALONE))
		reference = reference_new(sites[site]);
	host_box_forget(runner_map(runner, "control"));
	set_pickup(runner, data[0] & FIRST_PICKUP ? START_TICK + PICKUP_TICKS : 0);
	if (reference && data[0] & FIRST_PICKUP)
		reference_pickup(reference, (START_TICK + PICKUP_TICKS) * REFERENCE_TICK_NS);
	for (data++, size--; size >= HEADER;) {
		size_t length = data[3] | (size_t)data[4] << 8, next = data[0] % 8 % SITES;

		if (length > size - HEADER)
			length = size - HEADER;
		if (length > FRAME_MOST)
			break;
		if (data[0] >= HOW_RELOADS && next != ruling) {
			FUZZ_CHECK(!runner_reload(runner, site_texts[next]));
			if (reference)
				reference_reload(reference, sites[next]);
			ruling = next;
		}
		ns += (data[1] | (uint64_t)data[2] << 8) * SECOND / 8;
		if (length >= FRAME_LEAST)
			judge(runner, reference, data[0], ns, data + HEADER, length);
		data += HEADER + length;
		size -= HEADER + length;
	}
	reference_free(reference);
	if (ruling != site)
		FUZZ_CHECK(!runner_reload(runner, site_texts[site]));
	return 0;
}
