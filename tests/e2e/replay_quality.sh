#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# `replay --calls` sends captures through the very programs that enforce: what it says of each scene of
# tests/voice, and of sip-tester's captures, is what the host build of bpf/stream.h and tshark say.
set -u
cd "$(dirname "$0")/../.." || exit 1

BUILD=${BUILD:-build}
AGFEOCTL=${AGFEOCTL:-$BUILD/agfeoctl}
COMPARE=$BUILD/test/unit/test_tshark
SIPP=/usr/share/sip-tester
passed=0 failed=0 skipped=0

if [ ! -x "$COMPARE" ]; then
	echo "skipped: $COMPARE is not built ('make test-programs')"
	exit 77
fi
folder=$(mktemp -d /tmp/agfeo-replay.XXXXXX) || exit 1
trap 'rm -rf "$folder"' EXIT

# compare CONFIG CAPTURE
compare() {
	if "$AGFEOCTL" -c "$1" replay --json --calls "$2" > "$folder/said" &&
		"$COMPARE" --calls "$2" "$folder/said" > "$folder/compared"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok: $2"
		grep FAILED "$folder/compared"
		tail -n 1 "$folder/said" | cut -c -1500
	fi
}

# config NAME MODEL ADDRESS PORTS
config() {
	cat > "$folder/$1" <<-CONF
		[site]
		networks = 192.168.10.0/24, 10.0.0.0/8
		payload-types = 97 PCMA, 98 L16/44100
		[interface lan0]
		role = voice
		[device under-test]
		model = $2
		address = $3
		${4:-}
	CONF
}

config scenes es-pure-ip-x-it 192.168.10.2
"$COMPARE" --write "$folder" || exit 1
for capture in "$folder"/*.pcap; do compare "$folder/scenes" "$capture"; done

if [ -r $SIPP/g711a.pcap ]; then
	for capture in "$SIPP"/g711a.pcap "$SIPP"/dtmf_2833_[1p]*.pcap; do
		ends=$(tcpdump -nr "$capture" -c 1 udp 2> /dev/null | awk '{ print $3, $5 }' | tr -d :)
		from=${ends% *} to=${ends#* }
		first=${from##*.} last=${to##*.}
		[ "$first" -le "$last" ] || { first=${to##*.} last=${from##*.}; }
		config sipp visofon "${from%.*}" "rtp-ports = $first-$last"
		compare "$folder/sipp" "$capture"
	done
else
	skipped=1
	echo "skipped: the captures of sip-tester are not installed"
fi
echo "replay_quality: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
