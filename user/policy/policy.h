/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The compiled policy: what the maps will hold, worked out from a site and the catalogue without a
 * kernel. policy_compile() produces it; apply writes it into a bank, explain asks it.
 */
#ifndef USER_POLICY_POLICY_H
#define USER_POLICY_POLICY_H

#include <agfeo/judge.h>
#include <stdio.h>

#include "config/site.h"

/* A service of one compiled model policy, by its rule number: what explain and the counters say. */
struct policy_rule {
	char service[AGFEO_NAME_SIZE]; /* catalogue name, or "allow" */
	char source[16];	       /* section of the document, or "configuration" */
	enum agfeo_protocol protocol;
	struct port_range ports; /* as the device's configuration narrows them */
	enum agfeo_side side;
	enum agfeo_direction direction; /* AGFEO_IN, AGFEO_OUT or AGFEO_BOTH */
	enum scope scope; /* as the catalogue has it; which providers is the device's */
	unsigned hosts;	  /* SCOPE_CLOUD: mask of AGFEO_HOST_* */
	bool group;	  /* only to broadcast and multicast */
	bool expects;	  /* answers come from another port */
	uint8_t slot;
	uint8_t class;
	uint8_t mark;
};

/* One distinct compiled model policy. Devices that compile to the same tables share it. */
struct model_policy {
	struct agfeo_policy *tables;
	struct agfeo_port_blocks blocks;
	struct policy_rule rules[AGFEO_MAX_RULES];    /* rules[0] is none */
	size_t rule_count;			      /* rule 0 included */
	char slots[AGFEO_MAX_SLOTS][AGFEO_NAME_SIZE]; /* service name of each counter slot */
	uint8_t slot_class[AGFEO_MAX_SLOTS];
	uint8_t slot_mark[AGFEO_MAX_SLOTS]; /* DSCP or AGFEO_KEEP: part of a counter's identity */
	size_t slot_count;
	bool no_provider; /* the devices name none: SCOPE_PROVIDER is everybody */
};

struct policy_device {
	const struct device *device;
	size_t policy; /* index of policy.policies */
	uint64_t providers;
	uint8_t flags;				  /* enum agfeo_device_flags */
	struct agfeo_payload_types payload_types; /* its own, and the site's besides */
};

struct policy_peer {
	struct prefix network;
	struct agfeo_peer value; /* shorter prefixes that cover it are already merged in */
};

/* Where each address of a device leads: sorted by length, longest first, then address. */
struct policy_address {
	struct prefix prefix;
	size_t device; /* index of policy.devices */
};

struct policy {
	const struct site *site; /* borrowed: must outlive the policy */
	struct model_policy *policies;
	size_t policy_count;
	struct policy_device *devices; /* in the order of site->devices */
	size_t device_count;
	struct policy_address *addresses;
	size_t address_count;
	struct policy_peer *peers;
	size_t peer_count;
	struct agfeo_settings settings; /* ticks are of tick_ns */
	struct agfeo_shed shed;
	uint32_t pool4_first, pool4_last; /* host order; see struct agfeo_host_filter */
	uint64_t tick_ns;
	struct policy_index *index; /* for policy_ask() */
};

/*
 * tick_ns: length of a tick on the machine that will run it (any positive value for explain).
 * Faults that only the compiler can see (too many rules, too many kinds of devices, and once more a
 * port opened to the world that the vendor forbids, whatever way it came) are written to `errors`
 * as "PATH:LINE: MESSAGE", all of them; then -EINVAL.
 */
int policy_compile(const struct site *site, const char *path, uint64_t tick_ns, FILE *errors,
		   struct policy **ret_policy);
void policy_free(struct policy *policy);
/* Mask of AGFEO_HOST_*: names that a service needs. None where any address is as good. */
uint32_t policy_hosts(const struct policy *policy);
static inline void policy_freep(struct policy **policy)
{
	policy_free(*policy);
}

/* ------------------------------------------------------------------ asking it */

struct judged {
	const struct device *device;
	const struct policy_rule *rule; /* that allowed or refused, or NULL: nothing lists it */
	enum agfeo_direction direction; /* seen from the device: AGFEO_IN or AGFEO_OUT */
};

struct answer {
	enum agfeo_verdict verdict;
	enum agfeo_reason reason;
	enum agfeo_class class; /* of a passed flow, or of the rule that refused */
	bool has_class;
	bool monitor;		 /* it is judged so, and not enforced */
	uint8_t dscp;		 /* that its packets get, or AGFEO_KEEP */
	struct judged judged[2]; /* the source's device first */
	size_t judged_count;
	/* LISTED: whose class, mark and idle times the flow has; borrowed, else NULL. */
	const struct agfeo_rule *speaks;
};

/* A question: a new flow. protocol is the IP protocol number; ports in host order; cloud_hosts is a
 * mask of AGFEO_HOST_* that the end which is no device is known to be (a name was asked), else 0.
 * Protocols 1 and 58 mean an echo request. */
struct question {
	uint8_t protocol;
	struct address source, destination;
	uint16_t source_port, destination_port;
	unsigned cloud_hosts;
};

/* Decides as the datapath would for the first packet of a flow, from nothing but the policy. Constant
 * in devices and rules (a hash of hosts, then prefixes longest first). */
void policy_ask(const struct policy *policy, const struct question *question,
		struct answer *ret_answer);

#endif
