/* SPDX-License-Identifier: GPL-2.0 */
/* Telephones: sections 2.0 to 2.2.2, and their lines of 3.0. Data only. */
#include "catalogue/models.h"

/* clang-format off */

/* ------------------------------------------------------------------ 2.0 every IP device */

static const struct service web = {
	"web", TCP(80, 80), LOCAL_IN, MANAGEMENT, SITE, .source = "2.0",
	.note = "the document mentions web configuration and gives no port: http, from the site",
};
static const struct service web_tls = {
	"web-tls", TCP(443, 443), LOCAL_IN, MANAGEMENT, SITE, .source = "2.0",
	.note = "the document mentions web configuration and gives no port: https, from the site",
};

/* ------------------------------------------------------------------ 2.1.1 SIP devices */

static const struct service sip = {
	"sip", UDP(5060, 5060), LOCAL_BOTH, SIGNALLING, SITE, .source = "2.1.1",
	.note = "the document gives the port and no direction: the telephone registers, and its "
		"system calls it",
};

#define RTP "rtp", LOCAL_BOTH, VOICE, PROVIDER, .source = "2.1.1"

static const struct service rtp_t1x = {
	RTP, UDP(10000, 10200),
	.note = "the document says 200 ports and lists both ends, which makes 201: the ends hold",
};
static const struct service rtp_dect = { RTP, UDP(50004, 50043) };
static const struct service rtp_tfe = {
	RTP, UDP(0, 0), .port_rule = PORTS_RTP_OPEN,
	.note = "the document leaves the range empty: `rtp-ports` must say what the device's web "
		"configuration shows",
};

#define VISOFON_NOTE                                                                            \
	"the whole range unless the telephone system presets the ports or an INI file changes " \
	"them; preset by the system: `rtp-ports = 65100-65120` and `sip-ports = 60104`"

static const struct service rtp_visofon = {
	RTP, UDP(1024, 65535), .port_rule = PORTS_RTP_OPEN, .note = VISOFON_NOTE,
};
static const struct service sip_visofon = {
	"sip", UDP(1024, 65535), LOCAL_BOTH, SIGNALLING, SITE, .port_rule = PORTS_SIP_OPEN,
	.source = "2.1.1", .note = VISOFON_NOTE,
};

#define STANDARD_NOTE                                                                           \
	"named without a port among the \"Standard-Dienste\": the port is IANA's"

static const struct service dns_udp = {
	"dns", UDP(53, 53), REMOTE_OUT, INFRASTRUCTURE, ANY, .source = "2.1.1",
	.note = STANDARD_NOTE,
};
static const struct service dns_tcp = {
	"dns", TCP(53, 53), REMOTE_OUT, INFRASTRUCTURE, ANY, .source = "2.1.1",
	.note = STANDARD_NOTE,
};
static const struct service ntp = {
	"ntp", UDP(123, 123), REMOTE_OUT, INFRASTRUCTURE, ANY, .source = "2.1.1",
	.note = STANDARD_NOTE,
};
static const struct service dhcp = {
	"dhcp", UDP(67, 67), REMOTE_OUT, INFRASTRUCTURE, SITE, .source = "2.1.1",
	.note = STANDARD_NOTE,
};
static const struct service tftp = {
	"tftp", UDP(69, 69), REMOTE_OUT, INFRASTRUCTURE, SITE, .expects = true,
	.source = "2.1.1", .note = STANDARD_NOTE,
};
static const struct service multicast = {
	"multicast", UDP(1, 65535), REMOTE_OUT, INFRASTRUCTURE, SITE, .group = true,
	.source = "2.1.1",
	.note = "named without group or port: every port, and only to group addresses",
};

/* Section 1.1 lists it at the system's end, for the SIP devices. */
static const struct service ldap = {
	"ldap", TCP(389, 389), REMOTE_OUT, MANAGEMENT, SITE, .source = "1.1",
	.note = "the telephone's end of the system's line",
};

/* ------------------------------------------------------------------ 2.1.2 their update hosts */

static const struct service update_dect = {
	"update", TCP(80, 80), REMOTE_OUT, CLOUD, .hosts = AGFEO_HOST_BIT(DECT), .source = "2.1.2",
	.note = "\"TCP / http\" is read as port 80",
};

/* ------------------------------------------------------------------ 2.2.1 ASIP devices */

static const struct service web_asip = {
	"web", TCP(80, 80), LOCAL_BOTH, MANAGEMENT, SITE, .source = "2.2.1",
};
static const struct service firmware_asip = {
	"firmware-update", TCP(80, 80), REMOTE_OUT, MANAGEMENT, SITE, .source = "2.2.1",
	.note = "\"Firmware-Update\" on port 80 is \"beidseitig\": what the telephone opens goes "
		"to port 80 of a host of the site; AGFEO's own host is section 2.2.2",
};
static const struct service asip = {
	"asip", TCP(2153, 2153), LOCAL_OUT, SIGNALLING, SITE, .source = "2.2.1",
	.note = "the telephone's own port: it leads to port 5904 of the system (1.2)",
};
static const struct service rtp_asip = {
	"rtp", UDP(5896, 5896), LOCAL_BOTH, VOICE, PROVIDER, .source = "2.2.1",
};
static const struct service found_asip = {
	"discovery", UDP(12179, 12179), LOCAL_IN, DISCOVERY, SITE, .source = "2.2.1",
};
static const struct service dns_asip_udp = {
	"dns", UDP(53, 53), REMOTE_OUT, INFRASTRUCTURE, ANY, .source = "2.2.1",
	.note = STANDARD_NOTE,
};
static const struct service dns_asip_tcp = {
	"dns", TCP(53, 53), REMOTE_OUT, INFRASTRUCTURE, ANY, .source = "2.2.1",
	.note = STANDARD_NOTE,
};
static const struct service ntp_asip = {
	"ntp", UDP(123, 123), REMOTE_OUT, INFRASTRUCTURE, ANY, .source = "2.2.1",
	.note = STANDARD_NOTE,
};
static const struct service dhcp_asip = {
	"dhcp", UDP(67, 67), REMOTE_OUT, INFRASTRUCTURE, SITE, .source = "2.2.1",
	.note = STANDARD_NOTE,
};

/* ------------------------------------------------------------------ 2.2.2 their update hosts */

static const struct service update_asip = {
	"update", TCP(80, 80), REMOTE_OUT, CLOUD, .hosts = AGFEO_HOST_BIT(SYSTEM),
	.source = "2.2.2", .note = "\"TCP / http\" is read as port 80",
};

/* ------------------------------------------------------------------ 3.0 */

#define FOUND_AT(port) "discovery", UDP(port, port), LOCAL_IN, DISCOVERY, SITE, .source = "3.0", \
	.note = "3.0 gives no protocol: UDP, as 2.2.1 has it for the same search"

static const struct service found_dect = { FOUND_AT(12187) };
static const struct service found_tfe = { FOUND_AT(12190) };

#define CTI_NOTE "the softphone is a part of AGFEO Dashboard, whose own line this is"

static const struct service cti = {
	"cti", TCP(80, 80), REMOTE_OUT, MANAGEMENT, SITE, .source = "3.0", .note = CTI_NOTE,
};
static const struct service cti_tls = {
	"cti-tls", TCP(443, 443), REMOTE_OUT, MANAGEMENT, SITE, .source = "3.0", .note = CTI_NOTE,
};

/* ------------------------------------------------------------------ telephones */

#define SIP_PHONE_SERVICES                                                                      \
	&sip, &dns_udp, &dns_tcp, &ntp, &dhcp, &tftp, &multicast, &web, &web_tls, &ldap

#define SERVICES (const struct service *const[])

const struct model model_t14_sip = {
	"t14-sip", "AGFEO T14 SIP", KIND_SIP,
	.services = SERVICES{ &rtp_t1x, SIP_PHONE_SERVICES, &syslog_out, NULL },
};
const struct model model_t17_sip = {
	"t17-sip", "AGFEO T17 SIP", KIND_SIP,
	.services = SERVICES{ &rtp_t1x, SIP_PHONE_SERVICES, &syslog_out, NULL },
};
const struct model model_dect_ip = {
	"dect-ip", "AGFEO DECT IP Basis", KIND_SIP,
	.services = SERVICES{ &rtp_dect, SIP_PHONE_SERVICES, &update_dect, &found_dect,
			      &syslog_out, NULL },
	.note = "one device for each DECT IP base; its handsets speak through it",
};
const struct model model_visofon = {
	"visofon", "AGFEO VISOfon", KIND_SOFTPHONE,
	.services = SERVICES{ &sip_visofon, &rtp_visofon, &dns_udp, &dns_tcp, &ntp, &dhcp, &cti,
			      &cti_tls, NULL },
};
const struct model model_ip_video_tfe = {
	"ip-video-tfe", "AGFEO IP-Video TFE 1/2", KIND_SIP,
	.services = SERVICES{ &rtp_tfe, SIP_PHONE_SERVICES, &found_tfe, &syslog_out, NULL },
};
const struct model model_asip = {
	"asip", "AGFEO ASIP system telephone (ST xx IP)", KIND_ASIP,
	.services = SERVICES{ &web_asip, &firmware_asip, &asip, &rtp_asip, &found_asip,
			      &dns_asip_udp, &dns_asip_tcp, &ntp_asip, &dhcp_asip, &update_asip,
			      &syslog_out, NULL },
};
