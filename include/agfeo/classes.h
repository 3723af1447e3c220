/* SPDX-License-Identifier: GPL-2.0 */
/* Kinds of traffic: one row a class. Labels are the contract of INTERFACE (`class`). */
#ifndef AGFEO_CLASSES_H
#define AGFEO_CLASSES_H

/* clang-format off */
#define AGFEO_CLASSES(X)                                                        \
	X(VOICE,          "voice",          "RTP and RTCP")                     \
	X(SIGNALLING,     "signalling",     "SIP and ASIP")                     \
	X(MANAGEMENT,     "management",     "configuration, CTI, directory")    \
	X(INFRASTRUCTURE, "infrastructure", "DNS, NTP, DHCP, TFTP, multicast")  \
	X(DISCOVERY,      "discovery",      "found by the AGFEO tool")          \
	X(CLOUD,          "cloud",          "AGFEO's own hosts")

enum agfeo_class {
#define X(name, label, text) AGFEO_CLASS_##name,
	AGFEO_CLASSES(X)
#undef X
	AGFEO_CLASS_COUNT,
};
/* clang-format on */

/* Who opens, seen from the device. A service may also be AGFEO_BOTH, a flow never. */
enum agfeo_direction {
	AGFEO_IN,  /* the peer opens */
	AGFEO_OUT, /* the device opens */
	AGFEO_DIRECTION_COUNT,
	AGFEO_BOTH = AGFEO_DIRECTION_COUNT,
};

#endif
