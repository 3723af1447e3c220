#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034,SC2015 # what is sourced, and words without blanks
# What may go wrong around agfeoctl: without the right to, without memory, without room, with
# somebody else's programs and pins, interfaces that vanish. Each has a message that says what to do,
# and what ran before runs on. Outputs that end and clocks that jump are in outputs.sh, kills between
# the steps of a change in faults.sh, failures there, two loads at once and confirmation in load.sh,
# floods that fill the flow tables in flood.sh.
#
# Of the places where one system call or allocation may fail some are tried, spread evenly, other
# ones every time; MISHAPS=all tries them all (hours).

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_load.sh"
. "$(dirname "$0")/lib_calls.sh"
. "$(dirname "$0")/lib_mishaps.sh"

# without CAPABILITIES COMMAND...: as root without these; "-all,+net_admin" leaves one.
without() {
	local capabilities=$1
	shift
	tool setpriv --bounding-set "$capabilities" "$AGFEOCTL" "$@"
}

# ------------------------------------------------------------------ rights

rights() {
	local before capability what
	here
	for what in bpf:CAP_BPF net_admin:CAP_NET_ADMIN perfmon:CAP_PERFMON; do
		capability=${what#*:}
		refused "first load without $capability" "CAP_PERFMON: $capability is missing" without "-${what%:*},-sys_admin" load
		nothing_left "without $capability"
	done
	check 'first load without CAP_SYS_ADMIN and all that is not needed' without '-all,+bpf,+net_admin,+perfmon' load
	check 'the same again' without '-all,+bpf,+net_admin,+perfmon' load
	other
	check 'another policy, modes and roles' without '-all,+bpf,+net_admin,+perfmon' load
	check_equal 'it rules' generic "$(xdp_mode lan0)"
	here
	check 'and back' without '-all,+bpf,+net_admin,+perfmon' load
	check_equal 'natively' native "$(xdp_mode lan0)"
	check 'status without CAP_SYS_ADMIN' without '-all,+bpf,+net_admin,+perfmon' status
	before=$(state)
	other
	refused 'reload without CAP_BPF' 'CAP_BPF' without '-bpf,-sys_admin' load
	unharmed 'without CAP_BPF'
	refused 'reload without CAP_NET_ADMIN' 'Operation not permitted' without '-net_admin,-sys_admin' load
	unharmed 'without CAP_NET_ADMIN'
	refused 'load by nobody' 'changing what is loaded needs root' in_ns fw setpriv --reuid 65534 --clear-groups "$AGFEOCTL" --pin "$(pin)" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" load
	check_equal 'explain by nobody: an answer, and no word of what nobody may not see' drop \
		"$(in_ns fw setpriv --reuid 65534 --clear-groups "$AGFEOCTL" --pin "$(pin)" -c "$WORLD_DIR/agfeo.conf" explain tcp 198.51.100.1 192.168.100.2:23 2>&1 | sed 's/ .*//')"
	refused 'status by nobody' 'reading the loaded state needs root' in_ns fw setpriv --reuid 65534 --clear-groups "$AGFEOCTL" --pin "$(pin)" --run "$WORLD_DIR/run" status
	unharmed 'by nobody'
	check 'unload without CAP_SYS_ADMIN' without '-all,+bpf,+net_admin,+perfmon' unload
	nothing_left 'unloaded'
}

rights_without_tcx() {
	export AGFEO_NO_TCX=1
	here
	check 'first load without CAP_SYS_ADMIN and tcx' without '-all,+bpf,+net_admin,+perfmon' load
	check 'reload' without '-all,+bpf,+net_admin,+perfmon' load
	check_equal 'one filter each' '1 1' "$(clsact_filters lan0) $(clsact_filters lan1)"
	tc -n "$WORLD-fw" filter add dev lan0 egress bpf da pinned "$(pin)/prog/tc_egress_l3"
	check "reload beside somebody else's filter" without '-all,+bpf,+net_admin,+perfmon' load
	check 'unload' without '-all,+bpf,+net_admin,+perfmon' unload
	unset AGFEO_NO_TCX
	check_equal 'ours are gone, theirs is there' '1 0' "$(clsact_filters lan0) $(clsact_filters lan1)"
	tc -n "$WORLD-fw" qdisc delete dev lan0 clsact
	nothing_left 'unloaded'
}

# ------------------------------------------------------------------ an old kernel

# One that does not know ring buffers, for what is tried of it first.
old_kernel() {
	local index
	here
	strace -f -qq -e trace=bpf -o "$WORLD_DIR/log/calls" nsenter --net="/run/netns/$WORLD-fw" "$AGFEOCTL" --pin "$(pin)" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" load > /dev/null 2>&1
	index=$(awk '/bpf\(/ { n++; if (/BPF_MAP_TYPE_RINGBUF/) { print n; exit } }' "$WORLD_DIR/log/calls")
	check 'an old kernel: unload' box unload
	refused 'an old kernel is refused, by the name of what it lacks' \
		"this kernel ($(uname -r)) lacks BPF ring buffers, which Linux has since 5.8" old_load "$index"
	nothing_left 'an old kernel'
}

old_load() { # INDEX
	strace -f -qq -o /dev/null -e trace=bpf -e "inject=bpf:error=EINVAL:when=$1" \
		nsenter --net="/run/netns/$WORLD-fw" "$AGFEOCTL" --pin "$(pin)" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" load
}

# ------------------------------------------------------------------ pins

at() { # PIN COMMAND...: with another pin folder, in the mount namespace of this test
	local where=$1
	shift
	nsenter --net="/run/netns/$WORLD-fw" "$AGFEOCTL" --pin "$where" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" "$@"
}

read_only() {
	local before where=$WORLD_DIR/readonly
	mkdir "$where"
	mount -t bpf -o mode=0700 "agfeo-$$-ro" "$where"
	mount -o remount,ro,bind "$where"
	refused 'first load on a read-only bpffs' "'mount -o remount,rw $where'" at "$where/agfeo" load
	mount -o remount,rw,bind "$where"
	here
	check 'writable again: load' at "$where/agfeo" load
	mount -o remount,ro,bind "$where"
	before="$(xdp_id lan0) $(xdp_id lan1) $(xdp_id wan0)"
	other
	refused 'reload on it' "$where is mounted read-only, nothing was changed" at "$where/agfeo" load
	refused 'unload on it' "$where is mounted read-only, nothing was changed" at "$where/agfeo" unload
	check_equal 'each interface runs what it ran' "$before" "$(xdp_id lan0) $(xdp_id lan1) $(xdp_id wan0)"
	mount -o remount,rw,bind "$where"
	check 'writable again: unload' at "$where/agfeo" unload
	umount "$where"
	rmdir "$where"
}

not_a_bpffs() {
	local where=$WORLD_DIR/plain
	here
	mkdir -p "$where/agfeo"
	echo hello > "$where/agfeo/letter"
	refused 'pins in a folder that is no bpffs and not empty' "$where/agfeo is no bpffs, and a mount there would hide what is in it" at "$where/agfeo" load
	mkdir "$where/agfeo/map"
	mv "$where/agfeo/letter" "$where/agfeo/map/meta"
	refused 'a file where a pin should be' "$where/agfeo/map/meta is no pinned BPF object" at "$where/agfeo" load
	refused 'status says the same' "$where/agfeo/map/meta is no pinned BPF object" at "$where/agfeo" status
	check_equal 'the file is as it was' hello "$(cat "$where/agfeo/map/meta")"
	refused 'a file where the folder should be' "$where/agfeo/map/meta is no bpffs" at "$where/agfeo/map/meta" load
	refused 'a folder whose parent is missing' "$where/none/agfeo: No such file or directory" at "$where/none/agfeo" load
	rm -r "$where"
}

foreign_map() { bpftool map create "$1" type hash key 4 value 4 entries 4 name foreign; }

foreign_pins() {
	local where before
	here
	for where in map/meta map/counters prog/clock link/lan0-xdp; do
		mkdir -p "$(pin)/${where%/*}"
		foreign_map "$(pin)/$where"
		before=$(pins)
		refused "somebody else's pin $where: first load" "$(pin)/$where is not agfeoctl's" box load
		refused "somebody else's pin $where: unload" "$(pin)" box unload
		check_equal "somebody else's pin $where: is still there" "$before" "$(pins)"
		check_equal "somebody else's pin $where: nothing is attached" '' "$(xdp_id lan0)$(tcx_id lan0)"
		rm -r "$(pin)"
	done

	mkdir -p "$(pin)"
	foreign_map "$(pin)/theirs"
	check "load beside somebody else's pin" box load
	foreign_map "$(pin)/map/theirs"
	check 'and reload with one among ours' box load
	refused 'unload does not sweep it up' "$(pin)/map/theirs is not agfeoctl's" box unload
	check_equal 'and leaves all as it is' native "$(xdp_mode lan0)"
	rm "$(pin)/map/theirs"
	replaced_pins
	check 'once they are gone, unload works' box unload
	check_equal 'and leaves what is not ours' "$(pin)/theirs" "$(find "$(pin)" -type f)"
	rm -r "$(pin)"
}

# Ours, replaced while we run: by somebody's mistake.
replaced_pins() {
	local where
	for where in map/counters link/lan1-xdp; do
		rm "$(pin)/$where"
		foreign_map "$(pin)/$where"
		refused "$where replaced: reload" "$(pin)/$where is not agfeoctl's" box load
		rm "$(pin)/$where"
	done
	ln -s /etc/hostname "$(pin)/map/counters"
	refused 'map/counters a symbolic link: reload' "$(pin)/map/counters is not agfeoctl's" box load
	rm "$(pin)/map/counters"
	check 'taken away: reload mends what is missing' box load
	check_equal 'lan0 and lan1 are judged' "$(pinned_program xdp_ingress) $(pinned_program xdp_ingress)" "$(xdp_id lan0) $(xdp_id lan1)"
}

# ------------------------------------------------------------------ interfaces

others_programs() {
	local id before
	site 'lan0:voice:native wan0:uplink'
	devices pbx phone
	check 'load without lan1' box load
	in_ns fw bpftool net attach xdp pinned "$(pin)/prog/xdp_uplink_l3" dev lan1
	id=$(xdp_id lan1)
	before=$(state)
	here
	refused "somebody else's XDP program is named" "lan1: another XDP program is attached (id $id, named 'xdp_uplink_l3'), and is left alone" box load
	check 'with what to do' said "'ip link set dev lan1 xdp off', then load again"
	check_equal 'and runs on' "$id" "$(xdp_id lan1)"
	unharmed 'besides it'
	in_ns fw bpftool net detach xdp dev lan1
	tc -n "$WORLD-fw" qdisc add dev lan0 clsact
	tc -n "$WORLD-fw" filter add dev lan0 egress bpf da pinned "$(pin)/prog/tc_egress_l3"
	check "reload beside somebody else's tc filter" box load
	check_equal 'it is still there, alone' 1 "$(clsact_filters lan0)"
	tc -n "$WORLD-fw" qdisc delete dev lan0 clsact
}

no_frags() { AGFEO_NO_FRAGS=1 box load; }

# A veth whose peer has a large MTU refuses programs without fragments (ERANGE), a bridge every one.
no_native() {
	local mtu=9000
	loaded
	check 'unload' box unload
	ip -n "$WORLD-fw" link set lan1 mtu $mtu
	ip -n "$WORLD-pbx" link set eth0 mtu $mtu
	site 'lan0:voice lan1:voice:native'
	devices pbx
	refused 'a large MTU, and xdp = native' 'lan1: xdp = native, but its driver refuses native XDP with an MTU of 9000' no_frags
	nothing_left 'refused'

	ip -n "$WORLD-fw" link add bridge0 type bridge
	ip -n "$WORLD-fw" link set bridge0 up
	site 'lan0:voice lan1:voice bridge0:voice'
	devices pbx
	no_frags > /dev/null 2> "$WORLD_DIR/log/said"
	check_equal 'a large MTU, and xdp = auto: generic' generic "$(xdp_mode lan1)"
	check 'with a warning that names the MTU' said "warning: lan1: XDP runs in generic mode, which costs more CPU: its driver refuses native XDP with an MTU of $mtu"
	check 'a bridge: generic, and said so' said 'warning: bridge0: XDP runs in generic mode, which costs more CPU: its driver has no native XDP'
	check_equal 'it is judged' "$(pinned_program xdp_ingress)" "$(xdp_id bridge0)"
	check_equal 'the others natively' native "$(xdp_mode lan0)"
	ip -n "$WORLD-fw" link set lan1 mtu 1500
	ip -n "$WORLD-pbx" link set eth0 mtu 1500
	site 'lan0:voice:native lan1:voice:native wan0:uplink'
	devices pbx phone
	check 'a bridge that is no longer configured' box load
	check_equal 'is let go' '' "$(xdp_id bridge0)"
	ip -n "$WORLD-fw" link delete bridge0
}

POINTS='room pinned bank prepared named switched attached programs finished done'

stopped() { grep -q '^State:.T' "/proc/$(pid_of loader)/status"; }

# An interface is deleted while a load is at each of its steps.
vanishing() {
	local point before status
	for point in $([ "${MISHAPS:-}" = all ] && echo $POINTS || echo prepared switched); do
		ip -n "$WORLD-fw" link add gone0 type veth peer name gone1
		loaded
		goes_away $point reload
		[ $status = 0 ] || unharmed "gone at '$point'"
	done
	box unload > /dev/null
	ip -n "$WORLD-fw" link add gone0 type veth peer name gone1
	goes_away prepared 'first load'
	nothing_left "gone in a first load"
}

goes_away() { # POINT WHAT
	here
	sed -i '/^\[device pbx/i [interface gone0]\nrole = voice' "$WORLD_DIR/agfeo.conf"
	spawn loader fw env "AGFEO_FAULT=stop:$1" ASAN_OPTIONS=detect_leaks=0 "$AGFEOCTL_FAULTS" --pin "$(pin)" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" load
	check "gone at '$1', $2: the load is there" wait_for 60 stopped
	ip -n "$WORLD-fw" link delete gone0
	kill -CONT "$(pid_of loader)"
	finish loader 60
	status=$?
	case $status in
	0) check_equal "gone at '$1', $2: loaded without it" "$(pinned_program xdp_ingress)" "$(xdp_id lan0)" ;;
	1) check "gone at '$1', $2: refused, and it is named" says loader 'gone0: the interface vanished while it was being loaded' ;;
	*) not_ok "gone at '$1', $2: exit $status, said: $(cat "$WORLD_DIR/log/loader")" ;;
	esac
}

# ------------------------------------------------------------------ memory

# Indices out of TOTAL: all of them, or about HOW_MANY, other ones in every run.
some_of() { # TOTAL HOW_MANY
	if [ "${MISHAPS:-}" = all ] || [ $1 -le $2 ]; then
		seq 1 $1
	else
		awk -v total=$1 -v many=$2 -v seed=$$ 'BEGIN { srand(seed); for (i = 0; i < many; i++) print 1 + int((i + rand()) * total / many) }'
	fi
}

# tried WHAT STATUS: one run with one failure in it. Whether it could do without (0) or not, it says
# so, and does not die of it.
tried() {
	if [ $2 != 0 ] && { [ $2 -gt 2 ] || ! grep -q . "$WORLD_DIR/log/said"; }; then
		not_ok "$1: exit $2, said: $(cat "$WORLD_DIR/log/said")"
	fi
}

# The kernel refuses one bpf() of a load for want of memory.
kernel_memory() {
	local total index before failures=0 survived=0 places
	loaded
	other
	strace -f -qq -e trace=bpf -o "$WORLD_DIR/log/calls" nsenter --net="/run/netns/$WORLD-fw" "$AGFEOCTL" --pin "$(pin)" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" load > /dev/null 2>&1
	# Reading a row is one call of many: what makes, changes and attaches is more to the point.
	mapfile -t places < <(awk '/bpf\(/ { n++; if (!/LOOKUP_ELEM|GET_INFO|GET_NEXT/) print n }' "$WORLD_DIR/log/calls")
	total=${#places[@]}
	loaded
	for index in $(some_of $total 5); do
		index=${places[index - 1]}
		other
		at_call ENOMEM $index
		status=$?
		tried "reload, out of memory at call $index" $status
		if [ $status = 0 ]; then
			survived=$((survived + 1))
			loaded
			continue
		fi
		failures=$((failures + 1))
		same_as_before || not_ok "out of memory at call $index: what ran does not run ($(cat "$WORLD_DIR/log/said"))"
	done
	check_more "reloads with want of memory in the kernel at one of $total places: $failures failed, $survived did without" 4 \
		$((failures + survived))
	loaded
	other
	at_call ENOMEM "${places[total - 1]}"
	check_equal 'out of memory when all is done: it is done' 0 $?
	check 'and that is said' said "is loaded; how it is attached, 'agfeoctl status' tells"
	check_equal 'and it is' generic "$(xdp_mode lan0)"
	loaded
	box unload > /dev/null
	failures=0
	for index in $(some_of $total 1); do
		index=${places[index - 1]}
		at_call ENOMEM $index
		status=$?
		tried "first load, out of memory at call $index" $status
		[ $status != 0 ] || box unload > /dev/null 2>&1
		[ -z "$(pins)$(xdp_id lan0)$(xdp_id wan0)" ] || not_ok "first load, out of memory at call $index: something is left ($(cat "$WORLD_DIR/log/said"))"
	done
	at_call ENOMEM 30+
	check 'no memory for maps at all: what to do' said "a smaller 'flows' under [site] needs less"
	nothing_left 'out of memory for good'
	at_call EPERM 30+ prlimit --memlock=65536:65536
	check 'locked memory used up, as before kernel 5.11: what to do' said 'LimitMEMLOCK=infinity'
	nothing_left 'out of locked memory'
}

same_as_before() {
	[ "$(lasting <<< "$before")" = "$(state | lasting)" ] && [ "$(xdp_mode lan0)" = native ]
}

# at_call ERROR INDEX [COMMAND...]: a load in which that bpf() fails.
at_call() {
	local error=$1 index=$2
	shift 2
	strace -f -qq -o /dev/null -e trace=bpf -e "inject=bpf:error=$error:when=$index" \
		nsenter --net="/run/netns/$WORLD-fw" "$@" "$AGFEOCTL" --pin "$(pin)" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" load > /dev/null 2> "$WORLD_DIR/log/said"
}

starved() { # INDEX ARGUMENTS...
	local index=$1
	shift
	in_ns fw env LD_PRELOAD="$TOOLS/shim.so" STARVE_AT="$index" STARVE_COUNT="$WORLD_DIR/log/allocations" "$AGFEOCTL" --pin "$(pin)" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" "$@" > /dev/null 2> "$WORLD_DIR/log/said"
}

# One allocation of ours or a library fails.
user_memory() {
	local command index total before status failures=0 tries=0 bad=$failed
	loaded
	while read -r command; do
		starved 0 $command
		total=$(cat "$WORLD_DIR/log/allocations")
		[ "$command" != load ] || before=$(state)
		for index in $(some_of $total 3); do
			tries=$((tries + 1))
			starved $index $command
			status=$?
			tried "$command, allocation $index of $total fails" $status
			[ $status = 0 ] || failures=$((failures + 1))
		done
	done <<- END
		check
		explain udp 192.168.10.2:5204 217.10.64.10:30000
		models --json
		generate nft
		status
		status --json
		stats
		flows --json
		calls
		export --textfile $WORLD_DIR/textfile/a.prom
		load
	END
	check_equal "of $tries allocations that failed none was its end" $bad $failed
	check_more 'commands that failed for want of memory, and said so' 5 $failures
	unharmed 'starved'
}

# ------------------------------------------------------------------ full maps

# Every entry that is ours to give is taken.
fill_interfaces() {
	local index zeros
	zeros=$(yes 0 | head -n "$(bpftool -j map show pinned "$(pin)/map/interfaces" | jq .bytes_value)")
	for index in $(seq 1 256); do
		echo map update pinned "$(pin)/map/interfaces" key $((index % 256)) $((index / 256)) 0 16 value $zeros
	done > "$WORLD_DIR/log/batch"
	bpftool batch file "$WORLD_DIR/log/batch" > /dev/null 2>&1
}

full_maps() {
	local before name
	loaded
	for name in $(seq 1 257); do
		printf '[device d%d]\nmodel = t14-sip\naddress = 192.168.%d.%d\nallow = in tcp %d from site\n' $name $((110 + name / 250)) $((name % 250 + 1)) $((20000 + name))
	done >> "$WORLD_DIR/agfeo.conf"
	refused 'more distinct policies than there are inner maps' 'make more of them alike' box load
	unharmed 'too many policies'
	site 'lan0:voice:native'
	devices pbx phone
	check 'load with one interface' box load
	fill_interfaces
	before=$(state)
	here
	refused 'no row left for an interface' "map 'interfaces': every row is taken" box load
	unharmed 'too many interfaces'
	check 'unload' box unload
}

few_descriptors() {
	local before
	loaded
	other
	refused 'too few file descriptors' 'Too many open files' tool prlimit --nofile=20 "$AGFEOCTL" load
	unharmed 'too few file descriptors'
}

[ -x "$AGFEOCTL_FAULTS" ] || NEED_MISSING="$NEED_MISSING $AGFEOCTL_FAULTS ('make test-programs' builds it)"
tools_built shim.so
test_begin mishaps jq bpftool strace setpriv prlimit nc
world_up
# In this order: what one leaves loaded the next goes on with.
tests='rights rights_without_tcx old_kernel read_only not_a_bpffs foreign_pins others_programs no_native vanishing
	kernel_memory user_memory full_maps few_descriptors in_the_end'
run_each $tests
test_end
