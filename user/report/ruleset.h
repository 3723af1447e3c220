/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the box's packet filters do to telephones: forwards from outside, helpers that rewrite SIP,
 * timeouts and offloaded flows, out of `nft -j list ruleset` and `iptables-save`. Pure. The bytes
 * may be anything: what is not understood is passed over.
 */
#ifndef USER_REPORT_RULESET_H
#define USER_REPORT_RULESET_H

#include <net/if.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

#define RULE_TEXT	192
#define RULE_UNDO_TEXT	512
#define RULE_SOURCES	8
#define RULE_INTERFACES 8
#define RULESET_ENTRIES 4096 /* most of each kind that are kept */
#define PORT_WORDS	(65536 / 64)

/* Ports of the vendor's warning: bits of forward.forbidden. */
enum forbidden_port { FORBIDDEN_SIP = 1 << 0, FORBIDDEN_HTTP = 1 << 1, FORBIDDEN_HTTPS = 1 << 2 };

/* Where packets come in, or do not. A name may end in * (nft) or + (iptables). */
struct rule_interfaces {
	char names[RULE_INTERFACES][IFNAMSIZ];
	size_t count; /* 0: anywhere */
	bool negated;
	bool more; /* than there is room for, or than can be read */
};

/* A destination NAT, with what its packets must have on the whole way to it. */
struct forward {
	char rule[RULE_TEXT];	    /* where it stands */
	char undo[RULE_UNDO_TEXT];  /* the command that deletes it */
	struct address first, last; /* where to */
	char ports[64];		    /* "5060", "80, 443, …", "all" */
	unsigned forbidden;	    /* enum forbidden_port, outside or at the target */
	struct rule_interfaces interfaces;
	struct prefix sources[RULE_SOURCES];
	size_t source_count;
	bool source_limited; /* sources are not all, or not all known */
};

/* A rule that gives flows to a helper, or a timeout that is too short by our reading. */
struct helper {
	char rule[RULE_TEXT];
	char undo[RULE_UNDO_TEXT];
};

struct udp_timeout {
	char rule[RULE_TEXT];
	char name[64];
	uint64_t unreplied, replied; /* seconds; 0: the kernel's */
};

struct flowtable {
	char name[RULE_TEXT];
	char undo[RULE_UNDO_TEXT];
	char interfaces[8][IFNAMSIZ];
	size_t interface_count;
	bool everywhere; /* on whatever interfaces its flows use: FLOWOFFLOAD of iptables */
	bool offload;	 /* to the hardware, as far as the rule says so */
};

struct ruleset {
	struct forward *forwards;
	size_t forward_count;
	struct helper *helpers; /* SIP only */
	size_t helper_count;
	struct udp_timeout *timeouts; /* UDP only, those that a rule assigns */
	size_t timeout_count;
	struct flowtable *flowtables; /* those that a rule fills */
	size_t flowtable_count;
	bool cut; /* too large to be read whole */
};

void ruleset_free(struct ruleset *ruleset); /* what it owns */

/*
 * Adds what the document says. -EINVAL: it is no such document; -ENOMEM. What was found before stays.
 */
int ruleset_read_nft(const char *json, size_t size, struct ruleset *ruleset);
/* command: "iptables", "ip6tables" …, for the commands that undo. */
int ruleset_read_iptables(const char *command, const char *text, size_t size,
			  struct ruleset *ruleset);

/* ------------------------------------------------------------------ for the two readers */

struct port_set {
	uint64_t words[PORT_WORDS];
};

/* What a packet has when it comes to a rule. */
struct way {
	struct port_set ports;
	struct rule_interfaces interfaces;
	struct prefix sources[RULE_SOURCES];
	size_t source_count;
	bool source_limited;
};

void way_start(struct way *way);
void ports_add(struct port_set *ports, unsigned first, unsigned last);
void ports_invert(struct port_set *ports);
void ports_meet(struct port_set *ports, const struct port_set *other);
bool ports_none(const struct port_set *ports);
void way_source(struct way *way, const struct prefix *source);
/* NULL: there is one that cannot be read. */
void interfaces_add(struct rule_interfaces *interfaces, const char *name);
/* What a rule matches counts over what its caller matched, unless it only leaves some out. */
void way_interfaces(struct way *way, const struct rule_interfaces *interfaces);
bool interface_is(const char *pattern, const char *name);

/* target_port: 0: as it came. Fills what follows from the way. */
int ruleset_add_forward(struct ruleset *ruleset, const struct way *way, const char *rule,
			const char *undo, const struct address ends[2], unsigned target_port);
int ruleset_add_helper(struct ruleset *ruleset, const char *rule, const char *undo);
/* One more zeroed row of *rows, or NULL: no memory or too many (then ruleset->cut). */
void *ruleset_row(struct ruleset *ruleset, void *rows, size_t *count, size_t size);
bool is_sip_helper(const char *type);

#endif
