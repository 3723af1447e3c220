/* SPDX-License-Identifier: GPL-2.0 */
/* Labels of the shared lists, made from the X-lists: the words of JSON, metrics and text. */
#ifndef USER_BASE_NAMES_H
#define USER_BASE_NAMES_H

#include <agfeo/abi.h>
#include <stdint.h>

const char *reason_label(enum agfeo_reason reason);
const char *reason_text(enum agfeo_reason reason);
const char *class_label(enum agfeo_class class);
const char *verdict_label(enum agfeo_verdict verdict);	     /* "pass", "drop" */
const char *direction_label(enum agfeo_direction direction); /* "in", "out", "both" */
const char *protocol_label(enum agfeo_protocol protocol);    /* "udp", "tcp" */
const char *side_label(enum agfeo_side side);		     /* "local", "remote" */
const char *role_label(enum agfeo_role role);		     /* "voice", "uplink" */
const char *host_name(enum agfeo_host host);		     /* "remote.agfeo.de" */
/* The same as DNS writes it (RFC 1035, 3.1), zeros behind. */
void host_wire(enum agfeo_host host, uint8_t bytes[AGFEO_HOST_WIRE]);

/* "ef", "cs0", "af41" … or "13" where there is no name; "keep" for AGFEO_KEEP. RFC 2474, 2597,
 * 3246, 5865, 8622. The buffer needs 5 bytes. */
const char *dscp_format(unsigned dscp, char *text);
/* The same back: a name in any case or a number 0..63. -EINVAL. "keep" gives AGFEO_KEEP. */
int dscp_parse(const char *text, unsigned *ret_dscp);

#endif
