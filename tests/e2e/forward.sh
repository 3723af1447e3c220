#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# forward = fast: known flows that are routed go from XDP to XDP, whole and EF, one router further;
# the kernel sees a packet a second of them. What is translated goes by the kernel, filters of others
# and changed neighbours have their say within two seconds, one fast interface is not enough, and one
# that comes back is fast again.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_calls.sh"

SECONDS_OF_CALL=8

# conf FAST...: the company's configuration, with these interfaces fast.
conf() {
	local interface
	site_conf
	for interface in "$@"; do
		sed -i "/^\[interface $interface\]/,/^role/ s/^\(role.*\)/\1\nforward = fast/" \
			"$WORLD_DIR/agfeo.conf"
	done
}

# Who is redirected to must have a queue for it: XDP or GRO at the other end of the veth. And what a
# veth hands to XDP has no checksum yet unless its sender makes one, as frames on a wire have.
receivers_ready() {
	local ns
	in_ns sw ethtool -K box gro on && in_ns net ethtool -K box gro on &&
		in_ns pbx ethtool -K eth0 gro on || return 1
	for ns in phone pbx prov; do in_ns $ns ethtool -K eth0 tx off || return 1; done
}

# What the kernel's own forwarding sees of the calls.
book_keeping() {
	in_ns fw nft -f - <<-RULES
		table ip seen {
			counter inside { }
			counter nat { }
			chain forward {
				type filter hook forward priority filter;
				ip saddr { $PHONE4, $PBX4 } ip daddr { $PHONE4, $PBX4 } udp sport { 5234, 65120 } counter name inside
				ip saddr { $PROV4, $PBX4 } udp dport { 5230, 30100 } counter name nat
			}
			chain held { }
		}
	RULES
}

seen() { in_ns fw nft list counter ip seen "$1" | awk '$1 == "packets" { print $2 }'; }

# fast_of DEVICE PORT: packets of that flow, both ways, that went without the kernel.
fast_of() {
	box flows --json | jq --arg at ":$2" --arg device "$1" \
		'[.flows[] | select(.device == $device and (.local | endswith($at))) | .in.fast + .out.fast] | add // 0'
}

calls_begin() {
	call_begins inside phone $PHONE4 65120 pbx $PBX4 5234 $SECONDS_OF_CALL &&
		call_begins nat pbx $PBX4 5230 prov $PROV4 30100 $SECONDS_OF_CALL &&
		call_talks inside nat
}

sent() { echo $(($(book "$1-a" | jq .sent) + $(book "$1-b" | jq .sent))); }

routed() {
	local before_inside before_nat
	before_inside=$(seen inside) before_nat=$(seen nat)
	check 'captures run' capture pbx pbx "udp and host $PHONE4"
	check 'the calls are on' calls_begin
	check 'the routed flow goes fast' wait_for 5 more_fast softphone 65120 20
	check_equal 'what is masqueraded does not' 0 "$(fast_of pbx 5230)"
	check_call 'routed' inside
	check_call 'masqueraded' nat
	check 'the capture is whole' capture_end pbx
	check_equal 'every packet of the phone is one router further' 0 \
		"$(count pbx "src host $PHONE4 and udp port 5234 and ip[8] != 63")"
	check_equal "and comes from the box's address" 0 \
		"$(count pbx "src host $PHONE4 and udp port 5234 and not ether src $(mac_of fw lan1)")"
	check_more 'the kernel forwarded some of them, a packet a second and way' 4 \
		$(($(seen inside) - before_inside))
	check_less 'but not a quarter' $(($(sent inside) / 4)) $(($(seen inside) - before_inside))
	check_equal 'and everything that it translates' "$(sent nat)" $(($(seen nat) - before_nat))
}

more_fast() { [ "$(fast_of "$1" "$2")" -gt "$3" ]; }

check_less() { check_more "$1: $3 of less than $2" "$3" "$2"; }

heard_more() { [ "$(booked "$1" received)" -gt $(($2 + 20)) ]; }

# Nothing is heard for a second, although there is talk.
falls_silent() {
	local before
	before=$(booked "$1" received)
	sleep 1
	[ "$(booked "$1" received)" = "$before" ]
}

# Another's filter, and another's address.
changes() {
	local before
	check 'a call is on' call_begins inside phone $PHONE4 65120 pbx $PBX4 5234 60
	check 'and goes fast' wait_for 10 more_fast softphone 65120 20
	in_ns fw nft add rule ip seen forward ip saddr $PHONE4 ip daddr $PBX4 drop
	check "another's filter holds it" wait_for 10 falls_silent inside-b
	in_ns fw nft flush chain ip seen forward
	before=$(booked inside-b received)
	check 'and lets it go on' wait_for 10 heard_more inside-b "$before"
	check 'the PBX gets another network card' in_ns pbx ip link set eth0 address 02:00:00:00:00:77
	in_ns pbx ping -qc 1 -W 3 192.168.10.1 > /dev/null
	before=$(booked inside-b received)
	check 'the call goes to the new one' wait_for 20 heard_more inside-b "$before"
	hang_up inside
	check 'the call ends' finish talk-inside-a 20
	finish talk-inside-b 20
}

one_is_not_enough() {
	local before
	conf lan0
	check 'the configuration loads with one fast interface' box load
	before=$(fast_of softphone 65120)
	check 'a call is on' call_begins inside phone $PHONE4 65120 pbx $PBX4 5234 4
	check_call 'one fast interface' inside
	check_equal 'nothing of it went fast' "$before" "$(fast_of softphone 65120)"
}

attached() { ip -n "$WORLD-fw" -d link show dev "$1" 2> /dev/null | grep -q 'prog/xdp'; }

# The daemon gives an interface that comes back the role that it had, forward = fast with it.
comes_back() {
	local before
	conf lan0 lan1
	check 'the configuration loads with two fast interfaces' box load
	spawn daemon fw "$AGFEOCTL" --pin "$WORLD_DIR/bpf/agfeo" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" run
	check 'the daemon is there' wait_for 30 test -s "$WORLD_DIR/textfile/agfeo.prom"
	ip -n "$WORLD-fw" link delete lan1
	# Under another name until its other end has a queue: the driver is asked once.
	wire fw back0 pbx eth0
	check 'receivers have queues again' receivers_ready
	ip -n "$WORLD-fw" link set back0 down
	ip -n "$WORLD-fw" link set back0 name lan1 up
	address fw lan1 192.168.10.1/24 fd00:10::1/64
	address pbx eth0 $PBX4/24 $PBX6/64
	route pbx 192.168.10.1 fd00:10::1
	check 'an interface that comes back is guarded' wait_for 30 attached lan1
	before=$(fast_of softphone 65120)
	check 'a call is on' call_begins inside phone $PHONE4 65120 pbx $PBX4 5234 4
	check 'and goes fast' wait_for 10 more_fast softphone 65120 $((before + 20))
	check_call 'over the interface that came back' inside
	stop daemon
}

# A driver that cannot send what is redirected to it would lose it.
driver_cannot() {
	local before
	in_ns pbx ethtool -K eth0 gro off
	conf lan0 lan1
	check 'a driver that takes no redirected frames is told' says_kernel
	before=$(fast_of softphone 65120)
	check 'a call is on' call_begins inside phone $PHONE4 65120 pbx $PBX4 5234 4
	check_call 'to a driver that cannot' inside
	check_equal 'nothing of it went fast' "$before" "$(fast_of softphone 65120)"
}

says_kernel() { box load 2>&1 | grep 'lan1.*take the kernel'; }

tools_built talk
test_begin forward jq ethtool tcpdump nft
world_up
check 'receivers have queues' receivers_ready
check 'the kernel keeps book' book_keeping
conf lan0 lan1 wan0
check 'the configuration loads' box load
routed
changes
one_is_not_enough
comes_back
driver_cannot
test_end
