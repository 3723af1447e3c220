#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086 # what is sourced, and words without blanks
# replay, as an administrator uses it: recorded calls, pcapng, pipes, what --write leaves, held
# against tshark; and captures that are none.

. "$(dirname "$0")/lib.sh"

CAPTURES=${CAPTURES:-/usr/share/sip-tester}

replay() { "$AGFEOCTL" -c "$WORLD_DIR/agfeo.conf" replay "$@"; }
fields() { # FILE FIELD...: by tshark, a line a packet
	local file=$1 words=() field
	shift
	for field in "$@"; do words+=(-e "$field"); done
	tshark -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE -r "$file" -T fields "${words[@]}" 2> /dev/null
}

# refuses WHAT STATUS MESSAGE ARGUMENT...: the exit status, and what is said on standard error.
refuses() {
	local what=$1 status=$2 message=$3
	shift 3
	replay "$@" > "$WORLD_DIR/log/out" 2> "$WORLD_DIR/log/said"
	check_equal "$what: exit status" "$status" $?
	if grep -qF -- "$message" "$WORLD_DIR/log/said"; then
		ok "$what: says so"
	else
		not_ok "$what: said $(cat "$WORLD_DIR/log/said")"
	fi
}

folder_made() {
	WORLD_DIR=$(mktemp -d "/tmp/ag-replay-$$.XXXXXX") || exit 1
	trap 'rm -rf "$WORLD_DIR"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	mkdir "$WORLD_DIR/log"
	# Whoever spoke in the recorded calls is a softphone here.
	cat > "$WORLD_DIR/agfeo.conf" << 'END'
[site]
networks = 10.0.0.0/8, 192.168.0.0/16
[device soft]
model   = visofon
address = 10.1.3.143
[device pbx]
model   = es-pure-ip-x-it
address = 192.168.10.2
END
}

# One stream of a capture: packets, lost, and jitter as tshark and we see them.
as_tshark_sees() { # FILE
	local name=${1##*/} theirs ours
	theirs=$(tshark -d udp.port==5000,rtp -r "$1" -q -z rtp,streams 2> /dev/null |
		awk '/0x/ { for (i = 1; i <= NF; i++) if ($i ~ /^0x/) at = i
			print $(at + 2), $(at + 3), $(at + 7), $(at + 9), $(at + 10) }')
	ours=$(replay --json --summary --calls "$1" | jq -rs '.[1].calls[0].streams[0] |
		[.packets, .lost, .max_delta_ms, .mean_jitter_ms, .max_jitter_ms] | map(tostring) | join(" ")')
	check "$name: packets, lost, max delta, mean and max jitter are tshark's ($theirs)" \
		awk -v a="$theirs" -v b="$ours" 'BEGIN {
			split(a, x); n = split(b, y)
			for (i = 1; i <= n; i++) { d = x[i] - y[i]; if (d < -0.01 || d > 0.01) exit 1 }
			exit n != 5 || x[1] < 2 }'
}

recorded_calls() {
	local file=$CAPTURES/g711a.pcap out=$WORLD_DIR/out.pcap total
	total=$(fields "$file" frame.number | wc -l)
	as_tshark_sees "$file"
	check 'a capture is written' replay --summary --write "$out" "$file"
	check_equal 'every packet of it leaves with EF' "$total" \
		"$(fields "$out" ip.dsfield.dscp | grep -cx 46)"
	check_equal 'with good checksums' "$total" "$(fields "$out" ip.checksum.status | grep -cx 1)"
	check_equal 'at its time' "$(fields "$file" frame.time_epoch | md5sum)" \
		"$(fields "$out" frame.time_epoch | md5sum)"
	check_equal 'with its payload' "$(fields "$file" udp.payload | md5sum)" \
		"$(fields "$out" udp.payload | md5sum)"
	check_equal 'tcpdump agrees' "$total" \
		"$(tcpdump -nr "$out" 'ip[1] >> 2 = 46' 2> /dev/null | wc -l)"
	check_equal 'and it comes to the same a second time, now EF already' "0 $total" \
		"$(replay --json --summary "$out" | jq -r '"\(.remarked) \(.passed)"')"
}

# The same packets in another file format give the same lines.
formats() {
	local file=$CAPTURES/g711a.pcap lines
	replay --json "$file" > "$WORLD_DIR/lines"
	lines=$(md5sum < "$WORLD_DIR/lines")
	editcap -F pcapng "$file" "$WORLD_DIR/a.pcapng"
	editcap -F nsecpcap "$file" "$WORLD_DIR/a.nsec"
	editcap -F modpcap "$file" "$WORLD_DIR/a.modified"
	check_equal 'pcapng' "$lines" "$(replay --json "$WORLD_DIR/a.pcapng" | md5sum)"
	check_equal 'nanoseconds' "$lines" "$(replay --json "$WORLD_DIR/a.nsec" | md5sum)"
	check_equal 'the modified pcap of some routers' "$lines" \
		"$(replay --json "$WORLD_DIR/a.modified" | md5sum)"
	check_equal 'standard input' "$lines" "$(replay --json - < "$file" | md5sum)"
	check_equal 'a pipe' "$lines" "$(editcap -F pcapng "$file" - | replay --json - | md5sum)"
	check_equal 'the lines of text are as many, then the sum' \
		"$(wc -l < "$WORLD_DIR/lines")" "$(replay "$file" | sed '/^$/,$d' | wc -l)"
}

# As many lines as whole packets, the sum after them, and no success.
damaged() {
	local file=$CAPTURES/g711a.pcap
	head -c 10000 "$file" > "$WORLD_DIR/cut.pcap"
	refuses 'a capture cut in a packet' 1 'cut.pcap: truncated dump file' --json "$WORLD_DIR/cut.pcap"
	check_equal 'what there was is shown' "$(fields "$WORLD_DIR/cut.pcap" frame.number | wc -l)" \
		"$(wc -l < "$WORLD_DIR/log/out")"
	: > "$WORLD_DIR/nothing"
	refuses 'an empty file' 1 'nothing: truncated dump file' "$WORLD_DIR/nothing"
	refuses 'a text' 1 'agfeo.conf: unknown file format' "$WORLD_DIR/agfeo.conf"
	refuses 'no file' 1 'missing.pcap: No such file' "$WORLD_DIR/missing.pcap"
	refuses 'a folder' 1 "$WORLD_DIR" "$WORLD_DIR"
	editcap -T ieee-802-11 "$file" "$WORLD_DIR/radio.pcap"
	refuses 'a link type without a meaning here' 1 'radio.pcap: its packets have the link type IEEE802_11' \
		"$WORLD_DIR/radio.pcap"
	editcap -T rawip "$file" "$WORLD_DIR/raw.pcap"
	mergecap -F pcapng -w "$WORLD_DIR/mixed.pcapng" "$file" "$WORLD_DIR/raw.pcap" 2> /dev/null
	refuses 'two link types in one file' 1 'a capture of one interface is wanted' "$WORLD_DIR/mixed.pcapng"
}

writing() {
	local file=$WORLD_DIR/mine.pcap
	cp "$CAPTURES/g711a.pcap" "$file"
	refuses 'writing over what is read' 1 'mine.pcap: it is being read' "$file" --write "$file"
	check 'which is unharmed' cmp "$file" "$CAPTURES/g711a.pcap"
	refuses 'writing to nowhere' 1 'No such file' "$file" --write "$WORLD_DIR/missing/out.pcap"
	refuses 'writing to a full disk' 1 '/dev/full: No space left on device' "$file" --write /dev/full
	refuses 'writing to standard output' 2 '--write wants a file' "$file" --write -
	(replay --json "$file" > /dev/full) 2> "$WORLD_DIR/log/said"
	check_equal 'lines on a full disk: exit status' 1 $?
}

usage() {
	refuses 'no capture' 2 '1 argument expected'
	refuses 'two captures' 2 '1 argument expected' a b
	refuses 'an unknown option' 2 "did you mean '--calls'" a --call
	refuses 'a configuration that is missing' 1 'bad.conf: the configuration cannot be read' -c "$WORLD_DIR/bad.conf" "$CAPTURES/g711a.pcap"
}

unprivileged() {
	local said
	said=$(setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$AGFEOCTL" -c /dev/null replay "$CAPTURES/g711a.pcap" 2>&1)
	check_equal 'without privilege: exit status' 1 $?
	check 'it says what to do' grep -q 'run it as root' <<< "$said"
}

test_begin replay tshark editcap mergecap jq setpriv
[ -r "$CAPTURES/g711a.pcap" ] || skip_all "no recorded call in $CAPTURES (package sip-tester)"
folder_made
recorded_calls
formats
damaged
writing
usage
unprivileged
test_end
