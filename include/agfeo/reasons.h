/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a packet passes or is dropped: one row a reason. The datapath never decides "drop": it finds
 * a reason, and the reason's row says what follows. Labels are the contract of INTERFACE ("Drop
 * reasons") and appear in metrics, JSON and text.
 */
#ifndef AGFEO_REASONS_H
#define AGFEO_REASONS_H

/* clang-format off */
#define AGFEO_REASONS(X)                                                                                                \
	X(LISTED,       PASS, "listed",       "a service of every device at either end allows it")                      \
	X(FLOW,         PASS, "flow",         "belongs to a flow that was allowed before")                              \
	X(EXPECTED,     PASS, "expected",     "answers a request that answers from another port (TFTP, discovery)")     \
	X(RELATED,      PASS, "related",      "an ICMP error that quotes a packet of a known flow")                     \
	X(ECHO,         PASS, "echo",         "an echo request from the site")                                          \
	X(CONTROL,      PASS, "control",      "neighbour discovery, IGMP/MLD or DHCP, without which no device speaks")  \
	X(PICKUP,       PASS, "pickup",       "mid-stream TCP in the first minute after the first load")                \
	X(NO_DEVICE,    PASS, "no-device",    "neither end is a listed device, and the site says unknown = pass")       \
	X(NOT_IP,       PASS, "not-ip",       "not IPv4 or IPv6: ARP, LLDP, EAPOL, STP and the like")                   \
	X(NOT_LISTED,   DROP, "not-listed",   "no service of the device has the port")                                  \
	X(DIRECTION,    DROP, "direction",    "the service is listed, but it was opened from the wrong side")           \
	X(SCOPE,        DROP, "scope",        "the peer is outside where the service may reach")                        \
	X(NO_FLOW,      DROP, "no-flow",      "mid-stream: no flow that it could belong to")                            \
	X(UNKNOWN_HOST, DROP, "unknown-host", "neither end is a listed device, and the site says unknown = drop")       \
	X(MALFORMED,    DROP, "malformed",    "headers that contradict themselves or the frame")                        \
	X(FRAGMENT,     DROP, "fragment",     "a fragment whose first fragment was not seen")                           \
	X(SPOOFED,      DROP, "spoofed",      "a device's address from another MAC or from the wrong interface")        \
	X(RATE,         DROP, "rate",         "more new flows than a source may open")

enum agfeo_verdict {
	AGFEO_PASS,
	AGFEO_DROP,
	AGFEO_VERDICT_COUNT,
};

enum agfeo_reason {
#define X(name, verdict, label, text) AGFEO_REASON_##name,
	AGFEO_REASONS(X)
#undef X
	AGFEO_REASON_COUNT,
};
/* clang-format on */

/* The drop reasons stand together at the end of the list. */
#define AGFEO_FIRST_DROP_REASON AGFEO_REASON_NOT_LISTED
#define AGFEO_DROP_REASON_COUNT (AGFEO_REASON_COUNT - AGFEO_FIRST_DROP_REASON)

static inline enum agfeo_verdict agfeo_reason_verdict(enum agfeo_reason reason)
{
	return reason >= AGFEO_FIRST_DROP_REASON ? AGFEO_DROP : AGFEO_PASS;
}

#endif
