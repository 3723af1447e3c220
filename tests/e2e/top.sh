#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2153,SC2154 # what is sourced
# The live screen in a real terminal (tmux is one): before anything is loaded, with calls, with a
# direction that this box drops, at sizes and in terminals of all kinds; and the terminal afterwards.

. "$(dirname "$0")/lib.sh"

TALKER=$ROOT_DIR/tests/voice/talker.py
UTF8=$(locale -a 2> /dev/null | grep -iE '^c\.utf-?8$' | head -n 1)

# tmux's server lives in the box's namespace, and so ends with it.
terminal() { in_ns fw tmux -S "$WORLD_DIR/tmux" -f /dev/null "$@"; }

# top_begins COLUMNS ROWS [VARIABLE=VALUE...]: the screen, and how it left the terminal behind.
top_begins() {
	local columns=$1 rows=$2
	shift 2
	rm -f "$WORLD_DIR"/top-*
	cat > "$WORLD_DIR/top" <<-SCRIPT
		stty -g > "$WORLD_DIR/top-before"
		echo \$\$ > "$WORLD_DIR/top-shell"
		$AGFEOCTL --pin "$WORLD_DIR/bpf/agfeo" top 2> "$WORLD_DIR/top-said"
		echo \$? > "$WORLD_DIR/top-status"
		stty -g > "$WORLD_DIR/top-after"
		sleep 600
	SCRIPT
	terminal new-session -d -x "$columns" -y "$rows" env LC_ALL="${UTF8:-C}" "$@" bash "$WORLD_DIR/top"
}

top_closes() { terminal kill-session; }
press() { terminal send-keys "$@"; }
screen() { terminal capture-pane -p "$@"; }
shows() { screen | grep -qE -- "$1"; }
shows_not() { ! shows "$1"; }
soon() { wait_for 8 "$@"; }
ended() { [ -s "$WORLD_DIR/top-after" ]; }
top_pid() { ps -o pid= --ppid "$(cat "$WORLD_DIR/top-shell")" | awk '{ print $1; exit }'; }

# kept STATUS: it ended so, and the terminal's settings are as they were before.
kept() {
	wait_for 5 ended || { echo 'it did not end'; return 1; }
	[ "$(cat "$WORLD_DIR/top-status")" = "$1" ] || { echo "status $(cat "$WORLD_DIR/top-status")"; return 1; }
	cmp "$WORLD_DIR/top-before" "$WORLD_DIR/top-after"
}

# left_alone STATUS: and what stood on it is there again.
left_alone() {
	kept "$1" || return 1
	shows_not 'F1Help' || { echo 'the screen was left behind'; return 1; }
	[ "$(terminal display-message -p '#{alternate_on} #{cursor_flag}')" = '0 1' ]
}

fits() { # COLUMNS ROWS: all of it is drawn, down to the last row
	[ "$(screen | sed -n "$2p" | grep -c F1Help)" = 1 ]
}

# ------------------------------------------------------------------ scenes

not_loaded() {
	top_begins 80 24
	check 'it says that nothing is loaded' soon shows "nothing is loaded at .*: run 'agfeoctl load'"
	check 'help works all the same' press F1
	check 'with its keys' soon shows 'M L J T'
	press F1
	check 'the configuration loads' box load
	check 'and the screen comes alive' soon shows 'office  generation 1  enforce'
	check 'interfaces with role and mode' soon shows 'lan1 voice (native|generic).*wan0 uplink'
	check 'no calls yet' shows 'no calls'
}

talk() { # NAME NAMESPACE FROM TO SECONDS WHAT...
	local name=$1 ns=$2
	shift 2
	spawn "$name" "$ns" python3 "$TALKER" "$@"
}

with_calls() {
	talk out pbx "$PBX4:5210" "$PROV4:30000" 60
	sleep 0.3
	talk in prov "$PROV4:30000" "$PUBLIC4:5210" 60 lose=5
	check 'a call shows, good from the device, hurt to it' soon shows \
		"^pbx .*$PROV4:30000 .*(19|2[01])\.[0-9]% .* [0-9.]+ [12]\.[0-9]+ +0\.0% +[0-9.]+ 4\.41"
	check 'voice is counted among the flows' soon shows 'flows .*voice [1-9]'
	check 'packets pass' soon shows 'passed +[1-9][0-9.]*/s'
	[ -z "$UTF8" ] || check 'as blocks' soon shows 'passed .*[▂▃▄▅▆▇█].*peak'
	check 'the chosen call shows more' shows 'rtp 192.168.10.2:5210 - 217.10.64.10:30000'
}

# The provider's voice comes to a port that the PBX has not: the box drops it, and says so.
one_way() {
	spawn follow fw "$AGFEOCTL" --pin "$WORLD_DIR/bpf/agfeo" calls --follow
	talk lonely pbx "$PBX4:5220" "$PROV4:30020" 60
	talk refused prov "$PROV4:30002" "$PBX4:5300" 60
	check 'one-way audio shows' soon shows "^pbx .*$PROV4:30020 .*ONE-WAY"
	check 'as the first row' soon shows_first "$PROV4:30020"
	check 'in red' red_one_way
	check 'in the header too' soon shows 'flows .* 1 ONE-WAY'
	check 'with what we dropped of it' soon shows \
		"dropped here: not-listed $PROV4:30002 -> $PBX4:5300"
	check_equal 'calls --json says it too' \
		"[\"not-listed\",\"$PROV4:30002\",\"$PBX4:5300\"]" \
		"$(box calls --json | jq -c '.calls[].cause | select(.) | [.reason, .source, .destination]')"
	check 'and calls' calls_say
	check 'and calls --follow' soon says follow \
		"ONE-WAY .*dropped here: not-listed $PROV4:30002 -> $PBX4:5300"
	stop follow
	press r
	check 'drops by reason, with a rate' soon shows '^not-listed +all +[1-9][0-9.]* +[0-9]+'
	check 'by device' soon shows '^ +pbx +[1-9][0-9.]* +[0-9]+'
	check 'and by address' soon shows "not-listed +udp $PROV4:30002 -> $PBX4:5300"
	press d
	check 'devices, with rates' soon shows '^pbx +es-pure-ip-x-it +[1-9][0-9.]* +[1-9][0-9.]* +[1-9]'
}

calls_say() {
	box calls | grep "ONE-WAY: nothing to the device, dropped here: not-listed $PROV4:30002 -> $PBX4:5300"
}
shows_first() { screen | grep -A1 '^DEVICE  *PEER' | tail -n 1 | grep -qF "$1"; }
red_one_way() { screen -e | grep -F ONE-WAY | grep -qE $'\e\\[([0-9;]*;)?31m'; }

keys() {
	press c T
	check 'the newest call first' soon shows 'the newest first'
	check 'is the lonely one' soon shows_first "$PROV4:30020"
	press I
	check 'turned round' soon shows_first "$PROV4:30000"
	press L
	check 'by loss' soon shows 'the most loss first'
	check 'the hurt one' soon shows_first "$PROV4:30000"
	press M /
	press 30020
	check 'a filter is typed' soon shows 'Filter: 30020'
	press Enter
	check 'and leaves the rows that match' soon shows '"30020": 1 of 2'
	check 'only those' shows_not "^pbx .*$PROV4:30000"
	press Escape
	check 'Esc takes it away' soon shows "^pbx .*$PROV4:30000"
	press + +
	check 'a longer interval' soon shows 'every 3s'
	press - -
	check 'a shorter one' soon shows 'every 1s'
	press p
	check 'pause' soon shows 'PAUSED'
	check 'stands still' stands_still
	press p
	check 'and goes on' soon shows_not 'PAUSED'
}

stands_still() {
	local before
	before=$(screen)
	sleep 2.2
	[ "$before" = "$(screen)" ]
}

sizes() {
	local size
	for size in '140 40' '60 15' '40 10' '80 24'; do
		# shellcheck disable=SC2086
		set -- $size
		terminal resize-window -x "$1" -y "$2"
		check "it fits $1 x $2" soon fits "$1" "$2"
	done
	terminal resize-window -x 30 -y 5
	check 'too small is said' soon shows '40 columns'
	terminal resize-window -x 80 -y 24
	check 'and is over' soon fits 80 24
}

reloads() {
	check 'it unloads' box unload
	check 'it says so' soon shows "nothing is loaded at"
	check 'it loads again' box load
	check 'the screen is back' soon shows 'office  generation 1  enforce'
	press q
	check 'q leaves the terminal as it was' left_alone 0
	top_closes
	top_begins 80 24
	check 'it runs again' soon shows 'generation'
	press F10
	check 'F10 ends it too' left_alone 0
	top_closes
}

signals() {
	local signal status
	for signal in INT:0 TERM:143 HUP:129 QUIT:131; do
		status=${signal#*:} signal=${signal%:*}
		top_begins 80 24
		check "SIG$signal: it runs" soon shows 'generation'
		kill "-$signal" "$(top_pid)"
		check "SIG$signal leaves the terminal as it was" left_alone "$status"
		top_closes
	done
}

terminals() {
	top_begins 80 24 TERM=vt100 LC_ALL=C
	check 'vt100 without UTF-8 works' soon shows 'passed .*[-_.:=+*#]{3}.*peak'
	check 'in ASCII alone' ascii_alone
	check 'without colours' colourless
	press q
	check 'it ends' kept 0
	top_closes
	top_begins 80 24 TERM=no-such-terminal
	check 'an unknown terminal is refused' wait_for 5 ended
	check_equal 'with status 1' 1 "$(cat "$WORLD_DIR/top-status")"
	check 'and says what to do' grep -q "TERM is 'no-such-terminal'.*stats --watch" "$WORLD_DIR/top-said"
	top_closes
}

ascii_alone() { ! screen | LC_ALL=C grep -q '[^ -~]'; }
colourless() { ! screen -e | grep -qE $'\e\\[[0-9;]*3[1-7]m'; }

refusals() {
	box top < /dev/null > "$WORLD_DIR/top-out" 2>&1
	check_equal 'no terminal: status 1' 1 $?
	check 'no terminal: what to do' grep -q 'stats --watch' "$WORLD_DIR/top-out"
	box top --json > "$WORLD_DIR/top-out" 2>&1
	check_equal 'JSON: status 2' 2 $?
	check 'JSON: what to do' grep -q 'stats --watch 1 --json' "$WORLD_DIR/top-out"
}

test_begin top tmux python3 jq
world_up
not_loaded
with_calls
one_way
keys
sizes
stop out
stop lonely
stop in
stop refused
reloads
signals
terminals
refusals
test_end
