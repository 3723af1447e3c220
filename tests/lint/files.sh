#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Of every source file: it is short enough to be read, says its licence, has no trailing blanks and
# names no path of somebody's machine. A header's guard is the path by which it is included.
set -u
cd "$(dirname "$0")/../.." || exit 1

LINES_MOST=500
passed=0 failed=0

complain() {
	echo "$1"
	failed=$((failed + 1))
}

# Data may be long: the catalogue, captures' tables, recorded answers.
is_data() {
	case $1 in
	*/catalogue/*.c | */golden/* | */data/*) return 0 ;;
	esac
	return 1
}

check_source() {
	before=$failed
	length=$(wc -l < "$1")
	[ "$length" -le $LINES_MOST ] || is_data "$1" || complain "$1: $length lines, $LINES_MOST at most"
	head -n 3 "$1" | grep -q 'SPDX-License-Identifier: ' || complain "$1:1: no SPDX line"
	! grep -nE '[[:blank:]]+$' "$1" || complain "$1: blanks at the end of these lines"
	[ "$failed" != "$before" ] || passed=$((passed + 1))
}

# In one go: there are a thousand of them.
check_paths() {
	# shellcheck disable=SC2086 # our own names, without blanks
	found=$(grep -nHE '(^|[^[:alnum:]_.*$}/-])/(work|home|root)/[[:alnum:]]' $texts)
	for file in $(echo "$found" | cut -d: -f1 | sort -u); do
		complain "$file: the path of a machine in these lines:"
		echo "$found" | grep -F "$file:"
		passed=$((passed - 1))
	done
	passed=$((passed + $(echo "$texts" | wc -l)))
}

# user/base/log.h: USER_BASE_LOG_H; include/agfeo/abi.h: AGFEO_ABI_H
check_guard() {
	guard=$(echo "${1#include/}" | tr 'a-z/.' 'A-Z__')
	if [ "$(grep -cE "^#(ifndef|define) $guard\$" "$1")" = 2 ]; then
		passed=$((passed + 1))
	else
		complain "$1: the include guard is not $guard"
	fi
}

sources=$(find include bpf user tests \( -name '*.[ch]' -o -name '*.sh' -o -name '*.awk' \) -type f)
headers=$(echo "$sources" | grep '\.h$')
texts=$(find . \( -path ./build -o -path ./.git -o -path ./vmlinux \) -prune -o -type f -print |
	grep -vE '\.(pcap|png|gz)$')
for file in Makefile .ci/run $sources; do
	check_source "$file"
done
for file in $headers; do
	check_guard "$file"
done
check_paths

echo "files: $passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
