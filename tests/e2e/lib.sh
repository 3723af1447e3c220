# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2086,SC2034,SC2119,SC2120 # words without blanks; used by those who source this
#
# A small company in network namespaces, for the demonstration and the end-to-end tests.
#
#   phone 192.168.20.70 --+                          +-- prov  217.10.64.10   (provider)
#   pc    192.168.20.50 --+- sw - lan0 [fw] wan0 - net
#   pbx   192.168.10.2 ------------ lan1             +-- att   198.51.100.66  (the internet)
#
# fw is the firewall box. IPv4 leaves it through masquerading to 203.0.113.2, as in a real small
# company; IPv6 is routed. `net` also routes the company's private networks to the box, so that an
# attacker reaches the PBX unless the box refuses.
#
# A test sources this file, calls test_begin, world_up and the helpers below, and ends with test_end.
# Every name is derived from the test's name and process id, so that tests can run side by side, and
# all of it goes away when the shell ends, also by a signal. WORLD_KEEP=1 keeps the folder of logs
# and captures.

set -u

E2E_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT_DIR=$(cd "$E2E_DIR/../.." && pwd)
AGFEOCTL=${AGFEOCTL:-$ROOT_DIR/build/agfeoctl}
SIPP_DIR=$ROOT_DIR/tests/demo/sipp
export PATH=$PATH:/usr/sbin:/sbin
export LC_ALL=C

PHONE4=192.168.20.70 PC4=192.168.20.50 PBX4=192.168.10.2 PROV4=217.10.64.10 ATT4=198.51.100.66
PUBLIC4=203.0.113.2
PHONE6=fd00:20::70 PC6=fd00:20::50 PBX6=fd00:10::2 PROV6=2001:db8:217::10 ATT6=2001:db8:666::66

# Ports of the models that the company uses: VISOfon as the PBX presets it, ES PURE IP X IT.
PHONE_SIP=60104 PHONE_RTP=65100-65120
PBX_SERVER=5060 PBX_CLIENT=5064 PBX_RTP_INSIDE=5204 PBX_RTP_OUTSIDE=5210 PBX_RTP_SECOND=5216
PROV_RTP=30000

passed=0 failed=0 skipped=0
WORLD='' WORLD_DIR='' TEST_NAME='' NEED_MISSING=''

# ------------------------------------------------------------------ verdicts

ok() { passed=$((passed + 1)); printf 'ok     %s\n' "$*"; }
not_ok() { failed=$((failed + 1)); printf 'not ok %s\n' "$*"; }
skip() { skipped=$((skipped + 1)); printf 'skipped: %s\n' "$*"; }
note() { printf '       %s\n' "$*"; }

# check WHAT CMD...: passes when the command does; shows what it said otherwise. The command runs in
# this very shell, so that what it spawns is ours to wait for.
check() {
	local what=$1 said=$WORLD_DIR/log/check
	shift
	if "$@" > "$said" 2>&1; then
		ok "$what"
	else
		not_ok "$what (exit $?: $*)"
		sed 's/^/       | /' "$said" | head -n 20
	fi
}

# check_not WHAT CMD...: passes when the command fails.
check_not() {
	local what=$1
	shift
	if "$@" > /dev/null 2>&1; then
		not_ok "$what (succeeded: $*)"
	else
		ok "$what"
	fi
}

# check_equal WHAT EXPECTED ACTUAL
check_equal() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1: expected ${2:-nothing}, got ${3:-nothing}"
	fi
}

# check_more WHAT FLOOR ACTUAL: a number above the floor.
check_more() {
	if [ "${3:-0}" -gt "$2" ] 2> /dev/null; then
		ok "$1 ($3)"
	else
		not_ok "$1: expected more than $2, got ${3:-nothing}"
	fi
}

# test_begin NAME PROGRAM...: exits 77 when this machine cannot run the test, saying why.
test_begin() {
	TEST_NAME=$1
	shift
	[ "$(id -u)" = 0 ] || skip_all "needs root: it makes network namespaces and loads programs"
	need ip nft tcpdump "$@" || skip_all "missing:$NEED_MISSING ('make deps' installs it)"
	[ -x "$AGFEOCTL" ] || {
		echo "$AGFEOCTL is not built: run 'make'" >&2
		exit 1
	}
}

need() {
	local program
	for program in "$@"; do
		command -v "$program" > /dev/null || NEED_MISSING="$NEED_MISSING $program"
	done
	[ -z "$NEED_MISSING" ]
}

skip_all() {
	printf 'skipped: %s: %s\n' "$TEST_NAME" "$1"
	printf '%s: 0 passed, 0 failed, 1 skipped\n' "$TEST_NAME"
	exit 77
}

test_end() {
	world_down
	printf '%s: %d passed, %d failed, %d skipped\n' "$TEST_NAME" "$passed" "$failed" "$skipped"
	[ "$failed" -eq 0 ]
	exit
}

# ------------------------------------------------------------------ the world

NAMESPACES='fw sw phone pc pbx net prov att'

in_ns() {
	local ns=$WORLD-$1
	shift
	ip netns exec "$ns" "$@"
}

# The tool as an administrator runs it on the box.
box() { in_ns fw "$AGFEOCTL" --pin "$WORLD_DIR/bpf/agfeo" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" "$@"; }

# mode_of INTERFACE xdp|tc: how the programs are attached there.
mode_of() { box status --json | jq -r ".interfaces[] | select(.interface == \"$1\") | .$2"; }

world_up() {
	WORLD=ag-$TEST_NAME-$$
	WORLD_DIR=$(mktemp -d "/tmp/$WORLD.XXXXXX") || exit 1
	chmod 755 "$WORLD_DIR"
	trap world_down EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	mkdir "$WORLD_DIR"/{bpf,run,log,pid,textfile,cap,phone}
	mount -t bpf -o mode=0700 "agfeo-$$" "$WORLD_DIR/bpf" || exit 1

	# Not "( … ) || …", in which the shell would ignore -e.
	(set -e; world_made) > "$WORLD_DIR/log/world" 2>&1
	# shellcheck disable=SC2181
	if [ $? != 0 ]; then
		echo "the namespaces could not be made:" >&2
		cat "$WORLD_DIR/log/world" >&2
		exit 1
	fi
	site_conf
}

world_made() {
	local ns
	for ns in $NAMESPACES; do
		ip netns add "$WORLD-$ns"
		ip -n "$WORLD-$ns" link set lo up
	done
	world_wires
	world_routes
	world_nat
}

# wire NS IF NS IF: a cable between two namespaces, up at both ends.
wire() {
	ip link add "$2" netns "$WORLD-$1" type veth peer name "$4" netns "$WORLD-$3"
	ip -n "$WORLD-$1" link set "$2" up
	ip -n "$WORLD-$3" link set "$4" up
}

# address NS IF ADDRESS...
address() {
	local ns=$1 interface=$2 item
	shift 2
	for item in "$@"; do
		case $item in
		*:*) ip -n "$WORLD-$ns" address add "$item" dev "$interface" nodad ;;
		*) ip -n "$WORLD-$ns" address add "$item" dev "$interface" ;;
		esac
	done
}

world_wires() {
	local port
	ip -n "$WORLD-sw" link add br0 type bridge
	ip -n "$WORLD-sw" link set br0 up
	wire fw lan0 sw box
	wire phone eth0 sw phone
	wire pc eth0 sw pc
	for port in box phone pc; do ip -n "$WORLD-sw" link set "$port" master br0; done
	wire fw lan1 pbx eth0
	wire fw wan0 net box
	wire prov eth0 net prov
	wire att eth0 net att

	address fw lan0 192.168.20.1/24 fd00:20::1/64
	address fw lan1 192.168.10.1/24 fd00:10::1/64
	address fw wan0 $PUBLIC4/29 2001:db8:1::2/64
	address phone eth0 $PHONE4/24 $PHONE6/64
	address pc eth0 $PC4/24 $PC6/64
	address pbx eth0 $PBX4/24 $PBX6/64
	address net box 203.0.113.1/29 2001:db8:1::1/64
	address net prov 217.10.64.1/24 2001:db8:217::1/64
	address net att 198.51.100.1/24 2001:db8:666::1/64
	address prov eth0 $PROV4/24 $PROV6/64
	address att eth0 $ATT4/24 $ATT6/64
}

world_routes() {
	local ns
	for ns in fw net; do
		in_ns $ns sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	done
	route phone 192.168.20.1 fd00:20::1
	route pc 192.168.20.1 fd00:20::1
	route pbx 192.168.10.1 fd00:10::1
	route fw 203.0.113.1 2001:db8:1::1
	route prov 217.10.64.1 2001:db8:217::1
	route att 198.51.100.1 2001:db8:666::1
	ip -n "$WORLD-net" route add 192.168.0.0/16 via $PUBLIC4
	ip -n "$WORLD-net" -6 route add fd00::/16 via 2001:db8:1::2
}

route() {
	ip -n "$WORLD-$1" route add default via "$2"
	ip -n "$WORLD-$1" -6 route add default via "$3"
}

# Masquerading, and the classic mistake that the vendor warns of: somebody once forwarded 5060, the
# web configuration and telnet to the PBX.
world_nat() {
	in_ns fw nft -f - <<-RULES
		table ip nat {
			counter forwarded { }
			chain prerouting {
				type nat hook prerouting priority dstnat;
				iifname "wan0" ip daddr $PUBLIC4 udp dport 5060 counter name forwarded dnat to $PBX4
				iifname "wan0" ip daddr $PUBLIC4 tcp dport { 23, 80, 443 } counter name forwarded dnat to $PBX4
			}
			chain postrouting {
				type nat hook postrouting priority srcnat;
				oifname "wan0" ip saddr 192.168.0.0/16 masquerade
			}
		}
	RULES
}

# How often the forwards were asked.
forwarded() { in_ns fw nft list counter ip nat forwarded | awk '$1 == "packets" { print $2 }'; }

# site_conf [MODE]: the company's configuration.
site_conf() {
	cat > "$WORLD_DIR/agfeo.conf" <<-CONF
		[site]
		name     = office
		networks = 192.168.10.0/24, 192.168.20.0/24, fd00:10::/64, fd00:20::/64
		mode     = ${1:-enforce}

		[interface lan0]
		role = voice

		[interface lan1]
		role = voice

		[interface wan0]
		role = uplink

		[provider sipgate]
		networks = 217.10.64.0/20, 2001:db8:217::/48

		[device pbx]
		model        = es-pure-ip-x-it
		address      = $PBX4, $PBX6
		provider     = sipgate
		sip-accounts = 4

		[device softphone]
		model     = visofon
		address   = $PHONE4, $PHONE6
		provider  = sipgate
		sip-ports = $PHONE_SIP
		rtp-ports = $PHONE_RTP

		[export]
		textfile = $WORLD_DIR/textfile/agfeo.prom
		interval = 1s
	CONF
}

# Ends what was started, by its pid, and removes what was made; safe to call twice.
world_down() {
	local ns pid file
	trap - EXIT
	trap '' HUP INT TERM
	[ -n "$WORLD_DIR" ] || return 0
	for file in "$WORLD_DIR"/pid/*; do
		[ -e "$file" ] && stop "${file##*/}" KILL
	done
	# Whatever is left inside namespaces that we made was started there by us.
	for ns in $NAMESPACES; do
		for pid in $(ip netns pids "$WORLD-$ns" 2> /dev/null); do
			kill -KILL "$pid" 2> /dev/null
		done
	done
	for ns in $NAMESPACES; do
		[ -e "/run/netns/$WORLD-$ns" ] && ip netns delete "$WORLD-$ns"
	done
	umount "$WORLD_DIR/bpf" 2> /dev/null || umount -l "$WORLD_DIR/bpf" 2> /dev/null
	if [ -n "${WORLD_KEEP:-}" ]; then
		echo "kept: $WORLD_DIR" >&2
	else
		rm -rf "$WORLD_DIR"
	fi
	WORLD_DIR=''
	trap - HUP INT TERM
}

# ------------------------------------------------------------------ processes

# spawn NAME NS CMD...: in the background; log/NAME has what it says.
spawn() {
	local name=$1 ns=$WORLD-$2
	shift 2
	: > "$WORLD_DIR/log/$name" # here, too: what another of that name said is nothing of this one
	(cd "$WORLD_DIR/log" && exec ip netns exec "$ns" "$@") \
		> "$WORLD_DIR/log/$name" 2>&1 < /dev/null &
	echo $! > "$WORLD_DIR/pid/$name"
}

pid_of() { cat "$WORLD_DIR/pid/$1" 2> /dev/null; }

running() {
	local pid
	pid=$(pid_of "$1") && kill -0 "$pid" 2> /dev/null
}

# stop NAME [SIGNAL]: and waits until it is gone, two seconds at most: SIPp would first see every
# call to its end.
stop() {
	local pid
	pid=$(pid_of "$1") || return 0
	{
		kill "-${2:-TERM}" "$pid"
		wait_for 2 gone "$pid" || kill -KILL "$pid"
		wait "$pid"
	} 2> /dev/null
	rm -f "$WORLD_DIR/pid/$1"
	return 0
}

# finish NAME SECONDS: waits for it to end by itself; its exit status, or 124.
finish() {
	local pid status=0
	pid=$(pid_of "$1") || return 1
	if ! wait_for "$2" gone "$pid"; then
		stop "$1" KILL
		return 124
	fi
	wait "$pid" 2> /dev/null || status=$?
	rm -f "$WORLD_DIR/pid/$1"
	return $status
}

gone() { ! kill -0 "$1" 2> /dev/null; }

# wait_for SECONDS CMD...: until the command succeeds; PATIENCE times as long on a slow machine.
wait_for() {
	local left=$(($1 * 20 * ${PATIENCE:-1}))
	shift
	while ! "$@" > /dev/null 2>&1; do
		left=$((left - 1))
		[ $left -gt 0 ] || return 1
		sleep 0.05
	done
}

says() { grep -q -- "$2" "$WORLD_DIR/log/$1"; }

# listens_udp NS PORT [ADDRESS]: with the address, a socket of another one at that port does not count.
listens_udp() { in_ns "$1" ss -Hlnu "src ${3:-}:$2" | grep -q .; }
listens_tcp() { in_ns "$1" ss -Hlnt "sport = :$2" | grep -q .; }

# ------------------------------------------------------------------ what is on the wires

# capture NAME NS [FILTER]: everything on the namespace's eth0, both directions.
capture() {
	spawn "cap-$1" "$2" tcpdump -i eth0 -Z root -B 16384 --immediate-mode -U -n -s 128 -w "$WORLD_DIR/cap/$1" "${3:-ip or ip6}"
	wait_for 5 says "cap-$1" 'listening on' || { cat "$WORLD_DIR/log/cap-$1" >&2; return 1; }
}

# capture_end NAME...: false if a capture missed packets, since its counts would then mean nothing.
# Whole is what tcpdump has written of all that came by the time it is asked; a packet that comes while
# it is being stopped (a REGISTER, a neighbour solicitation) is behind what the test looks at.
capture_end() {
	local name whole=0
	sleep 0.3
	for name in "$@"; do
		wait_for 5 capture_has_all "$name" || {
			echo "capture $name is not whole:"
			cat "$WORLD_DIR/log/cap-$name"
			whole=1
		}
		stop "cap-$name" INT
	done
	return $whole
}

# capture_has_all NAME: asks tcpdump, which answers SIGUSR1 with one line of its log.
capture_has_all() {
	local log=$WORLD_DIR/log/cap-$1 answers
	answers=$(grep -c 'received by filter' "$log")
	kill -USR1 "$(pid_of "cap-$1")" && wait_for 1 answered_again "$log" "$answers" || return 1
	grep 'received by filter' "$log" | awk -F '[:,] ' '
		END { exit !(NF == 4 && $2 + 0 == $3 + 0 && $4 + 0 == 0) }'
}

answered_again() { [ "$(grep -c 'received by filter' "$1")" -gt "$2" ]; }

# count NAME FILTER: packets of a capture.
count() {
	tcpdump -n -r "$WORLD_DIR/cap/$1" --count "$2" 2> /dev/null | awk '{ print $1 }'
}

# rtp SRC DST: the filter of RTP packets (version 2, no RTCP) from SRC to DST ("address port", the
# port "any" where it is not known); DST may be NATed, so give what the capture's place sees.
rtp() {
	local src=$1 src_port=$2 dst=$3 dst_port=$4 payload=udp ports='' at=8
	[ "$src_port" = any ] || ports="$ports and src portrange $src_port"
	[ "$dst_port" = any ] || ports="$ports and dst portrange $dst_port"
	case $src in *:*) payload=ip6 at=48 ;; esac
	echo "udp and src host $src and dst host $dst$ports and ${payload}[$at] & 0xc0 == 0x80" \
		"and (${payload}[$((at + 1))] & 0x7f < 64 or ${payload}[$((at + 1))] & 0x7f > 95)"
}

# dscp NUMBER FAMILY: the filter of that code point.
dscp() {
	case $2 in
	4) echo "ip[1] >> 2 == $1" ;;
	6) echo "(ip6[0:2] & 0x0fc0) >> 6 == $1" ;;
	esac
}

# leg SENDER FILTER RECEIVER FILTER: counts one stream at both ends of its way through the box, into
# SENT and UNMARKED (as it left its sender), RECEIVED and MARKED (EF, as it arrived).
# shellcheck disable=SC2034
leg() {
	SENT=$(count "$1" "$2")
	UNMARKED=$(count "$1" "$2 and $(dscp 0 "$FAMILY")")
	RECEIVED=$(count "$3" "$4")
	MARKED=$(count "$3" "$4 and $(dscp 46 "$FAMILY")")
}

# ------------------------------------------------------------------ the box's own figures

# stats FILTER: a jq filter over `stats --json`.
stats() { box stats --json | jq -r "$1"; }

# drops DEVICE REASON: so far; the device "" is what no device could be named for.
drops() {
	stats "[.devices[] | select(.device == \"$1\") | .drops[\"$2\"] // 0] | add // 0"
}

# drops_all REASON: of all devices.
drops_all() { stats ".drops[\"$1\"] // 0"; }
