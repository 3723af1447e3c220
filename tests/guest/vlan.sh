#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# Voice in 802.1Q interfaces, with the programs at the VLAN interface itself and at the trunk below
# it, where the tag is in the packet or, as a card does it, beside it.

. "$(dirname "$0")/../e2e/lib.sh"
. "$E2E_DIR/lib_calls.sh"
. "$(dirname "$0")/lib_guest.sh"

VLAN=20
TAGGED4=192.168.30.70 TAGGED6=fd00:30::70

# The phone's cable carries VLAN 20 from the phone to the box, where an interface of its own ends it.
tagged_world() {
	ip -n "$WORLD-phone" address flush dev eth0
	ip -n "$WORLD-phone" link add link eth0 name eth0.$VLAN type vlan id $VLAN
	ip -n "$WORLD-phone" link set eth0.$VLAN up
	address phone eth0.$VLAN $TAGGED4/24 $TAGGED6/64
	ip -n "$WORLD-fw" link add link lan0 name lan0.$VLAN type vlan id $VLAN
	ip -n "$WORLD-fw" link set lan0.$VLAN up
	address fw lan0.$VLAN 192.168.30.1/24 fd00:30::1/64
	ip -n "$WORLD-phone" route replace default via 192.168.30.1
	ip -n "$WORLD-phone" -6 route replace default via fd00:30::1
	sed -i "s/$PHONE4, $PHONE6/$TAGGED4, $TAGGED6/; s,fd00:20::/64,&\, 192.168.30.0/24\, fd00:30::/64," \
		"$WORLD_DIR/agfeo.conf"
}

# calls WHERE: of both families, while the programs are there.
calls() {
	check "$1, IPv4: a call" call_begins four phone $TAGGED4 65110 pbx $PBX4 5230 300
	check "$1, IPv6: a call" call_begins six phone $TAGGED6 65112 pbx $PBX6 5232 300
	four_and_six "$1"
	check_equal "$1, IPv4: every packet is booked" "$(book four-b | jq .received)" "$(stream 65110 out packets)"
	telnet "$1"
	box unload > /dev/null
}

telnet() { # WHERE
	local before
	before=$(drops softphone not-listed)
	capture far pbx 'port 23'
	in_ns phone nc -w 1 -s $TAGGED4 $PBX4 23
	check "$1, telnet: counted as not-listed" wait_for 5 counted_more softphone not-listed "$before"
	capture_end far || not_ok "$1, telnet: the capture is not whole"
	check_equal "$1, telnet: does not arrive" 0 "$(count far 'port 23')"
}

by_vlan() {
	sed -i "s/interface lan0\]/interface lan0.$VLAN]/" "$WORLD_DIR/agfeo.conf"
	check 'a VLAN interface: the configuration loads' box load
	check_equal 'a VLAN interface: XDP is generic' generic "$(mode_of lan0.$VLAN xdp)"
	calls 'a VLAN interface'
	sed -i "s/interface lan0.$VLAN\]/interface lan0]/" "$WORLD_DIR/agfeo.conf"
}

# beside: the sender's stack leaves the tag beside the packet, and the box's card would keep it there;
# inline: it stands in the frame, as on a wire. ONOFF
by_trunk() {
	check "the trunk, tag $1: set up" in_ns phone ethtool -K eth0 txvlan $2
	check "the trunk, tag $1: at the box" in_ns fw ethtool -K lan0 txvlan $2 rxvlan $2
	check "the trunk, tag $1: the configuration loads" box load
	calls "the trunk, tag $1"
}

tools_built talk
test_begin vlan jq ethtool nc
world_up
needs 'VLAN interfaces (8021q)' ip -n "$WORLD-fw" link add link lan1 name probe type vlan id 9
ip -n "$WORLD-fw" link delete probe
tagged_world
by_vlan
by_trunk beside on
by_trunk inline off
test_end
