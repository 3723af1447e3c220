/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The audit's readers of rulesets over what nft and iptables-save print, and over damaged text; what
 * they find is judged with the facts of a sound box.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "check.h"
#include "lib/audit_box.h"

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
}

/* The flowtable is of lan0 and wan0; the box's first and last interface are other ones. */
static void flowtable_beside(struct box *box, const char *first, const char *last)
{
	sound_box(box);
	read_rules(box, RULE("{\"flow\":{\"op\":\"add\",\"flowtable\":\"@ft\"}}"));
	snprintf(box->interfaces[0].name, IFNAMSIZ, "%s", first);
	snprintf(box->interfaces[2].name, IFNAMSIZ, "%s", last);
}

static void test_stacks(void)
{
	struct box box;

	flowtable_beside(&box, "lan0.7", "ppp0");
	strcpy(box.interfaces[0].below[box.interfaces[0].below_count++], "lan0");
	expect(&box, "a flowtable below a VLAN that is managed", "flow-offload", AUDIT_FAULT,
	       "nft ip t c handle 5");
	ruleset_free(&box.facts.ruleset);
	flowtable_beside(&box, "trunk", "dsl0");
	strcpy(box.interfaces[0].above[box.interfaces[0].above_count++], "lan0");
	expect(&box, "a flowtable above the trunk that is managed", "flow-offload", AUDIT_WARNING,
	       "nft ip t c handle 5");
	ruleset_free(&box.facts.ruleset);
	flowtable_beside(&box, "other0", "other1");
	expect(&box, "a flowtable of interfaces that are not managed", NULL, AUDIT_NOTE, NULL);
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
	{"flows past forwarding, as OpenWrt has it",
	 "*filter\n-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j FLOWOFFLOAD\n",
	 "flow-offload", "iptables -t filter FORWARD",
	 "iptables -t filter -D FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j FLOWOFFLOAD",
	 AUDIT_WARNING},
	{"into the hardware", "*filter\n-A FORWARD -j FLOWOFFLOAD --hw\n", "flow-offload",
	 "iptables -t filter FORWARD", "iptables -t filter -D FORWARD -j FLOWOFFLOAD --hw",
	 AUDIT_FAULT},
	{"a comment that names it",
	 "*filter\n-A FORWARD -m comment --comment FLOWOFFLOAD -j ACCEPT\n", NULL, NULL, NULL,
	 AUDIT_NOTE},
};

static void test_offload_everywhere(void)
{
	static const char line[] = "*filter\n-A FORWARD -j FLOWOFFLOAD\n";
	struct box box;

	sound_box(&box);
	strcpy(box.interfaces[2].below[box.interfaces[2].below_count++], "dsl0.7");
	CHECK_EQ(ruleset_read_iptables("iptables", line, strlen(line), &box.facts.ruleset), 0);
	expect(&box, "flows past forwarding, and an uplink that stands on a card", "flow-offload",
	       AUDIT_FAULT, "iptables -t filter FORWARD");
	ruleset_free(&box.facts.ruleset);
}

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

int main(void)
{
	test_nft();
	test_stacks();
	test_iptables();
	test_offload_everywhere();
	test_damaged();
	return check_done();
}
