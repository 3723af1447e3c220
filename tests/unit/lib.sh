# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# For unit tests that are scripts: a folder of their own, and commands that must succeed. One is
# unit_begin NAME PROGRAM, checks, unit_end.

# Skips where the program is missing. $folder is there until the script ends.
unit_begin() { # NAME PROGRAM
	unit=$1 passed=0 failed=0
	if ! command -v "$2" > /dev/null; then
		echo "$unit: $2 is missing ('make deps' installs it)"
		exit 77
	fi
	folder=$(mktemp -d)
	trap 'rm -rf "$folder"' EXIT
}

check() { # WHAT COMMAND…
	what=$1
	shift
	if "$@" > "$folder/said" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$what:"
		sed 's/^/    /' "$folder/said"
	fi
}

unit_end() {
	echo "$unit: $passed passed, $failed failed, 0 skipped"
	[ "$failed" = 0 ]
	exit
}
