#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# mode = monitor: everything is judged and counted the same, nothing is dropped or re-marked.

. "$(dirname "$0")/lib.sh"
. "$ROOT_DIR/tests/demo/peers.sh"

test_begin monitor sipp baresip jq nc
world_up
family 4
speech 10
site_conf monitor
check 'the configuration loads' box load
check_equal 'the box says that it only watches' monitor "$(stats .mode)"
check 'provider, PBX and phone register' peers_up
for peer in phone pbx prov; do check "capture of $peer runs" capture $peer $peer; done
check 'the call is answered' call_up

before=$(drops pbx not-listed)
check_equal 'telnet from the office reaches the PBX (which refuses)' '23 ' "$(knock pc tcp $PBX4 23)"
check_more 'and is counted as what enforce would drop' "$before" "$(drops pbx not-listed)"
before=$(drops pbx scope)
check_equal 'a stranger reaches the web port' '443 ' "$(knock att tcp $PBX4 443)"
check_more 'and is counted as what enforce would drop' "$before" "$(drops pbx scope)"

sleep 3
check 'the call ends' call_down
check 'captures are whole' capture_end phone pbx prov
while IFS='|' read -r name sender sent receiver received; do
	leg "$sender" "$sent" "$receiver" "$received"
	check_more "$name: there is voice" 100 "$SENT"
	check_equal "$name: every packet arrives" "$SENT" "$RECEIVED"
	check_equal "$name: nothing is marked" 0 "$MARKED"
	check_equal "$name: it arrives as it was sent" "$SENT" \
		"$(count "$receiver" "$received and $(dscp 0 4)")"
done < <(voice_legs)
check_more 'voice packets are counted' 100 \
	"$(stats '[.devices[] | select(.device == "pbx").services[] | select(.class == "voice").in.pass.packets] | add')"

site_conf enforce
check 'enforce loads in place' box load
check_equal 'the same telnet is refused now' '' "$(knock pc tcp $PBX4 23)"
test_end
