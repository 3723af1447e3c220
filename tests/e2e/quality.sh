#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2153,SC2154 # what is sourced
# The quality of a live call: loss, copies and jitter that a talker makes are what `calls` says, with
# both directions side by side, over IPv4 and IPv6; one-way audio shows within 5 s and clears.

. "$(dirname "$0")/lib.sh"

TALKER=$ROOT_DIR/tests/voice/talker.py

# talk NAME NAMESPACE FROM TO SECONDS WHAT...: in the background; log/NAME says what it did.
talk() {
	local name=$1 ns=$2
	shift 2
	spawn "$name" "$ns" python3 "$TALKER" "$@"
}

ended() { # NAME
	local deadline=$((SECONDS + 30))
	until grep -q ssrc "$WORLD_DIR/log/$1" || [ $SECONDS -ge $deadline ]; do sleep 0.2; done
	stop "$1"
	grep -q ssrc "$WORLD_DIR/log/$1"
}

calls() { box calls --json; } # JSON
# stream DIRECTION MEMBER: of the call whose local end is $LOCAL
stream() {
	calls | jq -r --arg local "$LOCAL" --arg way "$1" \
		".calls[] | select(.local == \$local) | .streams[] | select(.direction == \$way) | .$2"
}
call() { calls | jq -r --arg local "$LOCAL" ".calls[] | select(.local == \$local) | .$1"; }
did() { jq -r ".$2" "$WORLD_DIR/log/$1"; } # NAME MEMBER

# check_between WHAT FROM TO ACTUAL
check_between() {
	if jq -en "($4) >= ($2) and ($4) <= ($3)" > /dev/null 2>&1; then
		ok "$1 ($4)"
	else
		not_ok "$1: expected $2 to $3, got ${4:-nothing}"
	fi
}

check_jitter() { # FAMILY DIRECTION NAME: to half a millisecond, which is what a busy machine adds
	local sent
	sent=$(did "$3" mean_jitter_ms)
	check_between "$1, $2: mean jitter of $sent ms" "$sent - 0.5" "$sent + 0.5" \
		"$(stream "$2" mean_jitter_ms)"
}

check_way() { # FAMILY DIRECTION NAME
	check_equal "$1, $2: SSRC" "$(did "$3" ssrc)" "$(stream "$2" ssrc)"
	check_equal "$1, $2: packets" "$(did "$3" sent)" "$(stream "$2" packets)"
	check_equal "$1, $2: expected" "$(did "$3" expected)" "$(stream "$2" expected)"
	check_equal "$1, $2: lost" "$(did "$3" lost)" "$(stream "$2" lost)"
	check_equal "$1, $2: duplicates" "$(did "$3" duplicates)" "$(stream "$2" duplicates)"
	check_equal "$1, $2: bytes" "$(($(did "$3" sent) * 160))" "$(stream "$2" bytes)"
	check_equal "$1, $2: nothing dropped here" 0 "$(stream "$2" dropped_here)"
	check_equal "$1, $2: leaves as EF" 46 "$(stream "$2" dscp_out)"
}

talks() { [ -n "$(stream "$1" packets)" ]; } # DIRECTION

# A call that is hurt: 5 % lost and 5 ms late one way, 2 % copied the other way.
# The provider answers to the address that it sees.
hurt_call() { # FAMILY LOCAL REMOTE SEEN
	LOCAL=$2
	talk out pbx "$2" "$3" 8 lose=20 late=5
	check "$1: the device opens the way" wait_for 30 talks out
	talk in prov "$3" "$4" 8 copy=50
	check "$1: the device talks" ended out
	check "$1: the provider talks" ended in
	check_way "$1" out out
	check_way "$1" in in
	check_equal "$1: codec" PCMA "$(stream out codec)"
	check_more "$1: 5 ms late every other packet is jitter" 3 "$(stream out jitter_ms | cut -d. -f1)"
	check_jitter "$1" out out
	check_jitter "$1" in in
	check_between "$1: MOS of 5 % lost" 3.9 3.96 "$(stream out mos)"
	check_equal "$1: MOS of nothing lost" 4.409 "$(stream in mos)"
	check_equal "$1: not one-way" false "$(call one_way)"
	check_equal "$1: device" pbx "$(call device)"
}

first_said() { # as soon as the call is there
	local deadline=$((SECONDS + 10)) said=''
	until [ -n "$said" ] || [ $SECONDS -ge $deadline ]; do said=$(call one_way); done
	echo "$said"
}

one_way_is() { # true|false, within 5 s
	local deadline=$((SECONDS + 5))
	until [ "$(call one_way)" = "$1" ]; do
		[ $SECONDS -lt $deadline ] || return 1
		sleep 0.2
	done
}

# What flows, status and the metrics say of it; the interval of a textfile comes on top.
elsewhere() {
	box flows --json | jq -r --arg local "$LOCAL" '.flows[] | select(.local == $local) | .one_way'
	box status --json | jq .one_way
	box export | awk '$1 == "agfeo_calls_one_way" { print $2 }'
}
agreed() { [ "$(elsewhere | xargs)" = "$1" ]; }

one_way_call() {
	LOCAL=$PBX4:5220
	spawn follow fw "$AGFEOCTL" --pin "$WORLD_DIR/bpf/agfeo" calls --follow
	talk device pbx "$LOCAL" "$PROV4:30020" 25
	check_equal 'a moment of silence is not one-way yet' false "$(first_said)"
	check 'a provider that never answers is one-way' one_way_is true
	check_equal 'what is missing comes in' in "$(call missing)"
	check 'flows, status and metrics say the same' wait_for 3 agreed 'true 1 1'
	sleep 1.5 # for who reads every second
	talk answer prov "$PROV4:30020" "$PUBLIC4:5220" 6
	check 'it clears when the provider talks' one_way_is false
	check 'in flows, status and metrics too' wait_for 3 agreed 'false 0 0'
	check 'the provider falls silent' ended answer
	check 'that is one-way again' one_way_is true
	check 'the device hangs up' ended device
	check 'both silent is not one-way' one_way_is false
	sleep 3.5
	stop follow
	check_equal 'calls --follow said it all in lines' 'talking ONE-WAY two-way ONE-WAY silent' \
		"$(grep -F "$LOCAL" "$WORLD_DIR/log/follow" | awk '{ print $3 }' | xargs)"
}

test_begin quality python3 jq
world_up
check 'the configuration loads' box load
hurt_call IPv4 "$PBX4:5210" "$PROV4:30000" "$PUBLIC4:5210"
hurt_call IPv6 "[$PBX6]:5212" "[$PROV6]:30002" "[$PBX6]:5212"
one_way_call
check 'calls as text' box calls
test_end
