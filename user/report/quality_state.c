/* SPDX-License-Identifier: GPL-2.0 */
/* Histograms kept over the daemon's death; see quality_state.h. */
#include "report/quality_state.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "base/rows.h"
#include "report/json.h"

#define SUM_DECIMALS 9 /* of seconds: nanoseconds */

void quality_table_release(struct quality_table *table)
{
	free(table->rows);
	*table = (struct quality_table){0};
}

/* ------------------------------------------------------------------ rows */

static int compare(const struct quality_count *row, const char *device, unsigned direction)
{
	int order = strcmp(row->device, device);

	return order ? order : (int)row->direction - (int)direction;
}

/* The first row that is not before (device, direction). */
static size_t lower_bound(const struct quality_table *table, const char *device, unsigned direction)
{
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&table->rows[middle], device, direction) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct quality_count *quality_row(struct quality_table *table, const char *device,
				  enum agfeo_direction direction)
{
	size_t at = lower_bound(table, device, direction);
	struct quality_count *row;

	if (at < table->count && !compare(&table->rows[at], device, direction))
		return &table->rows[at];
	if (!*device || strlen(device) >= sizeof(row->device) ||
	    rows_make_room(&table->rows, table->count, &table->room, sizeof(*row)))
		return NULL;
	row = &table->rows[at];
	memmove(row + 1, row, (table->count - at) * sizeof(*row));
	table->count++;
	*row = (struct quality_count){.direction = direction};
	strcpy(row->device, device);
	return row;
}

void quality_prune(struct quality_table *table,
		   bool (*is_known)(const char *device, const void *context), const void *context)
{
	size_t kept = 0;

	for (size_t i = 0; i < table->count; i++) {
		if (is_known(table->rows[i].device, context))
			table->rows[kept++] = table->rows[i];
	}
	table->count = kept;
}

/* ------------------------------------------------------------------ writing */

static void put_histogram(struct json *json, const char *name, const struct histogram *histogram,
			  const struct histogram_bounds *bounds)
{
	json_open(json, name);
	json_array(json, "bounds");
	for (size_t i = 0; i < bounds->count; i++)
		json_real(json, NULL, bounds->bound[i], SUM_DECIMALS);
	json_array_end(json);
	json_array(json, "buckets");
	for (size_t i = 0; i <= bounds->count; i++)
		json_number(json, NULL, histogram->buckets[i]);
	json_array_end(json);
	json_real(json, "sum", histogram->sum, SUM_DECIMALS);
	json_close(json);
}

int quality_state_render(FILE *out, const void *what)
{
	const struct quality_table *table = what;
	struct json json = {.out = out};

	json_open(&json, NULL);
	json_array(&json, "quality");
	for (size_t i = 0; i < table->count; i++) {
		const struct quality_count *row = &table->rows[i];

		json_open(&json, NULL);
		json_string(&json, "device", row->device);
		json_string(&json, "direction", direction_label(row->direction));
		put_histogram(&json, "jitter", &row->jitter, &jitter_bounds);
		put_histogram(&json, "mos", &row->mos, &mos_bounds);
		json_close(&json);
	}
	json_array_end(&json);
	json_close(&json);
	json_end(&json);
	return 0;
}

/* ------------------------------------------------------------------ reading */

static struct json_object *member(struct json_object *object, const char *name, json_type type)
{
	struct json_object *value = NULL;

	if (!json_object_is_type(object, json_type_object) ||
	    !json_object_object_get_ex(object, name, &value) || !json_object_is_type(value, type))
		return NULL;
	return value;
}

/* What was counted between other bounds cannot be sorted into ours. */
static bool same_bounds(struct json_object *given, const struct histogram_bounds *bounds)
{
	if (json_object_array_length(given) != bounds->count)
		return false;
	for (size_t i = 0; i < bounds->count; i++) {
		double bound = json_object_get_double(json_object_array_get_idx(given, i));

		if (bound < bounds->bound[i] - 1e-9 || bound > bounds->bound[i] + 1e-9)
			return false;
	}
	return true;
}

static int read_histogram(struct json_object *row, const char *name,
			  const struct histogram_bounds *bounds, struct histogram *ret_histogram)
{
	struct json_object *given = member(row, name, json_type_object);
	struct json_object *given_bounds = member(given, "bounds", json_type_array);
	struct json_object *buckets = member(given, "buckets", json_type_array);
	struct json_object *sum = member(given, "sum", json_type_double);
	struct histogram histogram = {.sum = 0};

	if (!given_bounds || !buckets || !sum)
		return -EINVAL;
	if (!same_bounds(given_bounds, bounds))
		return 0;
	if (json_object_array_length(buckets) != bounds->count + 1)
		return -EINVAL;
	for (size_t i = 0; i <= bounds->count; i++) {
		struct json_object *bucket = json_object_array_get_idx(buckets, i);

		if (!json_object_is_type(bucket, json_type_int) ||
		    json_object_get_int64(bucket) < 0)
			return -EINVAL;
		histogram.buckets[i] = json_object_get_uint64(bucket);
	}
	histogram.sum = json_object_get_double(sum);
	*ret_histogram = histogram;
	return 0;
}

static int read_row(struct json_object *given, struct quality_table *table)
{
	struct json_object *device = member(given, "device", json_type_string);
	struct json_object *direction = member(given, "direction", json_type_string);
	struct quality_count *row;
	int err;

	if (!device || !direction)
		return -EINVAL;
	row = quality_row(table, json_object_get_string(device),
			  strcmp(json_object_get_string(direction), "out") ? AGFEO_IN : AGFEO_OUT);
	if (!row)
		return -EINVAL;
	err = read_histogram(given, "jitter", &jitter_bounds, &row->jitter);
	return err ? err : read_histogram(given, "mos", &mos_bounds, &row->mos);
}

static void putp(struct json_object **object)
{
	json_object_put(*object);
}

int quality_state_parse(const char *text, struct quality_table *ret_table)
{
	_cleanup_(putp) struct json_object *document = json_tokener_parse(text);
	_cleanup_(quality_table_release) struct quality_table table = {0};
	struct json_object *rows = member(document, "quality", json_type_array);
	int err = rows ? 0 : -EINVAL;

	for (size_t i = 0; !err && i < (size_t)json_object_array_length(rows); i++)
		err = read_row(json_object_array_get_idx(rows, i), &table);
	if (err)
		return err;
	*ret_table = table;
	table = (struct quality_table){0};
	return 0;
}
