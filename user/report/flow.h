/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flows as they stand in the maps, and as people read them. Pure: the kernel reader fills
 * struct flow_record and struct identities, the rest is worked out here.
 */
#ifndef USER_REPORT_FLOW_H
#define USER_REPORT_FLOW_H

#include <agfeo/abi.h>
#include <stdio.h>

#include "base/address.h"

#define FLOW_TABLES 6 /* of each kind one for IPv4 and one for IPv6, in turn */

/* One entry of a flow table, in one form for both families. */
struct flow_record {
	struct address address[2];
	uint16_t port[2];
	uint8_t protocol; /* IP protocol */
	bool has_streams; /* it stands in a voice table */
	uint8_t table;	  /* index of flow_tables (kernel/flows.h), where it was read from one */
	struct agfeo_flow flow;
	struct agfeo_stream stream[2];
};

void flow_read_key4(const struct agfeo_flow4_key *key, struct flow_record *record);
void flow_read_key6(const struct agfeo_flow6_key *key, struct flow_record *record);
struct agfeo_flow4_key flow_key4(const struct flow_record *record);
struct agfeo_flow6_key flow_key6(const struct flow_record *record);

/* Fills in both ends, in the order of the keys. Returns which of them `from` is. */
unsigned flow_place_ends(struct flow_record *record, const struct address *from, uint16_t from_port,
			 const struct address *to, uint16_t to_port);
/* Sets table and has_streams: where the datapath keeps such a flow. Ends and flow are filled. */
void flow_choose_table(struct flow_record *record);
/* Sets its bits in the index over the tables (agfeo/flow_index.h), which the datapath may be at, too. */
struct agfeo_flow_index;
void flow_index_add(struct agfeo_flow_index *index, const struct flow_record *record);

/* Ages of user space hold the clocks of one moment. */
struct flow_clock {
	uint32_t tick;
	uint64_t tick_ns;
	uint64_t now_ns; /* CLOCK_MONOTONIC */
};

/* Not a flow but a wildcard: the answer to a request that will come from another port. */
bool flow_is_expectation(const struct flow_record *record);
/* Ticks since the last packet of either direction. */
uint32_t flow_idle(const struct flow_record *record, uint32_t tick);
/* Not silent for longer than it may be: what the datapath asks at lookup. */
bool flow_is_live(const struct flow_record *record, uint32_t tick);

/* Names by the stable ids of the maps. */
struct identities {
	struct agfeo_device_name *devices;
	size_t device_count;
	struct agfeo_counter_name *counters;
	size_t counter_count;
};

void identities_free(struct identities *identities);
static inline void identities_freep(struct identities **identities)
{
	identities_free(*identities);
}
/* "" for an id that is free or beyond; borrowed. */
const char *identity_device(const struct identities *identities, uint32_t id);
const char *identity_model(const struct identities *identities, uint32_t id);
const char *identity_service(const struct identities *identities, uint32_t counter);

enum flow_state { FLOW_NEW, FLOW_ANSWERED, FLOW_ESTABLISHED, FLOW_CLOSING };

/* A flow seen from a device: the opener's, where both ends are devices. */
struct flow_row {
	struct address local, remote;
	uint16_t local_port, remote_port;
	uint8_t protocol;
	uint8_t class;
	uint8_t mark;	    /* DSCP that its packets get, or AGFEO_KEEP */
	const char *device; /* names are borrowed from the identities; "" for none */
	const char *model;
	const char *service;
	const char *remote_device;
	enum agfeo_direction opener;
	enum flow_state state;
	uint64_t age_ns, idle_ns;
	struct agfeo_flow_direction way[AGFEO_DIRECTION_COUNT]; /* by enum agfeo_direction */
	uint32_t dropped[AGFEO_DIRECTION_COUNT];		/* packets, alike */
	uint8_t local_end;	      /* which end of the record is `local` */
	bool one_way;		      /* report/one_way.h */
	enum agfeo_direction missing; /* then: the direction that is silent */
	size_t call;		      /* its streams are that call's, counted from 1; 0: none */
};

struct call;

void flow_describe(const struct flow_record *record, const struct identities *identities,
		   const struct flow_clock *clock, struct flow_row *ret_row);

/* By bytes of both directions, most first. */
void flows_sort(struct flow_row *rows, size_t count);

int render_flows_text(FILE *out, const struct flow_row *rows, size_t count);
/*
 * {"flows":[{"device","model","service","class","protocol":"udp","local":"ip:port",
 *  "remote":"ip:port","remote_device":…|null,"opener":"in|out","state":"new|answered|established|
 *  closing","age_s","idle_s","mark":46|null,"one_way":bool,
 *  "in":{"packets","bytes","dropped","remarked","dscp_in","dscp_out"},"out":{…}}]}
 * dscp_in, dscp_out: of the direction's last packet, as it arrived and as it left. Of a row that has
 * one of `calls`, each direction also has "stream":{…}|null, as `calls` shows it.
 */
int render_flows_json(FILE *out, const struct flow_row *rows, size_t count,
		      const struct call *calls);

/* "udp", "tcp", "icmp", "icmpv6", else the number; the buffer needs 8 bytes. */
const char *ip_protocol_format(uint8_t protocol, char *text);

#endif
