/* SPDX-License-Identifier: GPL-2.0 */
/* Software on a PC or a smartphone: section 3.0, and its host of 2.1.2. Data only. */
#include "catalogue/models.h"

/* clang-format off */

/* ------------------------------------------------------------------ what all of it needs */

#define DNS_NOTE                                                                                \
	"not in the document, which names hosts and servers that must be resolved to be reached"

static const struct service dns_udp = {
	"dns", UDP(53, 53), REMOTE_OUT, INFRASTRUCTURE, ANY, .source = "3.0", .note = DNS_NOTE,
};
static const struct service dns_tcp = {
	"dns", TCP(53, 53), REMOTE_OUT, INFRASTRUCTURE, ANY, .source = "3.0", .note = DNS_NOTE,
};

/* ------------------------------------------------------------------ clients of the system */

static const struct service app_local = {
	"cti-tls", TCP(443, 443), REMOTE_OUT, MANAGEMENT, SITE, .source = "3.0",
	.note = "\"Erstzugriff lokal\": the system itself",
};
static const struct service app_cloud = {
	"cloud", TCP(443, 443), REMOTE_OUT, CLOUD, .hosts = AGFEO_HOST_BIT(REMOTE2),
	.source = "3.0", .note = "after the first access: the RemoteAPP server of section 1.4",
};
static const struct service cti = {
	"cti", TCP(80, 80), REMOTE_OUT, MANAGEMENT, SITE, .source = "3.0",
};
static const struct service cti_tls = {
	"cti-tls", TCP(443, 443), REMOTE_OUT, MANAGEMENT, SITE, .source = "3.0",
};
static const struct service tapi = {
	"tapi", TCP(3232, 3232), REMOTE_OUT, MANAGEMENT, SITE, .source = "3.0",
};
static const struct service update_headset = {
	"update", TCP(80, 80), REMOTE_OUT, CLOUD, .hosts = AGFEO_HOST_BIT(HEADSET),
	.source = "2.1.2", .note = "\"TCP / http\" is read as port 80",
};

/* ------------------------------------------------------------------ the AGFEO tool */

/* The product is the document's word beside the port. */
#define FINDS(port, product) "discovery", UDP(port, port), REMOTE_OUT, DISCOVERY, SITE,         \
	.source = "3.0", .note = "finds " product

static const struct service finds_tk_homeserver = { FINDS(12172, "TK-HomeServer") };
static const struct service finds_lm_510 = { FINDS(12176, "LM 510") };
static const struct service finds_lm_508 = { FINDS(12178, "LM 508") };
static const struct service finds_st_xx_ip = { FINDS(12179, "ST xx IP") };
static const struct service finds_lm_509 = { FINDS(12181, "LM 509") };
static const struct service finds_es_51x_52x = { FINDS(12185, "ES 51x, ES 52x") };
static const struct service finds_es_5xx_up_54x_6xx = { FINDS(12186, "ES 5xx UP, ES 54x, ES 6XX") };
static const struct service finds_dect_ip = { FINDS(12187, "DECT IP Basis") };
static const struct service finds_es_7xx = { FINDS(12188, "ES 7xx IT (inkl. plus)") };
static const struct service finds_es_pure = { FINDS(12189, "ES Pure IP x IT") };
static const struct service finds_ip_video_tfe = { FINDS(12190, "IP-Video TFE 1/2") };
static const struct service finds_scb = { FINDS(12191, "Smart Connect Box (SCB)") };
static const struct service finds_ip700 = { FINDS(12192, "IP700 Modul") };

#define FIRMWARE_NOTE                                                                           \
	"for LM modules and TK-HomeServer; the document gives neither protocol nor direction: " \
	"UDP and TCP, opened by the tool, within the site"

static const struct service firmware_udp = {
	"firmware-update", UDP(12174, 12174), REMOTE_OUT, MANAGEMENT, SITE, .source = "3.0",
	.note = FIRMWARE_NOTE,
};
static const struct service firmware_tcp = {
	"firmware-update", TCP(12174, 12174), REMOTE_OUT, MANAGEMENT, SITE, .source = "3.0",
	.note = FIRMWARE_NOTE,
};

#define STATUS_NOTE                                                                             \
	"of older AS devices and modules; the document gives neither protocol nor direction: "  \
	"UDP and TCP, reported to the tool, within the site"

static const struct service status_udp = {
	"status", UDP(12175, 12175), LOCAL_IN, MANAGEMENT, SITE, .source = "3.0",
	.note = STATUS_NOTE,
};
static const struct service status_tcp = {
	"status", TCP(12175, 12175), LOCAL_IN, MANAGEMENT, SITE, .source = "3.0",
	.note = STATUS_NOTE,
};
static const struct service tftp_server = {
	"tftp-server", UDP(69, 69), LOCAL_IN, INFRASTRUCTURE, SITE, .expects = true,
	.optional = "dect-update", .source = "3.0",
};

#define TRACE_NOTE                                                                              \
	"the document gives neither protocol nor direction: UDP and TCP, opened by the "        \
	"recorded system towards the tool, which lists the port as its own"

static const struct service trace_udp = {
	"wireshark-trace", UDP(39321, 39321), LOCAL_IN, MANAGEMENT, SITE,
	.optional = "wireshark-trace", .source = "3.0", .note = TRACE_NOTE,
};
static const struct service trace_tcp = {
	"wireshark-trace", TCP(39321, 39321), LOCAL_IN, MANAGEMENT, SITE,
	.optional = "wireshark-trace", .source = "3.0", .note = TRACE_NOTE,
};
static const struct service syslog_server = {
	"syslog-server", UDP(514, 514), LOCAL_IN, MANAGEMENT, SITE,
	.optional = "syslog", .source = "3.0",
	.note = "the document gives no protocol: UDP, as RFC 5426 has it on this port",
};

/* ------------------------------------------------------------------ programs */

#define SERVICES (const struct service *const[])

const struct model model_dashboard_app = {
	"dashboard-app", "AGFEO Dashboard APP", KIND_SOFTWARE,
	.services = SERVICES{ &dns_udp, &dns_tcp, &app_local, &app_cloud, NULL },
};
const struct model model_dashboard_pc = {
	"dashboard-pc", "AGFEO Dashboard PC", KIND_SOFTWARE,
	.services = SERVICES{ &dns_udp, &dns_tcp, &cti, &cti_tls, NULL },
};
const struct model model_tapi_client = {
	"tapi-client", "AGFEO TSP TAPI driver", KIND_SOFTWARE,
	.services = SERVICES{ &dns_udp, &dns_tcp, &tapi, NULL },
};
const struct model model_werkzeug = {
	"werkzeug", "AGFEO Werkzeug", KIND_SOFTWARE,
	.note = "3.0 gives no protocol for the search: UDP, as 2.2.1 has it",
	.services = SERVICES{
		&dns_udp, &dns_tcp, &finds_tk_homeserver, &finds_lm_510, &finds_lm_508,
		&finds_st_xx_ip, &finds_lm_509, &finds_es_51x_52x, &finds_es_5xx_up_54x_6xx,
		&finds_dect_ip, &finds_es_7xx, &finds_es_pure, &finds_ip_video_tfe, &finds_scb,
		&finds_ip700, &firmware_udp, &firmware_tcp, &status_udp, &status_tcp, &tftp_server,
		&trace_udp, &trace_tcp, &syslog_server, NULL,
	},
};
const struct model model_headset_tool = {
	"headset-tool", "AGFEO HeadSet Infinity tool", KIND_SOFTWARE,
	.services = SERVICES{ &dns_udp, &dns_tcp, &update_headset, NULL },
};
