#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# An hour of a box's life, by script: calls, loads, scans, floods, interfaces that go and come back,
# daemons and loaders that are killed. Every voice packet arrives as EF, but for those that were on the
# way through an interface while it was down, each of which is in one gap as long as that; and nothing
# grows. DURATION=SECONDS, 3600 by default, 120 at least; not part of `make test`.

. "$(dirname "$0")/e2e/lib.sh"
. "$(dirname "$0")/e2e/lib_load.sh"
. "$(dirname "$0")/e2e/lib_calls.sh"

DURATION=${DURATION:-3600}
[ "$DURATION" -ge 120 ] || DURATION=120
ROUND=40   # seconds of talk a round
PACE=2000  # frames a second of a flood: the peers share the machine with the box
RECOVERY=6 # seconds at most until packets take their way again, after an interface is back

round=0 sent_all=0 heard_all=0 lost_all=0 flaps=0 loads=0 kills=0 scans=0

daemon_up() {
	spawn daemon fw "$AGFEOCTL" --pin "$(pin)" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" run
	rm -f "$WORLD_DIR/textfile/agfeo.prom"
	wait_for 30 test -s "$WORLD_DIR/textfile/agfeo.prom"
}

# policy NUMBER: another each time, all of which allow the calls; with an interface to spare.
policy() {
	site_conf
	sed -i "/^\\[device pbx\\]/a allow = in tcp $((8000 + $1 % 500)) from site
		/^\\[site\\]/a new-flows = $((100 + $1 % 50))" "$WORLD_DIR/agfeo.conf"
	printf '[interface spare0]\nrole = voice\nxdp = %s\n' "$([ $(($1 % 2)) = 0 ] && echo native || echo auto)" >> "$WORLD_DIR/agfeo.conf"
}

spare_up() {
	ip -n "$WORLD-fw" link add spare0 type veth peer name spare1 &&
		ip -n "$WORLD-fw" link set spare0 up && ip -n "$WORLD-fw" link set spare1 up
}
guarded() { [ -n "$(xdp_id "$1")" ]; }

# ------------------------------------------------------------------ what happens in a round

calls_begin() {
	call_begins nat pbx $PBX4 5204 prov $PROV4 30100 $((ROUND + 300)) &&
		call_begins routed pbx $PBX6 5206 prov $PROV6 30102 $((ROUND + 300)) &&
		call_begins inside phone $PHONE4 65110 pbx $PBX4 5208 $((ROUND + 300)) &&
		call_talks nat routed inside
}

load_some() {
	policy $((round * 3))
	check "round $round: load" box load
	policy $((round * 3 + 1))
	kill -HUP "$(pid_of daemon)"
	check "round $round: the daemon loads" wait_for 60 eval "[ \"\$(generation)\" -ge $((before + 2)) ]"
	policy $((round * 3 + 2))
	check "round $round: load --confirm, not confirmed" box load --confirm 1
	check "round $round: is taken back" wait_for 30 test ! -e "$WORLD_DIR/run/confirm"
	loads=$((loads + 4))
}

# A loader at work is killed, and at each third round the daemon; in the second half it lives on, so
# that its size can be watched.
kill_some() {
	spawn loader fw "$AGFEOCTL" --pin "$(pin)" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" load
	sleep 0.0$((round % 9 + 1))
	stop loader KILL
	kills=$((kills + 1))
	[ $((round % 3)) = 1 ] && [ $SECONDS -lt $((DURATION / 2)) ] || return 0
	stop daemon KILL
	check "round $round: a daemon again" daemon_up
	kills=$((kills + 1))
}

scan_some() {
	flood_begins scan net box "$(mac_of fw wan0)" $PBX4 45.0.0.0/12 1-65535 8 udp $PACE
	flood_begins syn att eth0 "$(in_ns att ip neigh show 198.51.100.1 | awk '{ print $5 }')" $PUBLIC4 45.0.0.0/12 80,443,5060 8 tcp $PACE
	wait_for 20 gone "$(pid_of flood-scan)"
	stop flood-scan
	stop flood-syn
	scans=$((scans + 1))
}

# The spare interface goes for good and comes back; the phone's goes down under its call.
flap_some() {
	ip -n "$WORLD-fw" link delete spare0
	spare_up
	check "round $round: the daemon guards an interface that came back" wait_for 60 guarded spare0
	down_ms=$(date +%s%3N)
	ip -n "$WORLD-fw" link set lan0 down
	sleep 1
	ip -n "$WORLD-fw" link set lan0 up
	down_ms=$(($(date +%s%3N) - down_ms))
	flaps=$((flaps + 1))
}

# ------------------------------------------------------------------ the account

# account NAME LOST-AT-MOST: both directions of a call that was hung up. What is lost is one gap.
account() {
	local end other sent got lost
	finish "talk-$1-a" 30
	finish "talk-$1-b" 30
	for end in a b; do
		[ $end = a ] && other=b || other=a
		sent=$(book "$1-$other" | jq .sent) got=$(book "$1-$end" | jq .received)
		lost=$((sent - got))
		sent_all=$((sent_all + sent)) heard_all=$((heard_all + got)) lost_all=$((lost_all + lost))
		if [ "$sent" -gt 500 ] && [ $lost -ge 0 ] && [ $lost -le $2 ] &&
			[ "$(book "$1-$end" | jq .longest_gap_ms)" -ge $(((lost - 2) * 20)) ] &&
			[ "$got" = "$(book "$1-$end" | jq .ef)" ] && [ "$(book "$1-$end" | jq '.duplicates + .reordered')" = 0 ]; then
			ok "round $round: $1, $other > $end: $sent sent, $got heard as EF$([ $lost = 0 ] || echo ", $lost while lan0 was down")"
		else
			not_ok "round $round: $1, $other > $end: $sent sent, at most $2 lost: $(book "$1-$end")"
		fi
	done
}

figure() { # NAME
	case $1 in
	resident) awk '/^VmRSS:/ { print $2 }' "/proc/$(pid_of daemon)/status" ;;
	descriptors) find "/proc/$(pid_of daemon)/fd" -mindepth 1 | wc -l ;;
	pins) pins | wc -l ;;
	memory) box status --json | jq .memory_bytes ;;
	programs) bpftool -j prog show | jq --argjson maps "$(for map in "$(pin)"/map/*; do bpftool -j map show pinned "$map"; done | jq -s '[.[].id]')" \
		'[.[] | select((.map_ids // []) - $maps != (.map_ids // []))] | length' ;;
	run_files) find "$WORLD_DIR/run" "$WORLD_DIR/textfile" -type f | wc -l ;;
	processes) pgrep -cf -- "$(pin)" ;;
	esac
}

FIGURES='resident descriptors pins memory programs run_files processes'
declare -A first=() last=()
figures() {
	local name line=
	for name in $FIGURES; do
		last[$name]=$(figure $name)
		line="$line $name ${last[$name]}"
		# Of the daemon: since its third round in a row, when what it allocates once is there.
		[ -n "${first[$name]:-}" ] && [ $settled -gt 0 ] || first[$name]=${last[$name]}
	done
	note "round $round, ${SECONDS} s:$line"
}

one_round() {
	local before down_ms begun=$SECONDS
	round=$((round + 1))
	before=$(generation)
	check "round $round: calls begin" calls_begin
	load_some
	kill_some
	scan_some
	flap_some
	check "round $round: load" box load
	while [ $((SECONDS - begun)) -lt $ROUND ]; do sleep 1; done
	for call in nat routed inside; do hang_up $call; done
	account nat 0
	account routed 0
	account inside $(((down_ms / 1000 + 1 + RECOVERY) * 50))
	[ $SECONDS -lt $((DURATION / 2)) ] || settled=$((settled + 1))
	[ $settled != 2 ] || first=()
	figures
}

is() { [ "$(figure $1)" = "$2" ]; }

nothing_grew() {
	local name
	for name in $FIGURES; do
		case $name in
		resident) check "the daemon is hardly larger: ${first[$name]} kB, then ${last[$name]} kB" test "${last[$name]}" -le $((${first[$name]} + 2048)) ;;
		*) check "$name: as many as then, ${first[$name]}" wait_for 10 is $name "${first[$name]}" ;;
		esac
	done
}

settled=0
tools_built talk flood
test_begin soak jq bpftool pgrep
world_up
spare_up
policy 0
check 'load' box load
check 'the daemon runs' daemon_up
SECONDS=0
while [ $SECONDS -lt $DURATION ] && [ $failed -lt 20 ]; do one_round; done
nothing_grew
note "$round rounds in $SECONDS s: $loads loads, $kills kills, $scans scans, $flaps flaps"
note "voice: $sent_all packets sent, $heard_all heard as EF, $lost_all on the way while an interface was down"
stop daemon TERM
check 'unload' box unload
nothing_left 'in the end'
test_end
