#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# A call through the box, out and in, over IPv4 (masqueraded) and IPv6 (routed): phone and PBX
# register, voice flows both ways on both halves, every packet arrives, and every one is EF.

. "$(dirname "$0")/lib.sh"
. "$ROOT_DIR/tests/demo/peers.sh"

# check_legs: reads what voice_legs prints.
check_legs() {
	local name sender sent receiver received
	while IFS='|' read -r name sender sent receiver received; do
		leg "$sender" "$sent" "$receiver" "$received"
		check_more "IPv$FAMILY, $1, $name: there is voice" 100 "$SENT"
		check_equal "IPv$FAMILY, $1, $name: the sender marks nothing" "$SENT" "$UNMARKED"
		check_equal "IPv$FAMILY, $1, $name: every packet arrives" "$SENT" "$RECEIVED"
		check_equal "IPv$FAMILY, $1, $name: every packet is EF" "$RECEIVED" "$MARKED"
	done
}

captures_up() { capture phone phone && capture pbx pbx && capture prov prov; }

outgoing() {
	check "IPv$FAMILY: provider, PBX and phone register" peers_up
	check "IPv$FAMILY: captures run" captures_up
	check "IPv$FAMILY: the call is answered" call_up
	sleep 6
	check "IPv$FAMILY: the phone hangs up, and the call ends" call_down
	check "IPv$FAMILY: captures are whole" capture_end phone pbx prov
	check_legs 'call out' < <(voice_legs)
}

incoming() {
	check "IPv$FAMILY: captures run" captures_up
	check "IPv$FAMILY: a call comes in over the registration" call_comes_in
	check "IPv$FAMILY: captures are whole" capture_end phone pbx prov
	check_legs 'call in' < <(provider_legs $PBX_RTP_SECOND)
}

# The PBX grants five seconds, so the phone renews while the call is on.
renewal() {
	check_more "IPv$FAMILY: the phone renewed its registration during the call" 1 \
		"$(grep -c "expires=$PHONE_EXPIRES;expires=$PHONE_EXPIRES" "$WORLD_DIR/log/pbx-server.sip")"
}

PHONE_EXPIRES=5
test_begin call sipp baresip jq
world_up
speech 12
check 'the configuration loads' box load
for family in 4 6; do
	family $family
	outgoing
	renewal
	incoming
	for peer in phone pbx-server pbx-client provider; do stop $peer; done
done
check_equal 'nothing of all this was dropped' 0 "$(stats '[.drops[]] | add')"
check_more 'voice of the PBX was marked' 100 \
	"$(stats '[.devices[] | select(.device == "pbx").services[].remarked] | add')"
test_end
