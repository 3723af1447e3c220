/* SPDX-License-Identifier: GPL-2.0 */
/* Conversations: mostly as they should be, sometimes not; see talk.h. */
#include "talk.h"

#include <string.h>

#include "base/cleanup.h"

/* ------------------------------------------------------------------ who */

struct host {
	const char *v4, *v6;
};

/* clang-format off */
#define PBX       {"192.168.10.2", "fd00:10::2"}
#define OLD_PBX   {"192.168.10.3", "fd00:10::3"}
#define T14       {"192.168.10.21", "fd00:10::21"}
#define DECT      {"192.168.10.22", "fd00:10::22"}
#define ST56      {"192.168.10.23", "fd00:10::23"}
#define MODULE    {"192.168.10.24", "fd00:10::24"}
#define TOOL      {"192.168.10.60", "fd00:10::60"}
#define APP       {"192.168.10.61", "fd00:10::61"}
#define SOFTPHONE {"192.168.20.64", "fd00:10::4000"}
#define FREE_SOFT {"192.168.20.100", "fd00:10::40ff"}

#define DESK      {"192.168.20.5", "fd00:10::55"}
#define ROUTER    {"192.168.10.1", "fe80::1"}
#define TRUNK     {"217.10.64.9", "2001:db8:217::9"}
#define WORLD     {"198.51.100.9", "2001:db8:9::9"}
#define RESOLVER  {"198.51.100.53", "2001:db8:9::53"}
#define SOME      {"224.0.1.75", "ff02::fb"}
#define EVERYBODY {"255.255.255.255", "ff02::1"}
/* clang-format on */

static const struct host devices[] = {PBX,    OLD_PBX, T14, DECT,      ST56,
				      MODULE, TOOL,    APP, SOFTPHONE, FREE_SOFT};

static const struct host others[] = {
	DESK, ROUTER, TRUNK, {"212.227.0.9", "2001:db8:218::9"}, WORLD, RESOLVER,
};

static const struct host groups[] = {SOME, EVERYBODY, {"239.255.255.250", "ff05::2"}};

/* ------------------------------------------------------------------ about what */

/* A kind of conversation. The ports are drawn from a range and a little beyond. */
struct topic {
	struct host from, to;
	uint8_t protocol;
	uint16_t from_first, from_count, to_first, to_count;
	enum talk_load load;
};

#define ANY_PORT 40000, 4

/* clang-format off */
static const struct topic topics[] = {
	{PBX, TRUNK, FRAME_UDP, 5204, 33, 30000, 2, TALK_VOICE},
	{TRUNK, PBX, FRAME_UDP, 30000, 2, 5204, 33, TALK_VOICE},
	{PBX, TRUNK, FRAME_UDP, 5064, 9, 5060, 1, TALK_TEXT},
	{WORLD, OLD_PBX, FRAME_UDP, 4000, 2, 5004, 33, TALK_VOICE},
	{T14, PBX, FRAME_UDP, 5060, 1, 5060, 1, TALK_TEXT},
	{T14, PBX, FRAME_UDP, 10000, 3, 5204, 3, TALK_VOICE},
	{T14, PBX, FRAME_TCP, ANY_PORT, 389, 1, TALK_TEXT},
	{T14, DESK, FRAME_UDP, ANY_PORT, 69, 1, TALK_TEXT},
	{DESK, T14, FRAME_UDP, 2000, 3, ANY_PORT, TALK_TEXT},
	{DECT, PBX, FRAME_UDP, 50004, 3, 5204, 3, TALK_VOICE},
	{DECT, TOOL, FRAME_UDP, ANY_PORT, 69, 1, TALK_TEXT},
	{TOOL, DECT, FRAME_UDP, 2000, 3, ANY_PORT, TALK_TEXT},
	{ST56, PBX, FRAME_TCP, 2153, 1, 5904, 1, TALK_TEXT},
	{ST56, PBX, FRAME_UDP, 5896, 1, 5204, 3, TALK_VOICE},
	{SOFTPHONE, PBX, FRAME_UDP, 60104, 1, 5060, 1, TALK_TEXT},
	{SOFTPHONE, TRUNK, FRAME_UDP, 65100, 22, 30000, 2, TALK_VOICE},
	{FREE_SOFT, TRUNK, FRAME_UDP, 1024, 3, 30000, 2, TALK_VOICE},
	{FREE_SOFT, PBX, FRAME_UDP, 1024, 3, 5204, 2, TALK_VOICE},
	{DESK, PBX, FRAME_TCP, ANY_PORT, 443, 1, TALK_TEXT},
	{DESK, PBX, FRAME_TCP, ANY_PORT, 80, 1, TALK_TEXT},
	{WORLD, PBX, FRAME_TCP, ANY_PORT, 80, 1, TALK_TEXT},
	{WORLD, OLD_PBX, FRAME_UDP, ANY_PORT, 5060, 1, TALK_TEXT},
	{OLD_PBX, TRUNK, FRAME_TCP, 1024, 3, 5060, 2, TALK_TEXT},
	{DESK, OLD_PBX, FRAME_TCP, ANY_PORT, 8080, 1, TALK_TEXT},
	{OLD_PBX, WORLD, FRAME_UDP, ANY_PORT, 7000, 12, TALK_TEXT},
	{PBX, RESOLVER, FRAME_UDP, ANY_PORT, 53, 1, TALK_TEXT},
	{PBX, RESOLVER, FRAME_TCP, ANY_PORT, 53, 1, TALK_TEXT},
	{MODULE, RESOLVER, FRAME_UDP, ANY_PORT, 123, 1, TALK_TEXT},
	{APP, WORLD, FRAME_TCP, ANY_PORT, 443, 1, TALK_TEXT},
	{TOOL, PBX, FRAME_UDP, 3000, 2, 12189, 1, TALK_TEXT},
	{PBX, DESK, FRAME_UDP, 12189, 1, 3000, 2, TALK_TEXT},
	{PBX, TOOL, FRAME_UDP, 12189, 1, 3000, 2, TALK_TEXT},
	{DESK, EVERYBODY, FRAME_UDP, 3000, 2, 12186, 4, TALK_TEXT},
	{TOOL, EVERYBODY, FRAME_UDP, 3000, 2, 12171, 22, TALK_TEXT},
	{T14, SOME, FRAME_UDP, 5060, 1, 5060, 1, TALK_TEXT},
	{T14, ROUTER, FRAME_UDP, 67, 3, 67, 3, TALK_TEXT},
	{T14, ROUTER, FRAME_UDP, 546, 3, 546, 3, TALK_TEXT},
	{DESK, WORLD, FRAME_UDP, ANY_PORT, 53, 1, TALK_TEXT},
};
/* clang-format on */

static const uint16_t odd_ports[] = {0,	   1,	 22,   53,   69,    80,	   443,	  1023, 1024,
				     2153, 5004, 5060, 5204, 10000, 12189, 40000, 65535};

static const struct host *any_host(struct traffic *traffic)
{
	unsigned kind = traffic_random(traffic, 20);

	if (!kind)
		return &groups[traffic_random(traffic, ARRAY_SIZE(groups))];
	if (kind < 12)
		return &devices[traffic_random(traffic, ARRAY_SIZE(devices))];
	return &others[traffic_random(traffic, ARRAY_SIZE(others))];
}

/* Anybody with anybody, at ports where something may happen. */
static struct topic any_topic(struct traffic *traffic)
{
	struct topic topic = {
		.from = *any_host(traffic),
		.to = *any_host(traffic),
		.protocol = traffic_random(traffic, 3) ? FRAME_UDP : FRAME_TCP,
		.from_first = odd_ports[traffic_random(traffic, ARRAY_SIZE(odd_ports))],
		.from_count = 1,
		.to_first = odd_ports[traffic_random(traffic, ARRAY_SIZE(odd_ports))],
		.to_count = 1,
		.load = traffic_random(traffic, 3),
	};

	return topic;
}

/* Echo: the "port" is the identifier. */
static struct topic echo_topic(struct traffic *traffic, bool v6)
{
	struct topic topic = any_topic(traffic);

	topic.protocol = v6 ? FRAME_ICMP6 : FRAME_ICMP;
	topic.from_first = (uint16_t)traffic_random(traffic, 3);
	return topic;
}

void talk_begin(struct talk *talk, struct traffic *traffic)
{
	bool v6 = !traffic_random(traffic, 3);
	struct topic topic = topics[traffic_random(traffic, ARRAY_SIZE(topics))];

	if (!traffic_random(traffic, 4))
		topic = any_topic(traffic);
	else if (!traffic_random(traffic, 12))
		topic = echo_topic(traffic, v6);

	talk->v6 = v6;
	talk->protocol = topic.protocol;
	talk->load = topic.load;
	talk->address[0] = v6 ? topic.from.v6 : topic.from.v4;
	talk->address[1] = v6 ? topic.to.v6 : topic.to.v4;
	talk->port[0] = (uint16_t)(topic.from_first + traffic_random(traffic, topic.from_count));
	talk->port[1] = (uint16_t)(topic.to_first + traffic_random(traffic, topic.to_count));
	talk->scans = !traffic_random(traffic, 16);
	talk->left = 1 + traffic_random(traffic, talk->scans ? 80 : 24);
	for (unsigned i = 0; i < 2; i++) {
		talk->said[i] = 0;
		/* near the wrap as often as not */
		talk->sequence[i] = traffic_random(traffic, 2)
					    ? UINT32_MAX - traffic_random(traffic, 30)
					    : traffic_random(traffic, 1u << 30);
		talk->rtp_sequence[i] = (uint16_t)traffic_random(traffic, 65536);
		talk->rtp_ssrc[i] = 1 + traffic_random(traffic, 1000);
	}
}

/* ------------------------------------------------------------------ what is said */

static bool is_group(const char *address)
{
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (!strcmp(address, groups[i].v4) || !strcmp(address, groups[i].v6))
			return true;
	return false;
}

struct frame talk_bare(const struct talk *talk, unsigned from)
{
	static const struct host desk = DESK;
	const char *source = talk->address[from];

	if (is_group(source)) /* nobody is a group */
		source = talk->v6 ? desk.v6 : desk.v4;
	return (struct frame){
		.protocol = talk->protocol,
		.source = source,
		.source_port = talk->port[from],
		.destination = talk->address[!from],
		.destination_port = talk->port[!from],
		.icmp_word = (uint32_t)talk->port[0] << 16,
	};
}

static void say_voice(struct talk *talk, struct traffic *traffic, unsigned from,
		      struct frame *frame)
{
	struct rtp rtp = {
		.payload_type = traffic_random(traffic, 30) ? 8 : traffic_random(traffic, 128),
		.marker = !traffic_random(traffic, 20),
		.csrc_count = traffic_random(traffic, 30) ? 0 : traffic_random(traffic, 16),
		.extension_words = traffic_random(traffic, 30) ? 0 : traffic_random(traffic, 4),
		.size = 160,
	};
	unsigned luck = traffic_random(traffic, 60);

	if (luck == 0) /* another source */
		talk->rtp_ssrc[from] = traffic_random(traffic, 1000);
	else if (luck == 1) /* a leap, or back */
		talk->rtp_sequence[from] += traffic_random(traffic, 65536);
	else if (luck == 2) /* the edges of what still counts as the same stream */
		talk->rtp_sequence[from] += 2995 + traffic_random(traffic, 10);
	else if (luck == 3)
		talk->rtp_sequence[from] -= 95 + traffic_random(traffic, 10);
	rtp.sequence = talk->rtp_sequence[from]++;
	rtp.ssrc = talk->rtp_ssrc[from];
	frame->payload = talk->payload;

	switch (traffic_random(traffic, 24)) {
	case 0:
		frame->payload_size = payload_rtcp(
			talk->payload, (uint8_t)(190 + traffic_random(traffic, 36)), rtp.ssrc);
		break;
	case 1:
		frame->payload_size = payload_stun(talk->payload, 1);
		break;
	case 2: /* cut short, or of another version */
		payload_rtp(talk->payload, &rtp);
		talk->payload[0] = (uint8_t)traffic_random(traffic, 256);
		frame->payload_size = traffic_random(traffic, 20);
		break;
	default:
		frame->payload_size = payload_rtp(talk->payload, &rtp);
	}
}

/* What belongs next in a connection. */
static void say_in_order(struct talk *talk, struct traffic *traffic, unsigned from,
			 struct frame *frame)
{
	if (!talk->said[0]) {
		frame->tcp_flags = SYN;
		return;
	}
	if (from == 1 && !talk->said[1]) {
		frame->tcp_flags = SYN | ACK;
		return;
	}
	frame->tcp_flags = ACK;
	frame->payload_size = traffic_random(traffic, 3) * 40;
	if (!traffic_random(traffic, 6))
		frame->tcp_flags = ACK | FIN;
	else if (!traffic_random(traffic, 10))
		frame->tcp_flags = RST | (traffic_random(traffic, 2) ? ACK : 0);
}

static void say_segment(struct talk *talk, struct traffic *traffic, unsigned from,
			struct frame *frame)
{
	unsigned luck = traffic_random(traffic, 16);

	say_in_order(talk, traffic, from, frame);
	frame->sequence = talk->sequence[from];
	frame->acknowledgement = talk->sequence[!from];
	if (luck == 0)
		frame->tcp_flags = (uint8_t)traffic_random(traffic, 256);
	else if (luck == 1)
		frame->sequence += traffic_random(traffic, 5) - 2;
	else if (luck == 2)
		frame->acknowledgement += traffic_random(traffic, 5) - 2;
	else if (luck == 3)
		frame->tcp_flags = SYN;
	if (!luck)
		return;
	if (luck == 1 && traffic_random(traffic, 2))
		return;
	talk->sequence[from] += (uint32_t)frame->payload_size + !!(frame->tcp_flags & SYN) +
				!!(frame->tcp_flags & FIN);
}

static void say_echo(struct talk *talk, struct traffic *traffic, unsigned from, struct frame *frame)
{
	bool v6 = talk->v6;

	frame->icmp_type = from ? (v6 ? 129 : 0) : (v6 ? 128 : 8);
	if (!traffic_random(traffic, 8))
		frame->icmp_type = from ? (v6 ? 128 : 8) : (v6 ? 129 : 0);
	if (!traffic_random(traffic, 12))
		frame->icmp_type = (uint8_t)traffic_random(traffic, 150);
	frame->payload_size = 32;
}

/* TFTP goes on with another port, a search is answered by a device. */
static void move_ends(struct talk *talk, struct traffic *traffic, unsigned from,
		      struct frame *frame)
{
	static const struct host pbx = PBX;
	uint16_t other = (uint16_t)(2000 + traffic_random(traffic, 2));

	if (from && is_group(talk->address[1])) /* who is searched for answers */
		frame->source = talk->v6 ? pbx.v6 : pbx.v4;
	if (talk->protocol != FRAME_UDP || !talk->said[0] || !traffic_random(traffic, 4))
		return;
	if (talk->port[1] == 69) {
		if (from)
			frame->source_port = other;
		else if (talk->said[1])
			frame->destination_port = other;
	}
}

struct frame talk_next(struct talk *talk, struct traffic *traffic)
{
	unsigned from = talk->said[0] ? traffic_random(traffic, 2) : !traffic_random(traffic, 20);
	struct frame frame;

	if (talk->scans) {
		from = 0;
		talk->port[0]++;
	}
	frame = talk_bare(talk, from);
	move_ends(talk, traffic, from, &frame);
	frame.payload_size = 20;
	if (talk->protocol == FRAME_TCP) {
		frame.payload_size = 0;
		say_segment(talk, traffic, from, &frame);
	} else if (talk->protocol == FRAME_ICMP || talk->protocol == FRAME_ICMP6) {
		say_echo(talk, traffic, from, &frame);
	} else if (talk->load == TALK_VOICE) {
		say_voice(talk, traffic, from, &frame);
	} else if (talk->load == TALK_SILENT) {
		frame.payload_size = 0;
	}
	talk->said[from]++;
	if (talk->left)
		talk->left--;
	return frame;
}
