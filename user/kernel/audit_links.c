/* SPDX-License-Identifier: GPL-2.0 */
/* Managed interfaces: what they are, what stands on them, their qdiscs and offloads; see audit.h. */
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "kernel/audit.h"
#include "kernel/netlink_dump.h"

#define STACK_DEPTH 4 /* a bridge on a VLAN on a bond */

/* ------------------------------------------------------------------ links */

struct link {
	char name[IFNAMSIZ];
	unsigned index, mtu, lower, master;
	char kind[16];
	bool filters_vlans; /* a bridge that does */
};

struct links {
	struct link *rows;
	size_t count;
};

static void read_kind(struct link *link, const struct rtattr *info)
{
	const void *inner = RTA_DATA(info);
	size_t size = RTA_PAYLOAD(info);
	const struct rtattr *data = netlink_attribute(inner, size, IFLA_INFO_DATA, 0), *filters;

	netlink_text(inner, size, IFLA_INFO_KIND, link->kind, sizeof(link->kind));
	if (!data || strcmp(link->kind, "bridge"))
		return;
	filters = netlink_attribute(RTA_DATA(data), RTA_PAYLOAD(data), IFLA_BR_VLAN_FILTERING, 1);
	link->filters_vlans = filters && *(const __u8 *)RTA_DATA(filters);
}

static void take_link(const struct nlmsghdr *message, void *context)
{
	struct links *links = context;
	const struct ifinfomsg *header = NLMSG_DATA(message);
	const struct rtattr *info;
	struct link *rows;
	const void *at;
	size_t size;

	if (message->nlmsg_type != RTM_NEWLINK)
		return;
	rows = reallocarray(links->rows, links->count + 1, sizeof(*rows));
	if (!rows)
		return;
	links->rows = rows;
	rows += links->count++;
	*rows = (struct link){.index = (unsigned)header->ifi_index};
	at = netlink_attributes(message, sizeof(*header), &size);
	netlink_text(at, size, IFLA_IFNAME, rows->name, sizeof(rows->name));
	rows->mtu = netlink_word(at, size, IFLA_MTU);
	rows->master = netlink_word(at, size, IFLA_MASTER);
	/* A veth's other end may be in another namespace and is nothing that it stands on. */
	if (!netlink_attribute(at, size, IFLA_LINK_NETNSID, 4))
		rows->lower = netlink_word(at, size, IFLA_LINK);
	info = netlink_attribute(at, size, IFLA_LINKINFO, 0);
	if (info)
		read_kind(rows, info);
}

static const struct link *link_of(const struct links *links, const char *name, unsigned index)
{
	for (size_t i = 0; i < links->count; i++)
		if (name ? !strcmp(links->rows[i].name, name) : links->rows[i].index == index)
			return &links->rows[i];
	return NULL;
}

/* A VLAN, macvlan … on what it was made from, a bridge or bond on its ports; some levels of them. */
static bool stands_on(const struct links *links, const struct link *upper, const struct link *lower,
		      unsigned depth)
{
	for (size_t i = 0; i < links->count; i++) {
		const struct link *link = &links->rows[i];

		if (link != upper &&
		    (upper->lower == link->index || link->master == upper->index) &&
		    (link == lower || (depth && stands_on(links, link, lower, depth - 1))))
			return true;
	}
	return false;
}

static void add_name(char names[][IFNAMSIZ], size_t *count, const char *name)
{
	if (*count < AUDIT_STACK)
		memcpy(names[(*count)++], name, IFNAMSIZ);
}

static void describe_stack(struct audit_interface *interface, const struct links *links,
			   const struct link *link)
{
	for (size_t i = 0; i < links->count; i++) {
		const struct link *other = &links->rows[i];

		if (stands_on(links, link, other, STACK_DEPTH))
			add_name(interface->below, &interface->below_count, other->name);
		else if (stands_on(links, other, link, STACK_DEPTH))
			add_name(interface->above, &interface->above_count, other->name);
	}
}

/* Netlink does not say what a PPPoE line runs over; with one line there is no doubt. */
static void read_pppoe(struct links *links)
{
	_cleanup_(fclosep) FILE *file = fopen("/proc/net/pppoe", "re");
	char line[256], device[IFNAMSIZ], found[IFNAMSIZ] = "";
	const struct link *lower;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*x %*17[0-9a-fA-F:] %15s", device) != 1)
			continue;
		if (*found && strcmp(found, device))
			return;
		memcpy(found, device, sizeof(found));
	}
	lower = link_of(links, found, 0);
	for (size_t i = 0; lower && i < links->count; i++)
		if (!strcmp(links->rows[i].kind, "ppp"))
			links->rows[i].lower = lower->index;
}

static void describe(struct audit_interface *interface, const struct links *links)
{
	const struct link *link = link_of(links, interface->name, 0), *lower, *master;

	if (!link)
		return;
	lower = link_of(links, NULL, link->lower);
	master = link->master ? link_of(links, NULL, link->master) : NULL;
	interface->present = true;
	describe_stack(interface, links, link);
	interface->mtu = link->mtu;
	memcpy(interface->kind, link->kind, sizeof(interface->kind));
	if (!strcmp(link->kind, "vlan") && lower)
		memcpy(interface->lower, lower->name, sizeof(interface->lower));
	interface->in_bridge = master && !strcmp(master->kind, "bridge");
	interface->has_vlans = link->filters_vlans || (master && master->filters_vlans);
	for (size_t i = 0; i < links->count; i++)
		interface->has_vlans |=
			links->rows[i].lower == link->index && !strcmp(links->rows[i].kind, "vlan");
}

/* ------------------------------------------------------------------ qdiscs */

static bool is_besteffort(const void *attributes, size_t size)
{
	const struct rtattr *options = netlink_attribute(attributes, size, TCA_OPTIONS, 0);

	return options &&
	       netlink_attribute(RTA_DATA(options), RTA_PAYLOAD(options), TCA_CAKE_DIFFSERV_MODE,
				 4) &&
	       netlink_word(RTA_DATA(options), RTA_PAYLOAD(options), TCA_CAKE_DIFFSERV_MODE) ==
		       CAKE_DIFFSERV_BESTEFFORT;
}

static void take_qdisc(const struct nlmsghdr *message, void *context)
{
	struct audit_facts *facts = context;
	const struct tcmsg *header = NLMSG_DATA(message);
	char name[IFNAMSIZ];

	if (message->nlmsg_type != RTM_NEWQDISC ||
	    !if_indextoname((unsigned)header->tcm_ifindex, name))
		return;
	for (size_t i = 0; i < facts->interface_count; i++) {
		struct audit_interface *interface = &facts->interfaces[i];
		struct audit_qdisc *row = &interface->qdiscs[interface->qdisc_count];
		const void *at;
		size_t size;

		if (strcmp(interface->name, name) || interface->qdisc_count == AUDIT_QDISCS)
			continue;
		interface->qdisc_count++;
		at = netlink_attributes(message, sizeof(*header), &size);
		netlink_text(at, size, TCA_KIND, row->kind, sizeof(row->kind));
		row->root = header->tcm_parent == TC_H_ROOT;
		row->besteffort = !strcmp(row->kind, "cake") && is_besteffort(at, size);
	}
}

/* ------------------------------------------------------------------ offloads */

static int ethtool(const char *name, void *request)
{
	_cleanup_(closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = {.ifr_data = request};

	if (fd < 0)
		return -1;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	return ioctl(fd, SIOCETHTOOL, &ifr);
}

static unsigned count_features(const char *name)
{
	struct {
		struct ethtool_sset_info head;
		__u32 count;
	} request = {.head = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ull << ETH_SS_FEATURES}};

	if (ethtool(name, &request) || !request.head.sset_mask || request.count > 4096)
		return 0;
	return request.count;
}

/* Where a feature of that name writes that it is on. */
static bool *feature_member(struct audit_interface *interface, const char *name)
{
	const struct {
		const char *name;
		bool *value;
	} features[] = {
		{"rx-lro", &interface->lro},
		{"rx-gro-hw", &interface->gro_hardware},
		{"rx-udp-gro-forwarding", &interface->gro_forwarding},
		{"rx-gro-list", &interface->gro_list},
		{"rx-vlan-hw-parse", &interface->vlan_strip},
		{"hw-tc-offload", &interface->tc_offload},
	};

	for (size_t i = 0; i < ARRAY_SIZE(features); i++)
		if (!strncmp(name, features[i].name, ETH_GSTRING_LEN))
			return features[i].value;
	return NULL;
}

void audit_read_features(struct audit_interface *interface)
{
	unsigned count = count_features(interface->name), blocks = (count + 31) / 32;
	_cleanup_(freep) struct ethtool_gstrings *names =
		calloc(1, sizeof(*names) + (size_t)count * ETH_GSTRING_LEN);
	_cleanup_(freep) struct ethtool_gfeatures *states =
		calloc(1, sizeof(*states) + blocks * sizeof(states->features[0]));

	if (!count || !names || !states)
		return;
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_FEATURES;
	names->len = count;
	states->cmd = ETHTOOL_GFEATURES;
	states->size = blocks;
	if (ethtool(interface->name, names) || ethtool(interface->name, states))
		return;
	for (unsigned i = 0; i < count && i < names->len && i / 32 < states->size; i++) {
		bool *member = feature_member(interface, (const char *)names->data +
								 (size_t)i * ETH_GSTRING_LEN);

		if (member)
			*member = states->features[i / 32].active >> (i % 32) & 1;
	}
}

void audit_read_links(struct audit_facts *facts)
{
	const struct ifinfomsg every_link = {.ifi_family = AF_UNSPEC};
	const struct tcmsg every_qdisc = {.tcm_family = AF_UNSPEC};
	struct links links = {};

	netlink_dump(RTM_GETLINK, &every_link, sizeof(every_link), take_link, &links);
	read_pppoe(&links);
	for (size_t i = 0; i < facts->interface_count; i++) {
		describe(&facts->interfaces[i], &links);
		if (facts->interfaces[i].present)
			audit_read_features(&facts->interfaces[i]);
	}
	netlink_dump(RTM_GETQDISC, &every_qdisc, sizeof(every_qdisc), take_qdisc, facts);
	free(links.rows);
}
