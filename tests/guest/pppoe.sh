#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# A DSL line as German providers have it: PPPoE in VLAN 7, with a real access concentrator. The
# uplink is ppp0, an interface without Ethernet header, and then the card below, where tag and PPPoE
# header stand before the packet.

. "$(dirname "$0")/../e2e/lib.sh"
. "$E2E_DIR/lib_calls.sh"
. "$(dirname "$0")/lib_guest.sh"

PPP4=203.0.113.130 PPP6=2001:db8:1::/64

# Both ends of VLAN 7 on the cable between box and provider.
tagged_line() {
	ip -n "$WORLD-fw" address flush dev wan0
	ip -n "$WORLD-net" address flush dev box
	ip -n "$WORLD-fw" link add link wan0 name wan0.7 type vlan id 7
	ip -n "$WORLD-net" link add link box name box.7 type vlan id 7
	ip -n "$WORLD-fw" link set wan0.7 up
	ip -n "$WORLD-net" link set box.7 up
}

# The concentrator in its own /etc/ppp and /run, so that nothing of this machine's is touched.
dial() {
	mkdir -p "$WORLD_DIR/ppp"
	: > "$WORLD_DIR/ppp/options"
	printf 'noauth\nnodefaultroute\n+ipv6\nlcp-echo-interval 0\n' > "$WORLD_DIR/ppp/server"
	spawn concentrator net unshare -m sh -c "mount --bind '$WORLD_DIR/ppp' /etc/ppp && mount -t tmpfs none /var/run &&
		exec pppoe-server -F -k -I box.7 -L 203.0.113.129 -R $PPP4 -N 1 -O /etc/ppp/server"
	spawn line fw unshare -m sh -c "mount --bind '$WORLD_DIR/ppp' /etc/ppp && mount -t tmpfs none /var/run &&
		exec pppd nodetach plugin rp-pppoe.so nic-wan0.7 noauth nodefaultroute +ipv6 unit 0 persist \
		lcp-echo-interval 0 mtu 1492 mru 1492"
	wait_for 30 has_address fw ppp0 "$PPP4" && wait_for 30 has_address net ppp0 203.0.113.129
}

has_address() { ip -n "$WORLD-$1" address show dev "$2" | grep -q "$3"; }

ppp_routes() {
	in_ns fw sysctl -qw net.ipv6.conf.ppp0.accept_ra=0
	ip -n "$WORLD-fw" route replace default dev ppp0
	ip -n "$WORLD-fw" -6 route replace default dev ppp0
	ip -n "$WORLD-net" route replace 192.168.0.0/16 dev ppp0
	ip -n "$WORLD-net" -6 route replace fd00::/16 dev ppp0
	in_ns fw nft add rule ip nat postrouting oifname ppp0 ip saddr 192.168.0.0/16 masquerade
	in_ns fw nft add rule ip nat prerouting iifname ppp0 tcp dport 80 dnat to $PBX4
}

# Without agfeoctl: what the line itself does.
bare() {
	check "bare, IPv4: a call through NAT" call_begins four pbx $PBX4 5230 prov $PROV4 30100 100
	check "bare, IPv6: a call" call_begins six pbx $PBX6 5232 prov $PROV6 30102 100
	check "bare: all hear each other" call_talks four six
	hang_up four six
}

calls() { # WHERE
	check "$1, IPv4: a call through NAT" call_begins four pbx $PBX4 5230 prov $PROV4 30100 300
	check "$1, IPv6: a call" call_begins six pbx $PBX6 5232 prov $PROV6 30102 300
	four_and_six "$1"
	check_figures "$1, IPv4" four 5230
	check_figures "$1, IPv6" six 5232
}

# The web page of the PBX, once forwarded, asked for from outside; and its registrar, which is routed.
strangers() { # WHERE
	local before
	before=$(drops '' scope)
	in_ns att nc -w 1 $PPP4 80
	check "$1, a forwarded web page: counted as scope" wait_for 5 counted_more '' scope "$before"
	before=$(drops pbx scope)
	in_ns att nc -u -w 1 $PBX6 5060 <<< x
	check "$1, the registrar by IPv6: counted as scope" wait_for 5 counted_more pbx scope "$before"
}

at() { # INTERFACE XDP-MODE
	check "$1: the configuration loads" box load
	check_equal "$1: XDP is $2" $2 "$(mode_of $1 xdp)"
	calls $1
	strangers $1
	check "$1: unload" box unload
}

tools_built talk
test_begin pppoe jq nc pppd pppoe-server
world_up
needs 'VLAN interfaces (8021q)' ip -n "$WORLD-fw" link add link lan1 name probe type vlan id 9
ip -n "$WORLD-fw" link delete probe
[ -e /dev/ppp ] || modprobe ppp_generic 2> /dev/null
needs 'PPP over Ethernet (pppoe)' modprobe pppoe
tagged_line
if dial; then ok 'the line is dialled'; else
	not_ok 'the line is dialled'
	cat "$WORLD_DIR/log/line" "$WORLD_DIR/log/concentrator"
	test_end
fi
ppp_routes
bare
sed -i 's/interface wan0\]/interface ppp0]/' "$WORLD_DIR/agfeo.conf"
at ppp0 generic
sed -i 's/interface ppp0\]/interface wan0]/' "$WORLD_DIR/agfeo.conf"
at wan0 native
test_end
