/* SPDX-License-Identifier: GPL-2.0 */
/* The sites of the corpus: one office, and what a line more in its configuration changes. Where no pool has
 * IPv6 addresses, IPv6 too has a straight way. */
#include "rows.h"

#define NETWORKS "networks = 192.168.10.0/24, 192.168.20.0/24, fd00:10::/64\n"

/* clang-format off */
#define OFFICE(softphones)                                                              \
	"[interface lan0]\n"                                                            \
	"role = voice\n"                                                                \
	"[provider trunk]\n"                                                            \
	"networks = 217.10.64.0/20, 2001:db8:217::/48\n"                                \
	"[provider other]\n"                                                            \
	"networks = 212.227.0.0/16\n"                                                   \
	/* the telephone system: RTP 5204-5235, SIP client 5064-5071 */                  \
	"[device pbx]\n"                                                                \
	"model = es-pure-ip-x-it\n"                                                     \
	"address = 192.168.10.2, fd00:10::2\n"                                          \
	"channels = 16\n"                                                               \
	"sip-accounts = 4\n"                                                            \
	"provider = trunk\n"                                                            \
	/* an older one without a provider: RTP 5004-5035 with anybody */               \
	"[device old-pbx]\n"                                                            \
	"model = es-770-it\n"                                                           \
	"address = 192.168.10.3, fd00:10::3\n"                                          \
	"enable = sip-tcp, mqtt-broker\n"                                               \
	"disable = tapi\n"                                                              \
	"allow = in tcp 8080 from site, out udp 7000-7010 to any\n"                     \
	/* telephones of the site */                                                    \
	"[device t14]\n"                                                                \
	"model = t14-sip\n"                                                             \
	"address = 192.168.10.21, fd00:10::21\n"                                        \
	"provider = trunk\n"                                                            \
	"[device dect]\n"                                                               \
	"model = dect-ip\n"                                                             \
	"address = 192.168.10.22, fd00:10::22\n"                                        \
	"mac = 00:09:40:12:34:56\n"                                                     \
	"[device st56]\n"                                                               \
	"model = asip\n"                                                                \
	"address = 192.168.10.23, fd00:10::23\n"                                        \
	/* softphones: a pool with preset ports, one with the default range */          \
	"[device softphones]\n"                                                         \
	"model = visofon\n"                                                             \
	"address = " softphones "\n"                                                    \
	"provider = trunk\n"                                                            \
	"rtp-ports = 65100-65120\n"                                                     \
	"sip-ports = 60104\n"                                                           \
	"[device free-softphone]\n"                                                     \
	"model = visofon\n"                                                             \
	"address = 192.168.20.100\n"                                                    \
	"provider = trunk\n"                                                            \
	/* software */                                                                  \
	"[device tool]\n"                                                               \
	"model = werkzeug\n"                                                            \
	"address = 192.168.10.60, fd00:10::60\n"                                        \
	"enable = dect-update\n"                                                        \
	"[device app]\n"                                                                \
	"model = dashboard-app\n"                                                       \
	"address = 192.168.10.61, fd00:10::61\n"                                        \
	/* a device that is only watched */                                             \
	"[device module]\n"                                                             \
	"model = lm-510\n"                                                              \
	"address = 192.168.10.24, fd00:10::24\n"                                        \
	"mode = monitor\n"
/* clang-format on */

#define POOLS "192.168.20.64/27, fd00:10::4000/120"
#define POOL4 "192.168.20.64/27"

const char site_office[] = "[site]\n" NETWORKS OFFICE(POOLS);
const char site_closed[] = "[site]\n" NETWORKS "unknown = drop\n" OFFICE(POOL4);
const char site_watched[] = "[site]\n" NETWORKS "mode = monitor\n" OFFICE(POOL4);
const char site_bleached[] = "[site]\n" NETWORKS "cloud = any\n" OFFICE(POOLS) "[qos]\n"
									       "others = bleach\n"
									       "signalling = cs3\n";
const char site_unmarked[] = "[site]\n" NETWORKS OFFICE(POOLS) "[qos]\n"
							       "voice = keep\n"
							       "others = bleach\n";
const char site_narrow[] = "[site]\n" NETWORKS "new-flows = 2\n" OFFICE(POOL4);
