/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One end of a call: sends 20 ms of A-law every 20 ms, unmarked, and keeps book of what it hears, by
 * sequence number and with the code point that each packet arrived with.
 *
 *	talk LOCAL PORT REMOTE PORT SECONDS [WINDOW]	calls
 *	talk LOCAL PORT - - SECONDS [WINDOW]		waits, and answers whom it hears (as behind NAT)
 *
 * With a window it goes by what arrives instead of by the clock, for machines that stand still at
 * times: its packets are never more than that many ahead of the other end's, which does the same.
 * SECONDS is then the voice of so many seconds.
 *
 * It ends SECONDS after it began to talk, or on SIGTERM, having listened a while longer, and prints a
 * line of JSON; on SIGUSR1 it prints one in between.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EF	    46
#define PACKET_MS   20
#define SAMPLES	    160
#define LINGER_MS   1500  /* after its last packet, for what is still under way */
#define PATIENCE_MS 30000 /* for the first packet of whom it waits for */
#define NUDGE_MS    2000  /* with a window: a packet after that, should all of a window be lost */
#define QUIET_MS    5000  /* with a window: what is still under way has come after such a silence */
#define STALLED_MS  120000
#define ENOUGH	    65536
#define GAPS_SHOWN  8

struct rtp_packet {
	uint8_t version, type;
	uint16_t sequence;
	uint32_t timestamp, source;
	uint8_t voice[SAMPLES];
};

union endpoint {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

struct end {
	int wire;
	union endpoint remote;
	socklen_t remote_size;
	uint32_t source;
	bool talks;
	uint64_t begun, due; /* ms; when the next packet is to leave */
	unsigned to_send, sent, refused;
	unsigned window;
	unsigned received, distinct, reordered, ef, other;
	unsigned highest;      /* sequence number heard so far */
	uint64_t heard, gap;   /* ms: the last packet, the longest silence between two */
	uint8_t times[ENOUGH]; /* how often each sequence number was heard */
};

static struct end end;
static volatile sig_atomic_t asked, ended;

static void on_signal(int number)
{
	if (number == SIGUSR1)
		asked = 1;
	else
		ended = 1;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool read_endpoint(const char *address, const char *port, union endpoint *ret,
			  socklen_t *ret_size)
{
	union endpoint endpoint = {0};

	if (inet_pton(AF_INET, address, &endpoint.v4.sin_addr) == 1) {
		endpoint.v4.sin_family = AF_INET;
		endpoint.v4.sin_port = htons((uint16_t)atoi(port));
		*ret_size = sizeof(endpoint.v4);
	} else if (inet_pton(AF_INET6, address, &endpoint.v6.sin6_addr) == 1) {
		endpoint.v6.sin6_family = AF_INET6;
		endpoint.v6.sin6_port = htons((uint16_t)atoi(port));
		*ret_size = sizeof(endpoint.v6);
	} else {
		return false;
	}
	*ret = endpoint;
	return true;
}

static int open_wire(const union endpoint *local, socklen_t size)
{
	int wire = socket(local->any.sa_family, SOCK_DGRAM, 0), yes = 1, room = 1 << 20;

	if (wire < 0)
		return -1;
	setsockopt(wire, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (local->any.sa_family == AF_INET)
		setsockopt(wire, IPPROTO_IP, IP_RECVTOS, &yes, sizeof(yes));
	else
		setsockopt(wire, IPPROTO_IPV6, IPV6_RECVTCLASS, &yes, sizeof(yes));
	return bind(wire, &local->any, size) ? -1 : wire;
}

static void send_packet(void)
{
	struct rtp_packet packet = {.version = 0x80, .type = 8};

	packet.sequence = htons((uint16_t)end.sent);
	packet.timestamp = htonl(end.sent * SAMPLES);
	packet.source = htonl(end.source);
	memset(packet.voice, 0xd5, sizeof(packet.voice));
	while (sendto(end.wire, &packet, sizeof(packet), 0, &end.remote.any, end.remote_size) < 0) {
		end.refused++; /* an ICMP error for a packet before: this one has not left */
		if (errno != ECONNREFUSED && errno != EHOSTUNREACH && errno != EINTR) {
			perror("send");
			break;
		}
	}
	end.sent++;
	end.due += PACKET_MS;
}

static int traffic_of(struct msghdr *message)
{
	for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part;
	     part = CMSG_NXTHDR(message, part)) {
		int traffic = 0;

		if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_TOS)
			return *(const uint8_t *)CMSG_DATA(part);
		if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_TCLASS) {
			memcpy(&traffic, CMSG_DATA(part), sizeof(traffic));
			return traffic;
		}
	}
	return 0;
}

static void keep_book(unsigned sequence, int traffic)
{
	uint64_t now = now_ms();

	if (end.received && now - end.heard > end.gap)
		end.gap = now - end.heard;
	end.heard = now;
	if (end.received && sequence < end.highest && !end.times[sequence]) /* no late copy */
		end.reordered++;
	if (sequence > end.highest)
		end.highest = sequence;
	end.received++;
	if (traffic >> 2 == EF)
		end.ef++;
	if (end.times[sequence] < UINT8_MAX && !end.times[sequence]++)
		end.distinct++;
}

/* From whoever talks to us; anything but the RTP of another `talk` is only counted. */
static void receive_packet(void)
{
	struct rtp_packet packet = {0};
	union endpoint from;
	uint8_t control[128] __attribute__((aligned(8)));
	struct iovec into = {.iov_base = &packet, .iov_len = sizeof(packet)};
	struct msghdr message = {.msg_name = &from,
				 .msg_namelen = sizeof(from),
				 .msg_iov = &into,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control)};
	ssize_t size = recvmsg(end.wire, &message, MSG_DONTWAIT);

	if (size < 0)
		return;
	if (size != (ssize_t)sizeof(packet) || ntohl(packet.source) >> 16 != 0x7a1c ||
	    ntohl(packet.source) == end.source) {
		end.other++;
		return;
	}
	if (!end.remote_size) {
		end.remote = from;
		end.remote_size = message.msg_namelen;
	}
	keep_book(ntohs(packet.sequence), traffic_of(&message));
}

/* lost: of the numbers up to the highest that was heard; what the other end sent says the rest. */
static void print_book(void)
{
	unsigned lost = end.received ? end.highest + 1 - end.distinct : 0, shown = 0;

	printf("{\"sent\":%u,\"refused\":%u,\"received\":%u,\"lost\":%u,\"duplicates\":%u,"
	       "\"reordered\":%u,\"ef\":%u,\"other\":%u,\"longest_gap_ms\":%llu,\"missing\":[",
	       end.sent, end.refused, end.received, lost, end.received - end.distinct,
	       end.reordered, end.ef, end.other, (unsigned long long)end.gap);
	for (unsigned number = 0; number <= end.highest && shown < GAPS_SHOWN && lost; number++)
		if (!end.times[number])
			printf("%s%u", shown++ ? "," : "", number);
	puts("]}");
	fflush(stdout);
}

/* When the next packet is to leave. A machine that stood still catches up, unless it has a window. */
static uint64_t send_time(void)
{
	if (!end.window || end.sent < (end.received ? end.highest + 1 : 0) + end.window)
		return end.due;
	return end.due + NUDGE_MS;
}

static void send_what_is_due(uint64_t now)
{
	while (end.talks && end.sent < end.to_send && send_time() <= now) {
		if (end.window)
			end.due = now;
		send_packet();
	}
}

static int time_left(uint64_t now, uint64_t stop)
{
	bool sends = end.talks && end.sent < end.to_send && send_time() < stop;
	uint64_t until = sends ? send_time() : stop;

	return until > now ? (int)(until - now) : 0;
}

/* With a window the end of the call is put off by each packet that comes or goes. */
static uint64_t stop_time(uint64_t stop)
{
	uint64_t last = end.heard > end.due ? end.heard : end.due;

	if (!end.window || !end.talks)
		return stop;
	return last + (end.sent < end.to_send ? STALLED_MS : QUIET_MS);
}

static void converse(void)
{
	uint64_t stop = now_ms() + (end.window ? STALLED_MS : PATIENCE_MS);

	for (;;) {
		struct pollfd wire = {.fd = end.wire, .events = POLLIN};
		uint64_t now = now_ms();

		if (asked) {
			asked = 0;
			print_book();
		}
		if (ended) {
			ended = 0;
			end.to_send = end.sent;
			stop = now + LINGER_MS;
		}
		if (!end.talks && end.remote_size) {
			end.talks = true;
			end.begun = end.due = now;
			stop = now + (uint64_t)end.to_send * PACKET_MS + LINGER_MS;
		}
		send_what_is_due(now);
		stop = stop_time(stop);
		if (poll(&wire, 1, time_left(now, stop)) > 0)
			receive_packet();
		else if (now >= stop)
			return;
	}
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_signal};
	union endpoint local;
	socklen_t size;

	if (argc < 6 || argc > 7 || !read_endpoint(argv[1], argv[2], &local, &size) ||
	    (strcmp(argv[3], "-") &&
	     !read_endpoint(argv[3], argv[4], &end.remote, &end.remote_size))) {
		fprintf(stderr, "usage: talk LOCAL PORT REMOTE|- PORT|- SECONDS [WINDOW]\n");
		return 2;
	}
	end.to_send = (unsigned)(atof(argv[5]) * 1000 / PACKET_MS);
	if (end.to_send > ENOUGH)
		end.to_send = ENOUGH;
	end.window = argc > 6 ? (unsigned)atoi(argv[6]) : 0;
	end.source = 0x7a1c0000 | ((unsigned)atoi(argv[2]) & 0xffff);
	/* Whoever sees the socket may ask. */
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	end.wire = open_wire(&local, size);
	if (end.wire < 0) {
		perror("talk");
		return 1;
	}
	converse();
	print_book();
	close(end.wire);
	return 0;
}
