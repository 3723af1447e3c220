# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC1091,SC2086,SC2153,SC2034,SC2015 # what is sourced, and words without blanks
#
# What is loaded, as bpftool, ip and tc see it, and configurations to load; for tests of the life
# cycle and of what may go wrong in it. lib.sh comes first.

# A build with fault points (kernel/fault.h): failures at chosen steps; faults.sh has the kills.
AGFEOCTL_FAULTS=${AGFEOCTL_FAULTS:-${BUILD:-$ROOT_DIR/build}/test/agfeoctl}

# ------------------------------------------------------------------ reading

pin() { echo "$WORLD_DIR/bpf/agfeo"; }
pins() { find "$(pin)" 2> /dev/null | sort; }
control() { bpftool -j map lookup pinned "$(pin)/map/control" key 0 0 0 0 2> /dev/null | jq -r ".formatted.value.$1"; }
generation() { control generation; }

# The ids of what is attached to an interface.
xdp_id() { ip -n "$WORLD-fw" -j -d link show dev "$1" | jq -r '.[0].xdp.prog.id // empty'; }
xdp_mode() { ip -n "$WORLD-fw" -j -d link show dev "$1" | jq -r '.[0].xdp.mode // empty' | sed 's/^1$/native/; s/^2$/generic/'; }
tcx_id() { in_ns fw bpftool -j net show dev "$1" 2> /dev/null | jq -r '.[0].tc[]? | .prog_id // .id' | head -n 1; }
link_id() { bpftool -j link show pinned "$(pin)/link/$1" 2> /dev/null | jq -r .id; }
pinned_program() { bpftool -j prog show pinned "$(pin)/prog/$1" 2> /dev/null | jq -r .id; }
link_program() { bpftool -j link show pinned "$(pin)/link/$1" 2> /dev/null | jq -r .prog_id; }
clsact_filters() { tc -n "$WORLD-fw" filter show dev "$1" egress | grep -c 'direct-action'; }
qdiscs() { tc -n "$WORLD-fw" qdisc show | grep -c clsact; }

# Everything of ours in the kernel as far as a failed load must leave it: pins, links, ids, names.
state() {
	pins
	for link in "$(pin)"/link/*; do bpftool -j link show pinned "$link" 2> /dev/null | jq -c '[.id, .prog_id]'; done
	for program in "$(pin)"/prog/*; do bpftool -j prog show pinned "$program" 2> /dev/null | jq -c .id; done
	bpftool -j map dump pinned "$(pin)/map/interfaces" 2> /dev/null | jq -c '[.[].formatted] | sort'
	names
	control pickup_until
}

# Names of devices by id: "1 pbx".
names() {
	bpftool -j map dump pinned "$(pin)/map/device_names" 2> /dev/null |
		jq -r '.[] | .formatted | select(.value.name != "") | "\(.key) \(.value.name)"'
}
device_id() { names | awk -v name="$1" '$2 == name { print $1 }'; }

watcher() { awk '{ print $2 }' "$WORLD_DIR/run/confirm" 2> /dev/null; }

# ------------------------------------------------------------------ writing

# site INTERFACES: "lan0:voice lan1:uplink:generic"; devices NAME... follows. In monitor mode, since
# nothing here is about what is dropped.
site() {
	local item
	{
		printf '[site]\nname = office\nnetworks = 192.168.0.0/16, fd00::/16\nmode = monitor\n'
		for item in $1; do
			set -- ${item//:/ }
			printf '[interface %s]\nrole = %s\nxdp = %s\n' "$1" "$2" "${3:-auto}"
		done
	} > "$WORLD_DIR/agfeo.conf"
}

devices() {
	local name number=1
	for name in "$@"; do
		printf '[device %s]\nmodel = t14-sip\naddress = 192.168.%d.%d\n' "$name" $((100 + number / 250)) $((number % 250 + 1))
		number=$((number + 1))
	done >> "$WORLD_DIR/agfeo.conf"
}

faulty() { # FAULT ARGUMENTS...
	local fault=$1
	shift
	in_ns fw env AGFEO_FAULT="$fault" ASAN_OPTIONS=detect_leaks=0 "$AGFEOCTL_FAULTS" --pin "$(pin)" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" "$@"
}

said() { grep -qF -- "$1" "$WORLD_DIR/log/said"; }
# refused WHAT WORDS COMMAND...: exit 1, and the words on standard error.
refused() {
	local what=$1 words=$2 status
	shift 2
	"$@" > /dev/null 2> "$WORLD_DIR/log/said"
	status=$?
	if [ $status = 1 ] && said "$words"; then
		ok "$what"
	else
		not_ok "$what (exit $status, said: $(cat "$WORLD_DIR/log/said"))"
	fi
}

nothing_left() {
	check_equal "$1: no pin" '' "$(pins)"
	check_equal "$1: no program" '' "$(xdp_id lan0)$(xdp_id lan1)$(xdp_id wan0)$(tcx_id lan0)"
	check_equal "$1: no qdisc" 0 "$(qdiscs)"
}
