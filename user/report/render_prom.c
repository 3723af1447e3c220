/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The metrics of INTERFACE in Prometheus' text format: HELP and TYPE once a family, base units, no
 * timestamps (node_exporter refuses a file that has them), a newline at the end. No series appears
 * twice, whatever the ids behind it: each family is sorted by its labels and summed.
 */
#include "base/cleanup.h"
#include "base/names.h"
#include "report/daemon_state.h"
#include "report/render.h"
#include "report/series.h"

/* ------------------------------------------------------------------ services */

static int put_traffic(FILE *out, const struct snapshot *snapshot)
{
	_family_ packets = {
		.name = "agfeo_packets_total",
		.type = "counter",
		.help = "Packets of listed devices; in: to the device, out: from it. In monitor "
			"mode drop means: would have been dropped.",
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
			int verdict = cell % AGFEO_VERDICT_COUNT ? AGFEO_PASS : AGFEO_DROP;
			struct series series = {
				.label = {row->device, row->model, row->service,
					  direction_label(direction), verdict_label(verdict)},
				.value = row->sum.packets[verdict][direction],
			};

			family_add(&packets, series);
			series.value = row->sum.bytes[verdict][direction];
			family_add(&bytes, series);
		}
	}
	err = family_put(out, &packets);
	return err ? err : family_put(out, &bytes);
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
			family_add(&remarked, (struct series){
						      .label = {row->device, row->service,
								dscp_label(row->dscp)},
						      .value = row->sum.remarked,
					      });
		if (row->sum.bleached)
			family_add(&remarked,
				   (struct series){
					   .label = {row->device, row->service, dscp_label(0)},
					   .value = row->sum.bleached,
				   });
	}
	return family_put(out, &remarked);
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

		family_add(&drops, (struct series){.label = {"", reason}});
		for (size_t i = 0; i < snapshot->device_count; i++)
			if (snapshot->devices[i].sum.drops[at])
				family_add(&drops,
					   (struct series){
						   .label = {snapshot->devices[i].device, reason},
						   .value = snapshot->devices[i].sum.drops[at],
					   });
	}
	return family_put(out, &drops);
}

/* One of the per-direction counters of RTP, found by its offset in struct device_sum. */
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
				family_add(&family, (struct series){
							    .label = {row->device,
								      direction_label(direction)},
							    .value = counts[direction],
						    });
	}
	return family_put(out, &family);
}

static int put_all_rtp(FILE *out, const struct snapshot *snapshot)
{
	static const struct {
		const char *name;
		const char *help;
		size_t offset;
	} families[] = {
		{"agfeo_rtp_packets_total", "RTP packets that arrived.",
		 offsetof(struct device_sum, rtp_packets)},
		{"agfeo_rtp_lost_packets_total",
		 "RTP packets that were expected by sequence number and did not arrive.",
		 offsetof(struct device_sum, rtp_lost)},
		{"agfeo_rtp_duplicate_packets_total", "RTP packets that arrived once more.",
		 offsetof(struct device_sum, rtp_duplicates)},
		{"agfeo_rtp_reordered_packets_total", "RTP packets that arrived after a later one.",
		 offsetof(struct device_sum, rtp_reordered)},
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
		family_add(family, (struct series){.label = {device, direction, stage, names[kind]},
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
	return family_put(out, &voice);
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
		prom_put_label(out, "{", "device", row->device);
		prom_put_label(out, ",", "direction", direction);
		prom_put_label(out, ",", "le", bound);
		fprintf(out, "} %llu\n", (unsigned long long)sum);
	}
	fprintf(out, "%s_sum", name);
	prom_put_label(out, "{", "device", row->device);
	prom_put_label(out, ",", "direction", direction);
	fprintf(out, "} %.9g\n%s_count", histogram->sum, name);
	prom_put_label(out, "{", "device", row->device);
	prom_put_label(out, ",", "direction", direction);
	fprintf(out, "} %llu\n", (unsigned long long)sum);
}

static void put_quality(FILE *out, const struct snapshot *snapshot)
{
	if (!snapshot->quality_count)
		return;
	prom_put_head(out, "agfeo_rtp_jitter_seconds", "histogram",
		      "Interarrival jitter (RFC 3550), one observation a stream and interval.");
	for (size_t i = 0; i < snapshot->quality_count; i++)
		put_histogram(out, "agfeo_rtp_jitter_seconds", &snapshot->quality[i],
			      &snapshot->quality[i].jitter, &jitter_bounds);
	prom_put_head(out, "agfeo_rtp_mos", "histogram",
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
		family_add(&flows, (struct series){.label = {class_label(class)},
						   .value = snapshot->flows[class]});
	return family_put(out, &flows);
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

		family_add(&interfaces,
			   (struct series){
				   .label = {row->name, role_label(row->role), row->xdp},
				   .value = row->present,
			   });
	}
	return family_put(out, &interfaces);
}

static void put_number(FILE *out, const char *name, const char *help, uint64_t value)
{
	prom_put_head(out, name, "gauge", help);
	fprintf(out, "%s %llu\n", name, (unsigned long long)value);
}

/* One full table is a sixth of all: their sum would hide it. */
static void put_fill(FILE *out, const struct snapshot *snapshot)
{
	prom_put_head(out, "agfeo_flow_table_used_ratio", "gauge",
		      "Fill of each flow table; a full one forgets its oldest flows for new ones.");
	for (size_t i = 0; i < FLOW_TABLES; i++) {
		const struct table_fill *table = &snapshot->flow_tables[i];

		if (!table->capacity)
			continue;
		fputs("agfeo_flow_table_used_ratio", out);
		prom_put_label(out, "{", "table", table->name);
		fprintf(out, "} %.6g\n", (double)table->entries / (double)table->capacity);
	}
}

/* A reload that failed is known to the daemon alone: without one the series is not there. */
static void put_daemon(FILE *out, const struct snapshot *snapshot)
{
	put_number(out, "agfeo_daemon_up",
		   "1 while 'agfeoctl run' runs; as of the time that this file was written.",
		   snapshot->daemon != NULL);
	if (snapshot->daemon)
		put_number(out, "agfeo_config_last_reload_successful",
			   "0 after a reload that failed: the policy of before goes on.",
			   !*snapshot->daemon->reload_error);
}

static void put_box(FILE *out, const struct snapshot *snapshot)
{
	uint64_t loaded = snapshot->meta.loaded_ns;

	put_number(out, "agfeo_flow_table_entries",
		   "Entries in the flow tables; expired flows count until they are swept.",
		   snapshot->flow_entries);
	put_number(out, "agfeo_flow_table_capacity", "Entries that the flow tables can hold.",
		   snapshot->flow_capacity);
	put_fill(out, snapshot);
	put_number(out, "agfeo_calls_one_way",
		   "Voice flows whose one direction is silent while the other talks.",
		   snapshot->one_way);
	put_number(out, "agfeo_config_generation", "Loads since the first; the policy that rules.",
		   snapshot->control.generation);
	put_number(out, "agfeo_config_enforcing",
		   "0 in monitor mode: nothing is dropped or re-marked.", !snapshot->monitor);
	prom_put_head(out, "agfeo_config_loaded_timestamp_seconds", "gauge",
		      "When the configuration was loaded.");
	fprintf(out, "agfeo_config_loaded_timestamp_seconds %llu.%03llu\n",
		(unsigned long long)(loaded / 1000000000),
		(unsigned long long)(loaded / 1000000 % 1000));
	prom_put_head(out, "agfeo_build_info", "gauge", "Version whose programs are loaded.");
	fputs("agfeo_build_info", out);
	prom_put_label(out, "{", "version", snapshot->meta.version);
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
	put_daemon(out, snapshot);
	return 0;
}
