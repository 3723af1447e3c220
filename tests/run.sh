#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Runs the tests that are built: tests/run.sh [lint] [unit] [host] [fuzz] [prog] [e2e], all by default,
# or tests/run.sh e2e/NAME for single ones (guest/NAME: what tests/kernels adds). Of failures the log
# is shown without what was ok; every log is kept in build/test/log. The last line alone is the sum:
# N passed, N failed, N skipped.
#
# JOBS tests run side by side, as many as there are CPUs (four at most) unless told: one lane takes
# them from the first on, the others from the last, so that what computes runs next to what waits.
# What needs the machine for itself follows alone. JOBS=1: one after the other.
#
# A test is a program or script that exits 0 passed, 1 failed, 77 skipped (its last line says why).
# One that prints "N passed, N failed, N skipped" is counted by that line, the others are one test.
set -u
cd "$(dirname "$0")/.." || exit 1

BUILD=$(realpath "${BUILD:-build}")
AGFEOCTL=$BUILD/agfeoctl
JOBS=${JOBS:-$(nproc | awk '{ print $1 < 4 ? $1 : 4 }')}
ALONE=e2e/flood
LIMIT=${LIMIT:-900} # seconds a test may take, on a busy machine too
SHOWN=${SHOWN:-60}  # lines of a failure's log that are shown
UBSAN_OPTIONS=print_stacktrace=1
LC_ALL=C.UTF-8
export BUILD AGFEOCTL UBSAN_OPTIONS LC_ALL

logs=$BUILD/test/log
mkdir -p "$logs"
passed=0 failed=0 skipped=0
failures=

log_of() { echo "$logs/$(echo "$1" | tr / -).log"; }

# ------------------------------------------------------------------ verdicts

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
	awk -v most="$SHOWN" -v log_file="$(log_of "$1")" '
		/^ok / { next }
		++lines <= most { print "        " $0 }
		END { if (lines > most) print "        … " lines - most " more lines in " log_file }
	' "$(log_of "$1")"
}

# Reads the outcome of a test from its exit status and its summary line.
judge() { # NAME STATUS SECONDS
	log=$(log_of "$1")
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

skip() { # NAME REASON
	skipped=$((skipped + 1))
	verdict skipped "$1" 0 "$2"
}

# ------------------------------------------------------------------ which tests

wanted() { # NAME
	for want in $selection; do
		case $1 in
		"$want" | "$want"/*) return 0 ;;
		esac
	done
	return 1
}

plan() { # NAME...
	for name in "$@"; do
		wanted "$name" || continue
		case $name in
		prog/* | e2e/* | guest/*)
			if [ "$(id -u)" != 0 ]; then
				skip "$name" "needs root"
				continue
			fi
			;;
		esac
		case " $ALONE " in
		*" $name "*) alone="$alone $name" ;;
		*) together="$together $name" ;;
		esac
	done
}

plan_scripts() { # FOLDER
	for script in tests/"$1"/*.sh; do
		name=$(basename "$script" .sh)
		case $name in
		\* | lib*) continue ;;
		esac
		plan "$1/$name"
	done
}

# By source, so that a program that was not built is a failure and not forgotten.
plan_programs() { # FOLDER [PREFIX]
	for source in tests/"$1/${2:-}"*.c; do
		name=$(basename "$source" .c)
		case $1/$name in
		*/\* | prog/runner* | prog/cases_*) continue ;;
		esac
		plan "$1/${name#"${2:-}"}"
	done
}

# Those that only the host can ask.
plan_host() {
	for source in tests/host/tests/*.c; do
		plan "host/$(basename "$source" .c)"
	done
}

# ------------------------------------------------------------------ running them

# Interrupts mean something to a test, though a shell's background ignores them.
start() { # COMMAND
	env --default-signal=INT,QUIT timeout --kill-after=10 "$LIMIT" "$@" \
		> "$(log_of "$name")" 2>&1 < /dev/null 3>&- &
}

# The scripts are run as they say; the programs of tests/prog on the host (host/*) stand in more than
# one folder, and those of tests/fuzz take their corpus and variations of it.
start_by_name() {
	case $name in
	host/differential) start "$BUILD/test/$name" --seed 7 --count 100000 ;;
	fuzz/*) start "$BUILD/test/$name" "tests/fuzz/corpus/${name#fuzz/}" ;;
	*)
		if [ -x "tests/$name.sh" ]; then
			start "tests/$name.sh"
		elif [ -e "tests/$name.sh" ]; then
			start sh "tests/$name.sh"
		else
			start "$BUILD/test/$name"
		fi
		;;
	esac
}

# One test in the background, which tells its end on the pipe.
run() { # LANE NAME
	(
		lane=$1 name=$2 begin=$(date +%s)
		trap 'kill $!; wait; exit' TERM
		start_by_name
		wait $!
		echo "$lane $name $? $(($(date +%s) - begin))" >&3
	) &
	pids="$pids $!"
	running=$((running + 1))
}

# The first lane takes the first of the queue, the others the last.
run_next() { # LANE
	taker=$1
	# shellcheck disable=SC2086 # names
	set -- $queue
	[ $# -gt 0 ] || return 0
	if [ "$taker" = 1 ]; then
		next=$1
		shift
		queue=$*
	else
		next=${queue##* }
		queue=${queue% *}
		[ "$queue" != "$next" ] || queue=
	fi
	run "$taker" "$next"
}

run_all() { # LANES NAME...
	lanes=$1 running=0
	shift
	queue=$*
	for lane in $(seq "$lanes"); do
		run_next "$lane"
	done
	while [ "$running" -gt 0 ]; do
		read -r lane name status seconds <&3
		running=$((running - 1))
		judge "$name" "$status" "$seconds"
		run_next "$lane"
	done
}

stop_all() { # STATUS
	trap '' HUP INT TERM
	# shellcheck disable=SC2086 # their ids
	[ -z "$pids" ] || kill $pids 2> /dev/null
	wait
	exit "$1"
}

selection=${*:-lint unit host fuzz prog e2e}
together='' alone='' pids=''
plan_scripts lint
plan_programs unit
plan_scripts unit
plan host/hooks host/rows host/test_dns host/differential
plan_host
plan_programs fuzz fuzz_
plan_programs prog
plan_scripts e2e
plan_scripts guest

mkfifo "$logs/ends.$$"
exec 3<> "$logs/ends.$$"
rm "$logs/ends.$$"
trap 'stop_all 129' HUP
trap 'stop_all 130' INT
trap 'stop_all 143' TERM
# shellcheck disable=SC2086 # names
run_all "$JOBS" $together
# shellcheck disable=SC2086
run_all 1 $alone

[ -z "$failures" ] || echo "failed:$failures; logs are in $logs"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ -z "$failures" ]
