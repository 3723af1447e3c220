/* SPDX-License-Identifier: GPL-2.0 */
/* The audit's rules over facts of a sound box with one thing wrong at a time. */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/printable.h"
#include "check.h"
#include "lib/audit_box.h"
#include "report/audit.h"

/* ------------------------------------------------------------------ one thing wrong */

/* The box's fields, set anew for every row. */
#define WRONG(row, id, severity, object, ...)                                                      \
	do {                                                                                       \
		struct box box;                                                                    \
		struct audit_facts *facts = &box.facts;                                            \
                                                                                                   \
		(void)facts;                                                                       \
		sound_box(&box);                                                                   \
		__VA_ARGS__;                                                                       \
		expect(&box, row, id, severity, object);                                           \
	} while (0)
#define SOUND(row, ...) WRONG(row, NULL, AUDIT_NOTE, NULL, __VA_ARGS__)

static void test_filters(void)
{
	const char *helper = "net.netfilter.nf_conntrack_helper";
	const char *stream = "net.netfilter.nf_conntrack_udp_timeout_stream";

	SOUND("a sound box");
	SOUND("helpers are off by sysctl", facts->auto_helper = 0);
	WRONG("helpers by port, SIP built in", "sip-alg", AUDIT_FAULT, helper,
	      facts->auto_helper = 1);
	WRONG("helpers by port, no SIP helper", "sip-alg", AUDIT_WARNING, helper,
	      (facts->auto_helper = 1, facts->sip_built_in = false));
	WRONG("the module alone", "sip-module", AUDIT_NOTE, "nf_conntrack_sip",
	      (facts->sip_module = true, facts->sip_built_in = false));
	WRONG("streams: less than RFC 4787 allows", "udp-timeout", AUDIT_FAULT, stream,
	      facts->udp_timeout_stream = 119);
	WRONG("streams: what it allows", "udp-timeout", AUDIT_NOTE, stream,
	      facts->udp_timeout_stream = 120);
	WRONG("streams: short of what it recommends", "udp-timeout", AUDIT_NOTE, stream,
	      facts->udp_timeout_stream = 299);
	SOUND("no connection tracking",
	      facts->udp_timeout = facts->udp_timeout_stream = facts->tcp_timeout = FACT_UNKNOWN);
	WRONG("less than a keepalive", "udp-timeout", AUDIT_FAULT,
	      "net.netfilter.nf_conntrack_udp_timeout", facts->udp_timeout = 29);
	WRONG("connections: less than RFC 5382 allows", "tcp-timeout", AUDIT_WARNING,
	      "net.netfilter.nf_conntrack_tcp_timeout_established", facts->tcp_timeout = 7439);
	SOUND("connections: what it allows", facts->tcp_timeout = 7440);
	WRONG("rules that could not be read", "not-checked", AUDIT_WARNING, "firewall rules",
	      strcpy(facts->ruleset_errors, "nft: not permitted"));
	WRONG("rules that are too many", "not-checked", AUDIT_WARNING, "firewall rules",
	      facts->ruleset.cut = true);
}

static void test_links(void)
{
	WRONG("generic XDP", "xdp-generic", AUDIT_WARNING, "lan0",
	      strcpy(box.interfaces[0].xdp, "generic"));
	SOUND("generic XDP that is wanted",
	      (strcpy(box.interfaces[0].xdp, "generic"), box.interfaces[0].wants_generic = true));
	WRONG("too large for native XDP", "mtu", AUDIT_WARNING, "lan0",
	      (strcpy(box.interfaces[0].xdp, "generic"), box.interfaces[0].mtu = 3499));
	WRONG("the largest MTU for native XDP", "xdp-generic", AUDIT_WARNING, "lan0",
	      (strcpy(box.interfaces[0].xdp, "generic"), box.interfaces[0].mtu = 3498));
	SOUND("large frames in native mode", box.interfaces[0].mtu = 9000);
	WRONG("no program attached", "not-guarded", AUDIT_FAULT, "wan0",
	      strcpy(box.interfaces[2].xdp, "none"));
	WRONG("an interface that is gone", "not-guarded", AUDIT_FAULT, "wan0",
	      box.interfaces[2].present = false);
	WRONG("LRO", "offload-lro", AUDIT_WARNING, "lan1", box.interfaces[1].lro = true);
	WRONG("GRO by the card", "offload-gro-hw", AUDIT_WARNING, "lan1",
	      box.interfaces[1].gro_hardware = true);
	WRONG("UDP GRO", "offload-gro-forwarding", AUDIT_WARNING, "lan1",
	      box.interfaces[1].gro_forwarding = true);
	WRONG("GRO lists", "offload-gro-list", AUDIT_WARNING, "lan1",
	      box.interfaces[1].gro_list = true);
	SOUND("tags stripped where there are none", box.interfaces[1].vlan_strip = true);
	WRONG("tags stripped from VLANs", "offload-rxvlan", AUDIT_WARNING, "lan1",
	      (box.interfaces[1].vlan_strip = true, box.interfaces[1].has_vlans = true));
	SOUND("VLANs with their tags", box.interfaces[1].has_vlans = true);
}

static void test_qdiscs(void)
{
	static const char *const sound[] = {"noqueue", "prio", "htb", "hfsc", "cake", "fq", "ets"};
	static const char *const blind[] = {"pfifo", "bfifo", "tbf", "codel", "red"};

	for (size_t i = 0; i < ARRAY_SIZE(sound); i++)
		SOUND(sound[i], set_qdisc(&box, 0, sound[i], true));
	for (size_t i = 0; i < ARRAY_SIZE(blind); i++)
		WRONG(blind[i], "qdisc", AUDIT_NOTE, "wan0", set_qdisc(&box, 0, blind[i], true));
	WRONG("cake besteffort", "qdisc", AUDIT_NOTE, "wan0",
	      (set_qdisc(&box, 0, "cake", true), box.interfaces[2].qdiscs[0].besteffort = true));
	WRONG("mq over pfifo", "qdisc", AUDIT_NOTE, "wan0",
	      (set_qdisc(&box, 0, "mq", true), set_qdisc(&box, 1, "pfifo", false)));
	SOUND("mq over pfifo_fast, routed",
	      (set_qdisc(&box, 0, "mq", true), set_qdisc(&box, 1, "pfifo_fast", false)));
	WRONG("pfifo_fast, bridged", "qdisc", AUDIT_NOTE, "wan0",
	      (set_qdisc(&box, 0, "pfifo_fast", true), box.interfaces[2].in_bridge = true));
	SOUND("mq over fq_codel",
	      (set_qdisc(&box, 0, "mq", true), set_qdisc(&box, 1, "fq_codel", false)));
	SOUND("tbf over prio",
	      (set_qdisc(&box, 0, "tbf", true), set_qdisc(&box, 1, "prio", false)));
	SOUND("tbf on an interface with telephones",
	      (strcpy(box.interfaces[0].qdiscs[0].kind, "tbf"), box.interfaces[0].qdisc_count = 1));
}

static void test_state(void)
{
	const char *config = "/etc/agfeo/agfeo.conf", *textfile = "/var/lib/x/agfeo.prom";

	WRONG("nothing loaded", "not-loaded", AUDIT_FAULT, "/sys/fs/bpf/agfeo",
	      facts->loaded = false);
	WRONG("changed since", "config-changed", AUDIT_WARNING, config,
	      facts->config_changed_ns = facts->loaded_ns + 1);
	WRONG("another file is loaded", "config-changed", AUDIT_WARNING, config,
	      strcpy(facts->loaded_config, "/tmp/other.conf"));
	WRONG("an error in the file", "config", AUDIT_FAULT, config,
	      strcpy(facts->config_error, "a.conf:3: no such model"));
	WRONG("anybody writes it", "config-mode", AUDIT_FAULT, config,
	      facts->config_mode = S_IFREG | 0646);
	WRONG("a group writes it", "config-mode", AUDIT_WARNING, config,
	      (facts->config_mode = S_IFREG | 0664, facts->config_group = 100));
	SOUND("root's group writes it", facts->config_mode = S_IFREG | 0664);
	WRONG("it is somebody's", "config-mode", AUDIT_FAULT, config, facts->config_owner = 1000);
	WRONG("monitor", "monitor", AUDIT_WARNING, "[site]", facts->monitor = true);
	WRONG("one device in monitor", "monitor", AUDIT_WARNING, "device phones",
	      box.devices[1].monitor = true);
	WRONG("no provider", "no-provider", AUDIT_WARNING, "device pbx",
	      box.devices[0].no_provider = true);
	WRONG("BPF statistics", "bpf-stats", AUDIT_NOTE, "kernel.bpf_stats_enabled",
	      facts->bpf_stats = 1);
	WRONG("no forwarding", "forwarding", AUDIT_NOTE, "net.ipv4.ip_forward",
	      facts->forwarding4 = 0);
	SOUND("a bridge does not forward IP",
	      (facts->forwarding4 = 0, box.interfaces[0].in_bridge = true,
	       box.interfaces[1].in_bridge = true, box.interfaces[2].in_bridge = true));
	WRONG("a stale textfile", "textfile-stale", AUDIT_WARNING, textfile,
	      facts->textfile_changed_ns = NOW - 46 * SECOND);
	SOUND("three intervals", facts->textfile_changed_ns = NOW - 45 * SECOND);
	SOUND("a clock that went back", facts->textfile_changed_ns = NOW + 45 * SECOND);
	WRONG("no textfile", "textfile-stale", AUDIT_WARNING, textfile,
	      facts->textfile_found = false);
	SOUND("nobody collects metrics here",
	      (facts->textfile_found = facts->textfile_folder = false, facts->exporter_count = 0));
	WRONG("node_exporter reads elsewhere", "textfile-unread", AUDIT_WARNING,
	      "node_exporter (process 7)", box.exporters[0].reads_folder = false);
	WRONG("node_exporter may not read", "textfile-unread", AUDIT_WARNING,
	      "node_exporter (process 7)", box.exporters[0].may_read = false);
	WRONG("no .prom", "textfile-unread", AUDIT_WARNING, "/var/lib/x/agfeo.txt",
	      facts->textfile = "/var/lib/x/agfeo.txt");
}

static void test_addresses(void)
{
	static const char *const sound[] = {"10.1.2.3",	  "172.31.255.255", "169.254.1.1",
					    "100.64.0.1", "fe80::1",	    "fdff::1"};
	static const char *const public4[] = {"217.10.64.9", "172.32.0.1", "11.0.0.0/8",
					      "192.168.0.0/15", "0.0.0.0/0"};

	for (size_t i = 0; i < ARRAY_SIZE(sound); i++)
		SOUND(sound[i], box.pbx[0] = prefix_of(sound[i]));
	for (size_t i = 0; i < ARRAY_SIZE(public4); i++)
		WRONG(public4[i], "public-address", AUDIT_WARNING, "[site] networks",
		      box.networks[0] = prefix_of(public4[i]));
	WRONG("a public telephone system", "public-address", AUDIT_WARNING, "device pbx",
	      box.pbx[0] = prefix_of("217.10.64.9"));
	WRONG("global IPv6", "public-address", AUDIT_NOTE, "device pbx",
	      box.pbx[1] = prefix_of("2001:db8::2"));
}

/* ------------------------------------------------------------------ what is shown */

static void test_render(void)
{
	_cleanup_(freep) char *text = NULL, *json = NULL;
	struct audit audit = {};
	size_t size;
	FILE *out;
	struct audit_finding *finding;

	finding = audit_add(&audit, "x", AUDIT_NOTE, "why");
	find_object(finding, "%s", "o\033[31m\"\xc2\x9b\xff");
	find_text(finding, "%s", "ä");
	find_mend(finding, "%s", "line\nfeed");
	out = open_memstream(&text, &size);
	CHECK_EQ(render_audit_text(out, &audit), 0);
	fclose(out);
	CHECK_STR(text, "note     x: o?[31m\"??\n         ä\n   why:  why\n   mend: line?feed\n\n"
			"0 faults, 0 warnings, 1 notes\n");
	out = open_memstream(&json, &size);
	CHECK_EQ(render_audit_json(out, &audit), 0);
	fclose(out);
	CHECK_STR(json, "{\"findings\":[{\"id\":\"x\",\"severity\":\"note\",\"object\":"
			"\"o\\u001b[31m\\\"\\u009b\\ufffd\",\"finding\":\"ä\",\"why\":\"why\","
			"\"mend\":\"line\\u000afeed\"}]}\n");
	audit_free(&audit);
}

int main(void)
{
	test_filters();
	test_links();
	test_qdiscs();
	test_state();
	test_addresses();
	test_render();
	return check_done();
}
