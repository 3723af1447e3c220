/* SPDX-License-Identifier: GPL-2.0 */
/* What becomes of a new flow, from nothing but the policy: the datapath's order of questions. */
#include <netinet/in.h>

#include "policy/compile.h"

/* One end of the flow that is asked about; 0 is the source's. */
struct end {
	const struct policy_device *device; /* NULL: nobody's */
	const struct model_policy *model;   /* of the device */
	struct agfeo_peer peer;
	struct agfeo_opinion opinion;
};

/* A flow between two ends: what both have in common. */
struct asked {
	const struct policy *policy;
	const struct question *question;
	struct end end[2];
	bool group;
};

static void find_end(struct asked *asked, int which)
{
	const struct address *address =
		which ? &asked->question->destination : &asked->question->source;
	struct end *end = &asked->end[which];

	end->device = index_device(asked->policy, address);
	if (end->device)
		end->model = &asked->policy->policies[end->device->policy];
	end->peer = index_peer(asked->policy, address);
}

/* What the other end is to the device at this one. */
static unsigned peer_bits(const struct asked *asked, int which)
{
	const struct end *ours = &asked->end[which], *theirs = &asked->end[!which];
	unsigned bits = 0;

	if (asked->group)
		return AGFEO_PEER_GROUP;
	if (theirs->device || theirs->peer.flags & AGFEO_NETWORK_SITE)
		bits |= AGFEO_PEER_SITE;
	if (theirs->peer.providers & ours->device->providers)
		bits |= AGFEO_PEER_PROVIDER;
	if (!theirs->device && asked->question->cloud_hosts & ours->model->tables->cloud_hosts)
		bits |= AGFEO_PEER_CLOUD;
	return bits;
}

static bool is_malformed(const struct question *question)
{
	if (!question->source_port || !question->destination_port)
		return true;
	return question->source_port == question->destination_port &&
	       address_equal(&question->source, &question->destination);
}

/* An address that nobody has yet, or that only the same wire has. */
static bool is_unrouted(const struct address *address)
{
	return address_is_unspecified(address) || address_is_link_local(address);
}

/* What a device says with DHCP and IGMP, and what is said to it, stays in the site. */
static bool stays_in_site(const struct asked *asked)
{
	int other = asked->end[0].device ? 1 : 0;
	const struct end *end = &asked->end[other];

	if (!asked->end[!other].device || end->device || (other && asked->group))
		return true;
	return end->peer.flags & AGFEO_NETWORK_SITE ||
	       is_unrouted(other ? &asked->question->destination : &asked->question->source);
}

/* DHCP and IGMP, without which no device speaks: no list is asked, as in the datapath. */
static bool is_control(const struct asked *asked, bool v4)
{
	uint16_t client = v4 ? 68 : 546, server = v4 ? 67 : 547; /* RFC 2131, RFC 8415 */
	const struct question *question = asked->question;

	if (!stays_in_site(asked))
		return false;
	if (question->protocol == IPPROTO_IGMP)
		return v4;
	if (question->protocol != IPPROTO_UDP || is_malformed(question))
		return false;
	if (question->source_port == client)
		return question->destination_port == server;
	return question->source_port == server &&
	       (question->destination_port == client || question->destination_port == server);
}

/* Whether an echo may pass: those of the site may be pinged, and may ping, anybody. */
static bool is_from_site(const struct asked *asked)
{
	return asked->end[0].device || asked->end[0].peer.flags & AGFEO_NETWORK_SITE;
}

static void judge_end(struct asked *asked, int which)
{
	const struct question *question = asked->question;
	uint16_t local = which ? question->destination_port : question->source_port;
	uint16_t remote = which ? question->source_port : question->destination_port;
	struct end *end = &asked->end[which];

	end->opinion = agfeo_judge_side(
		end->model->tables, question->protocol == IPPROTO_TCP ? AGFEO_TCP : AGFEO_UDP,
		local, remote, which ? AGFEO_IN : AGFEO_OUT, peer_bits(asked, which));
}

static void add_judged(struct answer *answer, const struct end *end, int which, uint8_t rule)
{
	answer->judged[answer->judged_count++] = (struct judged){
		.device = end->device->device,
		.rule = rule ? &end->model->rules[rule] : NULL,
		.direction = which ? AGFEO_IN : AGFEO_OUT,
	};
}

static bool is_monitored(const struct asked *asked, const struct end *end)
{
	return asked->policy->settings.flags & AGFEO_SITE_MONITOR ||
	       (end->device && end->device->flags & AGFEO_DEVICE_MONITOR);
}

/*
 * One answer for the whole flow, whatever the devices list. A refusal is on the account of the first
 * end that is a device, and that one's mode enforces it or not, as everywhere; nothing that passes is
 * marked, and any device's monitor mode can be told.
 */
static void answer_all(const struct asked *asked, enum agfeo_reason reason, struct answer *answer)
{
	const struct end *first = &asked->end[asked->end[0].device ? 0 : 1];

	answer->reason = reason;
	answer->monitor = is_monitored(asked, first);
	if (agfeo_reason_verdict(reason) == AGFEO_PASS)
		answer->monitor |= is_monitored(asked, &asked->end[1]);
	for (int which = 0; which < 2; which++)
		if (asked->end[which].device)
			add_judged(answer, &asked->end[which], which, 0);
}

static void answer_refused(const struct asked *asked, const struct end *refuser,
			   struct answer *answer)
{
	uint8_t refused = refuser->opinion.refused;

	answer->reason = refuser->opinion.reason;
	answer->monitor = is_monitored(asked, refuser);
	if (refused) {
		answer->has_class = true;
		answer->class = refuser->model->rules[refused].class;
	}
	for (int which = 0; which < 2; which++) {
		const struct end *end = &asked->end[which];

		if (end->device)
			add_judged(answer, end, which,
				   end->opinion.rule ? end->opinion.rule : end->opinion.refused);
	}
}

static const struct agfeo_rule *rule_of(const struct end *end)
{
	return agfeo_rule_at(end->model->tables, end->opinion.rule);
}

static void answer_allowed(const struct asked *asked, struct answer *answer)
{
	const struct end *first = asked->end[0].device ? &asked->end[0] : &asked->end[1];
	const struct agfeo_rule *speaks = rule_of(first);

	if (asked->end[0].device && asked->end[1].device && !asked->group)
		speaks = agfeo_narrower(speaks, rule_of(&asked->end[1]));
	answer->reason = AGFEO_REASON_LISTED;
	answer->has_class = true;
	answer->class = speaks->class;
	answer->dscp = speaks->mark;
	answer->speaks = speaks;
	for (int which = 0; which < 2; which++) {
		const struct end *end = &asked->end[which];

		if (!end->device)
			continue;
		answer->monitor |= is_monitored(asked, end);
		add_judged(answer, end, which,
			   agfeo_rule_of_class(end->model->tables, end->opinion, speaks->class));
	}
}

/* UDP and TCP: every device at either end judges its own side, and all must agree. */
static void answer_ports(struct asked *asked, struct answer *answer)
{
	const struct end *refuser = NULL;

	if (is_malformed(asked->question)) {
		answer_all(asked, AGFEO_REASON_MALFORMED, answer);
		return;
	}
	for (int which = 0; which < 2; which++) {
		if (!asked->end[which].device)
			continue;
		judge_end(asked, which);
		if (!asked->end[which].opinion.rule && !refuser)
			refuser = &asked->end[which];
	}
	if (refuser)
		answer_refused(asked, refuser, answer);
	else
		answer_allowed(asked, answer);
}

void policy_ask(const struct policy *policy, const struct question *question,
		struct answer *ret_answer)
{
	struct asked asked = {.policy = policy, .question = question};
	struct answer answer = {.dscp = AGFEO_KEEP};
	bool v4 = address_is_v4(&question->source);

	asked.group = address_is_group(&question->destination);
	find_end(&asked, 0);
	if (!asked.group)
		find_end(&asked, 1);

	if (is_control(&asked, v4))
		answer_all(&asked, AGFEO_REASON_CONTROL, &answer);
	else if (!asked.end[0].device && !asked.end[1].device)
		answer_all(&asked,
			   policy->settings.flags & AGFEO_SITE_UNKNOWN_DROP
				   ? AGFEO_REASON_UNKNOWN_HOST
				   : AGFEO_REASON_NO_DEVICE,
			   &answer);
	else if (question->protocol == IPPROTO_UDP || question->protocol == IPPROTO_TCP)
		answer_ports(&asked, &answer);
	else if (question->protocol == (v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6))
		answer_all(&asked, is_from_site(&asked) ? AGFEO_REASON_ECHO : AGFEO_REASON_SCOPE,
			   &answer);
	else
		answer_all(&asked, AGFEO_REASON_NOT_LISTED, &answer);
	answer.verdict = agfeo_reason_verdict(answer.reason);
	*ret_answer = answer;
}
