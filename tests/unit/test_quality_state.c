/* SPDX-License-Identifier: GPL-2.0 */
/* The histograms that outlive the daemon. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "lib/check.h"
#include "report/quality_state.h"

static char *render(const struct quality_table *table)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CHECK_EQ(quality_state_render(out, table), 0);
	fclose(out);
	return text;
}

static void observe(struct quality_table *table, const char *device, enum agfeo_direction direction,
		    double jitter, double mos)
{
	struct quality_count *row = quality_row(table, device, direction);

	if (!CHECK(row != NULL))
		return;
	histogram_observe(&row->jitter, &jitter_bounds, jitter);
	histogram_observe(&row->mos, &mos_bounds, mos);
}

static void test_buckets(void)
{
	_cleanup_(quality_table_release) struct quality_table table = {0};
	const struct quality_count *row;

	observe(&table, "pbx", AGFEO_OUT, 0.001, 4.409);
	observe(&table, "pbx", AGFEO_OUT, 0.0011, 4.4);
	observe(&table, "pbx", AGFEO_OUT, 0.2, 1);
	observe(&table, "pbx", AGFEO_OUT, 0.21, 4.33);
	row = quality_row(&table, "pbx", AGFEO_OUT);
	CHECK_EQ(table.count, 1);
	CHECK_EQ(jitter_bounds.count, 9);
	CHECK_EQ(mos_bounds.count, 9);
	CHECK_EQ(row->jitter.buckets[0], 1); /* a bound is of its bucket */
	CHECK_EQ(row->jitter.buckets[1], 1);
	CHECK_EQ(row->jitter.buckets[8], 1);
	CHECK_EQ(row->jitter.buckets[9], 1); /* +Inf */
	CHECK_EQ(row->mos.buckets[0], 1);
	CHECK_EQ(row->mos.buckets[8], 2);
	CHECK_EQ(row->mos.buckets[9], 1); /* not one packet was lost */
	CHECK(row->mos.sum > 14.138 && row->mos.sum < 14.140);
}

static void test_round_trip(void)
{
	_cleanup_(quality_table_release) struct quality_table table = {0}, back = {0};
	_cleanup_(freep) char *text = NULL, *again = NULL;

	observe(&table, "pbx", AGFEO_OUT, 0.0123, 4.1);
	observe(&table, "pbx", AGFEO_IN, 0.3, 2.2);
	observe(&table, "a \"quoted\" \\ name, ä", AGFEO_IN, 0.004, 3.3);
	for (int i = 0; i < 1000; i++)
		observe(&table, "pbx", AGFEO_OUT, 0.0000001 * i, 4.409);
	text = render(&table);
	CHECK_EQ(quality_state_parse(text, &back), 0);
	CHECK_EQ(back.count, 3);
	again = render(&back);
	CHECK_STR(again, text);
	CHECK_EQ(quality_row(&back, "pbx", AGFEO_OUT)->jitter.buckets[0], 1000);
	CHECK_EQ(back.count, 3); /* it was there */
	CHECK_STR(back.rows[0].device, "a \"quoted\" \\ name, ä");
	CHECK_STR(back.rows[1].device, "pbx");
	CHECK_EQ(back.rows[1].direction, AGFEO_IN);
}

static void test_empty(void)
{
	_cleanup_(quality_table_release) struct quality_table table = {0}, back = {0};
	_cleanup_(freep) char *text = render(&table);

	CHECK_EQ(quality_state_parse(text, &back), 0);
	CHECK_EQ(back.count, 0);
	CHECK(!quality_row(&table, "", AGFEO_IN));
	CHECK(!quality_row(&table,
			   "a name that is longer than any device of a configuration can be",
			   AGFEO_IN));
}

#define HISTOGRAM(bounds, buckets) "{\"bounds\":" bounds ",\"buckets\":" buckets ",\"sum\":1.5}"
#define ROW(jitter)                                                                                \
	"{\"quality\":[{\"device\":\"pbx\",\"direction\":\"out\",\"jitter\":" jitter               \
	",\"mos\":" HISTOGRAM("[1]", "[1,2]") "}]}"
#define BOUNDS "[0.001,0.002,0.005,0.01,0.02,0.03,0.05,0.1,0.2]"

static void test_foreign(void)
{
	static const struct {
		const char *what, *text;
		int err;
		unsigned counted;
	} rows[] = {
		{"nothing", "", -EINVAL, 0},
		{"cut off", "{\"quality\":[{\"device\":\"pbx\",", -EINVAL, 0},
		{"another document", "{\"pid\":1}", -EINVAL, 0},
		{"a number", "12", -EINVAL, 0},
		{"no histogram", "{\"quality\":[{\"device\":\"pbx\",\"direction\":\"out\"}]}",
		 -EINVAL, 0},
		{"ours", ROW(HISTOGRAM(BOUNDS, "[7,0,0,0,0,0,0,0,0,0]")), 0, 7},
		{"too few buckets", ROW(HISTOGRAM(BOUNDS, "[7,0]")), -EINVAL, 0},
		{"a negative count", ROW(HISTOGRAM(BOUNDS, "[-7,0,0,0,0,0,0,0,0,0]")), -EINVAL, 0},
		{"a count that is text", ROW(HISTOGRAM(BOUNDS, "[\"7\",0,0,0,0,0,0,0,0,0]")),
		 -EINVAL, 0},
		{"other bounds begin anew", ROW(HISTOGRAM("[0.001,0.002]", "[7,0,0]")), 0, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(quality_table_release) struct quality_table table = {0};

		CHECK_ROW(rows[i].what);
		CHECK_EQ(quality_state_parse(rows[i].text, &table), rows[i].err);
		CHECK_EQ(table.count ? table.rows[0].jitter.buckets[0] : 0, rows[i].counted);
		if (rows[i].err)
			CHECK_EQ(table.count, 0);
	}
	CHECK_ROW(NULL);
}

static bool is_phone(const char *device, const void *context)
{
	CHECK_STR(context, "context");
	return !strncmp(device, "phone", 5);
}

static void test_prune(void)
{
	_cleanup_(quality_table_release) struct quality_table table = {0};

	for (int i = 40; i-- > 0;) {
		char name[16];

		snprintf(name, sizeof(name), "%s%02d", i % 2 ? "phone" : "pbx", i);
		observe(&table, name, AGFEO_IN, 0.1, 4);
	}
	CHECK_EQ(table.count, 40);
	quality_prune(&table, is_phone, "context");
	CHECK_EQ(table.count, 20);
	for (size_t i = 1; i < table.count; i++)
		CHECK(strcmp(table.rows[i - 1].device, table.rows[i].device) < 0);
}

int main(void)
{
	test_buckets();
	test_round_trip();
	test_empty();
	test_foreign();
	test_prune();
	return check_done();
}
