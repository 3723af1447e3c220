/* SPDX-License-Identifier: GPL-2.0 */
/* The list of all models and options, and the rows of section 3.0 that several kinds share. */
#include "catalogue/models.h"

const struct model *const models[] = {
#define X(name) &model_##name,
	MODELS(X)
#undef X
		NULL,
};

const char *const model_options[] = {
	"mqtt-broker", "mqtt-client", "sip-tcp", "dect-update", "wireshark-trace", "syslog", NULL,
};

/* clang-format off */

const struct service syslog_out = {
	"syslog", UDP(514, 514), REMOTE_OUT, MANAGEMENT, SITE,
	.optional = "syslog", .source = "3.0",
	.note = "the document names the server (the AGFEO tool) and no sender: any device may be "
		"one, and none is unless enabled",
};

#define TRACE_OUT_NOTE                                                                          \
	"the document gives neither protocol nor direction of the trace: UDP and TCP, opened "  \
	"by the recorded system towards the tool, which lists the port as its own"

const struct service trace_out_udp = {
	"wireshark-trace", UDP(39321, 39321), REMOTE_OUT, MANAGEMENT, SITE,
	.optional = "wireshark-trace", .source = "3.0", .note = TRACE_OUT_NOTE,
};
const struct service trace_out_tcp = {
	"wireshark-trace", TCP(39321, 39321), REMOTE_OUT, MANAGEMENT, SITE,
	.optional = "wireshark-trace", .source = "3.0", .note = TRACE_OUT_NOTE,
};
