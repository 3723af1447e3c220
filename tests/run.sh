#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Runs the tests that are built: tests/run.sh [lint] [unit] [host] [fuzz] [prog] [e2e], all by default,
# or tests/run.sh e2e/NAME for single ones (guest/NAME: what tests/kernels adds). Of failures the log
# is shown; every log is kept in
# build/test/log. The last line alone is the sum: N passed, N failed, N skipped.
#
# A test is a program or script that exits 0 passed, 1 failed, 77 skipped (its last line says why).
# One that prints "N passed, N failed, N skipped" is counted by that line, the others are one test.
set -u
cd "$(dirname "$0")/.." || exit 1

BUILD=$(realpath "${BUILD:-build}")
AGFEOCTL=$BUILD/agfeoctl
LIMIT=${LIMIT:-900} # seconds a test may take, on a busy machine too
SHOWN=${SHOWN:-60}  # lines of a failure's log that are shown
UBSAN_OPTIONS=print_stacktrace=1
LC_ALL=C.UTF-8
export BUILD AGFEOCTL UBSAN_OPTIONS LC_ALL

logs=$BUILD/test/log
mkdir -p "$logs"
passed=0 failed=0 skipped=0
failures=

# The counts of the last summary line of a log, or nothing.
summary() {
	sed -nE 's/^(.*[^0-9])?([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\2 \3 \4/p' "$1" | tail -n 1
}

verdict() { # WORD NAME SECONDS DETAIL
	printf '%-7s %-32s %4ss  %s\n' "$1" "$2" "$3" "$4"
}

count_failure() { # NAME SECONDS DETAIL
	failures="$failures $1"
	verdict FAILED "$@"
	awk -v most="$SHOWN" -v log_file="$logs/$(echo "$1" | tr / -).log" '
		NR <= most { print "        " $0 }
		END { if (NR > most) print "        … " NR - most " more lines in " log_file }
	' "$logs/$(echo "$1" | tr / -).log"
}

# Reads the outcome of a test from its exit status and its summary line.
judge() { # NAME STATUS SECONDS
	log=$logs/$(echo "$1" | tr / -).log
	counts=$(summary "$log")
	# shellcheck disable=SC2086 # three numbers, or none
	set -- "$1" "$2" "$3" ${counts:-0 0 0}
	passed=$((passed + $4)) failed=$((failed + $5)) skipped=$((skipped + $6))
	case $2 in
	0)
		if [ "$5" -gt 0 ]; then
			count_failure "$1" "$3" "$5 failed, although it exited 0"
			return
		fi
		[ -n "$counts" ] || passed=$((passed + 1))
		if [ "$6" -gt 0 ]; then
			verdict ok "$1" "$3" "$4 passed, $6 skipped: $(grep -o 'skipped: .*' "$log" | head -n 1 | cut -c 10-)"
		else
			verdict ok "$1" "$3" "${counts:+$4 passed}"
		fi
		;;
	77)
		[ -n "$counts" ] || skipped=$((skipped + 1))
		verdict skipped "$1" "$3" "$(grep -vE 'passed, [0-9]+ failed' "$log" | tail -n 1)"
		;;
	124 | 137)
		failed=$((failed + 1))
		count_failure "$1" "$3" "stopped after $LIMIT s"
		;;
	*)
		[ "$5" -gt 0 ] || failed=$((failed + 1))
		count_failure "$1" "$3" "exit status $2"
		;;
	esac
}

run() { # NAME COMMAND
	name=$1
	shift
	begin=$(date +%s)
	timeout --kill-after=10 "$LIMIT" "$@" > "$logs/$(echo "$name" | tr / -).log" 2>&1 < /dev/null
	judge "$name" $? $(($(date +%s) - begin))
}

skip() { # NAME REASON
	skipped=$((skipped + 1))
	verdict skipped "$1" 0 "$2"
}

run_scripts() { # FOLDER
	for script in tests/"$1"/*.sh; do
		name=$1/$(basename "$script" .sh)
		case $name in
		*/\* | */lib*) continue ;;
		esac
		wanted "$name" || continue
		if { [ "$1" = e2e ] || [ "$1" = guest ]; } && [ "$(id -u)" != 0 ]; then
			skip "$name" "needs root"
		elif [ -x "$script" ]; then
			run "$name" "$script"
		else
			run "$name" sh "$script"
		fi
	done
}

# By source, so that a program that was not built is a failure and not forgotten.
run_programs() { # FOLDER
	for source in tests/"$1"/*.c; do
		name=$1/$(basename "$source" .c)
		case $name in
		*/\* | prog/runner* | prog/cases_*) continue ;;
		esac
		wanted "$name" || continue
		if [ "$1" = prog ] && [ "$(id -u)" != 0 ]; then
			skip "$name" "needs root"
		else
			run "$name" "$BUILD/test/$name"
		fi
	done
}

# Programs of tests/prog on the host (tests/host): as anybody, in seconds.
run_host() { # NAME [ARGUMENTS]
	name=host/$1
	wanted "$name" || return 0
	shift
	run "$name" "$BUILD/test/$name" "$@"
}

# Every target on its corpus and variations of it, for seconds: tests/fuzz.
run_fuzz() {
	for source in tests/fuzz/fuzz_*.c; do
		target=$(basename "$source" .c)
		target=${target#fuzz_}
		wanted "fuzz/$target" || continue
		run "fuzz/$target" "$BUILD/test/fuzz/$target" "tests/fuzz/corpus/$target"
	done
}

wanted() { # NAME
	for want in $selection; do
		case $1 in
		"$want" | "$want"/*) return 0 ;;
		esac
	done
	return 1
}

selection=${*:-lint unit host fuzz prog e2e}
run_scripts lint
run_programs unit
run_scripts unit
run_host hooks
run_host rows
run_host test_dns
run_host odd
run_host differential --seed 7 --count 100000
run_fuzz
run_programs prog
run_scripts e2e
run_scripts guest

[ -z "$failures" ] || echo "failed:$failures; logs are in $logs"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ -z "$failures" ]
