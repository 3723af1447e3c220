#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# Frames with one tag, with two, and in PPPoE sessions are judged by what they carry; voice leaves a
# bridged box as EF and, where it is tagged, with priority 5.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_calls.sh"
. "$(dirname "$0")/lib_bridge.sh"

# What an encapsulation looks like to inject, and to tcpdump (which puts the outer tag back, and has
# the offsets of what follows shifted by it).
WAYS='plain single qinq pppoe vlan7'
declare -A WORDS=(
	[plain]=''
	[single]='vlan=20:1'
	[qinq]='qinq=100:2 vlan=20:1'
	[pppoe]='pppoe'
	[vlan7]='vlan=7:0 pppoe'
)
# Where the IP header stands, in bytes from the frame's start.
declare -A IP_AT=([plain]=14 [single]=18 [qinq]=22 [pppoe]=22 [vlan7]=26)
# Where the tags stand.
declare -A TAGS_AT=([plain]='' [single]='14' [qinq]='14 18' [pppoe]='' [vlan7]='14')

# Frames of a capture, as hex digits in one line each: what libpcap would make of them is not asked.
frames_of() {
	tcpdump -n -xx -t -r "$WORLD_DIR/cap/$1" 2> /dev/null |
		awk '/^\t0x/ { for (i = 2; i <= NF; i++) line = line $i; next }
			{ if (line) print line; line = "" }
			END { if (line) print line }'
}

byte() { echo $((16#${1:$((2 * $2)):2})); } # FRAME OFFSET

dscp_of() { # FRAME OFFSET-OF-IP
	if [ $(($(byte $1 $2) >> 4)) = 4 ]; then
		echo $(($(byte $1 $(($2 + 1))) >> 2))
	else
		echo $(((($(byte $1 $2) << 8 | $(byte $1 $(($2 + 1)))) >> 6) & 63))
	fi
}

# A sender that nothing else comes from.
MAC=02:00:00:00:20:70

arrived() { [ "$(frames_of far | wc -l)" -ge "$1" ]; }

# send WAY WORD...: from the phone's wire to that of the PBX; FRAMES has what arrives. EXPECTED: how
# many are worth waiting for, on a busy machine too.
send() {
	local way=$1
	shift
	capture far pbx "ether src $MAC"
	inject phone eth0 to="$(mac_of pbx eth0)" mac=$MAC ${WORDS[$way]} "$@"
	[ -z "${EXPECTED:-}" ] || wait_for 3 arrived "$EXPECTED"
	capture_end far || not_ok "$way: the capture is not whole"
	mapfile -t FRAMES < <(frames_of far)
}

# Voice in this encapsulation arrives, as EF, tags with priority 5, and otherwise as it was.
voice() { # WAY FAMILY FROM TO PORT
	local what="$1, IPv$2, voice" at
	EXPECTED=3 send $1 udp $3 65100 $4 $5 rtp=1 count=3 tos=1
	check_equal "$what: arrives" 3 ${#FRAMES[@]}
	[ ${#FRAMES[@]} = 3 ] || return
	check_equal "$what: EF" 46 "$(dscp_of ${FRAMES[2]} ${IP_AT[$1]})"
	for at in ${TAGS_AT[$1]}; do
		check_equal "$what: the tag at $at has priority 5" 5 $(($(byte ${FRAMES[2]} $at) >> 5))
		check_equal "$what: and is the same VLAN" "$(vlan_sent $1 $at)" \
			$((($(byte ${FRAMES[2]} $at) & 15) << 8 | $(byte ${FRAMES[2]} $((at + 1)))))
	done
	check "$what: the checksum holds" checksum_holds ${FRAMES[2]} ${IP_AT[$1]}
}

vlan_sent() { # WAY OFFSET
	case $1$2 in
	qinq14) echo 100 ;;
	vlan714) echo 7 ;;
	*) echo 20 ;;
	esac
}

checksum_holds() { # FRAME OFFSET-OF-IP
	local sum=0 at
	[ $(($(byte $1 $2) >> 4)) = 4 ] || return 0 # IPv6 has none
	for at in $(seq $2 2 $(($2 + 18))); do
		sum=$((sum + ($(byte $1 $at) << 8 | $(byte $1 $((at + 1))))))
	done
	[ $(((sum & 65535) + (sum >> 16))) = 65535 ]
}

# What is not voice passes as it is; what is not listed does not, whatever it is wrapped in.
others() { # WAY FAMILY FROM TO
	local at before
	send $1 udp $3 60104 $4 5060 size=100 count=1 tos=1
	check_equal "$1, IPv$2, signalling: arrives" 1 ${#FRAMES[@]}
	[ ${#FRAMES[@]} = 1 ] && check_equal "$1, IPv$2, signalling: stays as it was" 0 \
		"$(dscp_of ${FRAMES[0]} ${IP_AT[$1]})"
	for at in ${TAGS_AT[$1]%% *}; do
		check_not "$1, IPv$2, signalling: and its tag has no priority of voice" \
			[ $(($(byte ${FRAMES[0]} $at) >> 5)) = 5 ]
	done
	before=$(drops softphone not-listed)
	send $1 tcp $3 40000 $4 23
	check_equal "$1, IPv$2, telnet: does not arrive" 0 ${#FRAMES[@]}
	check_equal "$1, IPv$2, telnet: counted as not-listed" $((before + 1)) "$(drops softphone not-listed)"
}

# A third tag hides what nobody knows.
too_many() {
	local before
	before=$(drops_all malformed)
	send single vlan=30 vlan=40 udp $PHONE4 65100 $PBX4 5230 rtp=1
	check_equal 'three tags: do not arrive' 0 ${#FRAMES[@]}
	check_equal 'three tags: counted as malformed' $((before + 1)) "$(drops_all malformed)"
}

tools_built inject
test_begin vlan jq
world_up
sed -i 's/fd00:10::.64, fd00:20::.64/fd00::\/16/' "$WORLD_DIR/agfeo.conf"
in_ns fw sysctl -qw net.bridge.bridge-nf-filter-pppoe-tagged=0 2> /dev/null
check 'the configuration loads' box load
port=5204
for way in $WAYS; do
	# Another port each: each is a flow of its own.
	voice $way 4 $PHONE4 $PBX4 $((port += 2))
	voice $way 6 $PHONE6 $PBX6 $((port += 2))
	others $way 4 $PHONE4 $PBX4
	others $way 6 $PHONE6 $PBX6
done
too_many
test_end
