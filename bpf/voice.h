/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Voice: which packets of a voice flow are voice by evidence, and what their streams tell. EF is
 * not for whoever picks the right port: the header must be RTP's or RTCP's, and a direction whose
 * sequence numbers do not hold is demoted after a few packets. The first packet is EF already.
 */
#ifndef BPF_VOICE_H
#define BPF_VOICE_H

#include "clock.h"
#include "decision.h"
#include "maps.h"
#include "packet.h"
#include "parse.h"
#include "scratch.h"

#define SUSPECT_STEP	  2
#define SUSPECT_MOST	  8
#define SEQUENCE_DROPOUT  3000 /* RFC 3550, A.1 */
#define SEQUENCE_MISORDER 100

/* Holds a packet's sequence number against its direction's last one; counts on first sight only. */
static __always_inline void weigh(struct agfeo_flow_direction *own, const struct rtp_header *rtp)
{
	__u16 ahead = rtp->sequence - own->rtp_sequence;
	__u16 behind = own->rtp_sequence - rtp->sequence;
	bool known = own->rtp_seen && rtp->ssrc == own->sequence;

	own->rtp_sequence = rtp->sequence;
	if (known && (ahead <= SEQUENCE_DROPOUT || behind <= SEQUENCE_MISORDER)) {
		if (own->suspect)
			own->suspect--;
		return;
	}
	if (own->rtp_seen) {
		own->suspect += SUSPECT_STEP;
		if (own->suspect > SUSPECT_MOST)
			own->suspect = SUSPECT_MOST;
	}
	own->rtp_seen = 1;
	own->sequence = rtp->ssrc;
}

/* What a packet told of others, on its device's account; the packet itself count() counts. */
static __always_inline void count_stream(__u32 device, __u32 direction,
					 const struct stream_delta *delta)
{
	struct agfeo_device_counter *sum;

	if (!device)
		return;
	sum = bpf_map_lookup_elem(&device_counters, &device);
	if (!sum)
		return;
	sum->rtp_lost[direction & 1] += delta->lost;
	sum->rtp_duplicates[direction & 1] += delta->duplicates;
	sum->rtp_reordered[direction & 1] += delta->reordered;
}

/* Adds a packet to its direction's stream, and what that told to the counters of sender and receiver. */
STAGE int measure(struct agfeo_voice_flow *voice, __u32 from_end, const struct rtp_header *rtp,
		  __u32 sender, __u32 receiver)
{
	struct stream_delta delta;

	if (!voice || !rtp)
		return 0;
	stream_update(&voice->stream[from_end & 1], rtp, clock_ns(), &delta);
	count_stream(sender, AGFEO_OUT, &delta);
	count_stream(receiver, AGFEO_IN, &delta);
	return 0;
}

/*
 * A packet of a voice flow; the parser has told what it carries. Returns whether it is promoted;
 * updates the direction's suspicion and, where quality is asked for, its stream.
 */
static __always_inline bool voice_evidence(const struct sight *sight,
					   struct agfeo_voice_flow *voice)
{
	struct agfeo_flow_direction *own = &voice->flow.direction[sight->from_end & 1];
	struct decision *found = sight->found;
	__u8 kind = sight->packet->payload;

	if (!found->counted && kind == PAYLOAD_RTP) {
		weigh(own, sight->rtp);
		found->measured = !!(voice->flow.flags & AGFEO_FLOW_QUALITY);
		if (found->measured)
			measure(voice, sight->from_end, sight->rtp, found->device[0],
				found->device[1]);
	} else if (!found->counted) {
		stream_count_other(&voice->stream[sight->from_end & 1], kind);
		if (kind != PAYLOAD_RTCP)
			own->non_rtp++;
	}
	return (kind == PAYLOAD_RTP || kind == PAYLOAD_RTCP) &&
	       own->suspect < AGFEO_SUSPECT_DEMOTED;
}

#endif
