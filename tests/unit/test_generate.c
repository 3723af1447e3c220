/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `generate` prints, against golden files (AGFEO_WRITE_GOLDEN=1 writes them anew: read the
 * difference), and against the policy: every rule of every model must be there, and nothing may lead
 * to what is not. Whether nft and the kernel agree is for tests/e2e/nft.sh.
 */
#include <stdlib.h>

#include "compiled.h"
#include "lib/golden.h"
#include "policy/generate.h"

/* clang-format off */
static const char company[] =
	"[site]\n"
	"name = B\303\274ro\n"
	"networks = 192.168.10.0/24, 192.168.20.0/24, fd00:10::/64\n"
	"[interface lan0]\n"
	"role = voice\n"
	"[interface wan0]\n"
	"role = uplink\n"
	"[provider sipgate]\n"
	"networks = 217.10.64.0/20, 2001:db8:217::/48\n"
	"[device pbx]\n"
	"model = es-pure-ip-x-it\n"
	"address = 192.168.10.2, fd00:10::2\n"
	"channels = 16\n"
	"sip-accounts = 4\n"
	"provider = sipgate\n"
	"[device base]\n"
	"model = dect-ip\n"
	"address = 192.168.10.22\n"
	"mac = 00:09:40:12:34:56\n"
	"[device softphones]\n"
	"model = visofon\n"
	"address = 192.168.20.64/27\n"
	"provider = sipgate\n"
	"[device module]\n"
	"model = lm-510\n"
	"address = 192.168.10.24\n"
	"mode = monitor\n"
	"[qos]\n"
	"others = bleach\n"
	"signalling = cs3\n";

static const char watched[] =
	"[site]\n"
	"mode = monitor\n"
	"unknown = drop\n"
	"cloud = any\n"
	"new-flows = 0\n"
	"[device single]\n"
	"model = es-51x\n"
	"address = 192.168.1.2\n"
	"[qos]\n"
	"voice = keep\n";
/* clang-format on */

/* ------------------------------------------------------------------ what is generated */

typedef int generator(const struct policy *policy, FILE *out);

/* The text; the caller frees. NULL where the generator refuses with what is expected. */
static char *generated(const char *config, generator *generate, int expected)
{
	_cleanup_(site_freep) struct site *site = site_of(config);
	_cleanup_(policy_freep) struct policy *policy = policy_of(site);
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	if (CHECK(policy))
		CHECK_EQ(generate(policy, out), expected);
	fclose(out);
	if (!expected)
		return text;
	CHECK_EQ(size, 0);
	free(text);
	return NULL;
}

static unsigned count_words(const char *text, const char *word)
{
	unsigned count = 0;

	for (; (text = strstr(text, word)); text += strlen(word))
		count++;
	return count;
}

static void check_goldens(void)
{
	_cleanup_(freep) char *ruleset = generated(company, generate_nft, 0);
	_cleanup_(freep) char *again = generated(company, generate_nft, 0);
	_cleanup_(freep) char *monitor = generated(watched, generate_nft, 0);
	_cleanup_(freep) char *windows = generated(company, generate_gpo, 0);

	check_golden("generate.nft", ruleset);
	check_golden("generate_monitor.nft", monitor);
	check_golden("generate_gpo.ps1", windows);
	CHECK(!strcmp(ruleset, again));
	CHECK_EQ(count_words(monitor, " drop ") + count_words(monitor, " drop\n"), 0);
	CHECK_EQ(count_words(monitor, "dscp set"), 0);
}

/* ------------------------------------------------------------------ a ruleset that holds together */

/* Whether the name that `at` begins with is made somewhere, as `kind NAME {`. */
static bool is_made(const char *ruleset, const char *kind, const char *at, const char *ends)
{
	char line[256];

	snprintf(line, sizeof(line), "\t%s %.*s {\n", kind, (int)strcspn(at, ends), at);
	return strstr(ruleset, line) != NULL;
}

/* Of every `lead NAME` there must be a `kind NAME {`. */
static void check_leads(const char *ruleset, const char *lead, const char *kind)
{
	unsigned missing = 0;

	for (const char *at = ruleset; (at = strstr(at, lead));) {
		at += strlen(lead);
		if (is_made(ruleset, kind, at, " ,\"\n"))
			continue;
		printf("\t%s%.*s leads nowhere\n", lead, (int)strcspn(at, " ,\"\n"), at);
		missing++;
	}
	CHECK_EQ(missing, 0);
}

static void check_whole(const char *ruleset)
{
	CHECK_EQ(count_words(ruleset, "{"), count_words(ruleset, "}"));
	check_leads(ruleset, "\tjump ", "chain");
	check_leads(ruleset, " jump ", "chain");
	check_leads(ruleset, " goto ", "chain");
	check_leads(ruleset, "\tgoto ", "chain");
	check_leads(ruleset, "ct timeout set \"", "ct timeout");
}

/* Sets of addresses: `@name4`, and not the payload expressions `@th,64,2`. */
static void check_sets(const char *ruleset)
{
	unsigned missing = 0;

	for (const char *at = ruleset; (at = strchr(at, '@'));) {
		at++;
		if (!strncmp(at, "th,", 3) || is_made(ruleset, "set", at, " \n") ||
		    is_made(ruleset, "map", at, " \n"))
			continue;
		printf("\t@%.*s is no set\n", (int)strcspn(at, " \n"), at);
		missing++;
	}
	CHECK_EQ(missing, 0);
}

/* ------------------------------------------------------------------ every model, every rule */

/* A line that lists the ports, of the right end, and says which service it is. */
static bool has_line(const char *ruleset, const struct policy_rule *rule, bool source)
{
	char begins[64], ends[128], range[RANGE_TEXT];
	size_t length;

	snprintf(begins, sizeof(begins), "\t\t%s %s %s ",
		 rule->protocol == AGFEO_UDP ? "udp" : "tcp", source ? "sport" : "dport",
		 port_range_format(rule->ports, range));
	snprintf(ends, sizeof(ends), "comment \"it: %s, %s\"", rule->service, rule->source);
	length = strlen(ends);
	for (const char *at = ruleset; (at = strstr(at, begins)); at++) {
		const char *end = at + strcspn(at, "\n");

		if ((size_t)(end - at) > length && !strncmp(end - length, ends, length))
			return true;
	}
	return false;
}

static void check_rule(const char *from, const char *to, const struct policy_rule *rule)
{
	bool local = rule->side == AGFEO_LOCAL;

	CHECK_ROW(rule->service);
	if (rule->direction != AGFEO_IN)
		CHECK(has_line(from, rule, local));
	if (rule->direction != AGFEO_OUT && !rule->group)
		CHECK(has_line(to, rule, !local));
	CHECK_ROW(NULL);
}

/* From "chain NAME {" to its end; the caller frees. */
static char *chain_of(const char *ruleset, const char *name)
{
	char line[64];
	const char *at;

	snprintf(line, sizeof(line), "\tchain %s {\n", name);
	at = strstr(ruleset, line);
	if (!CHECK(at))
		return NULL;
	return strndup(at, (size_t)(strstr(at, "\t}\n") - at));
}

static void check_model(const struct model *model)
{
	_cleanup_(site_freep) struct site *site = NULL;
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_(freep) char *ruleset = NULL, *from = NULL, *to = NULL;
	char config[1024], *at = config;

	at += sprintf(at, "[device it]\nmodel = %s\naddress = 192.168.1.2\n%s", model->id,
		      strcmp(model->id, "ip-video-tfe") ? "" : "rtp-ports = 7000-7019\n");
	for (const char *const *option = model_options; *option; option++)
		if (model_has_option(model, *option))
			at += sprintf(at, "enable = %s\n", *option);
	site = site_of(config);
	policy = policy_of(site);
	ruleset = generated(config, generate_nft, 0);
	if (!policy || !ruleset)
		return;
	check_whole(ruleset);
	check_sets(ruleset);
	from = chain_of(ruleset, "from_it");
	to = chain_of(ruleset, "to_it");
	for (size_t i = 1; from && to && i < policy->policies[0].rule_count; i++)
		check_rule(from, to, &policy->policies[0].rules[i]);
}

/* ------------------------------------------------------------------ names */

static void check_names(void)
{
	_cleanup_(freep) char *ruleset =
		generated("[device big\"one\\]\nmodel = es-54x\naddress = 192.168.1.2\n"
			  "[device 2nd]\nmodel = es-54x\naddress = 192.168.1.3\n",
			  generate_nft, 0);
	_cleanup_(freep) char *windows = generated(
		"[device it's]\nmodel = es-54x\naddress = 192.168.1.2\n", generate_gpo, 0);

	check_whole(ruleset);
	check_sets(ruleset);
	CHECK(strstr(ruleset, "192.168.1.2 : jump from_name.1"));
	CHECK(strstr(ruleset, "192.168.1.3 : jump from_2nd"));
	CHECK(strstr(ruleset, "comment \"big?one?: rtp, 1.3\""));
	CHECK(strstr(windows, "'AGFEO VISOfon RTP it_s 1 1'"));
}

/* ------------------------------------------------------------------ Windows */

/* The document's ranges: what a policy for VISOfon at this system must say (sections 1.2, 1.3). */
static const struct {
	const char *model, *rtp;
} systems[] = {
	{"es-51x", "5004 -IPDstPortEndMatchCondition 5011"},
	{"es-52x", "5004 -IPDstPortEndMatchCondition 5011"},
	{"es-5xx-up", "5004 -IPDstPortEndMatchCondition 5011"},
	{"es-54x", "5004 -IPDstPortEndMatchCondition 5015"},
	{"es-6xx", "5004 -IPDstPortEndMatchCondition 5027"},
	{"es-730-it", "5004 -IPDstPortEndMatchCondition 5027"},
	{"es-770-it", "5004 -IPDstPortEndMatchCondition 5035"},
	{"es-7xx-it-plus", "5204 -IPDstPortEndMatchCondition 5331"},
	{"es-22-x-it", "5204 -IPDstPortEndMatchCondition 5331"},
	{"es-pure-ip-x-it", "5204 -IPDstPortEndMatchCondition 5263"},
	{"hypervoice", "5204 -IPDstPortEndMatchCondition 5523"},
	{"hyperfonie", "5204 -IPDstPortEndMatchCondition 5523"},
};

static void check_system(const char *model, const char *rtp)
{
	_cleanup_(freep) char *windows = NULL;
	char config[256], line[512];

	CHECK_ROW(model);
	snprintf(config, sizeof(config), "[device x]\nmodel = %s\naddress = 192.168.1.2\n", model);
	windows = generated(config, generate_gpo, 0);
	if (!CHECK(windows))
		return;
	snprintf(line, sizeof(line),
		 "New-NetQosPolicy -Name 'AGFEO VISOfon RTP x 1' -PolicyStore $PolicyStore "
		 "-AppPathNameMatchCondition $Program -IPProtocolMatchCondition UDP "
		 "-IPDstPrefixMatchCondition '192.168.1.2' -IPDstPortStartMatchCondition %s "
		 "-DSCPAction 46 ",
		 rtp);
	CHECK(strstr(windows, line));
	CHECK(strstr(windows, "-IPDstPortMatchCondition 5060 -DSCPAction 24 "));
	CHECK_EQ(count_words(windows, "\nNew-NetQosPolicy "), 2);
	CHECK_EQ(count_words(windows, "\nRemove-NetQosPolicy "), 2);
	CHECK_ROW(NULL);
}

/* Every telephone system of the catalogue has a row above. */
static void check_systems(void)
{
	size_t wanted = 0;

	for (const struct model *const *model = models; *model; model++)
		wanted += (*model)->kind == KIND_PBX;
	CHECK_EQ(ARRAY_SIZE(systems), wanted);
	for (size_t i = 0; i < ARRAY_SIZE(systems); i++)
		check_system(systems[i].model, systems[i].rtp);
}

static void check_ascii(void)
{
	_cleanup_(freep) char *windows = generated(company, generate_gpo, 0);
	unsigned wrong = 0;

	for (const char *c = windows; *c; c++)
		wrong += *c != '\n' && (*c < ' ' || *c > '~');
	CHECK_EQ(wrong, 0);
}

int main(void)
{
	check_goldens();
	for (const struct model *const *model = models; *model; model++)
		check_model(*model);
	check_names();
	check_systems();
	check_ascii();
	generated("[device phone]\nmodel = t14-sip\naddress = 192.168.1.2\n", generate_gpo,
		  -ENOENT);
	generated("[site]\nname = empty\n", generate_gpo, -ENOENT);
	return check_done();
}
