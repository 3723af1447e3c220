/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The metrics of INTERFACE in Prometheus' text format: HELP and TYPE once a family, base units, no
 * timestamps (node_exporter refuses a file that has them), a newline at the end. No series appears
 * twice, whatever the ids behind it: each family is sorted by its labels and summed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "report/json.h"
#include "report/render.h"

#define MAX_LABELS 5

struct series {
	const char *label[MAX_LABELS]; /* borrowed from the snapshot, or static */
	uint64_t value;
};

struct family {
	const char *name;
	const char *type;
	const char *help;
	const char *labels[MAX_LABELS + 1]; /* NULL-terminated */
	struct series *rows;
	size_t count, room;
	bool failed;
};

static void family_release(struct family *family)
{
	free(family->rows);
}

#define _family_ _cleanup_(family_release) struct family

static void add(struct family *family, struct series series)
{
	if (family->failed)
		return;
	if (family->count == family->room) {
		size_t room = family->room ? 2 * family->room : 64;
		struct series *rows = realloc(family->rows, room * sizeof(*rows));

		if (!rows) {
			family->failed = true;
			return;
		}
		family->rows = rows;
		family->room = room;
	}
	family->rows[family->count++] = series;
}

static int compare(const void *left, const void *right)
{
	const struct series *a = left, *b = right;
	int order = 0;

	for (size_t i = 0; i < MAX_LABELS && a->label[i] && !order; i++)
		if (a->label[i] != b->label[i])
			order = strcmp(a->label[i], b->label[i]);
	return order;
}

static void sum_up(struct family *family)
{
	size_t kept = 0;

	if (!family->count)
		return;
	qsort(family->rows, family->count, sizeof(*family->rows), compare);
	for (size_t i = 0; i < family->count; i++) {
		if (kept && !compare(&family->rows[kept - 1], &family->rows[i]))
			family->rows[kept - 1].value += family->rows[i].value;
		else
			family->rows[kept++] = family->rows[i];
	}
	family->count = kept;
}

/* Prometheus refuses a whole file for one byte that is no UTF-8. */
static void put_label_value(FILE *out, const char *text)
{
	while (*text) {
		size_t size = utf8_character(text);

		if (*text == '\\' || *text == '"')
			fprintf(out, "\\%c", *text);
		else if (*text == '\n')
			fputs("\\n", out);
		else if (size)
			fwrite(text, 1, size, out);
		else
			fputs("\xef\xbf\xbd", out);
		text += size ? size : 1;
	}
}

static void put_label(FILE *out, const char *before, const char *name, const char *value)
{
	fprintf(out, "%s%s=\"", before, name);
	put_label_value(out, value);
	fputc('"', out);
}

static void put_head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static int put_family(FILE *out, struct family *family)
{
	if (family->failed)
		return -ENOMEM;
	sum_up(family);
	put_head(out, family->name, family->type, family->help);
	for (size_t i = 0; i < family->count; i++) {
		const struct series *row = &family->rows[i];

		fputs(family->name, out);
		for (size_t at = 0; family->labels[at]; at++)
			put_label(out, at ? "," : "{", family->labels[at], row->label[at]);
		fprintf(out, "%s %llu\n", family->labels[0] ? "}" : "",
			(unsigned long long)row->value);
	}
	return 0;
}

/* ------------------------------------------------------------------ services */

static int put_traffic(FILE *out, const struct snapshot *snapshot)
{
	_family_ packets = {
		.name = "agfeo_packets_total",
		.type = "counter",
		.help = "Packets of listed devices; in: to the device, out: from it. In monitor "
			"mode "
			"drop means: would have been dropped.",
		.labels = {"device", "model", "service", "direction", "verdict"},
	};
	_family_ bytes = {
		.name = "agfeo_bytes_total",
		.type = "counter",
		.help = "Bytes of the IP packets that agfeo_packets_total counts.",
		.labels = {"device", "model", "service", "direction", "verdict"},
	};
	int err;

	for (size_t i = 0; i < snapshot->service_count; i++) {
		const struct service_count *row = &snapshot->services[i];

		for (int cell = 0; cell < AGFEO_DIRECTION_COUNT * AGFEO_VERDICT_COUNT; cell++) {
			int direction = cell / AGFEO_VERDICT_COUNT;
			int verdict = cell % AGFEO_VERDICT_COUNT;
			struct series series = {
				.label = {row->device, row->model, row->service,
					  direction_label(direction), verdict_label(verdict)},
				.value = row->sum.packets[verdict][direction],
			};

			add(&packets, series);
			series.value = row->sum.bytes[verdict][direction];
			add(&bytes, series);
		}
	}
	err = put_family(out, &packets);
	return err ? err : put_family(out, &bytes);
}

static int put_remarked(FILE *out, const struct snapshot *snapshot)
{
	_family_ remarked = {
		.name = "agfeo_remarked_packets_total",
		.type = "counter",
		.help = "Packets whose DSCP was changed, by what it was changed to.",
		.labels = {"device", "service", "dscp"},
	};

	for (size_t i = 0; i < snapshot->service_count; i++) {
		const struct service_count *row = &snapshot->services[i];

		if (row->dscp < 64)
			add(&remarked,
			    (struct series){
				    .label = {row->device, row->service, dscp_label(row->dscp)},
				    .value = row->sum.remarked,
			    });
		if (row->sum.bleached)
			add(&remarked, (struct series){
					       .label = {row->device, row->service, dscp_label(0)},
					       .value = row->sum.bleached,
				       });
	}
	return put_family(out, &remarked);
}

/* ------------------------------------------------------------------ devices */

/* Each reason that a device met; of packets without a device every reason, so that rates work. */
static int put_drops(FILE *out, const struct snapshot *snapshot)
{
	_family_ drops = {
		.name = "agfeo_drops_total",
		.type = "counter",
		.help = "Packets refused, by reason; device=\"\" is no listed device.",
		.labels = {"device", "reason"},
	};

	for (int at = 0; at < AGFEO_DROP_REASON_COUNT; at++) {
		const char *reason = reason_label(AGFEO_FIRST_DROP_REASON + at);

		add(&drops, (struct series){.label = {"", reason}});
		for (size_t i = 0; i < snapshot->device_count; i++)
			if (snapshot->devices[i].sum.drops[at])
				add(&drops, (struct series){
						    .label = {snapshot->devices[i].device, reason},
						    .value = snapshot->devices[i].sum.drops[at],
					    });
	}
	return put_family(out, &drops);
}

/* One of the per-direction counters of RTP, found by its offset in struct agfeo_device_counter. */
static int put_rtp(FILE *out, const struct snapshot *snapshot, const char *name, const char *help,
		   size_t offset)
{
	_family_ family = {
		.name = name, .type = "counter", .help = help, .labels = {"device", "direction"}};

	for (size_t i = 0; i < snapshot->device_count; i++) {
		const struct device_count *row = &snapshot->devices[i];
		const __u64 *counts = (const __u64 *)((const char *)&row->sum + offset);

		for (int direction = AGFEO_IN; direction < AGFEO_DIRECTION_COUNT; direction++)
			if (row->sum.rtp_packets[direction])
				add(&family,
				    (struct series){
					    .label = {row->device, direction_label(direction)},
					    .value = counts[direction],
				    });
	}
	return put_family(out, &family);
}

static int put_all_rtp(FILE *out, const struct snapshot *snapshot)
{
	static const struct {
		const char *name;
		const char *help;
		size_t offset;
	} families[] = {
		{"agfeo_rtp_packets_total", "RTP packets that arrived.",
		 offsetof(struct agfeo_device_counter, rtp_packets)},
		{"agfeo_rtp_lost_packets_total",
		 "RTP packets that were expected by sequence number and did not arrive.",
		 offsetof(struct agfeo_device_counter, rtp_lost)},
		{"agfeo_rtp_duplicate_packets_total", "RTP packets that arrived once more.",
		 offsetof(struct agfeo_device_counter, rtp_duplicates)},
		{"agfeo_rtp_reordered_packets_total", "RTP packets that arrived after a later one.",
		 offsetof(struct agfeo_device_counter, rtp_reordered)},
	};
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(families) && !err; i++)
		err = put_rtp(out, snapshot, families[i].name, families[i].help,
			      families[i].offset);
	return err;
}

static void add_voice(struct family *family, const char *device, const char *direction,
		      const char *stage, const __u64 *kinds)
{
	static const char *const names[AGFEO_DSCP_KINDS] = {
		[AGFEO_DSCP_EF] = "ef", [AGFEO_DSCP_CS0] = "cs0", [AGFEO_DSCP_OTHER] = "other"};

	for (int kind = 0; kind < AGFEO_DSCP_KINDS; kind++)
		add(family, (struct series){.label = {device, direction, stage, names[kind]},
					    .value = kinds[kind]});
}

static int put_voice(FILE *out, const struct snapshot *snapshot)
{
	_family_ voice = {
		.name = "agfeo_voice_packets_total",
		.type = "counter",
		.help = "Voice packets by their DSCP as they arrived and as they left; "
			"in: to the device, out: from it.",
		.labels = {"device", "direction", "stage", "dscp"},
	};

	for (size_t i = 0; i < snapshot->device_count; i++) {
		const struct device_count *row = &snapshot->devices[i];

		for (int direction = AGFEO_IN; direction < AGFEO_DIRECTION_COUNT; direction++) {
			const __u64 *arrived = row->sum.arrived[direction];
			const __u64 *left = row->sum.left[direction];
			const char *label = direction_label(direction);
			__u64 any = 0;

			for (int kind = 0; kind < AGFEO_DSCP_KINDS; kind++)
				any |= arrived[kind] | left[kind];
			if (!any)
				continue;
			add_voice(&voice, row->device, label, "arrived", arrived);
			add_voice(&voice, row->device, label, "left", left);
		}
	}
	return put_family(out, &voice);
}

/* ------------------------------------------------------------------ histograms */

static void put_histogram(FILE *out, const char *name, const struct quality_count *row,
			  const struct histogram *histogram, const struct histogram_bounds *bounds)
{
	const char *direction = direction_label(row->direction);
	uint64_t sum = 0;

	for (size_t i = 0; i <= bounds->count; i++) {
		char bound[32] = "+Inf";

		sum += histogram->buckets[i];
		if (i < bounds->count)
			snprintf(bound, sizeof(bound), "%g", bounds->bound[i]);
		fprintf(out, "%s_bucket", name);
		put_label(out, "{", "device", row->device);
		put_label(out, ",", "direction", direction);
		put_label(out, ",", "le", bound);
		fprintf(out, "} %llu\n", (unsigned long long)sum);
	}
	fprintf(out, "%s_sum", name);
	put_label(out, "{", "device", row->device);
	put_label(out, ",", "direction", direction);
	fprintf(out, "} %.9g\n%s_count", histogram->sum, name);
	put_label(out, "{", "device", row->device);
	put_label(out, ",", "direction", direction);
	fprintf(out, "} %llu\n", (unsigned long long)sum);
}

static void put_quality(FILE *out, const struct snapshot *snapshot)
{
	if (!snapshot->quality_count)
		return;
	put_head(out, "agfeo_rtp_jitter_seconds", "histogram",
		 "Interarrival jitter (RFC 3550), one observation a stream and interval.");
	for (size_t i = 0; i < snapshot->quality_count; i++)
		put_histogram(out, "agfeo_rtp_jitter_seconds", &snapshot->quality[i],
			      &snapshot->quality[i].jitter, &jitter_bounds);
	put_head(out, "agfeo_rtp_mos", "histogram",
		 "Estimated MOS (ITU-T G.107), one observation a stream and interval.");
	for (size_t i = 0; i < snapshot->quality_count; i++)
		put_histogram(out, "agfeo_rtp_mos", &snapshot->quality[i],
			      &snapshot->quality[i].mos, &mos_bounds);
}

/* ------------------------------------------------------------------ the box */

static int put_flows(FILE *out, const struct snapshot *snapshot)
{
	_family_ flows = {
		.name = "agfeo_flows",
		.type = "gauge",
		.help = "Live flows by class.",
		.labels = {"class"},
	};

	for (int class = 0; class < AGFEO_CLASS_COUNT; class ++)
		add(&flows, (struct series){.label = {class_label(class)},
					    .value = snapshot->flows[class]});
	return put_family(out, &flows);
}

static int put_interfaces(FILE *out, const struct snapshot *snapshot)
{
	_family_ interfaces = {
		.name = "agfeo_interface_info",
		.type = "gauge",
		.help = "Guarded interfaces; xdp is native, generic or none. 1: it is there.",
		.labels = {"interface", "role", "xdp"},
	};

	for (size_t i = 0; i < snapshot->interface_count; i++) {
		const struct interface_state *row = &snapshot->interfaces[i];

		add(&interfaces, (struct series){
					 .label = {row->name, role_label(row->role), row->xdp},
					 .value = row->present,
				 });
	}
	return put_family(out, &interfaces);
}

static void put_number(FILE *out, const char *name, const char *help, uint64_t value)
{
	put_head(out, name, "gauge", help);
	fprintf(out, "%s %llu\n", name, (unsigned long long)value);
}

static void put_box(FILE *out, const struct snapshot *snapshot)
{
	uint64_t loaded = snapshot->meta.loaded_ns;

	put_number(out, "agfeo_flow_table_entries",
		   "Entries in the flow tables; expired flows count until they are swept.",
		   snapshot->flow_entries);
	put_number(out, "agfeo_flow_table_capacity", "Entries that the flow tables can hold.",
		   snapshot->flow_capacity);
	put_number(out, "agfeo_calls_one_way",
		   "Voice flows whose one direction is silent while the other talks.",
		   snapshot->one_way);
	put_number(out, "agfeo_config_generation", "Loads since the first; the policy that rules.",
		   snapshot->control.generation);
	put_head(out, "agfeo_config_loaded_timestamp_seconds", "gauge",
		 "When the configuration was loaded.");
	fprintf(out, "agfeo_config_loaded_timestamp_seconds %llu.%03llu\n",
		(unsigned long long)(loaded / 1000000000),
		(unsigned long long)(loaded / 1000000 % 1000));
	put_head(out, "agfeo_build_info", "gauge", "Version whose programs are loaded.");
	fputs("agfeo_build_info", out);
	put_label(out, "{", "version", snapshot->meta.version);
	fputs("} 1\n", out);
}

int render_prometheus(FILE *out, const struct snapshot *snapshot)
{
	static int (*const families[])(FILE *, const struct snapshot *) = {
		put_traffic, put_drops, put_remarked,	put_voice,
		put_all_rtp, put_flows, put_interfaces,
	};

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		int err = families[i](out, snapshot);

		if (err)
			return err;
	}
	put_quality(out, snapshot);
	put_box(out, snapshot);
	return 0;
}
