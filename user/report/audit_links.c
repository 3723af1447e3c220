/* SPDX-License-Identifier: GPL-2.0 */
/* Rules about managed interfaces: how XDP runs, what the card does before it, what queues after. */
#include <string.h>

#include "report/audit.h"

#define XDP_MTU 3498 /* what drivers fit into one page beside XDP's head and tail room */

static bool is_one_of(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(word, *list))
			return true;
	return false;
}

/* ------------------------------------------------------------------ XDP */

static const char mtu_why[] =
	"Most drivers run native XDP only with frames that fit one page, an MTU of about 3,498 "
	"bytes; voice needs 1,500 at most (kernel documentation, networking/device_drivers).";
static const char generic_why[] =
	"Generic XDP runs after the kernel has made a buffer of each packet: a flood costs many "
	"times as much CPU, and voice waits behind it.";

/* Kinds that stand on another interface, and have no driver of their own that could run XDP. */
static const char *const stacked[] = {"vlan",  "bridge", "ppp",	      "macvlan", "ipvlan", "ifb",
				      "dummy", "vxlan",	 "wireguard", "gre",	 NULL};

static void judge_generic(struct audit *audit, const struct audit_interface *interface)
{
	bool large = interface->mtu > XDP_MTU;
	struct audit_finding *f;

	if (strcmp(interface->xdp, "generic") || interface->wants_generic)
		return;
	f = audit_add(audit, large ? "mtu" : "xdp-generic", AUDIT_WARNING,
		      large ? mtu_why : generic_why);
	find_object(f, "%s", interface->name);
	if (large) {
		find_text(f, "XDP runs in generic mode; an MTU of %u is too large for native mode",
			  interface->mtu);
		find_mend(f, "ip link set dev %s mtu 1500 && agfeoctl unload && agfeoctl load",
			  interface->name);
	} else if (*interface->lower) {
		find_text(f, "XDP runs in generic mode, as it must on a VLAN interface");
		find_mend(f,
			  "# manage %s instead: [interface %s]; or say that it is meant: xdp = "
			  "generic in [interface %s]",
			  interface->lower, interface->lower, interface->name);
	} else {
		find_text(f, "XDP runs in generic mode%s",
			  is_one_of(interface->kind, stacked)
				  ? ", as it must on this kind of interface"
				  : "; its driver has or allows no native mode");
		find_mend(f,
			  "# ethtool -i %s names the driver; if it is to stay so, write xdp = "
			  "generic in [interface %s]",
			  interface->name, interface->name);
	}
}

static void judge_attached(const struct audit_facts *facts, struct audit *audit,
			   const struct audit_interface *interface)
{
	struct audit_finding *f;

	if (!facts->loaded || (interface->present && strcmp(interface->xdp, "none")))
		return;
	f = audit_add(audit, "not-guarded", AUDIT_FAULT,
		      SOURCE_FIREWALL ": telephone systems are to stand behind a firewall; on this "
				      "interface nothing is judged, marked or counted.");
	find_object(f, "%s", interface->name);
	if (interface->present) {
		find_text(f, "the configuration names it, and no program is attached");
		find_mend(f, "agfeoctl load");
	} else {
		find_text(f, "the configuration names it, and this box has no such interface");
		find_mend(f, "# 'ip link' names the interfaces there are; then agfeoctl load");
	}
}

/* ------------------------------------------------------------------ offloads */

static const char merge_why[] =
	"Merged packets are judged, marked and counted as one, and a forwarding box may not merge "
	"what it cannot take apart again (ethtool(8), kernel documentation "
	"networking/segmentation-offloads).";
static const char strip_why[] =
	"A card that takes the 802.1Q tag out of the packet hides the VLAN from XDP: its priority "
	"bits cannot be set there, and VLANs cannot be told apart. " SOURCE_QOS
	": the network must carry the marking.";

static void judge_offload(struct audit *audit, const struct audit_interface *interface, bool on,
			  const char *id, const char *feature, const char *what, const char *why)
{
	struct audit_finding *f;

	if (!on)
		return;
	f = audit_add(audit, id, AUDIT_WARNING, why);
	find_object(f, "%s", interface->name);
	find_text(f, "%s (%s) is on: %s", id + strlen("offload-"), feature, what);
	find_mend(f, "ethtool -K %s %s off", interface->name, feature);
}

static void judge_offloads(struct audit *audit, const struct audit_interface *interface)
{
	judge_offload(audit, interface, interface->lro, "offload-lro", "lro",
		      "the card merges received packets, and native XDP is refused", merge_why);
	judge_offload(audit, interface, interface->gro_hardware, "offload-gro-hw", "rx-gro-hw",
		      "the card merges received packets before XDP sees them", merge_why);
	judge_offload(audit, interface, interface->gro_forwarding, "offload-gro-forwarding",
		      "rx-udp-gro-forwarding",
		      "UDP packets of a call are merged before tc and generic XDP see them",
		      merge_why);
	judge_offload(audit, interface, interface->gro_list, "offload-gro-list", "rx-gro-list",
		      "packets of a call are chained before tc and generic XDP see them",
		      merge_why);
	judge_offload(audit, interface, interface->vlan_strip && interface->has_vlans,
		      "offload-rxvlan", "rxvlan", "XDP does not see the VLANs that it carries",
		      strip_why);
}

/* ------------------------------------------------------------------ queues */

static const char qdisc_why[] =
	SOURCE_QOS ": „die verwendeten aktiven Netzwerkkomponenten … müssen QoS aktiv "
		   "unterstützen“. Where an upload fills the line, voice waits in the same queue "
		   "as everything else. (fq_codel and fq tell flows apart and let the small ones "
		   "go first; classful qdiscs and cake can put EF first.)";

/* What lets voice go first: by class, or by flow. */
static const char *const sound_qdiscs[] = {
	"prio", "htb",	    "hfsc", "drr", "ets",    "qfq", "mqprio",  "taprio",
	"cake", "fq_codel", "fq",   "sfq", "fq_pie", "cbq", "skbprio", NULL,
};
/* Which hold no packets of their own. */
static const char *const passive_qdiscs[] = {"noqueue", "ingress", "clsact", "mq", NULL};

/*
 * pfifo_fast goes by the priority that the kernel takes from the TOS of an IPv4 packet that it routes:
 * EF is "interactive", the first band. Nobody sets that for packets that are bridged.
 */
static bool lets_voice_first(const struct audit_interface *interface,
			     const struct audit_qdisc *qdisc)
{
	if (!strcmp(qdisc->kind, "pfifo_fast"))
		return !interface->in_bridge;
	return is_one_of(qdisc->kind, sound_qdiscs) && !qdisc->besteffort;
}

static void judge_qdisc(struct audit *audit, const struct audit_interface *interface)
{
	const struct audit_qdisc *blind = NULL;
	struct audit_finding *f;

	if (interface->role != AGFEO_ROLE_UPLINK)
		return;
	for (size_t i = 0; i < interface->qdisc_count; i++) {
		const struct audit_qdisc *qdisc = &interface->qdiscs[i];

		if (lets_voice_first(interface, qdisc))
			return;
		if (!is_one_of(qdisc->kind, passive_qdiscs) && !blind)
			blind = qdisc;
	}
	if (!blind)
		return;
	f = audit_add(audit, "qdisc", AUDIT_NOTE, qdisc_why);
	find_object(f, "%s", interface->name);
	find_text(f, "its qdisc %s%s does not let EF go first", blind->kind,
		  blind->besteffort ? " besteffort" : "");
	find_mend(f,
		  "tc qdisc replace dev %s root cake diffserv4 bandwidth 9mbit   # a little less "
		  "than the line's upload; without knowing it: fq_codel",
		  interface->name);
}

void audit_links(const struct audit_facts *facts, struct audit *audit)
{
	for (size_t i = 0; i < facts->interface_count; i++) {
		const struct audit_interface *interface = &facts->interfaces[i];

		judge_attached(facts, audit, interface);
		judge_generic(audit, interface);
		judge_offloads(audit, interface);
		judge_qdisc(audit, interface);
	}
}
