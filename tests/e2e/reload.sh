#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# The policy changes while calls are on: what is still allowed feels nothing, not one packet is lost
# or unmarked; what is forbidden now stops at once, and goes on when it is allowed again. The same
# with mode = monitor, for the whole site and for one device.

. "$(dirname "$0")/lib.sh"
. "$ROOT_DIR/tests/demo/peers.sh"
. "$(dirname "$0")/lib_calls.sh"

CALL=120 # at most: the calls are ended when all is seen
KEPT='nat routed' # on ports that every policy here allows; `narrow` stands on one that some forbid

calls_begin() {
	call_begins nat pbx $PBX4 5204 prov $PROV4 30100 $CALL
	call_begins routed pbx $PBX6 5206 prov $PROV6 30102 $CALL
	call_begins narrow phone $PHONE4 65110 pbx $PBX4 5230 $CALL
	call_talks $KEPT narrow
}

# conf SECTION LINE...: the company's configuration with these lines at the end of a section.
conf() {
	local section=$1 line
	shift
	site_conf
	for line in "$@"; do
		sed -i "/^\\[$section\\]/a $line" "$WORLD_DIR/agfeo.conf"
	done
}

heard() { # END
	ask_book "$1"
	book "$1" | jq .received
}

# An end hears nothing more, beginning with the moment that the load has returned.
silent() { # WHAT END
	local before
	before=$(heard $2)
	sleep 1
	check_equal "$1: not one packet more" "$before" "$(heard $2)"
}

talking() { # WHAT END
	local before
	before=$(heard $2)
	sleep 0.5
	check_more "$1: is heard" $((before + 10)) "$(heard $2)"
}

# A connection of the office to the web pages, echoing what it is told.
web_up() {
	spawn web pbx socat TCP-LISTEN:80,fork,reuseaddr EXEC:cat
	wait_for 5 listens_tcp pbx 80 || return 1
	spawn office pc bash -c "exec 3<> /dev/tcp/$PBX4/80
		while :; do echo tick >&3; read -r -t 1 line <&3 && echo \"\$line\"; sleep 0.05; done"
	wait_for 5 says office tick
}

echoes() { wc -l < "$WORLD_DIR/log/office"; }

# grown AGE: how many flows of the calls are that old, in s, and have heard 50 packets each way.
grown() {
	box flows --json | jq --argjson age "$1" '[.flows[] | select(.class == "voice" and .age_s >= $age
		and .in.packets > 50 and .out.packets > 50)] | length'
}

are_grown() { [ "$(grown 0)" = 3 ]; }

loads_again() {
	local i begun
	check 'the calls have flows' wait_for 20 are_grown
	begun=$SECONDS
	for i in 1 2 3; do check "the same again, $i" box load; done
	conf 'device pbx' 'channels = 16' 'allow = in tcp 8080 from site'
	check 'another policy that allows the calls' box load
	conf site 'new-flows = 200' 'unknown = drop'
	check 'another policy of the site' box load
	check_equal 'the flows of the calls have stood all the time' 3 "$(grown $((SECONDS - begun)))"
}

forbids() {
	local before
	check_more 'the office hears the web pages' 3 "$(echoes)"
	conf 'device pbx' 'channels = 2' 'disable = web'
	check 'two channels and no web pages' box load
	before=$(echoes)
	silent 'voice on a port that is now beyond the channels' narrow-a
	silent 'in the other direction' narrow-b
	check_equal 'the open connection to the web pages is dead' "$before" "$(echoes)"
	check_more 'refusals are counted' 50 "$(drops pbx not-listed)"
	site_conf
	check 'all of it allowed again' box load
	talking 'voice on its port' narrow-a
	talking 'in the other direction' narrow-b
}

# since END: how many packets, and how many as EF, an end has heard since it was asked last.
declare -A HEARD=() MARKED_SO_FAR=()
since() {
	local received ef
	ask_book $1
	received=$(book $1 | jq .received) ef=$(book $1 | jq .ef)
	RECEIVED=$((received - ${HEARD[$1]:-0})) MARKED=$((ef - ${MARKED_SO_FAR[$1]:-0}))
	HEARD[$1]=$received MARKED_SO_FAR[$1]=$ef
}

# voice_is marked|unmarked WHAT: both calls with the provider, during half a second.
voice_is() {
	local end expected
	for end in nat-a nat-b routed-a routed-b; do since $end; done
	sleep 0.5
	for end in nat-a nat-b routed-a routed-b; do
		since $end
		[ $1 = marked ] && expected=$RECEIVED || expected=0
		check_more "$2, $end: is heard" 15 $RECEIVED
		check_equal "$2, $end: $1" $expected $MARKED
	done
}

# The office tries telnet on PBX and phone, which refuse: that is an answer.
telnet_to() { knock pc tcp $1 23; }

watches() {
	local before
	voice_is marked 'enforced'
	conf site 'mode = monitor'
	sed -i '/^mode *= enforce$/d' "$WORLD_DIR/agfeo.conf"
	check 'the site in monitor mode' box load
	voice_is unmarked 'the site watches'
	before=$(drops pbx not-listed)
	check_equal 'the site watches: telnet gets through' '23 ' "$(telnet_to $PBX4)"
	check_more 'the site watches: and is counted' "$before" "$(drops pbx not-listed)"

	conf 'device pbx' 'mode = monitor'
	check 'the PBX alone in monitor mode' box load
	voice_is unmarked 'the PBX is watched'
	before=$(drops pbx not-listed)
	check_equal 'the PBX is watched: telnet gets through' '23 ' "$(telnet_to $PBX4)"
	check_more 'the PBX is watched: and is counted' "$before" "$(drops pbx not-listed)"
	check_equal 'the phone is not: nothing unlisted leaves it' '' "$(knock phone tcp $ATT4 23)"
	check_more 'the phone is not: that is counted' 0 "$(drops softphone not-listed)"

	site_conf
	check 'enforced again' box load
	voice_is marked 'enforced again'
	check_equal 'enforced again: no telnet' '' "$(telnet_to $PBX4)"
}

# Of a call that was watched for a while not all is EF, but all arrives.
check_whole() { # WHAT NAME
	local end other
	check "$1: was on all the time" hang_up $2
	check "$1: one end hangs up" finish "talk-$2-a" 10
	check "$1: so does the other" finish "talk-$2-b" 10
	for end in a b; do
		[ $end = a ] && other=b || other=a
		check_equal "$1, $other > $end: every packet arrived" \
			"$(book "$2-$other" | jq -c '[.sent, 0, 0, 0]')" \
			"$(book "$2-$end" | jq -c '[.received, .lost, .duplicates, .reordered]')"
	done
}

tools_built talk
test_begin reload jq socat nc
world_up
family 4
check 'the configuration loads' box load
check 'an office computer reads the web pages' web_up
check 'calls begin' calls_begin
loads_again
forbids
for end in nat-a nat-b routed-a routed-b; do
	ask_book $end
	check_equal "$end: through all of it every packet was EF" "$(book $end | jq .received)" "$(book $end | jq .ef)"
done
watches
check_whole 'call with the provider, masqueraded' nat
check_whole 'call with the provider, IPv6' routed
test_end
