/* SPDX-License-Identifier: GPL-2.0 */
/* A record of the ring buffer as a line; see event.h. */
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "base/printable.h"
#include "report/event.h"
#include "report/json.h"
#include "report/table.h"

/* The device whose account a record stands on, as the datapath counts it. */
struct account {
	const char *device;
	const char *model;
	const char *service;
	const char *peer;
	enum agfeo_direction direction;
};

static struct account account_of(const struct agfeo_event *event,
				 const struct identities *identities)
{
	int own = event->device[0] ? 0 : 1;

	return (struct account){
		.device = identity_device(identities, event->device[own]),
		.model = identity_model(identities, event->device[own]),
		.service = identity_service(identities, event->counter[own]),
		.peer = own == 0 ? identity_device(identities, event->device[1]) : "",
		.direction = own == 0 ? AGFEO_OUT : AGFEO_IN,
	};
}

static struct address address_of(const __u8 bytes[16])
{
	struct address address;

	memcpy(address.bytes, bytes, sizeof(address.bytes));
	return address;
}

static const char *reason_of(const struct agfeo_event *event)
{
	return event->reason < AGFEO_REASON_COUNT ? reason_label(event->reason) : "?";
}

static const char *class_of(const struct agfeo_event *event)
{
	return event->class < AGFEO_CLASS_COUNT ? class_label(event->class) : NULL;
}

/* The kernel lets an interface have almost any name. */
static void print_interface(FILE *out, const char *name, const char *hook)
{
	fputs("  ", out);
	printable_print(out, name, strlen(name));
	fprintf(out, "/%s", hook);
}

void render_event_text(FILE *out, const struct agfeo_event *event, const struct event_view *view)
{
	struct account account = account_of(event, view->identities);
	struct address source = address_of(event->source);
	struct address destination = address_of(event->destination);
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT], time[TIME_TEXT], protocol[8];
	uint64_t when = event->time_ns + view->realtime_offset_ns;

	fprintf(out, "%s.%03u  drop  %s %s -> %s  %s", time_format(when, time),
		(unsigned)(when / 1000000 % 1000), ip_protocol_format(event->protocol, protocol),
		endpoint_format(&source, event->source_port, from),
		endpoint_format(&destination, event->destination_port, to), reason_of(event));
	if (*account.device)
		fprintf(out, "  %s %s", account.device, direction_label(account.direction));
	if (*account.service)
		fprintf(out, " %s", account.service);
	if (*view->interface)
		print_interface(out, view->interface, event->hook ? "tc" : "xdp");
	if (event->suppressed)
		fprintf(out, "  (%u more not shown)", event->suppressed);
	fputc('\n', out);
}

void render_event_json(FILE *out, const struct agfeo_event *event, const struct event_view *view)
{
	struct account account = account_of(event, view->identities);
	struct address source = address_of(event->source);
	struct address destination = address_of(event->destination);
	char text[ENDPOINT_TEXT], protocol[8];
	struct json json = {.out = out};
	bool known = *account.device;

	json_open(&json, NULL);
	json_time(&json, "time", event->time_ns + view->realtime_offset_ns);
	json_string(&json, "event", "drop");
	json_string(&json, "reason", reason_of(event));
	json_string(&json, "class", class_of(event));
	json_string(&json, "protocol", ip_protocol_format(event->protocol, protocol));
	json_string(&json, "source", endpoint_format(&source, event->source_port, text));
	json_string(&json, "destination",
		    endpoint_format(&destination, event->destination_port, text));
	json_string(&json, "device", known ? account.device : NULL);
	json_string(&json, "model", known ? account.model : NULL);
	json_string(&json, "service", *account.service ? account.service : NULL);
	json_string(&json, "direction", known ? direction_label(account.direction) : NULL);
	json_string(&json, "peer_device", *account.peer ? account.peer : NULL);
	json_string(&json, "interface", *view->interface ? view->interface : NULL);
	json_string(&json, "hook", event->hook ? "tc" : "xdp");
	json_number(&json, "length", event->length);
	json_number(&json, "dscp_in", event->dscp_in);
	json_number(&json, "suppressed", event->suppressed);
	json_close(&json);
	json_end(&json);
}
