#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# 32 CPUs that could be there, two that are, and one of these comes and goes: the kernel keeps a value
# for each of the 32, and what is told is their sum, to the packet. Loads keep it, and so do tables
# of another size; a row that changes hands begins at 0 on every CPU.

. "$(dirname "$0")/../e2e/lib.sh"
. "$E2E_DIR/lib_calls.sh"
. "$E2E_DIR/lib_load.sh"
. "$(dirname "$0")/lib_guest.sh"

FIRST=7 SECOND=11 # packets that are refused on either CPU

cpus() { cat "/sys/devices/system/cpu/$1"; }
power() { echo "$1" > /sys/devices/system/cpu/cpu1/online; } # 1|0

# From here on what this shell starts runs on that CPU, and what veth carries of it stays there.
on_cpu() { taskset -cp "$1" $$ > /dev/null; }

# ------------------------------------------------------------------ what is told

# row MAP ID FILTER: of each CPU's value, in their order, as bpftool reads them.
row() {
	bpftool -j map lookup pinned "$(pin)/map/$1" key $(($2 & 255)) $(($2 >> 8)) 0 0 |
		jq -c "[.formatted.values[].value | $3]"
}

# The phone's drops: how many values there are, that of the first CPU, of the second, and the sum.
parts() { row device_counters "$(device_id softphone)" '.drops | add' | jq -c '[length, .[0], .[1], add]'; }

# What passed, of all devices and services.
passed_by_cpu() {
	bpftool -j map dump pinned "$(pin)/map/counters" |
		jq -c '[.[].formatted.values | map(.value.direction | map(.passed | add) | add)] | transpose | map(add)'
}

metric() { # NAME-AND-LABELS, up to where they may end
	awk -v want="$1" 'index($0, want) == 1 { sum += $NF } END { print sum + 0 }' "$WORLD_DIR/textfile/agfeo.prom"
}

# All that is counted of the company's devices.
figures() { box stats --json | jq -c '[.devices[] | select(.device == "pbx" or .device == "softphone")]'; }
softphone() { figures | jq -c '.[] | select(.device == "softphone")'; }

dropped_by_command() {
	box drops --json | jq '[.drops[] | select(.device == "softphone" and .reason == "not-listed").packets] | add // 0'
}

check_drops() { # WHEN EXPECTED
	check "$1: what is refused is counted" wait_for 10 counted softphone not-listed "$2"
	check_equal "$1: stats, of the box" "$2" "$(drops_all not-listed)"
	check_equal "$1: drops" "$2" "$(dropped_by_command)"
	check "$1: textfile" box export --textfile "$WORLD_DIR/textfile/agfeo.prom"
	check_equal "$1: its drops" "$2" "$(metric 'agfeo_drops_total{device="softphone",reason="not-listed"}')"
}

# ------------------------------------------------------------------ the story

# telnet CPU COUNT: from the phone to the PBX.
telnet() {
	on_cpu $1
	inject phone eth0 to="$(mac_of fw lan0)" tcp $PHONE4 40000 $PBX4 23 count=$2
	on_cpu 0
}

machine() {
	check_equal 'CPUs that could be there' 0-31 "$(cpus possible)"
	check_equal 'CPUs that are there' "0-$((CPUS - 1))" "$(cpus present)"
	check_equal 'CPUs that run' 0 "$(cpus online)"
}

refusals() {
	telnet 0 $FIRST
	check_drops 'one CPU' $FIRST
	check 'the second CPU starts' power 1
	telnet 1 $SECOND
	check_drops 'two CPUs' $((FIRST + SECOND))
	check_equal 'a value for each of 32, and both CPUs have their part' \
		"[32,$FIRST,$SECOND,$((FIRST + SECOND))]" "$(parts)"
}

# Each end on a CPU of its own: what one sends is counted on one CPU, what it hears on the other.
call() {
	local received sent
	on_cpu 1
	talk cpus-b prov $PROV6 30100 - - 300
	check 'a call: the provider listens' wait_for 5 listens_udp prov 30100
	on_cpu 0
	talk cpus-a pbx $PBX6 5232 $PROV6 30100 300
	check 'a call: the PBX talks' wait_for 5 listens_udp pbx 5232
	check 'a call: they hear each other' call_talks cpus
	check 'a call: they talk for a while' wait_for 120 long_enough cpus
	hang_up cpus
	check_call 'a call' cpus
	received=$(book cpus-a | jq .received) sent=$(book cpus-b | jq .received)
	check_equal 'a call: stats' "$received $sent" "$(voice_of pbx in) $(voice_of pbx out)"
	check_equal 'a call: flows' "$received $sent" "$(box flows --json |
		jq -r '.flows[] | select(.local | endswith(":5232")) | "\(.in.packets) \(.out.packets)"')"
	check_figures 'a call' cpus 5232
	check 'a call: textfile' box export --textfile "$WORLD_DIR/textfile/agfeo.prom"
	check_equal 'a call: its voice' "$received $sent" \
		"$(metric 'agfeo_voice_packets_total{device="pbx",direction="in",stage="left"') $(metric \
			'agfeo_voice_packets_total{device="pbx",direction="out",stage="left"')"
	check_equal 'a call: both CPUs have their part' true "$(passed_by_cpu | jq '.[0] > 0 and .[1] > 0')"
}

kept() {
	local before
	before=$(figures)
	check 'load once more' box load
	check_equal 'load once more: all is kept' "$before" "$(figures)"
	check 'the second CPU stops' power 0
	check_equal 'the second CPU stops: what it counted is kept' "$before" "$(figures)"
	check 'load without it' box load
	check_equal 'load without it: all is kept' "$before" "$(figures)"
	telnet 0 1
	check_drops 'on one CPU again' $((FIRST + SECOND + 1))
}

# The PBX goes, and others need its row.
handed_over() {
	local id before
	id=$(device_id pbx) before=$(softphone)
	sed -i '/^\[device pbx\]/,/^$/d' "$WORLD_DIR/agfeo.conf"
	cp "$WORLD_DIR/agfeo.conf" "$WORLD_DIR/office.conf"
	devices $(seq -f 'a%g' 200)
	check '200 devices, and the PBX gone' box load
	cp "$WORLD_DIR/office.conf" "$WORLD_DIR/agfeo.conf"
	devices $(seq -f 'b%g' 200)
	check '200 others, for whom its row is needed' box load
	check_equal 'its row is of one of them' b "$(names | sed -n "s/^$id \(.\).*/\1/p")"
	check_equal 'and begins at 0 on each CPU' "$(jq -nc '[range(32) | 0]')" \
		"$(row device_counters $id '[.. | numbers] | add')"
	check_equal 'the phone has what it had' "$before" "$(softphone)"
}

larger_tables() {
	local before rows
	before=$(softphone)
	site_conf
	devices $(seq -f 'c%g' 400)
	check 'more devices than there are rows' box load
	rows=$(bpftool -j map show pinned "$(pin)/map/device_counters" | jq .max_entries)
	check_more 'there are rows' 400 "$rows"
	check_equal 'the phone has what it had' "$before" "$(softphone)"
	check_equal 'each CPU what it had' \
		"[32,$((FIRST + 1)),$SECOND,$((FIRST + SECOND + 1))]" "$(parts)"
	telnet 0 1
	check_drops 'larger tables' $((FIRST + SECOND + 2))
}

tools_built talk inject
test_begin cpus jq bpftool taskset
[ -n "${CPUS:-}" ] || skip_all 'it starts and stops CPUs, which is for the machine of tests/kernels'
world_up
machine
check 'the configuration loads' box load
refusals
call
kept
handed_over
larger_tables
check 'unload' box unload
nothing_left 'after unload'
test_end
