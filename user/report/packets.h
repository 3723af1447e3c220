/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Captures as files: pcap and pcapng read, pcap written, to the nanosecond. Errors are said here,
 * with the file's name.
 */
#ifndef USER_REPORT_PACKETS_H
#define USER_REPORT_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_MOST 65600 /* bytes: the largest IP packet, and what may stand before it */

/* What a capture's packets begin with. */
enum framing {
	FRAMING_ETHERNET,
	FRAMING_IP,   /* nothing: tun, WireGuard, cellular */
	FRAMING_SLL,  /* Linux "cooked", `tcpdump -i any` */
	FRAMING_SLL2, /* the same since libpcap 1.10 */
	FRAMING_PPP,
	FRAMING_PPPOE, /* PPPoE without Ethernet */
};

struct packet_source;

struct captured {
	uint64_t time_ns;     /* since the epoch */
	const uint8_t *bytes; /* borrowed until the next packet */
	size_t kept;	      /* bytes there are */
	size_t length;	      /* bytes it had on the wire; never less than `kept` */
};

/* path "-": standard input. -EPROTONOSUPPORT: a link type that is not among the framings. */
int packet_source_open(const char *path, struct packet_source **ret_source);
void packet_source_free(struct packet_source *source);
static inline void packet_source_freep(struct packet_source **source)
{
	packet_source_free(*source);
}

enum framing packet_source_framing(const struct packet_source *source);
/* 1: a packet; 0: the end; negative: the file is damaged from here on. */
int packet_source_next(struct packet_source *source, struct captured *ret_captured);

struct packet_sink;

/*
 * A pcap with nanoseconds and the source's link type. An existing file is replaced; the file that is
 * being read is refused.
 */
int packet_sink_open(const char *path, const struct packet_source *source,
		     struct packet_sink **ret_sink);
/* 0, or the error of a write, said here. */
int packet_sink_put(struct packet_sink *sink, const struct captured *packet);
/* Writes what is left; alike. The sink is gone in either case. */
int packet_sink_close(struct packet_sink *sink);
static inline void packet_sink_closep(struct packet_sink **sink)
{
	if (*sink)
		packet_sink_close(*sink);
}

#endif
