/* SPDX-License-Identifier: GPL-2.0 */
/* See listen.h. */
#include "kernel/listen.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/netlink_dump.h"

#define MOST_INTERFACES 64
#define SNAP_LENGTH	2048 /* headers and what they say of themselves */
#define BUFFER_BYTES	(4 << 20)
#define BATCH		512 /* packets in one go, so that no interface starves the others */

/* What the catalogue lists for telephony, in a VLAN or not; transfers of files stay out. */
#define TELEPHONY "arp or udp or (tcp and (port 2153 or port 3232 or port 5060 or port 5904))"
#define FILTER	  "(" TELEPHONY ") or (vlan and (" TELEPHONY "))"

/* ------------------------------------------------------------------ one interface */

struct ear {
	const char *name;
	pcap_t *pcap;
	enum framing framing;
	struct discovery *discovery;
};

static int refuse(const struct ear *ear, int status)
{
	const char *said = ear->pcap ? pcap_geterr(ear->pcap) : "";

	if (status == PCAP_ERROR_NO_SUCH_DEVICE)
		return fail(0, "%s: this box has no interface of that name: 'ip link' names them",
			    ear->name);
	if (status == PCAP_ERROR_PERM_DENIED)
		return fail(0, "%s: listening needs root", ear->name);
	return fail(0, "%s: %s", ear->name, *said ? said : pcap_statustostr(status));
}

static int find_framing(struct ear *ear)
{
	switch (pcap_datalink(ear->pcap)) {
	case DLT_EN10MB:
		ear->framing = FRAMING_ETHERNET;
		return 0;
	case DLT_RAW:
		ear->framing = FRAMING_IP;
		return 0;
	case DLT_LINUX_SLL:
		ear->framing = FRAMING_SLL;
		return 0;
	default: /* libpcap's list, not ours */
		return fail(0, "%s: neither Ethernet nor a plain IP link", ear->name);
	}
}

static int set_filter(struct ear *ear)
{
	struct bpf_program program;
	int status = pcap_compile(ear->pcap, &program,
				  ear->framing == FRAMING_ETHERNET ? FILTER : TELEPHONY, 1,
				  PCAP_NETMASK_UNKNOWN);

	if (status)
		return refuse(ear, status);
	status = pcap_setfilter(ear->pcap, &program);
	pcap_freecode(&program);
	return status ? refuse(ear, status) : 0;
}

/* Not promiscuous: the box forwards, what matters comes to it anyway. */
static int ear_open(struct ear *ear)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	int status;

	ear->pcap = pcap_create(ear->name, error);
	if (!ear->pcap)
		return fail(0, "%s: %s", ear->name, error);
	pcap_set_snaplen(ear->pcap, SNAP_LENGTH);
	pcap_set_timeout(ear->pcap, 100);
	pcap_set_buffer_size(ear->pcap, BUFFER_BYTES);
	status = pcap_activate(ear->pcap);
	if (status < 0)
		return refuse(ear, status);
	if (find_framing(ear) || set_filter(ear))
		return -EINVAL;
	/* What the box sends is its own; libpcap says so where it cannot tell. */
	pcap_setdirection(ear->pcap, PCAP_D_IN);
	if (pcap_setnonblock(ear->pcap, 1, error))
		return fail(0, "%s: %s", ear->name, error);
	return 0;
}

static void hear(u_char *context, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct ear *ear = (struct ear *)context;

	discovery_learn(ear->discovery, ear->framing, bytes, header->caplen);
}

/* ------------------------------------------------------------------ all of them */

static volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
	(void)signal;
	interrupted = 1;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int hear_all(struct ear *ears, size_t count, unsigned seconds)
{
	int64_t end = now_ms() + (int64_t)seconds * 1000, left;
	struct pollfd fds[MOST_INTERFACES];

	for (size_t i = 0; i < count; i++)
		fds[i] = (struct pollfd){pcap_get_selectable_fd(ears[i].pcap), POLLIN, 0};
	while (!interrupted && (left = end - now_ms()) > 0) {
		if (poll(fds, count, left < 200 ? (int)left : 200) < 0 && errno != EINTR)
			return fail(errno, "listening");
		for (size_t i = 0; i < count; i++)
			if (pcap_dispatch(ears[i].pcap, BATCH, hear, (u_char *)&ears[i]) ==
			    PCAP_ERROR)
				return refuse(&ears[i], PCAP_ERROR);
	}
	return 0;
}

int listen_on(const char *const *interfaces, size_t count, unsigned seconds,
	      struct discovery *discovery)
{
	const struct sigaction action = {.sa_handler = on_signal};
	struct ear ears[MOST_INTERFACES] = {0};
	int err = 0;

	if (count > MOST_INTERFACES)
		return fail(0, "discover: at most %d interfaces at once: name some by --interface",
			    MOST_INTERFACES);
	for (size_t i = 0; i < count && !err; i++) {
		ears[i] = (struct ear){.name = interfaces[i], .discovery = discovery};
		err = ear_open(&ears[i]);
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (!err)
		err = hear_all(ears, count, seconds);
	for (size_t i = 0; i < count; i++)
		if (ears[i].pcap)
			pcap_close(ears[i].pcap);
	return err;
}

/* ------------------------------------------------------------------ neighbours */

struct asking {
	const char *const *interfaces;
	size_t count;
	struct discovery *discovery;
};

static bool is_asked(const struct asking *asking, int index)
{
	char name[IFNAMSIZ];

	if (!if_indextoname((unsigned)index, name))
		return false;
	for (size_t i = 0; i < asking->count; i++)
		if (!strcmp(asking->interfaces[i], name))
			return true;
	return false;
}

static void take_neighbour(const struct nlmsghdr *message, void *context)
{
	const struct asking *asking = context;
	const struct ndmsg *header = NLMSG_DATA(message);
	size_t size, length = header->ndm_family == AF_INET ? 4 : 16;
	const struct rtattr *destination, *link;
	struct mac_address mac;
	struct address address;
	uint32_t ipv4;
	const void *at;

	if (message->nlmsg_type != RTM_NEWNEIGH || !is_asked(asking, header->ndm_ifindex) ||
	    header->ndm_state & (NUD_FAILED | NUD_INCOMPLETE | NUD_NOARP))
		return;
	at = netlink_attributes(message, sizeof(*header), &size);
	destination = netlink_attribute(at, size, NDA_DST, length);
	link = netlink_attribute(at, size, NDA_LLADDR, sizeof(mac.bytes));
	if (!destination || !link || RTA_PAYLOAD(link) != sizeof(mac.bytes))
		return;
	memcpy(mac.bytes, RTA_DATA(link), sizeof(mac.bytes));
	if (length == 4) {
		memcpy(&ipv4, RTA_DATA(destination), sizeof(ipv4));
		address = address_from_v4(ipv4);
	} else {
		memcpy(address.bytes, RTA_DATA(destination), sizeof(address.bytes));
	}
	discovery_neighbour(asking->discovery, &address, &mac);
}

int listen_neighbours(const char *const *interfaces, size_t count, struct discovery *discovery)
{
	static const unsigned char families[] = {AF_INET, AF_INET6};
	struct asking asking = {interfaces, count, discovery};
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(families) && !err; i++) {
		const struct ndmsg every = {.ndm_family = families[i]};

		err = netlink_dump(RTM_GETNEIGH, &every, sizeof(every), take_neighbour, &asking);
	}
	return err ? fail(err, "neighbour table") : 0;
}
