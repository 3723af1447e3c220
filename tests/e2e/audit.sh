#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# The audit says nothing of a sound box, finds each fault that is planted, and where it gives a
# command, that command mends it.

. "$(dirname "$0")/lib.sh"

# Other tests' exporters are none of this box's: the audit sees its own processes only. BEFORE is done
# first, in the same view of /proc.
BEFORE=true
audit() {
	in_ns fw unshare --pid --fork --mount-proc sh -c "$BEFORE"' && exec "$@"' sh \
		"$AGFEOCTL" --pin "$WORLD_DIR/bpf/agfeo" --run "$WORLD_DIR/run" \
		-c "$WORLD_DIR/agfeo.conf" audit "$@"
}

# A company that followed all advice.
sound_box() {
	site_conf enforce
	sed -i 's/^interval = .*/interval = 10m/' "$WORLD_DIR/agfeo.conf"
	in_ns fw nft delete chain ip nat prerouting
	in_ns fw sysctl -qw net.netfilter.nf_conntrack_udp_timeout_stream=300
	load
	box export --textfile "$WORLD_DIR/textfile/agfeo.prom"
}

load() { box load > "$WORLD_DIR/log/load" 2>&1 || cat "$WORLD_DIR/log/load"; }

sound() {
	audit --json > "$WORLD_DIR/log/audit"
	check_equal "$1: exit status" 0 $?
	check_equal "$1: no finding" '{"findings":[]}' "$(cat "$WORLD_DIR/log/audit")"
}

# planted WHAT ID SEVERITY OBJECT: that and nothing else is found.
planted() {
	local status wanted=0
	audit --json > "$WORLD_DIR/log/audit" 2> "$WORLD_DIR/log/audit.err"
	status=$?
	[ "$3" = fault ] && wanted=1
	check_equal "$1" "$2 $3 $4" \
		"$(jq -r '[.findings[] | "\(.id) \(.severity) \(.object)"] | join("; ")' "$WORLD_DIR/log/audit")"
	check_equal "$1: exit status" $wanted $status
	check_equal "$1: says what, why and how" true \
		"$(jq '[.findings[] | (.finding, .why, .mend) != ""] | all' "$WORLD_DIR/log/audit")"
}

# Runs the command that the last finding gives.
mended() {
	in_ns fw sh -c "$(jq -r '.findings[0].mend' "$WORLD_DIR/log/audit")" > "$WORLD_DIR/log/mend" 2>&1 ||
		cat "$WORLD_DIR/log/mend"
	sound "$1, mended by the command given"
}

timeouts() {
	in_ns fw sysctl -qw net.netfilter.nf_conntrack_udp_timeout_stream=60
	planted 'streams forgotten after a minute' udp-timeout fault \
		net.netfilter.nf_conntrack_udp_timeout_stream
	mended streams
	in_ns fw sysctl -qw net.netfilter.nf_conntrack_udp_timeout=10
	planted 'registrations forgotten after ten seconds' udp-timeout fault \
		net.netfilter.nf_conntrack_udp_timeout
	mended registrations
	in_ns fw sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_established=3600
	planted 'connections forgotten after an hour' tcp-timeout warning \
		net.netfilter.nf_conntrack_tcp_timeout_established
	mended connections
}

handle_of() { in_ns fw nft -a list chain ip nat "$1" | sed -n 's/.* # handle \([0-9]*\)$/\1/p' | tail -n 1; }

forwards() {
	local rule
	for rule in "udp dport 5060 dnat to $PBX4" "tcp dport { 23, 80 } dnat to $PBX4" \
		"tcp dport 8443 dnat to $PBX4:443" "dnat to tcp dport map { 443 : $PBX4 }"; do
		in_ns fw nft "add chain ip nat prerouting { type nat hook prerouting priority dstnat; }"
		in_ns fw nft "add rule ip nat prerouting iifname wan0 $rule"
		planted "nft: $rule" port-forward fault "nft ip nat prerouting handle $(handle_of prerouting)"
		mended "$rule"
	done
	in_ns fw nft "add rule ip nat prerouting iifname lan0 udp dport 5060 dnat to $PBX4"
	in_ns fw nft "add rule ip nat prerouting iifname { lan0, lan1 } udp dport 5060 dnat to $PBX4"
	in_ns fw nft "add rule ip nat prerouting iifname != wan0 tcp dport 443 dnat to $PBX4"
	sound 'what comes from inside'
	in_ns fw nft flush chain ip nat prerouting
	in_ns fw nft "add rule ip nat prerouting ip saddr 217.10.64.0/20 udp dport 5064 dnat to $PBX4"
	sound 'a provider forwarded to the SIP client'
	in_ns fw nft flush chain ip nat prerouting
}

helpers() {
	in_ns fw nft -f - <<-RULES
		table ip alg {
			ct helper sip {
				type "sip" protocol udp
			}
			chain forward {
				type filter hook forward priority 0;
				udp dport 5060 ct helper set "sip"
			}
		}
	RULES
	planted 'a SIP helper by nft' sip-alg fault \
		"nft ip alg forward handle $(in_ns fw nft -a list chain ip alg forward | sed -n 's/.*set "sip" # handle //p')"
	mended 'the SIP helper'
	BEFORE='mount -t tmpfs none /proc/sys/net/netfilter && echo 1 > /proc/sys/net/netfilter/nf_conntrack_helper'
	audit --json > "$WORLD_DIR/log/audit"
	check_equal 'helpers by port number, as kernels before 6.0 have them' net.netfilter.nf_conntrack_helper \
		"$(jq -r '.findings[] | select(.id == "sip-alg").object' "$WORLD_DIR/log/audit")"
	BEFORE=true
}

# Both back ends, where they are installed and the kernel has them.
by_iptables() {
	local tables
	for tables in iptables-nft iptables-legacy; do
		if ! in_ns fw $tables -t nat -S > /dev/null 2>&1; then
			skip "rules by $tables: it is not installed, or not in this kernel"
			continue
		fi
		by_tables $tables
	done
}

by_tables() { # PROGRAM
	in_ns fw $1 -t nat -A PREROUTING -i wan0 -p tcp -m multiport --dports 22,443 \
		-m comment --comment 'web -j' -j DNAT --to-destination "$PBX4"
	planted "$1: 443 forwarded" port-forward fault "$1 -t nat PREROUTING"
	mended "$1: 443"
	in_ns fw $1 -t nat -A PREROUTING -i wan0 -d $PUBLIC4 -j NETMAP --to "$PBX4/32"
	planted "$1: every port mapped" port-forward fault "$1 -t nat PREROUTING"
	mended "$1: every port"
	in_ns fw $1 -t nat -A PREROUTING -i lan+ -p tcp --dport 443 -j DNAT --to-destination "$PBX4"
	in_ns fw $1 -t nat -A PREROUTING ! -i wan0 -p tcp --dport 80 -j DNAT --to-destination "$PBX4"
	sound "$1: what comes from inside"
	in_ns fw $1 -t nat -F PREROUTING
	in_ns fw $1 -t raw -A PREROUTING -p udp --dport 5060 -j CT --helper sip
	planted "$1: a SIP helper" sip-alg fault "$1 -t raw PREROUTING"
	mended "$1: the SIP helper"
}

offload() {
	if ! in_ns fw nft -f - 2> /dev/null <<-RULES; then
		table ip fast {
			flowtable ft {
				hook ingress priority 0
				devices = { lan0, wan0 }
			}
			chain forward {
				type filter hook forward priority 0;
				flow add @ft
			}
		}
	RULES
		skip 'flow offload: this kernel has no flowtables'
		return
	fi
	planted 'a flowtable' flow-offload warning \
		"nft ip fast forward handle $(in_ns fw nft -a list chain ip fast forward | sed -n 's/.*@ft # handle //p')"
	mended 'the flowtable'
}

interfaces() {
	in_ns fw ethtool -K lan0 rx-udp-gro-forwarding on
	planted 'UDP merged on receipt' offload-gro-forwarding warning lan0
	mended 'UDP merged'
	in_ns fw tc qdisc replace dev wan0 root tbf rate 10mbit burst 20k latency 50ms
	planted 'a queue that knows no EF' qdisc note wan0
	in_ns fw tc qdisc replace dev wan0 root pfifo_fast
	sound 'a queue that goes by the TOS'
	in_ns fw tc qdisc delete dev wan0 root
	if in_ns fw ip link add link lan0 name lan0.5 type vlan id 5 2> /dev/null; then
		in_ns fw ethtool -K lan0 rxvlan on
		planted 'tags taken off by the card' offload-rxvlan warning lan0
		mended 'tags'
		in_ns fw ip link delete lan0.5
	else
		skip 'tags taken off by the card: this kernel has no VLAN interfaces'
	fi
}

# An interface without native XDP: a bridge.
generic() {
	in_ns fw ip link add br9 type bridge
	in_ns fw ip link set br9 up
	cp "$WORLD_DIR/agfeo.conf" "$WORLD_DIR/sound.conf"
	printf '[interface br9]\nrole = voice\n' >> "$WORLD_DIR/agfeo.conf"
	load
	planted 'XDP in generic mode' xdp-generic warning br9
	in_ns fw ip link set br9 mtu 9000
	planted 'generic mode with large frames' mtu warning br9
	in_ns fw ip link set br9 mtu 1500
	printf 'xdp = generic\n' >> "$WORLD_DIR/agfeo.conf"
	load
	sound 'generic mode that is wanted'
	in_ns fw ip link delete br9
	planted 'an interface that is gone' not-guarded fault br9
	mv "$WORLD_DIR/sound.conf" "$WORLD_DIR/agfeo.conf"
	load
	sound 'without it'
}

# with SED-SCRIPT WHAT ID SEVERITY OBJECT: another configuration, loaded.
with() {
	local script=$1
	shift
	cp "$WORLD_DIR/agfeo.conf" "$WORLD_DIR/sound.conf"
	sed -i "$script" "$WORLD_DIR/agfeo.conf"
	load
	planted "$@"
	mv "$WORLD_DIR/sound.conf" "$WORLD_DIR/agfeo.conf"
	load
}

configurations() {
	with 's/^mode .*/mode = monitor/' 'monitor mode' monitor warning '[site]'
	with 's/^networks = 192/networks = 198.51.100.0\/24, 192/' 'a public network' public-address warning \
		'[site] networks'
	with "s/$PBX4,/$PBX4, 198.51.100.7,/" 'a public telephone system' public-address warning 'device pbx'
	with '/^\[device pbx/,/^\[/{/^provider/d}' 'no provider' no-provider warning 'device pbx'
	chmod 0666 "$WORLD_DIR/agfeo.conf"
	planted 'a configuration for everybody' config-mode fault "$WORLD_DIR/agfeo.conf"
	mended 'the configuration'"'"'s mode'
	touch -d '+10 seconds' "$WORLD_DIR/agfeo.conf"
	planted 'changed since the load' config-changed warning "$WORLD_DIR/agfeo.conf"
	touch -d '-10 minutes' "$WORLD_DIR/agfeo.conf"
	cp "$WORLD_DIR/agfeo.conf" "$WORLD_DIR/sound.conf"
	echo 'modell = es-54x' >> "$WORLD_DIR/agfeo.conf"
	touch -d '-10 minutes' "$WORLD_DIR/agfeo.conf"
	planted 'an error in the configuration' config fault "$WORLD_DIR/agfeo.conf"
	mv "$WORLD_DIR/sound.conf" "$WORLD_DIR/agfeo.conf"
	load
}

the_box() {
	in_ns fw sysctl -qw net.ipv4.ip_forward=0
	planted 'no forwarding' forwarding note net.ipv4.ip_forward
	mended forwarding
	echo 1 > "$WORLD_DIR/one"
	BEFORE="mount --bind $WORLD_DIR/one /proc/sys/kernel/bpf_stats_enabled"
	planted 'statistics of programs left on' bpf-stats note kernel.bpf_stats_enabled
	BEFORE=true
}

# A real node_exporter beside the audit, in its view of processes. ID ENDS: gone with that.
exporter() {
	BEFORE="{ prometheus-node-exporter --web.listen-address=127.0.0.1:9100 \
		--collector.disable-defaults $1 > /dev/null 2>&1 &
		sleep 0.5; }"
}

figures() {
	touch -d '-1 hour' "$WORLD_DIR/textfile/agfeo.prom"
	planted 'a textfile of an hour ago' textfile-stale warning "$WORLD_DIR/textfile/agfeo.prom"
	rm "$WORLD_DIR/textfile/agfeo.prom"
	planted 'no textfile' textfile-stale warning "$WORLD_DIR/textfile/agfeo.prom"
	box export --textfile "$WORLD_DIR/textfile/agfeo.prom"
	if ! command -v prometheus-node-exporter > /dev/null; then
		skip 'node_exporter: it is not installed'
		return
	fi
	exporter "--collector.textfile --collector.textfile.directory=$WORLD_DIR/textfile"
	sound 'a node_exporter that reads it'
	exporter "--collector.textfile --collector.textfile.directory $WORLD_DIR/log"
	audit --json > "$WORLD_DIR/log/audit"
	check_equal 'a node_exporter that reads another folder' textfile-unread \
		"$(jq -r '.findings[].id' "$WORLD_DIR/log/audit")"
	exporter "--collector.cpu --collector.textfile.directory=$WORLD_DIR/textfile"
	audit --json > "$WORLD_DIR/log/audit"
	check_equal 'a node_exporter whose textfile collector is off' 'textfile-unread reads no textfiles' \
		"$(jq -r '.findings[] | "\(.id) \(.finding | sub("^it "; "") | sub(" and not.*"; ""))"' "$WORLD_DIR/log/audit")"
	BEFORE=true
}

test_begin audit jq ethtool unshare
world_up
sound_box
sound 'a sound box'
check_equal 'a sound box: not a word' '' "$(audit 2>&1)"
timeouts
forwards
helpers
by_iptables
offload
interfaces
generic
configurations
the_box
figures
sound 'after all of it'
box unload > /dev/null 2>&1
planted 'nothing loaded' not-loaded fault "$WORLD_DIR/bpf/agfeo"
check_more 'in words too' 2 "$(audit | wc -l)"
test_end
