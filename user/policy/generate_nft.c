/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The same allow-list as an nftables ruleset. Conntrack keeps the flows; their first packets go
 * through the chains of the devices at both ends, each of which drops what it does not list. What a
 * flow was found to be stays in its conntrack mark, for marking and so that it is judged once.
 */
#include "policy/generate_nft.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "policy/generate.h"

/* ------------------------------------------------------------------ words */

/* A rule: what it matches, then a counter, the verdict of this mode and why. */
static void refuse(const struct nft *nft, const char *drop, const char *match, const char *why)
{
	fprintf(nft->out, "\t\t%s%scounter%s", match, *match ? " " : "", drop);
	nft_write_comment(nft, "%s", why);
	fputc('\n', nft->out);
}

void nft_write_interfaces(const struct nft *nft, enum agfeo_role role)
{
	const struct site *site = nft->policy->site;
	bool first = true;

	for (size_t i = 0; i < site->interface_count; i++)
		if (site->interfaces[i].role == role) {
			fprintf(nft->out, "%s\"%s\"", first ? "{ " : ", ",
				site->interfaces[i].name);
			first = false;
		}
	fputs(" }", nft->out);
}

static bool has_role(const struct site *site, enum agfeo_role role)
{
	for (size_t i = 0; i < site->interface_count; i++)
		if (site->interfaces[i].role == role)
			return true;
	return false;
}

void nft_each_family(const struct nft *nft, const char *format)
{
	for (size_t i = 0; i < ARRAY_SIZE(nft_families); i++)
		fprintf(nft->out, format, nft_families[i].word, nft_families[i].suffix);
}

/* ------------------------------------------------------------------ head */

static void write_hosts_help(const struct nft *nft)
{
	unsigned hosts = nft_hosts(nft->policy);

	if (!hosts)
		return;
	fputs("#\n# AGFEO's own hosts are known by name only, and nftables resolves none: until "
	      "their\n"
	      "# sets are filled nobody reaches them. From cron, say (then 6 for 4 likewise):\n"
	      "#   for name in",
	      nft->out);
	for (unsigned host = 0; host < AGFEO_HOST_COUNT; host++)
		if (hosts >> host & 1)
			fprintf(nft->out, " %s", host_name(host));
	fputs("; do\n"
	      "#     set=$(echo $name | tr . _)_4; nft flush set inet agfeo $set\n"
	      "#     getent ahostsv4 $name | awk '{ print $1 }' | sort -u | while read -r host; "
	      "do\n"
	      "#       nft add element inet agfeo $set \"{ $host }\"; done; done\n",
	      nft->out);
}

/* clang-format off */
static const char head_text[] =
	"#\n"
	"# The allow-list of 'agfeoctl generate nft', for a box without XDP. Check it with\n"
	"# 'nft -c -f FILE', load it with 'nft -f FILE': that replaces the table agfeo and\n"
	"# touches no other. nftables 1.0.6 and Linux 5.10 or newer.\n"
	"#\n"
	"# What it cannot do that the programs of 'agfeoctl load' do:\n"
	"# - EF goes to what has the header of RTP or RTCP in a flow of a voice port; whether\n"
	"#   its sequence numbers hold, nftables cannot see. Nor does it measure voice.\n"
	"# - A flow that stands is not judged again when the rules change, and what stood\n"
	"#   before the first load goes on: 'conntrack -F' ends it.\n"
	"# - What belongs to a TCP connection, and which fragments make a datagram, is for\n"
	"#   conntrack to say: fragments are put together before they are judged.\n"
	"# - The longer idle time of an answered UDP flow begins with its first packet after two\n"
	"#   seconds.\n"
	"# - In monitor mode a refused flow is counted until it is answered.\n"
	"# - A bridge shows its packets only with the module br_netfilter and\n"
	"#   'sysctl net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1';\n"
	"#   tagged ones and PPPoE with bridge-nf-filter-vlan-tagged=1 and\n"
	"#   bridge-nf-filter-pppoe-tagged=1, and those with two tags never. A table of family\n"
	"#   bridge would need none of it, but nf_conntrack_bridge.\n"
	"#\n"
	"# SIP ALG: no 'ct helper' stands here, and none may stand elsewhere: the vendor asks for\n"
	"# SIP ALG to be off. Look with 'nft list ruleset | grep helper' and\n"
	"# 'lsmod | grep nf_conntrack_sip'.\n"
	"#\n"
	"# The upper 16 bits of the conntrack mark are used: " NFT_TREATMENT_MASK " what the flow is,\n"
	"# " NFT_RANK_MASK " how many ports its service covers (a rank). The lower 16 are yours.\n";
/* clang-format on */

static void write_head(const struct nft *nft)
{
	fputs("#!/usr/sbin/nft -f\n# Site ", nft->out);
	for (const char *c = nft->policy->site->name; *c; c++)
		fputc((unsigned char)*c < ' ' ? '?' : *c, nft->out);
	fprintf(nft->out, "%s\n",
		*nft->drop ? ""
			   : ", in monitor mode: judged and counted, nothing dropped or marked");
	fputs(head_text, nft->out);
	write_hosts_help(nft);
	fputs("\ntable inet agfeo\ndelete table inet agfeo\n\ntable inet agfeo {\n", nft->out);
}

/* ------------------------------------------------------------------ what holds together */

static void write_spoofed(const struct nft *nft, const char *drop)
{
	for (size_t i = 0; i < ARRAY_SIZE(nft_families); i++) {
		const struct nft_family *family = &nft_families[i];

		if (nft->uplinks) {
			fputs("\t\tiifname ", nft->out);
			nft_write_interfaces(nft, AGFEO_ROLE_UPLINK);
			fprintf(nft->out,
				" %s saddr @devices%c counter%s comment \"spoofed: a device's "
				"address from the uplink\"\n",
				family->word, family->suffix, drop);
		}
		if (nft->bound)
			fprintf(nft->out,
				"\t\t%s saddr @bound%c %s saddr . ether saddr != @bound_mac%c "
				"counter%s comment \"spoofed: another MAC address\"\n",
				family->word, family->suffix, family->word, family->suffix, drop);
	}
}

/* Packets from or to a device that no list allows, whatever it says. */
static void write_sound(const struct nft *nft, const char *name, const char *drop)
{
	fprintf(nft->out, "\tchain %s {\n", name);
	write_spoofed(nft, drop);
	refuse(nft, drop, "ct state invalid", "malformed, or mid-stream of no flow");
	refuse(nft, drop, "meta nfproto ipv4 meta l4proto != { tcp, udp, icmp }",
	       "not-listed: a protocol that no device speaks");
	refuse(nft, drop, "meta nfproto ipv6 meta l4proto != { tcp, udp, icmpv6 }",
	       "not-listed: a protocol that no device speaks");
	refuse(nft, drop, "meta l4proto { tcp, udp } th sport 0", "malformed: port 0");
	refuse(nft, drop, "meta l4proto { tcp, udp } th dport 0", "malformed: port 0");
	refuse(nft, drop, "ct state new tcp flags & (fin | syn | rst | ack) != syn",
	       "no-flow: TCP opens with SYN");
	refuse(nft, drop, "ct direction reply tcp flags & (fin | syn | rst | ack) == syn",
	       "direction: the end that was called opens");
	refuse(nft, drop, "rt seg-left != 0", "malformed: a routing header that leads elsewhere");
	/* echo, its answer, and the errors */
	refuse(nft, drop, "icmp type != { 0, 3, 4, 8, 11, 12 }", "not-listed: ICMP of this type");
	refuse(nft, drop, "icmpv6 type != { 1-4, 128, 129 }", "not-listed: ICMPv6 of this type");
	refuse(nft, drop, "ct state new icmp type echo-request ip saddr != @site4",
	       "scope: echo from outside the site");
	refuse(nft, drop, "ct state new icmpv6 type echo-request ip6 saddr != @site6",
	       "scope: echo from outside the site");
	fputs("\t}\n\n", nft->out);
}

/* ------------------------------------------------------------------ the order of the questions */

static void write_unknown(const struct nft *nft)
{
	const struct site *site = nft->policy->site;
	bool voice = has_role(site, AGFEO_ROLE_VOICE);
	static const char *const ways[] = {"iifname", "oifname"};

	fputs("\t# neither end is a device\n\tchain unknown {\n", nft->out);
	if (!site->unknown_drop)
		fputs("\t\tgoto remember_search\n", nft->out);
	else if (!voice)
		refuse(nft, nft->drop, "", "unknown-host");
	for (size_t i = 0; site->unknown_drop && voice && i < ARRAY_SIZE(ways); i++) {
		fprintf(nft->out, "\t\t%s ", ways[i]);
		nft_write_interfaces(nft, AGFEO_ROLE_VOICE);
		refuse(nft, nft->drop, "", "unknown-host");
	}
	fputs("\t}\n\n", nft->out);
}

/* The AGFEO tool searches by broadcast; what it finds answers from the port that was asked. */
static void write_learning(const struct nft *nft)
{
	fputs("\t# the AGFEO tool searches by broadcast: answers come from the port that it asked\n"
	      "\tchain remember_search {\n",
	      nft->out);
	for (size_t i = 0; i < ARRAY_SIZE(nft_families); i++) {
		const struct nft_family *f = &nft_families[i];

		fprintf(nft->out,
			"\t\tudp dport %d-%d %s daddr @groups%c %s saddr @site%c update "
			"@searches%c { %s saddr . udp sport . udp dport }\n",
			AGFEO_DISCOVERY_FIRST, AGFEO_DISCOVERY_LAST, f->word, f->suffix, f->word,
			f->suffix, f->suffix, f->word);
	}
	fprintf(nft->out,
		"\t}\n\n\tchain expected {\n"
		"\t\tct mark set ct mark & " NFT_FOREIGN_MASK " | 0x%08x\n"
		"\t\tct timeout set \"expected_udp\"\n\t}\n\n",
		nft_mark(0, NFT_OTHER));
}

static void write_judged(const struct nft *nft)
{
	fputs("\tchain judged {\n", nft->out);
	nft_each_family(nft,
			"\t\t%1$s saddr != @devices%2$c %1$s daddr != @devices%2$c goto unknown\n");
	if (nft->watched) {
		fputs("\t\t# in monitor mode\n", nft->out);
		nft_each_family(nft, "\t\t%1$s saddr @watched%2$c goto watched\n");
		nft_each_family(
			nft,
			"\t\t%1$s saddr != @devices%2$c %1$s daddr @watched%2$c goto watched\n");
	}
	fputs("\t\tjump sound\n\t\tgoto listed\n\t}\n\n", nft->out);
}

/* A device's address from an uplink, or from another MAC address, is judged. */
static void write_control(const struct nft *nft)
{
	fputs("\t# DHCP and IGMP: a device's stay in the site, others' are not judged\n\tchain "
	      "control {\n",
	      nft->out);
	nft_each_family(nft, "\t\t%1$s saddr != @devices%2$c %1$s daddr != @devices%2$c return\n");
	for (size_t i = 0; nft->uplinks && i < ARRAY_SIZE(nft_families); i++) {
		fputs("\t\tiifname ", nft->out);
		nft_write_interfaces(nft, AGFEO_ROLE_UPLINK);
		fprintf(nft->out, " %s saddr @devices%c goto judged\n", nft_families[i].word,
			nft_families[i].suffix);
	}
	if (nft->bound)
		nft_each_family(nft, "\t\t%1$s saddr @bound%2$c %1$s saddr . ether saddr != "
				     "@bound_mac%2$c goto judged\n");
	nft_each_family(nft, "\t\t%1$s saddr @near%2$c %1$s daddr @near%2$c return\n");
	fputs("\t\tgoto judged\n\t}\n\n", nft->out);
}

static void write_judge(const struct nft *nft)
{
	if (nft->watched)
		fputs("\tchain watched {\n\t\tjump sound_watched\n\t\tgoto listed\n\t}\n\n",
		      nft->out);
	write_judged(nft);
	write_control(nft);
	fputs("\tchain judge {\n"
	      "\t\t# without these no device speaks: neighbour discovery, MLD, IGMP, DHCP\n"
	      "\t\ticmpv6 type { 130-137, 143 } return\n"
	      "\t\tip protocol igmp goto control\n"
	      "\t\tmeta nfproto ipv4 udp sport 68 udp dport 67 goto control\n"
	      "\t\tmeta nfproto ipv4 udp sport 67 udp dport { 67, 68 } goto control\n"
	      "\t\tmeta nfproto ipv6 udp sport 546 udp dport 547 goto control\n"
	      "\t\tmeta nfproto ipv6 udp sport 547 udp dport { 546, 547 } goto control\n"
	      "\t\tgoto judged\n\t}\n\n",
	      nft->out);
}

/* An answer that is expected is nobody's else to judge: its mark has no rank. */
static void write_if_expected(const struct nft *nft)
{
	fprintf(nft->out, "\t\tct mark & 0xffff0000 == 0x%08x goto opened\n",
		nft_mark(0, NFT_OTHER));
}

/* Every device at either end judges its own side: its chain comes back, or drops. */
static void write_listed(const struct nft *nft)
{
	fputs("\tchain listed {\n"
	      "\t\tct state established,related return\n"
	      "\t\tct mark & " NFT_TREATMENT_MASK " != 0 return\n",
	      nft->out);
	if (nft->expects) {
		nft_each_family(
			nft, "\t\t%1$s saddr . %1$s daddr . udp dport @tftp%2$c jump expected\n");
		write_if_expected(nft);
	}
	fprintf(nft->out,
		"\t\tmeta l4proto { icmp, icmpv6 } ct mark set ct mark & " NFT_FOREIGN_MASK
		" | 0x%08x goto opened\n",
		nft_mark(0, NFT_OTHER));
	nft_each_family(nft, "\t\t%1$s saddr vmap @from_device%2$c\n");
	write_if_expected(nft);
	nft_each_family(nft, "\t\t%1$s daddr vmap @to_device%2$c\n");
	fputs("\t\tgoto opened\n\t}\n\n", nft->out);
}

static void write_opened(const struct nft *nft)
{
	unsigned rate =
		nft->policy->site->new_flows && *nft->drop ? nft->policy->site->new_flows : 0;

	fputs("\t# every device agreed\n\tchain opened {\n", nft->out);
	if (rate)
		fputs("\t\tjump rate\n", nft->out);
	if (nft->watched) {
		for (size_t i = 0; i < ARRAY_SIZE(nft_families); i++)
			for (int end = 0; end < 2; end++)
				fprintf(nft->out,
					"\t\t%s %s @watched%c ct mark set ct mark "
					"& " NFT_FOREIGN_MASK " | 0x%08x\n",
					nft_families[i].word, end ? "daddr" : "saddr",
					nft_families[i].suffix, nft_mark(0, NFT_WATCHED));
	}
	if (nft->expects)
		nft_each_family(nft,
				"\t\tudp dport 69 update @tftp%2$c { %1$s daddr . %1$s saddr . "
				"udp sport }\n");
	fputs("\t\tgoto remember_search\n\t}\n\n", nft->out);
}

/* As settings of the policy have it: a source's burst is what it may open in 4 s, and all strangers
 * together have twice that. */
static void write_rate(const struct nft *nft)
{
	const struct agfeo_settings *settings = &nft->policy->settings;
	unsigned rate = nft->policy->site->new_flows;

	if (!rate || !*nft->drop)
		return;
	fputs("\tchain rate {\n", nft->out);
	if (nft->watched)
		nft_each_family(nft, "\t\t%1$s daddr @watched%2$c return\n");
	nft_each_family(nft, "\t\t%1$s saddr != @known%2$c jump rate_strangers\n");
	for (size_t i = 0; i < ARRAY_SIZE(nft_families); i++)
		fprintf(nft->out,
			"\t\tupdate @sources%c { %s saddr limit rate over %u/second burst %u "
			"packets } counter drop comment \"rate: a source\"\n",
			nft_families[i].suffix, nft_families[i].word, rate, settings->burst);
	fprintf(nft->out,
		"\t}\n\n\tchain rate_strangers {\n\t\tlimit rate over %u/second burst %u packets "
		"counter drop comment \"rate: all strangers\"\n\t}\n\n",
		rate * 2, settings->stranger_burst);
}

/* ------------------------------------------------------------------ whole */

static int by_number(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return a < b ? -1 : a > b;
}

static void find_widths(struct nft *nft)
{
	const struct policy *policy = nft->policy;
	size_t count = 0, kept = 0;

	for (size_t i = 0; i < policy->policy_count; i++)
		for (size_t j = 1; j < policy->policies[i].rule_count; j++) {
			const struct policy_rule *rule = &policy->policies[i].rules[j];

			nft->widths[count++] = (uint32_t)rule->ports.last - rule->ports.first + 1;
			nft->expects |= rule->expects;
		}
	qsort(nft->widths, count, sizeof(*nft->widths), by_number);
	for (size_t i = 0; i < count; i++)
		if (!kept || nft->widths[kept - 1] != nft->widths[i])
			nft->widths[kept++] = nft->widths[i];
	nft->width_count = kept;
}

static void find_devices(struct nft *nft)
{
	const struct policy *policy = nft->policy;

	for (size_t i = 0; i < policy->device_count; i++) {
		const struct policy_device *device = &policy->devices[i];

		nft->watched |= *nft->drop && device->flags & AGFEO_DEVICE_MONITOR;
		nft->bound |= device->flags & AGFEO_DEVICE_MAC;
		if (device->providers && nft_reach(nft, device->providers) > nft->reach_count)
			nft->reaches[nft->reach_count++] = device->providers;
	}
}

int generate_nft(const struct policy *policy, FILE *out)
{
	const struct site *site = policy->site;
	size_t rules = policy->policy_count * AGFEO_MAX_RULES + 1;
	_cleanup_(freep) uint32_t *widths = calloc(rules, sizeof(*widths));
	_cleanup_(freep) uint64_t *reaches = calloc(policy->device_count + 1, sizeof(*reaches));
	_cleanup_(freep) bool *used = calloc(rules * 16, sizeof(*used));
	struct nft nft = {
		.policy = policy,
		.out = out,
		.drop = site->monitor ? "" : " drop",
		.marks = !site->monitor && (site->voice != AGFEO_KEEP || site->bleach ||
					    site->signalling != AGFEO_KEEP),
		.uplinks = has_role(site, AGFEO_ROLE_UPLINK),
		.widths = widths,
		.used = used,
		.reaches = reaches,
	};

	if (!widths || !reaches || !used)
		return -ENOMEM;
	find_widths(&nft);
	find_devices(&nft);
	write_head(&nft);
	nft_write_timeouts(&nft);
	nft_write_sets(&nft);
	/* A chain stands before those that lead to it, but a device's before its classes are known. */
	write_learning(&nft);
	write_unknown(&nft);
	nft_write_devices(&nft);
	nft_write_classes(&nft);
	write_rate(&nft);
	write_sound(&nft, "sound", nft.drop);
	if (nft.watched)
		write_sound(&nft, "sound_watched", "");
	write_opened(&nft);
	write_listed(&nft);
	write_judge(&nft);
	nft_write_marking(&nft);
	nft_write_hooks(&nft);
	fputs("}\n", out);
	return 0;
}
