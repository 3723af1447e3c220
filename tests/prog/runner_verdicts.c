/* SPDX-License-Identifier: GPL-2.0 */
/* See runner_verdicts.h. */
#include "runner_verdicts.h"

#include <string.h>

#define DEVICE_IDS 256 /* as many as device_names holds */

enum run_hook verdicts_hook_of(enum reference_hook hook)
{
	switch (hook) {
	case REFERENCE_VOICE_XDP:
		return RUN_VOICE;
	case REFERENCE_UPLINK_XDP:
		return RUN_UPLINK;
	case REFERENCE_VOICE_TC:
		return RUN_TC;
	}
	return RUN_TC;
}

bool verdicts_same_bytes(const struct verdicts *v)
{
	return v->run.frame.length == v->modelled.length &&
	       !memcmp(v->run.frame.bytes, v->modelled.bytes, v->modelled.length);
}

/* Ids are stable: each is looked up once. */
static bool same_device(const struct runner *runner, uint32_t id, const struct device *device)
{
	static char names[DEVICE_IDS][AGFEO_NAME_SIZE];

	if (!id || !device)
		return !id && !device;
	if (id >= DEVICE_IDS)
		return false;
	if (!names[id][0])
		strcpy(names[id], runner_device(runner, id));
	return !strcmp(names[id], device->name);
}

/* What a drop is counted for is not compared: that is told of whoever refused. */
static bool same_devices(const struct runner *runner, const struct verdicts *v)
{
	if (agfeo_reason_verdict(v->answer.reason) == AGFEO_DROP)
		return true;
	return same_device(runner, v->run.told.device[0], v->answer.device[0]) &&
	       same_device(runner, v->run.told.device[1], v->answer.device[1]);
}

/* A class is told of packets that have a flow: not of those to a group. */
static bool same_class(const struct verdicts *v)
{
	if (v->answer.class < 0 || agfeo_reason_verdict(v->answer.reason) == AGFEO_DROP)
		return true;
	if (v->run.told.class == AGFEO_CLASS_COUNT)
		return v->answer.reason != AGFEO_REASON_FLOW;
	return (int)v->run.told.class == v->answer.class;
}

bool verdicts_agree(const struct runner *runner, const struct verdicts *v)
{
	const struct agfeo_replay_result *told = &v->run.told;

	if (v->run.passed != (v->answer.verdict == AGFEO_PASS) || told->reason != v->answer.reason)
		return false;
	if (v->answer.dscp_in != AGFEO_KEEP &&
	    (told->dscp_in != v->answer.dscp_in || told->dscp_out != v->answer.dscp_out ||
	     !same_devices(runner, v) || !same_class(v)))
		return false;
	return !v->run.passed || verdicts_same_bytes(v);
}
