#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# discover hears real talk on the box's voice interfaces while it is guarded, sends nothing, and prints
# sections that the tool itself loads; a capture of the same talk gives the same.

. "$(dirname "$0")/lib.sh"
. "$E2E_DIR/lib_calls.sh"

AGFEO_MAC=00:09:40:12:34:56

# The company before anything is listed.
empty_site() {
	site_conf enforce
	sed -i '/^\[device/,/^$/d' "$WORLD_DIR/agfeo.conf"
}

# sip NS FROM-PORT TO TEXT: a SIP request from a socket.
sip() {
	in_ns "$1" python3 - "$2" "$3" "$4" <<-PYTHON
		import socket, sys
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.bind(("0.0.0.0", int(sys.argv[1])))
		s.sendto(("REGISTER sip:x SIP/2.0\r\nVia: SIP/2.0/UDP x\r\n" + sys.argv[3] + "\r\n\r\n").encode("latin-1"),
			(sys.argv[2], 5060))
	PYTHON
}

# What a telephone system, a softphone and a PC do in their day.
talk() {
	local to
	to=$(mac_of fw lan1)
	inject pbx eth0 to="$to" mac=$AGFEO_MAC udp $PBX4 12189 192.168.10.1 12189 size=40
	inject pbx eth0 to="$to" mac=$AGFEO_MAC udp $PBX4 5204 $PROV4 30000 rtp=1 count=3
	inject pbx eth0 to="$to" mac=$AGFEO_MAC udp $PBX6 123 $PROV6 123 size=48
	sip phone 60104 192.168.20.1 "$(printf 'User-Agent: AGFEO VISOfon\033[31m\007')"
	in_ns pc bash -c 'echo x > /dev/udp/192.168.20.1/53'
}

# listen OPTIONS...: in the background, until it hears.
listen() {
	spawn discover fw "$AGFEOCTL" --pin "$WORLD_DIR/bpf/agfeo" --run "$WORLD_DIR/run" \
		-c "$WORLD_DIR/agfeo.conf" discover "$@"
	wait_for 5 hears
	sleep 0.3
}

hears() { in_ns fw cat /proc/net/packet | grep -q ' 0003 '; }

found() { jq -r "$1" "$WORLD_DIR/log/discover"; }

on_the_wire() {
	capture pbx pbx
	listen --seconds 3 --json
	talk
	finish discover 20
	check_equal 'discover ends by itself' 0 $?
	capture_end pbx
	check_equal 'found: the telephone system and the softphone' 'es-pure-ip-x-it visofon' \
		"$(found '[.hosts[].model] | join(" ")')"
	check_equal 'the system: its MAC, both addresses' "$AGFEO_MAC $PBX4 $PBX6" \
		"$(found '.hosts[0] | [.mac, .addresses[]] | join(" ")')"
	check_equal 'the softphone: what it says, printable' 'AGFEO VISOfon?[31m?' "$(found '.hosts[1].user_agent')"
	check_equal 'the PC is told to be another host' true "$(found '.others >= 1')"
	check_equal 'the box sent nothing on its own' 0 "$(count pbx "ether src $(mac_of fw lan1) and udp")"
}

sections_load() {
	listen --seconds 2
	talk
	finish discover 20
	check_equal 'no escape reaches a terminal' 0 "$(LC_ALL=C grep -c '[^[:print:][:blank:]]' "$WORLD_DIR/log/discover")"
	cat "$WORLD_DIR/log/discover" >> "$WORLD_DIR/agfeo.conf"
	check 'what was printed is pasted and loads' box load
	check_equal 'as these models' 'es-pure-ip-x-it visofon' \
		"$(box check --json | jq -r '[.devices[].model] | sort | join(" ")')"
	listen --seconds 2 --json
	talk
	finish discover 20
	check_equal 'what is configured is left out' '0 2' "$(found '"\(.hosts | length) \(.configured)"')"
}

from_a_capture() {
	empty_site
	in_ns pbx tcpdump -r "$WORLD_DIR/cap/pbx" -w "$WORLD_DIR/cap/again" 2> /dev/null
	box discover "$WORLD_DIR/cap/again" --json > "$WORLD_DIR/log/discover"
	check_equal 'a capture: the telephone system' "es-pure-ip-x-it $AGFEO_MAC" \
		"$(found '.hosts[] | "\(.model) \(.mac)"')"
	head -c 200 "$WORLD_DIR/cap/again" > "$WORLD_DIR/cap/cut"
	check_not 'a capture that is cut is an error' box discover "$WORLD_DIR/cap/cut"
}

# The kernel has met the PBX before anybody listens.
neighbours() {
	in_ns fw ip neighbour replace $PBX4 lladdr $AGFEO_MAC dev lan1
	listen --seconds 1 --json
	finish discover 20
	check_equal 'a neighbour with AGFEO'"'"'s MAC' "null $PBX4" \
		"$(found '.hosts[] | "\(.model) \(.addresses[0])"')"
}

refusals() {
	check_not '--ask is refused' box discover --ask
	box discover --ask 2>&1 | grep -q 'not published'
	check_equal 'and says why' 0 $?
	check_not 'an interface that is not there' box discover --interface nowhere0 --seconds 1
	check_not 'no time' box discover --seconds 0
	listen --seconds 600
	stop discover INT
	check_equal 'an interrupt ends it with what was heard' 1 "$(grep -c '^# [0-9]* found' "$WORLD_DIR/log/discover")"
}

tools_built inject
test_begin discover jq python3
world_up
in_ns pbx ip link set eth0 address $AGFEO_MAC
empty_site
check 'the box guards nobody yet' box load
on_the_wire
sections_load
from_a_capture
neighbours
refusals
test_end
