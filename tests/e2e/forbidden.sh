#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# What must not pass does not, and the box says why: wrong opener, unlisted port, stranger, scan,
# unknown host, borrowed address. Each is seen at the far end (nothing arrived) and in the counters.

. "$(dirname "$0")/lib.sh"
. "$ROOT_DIR/tests/demo/peers.sh"

# refused WHAT FROM PROTOCOL ADDRESS PORT DEVICE REASON: tries it while the far end is captured.
refused() {
	local what=$1 from=$2 protocol=$3 address=$4 port=$5 device=$6 reason=$7 to before answered
	to=$(home_of "$address")
	before=$(drops "$device" "$reason")
	capture far "$to"
	answered=$(knock "$from" "$protocol" "$address" "$port")
	capture_end far || not_ok "$what: the capture is not whole"
	check_equal "$what: no answer" '' "$answered"
	check_equal "$what: nothing arrives" 0 "$(count far "$protocol and dst port $port")"
	check_more "$what: counted as $reason of ${device:-nobody}" "$before" "$(drops "$device" "$reason")"
}

# allowed WHAT FROM ADDRESS PORT: a control, over TCP.
allowed() {
	check_equal "$1: allowed" "$4 " "$(PATIENCE=5 knock "$2" tcp "$3" "$4")"
}

# home_of ADDRESS: the namespace where it lives; what the box forwards lands at the PBX.
home_of() {
	case $1 in
	"$PBX4" | "$PBX6" | "$PUBLIC4") echo pbx ;;
	"$PHONE4" | "$PHONE6") echo phone ;;
	"$PROV4" | "$PROV6") echo prov ;;
	"$ATT4" | "$ATT6") echo att ;;
	"$PC4" | "$PC6") echo pc ;;
	esac
}

by_the_list() {
	refused 'office host, telnet to the PBX' pc tcp $PBX4 23 pbx not-listed
	refused 'office host, telnet to the PBX, IPv6' pc tcp $PBX6 23 pbx not-listed
	refused 'office host, a UDP port that no model has' pc udp $PBX4 9999 pbx not-listed
	refused 'office host opens the SIP client port' pc udp $PBX4 $PBX_CLIENT pbx direction
	refused 'provider opens the SIP client port' prov udp $PBX6 $PBX_CLIENT pbx direction
	refused 'stranger, web pages of the PBX' att tcp $PBX4 80 pbx scope
	refused 'stranger, web pages of the PBX, IPv6' att tcp $PBX6 80 pbx scope
	refused 'stranger, registrar of the PBX' att udp $PBX4 5060 pbx scope
	refused 'stranger, voice port of the PBX' att udp $PBX6 $PBX_RTP_INSIDE pbx scope
	refused 'stranger, unlisted port of the PBX' att tcp $PBX6 22 pbx not-listed
	refused 'the PBX opens SMTP to the internet' pbx tcp $ATT4 25 pbx not-listed
	refused 'the PBX opens https to a stranger' pbx tcp $ATT4 443 pbx scope
	refused 'the phone opens a port of the internet' phone tcp $ATT4 445 softphone not-listed
	allowed 'office host, web pages of the PBX' pc $PBX4 80
	allowed 'office host, web pages of the PBX, IPv6' pc $PBX6 80
	allowed 'hosts that are no device, unknown = pass' pc $ATT4 22
}

# The forward of 5060 and the web pages on the box itself: shed before NAT sees them.
by_the_uplink() {
	local before port seen
	seen=$(forwarded)
	before=$(stats '[.drops[]] | add')
	capture far pbx
	check_equal 'forwarded ports: no answer' '' "$(knock att tcp $PUBLIC4 80 443)"
	check_equal 'svmap on the public address finds nothing' '' \
		"$(vicious svmap att $PUBLIC4 | grep -o '| [0-9.]*:5060')"
	check_equal 'svmap on the private address finds nothing' '' \
		"$(vicious svmap att $PBX4 | grep -o '| [0-9.]*:5060')"
	check_equal 'svwar on the public address finds nothing' '' \
		"$(vicious svwar att --force --maximumtime=2 -e18-22 $PUBLIC4 | grep -o '| 20 ')"
	capture_end far || not_ok 'the capture is not whole'
	for port in 80 443 5060; do
		check_equal "port $port: nothing of the attacker reached the PBX" 0 \
			"$(count far "src host $ATT4 and dst port $port")"
	done
	check_more 'the scans are counted' "$before" "$(stats '[.drops[]] | add')"
	check_equal 'NAT never saw them' "$seen" "$(forwarded)"
	refused 'stranger, telnet that was forwarded (no service of ours: behind NAT)' \
		att tcp $PUBLIC4 23 pbx not-listed
}

by_the_site() {
	sed -i 's/^mode .*/&\nunknown = drop/' "$WORLD_DIR/agfeo.conf"
	check 'unknown = drop loads in place' box load
	refused 'hosts that are no device, unknown = drop' pc tcp $ATT4 22 '' unknown-host
	allowed 'office host, web pages of the PBX' pc $PBX4 80

	sed -i '/^address .*= '"$PBX4"'/s/$/\nmac = 00:09:40:12:34:56/' "$WORLD_DIR/agfeo.conf"
	check 'a bound MAC address loads in place' box load
	refused 'the address of the PBX from another MAC' pbx udp $PROV4 5060 pbx spoofed
}

have_vicious || NEED_MISSING=' svmap'
test_begin forbidden sipp baresip jq nc
world_up
family 4
speech 1
check_equal 'without the box, a forwarded port answers' '80 ' "$(knock att tcp $PUBLIC4 80)"
check_more 'and NAT saw it' 0 "$(forwarded)"
check 'the configuration loads' box load
spawn web4 pbx nc -4 -lk 80
spawn web6 pbx nc -6 -lk 80
check 'the PBX runs' pbx_up
by_the_list
by_the_uplink
by_the_site
test_end
