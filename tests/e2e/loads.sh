#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# Load upon load while calls are on: the policy is another each time, the programs each tenth. Not
# one packet is lost or unmarked, no counter goes back, and nothing piles up: maps, programs, links,
# pins, memory, the daemon's descriptors. LOADS=1000 is the long form.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_calls.sh"

LOADS=${LOADS:-30}
TENTH=10 # the programs are replaced at every so many
CALL=1300  # seconds that `talk` keeps book of: calls of the next round begin after RENEW seconds,
RENEW=1000 # before those of the last one are hung up
# Of all devices and peers: inner maps of these sizes are of this very test.
ADDRESSES=$((40 + $$ % 97)) NETWORKS=$((50 + $$ % 101))

pin() { echo "$WORLD_DIR/bpf/agfeo"; }
generation() { box status --json | jq -r .generation; }
same() { [ "$("${@:2}")" = "$1" ]; }

# site_of NUMBER: another policy each time, all of which allow the calls.
site_of() {
	local i
	{
		sed "/^\\[device pbx\\]/a channels = $((4 + $1 % 12))\nallow = in tcp $((8000 + $1)) from site
			/^\\[site\\]/a new-flows = $((100 + $1))" "$WORLD_DIR/site.conf"
		printf '[device guest-%d]\nmodel = t14-sip\naddress = 192.168.20.%d\n' $1 $((101 + $1 % 100))
		printf '[device many]\nmodel = t14-sip\naddress = 192.168.20.7'
		for ((i = 2; i <= ADDRESSES - 3; i++)); do printf ', 192.168.11.%d' $i; done
		printf '\n[provider far]\nnetworks = 10.0.0.0/24'
		for ((i = 1; i < NETWORKS - 3; i++)); do printf ', 10.0.%d.0/24' $i; done
		echo
	} > "$WORLD_DIR/agfeo.conf.new"
	mv "$WORLD_DIR/agfeo.conf.new" "$WORLD_DIR/agfeo.conf"
}

# ------------------------------------------------------------------ what is in the kernel

# Ids of what we hold: pinned maps, inner maps of our sizes, programs that use our maps, our links.
pinned_maps() {
	for map in "$(pin)"/map/*; do bpftool -j map show pinned "$map"; done | jq -s '[.[].id]'
}

objects() {
	local maps programs
	maps=$(pinned_maps)
	programs=$(bpftool -j prog show | jq --argjson maps "$maps" \
		'[.[] | select((.map_ids // []) - $maps != (.map_ids // [])) | .id]')
	jq -n --argjson maps "$maps" --argjson programs "$programs" \
		--argjson links "$(bpftool -j link show | jq --argjson p "$programs" '[.[] | select(.prog_id | IN($p[]))] | length')" \
		--argjson inner "$(bpftool -j map show | jq "[.[] | select((.name == \"hosts4\" and .max_entries == $ADDRESSES)
			or (.name == \"peers4\" and .max_entries == $NETWORKS))] | length")" \
		'{maps: ($maps | length), programs: ($programs | length), $links, $inner}'
}

memory() { box status --json | jq .memory_bytes; }
pins() { find "$(pin)" | sort; }
descriptors() { find "/proc/$(pid_of daemon)/fd" -mindepth 1 | wc -l; }
resident() { awk '/^VmRSS:/ { print $2 }' "/proc/$(pid_of daemon)/status"; }
processes() { pgrep -cf -- "$(pin)"; }

# ------------------------------------------------------------------ counters

# "NAME NUMBER" of every counter, by identity.
counters() {
	box stats --json | jq -r '
		(.devices[] | .device as $d | (.services // [])[] | . as $s |
			"\($d)/\($s.service)/\($s.class)/\($s.dscp)" as $key |
			$s | paths(numbers) as $p | "\($key)/\($p | map(tostring) | join(".")) \(getpath($p))"),
		(.devices[] | .device as $d | del(.services) |
			paths(numbers) as $p | "\($d)/\($p | map(tostring) | join(".")) \(getpath($p))")' |
		grep -v '/dscp ' | sort
}

# counters_grow WHEN: none of those seen before has shrunk or gone.
counters_grow() {
	counters > "$WORLD_DIR/log/counters"
	if [ -e "$WORLD_DIR/log/counters.before" ]; then
		awk -v when="$1" 'NR == FNR { now[$1] = $2; next }
			!($1 in now) { print when ": " $1 " is gone, was " $2; next }
			now[$1] + 0 < $2 + 0 { print when ": " $1 " went from " $2 " to " now[$1] }' \
			"$WORLD_DIR/log/counters" "$WORLD_DIR/log/counters.before" >> "$WORLD_DIR/log/shrunk"
	fi
	grep -v '^guest-' "$WORLD_DIR/log/counters" > "$WORLD_DIR/log/counters.before"
}

# ------------------------------------------------------------------ calls

calls_begin() { # ROUND
	local other=$(($1 % 2 * 4))
	renew=$((SECONDS + RENEW))
	call_begins nat$1 pbx $PBX4 $((5204 + other)) prov $PROV4 $((30100 + other)) $CALL &&
		call_begins routed$1 pbx $PBX6 $((5204 + other)) prov $PROV6 $((30100 + other)) $CALL &&
		call_begins inside$1 phone $PHONE4 $((65110 + other)) pbx $PBX4 $((5206 + other)) $CALL &&
		call_talks nat$1 routed$1 inside$1
}

calls_end() { # ROUND
	check "the calls of round $1 were on all the time" hang_up nat$1 routed$1 inside$1
	check_call "call $1 with the provider, masqueraded" nat$1
	check_call "call $1 with the provider, IPv6" routed$1
	check_call "call $1 inside" inside$1
}

calls_go_on() {
	[ $SECONDS -gt $renew ] || return 0
	round=$((round + 1))
	check "calls of round $round begin" calls_begin $round
	calls_end $((round - 1))
}

# ------------------------------------------------------------------ loads

# Each tenth load brings programs of the other kind; those between keep what is.
kind() { [ $(($1 / TENTH % 2)) = 0 ] || echo AGFEO_NO_FRAGS=1; }

# A build that finds leaks of memory, for the loads that replace the programs.
tool() { [ $(($1 % TENTH)) != 0 ] && echo "$AGFEOCTL" || echo "${BUILD:-$ROOT_DIR/build}/test/agfeoctl"; }

# Of every twentieth the daemon is told instead.
load_number() {
	site_of $1
	if [ $(($1 % 20)) = 5 ]; then
		kill -HUP "$(pid_of daemon)"
		wait_for 60 same $(($1 + 1)) generation
	else
		# shellcheck disable=SC2046 # one word or none
		in_ns fw env $(kind $1) "$(tool $1)" --pin "$(pin)" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" load
	fi
}

program_ids() { for program in "$(pin)"/prog/xdp_ingress "$(pin)"/prog/tc_egress; do bpftool -j prog show pinned "$program" | jq .id; done; }

loads() {
	local i failures=0 replaced=0 programs now
	programs=$(program_ids)
	: > "$WORLD_DIR/log/shrunk"
	for ((i = 1; i <= LOADS; i++)); do
		calls_go_on
		load_number $i > "$WORLD_DIR/log/load" 2>&1 || {
			failures=$((failures + 1))
			sed "s/^/       | load $i: /" "$WORLD_DIR/log/load"
			[ $failures -lt 3 ] || break
		}
		[ $((i % (LOADS > 100 ? TENTH : 3))) != 0 ] || counters_grow "load $i"
		[ $i != $TENTH ] || first_figures
		[ $((i % TENTH)) = 0 ] || continue
		now=$(program_ids)
		[ "$now" = "$programs" ] || replaced=$((replaced + 1))
		programs=$now
	done
	check_equal "$LOADS loads: none failed" 0 $failures
	check_equal 'each is a generation' $((LOADS + 1)) "$(generation)"
	check_equal 'programs were replaced' $((LOADS / TENTH)) $replaced
	check_equal 'no counter went back' '' "$(head -n 5 "$WORLD_DIR/log/shrunk")"
	check_more 'of so many counters' 50 "$(wc -l < "$WORLD_DIR/log/counters")"
}

first_figures() {
	objects_then=$(objects) pins_then=$(pins) memory_then=$(memory) descriptors_then=$(descriptors)
	resident_then=$(resident) processes_then=$(processes)
}

no_leak() {
	note "after $TENTH loads: $(jq -c . <<< "$objects_then"), $memory_then bytes of maps; daemon: $descriptors_then descriptors, $resident_then kB"
	note "after $LOADS loads: $(objects | jq -c .), $(memory) bytes of maps; daemon: $(descriptors) descriptors, $(resident) kB"
	check "the same number of maps, programs and links" wait_for 10 same "$objects_then" objects
	check_equal 'both banks and no more stand' 4 "$(objects | jq .inner)"
	check_equal 'the same pins' "$pins_then" "$(pins)"
	check_equal 'the same memory, by what the kernel says' "$memory_then" "$(memory)"
	check 'the daemon has the same number of descriptors' wait_for 10 same "$descriptors_then" descriptors
	check 'the daemon is hardly larger' test "$(resident)" -le $((resident_then + 4096))
	check 'no process is left behind' wait_for 5 same "$processes_then" processes
}


# Maps go when nobody looks at them any more, a moment after they were let go.
none_left() {
	[ "$(bpftool -j map show | jq "[.[] | select((.name == \"hosts4\" and .max_entries == $ADDRESSES) or (.name == \"peers4\" and .max_entries == $NETWORKS))] | length")" = 0 ]
}

tools_built talk
[ -x "$(tool 0)" ] || NEED_MISSING="$NEED_MISSING $(tool 0) ('make test-programs' builds it)"
test_begin loads jq bpftool pgrep
world_up
cp "$WORLD_DIR/agfeo.conf" "$WORLD_DIR/site.conf"
site_of 0
check 'the first load' box load
spawn daemon fw "$AGFEOCTL" --pin "$(pin)" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" run
check 'the daemon runs' wait_for 10 eval 'box status --json | jq -e .daemon.pid'
round=1
check 'calls begin' calls_begin $round
begun=$(date +%s)
loads
note "$LOADS loads took $(($(date +%s) - begun)) s"
no_leak
calls_end $round
check 'unload' box unload
stop daemon
check 'nothing of it is left in the kernel' wait_for 10 none_left
test_end
