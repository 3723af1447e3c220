/* SPDX-License-Identifier: GPL-2.0 */
/* The configuration: every kind of fault as one row, text to exact message. */
#include <stdio.h>

#include "check.h"
#include "lib/complaints.h"

#define WARNING                                                                                      \
	" would be open to everybody. The vendor warns: „Geben Sie auf keinen Fall den Port 5060 " \
	"(oder gar 80 bzw. 443) in der Firewall frei!“ (Informationen für einen Betrieb hinter "  \
	"Firewall-Systemen); allow it from site and reach it through a VPN\n"
#define SITE_KEYS "name, networks, mode, cloud, unknown, new-flows, flows, resolvers, payload-types"
#define ENCODINGS                                                                                  \
	"telephone-event, CN, opus, PCMU, PCMA, PCMU-WB, PCMA-WB, G722, G7221, G723, G726-16, "    \
	"G726-24, G726-32, G726-40, AAL2-G726-32, G728, G729, G7291, GSM, GSM-EFR, iLBC, iSAC, "   \
	"AMR, AMR-WB, EVS, speex, SILK, L16, CLEARMODE, red"
#define NO_ADDRESS                                                                                 \
	" is no address; write 192.168.10.2, 192.168.10.0/24, fd00:10::2 or fd00:10::/64\n"
#define OPTIONS "mqtt-broker, mqtt-client, sip-tcp, dect-update, wireshark-trace, syslog"

/* clang-format off */
static const struct {
	const char *what, *text, *told;
} faults[] = {
	/* lines */
	{"neither key nor section", "[site]\nmode\n",
	 "f:2: 'mode' is neither 'key = value' nor '[section]'\n"},
	{"what a terminal would obey", "[site]\nmo\033de\nx\ty\302\233",
	 "f:2: a control character (0x1b); only text may stand here\n"
	 "f:3: a control character (0x9b); only text may stand here\n"},
	{"no key before the =", "[site]\n = monitor\n",
	 "f:2: '' is no key: one word of letters, digits and '-' stands before the '='\n"},
	{"two words before the =", "[site]\nmy mode = monitor\n",
	 "f:2: 'my mode' is no key: one word of letters, digits and '-' stands before the '='\n"},
	{"a colon for the =", "[site]\nmode: monitor = x\n",
	 "f:2: 'mode: monitor' is no key: one word of letters, digits and '-' stands before the '='\n"},
	{"nothing after the =", "[site]\nmode =\n",
	 "f:2: mode: nothing stands after the '='; write a value or take the line away\n"},
	{"nothing but a comment after the =", "[site]\nmode = # monitor\n",
	 "f:2: mode: nothing stands after the '='; write a value or take the line away\n"},
	{"an empty list", "[site]\nnetworks =\n",
	 "f:2: networks: nothing stands after the '='; write a value or take the line away\n"},
	{"a comma too many", "[site]\nnetworks = 10.0.0.0/8,\n",
	 "f:2: networks: an entry of the list is empty; take the surplus comma away\n"},
	{"a scalar twice", "[site]\nmode = monitor\nmode = monitor\n",
	 "f:3: mode: stands here a second time (first on line 2); keep one of them\n"},
	{"a key before any section", "mode = monitor\n",
	 "f:1: mode: stands before any section; put it under its [section]\n"},
	{"a control character", "[site]\nname = a\x01z\n",
	 "f:2: a control character (0x01); only text may stand here\n"},
	{"Latin-1", "[site]\nname = B\xfcro\n",
	 "f:2: not UTF-8 (byte 0xfc); save the file as UTF-8\n"},
	{"overlong UTF-8", "[site]\nname = \xc0\xaf\n",
	 "f:2: not UTF-8 (byte 0xc0); save the file as UTF-8\n"},

	/* sections */
	{"unknown section", "[sites]\nmode = monitor\n",
	 "f:1: section 'sites' is unknown: did you mean 'site'? Known: site, interface, provider, "
	 "device, qos, export\n"},
	{"section without its end", "\n[device pbx\nmodel = x\n",
	 "f:2: section header without its ']'; write [site] or [device NAME]\n"},
	{"text behind a section", "[site] mode = monitor\n",
	 "f:1: something stands after the ']' of a section header; put it on a line of its own\n"},
	{"a second section behind a section", "[site][qos]# x\n",
	 "f:1: something stands after the ']' of a section header; put it on a line of its own\n"},
	{"section without a name", "[device]\nmodel = x\n",
	 "f:1: [device] needs a name; write [device NAME]\n"},
	{"section with a name", "[qos x]\n", "f:1: [qos] takes no name; write [qos]\n"},
	{"name of two words", "[device my phone]\n",
	 "f:1: [device my phone] is no section; write [site] or [device NAME], the name in one word\n"},
	{"empty header", "[]\n",
	 "f:1: [] is no section; write [site] or [device NAME], the name in one word\n"},
	{"header too long", "[device 12345678901234567890123456789012345678901234567]\n",
	 "f:1: section header too long: at most 49 letters between the brackets\n"},
	{"the same device twice", PBX PBX,
	 "f:4: [device pbx] stands here a second time (first on line 1); put its keys there\n"},
	{"the same interface twice", "[interface e]\nrole = voice\n[interface e]\nrole = uplink\n",
	 "f:3: [interface e] stands here a second time (first on line 1); put its keys there\n"},
	{"the site twice", "[site]\n[site]\n",
	 "f:2: [site] stands here a second time (first on line 1); put its keys there\n"},

	/* [site] */
	{"unknown key", "[site]\nmod = monitor\n",
	 "f:2: [site]: key 'mod' is unknown: did you mean 'mode'? Known: " SITE_KEYS "\n"},
	{"key of nowhere", "[site]\nfrobnicate = 1\n",
	 "f:2: [site]: key 'frobnicate' is unknown; known: " SITE_KEYS "\n"},
	{"unknown word", "[site]\nmode = monitr\n",
	 "f:2: mode: 'monitr' is unknown: did you mean 'monitor'? Known: enforce, monitor\n"},
	{"bad cloud", "[site]\ncloud = all\n", "f:2: cloud: 'all' is unknown: did you mean 'any'? Known: names, any\n"},
	{"bad unknown", "[site]\nunknown = reject\n", "f:2: unknown: 'reject' is unknown; known: pass, drop\n"},
	{"bad new-flows", "[site]\nnew-flows = many\n",
	 "f:2: new-flows: 'many' is not a number of new flows a second (0: no bound), 0 to 100000\n"},
	{"too few flows", "[site]\nflows = 10\n",
	 "f:2: flows: '10' is not a number of flows that a table holds, 1024 to 16777216\n"},
	{"bad address", "[site]\nnetworks = 192.168.1\n", "f:2: networks: '192.168.1'" NO_ADDRESS},
	{"bad length", "[site]\nnetworks = 10.0.0.0/33\n", "f:2: networks: '10.0.0.0/33'" NO_ADDRESS},
	{"host bits", "[site]\nnetworks = 192.168.10.7/24\n",
	 "f:2: networks: 192.168.10.7/24 has bits set behind its length: the network is "
	 "192.168.10.0/24, the host is 192.168.10.7\n"},
	{"host bits of IPv6", "[site]\nnetworks = fd00:10::2/64\n",
	 "f:2: networks: fd00:10::2/64 has bits set behind its length: the network is fd00:10::/64, "
	 "the host is fd00:10::2\n"},
	{"the internet as the site", "[site]\nnetworks = 0.0.0.0/0\n",
	 "f:2: networks: 0.0.0.0/0 is the internet, and would open what only the site may reach to "
	 "everybody; name the addresses\n"},
	{"half of it", "[site]\nnetworks = 128.0.0.0/1\n",
	 "f:2: networks: 128.0.0.0/1 is the internet, and would open what only the site may reach to "
	 "everybody; name the addresses\n"},
	{"all of IPv6", "[site]\nnetworks = ::/0\n",
	 "f:2: networks: ::/0 is the internet, and would open what only the site may reach to "
	 "everybody; name the addresses\n"},
	{"resolvers everywhere", "[site]\nresolvers = ::/0\n",
	 "f:2: resolvers: ::/0 is the internet: anybody's answer would teach names; name the resolvers\n"},

	/* [interface], [provider], [qos], [export] */
	{"name too long for an interface", "[interface a23456789012345x]\nrole = voice\n",
	 "f:1: [interface a23456789012345x]: no interface can have this name: at most 15 letters, no '/'\n"},
	{"a role is missing", "[interface lan0]\nxdp = native\n",
	 "f:1: [interface lan0]: role is missing; write role = voice (it faces devices) or "
	 "role = uplink (it faces provider and internet)\n"},
	{"bad role", "[interface lan0]\nrole = lan\n", "f:2: role: 'lan' is unknown; known: voice, uplink\n"},
	{"bad forward", "[interface l]\nrole = voice\nforward = fat\n",
	 "f:3: forward: 'fat' is unknown: did you mean 'fast'? Known: kernel, fast\n"},
	{"bad xdp", "[interface l]\nrole = voice\nxdp = skb\n", "f:3: xdp: 'skb' is unknown; known: auto, native, generic\n"},
	{"local without protocol", "[interface l]\nrole = voice\nlocal = 443\n",
	 "f:3: local: a protocol and a port or range belong here, as in 'tcp 443' or 'udp 51820'\n"},
	{"provider without networks", "[provider p]\n",
	 "f:1: [provider p]: networks is missing; write networks = the addresses of the provider's "
	 "SIP and RTP servers\n"},
	{"the internet as a provider", "[provider p]\nnetworks = 0.0.0.0/0\n",
	 "f:2: networks: 0.0.0.0/0 is the internet, and would open what only the provider may reach "
	 "to everybody; name the addresses\n"},
	{"unknown DSCP", "[qos]\nvoice = eff\n",
	 "f:2: voice: 'eff' is no DSCP; write ef, cs0 to cs7, af11 to af43, va, le, 0 to 63, or keep\n"},
	{"DSCP beyond six bits", "[qos]\nsignalling = 64\n",
	 "f:2: signalling: '64' is no DSCP; write ef, cs0 to cs7, af11 to af43, va, le, 0 to 63, or keep\n"},
	{"bad others", "[qos]\nothers = bleech\n",
	 "f:2: others: 'bleech' is unknown: did you mean 'bleach'? Known: keep, bleach\n"},
	{"relative textfile", "[export]\ntextfile = agfeo.prom\n",
	 "f:2: textfile: 'agfeo.prom' is no absolute path; write "
	 "/var/lib/prometheus/node-exporter/agfeo.prom\n"},
	{"folder as textfile", "[export]\ntextfile = /tmp/\n",
	 "f:2: textfile: '/tmp/' is a folder; name a file in it\n"},
	{"bad interval", "[export]\ninterval = 15x\n",
	 "f:2: interval: '15x' is no interval; write 15s, 1m or 1h, one second to one day\n"},
	{"no time at all", "[export]\ninterval = 0s\n",
	 "f:2: interval: '0s' is no interval; write 15s, 1m or 1h, one second to one day\n"},

	/* [device] */
	{"a model is missing", "[device a]\naddress = 10.0.0.1\n",
	 "f:1: [device a]: model is missing; write model = one of 'agfeoctl models', as in "
	 "es-pure-ip-x-it\n"},
	{"an address is missing", "[device a]\nmodel = t14-sip\n",
	 "f:1: [device a]: address is missing; write address = its host or pool, as in 192.168.10.2\n"},
	{"unknown model", "[device a]\nmodel = es-pure-ip-x\naddress = 10.0.0.1\n",
	 "f:2: model: 'es-pure-ip-x' is no model: did you mean 'es-pure-ip-x-it'? 'agfeoctl models' "
	 "lists them all\n"},
	{"address of nobody", "[device a]\nmodel = t14-sip\naddress = 239.0.0.1\n",
	 "f:3: address: 239.0.0.1 is not what a device can have; name its host or pool of hosts\n"},
	{"loopback", "[device a]\nmodel = t14-sip\naddress = ::1\n",
	 "f:3: address: ::1 is not what a device can have; name its host or pool of hosts\n"},
	{"everybody as a device", "[device a]\nmodel = visofon\naddress = 0.0.0.0/0\n",
	 "f:3: address: 0.0.0.0/0 is not what a device can have; name its host or pool of hosts\n"},
	{"bad MAC", PBX "mac = 00:09:40:12:34\n",
	 "f:4: mac: '00:09:40:12:34' is no MAC address; write 00:09:40:12:34:56\n"},
	{"group MAC", PBX "mac = 01:00:5e:00:00:01\n",
	 "f:4: mac: 01:00:5e:00:00:01 is a group or null address, which no device sends from\n"},
	{"more channels than the model has", PBX "channels = 31\n",
	 "f:4: channels: 31 is more than AGFEO ES PURE IP X IT has: at most 30\n"},
	{"no channels", PBX "channels = 0\n", "f:4: channels: '0' is not a number of channels, 1 to 1024\n"},
	{"channels of a telephone", PHONE "channels = 2\n",
	 "f:4: channels: AGFEO T14 SIP has none to count; take the line away\n"},
	{"more accounts than the model has", PBX "sip-accounts = 33\n",
	 "f:4: sip-accounts: 33 is more than AGFEO ES PURE IP X IT has: at most 32\n"},
	{"accounts of a telephone", PHONE "sip-accounts = 2\n",
	 "f:4: sip-accounts: AGFEO T14 SIP has none to count; take the line away\n"},
	{"rtp-ports where they are fixed", PBX "rtp-ports = 5004-5035\n",
	 "f:4: rtp-ports: AGFEO ES PURE IP X IT has fixed ports; take the line away\n"},
	{"sip-ports where they are fixed", PHONE "sip-ports = 5062\n",
	 "f:4: sip-ports: AGFEO T14 SIP has fixed ports; take the line away\n"},
	{"rtp-ports that nobody knows", "[device a]\nmodel = ip-video-tfe\naddress = 10.0.0.1\n",
	 "f:1: [device a]: rtp-ports is missing: the vendor's document (2.1.1) lists no range for "
	 "AGFEO IP-Video TFE 1/2; take it from the device's own web configuration\n"},
	{"reversed range", "[device a]\nmodel = visofon\naddress = 10.0.0.1\nrtp-ports = 200-100\n",
	 "f:4: rtp-ports: the range 200-100 is reversed; write 100-200\n"},
	{"port 0", "[device a]\nmodel = visofon\naddress = 10.0.0.1\nsip-ports = 0\n",
	 "f:4: sip-ports: '0' is no port or range of ports; write 5060 or 5204-5235, 1 to 65535\n"},
	{"port beyond 65535", "[device a]\nmodel = visofon\naddress = 10.0.0.1\nsip-ports = 1-65536\n",
	 "f:4: sip-ports: '1-65536' is no port or range of ports; write 5060 or 5204-5235, 1 to 65535\n"},
	{"provider that nobody is", PBX "provider = sipgat\n[provider sipgate]\nnetworks = 217.10.64.0/20\n",
	 "f:4: provider: 'sipgat' is unknown: did you mean 'sipgate'? Known: sipgate\n"},
	{"provider where there is none", PBX "provider = sipgate\n",
	 "f:4: provider: 'sipgate' is not defined; add a section [provider sipgate] with its networks\n"},
	{"unknown option", PBX "enable = mqtt-brokr\n",
	 "f:4: enable: option 'mqtt-brokr' is unknown: did you mean 'mqtt-broker'? Known: " OPTIONS "\n"},
	{"option of another model", PHONE "enable = mqtt-broker\n",
	 "f:4: enable: to AGFEO T14 SIP 'mqtt-broker' is unknown; known: syslog\n"},
	{"option of a model without", "[device a]\nmodel = dashboard-pc\naddress = 10.0.0.1\nenable = syslog\n",
	 "f:4: enable: AGFEO Dashboard PC has no options to enable\n"},
	{"service that the model has not", "[device a]\nmodel = tapi-client\naddress = 10.0.0.1\ndisable = tapis\n",
	 "f:4: disable: to AGFEO TSP TAPI driver 'tapis' is unknown: did you mean 'tapi'? Known: dns, tapi\n"},
	{"enabled and disabled", PBX "disable = mqtt-broker\nenable = mqtt-broker\n",
	 "f:4: disable: 'mqtt-broker' is enabled as well; keep one of the two\n"},
	{"bad mode", PBX "mode = off\n", "f:4: mode: 'off' is unknown; known: enforce, monitor\n"},
	{"one word of two", PBX "payload-types = opus\n",
	 "f:4: payload-types: two words belong here: NUMBER ENCODING, as in '96 opus/48000', "
	 "'101 telephone-event' or '97 16000'\n"},
	{"a static payload type", "[site]\npayload-types = 96 opus, 8 PCMA\n",
	 "f:2: payload-types: '8' is no dynamic payload type; write 96 to 127: those below mean the same "
	 "everywhere (RFC 3551)\n"},
	{"no payload type at all", "[site]\npayload-types = 128 opus\n",
	 "f:2: payload-types: '128' is no dynamic payload type; write 96 to 127: those below mean the same "
	 "everywhere (RFC 3551)\n"},
	{"an encoding that nobody knows", "[site]\npayload-types = 96 opsu/48000\n",
	 "f:2: payload-types: encoding 'opsu' is unknown: did you mean 'opus'? Known: " ENCODINGS "\n"},
	{"a rate that it has not", PBX "payload-types = 96 opus/8000\n",
	 "f:4: payload-types: 'opus/8000': no such clock rate; there is 48000\n"},
	{"a rate that is no number", PBX "payload-types = 96 SPEEX/8k\n",
	 "f:4: payload-types: 'SPEEX/8k': no such clock rate; there is 8000, 16000 or 32000\n"},
	{"one of several rates", PBX "payload-types = 96 speex\n",
	 "f:4: payload-types: 'speex' has several clock rates; write speex/RATE with 8000, 16000 or 32000\n"},
	{"a clock that none has", PBX "payload-types = 96 8001\n",
	 "f:4: payload-types: '8001': no such clock rate; there is 8000, 11025, 12000, 16000, 22050, 24000, "
	 "32000, 44100, 48000 or 90000\n"},
	{"a payload type twice", "[site]\npayload-types = 96 opus\npayload-types = 101 telephone-event, 96 iLBC\n",
	 "f:3: payload-types: 96 is opus/48000 already; keep one of the two\n"},
	{"bad quality", PBX "quality = yes\n", "f:4: quality: 'yes' is unknown; known: on, off\n"},

	/* overlaps */
	{"the same host", PBX "[device b]\nmodel = t14-sip\naddress = 10.0.0.1\n",
	 "f:6: address: 10.0.0.1 of device b overlaps 10.0.0.1 of device pbx (line 3); a host is one device\n"},
	{"a host in another's pool", "[device a]\nmodel = t14-sip\naddress = 10.0.0.0/28\n[device b]\n"
	 "model = t14-sip\naddress = 10.0.0.3\n",
	 "f:6: address: 10.0.0.3 of device b overlaps 10.0.0.0/28 of device a (line 3); a host is one device\n"},
	{"a pool around another", PBX "[device b]\nmodel = t14-sip\naddress = 10.0.0.0/24\n",
	 "f:6: address: 10.0.0.0/24 of device b overlaps 10.0.0.1 of device pbx (line 3); a host is one device\n"},
	{"a host twice", "[device a]\nmodel = t14-sip\naddress = 10.0.0.1\naddress = fd00::1, 10.0.0.1\n",
	 "f:4: address: 10.0.0.1 overlaps 10.0.0.1 of the same device (line 3); list each host once\n"},

	/* allow */
	{"too few words", PBX "allow = in tcp 8080 site\n",
	 "f:4: allow: five words belong here: DIRECTION PROTO PORTS from|to SCOPE, as in "
	 "'in tcp 8080 from site'\n"},
	{"bad direction", PBX "allow = inn tcp 1 from site\n",
	 "f:4: allow: 'inn' is unknown: did you mean 'in'? Known: in, out, both\n"},
	{"bad protocol", PBX "allow = in sctp 1 from site\n",
	 "f:4: allow: 'sctp' is unknown: did you mean 'tcp'? Known: udp, tcp\n"},
	{"bad port", PBX "allow = in tcp http from site\n",
	 "f:4: allow: 'http' is no port or range of ports; write 5060 or 5204-5235, 1 to 65535\n"},
	{"bad preposition", PBX "allow = in tcp 1 to site\n",
	 "f:4: allow: 'to' does not fit; write in … from, out … to, both … from\n"},
	{"bad scope", PBX "allow = in tcp 1 from lan\n",
	 "f:4: allow: 'lan' is unknown: did you mean 'any'? Known: site, provider, cloud, any\n"},
	{"from a provider that is not named", PHONE "allow = out tcp 1 to provider\n",
	 "f:4: allow: device phone names no provider; add provider = NAME, or allow it to site\n"},
	{"5060 to the world", PBX "allow = in udp 5060 from any\n",
	 "f:4: allow: refused: port 5060 of pbx" WARNING},
	{"80 to the world", PBX "allow = both tcp 80 from any\n",
	 "f:4: allow: refused: port 80 of pbx" WARNING},
	{"443 to the world", PBX "allow = in tcp 443 from any\n",
	 "f:4: allow: refused: port 443 of pbx" WARNING},
	{"all three in a range", PBX "allow = in tcp 1-65535 from any\n",
	 "f:4: allow: refused: port 80, 443, 5060 of pbx" WARNING},
	{"the model comes last", "[device pbx]\nallow = in udp 5000-6000 from any\naddress = 10.0.0.1\n"
	 "model = hypervoice\n", "f:2: allow: refused: port 5060 of pbx" WARNING},
	{"by way of the cloud", "[site]\ncloud = any\n" PBX "allow = in tcp 443 from cloud\n",
	 "f:6: allow: refused: port 443 of pbx" WARNING},
	{"of a module", "[device m]\nmodel = lm-510\naddress = 10.0.0.1\nallow = in tcp 80 from any\n",
	 "f:4: allow: refused: port 80 of m" WARNING},

	/* several */
	{"all at once, by line", "[site]\nmode = x\n[device a]\nmodel = nope\n[qos]\nvoice = x\n"
	 "[device b]\nmodel = t14-sip\naddress = 10.0.0.1\n[device c]\nmodel = t14-sip\naddress = 10.0.0.1\n",
	 "f:2: mode: 'x' is unknown; known: enforce, monitor\n"
	 "f:3: [device a]: address is missing; write address = its host or pool, as in 192.168.10.2\n"
	 "f:4: model: 'nope' is no model: did you mean 'scb'? 'agfeoctl models' lists them all\n"
	 "f:6: voice: 'x' is no DSCP; write ef, cs0 to cs7, af11 to af43, va, le, 0 to 63, or keep\n"
	 "f:12: address: 10.0.0.1 of device c overlaps 10.0.0.1 of device b (line 9); a host is one device\n"},
};
/* clang-format on */

static void test_faults(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		_cleanup_(freep) char *told = NULL;
		struct site *site;

		CHECK_ROW(faults[i].what);
		told = complaints(faults[i].text, strlen(faults[i].text), &site);
		CHECK_STR(told, faults[i].told);
		site_free(site);
	}
	CHECK_ROW(NULL);
}

/* What there is room for, and one more. */
static void test_too_many(void)
{
	_cleanup_(freep) char *providers = NULL, *local = NULL;
	static char text[8192];
	struct site *site;
	size_t at = 0;

	for (unsigned i = 0; i <= AGFEO_MAX_PROVIDERS; i++)
		at += (size_t)sprintf(text + at, "[provider p%u]\nnetworks = 217.10.%u.0/24\n", i,
				      i);
	providers = complaints(text, at, &site);
	CHECK_STR(providers,
		  "f:129: [provider p64]: more than 64 providers; join the networks of some\n");

	at = (size_t)sprintf(text, "[interface l]\nrole = uplink\n");
	for (unsigned i = 0; i < 17; i++)
		at += (size_t)sprintf(text + at, "local = tcp %u\n", i + 1);
	local = complaints(text, at, &site);
	CHECK_STR(local,
		  "f:19: local: more than 16 services of the box's own; join ports to ranges\n");
}

int main(void)
{
	test_too_many();
	test_faults();
	return check_done();
}
