/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an uplink never lets near the box, whoever it is for: the ports of a telephone system's services
 * that only the site may reach, and those of its SIP client, which only named providers may.
 */
#ifndef TESTS_MODEL_UPLINK_H
#define TESTS_MODEL_UPLINK_H

#include "rules.h"

/* Whether a new flow between nobody's addresses is refused at an uplink. */
bool uplink_sheds(const struct listed_site *site, const struct wire *wire);

#endif
