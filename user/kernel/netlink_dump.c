/* SPDX-License-Identifier: GPL-2.0 */
/* See netlink_dump.h. */
#include "kernel/netlink_dump.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"

#define ANSWER_MOST    (64 << 10) /* of one datagram; the kernel makes them of 32 KiB at most */
#define ANSWER_SECONDS 5

static int ask(int fd, int type, const void *header, size_t header_size)
{
	struct {
		struct nlmsghdr message;
		char header[64];
	} request = {
		.message =
			{
				.nlmsg_len = (__u32)NLMSG_LENGTH(header_size),
				.nlmsg_type = (__u16)type,
				.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
				.nlmsg_seq = 1,
			},
	};

	if (header_size > sizeof(request.header))
		return -EINVAL;
	memcpy(NLMSG_DATA(&request.message), header, header_size);
	return send(fd, &request, request.message.nlmsg_len, 0) < 0 ? -errno : 0;
}

/* 1: more datagrams follow; 0: that was all. */
static int take_datagram(const char *bytes, size_t size,
			 void (*each)(const struct nlmsghdr *message, void *context), void *context)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)bytes;
	unsigned left = (unsigned)size;

	for (; NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
		if (message->nlmsg_type == NLMSG_DONE)
			return 0;
		if (message->nlmsg_type == NLMSG_ERROR) {
			const struct nlmsgerr *error = NLMSG_DATA(message);

			return error->error ? error->error : 0;
		}
		each(message, context);
	}
	return 1;
}

int netlink_dump(int type, const void *header, size_t header_size,
		 void (*each)(const struct nlmsghdr *message, void *context), void *context)
{
	_cleanup_(closep) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	const struct timeval patience = {.tv_sec = ANSWER_SECONDS};
	_cleanup_(freep) char *bytes = malloc(ANSWER_MOST);
	int err;

	if (fd < 0)
		return -errno;
	if (!bytes)
		return -ENOMEM;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	err = ask(fd, type, header, header_size);
	while (!err) {
		ssize_t size = recv(fd, bytes, ANSWER_MOST, 0);
		int more;

		if (size < 0 && errno == EINTR)
			continue;
		if (size <= 0)
			return size < 0 ? -errno : -EPROTO;
		more = take_datagram(bytes, (size_t)size, each, context);
		if (more <= 0)
			return more;
	}
	return err;
}

const struct rtattr *netlink_attribute(const void *attributes, size_t size, unsigned type,
				       size_t least)
{
	const struct rtattr *attribute = attributes;
	unsigned left = (unsigned)size;

	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
		if ((attribute->rta_type & (unsigned)NLA_TYPE_MASK) == type &&
		    RTA_PAYLOAD(attribute) >= least)
			return attribute;
	return NULL;
}

unsigned netlink_word(const void *attributes, size_t size, unsigned type)
{
	const struct rtattr *attribute = netlink_attribute(attributes, size, type, sizeof(__u32));
	__u32 word = 0;

	if (attribute)
		memcpy(&word, RTA_DATA(attribute), sizeof(word));
	return word;
}

void netlink_text(const void *attributes, size_t size, unsigned type, char *text, size_t room)
{
	const struct rtattr *attribute = netlink_attribute(attributes, size, type, 1);

	*text = 0;
	if (attribute)
		snprintf(text, room, "%.*s", (int)RTA_PAYLOAD(attribute),
			 (const char *)RTA_DATA(attribute));
}

const void *netlink_attributes(const struct nlmsghdr *message, size_t header_size, size_t *ret_size)
{
	size_t size = message->nlmsg_len - NLMSG_HDRLEN, before = NLMSG_ALIGN(header_size);

	*ret_size = size > before ? size - before : 0;
	return (const char *)NLMSG_DATA(message) + before;
}
