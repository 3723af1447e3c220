/* SPDX-License-Identifier: GPL-2.0 */
/* The pane of drops: by reason and device, and the last ones by address; see screen_parts.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "report/flow.h"
#include "report/screen_parts.h"

#define LATEST_ROWS 6
#define LATEST_FROM 12 /* rows of the area, or the list needs them all */

/* A reason over all devices, or one device of it. */
struct drop_row {
	size_t reason;	    /* from AGFEO_FIRST_DROP_REASON */
	const char *device; /* NULL: all */
	double rate;
	uint64_t all;
	double reason_rate; /* of all devices: rows of a reason stay together */
	uint64_t reason_all;
};

static double rate_of(const struct screen_data *data, uint64_t packets)
{
	return data->since && data->seconds > 0 ? (double)packets / data->seconds : 0;
}

static int compare_devices(const void *left, const void *right)
{
	const struct device_count *a = left, *b = right;
	int order = strcmp(a->device, b->device);

	return order ? order : strcmp(a->model, b->model);
}

/* A snapshot has each device once, in this order. */
static double rate_of_device(const struct screen_data *data, const struct device_count *device,
			     size_t reason)
{
	const struct snapshot *since = data->since;
	const struct device_count *found =
		since && since->device_count ? bsearch(device, since->devices, since->device_count,
						       sizeof(*since->devices), compare_devices)
					     : NULL;

	return found ? rate_of(data, found->sum.drops[reason]) : 0;
}

static bool is_wanted(const struct screen_view *view, size_t reason, const char *device)
{
	char text[128];

	snprintf(text, sizeof(text), "%s %s",
		 reason_label((enum agfeo_reason)(AGFEO_FIRST_DROP_REASON + reason)),
		 *device ? device : "(no device)");
	return filter_matches(view, text);
}

/* One reason: its devices as the filter wants them, and above them the reason itself. */
static size_t gather_reason(const struct screen_view *view, const struct screen_data *data,
			    size_t reason, struct drop_row *rows, size_t *all)
{
	uint64_t total = snapshot_drops(data->now, reason);
	double rate = data->since ? rate_of(data, snapshot_drops(data->since, reason)) : 0;
	size_t count = 0;

	if (!total)
		return 0;
	for (size_t i = 0; i < data->now->device_count; i++) {
		const struct device_count *device = &data->now->devices[i];
		uint64_t drops = device->sum.drops[reason];

		*all += drops != 0;
		if (!drops || !is_wanted(view, reason, device->device))
			continue;
		rows[++count] = (struct drop_row){
			.reason = reason,
			.device = device->device,
			.rate = rate_of_device(data, device, reason),
			.all = drops,
			.reason_rate = rate,
			.reason_all = total,
		};
	}
	if (!count)
		return 0;
	rows[0] = (struct drop_row){reason, NULL, rate, total, rate, total};
	return count + 1;
}

static int compare_rows(const void *left, const void *right)
{
	const struct drop_row *a = left, *b = right;

	if (a->reason_rate != b->reason_rate)
		return a->reason_rate > b->reason_rate ? -1 : 1;
	if (a->reason_all != b->reason_all)
		return a->reason_all > b->reason_all ? -1 : 1;
	if (a->reason != b->reason)
		return a->reason < b->reason ? -1 : 1;
	if (!a->device != !b->device)
		return a->device ? 1 : -1;
	if (a->rate != b->rate)
		return a->rate > b->rate ? -1 : 1;
	return a->all > b->all ? -1 : a->all < b->all;
}

/* ------------------------------------------------------------------ rows */

enum drops_column {
	DROPS_REASON,
	DROPS_DEVICE,
	DROPS_RATE,
	DROPS_ALL,
	DROPS_MEANING,
	DROPS_COLUMNS
};

static const struct list_column columns[DROPS_COLUMNS] = {
	[DROPS_REASON] = {"REASON", 12, 12, 0, false},
	[DROPS_DEVICE] = {"DEVICE", 14, 47, 0, false},
	[DROPS_RATE] = {"PER SEC", 7, 7, 0, true},
	[DROPS_ALL] = {"PACKETS", 10, 16, 0, true},
	[DROPS_MEANING] = {"MEANING", 33, 80, 0, false},
};

static void drop_row(const void *context, size_t index, struct list_row *row)
{
	const struct drop_row *drop = &((const struct drop_row *)context)[index];
	enum agfeo_reason reason = (enum agfeo_reason)(AGFEO_FIRST_DROP_REASON + drop->reason);

	if (drop->device) {
		snprintf(row->text[DROPS_DEVICE], LIST_TEXT, "%s",
			 *drop->device ? drop->device : "(no device)");
	} else {
		row->style = SCREEN_BOLD;
		strcpy(row->text[DROPS_REASON], reason_label(reason));
		strcpy(row->text[DROPS_DEVICE], "all");
		snprintf(row->text[DROPS_MEANING], LIST_TEXT, "%s", reason_text(reason));
	}
	if (drop->rate > 0) {
		rate_format(drop->rate, row->text[DROPS_RATE]);
		row->cell[DROPS_RATE] = SCREEN_ALARM | row->style;
	} else {
		strcpy(row->text[DROPS_RATE], "-");
	}
	snprintf(row->text[DROPS_ALL], LIST_TEXT, "%" PRIu64, drop->all);
}

/* ------------------------------------------------------------------ the latest */

static void latest_draw(struct screen *screen, struct screen_area area,
			const struct screen_data *data)
{
	const struct dropped *latest[LATEST_ROWS];
	size_t room = area.count > 1 ? (size_t)area.count - 1 : 0;
	size_t count =
		drop_log_latest(data->drops, latest, room < LATEST_ROWS ? room : LATEST_ROWS);

	screen_put(screen, area.first, 0, SCREEN_BOLD, "the latest, a sample where there are many");
	if (!count)
		screen_put(screen, area.first + 1, 0, SCREEN_DIM, "none since this screen began");
	for (size_t i = 0; i < count; i++) {
		const struct dropped *entry = latest[i];
		uint64_t age = data->monotonic_ns > entry->time_ns
				       ? (data->monotonic_ns - entry->time_ns) / 1000000000
				       : 0;
		char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT], protocol[8];

		screen_put(screen, area.first + 1 + (int)i, 0, age < 2 ? SCREEN_PLAIN : SCREEN_DIM,
			   "%4" PRIu64 "s  %-12s %s %s -> %s", age,
			   reason_label((enum agfeo_reason)entry->reason),
			   ip_protocol_format(entry->protocol, protocol),
			   endpoint_format(&entry->source, entry->source_port, from),
			   endpoint_format(&entry->destination, entry->destination_port, to));
	}
}

struct pane_count drops_draw(struct screen *screen, struct screen_area area,
			     struct screen_view *view, const struct screen_data *data)
{
	size_t room = AGFEO_DROP_REASON_COUNT * (data->now->device_count + 1);
	_cleanup_(freep) struct drop_row *rows = calloc(room + 1, sizeof(*rows));
	struct pane_count count = {0};
	struct list list = {
		.columns = columns,
		.column_count = DROPS_COLUMNS,
		.row = drop_row,
		.context = rows,
		.empty = view->filter[0] ? "no drop matches the filter" : "nothing was dropped",
	};
	bool latest = area.count >= LATEST_FROM && data->drops;

	if (!rows)
		return count;
	for (size_t reason = 0; reason < AGFEO_DROP_REASON_COUNT; reason++)
		list.count += gather_reason(view, data, reason, rows + list.count, &count.all);
	for (size_t i = 0; i < list.count; i++)
		count.shown += rows[i].device != NULL;
	qsort(rows, list.count, sizeof(*rows), compare_rows);
	if (latest)
		area.count -= LATEST_ROWS + 1;
	list_draw(screen, area, &list, view);
	if (latest)
		latest_draw(screen, (struct screen_area){area.first + area.count, LATEST_ROWS + 1},
			    data);
	return count;
}
