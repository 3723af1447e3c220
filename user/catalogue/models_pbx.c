/* SPDX-License-Identifier: GPL-2.0 */
/* Telephone systems and their modules: sections 1.1 to 1.4, and their lines of 3.0. Data only. */
#include "catalogue/models.h"

/* clang-format off */

/* ------------------------------------------------------------------ 1.1 Allgemeine Dienste */

static const struct service dns_udp = {
	"dns", UDP(53, 53), REMOTE_OUT, INFRASTRUCTURE, ANY, .source = "1.1",
};
static const struct service dns_tcp = {
	"dns", TCP(53, 53), REMOTE_OUT, INFRASTRUCTURE, ANY, .source = "1.1",
};

#define NTP_NOTE    "\"Beidseitig\" in the document: out as a client, to any server"
#define SERVER_NOTE "\"Beidseitig\" in the document: in as a server, for the site only"

static const struct service ntp_udp = {
	"ntp", UDP(123, 123), REMOTE_OUT, INFRASTRUCTURE, ANY, .source = "1.1", .note = NTP_NOTE,
};
static const struct service ntp_tcp = {
	"ntp", TCP(123, 123), REMOTE_OUT, INFRASTRUCTURE, ANY, .source = "1.1", .note = NTP_NOTE,
};
static const struct service ntp_server_udp = {
	"ntp-server", UDP(123, 123), LOCAL_IN, INFRASTRUCTURE, SITE, .source = "1.1",
	.note = SERVER_NOTE,
};
static const struct service ntp_server_tcp = {
	"ntp-server", TCP(123, 123), LOCAL_IN, INFRASTRUCTURE, SITE, .source = "1.1",
	.note = SERVER_NOTE,
};

static const struct service web = {
	"web", TCP(80, 80), LOCAL_IN, MANAGEMENT, SITE, .source = "1.1",
};
static const struct service web_tls = {
	"web-tls", TCP(443, 443), LOCAL_IN, MANAGEMENT, SITE, .source = "1.1",
	.note = "\"Beidseitig\" in the document: in from the site only; out is the cloud access "
		"of section 1.4",
};
static const struct service ldap = {
	"ldap", TCP(389, 389), LOCAL_IN, MANAGEMENT, SITE, .source = "1.1",
};
static const struct service mqtt_broker = {
	"mqtt-broker", TCP(1883, 1883), LOCAL_IN, MANAGEMENT, SITE,
	.optional = "mqtt-broker", .source = "1.1",
};
static const struct service mqtt_client = {
	"mqtt-client", TCP(1024, 65535), LOCAL_OUT, MANAGEMENT, ANY,
	.optional = "mqtt-client", .source = "1.1",
	.note = "\"Dyn.\" in the document, with neither the broker's address nor its port: any "
		"peer from ports 1024-65535, the range that 1.2 calls dynamic",
};
static const struct service tapi = {
	"tapi", TCP(3232, 3232), LOCAL_IN, MANAGEMENT, SITE, .source = "1.1",
};

/* ------------------------------------------------------------------ 1.2 SIP and ASIP */

static const struct service asip_registrar = {
	"asip-registrar", TCP(5904, 5904), LOCAL_IN, SIGNALLING, SITE, .source = "1.2",
};
static const struct service sip_registrar = {
	"sip-registrar", UDP(5060, 5060), LOCAL_IN, SIGNALLING, SITE, .source = "1.2",
};
static const struct service sip_client = {
	"sip-client", UDP(5064, 5127), LOCAL_OUT, SIGNALLING, PROVIDER,
	.port_rule = PORTS_ACCOUNTS, .source = "1.2",
};
static const struct service sip_client_tcp = {
	"sip-client-tcp", TCP(1024, 65535), LOCAL_OUT, SIGNALLING, PROVIDER,
	.optional = "sip-tcp", .source = "1.2",
};

/* ------------------------------------------------------------------ 1.3 RTP */

#define RTP(from, to) "rtp", UDP(from, to), LOCAL_BOTH, VOICE, PROVIDER,                        \
	.port_rule = PORTS_CHANNELS, .source = "1.3"

static const struct service rtp_4 = { RTP(5004, 5011) };
static const struct service rtp_6 = { RTP(5004, 5015) };
static const struct service rtp_12 = {
	RTP(5004, 5027),
	.note = "12 channels are what the system has without a licence; with one say how many: "
		"`channels = 16` opens 5004-5035, the widest range of the older ES",
};
static const struct service rtp_16 = {
	RTP(5004, 5035),
	.note = "\"16 oder mehr\" channels use no more than this range: with more than 16 leave "
		"`channels` out",
};
static const struct service rtp_module = {
	RTP(5004, 5035),
	.note = "the document says of IP modules in an older ES 7xx IT that all Ethernet "
		"interfaces use the same RTP ports: the system's, at its widest",
};
static const struct service rtp_30 = { RTP(5204, 5263) };
static const struct service rtp_64 = { RTP(5204, 5331) };
static const struct service rtp_160 = { RTP(5204, 5523) };
static const struct service rtp_hyperfonie = {
	RTP(5204, 5523),
	.note = "the document puts HyperFonie among the systems with the newer RTP ports and "
		"gives no range: HyperVoice's",
};

/* ------------------------------------------------------------------ 1.4 Cloud */

#define CLOUD_HOSTS (AGFEO_HOST_BIT(REMOTE) | AGFEO_HOST_BIT(REMOTE2) | AGFEO_HOST_BIT(PBX))

static const struct service cloud = {
	"cloud", TCP(443, 443), REMOTE_OUT, CLOUD, .hosts = CLOUD_HOSTS, .source = "1.4",
};
static const struct service cloud_hypervoice = {
	"cloud", TCP(443, 443), REMOTE_OUT, CLOUD,
	.hosts = CLOUD_HOSTS | AGFEO_HOST_BIT(AWS), .source = "1.4",
};

/* ------------------------------------------------------------------ 3.0 found by the tool */

#define FOUND_AT(port) "discovery", UDP(port, port), LOCAL_IN, DISCOVERY, SITE, .source = "3.0", \
	.note = "3.0 gives no protocol: UDP, as 2.2.1 has it for the same search"

static const struct service found_tk_homeserver = { FOUND_AT(12172) };
static const struct service found_lm_510 = { FOUND_AT(12176) };
static const struct service found_lm_508 = { FOUND_AT(12178) };
static const struct service found_lm_509 = { FOUND_AT(12181) };
static const struct service found_es_51x_52x = { FOUND_AT(12185) };
static const struct service found_es_5xx_up_54x_6xx = { FOUND_AT(12186) };
static const struct service found_es_7xx = { FOUND_AT(12188) };
static const struct service found_es_pure = { FOUND_AT(12189) };
static const struct service found_scb = { FOUND_AT(12191) };
static const struct service found_ip700 = { FOUND_AT(12192) };

#define FIRMWARE_NOTE                                                                           \
	"the document gives neither protocol nor direction: UDP and TCP, opened by the tool, "  \
	"within the site"

static const struct service firmware_udp = {
	"firmware-update", UDP(12174, 12174), LOCAL_IN, MANAGEMENT, SITE, .source = "3.0",
	.note = FIRMWARE_NOTE,
};
static const struct service firmware_tcp = {
	"firmware-update", TCP(12174, 12174), LOCAL_IN, MANAGEMENT, SITE, .source = "3.0",
	.note = FIRMWARE_NOTE,
};

#define STATUS_NOTE                                                                             \
	"the document gives neither protocol nor direction: UDP and TCP, reported by the "      \
	"module to the tool, within the site"

static const struct service status_udp = {
	"status", UDP(12175, 12175), REMOTE_OUT, MANAGEMENT, SITE, .source = "3.0",
	.note = STATUS_NOTE,
};
static const struct service status_tcp = {
	"status", TCP(12175, 12175), REMOTE_OUT, MANAGEMENT, SITE, .source = "3.0",
	.note = STATUS_NOTE,
};

/* ------------------------------------------------------------------ telephone systems */

#define PBX_SERVICES                                                                            \
	&dns_udp, &dns_tcp, &ntp_udp, &ntp_tcp, &ntp_server_udp, &ntp_server_tcp,               \
	&web, &web_tls, &ldap, &mqtt_broker, &mqtt_client, &tapi,                               \
	&asip_registrar, &sip_registrar, &sip_client, &sip_client_tcp
#define TRACE_SERVICES &trace_out_udp, &trace_out_tcp
#define TOOL_SERVICES  TRACE_SERVICES, &syslog_out

#define SERVICES (const struct service *const[])
#define ACCOUNTS 32

const struct model model_es_51x = {
	"es-51x", "AGFEO ES 51x", KIND_PBX, .channels = 4, .accounts = ACCOUNTS,
	.services = SERVICES{ PBX_SERVICES, &rtp_4, &cloud, &found_es_51x_52x,
			      TOOL_SERVICES, NULL },
};
const struct model model_es_52x = {
	"es-52x", "AGFEO ES 52x", KIND_PBX, .channels = 4, .accounts = ACCOUNTS,
	.services = SERVICES{ PBX_SERVICES, &rtp_4, &cloud, &found_es_51x_52x,
			      TOOL_SERVICES, NULL },
};
const struct model model_es_5xx_up = {
	"es-5xx-up", "AGFEO ES 5xx UP", KIND_PBX, .channels = 4, .accounts = ACCOUNTS,
	.services = SERVICES{ PBX_SERVICES, &rtp_4, &cloud, &found_es_5xx_up_54x_6xx,
			      TOOL_SERVICES, NULL },
};
const struct model model_es_54x = {
	"es-54x", "AGFEO ES 54x", KIND_PBX, .channels = 6, .accounts = ACCOUNTS,
	.services = SERVICES{ PBX_SERVICES, &rtp_6, &cloud, &found_es_5xx_up_54x_6xx,
			      TOOL_SERVICES, NULL },
};
const struct model model_es_6xx = {
	"es-6xx", "AGFEO ES 6xx", KIND_PBX, .channels = 16, .accounts = ACCOUNTS,
	.services = SERVICES{ PBX_SERVICES, &rtp_12, &cloud, &found_es_5xx_up_54x_6xx,
			      TOOL_SERVICES, NULL },
};
const struct model model_es_730_it = {
	"es-730-it", "AGFEO ES 730 IT", KIND_PBX, .channels = 16, .accounts = ACCOUNTS,
	.services = SERVICES{ PBX_SERVICES, &rtp_12, &cloud, &found_es_7xx, TOOL_SERVICES, NULL },
};
const struct model model_es_770_it = {
	"es-770-it", "AGFEO ES 770 IT", KIND_PBX, .channels = 16, .accounts = ACCOUNTS,
	.services = SERVICES{ PBX_SERVICES, &rtp_16, &cloud, &found_es_7xx, TOOL_SERVICES, NULL },
};
const struct model model_es_7xx_it_plus = {
	"es-7xx-it-plus", "AGFEO ES 7xx IT plus", KIND_PBX, .channels = 64, .accounts = ACCOUNTS,
	.services = SERVICES{ PBX_SERVICES, &rtp_64, &cloud, &found_es_7xx, TOOL_SERVICES, NULL },
};

#define NOT_FOUND_NOTE                                                                          \
	"the document gives no port at which the AGFEO tool finds this product, so none is open"

const struct model model_es_22_x_it = {
	"es-22-x-it", "AGFEO ES 22 X IT", KIND_PBX, .channels = 64, .accounts = ACCOUNTS,
	.services = SERVICES{ PBX_SERVICES, &rtp_64, &cloud, TOOL_SERVICES, NULL },
	.note = NOT_FOUND_NOTE,
};
const struct model model_es_pure_ip_x_it = {
	"es-pure-ip-x-it", "AGFEO ES PURE IP X IT", KIND_PBX, .channels = 30, .accounts = ACCOUNTS,
	.services = SERVICES{ PBX_SERVICES, &rtp_30, &cloud, &found_es_pure, TOOL_SERVICES, NULL },
};
const struct model model_hypervoice = {
	"hypervoice", "AGFEO HyperVoice", KIND_PBX, .channels = 160, .accounts = ACCOUNTS,
	.services = SERVICES{ PBX_SERVICES, &rtp_160, &cloud_hypervoice, TOOL_SERVICES, NULL },
	.note = NOT_FOUND_NOTE,
};
const struct model model_hyperfonie = {
	"hyperfonie", "AGFEO HyperFonie", KIND_PBX, .channels = 160, .accounts = ACCOUNTS,
	.services = SERVICES{ PBX_SERVICES, &rtp_hyperfonie, &cloud_hypervoice,
			      TOOL_SERVICES, NULL },
	.note = NOT_FOUND_NOTE "; hosts and ports are HyperVoice's",
};

/* ------------------------------------------------------------------ modules */

#define MODULE_SERVICES                                                                         \
	&dns_udp, &dns_tcp, &ntp_udp, &ntp_tcp, &web, &web_tls
#define OLD_MODULE_SERVICES                                                                     \
	&firmware_udp, &firmware_tcp, &status_udp, &status_tcp
#define MODULE_NOTE                                                                             \
	"of its own ports the document lists those of the AGFEO tool; name resolution, time "   \
	"and web configuration are those of section 1.1"

const struct model model_tk_homeserver = {
	"tk-homeserver", "AGFEO TK-HomeServer", KIND_MODULE, .note = MODULE_NOTE,
	.services = SERVICES{ MODULE_SERVICES, &found_tk_homeserver, OLD_MODULE_SERVICES,
			      &syslog_out, NULL },
};
const struct model model_lm_508 = {
	"lm-508", "AGFEO LM 508", KIND_MODULE, .channels = 16, .note = MODULE_NOTE,
	.services = SERVICES{ MODULE_SERVICES, &rtp_module, &found_lm_508, OLD_MODULE_SERVICES,
			      TOOL_SERVICES, NULL },
};
const struct model model_lm_509 = {
	"lm-509", "AGFEO LM 509", KIND_MODULE, .channels = 16, .note = MODULE_NOTE,
	.services = SERVICES{ MODULE_SERVICES, &rtp_module, &found_lm_509, OLD_MODULE_SERVICES,
			      TOOL_SERVICES, NULL },
};
const struct model model_lm_510 = {
	"lm-510", "AGFEO LM 510", KIND_MODULE, .channels = 16, .note = MODULE_NOTE,
	.services = SERVICES{ MODULE_SERVICES, &rtp_module, &found_lm_510, OLD_MODULE_SERVICES,
			      TOOL_SERVICES, NULL },
};
const struct model model_ip700 = {
	"ip700", "AGFEO IP700 Modul", KIND_MODULE, .channels = 16, .note = MODULE_NOTE,
	.services = SERVICES{ MODULE_SERVICES, &rtp_module, &found_ip700, TOOL_SERVICES, NULL },
};
const struct model model_scb = {
	"scb", "AGFEO Smart Connect Box (SCB)", KIND_MODULE, .note = MODULE_NOTE,
	.services = SERVICES{ MODULE_SERVICES, &found_scb, &syslog_out, NULL },
};
