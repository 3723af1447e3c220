/* SPDX-License-Identifier: GPL-2.0 */
/* XDP on one interface; see xdp.h. */
#include "kernel/xdp.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/printable.h"

#define MTU_OF_ONE_BUFFER 3000 /* drivers put native XDP packets into a page, less head and tail */
#define PROGRAM_NAME	  (BPF_OBJ_NAME_LEN + 16)

enum attach_mode xdp_mode_of(unsigned ifindex)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);

	if (!ifindex || bpf_xdp_query((int)ifindex, 0, &query) || !query.prog_id)
		return ATTACH_NONE;
	return query.attach_mode == XDP_ATTACHED_SKB ? ATTACH_GENERIC : ATTACH_NATIVE;
}

static int create_link(unsigned ifindex, int program, unsigned flags)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = flags);
	int link = bpf_link_create(program, (int)ifindex, BPF_XDP, &options);

	return link < 0 ? -errno : link;
}

/* ", named 'NAME'"; "" where it has none, or we may not ask. */
static const char *name_of(__u32 id, char *text, size_t size)
{
	_cleanup_(closep) int program = bpf_prog_get_fd_by_id(id);
	char name[BPF_OBJ_NAME_LEN];
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);

	*text = '\0';
	if (program >= 0 && !bpf_obj_get_info_by_fd(program, &info, &length) && *info.name) {
		printable_copy(name, sizeof(name), info.name, strlen(info.name));
		snprintf(text, size, ", named '%s'", name);
	}
	return text;
}

static int refuse_busy(const struct netdev *netdev)
{
	char name[PROGRAM_NAME];
	__u32 id = 0;

	bpf_xdp_query_id((int)netdev->ifindex, 0, &id);
	fail(0,
	     "%s: another XDP program is attached (id %u%s), and is left alone: remove it with its "
	     "own tool or by 'ip link set dev %s xdp off', then load again ('bpftool prog show id "
	     "%u' says more of it)",
	     netdev->name, id, name_of(id, name, sizeof(name)), netdev->name, id);
	return -EBUSY;
}

/* The kernel gives a number, its reason only to the trace: say what it most likely means. */
static const char *native_reason(const struct netdev *netdev, int err, char *text, size_t size)
{
	if (err == -EOPNOTSUPP && netdev->mtu > MTU_OF_ONE_BUFFER)
		snprintf(text, size,
			 "its driver has no native XDP, or not with an MTU of %u; 1500 always fits",
			 netdev->mtu);
	else if (err == -EOPNOTSUPP)
		snprintf(text, size, "its driver has no native XDP");
	else if (netdev->mtu > MTU_OF_ONE_BUFFER)
		snprintf(text, size,
			 "its driver refuses native XDP with an MTU of %u (%s); 1500 always fits",
			 netdev->mtu, strerror(-err));
	else if (err == -ENOMEM || err == -ENOSPC)
		snprintf(text, size, "its driver has too few queues or memory for native XDP (%s)",
			 strerror(-err));
	else
		snprintf(text, size,
			 "its driver refuses native XDP (%s); LRO or too few queues are common "
			 "causes",
			 strerror(-err));
	return text;
}

static int attach_native(const struct netdev *netdev, int program)
{
	return create_link(netdev->ifindex, program, XDP_FLAGS_DRV_MODE);
}

static int attach_generic(const struct netdev *netdev, int program)
{
	return create_link(netdev->ifindex, program, XDP_FLAGS_SKB_MODE);
}

/* EBUSY: another link or program is there; EEXIST: the same, in the other mode. */
static bool is_busy(int err)
{
	return err == -EBUSY || err == -EEXIST;
}

int xdp_attach(const struct netdev *netdev, int program, enum xdp_mode wanted, int *ret_link,
	       enum attach_mode *ret_mode)
{
	bool native = wanted != XDP_GENERIC;
	char reason[256];
	int link = native ? attach_native(netdev, program) : attach_generic(netdev, program);

	if (link < 0 && !is_busy(link) && wanted == XDP_AUTO && link != -ENODEV) {
		int refusal = link;

		native = false;
		link = attach_generic(netdev, program);
		if (link >= 0)
			warn("%s: XDP runs in generic mode, which costs more CPU: %s", netdev->name,
			     native_reason(netdev, refusal, reason, sizeof(reason)));
	}
	if (link < 0 && netdev_is_gone(netdev->ifindex))
		return netdev_refuse_gone(netdev->name);
	if (link < 0 && is_busy(link))
		return refuse_busy(netdev);
	if (link < 0 && wanted == XDP_NATIVE) {
		fail(0, "%s: xdp = native, but %s; xdp = auto would take generic mode",
		     netdev->name, native_reason(netdev, link, reason, sizeof(reason)));
		return link;
	}
	if (link < 0)
		return fail(link, "%s: XDP cannot be attached", netdev->name);
	*ret_link = link;
	*ret_mode = native ? ATTACH_NATIVE : ATTACH_GENERIC;
	return 0;
}
