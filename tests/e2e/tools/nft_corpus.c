/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Plays the conformance corpus to a bridge whose packets an nftables ruleset judges, and says of each
 * packet what we must do with it and what became of it there.
 *
 *	nft_corpus sites FOLDER                      writes the corpus's sites: FOLDER/NAME.conf
 *	nft_corpus play DEVICES OTHERS RESET...      plays; DEVICES and OTHERS are interfaces of this
 *		namespace that lead to the bridge's ports, and "RESET... NAME" is run before every row:
 *		to load the rules of that site and forget all flows
 *	nft_corpus send INTERFACE PACKET...          sends packets, each in words (words.h)
 *
 * A line a packet, with tabs: row, number of the packet, ours, theirs ("pass", "pass 46" where it is
 * re-marked, "drop"), the packet. Packets behind a pause that nobody would wait for are left out, and
 * say so: "-" is theirs.
 *
 * Interfaces keep the order of what is sent from one CPU, so a frame that has not come when a later
 * one of ours has, was dropped. Fragments may be kept until they are whole, and leave in other cuts.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "corpus/rows.h"
#include "corpus/words.h"

#define PAUSE_MOST_MS	 2000
#define SENTINEL	 0x88b5 /* for local experiments: IEEE 802 */
#define SENTINEL_WAIT_MS 3000
#define RECEIVED_MOST	 64
#define ETHERNET_HEADER	 14
#define ADDRESSES	 12 /* both MAC addresses */
#define PACKET_QUEUE	 (4 << 20)
#define FRAGMENTS_MS	 1200 /* until the box, told to keep pieces for a second, has forgotten them */

/* ------------------------------------------------------------------ sites */

static const struct {
	const char *text, *name;
} sites[] = {
	{site_office, "office"},     {site_closed, "closed"},	  {site_watched, "watched"},
	{site_bleached, "bleached"}, {site_unmarked, "unmarked"}, {site_narrow, "narrow"},
};

static const char *name_of(const char *site)
{
	for (size_t i = 0; i < ARRAY_SIZE(sites); i++)
		if (sites[i].text == site)
			return sites[i].name;
	fprintf(stderr, "a row is played at a site that nft_corpus does not know\n");
	exit(1);
}

static int write_sites(const char *folder)
{
	for (size_t i = 0; i < ARRAY_SIZE(sites); i++) {
		_cleanup_(fclosep) FILE *file = NULL;
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s.conf", folder, sites[i].name);
		file = fopen(path, "w");
		if (!file || fputs(sites[i].text, file) < 0 || fflush(file)) {
			perror(path);
			return 1;
		}
	}
	return 0;
}

/* ------------------------------------------------------------------ the wires */

struct wires {
	int socket[2]; /* by enum row_hook: where its packets are sent from */
	uint32_t sentinel;
};

static int open_wire(const char *name)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(name),
	};
	int queue = PACKET_QUEUE, one = 1;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0 || !address.sll_ifindex ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof(queue)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one))) {
		perror(name);
		exit(1);
	}
	return fd;
}

/* From the ethertype on, without VLAN tags: the outermost one does not reach a packet socket. */
struct inside {
	const uint8_t *at;
	size_t size;
};

static struct inside inside_of(const uint8_t *frame, size_t size)
{
	struct inside inside = {frame + ADDRESSES, size > ADDRESSES ? size - ADDRESSES : 0};

	while (inside.size >= 6) {
		unsigned type = (unsigned)inside.at[0] << 8 | inside.at[1];

		if (type != 0x8100 && type != 0x88a8 && type != 0x9100)
			break;
		inside.at += 4;
		inside.size -= 4;
	}
	return inside;
}

struct received {
	size_t size;
	uint8_t bytes[FRAME_MOST];
};

/* What came out at the other side since it was asked last; returns how many. */
static size_t receive(struct wires *wires, enum row_hook hook, struct received *ret_frames)
{
	static const uint8_t from[ADDRESSES] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
	uint8_t last[ETHERNET_HEADER + sizeof(wires->sentinel)];
	struct pollfd ready = {.fd = wires->socket[!hook], .events = POLLIN};
	size_t count = 0;

	wires->sentinel++;
	memcpy(last, from, sizeof(from));
	last[ADDRESSES] = SENTINEL >> 8;
	last[ADDRESSES + 1] = SENTINEL & 0xff;
	memcpy(last + ETHERNET_HEADER, &wires->sentinel, sizeof(wires->sentinel));
	if (send(wires->socket[hook], last, sizeof(last), 0) < 0) {
		perror("send");
		exit(1);
	}
	while (poll(&ready, 1, SENTINEL_WAIT_MS) > 0) {
		struct received *frame = &ret_frames[count];
		ssize_t size = recv(ready.fd, frame->bytes, sizeof(frame->bytes), 0);

		if (size < (ssize_t)ETHERNET_HEADER)
			continue;
		frame->size = (size_t)size;
		if (frame->size >= sizeof(last) && !memcmp(frame->bytes, last, sizeof(last)))
			return count;
		if (count + 1 < RECEIVED_MOST)
			count++;
	}
	fprintf(stderr, "the bridge lets nothing through\n");
	exit(1);
}

/* ------------------------------------------------------------------ was it this one? */

/* A frame as it was sent, and where in it what a box may change begins. */
struct sent {
	struct inside inside;
	size_t ip; /* of the inside; 0: no IP */
	unsigned family;
	bool fragment;
};

static struct sent sent_of(const struct frame_bytes *frame)
{
	struct sent sent = {.inside = inside_of(frame->bytes, frame->length)};
	const uint8_t *ip;

	if (!frame->ip || frame->ip + 20 > frame->length)
		return sent;
	sent.ip = (size_t)(frame->bytes + frame->ip - sent.inside.at);
	ip = frame->bytes + frame->ip;
	sent.family = ip[0] >> 4;
	if (sent.family == 4)
		sent.fragment = (ip[6] & 0x3f) || ip[7];
	else if (sent.family == 6 && frame->ip + 48 <= frame->length)
		sent.fragment = ip[6] == FRAME_FRAGMENT ||
				(ip[6] == FRAME_DSTOPTS && ip[40] == FRAME_FRAGMENT);
	return sent;
}

/* The code point, and IPv4's checksum with it, may differ; what is behind the packet may be cut. */
static bool may_differ(const struct sent *sent, size_t at)
{
	if (!sent->ip || at < sent->ip)
		return false;
	at -= sent->ip;
	return sent->family == 4 ? at == 1 || at == 10 || at == 11 : at <= 1;
}

static bool is_same(const struct sent *sent, struct inside inside)
{
	if (inside.size > sent->inside.size || (!sent->ip && inside.size < sent->inside.size) ||
	    (sent->ip && inside.size < sent->ip + 20))
		return false;
	for (size_t i = 0; i < inside.size; i++)
		if (inside.at[i] != sent->inside.at[i] && !may_differ(sent, i))
			return false;
	return true;
}

/* A piece of the same datagram that holds the first byte of the one that was sent. */
struct piece {
	const uint8_t *ends; /* both addresses */
	size_t ends_size;
	uint32_t id;
	unsigned first, last;
};

static bool piece_of(struct inside inside, size_t at, struct piece *ret_piece)
{
	const uint8_t *ip = inside.at + at;
	size_t size = inside.size - at, header = 40;

	if (inside.size < at + 40)
		return false;
	if (ip[0] >> 4 == 4) {
		*ret_piece = (struct piece){ip + 12, 8, (uint32_t)ip[4] << 8 | ip[5],
					    ((ip[6] & 0x1fu) << 8 | ip[7]) * 8, 0};
		header = (ip[0] & 0xfu) * 4;
		ret_piece->last =
			ret_piece->first + ((unsigned)ip[2] << 8 | ip[3]) - (unsigned)header;
		return true;
	}
	if (ip[6] == FRAME_DSTOPTS)
		header += 8;
	if (size < header + 8 || ip[header == 40 ? 6 : 40] != FRAME_FRAGMENT)
		return false;
	ip += header;
	*ret_piece = (struct piece){inside.at + at + 8, 32,
				    (uint32_t)ip[4] << 24 | (uint32_t)ip[5] << 16 |
					    (uint32_t)ip[6] << 8 | ip[7],
				    ((unsigned)ip[2] << 8 | ip[3]) & 0xfff8u, 0};
	ret_piece->last = ret_piece->first + (unsigned)(size - header - 8);
	return true;
}

static bool is_piece(const struct sent *sent, struct inside inside)
{
	struct piece ours, theirs;

	if (inside.size < sent->ip + 40 || inside.at[sent->ip] >> 4 != sent->family ||
	    !piece_of(sent->inside, sent->ip, &ours) || !piece_of(inside, sent->ip, &theirs))
		return false;
	return ours.id == theirs.id && !memcmp(ours.ends, theirs.ends, ours.ends_size) &&
	       theirs.first <= ours.first && ours.first < theirs.last;
}

static unsigned dscp_at(const struct sent *sent, struct inside inside)
{
	const uint8_t *ip = inside.at + sent->ip;

	return sent->family == 4 ? ip[1] >> 2 : (ip[0] & 0xfu) << 2 | ip[1] >> 6;
}

/* ------------------------------------------------------------------ rows */

struct played {
	struct frame_bytes frame;
	struct sent sent;
	bool left_out, arrived, marked;
	unsigned dscp;
};

static void match(struct played *played, const struct received *frames, size_t count)
{
	for (size_t i = 0; i < count && !played->arrived; i++) {
		struct inside inside = inside_of(frames[i].bytes, frames[i].size);

		if (!is_same(&played->sent, inside) &&
		    (!played->sent.fragment || !is_piece(&played->sent, inside)))
			continue;
		played->arrived = true;
		if (!played->sent.ip)
			return;
		played->dscp = dscp_at(&played->sent, inside);
		played->marked = played->dscp != dscp_at(&played->sent, played->sent.inside);
	}
}

static void prepare(const struct row *row, size_t number, struct played *ret_played)
{
	char wrong[WORDS_WRONG];

	*ret_played = (struct played){};
	if (words_build(row->steps[number].packet, &ret_played->frame, wrong)) {
		fprintf(stderr, "%s: '%s' at '%s'\n", row->what, row->steps[number].packet, wrong);
		exit(1);
	}
	ret_played->sent = sent_of(&ret_played->frame);
}

/* Sends it as often as the row says; all of them must fare alike to count as passed. */
static void play_step(struct wires *wires, const struct row *row, size_t number,
		      struct played *played)
{
	static struct received frames[RECEIVED_MOST];
	const struct step *step = &row->steps[number];
	unsigned times = step->times ? step->times : 1;

	usleep((step->after_ms ? step->after_ms : 1) * 1000);
	for (unsigned i = 0; i < times; i++) {
		size_t count;

		if (send(wires->socket[step->hook], played[number].frame.bytes,
			 played[number].frame.length, 0) < 0) {
			perror(step->packet);
			exit(1);
		}
		played[number].arrived = false;
		count = receive(wires, step->hook, frames);
		for (size_t j = 0; j <= number; j++)
			if (j == number || (played[j].sent.fragment && !played[j].arrived &&
					    row->steps[j].hook == step->hook))
				match(&played[j], frames, count);
		if (!played[number].arrived)
			break;
	}
}

static const char *outcome_text(bool passes, bool marked, unsigned dscp, char text[16])
{
	if (passes && marked)
		snprintf(text, 16, "pass %u", dscp);
	else
		snprintf(text, 16, "%s", passes ? "pass" : "drop");
	return text;
}

static void tell(const struct row *row, size_t number, const struct played *played)
{
	const struct step *step = &row->steps[number];
	bool passes = step->verdict == AGFEO_PASS;
	bool marked = passes && step->dscp != AGFEO_KEEP && played->sent.ip &&
		      step->dscp != dscp_at(&played->sent, played->sent.inside);
	char ours[16], theirs[16] = "-";

	if (!played->left_out)
		outcome_text(played->arrived, played->marked, played->dscp, theirs);
	printf("%s\t%zu\t%s\t%s\t%s\n", row->what, number + 1,
	       outcome_text(passes, marked, step->dscp, ours), theirs, step->packet);
}

static void play_row(struct wires *wires, const struct row *row)
{
	static struct played played[STEPS_MOST];
	bool waits = false, pieces = false;

	for (size_t i = 0; i < row_length(row); i++)
		prepare(row, i, &played[i]);
	for (size_t i = 0; i < row_length(row); i++) {
		waits |= row->steps[i].after_ms > PAUSE_MOST_MS;
		played[i].left_out = waits;
		if (!waits)
			play_step(wires, row, i, played);
	}
	for (size_t i = 0; i < row_length(row); i++) {
		tell(row, i, &played[i]);
		pieces |= played[i].sent.fragment && !played[i].left_out && !played[i].arrived;
	}
	if (pieces)
		usleep(FRAGMENTS_MS * 1000);
}

/* Runs RESET... NAME. */
static void reset(char **command, int count, const char *site)
{
	char *words[16] = {};
	int status;
	pid_t child;

	for (int i = 0; i < count && i < 14; i++)
		words[i] = command[i];
	words[count < 14 ? count : 14] = (char *)site;
	fflush(stdout);
	child = fork();
	if (!child) {
		execvp(words[0], words);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0 || status) {
		fprintf(stderr, "%s failed\n", words[0]);
		exit(1);
	}
}

static int send_packets(const char *interface, char **packets, int count)
{
	int fd = open_wire(interface);

	for (int i = 0; i < count; i++) {
		char wrong[WORDS_WRONG];
		struct frame_bytes frame;

		if (words_build(packets[i], &frame, wrong)) {
			fprintf(stderr, "'%s' at '%s'\n", packets[i], wrong);
			return 1;
		}
		if (send(fd, frame.bytes, frame.length, 0) < 0) {
			perror(packets[i]);
			return 1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct wires wires = {};
	cpu_set_t one;

	if (argc == 3 && !strcmp(argv[1], "sites"))
		return write_sites(argv[2]);
	if (argc >= 4 && !strcmp(argv[1], "send"))
		return send_packets(argv[2], argv + 3, argc - 3);
	if (argc < 5 || strcmp(argv[1], "play")) {
		fprintf(stderr, "usage: nft_corpus sites FOLDER | play DEVICES OTHERS RESET... | "
				"send INTERFACE PACKET...\n");
		return 2;
	}
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	wires.socket[ROW_XDP] = open_wire(argv[2]);
	wires.socket[ROW_TC] = open_wire(argv[3]);
	for (size_t i = 0; i < rows_count(); i++) {
		reset(argv + 4, argc - 4, name_of(rows_at(i)->site));
		play_row(&wires, rows_at(i));
	}
	return 0;
}
