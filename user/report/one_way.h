/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One-way audio (DESIGN 7), the one definition for flows, calls, top, status and metrics: one
 * direction of a voice flow is audio (five RTP packets a second or more, the last no longer than
 * 1.5 s ago), and of the other no RTP came for 3 s, or none since the first began 3 s ago.
 *
 * Who announced silence by comfort noise is there. Both silent (hold, hung up) is not one-way; nor are
 * RTCP, STUN and keepalives, which are too few. Where quality is not measured (`quality = off`) the
 * flow's own counts must do: packets that are no RTP then keep a direction from being silent, and
 * comfort noise is not known.
 */
#ifndef USER_REPORT_ONE_WAY_H
#define USER_REPORT_ONE_WAY_H

#include "report/flow.h"

/* ret_silent: which end is not heard; untouched when false. */
bool flow_is_one_way(const struct flow_record *record, const struct flow_clock *clock,
		     unsigned *ret_silent);

#endif
