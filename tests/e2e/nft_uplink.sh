#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# The ruleset of `generate nft` on the NAT box: who sends bare from beyond the uplink is not of the
# site, whatever address is claimed, as in the programs; a branch that comes in by IPsec is.

. "$(dirname "$0")/lib.sh"
. "$ROOT_DIR/tests/demo/peers.sh"
. "$(dirname "$0")/lib_calls.sh"

BRANCH4=192.168.20.51

rules() {
	box generate nft > "$WORLD_DIR/log/rules" && in_ns fw nft -f "$WORLD_DIR/log/rules"
	in_ns fw sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.wan0.rp_filter=0 \
		net.netfilter.nf_conntrack_checksum=0
}

# What the PBX gets by IP of the hosts that are played here.
watch_pbx() {
	in_ns pbx nft -f - <<-RULES
		table inet watch {
			counter got { }
			chain input {
				type filter hook input priority 0;
				ip saddr { $PC4, $BRANCH4, $PROV4, $PHONE4 } counter name got
				ip6 saddr { $PC6, $PROV6, $PHONE6 } counter name got
			}
		}
	RULES
}

got() { in_ns pbx nft list counter inet watch got | awk '$1 == "packets" { print $2 }'; }

got_more() { [ $(($(got) - $1)) -ge "$2" ]; }

# sent WHAT COUNT NS INTERFACE TO-MAC WORD...: so many of three packets reach the PBX.
sent() {
	local what=$1 wanted=$2 ns=$3 interface=$4 mac=$5 before
	shift 5
	before=$(got)
	inject "$ns" "$interface" to="$mac" "$@" count=3
	if [ $wanted = 0 ]; then sleep 0.2; else wait_for 5 got_more "$before" $wanted; fi
	check_equal "$what" $wanted "$(($(got) - before))"
}

bare() {
	local wan
	wan=$(mac_of fw wan0)
	sent "the site's address at the uplink: registrar" 0 net box $wan udp $PC4 5062 $PBX4 5060
	sent 'IPv6' 0 net box $wan udp $PC6 5062 $PBX6 5060
	sent 'where somebody forwarded the port' 0 net box $wan udp $PC4 5063 $PUBLIC4 5060
	sent 'voice, which is of the provider' 0 net box $wan udp $PC4 30000 $PBX4 5210 rtp=1
	sent "a device's address" 0 net box $wan udp $PHONE6 60104 $PBX6 5060
	sent "the provider's voice" 3 net box $wan udp $PROV4 30000 $PBX4 5210 rtp=1
	sent 'IPv6' 3 net box $wan udp $PROV6 30000 $PBX6 5210 rtp=1
	sent "but not its SIP" 0 net box $wan udp $PROV6 5060 $PBX6 5060
}

inside() {
	sent 'the site from inside: registrar' 3 pc eth0 "$(mac_of fw lan0)" udp $PC4 5064 $PBX4 5060
	sent 'IPv6' 3 pc eth0 "$(mac_of fw lan0)" udp $PC6 5064 $PBX6 5060
}

# tunnel_end NS: what both ends of the branch's tunnel know.
tunnel_end() {
	in_ns "$1" ip xfrm state add src 203.0.113.1 dst $PUBLIC4 proto esp spi 7 mode tunnel \
		enc 'ecb(cipher_null)' '' auth 'hmac(sha1)' 0x00112233445566778899aabbccddeeff00112233
}

tunnel() {
	tunnel_end net && tunnel_end fw || return
	in_ns net ip xfrm policy add src $BRANCH4 dst $PBX4 dir out \
		tmpl src 203.0.113.1 dst $PUBLIC4 proto esp mode tunnel &&
		in_ns fw ip xfrm policy add src $BRANCH4 dst $PBX4 dir fwd \
			tmpl src 203.0.113.1 dst $PUBLIC4 proto esp mode tunnel &&
		in_ns net ip address add $BRANCH4/32 dev lo &&
		in_ns net ip route add $PBX4 via $PUBLIC4 src $BRANCH4
}

branch() {
	local before
	tunnel 2> "$WORLD_DIR/log/tunnel" || { skip "IPsec: $(head -n 1 "$WORLD_DIR/log/tunnel")"; return; }
	before=$(got)
	in_ns net bash -c "echo hello > /dev/udp/$PBX4/5060"
	sleep 0.2
	check_equal 'a branch, by IPsec: registrar' 1 "$(($(got) - before))"
}

tools_built talk inject
test_begin nft_uplink nft
world_up
# Whom it must ask for first, it would keep waiting.
check 'the box finds the PBX' in_ns fw ping -qc 1 -W 5 $PBX4
check 'and by IPv6' in_ns fw ping -6 -qc 1 -W 5 $PBX6
check 'the rules load' rules
watch_pbx
bare
inside
branch
test_end
