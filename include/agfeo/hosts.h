/* SPDX-License-Identifier: GPL-2.0 */
/*
 * AGFEO's own hosts, by name: one row a host. A service of scope `cloud` carries a mask of them
 * (bit = AGFEO_HOST_*). The section is that of the document's host tables (1.4, 2.1.2, 2.2.2).
 */
#ifndef AGFEO_HOSTS_H
#define AGFEO_HOSTS_H

/* clang-format off */
#define AGFEO_HOSTS(X)                                                          \
	X(REMOTE,  "remote.agfeo.de",          "1.4")                           \
	X(REMOTE2, "remote2.agfeo.de",         "1.4")                           \
	X(PBX,     "pbx.agfeo.de",             "1.4")                           \
	X(AWS,     "aws.agfeo.de",             "1.4")                           \
	X(DECT,    "dect.agfeo.de",            "2.1.2")                         \
	X(HEADSET, "headset.agfeo.cst.online", "2.1.2")                         \
	X(SYSTEM,  "system.agfeo.de",          "2.2.2")

enum agfeo_host {
#define X(name, host, source) AGFEO_HOST_##name,
	AGFEO_HOSTS(X)
#undef X
	AGFEO_HOST_COUNT,
};
/* clang-format on */

#define AGFEO_HOST_BIT(name) (1u << AGFEO_HOST_##name)

#define AGFEO_HOST_WIRE 32 /* bytes of the longest name as DNS writes it, and padding */

/* How long an answer holds, in seconds, whatever TTL it names. */
#define AGFEO_CLOUD_LEAST 30
#define AGFEO_CLOUD_MOST  3600

#endif
