/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The compiled policy against the catalogue's rows, read out plainly here: every model, every
 * service, both ends of every range and the ports beside them, both openers, every kind of peer;
 * then pairs of all models.
 */
#include "policy/policy.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "check.h"
#include "compiled.h"
#include "config/config.h"

/* ------------------------------------------------------------------ what the rows say */

/* What a peer is to the device. */
enum peer { PEER_SITE, PEER_PROVIDER, PEER_STRANGER, PEER_HOST, PEER_GROUP, PEER_COUNT };

static const char *const peer_address[2][PEER_COUNT] = {
	{"192.168.10.77", "217.10.64.9", "8.8.8.8", "0.0.0.0", "239.1.2.3"},
	{"fd00:10::77", "2001:ab7::9", "2001:db8::8", "::", "ff02::99"},
};

/* How one device is configured, and what its model's rows then are. */
struct case_of {
	const struct model *model;
	bool named;   /* it names a provider */
	bool options; /* all are enabled */
	bool cloud_any;
	bool v6;
	unsigned channels, accounts;
	struct port_range rtp, sip;
};

static struct port_range expected_ports(const struct case_of *c, const struct service *row)
{
	struct port_range ports = row->ports;

	if (row->port_rule == PORTS_CHANNELS && c->channels)
		ports.last = ports.first + 2 * c->channels - 1;
	if (row->port_rule == PORTS_ACCOUNTS && c->accounts)
		ports.last = ports.first + 2 * c->accounts - 1;
	if (row->port_rule == PORTS_RTP_OPEN && c->rtp.first)
		ports = c->rtp;
	if (row->port_rule == PORTS_SIP_OPEN && c->sip.first)
		ports = c->sip;
	return ports;
}

static bool expected_scope(const struct case_of *c, const struct service *row, bool out,
			   enum peer peer, unsigned hosts, unsigned known)
{
	if (peer == PEER_GROUP)
		return out && row->scope != SCOPE_CLOUD;
	switch (row->scope) {
	case SCOPE_SITE:
		return peer == PEER_SITE;
	case SCOPE_PROVIDER:
		return peer == PEER_SITE || !c->named || peer == PEER_PROVIDER;
	case SCOPE_CLOUD:
		return c->cloud_any || (peer == PEER_HOST && (hosts & known));
	case SCOPE_ANY:
		return true;
	}
	return false;
}

struct expectation {
	enum agfeo_reason reason;
	const struct service *row; /* the narrowest that allows, else that refuses; NULL: none */
	uint32_t width;
};

static uint32_t width_of(struct port_range ports)
{
	return ports.last - ports.first + 1u;
}

/* Of two rows that say the same, the narrower is told; then the device's own port before the
 * peer's, then voice before the rest (VISOfon lists one range for SIP and RTP), then the first. */
static bool is_better(const struct case_of *c, const struct service *row,
		      const struct expectation *found)
{
	struct port_range ports = expected_ports(c, row);

	if (width_of(ports) != found->width)
		return width_of(ports) < found->width;
	if (row->side != found->row->side)
		return row->side == AGFEO_LOCAL;
	return row->class == AGFEO_CLASS_VOICE && found->row->class != AGFEO_CLASS_VOICE;
}

/* Goes through all rows of the document for one device's side of one flow. */
static struct expectation expect(const struct case_of *c, enum agfeo_protocol protocol,
				 uint16_t local, uint16_t remote, bool out, enum peer peer,
				 unsigned known)
{
	struct expectation found = {.reason = AGFEO_REASON_NOT_LISTED};
	unsigned hosts = 0;

	for (const struct service *const *row = c->model->services; *row; row++)
		if (c->options || !(*row)->optional)
			hosts |= (*row)->hosts;
	for (const struct service *const *next = c->model->services; *next; next++) {
		const struct service *row = *next;
		struct port_range ports = expected_ports(c, row);
		uint16_t port = row->side == AGFEO_LOCAL ? local : remote;
		enum agfeo_reason reason = AGFEO_REASON_DIRECTION;

		if ((row->optional && !c->options) || row->protocol != protocol ||
		    (row->group && peer != PEER_GROUP) || port < ports.first || port > ports.last)
			continue;
		if (row->direction == AGFEO_BOTH || (row->direction == AGFEO_OUT) == out)
			reason = expected_scope(c, row, out, peer, hosts, known)
					 ? AGFEO_REASON_LISTED
					 : AGFEO_REASON_SCOPE;
		/* LISTED before SCOPE before DIRECTION before NOT_LISTED, then the narrower */
		if (found.reason != reason) {
			static const int rank[] = {[AGFEO_REASON_LISTED] = 0,
						   [AGFEO_REASON_SCOPE] = 1,
						   [AGFEO_REASON_DIRECTION] = 2,
						   [AGFEO_REASON_NOT_LISTED] = 3};

			if (rank[reason] > rank[found.reason])
				continue;
			found = (struct expectation){reason, row, width_of(ports)};
		} else if (is_better(c, row, &found)) {
			found.row = row;
			found.width = width_of(ports);
		}
	}
	return found;
}

/* ------------------------------------------------------------------ the walk */

struct walk {
	const struct case_of *c;
	const struct policy *policy;
	struct address peers[PEER_COUNT];
	unsigned asked, wrong;
};

/* Whether a row may be what the answer shows: rows of the same reach are told apart by nothing. */
static bool shows(const struct answer *answer, const struct expectation *expected)
{
	const struct policy_rule *rule = answer->judged[0].rule;

	if (!expected->row || !rule)
		return !expected->row && !rule;
	return (expected->reason != AGFEO_REASON_LISTED ||
		width_of(rule->ports) == expected->width);
}

static void ask(struct walk *walk, enum agfeo_protocol protocol, uint16_t local, uint16_t remote,
		bool out, enum peer peer, unsigned known)
{
	const struct device *device = &walk->policy->site->devices[0];
	struct expectation expected = expect(walk->c, protocol, local, remote, out, peer, known);
	struct address ours = device->addresses[walk->c->v6].address;
	struct address theirs = walk->peers[peer];
	struct question question = {
		.protocol = protocol == AGFEO_TCP ? IPPROTO_TCP : IPPROTO_UDP,
		.source = out ? ours : theirs,
		.destination = out ? theirs : ours,
		.source_port = out ? local : remote,
		.destination_port = out ? remote : local,
		.cloud_hosts = known,
	};
	struct answer answer;
	bool held;

	if (protocol == AGFEO_UDP && (local == 68 || local == 67 || local == 546 || local == 547) &&
	    (remote == 67 || remote == 68 || remote == 546 || remote == 547))
		return; /* DHCP is not judged */
	policy_ask(walk->policy, &question, &answer);
	held = answer.reason == expected.reason && answer.judged_count == 1 &&
	       answer.verdict ==
		       (expected.reason == AGFEO_REASON_LISTED ? AGFEO_PASS : AGFEO_DROP) &&
	       answer.judged[0].direction == (out ? AGFEO_OUT : AGFEO_IN) &&
	       answer.judged[0].device == device && answer.has_class == (expected.row != NULL) &&
	       shows(&answer, &expected);
	if (held && expected.reason == AGFEO_REASON_LISTED)
		held = answer.dscp == (answer.class == AGFEO_CLASS_VOICE ? AGFEO_EF : AGFEO_KEEP) &&
		       answer.class == answer.judged[0].rule->class;
	walk->asked++;
	if (!held && !walk->wrong++)
		printf("%s%s: %s local %u remote %u %s peer %d: %s, expected %s by %s\n",
		       walk->c->model->id, walk->c->named ? " named" : "", protocol_label(protocol),
		       local, remote, out ? "out" : "in", peer, reason_label(answer.reason),
		       reason_label(expected.reason), expected.row ? expected.row->name : "none");
}

static void ask_all(struct walk *walk, enum agfeo_protocol protocol, uint16_t local,
		    uint16_t remote)
{
	for (int peer = 0; peer < PEER_COUNT; peer++)
		for (int out = peer == PEER_GROUP; out < 2; out++) {
			if (peer != PEER_HOST) {
				ask(walk, protocol, local, remote, out, peer, 0);
				continue;
			}
			for (unsigned host = 0; host < AGFEO_HOST_COUNT; host++)
				ask(walk, protocol, local, remote, out, peer, 1u << host);
		}
}

/* Ports beside which a service begins or ends, and some that hardly any lists. */
static size_t interesting(const struct case_of *c, uint16_t *ports)
{
	static const uint16_t others[] = {1, 7, 1023, 1024, 40001, 65535};
	size_t count = 0;

	for (const struct service *const *row = c->model->services; *row; row++) {
		struct port_range range = expected_ports(c, *row);

		ports[count++] = range.first > 1 ? range.first - 1 : 1;
		ports[count++] = range.first;
		ports[count++] = range.last;
		ports[count++] = range.last < 65535 ? range.last + 1 : 65535;
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		ports[count++] = others[i];
	return count;
}

static unsigned walk_model(const struct case_of *c, unsigned *wrong)
{
	static const uint16_t beside[] = {7, 40001, 53};
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_(site_freep) struct site *site = NULL;
	char text[2048], option_list[256] = "", range[RANGE_TEXT];
	uint16_t ports[512];
	struct walk walk = {.c = c};
	size_t count, size;

	for (const char *const *option = model_options; c->options && *option; option++)
		if (model_has_option(c->model, *option)) {
			strcat(option_list, *option_list ? ", " : "enable = ");
			strcat(option_list, *option);
		}
	size = (size_t)sprintf(
		text,
		"[site]\nnetworks = 192.168.10.0/24, fd00:10::/64\ncloud = %s\n"
		"[provider p]\nnetworks = 217.10.64.0/20, 2001:ab7::/32\n"
		"[device d]\nmodel = %s\naddress = 192.168.10.2, fd00:10::2\n%s\n%s\n",
		c->cloud_any ? "any" : "names", c->model->id, option_list,
		c->named ? "provider = p" : "");
	if (c->channels)
		size += (size_t)sprintf(text + size, "channels = %u\n", c->channels);
	if (c->accounts)
		size += (size_t)sprintf(text + size, "sip-accounts = %u\n", c->accounts);
	if (c->rtp.first)
		size += (size_t)sprintf(text + size, "rtp-ports = %s\n",
					port_range_format(c->rtp, range));
	if (c->sip.first)
		sprintf(text + size, "sip-ports = %s\n", port_range_format(c->sip, range));

	CHECK_ROW(c->model->id);
	site = site_of(text);
	policy = policy_of(site);
	if (!policy)
		return 0;
	walk.policy = policy;
	for (int peer = 0; peer < PEER_COUNT; peer++)
		walk.peers[peer] = address_of(peer_address[c->v6][peer]);
	count = interesting(c, ports);
	for (int protocol = 0; protocol < AGFEO_PROTOCOL_COUNT; protocol++)
		for (size_t i = 0; i < count; i++)
			for (size_t j = 0; j < ARRAY_SIZE(beside); j++) {
				ask_all(&walk, protocol, ports[i], beside[j]);
				ask_all(&walk, protocol, beside[j], ports[i]);
			}
	*wrong += walk.wrong;
	return walk.asked;
}

static void test_models(void)
{
	unsigned asked = 0, wrong = 0, cases = 0;

	for (const struct model *const *model = models; *model; model++)
		for (int bits = 0; bits < 16; bits++) {
			struct case_of c = {.model = *model,
					    .named = bits & 1,
					    .options = bits & 2,
					    .cloud_any = bits & 4,
					    .v6 = (bits ^ bits >> 3) & 1};
			bool open_rtp = false, open_sip = false, required = false;
			bool channels = false, accounts = false;

			for (const struct service *const *row = (*model)->services; *row; row++) {
				open_rtp |= (*row)->port_rule == PORTS_RTP_OPEN;
				open_sip |= (*row)->port_rule == PORTS_SIP_OPEN;
				channels |= (*row)->port_rule == PORTS_CHANNELS;
				accounts |= (*row)->port_rule == PORTS_ACCOUNTS;
				required |=
					(*row)->port_rule == PORTS_RTP_OPEN && !(*row)->ports.first;
			}
			if (bits & 8 && channels)
				c.channels = (*model)->channels;
			if (bits & 8 && accounts)
				c.accounts = 3;
			if ((bits & 8 && open_rtp) || required)
				c.rtp = (struct port_range){65100, 65120};
			if (bits & 8 && open_sip)
				c.sip = (struct port_range){60104, 60104};
			asked += walk_model(&c, &wrong);
			cases++;
		}
	CHECK_ROW(NULL);
	CHECK_EQ(wrong, 0);
	CHECK(cases > 400 && asked > 1000000);
	printf("%u questions to %u configurations of all models\n", asked, cases);
}

/* ------------------------------------------------------------------ two devices */

/* Both ends are devices: both must agree, the source's refusal is told first, and the narrower of
 * the two rules says what the flow is. */
static void test_pairs(void)
{
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_(site_freep) struct site *site = NULL;
	static char text[8192];
	size_t size = 0, count = 0;
	unsigned wrong = 0, passed = 0;

	for (const struct model *const *model = models; *model; model++, count++)
		size += (size_t)sprintf(
			text + size, "[device d%zu]\nmodel = %s\naddress = 10.0.0.%zu\n%s", count,
			(*model)->id, count + 1,
			strcmp((*model)->id, "ip-video-tfe") ? "" : "rtp-ports = 9000-9010\n");
	site = site_of(text);
	policy = policy_of(site);
	if (!policy || !CHECK(count > 0))
		return;
	srandom(7);
	for (unsigned i = 0; i < 400000; i++) {
		size_t from = (size_t)random() % count, to = (size_t)random() % count;
		struct case_of a = {.model = models[from], .rtp = site->devices[from].rtp_ports};
		struct case_of b = {.model = models[to], .rtp = site->devices[to].rtp_ports};
		uint16_t ports[2][512];
		size_t many[2] = {interesting(&a, ports[0]), interesting(&b, ports[1])};
		uint16_t source_port = ports[0][(size_t)random() % many[0]];
		uint16_t destination_port = ports[1][(size_t)random() % many[1]];
		enum agfeo_protocol protocol = random() % 2;
		struct expectation first, second, told;
		struct question question;
		struct answer answer;

		if (from == to ||
		    (source_port <= 68 && destination_port <= 68 && source_port >= 67))
			continue;
		question = (struct question){
			.protocol = protocol ? IPPROTO_TCP : IPPROTO_UDP,
			.source = site->devices[from].addresses[0].address,
			.destination = site->devices[to].addresses[0].address,
			.source_port = source_port,
			.destination_port = destination_port,
		};
		first = expect(&a, protocol, source_port, destination_port, true, PEER_SITE, 0);
		second = expect(&b, protocol, destination_port, source_port, false, PEER_SITE, 0);
		told = first.reason != AGFEO_REASON_LISTED ? first : second;
		policy_ask(policy, &question, &answer);
		wrong += answer.reason != told.reason || answer.judged_count != 2 ||
			 answer.judged[0].device != &site->devices[from] ||
			 answer.judged[1].direction != AGFEO_IN;
		if (answer.reason == AGFEO_REASON_LISTED) {
			const struct service *row =
				second.width < first.width ? second.row : first.row;

			wrong += !row || answer.class != row->class;
			passed++;
		}
	}
	CHECK_EQ(wrong, 0);
	CHECK(passed > 1000);
}

/* ------------------------------------------------------------------ speed */

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void test_speed(void)
{
	enum { DEVICES = 10000, QUESTIONS = 1000000 };
	_cleanup_(freep) char *text = malloc(DEVICES * 80);
	_cleanup_(site_freep) struct site *site = NULL;
	_cleanup_(policy_freep) struct policy *policy = NULL;
	struct question question = {.protocol = IPPROTO_UDP, .source_port = 10000};
	unsigned passed = 0;
	double begun;
	size_t size = 0;

	for (unsigned i = 0; i < DEVICES; i++)
		size += (size_t)sprintf(text + size,
					"[device phone%u]\nmodel = t14-sip\naddress = 10.0.%u.%u\n",
					i, i / 250, i % 250 + 1);
	site = site_of(text);
	begun = seconds();
	policy = policy_of(site);
	if (!policy)
		return;
	printf("%d devices compiled in %.0f ms (sanitized)\n", DEVICES, (seconds() - begun) * 1e3);
	CHECK_EQ(policy->policy_count, 1);
	begun = seconds();
	for (unsigned i = 0; i < QUESTIONS; i++) {
		struct answer answer;

		question.source = site->devices[i * 7919u % DEVICES].addresses[0].address;
		question.destination = site->devices[i * 104729u % DEVICES].addresses[0].address;
		question.destination_port = (uint16_t)(10000 + i % 402);
		policy_ask(policy, &question, &answer);
		passed += answer.verdict == AGFEO_PASS;
	}
	printf("%d questions in %.0f ms (sanitized)\n", QUESTIONS, (seconds() - begun) * 1e3);
	CHECK(passed > QUESTIONS / 3);
}

int main(void)
{
	test_models();
	test_pairs();
	test_speed();
	return check_done();
}
