#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Every C file as clang-format would write it; `make format` does.
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

passed=0 failed=0
files=$(find include bpf user tests -name '*.[ch]')
for file in $files; do
	if clang-format --dry-run -Werror --ferror-limit=3 "$file"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
done
echo "format: $passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
