/* SPDX-License-Identifier: GPL-2.0 */
/* Network interfaces as the kernel has them; see netdev.h. */
#include "kernel/netdev.h"

#include <errno.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/log.h"

#define NETDEV_RAWIP 519 /* ARPHRD_RAWIP, which glibc does not name */

/* How the packets of a link type begin. -EPFNOSUPPORT: with something that we do not parse. */
static int header_of(unsigned type, bool *ret_bare_ip)
{
	switch (type) {
	case ARPHRD_ETHER:
	case ARPHRD_LOOPBACK:
		*ret_bare_ip = false;
		return 0;
	case ARPHRD_PPP:
	case ARPHRD_NONE:
	case NETDEV_RAWIP:
	case ARPHRD_TUNNEL:
	case ARPHRD_TUNNEL6:
	case ARPHRD_SIT:
	case ARPHRD_IPGRE:
		*ret_bare_ip = true;
		return 0;
	default: /* the kernel's list, not ours */
		return -EPFNOSUPPORT;
	}
}

int netdev_find(const char *name, struct netdev *ret_netdev)
{
	_cleanup_(closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct netdev netdev = {.ifindex = if_nametoindex(name)};
	struct ifreq request = {};
	int err;

	if (fd < 0)
		return -errno;
	if (!netdev.ifindex)
		return -ENODEV;
	snprintf(netdev.name, sizeof(netdev.name), "%s", name);
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFMTU, &request))
		return -errno;
	netdev.mtu = request.ifr_mtu;
	if (ioctl(fd, SIOCGIFHWADDR, &request))
		return -errno;
	err = header_of(request.ifr_hwaddr.sa_family, &netdev.bare_ip);
	if (err)
		return err;
	*ret_netdev = netdev;
	return 0;
}

/* "lo, eth0, wlan0", cut to fit. */
static void list_netdevs(char *text, size_t size)
{
	struct if_nameindex *all = if_nameindex();
	size_t at = 0;

	snprintf(text, size, "none");
	for (struct if_nameindex *one = all; one && one->if_index && at + IFNAMSIZ + 4 < size;
	     one++)
		at += snprintf(text + at, size - at, "%s%s", at ? ", " : "", one->if_name);
	if (all)
		if_freenameindex(all);
}

static void await_netdev(const char *path, const struct interface *interface, struct netdev *netdev)
{
	warn("%s:%d: interface %s is not there: until it is, and 'agfeoctl run' or the next load "
	     "guards it, nothing that crosses it is judged; all others are guarded",
	     path, interface->line, interface->name);
	snprintf(netdev->name, sizeof(netdev->name), "%s", interface->name);
}

static void refuse_netdev(const char *path, const struct interface *interface, int err)
{
	char existing[512];

	switch (err) {
	case -ENODEV:
		list_netdevs(existing, sizeof(existing));
		say_at(stderr, path, interface->line,
		       "interface %s: this box has no interface of that name; it has: %s; "
		       "one that comes later (USB, PPPoE, VLAN) is 'optional = yes'",
		       interface->name, existing);
		break;
	case -EPFNOSUPPORT:
		say_at(stderr, path, interface->line,
		       "interface %s: neither Ethernet nor a plain IP link (PPP, tunnel): its "
		       "packets cannot be judged",
		       interface->name);
		break;
	default:
		say_at(stderr, path, interface->line, "interface %s: %s", interface->name,
		       strerror(-err));
	}
}

int netdev_find_all(const struct site *site, const char *path, struct netdev **ret_netdevs)
{
	_cleanup_(freep) struct netdev *netdevs =
		calloc(site->interface_count + 1, sizeof(*netdevs));
	int result = netdevs ? 0 : fail(-ENOMEM, "interfaces");

	for (size_t i = 0; netdevs && i < site->interface_count; i++) {
		int err = netdev_find(site->interfaces[i].name, &netdevs[i]);

		if (err == -ENODEV && site->interfaces[i].optional) {
			await_netdev(path, &site->interfaces[i], &netdevs[i]);
		} else if (err) {
			refuse_netdev(path, &site->interfaces[i], err);
			result = -ENODEV;
		}
	}
	if (result)
		return result;
	if (!site_faces_devices(site))
		warn("%s: no interface has role = voice, so that no device is guarded; write "
		     "[interface NAME] with role = voice",
		     path);
	*ret_netdevs = take_ptr(netdevs);
	return 0;
}

bool netdev_is_gone(unsigned ifindex)
{
	char name[IFNAMSIZ];

	return !if_indextoname(ifindex, name);
}

int netdev_refuse_gone(const char *name)
{
	fail(0,
	     "%s: the interface vanished while it was being loaded: 'agfeoctl load' again when it "
	     "is back, or take it out of the configuration",
	     name);
	return -ENODEV;
}
