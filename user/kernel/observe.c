/* SPDX-License-Identifier: GPL-2.0 */
/* Streams into histograms; see observe.h. */
#include "kernel/observe.h"

#include <string.h>

#include "kernel/flows.h"

struct observing {
	const struct identities *identities;
	struct readings *readings;
	struct quality_table *table;
};

static void count(struct observing *observing, uint32_t device, enum agfeo_direction direction,
		  const struct quality *quality)
{
	const char *name = identity_device(observing->identities, device);
	struct quality_count *row = quality_row(observing->table, name, direction);

	if (!row)
		return;
	if (quality->has_jitter)
		histogram_observe(&row->jitter, &jitter_bounds, quality->jitter_ms / 1000);
	if (quality->has_mos)
		histogram_observe(&row->mos, &mos_bounds, quality->mos);
}

/* A stream between two devices is of both: what one sends, the other gets. */
static void observe_stream(struct observing *observing, const struct flow_record *record,
			   uint32_t sender)
{
	const struct reading_key key = {
		.address = {record->address[0], record->address[1]},
		.port = {record->port[0], record->port[1]},
		.sender = sender,
	};
	struct quality quality;

	if (!record->stream[sender].base ||
	    !readings_take(observing->readings, &key, &record->stream[sender], &quality))
		return;
	if (record->flow.device[sender])
		count(observing, record->flow.device[sender], AGFEO_OUT, &quality);
	if (record->flow.device[!sender])
		count(observing, record->flow.device[!sender], AGFEO_IN, &quality);
}

static int observe_flow(const struct flow_record *record, void *context)
{
	if (!record->has_streams)
		return 0;
	observe_stream(context, record, 0);
	observe_stream(context, record, 1);
	return 0;
}

/* By name, as the series are: a device that lost its row of names has no history either. */
static bool is_known(const char *device, const void *context)
{
	const struct identities *identities = context;

	for (size_t i = 1; i < identities->device_count; i++) {
		if (!strcmp(identities->devices[i].name, device))
			return true;
	}
	return false;
}

int observe_streams(const char *pin, const struct identities *identities, uint64_t now_ns,
		    struct readings *readings, struct quality_table *table)
{
	struct observing observing = {identities, readings, table};
	int err = flows_each(pin, observe_flow, &observing);

	if (err)
		return err;
	readings_end_round(readings, now_ns);
	quality_prune(table, is_known, identities);
	return 0;
}
