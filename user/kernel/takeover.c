/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connections into flow tables; see takeover.h. What stands there afterwards is what the datapath
 * would have written at the first packet, had it seen it.
 */
#include "kernel/takeover.h"

#include <agfeo/flow_index.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "base/log.h"
#include "kernel/conntrack.h"
#include "kernel/flows.h"
#include "kernel/walk.h"

struct takeover {
	const struct policy *policy;
	const struct agfeo_device *devices; /* in the order of policy->devices */
	uint32_t generation;		    /* not the one that is about to rule, and not 0 */
	uint32_t tick;
	uint64_t now_ns;
	struct agfeo_flow_index *index; /* the datapath's, mapped */
	int maps[FLOW_TABLES];
	uint64_t room[FLOW_TABLES]; /* entries that still fit */
	size_t taken, left_out;
	int err; /* of the first entry that could not be written */
};

/* ------------------------------------------------------------------ one flow */

/* What is judged anew at each packet has no flow, and what is answered from elsewhere gains none. */
static bool is_kept(const struct question *question, const struct answer *answer)
{
	return answer->reason == AGFEO_REASON_LISTED && !address_is_group(&question->destination) &&
	       !(answer->speaks->flags & AGFEO_RULE_EXPECTS);
}

static void add_device(const struct takeover *takeover, const struct judged *judged,
		       unsigned opener, struct flow_record *record)
{
	size_t row = (size_t)(judged->device - takeover->policy->site->devices);
	const struct agfeo_payload_types *given = &takeover->policy->devices[row].payload_types;
	const struct agfeo_device *device = &takeover->devices[row];
	unsigned end = judged->direction == AGFEO_OUT ? opener : !opener;

	record->flow.device[end] = device->id;
	record->flow.counter[end] = device->counter[judged->rule->slot];
	record->flow.flags |= AGFEO_FLOW_DEVICE0 << end;
	record->stream[end].given = *given;
	if (!record->flow.device[!end])
		record->stream[!end].given = *given;
}

static struct flow_record record_of(const struct takeover *takeover,
				    const struct question *question, const struct answer *answer,
				    bool answered)
{
	const struct agfeo_rule *rule = answer->speaks;
	struct flow_record record = {.protocol = IPPROTO_UDP};
	unsigned opener = flow_place_ends(&record, &question->source, question->source_port,
					  &question->destination, question->destination_port);

	record.flow = (struct agfeo_flow){
		.generation = takeover->generation,
		.idle = answered ? rule->idle : rule->idle_new,
		.idle_established = rule->idle,
		.flags = opener ? AGFEO_FLOW_OPENER1 : 0,
		.class = rule->class,
		.mark = rule->mark,
		.opened_ns = takeover->now_ns,
	};
	if (answered)
		record.flow.flags |= AGFEO_FLOW_ANSWERED;
	record.flow.direction[opener].seen = takeover->tick;
	record.flow.direction[!opener].seen = answered ? takeover->tick : 0;
	for (size_t i = 0; i < answer->judged_count; i++)
		add_device(takeover, &answer->judged[i], opener, &record);
	flow_choose_table(&record);
	return record;
}

static void take(const struct tracked_flow *tracked, void *context)
{
	struct takeover *takeover = context;
	/* AGFEO's addresses may not be known yet: where it depends on them, the datapath decides. */
	const struct question question = {
		IPPROTO_UDP,	      tracked->source,		 tracked->destination,
		tracked->source_port, tracked->destination_port, .cloud_hosts = UINT32_MAX};
	struct flow_record record;
	struct answer answer;
	int err;

	policy_ask(takeover->policy, &question, &answer);
	if (!is_kept(&question, &answer))
		return;
	record = record_of(takeover, &question, &answer, tracked->answered);
	if (!takeover->room[record.table]) {
		takeover->left_out++;
		return;
	}
	err = flow_put(takeover->maps[record.table], &record);
	if (err == -EEXIST) /* the same ends in two zones of conntrack */
		return;
	if (err) {
		takeover->err = takeover->err ? takeover->err : err;
		return;
	}
	flow_index_add(takeover->index, &record);
	takeover->room[record.table]--;
	takeover->taken++;
}

/* ------------------------------------------------------------------ all of them */

static int open_tables(const struct loader *loader, struct takeover *takeover)
{
	void *memory;

	for (int i = 0; i < FLOW_TABLES; i++) {
		int err;

		takeover->maps[i] = loader_map(loader, flow_tables[i]);
		err = walk_capacity(takeover->maps[i], &takeover->room[i]);
		if (err)
			return err;
	}
	memory = mmap(NULL, sizeof(*takeover->index), PROT_READ | PROT_WRITE, MAP_SHARED,
		      loader_map(loader, "flow_index"), 0);
	if (memory == MAP_FAILED)
		return -errno;
	takeover->index = memory;
	return 0;
}

static void read_clocks(const struct loader *loader, struct takeover *takeover)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	takeover->now_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	if (loader_tick(loader, &takeover->tick) || !takeover->tick)
		takeover->tick = 1;
}

static const char *reason_of(int err)
{
	if (err == -EINVAL || err == -EPROTONOSUPPORT)
		return "the kernel cannot list its connections (CONFIG_NF_CT_NETLINK)";
	return strerror(-err);
}

static void say_outcome(const struct takeover *takeover, int err)
{
	if (!err)
		err = takeover->err;
	if (err)
		warn("conntrack: %s: UDP flows that are open now may be missed, and what is sent "
		     "to a device on them is dropped until the device sends again",
		     reason_of(err));
	if (takeover->left_out)
		warn("conntrack: %zu open UDP flows do not fit into the flow tables: a larger "
		     "'flows' under [site] makes room",
		     takeover->left_out);
}

size_t takeover_flows(const struct publication *publication, const struct policy *policy)
{
	struct takeover takeover = {
		.policy = policy,
		.devices = publication->devices,
		.generation = publication->after.generation > 1 ? publication->after.generation - 1
								: UINT32_MAX,
	};
	int err = open_tables(publication->loader, &takeover);

	if (!err) {
		read_clocks(publication->loader, &takeover);
		err = conntrack_each_udp(take, &takeover);
	}
	say_outcome(&takeover, err);
	if (takeover.index)
		munmap(takeover.index, sizeof(*takeover.index));
	return takeover.taken;
}
