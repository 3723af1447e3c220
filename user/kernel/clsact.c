/* SPDX-License-Identifier: GPL-2.0 */
/* A filter on clsact egress; see clsact.h. */
#include "kernel/clsact.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"

/* Behind what administrators number by hand, and recognisable in `tc filter show`. */
#define OUR_HANDLE   0xa6f0
#define OUR_PRIORITY 0xa6f

static int put_filter(unsigned ifindex, int program, __u32 flags)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = program, .handle = OUR_HANDLE,
		    .priority = OUR_PRIORITY, .flags = flags);

	return bpf_tc_attach(&hook, &options);
}

int clsact_attach(unsigned ifindex, int program, bool *ret_created)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_EGRESS);
	int created = bpf_tc_hook_create(&hook);
	int err;

	if (created && created != -EEXIST)
		return created;
	err = put_filter(ifindex, program, 0);
	if (err) {
		if (!created)
			clsact_detach(ifindex, true);
		return err;
	}
	*ret_created = !created;
	return 0;
}

int clsact_replace(unsigned ifindex, int program)
{
	return put_filter(ifindex, program, BPF_TC_F_REPLACE);
}

/* Whoever else sat down at our handle has programs of other names, as far as we may ask for them. */
static bool is_ours(uint32_t id)
{
	_cleanup_(closep) int program = bpf_prog_get_fd_by_id(id);
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);

	if (program < 0)
		return errno == EPERM;
	return !bpf_obj_get_info_by_fd(program, &info, &length) &&
	       (!strncmp(info.name, "tc_egress", 9) || !strcmp(info.name, "tc_learn") ||
		!strcmp(info.name, "agfeo_pass"));
}

int clsact_query(unsigned ifindex, uint32_t *ret_program)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = OUR_HANDLE, .priority = OUR_PRIORITY);
	int err = bpf_tc_query(&hook, &options);

	/* Without the qdisc the kernel says EINVAL, without the interface ENODEV. */
	if (err || !is_ours(options.prog_id))
		return -ENOENT;
	*ret_program = options.prog_id;
	return 0;
}

/* ------------------------------------------------------------------ filters of others */

struct dump_request {
	struct nlmsghdr header;
	struct tcmsg tc;
};

/* Reads one answer of a dump. 1: another follows, 0: it was the last. */
static int read_answer(int fd, bool *ret_found)
{
	char buffer[16384];
	ssize_t length = recv(fd, buffer, sizeof(buffer), 0);

	if (length < 0)
		return -errno;
	for (struct nlmsghdr *message = (void *)buffer; NLMSG_OK(message, length);
	     message = NLMSG_NEXT(message, length)) {
		if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR)
			return 0;
		*ret_found = true;
	}
	return 1;
}

static bool has_filters(unsigned ifindex, unsigned minor)
{
	_cleanup_(closep) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct dump_request request = {
		.header.nlmsg_len = sizeof(request),
		.header.nlmsg_type = RTM_GETTFILTER,
		.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		.tc.tcm_family = AF_UNSPEC,
		.tc.tcm_ifindex = (int)ifindex,
		.tc.tcm_parent = TC_H_MAKE(TC_H_CLSACT, minor),
	};
	bool found = false;
	int more = 1;

	/* What cannot be asked is left alone. */
	if (fd < 0 || send(fd, &request, sizeof(request), 0) < 0)
		return true;
	while (more > 0)
		more = read_answer(fd, &found);
	return found || more < 0;
}

int clsact_detach(unsigned ifindex, bool remove_qdisc)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = OUR_HANDLE, .priority = OUR_PRIORITY);
	uint32_t program;
	int err = 0;

	if (!clsact_query(ifindex, &program))
		err = bpf_tc_detach(&hook, &options);
	if (err || !remove_qdisc || has_filters(ifindex, TC_H_MIN_INGRESS) ||
	    has_filters(ifindex, TC_H_MIN_EGRESS))
		return err;
	hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS; /* both: the qdisc itself */
	err = bpf_tc_hook_destroy(&hook);
	return err == -ENOENT || err == -EINVAL ? 0 : err; /* it was gone already */
}
