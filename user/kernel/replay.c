/* SPDX-License-Identifier: GPL-2.0 */
/* Frames through BPF_PROG_RUN; see replay.h. */
#include "kernel/replay.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/calls.h"
#include "kernel/legs.h"
#include "kernel/registry.h"

#define FRAME_LEAST  14	  /* bytes: the kernel runs nothing shorter */
#define HEADERS_MOST 54	  /* bytes: Ethernet and IPv6; new kernels want all of an IP header at tc */
#define LINEAR_LEAST 3000 /* bytes: what the kernel runs at least, whatever it needs of a page */

struct replay {
	const struct policy *policy;
	struct loader *loader;
	struct identities *identities;
	struct legs *legs;
	int program[2][2];		    /* by tc, by raw */
	uint64_t *clock;		    /* the map replay_clock */
	struct agfeo_replay_result *result; /* the map replay_result */
};

static void *map_memory(const struct loader *loader, const char *name, size_t size)
{
	void *memory =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, loader_map(loader, name), 0);

	if (memory == MAP_FAILED) {
		fail(errno, "map '%s'", name);
		return NULL;
	}
	return memory;
}

void replay_free(struct replay *replay)
{
	if (!replay)
		return;
	if (replay->clock)
		munmap(replay->clock, sizeof(*replay->clock));
	if (replay->result)
		munmap(replay->result, sizeof(*replay->result));
	legs_free(replay->legs);
	identities_free(replay->identities);
	loader_free(replay->loader);
	free(replay);
}

/* The registry's rows are what identities are made of. */
static int take_identities(struct replay *replay)
{
	const struct registry_maps maps = {
		.device_names = loader_map(replay->loader, "device_names"),
		.counter_names = loader_map(replay->loader, "counter_names"),
		.device_counters = loader_map(replay->loader, "device_counters"),
		.counters = loader_map(replay->loader, "counters"),
	};
	struct identities *identities = calloc(1, sizeof(*identities));
	struct registry *registry;
	int err = identities ? registry_read(&maps, &registry) : fail(-ENOMEM, "names");

	replay->identities = identities;
	if (err)
		return err;
	identities->devices = take_ptr(registry->devices);
	identities->device_count = registry->device_capacity;
	identities->counters = take_ptr(registry->counters);
	identities->counter_count = registry->counter_capacity;
	registry_free(registry);
	return 0;
}

static int stay_on_one_cpu(void)
{
	int cpu = sched_getcpu();
	cpu_set_t set;

	CPU_ZERO(&set);
	if (cpu < 0 || cpu >= CPU_SETSIZE)
		return fail(cpu < 0 ? errno : EOVERFLOW, "replay: number of the CPU");
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? fail(errno, "replay: staying on a CPU")
						       : 0;
}

int replay_open(const struct policy *policy, struct replay **ret_replay)
{
	static const char *const names[2][2] = {{"xdp_ingress", "xdp_ingress_l3"},
						{"tc_egress", "tc_egress_l3"}};
	const struct loader_options options = {
		.replay = true, .no_events = true, .no_uplinks = true};
	_cleanup_(replay_freep) struct replay *replay = calloc(1, sizeof(*replay));
	int err;

	if (!replay)
		return fail(-ENOMEM, "replay");
	replay->policy = policy;
	err = loader_open(policy, &options, &replay->loader);
	if (!err)
		err = stay_on_one_cpu();
	if (!err)
		err = take_identities(replay);
	if (!err)
		err = legs_open(policy, loader_map(replay->loader, "voice4"),
				loader_map(replay->loader, "voice6"), &replay->legs);
	if (err)
		return err;
	for (int i = 0; i < 4; i++)
		replay->program[i / 2][i % 2] = loader_program(replay->loader, names[i / 2][i % 2]);
	replay->clock = map_memory(replay->loader, "replay_clock", sizeof(*replay->clock));
	replay->result = map_memory(replay->loader, "replay_result", sizeof(*replay->result));
	if (!replay->clock || !replay->result)
		return -EIO;
	*ret_replay = take_ptr(replay);
	return 0;
}

const struct identities *replay_identities(const struct replay *replay)
{
	return replay->identities;
}

/* ------------------------------------------------------------------ running */

/* Time only goes forward. Calls whose time is over are taken out before others take their place. */
static int move_clock(struct replay *replay, uint64_t time_ns)
{
	if (time_ns > *replay->clock)
		*replay->clock = time_ns;
	return legs_keep_ended(replay->legs, *replay->clock);
}

/* No IP header, or half of one: what the programs would say if the kernel ran them on so little. */
static void judge_stub(const struct replay *replay, struct agfeo_replay_result *ret_result)
{
	*ret_result = (struct agfeo_replay_result){
		.reason = AGFEO_REASON_MALFORMED,
		.verdict = AGFEO_DROP,
		.class = AGFEO_CLASS_COUNT,
		.monitor = replay->policy->site->monitor,
	};
}

/* Pads the frame to at least `least` bytes, which changes nothing: it is longer than it says. */
static int run_program(const struct replay *replay, const struct replay_frame *frame, size_t least)
{
	size_t length = frame->length > least ? frame->length : least;
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame->bytes, .data_size_in = length,
		    .data_out = frame->bytes, .data_size_out = length, .repeat = 1);

	memset(frame->bytes + frame->length, 0, length - frame->length);
	return bpf_prog_test_run_opts(replay->program[frame->tc][frame->raw], &run) ? -errno : 0;
}

/* tc of new kernels wants a whole IP header where bytes 12 and 13 say IP, of whatever they are. */
static bool ends_in_header(const struct replay_frame *frame)
{
	size_t header = frame->bytes[0] >> 4 == 6 ? 40 : 20;

	return !frame->raw || frame->length < header;
}

/* Frames that the kernel does not take as they are, although the programs would. */
static int run_frame(const struct replay *replay, const struct replay_frame *frame,
		     struct agfeo_replay_result *ret_result)
{
	/* tc refuses a frame that is an Ethernet header alone: a byte more says no more. */
	int err = run_program(replay, frame, FRAME_LEAST + 1);

	if (err == -EINVAL && frame->length > LINEAR_LEAST)
		return -EMSGSIZE;
	if (err == -EINVAL && frame->length < HEADERS_MOST && frame->tc) {
		if (ends_in_header(frame)) {
			judge_stub(replay, ret_result);
			return 0;
		}
		/* Two bytes of an address were taken for an Ethertype: zeros behind do no harm. */
		err = run_program(replay, frame, HEADERS_MOST);
	}
	if (err)
		return err;
	if (replay->result->reason >= AGFEO_REASON_COUNT)
		return -EIO; /* the program ended without a word */
	*ret_result = *replay->result;
	return 0;
}

int replay_run(struct replay *replay, const struct replay_frame *frame,
	       struct agfeo_replay_result *ret_result)
{
	int err = move_clock(replay, frame->time_ns);

	if (err)
		return err;
	if (frame->length < FRAME_LEAST) {
		judge_stub(replay, ret_result);
		return 0;
	}
	replay->result->reason = AGFEO_REASON_COUNT;
	return run_frame(replay, frame, ret_result);
}

int replay_calls(struct replay *replay, struct call **ret_calls, size_t *ret_count)
{
	return legs_calls(replay->legs, replay->identities, ret_calls, ret_count);
}
