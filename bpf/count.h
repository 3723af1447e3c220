/* SPDX-License-Identifier: GPL-2.0 */
/* Counters, one set a CPU: nobody shares a cache line with another CPU. */
#ifndef BPF_COUNT_H
#define BPF_COUNT_H

#include "decision.h"
#include "maps.h"
#include "packet.h"

#define CODE_POINTS 64

/* enum agfeo_dscp_kind of every code point: a load is cheaper than two branches. */
static const __u8 dscp_kinds[CODE_POINTS] = {
	[0] = AGFEO_DSCP_CS0,
	[1 ... AGFEO_EF - 1] = AGFEO_DSCP_OTHER,
	[AGFEO_EF] = AGFEO_DSCP_EF,
	[AGFEO_EF + 1 ... CODE_POINTS - 1] = AGFEO_DSCP_OTHER,
};

static __always_inline __u32 dscp_kind(__u8 dscp)
{
	return dscp_kinds[dscp & (CODE_POINTS - 1)];
}

/* What a packet that passes is counted as. */
enum account {
	ACCOUNT_CELL = 0x0f,	  /* of agfeo_counter_direction.passed; seldom there is more: */
	ACCOUNT_CHANGED = 1 << 4, /* from one other code point to another */
	ACCOUNT_BLEACHED = 1 << 5,
};

/* What a packet that passes adds to the accounts of both its ends. */
struct passing {
	__u32 packets;
	__u32 bytes;
	__u32 account;	/* enum account */
	__u32 measured; /* RTP whose quality is asked for */
};

static __always_inline struct passing passing_of(const struct packet *p,
						 const struct decision *found)
{
	struct passing passing = {
		.packets = p->segments,
		.bytes = p->length,
		.account = agfeo_dscp_cell(dscp_kind(found->dscp_in), dscp_kind(found->dscp_out)),
		.measured = found->measured,
	};

	if (found->dscp_out == found->dscp_in)
		return passing;
	if (!found->promoted && !found->dscp_out)
		passing.account |= ACCOUNT_BLEACHED;
	else if (passing.account == agfeo_dscp_cell(AGFEO_DSCP_OTHER, AGFEO_DSCP_OTHER))
		passing.account |= ACCOUNT_CHANGED;
	return passing;
}

/* The counter of a service in one direction, as its device sees it; NULL: no device, no counter. */
static __always_inline struct agfeo_counter_direction *find_counter(__u32 counter, __u32 direction)
{
	struct agfeo_counter *sum = counter ? find_in(&counters, &counter) : NULL;

	return sum ? &sum->direction[direction & 1] : NULL;
}

static __always_inline void count_passed(__u32 counter, const struct passing *passing,
					 __u32 direction)
{
	struct agfeo_counter_direction *sum = find_counter(counter, direction);
	__u64 cell = passing->account;

	if (!sum)
		return;
	sum->bytes += passing->bytes;
	sum->rtp_packets += passing->measured;
	barrier_var(cell); /* a verifier does not know what the table of kinds holds */
	if (cell >= AGFEO_DSCP_CELLS) {
		if (cell & ACCOUNT_CHANGED)
			sum->changed += passing->packets;
		if (cell & ACCOUNT_BLEACHED)
			sum->bleached += passing->packets;
		cell &= ACCOUNT_CELL;
		if (cell >= AGFEO_DSCP_CELLS)
			return;
	}
	sum->passed[cell] += passing->packets;
}

static __always_inline void count_refused(__u32 counter, const struct packet *p, __u32 direction)
{
	struct agfeo_counter_direction *sum = find_counter(counter, direction);

	if (!sum)
		return;
	sum->dropped_packets += p->segments;
	sum->dropped_bytes += p->length;
}

/* Dropped, on one device's account; where no service has a share in it, all of it is there. */
static __always_inline void count_drop(const struct packet *p, const struct decision *found)
{
	__u32 drop = found->reason - AGFEO_FIRST_DROP_REASON;
	__u32 direction = found->device[0] ? AGFEO_OUT : AGFEO_IN;
	__u32 device = found->device[0] ? found->device[0] : found->device[1];
	struct agfeo_device_counter *sum = find_in(&device_counters, &device);

	if (!sum || drop >= AGFEO_DROP_REASON_COUNT)
		return;
	sum->drops[drop] += p->segments;
	if (found->none) {
		sum->none_packets[direction] += p->segments;
		sum->none_bytes[direction] += p->length;
	}
}

/* Every packet of or to a device: the sender's account says out, the receiver's in. */
static __always_inline void count(const struct packet *p, const struct decision *found)
{
	struct passing passing;

	if (found->counted)
		return;
	if (agfeo_reason_verdict(found->reason) == AGFEO_PASS) {
		passing = passing_of(p, found);
		count_passed(found->counter[0], &passing, AGFEO_OUT);
		count_passed(found->counter[1], &passing, AGFEO_IN);
		return;
	}
	count_drop(p, found);
	if (found->none)
		return;
	count_refused(found->counter[0], p, AGFEO_OUT);
	count_refused(found->counter[1], p, AGFEO_IN);
}

#endif
