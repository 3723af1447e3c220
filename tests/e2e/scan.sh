#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# SIPVicious: from the internet svmap, svwar and svcrack find nothing and cost the PBX not one packet,
# by the forwarded port, by the private address and by IPv6; from the site, what they may open is
# bounded by new-flows.

. "$(dirname "$0")/lib.sh"
. "$ROOT_DIR/tests/demo/peers.sh"
. "$(dirname "$0")/lib_calls.sh"

# The PBX counts what of the attacker comes in, before anything else of it can happen.
watch_attacker() {
	in_ns pbx nft -f - <<-RULES
		table inet watch {
			counter attacker { }
			chain prerouting {
				type filter hook prerouting priority -400;
				ip saddr $ATT4 counter name attacker
				ip6 saddr $ATT6 counter name attacker
			}
		}
	RULES
}

arrived() { in_ns pbx nft list counter inet watch attacker | awk '$1 == "packets" { print $2 }'; }

# found PROGRAM SAID: the lines in which it says what it has found.
found() {
	case $1 in
	svmap) grep -o '| [^ ]*:5060' <<< "$2" ;;
	svwar) grep -o '| 20 ' <<< "$2" ;;
	svcrack) grep -o '| geheim' <<< "$2" ;;
	esac
}

scan() { # PROGRAM FROM TARGET ARGUMENT...
	local program=$1 from=$2 target=$3
	shift 3
	case $target in *:*) set -- -6 "$@" ;; esac
	found $program "$(vicious $program $from "$@" $target)"
}

svmap_of() { scan svmap "$1" "$2"; }
svwar_of() { scan svwar "$1" "$2" --force --maximumtime=2 -e18-22; }
svcrack_of() { scan svcrack "$1" "$2" --maximumtime=2 -u20 -d "$WORLD_DIR/words"; }

without_the_box() {
	check_more 'without the box, svmap finds the PBX' 0 "$(svmap_of att $PUBLIC4 | wc -l)"
	check_more 'without the box, svwar finds the extension' 0 "$(svwar_of att $PUBLIC4 | wc -l)"
	check_more 'without the box, svcrack finds the password' 0 "$(svcrack_of att $PUBLIC4 | wc -l)"
	check_more 'and all that cost the PBX packets' 5 "$(arrived)"
}

from_the_internet() {
	local target program before cost
	cost=$(arrived)
	for target in $PUBLIC4 $PBX4 $PBX6; do
		for program in svmap svwar svcrack; do
			# They take no IPv6 address.
			[ "$target" != $PBX6 ] || [ $program = svmap ] || continue
			before=$(dropped)
			check_equal "internet, $program of $target: finds nothing" '' "$(${program}_of att $target)"
			check_more "internet, $program of $target: is dropped" "$before" "$(dropped)"
		done
	done
	check_equal 'internet: not one packet reached the PBX' "$cost" "$(arrived)"
}

# A range of telephones stands beside the PBX; 5 new flows a second and source, 20 at once.
site_with_phones() {
	local host
	for host in $(seq 33 62); do ip -n "$WORLD-pbx" address add 192.168.10.$host/24 dev eth0; done
	sed -i 's/^mode .*/&\nnew-flows = 5/' "$WORLD_DIR/agfeo.conf"
	cat >> "$WORLD_DIR/agfeo.conf" <<-CONF

		[device telephones]
		model   = t14-sip
		address = 192.168.10.32/27
	CONF
}

# How many of the telephones were reached.
reached() {
	tcpdump -n -r "$WORLD_DIR/cap/scan" 2> /dev/null \
		"src host $PC4 and dst net 192.168.10.32/27 and udp port 5060" |
		awk '{ sub(/\.5060:$/, "", $5); print $5 }' | sort -u | wc -l
}

from_the_site() {
	local begin took count
	check 'new-flows = 5 loads' box load
	check 'the PBX is captured' capture scan pbx
	begin=$SECONDS
	vicious svmap pc 192.168.10.33-62 > "$WORLD_DIR/log/svmap" 2>&1
	took=$((SECONDS - begin + 1))
	check 'the capture is whole' capture_end scan
	count=$(reached)
	note "svmap of 30 telephones from the site, within $took s: $count reached"
	check_more 'site: the first flows are let in' 19 "$count"
	check_more 'site: but no more than 20 and 5 a second' "$count" $((20 + 5 * took + 1))
	check_more 'site: the others are counted as rate' 0 "$(drops telephones rate)"
	check_equal 'site: nothing else was the reason' "$(dropped)" "$(drops_all rate)"
}

have_vicious || NEED_MISSING=' svmap'
test_begin scan sipp jq
world_up
family 4
speech 1
printf '%s\n' 1234 passwort geheim > "$WORLD_DIR/words"
watch_attacker
check 'the PBX runs' pbx_up
without_the_box
check 'the configuration loads' box load
from_the_internet
check 'unload' box unload
site_with_phones
from_the_site
test_end
