/* SPDX-License-Identifier: GPL-2.0 */
/* The programs' constants; see loader.h. */
#include "base/names.h"
#include "kernel/loader.h"
#include "kernel/xdp_features.h"

/* Where services reach AGFEO's hosts by name, and the site says whose answers teach. */
static bool watches_dns(const struct policy *policy)
{
	return policy && policy_hosts(policy) && policy->site->resolver_count;
}

bool loader_forwards_fast(const struct policy *policy)
{
	for (size_t i = 0; policy && i < policy->site->interface_count; i++)
		if (policy->site->interfaces[i].forward_fast)
			return xdp_features_told();
	return false;
}

void loader_constants(const struct policy *policy, const struct loader_options *options, bool frags,
		      struct agfeo_program_config *ret_constants)
{
	*ret_constants = (struct agfeo_program_config){
		.tick_shift = options->replay ? AGFEO_REPLAY_TICK_SHIFT : AGFEO_TICK_SHIFT,
		.have_frags = frags,
		.replay = options->replay,
		.events = !options->no_events,
		.fast = !options->replay && loader_forwards_fast(policy),
		.dns = watches_dns(policy),
		.tick_ns = (uint32_t)loader_tick_ns(options->replay),
		.cache = !options->replay || options->cache,
	};
	for (int host = 0; host < AGFEO_HOST_COUNT; host++)
		host_wire(host, ret_constants->hosts[host]);
}
