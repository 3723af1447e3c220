/* SPDX-License-Identifier: GPL-2.0 */
/* Stages of policy_compile(): a device's rules, their port tables, the shed ports, the index. */
#ifndef USER_POLICY_COMPILE_H
#define USER_POLICY_COMPILE_H

#include "policy/policy.h"

/* ------------------------------------------------------------------ rules.c */

/*
 * The rules of one device: its model's services with the ports that it uses, the options it enables,
 * its own `allow` lines. Fills all but `tables` and `blocks`; every byte of it is determined, so that equal
 * devices compare equal. Returns 0, or -E2BIG with the number of rules or counted services that
 * there would be in *ret_wanted.
 */
int rules_of_device(const struct site *site, const struct device *device,
		    struct model_policy *ret_policy, size_t *ret_wanted);

/* ------------------------------------------------------------------ ports.c */

/* Works out the tables of the rules. -ENOMEM. */
int tables_of_rules(const struct site *site, const struct model_policy *model, uint64_t tick_ns,
		    struct agfeo_policy **ret_tables);
void blocks_of_rules(const struct model_policy *model, struct agfeo_port_blocks *ret_blocks);
/* Ticks that seconds take, at least that long; what is beyond 32 bits stays there. */
uint32_t ticks_of(uint64_t seconds, uint64_t tick_ns);

/* ------------------------------------------------------------------ shed.c */

/* What an uplink never lets in, and AGFEO_SITE_SHED_SIP. */
void shed_ports(struct policy *policy);

/* ------------------------------------------------------------------ index.c */

struct policy_index *index_new(const struct policy *policy);
void index_free(struct policy_index *index);
/* The device that has the address, or NULL. */
const struct policy_device *index_device(const struct policy *policy,
					 const struct address *address);
/* What the address is by its network; zeros where no network has it. */
struct agfeo_peer index_peer(const struct policy *policy, const struct address *address);

#endif
