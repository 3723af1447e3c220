#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Writes build/commands.h: the commands of COMMANDS in command.h whose file is there, in its order.
# A cmd_*.c that the list does not name would be built and never reached: refused.
set -eu

folder=$1
listed=$(sed -n '/^#define COMMANDS(X)/,/[^\\]$/p' "$folder/command.h" | grep -o 'X([a-z_]*)' | tr -d 'X()')

for file in "$folder"/cmd_*.c; do
	[ -e "$file" ] || continue
	name=${file##*/cmd_}
	name=${name%.c}
	if ! printf '%s\n' "$listed" | grep -qx "$name"; then
		echo "$file: command.h does not list '$name' among its COMMANDS" >&2
		exit 1
	fi
done

echo '/* Made by user/command/commands.sh from command.h and the cmd_*.c that are there. */'
printf '#define COMMANDS_BUILT(X)'
for name in $listed; do
	[ ! -e "$folder/cmd_$name.c" ] || printf ' X(%s)' "$name"
done
echo
