/* SPDX-License-Identifier: GPL-2.0 */
/* A table of the kernel by rtnetlink: all links, qdiscs or neighbours. */
#ifndef USER_KERNEL_NETLINK_DUMP_H
#define USER_KERNEL_NETLINK_DUMP_H

#include <linux/rtnetlink.h>
#include <stddef.h>

/*
 * Asks for a dump: `type` is RTM_GETLINK and so on, `header` what follows the netlink header. Calls
 * back for each message of it. Returns 0 or a negative errno; says nothing.
 */
int netlink_dump(int type, const void *header, size_t header_size,
		 void (*each)(const struct nlmsghdr *message, void *context), void *context);

/* The attribute `type` among `size` bytes of them, with at least `least` bytes of value; or NULL. */
const struct rtattr *netlink_attribute(const void *attributes, size_t size, unsigned type,
				       size_t least);
/* Its value as a word, 0 without one; as text of at most `room` bytes, "" without one. */
unsigned netlink_word(const void *attributes, size_t size, unsigned type);
void netlink_text(const void *attributes, size_t size, unsigned type, char *text, size_t room);

/* What follows a message's own header: its attributes, and their size. */
const void *netlink_attributes(const struct nlmsghdr *message, size_t header_size,
			       size_t *ret_size);

#endif
