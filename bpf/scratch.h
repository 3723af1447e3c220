/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is known of the packet in work, one set a CPU: nothing of it is on the stack, so that a stage
 * starts from plain values whatever way the stage before took (verification stays small), and
 * stages can be functions. No packet pointer lives here; offsets do.
 */
#ifndef BPF_SCRATCH_H
#define BPF_SCRATCH_H

#include <agfeo/judge.h>

#include "decision.h"
#include "maps.h"
#include "packet.h"
#include "rtp.h"
#include "stream.h"

/* Where and under which policy a packet is judged. */
struct scene {
	struct agfeo_settings site; /* filled in once a packet leaves the straight way */
	__u32 generation;
	__u32 now;	    /* tick */
	__u32 pickup_until; /* tick, or 0 */
	__u32 ifindex;
	__u32 arrived_on; /* tc: the interface that it came in by; 0: the box's own */
	__u32 hook;	  /* enum hook */
};

union flow_key {
	struct agfeo_flow4_key v4;
	struct agfeo_flow6_key v6;
};

struct flow_id {
	union flow_key key;
	__u32 from_end; /* which end of the key sent the packet */
	__u32 place;	/* of flow_index */
};

/* The ends that a key is made of. */
struct ends {
	__u64 from6[2], to6[2]; /* network order */
	__u32 from4, to4;
	__u16 from_port, to_port;
	__u8 protocol, family;
	__u8 pad[2];
};

/* What the policy says of a flow. Ends are the packet's: 0 the sender, 1 the receiver. */
struct judgement {
	struct agfeo_device device[2]; /* id 0: none */
	__u32 counter
		[2]; /* of the device's service: the one that allows, or the one that refused */
	__u32 idle_new;
	__u32 idle;
	__u8 reason;
	__u8 class;
	__u8 mark;
	__u8 expects;
	__u8 refusing; /* the end whose device refused */
	__u8 peer;     /* enum agfeo_peer_bits: what the other end is to the device being asked */
	__u8 again;    /* a flow of an earlier generation is judged … */
	__u8 opener;   /* … which this end of the packet opened */
	__u8 stands;   /* enum flow_table: where it stands */
	__u8 outlives; /* it was allowed outside the lists, and ends by itself */
	struct agfeo_opinion opinion[2]; /* of each end's device */
	struct agfeo_rule rule[2];	 /* that allows, or that refused */
	struct agfeo_rule alternative[2];
};

struct scratch {
	struct packet packet;
	struct decision found;
	struct scene scene;
	struct flow_id id;
	struct flow_id other_id; /* of a quoted packet, of an expectation */
	struct ends ends;
	struct judgement judged;
	struct rtp_header rtp; /* of a voice packet */
};

/* A packet of a known flow, wherever its parts are kept. */
struct sight {
	const struct packet *packet;
	const struct rtp_header *rtp;
	struct decision *found;
	__u32 from_end; /* of the flow's key: who sent it */
	__u32 now;	/* tick */
	enum hook hook;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

static __always_inline struct scratch *scratch_of_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratches, &zero);
}

#endif
