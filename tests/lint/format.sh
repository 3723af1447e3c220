#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Every C file as clang-format 14 would write it; `make format` does. Later versions measure “ and …
# differently and know a cast from a product better: what they would change is skipped, not failed.
set -u
cd "$(dirname "$0")/../.." || exit 1

version=$(clang-format --version 2> /dev/null | sed -nE 's/.*version ([0-9]+).*/\1/p')
if [ -z "$version" ]; then
	echo "no clang-format here"
	exit 77
fi
if [ "$version" -lt 14 ] || [ "$version" -gt 19 ]; then
	echo "clang-format $version: .clang-format is tried with 14 to 19"
	exit 77
fi

passed=0 failed=0 skipped=0
files=$(find include bpf user tests -name '*.[ch]')
# All in one go; one by one only to say which.
# shellcheck disable=SC2086 # our own names, without blanks
if clang-format --dry-run -Werror $files 2> /dev/null; then
	passed=$(echo "$files" | wc -l) files=''
fi
for file in $files; do
	if [ "$version" = 14 ] && ! clang-format --dry-run -Werror --ferror-limit=3 "$file"; then
		failed=$((failed + 1))
	elif [ "$version" != 14 ] && ! clang-format --dry-run -Werror "$file" 2> /dev/null; then
		echo "skipped: clang-format $version would write $file otherwise than 14"
		skipped=$((skipped + 1))
	else
		passed=$((passed + 1))
	fi
done
echo "format: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
