#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# `make bench`: how fast the programs are, beside their floors and what else could stand there.
# QUICK=1 takes two minutes, the whole eight. ONLY="prog live latency" names what is measured anew.
# Results go to build/bench; tests/bench/README.md explains.
set -u
cd "$(dirname "$0")/../.." || exit 1

BUILD=$(realpath "${BUILD:-build}")
AGFEOCTL=$BUILD/agfeoctl
OUT=$BUILD/bench
RULES=tests/bench/rulesets
RUN=agb$$
WORK=$(mktemp -d) || exit 1
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C.UTF-8

if [ -n "${QUICK:-}" ]; then
	samples=5 prog_seconds=15 live_seconds=15 quick=quick
	calls_rounds=3 calls_ms=300
else
	samples=9 prog_seconds=120 live_seconds=100 quick=
	calls_rounds=5 calls_ms=600
fi
CALLS_FLOOD=1000000 # frames a second, while calls are measured

contenders=() namespaces=() pins=() worlds=0

say() { printf '%s\n' "$*" >&2; }

# Namespaces are made and removed by name, and only ours.
clean_up() {
	local pin namespace
	for pin in "${pins[@]}"; do
		"$AGFEOCTL" --pin "$pin" --run "$WORK/run" unload > /dev/null 2>&1
	done
	for namespace in "${namespaces[@]}"; do
		ip netns del "$namespace" 2> /dev/null
	done
	umount "$WORK/bpf" 2> /dev/null
	rm -rf "$WORK"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

need() {
	local program
	for program in ip ethtool nft python3; do
		command -v "$program" > /dev/null || { say "bench: $program is missing"; exit 1; }
	done
	[ "$(id -u)" = 0 ] || { say "bench: needs root: it makes network namespaces"; exit 1; }
}

# world PREFIX: g0 - d0 [dut] d1 - s0. GRO gives veth the receive queue that redirected frames need;
# without TSO a socket's frames wait in the same queue.
world() {
	local part
	for part in gen dut snk; do
		ip netns add "$1-$part" || return 1
		namespaces+=("$1-$part")
	done
	ip -n "$1-gen" link add g0 type veth peer name d0 netns "$1-dut" &&
		ip -n "$1-dut" link add d1 type veth peer name s0 netns "$1-snk" &&
		ip -n "$1-gen" link set g0 up &&
		ip -n "$1-dut" link set d0 up &&
		ip -n "$1-dut" link set d1 up &&
		ip -n "$1-snk" link set s0 up &&
		ip -n "$1-dut" address add 10.255.0.1/30 dev d0 &&
		ip -n "$1-dut" address add 192.168.10.1/24 dev d1 &&
		ip -n "$1-dut" neighbour replace 192.168.10.2 lladdr 02:00:00:00:00:02 dev d1 nud permanent &&
		ip -n "$1-dut" route add 10.1.0.0/16 via 192.168.10.2 &&
		ip netns exec "$1-dut" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 \
			net.ipv4.conf.d0.rp_filter=0 &&
		ip -n "$1-dut" neighbour replace 10.255.0.2 lladdr 02:00:00:00:00:03 dev d0 nud permanent &&
		ip -n "$1-dut" route add 217.0.0.0/8 via 10.255.0.2 &&
		ip netns exec "$1-dut" ethtool -K d0 gro on &&
		ip netns exec "$1-dut" ethtool -K d1 gro on &&
		ip netns exec "$1-snk" ethtool -K s0 gro on &&
		ip netns exec "$1-gen" ethtool -K g0 gro on tso off
}

# stands NAME SETTINGS [SETUP ARGUMENTS...]: a contender in a world of its own. One that cannot stand
# up is left out, and said.
stands() {
	local name=$1 settings=$2 prefix=$RUN-$((++worlds))
	shift 2
	if world "$prefix" && { [ $# = 0 ] || "$@" "$prefix"; } 2> "$WORK/said"; then
		contenders+=("$name=$prefix$settings")
	else
		say "bench: left out: $name: $(tail -n 1 "$WORK/said")"
	fi
}

contender() { # NAME FLOOR PARTS [SETUP ARGUMENTS...]
	local name=$1 settings="=$2=$3"
	shift 3
	stands "$name" "$settings" "$@"
}

caller() { # NAME [SETUP ARGUMENTS...]
	local name=$1 settings=
	shift
	[ "${*: -1}" != fast ] || settings='=fast'
	stands "$name" "$settings" "$@"
}

inside() { # PREFIX COMMAND...
	local namespace=$1-dut
	shift
	ip netns exec "$namespace" "$@"
}

nft_rules() { inside "$2" nft -f "$RULES/$1"; }
iptables_rules() { inside "$2" iptables-legacy-restore < "$RULES/$1"; }

configuration() { # QUALITY HOOKS: '', both, or fast: both, and packets need not take the kernel's way
	cat << CONF
[site]
networks = 192.168.10.0/24
new-flows = 0
[interface d0]
role = uplink
$([ "$2" != fast ] || echo 'forward = fast')
${2:+[interface d1]}
${2:+role = voice}
$([ "$2" != fast ] || echo 'forward = fast')
[provider p]
networks = 217.0.0.0/8
[device pbx]
model = es-pure-ip-x-it
address = 192.168.10.2
provider = p
quality = $1
CONF
}

agfeo() { # QUALITY HOOKS PREFIX
	configuration "$1" "$2" > "$WORK/$3.conf"
	pins+=("$WORK/bpf/$3")
	inside "$3" "$AGFEOCTL" -c "$WORK/$3.conf" --pin "$WORK/bpf/$3" --run "$WORK/run/$3" load > /dev/null
}

# Both hooks and the fast way, of calls that both ends speak in.
agfeo_fast() { # QUALITY CALLS PREFIX
	agfeo "$1" fast "$3" &&
		ip netns exec "$3-snk" python3 tests/bench/open_calls.py s0 \
			"$(inside "$3" cat /sys/class/net/d1/address)" "$2"
}

# So many devices from 10.1.0.0 on.
agfeo_devices() { # COUNT PREFIX
	configuration off '' > "$WORK/$2.conf"
	awk -v count="$1" 'BEGIN {
		for (i = 0; i < count; i++)
			printf "[device d%d]\nmodel = es-pure-ip-x-it\naddress = 10.1.%d.%d\n" \
				"provider = p\nquality = off\n", i, i / 256, i % 256
	}' >> "$WORK/$2.conf"
	pins+=("$WORK/bpf/$2")
	inside "$2" "$AGFEOCTL" -c "$WORK/$2.conf" --pin "$WORK/bpf/$2" --run "$WORK/run/$2" load > /dev/null
}

generated_nft() { # PREFIX
	configuration off both > "$WORK/$1.conf"
	inside "$1" "$AGFEOCTL" -c "$WORK/$1.conf" generate nft > "$WORK/$1.nft" &&
		inside "$1" nft -f "$WORK/$1.nft"
}

stand_up() {
	local more=
	[ -n "$quick" ] || more=m
	contender 'XDP drop' drop f
	contender 'XDP parse and drop' parse f
	contender 'XDP pass' pass "a${more}xX"
	contender 'XDP redirect' redirect "a$more"
	contender 'no firewall' none "a$more"
	contender 'agfeoctl' none "fa$more" agfeo off ''
	contender 'agfeoctl, quality' none "a$more" agfeo on ''
	contender 'agfeoctl, quality, both hooks' none "a$more" agfeo on both
	contender 'agfeoctl, fast' fast "a$more" agfeo_fast off 10000
	contender 'agfeoctl, fast, quality' fast "a$more" agfeo_fast on 10000
	contender 'agfeoctl' none x agfeo_devices 1
	contender 'agfeoctl' none X agfeo_devices 10000
	contender 'nftables, netdev' none "fa$more" nft_rules nft-netdev.nft
	contender 'nftables, conntrack' none "fa$more" nft_rules nft-conntrack.nft
	if command -v iptables-legacy-restore > /dev/null; then
		contender 'iptables, stateless' none "fa$more" iptables_rules iptables-stateless.rules
		contender 'iptables, conntrack' none "fa$more" iptables_rules iptables-conntrack.rules
	fi
	if "$AGFEOCTL" generate --help > /dev/null 2>&1; then
		contender 'nftables, generated' none fa generated_nft
	fi
}

# What a call meets: the box as it would stand there, with quality and both hooks.
stand_up_for_calls() {
	contenders=()
	caller 'no firewall'
	caller 'agfeoctl' agfeo on both
	caller 'agfeoctl, fast' agfeo on fast
	caller 'nftables, netdev' nft_rules nft-netdev.nft
	caller 'nftables, conntrack' nft_rules nft-conntrack.nft
	if command -v iptables-legacy-restore > /dev/null; then
		caller 'iptables, conntrack' iptables_rules iptables-conntrack.rules
	fi
}

measure_programs() {
	say "bench: the programs alone"
	# shellcheck disable=SC2086 # nothing, or a word
	"$OUT/bench_prog" "$OUT/prog.jsonl" "$samples" "$prog_seconds" $quick
}

measure_live() {
	say "bench: live frames"
	stand_up
	"$OUT/bench_live" "$OUT/live.jsonl" "$samples" "$live_seconds" "${contenders[@]}"
}

measure_latency() {
	say "bench: calls"
	stand_up_for_calls
	"$OUT/bench_latency" "$OUT/latency.jsonl" "$calls_rounds" "$calls_ms" "$CALLS_FLOOD" \
		"${contenders[@]}"
}

need
mkdir -p "$OUT" "$WORK/bpf" "$WORK/run"
mount -t bpf -o mode=0700 "agfeo-bench" "$WORK/bpf" || exit 1

for part in ${ONLY:-prog live latency}; do
	case $part in
	prog) measure_programs ;;
	live) measure_live ;;
	latency) measure_latency ;;
	*) say "bench: ONLY: '$part' is none of prog, live, latency"; exit 2 ;;
	esac || exit 1
done

python3 -B tests/bench/report.py "$OUT"
