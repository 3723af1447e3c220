#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs fuzz targets that are built (make fuzz): fuzz.sh NAME…, each for FUZZ_SECONDS, JOBS of them at
# a time. Inputs found stay in build/fuzz/corpus/NAME; what breaks, in build/fuzz/NAME-crash-….
set -u
cd "$(dirname "$0")/../.." || exit 1

BUILD=${BUILD:-build}
FUZZ_SECONDS=${FUZZ_SECONDS:-600}
JOBS=${JOBS:-1}
failed=0

# The last line of libFuzzer's that counts, or what it said of a crash.
outcome() { # NAME STATUS
	local log=$BUILD/fuzz/$1.log
	if [ "$2" = 0 ]; then
		printf 'ok      %-10s %s\n' "$1" "$(grep -E '^(Done|#.*DONE)' "$log" | tail -n 2 | tr '\n' ' ')"
	else
		printf 'BROKEN  %-10s see %s\n' "$1" "$log"
		grep -E 'does not hold|runtime error|ERROR:|SUMMARY|Test unit written' "$log" | head -n 8
	fi
}

run() { # NAME
	mkdir -p "$BUILD/fuzz/corpus/$1"
	nice "$BUILD/fuzz/fuzz_$1" -max_total_time="$FUZZ_SECONDS" -max_len=8192 -timeout=20 -rss_limit_mb=3000 \
		-artifact_prefix="$BUILD/fuzz/$1-" -print_final_stats=1 \
		"$BUILD/fuzz/corpus/$1" "tests/fuzz/corpus/$1" > "$BUILD/fuzz/$1.log" 2>&1
	local status=$?
	outcome "$1" "$status"
	return "$status"
}

for name in "$@"; do
	while [ "$(jobs -pr | wc -l)" -ge "$JOBS" ]; do
		wait -n || failed=1
	done
	run "$name" &
done
while [ -n "$(jobs -pr)" ]; do
	wait -n || failed=1
done
exit "$failed"
