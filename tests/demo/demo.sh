#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034,SC2317 # what is sourced, words without blanks, callbacks
# A call through the firewall, shown: a small company in network namespaces with real programs at
# all ends, an attacker outside, and agfeoctl on the box between them. Needs root, changes nothing
# outside its own namespaces, and cleans up after itself, also when interrupted.

DEMO_DIR=$(cd "$(dirname "$0")" && pwd)
. "$DEMO_DIR/../e2e/lib.sh"
. "$DEMO_DIR/peers.sh"

bold='' red='' green='' grey='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' grey=$'\e[90m' plain=$'\e[0m'
fi

chapter() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
say() { printf '%s\n' "$@"; }
verdicts=()
held() { verdicts+=("held|$*"); }
broken() { verdicts+=("BROKEN|$*"); }

# promise SENTENCE COMMAND...: held if the command succeeds.
promise() {
	local sentence=$1
	shift
	if "$@" > "$WORLD_DIR/log/promise" 2>&1; then held "$sentence"; else broken "$sentence"; fi
}

# show COMMAND...: the command line as it was given, and what it says.
show() {
	printf '%s$ %s%s\n' "$grey" "${shown:-$*}" "$plain"
	"$@" 2>&1 | head -n "${lines:-60}" | sed 's/^./    &/'
	return "${PIPESTATUS[0]}"
}

agfeoctl() { shown="agfeoctl $*" show box "$@"; }

# ------------------------------------------------------------------ the chapters

the_company() {
	chapter '1. A small company'
	say 'A VISOfon softphone (baresip, which does not mark its packets), an ES PURE IP X IT (SIPp), a' \
		'provider on the other side of the internet (SIPp), and this box between all of them. IPv4' \
		'is masqueraded. Somebody once forwarded port 5060 and the web pages to the PBX, which the' \
		'vendor warns of; that stays as it is.'
	sed -n '/^#   phone/,/att /s/^#   /    /p' "$E2E_DIR/lib.sh"
	spawn web pbx nc -lk 80
	provider_up || give_up 'the provider does not start'
	pbx_up || give_up 'the PBX does not start'
}

the_attack_before() {
	chapter '2. Without agfeoctl: what the internet sees'
	shown="svmap $PUBLIC4" show vicious svmap att $PUBLIC4 > "$WORLD_DIR/log/svmap-before"
	shown="svwar -e18-22 $PUBLIC4" show vicious svwar att -e18-22 $PUBLIC4 > "$WORLD_DIR/log/svwar-before"
	cat "$WORLD_DIR/log/svmap-before" "$WORLD_DIR/log/svwar-before"
	say 'SIPVicious finds the PBX, and the extension whose password it would guess next.'
	promise 'without agfeoctl the scans find the PBX and its extension: they do work' found -before
}

# found SUFFIX: a scan found something.
found() { says "svmap$1" ':5060' || says "svwar$1" '^ *| 20 '; }
found_nothing() { ! found ''; }

the_box() {
	chapter '3. agfeoctl, with this configuration'
	sed 's/^./    &/' "$WORLD_DIR/agfeo.conf"
	agfeoctl check || give_up 'the configuration is refused'
	agfeoctl load || give_up 'the programs cannot be loaded'
	agfeoctl status
}

the_call() {
	local peer
	chapter '4. The phone registers, the PBX registers with its provider, and a call goes out'
	stop pbx-client
	stop pbx-server
	promise 'the PBX registers with its provider, from its port 5064' pbx_register
	pbx_up || give_up 'the PBX does not start again'
	for peer in phone pbx prov; do
		capture $peer $peer || give_up 'tcpdump does not run'
	done
	phone_up
	promise 'the phone registers at the PBX' wait_for 8 phone_registered
	promise 'the call is answered' call_up
	say 'phone > PBX > provider: both halves of the call cross the box, voice in both directions.'
}

the_attack() {
	local target open=''
	chapter '5. During the call: scans and forbidden connections'
	shown="svmap $PUBLIC4 $PBX4" show vicious svmap att $PUBLIC4 $PBX4 > "$WORLD_DIR/log/svmap"
	shown="svwar -e18-22 --force $PUBLIC4" \
		show vicious svwar att -e18-22 --force --maximumtime=3 $PUBLIC4 > "$WORLD_DIR/log/svwar"
	cat "$WORLD_DIR/log/svmap" "$WORLD_DIR/log/svwar"
	promise 'svmap and svwar find nothing' found_nothing

	say "From the internet to $PUBLIC4, $PBX4 and $PBX6: ssh, telnet, http, https, SIP over TCP," \
		'the SIP client port and a voice port.'
	for target in $PUBLIC4 $PBX4 $PBX6; do
		# What the box itself answers on ssh and SIP over TCP is its own business, not the voice network's.
		[ $target = $PUBLIC4 ] || open="$open$(knock att tcp $target 22 5060)"
		open="$open$(knock att tcp $target 23 80 443)"
		knock att udp $target $PBX_CLIENT $PBX_RTP_INSIDE
	done
	promise "no port answers the internet${open:+, but these do: $open}" [ -z "$open" ]

	say 'From a computer in the office to the PBX: telnet, a port that no AGFEO product has, and its' \
		'SIP client port, which only the PBX itself may open from. Then the web page, as allowed.'
	open=$(knock pc tcp $PBX4 23 9999)
	knock pc udp $PBX4 $PBX_CLIENT
	promise "no unlisted port answers the office${open:+, but these do: $open}" [ -z "$open" ]
	promise 'the web configuration answers the office' [ "$(PATIENCE=5 knock pc tcp $PBX4 80)" = '80 ' ]
}

the_wire() {
	local strangers name sender sent receiver received
	chapter '6. What the wires saw'
	sleep 2
	promise 'the call goes on until the phone hangs up' call_down
	promise 'the captures are whole' capture_end phone pbx prov
	say 'RTP packets, as they left their sender and as they came to the other end:'
	printf '    %-22s %8s %8s %8s %8s\n' '' sent 'DSCP 0' received EF
	while IFS='|' read -r name sender sent receiver received; do
		leg "$sender" "$sent" "$receiver" "$received"
		judge_leg "$name"
	done < <(voice_legs)
	strangers=$(count pbx "src host $ATT4 or src host $ATT6 or (src host $PC4 and not port 80)")
	say "Packets of the attacks that reached the PBX: $strangers."
	promise 'not one packet of the attacks reached the PBX' [ "$strangers" = 0 ]
}

judge_leg() {
	printf '    %-22s %8s %8s %8s %8s\n' "$1" "$SENT" "$UNMARKED" "$RECEIVED" "$MARKED"
	if [ "$SENT" -lt 100 ] || [ "$RECEIVED" != "$SENT" ]; then
		broken "$1: $SENT voice packets sent, $RECEIVED arrived"
	elif [ "$UNMARKED" != "$SENT" ]; then
		broken "$1: the sender marked $((SENT - UNMARKED)) packets itself: this proves nothing"
	elif [ "$MARKED" != "$RECEIVED" ]; then
		broken "$1: $((RECEIVED - MARKED)) of $RECEIVED packets are not EF"
	else
		held "$1: all $SENT voice packets arrived, sent unmarked, all EF"
	fi
}

the_figures() {
	chapter '7. What the box says'
	agfeoctl stats
	agfeoctl calls
	promise 'the box saw both halves of the call, both directions, and counts no loss' heard_whole
	say 'And this is what a real node_exporter serves to Prometheus from the textfile.'
	agfeoctl export --textfile "$WORLD_DIR/textfile/agfeo.prom"
	exporter_up || give_up 'prometheus-node-exporter does not start'
	scrape > "$WORLD_DIR/log/metrics"
	shown='curl -s http://127.0.0.1:9100/metrics | grep ^agfeo_' lines=45 show metrics_of_interest
	promise 'node_exporter serves what was re-marked' more_than_none "$(metric agfeo_remarked_packets_total)"
	promise 'node_exporter serves what was dropped, with the reason' \
		more_than_none "$(metric agfeo_drops_total 'reason="(not-listed|scope|direction)"')"
}

heard_whole() {
	[ "$(box calls --json | jq '[.calls[].streams[] | select(.packets > 100)] | length, ([.[].lost] | add)' |
		tr '\n' ' ')" = '4 0 ' ]
}

more_than_none() { [ "${1:-0}" -gt 0 ]; }

metrics_of_interest() {
	grep -E '^agfeo_(packets|drops|remarked_packets|voice_packets|rtp_packets|rtp_lost|flows|calls|build|interface)' \
		"$WORLD_DIR/log/metrics" | grep -v ' 0$'
}

the_end() {
	chapter '8. And gone again'
	agfeoctl unload
	promise 'unload leaves nothing behind' nothing_left
}

nothing_left() {
	[ ! -e "$WORLD_DIR/bpf/agfeo" ] && ! in_ns fw ip -details link show | grep -q 'prog/xdp'
}

give_up() {
	printf '\n%sThe demonstration cannot go on: %s.%s\n' "$red" "$1" "$plain"
	tail -n 5 "$WORLD_DIR"/log/*.err "$WORLD_DIR"/log/phone 2> /dev/null
	broken "$1"
	the_verdict
}

the_verdict() {
	local item colour failures=0
	chapter 'The promises'
	for item in "${verdicts[@]}"; do
		colour=$green
		if [ "${item%%|*}" = BROKEN ]; then
			colour=$red
			failures=$((failures + 1))
		fi
		printf '  %s%-8s%s%s\n' "$colour" "${item%%|*}" "$plain" "${item#*|}"
	done
	world_down
	printf '\n%d held, %d broken, in %d seconds.\n' $((${#verdicts[@]} - failures)) $failures $SECONDS
	[ $failures -eq 0 ]
	exit
}

main() {
	have_vicious || NEED_MISSING=' svmap'
	test_begin demo sipp baresip nc curl jq prometheus-node-exporter
	world_up
	family 4
	speech 60
	the_company
	the_attack_before
	the_box
	the_call
	the_attack
	the_wire
	the_figures
	the_end
	the_verdict
}

main
