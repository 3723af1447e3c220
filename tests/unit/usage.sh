#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The line as users type it: help of every command, wrong words, options anywhere, exit status.
# Runs build/agfeoctl (or $AGFEOCTL) without privilege and changes nothing.
set -u
cd "$(dirname "$0")/../.." || exit 1

AGFEOCTL=${AGFEOCTL:-build/agfeoctl}
if [ ! -x "$AGFEOCTL" ]; then
	echo "$AGFEOCTL is not built: run 'make'" >&2
	exit 1
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0

# expect STATUS WORDS…: runs agfeoctl; its streams stay in $folder/out and $folder/err.
expect() {
	status=$1
	shift
	line="agfeoctl $*"
	timeout 20 "$AGFEOCTL" "$@" > "$folder/out" 2> "$folder/err" < /dev/null
	check "exit status $? is not $status" [ $? = "$status" ]
}

check() { # COMPLAINT COMMAND…
	complaint=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$line: $complaint"
		sed 's/^/    /' "$folder/out" "$folder/err"
	fi
}

out_has() {
	check "standard output lacks '$1'" grep -qF -- "$1" "$folder/out"
}

err_has() {
	check "standard error lacks '$1'" grep -qF -- "$1" "$folder/err"
}

quiet() { # out|err
	check "something stands on standard $1" [ ! -s "$folder/$1" ]
}

commands=$(sh user/command/commands.sh user/command | grep -o 'X([a-z]*)' | tr -d 'X()')

expect 0 help
quiet err
for command in $commands; do
	check "$command is not listed" grep -qE "^  $command +[^ ]" "$folder/out"
done
listed=$(sed -nE '/^Commands:/,/^$/s/^  ([a-z]+) .*/\1/p' "$folder/out")
check "the order is not that of command.h" [ "$listed" = "$commands" ]
out_has 'Exit status: 0 done, 1 failed or refused, 2'
expect 0 --help
out_has 'usage: agfeoctl '
expect 0 -h
out_has 'usage: agfeoctl '

expect 2
quiet out
err_has 'usage: agfeoctl '
expect 2 -v
quiet out

for flag in -V --version; do
	expect 0 "$flag"
	check 'not "agfeoctl VERSION"' grep -qE '^agfeoctl [0-9]+\.[0-9]+' "$folder/out"
done

# Every command explains itself, refuses what it does not know, and does nothing of its own then.
for command in $commands; do
	for words in "$command --help" "--help $command" "$command -h" "help $command"; do
		# shellcheck disable=SC2086 # words
		expect 0 $words
		out_has "usage: agfeoctl $command"
		out_has '--config FILE'
		quiet err
	done
	expect 2 "$command" --no-such-option
	err_has "$command: there is no option '--no-such-option'"
	err_has "usage: agfeoctl $command"
	quiet out
done

expect 2 quatsch
err_has "there is no command 'quatsch'"
expect 2 modles
err_has "did you mean 'models'?"
expect 2 --frobnicate
err_has "there is no option '--frobnicate'"
for option in -c --config --pin --run; do
	expect 2 models "$option"
	err_has "$option wants a path"
	expect 2 models "$option="
	err_has "$option wants a path"
done

# Options of every command stand anywhere on the line.
if [ -e user/command/cmd_models.c ]; then
	expect 0 models es-54x --json
	cp "$folder/out" "$folder/after"
	expect 0 --json models es-54x
	check 'before and after the command differ' cmp -s "$folder/out" "$folder/after"
	expect 0 models --json --pin="$folder/none" --run "$folder/none" es-54x
	check 'between other options it differs' cmp -s "$folder/out" "$folder/after"
	line="agfeoctl models > /dev/full"
	timeout 20 "$AGFEOCTL" models > /dev/full 2> "$folder/err"
	check "a full disk passes unnoticed" [ $? = 1 ]
	err_has 'standard output'
fi

# Where the configuration comes from: the line before the environment before the default.
if [ -e user/command/cmd_check.c ]; then
	export AGFEO_CONFIG="$folder/from-environment"
	expect 1 check
	err_has "$folder/from-environment"
	expect 1 check -c "$folder/from-line"
	err_has "$folder/from-line"
	AGFEO_CONFIG=
	if [ ! -e /etc/agfeo/agfeo.conf ]; then
		expect 1 check
		err_has /etc/agfeo/agfeo.conf
	fi
fi

if [ -e user/command/cmd_stats.c ]; then
	expect 2 stats --watch 0
	err_has 'stats: --watch 0: a second is the shortest'
	quiet out
fi

printf '[interface wan0]\nrole = uplink\n' > "$folder/uplink.conf"
expect 0 check -c "$folder/uplink.conf"
out_has 'interface none with role = voice: no device is guarded'

for seconds in 0 86401 4294967295 4294967296; do
	expect 2 load --confirm "$seconds"
	err_has 'load: --confirm wants'
	quiet out
done

# What is printed for other programs, and when nothing is.
if [ -e user/command/cmd_generate.c ]; then
	example=user/examples/single-es.conf
	expect 0 -c "$example" generate nft
	out_has '#!/usr/sbin/nft -f'
	quiet err
	expect 0 -c "$example" generate gpo
	out_has "EN: QoS policies for AGFEO VISOfon on Windows, site 'shop'."
	quiet err
	expect 2 -c "$example" generate gop
	err_has "generate: there is no 'gop': write gpo (Windows) or nft (nftables)"
	quiet out
	for format in gpo nft; do
		expect 0 -c "$example" generate $format
		cp "$folder/out" "$folder/script"
		expect 0 -c "$example" generate $format --json
		quiet err
		command -v jq > /dev/null || continue
		check 'not of this format' [ "$(jq -r .format "$folder/out")" = $format ]
		jq -j .text "$folder/out" > "$folder/text"
		check 'not the same text in JSON' cmp -s "$folder/text" "$folder/script"
	done
	printf '[device phone]\nmodel = t14-sip\naddress = 192.168.1.32\n' > "$folder/phones.conf"
	expect 1 -c "$folder/phones.conf" generate gpo
	err_has 'the site has no telephone system that VISOfon could send to'
	quiet out
	expect 1 -c "$folder/phones.conf" generate gpo --json
	quiet out
fi

if [ -e user/command/cmd_run.c ]; then
	expect 1 run --json -c "$folder/none.conf" --run "$folder"
	err_has "$folder/none.conf"
	quiet out
fi

if [ -e user/command/cmd_models.c ]; then
	expect 0 models
	out_has "More on one with 'agfeoctl models ID'."
	expect 0 models es-54x
	out_has es-54x
	quiet err
	expect 1 models es-45x
	err_has "models: there is no model 'es-45x': did you mean 'es-5"
	quiet out
fi

echo "usage: $passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
