/* SPDX-License-Identifier: GPL-2.0 */
/* Rules about the kernel's own firewall: SIP helpers, timeouts, forwards, offloaded flows. */
#include <string.h>

#include "report/audit.h"

/* Linux counts a registration that is answered within two seconds as "unreplied", until the next
 * packet: keepalives must come within this time, not only within that of streams. */
#define UNREPLIED_LEAST	   30
#define STREAM_LEAST	   120
#define STREAM_RECOMMENDED 300
#define ESTABLISHED_LEAST  7440

/* ------------------------------------------------------------------ SIP ALG */

static const char alg_why[] =
	SOURCE_FIREWALL ": „stellen Sie … sicher, vorhandene SIP ALG (application layer "
			"gateway) bzw. andere SIP NAT Helper Verfahren ABZUSCHALTEN!“ A helper "
			"rewrites SIP bodies: one-way audio, failing registrations and calls that "
			"end by themselves.";

static void judge_helpers(const struct audit_facts *facts, struct audit *audit)
{
	bool there = facts->sip_module || facts->sip_built_in;

	if (facts->auto_helper == 1) {
		struct audit_finding *f =
			audit_add(audit, "sip-alg", there ? AUDIT_FAULT : AUDIT_WARNING, alg_why);

		find_object(f, "net.netfilter.nf_conntrack_helper");
		find_text(f, "helpers are assigned to flows by port number%s",
			  there ? ", and the SIP helper is there: SIP through this box is rewritten"
				: "; as soon as the SIP helper is loaded, SIP is rewritten");
		find_mend(f, "sysctl -w net.netfilter.nf_conntrack_helper=0   # and the same line "
			     "in /etc/sysctl.d/90-agfeo.conf");
	}
	for (size_t i = 0; i < facts->ruleset.helper_count; i++) {
		const struct helper *helper = &facts->ruleset.helpers[i];
		struct audit_finding *f = audit_add(audit, "sip-alg", AUDIT_FAULT, alg_why);

		find_object(f, "%s", helper->rule);
		find_text(f, "this rule gives flows to the kernel's SIP helper, which rewrites "
			     "them");
		find_mend(f, "%s   # and in the file that the rules come from", helper->undo);
	}
	if (facts->sip_module && facts->auto_helper != 1 && !facts->ruleset.helper_count) {
		struct audit_finding *f = audit_add(audit, "sip-module", AUDIT_NOTE, alg_why);

		find_object(f, "nf_conntrack_sip");
		find_text(f, "the module of the SIP helper is loaded; nothing uses it now");
		find_mend(f, "modprobe -r nf_nat_sip nf_conntrack_sip; printf 'blacklist "
			     "nf_conntrack_sip\\nblacklist nf_nat_sip\\n' > "
			     "/etc/modprobe.d/agfeo-sip.conf");
	}
}

/* ------------------------------------------------------------------ timeouts */

static const char stream_why[] = SOURCE_FIREWALL
	": „Achten Sie … auf korrekte TimeOut- bzw. UDP/TCP-Aging bzw. Verfalls-Werte“. "
	"RFC 4787 REQ-5: a UDP mapping must not expire in less than two minutes, five or more are "
	"recommended. A registration stays reachable only while keepalives come more often than "
	"this; what expires between two of them takes incoming calls away.";
static const char unreplied_why[] = SOURCE_FIREWALL
	": „Achten Sie … auf korrekte TimeOut- bzw. UDP/TCP-Aging bzw. Verfalls-Werte“. Linux "
	"counts a registration that is answered within two seconds as not replied to until the "
	"next packet, and keepalives over UDP come every 24 to 29 seconds (RFC 5626, 4.4.2): with "
	"less than 30 the mapping is gone before the first of them.";
static const char established_why[] = SOURCE_FIREWALL
	": „Achten Sie … auf korrekte TimeOut- bzw. UDP/TCP-Aging bzw. Verfalls-Werte“. "
	"RFC 5382 REQ-5: a TCP connection that is silent must be kept for two hours and four "
	"minutes, so that a keepalive every two hours still finds it. System telephones (5904), "
	"CTI (3232) and SIP over TCP stay connected for days.";

/* name: what is to be set; seconds 0 or FACT_UNKNOWN: nothing is said. */
static void judge_stream(struct audit *audit, const char *object, int64_t seconds, const char *mend)
{
	struct audit_finding *f;

	if (seconds <= 0 || seconds >= STREAM_RECOMMENDED)
		return;
	f = audit_add(audit, "udp-timeout", seconds < STREAM_LEAST ? AUDIT_FAULT : AUDIT_NOTE,
		      stream_why);
	find_object(f, "%s", object);
	find_text(f,
		  "UDP flows that were answered are forgotten after %lld s of silence: keepalives "
		  "of registrations must come at least every %lld s; %s",
		  (long long)seconds, (long long)seconds,
		  seconds < STREAM_LEAST ? "less than 120 s is too short"
					 : "300 s are recommended");
	find_mend(f, "%s", mend);
}

static void judge_unreplied(struct audit *audit, const char *object, int64_t seconds,
			    const char *mend)
{
	struct audit_finding *f;

	if (seconds <= 0 || seconds >= UNREPLIED_LEAST)
		return;
	f = audit_add(audit, "udp-timeout", AUDIT_FAULT, unreplied_why);
	find_object(f, "%s", object);
	find_text(f, "new UDP flows are forgotten after %lld s; less than %d s is too short",
		  (long long)seconds, UNREPLIED_LEAST);
	find_mend(f, "%s", mend);
}

static void judge_established(struct audit *audit, int64_t seconds)
{
	struct audit_finding *f;

	if (seconds <= 0 || seconds >= ESTABLISHED_LEAST)
		return;
	f = audit_add(audit, "tcp-timeout", AUDIT_WARNING, established_why);
	find_object(f, "net.netfilter.nf_conntrack_tcp_timeout_established");
	find_text(f,
		  "TCP connections are forgotten after %lld s of silence; less than %d s is too "
		  "short",
		  (long long)seconds, ESTABLISHED_LEAST);
	find_mend(f,
		  "sysctl -w net.netfilter.nf_conntrack_tcp_timeout_established=%d   # and the "
		  "same line in /etc/sysctl.d/90-agfeo.conf",
		  ESTABLISHED_LEAST);
}

static void judge_timeouts(const struct audit_facts *facts, struct audit *audit)
{
	judge_established(audit, facts->tcp_timeout);
	judge_unreplied(audit, "net.netfilter.nf_conntrack_udp_timeout", facts->udp_timeout,
			"sysctl -w net.netfilter.nf_conntrack_udp_timeout=30   # and the same line "
			"in /etc/sysctl.d/90-agfeo.conf");
	judge_stream(audit, "net.netfilter.nf_conntrack_udp_timeout_stream",
		     facts->udp_timeout_stream,
		     "sysctl -w net.netfilter.nf_conntrack_udp_timeout_stream=300   # and the same "
		     "line in /etc/sysctl.d/90-agfeo.conf");
	for (size_t i = 0; i < facts->ruleset.timeout_count; i++) {
		const struct udp_timeout *timeout = &facts->ruleset.timeouts[i];
		char mend[AUDIT_MEND];

		snprintf(mend, sizeof(mend),
			 "# in the nftables rules, 'ct timeout %s': policy = { unreplied : 30, "
			 "replied : 300 }",
			 timeout->name);
		judge_unreplied(audit, timeout->rule, (int64_t)timeout->unreplied, mend);
		judge_stream(audit, timeout->rule, (int64_t)timeout->replied, mend);
	}
}

/* ------------------------------------------------------------------ forwards */

static const char forbidden_why[] =
	SOURCE_FIREWALL ": „Geben Sie auf keinen Fall den Port 5060 (oder gar 80 bzw. 443) in der "
			"Firewall frei!“ Scanners find these ports within minutes; toll fraud "
			"follows.";
static const char forward_why[] =
	SOURCE_SAFETY ": from outside „keine Portfreigaben anzulegen, sondern … ausschließlich "
		      "geeignete, gesicherte Verbindungen (z.B. VPN)“. Where a provider needs one, "
		      "section 1.2: limited to the provider's VoIP servers.";

static bool covers(const struct prefix *network, const struct prefix *inner)
{
	return network->length <= inner->length && prefix_contains(network, &inner->address);
}

static bool reaches(const struct forward *forward, const struct prefix *device)
{
	struct address first = device->address, last = device->address;

	for (unsigned bit = device->length; bit < 128; bit++)
		last.bytes[bit / 8] |= (uint8_t)(0x80 >> (bit % 8));
	return memcmp(forward->first.bytes, last.bytes, sizeof(last.bytes)) <= 0 &&
	       memcmp(forward->last.bytes, first.bytes, sizeof(first.bytes)) >= 0;
}

static const struct audit_device *target_of(const struct audit_facts *facts,
					    const struct forward *forward)
{
	const struct audit_device *found = NULL;

	for (size_t i = 0; i < facts->device_count; i++)
		for (size_t j = 0; j < facts->devices[i].address_count; j++)
			if (reaches(forward, &facts->devices[i].addresses[j]) &&
			    (!found || facts->devices[i].pbx))
				found = &facts->devices[i];
	return found;
}

/* How many interfaces of that role a name of a rule stands for. */
static size_t stands_for(const struct audit_facts *facts, const char *pattern, bool uplink)
{
	size_t count = 0;

	for (size_t i = 0; i < facts->interface_count; i++)
		count += (facts->interfaces[i].role == AGFEO_ROLE_UPLINK) == uplink &&
			 interface_is(pattern, facts->interfaces[i].name);
	return count;
}

/* Each interface that the rule is for faces telephones; or it is for all but the uplinks. */
static bool comes_in_inside(const struct audit_facts *facts, const struct rule_interfaces *rule)
{
	size_t left_out = 0;

	if (!rule->count || rule->more)
		return false;
	for (size_t i = 0; i < rule->count; i++) {
		size_t uplinks = stands_for(facts, rule->names[i], true);

		left_out += uplinks;
		if (!rule->negated && (uplinks || !stands_for(facts, rule->names[i], false)))
			return false;
	}
	return !rule->negated || (left_out && left_out == stands_for(facts, "*", true));
}

/* Hairpin NAT: packets that come from inside are nobody's from outside. */
static bool is_from_inside(const struct audit_facts *facts, const struct forward *forward)
{
	size_t inside = 0;

	if (comes_in_inside(facts, &forward->interfaces))
		return true;
	for (size_t i = 0; i < forward->source_count; i++) {
		bool within = false;

		for (size_t j = 0; j < facts->network_count; j++)
			within |= covers(&facts->networks[j], &forward->sources[i]);
		inside += within;
	}
	return forward->source_limited && forward->source_count && inside == forward->source_count;
}

static void judge_forward(const struct audit_facts *facts, struct audit *audit,
			  const struct forward *forward)
{
	const struct audit_device *device = target_of(facts, forward);
	bool forbidden = device && device->pbx && forward->forbidden;
	struct audit_finding *f;
	char target[ADDRESS_TEXT];

	if (!device || is_from_inside(facts, forward) || (!forbidden && forward->source_limited))
		return;
	f = audit_add(audit, "port-forward", forbidden ? AUDIT_FAULT : AUDIT_WARNING,
		      forbidden ? forbidden_why : forward_why);
	find_object(f, "%s", forward->rule);
	find_text(f, "%s%s from %s forwarded to %s (%s%s)",
		  !strcmp(forward->ports, "all")  ? "ports: "
		  : strpbrk(forward->ports, ",-") ? "ports "
						  : "port ",
		  forward->ports, forward->source_limited ? "chosen addresses" : "anybody",
		  address_format(&forward->first, target), device->name,
		  device->pbx ? ", a telephone system" : "");
	find_mend(f, "%s   # and in the file that the rules come from", forward->undo);
}

/* ------------------------------------------------------------------ flow offload */

static const char flowtable_why[] =
	"A flowtable takes packets past forwarding (kernel documentation, "
	"networking/nf_flowtable): "
	"in software the programs at its own interfaces still see them, but qdiscs no longer get a "
	"priority from the DSCP. Programs at interfaces that stand on these (VLANs, bridges, PPP), "
	"and with hardware offload all programs, do not see them: no drop, no mark, no count.";

/* How packets that a flowtable takes come by the programs of an interface, in order of harm. */
enum passage { PASSAGE_NONE, PASSAGE_SEEN, PASSAGE_UNSEEN };

static bool is_among(const char names[][IFNAMSIZ], size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static enum passage passage_of(const struct flowtable *table,
			       const struct audit_interface *interface)
{
	enum passage passage = table->everywhere ? PASSAGE_SEEN : PASSAGE_NONE;

	if (table->everywhere && interface->below_count)
		passage = PASSAGE_UNSEEN;
	for (size_t i = 0; i < table->interface_count && passage != PASSAGE_UNSEEN; i++) {
		const char *name = table->interfaces[i];

		if (is_among(interface->below, interface->below_count, name))
			passage = PASSAGE_UNSEEN;
		else if (!strcmp(name, interface->name) ||
			 is_among(interface->above, interface->above_count, name))
			passage = PASSAGE_SEEN;
	}
	if (passage == PASSAGE_SEEN && (table->offload || interface->tc_offload))
		passage = PASSAGE_UNSEEN;
	return passage;
}

/* One rule, one finding: of the interface that it harms most. */
static void judge_flowtable(const struct audit_facts *facts, struct audit *audit,
			    const struct flowtable *table)
{
	const struct audit_interface *worst = NULL;
	enum passage passage = PASSAGE_NONE;
	struct audit_finding *f;
	bool hardware;

	for (size_t i = 0; i < facts->interface_count; i++) {
		enum passage one = passage_of(table, &facts->interfaces[i]);

		if (one > passage) {
			worst = &facts->interfaces[i];
			passage = one;
		}
	}
	if (!worst)
		return;
	hardware = table->offload || worst->tc_offload;
	f = audit_add(audit, "flow-offload",
		      passage == PASSAGE_UNSEEN ? AUDIT_FAULT : AUDIT_WARNING, flowtable_why);
	find_object(f, "%s", table->name);
	find_text(f, "flows through %s are handed to a flowtable%s", worst->name,
		  hardware		      ? ", and its hardware can take them over"
		  : passage == PASSAGE_UNSEEN ? " of what it stands on: the programs there do not "
						"see them"
					      : "");
	find_mend(f, "%s   # and in the file that the rules come from", table->undo);
}

static void judge_unread(const struct audit_facts *facts, struct audit *audit)
{
	struct audit_finding *f;

	if (!*facts->ruleset_errors && !facts->ruleset.cut)
		return;
	f = audit_add(audit, "not-checked", AUDIT_WARNING,
		      SOURCE_FIREWALL ": forwards and helpers are to be ruled out, and that could "
				      "not be done for all rules.");
	find_object(f, "firewall rules");
	find_text(f, "%s",
		  *facts->ruleset_errors ? facts->ruleset_errors
					 : "the ruleset is too large to be looked at as a whole");
	find_mend(f, "# run 'agfeoctl audit' as root, with nftables installed");
}

void audit_filters(const struct audit_facts *facts, struct audit *audit)
{
	judge_helpers(facts, audit);
	judge_timeouts(facts, audit);
	for (size_t i = 0; i < facts->ruleset.forward_count; i++)
		judge_forward(facts, audit, &facts->ruleset.forwards[i]);
	for (size_t i = 0; i < facts->ruleset.flowtable_count; i++)
		judge_flowtable(facts, audit, &facts->ruleset.flowtables[i]);
	judge_unread(facts, audit);
}
