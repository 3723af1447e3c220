/* SPDX-License-Identifier: GPL-2.0 */
/*
 * `agfeoctl replay`, from a capture to its lines: the conformance rows as captures, every link
 * type, and what is written back.
 */
#include <pcap/pcap.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "corpus/rows.h"
#include "lib/check.h"
#include "lib/replaying.h"

#define BETWEEN_ROWS (20000 * SECOND) /* nothing is remembered that long */
#define ROWS_LEAST   60		      /* of the rows, those whose packets meet the same hooks */
#define WIRE_MOST    70000

/* ------------------------------------------------------------------ the conformance rows */

struct place {
	const struct row *row;
	const struct step *step;
};

struct places {
	struct place at[4096];
	size_t count;
};

static void put_row(struct tape *tape, const struct row *row, uint64_t now, struct places *places)
{
	for (size_t i = 0; i < row_length(row); i++) {
		const struct step *step = &row->steps[i];
		struct frame_bytes frame = frame_of(step->packet);

		for (unsigned n = 0; n < (step->times ? step->times : 1); n++) {
			now += (!n && step->after_ms ? step->after_ms : STEP_MS) * MILLISECOND;
			tape_put(tape, now, frame.bytes, frame.length, frame.length);
			if (places->count == sizeof(places->at) / sizeof(places->at[0]))
				abort();
			places->at[places->count++] = (struct place){row, step};
		}
	}
}

/* Monitor mode tells what it would have done, a row what becomes of the packet. */
static const char *fate_of(struct json_object *line)
{
	return flag_of(line, "monitor") ? "pass" : text_of(line, "verdict");
}

static void check_step(const struct step *step, struct json_object *line)
{
	CHECK_STR(text_of(line, "reason"), reason_label(step->reason));
	CHECK_STR(fate_of(line), verdict_label(step->verdict));
	if (step->verdict == AGFEO_PASS)
		CHECK_EQ(number_of(line, "dscp_out"),
			 step->dscp == AGFEO_KEEP ? number_of(line, "dscp_in") : step->dscp);
}

/* A row may ask what tc makes of a device's packet, which replay shows to XDP: up to there. */
static size_t check_rows(const struct places *places, const struct run *run)
{
	const struct row *left = NULL;
	size_t same = 0;
	char name[256];

	for (size_t i = 0; i < places->count && i < run->count; i++) {
		const struct place *place = &places->at[i];
		const char *hook = place->step->hook == ROW_XDP ? "xdp" : "tc";

		snprintf(name, sizeof(name), "%s: %s", place->row->what, place->step->packet);
		CHECK_ROW(name);
		CHECK_EQ(number_of(run->lines[i], "packet"), i + 1);
		if (strcmp(text_of(run->lines[i], "hook"), hook))
			left = place->row;
		if (place->row == left)
			continue;
		check_step(place->step, run->lines[i]);
		same += !i || places->at[i - 1].row != place->row;
	}
	CHECK_ROW(NULL);
	return same;
}

static size_t test_site(const char *site)
{
	_cleanup_(freep) struct places *places = calloc(1, sizeof(*places));
	struct tape tape = tape_open("rows.pcap", DLT_EN10MB);
	uint64_t now = BETWEEN_ROWS;
	size_t same;

	for (size_t i = 0; i < rows_count(); i++, now += BETWEEN_ROWS)
		if (rows_at(i)->site == site && !rows_at(i)->pickup)
			put_row(&tape, rows_at(i), now, places);
	tape_close(&tape);
	replaying_write("rows.conf", site);

	_run_ run = replay("rows.conf", "rows.pcap");

	CHECK_EQ(run.status, 0);
	CHECK_EQ(run.count, places->count);
	same = check_rows(places, &run);
	return same;
}

static void test_rows(void)
{
	static const char *const sites[] = {site_office,   site_closed,	  site_watched,
					    site_bleached, site_unmarked, site_narrow};
	size_t same = 0;

	for (size_t i = 0; i < ARRAY_SIZE(sites); i++)
		same += test_site(sites[i]);
	printf("%zu of %zu rows met the hooks that they name\n", same, rows_count());
	CHECK(same >= ROWS_LEAST);
}

/* ------------------------------------------------------------------ link types */

#define VOICE_OUT  "udp 192.168.10.2:5204 > 217.10.64.9:30000 rtp 1"
#define VOICE_IN   "udp 217.10.64.9:30000 > 192.168.10.2:5204 rtp 700"
#define VOICE_OUT6 "udp [fd00:10::2]:5204 > [2001:db8:217::9]:30000 rtp 1"
#define VOICE_IN6  "ecn 1 udp [2001:db8:217::9]:30000 > [fd00:10::2]:5204 rtp 700"
#define TELNET	   "tcp 192.168.20.5:40000 > 192.168.10.2:23 syn"
#define WEB	   "tcp 198.51.100.9:40000 > 192.168.10.2:80 syn"
#define STRANGERS  "udp 192.168.20.5:6000 > 198.51.100.9:6000"
#define INVITE	   "udp 192.168.10.2:5064 > 217.10.64.9:5060 size 1592"

struct expected {
	const char *packet;
	const char *hook, *verdict, *reason, *device, *service, *class, *source;
	int dscp_out;
	enum { ANYWHERE, ETHERNET } where; /* which link types can say it */
};

/* clang-format off */
static const struct expected expectations[] = {
	{ VOICE_OUT,  "xdp", "pass", "listed",    "pbx",    "rtp", "voice", "192.168.10.2:5204", 46, ANYWHERE },
	{ VOICE_IN,   "tc",  "pass", "flow",      "pbx",    "rtp", "voice", "217.10.64.9:30000", 46, ANYWHERE },
	{ VOICE_OUT6, "xdp", "pass", "listed",    "pbx",    "rtp", "voice", "[fd00:10::2]:5204", 46, ANYWHERE },
	{ VOICE_IN6,  "tc",  "pass", "flow",      "pbx",    "rtp", "voice", "[2001:db8:217::9]:30000", 46, ANYWHERE },
	{ TELNET,     "tc",  "drop", "not-listed", "pbx",   "null", "null", "192.168.20.5:40000", 0, ANYWHERE },
	{ WEB,        "tc",  "drop", "scope",     "pbx",    "web", "null", "198.51.100.9:40000", 0, ANYWHERE },
	{ "dscp 8 " STRANGERS, "tc", "pass", "no-device", "null", "null", "null", "192.168.20.5:6000", 8, ANYWHERE },
	{ "frag 9 0-800 " INVITE, "xdp", "pass", "listed", "pbx", "sip-client", "signalling", "192.168.10.2:5064", 0, ANYWHERE },
	{ "frag 9 800- " INVITE, "xdp", "pass", "flow", "pbx", "sip-client", "signalling", "192.168.10.2", 0, ANYWHERE },
	{ "frag 8 800- " INVITE, "xdp", "drop", "fragment", "pbx", "null", "null", "192.168.10.2", 0, ANYWHERE },
	{ "icmp 192.168.20.5 > 192.168.10.2 type 8 id 7", "tc", "pass", "echo", "pbx", "icmp", "infrastructure", "192.168.20.5", 0, ANYWHERE },
	{ "tcp 192.168.20.5:40000 > 192.168.10.24:23 syn", "tc", "drop", "not-listed", "module", "null", "null", "192.168.20.5:40000", 0, ANYWHERE },
	{ "udp 192.168.20.5:6000 > 192.168.10.2:0", "tc", "drop", "malformed", "pbx", "null", "null", "192.168.20.5:6000", 0, ANYWHERE },
	{ "vlan 7 " VOICE_OUT, "xdp", "pass", "flow", "pbx", "rtp", "voice", "192.168.10.2:5204", 46, ANYWHERE },
	{ "vlan 7 pppoe " VOICE_IN, "tc", "pass", "flow", "pbx", "rtp", "voice", "217.10.64.9:30000", 46, ANYWHERE },
	{ "vlan 7 vlan 8 vlan 9 " VOICE_OUT, "tc", "drop", "malformed", "null", "null", "null", "null", 0, ETHERNET },
	{ "ether 0x88cc", "tc", "pass", "not-ip", "null", "null", "null", "null", 0, ANYWHERE },
	{ "ether 0x88cc cut 14", "tc", "pass", "not-ip", "null", "null", "null", "null", 0, ANYWHERE },
	{ VOICE_OUT " cut 14", "tc", "drop", "malformed", "null", "null", "null", "null", 0, ETHERNET },
	{ VOICE_OUT " cut 30", "tc", "drop", "malformed", "null", "null", "null", "null", 0, ETHERNET },
	{ VOICE_OUT " cut 13", "tc", "drop", "malformed", "null", "null", "null", "null", 0, ETHERNET },
	{ VOICE_OUT " cut 34", "xdp", "drop", "malformed", "pbx", "null", "null", "192.168.10.2", 0, ANYWHERE },
};
/* clang-format on */

/* The frame's bytes behind another header than Ethernet's. 0: that link type has no place for it. */
static size_t wrap(int link, const struct frame_bytes *frame, uint8_t *wire)
{
	static const uint8_t sll[16] = {0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1};
	static const uint8_t sll2[20] = {0, 0, 0, 0, 0, 0, 0, 7, 0, 1, 4, 6, 2, 0, 0, 0, 0, 1};
	unsigned ethertype = frame->bytes[12] << 8 | frame->bytes[13];
	unsigned ppp = ethertype == 0x0800 ? 0x0021 : ethertype == 0x86dd ? 0x0057 : 0;
	size_t payload = frame->length - 14, header;

	switch (link) {
	case DLT_EN10MB:
		memcpy(wire, frame->bytes, frame->length);
		return frame->length;
	case DLT_RAW:
		header = 0;
		break;
	case DLT_LINUX_SLL:
		header = sizeof(sll);
		memcpy(wire, sll, header);
		memcpy(wire + 14, frame->bytes + 12, 2);
		break;
	case DLT_LINUX_SLL2:
		header = sizeof(sll2);
		memcpy(wire, sll2, header);
		memcpy(wire, frame->bytes + 12, 2);
		break;
	case DLT_PPP:
		header = 4;
		memcpy(wire, (uint8_t[]){0xff, 0x03, 0, ppp}, header);
		break;
	case DLT_PPP_ETHER:
		header = 8;
		memcpy(wire, (uint8_t[]){0x11, 0, 0, 1, (payload + 2) >> 8, payload + 2, 0, ppp},
		       header);
		break;
	default:
		return 0;
	}
	if (frame->length < 14 || (!ppp && link != DLT_LINUX_SLL && link != DLT_LINUX_SLL2))
		return 0;
	memcpy(wire + header, frame->bytes + 14, payload);
	return header + payload;
}

static void check_expected(const struct expected *e, struct json_object *line)
{
	CHECK_ROW(e->packet);
	CHECK_STR(text_of(line, "hook"), e->hook);
	CHECK_STR(text_of(line, "verdict"), e->verdict);
	CHECK_STR(text_of(line, "reason"), e->reason);
	CHECK_STR(text_of(line, "device"), e->device);
	CHECK_STR(text_of(line, "service"), e->service);
	CHECK_STR(text_of(line, "class"), e->class);
	CHECK_STR(text_of(line, "source"), e->source);
	CHECK_EQ(number_of(line, "dscp_out"), e->dscp_out);
	CHECK_EQ(flag_of(line, "monitor"), !strcmp(e->device, "module"));
	CHECK(!flag_of(line, "truncated"));
	CHECK_ROW(NULL);
}

/* What --write wrote of one packet: what came, but for its code point. */
static void check_written(const struct expected *e, const uint8_t *came, size_t length,
			  const struct pcap_pkthdr *header, const uint8_t *left)
{
	size_t changed = 0;

	CHECK_ROW(e->packet);
	CHECK_EQ(header->caplen, length);
	CHECK_EQ(header->len, length);
	for (size_t i = 0; i < length && i < header->caplen; i++)
		changed += came[i] != left[i];
	/* TOS and checksum, the traffic class' two halves, or a tag's priority with them */
	CHECK(e->dscp_out == 46 ? changed >= 1 && changed <= 4 : !changed);
	CHECK_ROW(NULL);
}

static bool leaves(const struct expected *e)
{
	return !strcmp(e->verdict, "pass") || !strcmp(e->device, "module");
}

static void check_out(int link)
{
	char path[256], error[PCAP_ERRBUF_SIZE];
	uint8_t wire[WIRE_MOST];
	struct pcap_pkthdr *header;
	const u_char *bytes;
	uint64_t ns = SECOND;
	pcap_t *out = pcap_open_offline_with_tstamp_precision(replaying_path("out.pcap", path),
							      PCAP_TSTAMP_PRECISION_NANO, error);

	if (!CHECK(out))
		return;
	CHECK_EQ(pcap_datalink(out), link);
	for (size_t i = 0; i < ARRAY_SIZE(expectations); i++) {
		struct frame_bytes frame = frame_of(expectations[i].packet);
		size_t length = wrap(link, &frame, wire);

		if (!length || (link != DLT_EN10MB && expectations[i].where == ETHERNET))
			continue;
		ns += MILLISECOND + 1;
		if (!leaves(&expectations[i]))
			continue;
		if (!CHECK_EQ(pcap_next_ex(out, &header, &bytes), 1))
			break;
		CHECK_EQ(header->ts.tv_sec * SECOND + header->ts.tv_usec, ns);
		check_written(&expectations[i], wire, length, header, bytes);
	}
	CHECK_EQ(pcap_next_ex(out, &header, &bytes), PCAP_ERROR_BREAK);
	pcap_close(out);
}

static void test_link(int link)
{
	struct tape tape = tape_open("link.pcap", link);
	uint8_t wire[WIRE_MOST];
	uint64_t ns = SECOND;
	size_t put = 0;

	for (size_t i = 0; i < ARRAY_SIZE(expectations); i++) {
		struct frame_bytes frame = frame_of(expectations[i].packet);
		size_t length = wrap(link, &frame, wire);

		if (!length || (link != DLT_EN10MB && expectations[i].where == ETHERNET))
			continue;
		ns += MILLISECOND + 1;
		tape_put(&tape, ns, wire, length, length);
		put++;
	}
	tape_close(&tape);

	_run_ run = replay("office.conf", "link.pcap --write out.pcap");

	printf("%s: %zu packets\n", pcap_datalink_val_to_name(link), put);
	CHECK_EQ(run.status, 0);
	CHECK_EQ(run.count, put);
	put = 0;
	for (size_t i = 0; i < ARRAY_SIZE(expectations) && put < run.count; i++) {
		struct frame_bytes frame = frame_of(expectations[i].packet);

		if (wrap(link, &frame, wire) &&
		    (link == DLT_EN10MB || expectations[i].where != ETHERNET))
			check_expected(&expectations[i], run.lines[put++]);
	}
	check_out(link);
}

int main(void)
{
	static const int links[] = {DLT_EN10MB,	    DLT_RAW, DLT_LINUX_SLL,
				    DLT_LINUX_SLL2, DLT_PPP, DLT_PPP_ETHER};

	if (geteuid()) {
		CHECK_SKIP("needs root");
		return check_done();
	}
	if (!CHECK_EQ(replaying_begin(), 0))
		return check_done();
	replaying_write("office.conf", site_office);
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		test_link(links[i]);
	test_rows();
	replaying_end();
	return check_done();
}
