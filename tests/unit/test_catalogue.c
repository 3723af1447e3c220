/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The catalogue against the vendor's document, number by number and in both directions: every row
 * below must be in the catalogue, and every row of the catalogue must be below. The rows are
 * written from the document ("Netzwerk- und Firewall-Nutzung, Port-/Host-Übersicht", 03.03.2025),
 * not from models*.c.
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "catalogue/catalogue.h"
#include "lib/check.h"

#define ES_OLD_4  "es-51x es-52x es-5xx-up"
#define ES_OLD_12 "es-6xx es-730-it"
#define ES_64	  "es-7xx-it-plus es-22-x-it"
#define HV	  "hypervoice hyperfonie"
#define ES	  ES_OLD_4 " es-54x " ES_OLD_12 " es-770-it " ES_64 " es-pure-ip-x-it"
#define PBX	  ES " " HV
#define LM	  "lm-508 lm-509 lm-510"
#define MODULES	  "tk-homeserver " LM " ip700 scb"
#define SIP_SETS  "t14-sip t17-sip dect-ip ip-video-tfe"
#define PHONES	  SIP_SETS " asip"
#define PROGRAMS  "dashboard-app dashboard-pc tapi-client werkzeug headset-tool"

/* clang-format off */

#define UDP    AGFEO_UDP
#define TCP    AGFEO_TCP
#define LOCAL  AGFEO_LOCAL
#define REMOTE AGFEO_REMOTE
#define IN     AGFEO_IN
#define OUT    AGFEO_OUT
#define BOTH   AGFEO_BOTH

#define SITE     SCOPE_SITE
#define PROVIDER SCOPE_PROVIDER
#define CLOUD    SCOPE_CLOUD
#define ANY      SCOPE_ANY

static const struct expected {
	const char *models; /* ids, blank between them */
	const char *name;
	enum agfeo_protocol protocol;
	enum agfeo_side side;
	unsigned first, last;
	enum agfeo_direction direction;
	enum scope scope;
	const char *source;
	const char *optional;
} expected[] = {
	/* 1.1 Allgemeine Dienste */
	{ PBX " " MODULES, "dns",         UDP, REMOTE,    53,    53, OUT,  ANY,      "1.1", NULL },
	{ PBX " " MODULES, "dns",         TCP, REMOTE,    53,    53, OUT,  ANY,      "1.1", NULL },
	{ PBX " " MODULES, "web",         TCP, LOCAL,     80,    80, IN,   SITE,     "1.1", NULL },
	{ PBX " " MODULES, "ntp",         UDP, REMOTE,   123,   123, OUT,  ANY,      "1.1", NULL },
	{ PBX " " MODULES, "ntp",         TCP, REMOTE,   123,   123, OUT,  ANY,      "1.1", NULL },
	{ PBX,             "ntp-server",  UDP, LOCAL,    123,   123, IN,   SITE,     "1.1", NULL },
	{ PBX,             "ntp-server",  TCP, LOCAL,    123,   123, IN,   SITE,     "1.1", NULL },
	{ PBX,             "ldap",        TCP, LOCAL,    389,   389, IN,   SITE,     "1.1", NULL },
	{ SIP_SETS,        "ldap",        TCP, REMOTE,   389,   389, OUT,  SITE,     "1.1", NULL },
	{ PBX " " MODULES, "web-tls",     TCP, LOCAL,    443,   443, IN,   SITE,     "1.1", NULL },
	{ PBX,     "mqtt-broker", TCP, LOCAL,   1883,  1883, IN,   SITE,     "1.1", "mqtt-broker" },
	{ PBX,             "tapi",        TCP, LOCAL,   3232,  3232, IN,   SITE,     "1.1", NULL },
	{ PBX,     "mqtt-client", TCP, LOCAL,   1024, 65535, OUT,  ANY,      "1.1", "mqtt-client" },

	/* 1.2 VoIP Signalisierungsdaten */
	{ PBX, "asip-registrar",          TCP, LOCAL,   5904,  5904, IN,   SITE,     "1.2", NULL },
	{ PBX, "sip-registrar",           UDP, LOCAL,   5060,  5060, IN,   SITE,     "1.2", NULL },
	{ PBX, "sip-client",              UDP, LOCAL,   5064,  5127, OUT,  PROVIDER, "1.2", NULL },
	{ PBX, "sip-client-tcp",      TCP, LOCAL,   1024, 65535, OUT,  PROVIDER, "1.2", "sip-tcp" },

	/* 1.3 Sprechwege */
	{ ES_OLD_4,          "rtp",       UDP, LOCAL,   5004,  5011, BOTH, PROVIDER, "1.3", NULL },
	{ "es-54x",          "rtp",       UDP, LOCAL,   5004,  5015, BOTH, PROVIDER, "1.3", NULL },
	{ ES_OLD_12,         "rtp",       UDP, LOCAL,   5004,  5027, BOTH, PROVIDER, "1.3", NULL },
	{ "es-770-it",       "rtp",       UDP, LOCAL,   5004,  5035, BOTH, PROVIDER, "1.3", NULL },
	{ LM " ip700",       "rtp",       UDP, LOCAL,   5004,  5035, BOTH, PROVIDER, "1.3", NULL },
	{ "es-pure-ip-x-it", "rtp",       UDP, LOCAL,   5204,  5263, BOTH, PROVIDER, "1.3", NULL },
	{ ES_64,             "rtp",       UDP, LOCAL,   5204,  5331, BOTH, PROVIDER, "1.3", NULL },
	{ HV,                "rtp",       UDP, LOCAL,   5204,  5523, BOTH, PROVIDER, "1.3", NULL },

	/* 1.4 Zugriff auf externe Serveradressen */
	{ PBX, "cloud",                   TCP, REMOTE,   443,   443, OUT,  CLOUD,    "1.4", NULL },

	/* 2.0 AGFEO Endgeraete: "Webkonfiguration" */
	{ SIP_SETS, "web",                TCP, LOCAL,     80,    80, IN,   SITE,     "2.0", NULL },
	{ SIP_SETS, "web-tls",            TCP, LOCAL,    443,   443, IN,   SITE,     "2.0", NULL },

	/* 2.1.1 SIP Geraete */
	{ SIP_SETS,         "sip",       UDP, LOCAL,   5060,  5060, BOTH, SITE,     "2.1.1", NULL },
	{ "t14-sip t17-sip", "rtp",      UDP, LOCAL,  10000, 10200, BOTH, PROVIDER, "2.1.1", NULL },
	{ "dect-ip",        "rtp",       UDP, LOCAL,  50004, 50043, BOTH, PROVIDER, "2.1.1", NULL },
	{ "visofon",        "sip",       UDP, LOCAL,   1024, 65535, BOTH, SITE,     "2.1.1", NULL },
	{ "visofon",        "rtp",       UDP, LOCAL,   1024, 65535, BOTH, PROVIDER, "2.1.1", NULL },
	{ "ip-video-tfe",    "rtp",      UDP, LOCAL,      0,     0, BOTH, PROVIDER, "2.1.1", NULL },
	{ SIP_SETS " visofon", "dns",     UDP, REMOTE,    53,    53, OUT,  ANY,     "2.1.1", NULL },
	{ SIP_SETS " visofon", "dns",     TCP, REMOTE,    53,    53, OUT,  ANY,     "2.1.1", NULL },
	{ SIP_SETS " visofon", "ntp",     UDP, REMOTE,   123,   123, OUT,  ANY,     "2.1.1", NULL },
	{ SIP_SETS " visofon", "dhcp",    UDP, REMOTE,    67,    67, OUT,  SITE,    "2.1.1", NULL },
	{ SIP_SETS,         "tftp",      UDP, REMOTE,    69,    69, OUT,  SITE,     "2.1.1", NULL },
	{ SIP_SETS,         "multicast", UDP, REMOTE,     1, 65535, OUT,  SITE,     "2.1.1", NULL },

	/* 2.1.2 */
	{ "dect-ip headset-tool", "update", TCP, REMOTE,  80,   80, OUT,  CLOUD,    "2.1.2", NULL },

	/* 2.2.1 ASIP Geraete */
	{ "asip", "web",                 TCP, LOCAL,     80,    80, BOTH, SITE,     "2.2.1", NULL },
	{ "asip", "firmware-update",     TCP, REMOTE,    80,    80, OUT,  SITE,     "2.2.1", NULL },
	{ "asip", "asip",                TCP, LOCAL,   2153,  2153, OUT,  SITE,     "2.2.1", NULL },
	{ "asip", "rtp",                 UDP, LOCAL,   5896,  5896, BOTH, PROVIDER, "2.2.1", NULL },
	{ "asip", "discovery",           UDP, LOCAL,  12179, 12179, IN,   SITE,     "2.2.1", NULL },
	{ "asip", "dns",                 UDP, REMOTE,    53,    53, OUT,  ANY,      "2.2.1", NULL },
	{ "asip", "dns",                 TCP, REMOTE,    53,    53, OUT,  ANY,      "2.2.1", NULL },
	{ "asip", "ntp",                 UDP, REMOTE,   123,   123, OUT,  ANY,      "2.2.1", NULL },
	{ "asip", "dhcp",                UDP, REMOTE,    67,    67, OUT,  SITE,     "2.2.1", NULL },

	/* 2.2.2 */
	{ "asip", "update",              TCP, REMOTE,    80,    80, OUT,  CLOUD,    "2.2.2", NULL },

	/* 3.0 Dashboard, TAPI */
	{ PROGRAMS, "dns",                UDP, REMOTE,    53,    53, OUT,  ANY,      "3.0", NULL },
	{ PROGRAMS, "dns",                TCP, REMOTE,    53,    53, OUT,  ANY,      "3.0", NULL },
	{ "dashboard-app", "cti-tls",     TCP, REMOTE,   443,   443, OUT,  SITE,     "3.0", NULL },
	{ "dashboard-app", "cloud",       TCP, REMOTE,   443,   443, OUT,  CLOUD,    "3.0", NULL },
	{ "dashboard-pc visofon", "cti",  TCP, REMOTE,    80,    80, OUT,  SITE,     "3.0", NULL },
	{ "dashboard-pc visofon", "cti-tls", TCP, REMOTE, 443,  443, OUT,  SITE,     "3.0", NULL },
	{ "tapi-client", "tapi",          TCP, REMOTE,  3232,  3232, OUT,  SITE,     "3.0", NULL },

	/* 3.0 AGFEO Werkzeug, Geraetesuchdienst: the product's end */
	{ "tk-homeserver",        "discovery", UDP, LOCAL, 12172, 12172, IN, SITE, "3.0", NULL },
	{ "lm-510",               "discovery", UDP, LOCAL, 12176, 12176, IN, SITE, "3.0", NULL },
	{ "lm-508",               "discovery", UDP, LOCAL, 12178, 12178, IN, SITE, "3.0", NULL },
	{ "lm-509",               "discovery", UDP, LOCAL, 12181, 12181, IN, SITE, "3.0", NULL },
	{ "es-51x es-52x",        "discovery", UDP, LOCAL, 12185, 12185, IN, SITE, "3.0", NULL },
	{ "es-5xx-up es-54x es-6xx", "discovery", UDP, LOCAL, 12186, 12186, IN, SITE, "3.0", NULL },
	{ "dect-ip",              "discovery", UDP, LOCAL, 12187, 12187, IN, SITE, "3.0", NULL },
	{ "es-730-it es-770-it es-7xx-it-plus",
				  "discovery", UDP, LOCAL, 12188, 12188, IN, SITE, "3.0", NULL },
	{ "es-pure-ip-x-it",      "discovery", UDP, LOCAL, 12189, 12189, IN, SITE, "3.0", NULL },
	{ "ip-video-tfe",         "discovery", UDP, LOCAL, 12190, 12190, IN, SITE, "3.0", NULL },
	{ "scb",                  "discovery", UDP, LOCAL, 12191, 12191, IN, SITE, "3.0", NULL },
	{ "ip700",                "discovery", UDP, LOCAL, 12192, 12192, IN, SITE, "3.0", NULL },

	/* and the tool's */
	{ "werkzeug", "discovery",       UDP, REMOTE, 12172, 12172, OUT, SITE, "3.0", NULL },
	{ "werkzeug", "discovery",       UDP, REMOTE, 12176, 12176, OUT, SITE, "3.0", NULL },
	{ "werkzeug", "discovery",       UDP, REMOTE, 12178, 12178, OUT, SITE, "3.0", NULL },
	{ "werkzeug", "discovery",       UDP, REMOTE, 12179, 12179, OUT, SITE, "3.0", NULL },
	{ "werkzeug", "discovery",       UDP, REMOTE, 12181, 12181, OUT, SITE, "3.0", NULL },
	{ "werkzeug", "discovery",       UDP, REMOTE, 12185, 12185, OUT, SITE, "3.0", NULL },
	{ "werkzeug", "discovery",       UDP, REMOTE, 12186, 12186, OUT, SITE, "3.0", NULL },
	{ "werkzeug", "discovery",       UDP, REMOTE, 12187, 12187, OUT, SITE, "3.0", NULL },
	{ "werkzeug", "discovery",       UDP, REMOTE, 12188, 12188, OUT, SITE, "3.0", NULL },
	{ "werkzeug", "discovery",       UDP, REMOTE, 12189, 12189, OUT, SITE, "3.0", NULL },
	{ "werkzeug", "discovery",       UDP, REMOTE, 12190, 12190, OUT, SITE, "3.0", NULL },
	{ "werkzeug", "discovery",       UDP, REMOTE, 12191, 12191, OUT, SITE, "3.0", NULL },
	{ "werkzeug", "discovery",       UDP, REMOTE, 12192, 12192, OUT, SITE, "3.0", NULL },

	/* the tool's other services, and who is at their other end */
#define OLD_MODULES LM " tk-homeserver"
#define TRACED      PBX " " LM " ip700"
#define TRACE       "wireshark-trace"
	{ "werkzeug",  "firmware-update", UDP, REMOTE, 12174, 12174, OUT, SITE, "3.0", NULL },
	{ "werkzeug",  "firmware-update", TCP, REMOTE, 12174, 12174, OUT, SITE, "3.0", NULL },
	{ OLD_MODULES, "firmware-update", UDP, LOCAL,  12174, 12174, IN,  SITE, "3.0", NULL },
	{ OLD_MODULES, "firmware-update", TCP, LOCAL,  12174, 12174, IN,  SITE, "3.0", NULL },
	{ "werkzeug",  "status",          UDP, LOCAL,  12175, 12175, IN,  SITE, "3.0", NULL },
	{ "werkzeug",  "status",          TCP, LOCAL,  12175, 12175, IN,  SITE, "3.0", NULL },
	{ OLD_MODULES, "status",          UDP, REMOTE, 12175, 12175, OUT, SITE, "3.0", NULL },
	{ OLD_MODULES, "status",          TCP, REMOTE, 12175, 12175, OUT, SITE, "3.0", NULL },
	{ "werkzeug",
		       "tftp-server",     UDP, LOCAL,     69,    69, IN,  SITE, "3.0", "dect-update" },
	{ "werkzeug",  TRACE,             UDP, LOCAL,  39321, 39321, IN,  SITE, "3.0", TRACE },
	{ "werkzeug",  TRACE,             TCP, LOCAL,  39321, 39321, IN,  SITE, "3.0", TRACE },
	{ TRACED,      TRACE,             UDP, REMOTE, 39321, 39321, OUT, SITE, "3.0", TRACE },
	{ TRACED,      TRACE,             TCP, REMOTE, 39321, 39321, OUT, SITE, "3.0", TRACE },
	{ "werkzeug",  "syslog-server",   UDP, LOCAL,    514,   514, IN,  SITE, "3.0", "syslog" },
	{ PBX " " MODULES " " PHONES,
		       "syslog",          UDP, REMOTE,   514,   514, OUT, SITE, "3.0", "syslog" },
};

/* How many channels a system has at most, and where that puts the end of its RTP range. */
static const struct {
	const char *models;
	unsigned channels, accounts, first, last_at_most;
} sizes[] = {
	{ ES_OLD_4,            4, 32, 5004, 5011 },
	{ "es-54x",            6, 32, 5004, 5015 },
	{ ES_OLD_12,          16, 32, 5004, 5035 }, /* 12 "ohne Lizenz" */
	{ "es-770-it",        16, 32, 5004, 5035 },
	{ LM " ip700",        16,  0, 5004, 5035 },
	{ "es-pure-ip-x-it",  30, 32, 5204, 5263 },
	{ ES_64,              64, 32, 5204, 5331 },
	{ HV,                160, 32, 5204, 5523 },
	{ "tk-homeserver scb " PHONES " visofon " PROGRAMS, 0, 0, 0, 0 },
};

/* The host tables of 1.4, 2.1.2 and 2.2.2. */
static const struct {
	const char *models;
	const char *service;
	const char *hosts;
} hosts[] = {
	{ ES, "cloud", "remote.agfeo.de remote2.agfeo.de pbx.agfeo.de" },
	{ HV, "cloud", "remote.agfeo.de remote2.agfeo.de pbx.agfeo.de aws.agfeo.de" },
	{ "dect-ip", "update", "dect.agfeo.de" },
	{ "asip", "update", "system.agfeo.de" },
	{ "headset-tool", "update", "headset.agfeo.cst.online" },
	{ "dashboard-app", "cloud", "remote2.agfeo.de" },
};

/* clang-format on */

/* ------------------------------------------------------------------ sets of words */

/* Whether `word` is one of the blank-separated words of `list`. */
static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += length) {
		if ((at == list || at[-1] == ' ') && (!at[length] || at[length] == ' '))
			return true;
	}
	return false;
}

static unsigned count_words(const char *list)
{
	unsigned count = 0;

	while (*list) {
		count++;
		list += strcspn(list, " ");
		list += strspn(list, " ");
	}
	return count;
}

static size_t service_count(const struct model *model)
{
	size_t count = 0;

	while (model->services[count])
		count++;
	return count;
}

/* ------------------------------------------------------------------ the document's rows */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool row_is(const struct expected *row, const struct service *service)
{
	return !strcmp(row->name, service->name) && row->protocol == service->protocol &&
	       row->side == service->side && row->first == service->ports.first &&
	       row->last == service->ports.last && row->direction == service->direction &&
	       row->scope == service->scope && same_text(row->source, service->source) &&
	       same_text(row->optional, service->optional);
}

static unsigned count_rows(const struct model *model, const struct service *service)
{
	unsigned count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		count += has_word(expected[i].models, model->id) && row_is(&expected[i], service);
	return count;
}

static unsigned count_matches(const struct model *model, const struct expected *row)
{
	unsigned count = 0;

	for (const struct service *const *service = model->services; *service; service++)
		count += row_is(row, *service);
	return count;
}

static void test_every_row_is_there(void)
{
	char what[128];

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		unsigned found = 0;

		for (const struct model *const *model = models; *model; model++) {
			if (!has_word(expected[i].models, (*model)->id))
				continue;
			found++;
			snprintf(what, sizeof(what), "%s: %s %s %u-%u", (*model)->id,
				 expected[i].name, protocol_label(expected[i].protocol),
				 expected[i].first, expected[i].last);
			CHECK_ROW(what);
			CHECK_EQ(count_matches(*model, &expected[i]), 1);
		}
		CHECK_ROW(expected[i].models);
		CHECK_EQ(found, count_words(expected[i].models));
	}
	CHECK_ROW(NULL);
}

static void test_no_other_row_is_there(void)
{
	char what[128];

	for (const struct model *const *model = models; *model; model++) {
		for (size_t i = 0; i < service_count(*model); i++) {
			const struct service *service = (*model)->services[i];

			snprintf(what, sizeof(what), "%s: %s %s %u-%u", (*model)->id, service->name,
				 protocol_label(service->protocol), service->ports.first,
				 service->ports.last);
			CHECK_ROW(what);
			CHECK_EQ(count_rows(*model, service), 1);
		}
	}
	CHECK_ROW(NULL);
}

/* ------------------------------------------------------------------ channels, accounts, hosts */

static const struct service *find_rule(const struct model *model, enum port_rule rule)
{
	for (const struct service *const *service = model->services; *service; service++)
		if ((*service)->port_rule == rule)
			return *service;
	return NULL;
}

static void check_size(const struct model *model, size_t i)
{
	const struct service *rtp = find_rule(model, PORTS_CHANNELS);
	const struct service *sip = find_rule(model, PORTS_ACCOUNTS);

	CHECK_EQ(model->channels, sizes[i].channels);
	CHECK_EQ(model->accounts, sizes[i].accounts);
	CHECK_EQ(rtp != NULL, sizes[i].channels != 0);
	CHECK_EQ(sip != NULL, sizes[i].accounts != 0);
	if (rtp) {
		CHECK_EQ(rtp->ports.first, sizes[i].first);
		CHECK_EQ(rtp->ports.first + 2 * model->channels - 1, sizes[i].last_at_most);
		CHECK(rtp->ports.last <= sizes[i].last_at_most);
		CHECK_EQ(rtp->class, AGFEO_CLASS_VOICE);
	}
	if (sip)
		CHECK_EQ(sip->ports.first + 2 * model->accounts - 1, sip->ports.last);
}

static void test_sizes(void)
{
	for (const struct model *const *model = models; *model; model++) {
		unsigned found = 0;

		CHECK_ROW((*model)->id);
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			if (!has_word(sizes[i].models, (*model)->id))
				continue;
			found++;
			check_size(*model, i);
		}
		CHECK_EQ(found, 1);
	}
	CHECK_ROW(NULL);
}

/* What the document leaves to the configuration: these rows and no others. */
static void test_open_ports(void)
{
	for (const struct model *const *model = models; *model; model++) {
		const char *id = (*model)->id;
		const struct service *rtp = find_rule(*model, PORTS_RTP_OPEN);

		CHECK_ROW(id);
		CHECK_EQ(rtp != NULL, has_word("visofon ip-video-tfe", id));
		CHECK_EQ(rtp && service_ports_open(rtp), has_word("ip-video-tfe", id));
		CHECK_EQ(find_rule(*model, PORTS_SIP_OPEN) != NULL, has_word("visofon", id));
	}
	CHECK_ROW(NULL);
}

static const char *hosts_of(const struct model *model, const struct service *service)
{
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++)
		if (has_word(hosts[i].models, model->id) &&
		    !strcmp(hosts[i].service, service->name))
			return hosts[i].hosts;
	return "";
}

static void test_hosts(void)
{
	unsigned used = 0;

	for (const struct model *const *model = models; *model; model++) {
		CHECK_ROW((*model)->id);
		for (size_t i = 0; i < service_count(*model); i++) {
			const struct service *service = (*model)->services[i];
			const char *list = hosts_of(*model, service);

			CHECK_EQ(service->hosts != 0, service->scope == SCOPE_CLOUD);
			CHECK_EQ(__builtin_popcount(service->hosts), count_words(list));
			for (unsigned host = 0; host < AGFEO_HOST_COUNT; host++)
				if (service->hosts & 1u << host)
					CHECK(has_word(list, host_name(host)));
			used |= service->hosts;
		}
	}
	CHECK_ROW(NULL);
	CHECK_EQ(used, (1u << AGFEO_HOST_COUNT) - 1);
}

int main(void)
{
	test_every_row_is_there();
	test_no_other_row_is_there();
	test_sizes();
	test_open_ports();
	test_hosts();
	return check_done();
}
