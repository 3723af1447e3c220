# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2086,SC2034,SC2153 # words without blanks; names of lib.sh
#
# Calls whose every packet is accounted for, floods, and frames as told: what tests/e2e/tools has,
# for scripts that have sourced lib.sh.

TOOLS=${BUILD:-$ROOT_DIR/build}/test/e2e

# tools_built NAME...: those that are not count as missing programs.
tools_built() {
	local name
	for name in "$@"; do
		[ -x "$TOOLS/$name" ] || NEED_MISSING="$NEED_MISSING $name ('make test-programs' builds it)"
	done
}

# ------------------------------------------------------------------ calls

# talk NAME NS ADDRESS PORT REMOTE|- PORT|- SECONDS: one end of a call, in the background. WINDOW has
# calls go by what arrives and not by the clock, for machines that stand still at times.
talk() {
	local name=$1 ns=$2
	shift 2
	spawn "talk-$name" "$ns" "$TOOLS/talk" "$@" ${WINDOW:-}
}

# call_begins NAME NS ADDRESS PORT NS ADDRESS PORT SECONDS: a call from the first end to the
# second, which answers whom it hears.
call_begins() {
	talk "$1-b" "$5" "$6" "$7" - - "$8"
	wait_for 5 listens_udp "$5" "$7" "$6" || return 1
	talk "$1-a" "$2" "$3" "$4" "$6" "$7" "$8"
	# Asked for its book before it is there, it would end.
	wait_for 5 listens_udp "$2" "$4" "$3"
}

# call_talks NAME...: both ends hear each other.
call_talks() {
	local name
	for name in "$@"; do
		wait_for 5 hears "$name-a" && wait_for 5 hears "$name-b" || return 1
	done
}

# The book of an end: its last line, after asking for it where the end still talks.
book() { tail -n 1 "$WORLD_DIR/log/talk-$1"; }

ask_book() {
	local lines
	running "talk-$1" || return 0
	lines=$(wc -l < "$WORLD_DIR/log/talk-$1")
	kill -USR1 "$(pid_of "talk-$1")"
	wait_for 3 longer_than "$WORLD_DIR/log/talk-$1" "$lines"
}

longer_than() { [ "$(wc -l < "$1")" -gt "$2" ]; }

# booked END MEMBER: a number of the book as it stands.
booked() {
	ask_book "$1"
	book "$1" | jq ".$2"
}

hears() { [ "$(booked "$1" received)" -gt 0 ]; }

# hang_up NAME...: both ends stop talking, and listen a while longer.
hang_up() {
	local name
	for name in "$@"; do kill -TERM "$(pid_of "talk-$name-a")" "$(pid_of "talk-$name-b")"; done
}

# check_call WHAT NAME [LEFT]: waits for the end; every packet arrived, once, in order, as EF.
check_call() {
	local end other
	check "$1: ends by itself" finish "talk-$2-a" "${3:-70}"
	check "$1: its other end too" finish "talk-$2-b" 10
	for end in a b; do
		[ $end = a ] && other=b || other=a
		check_more "$1, $other > $end: there was voice" 50 "$(book "$2-$other" | jq .sent)"
		check_equal "$1, $other > $end: every packet arrived" \
			"$(book "$2-$other" | jq -c '[.sent, 0, 0, 0]')" \
			"$(book "$2-$end" | jq -c '[.received, .lost, .duplicates, .reordered]')"
		check_equal "$1, $other > $end: every packet was EF" \
			"$(book "$2-$end" | jq .received)" "$(book "$2-$end" | jq .ef)"
	done
}

# ------------------------------------------------------------------ frames and floods

mac_of() { in_ns "$1" cat "/sys/class/net/$2/address"; }

# inject NS INTERFACE WORD...: a frame as told, see tests/e2e/tools/inject.c.
inject() {
	local ns=$1
	shift
	in_ns "$ns" "$TOOLS/inject" "$@"
}

# flood_begins NAME NS INTERFACE TO-MAC TARGET SOURCES PORTS SECONDS [udp|tcp] [PACE]
flood_begins() {
	local name=$1 ns=$2
	shift 2
	spawn "flood-$name" "$ns" "$TOOLS/flood" "$@"
}

flooded() { tail -n 1 "$WORLD_DIR/log/flood-$1" | jq ".$2"; }

# ------------------------------------------------------------------ the box's tables

# map_entries NAME...: how full the maps are, together.
map_entries() {
	local names
	names=$(printf '"%s",' "$@")
	box status --json | jq "[.maps[] | select(.map | IN(${names%,})) | .entries] | add // 0"
}

flow_tables() {
	box status --json | jq -r '[.maps[] | select(.map | test("^(voice|signalling|others|sources|fragments)[46]$"))
		| "\(.map) \(.entries)"] | join(", ")'
}

# All packets that were dropped so far, of whomever.
dropped() { stats '[.drops[]] | add // 0'; }

# voice_of DEVICE DIRECTION: voice packets that passed on its account.
voice_of() {
	stats "[.devices[] | select(.device == \"$1\").services[] | select(.class == \"voice\").$2.pass.packets]
		| add // 0"
}
