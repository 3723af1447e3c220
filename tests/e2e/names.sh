#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153 # what is sourced, and words without blanks
# AGFEO's hosts by name: what a resolver answers a device opens the way, with the daemon and without.

. "$(dirname "$0")/lib.sh"
. "$ROOT_DIR/tests/demo/peers.sh"

DNS4=203.0.113.1 DNS6=2001:db8:1::1
TRUE4=198.51.100.97 MOVED4=198.51.100.98 FALSE4=198.51.100.99 # all of `att`: whoever is led there gets an answer

pin() { echo "$WORLD_DIR/bpf/agfeo"; }
known() { bpftool -j map dump pinned "$(pin)/map/$1" | jq length; }
same() { [ "$("${@:2}")" = "$1" ]; }
reaches() { PATIENCE=1 knock pbx tcp "$1" 443; }
ask() { in_ns pbx python3 "$E2E_DIR/resolve.py" "$1" "$2" "$3" 443 ${4:-1}; }
# source NAME: how its addresses were learned.
source_of() { box status --json | jq -r ".names[] | select(.name == \"$1\") | .addresses[].source" | sort -u; }

name_server() { # NAME of its log, NS, ADDRESSES, then records
	local log=$1 ns=$2 listen=$3
	shift 3
	spawn "$log" "$ns" dnsmasq --keep-in-foreground --log-facility=- --conf-file=/dev/null --user=root \
		--pid-file= --no-resolv --no-hosts --bind-interfaces --listen-address="$listen" "$@"
	wait_for 5 listens_udp "$ns" 53
}

# ------------------------------------------------------------------ without a daemon

alone() {
	local before
	check_equal 'before anybody asks the host is not reached' '' "$(reaches $ATT4)"
	before=$(drops pbx scope)
	check_equal 'a name that is an alias opens the way' "$ATT4 connected" \
		"$(ask $DNS4 remote.agfeo.de A | cut -d ' ' -f 1,2)"
	check_equal 'over IPv6 to IPv6' "$ATT6 connected" "$(ask $DNS6 remote.agfeo.de AAAA | cut -d ' ' -f 1,2)"
	check_equal 'a name of two addresses opens both' "$ATT4 connected $PROV4 connected" \
		"$(ask $DNS4 pbx.agfeo.de A | sort | cut -d ' ' -f 1,2 | xargs)"
	check_equal 'with the first packet' "$before" "$(drops pbx scope)"
	check_equal 'two hundred times' 200 "$(ask $DNS4 remote.agfeo.de A 200 | grep -c "^$ATT4 connected")"
	check_equal 'with the first packet, each time' "$before" "$(drops pbx scope)"
	check_equal 'they are known' '2 1' "$(known cloud4) $(known cloud6)"
	check_equal 'as seen' seen "$(source_of remote.agfeo.de)"
	check 'explain knows the address' sh -c "ip netns exec $WORLD-fw '$AGFEOCTL' --pin '$(pin)' \
		-c '$WORLD_DIR/agfeo.conf' explain tcp pbx $ATT4:443 | grep -q 'pass.*remote.agfeo.de.*seen'"
}

# ------------------------------------------------------------------ who teaches nothing

untaught() {
	check_equal 'whom nobody named as resolver teaches nothing' "$FALSE4 silence" \
		"$(ask $PROV4 remote2.agfeo.de A)"
	check_equal 'nothing was learned' '2 1' "$(known cloud4) $(known cloud6)"
	check_equal 'a name that is none of AGFEO'"'"'s teaches nothing' "$FALSE4 silence" "$(ask $DNS4 www.example A)"
	stop dns
	spawn liar net python3 "$E2E_DIR/liar.py" $DNS4 $TRUE4 $FALSE4
	check 'who lies beside the resolver' wait_for 5 says liar ready
	ask $DNS4 remote2.agfeo.de A > "$WORLD_DIR/log/lied"
	check 'the truth arrives' grep -q "^$TRUE4 connected" "$WORLD_DIR/log/lied"
	check_equal 'and is learned, the lies are not' '3 1' "$(known cloud4) $(known cloud6)"
	check_equal 'which lead nowhere' '' "$(reaches $FALSE4)"
	stop liar
}

# ------------------------------------------------------------------ with it

# Owners written in full: what the datapath leaves to user space.
written_out() {
	printf 'remote2.agfeo.de 300 A %s\n' $FALSE4 > "$WORLD_DIR/names"
	spawn dns net python3 "$E2E_DIR/dns.py" $DNS4:53 "$WORLD_DIR/names"
	check 'a name server of another manner' wait_for 5 says dns ready
	check_equal 'the datapath alone does not read it' "$FALSE4 silence" "$(ask $DNS4 remote2.agfeo.de A)"
}

daemon_up() {
	spawn "$1" fw "$AGFEOCTL" --verbose --pin "$(pin)" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" run
	wait_for 5 sh -c "ip netns exec $WORLD-fw '$AGFEOCTL' --pin '$(pin)' --run '$WORLD_DIR/run' status --json | jq -e .daemon.pid"
}

served() {
	echo silent >> "$WORLD_DIR/names" # the daemon itself gets no answer
	check 'the daemon' daemon_up run1
	check 'reads what came while it was away' wait_for 5 same 4 known cloud4
	check_equal 'by which the host is reached' '443 ' "$(reaches $FALSE4)"
	check_equal 'what the datapath learned stays' '443 ' "$(reaches $ATT4)"
	check_equal 'known as seen' seen "$(source_of remote2.agfeo.de)"
	sed -i "s/$FALSE4/$MOVED4/; /silent/d" "$WORLD_DIR/names"
	check_equal 'a name that moved is followed within a connection' "$MOVED4 connected" \
		"$(ask $DNS4 remote2.agfeo.de A | cut -d ' ' -f 1,2)"
}

outlives() {
	local names
	names=$(known cloud4)
	check 'a load' box load
	check_equal 'keeps what is known' "$names" "$(known cloud4)"
	check_equal 'and open' '443 ' "$(reaches $ATT4)"
	stop run1 KILL
	check_equal 'without the daemon too' '443 ' "$(reaches $ATT4)"
	check 'the next one' daemon_up run2
	check_equal 'takes over what is known' "$names" "$(known cloud4)"
	check_equal 'and how' seen "$(source_of pbx.agfeo.de)"
	check 'and asks itself: status says both' wait_for 10 sh -c \
		"ip netns exec $WORLD-fw '$AGFEOCTL' --pin '$(pin)' --run '$WORLD_DIR/run' status | grep -q '$MOVED4 *refreshed, seen'"
}

test_begin names jq nc python3 bpftool dnsmasq
world_up
family 4
for address in $TRUE4 $MOVED4 $FALSE4; do ip -n "$WORLD-att" address add $address/24 dev eth0; done
sed -i "s/^\[site\]\$/&\nresolvers = $DNS4, $DNS6\nnew-flows = 0/" "$WORLD_DIR/agfeo.conf"
spawn https4 att nc -lk 0.0.0.0 443
spawn https6 att nc -lk $ATT6 443
spawn other prov nc -lk $PROV4 443
check 'the name server' name_server dns net "$DNS4,$DNS6" --host-record=cdn.example,$ATT4,$ATT6,60 \
	--cname=remote.agfeo.de,cdn.example,60 --host-record=pbx.agfeo.de,$ATT4 --host-record=pbx.agfeo.de,$PROV4 \
	--host-record=www.example,$FALSE4
check 'one of somebody else' name_server other-dns prov "$PROV4" --host-record=remote2.agfeo.de,$FALSE4
check 'load' box load
alone
untaught
written_out
served
outlives
test_end
