#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034,SC2015 # what is sourced, and words without blanks
# Into the kernel and out again: load, reload in place, everything that may go wrong on the way,
# confirm and roll back, unload. What is pinned and attached is read by bpftool, ip and tc, not by us.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_load.sh"

# ------------------------------------------------------------------ the tests

first_load() {
	site 'lan0:voice lan1:voice wan0:uplink'
	devices pbx phone
	check_equal 'first load: generation 1' '1 true' "$(box load --json 2> "$WORLD_DIR/log/said" | jq -r '"\(.generation) \(.first)"')"
	check_equal 'the switch says generation 1' 1 "$(generation)"
	check_more 'mid-stream TCP is picked up for a while' 0 "$(control pickup_until)"
	check_equal 'lan0 is judged natively' native "$(xdp_mode lan0)"
	check_equal 'lan0 runs the pinned program' "$(pinned_program xdp_ingress)" "$(xdp_id lan0)"
	check_equal 'egress of lan0 runs the pinned program' "$(pinned_program tc_egress)" "$(link_program lan0-tc)"
	check_equal 'wan0 runs the program of uplinks' "$(pinned_program xdp_uplink)" "$(xdp_id wan0)"
	check_not 'an uplink has no egress program' test -e "$(pin)/link/wan0-tc"
	check_equal 'the folder is for root' 700 "$(stat -c %a "$(pin)")"
	check_equal 'pins are for root' 600 "$(find "$(pin)" -type f -printf '%m\n' | sort -u)"
	check 'what is no device is reached' in_ns pc ping -c 1 -W 2 $ATT4
}

reload() {
	local pickup links programs id
	pickup=$(control pickup_until) links=$(link_id lan0-xdp) programs=$(pinned_program xdp_ingress)
	id=$(device_id phone)
	check 'reload' box load
	check_equal 'it is the next generation' 2 "$(generation)"
	check_equal 'pick-up ends when it did' "$pickup" "$(control pickup_until)"
	check_equal 'the link is the same' "$links" "$(link_id lan0-xdp)"
	check_equal 'a program that is the same is not replaced' "$programs" "$(pinned_program xdp_ingress)"
	site 'lan0:voice lan1:voice wan0:uplink'
	devices first phone pbx
	check 'a device in front of the others' box load
	check_equal 'a device keeps its id' "$id" "$(device_id phone)"
	check_more 'the new one has its own' 2 "$(device_id first)"
}

# What fails leaves what ran.
failed_reload() {
	local before
	before=$(state; generation)
	site 'lan0:voice lan9:voice wan7:uplink'
	refused 'an interface that does not exist is refused' 'it has: lo, lan0, lan1, wan0' box load
	check 'and the other one in one go' said 'interface wan7'
	check 'with file and line' said "$WORLD_DIR/agfeo.conf:8:"
	check_equal 'nothing changed' "$before" "$(state; generation)"
	site 'lan0:voice'
	devices phone
	echo 'bogus = 1' >> "$WORLD_DIR/agfeo.conf"
	refused 'a bad configuration is refused' 'bogus' box load
	check_equal 'nothing changed' "$before" "$(state; generation)"
}

# Somebody else's XDP program is not thrown out.
busy() {
	local before id
	site 'lan0:voice wan0:uplink'
	devices phone
	check 'an interface that is no longer configured is let go' box load
	check_equal 'no program of ours runs there' '' "$(xdp_id lan1)"
	check_not 'nor is one pinned' test -e "$(pin)/link/lan1-tc"
	in_ns fw bpftool net attach xdp pinned "$(pin)/prog/xdp_uplink_l3" dev lan1
	id=$(xdp_id lan1)
	before=$(state; generation)
	site 'lan0:voice lan1:voice wan0:uplink'
	devices phone
	refused 'another XDP program is not replaced' "another XDP program is attached (id $id" box load
	check_equal 'it still runs' "$id" "$(xdp_id lan1)"
	check_equal 'nothing changed' "$before" "$(state; generation)"
	in_ns fw bpftool net detach xdp dev lan1
	check 'once it is gone the load succeeds' box load
	check_equal 'and judges there' "$(pinned_program xdp_ingress)" "$(xdp_id lan1)"
}

modes() {
	site 'lan0:voice:generic lan1:uplink'
	devices phone
	check 'another mode and another role' box load
	check_equal 'generic where it is asked' generic "$(xdp_mode lan0)"
	check_equal 'lan1 runs the program of uplinks' "$(pinned_program xdp_uplink)" "$(xdp_id lan1)"
	check_not 'its egress program is gone' test -e "$(pin)/link/lan1-tc"
	site 'lan0:voice:native lan1:voice'
	devices phone
	check 'and back' box load
	check_equal 'native where it is asked' native "$(xdp_mode lan0)"
	check_equal 'egress of lan1 is back' "$(pinned_program tc_egress)" "$(link_program lan1-tc)"
	ip -n "$WORLD-fw" link add voice.10 type veth peer name voice.peer
	ip -n "$WORLD-fw" link set voice.10 up
	site 'lan0:voice voice.10:voice'
	devices phone
	check 'a name with a dot, as VLANs have' box load
	check_equal 'it is judged' "$(pinned_program xdp_ingress)" "$(xdp_id voice.10)"
	ip -n "$WORLD-fw" link delete voice.10
	ip -n "$WORLD-fw" link add voice.10 type veth peer name voice.peer
	check 'an interface that went and came back' box load
	check_equal 'is judged again' "$(pinned_program xdp_ingress)" "$(xdp_id voice.10)"
	ip -n "$WORLD-fw" link delete voice.10
	refused 'one that went for good' 'interface voice.10' box load
	site 'wan0:uplink'
	devices phone
	check 'no interface that faces devices' eval "box load 2> '$WORLD_DIR/log/said'"
	check 'is warned of' said "$WORLD_DIR/agfeo.conf: no interface has role = voice"
	site 'lan0:voice lan1:voice wan0:uplink'
	devices phone
	check 'one that went can be left out' eval "box load 2> '$WORLD_DIR/log/said'"
	check_not 'of which nothing is warned' said 'no interface has role = voice'
	check_not 'it leaves no pin' test -e "$(pin)/link/voice%2e10-xdp"
}

# Rows for devices: the oldest that is given up makes room; for more than there are, there will be.
registry() {
	local id before
	id=$(device_id phone)
	site 'lan0:voice'
	devices phone $(seq -f 'a%g' 1 200)
	check '201 devices' box load
	site 'lan0:voice'
	devices phone $(seq -f 'b%g' 1 200)
	check '200 others in their place' box load
	check_equal 'who stayed keeps the id' "$id" "$(device_id phone)"
	check_equal 'every device has one row' 201 "$(names | grep -cE ' (phone|b[0-9]+)$')"
	check_equal 'no id is given twice' "$(names | wc -l)" "$(names | awk '{ print $1 }' | sort -u | wc -l)"
	site 'lan0:voice'
	devices phone $(seq -f 'c%g' 1 400)
	check 'more than there are rows' box load
	check_equal 'who stayed keeps the id all the same' "$id" "$(device_id phone)"
	check_equal 'every device has one row' 401 "$(names | grep -cE ' (phone|c[0-9]+)$')"
}

filters_of_all() { echo "$(clsact_filters lan0) $(clsact_filters lan1) $(clsact_filters wan0)"; }

clsact() {
	check 'unload' box unload
	site 'lan0:voice lan1:voice wan0:uplink'
	sed -i '/^role/a forward = fast' "$WORLD_DIR/agfeo.conf"
	devices phone
	AGFEO_NO_TCX=1 check 'without tcx: load' box load
	check_equal 'egress goes to clsact, at the uplink too, where forward is fast' '1 1 1' "$(filters_of_all)"
	AGFEO_NO_TCX=1 check 'reload' box load
	check_equal 'still one filter each' '1 1 1' "$(filters_of_all)"
	sed -i '/^forward/d' "$WORLD_DIR/agfeo.conf"
	AGFEO_NO_TCX=1 check 'forward = kernel: load' box load
	check_equal 'the uplink needs none' '1 1 0' "$(filters_of_all)"
	tc -n "$WORLD-fw" filter add dev lan1 ingress bpf da pinned "$(pin)/prog/tc_egress"
	AGFEO_NO_TCX=1 check 'unload' box unload
	check_equal 'our filters are gone' '0 0 0' "$(filters_of_all)"
	check_equal "the qdisc that has another's filter stays" 1 "$(qdiscs)"
	tc -n "$WORLD-fw" qdisc delete dev lan1 clsact
}

unloading() {
	check 'load' box load
	check 'unload' box unload
	nothing_left 'after unload'
	refused 'a second unload says that nothing is loaded' 'nothing is loaded at' box unload
}

at_once() {
	local number
	site 'lan0:voice lan1:voice wan0:uplink'
	devices phone
	check 'load' box load
	for number in 1 2 3 4 5 6; do spawn "load$number" fw "$AGFEOCTL" --pin "$(pin)" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" load; done
	for number in 1 2 3 4 5 6; do check "load $number of six at once" finish "load$number" 20; done
	check_equal 'each had its turn' 7 "$(generation)"
	echo 'pid 4711, unload' > "$WORLD_DIR/run/lock"
	(flock 9; exec sleep 60) 9<> "$WORLD_DIR/run/lock" &
	number=$!
	wait_for 5 eval "! flock -n '$WORLD_DIR/run/lock' true"
	refused 'who waits too long says for whom' 'another agfeoctl (pid 4711, unload)' box load
	kill $number
	wait $number 2> /dev/null
}

pending() {
	local before
	before=$(generation)
	check 'load --confirm' box load --confirm 60
	refused 'no load while one waits' "waits for 'agfeoctl confirm'" box load
	check 'confirm' box confirm
	check 'the watcher is gone' wait_for 5 test ! -e "$WORLD_DIR/run/confirm"
	check_equal 'the new generation stays' $((before + 1)) "$(generation)"
	refused 'nothing more to confirm' 'nothing waits' box confirm

	site 'lan0:voice:generic lan1:uplink'
	devices other
	before=$(pins; link_program lan0-xdp)
	check 'load --confirm 2 of something else' box load --confirm 2
	generation=$(generation)
	check_equal 'it rules' generic "$(xdp_mode lan0)"
	check_equal 'wan0 is let go' '' "$(xdp_id wan0)"
	check 'it is taken back' wait_for 6 test ! -e "$WORLD_DIR/run/confirm"
	check_equal 'as a new generation' $((generation + 1)) "$(generation)"
	check_equal 'the mode is back' native "$(xdp_mode lan0)"
	check_equal 'wan0 is judged again' "$(pinned_program xdp_uplink)" "$(xdp_id wan0)"
	check_equal 'pins and programs are those before' "$before" "$(pins; link_program lan0-xdp)"

	site 'lan0:voice lan1:voice wan0:uplink'
	devices phone
	script -qec "ip netns exec $WORLD-fw $AGFEOCTL --pin $(pin) --run $WORLD_DIR/run -c $WORLD_DIR/agfeo.conf load --confirm 2" /dev/null < /dev/null > /dev/null
	before=$(generation)
	check 'it waits, though the terminal is gone' kill -0 "$(watcher)"
	check 'and takes it back' wait_for 6 test ! -e "$WORLD_DIR/run/confirm"
	check_equal 'as a new generation' $((before + 1)) "$(generation)"

	check 'load --confirm, then unload' box load --confirm 2
	check 'unload' box unload
	sleep 3
	nothing_left 'the watcher brings nothing back'
	check 'a first load --confirm 1' box load --confirm 1
	check 'is taken back' wait_for 6 test ! -e "$WORLD_DIR/run/confirm"
	nothing_left 'by unloading'

	check 'load --confirm' box load --confirm 60
	kill -KILL "$(watcher)"
	check 'without its watcher the load stays, and the next one works' box load
	check_equal 'two generations' 2 "$(generation)"
}

mounting() {
	local where=$WORLD_DIR/mount
	check 'unload' box unload
	refused 'a mount that would vanish is refused' 'mount namespace of its own' in_ns fw "$AGFEOCTL" --pin "$where" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" load
	check_not 'and leaves no folder' test -e "$where"
	set -- nsenter --net="/run/netns/$WORLD-fw" "$AGFEOCTL" --pin "$where" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf"
	if ! "$@" load > /dev/null 2>&1; then
		skip 'this test itself runs in a mount namespace of its own: no mount is tried'
		return
	fi
	ok 'a bpffs is mounted where there is none'
	check_equal 'it is one' bpf_fs "$(stat -f -c %T "$where")"
	check 'reload' "$@" load
	check 'unload' "$@" unload
	check_not 'mount and folder are gone' test -e "$where"
}

# Another number in the pins, and so their maps are not trusted; migrate.sh has a version of its own.
foreign_version() {
	local value id
	check 'load' box load
	id=$(device_id phone)
	value=$(bpftool -j map lookup pinned "$(pin)/map/meta" key 0 0 0 0 | jq -r '.value | .[1:] | join(" ")')
	bpftool map update pinned "$(pin)/map/meta" key 0 0 0 0 value 0x63 $value
	refused "another version's maps are not read" 'layout 99' box status
	check 'load takes them over' eval "box load > '$WORLD_DIR/log/said' 2>&1"
	check 'and says so before' said 'with maps of layout 99'
	check_equal 'a device keeps its id' "$id" "$(device_id phone)"
	check_equal 'lan0 runs the pinned program' "$(pinned_program xdp_ingress)" "$(xdp_id lan0)"
	bpftool map update pinned "$(pin)/map/meta" key 0 0 0 0 value 0x63 $value
	check 'they can be unloaded, too' box unload
	nothing_left 'after that'
}

# Steps of a load, in their order.
BEFORE='room pinned bank prepared named' AFTER='switched attached programs finished done'

faults() {
	local point before
	if [ ! -x "$AGFEOCTL_FAULTS" ] || ! grep -q AGFEO_FAULT "$AGFEOCTL_FAULTS"; then
		skip "fault points: $AGFEOCTL_FAULTS is not built"
		return
	fi
	site 'lan0:voice lan1:voice wan0:uplink'
	devices phone
	for point in $BEFORE $AFTER; do
		check_not "first load fails at '$point'" faulty "fail:$point" load
		nothing_left "failed at '$point'"
	done
	check 'load' box load
	for point in $BEFORE $AFTER; do
		site 'lan0:voice:native lan1:voice wan0:uplink'
		devices phone
		check 'reload' box load
		before=$(state)
		generation=$(generation)
		site 'lan0:voice:generic lan1:uplink'
		devices other
		check_not "reload fails at '$point'" faulty "fail:$point" load
		check_equal "failed at '$point': what ran runs" "$(grep -v '^\[\|^[0-9]*$' <<< "$before")" "$(state | grep -v '^\[\|^[0-9]*$')"
		check_equal "failed at '$point': natively" native "$(xdp_mode lan0)"
		case " $BEFORE " in
		*" $point "*) check_equal "failed at '$point': the generation too" "$generation" "$(generation)" ;;
		*) check_equal "failed at '$point': as a new generation" $((generation + 2)) "$(generation)" ;;
		esac
	done
	check 'unload' box unload
	nothing_left 'in the end'
}

test_begin load jq bpftool flock script
world_up
first_load
reload
failed_reload
busy
modes
registry
clsact
unloading
at_once
pending
mounting
foreign_version
faults
test_end
