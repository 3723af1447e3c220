#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# The least that a kernel must do: the programs load and attach, calls go through with every packet
# there and EF, what is forbidden is dropped, a load in place disturbs nobody, unload leaves nothing.
# Runs wherever there is root; tests/kernels runs it on every kernel.

. "$(dirname "$0")/../e2e/lib.sh"
. "$E2E_DIR/lib_calls.sh"
. "$(dirname "$0")/lib_guest.sh"

# The lines that become the table's attach modes.
modes() {
	box status --json | jq -r '.interfaces[] | "attached: \(.interface) xdp \(.xdp), tc \(.tc)"'
}

calls() { # WHAT PHONE PBX PROVIDER
	check "$1: a call within" call_begins in phone $2 65110 pbx $3 5230 300
	check "$1: a call with the provider" call_begins out pbx $3 5232 prov $4 30100 300
	check "$1: all hear each other" call_talks in out
	check "$1: the configuration is loaded anew while they talk" box load
	check "$1: they talk for a while" wait_for 120 long_enough in out
	hang_up in out
	check_call "$1, phone - PBX" in
	check_call "$1, PBX - provider" out
}

# refused WHAT NS INTERFACE TO-NS TO-INTERFACE DEVICE REASON WORD...: what is counted is through, so
# that nothing is left to wait for.
refused() {
	local what=$1 ns=$2 interface=$3 router=$4 port=$5 device=$6 reason=$7 before
	shift 7
	before=$(drops "$device" "$reason")
	capture far pbx "$FAR"
	inject $ns $interface to="$(mac_of $router $port)" "$@"
	check "$what: counted as $reason" wait_for 5 counted "$device" "$reason" $((before + 1))
	capture_end far || not_ok "$what: the capture is not whole"
	check_equal "$what: nothing arrives" 0 "$(count far "$FAR")"
}

forbidden() {
	FAR='port 23 or port 5060 or port 9999'
	refused 'telnet to the PBX' pc eth0 fw lan0 pbx not-listed tcp $PC4 40000 $PBX4 23
	refused 'telnet to the PBX, IPv6' pc eth0 fw lan0 pbx not-listed tcp $PC6 40000 $PBX6 23
	refused 'a port that no model has' pc eth0 fw lan0 pbx not-listed udp $PC4 40000 $PBX4 9999
	refused 'the registrar, by a stranger' net box fw wan0 pbx scope udp $ATT4 40000 $PBX4 5060
}

# Where the kernel cannot, calls go by it.
fast() {
	sed -i '/^\[interface/a forward = fast' "$WORLD_DIR/agfeo.conf"
	check 'forward = fast: the configuration loads' box load
	calls 'forward = fast' $PHONE4 $PBX4 $PROV4
}

tools_built talk inject
test_begin kernel jq
world_up
check 'the configuration loads' box load
modes
check_equal 'both programs at every voice interface' 2 \
	"$(box status --json | jq '[.interfaces[] | select(.role == "voice" and .xdp != null and .tc != null)] | length')"
calls IPv4 $PHONE4 $PBX4 $PROV4
calls IPv6 $PHONE6 $PBX6 $PROV6
forbidden
fast
check 'unload' box unload
check_equal 'nothing is left' '' "$(find "$WORLD_DIR/bpf" -name agfeo)"
test_end
