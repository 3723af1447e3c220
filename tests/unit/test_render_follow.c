/* SPDX-License-Identifier: GPL-2.0 */
/* The lines of `flows --follow`: what stands in them, and that they fit. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "check.h"
#include "report/render_follow.h"

#define SECOND 1000000000ull
#define NOW    (1741010709250000000ull) /* 2025-03-03 14:05:09.250 UTC */

static struct agfeo_event event = {
	.reason = AGFEO_REASON_LISTED, .hook = 0, .time_ns = 1000 * SECOND};

static struct call_stream stream(enum agfeo_direction direction, bool scored)
{
	return (struct call_stream){
		.direction = direction,
		.ssrc = 0xfeed,
		.payload_type = 8,
		.codec = "PCMA",
		.clock_rate = 8000,
		.packets = 501,
		.lost = 5,
		.expected = 506,
		.loss_percent = 0.988,
		.has_jitter = true,
		.mean_jitter_ms = 0.31,
		.max_jitter_ms = 1.72,
		.has_mos = scored,
		.mos = 4.329,
		.dscp_out = 46,
	};
}

static struct flow_row row_of(void)
{
	struct flow_row row = {
		.local = address_from_v4(htonl(0xc0a80a02)),
		.remote = address_from_v4(htonl(0xd90a400a)),
		.local_port = 5210,
		.remote_port = 30000,
		.protocol = IPPROTO_UDP,
		.class = AGFEO_CLASS_VOICE,
		.mark = 46,
		.device = "pbx",
		.model = "es-pure-ip-x-it",
		.service = "rtp",
		.remote_device = "",
		.opener = AGFEO_OUT,
		.state = FLOW_ANSWERED,
		.age_ns = 10 * SECOND,
	};

	row.way[AGFEO_IN] = (struct agfeo_flow_direction){
		.packets = 501, .bytes = 100200, .dscp_out = 46, .remarked = 501};
	row.way[AGFEO_OUT] = row.way[AGFEO_IN];
	row.dropped[AGFEO_OUT] = 3;
	return row;
}

static void check_line(bool json, const struct follow_view *view, const char *expected)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (json)
		render_follow_json(out, view);
	else
		render_follow_text(out, view);
	fclose(out);
	CHECK_STR(text, expected);
	free(text);
}

#define FLOW                                                                                       \
	"\"device\":\"pbx\",\"model\":\"es-pure-ip-x-it\",\"service\":\"rtp\",\"class\":"          \
	"\"voice\","                                                                               \
	"\"protocol\":\"udp\",\"local\":\"192.168.10.2:5210\",\"remote\":\"217.10.64.10:30000\","  \
	"\"remote_device\":null,\"opener\":\"out\",\"state\":\"answered\",\"age_s\":10.000,"       \
	"\"idle_s\":0.000,\"mark\":46,\"one_way\":false,"
#define WAY(dropped)                                                                               \
	"{\"packets\":501,\"bytes\":100200,\"dropped\":" dropped                                   \
	",\"remarked\":501,\"fast\":0,\"dscp_in\":0,"                                              \
	"\"dscp_out\":46"

int main(void)
{
	struct flow_telling telling = {
		.news = FLOW_OPENED, .time_ns = 1000 * SECOND, .event = &event};
	struct follow_view view = {.telling = &telling,
				   .row = row_of(),
				   .realtime_offset_ns = NOW - 1000 * SECOND,
				   .interface = "lan0"};
	struct call call = {.stream = {stream(AGFEO_OUT, false)}, .stream_count = 1};

	setenv("TZ", "UTC", 1);
	tzset();
	check_line(false, &view,
		   "2025-03-03 14:05:09.250  opened    pbx rtp  udp 192.168.10.2:5210 -> "
		   "217.10.64.10:30000\n");
	check_line(
		true, &view,
		"{\"time\":1741010709.250,\"event\":\"flow-opened\",\"source\":\"192.168.10.2:"
		"5210\","
		"\"destination\":\"217.10.64.10:30000\"," FLOW "\"in\":" WAY("0") "},\"out\":" WAY(
			"3") "},\"reason\":\"listed\",\"interface\":\"lan0\",\"hook\":\"xdp\"}\n");

	telling.news = FLOW_CLOSED;
	telling.event = NULL;
	view.row.opener = AGFEO_IN;
	view.row.one_way = true;
	view.call = &call;
	check_line(false, &view,
		   "2025-03-03 14:05:09.250  closed    pbx rtp  udp 192.168.10.2:5210 <- "
		   "217.10.64.10:30000  10s  ONE-WAY\n"
		   "    in   501 packets  100 kB  cs0>ef\n"
		   "    out  501 packets  100 kB  cs0>ef  PCMA lost 1.0 %  jitter 0.3 (1.7) ms  3 "
		   "dropped here\n");
	call.stream[0] = stream(AGFEO_IN, true);
	check_line(
		false, &view,
		"2025-03-03 14:05:09.250  closed    pbx rtp  udp 192.168.10.2:5210 <- "
		"217.10.64.10:30000  10s  ONE-WAY\n"
		"    in   501 packets  100 kB  cs0>ef  PCMA lost 1.0 %  jitter 0.3 (1.7) ms  MOS "
		"4.33\n"
		"    out  501 packets  100 kB  cs0>ef  3 dropped here\n");
	return check_done();
}
