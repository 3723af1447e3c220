#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034,SC2016 # what is sourced, and words without blanks
# Maps are replaced while calls are on: by another version, whose maps have another layout, and back;
# and by tables of another size. No packet is lost or unmarked, connections live on, no counter goes
# back; a loader that is killed on the way leaves what the next one completes (FAULTS=all: at every
# step of it).

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_calls.sh"

OTHER=${BUILD:-$ROOT_DIR/build}/other/agfeoctl # built with tests/e2e/other_layout.sed
FAULTY=${AGFEOCTL_FAULTS:-${BUILD:-$ROOT_DIR/build}/test/agfeoctl}
OURS=$AGFEOCTL
CALL=1200 # at most: hung up when all is seen

pin() { echo "$WORLD_DIR/bpf/agfeo"; }
map_size() { bpftool -j map show pinned "$(pin)/map/$1" | jq "$2"; }
ask() { in_ns pc python3 "$E2E_DIR/ask.py" $PBX4 80 23 8001; }
box_said() { box "$@" > "$WORLD_DIR/log/said" 2>&1; }
said() { grep -qF -- "$1" "$WORLD_DIR/log/said"; }
killed() { # POINT
	in_ns fw env AGFEO_FAULT="kill:$1" ASAN_OPTIONS=detect_leaks=0 "$FAULTY" --pin "$(pin)" \
		--run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" load > "$WORLD_DIR/log/killed" 2>&1
	[ $? = 137 ]
}

# Totals that must only grow: packets that passed, voice packets, drops by reason.
figures() {
	box stats --json | jq -c '[
		([.devices[] | select(.device == "pbx").services[].in.pass.packets] | add),
		([.devices[] | select(.device == "pbx").services[] | select(.class == "voice").out.pass.packets] | add),
		([.devices[] | select(.device == "softphone").services[].remarked] | add),
		.drops["not-listed"], .drops.direction, .drops.scope, .drops["no-flow"]]'
}
grown() { # WHAT BEFORE
	check "$1: no counter went back" jq -en --argjson before "$2" --argjson now "$(figures)" \
		'[range($before | length) | $now[.] >= $before[.]] | all'
	check "$1: and they count on" jq -en --argjson before "$2" --argjson now "$(figures)" '$now[0] > $before[0]'
}

# The figures of a flow: packets of the masqueraded call, and when the connection began.
call_packets() {
	box flows --json | jq "[.flows[] | select(.class == \"voice\" and .in.packets > 0 and .out.packets > 0)
		| .in.packets + .out.packets] | min // 0"
}
flow_count() { box flows --json | jq '[.flows[] | select(.class == "voice")] | length'; }

# A connection of the office to the web pages, which echo what they are told.
web_up() {
	spawn web pbx socat TCP-LISTEN:80,fork,reuseaddr EXEC:cat
	wait_for 5 listens_tcp pbx 80 || return 1
	reads_on office
}
reads_on() { # NAME
	spawn $1 pc bash -c "exec 3<> /dev/tcp/$PBX4/80
		while :; do echo tick >&3; read -r -t 5 line <&3 || exit 1; echo \"\$line\"; sleep 0.05; done"
	wait_for 5 says $1 tick
}
echoes() { wc -l < "$WORLD_DIR/log/${1:-office}"; }
echoes_more_than() { [ "$(echoes ${2:-office})" -gt "$1" ]; }

calls_begin() {
	call_begins nat pbx $PBX4 5204 prov $PROV4 30100 $CALL &&
		call_begins routed pbx $PBX6 5206 prov $PROV6 30102 $CALL &&
		call_begins inside phone $PHONE4 65110 pbx $PBX4 5208 $CALL &&
		call_talks nat routed inside
}

# replaced WHAT: what every replacing of maps must leave as it was.
replaced() { # WHAT FIGURES PACKETS ECHOES
	grown "$1" "$2"
	check_more "$1: the flows live on" $(($3 - 1)) "$(call_packets)"
	check "$1: so does the connection" wait_for 10 echoes_more_than $(($4 + 3))
	check_equal "$1: what is refused stays refused" '' "$(ask)"
	check_equal "$1: nothing half done is left" '' "$(find "$(pin)" -name new)"
}

# change WHAT TOOL: loads with it, and looks. What was, says the tool that loaded before.
change() {
	local figures packets echoes
	figures=$(figures) packets=$(call_packets) echoes=$(echoes)
	AGFEOCTL=$2
	check "$1" box_said load
	replaced "$1" "$figures" "$packets" "$echoes"
}

other_version() {
	local generation first
	generation=$(box status --json | jq .generation)
	first=$(box stats --json | jq .first_loaded)
	change 'another version loads' $OTHER
	check 'it says beforehand whose maps there are' \
		grep -qE 'by agfeoctl 1[0-9.]+ with maps of layout [0-9]+, this is 2.0.0 with 4711' "$WORLD_DIR/log/said"
	check 'and what is carried over' said 'carried over entry by entry: '
	check_equal 'values are larger by what it inserts' 272 "$(map_size counters .bytes_value)"
	check_equal 'it is the next generation' $((generation + 1)) "$(box status --json | jq .generation)"
	check_equal 'it counts since the first load' "$first" "$(box stats --json | jq .first_loaded)"
	check 'a load of its own keeps its maps' box_said load
	check_not 'and has nothing to say of them' said 'carried over'
	AGFEOCTL=$OURS
	check_not 'the first version does not misread them' box stats
	AGFEOCTL=$OTHER
	change 'the first version loads again' $OURS
	check_equal 'values are as they were' 256 "$(map_size counters .bytes_value)"
	check_equal 'another generation' $((generation + 3)) "$(box status --json | jq .generation)"
}

# taken_back WHAT TOOL: loaded, and not confirmed. The watcher is held up while we look.
taken_back() {
	local figures packets echoes watcher
	AGFEOCTL=$2
	check "$1" box_said load --confirm 4
	watcher=$(awk '{ print $2 }' "$WORLD_DIR/run/confirm")
	kill -STOP "$watcher"
	figures=$(figures)
	check "$1: a connection begins under it" reads_on meanwhile
	check "$1: it counts" wait_for 10 counts_beyond "$figures"
	figures=$(figures) packets=$(call_packets) echoes=$(echoes)
	kill -CONT "$watcher"
	check "$1: it is taken back" wait_for 60 test ! -e "$WORLD_DIR/run/confirm"
	AGFEOCTL=$OURS
	check_equal "$1: who is configured is so in what rules" "$(box status --json | jq .generation)" "$(configured pbx)"
	replaced "$1" "$figures" "$packets" "$echoes"
	echoes=$(echoes meanwhile)
	check "$1: so does the connection that began under it" wait_for 10 echoes_more_than $((echoes + 3)) meanwhile
	stop meanwhile
}
configured() { # DEVICE: in which generation
	bpftool -j map dump pinned "$(pin)/map/device_names" |
		jq ".[].formatted.value | select(.name == \"$1\").generation"
}
counts_beyond() { jq -en --argjson before "$1" --argjson now "$(figures)" '$now[0] > $before[0] + 200'; }

unconfirmed() {
	taken_back 'another version, not confirmed' $OTHER
	check_equal 'values are as they were' 256 "$(map_size counters .bytes_value)"
	sed -i '/^\[site\]/a flows = 4000' "$WORLD_DIR/agfeo.conf"
	taken_back 'smaller flow tables, not confirmed' $OURS
	check_more 'they are as large as they were' 4000 "$(map_size voice4 .max_entries)"
	site_conf
	devices 300
	taken_back 'more devices than there were rows for, not confirmed' $OURS
	site_conf
}

devices() { # COUNT more
	for ((i = 0; i < $1; i++)); do
		printf '[device d%d]\nmodel = t14-sip\naddress = 192.168.%d.%d\n' $i $((100 + i / 250)) $((i % 250 + 1))
	done >> "$WORLD_DIR/agfeo.conf"
}

sizes() {
	sed -i '/^\[site\]/a flows = 4000' "$WORLD_DIR/agfeo.conf"
	change 'smaller flow tables' $OURS
	check_equal 'are there' 4000 "$(map_size voice4 .max_entries)"
	sed -i 's/^flows = .*/flows = 40000/' "$WORLD_DIR/agfeo.conf"
	change 'larger flow tables' $OURS
	check_equal 'are there too' 40000 "$(map_size voice4 .max_entries)"
	devices 300
	change 'more devices than there were rows for' $OURS
	check_more 'there are rows' 300 "$(map_size device_names .max_entries)"
	check_equal 'as many counters as names' "$(map_size counter_names .max_entries)" "$(map_size counters .max_entries)"
	site_conf
	change 'as it was' $OURS
}

# Killed while another version's maps are taken over: what rules is the old policy or the new one.
kills() {
	local point expected figures steps='bank|switched|maps'
	[ "${FAULTS:-}" != all ] || steps=.
	while read -r point expected; do
		AGFEOCTL=$OTHER
		site_conf
		check "the other version loads" box_said load
		sed -i '/^\[device pbx\]/a allow = in tcp 8001 from site' "$WORLD_DIR/agfeo.conf"
		figures=$(figures)
		check "taking over killed at '$point'" killed $point
		check_equal "killed at '$point': packets" "$expected" "$(ask)"
		AGFEOCTL=$OURS
		check "killed at '$point': the next load completes" box_said load
		check_equal "killed at '$point': packets then" 8001 "$(ask)"
		check "killed at '$point': the counters it found are there" jq -en --argjson before "$figures" \
			--argjson now "$(figures)" '[range($before | length) | $now[.] >= $before[.]] | all'
		check_equal "killed at '$point': all maps are ours" 256 "$(map_size counters .bytes_value)"
	done < <(grep -E "$steps" <<-ROWS
		bank
		named
		switched
		prepared 8001
		programs 8001
		maps 8001
		finished 8001
	ROWS
	)
	site_conf
	check 'the policy as it was' box_said load
}

for tool in $OTHER $FAULTY; do [ -x "$tool" ] || NEED_MISSING="$NEED_MISSING $tool ('make test-programs' builds it)"; done
tools_built talk
test_begin migrate jq bpftool socat python3
world_up
check 'the configuration loads' box load
check 'an office computer reads the web pages' web_up
check 'calls begin' calls_begin
check_equal 'telnet is refused' '' "$(ask)"
check 'an attacker is refused' in_ns att bash -c "echo knock > /dev/udp/$PUBLIC4/5060"
other_version
unconfirmed
sizes
kills
hang_up nat routed inside
check_call 'call with the provider, masqueraded' nat
check_call 'call with the provider, IPv6' routed
check_call 'call inside' inside
check 'unload' box unload
check_equal 'nothing is left' '' "$(find "$(pin)" 2> /dev/null)"
test_end
