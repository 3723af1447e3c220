# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2086,SC2153 # words without blanks; names of lib.sh
# What the tests for the virtual machine share; sourced after e2e/lib.sh and e2e/lib_calls.sh.

# long_enough NAME...: both ends of each call have heard some seconds of voice.
long_enough() {
	local name
	for name in "$@"; do
		[ "$(booked $name-a received)" -gt 200 ] && [ "$(booked $name-b received)" -gt 200 ] || return 1
	done
}

# four_and_six WHERE: the calls of these names, one of each family, from their first word to the last.
four_and_six() {
	check "$1: all hear each other" call_talks four six
	check "$1: they talk for a while" wait_for 120 long_enough four six
	hang_up four six
	check_call "$1, IPv4" four
	check_call "$1, IPv6" six
}

# needs WHAT COMMAND...: skips the whole test where the kernel does not have it.
needs() {
	local what=$1
	shift
	"$@" > "$WORLD_DIR/log/needs" 2>&1 && return
	world_down
	skip_all "Linux $(uname -r) has no $what"
}

counted() { [ "$(drops "$1" "$2")" = "$3" ]; }
counted_more() { [ "$(drops "$1" "$2")" -gt "$3" ]; }

# stream PORT DIRECTION MEMBER: of the call whose device talks from that port.
stream() {
	box calls --json | jq "[.calls[] | select(.local | endswith(\":$1\")).streams[] |
		select(.direction == \"$2\").$3] | add"
}

# As heard at the far end, so here: of the call of the device's end a, which talks from PORT.
check_figures() { # WHAT NAME PORT
	local member
	for member in lost duplicates reordered; do
		check_equal "$1: $member of what comes in" "$(book $2-a | jq .$member)" "$(stream $3 in $member)"
		check_equal "$1: $member of what goes out" "$(book $2-b | jq .$member)" "$(stream $3 out $member)"
	done
	check_equal "$1: packets that came in" "$(book $2-a | jq .received)" "$(stream $3 in packets)"
	check_equal "$1: packets that went out" "$(book $2-b | jq .received)" "$(stream $3 out packets)"
}
