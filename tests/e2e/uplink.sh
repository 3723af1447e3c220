#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# A NAT box: what may never come in is shed at the uplink before NAT and connection tracking see it,
# what is routed to a device is judged there, answers and providers come in, and a packet that
# crosses two hooks is counted once. Who borrows a device's address is found out.

. "$(dirname "$0")/lib.sh"
. "$ROOT_DIR/tests/demo/peers.sh"
. "$(dirname "$0")/lib_calls.sh"

# In the box, behind XDP and before everything else of the kernel: what came in by the uplink.
watch_uplink() {
	in_ns fw nft -f - <<-RULES
		table netdev watch {
			counter attacker { }
			counter provider { }
			counter borrowed { }
			counter dhcp { }
			chain ingress {
				type filter hook ingress device wan0 priority -500;
				ip saddr $ATT4 counter name attacker
				ip6 saddr $ATT6 counter name attacker
				ip saddr $PROV4 counter name provider
				ip6 saddr $PROV6 counter name provider
				ip saddr { $PBX4, $PHONE4 } counter name borrowed
				ip6 saddr { $PBX6, $PHONE6 } counter name borrowed
				udp sport { 67, 547 } udp dport { 68, 546 } counter name dhcp
			}
		}
	RULES
}

came_in() { in_ns fw nft list counter netdev watch "$1" | awk '$1 == "packets" { print $2 }'; }

# Connections that the box keeps with an address.
tracked() { in_ns fw cat /proc/net/nf_conntrack | grep -c "src=$1 "; }

# The ports that an AGFEO system has for its site alone, and its SIP client.
SITE_TCP='80 389 443 3232 5904' SITE_UDP="5060 12189" CLIENT_UDP='5064 5067 5071'

scan_box() {
	knock att tcp $PUBLIC4 $SITE_TCP
	knock att udp $PUBLIC4 $SITE_UDP $CLIENT_UDP
}

without_the_box() {
	check_equal 'without agfeoctl: a forwarded port answers' '80 ' "$(knock att tcp $PUBLIC4 80)"
	scan_box > /dev/null
	check_more 'without agfeoctl: a scan is tracked' 5 "$(tracked $ATT4)"
	check_more 'without agfeoctl: and forwarded' 1 "$(forwarded)"
	# So that nothing is left of it.
	ip -n "$WORLD-att" address del $ATT4/24 dev eth0
	ATT4=198.51.100.67
	ip -n "$WORLD-att" address add $ATT4/24 dev eth0
	route att 198.51.100.1 2001:db8:666::1 2> /dev/null
}

# The attacker has an address that the box has not met.
from_the_internet() {
	local seen before ports
	seen=$(forwarded)
	before=$(drops '' scope)
	ports=$(echo $SITE_TCP $SITE_UDP $CLIENT_UDP | wc -w)
	check_equal "own address: no service port answers" '' "$(scan_box)"
	check_more "own address: each of $ports ports is counted as scope" $((before + ports - 1)) \
		"$(drops '' scope)"
	check_equal 'own address: nothing gets past XDP' 0 "$(came_in attacker)"
	check_equal 'own address: nothing is tracked' 0 "$(tracked $ATT4)"
	check_equal 'own address: the forwards of 5060, 80 and 443 are not asked' "$seen" "$(forwarded)"
	check_equal 'own address: what is no service of ours is left to the box (ssh refuses)' '22 ' \
		"$(knock att tcp $PUBLIC4 22)"
}

# judged WHAT REASON COMMAND...: stopped at the uplink itself, on the account of the PBX.
judged() {
	local what=$1 reason=$2 before seen
	shift 2
	seen=$(came_in attacker)
	before=$(drops pbx "$reason")
	check_equal "$what: no answer" '' "$("$@")"
	check_more "$what: counted as $reason of the PBX" "$before" "$(drops pbx "$reason")"
	check_equal "$what: nothing gets past XDP" "$seen" "$(came_in attacker)"
}

routed() {
	local target
	for target in $PBX4 $PBX6; do
		judged "to $target, web pages" scope knock att tcp $target 80
		judged "to $target, registrar" scope knock att udp $target 5060
		judged "to $target, voice" scope knock att udp $target 5204
		judged "to $target, ssh" not-listed knock att tcp $target 22
		judged "to $target, SIP client" direction knock att udp $target 5064
	done
}

from_the_provider() {
	check 'the PBX registers: the answer reaches its SIP client through NAT' pbx_register
	check 'calls to and from the provider, masqueraded' call_begins nat pbx $PBX4 5230 prov $PROV4 30100 4
	check 'and by IPv6, which the provider begins' call_begins six prov $PROV6 30102 pbx $PBX6 5232 4
	check 'both ends of both talk' call_talks nat six
	check_call 'call, masqueraded' nat
	check_call 'call, IPv6 from the provider' six
}

# Twenty packets cross XDP of the uplink and tc of the LAN; both judge, one counts.
counted_once() {
	check_equal 'IPv6 voice: the flow counts each packet once' 20 \
		"$(box flows --json | jq '.flows[] | select(.local | test(":5240$")) | .in.packets')"
}

voice_from_provider() {
	local before
	before=$(voice_of pbx in)
	inject prov eth0 to="$(mac_of net prov)" udp $PROV6 30110 $PBX6 5240 rtp=1 count=20 every=10
	sleep 0.2
	check_equal 'IPv6 voice: two hooks count each packet once' 20 "$(($(voice_of pbx in) - before))"
	counted_once
	before=$(voice_of pbx in)
	inject prov eth0 to="$(mac_of net prov)" udp $PROV6 30112 $PBX6 5242 rtp=1 count=200
	sleep 0.2
	check_equal 'IPv6 voice, all at once: each packet once' 200 "$(($(voice_of pbx in) - before))"
	before=$(voice_of pbx out)
	inject pbx eth0 to="$(mac_of fw lan1)" mac="$(mac_of pbx eth0)" \
		udp $PBX4 5240 $PHONE4 65110 rtp=1 count=20 every=10
	sleep 0.2
	check_equal 'voice from LAN to LAN: two hooks count each packet once' 20 \
		"$(($(voice_of pbx out) - before))"
}

# The router before the provider says how large a packet may be: through NAT, and by IPv6 without.
path_mtu() {
	ip -n "$WORLD-net" link set prov mtu 1300
	in_ns pbx ping -c 2 -i 0.3 -W 1 -M 'do' -s 1400 $PROV4 > "$WORLD_DIR/log/mtu4" 2>&1
	in_ns pbx ping -c 2 -i 0.3 -W 1 -M 'do' -s 1400 $PROV6 > "$WORLD_DIR/log/mtu6" 2>&1
	check 'the error of a router reaches the PBX, masqueraded' grep -q 'mtu *= *1300' "$WORLD_DIR/log/mtu4"
	check 'and by IPv6' grep -q 'mtu *= *1300' "$WORLD_DIR/log/mtu6"
	ip -n "$WORLD-net" link set prov mtu 1500
}

# borrows WHAT DEVICE NS INTERFACE TO-MAC WORD...: dropped as spoofed.
borrows() {
	local what=$1 device=$2 ns=$3 interface=$4 mac=$5 before
	shift 5
	before=$(drops "$device" spoofed)
	inject "$ns" "$interface" to="$mac" "$@" count=3
	sleep 0.1
	check_equal "$what: spoofed" 3 "$(($(drops "$device" spoofed) - before))"
}

spoofing() {
	local wan before
	wan=$(mac_of fw wan0)
	borrows 'address of the PBX at the uplink' pbx net box $wan udp $PBX4 5210 $PHONE4 65100 rtp=1
	borrows 'address of the PBX at the uplink, to the box itself' pbx net box $wan udp $PBX4 5064 $PUBLIC4 9
	borrows 'address of the PBX at the uplink, IPv6' pbx net box $wan udp $PBX6 5210 $PHONE6 65100 rtp=1
	borrows 'address of the phone at the uplink' softphone net box $wan udp $PHONE4 60104 $PBX4 5060
	borrows 'address of the PBX at the uplink, DHCP' pbx net box $wan udp $PBX4 67 $PHONE4 68
	borrows 'in a flow that is known' pbx net box $wan udp $PBX6 5240 $PROV6 30110 rtp=100
	check_equal 'nothing of it gets past XDP' 0 "$(came_in borrowed)"
}

# The router of a box that is a bridge stands beyond the uplink, and gives addresses from there.
dhcp() {
	local wan
	wan=$(mac_of fw wan0)
	inject net box to="$wan" udp 192.168.20.254 67 $PHONE4 68 count=3
	inject net box to="$wan" udp fd00:20::fe 547 $PHONE6 546 count=3
	sleep 0.1
	check_equal 'DHCP of the site comes in by the uplink' 6 "$(came_in dhcp)"
	inject net box to="$wan" udp $ATT4 67 $PHONE4 68 count=3
	inject net box to="$wan" udp $ATT6 547 $PHONE6 546 count=3
	sleep 0.1
	check_equal 'but none of a stranger' 6 "$(came_in dhcp)"
}

binding() {
	local lan own
	lan=$(mac_of fw lan1) own=$(mac_of pbx eth0)
	sed -i '/^address .*= '"$PBX4"'/s/$/\nmac = '"$own"'/' "$WORLD_DIR/agfeo.conf"
	check 'the MAC address of the PBX is bound' box load
	borrows 'another MAC opens a flow' pbx pbx eth0 $lan mac=02:00:00:00:00:77 udp $PBX4 5250 $PROV4 30120 rtp=1
	borrows 'another MAC in a flow that is known' pbx pbx eth0 $lan mac=02:00:00:00:00:77 \
		udp $PBX4 5240 $PHONE4 65110 rtp=100
	borrows 'another MAC, IPv6' pbx pbx eth0 $lan mac=02:00:00:00:00:77 udp $PBX6 5250 $PROV6 30120 rtp=1
	before=$(drops pbx spoofed)
	inject pbx eth0 to=$lan mac=$own udp $PBX4 5250 $PROV4 30120 rtp=1 count=3
	sleep 0.1
	check_equal 'its own MAC passes' "$before" "$(drops pbx spoofed)"
}

tools_built talk inject
test_begin uplink sipp jq nc ping
world_up
family 4
speech 1
check 'the provider runs' provider_up
spawn web4 pbx nc -4 -lk 80
without_the_box
check 'the configuration loads' box load
watch_uplink
from_the_internet
routed
from_the_provider
voice_from_provider
path_mtu
spoofing
dhcp
binding
test_end
