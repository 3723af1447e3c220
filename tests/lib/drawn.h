/* SPDX-License-Identifier: GPL-2.0 */
/* A company of two devices and five calls, and the live screen as it is drawn of them. */
#ifndef TESTS_LIB_DRAWN_H
#define TESTS_LIB_DRAWN_H

#include "check.h"
#include "report/screen.h"

#define MINUTE_NS 60000000000ull
#define MOST_ROWS 60

struct drawn {
	char row[MOST_ROWS][1024];
	unsigned style[MOST_ROWS]; /* of the first cell */
	int rows;
};

static struct service_count services[] = {
	{.device = "pbx", .model = "es", .service = "rtp"},
	{.device = "phone", .model = "t14", .service = "rtp"},
};
static struct device_count devices[] = {
	{.device = ""},
	{.device = "pbx", .model = "es"},
	{.device = "phone", .model = "t14"},
};
static struct interface_state interfaces[] = {
	{.name = "lan0", .role = AGFEO_ROLE_VOICE, .xdp = "native", .present = true},
	{.name = "wan0", .role = AGFEO_ROLE_UPLINK, .xdp = "generic", .present = true},
	{.name = "dsl0", .role = AGFEO_ROLE_UPLINK, .xdp = "none"},
};
static struct snapshot now = {
	.meta = {.loaded_ns = 1000000000ull, .config = "/etc/agfeo/agfeo.conf"},
	.control = {.generation = 7},
	.services = services,
	.service_count = 2,
	.devices = devices,
	.device_count = 3,
	.interfaces = interfaces,
	.interface_count = 3,
	.flows = {[AGFEO_CLASS_VOICE] = 4, [AGFEO_CLASS_SIGNALLING] = 2},
	.one_way = 1,
	.flow_entries = 50,
	.flow_capacity = 200,
	.time_ns = 61000000000ull,
};
static struct snapshot since;
static struct service_count services_since[2];
static struct device_count devices_since[3];
static struct rates rates;
static struct drop_log drops;

static inline struct call call_of(const char *device, const char *remote, uint16_t port, double mos,
				  double loss, double jitter)
{
	struct call call = {
		.local_port = 5210,
		.remote_port = port,
		.start_ns = port,
		.duration_ns = 75000000000ull,
		.stream_count = 2,
	};

	snprintf(call.device, sizeof(call.device), "%s", device);
	address_parse("192.168.10.2", &call.local);
	address_parse(remote, &call.remote);
	for (int i = 0; i < 2; i++) {
		call.stream[i] = (struct call_stream){
			.direction = i ? AGFEO_IN : AGFEO_OUT,
			.codec = "PCMA",
			.packets = 1000,
			.has_jitter = true,
			.mean_jitter_ms = 1,
			.has_mos = true,
			.mos = 4.409,
		};
	}
	call.stream[1].mos = mos;
	call.stream[1].has_mos = mos > 0;
	call.stream[1].loss_percent = loss;
	call.stream[1].mean_jitter_ms = jitter;
	return call;
}

static struct call calls[5];

static inline void make_calls(void)
{
	calls[0] = call_of("good", "217.10.64.10", 30000, 4.409, 0, 9);
	calls[1] = call_of("fair", "217.10.64.10", 30002, 3.92, 5, 2);
	calls[2] = call_of("opus", "217.10.64.10", 30004, 0, 20, 3);
	calls[3] = call_of("ended", "217.10.64.10", 30006, 1.5, 40, 99);
	calls[3].idle_ns = 10000000000ull;
	calls[4] = call_of("lonely", "2001:db8:217::10", 30008, 4.409, 0, 1);
	calls[4].one_way = true;
	calls[4].missing = AGFEO_IN;
	calls[4].stream_count = 1;
}

static inline void make_snapshots(void)
{
	services[0].sum.packets[AGFEO_PASS][AGFEO_IN] = 100000;
	devices[0].sum.drops[AGFEO_REASON_SPOOFED - AGFEO_FIRST_DROP_REASON] = 12;
	devices[1].sum.drops[AGFEO_REASON_SCOPE - AGFEO_FIRST_DROP_REASON] = 900;
	devices[2].sum.drops[AGFEO_REASON_SCOPE - AGFEO_FIRST_DROP_REASON] = 100;
	memcpy(services_since, services, sizeof(services));
	memcpy(devices_since, devices, sizeof(devices));
	services_since[0].sum.packets[AGFEO_PASS][AGFEO_IN] = 100;
	services_since[0].sum.packets[AGFEO_PASS][AGFEO_OUT] = 50;
	services_since[0].sum.bytes[AGFEO_PASS][AGFEO_IN] = 20000;
	devices_since[0].sum.drops[AGFEO_REASON_SPOOFED - AGFEO_FIRST_DROP_REASON] = 0;
	devices_since[1].sum.drops[AGFEO_REASON_SCOPE - AGFEO_FIRST_DROP_REASON] = 0;
	devices_since[2].sum.drops[AGFEO_REASON_SCOPE - AGFEO_FIRST_DROP_REASON] = 8;
	since = now;
	since.services = services_since;
	since.devices = devices_since;
}

static inline void drawn_begin(void)
{
	make_snapshots();
	make_calls();
}

static inline struct screen_data everything(void)
{
	return (struct screen_data){
		.site = "office",
		.now = &now,
		.since = &since,
		.seconds = 2,
		.calls = calls,
		.call_count = 5,
		.rates = &rates,
		.drops = &drops,
		.monotonic_ns = 2 * MINUTE_NS,
	};
}

static inline struct drawn draw(struct screen_view *view, const struct screen_data *data,
				int columns, int rows, bool utf8)
{
	struct screen *screen = screen_new(rows, columns, utf8);
	struct drawn drawn = {.rows = rows};

	screen_draw(screen, view, data);
	for (int i = 0; i < rows; i++) {
		screen_row(screen, i, drawn.row[i]);
		drawn.style[i] = screen_cell(screen, i, 0)->style;
	}
	screen_free(screen);
	return drawn;
}

/* The row that has the text, from a row on; -1: none. */
static inline int row_with(const struct drawn *drawn, int from, const char *text)
{
	for (int i = from; i < drawn->rows; i++)
		if (strstr(drawn->row[i], text))
			return i;
	return -1;
}

static inline bool shows(const struct drawn *drawn, const char *text)
{
	bool found = row_with(drawn, 0, text) >= 0;

	for (int i = 0; !found && i < drawn->rows; i++)
		printf("    |%s\n", drawn->row[i]);
	return found;
}

/* Whether the rows of calls begin with these devices, in this order. */
static inline bool in_order(struct screen_view *view, const char *const *names)
{
	struct screen_data data = everything();
	struct drawn drawn = draw(view, &data, 80, 40, true);
	int at = row_with(&drawn, 0, "DEVICE") + 1;

	for (; *names; names++, at++)
		if (strncmp(drawn.row[at], *names, strlen(*names)))
			return false;
	return true;
}

#endif
