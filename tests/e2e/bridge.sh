#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# A box that is a bridge: a call crosses it, is EF and counted once, although each packet meets two
# hooks; what is not IP passes (STP, ARP, LLDP, EAPOL), neighbour discovery works, strangers do not.

. "$(dirname "$0")/lib.sh"
. "$ROOT_DIR/tests/demo/peers.sh"
. "$(dirname "$0")/lib_calls.sh"
. "$(dirname "$0")/lib_bridge.sh"

arrived() { [ "$(count far "$1 and ether src $(mac_of phone eth0)")" -ge 3 ]; }

# frames WHAT FILTER ETHERTYPE TO: three of them cross from the phone's port to that of the PBX.
frames() {
	capture far pbx "$2"
	inject phone eth0 to=$4 mac="$(mac_of phone eth0)" ethertype=$3 size=46 count=3
	wait_for 10 arrived "$2"
	capture_end far || not_ok "$1: the capture is not whole"
	check_equal "$1 passes" 3 "$(count far "$2 and ether src $(mac_of phone eth0)")"
}

not_ip() {
	frames 'STP' 'ether dst 01:80:c2:00:00:00' 0x0026 01:80:c2:00:00:00
	frames 'LLDP' 'ether proto 0x88cc' 0x88cc 01:80:c2:00:00:0e
	frames 'EAPOL' 'ether proto 0x888e' 0x888e "$(mac_of pbx eth0)"
	frames 'a protocol that nobody knows' 'ether proto 0x9999' 0x9999 ff:ff:ff:ff:ff:ff
}

neighbours() {
	local ns
	for ns in phone pbx; do
		ip -n "$WORLD-$ns" neighbour flush dev eth0
		ip -n "$WORLD-$ns" -6 neighbour flush dev eth0
	done
	check 'ARP: the phone finds the PBX anew' in_ns phone ping -qc 1 -W 3 $PBX4
	check 'neighbour discovery: by IPv6 too' in_ns phone ping -6 -qc 1 -W 3 $PBX6
	check 'ARP: the PBX finds its router' in_ns pbx ping -qc 1 -W 3 192.168.0.1
	check 'neighbour discovery: by IPv6 too' in_ns pbx ping -6 -qc 1 -W 3 fd00::1
}

# Two calls, five seconds; then what was sent is what was counted, on each device's account.
calls() {
	local before_pbx before_phone packets
	before_pbx=$(($(voice_of pbx in) + $(voice_of pbx out)))
	before_phone=$(($(voice_of softphone in) + $(voice_of softphone out)))
	check "IPv$FAMILY: a call within" call_begins in phone $PHONE 65110 pbx $PBX 5230 5
	check "IPv$FAMILY: a call with the provider" call_begins out pbx $PBX 5232 prov $PROV 30100 5
	check "IPv$FAMILY: all hear each other" call_talks in out
	check_call "IPv$FAMILY, phone - PBX" in
	check_call "IPv$FAMILY, PBX - provider" out
	packets=$(($(book in-a | jq .sent) + $(book in-b | jq .sent)))
	check_equal "IPv$FAMILY: the phone's account has each packet once" $packets \
		$(($(voice_of softphone in) + $(voice_of softphone out) - before_phone))
	packets=$((packets + $(book out-a | jq .sent) + $(book out-b | jq .sent)))
	check_equal "IPv$FAMILY: and so has that of the PBX" $packets \
		$(($(voice_of pbx in) + $(voice_of pbx out) - before_pbx))
}

settled() {
	in_ns phone ping -qc 1 $PBX && in_ns phone ping -qc 1 192.168.0.1
	in_ns pbx ping -qc 1 $PROV
}

# refused WHAT FROM ADDRESS PORT DEVICE REASON: by the way, the bridge is a firewall.
refused() {
	local before
	before=$(drops $5 "$6")
	check_equal "$1: no answer" '' "$(knock $2 tcp $3 $4)"
	check_more "$1: counted as $6" "$before" "$(drops $5 "$6")"
}

tools_built talk inject
test_begin bridge jq nc
world_up
spawn web4 pbx nc -4 -lk 80
sed -i 's/^mode .*/&\nunknown = drop/; s/fd00:10::.64, fd00:20::.64/fd00::\/16/' "$WORLD_DIR/agfeo.conf"
check 'the configuration loads' box load
not_ip
neighbours
for family in 4 6; do
	family $family
	check "IPv$FAMILY: everybody is found" settled
	calls
done
check_equal 'the phone may see the web pages' '80 ' "$(knock phone tcp $PBX4 80)"
refused 'the phone may not telnet' phone $PBX4 23 softphone not-listed
refused 'the provider may not see the web pages' prov $PBX4 80 pbx scope
refused 'nor by IPv6' prov $PBX6 80 pbx scope
test_end
