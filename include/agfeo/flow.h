/* SPDX-License-Identifier: GPL-2.0 */
/* Flows: keys and values of the flow tables. */
#ifndef AGFEO_FLOW_H
#define AGFEO_FLOW_H

#include <agfeo/flow_cache.h>
#include <agfeo/stream.h>
#include <agfeo/types.h>
#include <agfeo/way.h>

/*
 * A flow is both directions of one 5-tuple. Its two ends, (address, port) together, are sorted:
 * end 0 is the smaller. A packet's direction is the index of the end that sent it.
 */
struct agfeo_flow4_key {
	__u64 low;  /* end 0: address << 16 | port, and the IP protocol << 48 */
	__u64 high; /* end 1: address << 16 | port */
};

struct agfeo_flow6_key {
	__u64 low[2]; /* end 0, most significant word first, host order */
	__u64 high[2];
	__u64 ports; /* end 0's port, end 1's port << 16, the IP protocol << 32 */
};

enum agfeo_flow_flags {
	AGFEO_FLOW_DEVICE0 = 1 << 0, /* end 0 is a listed device (<< 1: end 1) */
	AGFEO_FLOW_DEVICE1 = 1 << 1,
	AGFEO_FLOW_MAC0 = 1 << 2, /* end 0's MAC is bound (<< 1: end 1's) */
	AGFEO_FLOW_MAC1 = 1 << 3,
	AGFEO_FLOW_MONITOR = 1 << 4,
	AGFEO_FLOW_BLEACH = 1 << 5,
	AGFEO_FLOW_QUALITY = 1 << 6,
	AGFEO_FLOW_ANSWERED = 1 << 7, /* both ends have sent */
	AGFEO_FLOW_TCP = 1 << 8,
	AGFEO_FLOW_OPENER1 = 1 << 9,	  /* end 1 opened it; else end 0 */
	AGFEO_FLOW_ESTABLISHED = 1 << 10, /* TCP: the SYN-ACK answered the SYN, or was picked up */
	AGFEO_FLOW_CLOSING = 1 << 11,	  /* TCP: RST in sequence, or FIN both ways */
	AGFEO_FLOW_EXPECTED = 1 << 12,	/* allowed because its packet was waited for, or an echo */
	AGFEO_FLOW_EXPECTS = 1 << 13,	/* its answers come from another port (TFTP) */
	AGFEO_FLOW_PICKED_UP = 1 << 14, /* TCP from its middle: its SYN was not seen */
};

#define AGFEO_AT_XDP	   0x80 /* agfeo_flow_direction.at_xdp holds a tick, of … */
#define AGFEO_AT_XDP_TICKS 0x7f /* … which it has the last bits */

enum agfeo_ready_flags {
	AGFEO_READY_DEVICE = 1 << 0,   /* the sender is a listed device */
	AGFEO_READY_MAC = 1 << 1,      /* and its MAC is bound */
	AGFEO_READY_BLEACH = 1 << 2,   /* EF is not its due, unless it is voice */
	AGFEO_READY_QUALITY = 1 << 3,  /* its voice is measured */
	AGFEO_READY_ANSWERED = 1 << 4, /* both ends have sent */
};

/*
 * What the flow says of this direction's packets, put together for the straight way by a packet that
 * went the way round. It holds while its generation is the policy's; 0: it must be made anew.
 */
struct agfeo_ready {
	__u32 generation;
	__u32 counter[2]; /* the sender's and the receiver's, as in `struct agfeo_flow` */
	__u16 idle;	  /* ticks; no more than fits */
	__u8 mark;	  /* DSCP to set, or AGFEO_KEEP, which is also monitor mode's */
	__u8 flags;	  /* enum agfeo_ready_flags */
};

/*
 * One direction of a flow: what its sender sent. Written only by packets of that direction, but for
 * `ready`, which the first answer renews. One cache line, which is all that a packet of a known flow
 * reads and writes of it.
 */
struct agfeo_flow_direction {
	__u64 packets;
	__u64 bytes;	/* of the IP packet */
	__u32 seen;	/* tick of the last packet at any hook; 0: none yet */
	__u32 sequence; /* TCP: the next sequence number expected; UDP voice: the last SSRC */
	__u32 syn;	/* TCP: what a SYN-ACK to the SYN must acknowledge */
	__u16 rtp_sequence;
	__u8 suspect;  /* voice: packets whose sequence did not hold; see AGFEO_SUSPECT_DEMOTED */
	__u8 rtp_seen; /* voice: sequence and rtp_sequence are those of a packet */
	__u8 dscp_in;  /* of the last packet, as it arrived and as it left */
	__u8 dscp_out;
	__u8 tcp_flags; /* TCP: FIN seen in sequence */
	__u8 at_xdp;	/* tick of the last packet at XDP: tc counts only what XDP has not seen */
	__u32 remarked; /* packets of it that we re-marked */
	__u32 non_rtp;	/* voice: packets that are neither RTP nor RTCP by their header */
	__u32 fast;	/* packets of it that went without the kernel */
	struct agfeo_ready ready;
};

#define AGFEO_SUSPECT_DEMOTED 4 /* a direction this suspect is no longer promoted */

/* Value of the flow tables. The first 64 bytes are what the way round reads. */
struct agfeo_flow {
	__u32 generation; /* of the policy that judged it */
	__u32 idle;	  /* ticks it may be silent */
	__u32 counter[2]; /* index of `counters` of the device at each end; 0: no device */
	__u32 device[2];  /* agfeo_device.id at each end; 0: no device */
	__u32 flags;	  /* enum agfeo_flow_flags */
	__u8 class;	  /* enum agfeo_class */
	__u8 mark;	  /* DSCP to set, or AGFEO_KEEP */
	__u8 mac[2][6];
	__u8 pad[2];
	__u32 idle_established; /* ticks, once answered or established */
	__u32 dropped[2];	/* packets that we dropped, by the end that sent them */
	__u64 opened_ns;	/* CLOCK_MONOTONIC */
	struct agfeo_flow_direction direction[2];
	struct agfeo_way way[2]; /* by the end that sends */
};

/* Value of voice4 and voice6. */
struct agfeo_voice_flow {
	struct agfeo_flow flow;
	struct agfeo_stream stream[2];
};

/*
 * Adds what an entry that is lent holds to its flow, if it is of this one. stream: of a voice flow,
 * both; else NULL. How the direction stands is as its newest packet left it: an entry that lost its
 * place in the index while two CPUs were at it may come late.
 */
static inline __attribute__((always_inline)) void
agfeo_cached_add(const struct agfeo_cached *cached, struct agfeo_flow *flow,
		 struct agfeo_stream *stream)
{
	struct agfeo_flow_direction *own = &flow->direction[cached->end & 1];

	if (cached->opened != agfeo_cache_opened(flow->opened_ns))
		return;
	own->packets += cached->packets;
	own->bytes += cached->bytes;
	if (cached->dscp_in != cached->dscp_out)
		own->remarked += cached->packets;
	if (cached->flags & AGFEO_CACHED_WAY)
		own->fast += cached->packets;
	if ((__s32)(cached->seen - own->seen) < 0)
		return;
	own->seen = cached->seen;
	own->at_xdp = cached->at_xdp;
	own->dscp_in = cached->dscp_in;
	own->dscp_out = cached->dscp_out;
	if (!stream)
		return;
	own->rtp_sequence = cached->rtp_sequence;
	if (cached->flags & AGFEO_READY_QUALITY)
		__builtin_memcpy(&stream[cached->end & 1], cached->stream, AGFEO_STREAM_LINE);
}

_Static_assert(offsetof(struct agfeo_flow, direction) == 64, "the hot line of a flow");
_Static_assert(sizeof(struct agfeo_flow_direction) == 64, "direction");

#endif
