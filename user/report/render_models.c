/* SPDX-License-Identifier: GPL-2.0 */
/* The catalogue as text and as JSON; see render_models.h. */
#include "report/render_models.h"

#include <errno.h>
#include <string.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "base/names.h"
#include "report/json.h"
#include "report/table.h"

#define DOCUMENT   "Netzwerk- und Firewall-Nutzung, Port-/Host-Übersicht, 03.03.2025"
#define LINE_WIDTH 96

static size_t count_services(const struct model *model)
{
	size_t count = 0;

	while (model->services[count])
		count++;
	return count;
}

/* ------------------------------------------------------------------ text */

/* Words of `text` in lines of LINE_WIDTH, all indented alike. */
static void print_wrapped(FILE *out, int indent, const char *text)
{
	int at = 0;

	while (*text) {
		int word = (int)strcspn(text, " ");

		if (at && at + 1 + word > LINE_WIDTH) {
			fputc('\n', out);
			at = 0;
		}
		at += fprintf(out, "%*s%.*s", at ? 1 : indent, "", word, text);
		text += word;
		text += *text == ' ';
	}
	fputc('\n', out);
}

static void print_hosts(FILE *out, const struct service *service)
{
	const char *separator = ": ";

	fprintf(out, "  %s", service->name);
	for (unsigned host = 0; host < AGFEO_HOST_COUNT; host++) {
		if (!(service->hosts & 1u << host))
			continue;
		fprintf(out, "%s%s", separator, host_name(host));
		separator = ", ";
	}
	fputc('\n', out);
}

static void print_head(FILE *out, const struct model *model)
{
	fprintf(out, "%s  %s  (%s)\n", model->id, model->name, model_kind_label(model->kind));
	if (model->channels)
		fprintf(out, "  channels: at most %u, `channels` narrows RTP to 2 ports each\n",
			model->channels);
	if (model->accounts)
		fprintf(out,
			"  external SIP accounts: at most %u, `sip-accounts` narrows the SIP "
			"client "
			"to 2 ports each\n",
			model->accounts);
	if (model->note)
		print_wrapped(out, 2, model->note);
	fputc('\n', out);
}

static void add_service(struct table *table, const struct service *service)
{
	char range[RANGE_TEXT];

	table_cell(table, "%s", service->name);
	table_cell(table, "%s", protocol_label(service->protocol));
	if (service_ports_open(service))
		table_cell(table, "to be set");
	else
		table_cell(table, "%s", port_range_format(service->ports, range));
	table_cell(table, "%s", side_label(service->side));
	table_cell(table, "%s", direction_label(service->direction));
	table_cell(table, "%s%s", service_scope_label(service->scope),
		   service->group ? ", groups only" : "");
	table_cell(table, "%s", class_label(service->class));
	table_cell(table, "%s", service->optional ? service->optional : "-");
	table_cell(table, "%s", service->source);
}

static int print_services(FILE *out, const struct model *model)
{
	static const char *const headers[] = {"SERVICE", "PROTO", "PORTS",  "SIDE",   "DIRECTION",
					      "SCOPE",	 "CLASS", "OPTION", "SOURCE", NULL};
	_cleanup_(table_freep) struct table *table = table_new(headers);

	if (!table)
		return -ENOMEM;
	for (const struct service *const *service = model->services; *service; service++)
		add_service(table, *service);
	return table_print(table, out);
}

static void print_model_hosts(FILE *out, const struct model *model)
{
	bool headed = false;

	for (const struct service *const *service = model->services; *service; service++) {
		if (!(*service)->hosts)
			continue;
		if (!headed)
			fputs("\nHosts of scope cloud:\n", out);
		headed = true;
		print_hosts(out, *service);
	}
}

/* "dns 53": the row as notes call it; UDP and TCP go by the same words. */
static void service_heading(const struct service *service, char *text, size_t size)
{
	char range[RANGE_TEXT];

	if (service_ports_open(service))
		snprintf(text, size, "%s", service->name);
	else
		snprintf(text, size, "%s %s", service->name,
			 port_range_format(service->ports, range));
}

static bool same_note(const struct service *a, const struct service *b)
{
	return a->note && b->note && !strcmp(a->note, b->note);
}

/* All rows from `at` on that share its note, then the note: beside them where it fits. */
static void print_note(FILE *out, const struct service *const *at)
{
	char heading[AGFEO_NAME_SIZE + RANGE_TEXT], last[AGFEO_NAME_SIZE + RANGE_TEXT] = "";
	int width = 0;

	for (const struct service *const *row = at; *row; row++) {
		if (!same_note(*at, *row))
			continue;
		service_heading(*row, heading, sizeof(heading));
		if (strcmp(heading, last))
			width += fprintf(out, "%s%s", *last ? ", " : "  ", heading);
		strcpy(last, heading);
	}
	if (width + 2 + strlen((*at)->note) <= LINE_WIDTH) {
		fprintf(out, ": %s\n", (*at)->note);
		return;
	}
	fputs(":\n", out);
	print_wrapped(out, 6, (*at)->note);
}

static bool note_is_new(const struct service *const *services, const struct service *const *at)
{
	for (const struct service *const *before = services; before < at; before++)
		if (same_note(*before, *at))
			return false;
	return (*at)->note != NULL;
}

static void print_notes(FILE *out, const struct model *model)
{
	bool headed = false;

	for (const struct service *const *at = model->services; *at; at++) {
		if (!note_is_new(model->services, at))
			continue;
		if (!headed)
			fputs("\nNotes, and what was decided where the document is open:\n", out);
		headed = true;
		print_note(out, at);
	}
}

static bool reaches_provider(const struct model *model)
{
	for (const struct service *const *service = model->services; *service; service++)
		if ((*service)->scope == SCOPE_PROVIDER)
			return true;
	return false;
}

static void print_legend(FILE *out, const struct model *model)
{
	fputs("\nSOURCE: the section of AGFEO's document (" DOCUMENT ").\n", out);
	if (reaches_provider(model))
		fputs("SCOPE provider: the site and the providers that the device names; everybody "
		      "while it names none.\n",
		      out);
}

int render_model_text(FILE *out, const struct model *model)
{
	int err;

	print_head(out, model);
	err = print_services(out, model);
	if (err)
		return err;
	print_model_hosts(out, model);
	print_notes(out, model);
	print_legend(out, model);
	return 0;
}

int render_models_text(FILE *out, const struct model *const *list)
{
	static const char *const headers[] = {"MODEL", "KIND", ">SERVICES", "NAME", NULL};
	_cleanup_(table_freep) struct table *table = table_new(headers);

	if (!table)
		return -ENOMEM;
	for (; *list; list++) {
		table_cell(table, "%s", (*list)->id);
		table_cell(table, "%s", model_kind_label((*list)->kind));
		table_cell(table, "%zu", count_services(*list));
		table_cell(table, "%s", (*list)->name);
	}
	return table_print(table, out);
}

/* ------------------------------------------------------------------ JSON */

static const char *port_rule_key(enum port_rule rule)
{
	switch (rule) {
	case PORTS_FIXED:
		return NULL;
	case PORTS_CHANNELS:
		return "channels";
	case PORTS_ACCOUNTS:
		return "sip-accounts";
	case PORTS_RTP_OPEN:
		return "rtp-ports";
	case PORTS_SIP_OPEN:
		return "sip-ports";
	}
	return NULL;
}

static void json_hosts(struct json *json, const struct service *service)
{
	json_array(json, "hosts");
	for (unsigned host = 0; host < AGFEO_HOST_COUNT; host++)
		if (service->hosts & 1u << host)
			json_string(json, NULL, host_name(host));
	json_array_end(json);
}

static void json_service(struct json *json, const struct service *service)
{
	char range[RANGE_TEXT];

	json_open(json, NULL);
	json_string(json, "name", service->name);
	json_string(json, "proto", protocol_label(service->protocol));
	json_string(json, "ports",
		    service_ports_open(service) ? NULL : port_range_format(service->ports, range));
	json_string(json, "side", side_label(service->side));
	json_string(json, "direction", direction_label(service->direction));
	json_string(json, "class", class_label(service->class));
	json_string(json, "scope", service_scope_label(service->scope));
	json_string(json, "optional", service->optional);
	json_string(json, "source", service->source);
	json_string(json, "ports_key", port_rule_key(service->port_rule));
	json_boolean(json, "multicast", service->group);
	json_hosts(json, service);
	json_string(json, "note", service->note);
	json_close(json);
}

/* 0 is "does not depend on it": null. */
static void json_most(struct json *json, const char *name, unsigned most)
{
	if (most)
		json_number(json, name, most);
	else
		json_null(json, name);
}

static void json_model(struct json *json, const struct model *model)
{
	json_open(json, NULL);
	json_string(json, "id", model->id);
	json_string(json, "name", model->name);
	json_string(json, "kind", model_kind_label(model->kind));
	json_most(json, "channels", model->channels);
	json_most(json, "sip_accounts", model->accounts);
	json_string(json, "note", model->note);
	json_array(json, "services");
	for (const struct service *const *service = model->services; *service; service++)
		json_service(json, *service);
	json_array_end(json);
	json_close(json);
}

void render_models_json(FILE *out, const struct model *const *list)
{
	struct json json = {.out = out};

	json_array(&json, NULL);
	for (; *list; list++)
		json_model(&json, *list);
	json_array_end(&json);
	json_end(&json);
}
