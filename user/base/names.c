/* SPDX-License-Identifier: GPL-2.0 */
/* Labels of the shared lists; see names.h. */
#include "base/names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"
#include "base/cleanup.h"

const char *reason_label(enum agfeo_reason reason)
{
	static const char *const labels[] = {
#define X(name, verdict, label, text) [AGFEO_REASON_##name] = label,
		AGFEO_REASONS(X)
#undef X
	};

	return reason < AGFEO_REASON_COUNT ? labels[reason] : "?";
}

const char *reason_text(enum agfeo_reason reason)
{
	static const char *const texts[] = {
#define X(name, verdict, label, text) [AGFEO_REASON_##name] = text,
		AGFEO_REASONS(X)
#undef X
	};

	return reason < AGFEO_REASON_COUNT ? texts[reason] : "?";
}

const char *class_label(enum agfeo_class class)
{
	static const char *const labels[] = {
#define X(name, label, text) [AGFEO_CLASS_##name] = label,
		AGFEO_CLASSES(X)
#undef X
	};

	return class < AGFEO_CLASS_COUNT ? labels[class] : "?";
}

const char *host_name(enum agfeo_host host)
{
	static const char *const names[] = {
#define X(name, host, source) [AGFEO_HOST_##name] = host,
		AGFEO_HOSTS(X)
#undef X
	};

	return host < AGFEO_HOST_COUNT ? names[host] : "?";
}

void host_wire(enum agfeo_host host, uint8_t bytes[AGFEO_HOST_WIRE])
{
	const char *name = host_name(host);
	size_t at = 0;

	memset(bytes, 0, AGFEO_HOST_WIRE);
	while (*name) {
		size_t label = strcspn(name, ".");

		if (at + 1 + label + 1 > AGFEO_HOST_WIRE)
			abort(); /* hosts.h has a longer name than it says */
		bytes[at] = (uint8_t)label;
		memcpy(bytes + at + 1, name, label);
		at += 1 + label;
		name += label + (name[label] == '.');
	}
}

const char *verdict_label(enum agfeo_verdict verdict)
{
	return verdict == AGFEO_PASS ? "pass" : "drop";
}

const char *direction_label(enum agfeo_direction direction)
{
	static const char *const labels[] = {"in", "out", "both"};

	return labels[direction];
}

const char *protocol_label(enum agfeo_protocol protocol)
{
	return protocol == AGFEO_UDP ? "udp" : "tcp";
}

const char *side_label(enum agfeo_side side)
{
	return side == AGFEO_LOCAL ? "local" : "remote";
}

const char *role_label(enum agfeo_role role)
{
	return role == AGFEO_ROLE_VOICE ? "voice" : "uplink";
}

static const struct {
	const char *name;
	unsigned dscp;
} code_points[] = {
	/* clang-format off */
	{"cs0", 0},   {"cs1", 8},   {"cs2", 16},  {"cs3", 24},
	{"cs4", 32},  {"cs5", 40},  {"cs6", 48},  {"cs7", 56},
	{"af11", 10}, {"af12", 12}, {"af13", 14}, {"af21", 18}, {"af22", 20}, {"af23", 22},
	{"af31", 26}, {"af32", 28}, {"af33", 30}, {"af41", 34}, {"af42", 36}, {"af43", 38},
	{"ef", 46},   {"va", 44},   {"le", 1},    {"be", 0},
	{"df", 0},    {"default", 0}, {"keep", AGFEO_KEEP},
	/* clang-format on */
};

const char *dscp_format(unsigned dscp, char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(code_points); i++)
		if (code_points[i].dscp == dscp)
			return strcpy(text, code_points[i].name);
	snprintf(text, 5, "%u", dscp & 0x3f);
	return text;
}

int dscp_parse(const char *text, unsigned *ret_dscp)
{
	uint64_t number;

	for (size_t i = 0; i < ARRAY_SIZE(code_points); i++)
		if (!strcasecmp(code_points[i].name, text)) {
			*ret_dscp = code_points[i].dscp;
			return 0;
		}
	if (number_parse(text, 0, 63, &number))
		return -EINVAL;
	*ret_dscp = (unsigned)number;
	return 0;
}
