#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# kill -9 of anything of ours changes nothing: while a call is on, the daemon and loaders in the
# middle of their work are killed; no voice packet is lost or unmarked, what is forbidden stays so.

. "$(dirname "$0")/lib.sh"
. "$ROOT_DIR/tests/demo/peers.sh"

# A loader that is killed after some milliseconds: before, within and after its changes.
kill_loaders() {
	local delay killed=0
	for delay in 0.01 0.02 0.04 0.06 0.08 0.1 0.15 0.2 0.3 0.5; do
		spawn loader fw "$AGFEOCTL" --pin "$WORLD_DIR/bpf/agfeo" --run "$WORLD_DIR/run" \
			-c "$WORLD_DIR/agfeo.conf" load
		sleep $delay
		running loader && killed=$((killed + 1))
		stop loader KILL
		check_equal "loader killed after $delay s: telnet to the PBX stays shut" '' \
			"$(knock pc tcp $PBX4 23)"
	done
	check_more 'loaders were killed at work' 0 $killed
}

kill_daemon() {
	if ! box help | grep -q "^  run "; then
		skip 'killing the daemon: this build has none'
		return
	fi
	spawn daemon fw "$AGFEOCTL" --pin "$WORLD_DIR/bpf/agfeo" --run "$WORLD_DIR/run" \
		-c "$WORLD_DIR/agfeo.conf" run
	check 'the daemon writes its textfile' wait_for 10 test -s "$WORLD_DIR/textfile/agfeo.prom"
	check 'the daemon lives' running daemon
	stop daemon KILL
	check_equal 'daemon killed: telnet to the PBX stays shut' '' "$(knock pc tcp $PBX4 23)"
	spawn daemon fw "$AGFEOCTL" --pin "$WORLD_DIR/bpf/agfeo" --run "$WORLD_DIR/run" \
		-c "$WORLD_DIR/agfeo.conf" run
	sleep 1
	check 'it starts again over what it left' running daemon
	stop daemon TERM
}

test_begin kill sipp baresip jq nc
world_up
family 4
speech 60
check 'the configuration loads' box load
check 'provider, PBX and phone register' peers_up
for peer in phone pbx prov; do check "capture of $peer runs" capture $peer $peer; done
check 'the call is answered' call_up
generation=$(stats .generation)
kill_daemon
kill_loaders
check 'the next load repairs what is left' box load
check_more 'and rules' "$generation" "$(stats .generation)"
check_equal 'telnet to the PBX stays shut' '' "$(knock pc tcp $PBX4 23)"
check 'the call still ends as it should' call_down
check 'captures are whole' capture_end phone pbx prov
while IFS='|' read -r name sender sent receiver received; do
	leg "$sender" "$sent" "$receiver" "$received"
	check_more "$name: there is voice" 300 "$SENT"
	check_equal "$name: every packet arrives" "$SENT" "$RECEIVED"
	check_equal "$name: every packet is EF" "$RECEIVED" "$MARKED"
done < <(voice_legs)
check 'unload' box unload
check_equal 'unload leaves no pin' '' "$(find "$WORLD_DIR/bpf/agfeo" 2> /dev/null)"
check_equal 'unload leaves no program' '' "$(in_ns fw ip link show | grep -o 'prog/xdp.*')"
test_end
