#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# A 2,400-byte INVITE over UDP arrives, by IPv4 and IPv6, routed and behind NAT, and its fragments are
# counted. Fragments without a first one, first ones too small for their ports, and later ones that
# reach into the header do not.

. "$(dirname "$0")/lib.sh"
. "$ROOT_DIR/tests/demo/peers.sh"
. "$(dirname "$0")/lib_calls.sh"

INVITE_SIZE=2400

# An INVITE as telephones with many codecs, certificates and history send it.
invite() {
	local head body
	head=$(printf '%s\r\n' 'INVITE sip:20@example.org SIP/2.0' \
		'Via: SIP/2.0/UDP 192.168.20.70:60104;branch=z9hG4bK74bf9' 'Max-Forwards: 70' \
		'From: <sip:21@example.org>;tag=9fxced76sl' 'To: <sip:20@example.org>' \
		'Call-ID: 3848276298220188511@example.org' 'CSeq: 1 INVITE' \
		'Content-Type: application/sdp' 'X-History: ')
	body=$((INVITE_SIZE - ${#head} - 4))
	printf '%s%s\r\n\r\n' "$head" "$(head -c $body /dev/zero | tr '\0' x)"
}

bracketed() { case $1 in *:*) echo "[$1]" ;; *) echo "$1" ;; esac; }

# arrives WHAT FROM ADDRESS PORT TO ADDRESS PORT [SEEN]: the INVITE, whole. SEEN: where it is sent to.
arrives() {
	local what=$1 seen=${8:-$6}
	rm -f "$WORLD_DIR/log/arrived"
	spawn receiver $5 socat -u "UDP$FAMILY-RECV:$7,bind=$(bracketed $6)" "CREATE:$WORLD_DIR/log/arrived"
	wait_for 5 listens_udp $5 $7 || not_ok "$what: nobody listens"
	in_ns $2 socat -u "OPEN:$WORLD_DIR/invite" "UDP$FAMILY-SENDTO:$(bracketed $seen):$7,bind=$(bracketed $3):$4"
	check "$what: all of it arrives" wait_for 3 cmp "$WORLD_DIR/invite" "$WORLD_DIR/log/arrived"
	stop receiver
}

# The first fragment and the rest: both hooks saw them, neither dropped any.
whole_ones() {
	local before
	before=$(dropped)
	family 4
	arrives 'IPv4, phone to PBX' phone $PHONE4 $PHONE_SIP pbx $PBX4 5060
	arrives 'IPv4, PBX to provider, masqueraded' pbx $PBX4 5064 prov $PROV4 5060
	arrives 'IPv4, provider to PBX, by the way that its registration opened' \
		prov $PROV4 5060 pbx $PBX4 5064 $PUBLIC4
	family 6
	arrives 'IPv6, phone to PBX' phone $PHONE6 $PHONE_SIP pbx $PBX6 5060
	arrives 'IPv6, PBX to provider' pbx $PBX6 5064 prov $PROV6 5060
	arrives 'IPv6, provider to PBX' prov $PROV6 5060 pbx $PBX6 5064
	check_equal 'nothing of them was dropped' "$before" "$(dropped)"
}

# refused WHAT REASON DEVICE WORD...: one frame from the office into the box, and no further.
refused() {
	local what=$1 reason=$2 device=$3 before
	shift 3
	before=$(drops $device "$reason")
	inject pc eth0 to="$LAN" mac="$PC" "$@"
	sleep 0.1
	check_equal "$what: $reason" 1 "$(($(drops $device "$reason") - before))"
}

# passes WHAT WORD...: the same way, as a control.
passes() {
	local what=$1 before
	shift
	before=$(dropped)
	inject pc eth0 to="$LAN" mac="$PC" "$@"
	sleep 0.1
	check_equal "$what: passes" 0 "$(($(dropped) - before))"
}

# Of a UDP packet of 8 + 1600 bytes, or a TCP segment.
parts() { # FAMILY FROM TO
	local udp="udp $2 5060 $3 5060 size=1600" tcp="tcp $2 40000 $3 80 size=1600"
	refused "IPv$1, a later fragment alone" fragment pbx $udp id=101 fragment=1440
	passes "IPv$1, a first fragment" $udp id=102 fragment=0:1440
	passes "IPv$1, and the rest of it" $udp id=102 fragment=1440
	passes "IPv$1, and the rest of it again" $udp id=102 fragment=1440
	refused "IPv$1, the rest of another packet" fragment pbx $udp id=103 fragment=1440
	refused "IPv$1, a first fragment that is refused" scope pbx udp ${2/$PC4/$ATT4} 5060 $3 5060 \
		size=1600 id=104 fragment=0:1440
	refused "IPv$1, TCP: the ports are in the first fragment, the flags are not" malformed pbx \
		$tcp id=106 fragment=0:8
	refused "IPv$1, TCP: a second fragment that rewrites the flags" malformed pbx $tcp id=107 fragment=8:16
}

# What only one family's headers can say.
tiny() {
	refused 'IPv4, eight bytes of UDP fit: the ports do not lie' not-listed pbx \
		udp $PC4 5060 $PBX4 9 size=1600 id=110 fragment=0:8
	refused 'IPv6, a later fragment of a protocol number that is not that of the first' fragment pbx \
		tcp $PC6 5060 $PBX6 5060 size=1600 id=102 fragment=1440
}

tools_built inject
test_begin fragments jq socat
world_up
invite > "$WORLD_DIR/invite"
check_equal 'the INVITE has 2,400 bytes' $INVITE_SIZE "$(wc -c < "$WORLD_DIR/invite")"
check 'the configuration loads' box load
whole_ones
LAN=$(mac_of fw lan0) PC=$(mac_of pc eth0)
parts 4 $PC4 $PBX4
ATT4=$ATT6 PC4=$PC6 parts 6 $PC6 $PBX6
tiny
test_end
