/* SPDX-License-Identifier: GPL-2.0 */
/* The nftables ruleset's re-marking, what an uplink sheds, and the hooks where all of it stands. */
#include "base/cleanup.h"
#include "base/names.h"
#include "policy/generate_nft.h"

/* ------------------------------------------------------------------ marks */

static void write_mark(const struct nft *nft, const char *name, uint8_t dscp, bool priority)
{
	fprintf(nft->out, "\tchain %s {\n", name);
	for (size_t i = 0; i < ARRAY_SIZE(nft_families); i++)
		fprintf(nft->out, "\t\t%1$s dscp != %2$u counter %1$s dscp set %2$u\n",
			nft_families[i].word, dscp);
	if (priority)
		fputs("\t\tmeta priority set 0:6\n", nft->out);
	fputs("\t}\n\n", nft->out);
}

/* By header: RTP is version 2 and no payload type that RTCP would have; RTCP is version 2 and one of
 * its packet types (RFC 3550, RFC 5761). */
static void write_mark_voice(const struct nft *nft, const char *evident)
{
	fprintf(nft->out,
		"\t# what has the header of RTP, or of RTCP\n"
		"\tchain mark_voice {\n"
		"\t\tudp length >= 20 @th,64,2 2 @th,73,7 != 64-95 %1$s\n"
		"\t\tudp length >= 16 @th,64,2 2 @th,72,8 192-223 %1$s\n%2$s\t}\n\n",
		evident, nft->policy->site->bleach ? "\t\tgoto set_other\n" : "");
}

void nft_write_marking(const struct nft *nft)
{
	const struct site *site = nft->policy->site;
	const char *other = site->bleach ? "goto set_other" : "return";
	bool voice = site->voice != AGFEO_KEEP, signalling = site->signalling != AGFEO_KEEP;

	if (!nft->marks)
		return;
	if (voice)
		write_mark(nft, "set_voice", site->voice, site->voice == AGFEO_EF);
	if (signalling)
		write_mark(nft, "set_signalling", site->signalling, false);
	if (site->bleach) {
		fputs("\t# EF is for voice\n\tchain set_other {\n", nft->out);
		nft_each_family(nft, "\t\t%1$s dscp 46 counter %1$s dscp set 0\n");
		fputs("\t}\n\n", nft->out);
	}
	write_mark_voice(nft, voice ? "goto set_voice" : "return");
	fprintf(nft->out,
		"\tchain remark {\n\t\tct state related return\n"
		"\t\tct mark & " NFT_TREATMENT_MASK " vmap {\n"
		"\t\t\t0x%08x : goto mark_voice,\n\t\t\t0x%08x : %s,\n"
		"\t\t\t0x%08x : %s\n\t\t}\n\t}\n\n",
		nft_mark(0, NFT_VOICE), nft_mark(0, NFT_SIGNALLING),
		signalling ? "goto set_signalling" : other, nft_mark(0, NFT_OTHER), other);
}

/* ------------------------------------------------------------------ hooks */

/* What an uplink never lets in, as port ranges; returns whether there is any. */
static bool write_shed_ports(const struct nft *nft, enum agfeo_protocol protocol)
{
	unsigned flags = nft->policy->settings.flags & AGFEO_SITE_SHED_SIP
				 ? AGFEO_SHED_SERVICE | AGFEO_SHED_SIP_CLIENT
				 : AGFEO_SHED_SERVICE;
	const uint8_t *shed = nft->policy->shed.port[protocol];
	char text[RANGE_TEXT];
	bool any = false;

	for (uint32_t port = 1; port < AGFEO_PORTS; port++) {
		struct port_range range = {(uint16_t)port, (uint16_t)port};

		if (!(shed[port] & flags))
			continue;
		while (port + 1 < AGFEO_PORTS && shed[port + 1] & flags)
			range.last = (uint16_t)++port;
		if (!any)
			fprintf(nft->out, "\t\t%s dport { ", protocol_label(protocol));
		fprintf(nft->out, "%s%s", any ? ", " : "", port_range_format(range, text));
		any = true;
	}
	if (any)
		fputs(" } ", nft->out);
	return any;
}

static void write_uplink(const struct nft *nft)
{
	if (!nft->uplinks)
		return;
	fputs("\t# before conntrack and NAT, for the box's own addresses too: strangers never "
	      "reach\n"
	      "\t# what only the site or a named provider may ask for\n"
	      "\tchain uplink {\n"
	      "\t\ttype filter hook prerouting priority raw; policy accept;\n"
	      "\t\tiifname != ",
	      nft->out);
	nft_write_interfaces(nft, AGFEO_ROLE_UPLINK);
	fputs(" return\n", nft->out);
	fputs("\t\tmeta ipsec exists return\n", nft->out);
	nft_each_family(nft, "\t\t%1$s saddr @trunks%2$c return\n");
	nft_each_family(nft, "\t\t%1$s daddr @devices%2$c return\n");
	if (write_shed_ports(nft, AGFEO_UDP))
		fprintf(nft->out, "counter%s comment \"scope\"\n", nft->drop);
	if (write_shed_ports(nft, AGFEO_TCP))
		fprintf(nft->out,
			"tcp flags & (fin | syn | rst | ack) == syn counter%s comment \"scope\"\n",
			nft->drop);
	fputs("\t}\n\n", nft->out);
}

/* Behind NAT, which tells the device, and where nft knows what IPsec decrypted: a branch's. */
static void write_bare(const struct nft *nft)
{
	if (!nft->uplinks)
		return;
	fputs("\t# who comes in bare by an uplink is not of the site, whatever address is claimed\n"
	      "\tchain bare {\n"
	      "\t\ttype filter hook prerouting priority -90; policy accept;\n"
	      "\t\tiifname != ",
	      nft->out);
	nft_write_interfaces(nft, AGFEO_ROLE_UPLINK);
	fputs(" return\n\t\tmeta ipsec exists return\n\t\tct state != new return\n", nft->out);
	nft_each_family(nft, "\t\t%1$s daddr vmap @bare_device%2$c\n");
	fputs("\t}\n\n", nft->out);
}

void nft_write_hooks(const struct nft *nft)
{
	write_uplink(nft);
	write_bare(nft);
	fprintf(nft->out,
		"\tchain forward {\n"
		"\t\ttype filter hook forward priority filter; policy accept;\n"
		"\t\tjump judge\n%s\t}\n\n",
		nft->marks ? "\t\tgoto remark\n" : "");
	fputs("\t# the box itself, as devices meet it\n"
	      "\tchain input {\n"
	      "\t\ttype filter hook input priority filter; policy accept;\n"
	      "\t\tiifname \"lo\" return\n\t\tjump judge\n\t}\n\n"
	      "\tchain output {\n"
	      "\t\ttype filter hook output priority filter; policy accept;\n"
	      "\t\toifname \"lo\" return\n\t\tjump judge\n\t}\n",
	      nft->out);
}
