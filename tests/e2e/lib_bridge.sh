# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2086,SC2034,SC2153 # words without blanks; names of lib.sh
#
# The company of lib.sh with a box that is a bridge: one network for all, and the provider behind a
# router. For scripts that have sourced lib.sh; what it replaces is named alike there.
#
#   phone 192.168.20.70 -- lan0 \
#   pbx   192.168.10.2 --- lan1  [fw: br0]  wan0 -- 192.168.0.1 net -- prov 217.10.64.10
#
# Nobody translates addresses. The box has none.

NAMESPACES='fw phone pbx net prov'

world_made() {
	local ns port
	for ns in $NAMESPACES; do
		ip netns add "$WORLD-$ns"
		ip -n "$WORLD-$ns" link set lo up
	done
	ip -n "$WORLD-fw" link add br0 type bridge mcast_snooping 0 group_fwd_mask 0x4000
	ip -n "$WORLD-fw" link set br0 up
	wire fw lan0 phone eth0
	wire fw lan1 pbx eth0
	wire fw wan0 net box
	wire prov eth0 net prov
	for port in lan0 lan1 wan0; do ip -n "$WORLD-fw" link set $port master br0; done

	address phone eth0 $PHONE4/16 $PHONE6/16
	address pbx eth0 $PBX4/16 $PBX6/16
	address net box 192.168.0.1/16 fd00::1/16
	address net prov 217.10.64.1/24 2001:db8:217::1/64
	address prov eth0 $PROV4/24 $PROV6/64
	in_ns net sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	route phone 192.168.0.1 fd00::1
	route pbx 192.168.0.1 fd00::1
	route prov 217.10.64.1 2001:db8:217::1
}
