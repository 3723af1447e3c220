/* SPDX-License-Identifier: GPL-2.0 */
/* A loader, or pinned programs, behind one face; see runner.h. */
#include "runner.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "config/config.h"
#include "kernel/flow_cache.h"
#include "kernel/loader.h"
#include "kernel/pins.h"
#include "policy/policy.h"

#define LOOPBACK 1 /* its index in every network namespace */

struct runner {
	struct loader *loader; /* NULL: pinned */
	struct site *site;     /* of the configuration that rules */
	struct policy *policy;
	bool replay;
	int program[RUN_HOOKS]; /* of a loader: its own; pinned: ours; negative: none */
	uint32_t ifindex, arrived_on;
};

static const char *const program_names[RUN_HOOKS] = {
	[RUN_VOICE] = "xdp_ingress",
	[RUN_UPLINK] = "xdp_uplink",
	[RUN_TC] = "tc_egress",
	[RUN_VOICE_L3] = "xdp_ingress_l3",
	[RUN_UPLINK_L3] = "xdp_uplink_l3",
	[RUN_TC_L3] = "tc_egress_l3",
};

static bool is_tc(enum run_hook hook)
{
	return hook == RUN_TC || hook == RUN_TC_L3;
}

static void runner_freep(struct runner **runner)
{
	runner_free(*runner);
}

void runner_free(struct runner *runner)
{
	if (!runner)
		return;
	for (size_t i = 0; !runner->loader && i < RUN_HOOKS; i++)
		closep(&runner->program[i]);
	loader_free(runner->loader);
	policy_free(runner->policy);
	site_free(runner->site);
	free(runner);
}

static struct runner *runner_new(void)
{
	struct runner *runner = calloc(1, sizeof(*runner));

	if (!runner)
		return NULL;
	for (size_t i = 0; i < RUN_HOOKS; i++)
		runner->program[i] = -1;
	runner->ifindex = LOOPBACK;
	return runner;
}

/* ------------------------------------------------------------------ opening */

static int compile(const char *configuration, bool replay, struct site **ret_site,
		   struct policy **ret_policy)
{
	_cleanup_(site_freep) struct site *site = NULL;
	int err = config_parse("test.conf", configuration, strlen(configuration), stderr, &site);

	if (!err)
		err = policy_compile(site, "test.conf", loader_tick_ns(replay), stderr, ret_policy);
	if (!err)
		*ret_site = take_ptr(site);
	return err;
}

int runner_open(const char *configuration, const struct runner_options *options,
		struct runner **ret_runner)
{
	_cleanup_(runner_freep) struct runner *runner = runner_new();
	struct loader_options loading = {
		.replay = !options->live,
		.pickup = options->pickup,
		.no_events = options->quiet,
		.cache = true,
	};
	int err;

	if (!runner)
		return -ENOMEM;
	runner->replay = loading.replay;
	err = compile(configuration, runner->replay, &runner->site, &runner->policy);
	if (!err)
		err = loader_open(runner->policy, &loading, &runner->loader);
	if (err)
		return err;
	for (size_t i = 0; i < RUN_HOOKS; i++)
		runner->program[i] = loader_program(runner->loader, program_names[i]);
	*ret_runner = take_ptr(runner);
	return 0;
}

int runner_open_pinned(const char *pin, struct runner **ret_runner)
{
	_cleanup_(runner_freep) struct runner *runner = runner_new();
	int err;

	if (!runner)
		return -ENOMEM;
	err = pins_open_program(pin, program_names[RUN_VOICE], &runner->program[RUN_VOICE]);
	if (!err)
		err = pins_open_program(pin, program_names[RUN_TC], &runner->program[RUN_TC]);
	if (err)
		return err;
	*ret_runner = take_ptr(runner);
	return 0;
}

void runner_complete(struct runner *runner, const struct agfeo_flow4_key *key,
		     struct agfeo_flow *flow, struct agfeo_stream *stream)
{
	struct flow_cache cache;

	if (flow_cache_open_maps(runner_map(runner, "cache_index"),
				 runner_map(runner, "flow_cache"), &cache))
		return;
	flow_cache_complete(&cache, key, flow, stream);
	flow_cache_close(&cache);
}

int runner_reload(struct runner *runner, const char *configuration)
{
	_cleanup_(site_freep) struct site *site = NULL;
	_cleanup_(policy_freep) struct policy *policy = NULL;
	struct policy *old_policy = runner->policy;
	struct site *old_site = runner->site;
	int err;

	if (!runner->loader)
		return -EOPNOTSUPP;
	err = compile(configuration, runner->replay, &site, &policy);
	if (!err)
		err = loader_publish(runner->loader, policy);
	if (err)
		return err;
	runner->policy = policy;
	runner->site = site;
	policy = old_policy; /* the old pair is released in their place */
	site = old_site;
	return 0;
}

/* ------------------------------------------------------------------ where and when */

int runner_map(const struct runner *runner, const char *name)
{
	return runner->loader ? loader_map(runner->loader, name) : -EOPNOTSUPP;
}

int runner_at(struct runner *runner, uint64_t ns)
{
	uint32_t zero = 0;

	return bpf_map_update_elem(runner_map(runner, "replay_clock"), &zero, &ns, BPF_ANY);
}

void runner_on(struct runner *runner, uint32_t ifindex, uint32_t arrived_on)
{
	runner->ifindex = ifindex;
	runner->arrived_on = arrived_on;
}

int runner_set_role(struct runner *runner, uint32_t ifindex, enum agfeo_role role)
{
	struct agfeo_interface interface = {.role = role};

	return bpf_map_update_elem(runner_map(runner, "interfaces"), &ifindex, &interface, BPF_ANY);
}

const char *runner_device(const struct runner *runner, uint32_t id)
{
	struct agfeo_device_name name = {.generation = 0};
	static __thread char text[AGFEO_NAME_SIZE];

	text[0] = '\0';
	if (id && !bpf_map_lookup_elem(runner_map(runner, "device_names"), &id, &name))
		memcpy(text, name.name, sizeof(text));
	return text;
}

/* ------------------------------------------------------------------ running */

static int read_told(const struct runner *runner, struct agfeo_replay_result *ret_told)
{
	uint32_t zero = 0;

	if (!runner->replay)
		return 0;
	return bpf_map_lookup_elem(runner_map(runner, "replay_result"), &zero, ret_told);
}

int runner_repeat(struct runner *runner, enum run_hook hook, const struct frame_bytes *frame,
		  uint32_t times, struct run_result *ret_result)
{
	struct run_result result = {.frame = *frame};
	struct __sk_buff skb = {
		.ifindex = runner->ifindex,
		.ingress_ifindex = runner->arrived_on,
	};
	struct xdp_md xdp = {.data_end = frame->length, .ingress_ifindex = runner->ifindex};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame->bytes, .data_size_in = frame->length,
		    .data_out = result.frame.bytes, .data_size_out = sizeof(result.frame.bytes),
		    .repeat = times);
	int err;

	if (frame->length < ETH_HLEN) /* as kernels say, but 5.10 to XDP */
		return -EINVAL;
	/* XDP takes no context before 5.15; the interface is then the loopback one. */
	if (is_tc(hook) || runner->ifindex != LOOPBACK) {
		run.ctx_in = is_tc(hook) ? (void *)&skb : (void *)&xdp;
		run.ctx_out = (void *)run.ctx_in;
		run.ctx_size_in = run.ctx_size_out = is_tc(hook) ? sizeof(skb) : sizeof(xdp);
	}
	err = bpf_prog_test_run_opts(runner->program[hook], &run);
	if (!err)
		err = read_told(runner, &result.told);
	if (err)
		return err;

	result.verdict = run.retval;
	result.passed = is_tc(hook) ? result.verdict != TC_ACT_SHOT : result.verdict != XDP_DROP;
	result.frame.length = run.data_size_out;
	result.priority = skb.priority;
	result.duration_ns = run.duration;
	*ret_result = result;
	return 0;
}

int runner_run(struct runner *runner, enum run_hook hook, const struct frame_bytes *frame,
	       struct run_result *ret_result)
{
	return runner_repeat(runner, hook, frame, 1, ret_result);
}
