/* SPDX-License-Identifier: GPL-2.0 */
/* Order, sums and differences of what was counted; see snapshot.h. */
#include "report/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "base/names.h"

const struct histogram_bounds jitter_bounds = {
	.count = 9,
	.bound = {0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2},
};

/* Finest where calls are: G.711 without loss is 4.41, and 1 % of loss makes 4.33 of it. */
const struct histogram_bounds mos_bounds = {
	.count = 9,
	.bound = {1.5, 2, 2.5, 3, 3.5, 3.8, 4, 4.2, 4.4},
};

void histogram_observe(struct histogram *histogram, const struct histogram_bounds *bounds,
		       double value)
{
	size_t bucket = 0;

	while (bucket < bounds->count && value > bounds->bound[bucket])
		bucket++;
	histogram->buckets[bucket]++;
	histogram->sum += value;
}

struct snapshot *snapshot_new(void)
{
	return calloc(1, sizeof(struct snapshot));
}

void snapshot_free(struct snapshot *snapshot)
{
	if (!snapshot)
		return;
	free(snapshot->services);
	free(snapshot->devices);
	free(snapshot->interfaces);
	free(snapshot->programs);
	free(snapshot->maps);
	free(snapshot->addresses);
	free(snapshot->quality);
	free(snapshot);
}

/* ------------------------------------------------------------------ counters as arrays of words */

_Static_assert(sizeof(struct service_sum) % sizeof(__u64) == 0, "words only");
_Static_assert(sizeof(struct device_sum) % sizeof(__u64) == 0, "words only");

#define COUNTER_WORDS	     (sizeof(struct service_sum) / sizeof(__u64))
#define DEVICE_COUNTER_WORDS (sizeof(struct device_sum) / sizeof(__u64))

static bool words_are_zero(const __u64 *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (words[i])
			return false;
	return true;
}

static void words_add(__u64 *sum, const __u64 *more, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sum[i] += more[i];
}

static void words_subtract(__u64 *now, const __u64 *before, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (now[i] >= before[i])
			now[i] -= before[i];
}

bool service_is_zero(const struct service_sum *counter)
{
	return words_are_zero((const __u64 *)counter, COUNTER_WORDS);
}

bool device_is_zero(const struct device_sum *counter)
{
	return words_are_zero((const __u64 *)counter, DEVICE_COUNTER_WORDS);
}

void service_add(struct service_sum *sum, const struct service_sum *more)
{
	words_add((__u64 *)sum, (const __u64 *)more, COUNTER_WORDS);
}

void device_add(struct device_sum *sum, const struct device_sum *more)
{
	words_add((__u64 *)sum, (const __u64 *)more, DEVICE_COUNTER_WORDS);
}

/* ------------------------------------------------------------------ order */

static int compare_services(const void *left, const void *right)
{
	const struct service_count *a = left, *b = right;
	int order = strcmp(a->device, b->device);

	if (!order)
		order = strcmp(a->model, b->model);
	if (!order)
		order = strcmp(a->service, b->service);
	return order ? order : a->dscp - b->dscp;
}

static int compare_devices(const void *left, const void *right)
{
	const struct device_count *a = left, *b = right;
	int order = strcmp(a->device, b->device);

	return order ? order : strcmp(a->model, b->model);
}

static int compare_interfaces(const void *left, const void *right)
{
	const struct interface_state *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static int compare_quality(const void *left, const void *right)
{
	const struct quality_count *a = left, *b = right;
	int order = strcmp(a->device, b->device);

	return order ? order : a->direction - b->direction;
}

static void histogram_add(struct histogram *sum, const struct histogram *more)
{
	for (size_t i = 0; i <= HISTOGRAM_BOUNDS; i++)
		sum->buckets[i] += more->buckets[i];
	sum->sum += more->sum;
}

static size_t merge_quality(struct quality_count *rows, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (kept && !compare_quality(&rows[kept - 1], &rows[i])) {
			histogram_add(&rows[kept - 1].jitter, &rows[i].jitter);
			histogram_add(&rows[kept - 1].mos, &rows[i].mos);
		} else {
			rows[kept++] = rows[i];
		}
	}
	return kept;
}

static void sort(void *rows, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	if (count)
		qsort(rows, count, size, compare);
}

static size_t merge_services(struct service_count *rows, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (kept && !compare_services(&rows[kept - 1], &rows[i]))
			service_add(&rows[kept - 1].sum, &rows[i].sum);
		else
			rows[kept++] = rows[i];
	}
	return kept;
}

static size_t merge_devices(struct device_count *rows, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (kept && !compare_devices(&rows[kept - 1], &rows[i]))
			device_add(&rows[kept - 1].sum, &rows[i].sum);
		else
			rows[kept++] = rows[i];
	}
	return kept;
}

void snapshot_normalise(struct snapshot *snapshot)
{
	sort(snapshot->services, snapshot->service_count, sizeof(*snapshot->services),
	     compare_services);
	sort(snapshot->devices, snapshot->device_count, sizeof(*snapshot->devices),
	     compare_devices);
	sort(snapshot->interfaces, snapshot->interface_count, sizeof(*snapshot->interfaces),
	     compare_interfaces);
	sort(snapshot->quality, snapshot->quality_count, sizeof(*snapshot->quality),
	     compare_quality);
	snapshot->service_count = merge_services(snapshot->services, snapshot->service_count);
	snapshot->device_count = merge_devices(snapshot->devices, snapshot->device_count);
	snapshot->quality_count = merge_quality(snapshot->quality, snapshot->quality_count);
}

/* ------------------------------------------------------------------ differences */

/* A copy of `count` rows; *ret_rows is NULL where there are none. */
static bool copy_rows(const void *rows, size_t count, size_t size, void *ret_rows)
{
	void *copy = NULL;

	if (count) {
		copy = malloc(count * size);
		if (!copy)
			return false;
		memcpy(copy, rows, count * size);
	}
	memcpy(ret_rows, &copy, sizeof(copy));
	return true;
}

static bool copy_all(struct snapshot *copy, const struct snapshot *from)
{
	copy->services = NULL;
	copy->devices = NULL;
	copy->interfaces = NULL;
	copy->programs = NULL;
	copy->maps = NULL;
	copy->addresses = NULL;
	copy->quality = NULL;
	return copy_rows(from->services, from->service_count, sizeof(*from->services),
			 &copy->services) &&
	       copy_rows(from->devices, from->device_count, sizeof(*from->devices),
			 &copy->devices) &&
	       copy_rows(from->interfaces, from->interface_count, sizeof(*from->interfaces),
			 &copy->interfaces) &&
	       copy_rows(from->programs, from->program_count, sizeof(*from->programs),
			 &copy->programs) &&
	       copy_rows(from->maps, from->map_count, sizeof(*from->maps), &copy->maps) &&
	       copy_rows(from->addresses, from->address_count, sizeof(*from->addresses),
			 &copy->addresses) &&
	       copy_rows(from->quality, from->quality_count, sizeof(*from->quality),
			 &copy->quality);
}

struct snapshot *snapshot_since(const struct snapshot *now, const struct snapshot *before)
{
	struct snapshot *since = snapshot_new();
	size_t at = 0;

	if (!since)
		return NULL;
	*since = *now;
	if (!copy_all(since, now)) {
		snapshot_free(since);
		return NULL;
	}

	for (size_t i = 0; i < since->service_count; i++) {
		struct service_count *row = &since->services[i];

		while (at < before->service_count &&
		       compare_services(&before->services[at], row) < 0)
			at++;
		if (at < before->service_count && !compare_services(&before->services[at], row))
			words_subtract((__u64 *)&row->sum, (__u64 *)&before->services[at].sum,
				       COUNTER_WORDS);
	}

	at = 0;
	for (size_t i = 0; i < since->device_count; i++) {
		struct device_count *row = &since->devices[i];

		while (at < before->device_count && compare_devices(&before->devices[at], row) < 0)
			at++;
		if (at < before->device_count && !compare_devices(&before->devices[at], row))
			words_subtract((__u64 *)&row->sum, (__u64 *)&before->devices[at].sum,
				       DEVICE_COUNTER_WORDS);
	}
	return since;
}

uint64_t snapshot_drops(const struct snapshot *snapshot, size_t reason)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < snapshot->device_count; i++)
		sum += snapshot->devices[i].sum.drops[reason];
	return sum;
}

const char *dscp_label(uint8_t dscp)
{
	static char labels[64][5];

	if (dscp >= 64)
		return "keep";
	return dscp_format(dscp, labels[dscp]);
}
