#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# A line that hurts calls (netem between provider and box): what `calls` says of the direction that
# it hurts is what the PBX heard and what the line did, to the packet, and the other direction is
# unhurt.

. "$(dirname "$0")/../e2e/lib.sh"
. "$E2E_DIR/lib_calls.sh"
. "$(dirname "$0")/lib_guest.sh"

line() { in_ns prov tc qdisc replace dev eth0 root netem "$@"; }

some_more() { [ "$(booked hurt-a received)" -gt $(($1 + 20)) ]; }

# hurt WHAT PORT MEMBER NETEM...: while they talk, so that the call begins and ends with packets that
# arrive; then what the provider sent is what is expected.
hurt() {
	local what=$1 port=$2 member=$3
	shift 3
	check "$what: a call" call_begins hurt pbx $PBX6 $port prov $PROV6 $((port + 25000)) 300
	check "$what: they hear each other" call_talks hurt
	check "$what: the line is made so" line "$@"
	check "$what: they talk for a while" wait_for 120 long_enough hurt
	check "$what: the line is mended" in_ns prov tc qdisc delete dev eth0 root
	check "$what: they talk on" wait_for 60 some_more "$(booked hurt-a received)"
	hang_up hurt
	check "$what: it ends" finish talk-hurt-a 70
	check "$what: at its other end too" finish talk-hurt-b 10
	check_more "$what: the line did it" 9 "$(book hurt-a | jq .$member)"
	check_figures "$what" hurt $port
	check_equal "$what: expected is what was sent" "$(book hurt-b | jq .sent)" "$(stream $port in expected)"
	check_equal "$what: the other direction is unhurt" "[$(book hurt-a | jq .sent),0,0,0]" \
		"$(book hurt-b | jq -c '[.received, .lost, .duplicates, .reordered]')"
}

tools_built talk
test_begin loss jq tc
world_up
needs 'netem' line loss 1%
in_ns prov tc qdisc delete dev eth0 root
check 'the configuration loads' box load
hurt 'a line that loses' 5230 lost loss 20%
hurt 'a line that doubles' 5232 duplicates duplicate 20%
hurt 'a line that lets packets overtake' 5234 reordered delay 50ms reorder 30%
test_end
