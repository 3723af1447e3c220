#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Nothing that somebody else may have written reaches the terminal of who runs the tool: files, their
# names, questions and words of the command line that are full of control characters, those of C1 too.
# Runs build/agfeoctl (or $AGFEOCTL) without privilege.
set -u
cd "$(dirname "$0")/../.." || exit 1

AGFEOCTL=$(realpath "${AGFEOCTL:-build/agfeoctl}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0

# ESC sets the title, U+009B and 0x9B begin sequences, and a carriage return hides what stood before.
hostile=$(printf 'x\033]0;t\007\302\2332Jy\233z\177\r0')

# No byte but text, newlines and tabs; and of UTF-8 none that is a control character.
clean() { # FILE
	! LC_ALL=C grep -aqP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$1" && iconv -f UTF-8 -t UTF-8 "$1" > /dev/null 2>&1
}

expect() { # WHAT WORDS…: something is said, and it is clean; standard input is $folder/in
	what=$1
	shift
	timeout 20 "$AGFEOCTL" "$@" < "$folder/in" > "$folder/out" 2>&1
	if [ -s "$folder/out" ] && clean "$folder/out"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$what:"
		od -c "$folder/out" | head -n 20
	fi
}

: > "$folder/in"
cp user/examples/single-es.conf "$folder/good.conf"
expect 'a command' "$hostile"
expect 'an option' check "--$hostile"
expect 'a word too many' check "$hostile"
expect 'a model' models "$hostile"
expect 'a configuration that is not there' -c "$folder/$hostile" check
expect 'a capture that is not there' -c "$folder/good.conf" replay "$folder/$hostile.pcap"
expect 'a folder of pins' --pin "$folder/$hostile" status

printf '[site]\nname = %s\n[device %s]\nmodel = %s\n%s = 1\n%s\n' \
	"$hostile" "$hostile" "$hostile" "$hostile" "$hostile" > "$folder/bad.conf"
expect 'a configuration' -c "$folder/bad.conf" check
cp user/examples/single-es.conf "$folder/$hostile.conf"
echo 'nonsense' >> "$folder/$hostile.conf"
expect 'the name of a configuration with an error' -c "$folder/$hostile.conf" check
printf '[device p\302\233]\nmodel = es-54x\naddress = 10.0.0.1\n' > "$folder/c1.conf"
expect 'a name with a character of C1' -c "$folder/c1.conf" check

printf 'udp %s pbx\n%s\n%s 1.2.3.4 5.6.7.8\n' "$hostile" "$hostile" "$hostile" > "$folder/in"
expect 'questions' -c "$folder/good.conf" explain -
expect 'questions, answered in JSON' -c "$folder/good.conf" --json explain -
expect 'a question' -c "$folder/good.conf" explain udp "$hostile" 1.2.3.4

echo "terminal: $passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
