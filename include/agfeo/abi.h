/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keys and values of every map: the contract between the datapath, the loader and whoever reads the
 * pinned maps. A change here is a change of AGFEO_ABI.
 *
 * Byte order: addresses of map keys (hosts4, pools4, peers4 and their IPv6 twins) are in network
 * order, as they stand in a packet; everything else, ports included, is in host order.
 * Time: a tick is a coarse unit of ageing, `agfeo_meta.tick_ns` long; ns are CLOCK_MONOTONIC.
 * Padding is spelled out, since these bytes cross the border.
 */
#ifndef AGFEO_ABI_H
#define AGFEO_ABI_H

#include <agfeo/classes.h>
#include <agfeo/counters.h>
#include <agfeo/event.h>
#include <agfeo/flow.h>
#include <agfeo/hosts.h>
#include <agfeo/reasons.h>
#include <agfeo/replay_result.h>
#include <agfeo/types.h>

#define AGFEO_ABI 10

#define AGFEO_NAME_SIZE	    48	/* of a device, a provider, a service: with the final NUL */
#define AGFEO_BANKS	    2	/* the policy that rules, and the one being prepared */
#define AGFEO_MAX_POLICIES  256 /* distinct compiled model policies of a bank */
#define AGFEO_MAX_PROVIDERS 64	/* bits of agfeo_peer.providers */
#define AGFEO_MAX_RULES	    64	/* of one policy; rule 0 is "none" */
#define AGFEO_MAX_CLASSES                                                                          \
	128		   /* distinct sets of rules a port of one policy can have; 0 is "none" */
#define AGFEO_MAX_SLOTS 32 /* counted services of one device; see enum agfeo_slot */
#define AGFEO_PORTS	65536
#define AGFEO_KEEP	0xff /* "leave the DSCP alone" where a code point is asked */
#define AGFEO_EF	46   /* RFC 3246; the document's chapter on QoS */

#define AGFEO_DISCOVERY_FIRST 12172 /* the AGFEO tool finds products on these: section 3.0 */
#define AGFEO_DISCOVERY_LAST  12192

enum agfeo_protocol {
	AGFEO_UDP,
	AGFEO_TCP,
	AGFEO_PROTOCOL_COUNT,
};

/* Whose port a service lists: the device's own, or the peer's. */
enum agfeo_side {
	AGFEO_LOCAL,
	AGFEO_REMOTE,
	AGFEO_SIDE_COUNT,
};

/* What the other end is to a device: an index into agfeo_port_class.rule. */
enum agfeo_peer_bits {
	AGFEO_PEER_SITE = 1 << 0,     /* in the site's networks, or a listed device itself */
	AGFEO_PEER_PROVIDER = 1 << 1, /* in a network of one of the device's providers */
	AGFEO_PEER_CLOUD = 1 << 2,    /* an address of an AGFEO host that the policy names */
	AGFEO_PEER_GROUP = 1 << 3,    /* broadcast or multicast; never together with SITE */
	AGFEO_PEER_KINDS = 1 << 4,
};

/* Counter slots that every device has; the services of its model follow. */
enum agfeo_slot {
	AGFEO_SLOT_NONE,    /* no service: refused packets that nothing lists */
	AGFEO_SLOT_ICMP,    /* echo and related errors */
	AGFEO_SLOT_CONTROL, /* neighbour discovery, IGMP/MLD, DHCP */
	AGFEO_SLOT_FIRST_SERVICE,
};

/* ------------------------------------------------------------------ policy */

enum agfeo_rule_flags {
	AGFEO_RULE_EXPECTS = 1 << 0, /* answers come from a port that nobody can know (TFTP) */
};

/* One service as a policy uses it. */
struct agfeo_rule {
	__u32 idle_new; /* ticks a flow lives before the first reply */
	__u32 idle;	/* ticks it lives after; for TCP: once established */
	__u32 width; /* ports the rule covers: of two that match, the narrower speaks for the flow */
	__u8 class;  /* enum agfeo_class */
	__u8 slot;   /* counter slot, >= AGFEO_SLOT_FIRST_SERVICE */
	__u8 mark;   /* DSCP that its packets get, or AGFEO_KEEP */
	__u8 flags;  /* enum agfeo_rule_flags */
};

/*
 * What the rules of one port say, worked out beforehand: for who opened (enum agfeo_direction, seen
 * from the device) and what the peer is (enum agfeo_peer_bits).
 * rule: the rule that allows it, or 0. alternative: another that allows it too, of a different
 * class, or 0 (VISOfon lists one range for SIP and RTP). Where rule is 0, reason says why
 * (NOT_LISTED, DIRECTION or SCOPE) and refused names the rule that refused, for the counters.
 */
struct agfeo_port_entry {
	__u8 rule;
	__u8 alternative;
	__u8 refused;
	__u8 reason; /* enum agfeo_reason */
};

struct agfeo_port_class {
	struct agfeo_port_entry entry[AGFEO_DIRECTION_COUNT][AGFEO_PEER_KINDS];
};

/* Value of the inner maps of `policies`: one per distinct compiled model policy. */
struct agfeo_policy {
	__u32 cloud_hosts; /* mask of AGFEO_HOST_*: those that count as AGFEO_PEER_CLOUD here */
	__u32 pad;
	/* A bit for each port: it is in the list. What is asked of UDP stays in the first-level cache. */
	__u64 listed[AGFEO_PROTOCOL_COUNT][AGFEO_SIDE_COUNT][AGFEO_PORTS / 64];
	struct agfeo_rule rules[AGFEO_MAX_RULES];
	struct agfeo_port_class classes[AGFEO_MAX_CLASSES];
	__u8 port_class[AGFEO_PROTOCOL_COUNT][AGFEO_SIDE_COUNT][AGFEO_PORTS];
};

/*
 * Value of `port_blocks`, by the slot of `policies`: what is asked first of UDP between two hosts. A bit
 * for each 64 ports: the policy lists one of them, other than for groups, or everybody has one (DHCP).
 */
struct agfeo_port_blocks {
	__u64 listed[AGFEO_SIDE_COUNT][AGFEO_PORTS / 64 / 64];
};

enum agfeo_device_flags {
	AGFEO_DEVICE_MONITOR = 1 << 0, /* judge and count, drop and re-mark nothing */
	AGFEO_DEVICE_MAC = 1 << 1,     /* .mac is bound */
	AGFEO_DEVICE_QUALITY = 1 << 2, /* measure its voice */
};

/* Value of hosts4, hosts6, pools4 and pools6. */
struct agfeo_device {
	__u32 id;     /* stable: index of device_names and device_counters; 0 is nobody */
	__u16 policy; /* index of `policies` within the bank */
	__u8 flags;   /* enum agfeo_device_flags */
	__u8 pad;
	__u8 mac[6];
	__u8 pad2[2];
	__u64 providers;		/* mask of AGFEO_MAX_PROVIDERS */
	__u32 counter[AGFEO_MAX_SLOTS]; /* index of `counters`, by slot */
	struct agfeo_payload_types payload_types;
};

/* Value of host_rows: what an IPv4 host's packets that nobody lists ask of it. */
struct agfeo_host_row {
	__u32 address; /* network order */
	__u32 id;      /* agfeo_device.id */
	__u16 policy;  /* index of `policies` within the bank */
	__u16 next;    /* row of another host with the same bit of host_filter; 0: none */
	__u8 flags;    /* enum agfeo_device_flags; MONITOR also where the whole site has it */
	__u8 pad[3];
};

struct agfeo_pool4_key {
	__u32 prefix_length; /* 0..32 */
	__u8 address[4];
};

struct agfeo_pool6_key {
	__u32 prefix_length; /* 0..128 */
	__u8 address[16];
};

enum agfeo_peer_flags {
	AGFEO_NETWORK_SITE = 1 << 0,
	AGFEO_NETWORK_RESOLVER = 1 << 1, /* its DNS answers teach names */
};

/* Value of peers4 and peers6 (LPM): what covers the address, shorter prefixes included. */
struct agfeo_peer {
	__u64 providers; /* mask of AGFEO_MAX_PROVIDERS */
	__u32 flags;	 /* enum agfeo_peer_flags */
	__u32 pad;
};

/* Value of cloud4 and cloud6: an address that one of AGFEO's names resolved to. */
struct agfeo_cloud {
	__u32 hosts;   /* mask of AGFEO_HOST_* */
	__u32 seen;    /* tick of the last packet of a flow to it */
	__u32 expires; /* tick after which the name must have been seen again */
	/* How each was learned, masks alike: the daemon asked, a device's answer passed. */
	__u16 refreshed;
	__u16 watched;
};

/* Key of dns_questions: a device asked for one of AGFEO's names. Addresses are v4-mapped. */
struct agfeo_dns_key {
	__u8 device[16];
	__u8 resolver[16];
	__u16 port; /* the device's */
	__u16 id;   /* of the transaction */
	__u16 type; /* of the record: A or AAAA */
	__u16 pad;
};

struct agfeo_dns_question {
	__u32 asked; /* tick */
	__u32 host;  /* enum agfeo_host */
};

#define AGFEO_DNS_BYTES	  1024 /* of an answer that user space gets to read */
#define AGFEO_DNS_RECORDS 16   /* of an answer that the datapath reads itself */
#define AGFEO_DNS_WAIT	  10   /* seconds that an answer may take */

/* Record of the ring buffer `dns_answers`. Zeroed before it is filled. */
struct agfeo_dns_answer {
	__u64 time_ns; /* CLOCK_MONOTONIC */
	__u8 device[16];
	__u8 resolver[16];
	__u16 type;
	__u16 length; /* of `bytes` */
	__u32 host;   /* enum agfeo_host: the name that was asked */
	__u8 bytes[AGFEO_DNS_BYTES];
};

enum agfeo_settings_flags {
	AGFEO_SITE_MONITOR = 1 << 0,
	AGFEO_SITE_UNKNOWN_DROP = 1 << 1,
	AGFEO_SITE_BLEACH = 1 << 2,   /* others = bleach */
	AGFEO_SITE_POOLS6 = 1 << 4,   /* pools6 is not empty */
	AGFEO_SITE_SHED_SIP = 1 << 5, /* every device with a SIP client names a provider */
};

/* Value of `settings`, one per bank: what a policy says besides devices and ports. */
struct agfeo_settings {
	__u32 flags;	     /* enum agfeo_settings_flags */
	__u32 rate;	     /* new flows a source may open, per 1024 ticks; 0: no bound */
	__u32 burst;	     /* and at once */
	__u32 stranger_rate; /* the same for all hosts outside site and providers together */
	__u32 stranger_burst;
	__u32 idle_closing;  /* ticks: TCP that is not, or no longer, established */
	__u32 idle_fragment; /* ticks: how long later fragments follow their first */
	__u32 echo_idle;     /* ticks: echo, and how long an expected answer is waited for */
	__u64 providers;     /* mask: all that any device names */
	__u32 answer_idle;   /* ticks: an expected answer's flow, once both ends have sent */
	__u32 pad;
};

/* Value of `shed` (index: bank; an inner array map of one): ports that an uplink never lets in. */
enum agfeo_shed_flags {
	AGFEO_SHED_SERVICE = 1 << 0,	/* an AGFEO service port: site only */
	AGFEO_SHED_SIP_CLIENT = 1 << 1, /* the SIP client range: the named providers only */
};

struct agfeo_shed {
	__u8 port[AGFEO_PROTOCOL_COUNT][AGFEO_PORTS]; /* enum agfeo_shed_flags */
};

/* Value of `control`, a single entry: the one switch. Bank = generation & 1. */
struct agfeo_control {
	__u32 generation;   /* 0: nothing published yet, everything passes */
	__u32 pickup_until; /* tick until which mid-stream TCP is picked up; 0: never */
	__u32 expected;	    /* answers were waited for that no list allows; never taken back */
};

enum agfeo_role {
	AGFEO_ROLE_VOICE,
	AGFEO_ROLE_UPLINK,
};

enum agfeo_interface_flags {
	AGFEO_INTERFACE_FAST = 1 << 0, /* known flows go from XDP to XDP: forward = fast */
};

/* Value of `interfaces`, by ifindex. */
struct agfeo_interface {
	__u32 role;  /* enum agfeo_role */
	__u32 flags; /* enum agfeo_interface_flags */
};

/* Value of `meta`, a single entry: who made these pins. Written first, before all others. */
struct agfeo_meta {
	__u32 abi;	 /* AGFEO_ABI */
	__u32 hz;	 /* of the kernel's jiffies */
	__u64 tick_ns;	 /* length of a tick */
	__u64 loaded_ns; /* CLOCK_REALTIME of the last load */
	__u64 first_loaded_ns;
	__u64 programs; /* hash of what the pinned programs were made from; 0: they are being replaced */
	char version[32];
	char config[256]; /* path of the configuration last loaded */
};

/* ------------------------------------------------------------------ fragments */

/* Value of fragments4 and fragments6: what the first fragment was judged. */
struct agfeo_fragment4_key {
	__u32 source; /* network order */
	__u32 destination;
	__u32 id; /* IP protocol << 16 | identification */
	__u32 pad;
};

struct agfeo_fragment6_key {
	__u64 source[2];
	__u64 destination[2];
	__u64 id; /* IP protocol << 32 | identification */
};

struct agfeo_fragment {
	__u32 generation;
	__u32 seen;	  /* tick */
	__u32 counter[2]; /* sender's, receiver's */
	__u32 device[2];  /* ids, alike */
	__u8 mark;	  /* DSCP that the first fragment got, or AGFEO_KEEP */
	__u8 monitor;
	__u8 class;
	__u8 flags; /* enum agfeo_fragment_flags */
};

enum agfeo_fragment_flags {
	AGFEO_FRAGMENT_VOICE = 1 << 0,	/* the first one was voice by evidence */
	AGFEO_FRAGMENT_BLEACH = 1 << 1, /* EF is not for this flow unless it is voice */
};

/* Value of sources4 and sources6, and of `strangers` (per CPU): a token bucket of new flows. */
struct agfeo_bucket {
	__u32 tokens; /* 1024 make a flow */
	__u32 filled; /* tick of the last filling */
};

/* ------------------------------------------------------------------ names */

/* Values of device_names and counter_names: written by the loader only. An empty name is free. */
struct agfeo_device_name {
	char name[AGFEO_NAME_SIZE];
	char model[AGFEO_NAME_SIZE];
	__u32 generation; /* last in which it was configured */
	__u32 pad;
};

struct agfeo_counter_name {
	__u32 device; /* agfeo_device.id */
	__u32 generation;
	__u8 class; /* enum agfeo_class */
	__u8 dscp;  /* what `remarked` set, or AGFEO_KEEP */
	__u8 pad[6];
	char service[AGFEO_NAME_SIZE];
};

/* ------------------------------------------------------------------ programs */

/* .rodata of the programs: fixed before they are loaded; what is off costs nothing. */
struct agfeo_program_config {
	__u32 tick_shift; /* a tick is 2^tick_shift jiffies; replay: 2^tick_shift ns */
	__u32 have_frags; /* the kernel knows bpf_xdp_get_buff_len: multi-buffer XDP (5.18) */
	__u32 replay;	  /* the clock is `replay_clock`, and `replay_result` is written */
	__u32 events;	  /* records go to the ring buffer */
	__u32 fast;	  /* some interface has AGFEO_INTERFACE_FAST */
	__u32 dns;	  /* answers of the resolvers teach AGFEO's names */
	__u32 tick_ns;
	__u32 cache; /* packets of known flows are looked for in `flow_cache` */
	__u8 hosts[AGFEO_HOST_COUNT][AGFEO_HOST_WIRE]
		__attribute__((aligned(8))); /* names as DNS writes them, lower case */
};

#define AGFEO_TICK_SHIFT	4  /* 64 ms at HZ 250 */
#define AGFEO_REPLAY_TICK_SHIFT 26 /* 67 ms */

/* ------------------------------------------------------------------ sizes */

_Static_assert(sizeof(struct agfeo_rule) == 16, "rule");
_Static_assert(sizeof(struct agfeo_device) == 24 + 4 * AGFEO_MAX_SLOTS + AGFEO_DYNAMIC_TYPES,
	       "device");
_Static_assert(sizeof(struct agfeo_cloud) == 16, "cloud");
_Static_assert(sizeof(struct agfeo_dns_key) == 40, "question");
_Static_assert(AGFEO_HOST_COUNT <= 16, "masks of hosts");

#endif
