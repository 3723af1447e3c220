/* SPDX-License-Identifier: GPL-2.0 */
/* Order, sums and differences of snapshots. */
#include <stdlib.h>

#include "lib/check.h"
#include "report/snapshot.h"

static struct service_count service(const char *device, const char *name, uint8_t dscp, uint64_t n)
{
	struct service_count row = {.dscp = dscp};

	snprintf(row.device, sizeof(row.device), "%s", device);
	snprintf(row.service, sizeof(row.service), "%s", name);
	for (size_t i = 0; i < sizeof(row.sum) / sizeof(__u64); i++)
		((__u64 *)&row.sum)[i] = n + i;
	return row;
}

static struct device_count device(const char *name, const char *model, uint64_t n)
{
	struct device_count row = {};

	snprintf(row.device, sizeof(row.device), "%s", name);
	snprintf(row.model, sizeof(row.model), "%s", model);
	for (size_t i = 0; i < sizeof(row.sum) / sizeof(__u64); i++)
		((__u64 *)&row.sum)[i] = n + i;
	return row;
}

static struct snapshot *with_services(const struct service_count *rows, size_t count)
{
	struct snapshot *snapshot = snapshot_new();

	snapshot->services = calloc(count + 1, sizeof(*rows));
	for (size_t i = 0; i < count; i++)
		snapshot->services[i] = rows[i];
	snapshot->service_count = count;
	snapshot_normalise(snapshot);
	return snapshot;
}

static void test_normalise(void)
{
	struct service_count rows[] = {
		service("b", "rtp", 46, 100), service("a", "sip", 255, 1),
		service("b", "rtp", 0, 7),    service("a", "rtp", 46, 5),
		service("b", "rtp", 46, 11),
	};
	struct snapshot *snapshot = with_services(rows, 5);

	CHECK_EQ(snapshot->service_count, 4);
	CHECK_STR(snapshot->services[0].service, "rtp");
	CHECK_STR(snapshot->services[1].service, "sip");
	CHECK_EQ(snapshot->services[2].dscp, 0);
	CHECK_EQ(snapshot->services[3].dscp, 46);
	for (size_t i = 0; i < sizeof(rows->sum) / sizeof(__u64); i++)
		CHECK_EQ(((__u64 *)&snapshot->services[3].sum)[i], 111 + 2 * i);
	snapshot_free(snapshot);
}

static void test_devices(void)
{
	struct snapshot *snapshot = snapshot_new();

	snapshot->devices = calloc(3, sizeof(*snapshot->devices));
	snapshot->devices[0] = device("pbx", "es-770-it", 10);
	snapshot->devices[1] = device("", "", 1);
	snapshot->devices[2] = device("pbx", "es-770-it", 20);
	snapshot->device_count = 3;
	snapshot_normalise(snapshot);
	CHECK_EQ(snapshot->device_count, 2);
	CHECK_EQ(snapshot->devices[1].sum.drops[0], 30);
	CHECK_EQ(snapshot_drops(snapshot, 0), 31);
	CHECK_EQ(snapshot_drops(snapshot, 2), 31 + 2 * 3);
	CHECK(!device_is_zero(&snapshot->devices[0].sum));
	snapshot_free(snapshot);
}

/* A row that is new counts whole, one that began anew too, one that went is not in the result. */
static void test_since(void)
{
	struct service_count then[] = {service("a", "rtp", 46, 50), service("b", "gone", 46, 9),
				       service("c", "anew", 46, 1000)};
	struct service_count later[] = {service("a", "rtp", 46, 80), service("aa", "new", 46, 4),
					service("c", "anew", 46, 3)};
	struct snapshot *before = with_services(then, 3), *now = with_services(later, 3);
	struct snapshot *since = snapshot_since(now, before);

	if (!CHECK(since))
		return;
	CHECK_EQ(since->service_count, 3);
	CHECK_EQ(since->services[0].sum.packets[0][0], 30);
	CHECK_EQ(since->services[0].sum.bleached, 30);
	CHECK_EQ(since->services[1].sum.packets[0][0], 4);
	CHECK_EQ(since->services[2].sum.packets[0][0], 3);
	CHECK_EQ(now->services[0].sum.packets[0][0], 80); /* its own copy */
	snapshot_free(before);
	snapshot_free(now);
	snapshot_free(since);
}

static void test_histogram(void)
{
	struct histogram histogram = {};

	histogram_observe(&histogram, &jitter_bounds, 0);
	histogram_observe(&histogram, &jitter_bounds, 0.001); /* "le": its bound is inside */
	histogram_observe(&histogram, &jitter_bounds, 0.00101);
	histogram_observe(&histogram, &jitter_bounds, 5);
	CHECK_EQ(histogram.buckets[0], 2);
	CHECK_EQ(histogram.buckets[1], 1);
	CHECK_EQ(histogram.buckets[jitter_bounds.count], 1);
	for (size_t i = 1; i < jitter_bounds.count; i++)
		CHECK(jitter_bounds.bound[i] > jitter_bounds.bound[i - 1]);
	for (size_t i = 1; i < mos_bounds.count; i++)
		CHECK(mos_bounds.bound[i] > mos_bounds.bound[i - 1]);
	CHECK(jitter_bounds.count <= HISTOGRAM_BOUNDS && mos_bounds.count <= HISTOGRAM_BOUNDS);
}

static void test_labels(void)
{
	CHECK_STR(dscp_label(46), "ef");
	CHECK_STR(dscp_label(0), "cs0");
	CHECK_STR(dscp_label(13), "13");
	CHECK_STR(dscp_label(AGFEO_KEEP), "keep");
	CHECK(dscp_label(40) == dscp_label(40)); /* static: series borrow it */
}

int main(void)
{
	test_normalise();
	test_devices();
	test_since();
	test_histogram();
	test_labels();
	return check_done();
}
