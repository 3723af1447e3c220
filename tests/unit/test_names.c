/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Labels: whole enums there and back, and the words that the interface promises, written out here
 * a second time, since a renamed label breaks those who read our JSON and metrics.
 */
#include "base/names.h"

#include "check.h"

static const char *const drop_reasons[] = {
	"not-listed", "direction", "scope",   "no-flow", "unknown-host",
	"malformed",  "fragment",  "spoofed", "rate",
};

static void test_reasons(void)
{
	CHECK_EQ(AGFEO_DROP_REASON_COUNT, sizeof(drop_reasons) / sizeof(drop_reasons[0]));
	for (unsigned i = 0; i < AGFEO_REASON_COUNT; i++) {
		CHECK_ROW(reason_label(i));
		CHECK(*reason_label(i));
		CHECK(strlen(reason_text(i)) > 10);
		CHECK_EQ(agfeo_reason_verdict(i),
			 i < AGFEO_FIRST_DROP_REASON ? AGFEO_PASS : AGFEO_DROP);
		for (unsigned j = 0; j < i; j++)
			CHECK(strcmp(reason_label(i), reason_label(j)));
		if (i >= AGFEO_FIRST_DROP_REASON)
			CHECK_STR(reason_label(i), drop_reasons[i - AGFEO_FIRST_DROP_REASON]);
	}
	CHECK_ROW(NULL);
}

/* The list's own second column must say what the order of the list means. */
static void test_reason_verdicts(void)
{
	static const enum agfeo_verdict verdicts[] = {
#define X(name, verdict, label, text) AGFEO_##verdict,
		AGFEO_REASONS(X)
#undef X
	};

	for (unsigned i = 0; i < AGFEO_REASON_COUNT; i++)
		CHECK_EQ(agfeo_reason_verdict(i), verdicts[i]);
}

static void test_classes(void)
{
	static const char *const labels[] = {
		"voice", "signalling", "management", "infrastructure", "discovery", "cloud",
	};

	CHECK_EQ(AGFEO_CLASS_COUNT, sizeof(labels) / sizeof(labels[0]));
	for (unsigned i = 0; i < AGFEO_CLASS_COUNT; i++)
		CHECK_STR(class_label(i), labels[i]);
}

static void test_hosts(void)
{
	static const char *const names[] = {
		"remote.agfeo.de", "remote2.agfeo.de",	       "pbx.agfeo.de",	  "aws.agfeo.de",
		"dect.agfeo.de",   "headset.agfeo.cst.online", "system.agfeo.de",
	};

	CHECK_EQ(AGFEO_HOST_COUNT, sizeof(names) / sizeof(names[0]));
	for (unsigned i = 0; i < AGFEO_HOST_COUNT; i++)
		CHECK_STR(host_name(i), names[i]);
}

static void test_pairs(void)
{
	CHECK_STR(verdict_label(AGFEO_PASS), "pass");
	CHECK_STR(verdict_label(AGFEO_DROP), "drop");
	CHECK_STR(direction_label(AGFEO_IN), "in");
	CHECK_STR(direction_label(AGFEO_OUT), "out");
	CHECK_STR(direction_label(AGFEO_BOTH), "both");
	CHECK_STR(protocol_label(AGFEO_UDP), "udp");
	CHECK_STR(protocol_label(AGFEO_TCP), "tcp");
	CHECK_STR(side_label(AGFEO_LOCAL), "local");
	CHECK_STR(side_label(AGFEO_REMOTE), "remote");
	CHECK_STR(role_label(AGFEO_ROLE_VOICE), "voice");
	CHECK_STR(role_label(AGFEO_ROLE_UPLINK), "uplink");
}

/* ------------------------------------------------------------------ code points */

static void test_dscp_names(void)
{
	static const struct {
		const char *name;
		unsigned dscp;
	} rows[] = {
		{"cs0", 0},   {"CS1", 8},   {"cs2", 16},  {"cs3", 24},		{"cs4", 32},
		{"cs5", 40},  {"cs6", 48},  {"cs7", 56},  {"af11", 10},		{"af12", 12},
		{"AF13", 14}, {"af21", 18}, {"af22", 20}, {"af23", 22},		{"af31", 26},
		{"af32", 28}, {"af33", 30}, {"af41", 34}, {"af42", 36},		{"af43", 38},
		{"ef", 46},   {"EF", 46},   {"Ef", 46},	  {"va", 44},		{"le", 1},
		{"0", 0},     {"46", 46},   {"63", 63},	  {"keep", AGFEO_KEEP},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned dscp = 999;

		CHECK_ROW(rows[i].name);
		CHECK_EQ(dscp_parse(rows[i].name, &dscp), 0);
		CHECK_EQ(dscp, rows[i].dscp);
	}
	CHECK_ROW(NULL);
}

static void test_dscp_refused(void)
{
	static const char *const texts[] = {
		"",	" ",	"64",  "255",  "-1",	     "+1",
		"0x2e", "46 ",	" 46", "e",    "eff",	     "af",
		"af14", "af51", "cs8", "46.0", "4294967296", "18446744073709551662",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		unsigned dscp = 999;

		CHECK_ROW(texts[i]);
		CHECK_EQ(dscp_parse(texts[i], &dscp), -EINVAL);
		CHECK_EQ(dscp, 999);
	}
	CHECK_ROW(NULL);
}

/* All 64 and "keep", there and back, in the buffer that the header promises is enough. */
static void test_dscp_round_trip(void)
{
	for (unsigned dscp = 0; dscp <= 64; dscp++) {
		unsigned value = dscp == 64 ? AGFEO_KEEP : dscp, back = 999;
		char text[5];

		CHECK(dscp_format(value, text) == text);
		CHECK_EQ(dscp_parse(text, &back), 0);
		CHECK_EQ(back, value);
	}
}

static void test_dscp_format(void)
{
	char text[5];

	CHECK_STR(dscp_format(46, text), "ef");
	CHECK_STR(dscp_format(0, text), "cs0");
	CHECK_STR(dscp_format(34, text), "af41");
	CHECK_STR(dscp_format(13, text), "13");
	CHECK_STR(dscp_format(AGFEO_KEEP, text), "keep");
}

/* RFC 1035, 3.1; all of them fit. */
static void test_host_wire(void)
{
	uint8_t bytes[AGFEO_HOST_WIRE];

	host_wire(AGFEO_HOST_PBX, bytes);
	CHECK_EQ(memcmp(bytes, "\003pbx\005agfeo\002de\0\0", 15), 0);
	for (int host = 0; host < AGFEO_HOST_COUNT; host++) {
		host_wire(host, bytes);
		CHECK_EQ(strlen((const char *)bytes), strlen(host_name(host)) + 1);
		CHECK_EQ(bytes[AGFEO_HOST_WIRE - 1], 0);
	}
}

int main(void)
{
	test_reasons();
	test_reason_verdicts();
	test_classes();
	test_hosts();
	test_pairs();
	test_dscp_names();
	test_dscp_refused();
	test_dscp_round_trip();
	test_dscp_format();
	test_host_wire();
	return check_done();
}
