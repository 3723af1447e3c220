/* SPDX-License-Identifier: GPL-2.0 */
/* What a driver can do with XDP; see xdp_features.h. Debian 12's headers lack linux/netdev.h. */
#include "kernel/xdp_features.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/cleanup.h"
#include "kernel/netlink_dump.h"

#define NETDEV_FAMILY	      "netdev"
#define NETDEV_DEV_GET	      1
#define NETDEV_DEV_IFINDEX    1
#define NETDEV_DEV_FEATURES   3
#define NETDEV_FAMILY_VERSION 1
#define ANSWER_SECONDS	      5
#define LOOPBACK_IFINDEX      1

/* One request with one attribute. */
struct request {
	struct nlmsghdr message;
	struct genlmsghdr generic;
	struct nlattr attribute;
	char value[16];
};

/* Returns the answer's attributes in `answer`, or a negative errno. */
static int ask(int fd, const struct request *request, char *answer, size_t room,
	       const void **ret_attributes, size_t *ret_size)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)answer;
	ssize_t size;

	if (send(fd, request, request->message.nlmsg_len, 0) < 0)
		return -errno;
	size = recv(fd, answer, room, 0);
	if (size < 0)
		return -errno;
	if (!NLMSG_OK(message, (unsigned)size))
		return -EPROTO;
	if (message->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *error = NLMSG_DATA(message);

		return error->error ? error->error : -EPROTO;
	}
	*ret_attributes = netlink_attributes(message, sizeof(struct genlmsghdr), ret_size);
	return 0;
}

static struct request request_of(int type, int command, int version, int attribute,
				 const void *value, size_t size)
{
	struct request request = {
		.message =
			{
				.nlmsg_len =
					(__u32)(offsetof(struct request, value) + NLA_ALIGN(size)),
				.nlmsg_type = (__u16)type,
				.nlmsg_flags = NLM_F_REQUEST,
				.nlmsg_seq = 1,
			},
		.generic = {.cmd = (__u8)command, .version = (__u8)version},
		.attribute = {.nla_len = (__u16)(NLA_HDRLEN + size), .nla_type = (__u16)attribute},
	};

	memcpy(request.value, value, size);
	return request;
}

static int find_family(int fd, char *answer, size_t room, uint16_t *ret_family)
{
	const struct request request =
		request_of(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, CTRL_ATTR_FAMILY_NAME,
			   NETDEV_FAMILY, sizeof(NETDEV_FAMILY));
	const struct rtattr *attribute;
	const void *attributes = NULL;
	size_t size = 0;
	int err = ask(fd, &request, answer, room, &attributes, &size);

	if (err)
		return err == -ENOENT ? -EOPNOTSUPP : err;
	attribute = netlink_attribute(attributes, size, CTRL_ATTR_FAMILY_ID, sizeof(*ret_family));
	if (!attribute)
		return -EPROTO;
	memcpy(ret_family, RTA_DATA(attribute), sizeof(*ret_family));
	return 0;
}

int xdp_features(unsigned ifindex, uint64_t *ret_features)
{
	_cleanup_(closep) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	const struct timeval patience = {.tv_sec = ANSWER_SECONDS};
	const struct rtattr *attribute;
	const uint32_t index = ifindex;
	struct request request;
	const void *attributes = NULL;
	uint16_t family = 0;
	char answer[8192] __attribute__((aligned(8)));
	size_t size = 0;
	int err;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	err = find_family(fd, answer, sizeof(answer), &family);
	if (err)
		return err;
	request = request_of(family, NETDEV_DEV_GET, NETDEV_FAMILY_VERSION, NETDEV_DEV_IFINDEX,
			     &index, sizeof(index));
	err = ask(fd, &request, answer, sizeof(answer), &attributes, &size);
	if (err)
		return err;
	attribute = netlink_attribute(attributes, size, NETDEV_DEV_FEATURES, sizeof(*ret_features));
	if (!attribute)
		return -EPROTO;
	memcpy(ret_features, RTA_DATA(attribute), sizeof(*ret_features));
	return 0;
}

bool xdp_features_told(void)
{
	uint64_t features;

	return xdp_features(LOOPBACK_IFINDEX, &features) != -EOPNOTSUPP;
}
