#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# Calls go on without one lost packet, all EF, and new calls come about, while a million spoofed
# sources flood the PBX at full speed for half of the time: from the internet, and from the LAN.
# 16 s a call, or 60 s with FULL=1.
#
# Everything here runs on one CPU: the flood, the box, and who talks. A frame of the flood is made,
# crosses the veth and is judged before the next batch is made, so that the box is as fast as the flood
# and the ring between them does not overflow, unless other work on the machine keeps the kernel from
# emptying it: those frames the veth counts. Frames that were made, less those that the ring had no
# room for, and packets that were dropped are the same number, or the test fails.

. "$(dirname "$0")/lib.sh"
. "$ROOT_DIR/tests/demo/peers.sh"
. "$(dirname "$0")/lib_calls.sh"

CALL=16 CALL_MOST=280
[ -n "${FULL:-}" ] && CALL=60
WORLD4=45.0.0.0/12 WORLD6=2001:db8:bad::/108 SITE6=fd00:20::1:0:0/108
MIXED=$PBX_RTP_INSIDE-5263,5060,1-65535
CALLS='nat routed inside inside6'

# They are hung up, at the earliest after that time and not before the floods are over.
calls_begin() {
	call_begins nat pbx $PBX4 5230 prov $PROV4 30100 $CALL_MOST
	call_begins routed pbx $PBX6 5232 prov $PROV6 30102 $CALL_MOST
	call_begins inside phone $PHONE4 65120 pbx $PBX4 5234 $CALL_MOST
	call_begins inside6 phone $PHONE6 65118 pbx $PBX6 5236 $CALL_MOST
	BEGUN=$SECONDS
	call_talks $CALLS
}

calls_end() {
	while [ $((SECONDS - BEGUN)) -lt $CALL ]; do sleep 0.2; done
	check "$1: the calls were on all the time" hang_up $CALLS
	check_call "$1, PBX - provider, masqueraded" nat
	check_call "$1, PBX - provider, IPv6" routed
	check_call "$1, phone - PBX" inside
	check_call "$1, phone - PBX, IPv6" inside6
}

# flood NAME WHAT SECONDS NS INTERFACE-OF-BOX TARGET SOURCES PORTS [udp|tcp]: nothing of it passes.
flood() {
	local name=$1 what=$2 seconds=$3 ns=$4 before full frames
	before=$(dropped) full=$(no_room "$ns")
	flood_begins "$name" "$4" box "$(mac_of fw "$5")" "$6" "$7" "$8" "$seconds" "${9:-udp}"
	check "$what: the flood runs" finish "flood-$name" $((${seconds%.*} + 20))
	frames=$(flooded "$name" frames)
	note "$(tail -n 1 "$WORLD_DIR/log/flood-$name")"
	check_more "$what: a million sources" 999999 \
		"$(flooded "$name" sources)"
	full=$(($(no_room "$ns") - full))
	check_more "$what: nine of ten frames reach the box" $((frames * 9 / 10)) $((frames - full))
	check_equal "$what: every frame that reached it was dropped" $((frames - full)) \
		$(($(dropped) - before))
}

# no_room NS: frames that did not fit into the ring of the veth to the box.
no_room() { in_ns "$1" ethtool -S box | awk '/xdp_xmit_errors/ { sum += $2 } END { print sum + 0 }'; }

# Each in its turn, within half of the call's time.
from_the_internet() {
	local each
	each=$(jq -n "$CALL / 8")
	flood routed4 'routed' $each net wan0 $PBX4 $WORLD4 $MIXED
	flood own "the box's own address" $each net wan0 $PUBLIC4 $WORLD4 5060,5064-5071
	flood routed6 'routed, IPv6' $each net wan0 $PBX6 $WORLD6 $MIXED
	flood syn 'SYNs' $each net wan0 $PBX4 $WORLD4 80,443,389,1-65535 tcp
}

# The flood goes on by itself meanwhile.
calls_come_about() {
	local before
	before=$(dropped)
	flood_begins "$1" "$2" box "$(mac_of fw "$3")" $PBX4 $WORLD4 $MIXED 30
	wait_for 5 flood_arrives "$before"
	check "$1: meanwhile the phone calls the world, by PBX and provider" call_up
	check "$1: and hangs up" call_down
	if [ "$2" = net ]; then
		check "$1: and the provider calls the PBX" call_comes_in
	fi
	check "$1: the flood ran all the time" running "flood-$1"
	stop "flood-$1"
	note "$(tail -n 1 "$WORLD_DIR/log/flood-$1")"
}

flood_arrives() { [ "$(dropped)" -gt $(($1 + 1000)) ]; }

# Sources that look like the site's own, on ports that the site may reach: these are let in, each is a
# flow, and the table of the flows that no device opened fills. The calls must stand all the same, and
# so must what the devices signalled.
from_within() {
	local each signalling
	each=$(jq -n "$CALL / 6")
	signalling=$(map_entries signalling6)
	flood lan4 'LAN' $each sw lan0 $PBX4 $WORLD4 $MIXED
	flood lan6 'LAN, IPv6' $each sw lan0 $PBX6 $WORLD6 $MIXED
	flood_begins site6 sw box "$(mac_of fw lan0)" $PBX6 $SITE6 5060 60 udp 150000
	check 'LAN, as if from the site: it fills the table of the other flows' wait_for 15 others_is_full
	stop flood-site6
	note "$(tail -n 1 "$WORLD_DIR/log/flood-site6")"
	check_equal "LAN, as if from the site: and not that of the devices' signalling" "$signalling" \
		"$(map_entries signalling6)"
	check_equal 'LAN, as if from the site: and not that of voice' 2 "$(map_entries voice6)"
}

# As full as it gets: each CPU keeps some entries free for itself.
others_is_full() {
	box status --json | jq -e '.maps[] | select(.map == "others6") | .entries > 0.95 * .capacity'
}

tools_built talk flood
test_begin flood sipp baresip jq taskset
world_up
check 'one CPU for all' taskset -pc "$(taskset -pc $$ | sed 's/.*[^0-9]\([0-9]*\)$/\1/')" $$
family 4
speech 20
check 'the configuration loads' box load
check 'provider, PBX and phone register' peers_up

calls_come_about 'LAN' sw lan0
check 'calls begin' calls_begin
tables=$(flow_tables)
sleep $((CALL / 5))
from_the_internet
check_equal 'internet: the flow tables hold what they held' "$tables" "$(flow_tables)"
calls_end internet
calls_come_about internet net wan0

check 'calls begin' calls_begin
tables=$(flow_tables)
note "before: $tables"
sleep $((CALL / 5))
from_within
note "after: $(flow_tables)"
calls_end LAN
test_end
