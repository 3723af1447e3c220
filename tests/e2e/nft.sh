#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2034 # what is sourced, and words that it uses
# The conformance corpus, played to the nftables ruleset that `generate nft` makes of the same sites,
# and what both do with each packet, side by side. Where nftables cannot do as we do, nft_differs.txt
# says which packet and why; a packet that it lists and that fares alike is a failure too.
#
#	devices' side  east -- [ lan0: a bridge, br_netfilter, the ruleset ] -- west  everybody else
#
# WORLD_KEEP=1 keeps the table of all packets.

. "$(dirname "$0")/lib.sh"

BUILD=${BUILD:-$ROOT_DIR/build}
CORPUS=$BUILD/test/e2e/nft_corpus
DIFFERS=$E2E_DIR/nft_differs.txt
NAMESPACES='box ends'

world_wires() {
	ip -n "$WORLD-box" link add lan0 type bridge mcast_snooping 0
	ip -n "$WORLD-box" link set lan0 addrgenmode none
	ip -n "$WORLD-box" link set lan0 up
	wire ends east box port-east
	wire ends west box port-west
	local port
	for port in east west; do
		ip -n "$WORLD-ends" link set $port mtu 9000 addrgenmode none
		ip -n "$WORLD-box" link set port-$port mtu 9000 addrgenmode none master lan0
		# every frame goes to the other side, whoever it says it is from or for
		ip -n "$WORLD-box" link set port-$port type bridge_slave learning off
	done
	in_ns box sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1 \
		net.bridge.bridge-nf-filter-vlan-tagged=1 net.bridge.bridge-nf-filter-pppoe-tagged=1 \
		net.ipv4.ipfrag_time=1 net.netfilter.nf_conntrack_frag6_timeout=1
}

world_routes() { :; }
world_nat() { :; }

rulesets() {
	local site
	mkdir "$WORLD_DIR/sites"
	"$CORPUS" sites "$WORLD_DIR/sites" || return 1
	for site in "$WORLD_DIR"/sites/*.conf; do
		"$AGFEOCTL" -c "$site" generate nft > "${site%.conf}.nft" || return 1
		in_ns box nft -c -f "${site%.conf}.nft" || return 1
	done
}

# A device of each model, with every option that it has.
models() {
	local model option
	for model in $("$AGFEOCTL" models --json | jq -r '.[].id'); do
		{
			printf '[device it]\nmodel = %s\naddress = 192.168.1.2, fd00::2\n' "$model"
			[ "$model" != ip-video-tfe ] || echo 'rtp-ports = 7000-7019'
			for option in $("$AGFEOCTL" models --json "$model" |
				jq -r '.[].services[].optional // empty' | sort -u); do
				echo "enable = $option"
			done
		} > "$WORLD_DIR/model.conf"
		"$AGFEOCTL" -c "$WORLD_DIR/model.conf" generate nft > "$WORLD_DIR/model.nft" || return 1
		in_ns box nft -c -f "$WORLD_DIR/model.nft" || { echo "$model"; return 1; }
	done
}

# rules SITE: loads them and forgets all flows.
rules() { in_ns box nft -f "$WORLD_DIR/sites/$1.nft" && in_ns box conntrack -F 2> /dev/null; }

# Before every row: as `rules`, but where the rules are those of the row before only what they learnt
# is forgotten, which is quicker. The budgets of `narrow` are learnt, too, by the rules themselves.
reset_script() {
	local set family
	for set in tftp searches sources; do
		for family in 4 6; do echo "flush set inet agfeo $set$family"; done
	done > "$WORLD_DIR/sites/forget"
	cat > "$WORLD_DIR/reset" <<-RESET
		cd "$WORLD_DIR/sites" || exit
		if [ "\$1" = narrow ] || [ "\$1" != "\$(cat loaded 2> /dev/null)" ]; then
			nft -f "\$1.nft" && echo "\$1" > loaded
		else
			nft -f forget
		fi && conntrack -F 2> /dev/null
	RESET
}

play() {
	reset_script
	in_ns ends timeout 120 "$CORPUS" play east west \
		nsenter --net="/run/netns/$WORLD-box" sh "$WORLD_DIR/reset" > "$WORLD_DIR/table"
}

# Prints "differs ROW<tab>PACKET…" for each packet that fares otherwise without being listed, "alike …"
# for each listed that does not, "unknown …" for a listed one that is nowhere; then "count WORD N".
compare() {
	awk -F'\t' '
		FNR == NR {
			if ($0 ~ /^#/ || $0 == "")
				next
			cut = split($0, part, / *\| */)
			if (cut != 3) {
				print "unknown\t" FILENAME ":" FNR ": not ROW | PACKETS | REASON"
				next
			}
			n = split(part[2], numbers, " ")
			for (i = 1; i <= n; i++)
				listed[part[1] "\t" numbers[i]] = 1
			next
		}
		{ key = $1 "\t" $2; seen[key] = 1 }
		$4 == "-" { left_out++ }
		$4 != "-" && $3 == $4 { alike++; if (key in listed) print "alike\t" $0 }
		$4 != "-" && $3 != $4 { if (key in listed) differs++; else print "differs\t" $0 }
		$4 == "-" && key in listed { print "unknown\t" key ": it is not played" }
		END {
			for (key in listed)
				if (!(key in seen))
					print "unknown\t" key
			printf "count\t%d\t%d\t%d\n", alike, differs, left_out
		}
	' "$DIFFERS" "$WORLD_DIR/table"
}

complaints() { awk -F'\t' -v word="$1" '$1 == word' "$WORLD_DIR/compared"; }

complain() { # WHAT WORD
	local found
	found=$(complaints "$2")
	check_equal "$1" '' "$found"
}

# ------------------------------------------------------------------ what the corpus does not ask

sent() { in_ns ends "$CORPUS" send "$@"; }

# idle FAMILY WORDS: how long the flow may still be silent that conntrack lists with these words;
# nothing where it keeps none, since what is dropped is never confirmed.
idle() {
	in_ns box conntrack -L -f "$1" 2> /dev/null | awk -v words="$2" 'index($0, words) { print $3; exit }'
}

# check_idle WHAT SECONDS FAMILY WORDS: no more, and no less than what has passed since $begun.
check_idle() {
	local left
	left=$(idle "$3" "$4")
	if [ "${left:-0}" -le "$2" ] && [ "${left:-0}" -ge $(($2 - 1 - (SECONDS - begun))) ]; then
		ok "$1: $2 s"
	else
		not_ok "$1: expected $2 s, got ${left:-no flow}"
	fi
}

idle_times() {
	local begun=$SECONDS
	rules office
	sent east 'udp 192.168.10.2:5064 > 217.10.64.9:5060' \
		'udp [fd00:10::2]:5064 > [2001:db8:217::9]:5060' \
		'udp 192.168.10.2:5204 > 217.10.64.9:30000 rtp 1' \
		'udp 192.168.10.2:40000 > 198.51.100.53:53' \
		'udp 192.168.10.2:40001 > 198.51.100.53:53' \
		'udp 192.168.20.100:50000 > 192.168.10.2:5060' \
		'tcp 192.168.10.23:2153 > 192.168.10.2:5904 syn seq 1'
	sleep 2.2 # a flow is one that is answered when it is two seconds old and goes on
	sent west 'udp 198.51.100.53:53 > 192.168.10.2:40001' \
		'udp 198.51.100.53:53 > 192.168.10.2:40001' \
		'tcp 192.168.20.5:40000 > 192.168.10.2:443 syn seq 1000'
	sent east 'tcp 192.168.10.2:443 > 192.168.20.5:40000 syn ack seq 5000 acks 1001'
	sent west 'tcp 192.168.20.5:40000 > 192.168.10.2:443 ack seq 1001 acks 5001'
	check_idle 'signalling outlives a registration' 3700 ipv4 'sport=5064 dport=5060'
	check_idle 'over IPv6 as well' 3700 ipv6 'sport=5064 dport=5060'
	check_idle 'voice' 60 ipv4 'sport=5204 dport=30000'
	check_idle 'DNS without an answer' 30 ipv4 'sport=40000 dport=53'
	check_idle 'DNS with one' 300 ipv4 'sport=40001 dport=53'
	check_idle 'of two services the narrower speaks: SIP of a softphone that lists all ports' 3700 \
		ipv4 'sport=50000 dport=5060'
	check_idle 'TCP without an answer' 240 ipv4 'sport=2153 dport=5904'
	check_idle 'TCP' 7440 ipv4 'sport=40000 dport=443'
}

cloud() {
	local begun=$SECONDS
	rules office
	sent east 'tcp 192.168.10.2:40000 > 198.51.100.9:443 syn seq 1'
	check_equal 'a host of the cloud whose name is not known yet is not reached' '' \
		"$(idle ipv4 'sport=40000 dport=443')"
	check 'its address is added' \
		in_ns box nft add element inet agfeo remote_agfeo_de_4 '{ 198.51.100.9 }'
	sent east 'tcp 192.168.10.2:40000 > 198.51.100.9:443 syn seq 1'
	check_idle 'and it is reached' 240 ipv4 'sport=40000 dport=443'
}

# The bridge as an uplink: what an internet may not send.
uplink() {
	# without the system that names no provider: its SIP client is anybody's
	sed 's/role = voice/role = uplink/; /^\[device old-pbx\]/,/^\[device t14\]/{/^\[device t14\]/!d}' \
		"$WORLD_DIR/sites/office.conf" > "$WORLD_DIR/sites/uplink.conf"
	"$AGFEOCTL" -c "$WORLD_DIR/sites/uplink.conf" generate nft > "$WORLD_DIR/sites/uplink.nft"
	check 'rules with an uplink' rules uplink
	sent west 'udp 198.51.100.9:4000 > 203.0.113.2:5060' 'tcp 198.51.100.9:4000 > 203.0.113.2:443 syn' \
		'udp 198.51.100.9:4000 > 203.0.113.2:5064' 'udp 217.10.64.9:4000 > 203.0.113.2:5064' \
		'udp 198.51.100.9:4000 > 203.0.113.2:9999' \
		'udp 192.168.10.2:5064 > 217.10.64.9:5060'
	check_equal 'a stranger reaches no service port' '' "$(idle ipv4 'dport=5060')$(idle ipv4 'dport=443')"
	check_equal 'nor the SIP client, whose provider is named' '' \
		"$(idle ipv4 'src=198.51.100.9 dst=203.0.113.2 sport=4000 dport=5064')"
	check_more 'which the provider does' 0 "$(idle ipv4 'src=217.10.64.9 dst=203.0.113.2')"
	check_more 'what is nobody'"'"'s is let in' 0 "$(idle ipv4 'dport=9999')"
	check_equal 'a device does not stand behind the uplink' '' "$(idle ipv4 'src=192.168.10.2')"
}

test_begin nft conntrack jq
[ -x "$CORPUS" ] || { echo "$CORPUS is not built: run 'make test-programs'" >&2; exit 1; }
world_up
check "every site's ruleset is valid" rulesets
check "and every model's" models
check 'the corpus is played' play
compare > "$WORLD_DIR/compared"
complain 'what nft_differs.txt does not list fares as with us' differs
complain 'what it lists as different is' alike
complain 'what it lists exists and is played' unknown
read -r _ alike differs left_out < <(complaints count)
check_more 'packets that fare alike' 300 "$alike"
idle_times
cloud
uplink
note "$alike alike, $differs different for a listed reason, $left_out behind pauses that are not waited for"
test_end
