/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The audit's rules over facts of a sound box with one thing wrong at a time, the readers of rulesets
 * over what nft and iptables-save print, and both readers over damaged text.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/printable.h"
#include "check.h"
#include "report/audit.h"

#define NOW    1741010709000000000ull
#define SECOND 1000000000ull

/* ------------------------------------------------------------------ a sound box */

struct box {
	struct prefix networks[2], pbx[2], phone[1];
	struct audit_device devices[2];
	struct audit_interface interfaces[3];
	struct audit_exporter exporters[1];
	struct audit_facts facts;
};

static struct prefix prefix_of(const char *text)
{
	struct prefix prefix = {};

	CHECK_EQ(prefix_parse(text, &prefix), 0);
	return prefix;
}

static struct audit_interface interface_of(const char *name, enum agfeo_role role)
{
	struct audit_interface interface = {
		.role = role, .present = true, .xdp = "native", .mtu = 1500};

	snprintf(interface.name, sizeof(interface.name), "%s", name);
	return interface;
}

static void set_qdisc(struct box *box, size_t at, const char *kind, bool root)
{
	struct audit_qdisc *qdisc = &box->interfaces[2].qdiscs[at];

	snprintf(qdisc->kind, sizeof(qdisc->kind), "%s", kind);
	qdisc->root = root;
	box->interfaces[2].qdisc_count = at + 1;
}

static void sound_box(struct box *box)
{
	*box = (struct box){
		.networks = {prefix_of("192.168.10.0/24"), prefix_of("fd00:10::/64")},
		.pbx = {prefix_of("192.168.10.2"), prefix_of("fd00:10::2")},
		.phone = {prefix_of("192.168.10.64/27")},
	};
	box->devices[0] = (struct audit_device){
		.name = "pbx", .pbx = true, .addresses = box->pbx, .address_count = 2};
	box->devices[1] = (struct audit_device){
		.name = "phones", .addresses = box->phone, .address_count = 1};
	box->interfaces[0] = interface_of("lan0", AGFEO_ROLE_VOICE);
	box->interfaces[1] = interface_of("lan1", AGFEO_ROLE_VOICE);
	box->interfaces[2] = interface_of("wan0", AGFEO_ROLE_UPLINK);
	set_qdisc(box, 0, "fq_codel", true);
	box->exporters[0] = (struct audit_exporter){
		.pid = 7, .reads_folder = true, .may_read = true, .folder = "/var/lib/x"};
	box->facts = (struct audit_facts){
		.config = "/etc/agfeo/agfeo.conf",
		.config_found = true,
		.config_mode = S_IFREG | 0644,
		.config_changed_ns = NOW - 900 * SECOND,
		.networks = box->networks,
		.network_count = 2,
		.devices = box->devices,
		.device_count = 2,
		.interfaces = box->interfaces,
		.interface_count = 3,
		.pin = "/sys/fs/bpf/agfeo",
		.loaded = true,
		.loaded_ns = NOW - 800 * SECOND,
		.loaded_config = "/etc/agfeo/agfeo.conf",
		.sip_built_in = true,
		.auto_helper = FACT_UNKNOWN,
		.udp_timeout = 30,
		.udp_timeout_stream = 300,
		.forwarding4 = 1,
		.textfile = "/var/lib/x/agfeo.prom",
		.interval_seconds = 15,
		.textfile_found = true,
		.textfile_folder = true,
		.textfile_changed_ns = NOW - 20 * SECOND,
		.exporters = box->exporters,
		.exporter_count = 1,
		.now_ns = NOW,
	};
}

/* ------------------------------------------------------------------ one thing wrong */

/* Exactly this finding; NULL id: none at all. */
static void expect(const struct box *box, const char *row, const char *id,
		   enum audit_severity severity, const char *object)
{
	struct audit audit = {};

	CHECK_ROW(row);
	CHECK_EQ(audit_judge(&box->facts, &audit), 0);
	CHECK_EQ(audit.count, id ? 1 : 0);
	for (size_t i = 0; i < audit.count; i++) {
		const struct audit_finding *found = &audit.findings[i];

		CHECK_STR(found->id, id ? id : "");
		CHECK_EQ(found->severity, severity);
		CHECK_STR(found->object, object ? object : "");
		CHECK(*found->finding && found->why && *found->why && *found->mend);
	}
	CHECK_EQ(audit_faults(&audit), id && severity == AUDIT_FAULT);
	audit_free(&audit);
	CHECK_ROW(NULL);
}

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
	      facts->udp_timeout = facts->udp_timeout_stream = FACT_UNKNOWN);
	WRONG("less than a keepalive", "udp-timeout", AUDIT_FAULT,
	      "net.netfilter.nf_conntrack_udp_timeout", facts->udp_timeout = 29);
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

/* ------------------------------------------------------------------ rulesets */

static void read_rules(struct box *box, const char *rules)
{
	char json[4096];

	snprintf(json, sizeof(json),
		 "{\"nftables\":[{\"metainfo\":{\"version\":\"1.0.6\"}},"
		 "{\"ct helper\":{\"family\":\"ip\",\"name\":\"h\",\"table\":\"t\","
		 "\"type\":\"sip\",\"protocol\":\"udp\"}},"
		 "{\"ct helper\":{\"family\":\"ip\",\"name\":\"f\",\"table\":\"t\","
		 "\"type\":\"ftp\",\"protocol\":\"tcp\"}},"
		 "{\"ct timeout\":{\"family\":\"ip\",\"name\":\"o\",\"table\":\"t\","
		 "\"protocol\":\"udp\",\"policy\":{\"unreplied\":30,\"replied\":60}}},"
		 "{\"flowtable\":{\"family\":\"ip\",\"name\":\"ft\",\"table\":\"t\","
		 "\"dev\":[\"lan0\",\"wan0\"]}},"
		 "{\"set\":{\"family\":\"ip\",\"name\":\"web\",\"table\":\"t\","
		 "\"elem\":[{\"elem\":{\"val\":80,\"comment\":\"x\"}},443]}},"
		 "{\"map\":{\"family\":\"ip\",\"name\":\"m\",\"table\":\"t\","
		 "\"elem\":[[5060,\"192.168.10.2\"],[9,\"192.168.10.9\"]]}},"
		 "{\"chain\":{\"family\":\"ip\",\"table\":\"t\",\"name\":\"c\",\"type\":\"nat\","
		 "\"hook\":\"prerouting\",\"prio\":-100}},%s"
		 "{\"rule\":{\"family\":\"ip\",\"table\":\"t\",\"chain\":\"x\",\"handle\":9,"
		 "\"expr\":[{\"dnat\":{\"addr\":\"192.168.10.2\"}}]}}]}",
		 rules);
	CHECK_EQ(ruleset_read_nft(json, strlen(json), &box->facts.ruleset), 0);
}

#define RULE(statements)                                                                           \
	"{\"rule\":{\"family\":\"ip\",\"table\":\"t\",\"chain\":\"c\",\"handle\":5,"               \
	"\"expr\":[" statements "]}},"
#define DPORT(op, right)                                                                           \
	"{\"match\":{\"op\":\"" op "\",\"left\":{\"payload\":{\"protocol\":\"udp\","               \
	"\"field\":\"dport\"}},\"right\":" right "}},"
#define SADDR(right)                                                                               \
	"{\"match\":{\"op\":\"==\",\"left\":{\"payload\":{\"protocol\":\"ip\","                    \
	"\"field\":\"saddr\"}},\"right\":" right "}},"
#define IIF_IS(op, right)                                                                          \
	"{\"match\":{\"op\":\"" op "\",\"left\":{\"meta\":{\"key\":\"iifname\"}},\"right\":" right \
	"}},"
#define IIF(name) IIF_IS("==", "\"" name "\"")
#define BY_IIF(name)                                                                               \
	"{\"vmap\":{\"key\":{\"meta\":{\"key\":\"iifname\"}},\"data\":{\"set\":[[\"" name          \
	"\",{\"jump\":{\"target\":\"x\"}}]]}}}"
#define DNAT(address) "{\"dnat\":{\"addr\":" address "}}"
#define PBX	      "\"192.168.10.2\""

static const struct {
	const char *row, *rules, *id, *object;
	enum audit_severity severity;
} nft_rows[] = {
	{"5060 to the PBX", RULE(DPORT("==", "5060") DNAT(PBX)), "port-forward",
	 "nft ip t c handle 5", AUDIT_FAULT},
	{"443 in a set", RULE(DPORT("==", "{\"set\":[22,443]}") DNAT(PBX)), "port-forward",
	 "nft ip t c handle 5", AUDIT_FAULT},
	{"a named set", RULE(DPORT("==", "\"@web\"") DNAT(PBX)), "port-forward",
	 "nft ip t c handle 5", AUDIT_FAULT},
	{"a range around 5060", RULE(DPORT("==", "{\"range\":[5000,5100]}") DNAT(PBX)),
	 "port-forward", "nft ip t c handle 5", AUDIT_FAULT},
	{"all but one", RULE(DPORT("!=", "22") DNAT(PBX)), "port-forward", "nft ip t c handle 5",
	 AUDIT_FAULT},
	{"all", RULE(DNAT(PBX)), "port-forward", "nft ip t c handle 5", AUDIT_FAULT},
	{"8443 to 443", RULE(DPORT("==", "8443") "{\"dnat\":{\"addr\":" PBX ",\"port\":443}}"),
	 "port-forward", "nft ip t c handle 5", AUDIT_FAULT},
	{"a map of ports",
	 RULE("{\"dnat\":{\"addr\":{\"map\":{\"key\":{\"payload\":{\"protocol\":\"udp\","
	      "\"field\":\"dport\"}},\"data\":\"@m\"}}}}"),
	 "port-forward", "nft ip t c handle 5", AUDIT_FAULT},
	{"a map with ports of its own",
	 RULE("{\"dnat\":{\"addr\":{\"map\":{\"key\":{\"payload\":{\"protocol\":\"tcp\","
	      "\"field\":\"dport\"}},\"data\":{\"set\":[[8080,{\"concat\":[" PBX ",80]}]]}}}}}"),
	 "port-forward", "nft ip t c handle 5", AUDIT_FAULT},
	{"a range of targets",
	 RULE(DPORT("==", "5060") DNAT("{\"range\":[\"192.168.10.1\","
				       "\"192.168.10.3\"]}")),
	 "port-forward", "nft ip t c handle 5", AUDIT_FAULT},
	{"a network of targets",
	 RULE(DPORT("==", "5060") DNAT("{\"prefix\":{\"addr\":\"192.168.10.0\",\"len\":24}}")),
	 "port-forward", "nft ip t c handle 5", AUDIT_FAULT},
	{"a jump with the port", RULE(DPORT("==", "5060") "{\"jump\":{\"target\":\"x\"}}"),
	 "port-forward", "nft ip t x handle 9", AUDIT_FAULT},
	{"a jump with another port", RULE(DPORT("==", "5004") "{\"goto\":{\"target\":\"x\"}}"),
	 "port-forward", "nft ip t x handle 9", AUDIT_WARNING},
	{"a verdict map",
	 RULE("{\"vmap\":{\"key\":{\"payload\":{\"protocol\":\"tcp\",\"field\":\"dport\"}},"
	      "\"data\":{\"set\":[[80,{\"jump\":{\"target\":\"x\"}}]]}}}"),
	 "port-forward", "nft ip t x handle 9", AUDIT_FAULT},
	{"jumps in a circle", RULE(DPORT("==", "5060") "{\"jump\":{\"target\":\"c\"}}"), NULL, NULL,
	 AUDIT_NOTE},
	{"another port", RULE(DPORT("==", "5004") DNAT(PBX)), "port-forward", "nft ip t c handle 5",
	 AUDIT_WARNING},
	{"for a provider alone", RULE(SADDR("\"217.10.64.9\"") DPORT("==", "5064") DNAT(PBX)), NULL,
	 NULL, AUDIT_NOTE},
	{"5060, even for a provider alone",
	 RULE(SADDR("\"217.10.64.9\"") DPORT("==", "5060") DNAT(PBX)), "port-forward",
	 "nft ip t c handle 5", AUDIT_FAULT},
	{"from the site itself",
	 RULE(SADDR("{\"prefix\":{\"addr\":\"192.168.10.0\",\"len\":25}}") DPORT("==", "5060")
		      DNAT(PBX)),
	 NULL, NULL, AUDIT_NOTE},
	{"from an interface with telephones", RULE(IIF("lan0") DPORT("==", "5060") DNAT(PBX)), NULL,
	 NULL, AUDIT_NOTE},
	{"from the uplink", RULE(IIF("wan0") DPORT("==", "5060") DNAT(PBX)), "port-forward",
	 "nft ip t c handle 5", AUDIT_FAULT},
	{"from any interface with telephones",
	 RULE(IIF_IS("==", "{\"set\":[\"lan0\",\"lan1\"]}") DPORT("==", "5060") DNAT(PBX)), NULL,
	 NULL, AUDIT_NOTE},
	{"by the start of their names", RULE(IIF("lan*") DPORT("==", "5060") DNAT(PBX)), NULL, NULL,
	 AUDIT_NOTE},
	{"from anywhere but the uplink",
	 RULE(IIF_IS("!=", "\"wan0\"") DPORT("==", "5060") DNAT(PBX)), NULL, NULL, AUDIT_NOTE},
	{"from anywhere but an interface with telephones",
	 RULE(IIF_IS("!=", "\"lan0\"") DPORT("==", "5060") DNAT(PBX)), "port-forward",
	 "nft ip t c handle 5", AUDIT_FAULT},
	{"from telephones and from an interface that nobody knows",
	 RULE(IIF_IS("==", "{\"set\":[\"lan*\",\"guest0\"]}") DPORT("==", "5060") DNAT(PBX)),
	 "port-forward", "nft ip t c handle 5", AUDIT_FAULT},
	{"from all of them", RULE(IIF("*") DPORT("==", "5060") DNAT(PBX)), "port-forward",
	 "nft ip t c handle 5", AUDIT_FAULT},
	{"a chain for telephones", RULE(BY_IIF("lan0")), NULL, NULL, AUDIT_NOTE},
	{"a chain for the uplink", RULE(BY_IIF("wan0")), "port-forward", "nft ip t x handle 9",
	 AUDIT_FAULT},
	{"443 of a telephone", RULE(DPORT("==", "443") DNAT("\"192.168.10.70\"")), "port-forward",
	 "nft ip t c handle 5", AUDIT_WARNING},
	{"443 of a host that is no device", RULE(DPORT("==", "443") DNAT("\"192.168.10.200\"")),
	 NULL, NULL, AUDIT_NOTE},
	{"no port is left", RULE(DPORT("==", "22") DPORT("==", "5060") DNAT(PBX)), NULL, NULL,
	 AUDIT_NOTE},
	{"a SIP helper", RULE("{\"ct helper\":\"h\"}"), "sip-alg", "nft ip t c handle 5",
	 AUDIT_FAULT},
	{"a SIP helper by a map of ports",
	 RULE("{\"ct helper\":{\"map\":{\"key\":{\"payload\":{\"protocol\":\"udp\",\"field\":"
	      "\"dport\"}},\"data\":{\"set\":[[5060,\"h\"],[21,\"f\"]]}}}}"),
	 "sip-alg", "nft ip t c handle 5", AUDIT_FAULT},
	{"a helper of FTP", RULE("{\"ct helper\":\"f\"}"), NULL, NULL, AUDIT_NOTE},
	{"a short timeout", RULE("{\"ct timeout\":\"o\"}"), "udp-timeout", "nft ip t c handle 5",
	 AUDIT_FAULT},
	{"a flowtable", RULE("{\"flow\":{\"op\":\"add\",\"flowtable\":\"@ft\"}}"), "flow-offload",
	 "nft ip t c handle 5", AUDIT_WARNING},
	{"declared and not used", "", NULL, NULL, AUDIT_NOTE},
};

static void test_nft(void)
{
	struct box box;

	for (size_t i = 0; i < ARRAY_SIZE(nft_rows); i++) {
		sound_box(&box);
		read_rules(&box, nft_rows[i].rules);
		expect(&box, nft_rows[i].row, nft_rows[i].id, nft_rows[i].severity,
		       nft_rows[i].object);
		ruleset_free(&box.facts.ruleset);
	}
	sound_box(&box);
	read_rules(&box, RULE("{\"flow\":{\"op\":\"add\",\"flowtable\":\"@ft\"}}"));
	box.interfaces[0].tc_offload = true;
	expect(&box, "a flowtable that the card takes over", "flow-offload", AUDIT_FAULT,
	       "nft ip t c handle 5");
	ruleset_free(&box.facts.ruleset);
	sound_box(&box);
	read_rules(&box, RULE("{\"flow\":{\"op\":\"add\",\"flowtable\":\"@ft\"}}"));
	strcpy(box.interfaces[0].name, "lan0.7");
	strcpy(box.interfaces[0].lower, "lan0");
	strcpy(box.interfaces[2].name, "ppp0");
	expect(&box, "a flowtable over what a VLAN stands on", "flow-offload", AUDIT_WARNING,
	       "nft ip t c handle 5");
	ruleset_free(&box.facts.ruleset);
}

static const struct {
	const char *row, *lines, *id, *object, *mend;
	enum audit_severity severity;
} iptables_rows[] = {
	{"5060",
	 "*nat\n-A PREROUTING -i wan0 -p udp -m udp --dport 5060 -j DNAT "
	 "--to-destination 192.168.10.2:5060\nCOMMIT\n",
	 "port-forward", "iptables -t nat PREROUTING",
	 "iptables -t nat -D PREROUTING -i wan0 -p udp -m udp --dport 5060 -j DNAT "
	 "--to-destination 192.168.10.2:5060",
	 AUDIT_FAULT},
	{"several",
	 "*nat\n-A PREROUTING -p tcp -m multiport --dports 22,80:90 -j DNAT "
	 "--to-destination 192.168.10.2\n",
	 "port-forward", "iptables -t nat PREROUTING", NULL, AUDIT_FAULT},
	{"all but",
	 "*nat\n-A PREROUTING -p tcp -m tcp ! --dport 22 -j DNAT --to-destination "
	 "192.168.10.2\n",
	 "port-forward", "iptables -t nat PREROUTING", NULL, AUDIT_FAULT},
	{"from inside",
	 "*nat\n-A PREROUTING -s 192.168.10.0/24 -p tcp --dport 80 -j DNAT "
	 "--to-destination 192.168.10.2\n",
	 NULL, NULL, NULL, AUDIT_NOTE},
	{"for a provider",
	 "*nat\n-A PREROUTING -s 217.10.64.0/20 -p udp --dport 5064:5127 -j DNAT "
	 "--to-destination 192.168.10.2\n",
	 NULL, NULL, NULL, AUDIT_NOTE},
	{"through a chain",
	 "*nat\n-A PREROUTING -p tcp --dport 443 -j fw\n-A fw -m comment "
	 "--comment \"a \\\"-j\\\" b\" -j DNAT --to-destination 192.168.10.2\n",
	 "port-forward", "iptables -t nat fw", NULL, AUDIT_FAULT},
	{"a comment that looks like a rule",
	 "*nat\n-A PREROUTING -p tcp --dport 5004 -m comment --comment \"-j DNAT --to-destination "
	 "192.168.10.2\" -j RETURN\n",
	 NULL, NULL, NULL, AUDIT_NOTE},
	{"a circle", "*nat\n-A PREROUTING -j a\n-A a -j b\n-A b -j a\n", NULL, NULL, NULL,
	 AUDIT_NOTE},
	{"IPv6",
	 "*nat\n-A PREROUTING -p tcp --dport 8443 -j DNAT --to-destination "
	 "[fd00:10::2]:443\n",
	 "port-forward", "iptables -t nat PREROUTING", NULL, AUDIT_FAULT},
	{"another table",
	 "*mangle\n-A PREROUTING -p udp --dport 5060 -j DNAT --to-destination "
	 "192.168.10.2\n",
	 NULL, NULL, NULL, AUDIT_NOTE},
	{"anywhere but the uplink",
	 "*nat\n-A PREROUTING ! -i wan0 -p udp --dport 5060 -j DNAT --to-destination "
	 "192.168.10.2\n",
	 NULL, NULL, NULL, AUDIT_NOTE},
	{"interfaces with telephones, by the start of their names",
	 "*nat\n-A PREROUTING -i lan+ -p udp --dport 5060 -j DNAT --to-destination "
	 "192.168.10.2\n",
	 NULL, NULL, NULL, AUDIT_NOTE},
	{"a whole network", "*nat\n-A PREROUTING -i wan0 -j NETMAP --to 192.168.10.0/29\n",
	 "port-forward", "iptables -t nat PREROUTING",
	 "iptables -t nat -D PREROUTING -i wan0 -j NETMAP --to 192.168.10.0/29", AUDIT_FAULT},
	{"a whole network of nobody", "*nat\n-A PREROUTING -i wan0 -j NETMAP --to 10.9.9.0/29\n",
	 NULL, NULL, NULL, AUDIT_NOTE},
	{"a chain that nothing leads to", "*nat\n-A fw -j DNAT --to-destination 192.168.10.2\n",
	 NULL, NULL, NULL, AUDIT_NOTE},
	{"a helper", "*raw\n-A PREROUTING -p udp --dport 5060 -j CT --helper sip\n", "sip-alg",
	 "iptables -t raw PREROUTING",
	 "iptables -t raw -D PREROUTING -p udp --dport 5060 -j CT --helper sip", AUDIT_FAULT},
	{"a helper of FTP", "*raw\n-A PREROUTING -p tcp --dport 21 -j CT --helper ftp\n", NULL,
	 NULL, NULL, AUDIT_NOTE},
};

static void test_iptables(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(iptables_rows); i++) {
		const char *lines = iptables_rows[i].lines, *mend = iptables_rows[i].mend;
		struct box box;
		struct audit audit = {};

		sound_box(&box);
		CHECK_EQ(
			ruleset_read_iptables("iptables", lines, strlen(lines), &box.facts.ruleset),
			0);
		expect(&box, iptables_rows[i].row, iptables_rows[i].id, iptables_rows[i].severity,
		       iptables_rows[i].object);
		audit_judge(&box.facts, &audit);
		if (mend)
			CHECK(audit.count && !strncmp(audit.findings[0].mend, mend, strlen(mend)));
		audit_free(&audit);
		ruleset_free(&box.facts.ruleset);
	}
}

/* ------------------------------------------------------------------ damage */

static uint32_t random_word(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	return *state ^= *state << 5;
}

/* Sound text with bytes changed, taken out or doubled: nothing may be read past it. */
static size_t damage(char *text, size_t size, size_t room, uint32_t *state)
{
	static const char likely[] = "{}[]\",:@ -!\\\n\"\0"
				     "0/9";

	for (unsigned i = random_word(state) % 6; i; i--) {
		size_t at = random_word(state) % (size + 1);

		if (random_word(state) % 3 == 0 && size + 1 < room && at < size)
			memmove(text + at + 1, text + at, size++ - at);
		else if (random_word(state) % 3 == 0 && at < size)
			memmove(text + at, text + at + 1, --size - at);
		else if (at < size)
			text[at] = random_word(state) % 2
					   ? likely[random_word(state) % sizeof(likely)]
					   : (char)random_word(state);
	}
	if (random_word(state) % 8 == 0)
		size = random_word(state) % (size + 1);
	return size;
}

static void try_damaged(const char *sound, bool nft, uint32_t *state)
{
	struct ruleset ruleset = {};
	char text[2048];
	size_t size = strlen(sound);
	char *exact;

	if (size + 16 > sizeof(text))
		return;
	memcpy(text, sound, size);
	size = damage(text, size, sizeof(text), state);
	exact = malloc(size + 1); /* so that ASan sees one byte too many */
	memcpy(exact, text, size);
	exact[size] = 0;
	if (nft)
		ruleset_read_nft(exact, size, &ruleset);
	else
		ruleset_read_iptables("iptables", exact, size, &ruleset);
	ruleset_free(&ruleset);
	free(exact);
}

static void test_damaged(void)
{
	uint32_t state = 20250303;
	char json[2048];

	for (unsigned round = 0; round < 400; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(nft_rows); i++) {
			snprintf(json, sizeof(json),
				 "{\"nftables\":[{\"chain\":{\"family\":\"ip\",\"table\":\"t\","
				 "\"name\":\"c\",\"type\":\"nat\",\"hook\":\"prerouting\"}},%s{}]}",
				 nft_rows[i].rules);
			try_damaged(json, true, &state);
		}
		for (size_t i = 0; i < ARRAY_SIZE(iptables_rows); i++)
			try_damaged(iptables_rows[i].lines, false, &state);
	}
	CHECK(state != 20250303);
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
	test_nft();
	test_iptables();
	test_damaged();
	test_render();
	return check_done();
}
