#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# `flows --follow`: a call of real peers is opened, told every ten seconds, closed; by several
# readers, with and without the daemon. One that is stopped loses records, is told how many, and
# holds up nobody. `stats --watch` beside them says how much a second, until nothing is loaded.
# FOLLOW_LONG=1 also waits for a call's flow to expire, a minute after its end.

. "$(dirname "$0")/lib.sh"
. "$ROOT_DIR/tests/demo/peers.sh"

agfeoctl_at_box() { # NAME ARGUMENT...: in the background
	local name=$1
	shift
	spawn "$name" fw "$AGFEOCTL" --pin "$WORLD_DIR/bpf/agfeo" --run "$WORLD_DIR/run" \
		-c "$WORLD_DIR/agfeo.conf" "$@"
}

log_of() { echo "$WORLD_DIR/log/$1"; }

# told READER LOCAL FILTER: a jq filter over the list of what the reader was told of one flow.
told() {
	jq -s -r --arg local "$2" "[.[] | select(.local == \$local)] | $3" "$(log_of "$1")"
}

# told_of READER LOCAL: its events in order, as words.
told_of() { told "$1" "$2" '[.[].event | ltrimstr("flow-")] | join(" ")'; }

tells() { told_of "$1" "$2" | grep -qx "$3"; }
lost_of() { jq -s '[.[] | select(.event == "lost").records] | add // 0' "$(log_of "$1")"; }
loses() { [ "$(lost_of "$1")" -ge "$2" ]; }

# The provider's networks are elsewhere: its calls are refused from now on, and a call that is up ends.
provider_moves() {
	sed -i 's,^networks = 217.10.64.0/20.*,networks = 217.10.80.0/20,' "$WORLD_DIR/agfeo.conf"
	box load
}

a_call() {
	check 'provider, PBX and phone register' peers_up
	kill -STOP "$(pid_of slow)"
	check 'the call is answered' call_up
	check 'both halves are opened' wait_for 5 tells first "$INNER" opened
	check 'and told in text' wait_for 5 grep -q " opened .* $OUTER " "$(log_of text)"
	check_equal 'by the ring buffer: where, and why' '["listed","xdp"]' \
		"$(told first "$OUTER" '.[0] | [.reason, .hook] | tostring')"
	check_equal 'of which class and device' '["voice","pbx","rtp"]' \
		"$(told first "$OUTER" '.[0] | [.class, .device, .service] | tostring')"
	check 'and told again ten seconds later' wait_for 15 tells first "$OUTER" 'opened periodic'
	check 'to the other reader too' wait_for 3 tells second "$OUTER" 'opened periodic'
	check_equal 'with what it carried, and how it sounds' \
		'{"packets":true,"mark":[0,46],"codec":"PCMA","lost":0,"jitter":true,"mos":true}' \
		"$(told first "$OUTER" '.[1].out | {packets: (.packets > 300),
			mark: [.dscp_in, .dscp_out], codec: .stream.codec, lost: .stream.lost,
			jitter: (.stream.jitter_ms < 50), mos: (.stream.mos > 4)} | tostring')"
	check_equal 'in the other direction too' PCMA "$(told first "$OUTER" '.[1].in.stream.codec')"
}

# While the call is up: a load that forbids it.
a_refused_call() {
	check 'a load takes the provider away' provider_moves
	check 'the outer half is closed at once' wait_for 5 tells first "$OUTER" 'opened periodic closed'
	check_equal 'which was between two readings' false "$(told first "$OUTER" '.[-1].final')"
	check_more 'with the packets so far' 300 "$(told first "$OUTER" '.[-1].out.packets')"
	check 'the inner one goes on' wait_for 15 tells first "$INNER" 'opened periodic periodic'
	check_equal 'with what flows says, for the most' true "$(box flows --json | jq --argjson told \
		"$(told first "$INNER" '.[-1].out.packets')" \
		"[.flows[] | select(.local == \"$INNER\").out.packets] | .[0] >= \$told")"
}

connection() {
	spawn web pbx nc -l $PBX4 80
	wait_for 5 listens_tcp pbx 80
	check 'a PC asks the PBX for a page' in_ns pc bash -c "echo x > /dev/tcp/$PBX4/80"
	check 'its connection is opened and closed' wait_for 10 tells second $PBX4:80 'opened closed'
	check_equal 'with its last figures' true "$(told second $PBX4:80 '.[-1].final')"
}

slow_reader() {
	check_equal 'the reader that was stopped was told nothing' '' "$(told_of slow "$INNER")"
	while [ $SECONDS -lt $((slow_since + 30)) ]; do sleep 0.2; done
	kill -CONT "$(pid_of slow)"
	check 'it is told how many it missed' wait_for 5 loses slow 2
	check 'and what there is' wait_for 5 told slow "$INNER" '.[0] | select(.event == "flow-opened") // error'
	check_equal 'the others lost nothing' '0 0' "$(lost_of first) $(lost_of second)"
}

# A call is 50 packets a second each way; a second is never one to the microsecond.
watched_rates() {
	check 'stats --watch: every line is JSON, of about a second' \
		wait_for 10 jq -se 'length > 5 and all(.interval_s > 0.5)' "$(log_of rates)"
	check 'stats --watch: the call, as packets a second' wait_for 10 jq -se 'map(.devices[] | select(.device == "pbx").services[] |
		select(.service == "rtp").in.pass.packets_per_s) | max | . > 20 and . < 400' "$(log_of rates)"
	check 'stats --watch: as text' grep -qE ' rtp +[0-9.]+/s .*/s to ef' "$(log_of rates-text)"
}

unloading() {
	box unload --json > "$(log_of unloaded)"
	check_equal 'unload --json: what was taken back' "true $WORLD_DIR/bpf/agfeo lan0 lan1 wan0" \
		"$(jq -r '[.unloaded, .pin, (.interfaces | map(.name) | sort[])] | map(tostring) | join(" ")' "$(log_of unloaded)")"
	finish rates 10
	check_equal 'stats --watch ends with it' 1 $?
	check 'and says why' says rates 'nothing is loaded at'
}

expiry() {
	check 'a minute after the call its flow is closed' \
		wait_for 75 told first "$INNER" '.[-1] | select(.event == "flow-closed" and .final) // error'
	check_equal 'once' 1 "$(told first "$INNER" '[.[] | select(.event == "flow-closed")] | length')"
	check 'by all readers' wait_for 3 \
		told slow "$INNER" '.[-1] | select(.event == "flow-closed" and .final) // error'
}

OUTER=$PBX4:$PBX_RTP_OUTSIDE
INNER=$PBX4:$PBX_RTP_INSIDE
test_begin follow sipp baresip jq nc
world_up
family 4
speech 60
check 'the configuration loads' box load
agfeoctl_at_box first flows --follow --json
agfeoctl_at_box second flows --follow --json
agfeoctl_at_box slow flows --follow --json
agfeoctl_at_box text flows --follow
agfeoctl_at_box rates stats --watch 1 --json
agfeoctl_at_box rates-text stats --watch 1
slow_since=$SECONDS
a_call
agfeoctl_at_box daemon run
a_refused_call
connection
slow_reader
check 'the daemon ran' running daemon
check_equal 'no line of text is too long' '' "$(awk 'length > 100' "$(log_of text)")"
call_down > /dev/null 2>&1
watched_rates
[ -z "${FOLLOW_LONG:-}" ] || expiry
for reader in first second slow; do
	check_equal "every line of $reader is JSON" '' "$(jq -c 'select(.event | not)' "$(log_of $reader)" 2>&1)"
done
unloading
test_end
