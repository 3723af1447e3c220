#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The Grafana dashboards as documents: well-formed, the same in both languages but for their words,
# and of the metrics that are exported none is forgotten and none made up. tests/e2e/dashboard.sh
# asks their queries of a real Prometheus. Needs jq.
set -u
cd "$(dirname "$0")/../.." || exit 1

ENGLISH=user/monitoring/agfeo.dashboard.json
GERMAN=user/monitoring/agfeo.dashboard.de.json
RULES=user/monitoring/agfeo.rules.yml
EXPORTED=tests/unit/golden/metrics_quality.prom # what the renderer writes, see test_render.c
. tests/unit/lib.sh
unit_begin dashboard jq

# Without what a language may change.
bare() { # FILE
	jq -S 'del(.uid) | del(.. | .title?, .description?, .label?, .noValue?, .legendFormat?) |
		del(.. | .text? | strings)' "$1"
}

same_but_words() {
	bare "$ENGLISH" > "$folder/english" && bare "$GERMAN" > "$folder/german" &&
		diff "$folder/english" "$folder/german"
}

# Panels that share a cell of the grid, or have no text, no query or the number of another.
misplaced() { # FILE
	jq -e -r '
		[.panels[] | select(.type != "row")] as $panels |
		(.panels | group_by(.id)[] | select(length > 1) | "number \(.[0].id) is taken twice"),
		($panels[] | select((.title | length) == 0 or (.description | length) == 0) | "\(.id): no text"),
		($panels[] | select((.targets | length) == 0) | "\(.title): no query"),
		($panels[] | select(.gridPos.x + .gridPos.w > 24) | "\(.title): too wide"),
		($panels[] as $one | $panels[] | select(.id > $one.id) |
			select(.gridPos.x < $one.gridPos.x + $one.gridPos.w and
				$one.gridPos.x < .gridPos.x + .gridPos.w and
				.gridPos.y < $one.gridPos.y + $one.gridPos.h and
				$one.gridPos.y < .gridPos.y + .gridPos.h) |
			"\(.title) lies over \($one.title)")' "$1"
}

none_misplaced() { # FILE
	! misplaced "$1" | grep .
}

names() { grep -oE '\bagfeo_[a-z_]+' | sed -E 's/_(bucket|sum|count)$//' | sort -u; }

check "$ENGLISH is JSON" jq -e .panels "$ENGLISH"
check "$GERMAN is JSON" jq -e .panels "$GERMAN"
check 'both languages have the same queries and places' same_but_words
check "panels of $ENGLISH stand well" none_misplaced "$ENGLISH"

sed -n 's/^# TYPE \(agfeo_[a-z_]*\) .*/\1/p' "$EXPORTED" | sort -u > "$folder/exported"
jq -r '.panels[].targets[]?.expr, .templating.list[].definition?' "$ENGLISH" | names > "$folder/shown"
grep -vE '^ *#' "$RULES" | names > "$folder/ruled"
check 'metrics are exported' test -s "$folder/exported"
while read -r metric; do
	check "$metric is exported, and nowhere on the dashboard" grep -qx "$metric" "$folder/shown"
done < "$folder/exported"
sort -u "$folder/shown" "$folder/ruled" > "$folder/asked"
while read -r metric; do
	check "$metric is asked for, and not exported" grep -qx "$metric" "$folder/exported"
done < "$folder/asked"

unit_end
