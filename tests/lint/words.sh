#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Every command, option, drop reason and class that the code knows is explained to its users: it
# occurs in the README or in a manual page.
set -u
cd "$(dirname "$0")/../.." || exit 1

pages=$(find . -path ./build -prune -o \( -path ./README.md -o -name 'agfeo*.[158]' \) -type f -print)
if [ -z "$pages" ]; then
	echo "neither README.md nor a manual page here yet"
	exit 77
fi
# shellcheck disable=SC2086 # our own names, without blanks
text=$(cat $pages | sed 's/Fl \\-/--/g; s/\\//g')

labels() { # LIST FILE: the quoted words that come first in the rows of an X-list
	sed -n "/^#define $1(X)/,/[^\\\\]\$/p" "$2" | sed -nE 's/^[[:blank:]]*X\([^"]*"([^"]+)".*/\1/p'
}

words() {
	for name in $(sh user/command/commands.sh user/command | grep -o 'X([a-z]*)' | tr -d 'X()'); do
		echo "command $name"
	done
	labels AGFEO_REASONS include/agfeo/reasons.h | sed 's/^/reason /'
	labels AGFEO_CLASSES include/agfeo/classes.h | sed 's/^/class /'
	sed 's,/\*.*,,' user/main.c user/command/*.c | grep -oE '"--[a-z-]+"' | tr -d '"' | sort -u | sed 's/^/option /'
}

passed=0 failed=0
while read -r kind word; do
	if printf '%s\n' "$text" | grep -qE -- "(^|[^[:alnum:]-])$word([^[:alnum:]-]|\$)"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$kind '$word' is explained nowhere in:" "$pages"
	fi
done <<END
$(words)
END

echo "words: $passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
