#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# kill -9 at every step of load, confirm, rollback, unload and run: packets say that the box enforces
# the old policy or the new one, and the next load repairs what is left. The steps are the fault
# points of a test build (user/kernel/fault.h); one that no row here covers fails the test.
# FAULTS=all kills a first load at every step too, and not only at some: the verifier takes its time.

. "$(dirname "$0")/lib.sh"

FAULTY=${AGFEOCTL_FAULTS:-${BUILD:-$ROOT_DIR/build}/test/agfeoctl}

# POINT EXPECTED: what rules after a kill there, of OLD, NEW and NONE.
RELOAD='room OLD, pinned OLD, bank OLD, prepared OLD, named OLD, switched NEW, attached NEW,
	programs NEW, finished NEW, done NEW'
FIRST='room NONE, pinned NONE, bank NONE, prepared NONE, named NONE, switched NONE, attached NEW,
	programs NEW, finished NEW, done NEW'
MODE='replacing OLD'
MAPS='maps NEW' # where tables of another size take the place of those that are
CONFIRM='watching OLD, watched NEW, confirming NEW, confirmed NEW'
ROLLBACK='rollback NEW, switched-back OLD, interfaces-back OLD, rolled-back OLD'
UNLOAD='unloading OLD, switched-off NONE, let-go NONE, emptied NONE, removed NONE'
RUN='beginning OLD, observed OLD, exported OLD, keeping OLD, swept OLD, index-swept OLD'
RETURN='role OLD, returning OLD'

each_row() { # TABLE FUNCTION
	local row
	tr '\n,' ' \n' <<< "$1" | awk 'NF { print $1, $2 }' > "$WORLD_DIR/log/rows"
	cut -d ' ' -f 1 "$WORLD_DIR/log/rows" >> "$WORLD_DIR/log/ran"
	while read -r row <&8; do $2 $row; done 8< "$WORLD_DIR/log/rows"
}

# Both ways: no point without a row that ran, no row without a point.
rows_cover_points() {
	check_equal 'every fault point had its row' \
		"$(grep -rhoE 'fault_point\("[^"]+"' "$ROOT_DIR/user" | cut -d '"' -f 2 | sort -u)" \
		"$(sort -u "$WORLD_DIR/log/ran")"
}

# ------------------------------------------------------------------ asking

# policy NUMBER [MODE]: tcp 8000 is open always, 8001 in the old policy, 8002 in the new.
policy() {
	sed "/^\\[device pbx\\]/a allow = in tcp 8000 from site, in tcp $1 from site
		/^\\[device softphone\\]/a allow = out tcp 8000 to any, out tcp $1 to any
		/^\\[interface lan0\\]/a xdp = ${2:-auto}" "$WORLD_DIR/site.conf" > "$WORLD_DIR/agfeo.conf"
}
old() { policy 8001; }
new() { policy 8002; }

ask() { in_ns $1 python3 "$E2E_DIR/ask.py" $2 8000 23 8001 8002; }

# What an office computer reaches of the PBX, and the telephone of the internet.
rules() {
	local answers
	answers="$(ask pc $PBX4) / $(ask phone $ATT4)"
	case $answers in
	'8001 / 8001') echo OLD ;;
	'8002 / 8002') echo NEW ;;
	'23 8001 8002 / 23 8001 8002') echo NONE ;;
	*) echo "$answers" ;;
	esac
}

same() { [ "$("${@:2}")" = "$1" ]; }
pin() { echo "$WORLD_DIR/bpf/agfeo"; }
half_done() { find "$(pin)" -name new; }
attached() { ip -n "$WORLD-fw" -j -d link show dev "$1" 2> /dev/null | jq -e '.[0].xdp.prog.id' > /dev/null; }

killed() { # FAULT ARGUMENTS...: true when it died of it
	local point=$1
	shift
	in_ns fw env AGFEO_FAULT="kill:$point" ASAN_OPTIONS=detect_leaks=0 "$FAULTY" --pin "$(pin)" \
		--run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" "$@" > "$WORLD_DIR/log/killed" 2>&1
	[ $? = 137 ]
}

# repaired WHAT: the next load brings the new policy, whole.
repaired() {
	new
	check "$1: the next load works" box load
	check_equal "$1: and rules" NEW "$(rules)"
	check_equal "$1: nothing half done is left" '' "$(half_done)"
}

# ------------------------------------------------------------------ load

reload_row() { # POINT EXPECTED
	old
	check 'the old policy' box load
	new
	check "reload killed at '$1'" killed $1 load
	check_equal "reload killed at '$1': packets" $2 "$(rules)"
	repaired "reload killed at '$1'"
}

first_row() {
	box unload > /dev/null 2>&1
	new
	check "first load killed at '$1'" killed $1 load
	check_equal "first load killed at '$1': packets" $2 "$(rules)"
	repaired "first load killed at '$1'"
}

# Native and generic cannot be at one interface at once: for a moment it has neither. The mark that
# it is to be guarded stays.
mode_row() {
	old
	check 'the old policy' box load
	policy 8002 generic
	check "change of mode killed at '$1'" killed $1 load
	check_not "change of mode killed at '$1': lan0 has no program" attached lan0
	daemon_begins
	check "change of mode killed at '$1': a daemon puts one there" wait_for 20 attached lan0
	check_equal "change of mode killed at '$1': packets" $2 "$(rules)"
	stop daemon
	repaired "change of mode killed at '$1'"
}

maps_row() {
	old
	check 'the old policy' box load
	new
	sed -i '/^\[site\]/a flows = 9999' "$WORLD_DIR/agfeo.conf"
	check "other tables, killed at '$1'" killed $1 load
	check_equal "other tables, killed at '$1': packets" $2 "$(rules)"
	repaired "other tables, killed at '$1'"
}

# ------------------------------------------------------------------ confirm, rollback

confirm_row() {
	old
	check 'the old policy' box load
	new
	case $1 in
	watching)
		check_not 'load --confirm whose watcher is killed' killed $1 load --confirm 600
		check 'load --confirm whose watcher is killed: says so' grep -q 'cannot be started' "$WORLD_DIR/log/killed"
		;;
	watched) check 'load --confirm killed with its watcher begun' killed $1 load --confirm 600 ;;
	*)
		check 'load --confirm' box load --confirm 600
		check "confirm killed at '$1'" killed $1 confirm
		;;
	esac
	check_equal "killed at '$1': packets" $2 "$(rules)"
	case $1 in
	watched | confirming) check "killed at '$1': it can be confirmed" box confirm ;;
	*) check_not "killed at '$1': nothing waits" box confirm ;;
	esac
	repaired "killed at '$1'"
}

watcher_gone() { flock -n "$WORLD_DIR/run/confirm" true; }

rollback_row() {
	old
	check 'the old policy' box load
	new
	check_not "load --confirm 1, to be killed at '$1' of going back" killed $1 load --confirm 1
	check "rollback killed at '$1'" wait_for 20 watcher_gone
	check_equal "rollback killed at '$1': packets" $2 "$(rules)"
	repaired "rollback killed at '$1'"
}

unload_row() {
	old
	check 'the old policy' box load
	check "unload killed at '$1'" killed $1 unload
	check_equal "unload killed at '$1': packets" $2 "$(rules)"
	repaired "unload killed at '$1'"
}

# ------------------------------------------------------------------ run

daemon_begins() { # [POINT]
	rm -f "$WORLD_DIR/textfile/agfeo.prom"
	spawn daemon fw env AGFEO_FAULT="kill:${1:-}" ASAN_OPTIONS=detect_leaks=0 "$FAULTY" \
		--pin "$(pin)" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" run
}

daemon_dies() { # WHAT: by the kill, and another one takes its place
	local pid
	pid=$(pid_of daemon)
	wait_for 60 gone "$pid" || return 1
	{ wait "$pid"; } 2> /dev/null
	[ $? = 137 ]
}

run_row() {
	daemon_begins $1
	check "run killed at '$1'" daemon_dies
	check_equal "run killed at '$1': packets" $2 "$(rules)"
	daemon_begins
	check "run killed at '$1': another one exports" wait_for 20 test -s "$WORLD_DIR/textfile/agfeo.prom"
	stop daemon
}

return_row() {
	old
	check 'the old policy' box load
	ip -n "$WORLD-fw" link delete lan1
	daemon_begins $1
	check 'a daemon' wait_for 20 test -s "$WORLD_DIR/textfile/agfeo.prom"
	wire fw lan1 pbx eth0
	address fw lan1 192.168.10.1/24 fd00:10::1/64
	address pbx eth0 $PBX4/24 $PBX6/64
	route pbx 192.168.10.1 fd00:10::1
	check "run killed at '$1' of an interface's return" daemon_dies
	check_equal "run killed at '$1': packets" $2 "$(rules)"
	repaired "run killed at '$1'"
	check "run killed at '$1': the interface is guarded" attached lan1
}

[ -x "$FAULTY" ] || NEED_MISSING=" $FAULTY ('make test-programs' builds it)"
test_begin faults jq flock python3
world_up
cp "$WORLD_DIR/agfeo.conf" "$WORLD_DIR/site.conf"
[ "${FAULTS:-}" = all ] || FIRST=$(grep -oE '(bank|switched|attached) [A-Z]+' <<< "$FIRST" | paste -sd ,)
each_row "$FIRST" first_row
each_row "$RELOAD" reload_row
each_row "$MODE" mode_row
each_row "$MAPS" maps_row
each_row "$CONFIRM" confirm_row
each_row "$ROLLBACK" rollback_row
each_row "$UNLOAD" unload_row
old
check 'the old policy' box load
each_row "$RUN" run_row
each_row "$RETURN" return_row
rows_cover_points
check 'unload' box unload
check_equal 'nothing is enforced any more' NONE "$(rules)"
test_end
