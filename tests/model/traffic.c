/* SPDX-License-Identifier: GPL-2.0 */
/* Conversations mixed, wrapped, damaged and timed; see traffic.h. */
#include "traffic.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "talk.h"

#define TALKS	     12
#define WAITING_MOST 8
#define REMEMBERED   16
#define DECT_MAC     "00:09:40:12:34:56" /* as the corpus's sites bind it */
#define MILLISECOND  1000000ull

struct traffic {
	uint64_t random;
	uint64_t ns;
	struct talk talks[TALKS];
	struct traffic_packet waiting[WAITING_MOST]; /* later fragments */
	unsigned waiting_count;
	struct traffic_packet remembered[REMEMBERED]; /* to come once more */
	unsigned remembered_next;
	uint16_t fragment_id;
};

/* splitmix64: any seed is as good as any other. */
unsigned traffic_random(struct traffic *traffic, unsigned below)
{
	uint64_t z = traffic->random += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	z ^= z >> 31;
	return (unsigned)((z >> 32) * below >> 32);
}

static bool one_in(struct traffic *traffic, unsigned chances)
{
	return !traffic_random(traffic, chances);
}

struct traffic *traffic_new(uint64_t seed)
{
	struct traffic *traffic = calloc(1, sizeof(*traffic));

	if (!traffic)
		abort();
	traffic->random = seed;
	return traffic;
}

void traffic_free(struct traffic *traffic)
{
	free(traffic);
}

/* ------------------------------------------------------------------ time */

/* Mostly a moment; now and then past the life of something. In seconds: unanswered UDP and
 * fragments and searches, voice, UDP, unanswered TCP, signalling, TCP. */
static void pass_time(struct traffic *traffic)
{
	static const unsigned lives[] = {30, 60, 240, 300, 3700, 7440};
	uint64_t life;

	if (!one_in(traffic, 60)) {
		traffic->ns += one_in(traffic, 2) ? 0 : traffic_random(traffic, 40) * MILLISECOND;
		return;
	}
	life = lives[traffic_random(traffic, one_in(traffic, 6) ? ARRAY_SIZE(lives) : 3)];
	/* a tick more or less than the life, or anywhere */
	if (one_in(traffic, 2))
		traffic->ns += life * 1000 * MILLISECOND - 200 * MILLISECOND +
			       traffic_random(traffic, 400) * MILLISECOND;
	else
		traffic->ns += life * traffic_random(traffic, 1200) * MILLISECOND;
}

/* ------------------------------------------------------------------ wrapping */

static void wrap_link(struct traffic *traffic, struct frame *frame)
{
	static const uint16_t types[] = {0, 0, 0x88a8, 0x9100};

	frame->pppoe = one_in(traffic, 16);
	frame->vlan_count = one_in(traffic, 10) ? 1 + traffic_random(traffic, 3) : 0;
	for (unsigned i = 0; i < frame->vlan_count; i++)
		frame->vlan[i] = (struct frame_vlan){
			.id = (uint16_t)(1 + traffic_random(traffic, 4000)),
			.priority = (uint8_t)traffic_random(traffic, 8),
			.tpid = types[traffic_random(traffic, ARRAY_SIZE(types))],
		};
	if (!strcmp(frame->source, "192.168.10.22") || !strcmp(frame->source, "fd00:10::22"))
		frame->source_mac = one_in(traffic, 10) ? NULL : DECT_MAC;
	if (one_in(traffic, 40))
		frame->pad_to = 60 + traffic_random(traffic, 20);
}

static void wrap_network(struct traffic *traffic, struct frame *frame)
{
	static const uint8_t options[40] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
	static const uint8_t types[] = {0, 43, 60, 51, 135, 139, 140, 60};
	static const uint8_t dscps[] = {46, 46, 24, 34, 8, 63, 1, 40};

	if (one_in(traffic, 4))
		frame->tos = (uint8_t)(dscps[traffic_random(traffic, ARRAY_SIZE(dscps))] << 2);
	frame->tos |= one_in(traffic, 6) ? traffic_random(traffic, 4) : 0;
	if (one_in(traffic, 20)) {
		frame->ip_options = options;
		frame->ip_options_size = 4 * traffic_random(traffic, 11);
	}
	if (!one_in(traffic, 8))
		return;
	frame->extension_count =
		one_in(traffic, 8) ? 7 + traffic_random(traffic, 4) : traffic_random(traffic, 4);
	for (unsigned i = 0; i < frame->extension_count; i++)
		frame->extensions[i] = types[traffic_random(traffic, ARRAY_SIZE(types))];
}

/* ------------------------------------------------------------------ damage */

static void flip_bits(struct traffic *traffic, uint8_t *bytes, size_t length)
{
	size_t most = length < 100 ? length : 100;

	for (unsigned i = 0; i <= traffic_random(traffic, 3); i++)
		bytes[traffic_random(traffic, (unsigned)most)] ^=
			(uint8_t)(1 << traffic_random(traffic, 8));
}

/* A field of the IP header or right behind it becomes something else. */
static void change_field(struct traffic *traffic, struct frame_bytes *frame)
{
	static const uint8_t values[] = {0, 1, 4, 5, 6, 7, 8, 17, 20, 0x1f, 0x20, 0x44, 0x45, 0xff};
	size_t at = frame->ip + traffic_random(traffic, 64);

	if (at < frame->length)
		frame->bytes[at] = one_in(traffic, 2)
					   ? values[traffic_random(traffic, ARRAY_SIZE(values))]
					   : (uint8_t)traffic_random(traffic, 256);
}

static void damage(struct traffic *traffic, struct frame_bytes *frame)
{
	switch (traffic_random(traffic, 4)) {
	case 0:
		flip_bits(traffic, frame->bytes, frame->length);
		break;
	case 1:
	case 2:
		change_field(traffic, frame);
		break;
	case 3:
		if (frame->length > 14)
			frame->length = 14 + traffic_random(traffic, (unsigned)frame->length - 14);
		break;
	}
}

/* ------------------------------------------------------------------ packets */

static void finish(struct traffic *traffic, const struct frame *frame,
		   struct traffic_packet *ret_packet)
{
	struct frame_bytes bytes = frame_build(frame);

	if (one_in(traffic, 12))
		damage(traffic, &bytes);
	if (bytes.length > TRAFFIC_BYTES_MOST)
		bytes.length = TRAFFIC_BYTES_MOST;
	ret_packet->length = (uint16_t)bytes.length;
	memcpy(ret_packet->bytes, bytes.bytes, bytes.length);
}

/* The frame in two to four pieces: the first is returned, the others wait. Now and then pieces
 * overlap, are too small, or the first is lost. */
static void fragment(struct traffic *traffic, struct frame *frame,
		     struct traffic_packet *ret_packet)
{
	size_t whole = 8 + frame->payload_size + (frame->protocol == FRAME_TCP ? 12 : 0);
	size_t least = one_in(traffic, 3) ? 1 : whole / 24;
	size_t piece = 8 * (least + traffic_random(traffic, (unsigned)(whole / 8)));
	bool first = true;

	frame->fragment = true;
	frame->id = traffic->fragment_id += one_in(traffic, 8) ? 0 : 1;
	for (size_t at = 0; at < whole && traffic->waiting_count < WAITING_MOST; at += piece) {
		frame->fragment_offset = (uint16_t)at;
		frame->fragment_size = piece;
		if (at && one_in(traffic, 12))
			frame->fragment_offset = 8;
		if (one_in(traffic, 16))
			continue;
		finish(traffic, frame,
		       first ? ret_packet : &traffic->waiting[traffic->waiting_count++]);
		first = false;
	}
	if (first)
		finish(traffic, frame, ret_packet);
}

static void next_of_talk(struct traffic *traffic, struct traffic_packet *ret_packet)
{
	struct talk *talk = &traffic->talks[traffic_random(traffic, TALKS)];
	struct frame frame;

	if (!talk->left)
		talk_begin(talk, traffic);
	frame = talk_next(talk, traffic);
	wrap_link(traffic, &frame);
	wrap_network(traffic, &frame);
	if (one_in(traffic, 12)) {
		if (!frame.payload && one_in(traffic, 2))
			frame.payload_size = 100 + traffic_random(traffic, 1000);
		fragment(traffic, &frame, ret_packet);
		return;
	}
	finish(traffic, &frame, ret_packet);
}

/* An error from somewhere about a packet of some conversation, or nearly. */
static void next_error(struct traffic *traffic, struct traffic_packet *ret_packet)
{
	static const uint8_t types4[] = {3, 3, 11, 12, 4, 5}, types6[] = {1, 2, 3, 4, 5};
	struct talk *talk = &traffic->talks[traffic_random(traffic, TALKS)];
	unsigned end = traffic_random(traffic, 2);
	struct frame quoted, error;

	if (!talk->left)
		talk_begin(talk, traffic);
	quoted = talk_bare(talk, end);
	if (one_in(traffic, 8))
		quoted.destination_port++;
	if (quoted.protocol == FRAME_ICMP || quoted.protocol == FRAME_ICMP6)
		quoted.icmp_type = talk->v6 ? 128 : 8;
	error = (struct frame){
		.protocol = talk->v6 ? FRAME_ICMP6 : FRAME_ICMP,
		.source = one_in(traffic, 2) ? talk->address[!end]
			  : talk->v6	     ? "2001:db8:9::1"
					     : "198.51.100.1",
		.destination = talk->address[end],
		.icmp_type = talk->v6 ? types6[traffic_random(traffic, ARRAY_SIZE(types6))]
				      : types4[traffic_random(traffic, ARRAY_SIZE(types4))],
		.quoted = &quoted,
		.quoted_size = one_in(traffic, 6) ? 1 + traffic_random(traffic, 60) : 0,
	};
	wrap_link(traffic, &error);
	wrap_network(traffic, &error);
	finish(traffic, &error, ret_packet);
}

/* Protocols, control messages and frames of which no flow is made. */
static void next_oddity(struct traffic *traffic, struct traffic_packet *ret_packet)
{
	static const uint8_t protocols[] = {0, 2, 2, 41, 47, 50, 59, 132, 1, 58, 255};
	static const uint8_t messages[] = {129, 130, 132, 133, 135, 136, 137, 138, 143, 151};
	struct talk talk = {0};
	struct frame frame;

	talk_begin(&talk, traffic);
	frame = talk_bare(&talk, traffic_random(traffic, 2));
	frame.payload_size = traffic_random(traffic, 40);
	frame.protocol = protocols[traffic_random(traffic, ARRAY_SIZE(protocols))];
	if (talk.v6 && one_in(traffic, 2)) {
		frame.protocol = FRAME_ICMP6;
		frame.icmp_type = messages[traffic_random(traffic, ARRAY_SIZE(messages))];
	}
	if (frame.protocol == FRAME_ICMP || frame.protocol == FRAME_ICMP6)
		frame.source_port = frame.destination_port = 0;
	wrap_link(traffic, &frame);
	wrap_network(traffic, &frame);
	if (one_in(traffic, 6)) {
		frame.ethertype = one_in(traffic, 2) ? 0x0806 : traffic_random(traffic, 65536);
		frame.pppoe = false;
	}
	finish(traffic, &frame, ret_packet);
}

/* An earlier packet again, or one that waited. */
static bool next_of_past(struct traffic *traffic, struct traffic_packet *ret_packet)
{
	struct traffic_packet *again;

	if (traffic->waiting_count && !one_in(traffic, 3)) {
		unsigned at =
			one_in(traffic, 3) ? traffic_random(traffic, traffic->waiting_count) : 0;

		*ret_packet = traffic->waiting[at];
		traffic->waiting_count--;
		memmove(&traffic->waiting[at], &traffic->waiting[at + 1],
			(traffic->waiting_count - at) * sizeof(traffic->waiting[0]));
		return true;
	}
	again = &traffic->remembered[traffic_random(traffic, REMEMBERED)];
	if (!again->length || !one_in(traffic, 14))
		return false;
	*ret_packet = *again;
	if (one_in(traffic, 4))
		flip_bits(traffic, ret_packet->bytes, ret_packet->length);
	return true;
}

void traffic_next(struct traffic *traffic, struct traffic_packet *ret_packet)
{
	if (!next_of_past(traffic, ret_packet)) {
		unsigned kind = traffic_random(traffic, 24);

		if (!kind)
			next_oddity(traffic, ret_packet);
		else if (kind == 1)
			next_error(traffic, ret_packet);
		else
			next_of_talk(traffic, ret_packet);
	}
	if (one_in(traffic, 3)) {
		traffic->remembered[traffic->remembered_next % REMEMBERED] = *ret_packet;
		traffic->remembered_next++;
	}
	pass_time(traffic);
	ret_packet->ns = traffic->ns;
	ret_packet->wrong_hook = one_in(traffic, 16);
	ret_packet->uplink = one_in(traffic, 3);
}
