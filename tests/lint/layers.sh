#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Includes point one way (layers.awk); and the rule itself, against samples it must refuse or accept.
set -u
cd "$(dirname "$0")/../.." || exit 1

passed=0 failed=0

while read -r expected file include; do
	case $expected in
	'' | '#'*) continue ;;
	esac
	if echo "$file:1:#include $include" | awk -f tests/lint/layers.awk > /dev/null; then
		found=accepted
	else
		found=refused
	fi
	if [ "$found" = "$expected" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "layers_samples.txt: $file with $include should be $expected, was $found"
	fi
done < tests/lint/layers_samples.txt

# Every zone that has a rule must have a sample that breaks it.
for zone in include bpf user/base user/catalogue user/config user/policy user/report user/voice \
	user/kernel user/command user/main.c; do
	if grep -q "^refused  *$zone" tests/lint/layers_samples.txt; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "layers_samples.txt: no refused sample for $zone"
	fi
done

files=$(find include bpf user tests -name '*.[ch]')
# shellcheck disable=SC2086 # our own names, without blanks
if grep -Hn '^[[:blank:]]*#[[:blank:]]*include' $files | awk -f tests/lint/layers.awk; then
	passed=$((passed + $(echo "$files" | wc -l)))
else
	failed=$((failed + 1))
fi

echo "layers: $passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
