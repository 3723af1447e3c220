/* SPDX-License-Identifier: GPL-2.0 */
/* The compiled policy in the words of others: Windows QoS policies, an nftables ruleset. Text only. */
#ifndef USER_POLICY_GENERATE_H
#define USER_POLICY_GENERATE_H

#include "policy/policy.h"

/*
 * PowerShell that makes Windows mark what VISOfon sends to the site's telephone systems: RTP and SIP
 * apart (the document's chapter on QoS). -ENOENT, and nothing is written: the site has none.
 */
int generate_gpo(const struct policy *policy, FILE *out);

/* The allow-list as `table inet agfeo`, for nft -f; valid from nftables 1.0.6 on. -ENOMEM. */
int generate_nft(const struct policy *policy, FILE *out);

#endif
