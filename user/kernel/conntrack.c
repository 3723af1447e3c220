/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's table of connections, by libnetfilter_conntrack; see conntrack.h. */
#include "kernel/conntrack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/cleanup.h"

#define ANSWER_SECONDS 5
/* There where connections are tracked at all. To ask by netlink would load the tracking. */
#define TRACKING "/proc/sys/net/netfilter/nf_conntrack_count"

struct visit {
	void (*each)(const struct tracked_flow *flow, void *context);
	void *context;
};

/* Attributes of one direction of a connection. */
struct tuple {
	enum nf_conntrack_attr family, source4, destination4, source6, destination6, source_port,
		destination_port;
};

static const struct tuple original = {
	ATTR_ORIG_L3PROTO,  ATTR_ORIG_IPV4_SRC, ATTR_ORIG_IPV4_DST, ATTR_ORIG_IPV6_SRC,
	ATTR_ORIG_IPV6_DST, ATTR_ORIG_PORT_SRC, ATTR_ORIG_PORT_DST,
};
static const struct tuple reply = {
	ATTR_REPL_L3PROTO,  ATTR_REPL_IPV4_SRC, ATTR_REPL_IPV4_DST, ATTR_REPL_IPV6_SRC,
	ATTR_REPL_IPV6_DST, ATTR_REPL_PORT_SRC, ATTR_REPL_PORT_DST,
};

static bool read_address(const struct nf_conntrack *connection, uint8_t family,
			 enum nf_conntrack_attr attribute4, enum nf_conntrack_attr attribute6,
			 struct address *ret_address)
{
	const void *bytes;

	if (family == AF_INET && nfct_attr_is_set(connection, attribute4) > 0) {
		*ret_address = address_from_v4(nfct_get_attr_u32(connection, attribute4));
		return true;
	}
	bytes = family == AF_INET6 ? nfct_get_attr(connection, attribute6) : NULL;
	if (bytes)
		memcpy(ret_address->bytes, bytes, sizeof(ret_address->bytes));
	return bytes;
}

static bool read_tuple(const struct nf_conntrack *connection, const struct tuple *tuple,
		       struct tracked_flow *ret_flow)
{
	uint8_t family = nfct_get_attr_u8(connection, tuple->family);

	if (!read_address(connection, family, tuple->source4, tuple->source6, &ret_flow->source) ||
	    !read_address(connection, family, tuple->destination4, tuple->destination6,
			  &ret_flow->destination))
		return false;
	ret_flow->source_port = ntohs(nfct_get_attr_u16(connection, tuple->source_port));
	ret_flow->destination_port = ntohs(nfct_get_attr_u16(connection, tuple->destination_port));
	return true;
}

/* What the other end sends, turned round: the opener's packets as the other end gets them. */
static struct tracked_flow turned(const struct tracked_flow *flow)
{
	return (struct tracked_flow){
		.source = flow->destination,
		.destination = flow->source,
		.source_port = flow->destination_port,
		.destination_port = flow->source_port,
	};
}

static bool same_ends(const struct tracked_flow *a, const struct tracked_flow *b)
{
	return address_equal(&a->source, &b->source) &&
	       address_equal(&a->destination, &b->destination) &&
	       a->source_port == b->source_port && a->destination_port == b->destination_port;
}

static int visit_connection(enum nf_conntrack_msg_type type, struct nf_conntrack *connection,
			    void *context)
{
	const struct visit *visit = context;
	struct tracked_flow opened, answer, arrives;

	(void)type;
	if (nfct_get_attr_u8(connection, ATTR_L4PROTO) != IPPROTO_UDP ||
	    !read_tuple(connection, &original, &opened) || !read_tuple(connection, &reply, &answer))
		return NFCT_CB_CONTINUE;
	arrives = turned(&answer);
	opened.answered = arrives.answered =
		nfct_get_attr_u32(connection, ATTR_STATUS) & IPS_SEEN_REPLY;
	visit->each(&opened, visit->context);
	if (!same_ends(&opened, &arrives))
		visit->each(&arrives, visit->context);
	return NFCT_CB_CONTINUE;
}

static void nfct_closep(struct nfct_handle **handle)
{
	if (*handle)
		nfct_close(*handle);
}

int conntrack_each_udp(void (*each)(const struct tracked_flow *flow, void *context), void *context)
{
	const struct timeval patience = {.tv_sec = ANSWER_SECONDS};
	struct visit visit = {each, context};
	const uint32_t both_families = AF_UNSPEC;
	_cleanup_(nfct_closep) struct nfct_handle *handle = NULL;

	if (access(TRACKING, F_OK))
		return 0;
	handle = nfct_open(CONNTRACK, 0);
	if (!handle)
		return -errno;
	setsockopt(nfct_fd(handle), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (nfct_callback_register(handle, NFCT_T_ALL, visit_connection, &visit) ||
	    nfct_query(handle, NFCT_Q_DUMP, &both_families) < 0)
		return errno ? -errno : -EIO;
	return 0;
}
