/* SPDX-License-Identifier: GPL-2.0 */
/* Captures by libpcap; see packets.h. */
#include "report/packets.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/log.h"

#define NS_PER_SECOND 1000000000ull
#define SNAP_MOST     262144 /* what tcpdump and Wireshark take for "all" */

struct packet_source {
	pcap_t *pcap;
	const char *path; /* borrowed */
	enum framing framing;
};

struct packet_sink {
	pcap_t *dead; /* carries link type and precision */
	pcap_dumper_t *dumper;
	const char *path; /* borrowed */
	bool complained;
};

static const struct {
	int link; /* DLT_… */
	enum framing framing;
} framings[] = {
	{DLT_EN10MB, FRAMING_ETHERNET}, {DLT_RAW, FRAMING_IP},
	{DLT_IPV4, FRAMING_IP},		{DLT_IPV6, FRAMING_IP},
	{DLT_LINUX_SLL, FRAMING_SLL},	{DLT_LINUX_SLL2, FRAMING_SLL2},
	{DLT_PPP, FRAMING_PPP},		{DLT_PPP_SERIAL, FRAMING_PPP},
	{DLT_PPP_ETHER, FRAMING_PPPOE},
};

/* ------------------------------------------------------------------ reading */

static int find_framing(struct packet_source *source)
{
	int link = pcap_datalink(source->pcap);
	const char *name = pcap_datalink_val_to_name(link);

	for (size_t i = 0; i < ARRAY_SIZE(framings); i++) {
		if (framings[i].link == link) {
			source->framing = framings[i].framing;
			return 0;
		}
	}
	fail(0,
	     "%s: its packets have the link type %s (%d), which is not understood: capture on an "
	     "Ethernet, PPP or tun interface, or with 'tcpdump -i any'",
	     source->path, name ? name : "unknown", link);
	return -EPROTONOSUPPORT;
}

/* A pcapng may have packets of several interfaces. */
static const char *advice_for(const char *error)
{
	return strstr(error, "type of the first interface")
		       ? ": a capture of one interface is wanted (in Wireshark: filter by "
			 "frame.interface_id, export the packets displayed)"
		       : "";
}

/* libpcap names the file in some of its messages and leaves it out in others. */
static int refuse_file(const char *path, const char *error)
{
	size_t length = strlen(path);

	if (!strncmp(error, path, length) && error[length] == ':')
		return fail(0, "%s", error);
	return fail(0, "%s: %s%s", path, error, advice_for(error));
}

int packet_source_open(const char *path, struct packet_source **ret_source)
{
	_cleanup_(packet_source_freep) struct packet_source *source = calloc(1, sizeof(*source));
	char error[PCAP_ERRBUF_SIZE] = "";
	int err;

	if (!source)
		return fail(-ENOMEM, "%s", path);
	source->path = path;
	source->pcap =
		pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, error);
	if (!source->pcap)
		return refuse_file(path, error);
	err = find_framing(source);
	if (err)
		return err;
	*ret_source = take_ptr(source);
	return 0;
}

void packet_source_free(struct packet_source *source)
{
	if (!source)
		return;
	if (source->pcap)
		pcap_close(source->pcap);
	free(source);
}

enum framing packet_source_framing(const struct packet_source *source)
{
	return source->framing;
}

/* Clocks before 1970 or after 2500 are broken ones. */
static uint64_t time_of(const struct pcap_pkthdr *header)
{
	uint64_t seconds = header->ts.tv_sec < 0 ? 0 : (uint64_t)header->ts.tv_sec;
	uint64_t fraction = header->ts.tv_usec < 0 ? 0 : (uint64_t)header->ts.tv_usec;

	if (seconds >= UINT64_MAX / NS_PER_SECOND - 1)
		return UINT64_MAX - NS_PER_SECOND;
	return seconds * NS_PER_SECOND + fraction;
}

int packet_source_next(struct packet_source *source, struct captured *ret_captured)
{
	struct pcap_pkthdr *header;
	const u_char *bytes;
	int got = pcap_next_ex(source->pcap, &header, &bytes);

	if (got == PCAP_ERROR_BREAK)
		return 0;
	if (got != 1)
		return refuse_file(source->path, pcap_geterr(source->pcap));
	*ret_captured = (struct captured){
		.time_ns = time_of(header),
		.bytes = bytes,
		.kept = header->caplen,
		.length = header->len < header->caplen ? header->caplen : header->len,
	};
	return 1;
}

/* ------------------------------------------------------------------ writing */

static bool is_same_file(const struct packet_source *source, const char *path)
{
	FILE *reading = pcap_file(source->pcap);
	struct stat ours, theirs;

	return reading && !fstat(fileno(reading), &ours) && !stat(path, &theirs) &&
	       ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

static void sink_free(struct packet_sink *sink)
{
	if (sink->dumper)
		pcap_dump_close(sink->dumper);
	if (sink->dead)
		pcap_close(sink->dead);
	free(sink);
}

int packet_sink_open(const char *path, const struct packet_source *source,
		     struct packet_sink **ret_sink)
{
	struct packet_sink *sink;

	if (!strcmp(path, "-"))
		return fail(0, "--write wants a file: standard output has the packets' lines");
	if (is_same_file(source, path))
		return fail(0, "%s: it is being read: --write wants another file", path);
	sink = calloc(1, sizeof(*sink));
	if (!sink)
		return fail(-ENOMEM, "%s", path);
	sink->path = path;
	sink->dead = pcap_open_dead_with_tstamp_precision(pcap_datalink(source->pcap), SNAP_MOST,
							  PCAP_TSTAMP_PRECISION_NANO);
	if (sink->dead)
		sink->dumper = pcap_dump_open(sink->dead, path);
	if (!sink->dumper) {
		int err = sink->dead ? refuse_file(path, pcap_geterr(sink->dead))
				     : fail(-ENOMEM, "%s", path);

		sink_free(sink);
		return err;
	}
	*ret_sink = sink;
	return 0;
}

/* libpcap keeps quiet of writes that fail; the stream below remembers that there was one. */
static int sink_error(struct packet_sink *sink)
{
	int error = errno ? errno : EIO;

	if (!ferror(pcap_dump_file(sink->dumper)))
		return 0;
	if (!sink->complained)
		fail(error, "%s", sink->path);
	sink->complained = true;
	return -error;
}

int packet_sink_put(struct packet_sink *sink, const struct captured *packet)
{
	struct pcap_pkthdr header = {
		.caplen = (bpf_u_int32)packet->kept,
		.len = (bpf_u_int32)packet->length,
	};

	header.ts.tv_sec = (time_t)(packet->time_ns / NS_PER_SECOND);
	header.ts.tv_usec = (suseconds_t)(packet->time_ns % NS_PER_SECOND);
	errno = 0;
	pcap_dump((u_char *)sink->dumper, &header, packet->bytes);
	return sink_error(sink);
}

int packet_sink_close(struct packet_sink *sink)
{
	int err;

	errno = 0;
	pcap_dump_flush(sink->dumper);
	err = sink_error(sink);
	sink_free(sink);
	return err;
}
