/* SPDX-License-Identifier: GPL-2.0 */
/* A capture through bpf/stream.h; see measured.h. */
#include "voice/measured.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

#include "stream.h"
#include "voice/scene.h"

#define ETHERNET_HEADER 14
#define UDP_PROTOCOL	17

const struct measured *measured_find(const struct measurement *m, const struct measured *like,
				     uint32_t ssrc)
{
	for (size_t i = 0; i < m->count; i++)
		if (!strcmp(m->row[i].source, like->source) &&
		    !strcmp(m->row[i].destination, like->destination) &&
		    (!ssrc || m->row[i].ssrc == ssrc))
			return &m->row[i];
	return NULL;
}

static uint16_t read16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void name_end(char *text, size_t size, int family, const uint8_t *address, uint16_t port)
{
	char host[INET6_ADDRSTRLEN];

	inet_ntop(family, address, host, sizeof(host));
	snprintf(text, size, family == AF_INET ? "%s:%u" : "[%s]:%u", host, port);
}

/* Finds the UDP header, or NULL: Ethernet with VLANs, IPv4 without fragments, IPv6. */
static const uint8_t *find_udp(const uint8_t *frame, size_t held, struct measured *ret_ends)
{
	size_t at = ETHERNET_HEADER;
	uint16_t type;

	if (held < at + 40)
		return NULL;
	type = read16(frame + 12);
	while ((type == 0x8100 || type == 0x88a8) && held >= at + 44) {
		type = read16(frame + at + 2);
		at += 4;
	}
	const uint8_t *ip = frame + at;
	bool v4 = type == 0x0800 && ip[0] >> 4 == 4 && ip[9] == UDP_PROTOCOL &&
		  !(read16(ip + 6) & 0x3fff);
	bool v6 = type == 0x86dd && ip[6] == UDP_PROTOCOL;
	size_t header = v4 ? (ip[0] & 15u) * 4 : 40;
	const uint8_t *udp = ip + header;

	if ((!v4 && !v6) || held < at + header + 8)
		return NULL;
	name_end(ret_ends->source, sizeof(ret_ends->source), v4 ? AF_INET : AF_INET6,
		 ip + (v4 ? 12 : 8), read16(udp));
	name_end(ret_ends->destination, sizeof(ret_ends->destination), v4 ? AF_INET : AF_INET6,
		 ip + (v4 ? 16 : 24), read16(udp + 2));
	return udp;
}

/* tshark weighs each sample by all packets so far, excused ones included. */
static void weigh(struct measured *row, const struct agfeo_stream *before)
{
	const struct agfeo_stream *s = &row->stream;
	double total = agfeo_stream_packets(s) - 1;

	if (agfeo_stream_samples(s) == agfeo_stream_samples(before))
		return;
	row->weighted_mean_ms =
		(row->weighted_mean_ms * (total - 1) + (double)s->jitter / 16e6) / total;
}

static void take(struct measurement *m, const struct measured *ends, const uint8_t *udp,
		 size_t held, uint64_t now_ns)
{
	static _Alignas(8) uint8_t payload[65536];
	struct measured *row = (struct measured *)measured_find(m, ends, 0);
	uint32_t length = read16(udp + 4);
	struct stream_delta delta;
	struct agfeo_stream before;
	struct rtp_header rtp;

	if (length < 8)
		return;
	memcpy(payload, udp + 8, held - 8);
	if (!rtp_parse(payload, payload + held - 8, length - 8, &rtp))
		return;
	if (!row) {
		if (m->count == MEASURED_MOST)
			return;
		row = &m->row[m->count++];
		*row = *ends;
		row->stream.given = scene_given;
	}
	before = row->stream;
	stream_update(&row->stream, &rtp, now_ns, &delta);
	weigh(row, &before);
}

static void conclude(struct measured *row)
{
	const struct agfeo_stream *s = &row->stream;
	unsigned samples = agfeo_stream_samples(s);

	row->ssrc = s->ssrc;
	row->packets = agfeo_stream_packets(s);
	row->expected = agfeo_stream_expected(s);
	row->lost = agfeo_stream_lost(s);
	row->has_jitter = s->period && samples;
	row->min_jitter_ms = s->jitter_min / 1e6;
	row->max_jitter_ms = s->jitter_max / 1e6;
	row->mean_jitter_ms = samples ? (double)s->jitter_sum / samples / 1e6 : 0;
	row->max_delta_ms = s->max_delta * 1024.0 / 1e6;
}

int measure_capture(const char *path, struct measurement *ret_measurement)
{
	static struct measurement m;
	char error[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const uint8_t *frame;
	pcap_t *pcap =
		pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, error);

	if (!pcap) {
		printf("%s: %s\n", path, error);
		return -EINVAL;
	}
	memset(&m, 0, sizeof(m));
	while (pcap_next_ex(pcap, &header, &frame) == 1) {
		struct measured ends = {0};
		const uint8_t *udp = find_udp(frame, header->caplen, &ends);
		uint64_t now_ns =
			(uint64_t)header->ts.tv_sec * 1000000000 + (uint64_t)header->ts.tv_usec;

		if (udp)
			take(&m, &ends, udp, (size_t)(frame + header->caplen - udp), now_ns);
	}
	pcap_close(pcap);
	for (size_t i = 0; i < m.count; i++)
		conclude(&m.row[i]);
	*ret_measurement = m;
	return 0;
}
