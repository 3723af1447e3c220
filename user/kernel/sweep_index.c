/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The index over the flow tables; see sweep_index.h. A missing bit hides a live flow: its next
 * packet would be judged as the first of a flow, and a reply or a TCP segment be dropped. So:
 * - Single bits are cleared in memory shared with the datapath, by atomic instructions. Writing the
 *   value as a whole would take back what was set since it was read.
 * - Only a bit that no flow needed in two sweeps in a row is cleared: one set since is not touched.
 * - One case is left: a flow that begins where a stale bit still stands finds it set, writes
 *   nothing, and we clear it. Its entry stands in the table before it looks at the index, so that
 *   the tables, read once more after the clearing, show it, and the bit is set again: it was gone
 *   for the milliseconds of that reading, and only to a flow just opened.
 * The second reading also sets what two CPUs lost that wrote one byte at once (bpf/flow.h).
 */
#include "kernel/sweep_index.h"

#include <agfeo/flow_index.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/flows.h"
#include "kernel/pins.h"

/* Whichever of its bits are looked at, the rules are the same. */
union index {
	struct agfeo_flow_index index;
	__u8 bytes[sizeof(struct agfeo_flow_index)];
};

struct index_sweep {
	char pin[PATH_MAX];
	union index *shared;  /* with the datapath */
	union index needed;   /* by what stands in the tables */
	union index stale;    /* set and not needed when we last looked */
	union index snapshot; /* the index before the tables were read */
};

void index_sweep_free(struct index_sweep *sweep)
{
	if (!sweep)
		return;
	if (sweep->shared)
		munmap(sweep->shared, sizeof(*sweep->shared));
	free(sweep);
}

int index_sweep_open(const char *pin, struct index_sweep **ret_sweep)
{
	_cleanup_(index_sweep_freep) struct index_sweep *sweep = calloc(1, sizeof(*sweep));
	_cleanup_(closep) int map = -1;
	void *memory;
	int err;

	if (!sweep)
		return fail(-ENOMEM, "map 'flow_index'");
	snprintf(sweep->pin, sizeof(sweep->pin), "%s", pin);
	err = pins_open_map(pin, "flow_index", &map);
	if (err)
		return err;
	memory = mmap(NULL, sizeof(*sweep->shared), PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	if (memory == MAP_FAILED)
		return fail(errno, "map 'flow_index'");
	sweep->shared = memory;
	*ret_sweep = take_ptr(sweep);
	return 0;
}

/* ------------------------------------------------------------------ which bits a flow needs */

static int need(const struct flow_record *record, void *context)
{
	flow_index_add(context, record);
	return 0;
}

static int read_needed(struct index_sweep *sweep)
{
	memset(&sweep->needed, 0, sizeof(sweep->needed));
	return flows_each(sweep->pin, need, &sweep->needed.index);
}

/* ------------------------------------------------------------------ clearing and mending */

static unsigned bit_count(__u8 bits)
{
	return (unsigned)__builtin_popcount(bits);
}

/* Leaves in `stale` what is stale for the first time. */
static void clear(struct index_sweep *sweep, struct index_swept *swept)
{
	for (size_t i = 0; i < sizeof(sweep->stale); i++) {
		__u8 stale = sweep->snapshot.bytes[i] & (__u8)~sweep->needed.bytes[i];
		__u8 twice = stale & sweep->stale.bytes[i];

		if (twice)
			__atomic_fetch_and(&sweep->shared->bytes[i], (__u8)~twice,
					   __ATOMIC_SEQ_CST);
		swept->cleared += bit_count(twice);
		sweep->stale.bytes[i] = stale & (__u8)~twice;
	}
}

static void mend(struct index_sweep *sweep, struct index_swept *swept)
{
	for (size_t i = 0; i < sizeof(sweep->needed); i++) {
		__u8 now = __atomic_load_n(&sweep->shared->bytes[i], __ATOMIC_SEQ_CST);
		__u8 missing = sweep->needed.bytes[i] & (__u8)~now;

		if (missing)
			__atomic_fetch_or(&sweep->shared->bytes[i], missing, __ATOMIC_SEQ_CST);
		swept->mended += bit_count(missing);
	}
}

int index_sweep_run(struct index_sweep *sweep, struct index_swept *ret_swept)
{
	int err;

	/* The index first: a bit that is set after it was read is not stale for us. */
	memcpy(&sweep->snapshot, sweep->shared, sizeof(sweep->snapshot));
	err = read_needed(sweep);
	if (err)
		return err;
	clear(sweep, ret_swept);
	err = read_needed(sweep);
	if (err)
		return err;
	mend(sweep, ret_swept);
	return 0;
}
