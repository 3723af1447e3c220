/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many flows may begin: a token bucket a source, and before it one that all strangers (hosts
 * outside the site and every named provider) share, so that spoofed addresses neither fill the
 * flow tables nor the table of buckets.
 */
#ifndef BPF_RATE_H
#define BPF_RATE_H

#include "maps.h"
#include "packet.h"

#define TOKENS_A_FLOW 1024

static __always_inline bool bucket_take(struct agfeo_bucket *bucket, __u32 now, __u32 rate,
					__u32 burst)
{
	__u64 most = (__u64)burst * TOKENS_A_FLOW;
	__u64 tokens = bucket->tokens + (__u64)(now - bucket->filled) * rate;

	if (tokens > most)
		tokens = most;
	bucket->filled = now;
	bucket->tokens = tokens < TOKENS_A_FLOW ? tokens : tokens - TOKENS_A_FLOW;
	return tokens >= TOKENS_A_FLOW;
}

static __always_inline bool strangers_are_out(__u32 now)
{
	__u32 zero = 0;
	const struct agfeo_bucket *bucket = find_in(&strangers, &zero);

	return bucket && bucket->filled == now && bucket->tokens < TOKENS_A_FLOW;
}

static __always_inline bool stranger_may_open(const struct agfeo_settings *site, __u32 now)
{
	__u32 zero = 0;
	struct agfeo_bucket *bucket = find_in(&strangers, &zero);

	return !bucket || bucket_take(bucket, now, site->stranger_rate, site->stranger_burst);
}

static __always_inline bool source_may_open(const struct packet *p,
					    const struct agfeo_settings *site, __u32 now)
{
	struct agfeo_bucket full = {.tokens = (site->burst - 1) * TOKENS_A_FLOW, .filled = now};
	struct agfeo_bucket *bucket;
	struct host6_key key;

	if (p->family == 4) {
		__u32 source = p->from4;

		bucket = find_in(&sources4, &source);
		if (bucket)
			return bucket_take(bucket, now, site->rate, site->burst);
		bpf_map_update_elem(&sources4, &source, &full, BPF_ANY);
		return true;
	}
	memcpy(key.address, p->from6, sizeof(key.address));
	bucket = find_in(&sources6, &key);
	if (bucket)
		return bucket_take(bucket, now, site->rate, site->burst);
	bpf_map_update_elem(&sources6, &key, &full, BPF_ANY);
	return true;
}

/* Whether the sender may open one more flow. */
static __always_inline bool may_open(const struct packet *p, const struct agfeo_settings *site,
				     bool stranger, __u32 now)
{
	if (!site->rate)
		return true;
	if (stranger && strangers_are_out(now))
		return false; /* before a spoofed source gets a bucket of its own */
	if (!source_may_open(p, site, now))
		return false;
	return !stranger || stranger_may_open(site, now);
}

#endif
