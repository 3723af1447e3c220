#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153 # what is sourced, and words without blanks
# Interfaces without Ethernet header, as PPPoE, WireGuard and mobile modems are: as the uplink, and as
# the way to a telephone. XDP is generic there, and takes the packet's beginning for Ethernet's.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_calls.sh"

SECONDS_OF_VOICE=4

# line NS NS: between two namespaces, "line0" in both, up.
line() {
	spawn line $1 python3 "$E2E_DIR/line.py" line0 line1
	wait_for 5 says line ready || return 1
	ip -n "$WORLD-$1" link set line1 netns "$WORLD-$2"
	ip -n "$WORLD-$2" link set line1 name line0
	ip -n "$WORLD-$1" link set line0 up
	ip -n "$WORLD-$2" link set line0 up
}

# The provider is behind the line.
by_line_outside() {
	ip -n "$WORLD-fw" address flush dev wan0 scope global
	address fw line0 $PUBLIC4/29 2001:db8:1::2/64
	ip -n "$WORLD-net" address flush dev box scope global
	address net line0 203.0.113.1/29 2001:db8:1::1/64
	ip -n "$WORLD-fw" route replace default dev line0
	ip -n "$WORLD-fw" -6 route replace default dev line0
	ip -n "$WORLD-net" route replace 192.168.0.0/16 dev line0
	ip -n "$WORLD-net" -6 route replace fd00::/16 dev line0
	in_ns fw nft add rule ip nat postrouting oifname line0 ip saddr 192.168.0.0/16 masquerade
	sed -i 's/interface wan0\]/interface line0]/' "$WORLD_DIR/agfeo.conf"
}

as_uplink() {
	check 'as uplink: it loads' box load
	check_equal 'as uplink: XDP is generic' generic "$(mode_of line0 xdp)"
	check 'as uplink, IPv4: a call through NAT' call_begins four pbx $PBX4 5230 prov $PROV4 30100 $SECONDS_OF_VOICE
	check 'as uplink, IPv6: a call' call_begins six pbx $PBX6 5232 prov $PROV6 30102 $SECONDS_OF_VOICE
	check 'as uplink: all hear each other' call_talks four six
	check_call 'as uplink, IPv4' four
	check_call 'as uplink, IPv6' six
	check_equal 'as uplink: all that came in is booked' \
		"$(($(book four-a | jq .received) + $(book six-a | jq .received)))" "$(voice_of pbx in)"
	check_equal 'as uplink: all of it re-marked' 0 "$(stats '[.devices[] | select(.device == "pbx").services[] |
		select(.class == "voice") | .in.pass.packets + .out.pass.packets - .remarked] | add')"
	check 'as uplink: unload' box unload
	stop line
}

# The telephone is behind the line, as one at home is.
by_line_inside() {
	ip -n "$WORLD-phone" address flush dev eth0 scope global
	address phone line0 $PHONE4/32 $PHONE6/128
	ip -n "$WORLD-phone" route replace default dev line0
	ip -n "$WORLD-phone" -6 route replace default dev line0
	ip -n "$WORLD-fw" route replace $PHONE4/32 dev line0
	ip -n "$WORLD-fw" -6 route replace $PHONE6/128 dev line0
	address fw wan0 $PUBLIC4/29 2001:db8:1::2/64
	address net box 203.0.113.1/29 2001:db8:1::1/64
	route_back fw 203.0.113.1 2001:db8:1::1
	ip -n "$WORLD-net" route replace 192.168.0.0/16 via $PUBLIC4
	ip -n "$WORLD-net" -6 route replace fd00::/16 via 2001:db8:1::2
	sed -i 's/interface line0\]/interface wan0]/; s/interface lan0\]/interface line0]/' "$WORLD_DIR/agfeo.conf"
}

route_back() {
	ip -n "$WORLD-$1" route replace default via $2
	ip -n "$WORLD-$1" -6 route replace default via $3
}

marked_of() { stats "[.devices[] | select(.device == \"softphone\").services[] | select(.class == \"voice\").remarked] | add // 0"; }

as_voice() {
	local heard
	check 'as voice interface: it loads' box load
	check_equal 'as voice interface: XDP is generic' generic "$(mode_of line0 xdp)"
	check 'as voice interface, IPv4: a call' call_begins near phone $PHONE4 65110 prov $PROV4 30110 $SECONDS_OF_VOICE
	check 'as voice interface, IPv4: they hear each other' call_talks near
	check_call 'as voice interface, IPv4' near
	heard=$(marked_of)
	check 'as voice interface, IPv6: a call' call_begins far phone $PHONE6 65112 prov $PROV6 30112 $SECONDS_OF_VOICE
	check 'as voice interface, IPv6: they hear each other' call_talks far
	check 'as voice interface, IPv6: ends' finish talk-far-a 70
	check 'as voice interface, IPv6: ends there too' finish talk-far-b 10
	# Marked here it would be lost: it leaves as it came, and nobody is told otherwise.
	check_equal 'as voice interface, IPv6: all of it leaves, unmarked' \
		"[$(book far-a | jq .sent),0,0]" "$(book far-b | jq -c '[.received, .lost, .ef]')"
	check_equal 'as voice interface, IPv6: towards it all is EF' \
		"[$(book far-b | jq .sent),0,$(book far-b | jq .sent)]" "$(book far-a | jq -c '[.received, .lost, .ef]')"
	check_equal 'as voice interface, IPv6: one way is booked as re-marked' \
		"$(book far-a | jq .received)" "$(($(marked_of) - heard))"
	check 'as voice interface: unload' box unload
}

tools_built talk
test_begin bare_ip jq python3
world_up
[ -c /dev/net/tun ] || { world_down; skip_all 'no /dev/net/tun'; }
if line fw net; then ok 'a line without Ethernet header'; else
	not_ok 'a line without Ethernet header'
	cat "$WORLD_DIR/log/line"
	test_end
fi
by_line_outside
as_uplink
check 'a line to a telephone' line fw phone
by_line_inside
as_voice
test_end
