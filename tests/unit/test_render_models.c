/* SPDX-License-Identifier: GPL-2.0 */
/* The catalogue as text and JSON: the JSON is read back by json-c and compared with the data. */
#include <json.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "lib/check.h"
#include "report/render_models.h"

static void json_freep(struct json_object **object)
{
	json_object_put(*object);
}

/* ------------------------------------------------------------------ JSON */

static struct json_object *read_back(const struct model *const *list)
{
	_cleanup_(freep) char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!CHECK(out != NULL))
		return NULL;
	render_models_json(out, list);
	fclose(out);
	CHECK(size > 0 && text[size - 1] == '\n');
	return json_tokener_parse(text);
}

static const char *text_of(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	CHECK(json_object_object_get_ex(object, key, &value));
	return value ? json_object_get_string(value) : NULL;
}

static unsigned hosts_of(struct json_object *object)
{
	struct json_object *list = NULL;
	unsigned hosts = 0;

	if (!CHECK(json_object_object_get_ex(object, "hosts", &list)))
		return 0;
	for (size_t i = 0; i < json_object_array_length(list); i++)
		for (unsigned host = 0; host < AGFEO_HOST_COUNT; host++)
			if (!strcmp(json_object_get_string(json_object_array_get_idx(list, i)),
				    host_name(host)))
				hosts |= 1u << host;
	return hosts;
}

static void check_service(struct json_object *object, const struct service *service)
{
	char range[RANGE_TEXT];

	CHECK_STR(text_of(object, "name"), service->name);
	CHECK_STR(text_of(object, "proto"), service->protocol == AGFEO_TCP ? "tcp" : "udp");
	CHECK_STR(text_of(object, "ports"),
		  service->ports.first ? port_range_format(service->ports, range) : NULL);
	CHECK_STR(text_of(object, "side"), service->side == AGFEO_LOCAL ? "local" : "remote");
	CHECK_STR(text_of(object, "direction"), direction_label(service->direction));
	CHECK_STR(text_of(object, "class"), class_label(service->class));
	CHECK_STR(text_of(object, "scope"), service_scope_label(service->scope));
	CHECK_STR(text_of(object, "optional"), service->optional);
	CHECK_STR(text_of(object, "source"), service->source);
	CHECK_STR(text_of(object, "note"), service->note);
	CHECK_EQ(hosts_of(object), service->hosts);
}

static void check_model(struct json_object *object, const struct model *model)
{
	struct json_object *services = NULL;
	size_t count = 0;

	CHECK_ROW(model->id);
	CHECK_STR(text_of(object, "id"), model->id);
	CHECK_STR(text_of(object, "name"), model->name);
	CHECK_STR(text_of(object, "kind"), model_kind_label(model->kind));
	if (!CHECK(json_object_object_get_ex(object, "services", &services)))
		return;
	for (; model->services[count]; count++)
		check_service(json_object_array_get_idx(services, count), model->services[count]);
	CHECK_EQ(json_object_array_length(services), count);
	CHECK_ROW(NULL);
}

static void check_json(const struct model *const *list)
{
	_cleanup_(json_freep) struct json_object *document = read_back(list);
	size_t count = 0;

	if (!CHECK(json_object_is_type(document, json_type_array)))
		return;
	while (list[count])
		count++;
	if (!CHECK_EQ(json_object_array_length(document), count))
		return;
	for (size_t i = 0; i < count; i++)
		check_model(json_object_array_get_idx(document, i), list[i]);
}

static void test_json(void)
{
	const struct model *const none[] = {NULL};

	check_json(models);
	for (const struct model *const *model = models; *model; model++)
		check_json((const struct model *const[]){*model, NULL});
	check_json(none);
}

/* ------------------------------------------------------------------ text */

static char *text_of_model(const struct model *model)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!CHECK(out != NULL))
		return NULL;
	CHECK_EQ(render_model_text(out, model), 0);
	fclose(out);
	return text;
}

/* Whether some line has all of the words, in this order, with nothing but blanks between. */
static bool has_line(const char *text, const char *words)
{
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		const char *at = words;

		line += *line == '\n';
		for (; *line && *line != '\n' && *at; line++) {
			if (*line == ' ' && (line[1] == ' ' || *at != ' '))
				continue;
			if (*line != *at)
				break;
			at++;
		}
		if (!*at && (*line == '\n' || !*line))
			return true;
	}
	return false;
}

static void test_text(void)
{
	_cleanup_(freep) char *es = text_of_model(model_find("es-6xx"));
	_cleanup_(freep) char *tfe = text_of_model(model_find("ip-video-tfe"));
	_cleanup_(freep) char *hypervoice = text_of_model(model_find("hypervoice"));
	_cleanup_(freep) char *tool = text_of_model(model_find("werkzeug"));

	CHECK(has_line(es, "SERVICE PROTO PORTS SIDE DIRECTION SCOPE CLASS OPTION SOURCE"));
	CHECK(has_line(es, "rtp udp 5004-5027 local both provider voice - 1.3"));
	CHECK(has_line(es,
		       "sip-client-tcp tcp 1024-65535 local out provider signalling sip-tcp 1.2"));
	CHECK(!has_line(es, "rtp udp 5004-5035 local both provider voice - 1.3"));
	CHECK(strstr(es, "at most 16") != NULL);
	CHECK(strstr(es, "without a licence") != NULL);
	CHECK(has_line(tfe, "rtp udp to be set local both provider voice - 2.1.1"));
	CHECK(has_line(tfe, "multicast udp 1-65535 remote out site, groups only infrastructure - "
			    "2.1.1"));
	CHECK(has_line(hypervoice, "cloud: remote.agfeo.de, remote2.agfeo.de, pbx.agfeo.de, "
				   "aws.agfeo.de"));
	CHECK(has_line(tool, "discovery 12187: finds DECT IP Basis"));
}

/* Every note of every model is printed, in lines that a terminal shows whole. */
static void test_notes(void)
{
	for (const struct model *const *model = models; *model; model++) {
		_cleanup_(freep) char *text = text_of_model(*model);
		size_t longest = 0;

		CHECK_ROW((*model)->id);
		for (const struct service *const *row = (*model)->services; *row; row++) {
			char first[32];

			if (!(*row)->note)
				continue;
			snprintf(first, sizeof(first), "%.20s", (*row)->note);
			*strrchr(first, ' ') = '\0';
			CHECK(strstr(text, first) != NULL);
		}
		for (const char *line = text; *line;
		     line += strcspn(line, "\n"), line += *line == '\n')
			if (strcspn(line, "\n") > longest)
				longest = strcspn(line, "\n");
		CHECK(longest <= 110);
	}
	CHECK_ROW(NULL);
}

static void test_list(void)
{
	_cleanup_(freep) char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!CHECK(out != NULL))
		return;
	CHECK_EQ(render_models_text(out, models), 0);
	fclose(out);
	CHECK(has_line(text, "MODEL KIND SERVICES NAME"));
	CHECK(has_line(text, "tapi-client software 3 AGFEO TSP TAPI driver"));
	for (const struct model *const *model = models; *model; model++) {
		CHECK_ROW((*model)->id);
		CHECK(strstr(text, (*model)->name) != NULL);
	}
	CHECK_ROW(NULL);
}

int main(void)
{
	test_json();
	test_text();
	test_notes();
	test_list();
	return check_done();
}
