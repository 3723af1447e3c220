/* SPDX-License-Identifier: GPL-2.0 */
/* Parts of the nftables ruleset: its sets, the chains of devices and services; see generate_nft.c. */
#ifndef USER_POLICY_GENERATE_NFT_H
#define USER_POLICY_GENERATE_NFT_H

#include "policy/generate.h"

#define NFT_NAME (AGFEO_NAME_SIZE + 16) /* of a chain or set made from a device's or host's name */

/*
 * What a flow was found to be stands in the upper half of its conntrack mark: above, how many ports
 * its service covers (as a rank, 1 the fewest); below, its treatment.
 */
enum nft_treatment { NFT_NEW, NFT_VOICE, NFT_SIGNALLING, NFT_OTHER, NFT_WATCHED };

#define NFT_TREATMENT_MASK "0x00ff0000"
#define NFT_RANK_MASK	   "0xff000000"
#define NFT_FOREIGN_MASK   "0x0000ffff" /* bits that are not ours */

static inline unsigned nft_mark(unsigned rank, enum nft_treatment treatment)
{
	return rank << 24 | (unsigned)treatment << 16;
}

struct nft {
	const struct policy *policy;
	FILE *out;
	const char
		*drop; /* what follows a refusing rule's counter: " drop", or "" in monitor mode */
	bool marks;    /* some packet is re-marked */
	bool watched;  /* some device, not the site, is in monitor mode */
	bool bound;    /* some device has a MAC address */
	bool expects;  /* some service answers from another port */
	bool uplinks;
	uint32_t *widths; /* of all rules, ascending, each once */
	size_t width_count;
	bool *used; /* class chains that are jumped to: see used_at() in generate_nft_rules.c */
	uint64_t *reaches; /* sets of providers that devices name, each once */
	size_t reach_count;
};

/* The two families, as rules and sets say them. */
struct nft_family {
	bool v4;
	const char *word;     /* "ip", "ip6" */
	const char *type;     /* "ipv4_addr", "ipv6_addr" */
	char suffix;	      /* of set names */
	const char *groups;   /* elements of broadcast and multicast */
	const char *unrouted; /* of addresses that nobody has yet, or that only the same wire has */
};

extern const struct nft_family nft_families[2];

/* ------------------------------------------------------------------ generate_nft_sets.c */

/* Sets of devices, networks and hosts, the maps from devices to their chains. */
void nft_write_sets(const struct nft *nft);
/* For a device or provider whose name nft does not take: "name.7" instead. */
const char *nft_name(const char *name, size_t number, char text[NFT_NAME]);
/* "remote_agfeo_de": names the sets of addresses of an AGFEO host. */
const char *nft_host_set(unsigned host, char text[NFT_NAME]);
/* The number of the sets of whom devices with these providers may reach: reachN_4, reachN_6, and
 * trunkN_4, trunkN_6 without the site. */
size_t nft_reach(const struct nft *nft, uint64_t providers);
/* AGFEO's hosts that some rule names: a mask. */
unsigned nft_hosts(const struct policy *policy);
bool nft_has_family(const struct device *device, const struct nft_family *family);
/* What may stand in a comment of nft: no quotes, no control characters, not too long. */
void nft_write_comment(const struct nft *nft, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* ------------------------------------------------------------------ generate_nft_rules.c */

/* Idle times, by class, as ct timeout objects. */
void nft_write_timeouts(const struct nft *nft);
/* Two chains a device: what it opens, what is opened to it. And what a service makes of a flow. */
void nft_write_devices(struct nft *nft);
void nft_write_classes(const struct nft *nft);

/* ------------------------------------------------------------------ generate_nft_hooks.c */

/* Re-marking by what a flow is, and the base chains. */
void nft_write_marking(const struct nft *nft);
void nft_write_hooks(const struct nft *nft);

/* ------------------------------------------------------------------ generate_nft.c */

/* `{ "lan0", "lan1" }` of the interfaces with that role. */
void nft_write_interfaces(const struct nft *nft, enum agfeo_role role);
/* A line for each family: %1$s is its word, %2$c the suffix of its sets. */
void nft_each_family(const struct nft *nft, const char *format)
	__attribute__((format(printf, 2, 0)));

#endif
