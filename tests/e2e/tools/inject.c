/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sends a frame as it stands, from an interface of this namespace (AF_PACKET): what no socket would
 * make. The frame is told in words; what is not told is what a sane sender would send.
 *
 *	inject INTERFACE WORD...
 *
 *	udp FROM PORT TO PORT, tcp FROM PORT TO PORT (a SYN), ethertype=N (no IP)
 *	to=MAC mac=MAC vlan=ID[:PRIORITY] qinq=ID[:PRIORITY] pppoe
 *	tos=N id=N fragment=OFFSET[:SIZE] extension=N
 *	rtp=SEQUENCE (the voice of one packet), size=N (bytes of any payload)
 *	count=N (the same again; rtp: the next one), every=MS
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "frame.h"
#include "payload.h"

struct order {
	struct frame frame;
	bool rtp;
	unsigned sequence, count, every_ms;
};

/* The part of a word behind "name=", or NULL. */
static const char *after(const char *word, const char *name)
{
	size_t length = strlen(name);

	return !strncmp(word, name, length) && word[length] == '=' ? word + length + 1 : NULL;
}

static unsigned number_after(const char *text, char mark)
{
	const char *at = strchr(text, mark);

	return at ? (unsigned)strtoul(at + 1, NULL, 0) : 0;
}

static void add_tag(struct frame *frame, const char *text, uint16_t tpid)
{
	if (frame->vlan_count < sizeof(frame->vlan) / sizeof(*frame->vlan))
		frame->vlan[frame->vlan_count++] = (struct frame_vlan){
			.id = (uint16_t)strtoul(text, NULL, 0),
			.priority = (uint8_t)number_after(text, ':'),
			.tpid = tpid,
		};
}

static bool read_link_word(struct frame *frame, const char *word)
{
	const char *value;

	if ((value = after(word, "to")))
		frame->destination_mac = value;
	else if ((value = after(word, "mac")))
		frame->source_mac = value;
	else if ((value = after(word, "vlan")))
		add_tag(frame, value, 0);
	else if ((value = after(word, "qinq")))
		add_tag(frame, value, 0x88a8);
	else if ((value = after(word, "ethertype")))
		frame->ethertype = (uint16_t)strtoul(value, NULL, 0);
	else if (!strcmp(word, "pppoe"))
		frame->pppoe = true;
	else
		return false;
	return true;
}

static bool read_network_word(struct frame *frame, const char *word)
{
	const char *value;

	if ((value = after(word, "tos"))) {
		frame->tos = (uint8_t)strtoul(value, NULL, 0);
	} else if ((value = after(word, "id"))) {
		frame->id = (uint16_t)strtoul(value, NULL, 0);
	} else if ((value = after(word, "fragment"))) {
		frame->fragment = true;
		frame->fragment_offset = (uint16_t)strtoul(value, NULL, 0);
		frame->fragment_size = number_after(value, ':');
	} else if ((value = after(word, "extension")) && frame->extension_count < 12) {
		frame->extensions[frame->extension_count++] = (uint8_t)strtoul(value, NULL, 0);
	} else {
		return false;
	}
	return true;
}

static bool read_other_word(struct order *order, const char *word)
{
	const char *value;

	if ((value = after(word, "rtp"))) {
		order->rtp = true;
		order->sequence = (unsigned)strtoul(value, NULL, 0);
	} else if ((value = after(word, "size"))) {
		order->frame.payload_size = strtoul(value, NULL, 0);
	} else if ((value = after(word, "count"))) {
		order->count = (unsigned)strtoul(value, NULL, 0);
	} else if ((value = after(word, "every"))) {
		order->every_ms = (unsigned)strtoul(value, NULL, 0);
	} else {
		return false;
	}
	return true;
}

static bool read_ends(struct frame *frame, char **words)
{
	bool tcp = !strcmp(words[0], "tcp");

	frame->protocol = tcp ? FRAME_TCP : FRAME_UDP;
	frame->tcp_flags = tcp ? SYN : 0;
	frame->source = words[1];
	frame->source_port = (uint16_t)atoi(words[2]);
	frame->destination = words[3];
	frame->destination_port = (uint16_t)atoi(words[4]);
	return true;
}

static bool read_order(char **words, struct order *order)
{
	for (int i = 0; words[i]; i++) {
		bool ends = !strcmp(words[i], "udp") || !strcmp(words[i], "tcp");

		if (ends) {
			for (int j = 1; j < 5; j++)
				if (!words[i + j])
					return false;
			read_ends(&order->frame, words + i);
			i += 4;
		} else if (!read_link_word(&order->frame, words[i]) &&
			   !read_network_word(&order->frame, words[i]) &&
			   !read_other_word(order, words[i])) {
			fprintf(stderr, "inject: what is '%s'?\n", words[i]);
			return false;
		}
	}
	return true;
}

static int send_all(struct order *order, int wire, const struct sockaddr_ll *to)
{
	static uint8_t voice[PAYLOAD_MOST]; /* the order refers to it */

	for (unsigned i = 0; i < order->count; i++) {
		struct timespec wait = {.tv_nsec = (long)order->every_ms * 1000000};
		struct rtp rtp = {.payload_type = 8,
				  .sequence = (uint16_t)(order->sequence + i),
				  .timestamp = i * 160,
				  .ssrc = 0x1213,
				  .size = 160};
		struct frame_bytes bytes;

		if (order->rtp) {
			order->frame.payload = voice;
			order->frame.payload_size = payload_rtp(voice, &rtp);
		}
		bytes = frame_build(&order->frame);
		if (sendto(wire, bytes.bytes, bytes.length, 0, (const struct sockaddr *)to,
			   sizeof(*to)) < 0) {
			perror("inject");
			return 1;
		}
		if (order->every_ms && i + 1 < order->count)
			nanosleep(&wait, NULL);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct order order = {.count = 1};
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_halen = 6};
	int wire, status;

	if (argc < 3 || !read_order(argv + 2, &order)) {
		fprintf(stderr, "usage: inject INTERFACE WORD...\n");
		return 2;
	}
	to.sll_ifindex = (int)if_nametoindex(argv[1]);
	wire = socket(AF_PACKET, SOCK_RAW, 0);
	if (wire < 0 || !to.sll_ifindex) {
		perror(argv[1]);
		return 1;
	}
	status = send_all(&order, wire, &to);
	close(wire);
	return status;
}
