/* SPDX-License-Identifier: GPL-2.0 */
/* The catalogue as a piece of data: in order, free of contradictions, fit for the maps; and how
 * things are found in it. */
#include <string.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "catalogue/catalogue.h"
#include "lib/check.h"

/* clang-format off */

/* The ids and kinds of the public contract, in its order. */
static const struct {
	const char *id;
	enum model_kind kind;
} contract[] = {
	{ "es-51x", KIND_PBX },         { "es-52x", KIND_PBX },        { "es-5xx-up", KIND_PBX },
	{ "es-54x", KIND_PBX },         { "es-6xx", KIND_PBX },        { "es-730-it", KIND_PBX },
	{ "es-770-it", KIND_PBX },      { "es-7xx-it-plus", KIND_PBX }, { "es-22-x-it", KIND_PBX },
	{ "es-pure-ip-x-it", KIND_PBX }, { "hypervoice", KIND_PBX },   { "hyperfonie", KIND_PBX },
	{ "tk-homeserver", KIND_MODULE }, { "lm-508", KIND_MODULE },   { "lm-509", KIND_MODULE },
	{ "lm-510", KIND_MODULE },      { "ip700", KIND_MODULE },      { "scb", KIND_MODULE },
	{ "t14-sip", KIND_SIP },        { "t17-sip", KIND_SIP },       { "dect-ip", KIND_SIP },
	{ "visofon", KIND_SOFTPHONE },  { "ip-video-tfe", KIND_SIP },  { "asip", KIND_ASIP },
	{ "dashboard-app", KIND_SOFTWARE }, { "dashboard-pc", KIND_SOFTWARE },
	{ "tapi-client", KIND_SOFTWARE },   { "werkzeug", KIND_SOFTWARE },
	{ "headset-tool", KIND_SOFTWARE },
};

static const char *const options[] = {
	"mqtt-broker", "mqtt-client", "sip-tcp", "dect-update", "wireshark-trace", "syslog",
};

static const char *const sections[] = {
	"1.1", "1.2", "1.3", "1.4", "2.0", "2.1.1", "2.1.2", "2.2.1", "2.2.2", "3.0",
};

/* What a name means is the same in every model, since it is a metric label. */
static const struct {
	const char *name;
	enum agfeo_class class;
	bool group, expects;
} names[] = {
	{ "rtp",             AGFEO_CLASS_VOICE,          false, false },
	{ "sip",             AGFEO_CLASS_SIGNALLING,     false, false },
	{ "sip-registrar",   AGFEO_CLASS_SIGNALLING,     false, false },
	{ "sip-client",      AGFEO_CLASS_SIGNALLING,     false, false },
	{ "sip-client-tcp",  AGFEO_CLASS_SIGNALLING,     false, false },
	{ "asip-registrar",  AGFEO_CLASS_SIGNALLING,     false, false },
	{ "asip",            AGFEO_CLASS_SIGNALLING,     false, false },
	{ "web",             AGFEO_CLASS_MANAGEMENT,     false, false },
	{ "web-tls",         AGFEO_CLASS_MANAGEMENT,     false, false },
	{ "ldap",            AGFEO_CLASS_MANAGEMENT,     false, false },
	{ "mqtt-broker",     AGFEO_CLASS_MANAGEMENT,     false, false },
	{ "mqtt-client",     AGFEO_CLASS_MANAGEMENT,     false, false },
	{ "tapi",            AGFEO_CLASS_MANAGEMENT,     false, false },
	{ "cti",             AGFEO_CLASS_MANAGEMENT,     false, false },
	{ "cti-tls",         AGFEO_CLASS_MANAGEMENT,     false, false },
	{ "firmware-update", AGFEO_CLASS_MANAGEMENT,     false, false },
	{ "status",          AGFEO_CLASS_MANAGEMENT,     false, false },
	{ "wireshark-trace", AGFEO_CLASS_MANAGEMENT,     false, false },
	{ "syslog",          AGFEO_CLASS_MANAGEMENT,     false, false },
	{ "syslog-server",   AGFEO_CLASS_MANAGEMENT,     false, false },
	{ "dns",             AGFEO_CLASS_INFRASTRUCTURE, false, false },
	{ "ntp",             AGFEO_CLASS_INFRASTRUCTURE, false, false },
	{ "ntp-server",      AGFEO_CLASS_INFRASTRUCTURE, false, false },
	{ "dhcp",            AGFEO_CLASS_INFRASTRUCTURE, false, false },
	{ "tftp",            AGFEO_CLASS_INFRASTRUCTURE, false, true  },
	{ "tftp-server",     AGFEO_CLASS_INFRASTRUCTURE, false, true  },
	{ "multicast",       AGFEO_CLASS_INFRASTRUCTURE, true,  false },
	{ "discovery",       AGFEO_CLASS_DISCOVERY,      false, false },
	{ "cloud",           AGFEO_CLASS_CLOUD,          false, false },
	{ "update",          AGFEO_CLASS_CLOUD,          false, false },
};

/* clang-format on */

static bool is_among(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(words[i], word))
			return true;
	return false;
}

static void test_contract(void)
{
	size_t count = 0;

	for (; models[count]; count++) {
		if (!CHECK(count < ARRAY_SIZE(contract)))
			return;
		CHECK_STR(models[count]->id, contract[count].id);
		CHECK_STR(model_kind_label(models[count]->kind),
			  model_kind_label(contract[count].kind));
		CHECK(!strncmp(models[count]->name, "AGFEO ", strlen("AGFEO ")));
	}
	CHECK_EQ(count, ARRAY_SIZE(contract));
}

/* ------------------------------------------------------------------ one row */

static void check_ports(const struct service *service)
{
	if (service_ports_open(service)) {
		CHECK_EQ(service->ports.last, 0);
		CHECK(service->port_rule == PORTS_RTP_OPEN || service->port_rule == PORTS_SIP_OPEN);
		return;
	}
	CHECK(service->ports.first >= 1);
	CHECK(service->ports.first <= service->ports.last);
}

static void check_name(const struct service *service)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(names[i].name, service->name))
			continue;
		CHECK_STR(class_label(service->class), class_label(names[i].class));
		CHECK_EQ(service->group, names[i].group);
		CHECK_EQ(service->expects, names[i].expects);
		return;
	}
	CHECK_STR(service->name, "one of the names above");
}

static void check_service(const struct service *service)
{
	check_ports(service);
	check_name(service);
	CHECK(strlen(service->name) < AGFEO_NAME_SIZE);
	CHECK(is_among(service->source, sections, ARRAY_SIZE(sections)));
	CHECK(!service->optional || is_among(service->optional, options, ARRAY_SIZE(options)));
	/* Nobody outside may open what is the site's own: the vendor's warning. */
	if (service->direction == AGFEO_IN)
		CHECK_EQ(service->scope, SCOPE_SITE);
	/* The peer's port is no way in. */
	if (service->side == AGFEO_REMOTE)
		CHECK_EQ(service->direction, AGFEO_OUT);
	if (service->group || service->expects)
		CHECK_EQ(service->protocol, AGFEO_UDP);
}

/* ------------------------------------------------------------------ the rows of a model */

static bool same_row(const struct service *a, const struct service *b)
{
	return !strcmp(a->name, b->name) && a->protocol == b->protocol && a->side == b->side &&
	       a->ports.first == b->ports.first && a->ports.last == b->ports.last;
}

static void check_model(const struct model *model)
{
	size_t count = 0, distinct = 0;

	for (; model->services[count]; count++) {
		const struct service *service = model->services[count];
		bool seen = false;

		check_service(service);
		for (size_t i = 0; i < count; i++) {
			CHECK(!same_row(model->services[i], service));
			seen |= !strcmp(model->services[i]->name, service->name);
		}
		distinct += !seen;
	}
	CHECK(count > 0);
	/* Room for 16 extra rules of the configuration beside the model's own. */
	CHECK(count + 16 < AGFEO_MAX_RULES);
	CHECK(distinct + AGFEO_SLOT_FIRST_SERVICE + 1 <= AGFEO_MAX_SLOTS);
}

static void test_models(void)
{
	for (const struct model *const *model = models; *model; model++) {
		CHECK_ROW((*model)->id);
		check_model(*model);
	}
	CHECK_ROW(NULL);
}

/* ------------------------------------------------------------------ options */

static void test_options(void)
{
	size_t count = 0;

	for (; model_options[count]; count++) {
		unsigned users = 0;

		if (!CHECK(count < ARRAY_SIZE(options)))
			return;
		CHECK_ROW(options[count]);
		CHECK_STR(model_options[count], options[count]);
		for (const struct model *const *model = models; *model; model++)
			users += model_has_option(*model, options[count]);
		CHECK(users > 0);
	}
	CHECK_ROW(NULL);
	CHECK_EQ(count, ARRAY_SIZE(options));
	CHECK(model_has_option(model_find("es-54x"), "mqtt-broker"));
	CHECK(model_has_option(model_find("werkzeug"), "dect-update"));
	CHECK(!model_has_option(model_find("t14-sip"), "mqtt-broker"));
	CHECK(!model_has_option(model_find("es-54x"), "tapi")); /* a service, no option */
}

/* ------------------------------------------------------------------ finding */

static void test_finding(void)
{
	static const struct {
		const char *typed, *meant;
	} rows[] = {
		{"es-pure-ip-x-it", "es-pure-ip-x-it"},
		{"pure", "es-pure-ip-x-it"},
		{"es-770", "es-770-it"},
		{"es51x", "es-51x"},
		{"t15-sip", "t14-sip"},
		{"VISOfon", "visofon"},
		{"visofn", "visofon"},
		{"hyper-voice", "hypervoice"},
		{"dashboard-cp", "dashboard-pc"},
		{"lm509", "lm-509"},
		{"tk-home-server", "tk-homeserver"},
		{"", "es-51x"},
	};
	char endless[5000];

	for (const struct model *const *model = models; *model; model++) {
		CHECK(model_find((*model)->id) == *model);
		CHECK_STR(model_nearest((*model)->id), (*model)->id);
	}
	CHECK(!model_find("es-99x"));
	CHECK(!model_find(""));
	CHECK(!model_find("ES-51X"));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK_ROW(rows[i].typed);
		CHECK_STR(model_nearest(rows[i].typed), rows[i].meant);
	}
	CHECK_ROW(NULL);
	memset(endless, 'x', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	CHECK(model_find(model_nearest(endless)) != NULL);
}

int main(void)
{
	test_contract();
	test_models();
	test_options();
	test_finding();
	return check_done();
}
