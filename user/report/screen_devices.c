/* SPDX-License-Identifier: GPL-2.0 */
/* The pane of devices: what passes and what is dropped, a second; see screen_parts.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/screen_parts.h"
#include "report/table.h"

struct device_row {
	const char *device, *model;
	double passed[AGFEO_DIRECTION_COUNT], bytes[AGFEO_DIRECTION_COUNT]; /* a second */
	double dropped;							    /* a second */
	uint64_t dropped_all;
};

struct device_rows {
	struct device_row *rows;
	size_t count;
};

static void device_rows_clear(struct device_rows *rows)
{
	free(rows->rows);
}

static uint64_t drops_of(const struct device_sum *sum)
{
	uint64_t all = 0;

	for (size_t i = 0; i < AGFEO_DROP_REASON_COUNT; i++)
		all += sum->drops[i];
	return all;
}

static int compare_names(const void *left, const void *right)
{
	const struct device_row *a = left, *b = right;
	int order = strcmp(a->device, b->device);

	return order ? order : strcmp(a->model, b->model);
}

static struct device_row *find_row(const struct device_rows *all, const char *device,
				   const char *model)
{
	struct device_row key = {.device = device, .model = model};

	return bsearch(&key, all->rows, all->count, sizeof(key), compare_names);
}

static void add_rates(struct device_rows *all, const struct snapshot *since, double seconds)
{
	for (size_t i = 0; i < since->device_count; i++) {
		const struct device_count *device = &since->devices[i];
		struct device_row *row = find_row(all, device->device, device->model);

		if (row)
			row->dropped += (double)drops_of(&device->sum) / seconds;
	}
	for (size_t i = 0; i < since->service_count; i++) {
		const struct service_count *service = &since->services[i];
		struct device_row *row = find_row(all, service->device, service->model);

		for (int way = AGFEO_IN; row && way < AGFEO_DIRECTION_COUNT; way++) {
			row->passed[way] += (double)service->sum.packets[AGFEO_PASS][way] / seconds;
			row->bytes[way] += (double)service->sum.bytes[AGFEO_PASS][way] / seconds;
		}
	}
}

/* Each device once, in the order of names. */
static void unite(struct device_rows *all)
{
	size_t count = 0;

	qsort(all->rows, all->count, sizeof(*all->rows), compare_names);
	for (size_t i = 0; i < all->count; i++) {
		if (count && !compare_names(&all->rows[count - 1], &all->rows[i]))
			all->rows[count - 1].dropped_all += all->rows[i].dropped_all;
		else
			all->rows[count++] = all->rows[i];
	}
	all->count = count;
}

/* A device that nothing was dropped of, or nothing passed of, has rows of one kind only. */
static int gather(const struct screen_data *data, struct device_rows *ret_rows)
{
	const struct snapshot *now = data->now;
	struct device_rows all = {
		.rows = calloc(now->device_count + now->service_count + 1, sizeof(*all.rows)),
	};

	if (!all.rows)
		return -ENOMEM;
	for (size_t i = 0; i < now->device_count; i++)
		all.rows[all.count++] = (struct device_row){
			.device = now->devices[i].device,
			.model = now->devices[i].model,
			.dropped_all = drops_of(&now->devices[i].sum),
		};
	for (size_t i = 0; i < now->service_count; i++)
		all.rows[all.count++] = (struct device_row){
			.device = now->services[i].device,
			.model = now->services[i].model,
		};
	unite(&all);
	if (data->since && data->seconds > 0)
		add_rates(&all, data->since, data->seconds);
	*ret_rows = all;
	return 0;
}

/* What is dropped from most, then what talks most, then by name. */
static int compare_rates(const void *left, const void *right)
{
	const struct device_row *a = left, *b = right;
	double many = a->passed[AGFEO_IN] + a->passed[AGFEO_OUT];
	double more = b->passed[AGFEO_IN] + b->passed[AGFEO_OUT];

	if (a->dropped != b->dropped)
		return a->dropped > b->dropped ? -1 : 1;
	if (many != more)
		return many > more ? -1 : 1;
	return compare_names(left, right);
}

/* ------------------------------------------------------------------ rows */

enum devices_column {
	DEVICES_NAME,
	DEVICES_MODEL,
	DEVICES_IN,
	DEVICES_OUT,
	DEVICES_DROPPED,
	DEVICES_ALL,
	DEVICES_BYTES_IN,
	DEVICES_BYTES_OUT,
	DEVICES_COLUMNS,
};

static const struct list_column columns[DEVICES_COLUMNS] = {
	[DEVICES_NAME] = {"DEVICE", 15, 47, 0, false},
	[DEVICES_MODEL] = {"MODEL", 15, 20, 0, false},
	[DEVICES_IN] = {"IN/s", 7, 7, 0, true},
	[DEVICES_OUT] = {"OUT/s", 7, 7, 0, true},
	[DEVICES_DROPPED] = {"DROPPED/s", 9, 9, 0, true},
	[DEVICES_ALL] = {"DROPPED", 10, 16, 0, true},
	[DEVICES_BYTES_IN] = {"BYTES IN/s", 10, 10, 102, true},
	[DEVICES_BYTES_OUT] = {"OUT/s", 8, 8, 102, true},
};

/* Nothing stands as "-", so that what happens stands out. */
static void rate_cell(double rate, char *text)
{
	if (rate > 0)
		rate_format(rate, text);
	else
		strcpy(text, "-");
}

static void bytes_cell(double bytes, char *text)
{
	if (bytes > 0)
		bytes_format((uint64_t)(bytes + 0.5), text);
	else
		strcpy(text, "-");
}

static void device_row(const void *context, size_t index, struct list_row *row)
{
	const struct device_row *device = &((const struct device_row *)context)[index];

	snprintf(row->text[DEVICES_NAME], LIST_TEXT, "%s",
		 device->device[0] ? device->device : "(no device)");
	snprintf(row->text[DEVICES_MODEL], LIST_TEXT, "%s", device->model);
	rate_cell(device->passed[AGFEO_IN], row->text[DEVICES_IN]);
	rate_cell(device->passed[AGFEO_OUT], row->text[DEVICES_OUT]);
	rate_cell(device->dropped, row->text[DEVICES_DROPPED]);
	row->cell[DEVICES_DROPPED] = device->dropped > 0 ? SCREEN_ALARM : SCREEN_PLAIN;
	if (device->dropped_all)
		snprintf(row->text[DEVICES_ALL], LIST_TEXT, "%" PRIu64, device->dropped_all);
	else
		strcpy(row->text[DEVICES_ALL], "-");
	bytes_cell(device->bytes[AGFEO_IN], row->text[DEVICES_BYTES_IN]);
	bytes_cell(device->bytes[AGFEO_OUT], row->text[DEVICES_BYTES_OUT]);
}

static bool is_wanted(const struct screen_view *view, const struct device_row *row)
{
	char text[2 * AGFEO_NAME_SIZE + 16];

	snprintf(text, sizeof(text), "%s %s", row->device[0] ? row->device : "(no device)",
		 row->model);
	return filter_matches(view, text);
}

struct pane_count devices_draw(struct screen *screen, struct screen_area area,
			       struct screen_view *view, const struct screen_data *data)
{
	_cleanup_(device_rows_clear) struct device_rows all = {0};
	struct pane_count count = {0};
	struct list list = {
		.columns = columns,
		.column_count = DEVICES_COLUMNS,
		.row = device_row,
		.empty = view->filter[0] ? "no device matches the filter" : "no device is listed",
	};

	if (gather(data, &all))
		return count;
	count.all = all.count;
	for (size_t i = 0; i < all.count; i++)
		if (is_wanted(view, &all.rows[i]))
			all.rows[count.shown++] = all.rows[i];
	qsort(all.rows, count.shown, sizeof(*all.rows), compare_rates);
	list.count = count.shown;
	list.context = all.rows;
	list_draw(screen, area, &list, view);
	return count;
}
