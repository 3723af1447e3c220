#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Every script passes shellcheck. What a script defines for those that source it looks unused to it.
set -u
cd "$(dirname "$0")/../.." || exit 1

if ! command -v shellcheck > /dev/null; then
	echo "no shellcheck here"
	exit 77
fi

passed=0 failed=0
files=".ci/run
$(find . \( -path ./build -o -path ./.git \) -prune -o -name '*.sh' -type f -print)"

sound() { # FILE…
	shellcheck -S warning -e SC2034,SC2120 -x -P SCRIPTDIR "$@"
}

# All in one go; one by one only to say which.
# shellcheck disable=SC2086 # our own names, without blanks
if sound $files > /dev/null 2>&1; then
	passed=$(echo "$files" | wc -l) files=''
fi
for file in $files; do
	if sound "$file"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
done
echo "shell: $passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
