/* SPDX-License-Identifier: GPL-2.0 */
/* Counters as JSON; the document is described in render.h. */
#include <string.h>

#include "base/names.h"
#include "report/json.h"
#include "report/render.h"

/* Where the rates of a row come from; both are NULL and 0 without --watch. */
struct pace {
	const struct snapshot *rates; /* differences, row by row as in the totals */
	double seconds;
};

static void put_amount(struct json *json, const char *name, const struct service_count *row,
		       const struct service_count *rate, double seconds, enum agfeo_verdict verdict,
		       enum agfeo_direction direction)
{
	json_open(json, name);
	json_number(json, "packets", row->sum.packets[verdict][direction]);
	json_number(json, "bytes", row->sum.bytes[verdict][direction]);
	if (rate) {
		json_real(json, "packets_per_s",
			  (double)rate->sum.packets[verdict][direction] / seconds, 1);
		json_real(json, "bytes_per_s",
			  (double)rate->sum.bytes[verdict][direction] / seconds, 1);
	}
	json_close(json);
}

static void put_service(struct json *json, const struct service_count *row,
			const struct service_count *rate, double seconds)
{
	json_open(json, NULL);
	json_string(json, "service", row->service);
	json_string(json, "class", row->class < AGFEO_CLASS_COUNT ? class_label(row->class) : NULL);
	for (int direction = AGFEO_IN; direction < AGFEO_DIRECTION_COUNT; direction++) {
		json_open(json, direction_label(direction));
		put_amount(json, "pass", row, rate, seconds, AGFEO_PASS, direction);
		put_amount(json, "drop", row, rate, seconds, AGFEO_DROP, direction);
		json_close(json);
	}
	json_number(json, "remarked", row->sum.remarked);
	json_dscp(json, "dscp", row->dscp);
	json_number(json, "bleached", row->sum.bleached);
	json_close(json);
}

static void put_dscp_kinds(struct json *json, const char *name, const __u64 *kinds)
{
	json_open(json, name);
	json_number(json, "ef", kinds[AGFEO_DSCP_EF]);
	json_number(json, "cs0", kinds[AGFEO_DSCP_CS0]);
	json_number(json, "other", kinds[AGFEO_DSCP_OTHER]);
	json_close(json);
}

static void put_voice(struct json *json, const struct device_sum *sum)
{
	json_open(json, "voice");
	for (int direction = AGFEO_IN; direction < AGFEO_DIRECTION_COUNT; direction++) {
		json_open(json, direction_label(direction));
		put_dscp_kinds(json, "arrived", sum->arrived[direction]);
		put_dscp_kinds(json, "left", sum->left[direction]);
		json_open(json, "rtp");
		json_number(json, "packets", sum->rtp_packets[direction]);
		json_number(json, "lost", sum->rtp_lost[direction]);
		json_number(json, "duplicates", sum->rtp_duplicates[direction]);
		json_number(json, "reordered", sum->rtp_reordered[direction]);
		json_close(json);
		json_close(json);
	}
	json_close(json);
}

static void put_device_counts(struct json *json, const struct device_count *row)
{
	static const struct device_sum none;
	const struct device_sum *sum = row ? &row->sum : &none;
	struct device_sum voice = *sum;

	json_open(json, "drops");
	for (int at = 0; at < AGFEO_DROP_REASON_COUNT; at++)
		if (sum->drops[at])
			json_number(json, reason_label(AGFEO_FIRST_DROP_REASON + at),
				    sum->drops[at]);
	json_close(json);

	memset(voice.drops, 0, sizeof(voice.drops));
	if (device_is_zero(&voice))
		json_null(json, "voice");
	else
		put_voice(json, sum);
}

static int compare(const char *device, const char *model, const char *other_device,
		   const char *other_model)
{
	int order = strcmp(device, other_device);

	return order ? order : strcmp(model, other_model);
}

/*
 * Services and devices are sorted alike, so that one walk joins them. A device may have either
 * alone: packets refused before a service was known, or services whose drops are none.
 */
static void put_devices(struct json *json, const struct snapshot *snapshot, struct pace pace)
{
	const struct service_count *service = snapshot->services;
	const struct service_count *services_end =
		service ? service + snapshot->service_count : NULL;
	const struct device_count *device = snapshot->devices;
	const struct device_count *devices_end = device ? device + snapshot->device_count : NULL;
	const struct service_count *rates = pace.rates ? pace.rates->services : NULL;

	json_array(json, "devices");
	while (service < services_end || device < devices_end) {
		int order = service == services_end ? 1
			    : device == devices_end ? -1
						    : compare(service->device, service->model,
							      device->device, device->model);
		const struct device_count *counts = order >= 0 ? device++ : NULL;
		const char *name = counts ? counts->device : service->device;
		const char *model = counts ? counts->model : service->model;

		json_open(json, NULL);
		json_string(json, "device", name);
		json_string(json, "model", *model ? model : NULL);
		json_array(json, "services");
		for (; service < services_end &&
		       !compare(service->device, service->model, name, model);
		     service++)
			put_service(json, service,
				    rates ? rates + (service - snapshot->services) : NULL,
				    pace.seconds);
		json_array_end(json);
		put_device_counts(json, counts);
		json_close(json);
	}
	json_array_end(json);
}

static void put_totals(struct json *json, const struct snapshot *snapshot, struct pace pace)
{
	json_open(json, "drops");
	for (int at = 0; at < AGFEO_DROP_REASON_COUNT; at++)
		json_number(json, reason_label(AGFEO_FIRST_DROP_REASON + at),
			    snapshot_drops(snapshot, at));
	json_close(json);
	if (pace.rates) {
		json_open(json, "drops_per_s");
		for (int at = 0; at < AGFEO_DROP_REASON_COUNT; at++)
			json_real(json, reason_label(AGFEO_FIRST_DROP_REASON + at),
				  (double)snapshot_drops(pace.rates, at) / pace.seconds, 1);
		json_close(json);
	}
	json_open(json, "flows");
	for (int class = 0; class < AGFEO_CLASS_COUNT; class ++)
		json_number(json, class_label(class), snapshot->flows[class]);
	json_close(json);
}

int render_stats_json(FILE *out, const struct snapshot *snapshot, const struct snapshot *rates,
		      double seconds)
{
	struct pace pace = {.rates = seconds > 0 ? rates : NULL, .seconds = seconds};
	struct json json = {.out = out};

	json_open(&json, NULL);
	json_number(&json, "generation", snapshot->control.generation);
	json_time(&json, "time", snapshot->time_ns);
	if (pace.rates)
		json_real(&json, "interval_s", seconds, 3);
	json_time(&json, "loaded", snapshot->meta.loaded_ns);
	json_time(&json, "first_loaded", snapshot->meta.first_loaded_ns);
	json_string(&json, "mode", snapshot->monitor ? "monitor" : "enforce");
	json_string(&json, "config", snapshot->meta.config);
	json_string(&json, "version", snapshot->meta.version);
	put_devices(&json, snapshot, pace);
	put_totals(&json, snapshot, pace);
	json_close(&json);
	json_end(&json);
	return 0;
}

int render_drops_json(FILE *out, const struct snapshot *snapshot)
{
	struct json json = {.out = out};

	json_open(&json, NULL);
	json_array(&json, "drops");
	for (size_t i = 0; i < snapshot->device_count; i++) {
		const struct device_count *row = &snapshot->devices[i];

		for (int at = 0; at < AGFEO_DROP_REASON_COUNT; at++) {
			if (!row->sum.drops[at])
				continue;
			json_open(&json, NULL);
			json_string(&json, "device", *row->device ? row->device : NULL);
			json_string(&json, "model", *row->model ? row->model : NULL);
			json_string(&json, "reason", reason_label(AGFEO_FIRST_DROP_REASON + at));
			json_number(&json, "packets", row->sum.drops[at]);
			json_close(&json);
		}
	}
	json_array_end(&json);
	json_close(&json);
	json_end(&json);
	return 0;
}
